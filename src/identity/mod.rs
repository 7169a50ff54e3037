//! The client's identity: private key, leaf and intermediates, from PKCS#12 or PEM.
//!
//! [`load`] is the one way to get one, for calls and for `check-cert`, so that what the check passes
//! is what a call sends. It stops only at what cannot be loaded or sent. Dates, usage, issuer and
//! self-signature are for the server to judge, and its reason is shown.
//!
//! ```text
//! survey     all that the files hold and all that is wrong with them; a load stops at the first fault
//! contents   one file: read, recognised (format), split (pem) or walked through (pkcs12, der)
//! password   asked for once a file; in other spellings where it is wrong
//! chain      which certificate is the client's, which is its key, what is sent above it
//! error      every way to fail, a finding's id each; remedy says what mends it
//! ```

pub mod chain;
mod contents;
mod der;
pub mod error;
mod format;
mod key;
mod password;
pub mod pem;
mod pkcs12;
mod refusal;
mod remark;
mod remedy;
pub mod survey;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use openssl::hash::MessageDigest;
use openssl::pkey::{HasPublic, PKey, PKeyRef, Private};
use openssl::x509::{X509, X509NameRef};

pub use self::error::{IdentityError, Inside, Problem};
pub use self::remedy::Remedy;
pub(crate) use self::remedy::{
    beside, fixed, is_p12, joined, relabelled, renamed, repacked, unmarked, with_intermediate,
};
use self::survey::{Effort, RemarkKind, Survey};
use crate::text::secret::Secret;
use crate::text::words::hex;

/// Key-derivation iterations that a file may ask for: ten million take OpenSSL some seconds, real files
/// have 2,048 to a million.
const MAX_ITERATIONS: u64 = 10_000_000;

/// Key, leaf and intermediates, proven to belong together.
#[derive(Clone)]
pub struct Identity {
    /// The private key.
    pub key: PKey<Private>,
    /// The client certificate.
    pub leaf: X509,
    /// The intermediates in the order they go on the wire: issuer of the leaf first, no root.
    pub intermediates: Vec<X509>,
    /// The file that holds the certificate.
    pub file: PathBuf,
    /// What kind of file that is.
    pub format: Format,
    /// Whether it took a password to read the file, or that of the key.
    pub encrypted: bool,
    /// What was put right or is worth knowing.
    pub notes: Vec<Note>,
}

/// Where an identity comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// `--cert`: PKCS#12 or PEM.
    pub cert: PathBuf,
    /// `--key`: the private key, PEM or PKCS#12. Keys in `cert` are left alone then.
    pub key: Option<PathBuf>,
}

/// Knows the password of an encrypted file, or asks for it.
pub trait PasswordSource {
    /// The password of `file`; called only for what is encrypted with one. `None`: none was given
    /// and nobody can be asked.
    ///
    /// # Errors
    /// When a password was given in a way that failed: its file cannot be read, the prompt broke off.
    fn password(&mut self, file: &Path) -> io::Result<Option<Secret>>;

    /// Whether one was given, so that nobody has to be asked.
    fn is_given(&self) -> bool;
}

/// The kinds of file that hold an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// PKCS#12 (RFC 7292), also named PFX.
    Pkcs12,
    /// PEM (RFC 7468).
    Pem,
}

/// Something that stops nothing but is worth a line of `-v`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// The certificates stood in another order than they are sent in.
    ChainReordered,
    /// A root is not sent; its subject.
    RootLeftOut(String),
    /// A certificate is not part of the chain; its subject.
    UnrelatedLeftOut(String),
    /// How many certificates stood there a second time.
    DuplicatesLeftOut(usize),
    /// The PKCS#12 is encrypted with a cipher that other programs refuse: its name.
    LegacyEncryption(&'static str),
}

/// Loads the identity that `source` names.
///
/// A PKCS#12 with the empty password opens without asking; `password` is called at most once a file.
/// The key may be in any place among the certificates; the chain is put in order. Where the file holds
/// several certificates for the same key, the first that is valid `now` counts.
///
/// # Errors
/// An [`IdentityError`] of its own for every way to fail; see [`Problem`].
pub fn load(
    source: &Source,
    now: SystemTime,
    password: &mut dyn PasswordSource,
) -> Result<Identity, IdentityError> {
    let mut password = Asked::new(password);
    let mut survey = survey::read(source, &mut password, Effort::FirstFault);
    if !survey.faults.is_empty() {
        return Err(survey.faults.swap_remove(0));
    }
    assemble(source, &survey, password.asked, now)
}

/// The identity that [`load`] would give, out of what was read already: a pipe can be read once.
/// `None` where something is wrong with it.
pub fn of_survey(source: &Source, survey: &Survey, now: SystemTime) -> Option<Identity> {
    let encrypted = survey.keys.iter().any(|key| key.encrypted);
    let whole = survey.faults.is_empty();
    whole.then(|| assemble(source, survey, encrypted, now).ok())?
}

fn assemble(
    source: &Source,
    survey: &Survey,
    encrypted: bool,
    now: SystemTime,
) -> Result<Identity, IdentityError> {
    let chain = arrange(source, survey, now)?;
    let mut notes: Vec<Note> = survey.remarks.iter().filter_map(note).collect();
    notes.extend(chain.notes);
    Ok(Identity {
        key: chain.key,
        leaf: chain.leaf,
        intermediates: chain.intermediates,
        file: source.cert.clone(),
        // Without a fault there is one.
        format: survey.format.unwrap_or(Format::Pem),
        encrypted,
        notes,
    })
}

