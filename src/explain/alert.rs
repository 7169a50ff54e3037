//! TLS that failed: a server that is not trusted, alerts (RFC 8446 6.2), handshakes that break off.
//!
//! An alert says little, and who sent it may not be Salesforce: hints name what can be checked.

use super::network::{about, authority, cut_handshake, host};
use super::{Given, Hint, Report, exit};
use crate::check::join::Said;
use crate::net::tls::failure::{Alert, Phase, TlsFailure};
use crate::text::secret::Words;

const VERSIONS: &str = "the server and this program share no TLS version";
const CHECK_VERSIONS: &str =
    "leave --tls-min out, so that 1.2 is enough; older versions are never spoken";

pub(super) fn tls_failure(tls: &TlsFailure, mutual: bool, url: &str, given: Given<'_>) -> Report {
    if let Some((code, text)) = &tls.verify {
        return untrusted(*code, text, mutual, host(url));
    }
    let text = || Words::ours(&tls.text);
    let network = |code, message: Words| Report::new(exit::NETWORK, code, message).cause(text());
    let authority = authority(url);
    match tls.alert {
        Some(alert) if alert.received => refused(alert, tls, mutual, url, given),
        _ if tls.is_not_tls() => {
            let hint = "check the port: mutual TLS is on 8443, a login on 443";
            let message = about(authority, format_args!("{authority} does not speak TLS"));
            network("not-tls", message).hint(hint)
        }
        _ if tls.is_unsupported_version() => {
            network("tls-version-unsupported", VERSIONS.into()).hint(CHECK_VERSIONS)
        }
        _ if tls.phase == Phase::Handshake => cut_handshake(authority).cause(text()),
        _ => network(
            "tls-failed",
            about(
                authority,
                format_args!("the TLS connection to {authority} broke"),
            ),
        ),
    }
}

/// The server's certificate was not accepted; OpenSSL's verify codes.
fn untrusted(code: i32, text: &str, mutual: bool, host: &str) -> Report {
    let message = Words::from("the server's certificate is not trusted: ");
    let message = match code {
        // Of the platform's TLS, whose texts are not known.
        0 => message.and_theirs(text),
        _ => message.and_ours(text),
    };
    let report = |id| Report::new(exit::UNTRUSTED, id, message.clone());
    match code {
        9 | 10 => report("server-cert-expired")
            .hint("either its dates are wrong or this machine's clock is: date -u"),
        62 | 64 => report("server-name-mismatch")
.hint(format!("the certificate is for another host than {host}: check the host name")),
        _ if mutual => report("server-cert-untrusted").hint(
            "where a proxy inspects TLS, have this host exempted: mutual TLS does not pass through one; \
             else name the server's CA with --cacert FILE, which replaces the system's",
        ),
        _ => report("server-cert-untrusted").hint(
            "name the server's CA (or that of a proxy that inspects TLS) with --cacert FILE, which replaces the system's",
        ),
    }
}

/// The server ended TLS with an alert.
fn refused(alert: Alert, tls: &TlsFailure, mutual: bool, url: &str, given: Given<'_>) -> Report {
    let when = match tls.phase {
        Phase::Handshake => "in the handshake",
        Phase::FirstRead => "after the handshake",
        Phase::Transfer => "while the answer was under way",
    };
    let authority = authority(url);
    let cause = about(
        authority,
        format_args!("{authority} sent TLS {alert} {when}"),
    );
    // Alerts about versions and names, and any alert of a server that did not ask for a
    // certificate, are not about ours.
    let about_us = mutual && tls.certificate_requested != Some(false);
    if !about_us || matches!(alert.number, 70 | 71 | 80 | 86 | 112 | 120) {
        return ended(alert.number).cause(cause);
    }
    let (message, hints) = match alert.number {
        // A server that finds no certificate says 40 in TLS 1.2 and 116 in TLS 1.3.
        40 | 116 if !tls.certificate_sent => (
            "the server wants a client certificate, and none was sent because it takes no signature of this key",
            vec![
                "have a certificate issued for another kind of key: RSA of 2048 bits, or P-256"
                    .into(),
            ],
        ),
        other => refused_certificate(other, url, given),
    };
    let said = Said::by_alert(alert.number, tls.certificate_sent);
    Report::refusal(said, message).cause(cause).hints(hints)
}

/// TLS ended, and not because of our certificate.
fn ended(alert: u8) -> Report {
    let report = |code, message: &'static str| Report::new(exit::NETWORK, code, message);
    match alert {
        70 => report("tls-version-unsupported", VERSIONS).hint(CHECK_VERSIONS),
        112 => report("sf-wrong-host", "the server does not know this host name")
            .hint("use the My Domain host: https://NAME.my.salesforce.com"),
        _ => report("tls-alert", "the server ended the TLS connection"),
    }
}

