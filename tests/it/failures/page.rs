//! Salesforce's page that refuses the client certificate, and the fault that does.

use super::alerts::EXPIRED;
use super::table::{Case, case, hold};
use super::world::World;

const ASK: [&str; 1] = ["getuserinfo"];

/// An identity that the page refuses, whose name is then the same in every run, and its reason.
fn reason(text: &'static str) -> impl Fn(&mut World) {
    move |world| {
        expired(world);
        world.switch(|switches| switches.page_reason = Some(text.to_owned()));
    }
}

fn expired(world: &mut World) {
    let file = world.org().files().expired.clone();
    world.identity(file);
}

fn shaped(status: u16, content_type: &'static str) -> impl Fn(&mut World) {
    move |world| {
        expired(world);
        world.switch(|switches| {
            switches.page_status = status;
            switches.page_type = content_type;
        });
    }
}

pub(super) fn shapes() -> Vec<Case> {
    let refused = |status: u16, url: &str| {
        format!(
            "\
error: the server refused the client certificate: certificate has expired
  cause: POST https://localhost:[PORT]{url} answered with a \"Certificate Error\" page (HTTP {status})
  hint: {EXPIRED}"
        )
    };
    const API: &str = "/services/Soap/u/64.0/00D36000000YUbz";
    let mut cases = Vec::new();
    // 503 is here because it would pass, if it came without the page.
    for status in [200, 400, 403, 503] {
        for content_type in ["text/html", "text/xml"] {
            let world = shaped(status, content_type);
            cases.push(case(
                content_type,
                world,
                ASK,
                8,
                "cert-expired",
                refused(status, API),
            ));
        }
    }
    let query = ["query", "SELECT Id FROM Contact"];
    let login = ["login", "--login-url", "https://localhost:[PORT]"];
    cases.extend([
        case(
            "in place of rows",
            shaped(200, "text/xml"),
            query,
            8,
            "cert-expired",
            refused(200, API),
        ),
        case(
            "in place of a login",
            shaped(200, "text/html"),
            login,
            8,
            "cert-expired",
            refused(200, "/services/Soap/u/64.0"),
        ),
    ]);
    cases
}

/// What OpenSSL finds by itself, with identities that are wrong in one way each.
pub(super) fn identities() -> Vec<Case> {
    fn files(choose: fn(&sfmtls::local_org::Files) -> &std::path::PathBuf) -> impl Fn(&mut World) {
        move |world| {
            let file = choose(world.org().files()).clone();
            world.identity(file);
        }
    }
    vec![
        case(
            "the intermediate is missing",
            files(|files| &files.leaf_only),
            ASK,
            8,
            "intermediate-missing",
            "\
error: the server refused the client certificate: unable to get local issuer certificate
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 200)
  hint: \"Local Issuing CA\", which signed the last certificate of the chain, is not in the file, or is a root that the server does not know; ask the CA for the certificate of \"Local Issuing CA\", and save it as intermediate.pem; a root does not help there: if it is one, order from a CA that the server accepts:
        (umask 077; { cat [ORG]/leaf-only.pem && echo && cat intermediate.pem; } > [ORG]/leaf-only-fixed.pem)",
        ),
        case(
            "the intermediate is missing in a PKCS#12",
            |world| {
                let pem = world.org().files().leaf_only.clone();
                let p12 = world.lab().path("pni.p12");
                let pack = ["pkcs12", "-export", "-passout", "pass:", "-out"];
                let mut command = world.lab().other("openssl", pack);
                let made = command.arg(&p12).arg("-in").arg(pem).status();
                assert!(made.expect("openssl runs").success());
                world.identity("pni.p12");
            },
            ASK,
            8,
            "intermediate-missing",
            "\
error: the server refused the client certificate: unable to get local issuer certificate
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 200)
  hint: \"Local Issuing CA\", which signed the last certificate of the chain, is not in the file, or is a root that the server does not know; ask the CA for the certificate of \"Local Issuing CA\", and save it as intermediate.pem; a root does not help there: if it is one, order from a CA that the server accepts:
        (umask 077; { openssl pkcs12 -in pni.p12 -nodes && cat intermediate.pem; } > pni-fixed.pem)",
        ),
        case(
            "not valid yet",
            files(|files| &files.not_yet_valid),
            ASK,
            8,
            "cert-not-yet-valid",
            "\
error: the server refused the client certificate: certificate is not yet valid or the system clock is incorrect
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 200)
  hint: \"integration.acme.test\" is valid only from [DATE] on, 30 days from now; wait, or if the clock is wrong set it; this shows whether it is:
        timedatectl",
        ),
        case(
            "for servers only",
            files(|files| &files.server_auth_only),
            ASK,
            8,
            "eku-no-client-auth",
            "\
error: the server refused the client certificate: unsuitable certificate purpose
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 200)
  hint: \"integration.acme.test\" may be used for serverAuth only, not for clientAuth; order a certificate with clientAuth:
        openssl req -new -key [ORG]/server-auth-only.pem -subj '/O=Acme Test Ltd/CN=integration.acme.test' -addext keyUsage=critical,digitalSignature -addext extendedKeyUsage=clientAuth -out [ORG]/server-auth-only-new.csr",
        ),
        case(
            "self-signed",
            files(|files| &files.self_signed),
            ASK,
            8,
            "self-signed",
            "\
error: the server refused the client certificate: self-signed certificate
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 200)
  hint: \"integration.acme.test\" is self-signed; order a certificate from a CA, for this key:
        openssl req -new -key [ORG]/self-signed.pem -subj '/O=Acme Test Ltd/CN=integration.acme.test' -addext keyUsage=critical,digitalSignature -addext extendedKeyUsage=clientAuth -out [ORG]/self-signed-new.csr",
        ),
    ]
}

