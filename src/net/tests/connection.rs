//! Connections: kept, closed, slow, refused.

use std::io::Write as _;
use std::net::TcpListener;
use std::sync::Barrier;
use std::time::Duration;

use super::*;

#[test]
fn a_connection_is_kept_for_the_next_request() {
    for role in [Role::Api, Role::Login] {
        let server = Server::start(|s| s.answer("200 OK", "done"));
        let transport = transport(options(server.port));
        for _ in 0..5 {
            read(transport.send(&post(role))).expect("an answer");
            assert_eq!(server.next().connection, 1);
        }
    }
}

#[test]
fn a_connection_closed_while_idle_is_noticed_and_replaced() {
    for role in [Role::Api, Role::Login] {
        for end in [
            server::Session::close,
            server::Session::cut,
            server::Session::reset,
        ] {
            let read_by_us = Arc::new(Barrier::new(2));
            let theirs = Arc::clone(&read_by_us);
            let server = Server::start(move |s| {
                s.answer("200 OK", "done");
                if s.seen.connection == 1 {
                    theirs.wait();
                    end(s);
                }
            });
            let transport = transport(options(server.port));
            read(transport.send(&post(role))).expect("an answer");
            read_by_us.wait();
            server.wait_for_close();
            read(transport.send(&post(role))).expect("an answer");
            assert_eq!(server.connections(), 2);
        }
    }
}

#[test]
fn a_server_that_closes_after_the_request_is_an_error_with_its_counters() {
    for role in [Role::Api, Role::Login] {
        for end in [
            server::Session::close,
            server::Session::cut,
            server::Session::reset,
        ] {
            let server = Server::start(move |s| {
                if s.seen.request.starts_with("GET") {
                    s.answer("200 OK", "done");
                } else {
                    end(s);
                }
            });
            let transport = transport(options(server.port));
            let error = transport.send(&post(role)).expect_err("closed");
            assert!(matches!(error.failure, Failure::Closed { .. }), "{error:?}");
            assert!(
                error.sent > 100 && error.received == 0 && !error.reused,
                "{error:?}"
            );
            read(transport.send(&get(role, "/"))).expect("an answer");
            let error = transport.send(&post(role)).expect_err("closed");
            assert!(matches!(error.failure, Failure::Closed { .. }), "{error:?}");
            assert!(
                error.sent > 100 && error.received == 0 && error.reused,
                "{error:?}"
            );
        }
    }
}

