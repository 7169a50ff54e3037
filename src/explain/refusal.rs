//! What came instead of a result: pages that refuse the certificate, other pages, redirects.

use super::alert::NO_CLIENT_AUTH;
use super::{Given, Hint, Report, exit, fault, network};
use crate::check::join::{Reason, Said};
use crate::net::retry::is_transient_status;
use crate::salesforce::answer::AnswerError;
use crate::salesforce::call::{CallError, Refusal};
use crate::salesforce::soap::login::{LoginError, login_refusal};
use crate::text::secret::Words;

/// Words for a call that gave no result.
pub(super) fn call(error: &CallError, given: Given<'_>) -> Report {
    let report = match &error.refusal {
        Refusal::Transport(lost) => return network::report(lost, error.role, given),
        Refusal::Fault(fault) => fault::report(fault, error, given),
        Refusal::CertificatePage { reason } => certificate_page(reason, error, given),
        Refusal::NginxCertificate { title } => Report::refusal(
            Said::by_gateway(),
            Words::from("a gateway refused the client certificate: ").and_theirs(title),
        )
        .hint(
            "this is nginx's page, not Salesforce's: ask who runs the gateway which CAs it takes",
        ),
        Refusal::Html { .. } | Refusal::Status if is_transient(error) => unavailable(error),
        Refusal::Html { title } => Report::new(
            exit::NETWORK,
            "not-salesforce",
            Words::from("the answer is a web page, not one of Salesforce's API: ")
                .and_theirs(title),
        )
        .hint(CHECK_HOST),
        Refusal::Redirect { host } => redirected(host.as_deref()),
        // What Salesforce is said to answer where a job has no result (Bulk API 2.0 guide 46 to 48).
        Refusal::Status if error.status == Some(204) => Report::new(
            exit::NETWORK,
            "http-unexpected",
            "the answer holds no result",
        )
        .hint("the job has none, or none any more: run the query again"),
        Refusal::Status => Report::new(
            exit::NETWORK,
            "http-unexpected",
            "the answer holds no result",
        )
        .hint(CHECK_HOST),
        Refusal::Unreadable(reason @ AnswerError::Missing(_)) => Report::new(
            exit::NETWORK,
            "not-salesforce",
            Words::ours(format_args!(
                "the answer is not one of Salesforce's API: {reason}"
            )),
        )
        .hint(CHECK_HOST),
        Refusal::Unreadable(reason @ (AnswerError::Xml(_) | AnswerError::Json(_))) => Report::new(
            exit::NETWORK,
            "not-salesforce",
            Words::from("the answer cannot be read: ").and_theirs(reason),
        ),
    };
    let request = request(error);
    report.cause_first(match kind(error) {
        Some((kind, title)) => request
            .and(" answered with ")
            .and_ours(kind)
            .and_theirs(title),
        None => request,
    })
}

/// The request that was answered.
pub(super) fn request(error: &CallError) -> Words {
    network::request(&error.method, &error.url)
}

pub(super) const CHECK_HOST: &str =
    "check the host: the API is at the org's My Domain; or something on the way answered instead";

/// What the answer was, in a few words, and its own title; `None` where that is not known any more.
fn kind(error: &CallError) -> Option<(String, &str)> {
    let status = format!("HTTP {}", error.status?);
    let kind = match &error.refusal {
        Refusal::Fault(_) => "a fault".to_owned(),
        Refusal::CertificatePage { .. } => format!("a \"Certificate Error\" page ({status})"),
        Refusal::Html { title } if is_transient(error) => {
            return Some((format!("{status} and a web page: "), title));
        }
        _ => status,
    };
    Some((kind, ""))
}

fn is_transient(error: &CallError) -> bool {
    error.status.is_some_and(is_transient_status)
}

