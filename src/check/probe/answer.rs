//! What the server said in HTTP: TLS was passed then, and who says no is Salesforce or a gateway.

use super::asked::NOT_MUTUAL;
use super::contact::{Answer, Contact, Outcome};
use super::{Plan, about_server};
use crate::check::finding::{Finding, Severity, Subject};
use crate::check::join::Reason;
use crate::identity::Identity;
use crate::salesforce::call::Refusal;
use crate::salesforce::fault::Fault;
use crate::salesforce::soap::user_info;

/// What a call with the certificate gave.
pub(super) struct Found {
    pub(super) finding: Finding,
    pub(super) user: Option<String>,
    pub(super) organization: Option<String>,
}

/// The answer to getUserInfo with the certificate; `upload` is the command that takes the leaf out of
/// its file, `with_session` says whether its session was one.
pub(super) fn with_identity(
    plan: &Plan,
    call: &Contact,
    answer: &Answer,
    identity: &Identity,
    upload: Option<String>,
    with_session: bool,
) -> Found {
    let alone = |finding| Found {
        finding,
        user: None,
        organization: None,
    };
    let at = plan.authority(call.probe.port);
    let Some(refusal) = &answer.refusal else {
        return match user_info::parse(&answer.body) {
            Ok(info) => {
                let said = |text: &str| plan.said(text).into_owned();
                let user = info.user_name().map(said);
                let organization = info.organization_id().map(said);
                let shown = |text: &Option<String>| text.clone().unwrap_or_else(|| "?".to_owned());
                let (name, org) = (shown(&user), shown(&organization));
                Found {
                    finding: about_session(
                        "sf-mutual-auth-ok",
                        format!("getUserInfo at {at} works: {name}, org {org}"),
                    )
                    .fact("user", name)
                    .fact("organization", org),
                    user,
                    organization,
                }
            }
            Err(error) => alone(unexpected(plan, &at, answer.status, &error.to_string())),
        };
    };
    alone(match refusal {
        Refusal::Fault(fault) if fault.is_mutual_authentication() => match call.handshake.request {
            Some(_) => mutual(plan, &at, fault, identity, upload),
            None => not_asked(plan, &at, fault),
        },
        Refusal::Fault(fault) if fault.code == "INVALID_SESSION_ID" => {
            session_invalid(plan, &at, fault, with_session)
        }
        Refusal::Fault(fault) => about_session(
            "sf-soap-fault",
            format!("{at} answers {}", plan.said(&fault.to_string())),
        )
        .why("TLS and certificate were passed")
        .fact("code", plan.said(&fault.code))
        .fact("text", plan.said(&fault.message)),
        Refusal::CertificatePage { reason } => page(plan, call, &at, reason),
        Refusal::NginxCertificate { title } => Finding::new(
            "http-client-cert-rejected",
            Subject::Leaf,
            format!(
                "a gateway at {at} refused the certificate: {}",
                plan.said(title)
            ),
        )
        .why("this is nginx's page, not Salesforce's")
        .advice("ask who runs the gateway which CAs it takes")
        .fact("status", answer.status),
        Refusal::Redirect { host } => {
            let to = plan.said(host.as_deref().unwrap_or("another path"));
            about_server(
                "sf-redirect",
                format!("{at} points to {to} and gives no result"),
            )
            .why("a redirect is never followed: it would lead away from the port of mutual TLS")
            .advice("name the org's My Domain: --host NAME.my.salesforce.com (Setup > My Domain)")
            .fact("to", to)
        }
        Refusal::Html { title } => {
            unexpected(plan, &at, answer.status, &format!("a web page, {title}"))
        }
        Refusal::Unreadable(error) => unexpected(plan, &at, answer.status, &error.to_string()),
        Refusal::Transport(_) | Refusal::Status => {
            let said = first_line(plan, &answer.body);
            unexpected(plan, &at, answer.status, &said)
        }
    })
}

/// Whether the session was one, whatever was said of the certificate.
pub(super) fn session_is_alive(call: &Contact) -> bool {
    match &call.outcome {
        Outcome::Answer(answer) => match &answer.refusal {
            None => user_info::parse(&answer.body).is_ok(),
            Some(Refusal::Fault(fault)) => fault.is_mutual_authentication(),
            Some(_) => false,
        },
        Outcome::Lost(_) => false,
    }
}

/// The answer to getUserInfo on the port without mutual TLS: whether it refuses this user there.
pub(super) fn without_certificate(plan: &Plan, free: &Contact) -> Option<(bool, Finding)> {
    let Outcome::Answer(answer) = &free.outcome else {
        return None;
    };
    let at = plan.authority(plan.login_port);
    match &answer.refusal {
        Some(Refusal::Fault(fault)) if fault.is_mutual_authentication() => Some((
            true,
            about_session(
                "sf-mutual-auth-enforced",
                format!("{at} refuses this user without a certificate, as it should"),
            ),
        )),
        None if user_info::parse(&answer.body).is_ok() => Some((
            false,
            about_session(
                "sf-not-enforced",
                format!("{at} serves this user without a certificate, too"),
            )
            .why("whoever has the password or a session can call the API without the key")
            .advice("give the user the permission \"Enforce SSL/TLS Mutual Authentication\" (a permission set in Setup)"),
        )),
        _ => None,
    }
}

