//! Failures on the way: names, connections, proxies, TLS.

use super::{Report, exit};
use crate::net::tls::failure::{Alert, Phase, TlsFailure};
use crate::net::{Failure, Role, TransportError};

/// OpenSSL's `SSL_R_WRONG_VERSION_NUMBER`: what came was no TLS record.
const WRONG_VERSION_NUMBER: i32 = 267;

/// Words for a request that got no whole answer.
pub(super) fn report(error: &TransportError, role: Role) -> Report {
    let cause = format!("{} {}", error.method, error.url);
    let report = failure(error, role);
    let report = report.cause_first(cause);
    if error.received > 0
        && matches!(
            error.failure,
            Failure::Closed { .. } | Failure::IdleTimeout { .. }
        )
    {
        return report.cause(format!(
            "{} bytes of the answer had arrived",
            error.received
        ));
    }
    report
}

fn failure(error: &TransportError, role: Role) -> Report {
    let failure = &error.failure;
    let port = error.url.rsplit_once(':').map_or("", |(_, rest)| rest);
    let mutual = role == Role::Api;
    match failure {
        Failure::NoIdentity => Report::new(exit::USAGE, "no-certificate", failure)
            .hint("name it with -E FILE (PKCS#12 or PEM), or set SFMTLS_CERT"),
        Failure::Dns { host, .. } => {
            let report = Report::new(exit::NETWORK, "dns-failure", failure);
            if host.ends_with(".salesforce.com") || host.ends_with(".force.com") {
                report.hint("check the My Domain name: it stands in Setup > My Domain")
            } else {
                report.hint("check the host name; behind a proxy, set HTTPS_PROXY or -x")
            }
        }
        Failure::Refused { address, .. } => Report::new(exit::NETWORK, "tcp-refused", failure)
            .hint(format!("nothing listens at {address}: check host and port")),
        Failure::ConnectTimeout { address, .. } if is_login_server(address) && mutual => {
            Report::new(exit::NETWORK, "sf-login-host", failure).hint(
                "the login server has no mutual TLS: leave the port out of --login-url; calls go to port 8443 of the org's own host",
            )
        }
        Failure::ConnectTimeout { address, .. } => {
            let report = Report::new(exit::NETWORK, "tcp-timeout", failure);
            if mutual {
                report.hint(format!(
                    "a firewall may drop this port while 443 is open: allow outbound TCP to {address}"
                ))
            } else {
                report.hint("a firewall or a missing proxy setting may be the reason: set HTTPS_PROXY or -x where there is one")
            }
        }
        Failure::Connect { .. } => Report::new(exit::NETWORK, "connect-failed", failure),
        Failure::ProxyRefused { proxy, address, status } => {
            let report = Report::new(exit::NETWORK, "proxy-connect-denied", failure);
            match status {
                407 => report.hint(format!(
                    "the proxy wants a user and a password: -x http://USER:PASSWORD@{proxy}"
                )),
                _ => report.hint(format!(
                    "have CONNECT to {address} allowed (many proxies allow port 443 only), or reach the host without the proxy: --noproxy HOST"
                )),
            }
        }
        Failure::Proxy { .. } => Report::new(exit::NETWORK, "proxy-failed", failure)
            .hint("check -x, HTTPS_PROXY and ALL_PROXY; -x \"\" goes without a proxy"),
        Failure::Tls(tls) => tls_failure(tls, mutual),
        Failure::TrustStore { file, .. } => Report::new(exit::OTHER, "ca-file-unreadable", failure)
            .hint(format!("check that {file} is a readable PEM file of CA certificates")),
        Failure::UnusableIdentity { reason, .. } => unusable_identity(failure, *reason),
        Failure::IdleTimeout { .. } => Report::new(exit::NETWORK, "idle-timeout", failure)
            .hint("--idle-timeout SECS waits longer"),
        Failure::Closed { .. } if error.sent == 0 => {
            Report::new(exit::NETWORK, "connection-closed", failure)
        }
        Failure::Closed { .. } => Report::new(exit::NETWORK, "connection-closed", failure),
        Failure::Truncated { .. } => Report::new(exit::NETWORK, "answer-truncated", failure),
        Failure::TooLong { .. } => Report::new(exit::NETWORK, "answer-too-long", failure),
        Failure::Protocol { .. } => {
            Report::new(exit::NETWORK, "not-http", failure).hint(format!("is port {port} the right one?"))
        }
    }
}

fn is_login_server(address: &str) -> bool {
    address.starts_with("login.salesforce.com:") || address.starts_with("test.salesforce.com:")
}

/// OpenSSL's reasons for refusing an identity at security level 2.
fn unusable_identity(failure: &Failure, reason: i32) -> Report {
    let report = |code| Report::new(exit::CERTIFICATE, code, failure);
    match reason {
        397 | 399 => report("key-too-small")
            .hint("TLS needs RSA keys of 2048 bits or more: order a certificate for a new key"),
        398 => report("signature-weak").hint("have the certificate reissued with SHA-256"),
        _ => report("identity-unusable"),
    }
}

