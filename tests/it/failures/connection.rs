//! Names, connections and time-outs.

use std::net::ToSocketAddrs;

use sfmtls::local_org::{Call, Ending, Mishap};

use super::servers;
use super::table::{Case, case, hold};
use super::world::World;

const ASK: [&str; 1] = ["getuserinfo"];
const LOGIN: [&str; 1] = ["login"];
const HTTP: &str = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";

fn api<S: 'static>(server: fn() -> (u16, S)) -> impl Fn(&mut World) {
    move |world| {
        let (port, server) = server();
        world.api_at(port, server);
    }
}

fn login<S: 'static>(server: fn() -> (u16, S)) -> impl Fn(&mut World) {
    move |world| {
        let (port, server) = server();
        world.login_at(port, server);
    }
}

pub(super) fn no_connection() -> Vec<Case> {
    vec![
        case(
            "a call, nothing listens",
            api(servers::refusing),
            ASK,
            6,
            "tcp-refused",
            "\
error: localhost:[SERVER] refused the connection
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0/00D36000000YUbz
  hint: check host and port, or ask whether a firewall refuses localhost:[SERVER]",
        ),
        case(
            "a login, nothing listens",
            login(servers::refusing),
            LOGIN,
            6,
            "tcp-refused",
            "\
error: localhost:[SERVER] refused the connection
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0
  hint: check host and port, or ask whether a firewall refuses localhost:[SERVER]",
        ),
        case(
            "a call, TLS never begins",
            api(servers::silent),
            ["getuserinfo", "--connect-timeout", "1"],
            6,
            "tls-timeout",
            "\
error: localhost:[SERVER] accepted the connection, but no handshake was done within 1 s
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0/00D36000000YUbz
  hint: a firewall or proxy may swallow what is sent: compare with another network; --connect-timeout SECS waits longer",
        ),
        case(
            "a login, TLS never begins",
            login(servers::silent),
            ["login", "--connect-timeout", "1"],
            6,
            "tls-timeout",
            "\
error: localhost:[SERVER] accepted the connection, but no handshake was done within 1 s
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0
  hint: a firewall or proxy may swallow what is sent: compare with another network; --connect-timeout SECS waits longer",
        ),
        case(
            "a call, plain HTTP",
            api(|| servers::plain(HTTP)),
            ASK,
            6,
            "not-tls",
            "\
error: localhost:[SERVER] does not speak TLS
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0/00D36000000YUbz
  cause: wrong version number
  hint: check the port: mutual TLS is on 8443, a login on 443",
        ),
        case(
            "a login, plain HTTP",
            login(|| servers::plain(HTTP)),
            LOGIN,
            6,
            "not-tls",
            "\
error: localhost:[SERVER] does not speak TLS
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0
  cause: wrong version number
  hint: check the port: mutual TLS is on 8443, a login on 443",
        ),
        case(
            "a call, the handshake is reset",
            api(servers::resetting),
            ASK,
            6,
            "handshake-dropped",
            "\
error: the connection to localhost:[SERVER] was cut off in the TLS handshake
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0/00D36000000YUbz
  cause: Connection reset by peer
  hint: a firewall, proxy or load balancer may have cut it: compare with another port and another network",
        ),
        case(
            "a login, the handshake is reset",
            login(servers::resetting),
            LOGIN,
            6,
            "handshake-dropped",
            "\
error: the connection to localhost:[SERVER] was cut off in the TLS handshake
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0
  cause: Connection reset by peer
  hint: a firewall, proxy or load balancer may have cut it: compare with another port and another network",
        ),
        case(
            "a call, the handshake is closed",
            api(|| servers::plain("")),
            ASK,
            6,
            "handshake-dropped",
            "\
error: the connection to localhost:[SERVER] was cut off in the TLS handshake
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0/00D36000000YUbz
  cause: end of stream without close_notify
  hint: a firewall, proxy or load balancer may have cut it: compare with another port and another network",
        ),
    ]
}

