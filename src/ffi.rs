//! The OpenSSL calls that the `openssl` crate lacks: the only `unsafe` in the program.