/// Nobody's session went along.
pub(super) fn session_missing(plan: &Plan) -> Finding {
    let host = plan.server.host();
    let of_another = plan
        .session
        .as_ref()
        .map(|session| session.server_url.host());
    let message = match of_another {
        Some(other) => format!("the session is of {other}, so no call was made at {host}"),
        None => "there is no session, so no call was made".to_owned(),
    };
    about_session("session-missing", message)
        .why("whether the org knows this certificate shows only in a call")
        .advice("log in first")
        .command(format!("sfmtls login --login-url https://{host} -u USER"))
}

fn mutual(
    plan: &Plan,
    at: &str,
    fault: &Fault,
    identity: &Identity,
    upload: Option<String>,
) -> Finding {
    let fault = fault.to_string();
    let fault = plan.said(&fault);
    let finding = about_session(
        "sf-mutual-auth-failed",
        format!("the certificate passed TLS, but the org does not know it: {fault}"),
    )
    .why(format!("{at} looks for the leaf among the certificates uploaded to this org; a user whose password has expired gets the same fault"))
    .advice("upload this leaf, in Setup > Certificate and Key Management > Mutual Authentication Certificates")
    .fact("sha256", identity.leaf_sha256());
    match upload {
        Some(command) => finding.command(command),
        None => finding,
    }
}

/// The same fault where the server asked for no certificate, which is a finding of its own and the cause.
fn not_asked(plan: &Plan, at: &str, fault: &Fault) -> Finding {
    let fault = fault.to_string();
    about_session(
        "sf-mutual-auth-failed",
        format!(
            "no certificate was sent to {at}, which did not ask for one: {}",
            plan.said(&fault)
        ),
    )
    .why("this user may call the API with the certificate only; whether the org knows it does not show here")
}

fn session_invalid(plan: &Plan, at: &str, fault: &Fault, with_session: bool) -> Finding {
    match with_session {
        true => about_session(
            "sf-session-invalid",
            format!(
                "{at} does not take the session: {}",
                plan.said(fault.summary())
            ),
        )
        .why("TLS and certificate were passed")
        .advice("log in again")
        .command("sfmtls login"),
        false => about_session(
            "sf-session-invalid",
            format!("TLS and certificate passed at {at}, which then asked for a session"),
        )
        .severity(Severity::Info),
    }
}

/// Salesforce's page.
fn page(plan: &Plan, call: &Contact, at: &str, reason: &str) -> Finding {
    let sent = call.handshake.sent.as_ref().map_or(0, Vec::len);
    let known = Reason::of(reason);
    let advice = match sent {
        _ if known != Reason::NoCertificate => against(known, plan),
        _ if call.handshake.request.is_none() => format!(
            "{at} asked for none: {NOT_MUTUAL}"
        ),
        0 => "the server takes no signature of this kind of key: order a certificate for a key of another kind".to_owned(),
        _ => format!(
            "a certificate was sent and did not arrive: have {at} exempted from TLS inspection"
        ),
    };
    let shown = plan.said(reason);
    Finding::new(
        "sf-client-certificate-error",
        Subject::Leaf,
        format!("{at} says of the client certificate: {shown}"),
    )
    .why("Salesforce completes the TLS handshake and reports a bad certificate afterwards, on an HTML page")
    .advice(advice)
    .fact("reason", shown.clone())
    .fact("certificates_sent", sent)
}

/// What helps against what the page says, where the files do not show the same fault.
fn against(reason: Reason, plan: &Plan) -> String {
    match reason {
        Reason::NotYetValid => "compare the dates of the chain with the server's clock, and with this machine's: date -u",
        Reason::Expired => "renew what has expired (where nothing in the file has, ask the CA for its present intermediates) and upload a new leaf before it is used",
        Reason::Revoked => "order a new one, and upload it before it is used",
        Reason::Purpose => "the certificate needs the extended key usage clientAuth, and no CA above it may rule that out",
        _ => return format!(
            "compare the chain with the roots that Salesforce takes: https://{}/cacerts.jsp",
            match plan.login_port {
                443 => plan.server.host().to_owned(),
                port => plan.authority(port),
            }
        ),
    }
    .to_owned()
}

fn unexpected(plan: &Plan, at: &str, status: u16, what: &str) -> Finding {
    let what = match what {
        "" => "an empty answer".into(),
        what => plan.said(what),
    };
    about_server(
        "http-unexpected",
        format!("{at} answered HTTP {status}, but not as Salesforce's API does: {what}"),
    )
    .advice("check host and port; or something on the way answered instead")
    .fact("status", status)
}

/// The first line of what came, in 200 characters at most. Secrets are hidden before the cut, which
/// would leave the beginning of one.
fn first_line(plan: &Plan, body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let text = plan.said(&text);
    let line = text.trim_start().lines().next().unwrap_or_default();
    line.trim_end().chars().take(200).collect()
}

fn about_session(id: &'static str, message: impl Into<String>) -> Finding {
    Finding::new(id, Subject::Session, message)
}
