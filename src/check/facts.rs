//! What the files hold, good or bad: each certificate with its place in the chain, the key, and what to
//! upload.

use openssl::hash::MessageDigest;
use openssl::x509::X509Ref;

use super::file::ways_in;
use super::judge::Judged;
use super::judge::usage::extended_usages;
use super::judge::words::common_name;
use super::kind::Kind;
use super::time::{DAY, days_left, of_clock, rfc3339, unix};
use crate::identity::survey::{Place, Survey};
use crate::identity::{self, Format, IdentityError};
use crate::text::shell;
use crate::text::words::fingerprint;
use std::time::SystemTime;

/// What a certificate is in this identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The client certificate.
    Leaf,
    /// The nth above it, from 1.
    Intermediate(usize),
    /// On another way up, which is sent too.
    Alternative,
    /// The root, which is not sent.
    Root,
    /// None of these: another leaf, a copy, a CA that the chain does not lead to.
    Unrelated,
}

/// One certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFacts {
    /// What it is here.
    pub role: Role,
    /// Its place in [`Survey::certificates`].
    pub index: usize,
    /// `O=Example, CN=integration.example.test`; foreign text.
    pub subject: String,
    /// As the subject.
    pub issuer: String,
    /// The subject's common name, or the whole name where it has none; foreign text.
    pub common_name: String,
    /// As the subject's, of the issuer.
    pub issuer_common_name: String,
    /// In hex, as Salesforce's Setup and `openssl x509 -serial` show it: `0A1B`.
    pub serial: String,
    /// SHA-256 of the certificate, as `openssl x509 -fingerprint` shows it: `5A:0C:91`.
    pub sha256: String,
    /// RFC 3339 in UTC; empty where the certificate holds no readable time.
    pub not_before: String,
    /// As the start.
    pub not_after: String,
    /// Whole days from now to the end; after it those since, negative and at least one. 0 where that is
    /// not readable.
    pub days_left: i64,
    /// Whole days from start to end; 0 where they are not readable.
    pub life_days: i64,
    /// The names of the extended key usages (`clientAuth`); `None` where there is no such extension.
    pub eku: Option<Vec<String>>,
    /// The kind of its key: `RSA 2048`.
    pub key: String,
    /// Where it stands.
    pub place: Place,
}

/// The private key; nothing of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFacts {
    /// `rsa`, `ec`.
    pub name: &'static str,
    /// `RSA 2048`.
    pub description: String,
    /// Its length.
    pub bits: u32,
    /// Whether it took a password to read it.
    pub encrypted: bool,
    /// Where it stands.
    pub place: Place,
}

/// All certificates: what is sent in its order, then the root, then the rest as in the file.
pub fn certificates(survey: &Survey, judged: &Judged, now: SystemTime) -> Vec<CertificateFacts> {
    let now = of_clock(now);
    let mut order: Vec<(Role, usize)> = Vec::new();
    order.extend(judged.leaf.map(|index| (Role::Leaf, index)));
    let above = judged.intermediates.iter().enumerate();
    order.extend(above.map(|(height, &index)| (Role::Intermediate(height + 1), index)));
    let others = judged.alternatives.iter();
    order.extend(others.map(|&index| (Role::Alternative, index)));
    order.extend(judged.root.map(|index| (Role::Root, index)));
    let named: Vec<usize> = order.iter().map(|&(_, index)| index).collect();
    let rest = (0..survey.certificates.len()).filter(|index| !named.contains(index));
    order.extend(rest.map(|index| (Role::Unrelated, index)));
    order
        .into_iter()
        .filter_map(|(role, index)| {
            let known = survey.certificates.get(index)?;
            Some(of(&known.certificate, &known.place, role, index, now))
        })
        .collect()
}

fn of(
    certificate: &X509Ref,
    place: &Place,
    role: Role,
    index: usize,
    now: i64,
) -> CertificateFacts {
    let from = unix(certificate.not_before()).ok();
    let to = unix(certificate.not_after()).ok();
    let serial = certificate.serial_number().to_bn();
    CertificateFacts {
        role,
        index,
        subject: identity::name(certificate.subject_name()),
        issuer: identity::name(certificate.issuer_name()),
        common_name: common_name(certificate.subject_name()),
        issuer_common_name: common_name(certificate.issuer_name()),
        serial: serial
            .and_then(|number| number.to_hex_str())
            .map(|hex| hex.to_string())
            .unwrap_or_default(),
        sha256: certificate
            .digest(MessageDigest::sha256())
            .map(|digest| fingerprint(&digest))
            .unwrap_or_default(),
        life_days: from
            .zip(to)
            .map_or(0, |(from, to)| (to - from).div_euclid(DAY)),
        not_before: from.map(rfc3339).unwrap_or_default(),
        days_left: to.map_or(0, |to| days_left(to, now)),
        not_after: to.map(rfc3339).unwrap_or_default(),
        eku: extended_usages(certificate),
        key: Kind::of_certificate(certificate).description,
        place: place.clone(),
    }
}

/// The key that belongs to the leaf, else the first there is.
pub fn key(survey: &Survey, judged: &Judged) -> Option<KeyFacts> {
    let key = survey.keys.get(judged.key.unwrap_or_default())?;
    let kind = Kind::of(&key.key);
    Some(KeyFacts {
        name: kind.name,
        description: kind.description,
        bits: kind.bits,
        encrypted: key.encrypted,
        place: key.place.clone(),
    })
}

/// The command that writes the leaf alone to `upload.pem`: what Setup > Certificate and Key Management
/// takes. `None` where OpenSSL finds no certificate before the file is mended.
pub fn upload(survey: &Survey, judged: &Judged) -> Option<String> {
    let index = judged.leaf?;
    let place = &survey.certificates.get(index)?.place;
    let faults = || survey.faults.iter().filter(|f| f.file == place.file);
    if faults().any(|fault| fault.problem.hides_certificates()) {
        return None;
    }
    let file = shell::file(&place.file);
    let take = "openssl x509 -out upload.pem";
    // Counts the blocks; where lines are known, the leaf's is the first from there.
    let nth = index + 1;
    let count = format!("awk '/-----BEGIN [A-Z0-9 ]*CERTIFICATE-----/ {{ n++ }} n == {nth}'");
    // OpenSSL takes the first that it sees, and sees damaged ones too.
    let is_damaged_before = |fault: &IdentityError| fault.line.is_some() && fault.line < place.line;
    let is_first = index == 0 && !faults().any(is_damaged_before);
    if survey.format == Some(Format::Pkcs12) {
        let how: String = ways_in(&place.file, survey)
            .iter()
            .map(|option| format!("{option} "))
            .collect();
        // Not by -clcerts: a leaf need not carry its key's identifier.
        let all = format!("openssl pkcs12 {how}-in {file} -nokeys");
        return Some(match is_first {
            true => format!("{all} | {take}"),
            false => format!("{all} | {count} | {take}"),
        });
    }
    Some(match place.line {
        _ if is_first => format!("openssl x509 -in {file} -out upload.pem"),
        Some(line) => format!("tail -n +{line} {file} | {take}"),
        None => format!("{count} {file} | {take}"),
    })
}

#[cfg(test)]
mod tests;
