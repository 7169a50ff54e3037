//! Names, ports, proxies, and servers that are not trusted.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use openssl::ssl::SslVersion;

use super::minted::{lab, pem, root, server};
use super::servers::{
    SESSION_INVALID, SServer, Tls, VERSIONS, login, plain, refusing, resetting, silent,
};
use super::{at, between, probe};
use crate::check::{raises, spares};

/// A port of mutual TLS that is in order.
fn good() -> u16 {
    Tls::of(&lab().server).asks().answers(SESSION_INVALID)
}

#[test]
fn a_name_that_nobody_knows() {
    let checked = probe("nobody.invalid", [login(), good()], &lab().client, &[], &[]);
    raises(&checked, "dns-failure");
    assert_eq!(
        checked
            .ids()
            .iter()
            .filter(|id| **id == "dns-failure")
            .count(),
        1
    );
    let to_here = ["--connect-to", "::localhost:"];
    let checked = probe(
        "nobody.invalid",
        [login(), good()],
        &lab().client,
        &to_here,
        &[],
    );
    spares(&checked, "dns-failure");
}

#[test]
fn a_port_where_nothing_listens_is_compared_with_443() {
    let (port, _taken) = refusing();
    let checked = at(port, &lab().client, &[]);
    raises(&checked, "tcp-refused");
    spares(&checked, "tcp-timeout");
    let finding = checked.finding("tcp-refused");
    assert_eq!(finding["severity"], "error");
    let why = finding["why"].as_str().expect("a reason");
    assert!(why.contains("answers"), "{why}");
    // With the other one shut, too, there is one error and not two.
    let checked = between(port, port, &lab().client, &[]);
    let why = checked.finding("tcp-refused")["why"].clone();
    assert!(
        why.as_str().expect("text").contains("does not answer"),
        "{why}"
    );
    spares(&at(good(), &lab().client, &[]), "tcp-refused");
}

#[test]
fn without_443_a_login_fails_and_the_calls_go_on() {
    let (port, _taken) = refusing();
    let checked = between(port, good(), &lab().client, &[]);
    raises(&checked, "tcp-refused");
    let finding = checked.finding("tcp-refused");
    assert_eq!(finding["severity"], "warning");
    let remedy = finding["remedy"].as_str().expect("advice");
    assert!(remedy.contains("--login-port PORT"), "{remedy}");
    raises(&checked, "sf-session-invalid");
    assert_eq!(checked.status, 0, "{:#}", checked.report);
}

#[test]
fn silence_behind_an_open_port_is_a_time_out_of_tls() {
    let (port, _listener) = silent();
    let checked = at(port, &lab().client, &["--connect-timeout", "1"]);
    raises(&checked, "tls-timeout");
    spares(&checked, "tcp-timeout");
    spares(&at(good(), &lab().client, &[]), "tls-timeout");
}

/// A listener whose queue is full takes no connection, as a firewall that drops them.
#[cfg(target_os = "linux")]
#[test]
fn no_answer_to_a_connection_is_a_time_out_of_tcp() {
    let (port, _queue) = super::servers::full();
    let checked = at(port, &lab().client, &["--connect-timeout", "1"]);
    raises(&checked, "tcp-timeout");
    spares(&checked, "tls-timeout");
    let command = checked.finding("tcp-timeout")["command"].clone();
    assert_eq!(command, format!("nc -vz localhost {port}"));
}

#[test]
fn a_connection_that_is_cut_without_a_reason() {
    let checked = at(resetting(), &lab().client, &[]);
    raises(&checked, "handshake-dropped");
    spares(&checked, "not-tls");
    spares(&at(good(), &lab().client, &[]), "handshake-dropped");
}

#[test]
fn clear_text_where_tls_should_be() {
    let checked = at(
        plain("HTTP/1.1 400 Bad Request\r\n\r\n"),
        &lab().client,
        &[],
    );
    raises(&checked, "not-tls");
    spares(&checked, "handshake-dropped");
    spares(&at(good(), &lab().client, &[]), "not-tls");
}

#[test]
fn no_version_of_tls_in_common() {
    let old = Tls::of(&lab().server).asks().version(SslVersion::TLS1_2);
    let port = old.answers(SESSION_INVALID);
    let checked = at(port, &lab().client, &["--tls-min", "1.3"]);
    raises(&checked, "tls-version-unsupported");
    let advice = &checked.finding("tls-version-unsupported")["remedy"];
    assert!(advice.as_str().unwrap().contains("--tls-min"), "{advice}");
    spares(&at(port, &lab().client, &[]), "tls-version-unsupported");
}

