//! The door against real TLS servers on the loopback interface.

mod body;
mod connection;
mod judge;
mod lab;
mod refusal;
mod server;
mod shown;
mod way;

use std::sync::{Arc, Mutex};

use super::*;
use crate::event::{Event, Observer, Silent};
use crate::identity::{Format, Identity};
use lab::lab;
use server::Server;

/// A POST of a small XML document to `https://na30.test:8443/services/Soap/u/64.0`.
fn post(role: Role) -> Request {
    let url = http::Uri::from_static("https://na30.test:8443/services/Soap/u/64.0");
    Request {
        method: http::Method::POST,
        target: target(role, url),
        headers: vec![
            ("Content-Type", "text/xml; charset=UTF-8".into()),
            ("SOAPAction", "\"\"".into()),
        ],
        body: Some(
            SecretText::from("<id>")
                .secret("SFMTLS_SESSION_ID", Secret::new("00Dsecret!token"))
                .plain("</id>"),
        ),
    }
}

fn get(role: Role, path: &str) -> Request {
    let url = format!("https://na30.test:8443{path}");
    Request {
        method: http::Method::GET,
        target: target(role, url.parse().expect("a URL")),
        headers: Vec::new(),
        body: None,
    }
}

#[expect(clippy::disallowed_methods, reason = "tests of the door itself")]
fn target(role: Role, url: http::Uri) -> Target {
    match role {
        Role::Api => Target::api(url),
        Role::Login => Target::login(url),
    }
}

/// Options that lead every host to `port` here and trust the lab's server root.
fn options(port: u16) -> Options {
    Options {
        cacert: Some(lab().file("server-root.pem", &[&lab().server_root])),
        connect_to: vec![to_port(port)],
        ..Options::default()
    }
}

fn to_port(port: u16) -> ConnectTo {
    ConnectTo {
        host: None,
        port: None,
        to_host: Some("127.0.0.1".to_owned()),
        to_port: Some(port),
    }
}

fn identity() -> Option<Arc<Identity>> {
    Some(Arc::new(lab().identity()))
}

fn transport(options: Options) -> Transport {
    Transport::new(options, identity(), Arc::new(Silent))
}

fn read(answer: Result<Response, TransportError>) -> Result<String, TransportError> {
    let mut buffer = Vec::new();
    answer?.read_into(&mut buffer, 1 << 30)?;
    Ok(String::from_utf8(buffer).expect("text"))
}

/// Remembers what it is told.
#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl Heard {
    fn text(&self) -> String {
        self.0.lock().expect("no panic").join("\n")
    }
}

impl Observer for Heard {
    fn event(&self, event: Event<'_>) {
        use crate::event::Direction;
        let line = match event {
            Event::Trace(Direction::Info, line) => format!("* {line}"),
            Event::Trace(Direction::Sent, line) => format!("> {line}"),
            Event::Trace(Direction::Received, line) => format!("< {line}"),
            Event::Curl(command) => command.to_owned(),
            other => format!("{other:?}"),
        };
        self.0.lock().expect("no panic").push(line);
    }
}

#[test]
fn an_api_call_carries_the_certificate_and_a_login_does_not() {
    let server = Server::start(|s| s.answer("200 OK", "done"));
    let transport = transport(options(server.port));

    assert_eq!(
        read(transport.send(&post(Role::Api))).as_deref(),
        Ok("done")
    );
    let seen = server.next();
    assert_eq!(
        seen.chain,
        ["integration.test", "Lab Issuing CA", "Lab Policy CA"]
    );
    assert_eq!(seen.server_name.as_deref(), Some("na30.test"));
    assert!(
        seen.request
            .starts_with("POST /services/Soap/u/64.0 HTTP/1.1\r\n"),
        "{}",
        seen.request
    );
    assert!(
        seen.request.ends_with("\r\n\r\n<id>00Dsecret!token</id>"),
        "{}",
        seen.request
    );
    let head = seen.request.to_ascii_lowercase();
    assert!(head.contains("\r\nhost: na30.test:8443\r\n"), "{head}");
    assert!(
        head.contains(concat!(
            "\r\nuser-agent: sfmtls/",
            env!("CARGO_PKG_VERSION"),
            "\r\n"
        )),
        "{head}"
    );
    assert!(head.contains("\r\naccept-encoding: gzip\r\n"), "{head}");
    assert!(head.contains("\r\ncontent-length: 24\r\n"), "{head}");
    assert!(!head.contains("expect:"), "{head}");

    assert_eq!(
        read(transport.send(&post(Role::Login))).as_deref(),
        Ok("done")
    );
    let seen = server.next();
    assert_eq!(seen.chain, [""; 0]);
    assert_eq!(seen.server_name.as_deref(), Some("na30.test"));
}

#[test]
fn an_api_call_without_an_identity_fails_before_it_connects() {
    let server = Server::start(|s| s.answer("200 OK", "done"));
    let transport = Transport::new(options(server.port), None, Arc::new(Silent));
    let error = transport.send(&post(Role::Api)).expect_err("no identity");
    assert_eq!(error.failure, Failure::NoIdentity);
    assert_eq!((error.sent, error.received, error.reused), (0, 0, false));
    assert_eq!(server.connections(), 0);
    assert!(transport.send(&post(Role::Login)).is_ok());
}

#[test]
fn every_status_is_an_answer_and_redirects_are_not_followed() {
    for (role, status) in [
        (Role::Api, 302),
        (Role::Login, 307),
        (Role::Api, 500),
        (Role::Api, 403),
    ] {
        let server = Server::start(move |s| {
            s.write(&format!(
                "HTTP/1.1 {status} X\r\nLocation: https://elsewhere.test/\r\nContent-Length: 2\r\n\r\nok"
            ));
        });
        let answer = transport(options(server.port))
            .send(&post(role))
            .expect("an answer");
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("location"), Some("https://elsewhere.test/"));
        assert_eq!(read(Ok(answer)).as_deref(), Ok("ok"));
        assert_eq!(server.connections(), 1);
    }
}

#[test]
fn an_empty_post_says_so_and_a_get_has_no_length() {
    let server = Server::start(|s| s.answer("200 OK", ""));
    let transport = transport(options(server.port));
    let mut request = post(Role::Api);
    request.body = None;
    read(transport.send(&request)).expect("an answer");
    assert!(
        server
            .next()
            .request
            .to_ascii_lowercase()
            .contains("content-length: 0\r\n")
    );
    read(transport.send(&get(Role::Api, "/x?secret=1"))).expect("an answer");
    assert!(
        !server
            .next()
            .request
            .to_ascii_lowercase()
            .contains("content-length")
    );
}
