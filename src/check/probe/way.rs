//! Why a probe could not connect: hosts that cannot be right, names, ports, proxies, TLS without a
//! common ground, and a server that is not trusted.

use std::time::Duration;

use super::contact::{Contact, Outcome};
use super::record::certificates;
use super::{Plan, about_server};
use crate::check::finding::{Finding, Severity, Subject};
use crate::ffi::verify::{
    X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_HOSTNAME_MISMATCH,
    X509_V_ERR_IP_ADDRESS_MISMATCH,
};
use crate::net::tls::failure::{Alert, Phase, TlsFailure};
use crate::net::{Failure, TlsVersion};
use crate::salesforce::endpoint::is_login_service;

/// A clock may be off by this much before certificates and sessions suffer.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(5 * 60);

/// OpenSSL's reasons for refusing an identity of our own (security level 2, and key against leaf).
const UNUSABLE: [(i32, &str); 4] = [
    (397, "key-too-small"),
    (398, "signature-weak"),
    (399, "key-too-small"),
    (116, "key-mismatch"),
];

/// A host that has no mutual TLS whatever it answers.
pub(super) fn misplaced(plan: &Plan) -> Option<Finding> {
    let host = plan.server.host();
    if is_login_service(host) {
        return Some(
            about_server(
                "sf-login-host",
                format!("{host} is Salesforce's login service, which has no mutual TLS"),
            )
            .why("a login goes there on port 443 without a certificate; the calls after it go to the org's own host on port 8443")
            .advice("name the org's My Domain: --host NAME.my.salesforce.com (Setup > My Domain)"),
        );
    }
    let name = my_domain_of(host)?;
    Some(
        about_server(
            "sf-wrong-host",
            format!("{host} serves pages, not the API over mutual TLS"),
        )
        .advice(format!(
            "name the org's My Domain: --host {name}.my.salesforce.com (Setup > My Domain)"
        )),
    )
}

/// The My Domain name (`acme`, `acme--dev.sandbox`) of the org whose pages this host serves.
fn my_domain_of(host: &str) -> Option<String> {
    if let Some(name) = host.strip_suffix(".lightning.force.com") {
        return Some(name.to_owned());
    }
    // Visualforce, with enhanced domains and without: `acme--dev--PACKAGE.sandbox`, or
    // `acme--PACKAGE.na44` with the instance behind.
    let name = [".vf.force.com", ".visualforce.com"]
        .iter()
        .find_map(|suffix| host.strip_suffix(suffix))?;
    let (first, behind) = name.split_once('.').unwrap_or((name, ""));
    let org = first.rsplit_once("--").map_or(first, |(org, _)| org);
    match behind.is_empty() || behind.ends_with(|c: char| c.is_ascii_digit()) {
        true => Some(org.to_owned()),
        false => Some(format!("{org}.{behind}")),
    }
}

/// Why a look at a port failed; `None` where the port answered, or ended the connection only because it
/// wanted a certificate. `login` is the look at the port without mutual TLS, to be compared with.
pub(super) fn fault(look: &Contact, plan: &Plan, login: Option<&Contact>) -> Option<Finding> {
    let Outcome::Lost(failure) = &look.outcome else {
        return None;
    };
    if look.handshake.finished || look.is_refused() {
        return None;
    }
    Some(finding(failure, look, plan, login))
}

/// The same for the call with the identity, where silence and broken answers count too.
pub(super) fn fault_of_call(call: &Contact, plan: &Plan) -> Option<Finding> {
    let Outcome::Lost(failure) = &call.outcome else {
        return None;
    };
    Some(finding(failure, call, plan, None))
}

/// The port without mutual TLS is needed only for logins.
pub(super) fn login_will_fail(finding: Finding) -> Finding {
    let message = format!("{} (a login there will fail)", finding.message);
    let finding = match finding.id {
        "tcp-refused" => finding.advice(
            "name the port of the login with --login-port PORT; a firewall may refuse it, too",
        ),
        _ => finding,
    };
    Finding {
        message,
        ..finding.severity(Severity::Warning)
    }
}

/// The server's clock against ours, seconds that it is ahead.
pub(super) fn clock_skew(ahead: i64) -> Option<Finding> {
    let off = Duration::from_secs(ahead.unsigned_abs());
    if off <= CLOCK_TOLERANCE {
        return None;
    }
    let minutes = off.as_secs() / 60;
    let direction = if ahead > 0 { "behind" } else { "ahead of" };
    Some(
        about_server(
            "clock-skew",
            format!("this machine's clock is {minutes} minutes {direction} the server's"),
        )
        .why("certificates are judged by the clock: one that is valid may look expired, or not valid yet")
        .advice("set the clock, and keep it set")
        .command("timedatectl set-ntp true")
        .fact("seconds", -ahead),
    )
}

