//! Failures on the way: names, connections, proxies, answers that break off.

use std::fmt::Display;

use super::alert::tls_failure;
use super::{Given, NAME_CERTIFICATE, Report, exit};
use crate::check::join::Said;
use crate::net::{Failure, Role, TransportError};
use crate::salesforce::endpoint::is_login_service;
use crate::text::secret::Words;

/// Words for a request that got no whole answer.
pub(super) fn report(error: &TransportError, role: Role, given: Given<'_>) -> Report {
    let report = failure(error, role, given);
    match error.failure {
        // Nothing was sent, whatever the request.
        Failure::NoIdentity | Failure::TrustStore { .. } | Failure::UnusableIdentity { .. } => {
            report
        }
        _ => report.cause_first(request(&error.method, &error.url)),
    }
}

/// A request as messages name it.
pub(super) fn request(method: &http::Method, url: &str) -> Words {
    about(url, format_args!("{method} {url}"))
}

/// A sentence of ours about a URL, a host or an address; a server may have given its name.
pub(super) fn about(place: &str, sentence: impl Display) -> Words {
    let parts = place.split(['/', '.', ':']);
    Words::ours_but(sentence, parts.filter(|part| !KNOWN_PARTS.contains(part)))
}

/// What every URL of Salesforce's is made of.
const KNOWN_PARTS: [&str; 12] = [
    "https",
    "login",
    "salesforce",
    "force",
    "sandbox",
    "services",
    "async",
    "batch",
    "query",
    "result",
    "results",
    "oauth2",
];

/// A failure; of others there are names, and what they sent.
fn told(failure: &Failure) -> Words {
    match failure {
        Failure::Dns { host, .. } => about(host, failure),
        Failure::Refused { address, .. }
        | Failure::ConnectTimeout { address, .. }
        | Failure::HandshakeTimeout { address, .. }
        | Failure::Connect { address, .. }
        | Failure::ProxyRefused { address, .. } => about(address, failure),
        Failure::Proxy { text, .. }
        | Failure::Truncated { text, .. }
        | Failure::Protocol { text } => Words::ours_but(failure, [text.as_str()]),
        Failure::NoIdentity
        | Failure::Tls(_)
        | Failure::TrustStore { .. }
        | Failure::UnusableIdentity { .. }
        | Failure::IdleTimeout { .. }
        | Failure::SlowHead { .. }
        | Failure::Closed { .. }
        | Failure::TooLong { .. } => Words::ours(failure),
    }
}

fn failure(error: &TransportError, role: Role, given: Given<'_>) -> Report {
    let failure = &error.failure;
    let authority = authority(&error.url);
    let mutual = role == Role::Api;
    let network = |code| Report::new(exit::NETWORK, code, told(failure));
    match failure {
        Failure::NoIdentity => Report::ours(exit::USAGE, "no-certificate", failure)
            .hint(NAME_CERTIFICATE),
        Failure::ConnectTimeout { .. } | Failure::HandshakeTimeout { .. } | Failure::Refused { .. }
            if mutual && is_login_service(host(&error.url)) =>
        {
            network("sf-login-host").hint(
                "Salesforce's login server has no mutual TLS: leave the port out of --login-url, or name the org's My \
                 Domain there (https://NAME.my.salesforce.com:8443)",
            )
        }
        Failure::Dns { host, text } => {
            network("dns-failure").hint(dns_hint(host, text))
        }
        Failure::Refused { address, .. } => network("tcp-refused").hint(
format!("check host and port, or ask whether a firewall refuses {address}"),
        ),
        Failure::ConnectTimeout { address, .. } => network("tcp-timeout")
            .hint(if mutual {
                format!("a firewall may drop this port even where 443 is open: have outbound TCP to {address} allowed")
            } else {
                "a firewall may drop it, or a proxy be needed: HTTPS_PROXY or -x names one".to_owned()
            }),
        Failure::HandshakeTimeout { .. } => network("tls-timeout").hint(
            "a firewall or proxy may swallow what is sent: compare with another network; --connect-timeout SECS waits longer",
        ),
        Failure::Connect { .. } => network("connect-failed"),
        Failure::ProxyRefused { proxy, address, status } => {
            network("proxy-connect-denied")
                .hint(proxy_hint(proxy, address, *status))
        }
        Failure::Proxy { .. } => network("proxy-failed")
            .hint("check -x, HTTPS_PROXY and ALL_PROXY; -x \"\" goes without a proxy"),
        Failure::Tls(tls) => tls_failure(tls, mutual, &error.url, given),
        Failure::TrustStore { file, .. } => Report::ours(exit::OTHER, "ca-file-unreadable", failure)
            .hint(format!("{file} must be a readable PEM file with the certificates of CAs")),
        Failure::UnusableIdentity { reason, .. } => unusable_identity(failure, *reason),
        Failure::IdleTimeout { limit } => {
            let message = format!("{authority} sent nothing for {} s", limit.as_secs_f64());
            let report = Report::new(exit::NETWORK, "idle-timeout", about(authority, message));
            with_received(report, error.received).hint("--idle-timeout SECS waits longer")
        }
        Failure::SlowHead { .. } => with_received(network("slow-head"), error.received)
            .hint("--idle-timeout SECS waits longer, for the head twice as long"),
        // Nothing of the request was sent, so this was the handshake.
        Failure::Closed { text } if error.sent == 0 => {
            cut_handshake(authority).cause(Words::ours(text))
        }
        Failure::Closed { text } => {
            let message = format!("the connection to {authority} ended before the answer came");
            let report = Report::new(exit::NETWORK, "connection-closed", about(authority, message));
            with_received(report.cause(Words::ours(text)), error.received)
        }
        Failure::Truncated { .. } => network("answer-truncated"),
        Failure::TooLong { .. } => network("answer-too-long"),
        Failure::Protocol { .. } => network("not-http")
            .hint(format!("something else than Salesforce may answer at {authority}: check host and port")),
    }
}

