//! Why an identity could not be loaded, as facts.
//!
//! Every way to fail is a [`Problem`] of its own. [`IdentityError::id`] is the name that `--json` and
//! `check-cert` show and scripts branch on; what to do about it is in `remedy.rs`.

use std::fmt;
use std::path::{Path, PathBuf};

use super::MAX_ITERATIONS;

/// An identity that could not be loaded. Holds no key material and no password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityError {
    /// The file at fault.
    pub file: PathBuf,
    /// The line at fault, from 1, where it is text.
    pub line: Option<usize>,
    /// What is wrong with it.
    pub problem: Problem,
    /// Whether the other half of the identity, certificate or key, was named as another file.
    pub halved: bool,
}

/// What can be wrong with the files of an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// There is no such file.
    NotFound,
    /// There is one (or a directory), but it cannot be read: the system's reason.
    Unreadable(String),
    /// Nothing but white space.
    Empty,
    /// None of the formats known: what it looks like.
    Unrecognized(String),
    /// A single certificate in DER.
    DerCertificate,
    /// A private key in DER.
    DerKey,
    /// A PKCS#7 bundle.
    Pkcs7 {
        /// How many certificates are in it, where that could be read.
        certificates: Option<usize>,
        /// DER instead of PEM.
        der: bool,
        /// A private key stands beside it.
        key: bool,
    },
    /// A certificate signing request, alone or with its key.
    SigningRequest,
    /// A Java key store: `JKS` or `JCEKS`.
    JavaKeyStore(&'static str),
    /// A private key in OpenSSH's own format.
    OpensshKey {
        /// Certificates stand beside it.
        certificates: bool,
    },
    /// A private key in PuTTY's format.
    PuttyKey,
    /// A public key where the private key should be.
    PublicKey,
    /// Base64 of something that would do.
    Base64(Inside),
    /// UTF-16 text: the encoding as iconv names it.
    Utf16(&'static str),
    /// Each line has `>` before it, as mail quotes a text: the first BEGIN's line.
    MailQuoted(usize),
    /// BEGIN and END have other dashes than hyphens, as of a word processor: the first one's line.
    OtherDashes(usize),
    /// BEGIN or END lines are indented.
    Indented,
    /// Line ends are the two characters `\n`.
    EscapedNewlines,
    /// Line ends are carriage returns alone.
    CarriageReturns,
    /// A whole block stands on one line.
    OneLine,
    /// END and BEGIN stand on one line.
    BlocksJoined,
    /// A block has no END line (or an END has no BEGIN).
    Truncated {
        /// The block's label.
        label: String,
        /// The BEGIN is what is missing.
        head: bool,
    },
    /// The text of a block is not base64.
    NotBase64 {
        /// The block's label.
        label: String,
        /// The line of its BEGIN.
        begin: usize,
        /// It would be with `+` and `/` for `-` and `_`.
        url: bool,
    },
    /// A block is base64 of something else than its label says.
    Corrupt {
        /// The block's label.
        label: String,
    },
    /// No private key.
    KeyMissing {
        /// How many certificates there are.
        certificates: usize,
        /// PKCS#12, else PEM.
        pkcs12: bool,
    },
    /// No private key, and none but certificates of CAs.
    OnlyCas {
        /// How many there are.
        certificates: usize,
    },
    /// A private key, but no certificate.
    CertificateMissing {
        /// PKCS#12, else PEM.
        pkcs12: bool,
    },
    /// The private key is not the client certificate's.
    KeyMismatch(Box<Mismatch>),
    /// Encrypted, and no password was given.
    PasswordRequired,
    /// Encrypted, and the password could not be had: why.
    PasswordUnavailable(String),
    /// The password does not open it.
    PasswordWrong {
        /// PKCS#12, else PEM.
        pkcs12: bool,
    },
    /// Encrypted with what OpenSSL has in its legacy provider only, and that does not load.
    LegacyProviderMissing(String),
    /// Encrypted in a way that OpenSSL cannot read.
    UnsupportedEncryption(String),
    /// It asks for more key-derivation iterations than is allowed: how many.
    TooManyIterations(u64),
    /// A PKCS#12 file that is cut off or damaged.
    Pkcs12Corrupt {
        /// Its length.
        bytes: usize,
        /// The length it says it has, where that is another.
        declared: Option<usize>,
    },
    /// A PKCS#12 file without an integrity code.
    Pkcs12NoMac,
}

/// What base64 text holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inside {
    /// A PKCS#12 file.
    Pkcs12,
    /// PEM text.
    Pem,
    /// A certificate in DER.
    DerCertificate,
    /// A private key in DER.
    DerKey,
    /// A PKCS#7 bundle.
    Pkcs7,
    /// A Java key store.
    JavaKeyStore,
}

