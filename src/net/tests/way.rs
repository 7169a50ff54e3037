//! Proxies, `--connect-to`, `NO_PROXY`.

use std::io::{BufRead, BufReader, Read, Write, copy};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::server::acceptor;
use super::*;

/// A CONNECT proxy that leads every tunnel to `to`, or answers `refusal`.
struct TestProxy {
    port: u16,
    heads: Mutex<mpsc::Receiver<String>>,
}

impl TestProxy {
    fn start(tls: bool, to: u16, refusal: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (sender, heads) = mpsc::channel();
        let acceptor = acceptor(&lab().server).build();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (sender, acceptor) = (sender.clone(), acceptor.clone());
                thread::spawn(move || {
                    if tls {
                        let Ok(stream) = acceptor.accept(stream) else {
                            return;
                        };
                        // Nobody shows a proxy the client certificate.
                        assert!(stream.ssl().peer_certificate().is_none());
                        tunnel_tls(stream, to, &sender);
                    } else {
                        tunnel(stream, to, refusal, &sender);
                    }
                });
            }
        });
        Self {
            port,
            heads: Mutex::new(heads),
        }
    }

    fn head(&self) -> String {
        let heads = self.heads.lock().expect("no panic");
        heads
            .recv_timeout(Duration::from_secs(20))
            .expect("a CONNECT")
    }

    fn proxy(&self, scheme: &str) -> Option<Proxy> {
        Some(Proxy {
            scheme: scheme.to_owned(),
            host: "127.0.0.1".to_owned(),
            port: self.port,
            credentials: None,
        })
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test's proxy opens the far side of its tunnels"
)]
fn dial(port: u16) -> TcpStream {
    TcpStream::connect(("127.0.0.1", port)).expect("connected")
}

fn read_head(stream: &mut impl Read) -> String {
    let mut head = String::new();
    // One byte at a time: what follows belongs to the tunnel.
    let mut reader = BufReader::with_capacity(1, stream);
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).unwrap_or(0) == 0 {
            break;
        }
    }
    head
}

fn tunnel(mut client: TcpStream, to: u16, refusal: Option<&str>, sender: &mpsc::Sender<String>) {
    let _ = sender.send(read_head(&mut client));
    if let Some(refusal) = refusal {
        let _ = client.write_all(refusal.as_bytes());
        return;
    }
    let _ = client.write_all(b"HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n");
    let server = dial(to);
    let (mut from, mut into) = (
        client.try_clone().expect("a clone"),
        server.try_clone().expect("a clone"),
    );
    thread::spawn(move || {
        let _ = copy(&mut from, &mut into);
        let _ = into.shutdown(Shutdown::Both);
    });
    let (mut server, mut client) = (server, client);
    let _ = copy(&mut server, &mut client);
    let _ = client.shutdown(Shutdown::Both);
}

/// One thread cannot wait on both sides of a TLS stream; reads are given up after a millisecond.
fn tunnel_tls(
    mut client: openssl::ssl::SslStream<TcpStream>,
    to: u16,
    sender: &mpsc::Sender<String>,
) {
    let _ = sender.send(read_head(&mut client));
    let _ = client.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
    let mut server = dial(to);
    let soon = Some(Duration::from_millis(1));
    client.get_ref().set_read_timeout(soon).expect("set");
    server.set_read_timeout(soon).expect("set");
    let mut buffer = [0; 16384];
    let waits = |error: &std::io::Error| error.kind() == std::io::ErrorKind::WouldBlock;
    loop {
        match client.read(&mut buffer) {
            Ok(0) => return,
            Ok(n) => server.write_all(&buffer[..n]).expect("written"),
            Err(error) if waits(&error) => {}
            Err(_) => return,
        }
        match server.read(&mut buffer) {
            Ok(0) => return,
            Ok(n) => client.write_all(&buffer[..n]).expect("written"),
            Err(error) if waits(&error) => {}
            Err(_) => return,
        }
    }
}

fn done() -> Server {
    Server::start(|s| s.answer("200 OK", "done"))
}

#[test]
fn a_proxy_is_asked_for_the_host_and_port_of_the_url() {
    for role in [Role::Api, Role::Login] {
        for scheme in ["http", "https"] {
            let server = done();
            let proxy = TestProxy::start(scheme == "https", server.port, None);
            let options = Options {
                proxy: proxy.proxy(scheme),
                connect_to: Vec::new(),
                ..options(server.port)
            };
            let transport = transport(options);
            for _ in 0..3 {
                assert_eq!(
                    read(transport.send(&post(role))).as_deref(),
                    Ok("done"),
                    "{scheme}"
                );
                let seen = server.next();
                assert_eq!(seen.connection, 1, "one tunnel serves all");
                assert_eq!(seen.server_name.as_deref(), Some("na30.test"));
                assert_eq!(seen.chain.is_empty(), role == Role::Login);
            }
            let head = proxy.head();
            assert!(
                head.starts_with("CONNECT na30.test:8443 HTTP/1.1\r\nHost: na30.test:8443\r\n"),
                "{head}"
            );
            assert!(
                !head.to_ascii_lowercase().contains("authorization"),
                "{head}"
            );
        }
    }
}

