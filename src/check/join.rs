//! Which finding is the cause.
//!
//! The same alert has many causes: a server sends "unknown CA" for a self-signed certificate, a missing
//! and a wrong intermediate alike. What it said and what the files tell, taken together, leave one.

use serde_json::Value;

use super::catalogue;
use super::finding::{Finding, Severity, Subject};

/// Findings from the files that explain what a server said, the likeliest first.
///
/// Measured with OpenSSL's server: 45 for any expired certificate of the chain, 43 for a wrong purpose,
/// 42 also for one that is not valid yet, 48 for every chain it cannot build.
const EXPLAINED_BY: &[(&str, &[&str])] = &[
    (
        "rejected-expired",
        &["cert-expired", "intermediate-expired"],
    ),
    (
        "rejected-unsupported-certificate",
        &[
            "eku-no-client-auth",
            "intermediate-eku-no-client-auth",
            "key-usage-no-digital-signature",
        ],
    ),
    (
        "rejected-bad-certificate",
        &["cert-not-yet-valid", "signature-weak", "key-too-small"],
    ),
    ("rejected-unknown-ca", CHAIN),
    ("rejected-certificate-unknown", CHAIN),
    (
        "rejected-certificate-required",
        &[
            "sigalg-mismatch",
            "key-type-unsupported",
            "acceptable-cas-mismatch",
        ],
    ),
    (
        "rejected-handshake-failure",
        &[
            "sigalg-mismatch",
            "key-type-unsupported",
            "acceptable-cas-mismatch",
        ],
    ),
    ("rejected-illegal-parameter", &["key-type-unsupported"]),
    ("rejected-decrypt-error", &["key-mismatch", "key-invalid"]),
];

/// What keeps a chain from ending at a root that the server trusts.
const CHAIN: &[&str] = &[
    "self-signed",
    "wrong-intermediate",
    "intermediate-missing",
    "acceptable-cas-mismatch",
];

/// Words of the "Certificate Error" page (OpenSSL's own), and what they are explained by.
const PAGE_SAYS: &[(&str, &[&str])] = &[
    (
        "unable to get",
        &["wrong-intermediate", "intermediate-missing"],
    ),
    (
        "unable to verify",
        &["wrong-intermediate", "intermediate-missing"],
    ),
    ("not yet valid", &["cert-not-yet-valid"]),
    ("expired", &["cert-expired", "intermediate-expired"]),
    (
        "purpose",
        &["eku-no-client-auth", "intermediate-eku-no-client-auth"],
    ),
    ("self-signed", &["self-signed"]),
    ("self signed", &["self-signed"]),
    ("md too weak", &["signature-weak"]),
    ("key too", &["key-too-small"]),
    (
        "no client certificate provided",
        &[
            "sigalg-mismatch",
            "key-type-unsupported",
            "acceptable-cas-mismatch",
        ],
    ),
];

/// Everything found, put together: evidence of the server weighed in, the cause first.
pub fn join(mut findings: Vec<Finding>) -> Vec<Finding> {
    weigh(&mut findings);
    let explaining = explaining(&findings);
    let place = |finding: &Finding| {
        let told_by_server = explaining
            .iter()
            .position(|id| *id == finding.id)
            .filter(|_| finding.severity == Severity::Error);
        (
            std::cmp::Reverse(finding.severity),
            // The file and what is in it come before all that a server can say of it.
            told_by_server.is_none()
                && catalogue::rank(finding.id) >= catalogue::rank("sigalg-mismatch"),
            told_by_server,
            catalogue::rank(finding.id),
        )
    };
    findings.sort_by_key(place);
    findings
}

/// Lets what the server did change what the files alone suggest.
fn weigh(findings: &mut [Finding]) {
    let has = |id: &str| findings.iter().any(|finding| finding.id == id);
    let chain_not_built = has("rejected-unknown-ca")
        || findings.iter().any(|finding| {
            page_reason(finding).is_some_and(|reason| reason.contains("unable to get local issuer"))
        });
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
            become_missing(finding);
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

/// The server could not build the chain: its issuer is no root that it knows.
fn become_missing(finding: &mut Finding) {
    finding.id = "intermediate-missing";
    finding.severity = Severity::Error;
    let issuer = finding.data.get("issuer").and_then(Value::as_str);
    let name = issuer.map_or("the issuer", |issuer| {
        issuer.rsplit_once("CN=").map_or(issuer, |(_, name)| name)
    });
    finding.message =
        format!("\"{name}\", which signed the last certificate of the chain, is not in the file");
    finding.why = Some(
        "the server could not build the chain to a root that it knows (if nothing is missing, it does not know this root)"
            .to_owned(),
    );
}

/// The ids that explain what the server said, the likeliest first.
fn explaining(findings: &[Finding]) -> Vec<&'static str> {
    let of_alert = |finding: &Finding| {
        EXPLAINED_BY
            .iter()
            .find(|(id, _)| *id == finding.id)
            .map(|(_, by)| *by)
    };
    let of_page = |finding: &Finding| {
        let reason = page_reason(finding)?;
        PAGE_SAYS
            .iter()
            .find(|(words, _)| reason.contains(words))
            .map(|(_, by)| *by)
    };
    findings
        .iter()
        .filter_map(|finding| of_alert(finding).or_else(|| of_page(finding)))
        .flatten()
        .copied()
        .collect()
}

/// What the "Certificate Error" page says, in lower case.
fn page_reason(finding: &Finding) -> Option<String> {
    if finding.id != "sf-client-certificate-error" {
        return None;
    }
    Some(finding.data.get("reason")?.as_str()?.to_lowercase())
}

#[cfg(test)]
mod tests;
