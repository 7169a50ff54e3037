//! The ways in which a client certificate, or a handshake, comes to grief, as `openssl s_client` and curl
//! see them in both TLS versions.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use super::super::*;
use super::client::{Client, GET_USER_INFO, body, envelope, header, post, status};
use super::org;

const VERSIONS: [&str; 2] = ["-tls1_2", "-tls1_3"];
/// What s_client prints of its own when the handshake did not end.
const NO_CIPHER: &str = "New, (NONE), Cipher is (NONE)";

/// Everything that s_client prints around one request to this port.
fn s_client_at(org: &Org, port: u16, options: &[&str]) -> String {
    let request = post(&envelope(&org.session(1, "localhost"), GET_USER_INFO))
        .replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    let mut child = Command::new("openssl")
        .args(["s_client", "-ign_eof", "-state", "-servername", "localhost"])
        .args(["-verify_hostname", "localhost", "-connect"])
        .arg(format!("127.0.0.1:{port}"))
        .arg("-CAfile")
        .arg(&org.files().ca)
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("openssl is installed");
    // It may be refused before it reads this.
    drop(
        child
            .stdin
            .take()
            .expect("piped")
            .write_all(request.as_bytes()),
    );
    let output = child.wait_with_output().expect("s_client ends");
    [output.stdout, output.stderr]
        .map(|text| String::from_utf8_lossy(&text).into_owned())
        .concat()
}

fn s_client(org: &Org, version: &str, identity: Option<&Path>) -> String {
    let path = identity.map_or("", |path| path.to_str().expect("UTF-8"));
    let options = [version, "-cert", path, "-key", path, "-cert_chain", path];
    let options = if identity.is_some() {
        &options[..]
    } else {
        &options[..1]
    };
    s_client_at(org, org.mutual_port(), options)
}

/// Asserts that s_client was sent this alert: in the handshake of TLS 1.2, after that of TLS 1.3.
fn assert_alert(shown: &str, version: &str, number: u8) {
    assert!(
        shown.contains(&format!("SSL alert number {number}\n")),
        "{version} {number}: {shown}"
    );
    assert_eq!(
        shown.contains("SSL_connect:error in "),
        version == "-tls1_2",
        "{version} {number}: {shown}"
    );
}

#[test]
fn what_openssl_finds_is_told_by_page_or_by_alert() {
    let org = org();
    let files = org.files();
    let other_root = super::org();
    for (identity, reason, alert) in [
        (
            &files.leaf_only,
            "unable to get local issuer certificate",
            48,
        ),
        (&files.expired, "certificate has expired", 45),
        (&files.expired_intermediate, "certificate has expired", 45),
        (&files.not_yet_valid, "certificate is not yet valid", 42),
        (
            &files.server_auth_only,
            "unsuitable certificate purpose",
            43,
        ),
        (&files.self_signed, "self-signed certificate", 48),
        (
            &other_root.files().client,
            "unable to get local issuer certificate",
            48,
        ),
    ] {
        for version in VERSIONS {
            org.switch(|switches| switches.refuse_by_alert = false);
            let page = s_client(&org, version, Some(identity));
            let expected = format!("Client certificate error:<i>{reason}");
            assert!(page.contains(&expected), "{identity:?}: {page}");
            org.switch(|switches| switches.refuse_by_alert = true);
            assert_alert(&s_client(&org, version, Some(identity)), version, alert);
        }
    }
    for (version, alert) in [("-tls1_2", 40), ("-tls1_3", 116)] {
        assert_alert(&s_client(&org, version, None), version, alert);
        let good = s_client(&org, version, Some(&files.client));
        assert!(good.contains("<getUserInfoResponse>"), "{good}");
    }
}

