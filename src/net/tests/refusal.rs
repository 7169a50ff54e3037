//! Handshakes that fail, and the facts they leave.

use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::ssl::{SslAcceptorBuilder, SslVerifyMode, SslVersion};
use openssl::x509::X509VerifyResult;
use openssl::x509::store::X509StoreBuilder;

use super::lab::{Kind, Minted, mint, mint_with_key};
use super::server::{Session, acceptor, acceptor_at};
use super::*;
use crate::net::tls::failure::{Alert, Phase, TlsFailure};

/// Verifies client certificates against the lab's client root and insists on one.
fn strict(mut builder: SslAcceptorBuilder) -> SslAcceptorBuilder {
    let mut store = X509StoreBuilder::new().expect("a store");
    store
        .add_cert(lab().client_root.certificate.clone())
        .expect("added");
    builder.set_verify_cert_store(store.build()).expect("set");
    builder.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
    builder
}

fn done(session: &mut Session) {
    session.answer("200 OK", "done");
}

fn refusal(server: &Server, role: Role, identity: Identity) -> TransportError {
    let transport = Transport::new(
        options(server.port),
        Some(Arc::new(identity)),
        Arc::new(Silent),
    );
    transport.send(&post(role)).expect_err("refused")
}

fn tls(error: &TransportError) -> &TlsFailure {
    match &error.failure {
        Failure::Tls(failure) => failure,
        other => panic!("not a TLS failure: {other:?}"),
    }
}

const VERSIONS: [SslVersion; 2] = [SslVersion::TLS1_2, SslVersion::TLS1_3];

/// A refusal of the client certificate: in the handshake of TLS 1.2, with the first read of 1.3.
fn assert_refused(error: &TransportError, version: SslVersion, number: u8, sent: bool) {
    let failure = tls(error);
    let (phase, name) = if version == SslVersion::TLS1_2 {
        (Phase::Handshake, "TLSv1.2")
    } else {
        (Phase::FirstRead, "TLSv1.3")
    };
    let alert = Alert {
        number,
        received: true,
    };
    assert_eq!(failure.alert, Some(alert), "{error:?}");
    assert_eq!(failure.phase, phase, "{error:?}");
    assert_eq!(failure.version.as_deref(), Some(name), "{error:?}");
    assert_eq!(failure.certificate_requested, Some(true), "{error:?}");
    assert_eq!(failure.certificate_sent, sent, "{error:?}");
    assert_eq!(failure.verify, None);
    assert_eq!(error.received, 0);
    assert_eq!(error.sent > 0, phase == Phase::FirstRead, "{error:?}");
}

#[test]
fn a_good_chain_passes_a_strict_server() {
    for version in VERSIONS {
        let server = Server::with(strict(acceptor_at(&lab().server, version)), done);
        let text = read(transport(options(server.port)).send(&post(Role::Api)));
        assert_eq!(text.as_deref(), Ok("done"));
        assert_eq!(server.next().chain.len(), 3);
    }
}

#[test]
fn a_refused_certificate_leaves_its_alert_in_both_versions() {
    let issuing = &lab().issuing;
    let chain = [issuing, &lab().policy];
    let other_root = mint("Other Root", None, Kind::Authority, 30);
    let early = mint("early.test", Some(issuing), Kind::NotYetClient, 90);
    let wrong_use = mint("wrong-use.test", Some(issuing), Kind::Server, 90);
    let stranger = mint("stranger.test", Some(&other_root), Kind::Client, 90);
    let cases: [(u8, Identity); 6] = [
        (42, lab().identity_of(&early, &chain)),
        (43, lab().identity_of(&wrong_use, &chain)),
        (45, lab().identity_of(&lab().expired_client, &chain)),
        (48, lab().identity_of(&lab().client, &[])),
        (48, lab().identity_of(&lab().client, &[&lab().policy])),
        (48, lab().identity_of(&stranger, &[])),
    ];
    for version in VERSIONS {
        let server = Server::with(strict(acceptor_at(&lab().server, version)), done);
        for (number, identity) in &cases {
            let error = refusal(&server, Role::Api, identity.clone());
            assert_refused(&error, version, *number, true);
        }
    }
}

#[test]
fn a_missing_intermediate_is_not_filled_in_from_what_we_trust() {
    let all = [
        &lab().server_root,
        &lab().issuing,
        &lab().policy,
        &lab().client_root,
    ];
    let server = Server::with(strict(acceptor(&lab().server)), done);
    let options = Options {
        cacert: Some(lab().file("everything.pem", &all)),
        ..options(server.port)
    };
    let identity = Arc::new(lab().identity_of(&lab().client, &[]));
    let transport = Transport::new(options, Some(identity), Arc::new(Silent));
    let error = transport.send(&post(Role::Api)).expect_err("refused");
    assert_eq!(
        tls(&error).alert.map(|alert| alert.number),
        Some(48),
        "{error:?}"
    );
}

