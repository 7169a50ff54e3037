//! What a file is, told by its content and never by its name.

use std::str;

use openssl::base64;
use openssl::pkcs7::Pkcs7;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::x509::{X509, X509Req};

use super::error::{Inside, Problem};
use super::refusal::clear_errors;
use super::{der, key, pem};

/// What was recognised.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Pkcs12,
    Pem,
    /// Something that holds no identity as it stands.
    Wrong(Problem),
}

/// RFC 2315 14: the arc of PKCS#7's content types, 1.2.840.113549.1.7.
const PKCS7_ARC: [u8; 8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07];

/// Recognises `bytes`. Text with any PEM mark in it is PEM, whatever is in the blocks.
pub(super) fn recognise(bytes: &[u8]) -> Kind {
    if bytes.trim_ascii().is_empty() {
        return Kind::Wrong(Problem::Empty);
    }
    if bytes.starts_with(&[0xfe, 0xed, 0xfe, 0xed]) {
        return Kind::Wrong(Problem::JavaKeyStore("JKS"));
    }
    if bytes.starts_with(&[0xce; 4]) {
        return Kind::Wrong(Problem::JavaKeyStore("JCEKS"));
    }
    if let Some(encoding) = utf16(bytes) {
        return Kind::Wrong(Problem::Utf16(encoding));
    }
    if let Some(problem) = str::from_utf8(bytes).ok().and_then(pasted) {
        return Kind::Wrong(problem);
    }
    // PEM may bring bytes of any encoding in the text between its blocks, but no NUL.
    if pem::is_pem(bytes) && !bytes.contains(&0) {
        return Kind::Pem;
    }
    match plain_text(bytes) {
        Some(text) => of_text(text),
        None => of_binary(bytes),
    }
}

/// The name that iconv has for it: without a byte-order mark the order belongs to the name.
fn utf16(bytes: &[u8]) -> Option<&'static str> {
    let every_second_is_nul = |first: usize| {
        let mut nuls = bytes.iter().skip(first).step_by(2);
        let mut letters = bytes.iter().skip(1 - first).step_by(2);
        nuls.all(|&b| b == 0) && letters.all(|&b| b != 0)
    };
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        Some("UTF-16")
    } else if bytes.len() > 3 && every_second_is_nul(0) {
        Some("UTF-16BE")
    } else {
        (bytes.len() > 3 && every_second_is_nul(1)).then_some("UTF-16LE")
    }
}

/// What stands for hyphens in text that went through a word processor: hyphens and dashes (Unicode,
/// chapter 6.2), and the minus.
pub(super) const OTHER_DASHES: &str = "\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2015}\u{2212}";

/// PEM that a mail or a word processor has changed, all of it.
fn pasted(text: &str) -> Option<Problem> {
    let lines = || text.lines().map(str::trim).zip(1..);
    if lines().any(|(line, _)| line.starts_with("-----BEGIN ")) {
        return None;
    }
    lines().find_map(|(line, number)| {
        let unquoted = line.trim_start_matches(|c: char| c == '>' || c.is_whitespace());
        if line.starts_with('>') && unquoted.starts_with("-----BEGIN ") {
            return Some(Problem::MailQuoted(number));
        }
        has_other_dashes(line).then_some(Problem::OtherDashes(number))
    })
}

/// Whether it is a BEGIN but for its dashes.
fn has_other_dashes(line: &str) -> bool {
    let is_dash = |c| c == '-' || OTHER_DASHES.contains(c);
    let is_in_label = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b' ';
    let label = line.trim_matches(is_dash).trim();
    line.starts_with(is_dash)
        && line.ends_with(is_dash)
        && line.contains(|c| OTHER_DASHES.contains(c))
        && label.starts_with("BEGIN ")
        && label.bytes().all(is_in_label)
}

fn plain_text(bytes: &[u8]) -> Option<&str> {
    let text = str::from_utf8(bytes).ok()?;
    let printable = |c: char| !c.is_control() || c.is_ascii_whitespace();
    text.chars().all(printable).then_some(text)
}

