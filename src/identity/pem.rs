//! (pem)
