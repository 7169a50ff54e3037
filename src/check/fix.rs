//! `--fix`: the same identity in good order.
//!
//! Key, leaf and the intermediates as they are sent, in PEM that every program reads. Nothing is
//! judged again: what is missing stays missing, and CAs that wait for it stay in the file.

use std::io::{self, Write};
use std::path::Path;

use openssl::error::ErrorStack;
use openssl::symm::Cipher;

use super::judge::Judged;
use crate::identity::PasswordSource;
use crate::identity::survey::{Key, Survey};
use crate::output::file::FileError;
use crate::temporary::{Readers, Temporary};

/// An identity that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum FixError {
    /// There is no certificate, or no key that belongs to it.
    #[error("there is no identity to write: a certificate with its own private key is missing")]
    Incomplete,
    /// The key was encrypted, and is not written otherwise; but its password cannot be had again.
    #[error("the key is encrypted and its password cannot be had again{}", reason(.0))]
    NoPassword(Option<io::Error>),
    /// OpenSSL's own words.
    #[error("the identity cannot be encoded: {0}")]
    Encoding(#[from] ErrorStack),
    /// The file cannot be written, or is there already.
    #[error(transparent)]
    File(#[from] FileError),
}

fn reason(error: &Option<io::Error>) -> String {
    match error {
        Some(error) => format!(": {error}"),
        None => String::new(),
    }
}

/// Refuses a file that is there, a symbolic link included: before a report tells that it is mended there.
///
/// # Errors
/// [`FixError::File`].
pub fn try_place(file: &Path) -> Result<(), FixError> {
    match file.symlink_metadata() {
        Ok(_) => Err(FixError::File(FileError {
            path: file.to_owned(),
            error: io::Error::new(io::ErrorKind::AlreadyExists, "it is there already"),
        })),
        Err(_) => Ok(()),
    }
}

/// Writes the identity to a file that does not exist yet, for its owner alone.
///
/// A key that it took a password to read is encrypted with the same one (PKCS#8, AES-256): a file
/// must not be worth more to a thief than the one it was made of. `password` is asked for it again.
///
/// # Errors
/// A [`FixError`]; then nothing has been written.
pub fn write(
    file: &Path,
    survey: &Survey,
    judged: &Judged,
    password: &mut dyn PasswordSource,
) -> Result<(), FixError> {
    let key = judged.key.and_then(|index| survey.keys.get(index));
    let (Some(key), Some(leaf)) = (key, judged.leaf) else {
        return Err(FixError::Incomplete);
    };
    let mut pem = encode(key, password)?;
    let above = [
        &judged.intermediates,
        &judged.alternatives,
        &judged.detached,
    ];
    for &index in std::iter::once(&leaf).chain(above.into_iter().flatten()) {
        let certificate = survey.certificates.get(index).ok_or(FixError::Incomplete)?;
        pem.extend(certificate.certificate.to_pem()?);
    }
    create(file, &pem).map_err(|error| {
        FixError::File(FileError {
            path: file.to_owned(),
            error,
        })
    })
}

fn encode(key: &Key, password: &mut dyn PasswordSource) -> Result<Vec<u8>, FixError> {
    if !key.encrypted {
        return Ok(key.key.private_key_to_pem_pkcs8()?);
    }
    let password = password
        .password(&key.place.file)
        .map_err(|error| FixError::NoPassword(Some(error)))?
        .ok_or(FixError::NoPassword(None))?;
    let encrypted = key
        .key
        .private_key_to_pem_pkcs8_passphrase(Cipher::aes_256_cbc(), password.expose().as_bytes())?;
    Ok(encrypted)
}

/// Whole or not at all, and never in place of anything, a symbolic link included.
fn create(file: &Path, content: &[u8]) -> io::Result<()> {
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut temporary = Temporary::create(folder, ".sfmtls.", Readers::Owner)?;
    temporary.file().write_all(content)?;
    temporary.rename_to_new(file)
}

#[cfg(test)]
mod tests;