/// Reasons that the page may give: OpenSSL's words of several versions, with and without a final dot.
pub(super) fn reasons() -> Vec<Case> {
    const UNSEEN: &str = "-v shows whether it was sent: if so, a proxy that inspects TLS is between (have this host \
        exempted); if not, the server takes no signature of this kind of key";
    const UNKNOWN_ROOT: &str = "the chain ends at \"Local Org Client Root\", by its name a root, which the server does \
        not know; order a certificate from a CA that the server accepts, or have this root added there";
    const TOO_EARLY: &str = "wait until it is valid, or set this machine's clock right:
        openssl x509 -in [ORG]/expired.pem -noout -dates; date -u";
    const SELF_SIGNED: &str = "order a certificate of a CA whose root is on the list at https://localhost:[LOGIN]/cacerts.jsp";
    const OTHER_ROOT: &str = "order a certificate of a CA whose root is on the list at https://localhost:[LOGIN]/cacerts.jsp: \
        this chain's is not";
    const PURPOSE: &str = "it needs the usage \"TLS Web Client Authentication\":
        openssl x509 -in [ORG]/expired.pem -noout -ext extendedKeyUsage";
    const REVOKED: &str = "order a new certificate, and upload it before it is used";
    const WEAK: &str = "order a certificate for a new RSA key of 2048 bits or more";
    const OTHER: &str = "compare with the roots at https://localhost:[LOGIN]/cacerts.jsp what [ORG]/expired.pem holds:
        openssl storeutl -noout -text -certs [ORG]/expired.pem | grep -E 'Subject:|Not '";
    let rows = [
        (
            "No client certificate provided.",
            "sf-client-certificate-error",
            UNSEEN,
        ),
        (
            "no client certificate provided",
            "sf-client-certificate-error",
            UNSEEN,
        ),
        (
            "unable to get local issuer certificate",
            "issuer-unknown",
            UNKNOWN_ROOT,
        ),
        (
            "Unable to get local issuer certificate.",
            "issuer-unknown",
            UNKNOWN_ROOT,
        ),
        (
            "unable to get issuer certificate",
            "issuer-unknown",
            UNKNOWN_ROOT,
        ),
        (
            "unable to verify the first certificate",
            "issuer-unknown",
            UNKNOWN_ROOT,
        ),
        (
            "unable to verify the first certificate.",
            "issuer-unknown",
            UNKNOWN_ROOT,
        ),
        ("certificate has expired", "cert-expired", EXPIRED),
        ("certificate has expired.", "cert-expired", EXPIRED),
        (
            "certificate is not yet valid",
            "sf-client-certificate-error",
            TOO_EARLY,
        ),
        (
            "certificate is not yet valid.",
            "sf-client-certificate-error",
            TOO_EARLY,
        ),
        (
            "self signed certificate",
            "sf-client-certificate-error",
            SELF_SIGNED,
        ),
        (
            "self-signed certificate",
            "sf-client-certificate-error",
            SELF_SIGNED,
        ),
        (
            "Self-signed certificate.",
            "sf-client-certificate-error",
            SELF_SIGNED,
        ),
        (
            "self signed certificate in certificate chain",
            "sf-client-certificate-error",
            OTHER_ROOT,
        ),
        (
            "self-signed certificate in certificate chain.",
            "sf-client-certificate-error",
            OTHER_ROOT,
        ),
        (
            "unsupported certificate purpose",
            "sf-client-certificate-error",
            PURPOSE,
        ),
        (
            "unsuitable certificate purpose.",
            "sf-client-certificate-error",
            PURPOSE,
        ),
        (
            "certificate revoked",
            "sf-client-certificate-error",
            REVOKED,
        ),
        (
            "certificate revoked.",
            "sf-client-certificate-error",
            REVOKED,
        ),
        (
            "certificate chain too long",
            "sf-client-certificate-error",
            OTHER,
        ),
        (
            "certificate signature failure",
            "sf-client-certificate-error",
            OTHER,
        ),
        (
            "EE certificate key too weak",
            "sf-client-certificate-error",
            WEAK,
        ),
        (
            "a reason of next year",
            "sf-client-certificate-error",
            OTHER,
        ),
    ];
    let case_of = |(text, code, hint): (&'static str, &'static str, &str)| {
        let what = match hint {
            UNSEEN => "the server saw no client certificate",
            _ => "the server refused the client certificate",
        };
        let stderr = format!(
            "\
error: {what}: {text}
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 200)
  hint: {hint}"
        );
        case(text, reason(text), ASK, 8, code, stderr)
    };
    rows.into_iter().map(case_of).collect()
}