fn tls_failure(tls: &TlsFailure, mutual: bool) -> Report {
    if let Some((code, text)) = &tls.verify {
        return untrusted(*code, text);
    }
    match tls.alert {
        Some(alert) if alert.received => refused(alert, tls, mutual),
        _ if tls.reason == WRONG_VERSION_NUMBER => Report::new(exit::NETWORK, "not-tls", "the server does not speak TLS on this port")
            .cause(&tls.text)
            .hint("check the port: mutual TLS is on 8443"),
        _ if tls.phase == Phase::Handshake => {
            Report::new(exit::NETWORK, "handshake-dropped", "the TLS handshake was cut off without a reason")
                .cause(&tls.text)
                .hint("a firewall, proxy or load balancer may be between: compare with port 443 and with another network")
        }
        _ => Report::new(exit::NETWORK, "tls-failed", "the TLS connection broke").cause(&tls.text),
    }
}

/// The server's certificate was not accepted; OpenSSL's verify codes.
fn untrusted(code: i32, text: &str) -> Report {
    let message = format!("the server's certificate is not trusted: {text}");
    let report = |id| Report::new(exit::UNTRUSTED, id, &message);
    match code {
        10 => report("server-cert-expired")
            .hint("either it has expired or the clock of this machine is wrong: date -u"),
        62 | 64 => report("server-name-mismatch")
            .hint("the certificate is for another host: check the host name in --login-url"),
        _ => report("server-cert-untrusted").hint(
            "where a company's proxy inspects TLS, have this host exempted: mutual TLS cannot pass through it; \
             a private CA is named with --cacert FILE",
        ),
    }
}

/// The server ended TLS with an alert (RFC 8446 6.2).
fn refused(alert: Alert, tls: &TlsFailure, mutual: bool) -> Report {
    let number = alert.number;
    let when = match tls.phase {
        Phase::Handshake => "in the handshake",
        Phase::FirstRead | Phase::Transfer => "after the handshake",
    };
    let cause = format!("TLS {alert} {when}");
    // Alerts about versions and names, and any alert on the port without mutual TLS, are not about
    // our certificate.
    if !mutual || matches!(number, 70 | 71 | 80 | 86 | 112 | 120) {
        let (id, hint) = match number {
            70 => (
                "tls-version-unsupported",
                Some("the server speaks another TLS version: check --tls-min"),
            ),
            112 => (
                "sf-wrong-host",
                Some("the server does not know this host name: use the My Domain host"),
            ),
            _ => ("tls-alert", None),
        };
        let report =
            Report::new(exit::NETWORK, id, "the server ended the TLS connection").cause(cause);
        return match hint {
            Some(hint) => report.hint(hint),
            None => report,
        };
    }
    let (id, message, hint) = match number {
        42 => (
            "rejected-bad-certificate",
            "the server could not use the client certificate",
            "check its dates: openssl x509 -noout -dates -in FILE",
        ),
        43 => (
            "rejected-unsupported-certificate",
            "the server refused the purpose of the client certificate",
            "it needs the usage clientAuth: openssl x509 -noout -ext extendedKeyUsage -in FILE",
        ),
        44 => (
            "rejected-revoked",
            "the client certificate is revoked",
            "order a new one and upload it",
        ),
        45 => (
            "rejected-expired",
            "the client certificate, or an intermediate, has expired",
            "check the dates of each certificate in the file: openssl crl2pkcs7 -nocrl -certfile FILE | openssl pkcs7 -print_certs -text -noout | grep -A2 Validity",
        ),
        46 => (
            "rejected-certificate-unknown",
            "the server refused the client certificate",
            "check the chain: the file must hold every intermediate below the root",
        ),
        47 => (
            "rejected-illegal-parameter",
            "the server refused the type of the client's key",
            "use a certificate for an RSA key of 2048 bits or a P-256 key",
        ),
        48 => (
            "rejected-unknown-ca",
            "the server does not know the CA of the client certificate",
            "either an intermediate is missing in the file (append it), or the root is not on the server's list: https://HOST/cacerts.jsp",
        ),
        49 => (
            "rejected-access-denied",
            "the client certificate is valid but not allowed",
            "upload this certificate to this org: Setup > Certificate and Key Management",
        ),
        51 => (
            "rejected-decrypt-error",
            "the server could not check the client's signature",
            "check that the key belongs to the certificate",
        ),
        116 if tls.certificate_sent => (
            "rejected-certificate-required",
            "the server wants a client certificate and accepted none",
            "its list of CAs or signature algorithms may not fit this certificate: -v shows what was sent",
        ),
        116 => (
            "rejected-certificate-required",
            "the server wants a client certificate and none was sent",
            "the server's signature algorithms do not fit the key: use an RSA key of 2048 bits or a P-256 key",
        ),
        40 => (
            "rejected-handshake-failure",
            "the server refused the client certificate, or none that it accepts was sent",
            "check the chain and the type of the key: -v shows what was sent",
        ),
        _ => (
            "rejected-other-alert",
            "the server ended the TLS connection",
            "-v shows what was sent",
        ),
    };
    Report::new(exit::CERTIFICATE, id, message)
        .cause(cause)
        .hint(hint)
}
