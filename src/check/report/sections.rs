//! What there is, good or bad, a section for each part of the way from the file to the API.

use crate::check::Diagnosis;
use crate::check::facts::{CertificateFacts, Role};
use crate::check::finding::{Severity, Subject};
use crate::check::probe::{Live, Probe};
use crate::text::words;

/// A part of the way.
pub(super) struct Section {
    pub(super) name: &'static str,
    /// The worst finding about it.
    pub(super) worst: Option<Severity>,
    /// What is known; at least one line.
    pub(super) lines: Vec<String>,
}

/// All parts that there is anything to say of.
pub(super) fn sections(diagnosis: &Diagnosis) -> Vec<Section> {
    let leaf = diagnosis.certificate(Role::Leaf);
    let parts = [
        ("File", Subject::File, file(diagnosis)),
        ("Key", Subject::Key, key(diagnosis)),
        (
            "Leaf",
            Subject::Leaf,
            leaf.map(|leaf| leaf_lines(leaf, diagnosis))
                .unwrap_or_default(),
        ),
        ("Chain", Subject::Chain(0), chain(diagnosis)),
        ("Server", Subject::Server, server(diagnosis.live.as_ref())),
        ("API", Subject::Session, api(diagnosis.live.as_ref())),
    ];
    parts
        .into_iter()
        .filter(|(.., lines)| !lines.is_empty())
        .map(|(name, subject, lines)| Section {
            name,
            worst: worst(diagnosis, subject),
            lines,
        })
        .collect()
}

fn worst(diagnosis: &Diagnosis, subject: Subject) -> Option<Severity> {
    let about_it = |of: Subject| match subject {
        Subject::Chain(_) => matches!(of, Subject::Chain(_)),
        _ => of == subject,
    };
    let findings = diagnosis.findings.iter();
    findings
        .filter(|finding| about_it(finding.subject))
        .map(|finding| finding.severity)
        .max()
}

fn file(diagnosis: &Diagnosis) -> Vec<String> {
    let Some(format) = diagnosis.survey.format else {
        return vec![diagnosis.file.display().to_string()];
    };
    let count = |n: usize, word: &str| match n {
        0 => format!("no {word}"),
        n => words::count(n, word),
    };
    let keys = count(diagnosis.survey.keys.len(), "key");
    let certificates = count(diagnosis.survey.certificates.len(), "certificate");
    let mode = diagnosis
        .mode
        .map_or(String::new(), |mode| format!(", mode {mode:04o}"));
    vec![format!(
        "{}: {format}, {keys}, {certificates}{mode}",
        diagnosis.file.display()
    )]
}

fn key(diagnosis: &Diagnosis) -> Vec<String> {
    let Some(key) = &diagnosis.key else {
        return Vec::new();
    };
    let encrypted = if key.encrypted { ", encrypted" } else { "" };
    let belongs = match (diagnosis.judged.key, diagnosis.judged.leaf) {
        (Some(_), Some(_)) => ", matches the certificate",
        (None, Some(_)) => ", not the certificate's",
        _ => "",
    };
    vec![format!("{}{encrypted}{belongs}", key.description)]
}

fn leaf_lines(leaf: &CertificateFacts, diagnosis: &Diagnosis) -> Vec<String> {
    let usage = match &leaf.eku {
        None => "no extended key usage".to_owned(),
        Some(names) => names.join(", "),
    };
    let day = |time: &str| time.split('T').next().unwrap_or_default().to_owned();
    let left = super::left_in_words(leaf.days_left);
    let mut lines = vec![
        format!(
            "{}  {usage}  valid to {} ({left})",
            leaf.subject,
            day(&leaf.not_after)
        ),
        format!("serial {}  {}", leaf.serial, leaf.key),
        format!("SHA-256 {}", leaf.sha256),
    ];
    if let Some(command) = &diagnosis.upload {
        lines.push(format!("upload this one: {command}"));
    }
    lines
}

/// `integration.example.test <- Lab Issuing CA <- (Lab Root CA)`: what is sent, and where it ends.
fn chain(diagnosis: &Diagnosis) -> Vec<String> {
    let sent: Vec<&str> = diagnosis
        .certificates
        .iter()
        .filter(|facts| matches!(facts.role, Role::Leaf | Role::Intermediate(_)))
        .map(|facts| &*facts.common_name)
        .collect();
    let Some(top) = &diagnosis.judged.top else {
        return Vec::new();
    };
    let last = diagnosis
        .certificates
        .iter()
        .rfind(|facts| matches!(facts.role, Role::Leaf | Role::Intermediate(_)));
    if last.is_some_and(|last| last.subject == last.issuer) {
        return vec![format!("{} (its own issuer)", sent.join(" <- "))];
    }
    let mark = if top.known { "" } else { ", not known" };
    let path = format!("{} <- ({}{mark})", sent.join(" <- "), top.issuer);
    let others = diagnosis
        .certificates
        .iter()
        .filter(|facts| facts.role == Role::Alternative)
        .map(|facts| {
            format!(
                "sent too: {} <- {}",
                facts.common_name, facts.issuer_common_name
            )
        });
    std::iter::once(path).chain(others).collect()
}

fn server(live: Option<&Live>) -> Vec<String> {
    let Some(live) = live else { return Vec::new() };
    // The contact that tells most: with the identity where there was one.
    let mutual = live
        .probes
        .iter()
        .filter(|probe| probe.port == live.mtls_port);
    let Some(probe) = mutual.max_by_key(|probe| {
        (
            probe.tls.is_some(),
            probe.with_cert,
            probe.tls_max.is_none(),
        )
    }) else {
        return vec![format!("{}: not asked", live.address())];
    };
    let Some(tls) = &probe.tls else {
        let why = probe.failure.as_deref().unwrap_or("no TLS");
        return vec![format!("{}: {why}", live.address())];
    };
    let tls = tls.replace("TLSv", "TLS ");
    let mut parts = vec![format!("{}: {tls}", live.address())];
    parts.extend(asked(probe, live));
    vec![parts.join(", ")]
}

fn asked(probe: &Probe, live: &Live) -> Vec<String> {
    match probe.requested {
        Some(true) => {}
        Some(false) => return vec!["asks for no certificate".to_owned()],
        None => return Vec::new(),
    }
    let mut parts = vec!["asks for a certificate".to_owned()];
    parts.push(match probe.acceptable_cas {
        0 => "names no CAs".to_owned(),
        1 => "names 1 CA".to_owned(),
        n => format!("names {n} CAs"),
    });
    match live.issuer_named {
        Some(true) => parts.push("yours is among them".to_owned()),
        Some(false) => parts.push("yours is not among them".to_owned()),
        None => {}
    }
    if let Some(sent) = &probe.sent {
        parts.push(match sent.len() {
            0 => "no certificate was sent".to_owned(),
            1 => "1 certificate sent".to_owned(),
            n => format!("{n} certificates sent"),
        });
    }
    parts
}

fn api(live: Option<&Live>) -> Vec<String> {
    let Some(live) = live else { return Vec::new() };
    let Some(user) = &live.user else {
        return Vec::new();
    };
    let organization = live.organization.as_deref().unwrap_or("?");
    let free = match live.enforced {
        Some(true) => format!(
            "; port {} refuses this user without a certificate",
            live.login_port
        ),
        Some(false) => format!(
            "; port {} takes this user without a certificate, too",
            live.login_port
        ),
        None => String::new(),
    };
    vec![format!("getUserInfo: {user}, org {organization}{free}")]
}
