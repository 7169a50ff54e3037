//! What the server said to the certificate in TLS: the bare facts. Only the files themselves can tell
//! what is behind them.

use super::contact::{Contact, Outcome};
use super::record::phase_name;
use super::{Plan, about_server};
use crate::check::finding::{Finding, Subject};
use crate::net::Failure;
use crate::net::tls::failure::{Alert, Phase};

/// The finding for an alert that answers a client certificate (RFC 8446 6.2).
pub fn rejection(number: u8) -> &'static str {
    match number {
        Alert::HANDSHAKE_FAILURE => "rejected-handshake-failure",
        Alert::BAD_CERTIFICATE => "rejected-bad-certificate",
        Alert::UNSUPPORTED_CERTIFICATE => "rejected-unsupported-certificate",
        Alert::CERTIFICATE_REVOKED => "rejected-revoked",
        Alert::CERTIFICATE_EXPIRED => "rejected-expired",
        Alert::CERTIFICATE_UNKNOWN => "rejected-certificate-unknown",
        Alert::ILLEGAL_PARAMETER => "rejected-illegal-parameter",
        Alert::UNKNOWN_CA => "rejected-unknown-ca",
        Alert::ACCESS_DENIED => "rejected-access-denied",
        Alert::DECRYPT_ERROR => "rejected-decrypt-error",
        Alert::CERTIFICATE_REQUIRED => "rejected-certificate-required",
        _ => "rejected-other-alert",
    }
}

/// The server ended the connection when it had the certificate; `again` is the same in TLS 1.2.
pub(super) fn refused(plan: &Plan, call: &Contact, again: Option<&Contact>) -> Finding {
    let at = plan.authority(plan.mtls_port);
    let (Some(alert), Some(phase)) = (call.received_alert(), call.tls_failure().map(|f| f.phase))
    else {
        return dropped(plan, call, again);
    };
    let when = match phase {
        Phase::Handshake => "in the handshake",
        Phase::FirstRead => "after the handshake",
        Phase::Transfer => "while it answered",
    };
    let sent = call.handshake.sent.as_ref().map_or(0, Vec::len);
    let (what, advice) = words(alert, sent);
    let finding = Finding::new(
        rejection(alert.number),
        Subject::Leaf,
        format!("{at} {what}: {alert}, {when}"),
    )
    .advice(advice)
    .fact("alert", alert.number)
    .fact("name", alert.name())
    .fact("dir", "read")
    .fact("phase", phase_name(phase))
    .fact("tls", call.handshake.version.clone())
    .fact("certificates_sent", sent)
    .fact("confirmed_in_tls_1_2", confirmed(alert, again));
    match phase {
        Phase::FirstRead => finding.why(
            "in TLS 1.3 a client has finished before the server judges its certificate, so the refusal comes with the first answer",
        ),
        _ => finding,
    }
}

/// Whether TLS 1.2 ended in the same way; `None` where it was not tried or not to be had.
fn confirmed(alert: Alert, again: Option<&Contact>) -> Option<bool> {
    let again = again?;
    let same = |found: Alert| {
        // A server that finds no certificate says 40 in TLS 1.2 and 116 in TLS 1.3.
        found.number == alert.number
            || (found.number, alert.number)
                == (Alert::HANDSHAKE_FAILURE, Alert::CERTIFICATE_REQUIRED)
    };
    match again.received_alert() {
        Some(found) if found.number == Alert::PROTOCOL_VERSION => None,
        found => Some(found.is_some_and(same)),
    }
}

/// The server cut the connection without giving a reason.
fn dropped(plan: &Plan, call: &Contact, again: Option<&Contact>) -> Finding {
    let at = plan.authority(plan.mtls_port);
    let text = match &call.outcome {
        Outcome::Lost(Failure::Closed { text }) => plan.said(text).into_owned(),
        _ => String::new(),
    };
    let again = again.and_then(Contact::received_alert);
    about_server(
        "handshake-dropped",
        format!("{at} asked for a certificate and cut the connection when it had it, without a reason"),
    )
    .why("a firewall, proxy or load balancer on the way may have cut it, or the server does not say why it refuses")
    .advice("compare with another network, and look for the errors of the files first")
    .fact("phase", if call.handshake.finished { "first-read" } else { "handshake" })
    .fact("text", text)
    .fact("alert_in_tls_1_2", again.map(|alert| alert.number))
}

/// What an alert says, and what to look at.
fn words(alert: Alert, sent: usize) -> (&'static str, &'static str) {
    match alert.number {
        Alert::HANDSHAKE_FAILURE | Alert::CERTIFICATE_REQUIRED if sent == 0 => (
            "wants a client certificate and got none",
            "no certificate was sent, because the server takes no signature of this key: order one for a key of another kind",
        ),
        Alert::HANDSHAKE_FAILURE => (
            "ended the handshake without saying why",
            "compare dates, usage and chain with what the server asks for",
        ),
        Alert::BAD_CERTIFICATE => (
            "could not use the certificate",
            "it may not be valid yet, or this machine's clock is wrong",
        ),
        Alert::UNSUPPORTED_CERTIFICATE => (
            "refused the kind of certificate",
            "it needs the extended key usage clientAuth",
        ),
        Alert::CERTIFICATE_REVOKED => (
            "says that the certificate is revoked",
            "order a new one, and upload it before it is used",
        ),
        Alert::CERTIFICATE_EXPIRED => (
            "says that the certificate, or an intermediate, has expired",
            "renew what has expired, and upload a new leaf before it is used",
        ),
        Alert::CERTIFICATE_UNKNOWN => (
            "refused the certificate without saying why",
            "check its dates, its chain, and whether the server trusts its root",
        ),
        Alert::ILLEGAL_PARAMETER => (
            "refused a parameter, probably the kind of key",
            "use a certificate for an RSA key of 2048 bits or a P-256 key",
        ),
        Alert::UNKNOWN_CA => (
            "does not know the CA of the certificate",
            "an intermediate is missing in the file, or the server does not trust the root",
        ),
        Alert::ACCESS_DENIED => (
            "does not allow this certificate",
            "upload its leaf to this org, in Setup > Certificate and Key Management",
        ),
        Alert::DECRYPT_ERROR => (
            "could not check the client's signature",
            "the key may not be the certificate's, or something on the way changes the handshake",
        ),
        Alert::CERTIFICATE_REQUIRED => (
            "did not accept what was sent as a certificate",
            "its list of CAs may not fit this certificate",
        ),
        _ => (
            "ended the connection",
            "the alert does not say that the certificate is the reason: compare with another network",
        ),
    }
}