#[test]
fn a_server_that_refuses_without_a_reason_sends_handshake_failure() {
    for version in VERSIONS {
        let mut builder = acceptor_at(&lab().server, version);
        builder.set_verify_callback(SslVerifyMode::PEER, |_, context| {
            context.set_error(X509VerifyResult::APPLICATION_VERIFICATION);
            false
        });
        let server = Server::with(builder, done);
        let error = refusal(&server, Role::Api, lab().identity());
        assert_refused(&error, version, 40, true);
    }
}

#[test]
fn a_key_that_the_server_takes_no_signature_of_means_that_no_certificate_is_sent() {
    let rsa = PKey::from_rsa(Rsa::generate(2048).expect("a key")).expect("a key");
    let server_key = mint_with_key("na30.test", Some(&lab().server_root), Kind::Server, 9, rsa);
    for (version, number) in [(SslVersion::TLS1_2, 40), (SslVersion::TLS1_3, 116)] {
        let mut builder = strict(acceptor_at(&server_key, version));
        builder
            .set_sigalgs_list("RSA-PSS+SHA256:RSA+SHA256")
            .expect("set");
        let server = Server::with(builder, done);
        let error = refusal(&server, Role::Api, lab().identity());
        assert_refused(&error, version, number, false);
    }
}

#[test]
fn a_login_on_a_port_that_insists_on_a_certificate_tells_the_alert() {
    for (version, number) in [(SslVersion::TLS1_2, 40), (SslVersion::TLS1_3, 116)] {
        let server = Server::with(strict(acceptor_at(&lab().server, version)), done);
        let error = refusal(&server, Role::Login, lab().identity());
        let alert = Alert {
            number,
            received: true,
        };
        assert_eq!(tls(&error).alert, Some(alert), "{error:?}");
        assert!(!tls(&error).certificate_sent);
    }
}

#[test]
fn a_large_request_to_a_server_that_refuses_still_tells_the_alert() {
    let server = Server::with(strict(acceptor_at(&lab().server, SslVersion::TLS1_3)), done);
    let transport = Transport::new(
        options(server.port),
        Some(Arc::new(lab().identity_of(&lab().client, &[]))),
        Arc::new(Silent),
    );
    let mut request = post(Role::Api);
    // More than the socket buffers hold: some write meets the closed connection.
    request.body = Some("x".repeat(20 << 20).into());
    let error = transport.send(&request).expect_err("refused");
    assert_eq!(tls(&error).alert.map(|a| a.number), Some(48), "{error:?}");
}

/// The verify code of the failure that `role` meets at a server with this certificate.
fn verify_code(server: &Minted, role: Role, change: impl Fn(&mut Options)) -> i32 {
    let server = Server::with(acceptor(server), done);
    let mut options = options(server.port);
    change(&mut options);
    let error = transport(options)
        .send(&post(role))
        .expect_err("not trusted");
    let failure = tls(&error);
    assert_eq!(failure.phase, Phase::Handshake);
    assert_eq!(
        error.sent, 0,
        "nothing is sent to a server that is not trusted"
    );
    let (code, text) = failure.verify.clone().expect("a verify code");
    assert!(!text.is_empty());
    if role == Role::Api {
        let sent_by_us = failure.alert.map(|alert| !alert.received);
        assert_eq!(sent_by_us, Some(true), "{error:?}");
        assert!(!failure.certificate_sent);
    }
    code
}

#[test]
fn a_server_that_is_not_trusted_is_told_by_its_verify_code() {
    let other = lab().file("other-root.pem", &[&lab().client_root]);
    let self_signed = mint("na30.test", None, Kind::Server, 9);
    let misnamed = mint("na31.test", Some(&lab().server_root), Kind::Client, 9);
    for role in [Role::Api, Role::Login] {
        let unknown = |o: &mut Options| o.cacert = Some(other.clone());
        assert_eq!(verify_code(&lab().server, role, unknown), 20, "{role:?}");
        assert_eq!(verify_code(&self_signed, role, |_| ()), 18, "{role:?}");
        assert_eq!(
            verify_code(&lab().expired_server, role, |_| ()),
            10,
            "{role:?}"
        );
        assert_eq!(verify_code(&misnamed, role, |_| ()), 62, "{role:?}");
    }
}

#[test]
fn insecure_accepts_them_all() {
    let self_signed = mint("elsewhere.test", None, Kind::Server, -1);
    for role in [Role::Api, Role::Login] {
        let server = Server::with(acceptor(&self_signed), done);
        let options = Options {
            insecure: true,
            ..options(server.port)
        };
        assert_eq!(
            read(transport(options).send(&post(role))).as_deref(),
            Ok("done")
        );
    }
}

