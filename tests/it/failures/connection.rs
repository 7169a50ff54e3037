//! Names, connections and time-outs.

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

fn no_connection() -> Vec<Case> {
    vec![
        case(
            "a call, nothing listens",
            api(servers::refusing),
            ASK,
            6,
            "tcp-refused",
            "@1",
        ),
        case(
            "a login, nothing listens",
            login(servers::refusing),
            LOGIN,
            6,
            "tcp-refused",
            "@2",
        ),
        case(
            "a call, TLS never begins",
            api(servers::silent),
            ["getuserinfo", "--connect-timeout", "1"],
            6,
            "tls-timeout",
            "@3",
        ),
        case(
            "a login, TLS never begins",
            login(servers::silent),
            ["login", "--connect-timeout", "1"],
            6,
            "tls-timeout",
            "@4",
        ),
        case(
            "a call, plain HTTP",
            api(|| servers::plain(HTTP)),
            ASK,
            6,
            "not-tls",
            "@5",
        ),
        case(
            "a login, plain HTTP",
            login(|| servers::plain(HTTP)),
            LOGIN,
            6,
            "not-tls",
            "@6",
        ),
        case(
            "a call, the handshake is reset",
            api(servers::resetting),
            ASK,
            6,
            "handshake-dropped",
            "@7",
        ),
        case(
            "a login, the handshake is reset",
            login(servers::resetting),
            LOGIN,
            6,
            "handshake-dropped",
            "@8",
        ),
        case(
            "a call, the handshake is closed",
            api(|| servers::plain("")),
            ASK,
            6,
            "handshake-dropped",
            "@9",
        ),
    ]
}

fn names() -> Vec<Case> {
    vec![
        case(
            "a call, the name is unknown",
            |world| world.session_of("nowhere.invalid"),
            ASK,
            6,
            "dns-failure",
            "@10",
        ),
        case(
            "a login, the name is unknown",
            |_| (),
            ["login", "--login-url", "https://nowhere.invalid"],
            6,
            "dns-failure",
            "@11",
        ),
    ]
}

fn broken() -> Vec<Case> {
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
            "@12",
        ),
        case(
            "cut before the answer",
            cut(None, Ending::Close),
            ASK,
            6,
            "connection-closed",
            "@13",
        ),
        case(
            "reset before the answer",
            cut(None, Ending::Reset),
            ASK,
            6,
            "connection-closed",
            "@14",
        ),
        case(
            "closed before a login's answer",
            cut(None, Ending::Close),
            LOGIN,
            6,
            "connection-closed",
            "@15",
        ),
        case(
            "closed within the answer",
            cut(Some(100), Ending::CloseNotify),
            ASK,
            6,
            "answer-truncated",
            "@16",
        ),
        case(
            "cut within the answer",
            cut(Some(100), Ending::Close),
            ASK,
            6,
            "answer-truncated",
            "@17",
        ),
        case(
            "reset within the answer",
            cut(Some(100), Ending::Reset),
            ASK,
            6,
            "answer-truncated",
            "@18",
        ),
        case(
            "shorter than announced",
            |world| world.always(Call::Any, Mishap::LengthTooLong(7)),
            ASK,
            6,
            "answer-truncated",
            "@19",
        ),
        case(
            "no length, and no orderly end",
            |world| world.always(Call::Any, Mishap::UntilClose(Ending::Close)),
            ASK,
            6,
            "answer-truncated",
            "@20",
        ),
        case(
            "no answer at all",
            |world| world.always(Call::Any, Mishap::Silence),
            ["getuserinfo", "--idle-timeout", "1"],
            6,
            "idle-timeout",
            "@21",
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