#[test]
fn any_alert_can_refuse_a_good_certificate_where_a_server_would_send_it() {
    let org = org();
    for version in VERSIONS {
        for number in [40, 42, 43, 44, 45, 46, 47, 48, 49, 51, 80, 116] {
            org.switch(|switches| switches.refuse_with = Some(number));
            let shown = s_client(&org, version, Some(&org.files().client));
            assert_alert(&shown, version, number);
        }
        let without = s_client(&org, version, None);
        assert!(
            without.contains("No client certificate provided."),
            "{without}"
        );
        org.switch(|switches| switches.refuse_by_alert = true);
        let expected = if version == "-tls1_2" { 40 } else { 116 };
        assert_alert(&s_client(&org, version, None), version, expected);
        org.switch(|switches| switches.refuse_by_alert = false);
    }
    assert!(
        org.journal()
            .entries
            .iter()
            .all(|entry| entry.certificate.is_none()),
        "refused connections carry no request"
    );
}

#[test]
fn an_alert_is_sealed_under_every_cipher_of_tls_1_3() {
    let org = org();
    org.switch(|switches| switches.refuse_with = Some(49));
    let client = org.files().client.to_str().expect("UTF-8").to_owned();
    for suite in [
        "TLS_AES_128_GCM_SHA256",
        "TLS_AES_256_GCM_SHA384",
        "TLS_CHACHA20_POLY1305_SHA256",
    ] {
        let options = [
            "-ciphersuites",
            suite,
            "-cert",
            &client,
            "-key",
            &client,
            "-cert_chain",
            &client,
        ];
        let shown = s_client_at(&org, org.mutual_port(), &options);
        assert!(shown.contains(&format!("Cipher is {suite}\n")), "{shown}");
        assert_alert(&shown, "-tls1_3", 49);
    }
}

#[test]
fn the_page_is_the_services_or_a_gateways_with_any_status_type_and_reason() {
    let org = org();
    org.switch(|switches| {
        switches.page_status = 403;
        switches.page_type = "text/xml";
        switches.page_reason = Some("certificate revoked".to_owned());
    });
    let request = post(&envelope("", GET_USER_INFO));
    let answer_to = |identity: &Path| {
        Client::at(&org, org.mutual_port(), identity)
            .expect("a connection")
            .exchange(&request)
            .0
    };
    let answer = answer_to(&org.files().expired);
    assert_eq!(status(&answer), "403");
    assert_eq!(header(&answer, "Content-Type"), Some("text/xml"));
    assert!(body(&answer).contains("<i>certificate revoked</i>"));
    assert_eq!(status(&answer_to(&org.files().client)), "500");

    org.switch(|switches| switches.page = RefusalPage::Nginx);
    let answer = answer_to(&org.files().expired);
    assert_eq!(status(&answer), "400");
    assert!(
        body(&answer).contains("<center>The SSL certificate error</center>"),
        "{answer}"
    );
    let shown = s_client(&org, "-tls1_3", None);
    assert!(
        shown.contains("<center>No required SSL certificate was sent</center>"),
        "{shown}"
    );
}

#[test]
fn a_certificate_request_comes_or_not_and_names_what_it_is_told_to() {
    const ASKED: &str = "Requested Signature Algorithms: ";
    const NO_NAMES: &str = "No client certificate CA names sent";
    let org = org();
    for version in VERSIONS {
        let shown = |change: fn(&mut Switches)| {
            org.switch(|switches| {
                *switches = Switches::default();
                change(switches);
            });
            s_client(&org, version, Some(&org.files().client))
        };
        let usual = shown(|_| {});
        assert!(
            usual.contains(
                "Acceptable client certificate CA names\nO = Acme Test Ltd, CN = Local Org Client Root\n"
            ),
            "{usual}"
        );
        let none = shown(|switches| switches.mutual_tls.cas = NamedCas::None);
        assert!(none.contains(NO_NAMES) && none.contains(ASKED), "{none}");
        assert!(none.contains("<getUserInfoResponse>"), "{none}");
        let other = shown(|switches| switches.mutual_tls.cas = NamedCas::Other);
        assert!(other.contains("CN = Local Org Server CA\n"), "{other}");
        assert!(!other.contains("Local Org Client Root"), "{other}");

        let unasked = shown(|switches| switches.mutual_port_asks = false);
        assert!(
            unasked.contains(NO_NAMES) && !unasked.contains(ASKED),
            "{unasked}"
        );
        assert!(
            unasked.contains("No client certificate provided."),
            "{unasked}"
        );
    }
}

