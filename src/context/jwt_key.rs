//! The key that signs the assertions of the JWT bearer flow.

use std::path::Path;

use anyhow::Result;
use openssl::pkey::{Id, PKey, Private};

use super::input::{LONGEST_SECRET, read_file};
use crate::error::{KeyError, Unreadable};

/// Reads the RSA key in a PEM file.
///
/// # Errors
/// When the file cannot be read, or holds no such key.
pub(super) fn read_key(file: &Path) -> Result<PKey<Private>> {
    match read_file(file, LONGEST_SECRET) {
        Ok(text) => Ok(parse_key(file, &text)?),
        // DER, or nothing like a key: another encoding would not help.
        Err(error) if matches!(error.reason, Unreadable::NotUtf8 { .. }) => {
            Ok(parse_key(file, "")?)
        }
        Err(error) => Err(error.into()),
    }
}

/// The RSA key in a PEM file.
fn parse_key(file: &Path, text: &str) -> Result<PKey<Private>, KeyError> {
    let error = |problem| KeyError {
        file: file.to_owned(),
        problem,
    };
    let is_encrypted = std::cell::Cell::new(false);
    // Without a callback OpenSSL would ask on the terminal by itself.
    let key = PKey::private_key_from_pem_callback(text.as_bytes(), |_| {
        is_encrypted.set(true);
        Ok(0)
    });
    match key {
        Ok(key) if key.id() == Id::RSA => Ok(key),
        Ok(_) => Err(error("holds no RSA key, and RS256 takes one")),
        Err(errors) => {
            // Read, so that nothing of it is left in OpenSSL's queue.
            drop(errors);
            Err(error(match text {
                _ if is_encrypted.get() => "is encrypted, and no password is asked for it",
                text if text.contains("PRIVATE KEY-----") => {
                    "holds a private key that cannot be read"
                }
                text if text.contains("-----BEGIN CERTIFICATE") => {
                    "holds the certificate and not its private key"
                }
                text if text.contains("PUBLIC KEY-----") => "holds a public key",
                _ => "holds no private key in PEM",
            }))
        }
    }
}

#[cfg(unix)]
pub(super) fn others_can_read(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let metadata = file.metadata();
    metadata.is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
pub(super) fn others_can_read(_: &Path) -> bool {
    false
}
