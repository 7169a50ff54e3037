//! Certificates refused by a TLS alert, as OpenSSL's own server sends it.

use std::path::PathBuf;

use sfmtls::local_org::{Files, HighestTls};

use super::servers::SServer;
use super::table::{Case, case, hold};
use super::world::World;

const ASK: [&str; 1] = ["getuserinfo"];

// What the files alone show, in the words of `check-cert`.
pub(super) const EXPIRED: &str = "\"integration.acme.test\" expired 1 day ago ([DATE]); renew it, upload the new one in Setup > Certificate and Key Management, then switch to it:
        openssl req -new -key [ORG]/expired.pem -subj '/O=Acme Test Ltd/CN=integration.acme.test' -addext keyUsage=critical,digitalSignature -addext extendedKeyUsage=clientAuth -out [ORG]/expired-new.csr";
pub(super) const TOO_EARLY: &str = "\"integration.acme.test\" is valid only from [DATE] on, 30 days from now; wait, or if the clock is wrong set it; this shows whether it is:
        timedatectl";
pub(super) const FOR_SERVERS: &str = "\"integration.acme.test\" may be used for serverAuth only, not for clientAuth; order a certificate with clientAuth:
        openssl req -new -key [ORG]/server-auth-only.pem -subj '/O=Acme Test Ltd/CN=integration.acme.test' -addext keyUsage=critical,digitalSignature -addext extendedKeyUsage=clientAuth -out [ORG]/server-auth-only-new.csr";
pub(super) const SELF_SIGNED: &str = "\"integration.acme.test\" is self-signed; order a certificate from a CA, for this key:
        openssl req -new -key [ORG]/self-signed.pem -subj '/O=Acme Test Ltd/CN=integration.acme.test' -addext keyUsage=critical,digitalSignature -addext extendedKeyUsage=clientAuth -out [ORG]/self-signed-new.csr";
pub(super) const INCOMPLETE: &str = "\"Local Issuing CA\", which signed the last certificate of the chain, is not in the file, or is a root that the server does not know; ask the CA for the certificate of \"Local Issuing CA\", and save it as intermediate.pem; a root does not help there: if it is one, order from a CA that the server accepts:
        (umask 077; { cat [ORG]/leaf-only.pem && echo && cat intermediate.pem; } > [ORG]/leaf-only-fixed.pem)";

/// `s_server` with these options, called with one of the org's identities; the alert it sends when.
fn refused(
    name: &'static str,
    options: &[&'static str],
    identity: fn(&Files) -> &PathBuf,
    code: &'static str,
    [message, alert, when, hint]: [&str; 4],
) -> Case {
    let options = options.to_vec();
    let world = move |world: &mut World| {
        let file = identity(world.org().files()).clone();
        world.identity(file);
        SServer::for_api(world, &options);
    };
    let stderr = format!(
        "\
error: {message}
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0/00D36000000YUbz
  cause: localhost:[SERVER] sent TLS {alert} {when}
  hint: {hint}"
    );
    case(name, world, ASK, 8, code, stderr)
}

fn alerts(version: &'static str, when: &str) -> Vec<Case> {
    vec![
        refused(
            "an expired certificate",
            &[version],
            |files| &files.expired,
            "cert-expired",
            [
                "the server says that the client certificate, or an intermediate, has expired",
                "alert 45 (certificate_expired)",
                when,
                EXPIRED,
            ],
        ),
        refused(
            "a certificate that is not valid yet",
            &[version],
            |files| &files.not_yet_valid,
            "cert-not-yet-valid",
            [
                "the server could not use the client certificate",
                "alert 42 (bad_certificate)",
                when,
                TOO_EARLY,
            ],
        ),
        refused(
            "a certificate for servers",
            &[version],
            |files| &files.server_auth_only,
            "eku-no-client-auth",
            [
                "the server refused the kind of client certificate",
                "alert 43 (unsupported_certificate)",
                when,
                FOR_SERVERS,
            ],
        ),
        refused(
            "no intermediate",
            &[version],
            |files| &files.leaf_only,
            "intermediate-missing",
            [
                "the server does not know the CA of the client certificate",
                "alert 48 (unknown_ca)",
                when,
                INCOMPLETE,
            ],
        ),
        refused(
            "a self-signed certificate",
            &[version],
            |files| &files.self_signed,
            "self-signed",
            [
                "the server does not know the CA of the client certificate",
                "alert 48 (unknown_ca)",
                when,
                SELF_SIGNED,
            ],
        ),
    ]
}

/// The server takes RSA keys only, the client has another: OpenSSL sends no certificate then.
fn withheld(
    version: &'static str,
    algorithm: &'static str,
    code: &'static str,
    alert: &str,
    when: &str,
) -> Case {
    let options = [version, "-client_sigalgs", algorithm];
    refused(
        "a certificate that is withheld",
        &options,
        |files| &files.client,
        code,
        [
            "the server wants a client certificate, and none was sent because it takes no signature of this key",
            alert,
            when,
            "have a certificate issued for another kind of key: RSA of 2048 bits, or P-256",
        ],
    )
}

pub(super) fn versions() -> Vec<Case> {
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
  hint: leave --tls-min out, so that 1.2 is enough; older versions are never spoken",
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
  hint: leave --tls-min out, so that 1.2 is enough; older versions are never spoken",
        ),
    ]
}

#[test]
fn alerts_in_the_handshake_of_tls_1_2() {
    const WHEN: &str = "in the handshake";
    hold(alerts("-tls1_2", WHEN));
    hold([withheld(
        "-tls1_2",
        "RSA+SHA256",
        "rejected-handshake-failure",
        "alert 40 (handshake_failure)",
        WHEN,
    )]);
}

#[test]
fn alerts_at_the_first_read_of_tls_1_3() {
    const WHEN: &str = "after the handshake";
    hold(alerts("-tls1_3", WHEN));
    hold([withheld(
        "-tls1_3",
        "RSA-PSS+SHA256",
        "rejected-certificate-required",
        "alert 116 (certificate_required)",
        WHEN,
    )]);
}

#[test]
fn versions_that_do_not_meet() {
    hold(versions());
}