pub(super) fn faults() -> Vec<Case> {
    vec![
        case(
            "a certificate of another org",
            |world| {
                let file = world.org().files().other_org.clone();
                world.identity(file);
            },
            ASK,
            8,
            "MUTUAL_AUTHENTICATION_FAILED",
            "\
error: MUTUAL_AUTHENTICATION_FAILED: This session could not be mutually authenticated for use with the API
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a fault
  hint: the certificate passed, but this org does not know it: have its leaf uploaded there, in Setup > Certificate and Key Management > Mutual Authentication Certificates (if it is there, the user's password may have expired):
        openssl x509 -in [ORG]/other-org.pem -out upload.pem",
        ),
        case(
            "the port without mutual TLS",
            |world| world.lab().without_journal_check(),
            ["getuserinfo", "--mtls-port", "[LOGIN]"],
            8,
            "MUTUAL_AUTHENTICATION_FAILED",
            "\
error: MUTUAL_AUTHENTICATION_FAILED: This session could not be mutually authenticated for use with the API
  cause: POST https://localhost:[LOGIN]/services/Soap/u/64.0/00D36000000YUbz answered with a fault
  hint: port [LOGIN] has no mutual TLS, and this user may call the API only with it: leave --mtls-port (SFMTLS_MTLS_PORT) at 8443",
        ),
        case(
            "a port that asks for no certificate, and is not known to be the login's",
            |world| {
                world.lab().without_journal_check();
                world.lab().set("SFMTLS_LOGIN_PORT", "1");
            },
            ["getuserinfo", "--mtls-port", "[LOGIN]"],
            8,
            "MUTUAL_AUTHENTICATION_FAILED",
            "\
error: MUTUAL_AUTHENTICATION_FAILED: This session could not be mutually authenticated for use with the API
  cause: POST https://localhost:[LOGIN]/services/Soap/u/64.0/00D36000000YUbz answered with a fault
  hint: localhost:[LOGIN] asked for no client certificate, so none was sent: it is not the mutual-TLS port (--mtls-port, SFMTLS_MTLS_PORT), or a proxy that inspects TLS stands between (have this host exempted there)",
        ),
        case(
            "a PKCS#12 of another org, whose commands are others",
            |world| {
                other_org_as_p12(world);
                world.lab().without_journal_check();
            },
            ["getuserinfo", "-E", "my client.p12"],
            8,
            "MUTUAL_AUTHENTICATION_FAILED",
            "\
error: MUTUAL_AUTHENTICATION_FAILED: This session could not be mutually authenticated for use with the API
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a fault
  hint: the certificate passed, but this org does not know it: have its leaf uploaded there, in Setup > Certificate and Key Management > Mutual Authentication Certificates (if it is there, the user's password may have expired):
        openssl pkcs12 -in 'my client.p12' -nokeys -clcerts | openssl x509 -out upload.pem",
        ),
    ]
}

fn other_org_as_p12(world: &mut World) {
    let pem = world.org().files().other_org.clone();
    let made = world
        .lab()
        .other("openssl", ["pkcs12", "-export", "-in"])
        .arg(pem)
        .args(["-passout", "pass:hunter2", "-out", "my client.p12"])
        .status();
    assert!(made.expect("openssl runs").success());
    world.lab().set("SFMTLS_CERT_PASSWORD", "hunter2");
    world.secret("hunter2");
}

#[test]
fn the_page_in_every_shape() {
    hold(shapes());
}

#[test]
fn identities_that_the_page_refuses() {
    hold(identities());
}

#[test]
fn the_reasons_of_the_page() {
    hold(reasons());
}

#[test]
fn mutual_authentication_that_failed() {
    hold(faults());
}