fn of_text(text: &str) -> Kind {
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let begins = |with: &str| {
        start
            .get(..with.len())
            .is_some_and(|s| s.eq_ignore_ascii_case(with))
    };
    Kind::Wrong(if begins("PuTTY-User-Key-File") {
        Problem::PuttyKey
    } else if begins("ssh-") || begins("ecdsa-sha2-") || begins("---- BEGIN SSH2 PUBLIC") {
        Problem::PublicKey
    } else if let Some(of) = in_base64(start) {
        Problem::Base64(of)
    } else if begins("<!doctype html") || begins("<html") {
        Problem::Unrecognized("it is an HTML page".to_owned())
    } else {
        // Its words are not shown: it may be the password's file, given by mistake.
        Problem::Unrecognized("it is text without a PEM block".to_owned())
    })
}

/// What the text holds in base64, if it would be of use decoded.
fn in_base64(text: &str) -> Option<Inside> {
    let compact: String = text.split_ascii_whitespace().collect();
    let is_base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    if compact.is_empty() || !compact.bytes().all(is_base64) {
        return None;
    }
    let decoded = base64::decode_block(&compact);
    clear_errors();
    match recognise(&decoded.ok()?) {
        Kind::Pkcs12 => Some(Inside::Pkcs12),
        Kind::Pem => Some(Inside::Pem),
        Kind::Wrong(Problem::DerCertificate) => Some(Inside::DerCertificate),
        Kind::Wrong(Problem::DerKey) => Some(Inside::DerKey),
        Kind::Wrong(Problem::Pkcs7 { .. }) => Some(Inside::Pkcs7),
        Kind::Wrong(Problem::JavaKeyStore(_)) => Some(Inside::JavaKeyStore),
        Kind::Wrong(Problem::Base64(of)) => Some(of),
        Kind::Wrong(_) => None,
    }
}

fn of_binary(bytes: &[u8]) -> Kind {
    if let Some(kind) = of_der(bytes) {
        return kind;
    }
    let looks = match bytes {
        [b'P', b'K', 3, 4, ..] => "it is a zip archive",
        [0x1f, 0x8b, ..] => "it is gzip data",
        [b'%', b'P', b'D', b'F', ..] => "it is a PDF document",
        [der::SEQUENCE, 0x80..=0x84, ..] => "it is DER data of an unknown kind, or cut off",
        _ => "it is binary data of an unknown kind",
    };
    Kind::Wrong(Problem::Unrecognized(looks.to_owned()))
}

fn of_der(bytes: &[u8]) -> Option<Kind> {
    let outer = der::first(bytes).filter(|outer| outer.tag == der::SEQUENCE)?;
    let first = der::first(outer.body)?;
    if first.tag == der::INTEGER && first.whole && first.body == [3] {
        return Some(Kind::Pkcs12);
    }
    if first.tag == der::OID && first.body.starts_with(&PKCS7_ARC) {
        return Some(Kind::Wrong(pkcs7(bytes, true, false)));
    }
    let problem = if X509::from_der(bytes).is_ok() {
        Problem::DerCertificate
    } else if X509Req::from_der(bytes).is_ok() {
        Problem::SigningRequest
    } else if key::is_encrypted(bytes) || PKey::private_key_from_der(bytes).is_ok() {
        Problem::DerKey
    } else if PKey::public_key_from_der(bytes).is_ok()
        || Rsa::public_key_from_der_pkcs1(bytes).is_ok()
    {
        Problem::PublicKey
    } else {
        clear_errors();
        return None;
    };
    clear_errors();
    Some(Kind::Wrong(problem))
}

/// A PKCS#7 bundle, with its certificates counted; `key` says that a private key stands beside it.
pub(super) fn pkcs7(bytes: &[u8], der: bool, key: bool) -> Problem {
    clear_errors();
    let certificates = Pkcs7::from_der(bytes)
        .ok()
        .and_then(|bundle| Some(bundle.signed()?.certificates()?.len()));
    clear_errors();
    Problem::Pkcs7 {
        certificates,
        der,
        key,
    }
}

#[cfg(test)]
#[path = "format_tests.rs"]
mod tests;
