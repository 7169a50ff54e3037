//! Reads one private key, encrypted or not.

use openssl::pkey::{PKey, Private};

use super::der;
use super::refusal::{Refusal, attempt};
use crate::ffi;

/// A key whose kind is named by its algorithm (PKCS#8, RFC 5208) or by its label: RSA, EC, DSA.
pub(super) fn plain(der: &[u8]) -> Result<PKey<Private>, Refusal> {
    attempt(|| PKey::private_key_from_der(der))
}

/// Whether it has the shape of an EncryptedPrivateKeyInfo (RFC 5958 3).
pub(super) fn is_encrypted(bytes: &[u8]) -> bool {
    Encrypted::read(bytes).is_some()
}

/// An EncryptedPrivateKeyInfo: what is in a block ENCRYPTED PRIVATE KEY and in a shrouded key bag.
pub(super) struct Encrypted<'a> {
    /// How, as AlgorithmIdentifier.
    pub(super) algorithm: &'a [u8],
    content: std::borrow::Cow<'a, [u8]>,
}

impl<'a> Encrypted<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let outer = der::whole(bytes, der::SEQUENCE)?;
        let algorithm = der::whole(outer.body, der::SEQUENCE)?;
        let content = der::first(algorithm.rest).filter(|content| content.whole)?;
        let is_octets = content.tag & !der::CONSTRUCTED == der::OCTETS;
        (is_octets && content.rest.is_empty()).then(|| Self {
            algorithm: algorithm.raw,
            content: content.octets(),
        })
    }

    /// The key-derivation iterations that it takes.
    pub(super) fn iterations(&self) -> u64 {
        der::survey(self.algorithm).iterations
    }

    /// A wrong password shows as bad padding 255 times of 256, else as broken content: both are
    /// [`Refusal::Password`].
    pub(super) fn open(&self, password: Option<&[u8]>) -> Result<PKey<Private>, Refusal> {
        let content = attempt(|| ffi::pkcs12::decrypt(self.algorithm, password, &self.content))?;
        attempt(|| PKey::private_key_from_pkcs8(&content)).map_err(|refusal| match refusal {
            Refusal::Structure => Refusal::Password,
            other => other,
        })
    }
}

/// A PEM block whose header says that it is encrypted (RFC 1421).
pub(super) fn by_header(pem: &str, password: Option<&[u8]>) -> Result<PKey<Private>, Refusal> {
    let password = password.unwrap_or_default();
    // Without a callback OpenSSL would ask on the terminal by itself.
    let fill = |buffer: &mut [u8]| {
        // OpenSSL takes 1024 bytes at most; a longer one is simply wrong.
        let length = password.len().min(buffer.len());
        buffer[..length].copy_from_slice(&password[..length]);
        Ok(length)
    };
    attempt(|| PKey::private_key_from_pem_callback(pem.as_bytes(), fill)).map_err(|refusal| {
        match refusal {
            Refusal::Structure => Refusal::Password,
            other => other,
        }
    })
}
