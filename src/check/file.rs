//! Findings about the files themselves: format, container, password, mode.
//!
//! The facts come from the [`Survey`]. Faults keep the loader's own words, so that `check-cert` and a
//! call that fails say the same.

mod remarks;

use std::path::Path;

use serde_json::json;

use super::finding::{Finding, Subject};
use crate::identity::survey::{RemarkKind, Spelling, Survey};
use crate::identity::{IdentityError, Problem, repacked};
use crate::text::shell;

/// The findings about the files. A key that is not the certificate's is for
/// [`judge`](super::judge) to tell.
pub fn findings(survey: &Survey) -> Vec<Finding> {
    let faults = survey
        .faults
        .iter()
        .filter(|fault| !matches!(fault.problem, Problem::KeyMismatch(_)))
        .map(|fault| of_fault(fault, survey));
    let remarks = survey
        .remarks
        .iter()
        .filter_map(|remark| remarks::finding(remark, survey));
    faults.chain(remarks).collect()
}

fn of_fault(fault: &IdentityError, survey: &Survey) -> Finding {
    let subject = match fault.problem {
        Problem::KeyMissing { .. } | Problem::CertificateMissing { .. } => Subject::Key,
        Problem::OnlyCas { .. } => Subject::Leaf,
        _ => Subject::File,
    };
    let finding = with_facts(Finding::of_error(fault, subject), &fault.problem);
    match fault.problem {
        Problem::PasswordWrong { pkcs12 } => password_wrong(finding, &fault.file, pkcs12, survey),
        Problem::Pkcs12NoMac => {
            // The error knows of no other thing to be got round.
            finding.remedy(repacked(&fault.file, &ways_in(&fault.file, survey)))
        }
        Problem::CertificateMissing { .. } if fault.halved => swapped(finding, fault, survey),
        _ => finding,
    }
}

/// `--cert` and `--key` may have been taken for each other.
fn swapped(mut finding: Finding, fault: &IdentityError, survey: &Survey) -> Finding {
    let is_other = |other: &&IdentityError| {
        matches!(
            other.problem,
            Problem::KeyMissing {
                certificates: 1..,
                ..
            }
        ) && other.file != fault.file
    };
    if let Some(other) = survey.faults.iter().find(is_other) {
        finding.command = None;
        finding.advice = Some(format!(
            "the two files are swapped: -E {} --key {}",
            shell::file(&other.file),
            shell::file(&fault.file)
        ));
    }
    finding
}

/// The options by which the openssl command opens a PKCS#12 file, but for its password.
pub(super) fn ways_in(file: &Path, survey: &Survey) -> Vec<&'static str> {
    let no_mac = survey
        .faults
        .iter()
        .any(|fault| fault.file == file && fault.problem == Problem::Pkcs12NoMac);
    let remarked = survey
        .remarks
        .iter()
        .filter(|remark| remark.place.file == file)
        .filter_map(|remark| match remark.kind {
            RemarkKind::LegacyEncryption(_) => Some("-legacy"),
            RemarkKind::EmptyPassword => Some("-passin pass:"),
            _ => None,
        });
    no_mac
        .then_some("-nomacver")
        .into_iter()
        .chain(remarked)
        .collect()
}

/// The facts of a fault, for programs.
fn with_facts(finding: Finding, problem: &Problem) -> Finding {
    match problem {
        Problem::Unreadable(reason) | Problem::PasswordUnavailable(reason) => {
            finding.fact("reason", reason.as_str())
        }
        Problem::Unrecognized(looks) => finding.fact("looks", looks.as_str()),
        Problem::DerCertificate | Problem::DerKey => finding.fact("format", "der"),
        Problem::Pkcs7 {
            certificates, der, ..
        } => finding
            .fact("format", if *der { "der" } else { "pem" })
            .fact("certificates", json!(certificates)),
        Problem::JavaKeyStore(kind) => finding.fact("format", kind.to_ascii_lowercase()),
        Problem::OpensshKey { .. } => finding.fact("format", "openssh"),
        Problem::PuttyKey => finding.fact("format", "putty"),
        Problem::Base64(of) => finding.fact("holds", of.to_string()),
        Problem::Truncated { label, .. } | Problem::Corrupt { label } => {
            finding.fact("label", label.as_str())
        }
        Problem::NotBase64 { label, begin, .. } => {
            finding.fact("label", label.as_str()).fact("begin", *begin)
        }
        Problem::KeyMissing { certificates, .. } | Problem::OnlyCas { certificates } => {
            finding.fact("certificates", *certificates)
        }
        Problem::LegacyProviderMissing(cipher) => finding.fact("cipher", cipher.as_str()),
        Problem::UnsupportedEncryption(algorithm) => finding.fact("algorithm", algorithm.as_str()),
        Problem::TooManyIterations(iterations) => finding.fact("iterations", *iterations),
        Problem::Pkcs12Corrupt { bytes, declared } => finding
            .fact("bytes", *bytes)
            .fact("declared", json!(declared)),
        _ => finding,
    }
}

fn password_wrong(mut finding: Finding, file: &Path, pkcs12: bool, survey: &Survey) -> Finding {
    let wrapped = |problem: &Problem| matches!(problem, Problem::Base64(_) | Problem::Utf16(_));
    let mut faults = survey.faults.iter().filter(|fault| fault.file == file);
    if faults.any(|fault| wrapped(&fault.problem)) {
        // No command opens it before that is mended.
        (finding.advice, finding.command) = (None, None);
    }
    let mut tried: Vec<&str> = match pkcs12 {
        true => vec!["none", "the empty one"],
        false => Vec::new(),
    };
    for remark in survey
        .remarks
        .iter()
        .filter(|remark| remark.place.file == file)
    {
        match &remark.kind {
            RemarkKind::PasswordSpelling(spelling) => {
                finding.message = format!(
                    "wrong password for {}: it is right {}",
                    file.display(),
                    spelled(*spelling)
                );
                finding.command = None;
                return finding.advice(respelled(*spelling));
            }
            RemarkKind::PasswordAlsoTried(spellings) => {
                tried.extend(spellings.iter().copied().map(spelled));
            }
            _ => {}
        }
    }
    match tried.is_empty() {
        true => finding,
        false => finding
            .why(format!("also tried: {}", tried.join(", ")))
            .fact("also_tried", tried),
    }
}

/// What to do where the password is right in another spelling.
fn respelled(spelling: Spelling) -> &'static str {
    match spelling {
        Spelling::WithoutLineEnd => "store it with nothing behind it, as printf %s writes it",
        _ => "export it again, with a password of ASCII characters alone",
    }
}

/// What a spelling is, behind "the password is right".
fn spelled(spelling: Spelling) -> &'static str {
    match spelling {
        Spelling::AsGiven => "as it was given",
        Spelling::WithoutLineEnd => "without its last line end",
        Spelling::Utf8BytesAsCharacters => "with each byte of its UTF-8 as one character",
        Spelling::Windows1252 => "in Windows-1252",
    }
}

#[cfg(test)]
mod tests;