impl fmt::Display for Inside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pkcs12 => "a PKCS#12 file",
            Self::Pem => "PEM text",
            Self::DerCertificate => "a DER certificate",
            Self::DerKey => "a DER private key",
            Self::Pkcs7 => "a PKCS#7 bundle",
            Self::JavaKeyStore => "a Java key store",
        })
    }
}

/// Whose key it is, and whose it is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The file that holds the certificate.
    pub certificate_file: PathBuf,
    /// The client certificate's subject.
    pub subject: String,
    /// SHA-256 of the public key that goes with the private key (of its SubjectPublicKeyInfo), hex.
    pub key_sha256: String,
    /// SHA-256 of the public key in the certificate, hex.
    pub wanted_sha256: String,
    /// The subject of the CA certificate in the file that the key does belong to.
    pub belongs_to: Option<String>,
}

impl IdentityError {
    pub(super) fn new(file: &Path, line: Option<usize>, problem: Problem) -> Self {
        Self {
            file: file.to_owned(),
            line,
            problem,
            halved: false,
        }
    }

    /// The finding's id, stable: `key-mismatch`, `password-wrong`.
    pub fn id(&self) -> &'static str {
        match &self.problem {
            Problem::NotFound => "file-not-found",
            Problem::Unreadable(_) => "file-unreadable",
            Problem::Empty => "file-empty",
            Problem::Unrecognized(_) => "unrecognized-format",
            Problem::DerCertificate => "format-der-cert",
            Problem::DerKey => "format-der-key",
            Problem::Pkcs7 { .. } => "format-pkcs7",
            Problem::SigningRequest => "format-csr",
            Problem::JavaKeyStore(_) => "format-jks",
            Problem::OpensshKey { .. } | Problem::PuttyKey => "format-openssh-key",
            Problem::PublicKey => "format-public-key",
            Problem::Base64(_) => "format-base64",
            Problem::Utf16(_) => "pem-utf16",
            Problem::Indented => "pem-indented",
            Problem::EscapedNewlines => "pem-escaped-newlines",
            Problem::CarriageReturns => "pem-carriage-returns",
            Problem::OneLine => "pem-one-line",
            Problem::BlocksJoined => "pem-blocks-joined",
            Problem::Truncated { .. } => "pem-truncated",
            Problem::NotBase64 { .. } | Problem::MailQuoted(_) | Problem::OtherDashes(_) => {
                "pem-corrupt"
            }
            Problem::Corrupt { .. } => "cert-corrupt",
            Problem::KeyMissing { .. } => "key-missing",
            Problem::OnlyCas { .. } => "leaf-is-ca",
            Problem::CertificateMissing { .. } => "cert-missing",
            Problem::KeyMismatch(_) => "key-mismatch",
            Problem::PasswordRequired | Problem::PasswordUnavailable(_) => "password-required",
            Problem::PasswordWrong { .. } => "password-wrong",
            Problem::LegacyProviderMissing(_) => "p12-legacy-provider-missing",
            Problem::UnsupportedEncryption(_) | Problem::TooManyIterations(_) => {
                "p12-unsupported-encryption"
            }
            Problem::Pkcs12Corrupt { .. } => "p12-corrupt",
            Problem::Pkcs12NoMac => "p12-no-mac",
        }
    }
}