/// A handshake that ended without an alert.
pub(super) fn cut_handshake(authority: &str) -> Report {
    let message = format!("the connection to {authority} was cut off in the TLS handshake");
    Report::new(exit::NETWORK, "handshake-dropped", about(authority, message)).hint(
        "a firewall, proxy or load balancer may have cut it: compare with another port and another network",
    )
}

fn with_received(report: Report, received: u64) -> Report {
    match received {
        0 => report,
        bytes => report.cause(Words::ours(format_args!(
            "{bytes} bytes of the answer had arrived"
        ))),
    }
}

fn dns_hint(host: &str, text: &str) -> &'static str {
    // EAI_AGAIN: no name server answered, so the name may be right.
    if text.contains("Temporary failure") {
        "no name server answered: check this machine's network; behind a proxy, set HTTPS_PROXY or -x"
    } else if host.ends_with(".salesforce.com") || host.ends_with(".force.com") {
        "check the My Domain name: it stands in Setup > My Domain"
    } else {
        "check the host name; behind a proxy, set HTTPS_PROXY or -x"
    }
}

fn proxy_hint(proxy: &str, address: &str, status: u16) -> String {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    match status {
        407 => format!(
            "the proxy wants a user and a password that it knows: -x http://USER:PASSWORD@{proxy} (basic authentication \
             is the only one known here)"
        ),
        502..=504 => format!(
            "the proxy itself does not reach {address}: check host and port, or ask who runs it"
        ),
        _ => format!(
            "have CONNECT to {address} allowed (many proxies allow port 443 only), or go without the proxy: --noproxy {host}"
        ),
    }
}

/// The host and port in a URL, as messages name them.
pub(super) fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

/// The host in a URL.
pub(super) fn host(url: &str) -> &str {
    let authority = authority(url);
    match authority.rsplit_once(':') {
        // Not a colon inside an IPv6 address.
        Some((host, port)) if !port.contains(']') => host,
        _ => authority,
    }
}

/// The port in a URL.
pub(super) fn port(url: &str) -> u16 {
    let port = authority(url).rsplit_once(':');
    port.and_then(|(_, port)| port.parse().ok()).unwrap_or(443)
}

/// OpenSSL's reasons for refusing an identity at security level 2.
fn unusable_identity(failure: &Failure, reason: i32) -> Report {
    let report = |code| Report::refusal(Said::by_openssl(code), Words::ours(failure));
    match reason {
        397 => report("key-too-small")
            .hint("an intermediate's key is too short: order a certificate of another CA"),
        399 => report("key-too-small")
            .hint("RSA keys need 2048 bits or more: order a certificate for a new key"),
        398 => report("signature-weak").hint("have the certificate reissued with SHA-256"),
        _ => report("identity-unusable"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart_with_and_without_port_and_with_ipv6() {
        let parts = |url| (authority(url), host(url), port(url));
        assert_eq!(
            parts("https://acme.test:8443/services"),
            ("acme.test:8443", "acme.test", 8443)
        );
        assert_eq!(
            parts("https://acme.test/x:1"),
            ("acme.test", "acme.test", 443)
        );
        assert_eq!(parts("https://[::1]/"), ("[::1]", "[::1]", 443));
        assert_eq!(parts("https://[::1]:9/"), ("[::1]:9", "[::1]", 9));
    }
}
