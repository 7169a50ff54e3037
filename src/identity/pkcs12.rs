//! (pkcs12)
