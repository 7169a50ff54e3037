//! The client's identity: private key, leaf and intermediates, from PKCS#12 or PEM.

pub mod chain;
pub mod pem;
pub mod pkcs12;
