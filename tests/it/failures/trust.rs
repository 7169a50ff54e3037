//! Servers that are not trusted, for calls (OpenSSL) and for logins (the platform's TLS).

use super::certificates::{Certificates, Minted, certificates};
use super::servers;
use super::table::{Case, case, hold};
use super::world::World;

const ASK: [&str; 1] = ["getuserinfo"];
const LOGIN: [&str; 1] = ["login"];

/// Calls or logins go to a server with this certificate, whose CA is trusted.
fn at(place: fn(&mut World, u16, ()), choose: fn(&Certificates) -> &Minted) -> impl Fn(&mut World) {
    move |world| {
        let (port, server) = servers::tls(choose(certificates()), "");
        let ca = world.lab().file("other-ca.pem", certificates().ca.pem());
        world.lab().set("SFMTLS_CACERT", ca);
        place(world, port, server);
    }
}

/// The org's certificates are of a CA that nobody knows without `--cacert`.
fn no_ca(world: &mut World) {
    world.lab().unset("SFMTLS_CACERT");
}

fn untrusted() -> Vec<Case> {
    vec![
        case(
            "a call, the CA unknown",
            no_ca,
            ASK,
            9,
            "server-cert-untrusted",
            "@1",
        ),
        case(
            "a login, the CA unknown",
            no_ca,
            LOGIN,
            9,
            "server-cert-untrusted",
            "@2",
        ),
        case(
            "a call, the certificate expired",
            at(World::api_at, |c| &c.expired),
            ASK,
            9,
            "server-cert-expired",
            "@3",
        ),
        case(
            "a login, the certificate expired",
            at(World::login_at, |c| &c.expired),
            LOGIN,
            9,
            "server-cert-expired",
            "@4",
        ),
        case(
            "a call, the certificate another host's",
            at(World::api_at, |c| &c.elsewhere),
            ASK,
            9,
            "server-name-mismatch",
            "@5",
        ),
        case(
            "a login, the certificate another host's",
            at(World::login_at, |c| &c.elsewhere),
            LOGIN,
            9,
            "server-name-mismatch",
            "@6",
        ),
    ]
}

fn ca_files() -> Vec<Case> {
    let empty = |world: &mut World| drop(world.lab().file("empty.pem", ""));
    let text = |world: &mut World| drop(world.lab().file("text.pem", "no certificate\n"));
    vec![
        case(
            "a call, no CA file",
            |_| (),
            ["getuserinfo", "--cacert", "ca.pem"],
            1,
            "ca-file-unreadable",
            "@7",
        ),
        case(
            "a login, no CA file",
            |_| (),
            ["login", "--cacert", "ca.pem"],
            1,
            "ca-file-unreadable",
            "@8",
        ),
        case(
            "a call, an empty CA file",
            empty,
            ["getuserinfo", "--cacert", "empty.pem"],
            1,
            "ca-file-unreadable",
            "@9",
        ),
        case(
            "a login, an empty CA file",
            empty,
            ["login", "--cacert", "empty.pem"],
            1,
            "ca-file-unreadable",
            "@10",
        ),
        case(
            "a call, a CA file of something else",
            text,
            ["getuserinfo", "--cacert", "text.pem"],
            1,
            "ca-file-unreadable",
            "@11",
        ),
        case(
            "a login, a CA file of something else",
            text,
            ["login", "--cacert", "text.pem"],
            1,
            "ca-file-unreadable",
            "@12",
        ),
    ]
}

#[test]
fn servers_that_are_not_trusted() {
    hold(untrusted());
}

#[test]
fn files_of_cas_that_cannot_be_used() {
    hold(ca_files());
}
