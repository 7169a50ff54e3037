//! The client's identity: private key, leaf and intermediates, from PKCS#12 or PEM.

pub mod chain;
pub mod pem;
pub mod pkcs12;

use openssl::pkey::{PKey, Private};
use openssl::x509::X509;

/// Key, leaf and intermediates, proven to belong together.
#[derive(Clone)]
pub struct Identity {
    /// The private key.
    pub key: PKey<Private>,
    /// The client certificate.
    pub leaf: X509,
    /// The intermediates in the order they go on the wire: issuer of the leaf first, no root.
    pub intermediates: Vec<X509>,
}