fn unavailable(error: &CallError) -> Report {
    let (code, message) = match error.status {
        Some(420 | 429) => ("too-many-requests", "the server wants fewer requests"),
        _ => (
            "service-unavailable",
            "Salesforce, or something in front of it, is not available",
        ),
    };
    let report = Report::new(exit::NETWORK, code, message);
    match error.retry_after {
        Some(wait) => report.hint(format!(
            "it asks to be called again in {} s, not before",
            wait.as_secs()
        )),
        None => {
            report.hint("try again later; https://status.salesforce.com tells of known trouble")
        }
    }
}

fn redirected(host: Option<&str>) -> Report {
    let to = match host {
        Some(host) => Words::from("the answer points to ").and_theirs(host),
        None => Words::from("the answer points to another path"),
    };
    Report::new(exit::NETWORK, "sf-redirect", to.and(" and holds no result"))
        .cause("a redirect is never followed: it would lead away from the mutual-TLS port")
        .hint(Hint::command(
            "log in through the org's My Domain",
            "sfmtls login --login-url https://NAME.my.salesforce.com",
        ))
}

/// Salesforce's page. Its reason is very probably OpenSSL's verify text (a public capture of 2018
/// shows one), so both spellings of "self-signed" are known and the final dot does not matter.
fn certificate_page(reason: &str, error: &CallError, given: Given<'_>) -> Report {
    let said = Said::on_page(reason);
    let message = Words::from("the server refused the client certificate: ").and_theirs(reason);
    let report = Report::refusal(said, message);
    let roots = given.roots(&error.url);
    match Reason::of(reason) {
        Reason::NoCertificate => {
            let message = Words::from("the server saw no client certificate: ").and_theirs(reason);
            Report::refusal(said, message).hint(
                "-v shows whether it was sent: if so, a proxy that inspects TLS is between (have this host exempted); \
                 if not, the server takes no signature of this kind of key",
            )
        }
        Reason::NoIssuer => {
            report.hints(given.add_intermediate("the missing intermediate", &error.url))
        }
        Reason::NotYetValid => report.hint(Hint::command(
            "wait until it is valid, or set this machine's clock right",
            format!("{}; date -u", given.show("-dates")),
        )),
        Reason::Expired => report.hint(Hint::command(
            "renew what has expired, and upload a new leaf before it is used",
            given.show_dates(),
        )),
        Reason::Purpose => report.hint(Hint::command(
            NO_CLIENT_AUTH,
            given.show("-ext extendedKeyUsage"),
        )),
        Reason::UnknownRoot => report.hint(format!(
            "order a certificate of a CA whose root is on the list at {roots}: this chain's is not"
        )),
        Reason::SelfSigned => report.hint(format!(
            "order a certificate of a CA whose root is on the list at {roots}"
        )),
        Reason::Revoked => report.hint("order a new certificate, and upload it before it is used"),
        Reason::WeakKey => {
            report.hint("order a certificate for a new RSA key of 2048 bits or more")
        }
        _ => report.hint(Hint::command(
            format!(
                "compare with the roots at {roots} what {} holds",
                given.file()
            ),
            given.show_dates(),
        )),
    }
}

/// Words for a login that gave no session.
pub(super) fn login(error: &LoginError, given: Given<'_>) -> Report {
    match error {
        LoginError::Call(error) => match &error.refusal {
            Refusal::Fault(refused) => fault::login(refused, login_refusal(refused), error, given)
                .cause(request(error).and(" answered with a fault")),
            _ => call(error, given),
        },
        LoginError::PasswordExpired { .. } => Report::ours(exit::LOGIN, "password-expired", error)
            .hint("set a new password in the browser, then log in again"),
        LoginError::ControlCharacter("user name") => Report::ours(exit::USAGE, "usage", error),
        LoginError::ControlCharacter(_) | LoginError::TooLong { .. } => {
            Report::ours(exit::USAGE, "usage", error)
                .hint("is it the right file? It should hold nothing but the secret, on one line")
        }
        LoginError::ServerUrl(url) => {
            let message = Words::ours_but(error, [url.to_string().as_str()]);
            Report::new(exit::NETWORK, "not-salesforce", message)
        }
        LoginError::Missing(_) => Report::ours(exit::NETWORK, "not-salesforce", error),
    }
}