fn refused_certificate(alert: u8, url: &str, given: Given<'_>) -> (&'static str, Vec<Hint>) {
    let look = |words: &str, command| vec![Hint::command(words, command)];
    let only = |words: &str| vec![words.into()];
    let dates_and_chain = || {
        let words = format!(
            "check its dates, and that {} holds every intermediate",
            given.file()
        );
        look(&words, given.show_dates())
    };
    match alert {
        40 => (
            "the server ended the handshake, probably over the client certificate",
            dates_and_chain(),
        ),
        42 => (
            "the server could not use the client certificate",
            look(
                "it may not be valid yet (or this machine's clock is wrong)",
                given.show("-dates"),
            ),
        ),
        43 => (
            "the server refused the kind of client certificate",
            look(NO_CLIENT_AUTH, given.show("-ext extendedKeyUsage")),
        ),
        44 => (
            "the server says that the client certificate is revoked",
            only("order a new one, and upload it before it is used"),
        ),
        45 => (
            "the server says that the client certificate, or an intermediate, has expired",
            look("see which", given.show_dates()),
        ),
        46 => (
            "the server refused the client certificate without saying why",
            dates_and_chain(),
        ),
        47 => (
            "the server refused the client's key or certificate",
            only("use a certificate for an RSA key of 2048 bits or a P-256 key"),
        ),
        48 => (
            "the server does not know the CA of the client certificate",
            given
                .add_intermediate("the intermediate that may be missing", url)
                .into(),
        ),
        49 => (
            "the server does not allow this client certificate",
            look("upload its leaf to this org", given.extract_leaf()),
        ),
        51 => (
            "the server could not check the client's signature",
            only(
                "the key may not be the certificate's, or something on the way changed the handshake",
            ),
        ),
        116 => (
            "the server wants a client certificate, and did not accept the one sent as one",
            only("its list of CAs may not fit this certificate: -v shows what was sent"),
        ),
        _ => (
            "the server ended the TLS connection",
            only("-v shows what was sent"),
        ),
    }
}

/// What a certificate lacks that is refused for its purpose.
pub(super) const NO_CLIENT_AUTH: &str = "it needs the usage \"TLS Web Client Authentication\"";

#[cfg(test)]
mod tests {
    use super::*;

    fn code_and_exit(
        number: u8,
        mutual: bool,
        requested: Option<bool>,
        sent: bool,
    ) -> (String, u8) {
        let failure = TlsFailure {
            phase: Phase::Handshake,
            version: None,
            alert: Some(Alert {
                number,
                received: true,
            }),
            verify: None,
            certificate_requested: requested,
            certificate_sent: sent,
            reason: 1000 + i32::from(number),
            text: String::new(),
        };
        let report = tls_failure(
            &failure,
            mutual,
            "https://acme.test:8443/",
            Given::default(),
        );
        (report.code.as_str().to_owned(), report.exit)
    }

    #[test]
    fn alerts_about_the_certificate_have_the_ids_of_the_catalogue() {
        for (number, code) in [
            (40, "rejected-handshake-failure"),
            (42, "rejected-bad-certificate"),
            (43, "rejected-unsupported-certificate"),
            (44, "rejected-revoked"),
            (45, "rejected-expired"),
            (46, "rejected-certificate-unknown"),
            (47, "rejected-illegal-parameter"),
            (48, "rejected-unknown-ca"),
            (49, "rejected-access-denied"),
            (51, "rejected-decrypt-error"),
            (116, "rejected-certificate-required"),
            (50, "rejected-other-alert"),
        ] {
            let found = code_and_exit(number, true, Some(true), true);
            assert_eq!(found, (code.to_owned(), exit::CERTIFICATE));
        }
    }

    #[test]
    fn other_alerts_are_not_blamed_on_the_certificate() {
        let network = |code: &str| (code.to_owned(), exit::NETWORK);
        assert_eq!(
            code_and_exit(70, true, None, false),
            network("tls-version-unsupported")
        );
        assert_eq!(
            code_and_exit(112, true, Some(true), true),
            network("sf-wrong-host")
        );
        assert_eq!(
            code_and_exit(80, true, Some(true), true),
            network("tls-alert")
        );
        // The server never asked for one.
        assert_eq!(
            code_and_exit(40, true, Some(false), false),
            network("tls-alert")
        );
        // A login on the port without mutual TLS.
        assert_eq!(code_and_exit(48, false, None, false), network("tls-alert"));
    }
}
