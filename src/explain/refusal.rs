//! What came instead of a result: pages that refuse the certificate, other pages, redirects.

use super::{Report, exit, fault, network};
use crate::salesforce::call::{CallError, Refusal};
use crate::salesforce::soap::login::{LoginError, login_refusal};

/// Words for a call that gave no result.
pub(super) fn call(error: &CallError) -> Report {
    let answered = |what: &str| format!("{} {} answered with {what}", error.method, error.url);
    let status = error
        .status
        .map_or(String::new(), |status| format!("HTTP {status}"));
    match &error.refusal {
        Refusal::Transport(lost) => network::report(lost, error.role),
        Refusal::Fault(fault) => fault::report(fault, error.role).cause(answered("a fault")),
        Refusal::CertificatePage { reason } => {
            certificate_page(reason).cause(answered("a \"Certificate Error\" page"))
        }
        Refusal::NginxCertificate { title } => Report::new(
            exit::CERTIFICATE,
            "http-client-cert-rejected",
            format!("a gateway refused the client certificate: {title}"),
        )
        .cause(answered("nginx's page"))
        .hint("this is not Salesforce's own answer: ask who runs the gateway for its list of CAs"),
        Refusal::Html { title } if is_passing(error) => {
            unavailable(&status).cause(answered(&format!("a web page: {title}")))
        }
        Refusal::Html { title } => Report::new(
            exit::NETWORK,
            "not-salesforce",
            format!("the answer is a web page, not Salesforce's API: {title}"),
        )
        .cause(answered(&status))
        .hint(
            "check the host: the API is at the My Domain host; a proxy may have answered instead",
        ),
        Refusal::Redirect { host } => {
            let to = host.as_deref().unwrap_or("another path");
            Report::new(exit::NETWORK, "sf-redirect", format!("the host has moved: the answer points to {to}"))
                .cause(answered(&status))
                .hint("log in again through the org's My Domain: sfmtls login --login-url https://NAME.my.salesforce.com")
        }
        Refusal::Status if is_passing(error) => unavailable(&status).cause(answered(&status)),
        Refusal::Status => Report::new(
            exit::NETWORK,
            "http-unexpected",
            format!("no result, but {status}"),
        )
        .cause(answered(&status)),
        Refusal::Unreadable(reason) => Report::new(
            exit::NETWORK,
            "not-salesforce",
            "the answer is not one of Salesforce's API, or it is cut off",
        )
        .cause(answered(&status))
        .cause(reason),
    }
}

fn is_passing(error: &CallError) -> bool {
    matches!(error.status, Some(420 | 429 | 502 | 503 | 504))
}

fn unavailable(status: &str) -> Report {
    Report::new(
        exit::NETWORK,
        "service-unavailable",
        format!("Salesforce, or something in front of it, is not available ({status})"),
    )
    .hint("try again later: https://status.salesforce.com")
}

/// Salesforce's page. Its reason is very probably OpenSSL's verify text (a public capture of 2018
/// shows one), so both spellings of "self-signed" are known and the final dot does not matter.
fn certificate_page(reason: &str) -> Report {
    let says = |part: &str| reason.to_ascii_lowercase().contains(part);
    let (id, hint) = if says("no client certificate") {
        (
            "sf-client-certificate-error",
            "a certificate was sent, but the server saw none: a proxy that inspects TLS may be between; have this host exempted from inspection",
        )
    } else if says("local issuer") || says("first certificate") {
        (
            "intermediate-missing",
            "the chain sent lacks an intermediate: append it to the file; openssl x509 -in FILE -noout -ext authorityInfoAccess tells where the CA keeps it",
        )
    } else if says("not yet valid") {
        (
            "cert-not-yet-valid",
            "check the clock of this machine (date -u), or wait until the certificate is valid",
        )
    } else if says("expired") {
        (
            "cert-expired",
            "the certificate or an intermediate has expired: renew it, upload the new leaf under Setup > Certificate and Key Management, then use it",
        )
    } else if says("purpose") {
        (
            "eku-no-client-auth",
            "the certificate needs the usage clientAuth: openssl x509 -in FILE -noout -ext extendedKeyUsage shows what it has",
        )
    } else if says("certificate chain") && (says("self signed") || says("self-signed")) {
        (
            "sf-client-certificate-error",
            "the chain ends at a root that Salesforce does not trust: its list is at https://HOST/cacerts.jsp",
        )
    } else if says("self signed") || says("self-signed") {
        (
            "self-signed",
            "Salesforce takes only certificates of a CA whose root is listed at https://HOST/cacerts.jsp",
        )
    } else if says("revoked") {
        (
            "rejected-revoked",
            "order a new certificate and upload its leaf",
        )
    } else {
        (
            "sf-client-certificate-error",
            "check the chain in the file, and that its root is listed at https://HOST/cacerts.jsp",
        )
    };
    Report::new(
        exit::CERTIFICATE,
        id,
        format!("the server refused the client certificate: {reason}"),
    )
    .hint(hint)
}

/// Words for a login that gave no session.
pub(super) fn login(error: &LoginError) -> Report {
    let report = |code, error: &LoginError| Report::new(exit::LOGIN, code, error);
    match error {
        LoginError::Call(error) => match &error.refusal {
            Refusal::Fault(refused) => {
                fault::login(refused, login_refusal(refused)).cause(format!("POST {}", error.url))
            }
            _ => call(error),
        },
        LoginError::PasswordExpired { .. } => report("password-expired", error)
            .hint("set a new password in the browser, then log in again"),
        LoginError::ControlCharacter(_) | LoginError::TooLong { .. } => {
            Report::new(exit::USAGE, "usage", error)
                .hint("is it the right file? It should hold nothing but the secret, on one line")
        }
        LoginError::ServerUrl(_) | LoginError::Missing(_) => {
            Report::new(exit::NETWORK, "not-salesforce", error)
        }
    }
}