#[test]
fn credentials_go_to_the_proxy_and_nowhere_else() {
    let server = done();
    let proxy = TestProxy::start(false, server.port, None);
    let mut to = proxy.proxy("http").expect("a proxy");
    to.credentials = Some(("user".to_owned(), Secret::new("pa:ss wörd")));
    let options = Options {
        proxy: Some(to),
        connect_to: Vec::new(),
        ..options(server.port)
    };
    read(transport(options).send(&post(Role::Api))).expect("an answer");
    let encoded = openssl::base64::encode_block("user:pa:ss wörd".as_bytes());
    let head = proxy.head();
    assert!(
        head.contains(&format!("\r\nProxy-Authorization: Basic {encoded}\r\n")),
        "{head}"
    );
    assert!(
        !server
            .next()
            .request
            .to_ascii_lowercase()
            .contains("proxy-")
    );
}

#[test]
fn connect_to_names_the_second_host_to_the_proxy_and_keeps_the_first_for_tls() {
    for role in [Role::Api, Role::Login] {
        let server = done();
        let proxy = TestProxy::start(false, server.port, None);
        let options = Options {
            proxy: proxy.proxy("http"),
            connect_to: vec![ConnectTo {
                to_host: Some("edge.test".to_owned()),
                ..to_port(4443)
            }],
            ..options(server.port)
        };
        read(transport(options).send(&post(role))).expect("an answer");
        assert!(
            proxy
                .head()
                .starts_with("CONNECT edge.test:4443 HTTP/1.1\r\n")
        );
        let seen = server.next();
        assert_eq!(seen.server_name.as_deref(), Some("na30.test"));
        assert!(
            seen.request
                .to_ascii_lowercase()
                .contains("\r\nhost: na30.test:8443\r\n")
        );
    }
}

#[test]
fn connect_to_takes_the_first_entry_that_matches_host_and_port() {
    let server = done();
    let entry = |host: Option<&str>, port, to| ConnectTo {
        host: host.map(str::to_owned),
        port,
        ..to_port(to)
    };
    let options = Options {
        connect_to: vec![
            entry(Some("other.test"), None, 1),
            entry(Some("na30.test"), Some(443), 1),
            entry(Some("NA30.test"), Some(8443), server.port),
            entry(None, None, 1),
        ],
        ..options(server.port)
    };
    read(transport(options).send(&post(Role::Api))).expect("an answer");
    let unchanged = ConnectTo {
        host: None,
        port: None,
        to_host: None,
        to_port: None,
    };
    let options = Options {
        connect_to: vec![unchanged],
        ..Options::default()
    };
    let route = connect::Route::of(&http::Uri::from_static("https://[::1]:8443/"), &options);
    assert_eq!(
        (route.host.as_str(), route.address().as_str()),
        ("::1", "[::1]:8443")
    );
}

#[test]
fn no_proxy_names_the_host_of_the_url() {
    let server = done();
    let proxy = TestProxy::start(false, 1, Some("HTTP/1.1 403 Forbidden\r\n\r\n"));
    let with = |list: &str| {
        let options = Options {
            proxy: proxy.proxy("http"),
            no_proxy: Some(list.to_owned()),
            ..options(server.port)
        };
        transport(options)
            .send(&post(Role::Api))
            .map(|answer| answer.status)
    };
    assert_eq!(with("other.test, .test"), Ok(200));
    assert_eq!(with("*"), Ok(200));
    assert!(
        with("127.0.0.1,localhost").is_err(),
        "where it connects to does not count"
    );
}

#[test]
fn a_proxy_that_refuses_tells_its_status() {
    for (answer, status) in [
        ("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", 403),
        (
            "HTTP/1.0 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n",
            407,
        ),
        ("HTTP/1.1 503 X\r\n\r\n", 503),
    ] {
        for role in [Role::Api, Role::Login] {
            let proxy = TestProxy::start(false, 1, Some(answer));
            let options = Options {
                proxy: proxy.proxy("http"),
                connect_to: Vec::new(),
                ..options(1)
            };
            let error = transport(options).send(&post(role)).expect_err("refused");
            let expected = Failure::ProxyRefused {
                proxy: format!("127.0.0.1:{}", proxy.port),
                address: "na30.test:8443".to_owned(),
                status,
            };
            assert_eq!(error.failure, expected);
            assert_eq!(error.sent, 0);
        }
    }
}

#[test]
fn a_proxy_that_is_gone_or_speaks_something_else_is_named() {
    let gone = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = gone.local_addr().expect("an address").port();
    drop(gone);
    let garbage = TestProxy::start(false, 1, Some("220 smtp.test ESMTP\r\n\r\n"));
    let silent = TestProxy::start(false, 1, Some(""));
    for (port, words) in [
        (port, "refused the connection"),
        (garbage.port, "not HTTP/1.1"),
        (silent.port, "closed the connection"),
    ] {
        let options = Options {
            proxy: Some(Proxy {
                scheme: "http".to_owned(),
                host: "127.0.0.1".to_owned(),
                port,
                credentials: None,
            }),
            ..options(1)
        };
        let error = transport(options)
            .send(&post(Role::Api))
            .expect_err("no proxy");
        let named = matches!(&error.failure, Failure::Proxy { proxy, text } if *proxy == format!("127.0.0.1:{port}") && text.contains(words));
        assert!(named, "{error:?}");
    }
}

#[test]
fn a_server_behind_a_proxy_that_is_not_trusted_is_a_tls_failure() {
    let server = done();
    let proxy = TestProxy::start(false, server.port, None);
    for role in [Role::Api, Role::Login] {
        let options = Options {
            proxy: proxy.proxy("http"),
            cacert: Some(lab().file("client-root.pem", &[&lab().client_root])),
            ..options(server.port)
        };
        let error = transport(options)
            .send(&post(role))
            .expect_err("not trusted");
        assert!(
            matches!(&error.failure, Failure::Tls(tls) if tls.verify.is_some()),
            "{error:?}"
        );
    }
}
