//! Everything that the files of an identity hold, whatever is wrong with them.
//!
//! This is the one reading of the files. [`load`](super::load) is the same one, stopped at the first
//! fault; `check-cert` lets it run to the end, so that it can say all that is wrong at once.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use openssl::pkey::{PKey, Private};
use openssl::x509::X509;

use super::contents::{self, Wanted};
pub use super::password::Spelling;
pub use super::remark::{Remark, RemarkKind};
use super::{Format, IdentityError, PasswordSource, Source};

/// All that could be read.
#[derive(Debug, Default)]
pub struct Survey {
    /// What kind of file the one with the certificate is; `None` where it is neither.
    pub format: Option<Format>,
    /// The private keys, in the order of the files. Where the source names a file for the key, these
    /// are that file's.
    pub keys: Vec<Key>,
    /// The certificates, in the order of the file.
    pub certificates: Vec<Certificate>,
    /// What keeps the identity from being loaded: the first is the loader's own error. Of the faults
    /// that a text has in many lines, only the first line.
    pub faults: Vec<IdentityError>,
    /// What stops nothing but is worth knowing, in the order of the files.
    pub remarks: Vec<Remark>,
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
    /// Whether it took a password to read it; the empty one of a PKCS#12 file is none.
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

/// How far a reading goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effort {
    /// To the first fault: nobody is asked for the password of a file that is broken anyway.
    FirstFault,
    /// To the end, and with the password in other spellings.
    Everything,
}

/// Reads all that the files hold. Never fails: what is wrong is in [`Survey::faults`].
///
/// `password` is called at most once a file, and only for what is encrypted.
pub fn survey(source: &Source, password: &mut dyn PasswordSource) -> Survey {
    let mut asked = super::Asked::new(password);
    let mut survey = read(source, &mut asked, Effort::Everything);
    let needed = asked.asked;
    if survey.faults.is_empty() {
        if !needed && password.is_given() {
            let file = source.key.as_ref().unwrap_or(&source.cert);
            survey.remark(file, RemarkKind::PasswordUnneeded);
        }
        // Whether a key fits is the same at any time.
        let fits = super::arrange(source, &survey, UNIX_EPOCH);
        survey.faults.extend(fits.err());
    }
    survey
}

/// Reads the files.
pub(super) fn read(source: &Source, passwords: &mut dyn PasswordSource, effort: Effort) -> Survey {
    let mut survey = Survey::default();
    let wanted = Wanted {
        keys: source.key.is_none(),
        certificates: true,
    };
    survey.format = contents::read(&source.cert, wanted, effort, passwords, &mut survey);
    if let Some(key) = &source.key
        && (effort == Effort::Everything || survey.faults.is_empty())
    {
        let wanted = Wanted {
            keys: true,
            certificates: false,
        };
        contents::read(key, wanted, effort, passwords, &mut survey);
    }
    survey
}

impl Survey {
    pub(super) fn remark(&mut self, file: &Path, kind: RemarkKind) {
        let place = Place {
            file: file.to_owned(),
            line: None,
        };
        self.remarks.push(Remark { place, kind });
    }
}
