//! The report: for a person, for a program, for a monitor.

mod human;
mod json;
mod nagios;
mod sections;
#[cfg(test)]
mod tests;

pub use human::{Look, human};
pub use json::json;
pub use nagios::{Monitored, UNKNOWN, nagios};

use super::Diagnosis;
use super::facts::Role;
use super::finding::{Finding, Severity};
use super::verdict::{Concern, Verdict, concern};
use crate::text::words;

/// The verdict, its word, and the rest of the line that most people read.
fn verdict_line(diagnosis: &Diagnosis, strict: bool) -> (Verdict, &'static str, String) {
    let verdict = diagnosis.verdict();
    if let (true, Some(warning)) = (strict && verdict != Verdict::Fail, warning(diagnosis)) {
        let rest = format!("{} ({})", told(warning), counts(diagnosis));
        return (Verdict::Fail, "FAIL (--strict)", rest);
    }
    let word = match verdict {
        Verdict::Ok => "OK",
        Verdict::Warn => "WARN",
        Verdict::Fail => "FAIL",
        Verdict::Unknown => "UNKNOWN",
    };
    let rest = match (verdict, diagnosis.cause()) {
        (Verdict::Fail, Some(cause)) => {
            format!("{} ({})", failure(diagnosis, cause), counts(diagnosis))
        }
        (Verdict::Unknown, _) => {
            let unjudged = diagnosis
                .findings
                .iter()
                .find(|finding| finding.id == "issuer-unknown");
            let message = unjudged.map_or("", |finding| &finding.message);
            format!(
                "nothing wrong was found, but {message} ({})",
                counts(diagnosis)
            )
        }
        (Verdict::Warn, Some(cause)) => {
            format!(
                "{}, but {} ({})",
                success(diagnosis),
                told(cause),
                counts(diagnosis)
            )
        }
        _ => match diagnosis.certificate(Role::Leaf) {
            Some(leaf) => format!("{} ({})", success(diagnosis), left_in_words(leaf.days_left)),
            None => success(diagnosis),
        },
    };
    (verdict, word, rest)
}

/// The first warning. That the issuer is not known stands behind those that say what to do.
fn warning(diagnosis: &Diagnosis) -> Option<&Finding> {
    let findings = diagnosis.findings.iter();
    let warnings = || {
        findings
            .clone()
            .filter(|it| it.severity == Severity::Warning)
    };
    let known = warnings().find(|finding| finding.id != "issuer-unknown");
    known.or_else(|| warnings().next())
}

/// What is wrong, and what to do, on one line.
fn failure(diagnosis: &Diagnosis, cause: &Finding) -> String {
    let told = told(cause);
    match &diagnosis.live {
        Some(live) if concern(cause) == Concern::Identity && live.refused() => {
            format!("{} refuses this identity: {told}", live.address())
        }
        _ => told,
    }
}

/// What was found and what to do, the command where the advice is nothing without it; further advice
/// stands with the finding.
fn told(finding: &Finding) -> String {
    match (finding.advice.as_deref(), &finding.command) {
        (None, Some(command)) => return format!("{}; {command}", finding.message),
        (Some(advice), Some(command)) if finding.leads_in => {
            return format!("{}; {advice}: {command}", finding.message);
        }
        _ => {}
    }
    let advice = finding.advice.as_deref().map(|advice| {
        advice
            .split_once([';', '('])
            .map_or(advice, |(first, _)| first.trim_end())
    });
    match advice {
        Some(advice) => format!("{}; {advice}", finding.message),
        None => finding.message.clone(),
    }
}

fn success(diagnosis: &Diagnosis) -> String {
    match &diagnosis.live {
        Some(live) if diagnosis.has("sf-mutual-auth-ok") => {
            format!("{} accepts this identity", live.address())
        }
        Some(live) => format!(
            "{} accepts this identity, as far as can be seen without a session",
            live.address()
        ),
        None => "this identity is in order; no server was asked".to_owned(),
    }
}

/// `3 errors, 1 warning`
fn counts(diagnosis: &Diagnosis) -> String {
    let count = |severity, word: &str| words::count(diagnosis.count(severity), word);
    format!(
        "{}, {}",
        count(Severity::Error, "error"),
        count(Severity::Warning, "warning")
    )
}

/// `90 days left`, `expired 2 days ago`; on the day after the end, of which findings count the hours,
/// `expired`.
fn left_in_words(days: i64) -> String {
    match days {
        -1 => "expired".to_owned(),
        ..0 => format!("expired {} ago", words::count(-days, "day")),
        days => format!("{} left", words::count(days, "day")),
    }
}
