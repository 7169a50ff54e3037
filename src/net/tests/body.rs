//! Bodies: compressed, cut off, too long.

use std::io::Write as _;

use super::*;

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).expect("compressed");
    encoder.finish().expect("compressed")
}

/// The answer to one request whose server writes `head`, an empty line and `body`, then closes.
fn fetch(
    role: Role,
    head: &'static str,
    body: Vec<u8>,
    ends: fn(&mut server::Session),
) -> Result<String, TransportError> {
    let server = Server::start(move |s| {
        s.write(&format!("HTTP/1.1 200 OK\r\n{head}\r\n"));
        s.write_bytes(&body);
        ends(s);
    });
    read(transport(options(server.port)).send(&get(role, "/")))
}

const ROLES: [Role; 2] = [Role::Api, Role::Login];

#[test]
fn gzip_is_decoded_with_all_its_members() {
    for role in ROLES {
        let body = [gzip("first "), gzip("second")].concat();
        let text = fetch(
            role,
            "Content-Encoding: gzip\r\nContent-Length: 52\r\n",
            body.clone(),
            |_| {},
        );
        assert_eq!(body.len(), 52);
        assert_eq!(text.as_deref(), Ok("first second"));
        let text = fetch(
            role,
            "Content-Encoding: x-gzip\r\n",
            gzip("until the end"),
            server::Session::close,
        );
        assert_eq!(text.as_deref(), Ok("until the end"));
        let text = fetch(
            role,
            "Content-Encoding: gzip\r\nContent-Length: 0\r\n",
            Vec::new(),
            |_| {},
        );
        assert_eq!(text.as_deref(), Ok(""));
    }
}

#[test]
fn gzip_that_is_cut_off_anywhere_is_an_error() {
    let whole = gzip("a row, and another row, and one more row");
    let server = Server::start(move |s| {
        let cut: usize = s
            .seen
            .request
            .split(['/', ' '])
            .nth(2)
            .and_then(|n| n.parse().ok())
            .expect("a number");
        let length = cut;
        s.write(&format!(
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {length}\r\n\r\n"
        ));
        let body = whole[..cut].to_vec();
        s.write_bytes(&body);
    });
    let transport = transport(options(server.port));
    for cut in 1..gzip("a row, and another row, and one more row").len() {
        let error = read(transport.send(&get(Role::Api, &format!("/{cut}")))).expect_err("cut");
        assert!(
            matches!(error.failure, Failure::Truncated { .. }),
            "{cut}: {error:?}"
        );
    }
}

#[test]
fn garbage_behind_or_instead_of_gzip_is_an_error() {
    for body in [
        [gzip("rows"), b"garbage behind it".to_vec()].concat(),
        b"not gzip at all".to_vec(),
    ] {
        let error = fetch(
            Role::Api,
            "Content-Encoding: gzip\r\n",
            body,
            server::Session::close,
        )
        .expect_err("garbage");
        assert!(
            matches!(error.failure, Failure::Protocol { .. }),
            "{error:?}"
        );
    }
    let error = fetch(
        Role::Api,
        "Content-Encoding: br\r\n",
        b"x".to_vec(),
        server::Session::close,
    )
    .expect_err("brotli");
    assert!(
        matches!(&error.failure, Failure::Protocol { text } if text.contains("`br`")),
        "{error:?}"
    );
}

#[test]
fn a_body_shorter_than_announced_is_an_error_however_it_ends() {
    let length = "Content-Length: 10\r\n";
    let chunked = "Transfer-Encoding: chunked\r\n";
    for role in ROLES {
        for end in [
            server::Session::close,
            server::Session::cut,
            server::Session::reset,
        ] {
            let error = fetch(role, length, b"12345".to_vec(), end).expect_err("short");
            // A reset may overtake the bytes before it.
            assert!(
                matches!(
                    error.failure,
                    Failure::Truncated { got: 0 | 5, .. } | Failure::Closed { .. }
                ),
                "{error:?}"
            );
            let error =
                fetch(role, chunked, b"5\r\n12345\r\n".to_vec(), end).expect_err("no last chunk");
            assert!(
                matches!(
                    error.failure,
                    Failure::Truncated { got: 0 | 5, .. } | Failure::Closed { .. }
                ),
                "{error:?}"
            );
        }
        let error = fetch(
            role,
            chunked,
            b"5\r\n12345\r\nzz\r\n".to_vec(),
            server::Session::close,
        )
        .expect_err("no chunk");
        assert!(
            matches!(error.failure, Failure::Protocol { .. }),
            "{error:?}"
        );
    }
}

#[test]
fn a_body_without_a_length_ends_by_close_notify_only() {
    for role in ROLES {
        let text = fetch(role, "", b"until close".to_vec(), server::Session::close);
        assert_eq!(text.as_deref(), Ok("until close"));
        let error =
            fetch(role, "", b"until close".to_vec(), server::Session::cut).expect_err("cut");
        assert!(
            matches!(error.failure, Failure::Truncated { got: 11, .. }),
            "{error:?}"
        );
    }
}

#[test]
fn a_limit_is_kept_and_the_exact_length_is_allowed() {
    let server = Server::start(|s| s.answer("200 OK", "0123456789"));
    let transport = transport(options(server.port));
    let mut buffer = b"old".to_vec();
    let answer = transport.send(&get(Role::Api, "/")).expect("an answer");
    answer.read_into(&mut buffer, 10).expect("fits");
    assert_eq!(buffer, b"0123456789");
    let answer = transport.send(&get(Role::Api, "/")).expect("an answer");
    let error = answer.read_into(&mut buffer, 9).expect_err("too long");
    assert_eq!(error.failure, Failure::TooLong { limit: 9 });

    let body = gzip(&"0".repeat(100_000));
    let server = Server::start(move |s| {
        let length = body.len();
        s.write(&format!(
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {length}\r\n\r\n"
        ));
        s.write_bytes(&body);
    });
    let answer = super::transport(options(server.port))
        .send(&get(Role::Api, "/"))
        .expect("an answer");
    let error = answer
        .read_into(&mut buffer, 1000)
        .expect_err("too long when decompressed");
    assert_eq!(error.failure, Failure::TooLong { limit: 1000 });
}

#[test]
fn an_error_in_a_body_stays_and_names_the_request_without_its_query() {
    use std::io::Read as _;
    let server = Server::start(|s| {
        s.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345");
        s.close();
    });
    let answer = transport(options(server.port))
        .send(&get(Role::Api, "/rows?q=secret"))
        .expect("an answer");
    let mut body = answer.into_body();
    let mut text = Vec::new();
    for _ in 0..2 {
        let error = body.read_to_end(&mut text).expect_err("cut");
        let error = error
            .get_ref()
            .and_then(|e| e.downcast_ref::<TransportError>())
            .expect("ours");
        assert_eq!(error.url, "https://na30.test:8443/rows");
        assert!(
            matches!(error.failure, Failure::Truncated { got: 5, .. }),
            "{error:?}"
        );
        assert!(error.sent > 0 && error.received > 0);
    }
    assert_eq!(text, b"12345");
}

#[test]
fn an_endless_head_is_an_error() {
    let server = Server::start(|s| {
        s.write("HTTP/1.1 200 OK\r\n");
        for _ in 0..200 {
            s.write(&format!("X-Filler: {}\r\n", "x".repeat(1000)));
        }
        s.close();
    });
    let error = transport(options(server.port))
        .send(&get(Role::Api, "/"))
        .expect_err("too long");
    assert!(
        matches!(error.failure, Failure::Protocol { .. }),
        "{error:?}"
    );
}