#[test]
fn silence_is_an_idle_timeout() {
    for role in [Role::Api, Role::Login] {
        let server =
            Server::start(|s| s.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345"));
        let options = Options {
            idle_timeout: Duration::from_millis(1100),
            ..options(server.port)
        };
        let error = read(transport(options).send(&post(role))).expect_err("silent");
        assert_eq!(
            error.failure,
            Failure::IdleTimeout {
                limit: Duration::from_millis(1100)
            }
        );
        assert!(error.sent > 0 && error.received > 0);
    }
}

/// Answers with `first`, then with `piece` again and again, until the client has gone.
fn drip(first: &'static str, piece: &'static str, pause: Duration) -> Server {
    Server::start(move |s| {
        s.write(first);
        while s.stream.write_all(piece.as_bytes()).is_ok() {
            std::thread::sleep(pause);
        }
    })
}

#[test]
fn a_head_that_drips_for_ever_ends() {
    for (role, first, piece) in [
        (Role::Api, "HTTP/1.1 200 OK\r\n", "X: y\r\n"),
        (Role::Login, "", "HTTP/1.1 100 Continue\r\n\r\n"),
    ] {
        let server = drip(first, piece, Duration::from_millis(20));
        let options = Options {
            idle_timeout: Duration::from_millis(500),
            ..options(server.port)
        };
        let error = transport(options).send(&post(role)).expect_err("endless");
        let limit = Duration::from_secs(1);
        assert_eq!(error.failure, Failure::SlowHead { limit });
        assert!(error.sent > 0 && error.received > 0, "{error:?}");
    }
}

#[test]
fn interim_answers_without_end_are_not_http_however_fast_they_come() {
    for role in [Role::Api, Role::Login] {
        let server = drip("", "HTTP/1.1 100 Continue\r\n\r\n", Duration::ZERO);
        let error = transport(options(server.port))
            .send(&post(role))
            .expect_err("endless");
        let Failure::Protocol { text } = &error.failure else {
            panic!("{error:?}");
        };
        assert!(text.contains("interim answers"), "{text}");
    }
}

#[test]
fn some_interim_answers_and_a_slow_body_are_an_answer() {
    let server = Server::start(|s| {
        for _ in 0..200 {
            s.write("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
        }
        s.write("HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n");
        for _ in 0..30 {
            s.write("x");
            std::thread::sleep(Duration::from_millis(80));
        }
    });
    let options = Options {
        idle_timeout: Duration::from_secs(1),
        ..options(server.port)
    };
    let answer = read(transport(options).send(&post(Role::Api)));
    assert_eq!(answer.as_deref(), Ok("x".repeat(30).as_str()));
}

#[test]
fn a_listener_that_never_speaks_tls_is_a_handshake_timeout() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("an address").port();
    for role in [Role::Api, Role::Login] {
        let options = Options {
            connect_timeout: Duration::from_millis(1050),
            ..options(port)
        };
        let error = transport(options).send(&post(role)).expect_err("silent");
        let address = format!("127.0.0.1:{port}");
        assert_eq!(
            error.failure,
            Failure::HandshakeTimeout {
                address,
                limit: Duration::from_millis(1050)
            }
        );
        assert_eq!(error.sent, 0);
    }
}

#[test]
fn a_full_queue_is_a_connect_timeout() {
    use socket2::{Domain, Socket, Type};
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    let any: std::net::SocketAddr = "127.0.0.1:0".parse().expect("an address");
    socket.bind(&any.into()).expect("bound");
    socket.listen(0).expect("listening");
    let address = socket
        .local_addr()
        .expect("an address")
        .as_socket()
        .expect("IPv4");
    let mut waiting = Vec::new();
    for _ in 0..4 {
        let filler = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        filler.set_nonblocking(true).expect("non-blocking");
        let _ = filler.connect(&address.into());
        waiting.push(filler);
    }
    let options = Options {
        connect_timeout: Duration::from_millis(1050),
        ..options(address.port())
    };
    let error = transport(options).send(&post(Role::Api)).expect_err("full");
    let address = address.to_string();
    assert_eq!(
        error.failure,
        Failure::ConnectTimeout {
            address,
            limit: Duration::from_millis(1050)
        }
    );
}

#[test]
fn nobody_listening_is_a_refusal_and_the_first_one_says_so() {
    let port = {
        let gone = TcpListener::bind("127.0.0.1:0").expect("a port");
        gone.local_addr().expect("an address").port()
    };
    for role in [Role::Api, Role::Login] {
        let error = transport(options(port))
            .send(&post(role))
            .expect_err("refused");
        let address = format!("127.0.0.1:{port}");
        assert_eq!(
            error.failure,
            Failure::Refused {
                address,
                first: true
            }
        );
    }
}

#[test]
fn a_name_without_an_address_is_named() {
    let options = Options {
        connect_to: vec![ConnectTo {
            to_host: Some("nobody.invalid".to_owned()),
            ..to_port(1)
        }],
        ..options(1)
    };
    let error = transport(options)
        .send(&post(Role::Api))
        .expect_err("no such name");
    assert!(
        matches!(&error.failure, Failure::Dns { host, .. } if host == "nobody.invalid"),
        "{error:?}"
    );
}

#[test]
fn a_body_that_is_given_up_takes_its_connection_with_it() {
    use std::io::Read as _;
    let server = Server::start(|s| s.answer("200 OK", "0123456789"));
    let transport = transport(options(server.port));
    let answer = transport.send(&get(Role::Api, "/")).expect("an answer");
    answer
        .into_body()
        .read_exact(&mut [0; 3])
        .expect("three bytes");
    read(transport.send(&get(Role::Api, "/"))).expect("an answer");
    assert_eq!(server.connections(), 2);
}

#[test]
fn requests_side_by_side_have_a_connection_and_counters_each() {
    let both = Arc::new(Barrier::new(2));
    let server = Server::start(move |s| {
        both.wait();
        if s.seen.request.starts_with("GET /cut") {
            s.close();
        } else {
            s.answer("200 OK", "done");
        }
    });
    let transport = transport(options(server.port));
    std::thread::scope(|scope| {
        let cut = scope.spawn(|| transport.send(&get(Role::Api, "/cut")).map(|a| a.status));
        let long = format!("/{}", "x".repeat(5000));
        read(transport.send(&get(Role::Api, &long))).expect("an answer");
        let error = cut.join().expect("no panic").expect_err("closed");
        assert!(matches!(error.failure, Failure::Closed { .. }), "{error:?}");
        assert!(error.sent > 0 && error.sent < 5000, "{error:?}");
    });
    assert_eq!(server.connections(), 2);
}
