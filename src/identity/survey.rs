//! Everything that the files of an identity hold, whatever is wrong with them.

use openssl::pkey::{PKey, Private};
use openssl::x509::X509;

use super::{Format, IdentityError, PasswordSource, Source};
use std::path::PathBuf;

/// All that could be read.
#[derive(Debug, Default)]
pub struct Survey {
    /// What kind of file the one with the certificate is; `None` where it is neither.
    pub format: Option<Format>,
    /// The private keys, in the order of the files.
    pub keys: Vec<Key>,
    /// The certificates, in the order of the file.
    pub certificates: Vec<Certificate>,
    /// What keeps the identity from being loaded: the first is the loader's own error.
    pub faults: Vec<IdentityError>,
}

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1, where the file is text.
    pub line: Option<usize>,
}

/// A private key. Shows nothing of itself.
#[derive(Debug, Clone)]
pub struct Key {
    /// The key.
    pub key: PKey<Private>,
    /// Where it stands.
    pub place: Place,
    /// Whether it took a password to read it.
    pub encrypted: bool,
}

/// A certificate.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// The certificate.
    pub certificate: X509,
    /// Where it stands.
    pub place: Place,
}

/// Reads all that the files hold. Never fails: what is wrong is in [`Survey::faults`].
pub fn survey(source: &Source, password: &mut dyn PasswordSource) -> Survey {
    let mut survey = Survey::default();
    let place = Place {
        file: source.cert.clone(),
        line: None,
    };
    match super::load(source, password) {
        Ok(identity) => {
            survey.format = Some(identity.format);
            survey.keys.push(Key {
                key: identity.key,
                place: place.clone(),
                encrypted: identity.encrypted,
            });
            let all = std::iter::once(identity.leaf).chain(identity.intermediates);
            survey
                .certificates
                .extend(all.map(|certificate| Certificate {
                    certificate,
                    place: place.clone(),
                }));
        }
        Err(error) => survey.faults.push(error),
    }
    survey
}
