//! An alert of any number, in the place where a server refuses a client certificate.
//!
//! OpenSSL chooses its alerts itself: none of its findings leads to 49 (access_denied), and 116
//! (certificate_required) never follows a certificate. In TLS 1.2 the alert is plain text and is
//! exchanged on the way out. In TLS 1.3 it is sealed with the server's first traffic key, so it is made
//! here once the handshake is over: the client sees what any other refusal would have shown it.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use openssl::bn::BigNum;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use openssl::ssl::{SslContextBuilder, SslRef, SslVersion};
use openssl::symm::{Cipher, encrypt_aead};
use openssl::x509::{X509StoreContext, X509StoreContextRef, X509VerifyResult};

use super::state::locked;

/// Content type of an alert (RFC 8446 B.1).
const ALERT: u8 = 21;
/// Content type that all sealed records of TLS 1.3 carry.
const APPLICATION_DATA: u8 = 23;
const FATAL: u8 = 2;
/// Bytes of a tag in all AEADs of TLS 1.3.
const TAG: usize = 16;

/// internal_error as TLS 1.2 sends it: what OpenSSL makes of a verification that fails for no reason.
pub(super) const PLACEHOLDER: [u8; 7] = plain(80);

/// A fatal alert of TLS 1.2 before encryption.
pub(super) const fn plain(number: u8) -> [u8; 7] {
    [ALERT, 3, 3, 0, 2, FATAL, number]
}

/// A refusal by the alert of this number.
#[derive(Clone)]
pub(super) struct Forced {
    pub(super) number: u8,
    /// server_application_traffic_secret_0 (RFC 8446 7.1).
    secret: Arc<Mutex<Vec<u8>>>,
}

impl Forced {
    pub(super) fn new(number: u8) -> Self {
        Self {
            number,
            secret: Arc::default(),
        }
    }

    /// Keeps what [`Forced::seal`] needs of the one connection that is made with this context.
    pub(super) fn prepare(&self, context: &mut SslContextBuilder) -> Result<(), ErrorStack> {
        // The alert is to be the first record under its key.
        context.set_num_tickets(0)?;
        let secret = Arc::clone(&self.secret);
        context.set_keylog_callback(move |_, line| {
            let mut words = line.split(' ');
            if let (Some("SERVER_TRAFFIC_SECRET_0"), Some(hex)) = (words.next(), words.nth(1))
                && let Ok(bytes) = hex_bytes(hex)
            {
                *locked(&secret) = bytes;
            }
        });
        Ok(())
    }

    /// What a verify callback returns: a failure for no reason in TLS 1.2, nothing wrong in TLS 1.3.
    pub(super) fn verdict(store: &mut X509StoreContextRef) -> bool {
        store.set_error(X509VerifyResult::OK);
        X509StoreContext::ssl_idx()
            .ok()
            .and_then(|index| store.ex_data(index)?.version2())
            .is_some_and(|version| version == SslVersion::TLS1_3)
    }

    /// Sends the alert of TLS 1.3 on a connection on which nothing was sent since the handshake.
    pub(super) fn send(&self, ssl: &SslRef, mut out: impl Write) -> io::Result<()> {
        let record = self.seal(ssl)?;
        out.write_all(&record)?;
        out.flush()
    }

    /// RFC 8446 5.2: the nonce of record 0 is the IV itself.
    fn seal(&self, ssl: &SslRef) -> io::Result<Vec<u8>> {
        let suite = ssl.current_cipher();
        let parts = suite.and_then(|suite| {
            let cipher = Cipher::from_nid(suite.cipher_nid()?)?;
            Some((cipher, suite.handshake_digest()?))
        });
        let (cipher, digest) = parts.ok_or_else(|| io::Error::other("no cipher of TLS 1.3"))?;
        let secret = locked(&self.secret);
        let key = expand(&secret, b"key", cipher.key_len(), digest)?;
        let nonce = expand(&secret, b"iv", cipher.iv_len().unwrap_or(12), digest)?;
        let alert = [FATAL, self.number, ALERT];
        let header = [APPLICATION_DATA, 3, 3, 0, (alert.len() + TAG) as u8];
        let mut tag = [0; TAG];
        let sealed = encrypt_aead(cipher, &key, Some(&nonce), &header, &alert, &mut tag)?;
        Ok([&header[..], &sealed, &tag].concat())
    }
}

/// HKDF-Expand-Label of RFC 8446 7.1 without a context, up to the length of one digest.
fn expand(
    secret: &[u8],
    label: &[u8],
    length: usize,
    digest: MessageDigest,
) -> Result<Vec<u8>, ErrorStack> {
    const PREFIX: &[u8] = b"tls13 ";
    let key = PKey::hmac(secret)?;
    let mut signer = Signer::new(digest, &key)?;
    signer.update(&[0, length as u8, (PREFIX.len() + label.len()) as u8])?;
    signer.update(PREFIX)?;
    signer.update(label)?;
    // An empty context, and the number of the one block.
    signer.update(&[0, 1])?;
    let mut block = signer.sign_to_vec()?;
    block.truncate(length);
    Ok(block)
}

fn hex_bytes(hex: &str) -> Result<Vec<u8>, ErrorStack> {
    let length = i32::try_from(hex.len() / 2).unwrap_or(i32::MAX);
    BigNum::from_hex_str(hex)?.to_vec_padded(length)
}
