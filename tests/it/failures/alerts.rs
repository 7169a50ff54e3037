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
            "\
error: the server says that the client certificate, or an intermediate, has expired
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0/00D36000000YUbz
  cause: localhost:[SERVER] sent TLS alert 45 (certificate_expired) in the handshake
  hint: see which: openssl storeutl -noout -text -certs [ORG]/expired.pem | grep -E 'Subject:|Not '",
        ),
        case(
            "a certificate that is not valid yet",
            server(V, |files| &files.not_yet_valid),
            ASK,
            8,
            "rejected-bad-certificate",
            "\
error: the server could not use the client certificate
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0/00D36000000YUbz
  cause: localhost:[SERVER] sent TLS alert 42 (bad_certificate) in the handshake
  hint: it may not be valid yet (or this machine's clock is wrong): openssl x509 -in [ORG]/not-yet-valid.pem -noout -dates",
        ),
        case(
            "a certificate for servers",
            server(V, |files| &files.server_auth_only),
            ASK,
            8,
            "rejected-unsupported-certificate",
            "\
error: the server refused the kind of client certificate
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0/00D36000000YUbz
  cause: localhost:[SERVER] sent TLS alert 43 (unsupported_certificate) in the handshake
  hint: it needs the usage \"TLS Web Client Authentication\": openssl x509 -in [ORG]/server-auth-only.pem -noout -ext extendedKeyUsage",
        ),
        case(
            "no intermediate",
            server(V, |files| &files.leaf_only),
            ASK,
            8,
            "rejected-unknown-ca",
            "\
error: the server does not know the CA of the client certificate
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0/00D36000000YUbz
  cause: localhost:[SERVER] sent TLS alert 48 (unknown_ca) in the handshake
  hint: either [ORG]/leaf-only.pem lacks an intermediate (this tells where its CA keeps it: openssl x509 -in [ORG]/leaf-only.pem -noout -ext authorityInfoAccess), or the root is not one that the server takes: https://localhost/cacerts.jsp",
        ),
        case(
            "a self-signed certificate",
            server(V, |files| &files.self_signed),
            ASK,
            8,
            "rejected-unknown-ca",
            "\
error: the server does not know the CA of the client certificate
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0/00D36000000YUbz
  cause: localhost:[SERVER] sent TLS alert 48 (unknown_ca) in the handshake
  hint: either [ORG]/self-signed.pem lacks an intermediate (this tells where its CA keeps it: openssl x509 -in [ORG]/self-signed.pem -noout -ext authorityInfoAccess), or the root is not one that the server takes: https://localhost/cacerts.jsp",
        ),
        case(
            "a certificate that is withheld: the server takes RSA only",
            server(&["-tls1_2", "-client_sigalgs", "RSA+SHA256"], |files| {
                &files.client
            }),
            ASK,
            8,
            "rejected-handshake-failure",
            "\
error: the server wants a client certificate, and none was sent because it takes no signature of this key
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0/00D36000000YUbz
  cause: localhost:[SERVER] sent TLS alert 40 (handshake_failure) in the handshake
  hint: have a certificate issued for an RSA key of 2048 bits: every server takes those",
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
            "\
error: the server says that the client certificate, or an intermediate, has expired
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0/00D36000000YUbz
  cause: localhost:[SERVER] sent TLS alert 45 (certificate_expired) after the handshake
  hint: see which: openssl storeutl -noout -text -certs [ORG]/expired.pem | grep -E 'Subject:|Not '",
        ),
        case(
            "a certificate that is not valid yet",
            server(V, |files| &files.not_yet_valid),
            ASK,
            8,
            "rejected-bad-certificate",
            "\
error: the server could not use the client certificate
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0/00D36000000YUbz
  cause: localhost:[SERVER] sent TLS alert 42 (bad_certificate) after the handshake
  hint: it may not be valid yet (or this machine's clock is wrong): openssl x509 -in [ORG]/not-yet-valid.pem -noout -dates",
        ),
        case(
            "a certificate for servers",
            server(V, |files| &files.server_auth_only),
            ASK,
            8,
            "rejected-unsupported-certificate",
            "\
error: the server refused the kind of client certificate
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0/00D36000000YUbz
  cause: localhost:[SERVER] sent TLS alert 43 (unsupported_certificate) after the handshake
  hint: it needs the usage \"TLS Web Client Authentication\": openssl x509 -in [ORG]/server-auth-only.pem -noout -ext extendedKeyUsage",
        ),
        case(
            "no intermediate",
            server(V, |files| &files.leaf_only),
            ASK,
            8,
            "rejected-unknown-ca",
            "\
error: the server does not know the CA of the client certificate
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0/00D36000000YUbz
  cause: localhost:[SERVER] sent TLS alert 48 (unknown_ca) after the handshake
  hint: either [ORG]/leaf-only.pem lacks an intermediate (this tells where its CA keeps it: openssl x509 -in [ORG]/leaf-only.pem -noout -ext authorityInfoAccess), or the root is not one that the server takes: https://localhost/cacerts.jsp",
        ),
        case(
            "a self-signed certificate",
            server(V, |files| &files.self_signed),
            ASK,
            8,
            "rejected-unknown-ca",
            "\
error: the server does not know the CA of the client certificate
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0/00D36000000YUbz
  cause: localhost:[SERVER] sent TLS alert 48 (unknown_ca) after the handshake
  hint: either [ORG]/self-signed.pem lacks an intermediate (this tells where its CA keeps it: openssl x509 -in [ORG]/self-signed.pem -noout -ext authorityInfoAccess), or the root is not one that the server takes: https://localhost/cacerts.jsp",
        ),
        case(
            "a certificate that is withheld: the server takes RSA-PSS only",
            server(&["-tls1_3", "-client_sigalgs", "RSA-PSS+SHA256"], |files| {
                &files.client
            }),
            ASK,
            8,
            "rejected-certificate-required",
            "\
error: the server wants a client certificate, and none was sent because it takes no signature of this key
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0/00D36000000YUbz
  cause: localhost:[SERVER] sent TLS alert 116 (certificate_required) after the handshake
  hint: have a certificate issued for an RSA key of 2048 bits: every server takes those",
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
            "\
error: the server and this program share no TLS version
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz
  cause: localhost:[PORT] sent TLS alert 70 (protocol_version) in the handshake
  hint: --tls-min is the lowest version taken here; the server may know no other than older ones",
        ),
        case(
            "the same at a login",
            old,
            ["login", "--tls-min", "1.3"],
            6,
            "tls-version-unsupported",
            "\
error: the server and this program share no TLS version
  cause: POST https://localhost:[LOGIN]/services/Soap/u/64.0
  cause: localhost:[LOGIN] sent TLS alert 70 (protocol_version) in the handshake
  hint: --tls-min is the lowest version taken here; the server may know no other than older ones",
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
