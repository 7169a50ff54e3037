//! Salesforce's page that refuses the client certificate, and the fault that does.

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

fn shapes() -> Vec<Case> {
    vec![
        case(
            "HTTP 200, text/html",
            shaped(200, "text/html"),
            ASK,
            8,
            "cert-expired",
            "\
error: the server refused the client certificate: certificate has expired
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 200)
  hint: see which certificate: openssl storeutl -noout -text -certs [ORG]/expired.pem | grep -E 'Subject:|Not '; upload a new one before it is used, in Setup > Certificate and Key Management",
        ),
        case(
            "HTTP 200, text/xml",
            shaped(200, "text/xml"),
            ASK,
            8,
            "cert-expired",
            "\
error: the server refused the client certificate: certificate has expired
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 200)
  hint: see which certificate: openssl storeutl -noout -text -certs [ORG]/expired.pem | grep -E 'Subject:|Not '; upload a new one before it is used, in Setup > Certificate and Key Management",
        ),
        case(
            "HTTP 400, text/html",
            shaped(400, "text/html"),
            ASK,
            8,
            "cert-expired",
            "\
error: the server refused the client certificate: certificate has expired
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 400)
  hint: see which certificate: openssl storeutl -noout -text -certs [ORG]/expired.pem | grep -E 'Subject:|Not '; upload a new one before it is used, in Setup > Certificate and Key Management",
        ),
        case(
            "HTTP 400, text/xml",
            shaped(400, "text/xml"),
            ASK,
            8,
            "cert-expired",
            "\
error: the server refused the client certificate: certificate has expired
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 400)
  hint: see which certificate: openssl storeutl -noout -text -certs [ORG]/expired.pem | grep -E 'Subject:|Not '; upload a new one before it is used, in Setup > Certificate and Key Management",
        ),
        case(
            "HTTP 403, text/html",
            shaped(403, "text/html"),
            ASK,
            8,
            "cert-expired",
            "\
error: the server refused the client certificate: certificate has expired
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 403)
  hint: see which certificate: openssl storeutl -noout -text -certs [ORG]/expired.pem | grep -E 'Subject:|Not '; upload a new one before it is used, in Setup > Certificate and Key Management",
        ),
        case(
            "HTTP 403, text/xml",
            shaped(403, "text/xml"),
            ASK,
            8,
            "cert-expired",
            "\
error: the server refused the client certificate: certificate has expired
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 403)
  hint: see which certificate: openssl storeutl -noout -text -certs [ORG]/expired.pem | grep -E 'Subject:|Not '; upload a new one before it is used, in Setup > Certificate and Key Management",
        ),
        case(
            "HTTP 503, which would pass",
            shaped(503, "text/html"),
            ASK,
            8,
            "cert-expired",
            "\
error: the server refused the client certificate: certificate has expired
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 503)
  hint: see which certificate: openssl storeutl -noout -text -certs [ORG]/expired.pem | grep -E 'Subject:|Not '; upload a new one before it is used, in Setup > Certificate and Key Management",
        ),
        case(
            "in place of rows",
            shaped(200, "text/xml"),
            ["query", "SELECT Id FROM Contact"],
            8,
            "cert-expired",
            "\
error: the server refused the client certificate: certificate has expired
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 200)
  hint: see which certificate: openssl storeutl -noout -text -certs [ORG]/expired.pem | grep -E 'Subject:|Not '; upload a new one before it is used, in Setup > Certificate and Key Management",
        ),
        case(
            "in place of a login",
            shaped(200, "text/html"),
            ["login", "--login-url", "https://localhost:[PORT]"],
            8,
            "cert-expired",
            "\
error: the server refused the client certificate: certificate has expired
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0 answered with a \"Certificate Error\" page (HTTP 200)
  hint: see which certificate: openssl storeutl -noout -text -certs [ORG]/expired.pem | grep -E 'Subject:|Not '; upload a new one before it is used, in Setup > Certificate and Key Management",
        ),
    ]
}

