//! `sfmtls check-cert`: judge the identity, ask the server, say what is wrong.

use std::io::Write;

use anyhow::Result;

use crate::check::finding::Severity;
use crate::check::{Diagnosis, Measure, file, join, judge, report};
use crate::cli::CheckCert;
use crate::context::Context;

/// Prints the report; the status is that of the real call.
///
/// # Errors
/// On wrong usage, or when standard output cannot be written to.
pub fn run(context: &Context, arguments: &CheckCert) -> Result<u8> {
    let source = context.identity_source(arguments.file.as_deref())?;
    let survey = context.survey(&source);
    let measure = Measure {
        now: context.now(),
        warn_days: arguments.warn_days,
        client_ca: None,
        system_roots: None,
    };
    let judged = judge::judge(&survey, &measure);
    let mut findings = file::findings(&survey);
    findings.extend(judged.findings.iter().cloned());
    let diagnosis = Diagnosis {
        file: source.cert.clone(),
        survey,
        judged,
        live: None,
        findings: join::join(findings),
    };
    let mut stdout = context.ui.stdout();
    let document = serde_json::to_string_pretty(&report::json(&diagnosis))?;
    writeln!(stdout, "{document}")?;
    stdout.flush()?;
    let failed = diagnosis
        .findings
        .iter()
        .any(|f| f.severity == Severity::Error);
    Ok(if failed {
        crate::explain::exit::CERTIFICATE
    } else {
        0
    })
}