fn finding(failure: &Failure, contact: &Contact, plan: &Plan, login: Option<&Contact>) -> Finding {
    let host = plan.server.host();
    let port = contact.probe.port;
    let at = plan.authority(port);
    let see_tls = plan.s_client(port);
    let see_port = format!("nc -vz {host} {port}");
    let compared = login.map(|login| {
        let other = plan.login_port;
        match login.is_reached() {
            true => {
                format!("port {other} of the same host answers, so this port alone is in question")
            }
            false => format!("port {other} of the same host does not answer either"),
        }
    });
    let said = || plan.said(&failure.to_string()).into_owned();
    let base = |id, message: String| Finding {
        why: compared.clone(),
        ..about_server(id, message)
    };
    match failure {
        Failure::Dns { host, text } => base("dns-failure", format!("{host} is not known: {}", plan.said(text)))
            .advice("compare with the name in Setup > My Domain; behind a proxy, set HTTPS_PROXY or -x")
            .command(format!("nslookup {host}")),
        Failure::Refused { address, .. } => {
            base("tcp-refused", format!("nothing listens at {address}"))
                .advice("check host and port; a firewall may refuse it, too")
                .command(see_port)
        }
        Failure::ConnectTimeout { address, limit } => base(
            "tcp-timeout",
            format!("no connection to {address} within {} s", limit.as_secs_f64()),
        )
        .advice(format!("have outbound TCP to {address} allowed: firewalls drop what is not 443"))
        .command(see_port),
        Failure::Connect { address, text } => base(
            "connect-failed",
            format!("cannot connect to {address}: {}", plan.said(text)),
        )
        .advice("check this machine's network, and whether a proxy is needed (HTTPS_PROXY, -x)")
        .command(see_port),
        Failure::HandshakeTimeout { address, .. } => base("tls-timeout", said())
            .advice(format!("a firewall or proxy that swallows TLS may stand before {address}: compare with another network"))
            .command(see_tls),
        Failure::ProxyRefused { proxy, address, status } => base(
            "proxy-connect-denied",
            format!("the proxy {proxy} refuses CONNECT {address}: HTTP {status}"),
        )
        .why(match status {
            407 => "the proxy wants a user and a password that it knows",
            502..=504 => "the proxy itself does not reach that address",
            _ => "many proxies allow CONNECT to port 443 only (Squid's SSL_ports are 443 and 563)",
        })
        .advice(match status {
            407 => format!("name them: -x http://USER:PASSWORD@{proxy}"),
            _ => format!("have CONNECT to {address} allowed, or go there without the proxy"),
        })
        .command(format!("export NO_PROXY={host}"))
        .fact("status", *status),
        Failure::Proxy { .. } => base("proxy-failed", said())
            .advice("check -x, HTTPS_PROXY and ALL_PROXY; -x \"\" goes without a proxy"),
        Failure::Tls(tls) => tls_finding(tls, contact, plan, base, see_tls),
        Failure::UnusableIdentity { reason, text } => unusable(*reason, text),
        Failure::Closed { text } => base(
            "handshake-dropped",
            format!("{at} cut the connection without a reason"),
        )
        .advice("a firewall, proxy or load balancer may have cut it: compare with another network")
        .command(see_tls)
        .fact("phase", if contact.handshake.finished { "first-read" } else { "handshake" })
        .fact("text", plan.said(text)),
        // TLS was fine, and what followed is no answer.
        _ => base("http-unexpected", format!("{at} gave no answer that can be read: {}", said()))
            .advice("something else than Salesforce may answer there: check host and port"),
    }
}