/// It used to be told as a refusal of the identity whose reason is not the certificate, exit 8.
#[test]
fn an_alert_before_a_certificate_is_asked_for_is_of_the_way() {
    let server = SServer::start(&["-tls1_2", "-cipher", "AES128-GCM-SHA256"]);
    let checked = at(server.port, &lab().client, &[]);
    raises(&checked, "tls-alert");
    spares(&checked, "rejected-handshake-failure");
    assert_eq!(checked.finding("tls-alert")["data"]["alert"], 40);
    assert_eq!(checked.status, 6, "{:#}", checked.report);
    assert!(checked.ids().iter().all(|id| !id.starts_with("rejected-")));
    spares(&at(good(), &lab().client, &[]), "tls-alert");
}

/// Refuses CONNECT.
fn refusing_proxy() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = [0; 4096];
            if stream.read(&mut head).is_ok() {
                drop(stream.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"));
            }
        }
    });
    format!("http://{address}")
}

#[test]
fn a_proxy_that_does_not_connect_and_the_command_that_goes_without() {
    let proxy = refusing_proxy();
    let through = [("HTTPS_PROXY", proxy.as_str())];
    let port = good();
    let checked = probe("localhost", [login(), port], &lab().client, &[], &through);
    raises(&checked, "proxy-connect-denied");
    spares(&checked, "proxy-failed");
    let finding = checked.finding("proxy-connect-denied");
    assert_eq!(finding["data"]["status"], 403);
    let command = finding["command"].as_str().expect("a command");
    let (name, value) = command
        .strip_prefix("export ")
        .and_then(|c| c.split_once('='))
        .expect("one variable");
    let without = [("HTTPS_PROXY", proxy.as_str()), (name, value)];
    let checked = probe("localhost", [login(), port], &lab().client, &[], &without);
    spares(&checked, "proxy-connect-denied");
    raises(&checked, "sf-session-invalid");
}

#[test]
fn a_proxy_that_is_not_there() {
    let (port, _taken) = refusing();
    let proxy = format!("http://127.0.0.1:{port}");
    let through = [("HTTPS_PROXY", proxy.as_str())];
    let checked = probe("localhost", [login(), good()], &lab().client, &[], &through);
    raises(&checked, "proxy-failed");
    spares(&checked, "proxy-connect-denied");
}

#[test]
fn a_server_that_is_not_trusted_in_both_versions() {
    let own = lab().write("own-root.pem", &pem(&root("Nobody's Root")));
    let own = own.to_str().expect("UTF-8");
    for (version, name) in VERSIONS {
        let port = Tls::of(&lab().server)
            .asks()
            .version(version)
            .answers(SESSION_INVALID);
        let checked = at(port, &lab().client, &["--cacert", own]);
        raises(&checked, "server-cert-untrusted");
        // A private CA in front of a host that is not Salesforce's is no proxy.
        spares(&checked, "tls-inspection-proxy");
        spares(&checked, "server-cert-expired");
        let bare = &checked.report["probes"][1];
        assert_eq!(bare["alert"]["dir"], "write", "{bare:#}");
        assert_eq!(bare["alert"]["number"], 48);
        assert_eq!(bare["tls"], name);
        assert_eq!(bare["server_issuer"], "CN=Lab Server CA");
        let checked = at(port, &lab().client, &[]);
        spares(&checked, "server-cert-untrusted");
        spares(&checked, "server-name-mismatch");
    }
}

#[test]
fn a_server_whose_certificate_has_ended_or_is_for_another_name() {
    let ca = root("Another Server CA");
    let file = lab().write("another-ca.pem", &pem(&ca));
    let file = file.to_str().expect("UTF-8");
    let expired = server(Some(&ca), [-90, -1], &["localhost"]);
    let port = Tls::of(&expired).asks().answers(SESSION_INVALID);
    let checked = at(port, &lab().client, &["--cacert", file]);
    raises(&checked, "server-cert-expired");
    spares(&checked, "server-name-mismatch");
    let elsewhere = server(Some(&ca), [-30, 90], &["elsewhere.test", "other.test"]);
    let port = Tls::of(&elsewhere).asks().answers(SESSION_INVALID);
    let checked = at(port, &lab().client, &["--cacert", file]);
    raises(&checked, "server-name-mismatch");
    spares(&checked, "server-cert-untrusted");
    let message = checked.finding("server-name-mismatch")["message"].clone();
    assert!(
        message
            .as_str()
            .expect("text")
            .contains("elsewhere.test and other.test"),
        "{message}"
    );
}

