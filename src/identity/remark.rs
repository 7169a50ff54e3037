//! What is worth knowing about a file that loads all the same, as facts.

use super::Format;
use super::password::Spelling;
use super::survey::Place;

/// Something that does not stop a load. [`Note`](super::Note)s are what a call says under `-v`; these
/// are what `check-cert` makes findings of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Where.
    pub place: Place,
    /// What.
    pub kind: RemarkKind,
}

/// The kinds of [`Remark`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RemarkKind {
    /// The text starts with a UTF-8 byte-order mark.
    ByteOrderMark,
    /// A certificate has OpenSSL's own label, TRUSTED CERTIFICATE.
    TrustedLabel,
    /// A block that is neither a private key nor a certificate, beside those that are: its label.
    /// One for each label.
    ExtraBlock(String),
    /// A private key that takes no password can be read by others (Unix): the file's permissions.
    ReadableByOthers(u32),
    /// The name's extension says another kind of file: the kind that it is.
    ExtensionMismatch(Format),
    /// A password was given, and nothing that was read needed one.
    PasswordUnneeded,
    /// The password as given opened nothing. In another spelling it did, and with that the file was
    /// read; [`Survey::faults`](super::survey::Survey::faults) has the wrong password nevertheless.
    PasswordSpelling(Spelling),
    /// The password as given opened nothing, and neither did these.
    PasswordAlsoTried(Vec<Spelling>),
    /// A PKCS#12 file is encrypted with a cipher that other programs refuse: its name, `RC2-40`.
    LegacyEncryption(&'static str),
    /// A PKCS#12 file is protected by the empty password, or none, alone.
    EmptyPassword,
    /// A private key stands in a PKCS#12 file without encryption.
    UnencryptedKey,
}