fn tls_finding(
    tls: &TlsFailure,
    contact: &Contact,
    plan: &Plan,
    base: impl Fn(&'static str, String) -> Finding,
    see: String,
) -> Finding {
    let at = plan.authority(contact.probe.port);
    let host = plan.server.host();
    if let Some((code, text)) = &tls.verify {
        return untrusted(*code, text, contact, plan);
    }
    let versions = || {
        let advice = match plan.options.tls_min {
            TlsVersion::V1_3 => {
                "only TLS 1.3 is spoken here: leave --tls-min out, so that 1.2 is enough"
            }
            TlsVersion::V1_2 => {
                "TLS 1.2 and 1.3 are spoken here: a system policy or MinProtocol in openssl.cnf may narrow that"
            }
        };
        base(
            "tls-version-unsupported",
            format!("{at} and this program share no version of TLS"),
        )
        .advice(advice)
        .command(see.clone())
    };
    match tls.alert {
        Some(alert) if alert.received && alert.number == Alert::PROTOCOL_VERSION => versions(),
        Some(alert) if alert.received && alert.number == Alert::UNRECOGNIZED_NAME => base(
            "sf-wrong-host",
            format!("{at} does not know the name {host}"),
        )
        .advice("name the org's My Domain: --host NAME.my.salesforce.com (Setup > My Domain)"),
        Some(alert) if alert.received => base(
            "tls-alert",
            format!("{at} ended TLS before it asked for a certificate: {alert}"),
        )
        .advice("the certificate is not the reason: compare with another network")
        .command(see)
        .fact("alert", alert.number)
        .fact("name", alert.name())
        .fact("dir", "read")
        .fact("requested", false),
        _ if tls.is_not_tls() => base("not-tls", format!("{at} answers, but not in TLS"))
            .advice("check the port: mutual TLS is on 8443, a login on 443")
            .command(see),
        _ if tls.is_unsupported_version() => versions(),
        _ if UNUSABLE.iter().any(|(reason, _)| *reason == tls.reason) => {
            unusable(tls.reason, &tls.text)
        }
        _ if tls.phase == Phase::Handshake => base(
            "handshake-dropped",
            format!("the handshake with {at} broke: {}", plan.said(&tls.text)),
        )
        .command(see),
        _ => base(
            "http-unexpected",
            format!("TLS with {at} broke: {}", plan.said(&tls.text)),
        ),
    }
}

/// OpenSSL does not send this identity.
fn unusable(reason: i32, text: &str) -> Finding {
    let known = UNUSABLE.iter().find(|(known, _)| *known == reason);
    let id = known.map_or("key-invalid", |(_, id)| *id);
    let finding = Finding::new(
        id,
        Subject::Key,
        format!("OpenSSL does not send this identity: {text}"),
    );
    match id {
        "signature-weak" => finding.advice("have the certificate reissued with SHA-256"),
        "key-too-small" => {
            finding.advice("RSA keys need 2048 bits or more, in every certificate of the chain")
        }
        "key-mismatch" => finding.advice("use the key that made the signing request"),
        _ => finding,
    }
    .fact("reason", reason)
}

/// The server's certificate was not accepted; OpenSSL's verify codes.
fn untrusted(code: i32, text: &str, contact: &Contact, plan: &Plan) -> Finding {
    let at = plan.authority(contact.probe.port);
    let host = plan.server.host();
    let leaf = certificates(&contact.handshake.server).into_iter().next();
    let issuer = contact.probe.server_issuer.clone().unwrap_or_default();
    let show = format!(
        "{} | openssl x509 -noout -subject -issuer -dates",
        plan.s_client(contact.probe.port)
    );
    let finding = match code {
        X509_V_ERR_CERT_NOT_YET_VALID | X509_V_ERR_CERT_HAS_EXPIRED => {
            let dates = leaf.map(|leaf| format!("{} to {}", leaf.not_before(), leaf.not_after()));
            about_server(
                "server-cert-expired",
                format!("{at}: {text} (its own certificate: {})", dates.unwrap_or_default()),
            )
            .why("either its dates are wrong or this machine's clock is")
            .advice("look at the clock first: date -u")
        }
        X509_V_ERR_HOSTNAME_MISMATCH | X509_V_ERR_IP_ADDRESS_MISMATCH => {
            let names = leaf.and_then(|leaf| leaf.subject_alt_names());
            let names: Vec<String> = names
                .iter()
                .flatten()
                .filter_map(|name| Some(plan.said(name.dnsname()?).into_owned()))
                .collect();
            about_server(
                "server-name-mismatch",
                format!("the certificate of {at} is for {}, not for {host}", list(&names)),
            )
            .advice("use the host that it names")
            .fact("names", names)
        }
        _ => about_server(
            "server-cert-untrusted",
            format!("the certificate of {at}, issued by {issuer}, is not trusted: {text}"),
        )
        .advice("name the CA of that server with --cacert FILE, which replaces the system's; if a proxy inspects TLS, have the host exempted"),
    };
    finding
        .command(show)
        .fact("verify", code)
        .fact("issuer", issuer)
}

fn list(names: &[String]) -> String {
    match names {
        [] => "no host".to_owned(),
        [names @ .., last] if !names.is_empty() => format!("{} and {last}", names.join(", ")),
        [only, ..] => only.clone(),
    }
}
