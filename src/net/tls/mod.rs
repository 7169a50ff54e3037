//! The two TLS clients.
