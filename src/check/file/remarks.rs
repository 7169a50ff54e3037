//! Findings for what is worth knowing about a file that loads all the same.

use super::{respelled, spelled, ways_in};
use crate::check::finding::{Finding, Subject};
use crate::identity::survey::{Remark, RemarkKind, Spelling, Survey};
use crate::identity::{Format, IdentityError, relabelled, renamed, repacked, unmarked};
use crate::text::shell;

/// `None` for what another finding reports.
pub(super) fn finding(remark: &Remark, survey: &Survey) -> Option<Finding> {
    let (id, message) = words(remark)?;
    let finding = Finding::new(id, Subject::File, message).at(&remark.place);
    Some(with_remedy(finding, remark, survey))
}

fn words(remark: &Remark) -> Option<(&'static str, String)> {
    let name = remark.place.file.display();
    let line = remark.place.line.unwrap_or(1);
    Some(match &remark.kind {
        RemarkKind::ByteOrderMark => ("pem-bom", format!("{name} starts with a byte-order mark")),
        RemarkKind::TrustedLabel => (
            "pem-trusted-certificate",
            format!("line {line} of {name} has OpenSSL's own label TRUSTED CERTIFICATE"),
        ),
        RemarkKind::ExtraBlock(label) => (
            "pem-extra-block",
            format!("the block {label} in line {line} of {name} is passed over"),
        ),
        RemarkKind::ReadableByOthers(mode) => (
            "key-file-permissions",
            format!(
                "others on this machine may use {name} with the private key in it (mode {mode:04o})"
            ),
        ),
        RemarkKind::ExtensionMismatch(format) => (
            "extension-mismatch",
            format!("{name} is {format} by its content, not by its name"),
        ),
        RemarkKind::PasswordUnneeded => (
            "password-unneeded",
            format!("a password was given, but it takes none to read {name}"),
        ),
        RemarkKind::PasswordSpelling(spelling) => (
            match spelling {
                Spelling::WithoutLineEnd => "password-trailing-newline",
                _ => "password-encoding",
            },
            format!("the password of {name} is right {}", spelled(*spelling)),
        ),
        RemarkKind::LegacyEncryption(cipher) => (
            "p12-legacy-encryption",
            format!("{name} is encrypted with {cipher}, which curl, Node.js and others refuse"),
        ),
        RemarkKind::EmptyPassword => (
            "p12-empty-password",
            format!("{name} opens with the empty password"),
        ),
        RemarkKind::UnencryptedKey => (
            "p12-unencrypted",
            format!("the private key in {name} is not encrypted"),
        ),
        // Told with the wrong password itself.
        _ => return None,
    })
}

fn with_remedy(finding: Finding, remark: &Remark, survey: &Survey) -> Finding {
    let file = &remark.place.file;
    let repacked = || repacked(file, &ways_in(file, survey));
    match &remark.kind {
        RemarkKind::ByteOrderMark => finding
            .why("OpenSSL passes over it, Java's keytool refuses the file")
            .remedy(unmarked(file)),
        RemarkKind::TrustedLabel => finding
            .why("other programs see no certificate there")
            .remedy(relabelled(file, has_key(remark, survey))),
        RemarkKind::ExtraBlock(label) => finding.fact("label", label.as_str()),
        RemarkKind::ReadableByOthers(mode) => finding
            .why("it takes no password to read the key")
            .command(format!("chmod 600 {}", shell::file(file)))
            .fact("mode", format!("{mode:04o}")),
        RemarkKind::ExtensionMismatch(format) => finding
            .why("programs that go by the name refuse it")
            .command(renamed(file, *format))
            .fact(
                "format",
                match format {
                    Format::Pkcs12 => "pkcs12",
                    Format::Pem => "pem",
                },
            ),
        RemarkKind::PasswordSpelling(Spelling::WithoutLineEnd) => finding
            .why("of two line ends behind a password one is taken for a part of it")
            .advice(respelled(Spelling::WithoutLineEnd)),
        RemarkKind::PasswordSpelling(spelling) => {
            let finding = finding
                .why("the program that made the file encodes passwords in another way")
                .advice(respelled(*spelling));
            match spelling {
                // What OpenSSL's command tries too, when all else fails.
                Spelling::Utf8BytesAsCharacters => finding
                    .remedy(repacked())
                    .fact("encoding", "utf-8 bytes as characters"),
                _ => finding.fact("encoding", "windows-1252"),
            }
        }
        RemarkKind::LegacyEncryption(cipher) => finding
            .why("OpenSSL 3 keeps that cipher apart, in its legacy provider")
            .remedy(repacked())
            .fact("cipher", *cipher),
        RemarkKind::EmptyPassword => finding
            .why("whoever has the file has the key")
            .remedy(repacked().led_in_by("this asks for a new password")),
        RemarkKind::UnencryptedKey => finding
            .why("whoever has the file has the key")
            .remedy(repacked()),
        _ => finding,
    }
}

/// Whether there is a private key in the same file, readable or not.
fn has_key(remark: &Remark, survey: &Survey) -> bool {
    let file = &remark.place.file;
    let locked = |fault: &IdentityError| &fault.file == file && fault.problem.is_of_password();
    survey.keys.iter().any(|key| &key.place.file == file) || survey.faults.iter().any(locked)
}
