//! Which finding is the cause.
//!
//! The same alert has many causes: a server sends "unknown CA" for a self-signed certificate, a missing
//! and a wrong intermediate alike. What it said and what the files tell, taken together, leave one.

use serde_json::Value;

use super::catalogue;
use super::finding::{Finding, Severity, Subject};
use super::judge::words::{in_quotes, is_root_by_name};

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
    (
        "rejected-decrypt-error",
        &["key-mismatch", "key-invalid", "chain-signature-invalid"],
    ),
];

/// What keeps a chain from ending at a root that the server trusts. What the file shows comes before
/// what is only concluded.
const CHAIN: &[&str] = &[
    "self-signed",
    "wrong-intermediate",
    "chain-signature-invalid",
    "issuer-not-ca",
    "issuer-no-cert-sign",
    "pathlen-exceeded",
    "name-constraints-violation",
    "unhandled-critical-extension",
    // As an error it tells that the way to the server's root comes second.
    "chain-order",
    "intermediate-missing",
    "acceptable-cas-mismatch",
    "issuer-unknown",
];

/// The page's words for a chain that does not end where it should.
const NO_ISSUER: &[&str] = &[
    "wrong-intermediate",
    "intermediate-missing",
    "issuer-unknown",
];

/// Words of the "Certificate Error" page (OpenSSL's own), and what they are explained by.
const PAGE_SAYS: &[(&str, &[&str])] = &[
    ("unable to get", NO_ISSUER),
    ("unable to verify", NO_ISSUER),
    ("path length", &["pathlen-exceeded"]),
    ("invalid ca", &["issuer-not-ca", "issuer-no-cert-sign"]),
    ("certificate signing", &["issuer-no-cert-sign"]),
    ("subtree", &["name-constraints-violation"]),
    ("critical extension", &["unhandled-critical-extension"]),
    ("signature failure", &["chain-signature-invalid"]),
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
    // The alert alone says less than an error in the file.
    let is_certain =
        |finding: &Finding| finding.severity == Severity::Error && CHAIN.contains(&finding.id);
    let chain_not_built = has("rejected-unknown-ca") && !findings.iter().any(is_certain)
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
