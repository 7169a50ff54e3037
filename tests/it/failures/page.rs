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
            "@1",
        ),
        case(
            "HTTP 200, text/xml",
            shaped(200, "text/xml"),
            ASK,
            8,
            "cert-expired",
            "@2",
        ),
        case(
            "HTTP 400, text/html",
            shaped(400, "text/html"),
            ASK,
            8,
            "cert-expired",
            "@3",
        ),
        case(
            "HTTP 400, text/xml",
            shaped(400, "text/xml"),
            ASK,
            8,
            "cert-expired",
            "@4",
        ),
        case(
            "HTTP 403, text/html",
            shaped(403, "text/html"),
            ASK,
            8,
            "cert-expired",
            "@5",
        ),
        case(
            "HTTP 403, text/xml",
            shaped(403, "text/xml"),
            ASK,
            8,
            "cert-expired",
            "@6",
        ),
        case(
            "HTTP 503, which would pass",
            shaped(503, "text/html"),
            ASK,
            8,
            "cert-expired",
            "@7",
        ),
        case(
            "in place of rows",
            shaped(200, "text/xml"),
            ["query", "SELECT Id FROM Contact"],
            8,
            "cert-expired",
            "@8",
        ),
        case(
            "in place of a login",
            shaped(200, "text/html"),
            ["login", "--login-url", "https://localhost:[PORT]"],
            8,
            "cert-expired",
            "@9",
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
            "@10",
        ),
        case(
            "not valid yet",
            files(|files| &files.not_yet_valid),
            ASK,
            8,
            "cert-not-yet-valid",
            "@11",
        ),
        case(
            "for servers only",
            files(|files| &files.server_auth_only),
            ASK,
            8,
            "eku-no-client-auth",
            "@12",
        ),
        case(
            "self-signed",
            files(|files| &files.self_signed),
            ASK,
            8,
            "self-signed",
            "@13",
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
            "@14",
        ),
        refused(
            "no client certificate provided",
            "sf-client-certificate-error",
            "@15",
        ),
        refused(
            "unable to get local issuer certificate",
            "intermediate-missing",
            "@16",
        ),
        refused(
            "unable to get local issuer certificate.",
            "intermediate-missing",
            "@17",
        ),
        refused(
            "unable to get issuer certificate",
            "intermediate-missing",
            "@18",
        ),
        refused(
            "unable to verify the first certificate",
            "intermediate-missing",
            "@19",
        ),
        refused("certificate has expired.", "cert-expired", "@20"),
        refused("certificate is not yet valid.", "cert-not-yet-valid", "@21"),
        refused("self signed certificate", "self-signed", "@22"),
        refused("self-signed certificate", "self-signed", "@23"),
        refused("Self-signed certificate.", "self-signed", "@24"),
        refused(
            "self signed certificate in certificate chain",
            "sf-client-certificate-error",
            "@25",
        ),
        refused(
            "self-signed certificate in certificate chain",
            "sf-client-certificate-error",
            "@26",
        ),
        refused(
            "unsupported certificate purpose",
            "eku-no-client-auth",
            "@27",
        ),
        refused(
            "unsuitable certificate purpose",
            "eku-no-client-auth",
            "@28",
        ),
        refused("certificate revoked", "rejected-revoked", "@29"),
        refused(
            "certificate chain too long",
            "sf-client-certificate-error",
            "@30",
        ),
        refused(
            "certificate signature failure",
            "sf-client-certificate-error",
            "@31",
        ),
        refused("EE certificate key too weak", "key-too-small", "@32"),
        refused(
            "a reason of <b>next</b> year",
            "sf-client-certificate-error",
            "@33",
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
            "@34",
        ),
        case(
            "the port without mutual TLS",
            |world| world.lab().without_journal_check(),
            ["getuserinfo", "--mtls-port", "[LOGIN]"],
            8,
            "MUTUAL_AUTHENTICATION_FAILED",
            "@35",
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
            "@36",
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
