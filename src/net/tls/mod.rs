//! The two TLS clients.

pub mod failure;