/// What OpenSSL finds by itself, with identities that are wrong in one way each.
fn identities() -> Vec<Case> {
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
  hint: [ORG]/leaf-only.pem lacks an intermediate: append it; this tells where its CA keeps it: openssl x509 -in [ORG]/leaf-only.pem -noout -ext authorityInfoAccess; if the chain is whole, its root is not on the list at https://localhost/cacerts.jsp",
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
  hint: see from when on it is valid, by a right clock: date -u; openssl x509 -in [ORG]/not-yet-valid.pem -noout -dates",
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
  hint: it needs the usage \"TLS Web Client Authentication\": openssl x509 -in [ORG]/server-auth-only.pem -noout -ext extendedKeyUsage",
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
  hint: order a certificate of a CA whose root is on the list at https://localhost/cacerts.jsp",
        ),
    ]
}

/// Reasons that the page may give (OpenSSL's words of several versions).
fn reasons() -> Vec<Case> {
    let refused = |text: &'static str, code: &'static str, stderr: &'static str| {
        case(text, reason(text), ASK, 8, code, stderr)
    };
    vec![
        refused(
            "No client certificate provided.",
            "sf-client-certificate-error",
            "\
error: the server refused the client certificate: No client certificate provided.
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 200)
  hint: -v shows whether it was sent: if so, a proxy that inspects TLS is between (have this host exempted); if not, the server takes no signature of this kind of key",
        ),
        refused(
            "no client certificate provided",
            "sf-client-certificate-error",
            "\
error: the server refused the client certificate: no client certificate provided
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 200)
  hint: -v shows whether it was sent: if so, a proxy that inspects TLS is between (have this host exempted); if not, the server takes no signature of this kind of key",
        ),
        refused(
            "unable to get local issuer certificate",
            "intermediate-missing",
            "\
error: the server refused the client certificate: unable to get local issuer certificate
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 200)
  hint: [ORG]/expired.pem lacks an intermediate: append it; this tells where its CA keeps it: openssl x509 -in [ORG]/expired.pem -noout -ext authorityInfoAccess; if the chain is whole, its root is not on the list at https://localhost/cacerts.jsp",
        ),
        refused(
            "unable to get local issuer certificate.",
            "intermediate-missing",
            "\
error: the server refused the client certificate: unable to get local issuer certificate.
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 200)
  hint: [ORG]/expired.pem lacks an intermediate: append it; this tells where its CA keeps it: openssl x509 -in [ORG]/expired.pem -noout -ext authorityInfoAccess; if the chain is whole, its root is not on the list at https://localhost/cacerts.jsp",
        ),
        refused(
            "unable to get issuer certificate",
            "intermediate-missing",
            "\
error: the server refused the client certificate: unable to get issuer certificate
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 200)
  hint: [ORG]/expired.pem lacks an intermediate: append it; this tells where its CA keeps it: openssl x509 -in [ORG]/expired.pem -noout -ext authorityInfoAccess; if the chain is whole, its root is not on the list at https://localhost/cacerts.jsp",
        ),
        refused(
            "unable to verify the first certificate",
            "intermediate-missing",
            "\
error: the server refused the client certificate: unable to verify the first certificate
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 200)
  hint: [ORG]/expired.pem lacks an intermediate: append it; this tells where its CA keeps it: openssl x509 -in [ORG]/expired.pem -noout -ext authorityInfoAccess; if the chain is whole, its root is not on the list at https://localhost/cacerts.jsp",
        ),
        refused("certificate has expired.", "cert-expired", "\
error: the server refused the client certificate: certificate has expired.
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 200)
  hint: see which certificate: openssl storeutl -noout -text -certs [ORG]/expired.pem | grep -E 'Subject:|Not '; upload a new one before it is used, in Setup > Certificate and Key Management"),
        refused("certificate is not yet valid.", "cert-not-yet-valid", "\
error: the server refused the client certificate: certificate is not yet valid.
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 200)
  hint: see from when on it is valid, by a right clock: date -u; openssl x509 -in [ORG]/expired.pem -noout -dates"),
        refused("self signed certificate", "self-signed", "\
error: the server refused the client certificate: self signed certificate
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 200)
  hint: order a certificate of a CA whose root is on the list at https://localhost/cacerts.jsp"),
        refused("self-signed certificate", "self-signed", "\
error: the server refused the client certificate: self-signed certificate
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 200)
  hint: order a certificate of a CA whose root is on the list at https://localhost/cacerts.jsp"),
        refused("Self-signed certificate.", "self-signed", "\
error: the server refused the client certificate: Self-signed certificate.
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 200)
  hint: order a certificate of a CA whose root is on the list at https://localhost/cacerts.jsp"),
        refused(
            "self signed certificate in certificate chain",
            "sf-client-certificate-error",
            "\
error: the server refused the client certificate: self signed certificate in certificate chain
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 200)
  hint: the root of the chain is not one that Salesforce takes: its list is at https://localhost/cacerts.jsp",
        ),
        refused(
            "self-signed certificate in certificate chain",
            "sf-client-certificate-error",
            "\
error: the server refused the client certificate: self-signed certificate in certificate chain
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 200)
  hint: the root of the chain is not one that Salesforce takes: its list is at https://localhost/cacerts.jsp",
        ),
        refused(
            "unsupported certificate purpose",
            "eku-no-client-auth",
            "\
error: the server refused the client certificate: unsupported certificate purpose
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 200)
  hint: it needs the usage \"TLS Web Client Authentication\": openssl x509 -in [ORG]/expired.pem -noout -ext extendedKeyUsage",
        ),
        refused(
            "unsuitable certificate purpose",
            "eku-no-client-auth",
            "\
error: the server refused the client certificate: unsuitable certificate purpose
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 200)
  hint: it needs the usage \"TLS Web Client Authentication\": openssl x509 -in [ORG]/expired.pem -noout -ext extendedKeyUsage",
        ),
        refused("certificate revoked", "rejected-revoked", "\
error: the server refused the client certificate: certificate revoked
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 200)
  hint: order a new certificate, and upload it before it is used"),
        refused(
            "certificate chain too long",
            "sf-client-certificate-error",
            "\
error: the server refused the client certificate: certificate chain too long
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 200)
  hint: see what [ORG]/expired.pem holds: openssl storeutl -noout -text -certs [ORG]/expired.pem | grep -E 'Subject:|Not '; Salesforce takes the roots at https://localhost/cacerts.jsp",
        ),
        refused(
            "certificate signature failure",
            "sf-client-certificate-error",
            "\
error: the server refused the client certificate: certificate signature failure
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 200)
  hint: see what [ORG]/expired.pem holds: openssl storeutl -noout -text -certs [ORG]/expired.pem | grep -E 'Subject:|Not '; Salesforce takes the roots at https://localhost/cacerts.jsp",
        ),
        refused("EE certificate key too weak", "key-too-small", "\
error: the server refused the client certificate: EE certificate key too weak
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 200)
  hint: order a certificate for a new RSA key of 2048 bits or more"),
        refused(
            "a reason of <b>next</b> year",
            "sf-client-certificate-error",
            "\
error: the server refused the client certificate: a reason of
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a \"Certificate Error\" page (HTTP 200)
  hint: see what [ORG]/expired.pem holds: openssl storeutl -noout -text -certs [ORG]/expired.pem | grep -E 'Subject:|Not '; Salesforce takes the roots at https://localhost/cacerts.jsp",
        ),
    ]
}

fn faults() -> Vec<Case> {
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
  hint: the certificate is fine but not linked to this org and user: upload its leaf (openssl x509 -in [ORG]/other-org.pem -out upload.pem) in Setup > Certificate and Key Management > Mutual Authentication Certificates of this very org; an expired password of the user gives the same fault",
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
  hint: the certificate is fine but not linked to this org and user: upload its leaf (openssl pkcs12 -in 'my client.p12' -nokeys -clcerts | openssl x509 -out upload.pem) in Setup > Certificate and Key Management > Mutual Authentication Certificates of this very org; an expired password of the user gives the same fault",
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
