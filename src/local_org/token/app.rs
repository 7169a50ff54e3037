//! The one app that may ask for tokens: its key, its secret, and who holds them.

use std::sync::OnceLock;

use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::sign::Signer;

use crate::local_org::certificates::rsa_key;
use crate::local_org::login::random_text;

/// A connected app with both flows switched on.
pub(in crate::local_org) struct App {
    /// The consumer key.
    pub(in crate::local_org) client_id: String,
    pub(in crate::local_org) client_secret: String,
    key: OnceLock<PKey<Private>>,
}

impl App {
    pub(in crate::local_org) fn new() -> Self {
        Self {
            client_id: format!("3MVG9{}", random_text(80)),
            client_secret: random_text(64),
            key: OnceLock::new(),
        }
    }

    /// The key whose certificate is uploaded. Minted when first asked for: it takes up to 0.3 s. All orgs of
    /// one process share it, as they do not share their client ID.
    pub(in crate::local_org) fn mint_key(&self) -> Result<&PKey<Private>, ErrorStack> {
        static SHARED: OnceLock<PKey<Private>> = OnceLock::new();
        if SHARED.get().is_none() {
            // Of two threads that come here at once, one has worked for nothing.
            let key = rsa_key()?;
            SHARED.get_or_init(|| key);
        }
        let key = SHARED.get().ok_or_else(ErrorStack::get)?;
        Ok(self.key.get_or_init(|| key.clone()))
    }

    /// The key, unless nobody has asked for it yet: then nobody has signed with it.
    pub(super) fn key(&self) -> Option<&PKey<Private>> {
        self.key.get()
    }

    /// `signature` of an answer: HMAC-SHA256 of the identity URL and `issued_at`, under the secret.
    pub(super) fn signature(&self, text: &str) -> String {
        let signed = || -> Result<Vec<u8>, ErrorStack> {
            let key = PKey::hmac(self.client_secret.as_bytes())?;
            Signer::new(MessageDigest::sha256(), &key)?.sign_oneshot_to_vec(text.as_bytes())
        };
        // Without SHA-256 no TLS handshake has come this far.
        openssl::base64::encode_block(&signed().unwrap_or_default())
    }
}
