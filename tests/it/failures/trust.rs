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
        world.trusts_the_other_ca();
        place(world, port, server);
    }
}

/// The org's certificates are of a CA that nobody knows without `--cacert`.
fn no_ca(world: &mut World) {
    world.lab().unset("SFMTLS_CACERT");
}

pub(super) fn untrusted() -> Vec<Case> {
    vec![
        case(
            "a call, the CA unknown",
            no_ca,
            ASK,
            9,
            "server-cert-untrusted",
            "\
error: the server's certificate is not trusted: unable to get local issuer certificate
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz
  hint: where a proxy inspects TLS, have this host exempted: mutual TLS does not pass through one; else name the server's CA with --cacert FILE, which replaces the system's",
        ),
        case(
            "a login, the CA unknown",
            no_ca,
            LOGIN,
            9,
            "server-cert-untrusted",
            "\
error: the server's certificate is not trusted: unable to get local issuer certificate
  cause: POST https://localhost:[LOGIN]/services/Soap/u/64.0
  hint: name the server's CA (or that of a proxy that inspects TLS) with --cacert FILE, which replaces the system's",
        ),
        case(
            "a call, the certificate expired",
            at(World::api_at, |c| &c.expired),
            ASK,
            9,
            "server-cert-expired",
            "\
error: the server's certificate is not trusted: certificate has expired
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0/00D36000000YUbz
  hint: either its dates are wrong or this machine's clock is: date -u",
        ),
        case(
            "a login, the certificate expired",
            at(World::login_at, |c| &c.expired),
            LOGIN,
            9,
            "server-cert-expired",
            "\
error: the server's certificate is not trusted: certificate has expired
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0
  hint: either its dates are wrong or this machine's clock is: date -u",
        ),
        case(
            "a call, the certificate another host's",
            at(World::api_at, |c| &c.elsewhere),
            ASK,
            9,
            "server-name-mismatch",
            "\
error: the server's certificate is not trusted: hostname mismatch
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0/00D36000000YUbz
  hint: the certificate is for another host than localhost: check the host name",
        ),
        case(
            "a login, the certificate another host's",
            at(World::login_at, |c| &c.elsewhere),
            LOGIN,
            9,
            "server-name-mismatch",
            "\
error: the server's certificate is not trusted: hostname mismatch
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0
  hint: the certificate is for another host than localhost: check the host name",
        ),
    ]
}

pub(super) fn ca_files() -> Vec<Case> {
    let empty = |world: &mut World| drop(world.lab().file("empty.pem", ""));
    let text = |world: &mut World| drop(world.lab().file("text.pem", "no certificate\n"));
    vec![
        case(
            "a call, no CA file",
            |_| (),
            ["getuserinfo", "--cacert", "ca.pem"],
            1,
            "ca-file-unreadable",
            "\
error: cannot load CA certificates from ca.pem: No such file or directory
  hint: ca.pem must be a readable PEM file with the certificates of CAs",
        ),
        case(
            "a login, no CA file",
            |_| (),
            ["login", "--cacert", "ca.pem"],
            1,
            "ca-file-unreadable",
            "\
error: cannot load CA certificates from ca.pem: No such file or directory
  hint: ca.pem must be a readable PEM file with the certificates of CAs",
        ),
        case(
            "a call, a folder of CAs",
            |world| std::fs::create_dir(world.lab().path("ca")).expect("made"),
            ["getuserinfo", "--cacert", "ca"],
            1,
            "ca-file-unreadable",
            "\
error: cannot load CA certificates from ca: Is a directory
  hint: ca must be a readable PEM file with the certificates of CAs",
        ),
        case(
            "a login, a folder of CAs",
            |world| std::fs::create_dir(world.lab().path("ca")).expect("made"),
            ["login", "--cacert", "ca"],
            1,
            "ca-file-unreadable",
            "\
error: cannot load CA certificates from ca: Is a directory
  hint: ca must be a readable PEM file with the certificates of CAs",
        ),
        case(
            "a call, an empty CA file",
            empty,
            ["getuserinfo", "--cacert", "empty.pem"],
            1,
            "ca-file-unreadable",
            "\
error: cannot load CA certificates from empty.pem: it holds no certificate
  hint: empty.pem must be a readable PEM file with the certificates of CAs",
        ),
        case(
            "a login, an empty CA file",
            empty,
            ["login", "--cacert", "empty.pem"],
            1,
            "ca-file-unreadable",
            "\
error: cannot load CA certificates from empty.pem: it holds no certificate
  hint: empty.pem must be a readable PEM file with the certificates of CAs",
        ),
        case(
            "a call, a CA file of something else",
            text,
            ["getuserinfo", "--cacert", "text.pem"],
            1,
            "ca-file-unreadable",
            "\
error: cannot load CA certificates from text.pem: it holds no certificate
  hint: text.pem must be a readable PEM file with the certificates of CAs",
        ),
        case(
            "a login, a CA file of something else",
            text,
            ["login", "--cacert", "text.pem"],
            1,
            "ca-file-unreadable",
            "\
error: cannot load CA certificates from text.pem: it holds no certificate
  hint: text.pem must be a readable PEM file with the certificates of CAs",
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
