//! Which finding is the cause.
//!
//! The same alert has many causes: a server sends "unknown CA" for a self-signed certificate, a missing
//! and a wrong intermediate alike. What it said and what the files tell, taken together, leave one.

mod said;

use serde_json::Value;

use super::catalogue;
use super::finding::{Finding, Severity, Subject};
use super::judge::words::{in_quotes, is_root_by_name};

use said::CHAIN;
pub use said::{Reason, Said};

/// Everything found, put together: evidence of the server weighed in, the cause first.
pub fn join(mut findings: Vec<Finding>) -> Vec<Finding> {
    weigh(&mut findings);
    let likely = likely(&findings);
    let place = |finding: &Finding| {
        let told_by_server = likely
            .iter()
            .position(|id| *id == finding.id)
            .filter(|_| finding.severity == Severity::Error);
        (
            std::cmp::Reverse(finding.severity),
            // What keeps a file from being used comes before all that a server can say of it.
            catalogue::rank(finding.id) >= catalogue::rank("key-type-unsupported"),
            told_by_server.is_none(),
            told_by_server,
            catalogue::rank(finding.id),
        )
    };
    findings.sort_by_key(place);
    attribute(&mut findings);
    findings
}

/// A refusal that an error explains is about the same thing, and mended by mending that.
fn attribute(findings: &mut [Finding]) {
    let is_refusal = |finding: &Finding| Said::by(finding).is_some();
    let Some(refusal) = findings.iter().position(is_refusal) else {
        return;
    };
    let explains =
        |id| Said::by(&findings[refusal]).is_some_and(|it| it.explained_by().any(|by| by == id));
    let explanation = findings
        .iter()
        .find(|finding| finding.severity == Severity::Error && explains(finding.id));
    if let Some(subject) = explanation.map(|finding| finding.subject) {
        let refusal = &mut findings[refusal];
        refusal.subject = subject;
        refusal.advice = None;
        refusal.command = None;
    }
}

/// Lets what the server did change what the files alone suggest.
fn weigh(findings: &mut [Finding]) {
    let has = |id: &str| findings.iter().any(|finding| finding.id == id);
    // The alert alone says less than an error in the file.
    let is_certain =
        |finding: &Finding| finding.severity == Severity::Error && CHAIN.contains(&finding.id);
    let chain_not_built = has("rejected-unknown-ca") && !findings.iter().any(is_certain)
        || findings
            .iter()
            .filter_map(Said::by)
            .any(Said::is_of_no_chain);
    let nothing_arrived = [
        "rejected-certificate-required",
        "rejected-handshake-failure",
    ]
    .into_iter()
    .any(has)
        || has("rejected-unknown-ca")
        || has("rejected-certificate-unknown");
    let works = has("sf-mutual-auth-ok");
    for finding in findings {
        if finding.id == "issuer-unknown" && chain_not_built {
            become_error(finding);
        }
        if finding.id == "issuer-unknown" && works {
            finding.severity = Severity::Info;
            finding.downgraded_by = Some("sf-mutual-auth-ok");
        }
        if finding.id == "acceptable-cas-mismatch" && nothing_arrived {
            finding.severity = Severity::Error;
        }
        // Reality wins: what the server accepts cannot be wrong for it.
        let judged_from_the_file = matches!(finding.subject, Subject::Leaf | Subject::Chain(_));
        if works && judged_from_the_file && finding.severity == Severity::Error {
            finding.severity = Severity::Warning;
            finding.downgraded_by = Some("sf-mutual-auth-ok");
        }
    }
}

/// The server could not build the chain: its last issuer is missing, or no root that it knows.
fn become_error(finding: &mut Finding) {
    finding.severity = Severity::Error;
    let issuer = finding
        .data
        .get("issuer_common_name")
        .and_then(Value::as_str);
    let issuer = issuer.unwrap_or_default().to_owned();
    let name = match &*issuer {
        "" => "the issuer".to_owned(),
        name => in_quotes(name),
    };
    finding.why = Some("the server could not build the chain to a root that it knows".to_owned());
    if is_root_by_name(&issuer) {
        finding.message =
            format!("the chain ends at {name}, by its name a root, which the server does not know");
        finding.advice = Some(
            "order a certificate from a CA that the server accepts, or have this root added there"
                .to_owned(),
        );
        finding.command = None;
        return;
    }
    finding.id = "intermediate-missing";
    finding.message = format!(
        "{name}, which signed the last certificate of the chain, is not in the file, or is a root that the server does not know"
    );
    let advice = finding.advice.take().unwrap_or_default();
    finding.advice = Some(format!(
        "{advice}; a root does not help there: if it is one, order from a CA that the server accepts"
    ));
}

/// The ids of what the server's refusal may come from, the likeliest first; the last is its own.
fn likely(findings: &[Finding]) -> Vec<&'static str> {
    findings
        .iter()
        .filter_map(Said::by)
        .flat_map(|said| said.explained_by().chain([said.id]))
        .collect()
}

#[cfg(test)]
mod tests;