#[test]
fn an_address_is_verified_as_such_and_sends_no_server_name() {
    let without_address = mint("127.0.0.1", Some(&lab().server_root), Kind::Client, 9);
    for role in [Role::Api, Role::Login] {
        let server = Server::start(done);
        let mut request = post(role);
        request.target = target(role, "https://127.0.0.1:8443/".parse().expect("a URL"));
        let transport = transport(options(server.port));
        assert_eq!(read(transport.send(&request)).as_deref(), Ok("done"));
        assert_eq!(server.next().server_name, None);

        let server = Server::with(acceptor(&without_address), done);
        let error = super::transport(options(server.port)).send(&request);
        let error = error.expect_err("no such address in it");
        assert_eq!(
            tls(&error).verify.as_ref().map(|v| v.0),
            Some(64),
            "{error:?}"
        );
    }
}

#[test]
fn the_lowest_version_is_kept() {
    for role in [Role::Api, Role::Login] {
        let server = Server::with(acceptor_at(&lab().server, SslVersion::TLS1_2), done);
        let at_least = |tls_min| {
            let options = Options {
                tls_min,
                ..options(server.port)
            };
            transport(options).send(&post(role))
        };
        read(at_least(TlsVersion::V1_2)).expect("an answer");
        assert_eq!(server.next().protocol, "TLSv1.2");
        let error = at_least(TlsVersion::V1_3).expect_err("too old");
        let alert = tls(&error)
            .alert
            .map(|alert| (alert.number, alert.received));
        assert_eq!(alert, Some((70, true)), "{error:?}");
    }
}

#[test]
fn trust_comes_from_the_variables_where_no_file_is_given() {
    let file = lab().file(
        "ssl-cert-file.pem",
        &[&lab().client_root, &lab().server_root],
    );
    let folder = tempfile::tempdir().expect("a folder");
    let root = &lab().server_root.certificate;
    let name = format!("{:08x}.0", root.subject_name_hash());
    std::fs::write(folder.path().join(name), root.to_pem().expect("PEM")).expect("written");
    for role in [Role::Api, Role::Login] {
        let server = Server::start(done);
        let with = |file: Option<PathBuf>, folder: Option<PathBuf>| {
            let options = Options {
                cacert: None,
                ssl_cert_file: file,
                ssl_cert_dir: folder,
                ..options(server.port)
            };
            transport(options)
                .send(&post(role))
                .map(|answer| answer.status)
        };
        assert_eq!(with(Some(file.clone()), None), Ok(200));
        assert_eq!(with(None, Some(folder.path().to_owned())), Ok(200));
        let error = with(None, None).expect_err("not among the system's");
        assert_eq!(
            tls(&error).verify.as_ref().map(|v| v.0),
            Some(20),
            "{error:?}"
        );
    }
}

#[test]
fn a_trust_store_that_cannot_be_read_is_named() {
    let empty = lab().write("no-certificates.pem", b"nothing here\n");
    let cases = [PathBuf::from("/nonexistent/ca.pem"), empty];
    for role in [Role::Api, Role::Login] {
        for path in &cases {
            let options = Options {
                cacert: Some(path.clone()),
                ..options(1)
            };
            let error = transport(options).send(&post(role)).expect_err("no CAs");
            let named = match &error.failure {
                Failure::TrustStore { file, text } => {
                    !text.is_empty() && *file == path.display().to_string()
                }
                _ => false,
            };
            assert!(named, "{error:?}");
        }
    }
}

#[test]
fn an_identity_that_openssl_will_not_use_is_told_before_anything_is_sent() {
    let weak = PKey::from_rsa(Rsa::generate(1024).expect("a key")).expect("a key");
    let weak = mint_with_key("weak.test", None, Kind::Client, 9, weak);
    let mut mixed = lab().identity();
    mixed.key = weak.key.clone();
    let server = Server::start(done);
    for identity in [lab().identity_of(&weak, &[]), mixed] {
        let error = refusal(&server, Role::Api, identity);
        assert!(
            matches!(error.failure, Failure::UnusableIdentity { reason, .. } if reason > 0),
            "{error:?}"
        );
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_server_that_speaks_no_tls_is_a_tls_failure() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            use std::io::Write;
            let _ = (&stream).write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    for role in [Role::Api, Role::Login] {
        let error = transport(options(port))
            .send(&post(role))
            .expect_err("no TLS");
        assert!(tls(&error).reason > 0, "{error:?}");
        assert_eq!(tls(&error).version, None);
    }
}
