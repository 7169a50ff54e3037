//! The report for programs.

use serde_json::{Value, json};

use crate::check::Diagnosis;
use crate::check::finding::{Finding, Severity, Subject};

/// One object; members are only ever added.
pub fn json(diagnosis: &Diagnosis) -> Value {
    let errors = |severity| {
        diagnosis
            .findings
            .iter()
            .filter(|f| f.severity == severity)
            .count()
    };
    json!({
        "schema": 1,
        "tool": concat!("sfmtls ", env!("CARGO_PKG_VERSION")),
        "file": diagnosis.file.display().to_string(),
        "probes": diagnosis.live.as_ref().map_or(&[][..], |live| &live.probes),
        "findings": diagnosis.findings.iter().map(finding).collect::<Vec<_>>(),
        "counts": {
            "error": errors(Severity::Error),
            "warning": errors(Severity::Warning),
            "info": errors(Severity::Info),
        },
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
