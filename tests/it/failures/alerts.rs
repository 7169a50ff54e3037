//! Certificates refused by a TLS alert, as OpenSSL's own server sends it.

use std::path::PathBuf;

use sfmtls::local_org::{Files, HighestTls};

use super::servers::SServer;
use super::table::{Case, case, hold};
use super::world::World;

const ASK: [&str; 1] = ["getuserinfo"];

/// `s_server` with these options, called with one of the org's identities.
fn server(
    options: &'static [&'static str],
    identity: fn(&Files) -> &PathBuf,
) -> impl Fn(&mut World) {
    move |world| {
        let file = identity(world.org().files()).clone();
        world.identity(file);
        SServer::for_api(world, options);
    }
}

/// The alert comes in the handshake.
fn tls_1_2() -> Vec<Case> {
    const V: &[&str] = &["-tls1_2"];
    vec![
        case(
            "an expired certificate",
            server(V, |files| &files.expired),
            ASK,
            8,
            "rejected-expired",
            "@1",
        ),
        case(
            "a certificate that is not valid yet",
            server(V, |files| &files.not_yet_valid),
            ASK,
            8,
            "rejected-bad-certificate",
            "@2",
        ),
        case(
            "a certificate for servers",
            server(V, |files| &files.server_auth_only),
            ASK,
            8,
            "rejected-unsupported-certificate",
            "@3",
        ),
        case(
            "no intermediate",
            server(V, |files| &files.leaf_only),
            ASK,
            8,
            "rejected-unknown-ca",
            "@4",
        ),
        case(
            "a self-signed certificate",
            server(V, |files| &files.self_signed),
            ASK,
            8,
            "rejected-unknown-ca",
            "@5",
        ),
        case(
            "a certificate that is withheld: the server takes RSA only",
            server(&["-tls1_2", "-client_sigalgs", "RSA+SHA256"], |files| {
                &files.client
            }),
            ASK,
            8,
            "rejected-handshake-failure",
            "@6",
        ),
    ]
}

/// The alert comes with the first read.
fn tls_1_3() -> Vec<Case> {
    const V: &[&str] = &["-tls1_3"];
    vec![
        case(
            "an expired certificate",
            server(V, |files| &files.expired),
            ASK,
            8,
            "rejected-expired",
            "@7",
        ),
        case(
            "a certificate that is not valid yet",
            server(V, |files| &files.not_yet_valid),
            ASK,
            8,
            "rejected-bad-certificate",
            "@8",
        ),
        case(
            "a certificate for servers",
            server(V, |files| &files.server_auth_only),
            ASK,
            8,
            "rejected-unsupported-certificate",
            "@9",
        ),
        case(
            "no intermediate",
            server(V, |files| &files.leaf_only),
            ASK,
            8,
            "rejected-unknown-ca",
            "@10",
        ),
        case(
            "a self-signed certificate",
            server(V, |files| &files.self_signed),
            ASK,
            8,
            "rejected-unknown-ca",
            "@11",
        ),
        case(
            "a certificate that is withheld: the server takes RSA-PSS only",
            server(&["-tls1_3", "-client_sigalgs", "RSA-PSS+SHA256"], |files| {
                &files.client
            }),
            ASK,
            8,
            "rejected-certificate-required",
            "@12",
        ),
    ]
}

fn versions() -> Vec<Case> {
    let old = |world: &mut World| world.switch(|switches| switches.highest_tls = HighestTls::Tls12);
    vec![
        case(
            "a server without TLS 1.3, which was asked for",
            old,
            ["getuserinfo", "--tls-min", "1.3"],
            6,
            "tls-version-unsupported",
            "@13",
        ),
        case(
            "the same at a login",
            old,
            ["login", "--tls-min", "1.3"],
            6,
            "tls-version-unsupported",
            "@14",
        ),
    ]
}

#[test]
fn alerts_in_the_handshake_of_tls_1_2() {
    hold(tls_1_2());
}

#[test]
fn alerts_at_the_first_read_of_tls_1_3() {
    hold(tls_1_3());
}

#[test]
fn versions_that_do_not_meet() {
    hold(versions());
}