#[test]
fn a_key_of_another_kind_than_the_request_names_is_withheld() {
    let rsa = Org::start(Config {
        leaf_key: LeafKey::Rsa2048,
        ..Config::default()
    })
    .expect("the org starts");
    let ec = org();
    let ecdsa = "Requested Signature Algorithms: ECDSA+SHA256\n";
    for version in VERSIONS {
        for (org, algorithms, named, withheld) in [
            (&ec, SignatureAlgorithms::Rsa, "RSA+SHA256\n", true),
            (&rsa, SignatureAlgorithms::Rsa, "RSA+SHA256\n", false),
            (&ec, SignatureAlgorithms::Ecdsa, ecdsa, false),
            (&rsa, SignatureAlgorithms::Ecdsa, ecdsa, true),
        ] {
            org.switch(|switches| {
                switches.mutual_tls.algorithms = algorithms;
                switches.refuse_by_alert = false;
            });
            let identity = Some(&*org.files().client);
            let shown = s_client(org, version, identity);
            assert!(shown.contains(named), "{shown}");
            assert!(shown.contains("Verify return code: 0 (ok)"), "{shown}");
            assert_eq!(
                shown.contains("No client certificate provided."),
                withheld,
                "{version} {algorithms:?}: {shown}"
            );
            assert_eq!(shown.contains("<getUserInfoResponse>"), !withheld);
            if withheld {
                org.switch(|switches| switches.refuse_by_alert = true);
                let alert = if version == "-tls1_2" { 40 } else { 116 };
                assert_alert(&s_client(org, version, identity), version, alert);
            }
        }
    }
}

#[test]
fn each_port_shows_the_certificate_it_is_told_to() {
    let org = org();
    let verdict = |port: u16, version: &str, ca: &Path| {
        let ca = ca.to_str().expect("UTF-8");
        let shown = s_client_at(&org, port, &[version, "-CAfile", ca]);
        let line = shown
            .lines()
            .find(|line| line.trim_start().starts_with("Verify return code: "));
        let issuer = shown.lines().find(|line| line.starts_with("issuer="));
        (
            line.unwrap_or_default().trim().to_owned(),
            issuer.unwrap_or_default().to_owned(),
        )
    };
    let files = org.files();
    for version in VERSIONS {
        for (server, ca, expected) in [
            (ServerCertificate::Good, &files.ca, "0 (ok)"),
            (
                ServerCertificate::Expired,
                &files.ca,
                "10 (certificate has expired)",
            ),
            (
                ServerCertificate::OtherName,
                &files.ca,
                "62 (hostname mismatch)",
            ),
            (
                ServerCertificate::Inspected,
                &files.ca,
                "20 (unable to get local issuer certificate)",
            ),
            (ServerCertificate::Inspected, &files.proxy_ca, "0 (ok)"),
        ] {
            org.switch(|switches| switches.mutual_tls.server = server);
            let expected = format!("Verify return code: {expected}");
            let (line, issuer) = verdict(org.mutual_port(), version, ca);
            assert_eq!(line, expected, "{version} {server:?}");
            assert_eq!(
                issuer.ends_with("CN = Zscaler Intermediate Root CA"),
                server == ServerCertificate::Inspected,
                "{issuer}"
            );
            let (line, _) = verdict(org.login_port(), version, &files.ca);
            assert_eq!(line, "Verify return code: 0 (ok)", "the other port");
        }
    }
    org.switch(|switches| switches.login_tls.server = ServerCertificate::Expired);
    let (line, _) = verdict(org.login_port(), "-tls1_3", &files.ca);
    assert_eq!(line, "Verify return code: 10 (certificate has expired)");
}