/// The words are the system's resolver's, asked here without the program; where it has no name server
/// to ask, the name may be right.
pub(super) fn names() -> Vec<Case> {
    let error = ("nowhere.invalid", 443)
        .to_socket_addrs()
        .expect_err("no such name");
    let error = error.to_string();
    let (_, words) = error.rsplit_once(": ").expect("Rust's preface");
    let hint = if words.contains("Temporary failure") {
        "no name server answered: check this machine's network; behind a proxy, set HTTPS_PROXY or -x"
    } else {
        "check the host name; behind a proxy, set HTTPS_PROXY or -x"
    };
    let stderr = |url: &str| {
        format!(
            "\
error: cannot resolve nowhere.invalid: {words}
  cause: POST https://nowhere.invalid:{url}
  hint: {hint}"
        )
    };
    vec![
        case(
            "a call, the name is unknown",
            |world| world.session_of("nowhere.invalid"),
            ASK,
            6,
            "dns-failure",
            stderr("[PORT]/services/Soap/u/64.0/00D36000000YUbz"),
        ),
        case(
            "a login, the name is unknown",
            |_| (),
            ["login", "--login-url", "https://nowhere.invalid"],
            6,
            "dns-failure",
            stderr("[LOGIN]/services/Soap/u/64.0"),
        ),
    ]
}

pub(super) fn broken() -> Vec<Case> {
    let cut = |after, ending| {
        move |world: &mut World| world.always(Call::Any, Mishap::Cut { after, ending })
    };
    vec![
        case(
            "closed before the answer",
            cut(None, Ending::CloseNotify),
            ASK,
            6,
            "connection-closed",
            "\
error: the connection to localhost:[PORT] ended before the answer came
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz
  cause: Peer disconnected",
        ),
        case(
            "cut before the answer",
            cut(None, Ending::Close),
            ASK,
            6,
            "connection-closed",
            "\
error: the connection to localhost:[PORT] ended before the answer came
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz
  cause: end of stream without close_notify",
        ),
        case(
            "reset before the answer",
            cut(None, Ending::Reset),
            ASK,
            6,
            "connection-closed",
            "\
error: the connection to localhost:[PORT] ended before the answer came
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz
  cause: Connection reset by peer",
        ),
        case(
            "closed before a login's answer",
            cut(None, Ending::Close),
            LOGIN,
            6,
            "connection-closed",
            "\
error: the connection to localhost:[LOGIN] ended before the answer came
  cause: POST https://localhost:[LOGIN]/services/Soap/u/64.0
  cause: end of stream without close_notify",
        ),
        case(
            "closed within the answer",
            cut(Some(100), Ending::CloseNotify),
            ASK,
            6,
            "answer-truncated",
            "\
error: the answer was cut off after 100 bytes: its gzip stream does not end
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz",
        ),
        case(
            "cut within the answer",
            cut(Some(100), Ending::Close),
            ASK,
            6,
            "answer-truncated",
            "\
error: the answer was cut off after 100 bytes: end of stream without close_notify
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz",
        ),
        case(
            "reset within the answer",
            cut(Some(100), Ending::Reset),
            ASK,
            6,
            "answer-truncated",
            "\
error: the answer was cut off after 100 bytes: Connection reset by peer
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz",
        ),
        case(
            "shorter than announced",
            |world| world.always(Call::Any, Mishap::LengthTooLong(7)),
            ASK,
            6,
            "answer-truncated",
            "\
error: the answer was cut off after 888 bytes: its gzip stream does not end
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz",
        ),
        case(
            "no length, and no orderly end",
            |world| world.always(Call::Any, Mishap::UntilClose(Ending::Close)),
            ASK,
            6,
            "answer-truncated",
            "\
error: the answer was cut off after 888 bytes: end of stream without close_notify
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz",
        ),
        case(
            "no answer at all",
            |world| world.always(Call::Any, Mishap::Silence),
            ["getuserinfo", "--idle-timeout", "1"],
            6,
            "idle-timeout",
            "\
error: localhost:[PORT] sent nothing for 1 s
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz
  hint: --idle-timeout SECS waits longer",
        ),
    ]
}

#[test]
fn connections_that_never_stand() {
    hold(no_connection());
}

#[test]
fn names_that_nobody_knows() {
    hold(names());
}

#[test]
fn connections_that_break() {
    hold(broken());
}