/// A session of nobody's is no reason to be wrong: what 443 is, is told as a warning.
#[test]
fn a_443_that_is_not_trusted_stops_nothing() {
    let other = server(Some(&root("Another Server CA")), [-30, 90], &["localhost"]);
    let login = Tls::of(&other).answers(SESSION_INVALID);
    let checked = between(login, good(), &lab().client, &[]);
    raises(&checked, "server-cert-untrusted");
    assert_eq!(
        checked.finding("server-cert-untrusted")["severity"],
        "warning"
    );
    spares(&checked, "tls-inspection-proxy");
    raises(&checked, "sf-session-invalid");
}

#[test]
fn a_proxy_that_inspects_is_known_by_its_ca_by_443_and_by_salesforces_own_names() {
    // By the maker's name, even where its CA is trusted.
    let maker = root("Zscaler Intermediate Root CA");
    let answering = server(Some(&maker), [-30, 90], &["localhost"]);
    let file = lab().write(
        "maker.pem",
        &[
            pem(&maker),
            std::fs::read(&lab().server_ca_file).expect("a CA"),
        ]
        .concat(),
    );
    let trusting = ["--cacert", file.to_str().expect("UTF-8")];
    let port = Tls::of(&answering).answers(SESSION_INVALID);
    for (more, trusted) in [(&[][..], false), (&trusting[..], true)] {
        let checked = at(port, &lab().client, more);
        raises(&checked, "tls-inspection-proxy");
        spares(&checked, "server-cert-untrusted");
        let data = &checked.finding("tls-inspection-proxy")["data"];
        assert_eq!(data["trusted"], trusted, "{data:#}");
    }
    // By 443, which has another one that is trusted.
    let private = server(
        Some(&root("Corporate CA")),
        [-30, 90],
        &["localhost", "acme.my.salesforce.com"],
    );
    let port = Tls::of(&private).asks().answers(SESSION_INVALID);
    let checked = at(port, &lab().client, &[]);
    raises(&checked, "tls-inspection-proxy");
    // By Salesforce's own host, whose CAs are public ones; here the lab's is.
    let public = [(
        "SSL_CERT_FILE",
        lab().server_ca_file.to_str().expect("UTF-8"),
    )];
    let host = "acme.my.salesforce.com";
    let to_here = ["--connect-to", "::localhost:"];
    let checked = probe(host, [port, port], &lab().client, &to_here, &public);
    raises(&checked, "tls-inspection-proxy");
    let checked = probe(host, [login(), good()], &lab().client, &to_here, &public);
    spares(&checked, "tls-inspection-proxy");
    raises(&checked, "sf-session-invalid");
}

#[test]
fn hosts_that_cannot_be_right_are_not_asked() {
    for (host, id) in [
        ("login.salesforce.com", "sf-login-host"),
        ("test.salesforce.com", "sf-login-host"),
        ("acme.lightning.force.com", "sf-wrong-host"),
        ("acme--c.visualforce.com", "sf-wrong-host"),
        ("acme--c.vf.force.com", "sf-wrong-host"),
    ] {
        let checked = probe(host, [1, 1], &lab().client, &[], &[]);
        assert!(checked.ids().contains(&id), "{host}: {:#}", checked.report);
        assert_eq!(checked.report["probes"].as_array().map(Vec::len), Some(0));
    }
    let checked = probe("login.salesforce.com", [1, 1], &lab().client, &[], &[]);
    raises(&checked, "sf-login-host");
    spares(&checked, "sf-wrong-host");
    let checked = probe("acme.lightning.force.com", [1, 1], &lab().client, &[], &[]);
    raises(&checked, "sf-wrong-host");
    spares(&checked, "sf-login-host");
}

#[test]
fn a_clock_that_is_off_by_more_than_five_minutes() {
    let at_time = |seconds: u64, back: bool| {
        let off = std::time::Duration::from_secs(seconds);
        let now = std::time::SystemTime::now();
        let time = if back { now - off } else { now + off };
        let date = httpdate::fmt_http_date(time);
        let answer = SESSION_INVALID.replacen("\r\n", &format!("\r\nDate: {date}\r\n"), 1);
        let port = Tls::of(&lab().server).asks().answers(answer);
        at(port, &lab().client, &[])
    };
    let checked = at_time(3600, false);
    raises(&checked, "clock-skew");
    let message = checked.finding("clock-skew")["message"].clone();
    assert!(
        message.as_str().expect("text").contains("minutes behind"),
        "{message}"
    );
    let checked = at_time(3600, true);
    raises(&checked, "clock-skew");
    spares(&at_time(200, true), "clock-skew");
    spares(&at_time(200, false), "clock-skew");
}
