//! Proxies that do not open the tunnel.

use sfmtls::local_org::proxy::{Proxy, ProxyConfig};

use super::servers;
use super::table::{Case, case, hold};
use super::world::World;

const ASK: [&str; 3] = ["getuserinfo", "-x", "http://127.0.0.1:[SERVER]"];

/// A proxy that refuses CONNECT to the mutual-TLS port with this status.
fn refuses(status: u16) -> impl Fn(&mut World) {
    move |world| {
        let refused = [
            (world.org().mutual_port(), status),
            (world.org().login_port(), status),
        ];
        let config = ProxyConfig {
            refused: refused.into(),
            ..ProxyConfig::default()
        };
        let proxy = Proxy::start(config).expect("the proxy starts");
        world.server(proxy.address().port(), proxy);
    }
}

fn wants_a_password(world: &mut World) {
    let config = ProxyConfig {
        credentials: Some("me:right".to_owned()),
        ..ProxyConfig::default()
    };
    let proxy = Proxy::start(config).expect("the proxy starts");
    world.server(proxy.address().port(), proxy);
}

fn instead<S: 'static>(server: fn() -> (u16, S)) -> impl Fn(&mut World) {
    move |world| {
        let (port, server) = server();
        world.server(port, server);
    }
}

pub(super) fn proxies() -> Vec<Case> {
    vec![
        case(
            "it wants a password",
            wants_a_password,
            ASK,
            6,
            "proxy-connect-denied",
            "\
error: the proxy 127.0.0.1:[SERVER] refused CONNECT localhost:[PORT]: HTTP 407
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz
  hint: the proxy wants a user and a password that it knows: -x http://USER:PASSWORD@127.0.0.1:[SERVER] (basic authentication is the only one known here)",
        ),
        case(
            "it wants another password",
            |world| {
                wants_a_password(world);
                for secret in ["hunter2", "bWU6aHVudGVyMg=="] {
                    world.secret(secret);
                }
            },
            ["getuserinfo", "-x", "http://me:hunter2@127.0.0.1:[SERVER]"],
            6,
            "proxy-connect-denied",
            "\
error: the proxy 127.0.0.1:[SERVER] refused CONNECT localhost:[PORT]: HTTP 407
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz
  hint: the proxy wants a user and a password that it knows: -x http://USER:PASSWORD@127.0.0.1:[SERVER] (basic authentication is the only one known here)",
        ),
        case(
            "it forbids the port",
            refuses(403),
            ASK,
            6,
            "proxy-connect-denied",
            "\
error: the proxy 127.0.0.1:[SERVER] refused CONNECT localhost:[PORT]: HTTP 403
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz
  hint: have CONNECT to localhost:[PORT] allowed (many proxies allow port 443 only), or go without the proxy: --noproxy localhost",
        ),
        case(
            "it forbids the port, at a login",
            refuses(403),
            ["login", "-x", "http://127.0.0.1:[SERVER]"],
            6,
            "proxy-connect-denied",
            "\
error: the proxy 127.0.0.1:[SERVER] refused CONNECT localhost:[LOGIN]: HTTP 403
  cause: POST https://localhost:[LOGIN]/services/Soap/u/64.0
  hint: have CONNECT to localhost:[LOGIN] allowed (many proxies allow port 443 only), or go without the proxy: --noproxy localhost",
        ),
        case(
            "it does not reach the host",
            refuses(502),
            ASK,
            6,
            "proxy-connect-denied",
            "\
error: the proxy 127.0.0.1:[SERVER] refused CONNECT localhost:[PORT]: HTTP 502
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz
  hint: the proxy itself does not reach localhost:[PORT]: check host and port, or ask who runs it",
        ),
        case(
            "it is not there",
            instead(servers::refusing),
            ASK,
            6,
            "proxy-failed",
            "\
error: the proxy 127.0.0.1:[SERVER] cannot be used: 127.0.0.1:[SERVER] refused the connection
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz
  hint: check -x, HTTPS_PROXY and ALL_PROXY; -x \"\" goes without a proxy",
        ),
        case(
            "it says nothing",
            instead(servers::silent),
            [
                "getuserinfo",
                "-x",
                "http://127.0.0.1:[SERVER]",
                "--connect-timeout",
                "1",
            ],
            6,
            "proxy-failed",
            "\
error: the proxy 127.0.0.1:[SERVER] cannot be used: 127.0.0.1:[SERVER] accepted the connection, but no handshake was done within 1 s
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz
  hint: check -x, HTTPS_PROXY and ALL_PROXY; -x \"\" goes without a proxy",
        ),
        case(
            "it is no proxy",
            instead(|| servers::plain("220 mail.test ESMTP\r\n\r\n")),
            ASK,
            6,
            "proxy-failed",
            "\
error: the proxy 127.0.0.1:[SERVER] cannot be used: its answer to CONNECT is not HTTP/1.1
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz
  hint: check -x, HTTPS_PROXY and ALL_PROXY; -x \"\" goes without a proxy",
        ),
        case(
            "it hangs up",
            instead(|| servers::plain("")),
            ASK,
            6,
            "proxy-failed",
            "\
error: the proxy 127.0.0.1:[SERVER] cannot be used: it closed the connection instead of answering CONNECT
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz
  hint: check -x, HTTPS_PROXY and ALL_PROXY; -x \"\" goes without a proxy",
        ),
        case(
            "its name is unknown",
            |_| (),
            ["getuserinfo", "-x", "http://proxy.invalid:3128"],
            6,
            "proxy-failed",
            "\
error: the proxy proxy.invalid:3128 cannot be used: cannot resolve proxy.invalid: [RESOLVER]
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz
  hint: check -x, HTTPS_PROXY and ALL_PROXY; -x \"\" goes without a proxy",
        ),
        case(
            "its name is unknown, from the environment",
            |world| world.lab().set("HTTPS_PROXY", "http://proxy.invalid:3128"),
            ["getuserinfo"],
            6,
            "proxy-failed",
            "\
error: the proxy proxy.invalid:3128 cannot be used: cannot resolve proxy.invalid: [RESOLVER]
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz
  hint: check -x, HTTPS_PROXY and ALL_PROXY; -x \"\" goes without a proxy",
        ),
        case(
            "it has no TLS, which was asked for",
            instead(|| servers::plain("HTTP/1.1 400 Bad Request\r\n\r\n")),
            ["getuserinfo", "-x", "https://127.0.0.1:[SERVER]"],
            6,
            "proxy-failed",
            "\
error: the proxy 127.0.0.1:[SERVER] cannot be used: TLS failed: wrong version number
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz
  hint: check -x, HTTPS_PROXY and ALL_PROXY; -x \"\" goes without a proxy",
        ),
    ]
}

#[test]
fn proxies_that_open_no_tunnel() {
    hold(proxies());
}
