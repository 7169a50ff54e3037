//! `check-cert`: what is wrong with an identity, and what mends it.
//!
//! ```text
//! file       findings about format, container and password of the files
//! judge      key, leaf and chain against the rules, from the files alone
//! probe      what the server asks for, and what it says to this identity
//! join       which finding is the cause of which
//! repairs    one after the other, where two commands would write the same file
//! report     the words: for a person, for a program, for a monitor
//! fix        the same identity in good order
//! facts      what there is, good or bad, and what to upload
//! roots      the roots to compare with: given, or the system's
//! ```
//!
//! An identity is read by the loader that the calls use ([`identity`](crate::identity)) and sent by
//! the same TLS context ([`net`](crate::net)), so what passes here is what a call sends.

pub mod catalogue;
pub mod facts;
pub mod file;
pub mod finding;
pub mod fix;
pub mod join;
pub mod judge;
pub mod kind;
pub mod probe;
mod repairs;
pub mod report;
pub mod roots;
#[cfg(test)]
mod tests;
mod time;
pub mod verdict;

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use openssl::error::ErrorStack;
use openssl::x509::X509;

use self::facts::{CertificateFacts, KeyFacts, Role};
use self::finding::Finding;
use self::judge::Judged;
use self::probe::Live;
use crate::identity::survey::Survey;

/// What an identity is judged against.
#[derive(Debug, Clone)]
pub struct Criteria {
    /// The time that dates are compared with.
    pub now: SystemTime,
    /// When to warn of expiry, in days; by default the smaller of 30 and a third of the life.
    pub warn_days: Option<u32>,
    /// `--client-ca`: the roots that the server accepts for client certificates, where known
    /// ([`roots::load`]).
    pub client_ca: Option<Vec<X509>>,
    /// The system's CA bundle, or its directory with names by hash ([`roots::of_system`]): a hint as to
    /// which roots are public, and no more.
    pub system_roots: Option<PathBuf>,
}

/// All that was found out.
#[derive(Debug)]
pub struct Diagnosis {
    /// The file that `-E` names.
    pub file: PathBuf,
    /// Its mode, where files have one.
    pub mode: Option<u32>,
    /// What is in it.
    pub survey: Survey,
    /// What the files alone tell.
    pub judged: Judged,
    /// What the server told; `None` offline.
    pub live: Option<Live>,
    /// All findings, joined: the cause first.
    pub findings: Vec<Finding>,
    /// Every certificate, good or bad: what is sent first, in its order.
    pub certificates: Vec<CertificateFacts>,
    /// The private key.
    pub key: Option<KeyFacts>,
    /// The command that extracts the certificate to upload.
    pub upload: Option<String>,
}

impl Diagnosis {
    /// Puts together what the files and the server told.
    pub fn new(
        file: &Path,
        survey: Survey,
        mut judged: Judged,
        live: Option<Live>,
        now: SystemTime,
    ) -> Self {
        // The server itself says that it knows the issuer.
        if live.as_ref().and_then(|live| live.issuer_named) == Some(true) {
            judged
                .findings
                .retain(|finding| finding.id != "issuer-unknown");
            judged.top.iter_mut().for_each(|top| top.known = true);
        }
        let mut findings = file::findings(&survey);
        // What else is wrong with a file of CAs is wrong with no identity.
        if findings.iter().any(|finding| finding.id == "leaf-is-ca") {
            judged.findings.clear();
        }
        findings.extend(judged.findings.iter().cloned());
        findings.extend(live.iter().flat_map(|live| live.findings.iter().cloned()));
        let mut diagnosis = Self {
            file: file.to_owned(),
            mode: mode(file),
            findings: join::join(findings),
            certificates: facts::certificates(&survey, &judged, now),
            key: facts::key(&survey, &judged),
            upload: facts::upload(&survey, &judged),
            survey,
            judged,
            live,
        };
        repairs::in_turn(&mut diagnosis.findings);
        // What cannot be read of an extension leaves entries in OpenSSL's queue.
        drop(ErrorStack::get());
        diagnosis
    }

    /// The one certificate with this role.
    pub fn certificate(&self, role: Role) -> Option<&CertificateFacts> {
        self.certificates.iter().find(|facts| facts.role == role)
    }

    /// Whether there is a finding with this id.
    pub fn has(&self, id: &str) -> bool {
        self.findings.iter().any(|finding| finding.id == id)
    }
}

#[cfg(unix)]
fn mode(file: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    Some(file.metadata().ok()?.permissions().mode() & 0o7777)
}

#[cfg(not(unix))]
fn mode(_: &Path) -> Option<u32> {
    None
}
