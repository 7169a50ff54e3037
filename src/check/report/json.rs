//! The report for programs.

use serde_json::{Value, json};

use crate::check::Diagnosis;
use crate::check::facts::{CertificateFacts, Role};
use crate::check::finding::{Finding, Severity, Subject};
use crate::check::verdict::Verdict;
use crate::identity::Format;

/// One object; members are only ever added.
pub fn json(diagnosis: &Diagnosis) -> Value {
    let failed = diagnosis.verdict() == Verdict::Fail;
    json!({
        "schema": 1,
        "tool": concat!("sfmtls ", env!("CARGO_PKG_VERSION")),
        "file": diagnosis.file.display().to_string(),
        "verdict": match diagnosis.verdict() {
            Verdict::Ok => "ok",
            Verdict::Warn => "warn",
            Verdict::Fail => "fail",
            Verdict::Unknown => "unknown",
        },
        "cause": diagnosis.cause().filter(|_| failed).map(|cause| cause.id),
        "mode": if diagnosis.live.is_some() { "live" } else { "offline" },
        "identity": identity(diagnosis),
        "probes": diagnosis.live.as_ref().map_or(&[][..], |live| &live.probes),
        "findings": diagnosis.findings.iter().map(finding).collect::<Vec<_>>(),
        "counts": {
            "error": diagnosis.count(Severity::Error),
            "warning": diagnosis.count(Severity::Warning),
            "info": diagnosis.count(Severity::Info),
        },
    })
}

fn identity(diagnosis: &Diagnosis) -> Value {
    json!({
        "format": diagnosis.survey.format.map(|format| match format {
            Format::Pem => "pem",
            Format::Pkcs12 => "pkcs12",
        }),
        "key": diagnosis.key.as_ref().map(|key| json!({
            "type": key.name,
            "bits": key.bits,
            "encrypted": key.encrypted,
            "line": key.place.line,
        })),
        "certificates": diagnosis.certificates.iter().map(certificate).collect::<Vec<_>>(),
        "upload": diagnosis.upload,
    })
}

fn certificate(facts: &CertificateFacts) -> Value {
    json!({
        "role": match facts.role {
            Role::Leaf => "leaf",
            Role::Intermediate(_) => "intermediate",
            Role::Alternative => "alternative",
            Role::Root => "root",
            Role::Unrelated => "unrelated",
        },
        "subject": facts.subject,
        "issuer": facts.issuer,
        "serial": facts.serial,
        "sha256": facts.sha256,
        "not_before": facts.not_before,
        "not_after": facts.not_after,
        "days_left": facts.days_left,
        "eku": facts.eku,
        "key": facts.key,
        "line": facts.place.line,
    })
}

fn finding(finding: &Finding) -> Value {
    json!({
        "id": finding.id,
        "severity": match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        },
        "subject": subject(finding.subject),
        "file": finding.place.as_ref().map(|place| place.file.display().to_string()),
        "line": finding.place.as_ref().and_then(|place| place.line),
        "message": finding.message,
        "why": finding.why,
        "remedy": finding.advice,
        "command": finding.command,
        "data": finding.data,
        "downgraded_by": finding.downgraded_by,
    })
}

fn subject(subject: Subject) -> String {
    match subject {
        Subject::File => "file".to_owned(),
        Subject::Key => "key".to_owned(),
        Subject::Leaf => "leaf".to_owned(),
        Subject::Chain(0) => "chain".to_owned(),
        Subject::Chain(n) => format!("chain[{n}]"),
        Subject::Server => "server".to_owned(),
        Subject::Session => "session".to_owned(),
    }
}