#[test]
fn a_handshake_can_end_without_an_alert() {
    let org = org();
    for version in VERSIONS {
        for (interruption, words) in [
            (Interruption::Close, "unexpected eof while reading"),
            (Interruption::Reset, "errno=104"),
            (Interruption::PlainHttp, "wrong version number"),
        ] {
            org.switch(|switches| switches.mutual_tls.interruption = Some(interruption));
            let shown = s_client(&org, version, Some(&org.files().client));
            assert!(shown.contains(words), "{interruption:?}: {shown}");
            assert!(shown.contains(NO_CIPHER), "{interruption:?}: {shown}");
            assert!(!shown.contains("alert read"), "{interruption:?}: {shown}");
        }
    }
    let login = s_client_at(&org, org.login_port(), &[]);
    assert!(
        login.contains("<getUserInfoResponse>"),
        "the other port: {login}"
    );
}

#[test]
fn plain_http_is_an_answer_for_those_who_speak_it() {
    let org = org();
    org.switch(|switches| switches.mutual_tls.interruption = Some(Interruption::PlainHttp));
    let url = format!("http://localhost:{}/", org.mutual_port());
    let output = Command::new("curl")
        .args(["-q", "-s", "--noproxy", "*", "-w", "%{http_code}", &url])
        .output()
        .expect("curl is installed");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "Bad Request\n400");
}

#[test]
fn a_silent_port_takes_the_handshake_and_answers_nothing() {
    let org = org();
    org.switch(|switches| switches.mutual_tls.interruption = Some(Interruption::Silence));
    #[expect(
        clippy::disallowed_methods,
        reason = "the tests of the org stand apart from net/"
    )]
    let mut tcp =
        TcpStream::connect((Ipv4Addr::LOCALHOST, org.mutual_port())).expect("a connection");
    tcp.write_all(&client_hello()).expect("it is taken");
    // A port that answers does so in a few milliseconds.
    tcp.set_read_timeout(Some(Duration::from_millis(500)))
        .expect("a socket");
    let mut answer = [0; 16];
    let error = tcp.read(&mut answer).expect_err("silence");
    assert!(
        matches!(
            error.kind(),
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
        ),
        "{error}"
    );
    tcp.set_read_timeout(None).expect("a socket");
    drop(org);
    assert!(!tcp.read(&mut answer).is_ok_and(|count| count > 0));
}

/// The first flight of OpenSSL's client.
fn client_hello() -> Vec<u8> {
    #[derive(Debug, Default)]
    struct Nobody(Vec<u8>);
    impl Read for Nobody {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::WouldBlock.into())
        }
    }
    impl Write for Nobody {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    use openssl::ssl::{HandshakeError, Ssl, SslContext, SslMethod};
    let context = SslContext::builder(SslMethod::tls_client()).expect("a context");
    let ssl = Ssl::new(&context.build()).expect("memory");
    match ssl.connect(Nobody::default()) {
        Err(HandshakeError::WouldBlock(begun)) => begun.get_ref().0.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_clock_can_be_wrong_either_way() {
    let org = org();
    let request = post(&envelope("", GET_USER_INFO));
    let mut client = Client::new(&org);
    let mut ahead = || {
        let before = SystemTime::now();
        let (answer, _) = client.exchange(&request);
        let date = header(&answer, "Date").expect("a date").to_owned();
        let date = httpdate::parse_http_date(&date).expect("an HTTP date");
        let seconds = |time: SystemTime| {
            let age = time.duration_since(SystemTime::UNIX_EPOCH);
            age.expect("after 1970").as_secs().cast_signed()
        };
        seconds(date) - seconds(before)
    };
    // No answer takes a minute.
    assert!((0..60).contains(&ahead()));
    org.switch(|switches| switches.clock_ahead = 600);
    assert!((600..660).contains(&ahead()));
    org.switch(|switches| switches.clock_ahead = -420);
    assert!((-420..-360).contains(&ahead()));
}

#[test]
fn the_untidy_identity_is_the_good_one_in_disorder() {
    let org = org();
    let files = org.files();
    let read = |path: &Path| std::fs::read_to_string(path).expect("a file");
    let good = read(&files.client_certificates);
    let at = good.rfind("-----BEGIN").expect("two certificates");
    let (leaf, issuing) = good.split_at(at);
    let key = read(&files.client_key);
    assert_eq!(
        read(&files.untidy),
        [&key, &read(&files.client_root), issuing, leaf].concat()
    );
}
