//! Which certificate authorities vouch for the server.
//!
//! An OpenSSL that is built in does not know where the system keeps its CAs, so a place is always
//! named.

use std::fs::File;
use std::path::{Path, PathBuf};

use openssl::ssl::SslContextBuilder;
use openssl::x509::X509;

use crate::net::{Failure, Options};

const NO_CERTIFICATE: &str = "it holds no certificate";

/// Where trusted certificates come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trust {
    /// `-k`: nothing is verified.
    Anyone,
    /// What `--cacert`, `SSL_CERT_FILE` and `SSL_CERT_DIR` name, instead of the system's.
    Named {
        /// A PEM bundle.
        file: Option<PathBuf>,
        /// Directories with names by subject hash (`*.0`), looked up when needed.
        directories: Vec<PathBuf>,
    },
    /// The system's own.
    System,
}

impl Trust {
    /// What the options ask for. `--cacert` replaces the two variables as in curl.
    pub(crate) fn of(options: &Options) -> Self {
        if options.insecure {
            return Self::Anyone;
        }
        if let Some(file) = &options.cacert {
            return Self::Named {
                file: Some(file.clone()),
                directories: Vec::new(),
            };
        }
        if options.ssl_cert_file.is_some() || options.ssl_cert_dir.is_some() {
            let list = options.ssl_cert_dir.iter();
            return Self::Named {
                file: options.ssl_cert_file.clone(),
                directories: list.flat_map(std::env::split_paths).collect(),
            };
        }
        Self::System
    }

    /// Loads it into an OpenSSL context. A hashed directory is preferred to a bundle: nothing is
    /// decoded that is not needed (measured: 3.4 ms of a whole process against 7.3 ms).
    pub(crate) fn load_into(&self, context: &mut SslContextBuilder) -> Result<(), Failure> {
        let (file, directories) = match self {
            Self::Anyone => return Ok(()),
            Self::Named { file, directories } => {
                (file.clone(), existing(file.as_deref(), directories)?)
            }
            Self::System => match hashed_directory() {
                Some(directory) => (None, vec![directory]),
                None => (openssl_probe::probe().cert_file, Vec::new()),
            },
        };
        if let Some(file) = &file {
            // OpenSSL itself does not say why it cannot open a file, and takes a directory for one.
            File::open(file).map_err(|error| unusable(file, &error.to_string()))?;
            if file.is_dir() {
                return Err(unusable(file, "Is a directory"));
            }
            context
                .load_verify_locations(Some(file), None)
                .map_err(|error| match last_reason(&error).as_str() {
                    "no certificate or crl found" => unusable(file, NO_CERTIFICATE),
                    reason => unusable(file, reason),
                })?;
        }
        for directory in &directories {
            context
                .load_verify_locations(None, Some(directory))
                .map_err(|error| unusable(directory, &last_reason(&error)))?;
        }
        Ok(())
    }

    /// The certificates of [`Trust::Named`], all decoded, for a library that has no lookup.
    pub(crate) fn certificates(&self) -> Result<Vec<X509>, Failure> {
        let Self::Named { file, directories } = self else {
            return Ok(Vec::new());
        };
        let mut found = match file {
            Some(file) => bundle(file)?,
            None => Vec::new(),
        };
        for directory in existing(file.as_deref(), directories)? {
            let entries =
                std::fs::read_dir(&directory).map_err(|e| unusable(&directory, &e.to_string()))?;
            let paths = entries.flatten().map(|entry| entry.path());
            // One damaged file does not spoil the others, as in OpenSSL's own lookup.
            found.extend(
                paths
                    .filter(|p| is_hashed_name(p))
                    .flat_map(|p| bundle(&p))
                    .flatten(),
            );
        }
        Ok(found)
    }

    /// In a few words, for `-v`.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Anyone => "the server is not verified (--insecure)".to_owned(),
            Self::System => "trusting the system's CAs".to_owned(),
            Self::Named { file, directories } => {
                let names: Vec<_> = file.iter().chain(directories).collect();
                let names: Vec<_> = names.iter().map(|p| p.display().to_string()).collect();
                format!("trusting the CAs of {}", names.join(", "))
            }
        }
    }
}

/// The directories that exist. A list may name some that are meant for other machines; but where
/// nothing else is named, at least one has to exist.
fn existing(file: Option<&Path>, directories: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let here: Vec<_> = directories.iter().filter(|d| d.is_dir()).cloned().collect();
    match directories.first() {
        Some(first) if here.is_empty() && file.is_none() => {
            Err(unusable(first, "no such directory"))
        }
        _ => Ok(here),
    }
}

/// Every certificate of a PEM bundle.
fn bundle(file: &Path) -> Result<Vec<X509>, Failure> {
    let pem = std::fs::read(file).map_err(|error| unusable(file, &error.to_string()))?;
    let found = X509::stack_from_pem(&pem).map_err(|e| unusable(file, &last_reason(&e)))?;
    if found.is_empty() {
        return Err(unusable(file, NO_CERTIFICATE));
    }
    Ok(found)
}

/// The first of the usual places that holds names by subject hash.
pub(crate) fn hashed_directory() -> Option<PathBuf> {
    let mut places = openssl_probe::candidate_cert_dirs();
    let place = places.find(|place| {
        let entries = std::fs::read_dir(place);
        entries.is_ok_and(|mut e| e.any(|e| e.is_ok_and(|e| is_hashed_name(&e.path()))))
    });
    place.map(Path::to_owned)
}

/// `5ed36f99.0`: eight hexadecimal digits, a dot, a number.
fn is_hashed_name(path: &Path) -> bool {
    let Some((hash, number)) = path.file_name().and_then(|n| n.to_str()?.split_once('.')) else {
        return false;
    };
    hash.len() == 8
        && hash.bytes().all(|b| b.is_ascii_hexdigit())
        && !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
}

fn unusable(file: &Path, text: &str) -> Failure {
    Failure::TrustStore {
        file: file.display().to_string(),
        text: text.to_owned(),
    }
}

/// OpenSSL's own words for the last thing that went wrong.
pub(crate) fn last_reason(stack: &openssl::error::ErrorStack) -> String {
    let last = stack.errors().last();
    let words = last.and_then(|e| e.reason().or(e.library()));
    words.unwrap_or("unknown error").to_owned()
}