fn note(remark: &survey::Remark) -> Option<Note> {
    match remark.kind {
        RemarkKind::LegacyEncryption(cipher) => Some(Note::LegacyEncryption(cipher)),
        _ => None,
    }
}

/// Leaf, key and chain out of files without a fault.
fn arrange(
    source: &Source,
    survey: &Survey,
    now: SystemTime,
) -> Result<chain::Chain, IdentityError> {
    let keys: Vec<_> = survey.keys.iter().map(|key| key.key.clone()).collect();
    let mut certificates: Vec<_> = survey
        .certificates
        .iter()
        .map(|certificate| certificate.certificate.clone())
        .collect();
    if survey.format == Some(Format::Pkcs12) {
        // There the order means nothing: bags are told apart by their attributes.
        certificates
            .sort_by_cached_key(|certificate| !keys.iter().any(|key| fits(certificate, key)));
    }
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    chain::arrange(&keys, &certificates, now).map_err(|no_key_fits| {
        let key_file = source.key.as_ref().unwrap_or(&source.cert);
        key_mismatch(&source.cert, key_file, &keys, &no_key_fits)
    })
}

/// Whether the key is the certificate's.
fn fits(certificate: &X509, key: &PKey<Private>) -> bool {
    let public_key = certificate.public_key();
    let fits = public_key.is_ok_and(|public_key| key.public_eq(&public_key));
    refusal::clear_errors();
    fits
}

/// Remembers whether the password was needed.
struct Asked<'a> {
    source: &'a mut dyn PasswordSource,
    asked: bool,
}

impl<'a> Asked<'a> {
    fn new(source: &'a mut dyn PasswordSource) -> Self {
        Self {
            source,
            asked: false,
        }
    }
}

impl PasswordSource for Asked<'_> {
    fn password(&mut self, file: &Path) -> io::Result<Option<Secret>> {
        self.asked = true;
        self.source.password(file)
    }

    fn is_given(&self) -> bool {
        self.source.is_given()
    }
}

/// None of the keys in `key_file` belongs to the client certificate in `certificate_file`.
pub(crate) fn key_mismatch(
    certificate_file: &Path,
    key_file: &Path,
    keys: &[PKey<Private>],
    no_key_fits: &chain::NoKeyFits,
) -> IdentityError {
    let leaf = &no_key_fits.leaf;
    let wanted = leaf.public_key().ok();
    let mismatch = error::Mismatch {
        certificate_file: certificate_file.to_owned(),
        subject: name(leaf.subject_name()),
        key_sha256: keys
            .first()
            .map(|key| public_sha256(key))
            .unwrap_or_default(),
        wanted_sha256: wanted.map(|key| public_sha256(&key)).unwrap_or_default(),
        belongs_to: no_key_fits
            .belongs_to
            .as_ref()
            .map(|ca| name(ca.subject_name())),
    };
    IdentityError::new(key_file, None, Problem::KeyMismatch(Box::new(mismatch)))
}

impl Identity {
    /// The leaf's subject: `O=Example, CN=integration.example.test`.
    pub fn subject(&self) -> String {
        name(self.leaf.subject_name())
    }

    /// SHA-256 of the leaf in DER, hex: the fingerprint that `openssl x509 -fingerprint` prints.
    pub fn leaf_sha256(&self) -> String {
        self.leaf
            .digest(MessageDigest::sha256())
            .map(|digest| hex(&digest))
            .unwrap_or_default()
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("file", &self.file)
            .field("format", &self.format)
            .field("subject", &self.subject())
            .field("leaf_sha256", &self.leaf_sha256())
            .field("intermediates", &self.intermediates.len())
            .field("notes", &self.notes)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pkcs12 => "PKCS#12",
            Self::Pem => "PEM",
        })
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ChainReordered => f.write_str("the chain was put in order"),
            Self::RootLeftOut(subject) => write!(f, "the root {subject} is not sent"),
            Self::UnrelatedLeftOut(subject) => {
                write!(f, "{subject} is not part of the chain and is not sent")
            }
            Self::DuplicatesLeftOut(1) => f.write_str("a certificate is there twice"),
            Self::DuplicatesLeftOut(count) => write!(f, "{count} certificates are there again"),
            Self::LegacyEncryption(cipher) => {
                write!(f, "encrypted with {cipher}, which curl and others refuse")
            }
        }
    }
}

/// A distinguished name in the order of the certificate: `O=Example, CN=integration.example.test`.
pub fn name(name: &X509NameRef) -> String {
    name_with(name, ", ")
}

/// As [`name`], with this between its parts.
pub(crate) fn name_with(name: &X509NameRef, separator: &str) -> String {
    let entry = |entry: &openssl::x509::X509NameEntryRef| {
        let object = entry.object();
        let kind = match object.nid().short_name() {
            Ok(short) if object.nid() != openssl::nid::Nid::UNDEF => short.to_owned(),
            _ => object.to_string(),
        };
        let raw = || String::from_utf8_lossy(entry.data().as_slice()).into_owned();
        let value = entry.data().to_string().unwrap_or_else(|_| raw());
        // It goes into messages of one line.
        let value = value.replace(char::is_control, " ");
        format!("{kind}={value}")
    };
    name.entries()
        .map(entry)
        .collect::<Vec<_>>()
        .join(separator)
}

pub(crate) fn public_sha256<T: HasPublic>(key: &PKeyRef<T>) -> String {
    key.public_key_to_der()
        .and_then(|der| openssl::hash::hash(MessageDigest::sha256(), &der))
        .map(|digest| hex(&digest))
        .unwrap_or_default()
}

#[cfg(test)]
pub(crate) mod tests;