impl Problem {
    /// Whether it is about the password, of which there is one a file.
    pub fn is_of_password(&self) -> bool {
        matches!(
            self,
            Self::PasswordRequired | Self::PasswordUnavailable(_) | Self::PasswordWrong { .. }
        )
    }

    /// Whether the whole file is in a form in which OpenSSL finds no certificate, though there are some.
    pub(crate) fn hides_certificates(&self) -> bool {
        matches!(
            self,
            Self::Pkcs7 { .. }
                | Self::Base64(_)
                | Self::Utf16(_)
                | Self::Indented
                | Self::EscapedNewlines
                | Self::CarriageReturns
                | Self::OneLine
                | Self::BlocksJoined
        )
    }
}

impl std::error::Error for IdentityError {}

impl fmt::Display for IdentityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.display();
        let line = self.line.unwrap_or(1);
        match &self.problem {
            Problem::NotFound => write!(f, "cannot read {file}: no such file"),
            Problem::Unreadable(reason) => write!(f, "cannot read {file}: {reason}"),
            Problem::Empty => write!(f, "{file} is empty"),
            Problem::Unrecognized(looks) => {
                write!(f, "{file} is not a certificate file: {looks}")
            }
            Problem::DerCertificate => {
                write!(f, "{file} is one certificate in DER")?;
                self.lacks("without a private key", f)
            }
            Problem::DerKey => {
                write!(f, "{file} is a private key in DER")?;
                self.lacks("without a certificate", f)
            }
            Problem::Pkcs7 { key: true, .. } => {
                write!(f, "{file} holds its certificates in a PKCS#7 bundle")
            }
            Problem::Pkcs7 { certificates, .. } => {
                write!(f, "{file} is a PKCS#7 bundle")?;
                if let Some(count) = certificates {
                    write!(f, " with {}", certificates_in_words(*count))?;
                }
                self.lacks("without a private key", f)
            }
            Problem::SigningRequest => write!(
                f,
                "{file} holds a certificate signing request, which the CA has not signed yet"
            ),
            Problem::JavaKeyStore(kind) => write!(f, "{file} is a Java key store ({kind})"),
            Problem::OpensshKey { .. } => {
                write!(f, "{file} holds a private key in OpenSSH's own format")
            }
            Problem::PuttyKey => write!(f, "{file} holds a private key in PuTTY's format"),
            Problem::PublicKey => {
                write!(
                    f,
                    "{file} holds a public key where the private key should be"
                )
            }
            Problem::Base64(of) => write!(f, "{file} is base64 text with {of} inside"),
            Problem::Utf16(_) => write!(f, "{file} is UTF-16 text"),
            Problem::MailQuoted(line) => write!(
                f,
                "{file} is quoted as in a mail: its lines have > before them (line {line})"
            ),
            Problem::OtherDashes(line) => write!(
                f,
                "line {line} of {file} has not five hyphens around its BEGIN or END but other dashes, as a word processor makes them"
            ),
            Problem::Indented => write!(f, "line {line} of {file} is indented"),
            Problem::EscapedNewlines => write!(
                f,
                "the line ends in line {line} of {file} are the two characters \\n"
            ),
            Problem::CarriageReturns => {
                write!(f, "the line ends of {file} are carriage returns alone")
            }
            Problem::OneLine => write!(
                f,
                "the line ends of {file} are lost: a whole block stands in line {line}"
            ),
            Problem::BlocksJoined => write!(f, "two blocks share line {line} of {file}"),
            Problem::Truncated { label, head: false } => write!(
                f,
                "{file} is cut off: {} in line {line} has no END line",
                labelled("the block", label)
            ),
            Problem::Truncated { label, head: true } => write!(
                f,
                "the head of {file} is missing: {} in line {line} has no BEGIN line",
                labelled("END", label)
            ),
            Problem::NotBase64 {
                label,
                begin,
                url: true,
            } => write!(
                f,
                "{} in line {begin} of {file} is base64url: it has - and _ where PEM has + and / (line {line})",
                labelled("the block", label)
            ),
            Problem::NotBase64 { label, begin, .. } => write!(
                f,
                "{} in line {begin} of {file} is not base64 (line {line})",
                labelled("the block", label)
            ),
            Problem::Corrupt { label } => write!(
                f,
                "{} in line {line} of {file} does not hold what its label says",
                labelled("the block", label)
            ),
            Problem::KeyMissing {
                certificates: 0, ..
            } => {
                write!(f, "{file} holds neither a private key nor a certificate")
            }
            Problem::KeyMissing { certificates, .. } => write!(
                f,
                "{file} holds no private key, only {}",
                certificates_in_words(*certificates)
            ),
            Problem::OnlyCas { certificates: 1 } => {
                write!(
                    f,
                    "{file} is a CA's own certificate, not a client's identity"
                )
            }
            Problem::OnlyCas { certificates } => write!(
                f,
                "{file} holds {certificates} certificates of CAs alone, and no client's identity"
            ),
            Problem::CertificateMissing { .. } => {
                write!(f, "{file} holds a private key but no certificate")
            }
            Problem::KeyMismatch(mismatch) => self.fmt_mismatch(mismatch, f),
            Problem::PasswordRequired => {
                write!(f, "{file} is encrypted and no password was given")
            }
            Problem::PasswordUnavailable(reason) => {
                write!(
                    f,
                    "{file} is encrypted and its password cannot be read: {reason}"
                )
            }
            Problem::PasswordWrong { .. } => {
                write!(f, "wrong password for {file} (or the file is damaged)")
            }
            Problem::LegacyProviderMissing(what) => write!(
                f,
                "{file} is encrypted with {what}, for which OpenSSL needs its legacy provider"
            ),
            Problem::UnsupportedEncryption(what) => {
                write!(
                    f,
                    "{file} is encrypted in a way that OpenSSL cannot read: {what}"
                )
            }
            Problem::TooManyIterations(iterations) => write!(
                f,
                "{file} asks for {iterations} key-derivation iterations; the limit is {MAX_ITERATIONS}"
            ),
            Problem::Pkcs12Corrupt { bytes, declared } => {
                write!(f, "the PKCS#12 file {file} is cut off or damaged")?;
                match declared {
                    Some(declared) => write!(f, " ({bytes} of {declared} bytes)"),
                    None => Ok(()),
                }
            }
            Problem::Pkcs12NoMac => {
                write!(f, "the PKCS#12 file {file} has no integrity code (MAC)")
            }
        }
    }
}

impl IdentityError {
    /// What else would be missing, where no other file was named for it.
    fn lacks(&self, what: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.halved {
            true => Ok(()),
            false => write!(f, ", {what}"),
        }
    }

    fn fmt_mismatch(&self, mismatch: &Mismatch, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = |sha256: &str| sha256.get(..16).unwrap_or(sha256).to_owned();
        write!(f, "the private key in {}", self.file.display())?;
        if let Some(ca) = &mismatch.belongs_to {
            write!(f, " belongs to the CA {ca} and")?;
        }
        write!(f, " does not match the certificate {}", mismatch.subject)?;
        if mismatch.certificate_file != self.file {
            write!(f, " in {}", mismatch.certificate_file.display())?;
        }
        write!(
            f,
            " (public key SHA-256 {}…, the certificate wants {}…)",
            short(&mismatch.key_sha256),
            short(&mismatch.wanted_sha256)
        )
    }
}

/// A block's name in a message; a label may be cut off whole.
fn labelled(what: &str, label: &str) -> String {
    match label {
        "" => what.to_owned(),
        label => format!("{what} {label}"),
    }
}

fn certificates_in_words(count: usize) -> String {
    match count {
        1 => "1 certificate".to_owned(),
        n => format!("{n} certificates"),
    }
}
