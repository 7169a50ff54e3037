//! Client certificates in all conditions, sent by curl and by OpenSSL's own client.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::super::*;
use super::curl::{GET_USER_INFO, call_body, curl, identity};
use super::org;

#[test]
fn without_a_certificate_the_mutual_port_answers_with_the_page() {
    let org = org();
    let session = org.session(0, "localhost");
    let reply = curl(
        &org,
        org.mutual_port(),
        "64.0",
        &call_body(&session, GET_USER_INFO),
        &[],
    );
    assert_eq!(reply.status, 200);
    assert!(
        reply
            .body
            .contains("<h3>Client certificate error:<i>No client certificate provided.</i></h3>"),
        "{}",
        reply.body
    );
    org.switch(|switches| {
        switches.page_status = 403;
        switches.page_type = "text/xml";
    });
    let reply = curl(
        &org,
        org.mutual_port(),
        "64.0",
        &call_body(&session, GET_USER_INFO),
        &[],
    );
    assert_eq!(reply.status, 403);
    let error = org.journal().check().expect_err("the rule was broken");
    assert!(error.contains("without the certificate"), "{error}");
}

#[test]
fn a_bad_certificate_is_answered_with_openssls_own_reason() {
    let org = org();
    let session = org.session(0, "localhost");
    let files = org.files();
    for (path, reason) in [
        (&files.leaf_only, "unable to get local issuer certificate"),
        (&files.expired, "certificate has expired"),
        (&files.not_yet_valid, "certificate is not yet valid"),
        (&files.server_auth_only, "unsuitable certificate purpose"),
        (&files.self_signed, "self-signed certificate"),
    ] {
        let reply = curl(
            &org,
            org.mutual_port(),
            "64.0",
            &call_body(&session, GET_USER_INFO),
            &identity(path),
        );
        assert!(
            reply.body.contains(&format!("<i>{reason}")),
            "{path:?}: {}",
            reply.body
        );
    }
}

#[test]
fn a_certificate_of_another_org_and_the_login_port_give_the_fault() {
    let org = org();
    let session = org.session(0, "localhost");
    let body = call_body(&session, GET_USER_INFO);
    let other_org = curl(
        &org,
        org.mutual_port(),
        "64.0",
        &body,
        &identity(&org.files().other_org),
    );
    let login_port = curl(
        &org,
        org.login_port(),
        "64.0",
        &body,
        &identity(&org.files().client),
    );
    for reply in [other_org, login_port] {
        assert_eq!(reply.status, 500);
        assert_eq!(
            reply.element("faultcode"),
            "sf:MUTUAL_AUTHENTICATION_FAILED"
        );
    }
    let free = call_body(&org.session(1, "localhost"), GET_USER_INFO);
    assert_eq!(curl(&org, org.login_port(), "64.0", &free, &[]).status, 200);
    let entries = org.journal().entries;
    assert!(
        entries
            .iter()
            .filter(|entry| entry.port == Port::Login)
            .all(|entry| entry.certificate.is_none())
    );
}

#[test]
fn curl_is_refused_by_an_alert_in_both_tls_versions() {
    let org = org();
    org.switch(|switches| switches.refuse_by_alert = true);
    for (version, highest) in [("1.2", HighestTls::Tls12), ("1.3", HighestTls::Tls13)] {
        org.switch(|switches| switches.highest_tls = highest);
        let expired = identity(&org.files().expired);
        let options = ["-E", expired[1], "--tls-max", version];
        assert_eq!(
            curl(&org, org.mutual_port(), "64.0", "", &options).status,
            0
        );
        let good = identity(&org.files().client);
        let body = call_body(&org.session(0, "localhost"), GET_USER_INFO);
        assert_eq!(
            curl(&org, org.mutual_port(), "64.0", &body, &good).status,
            200
        );
    }
    assert_eq!(
        org.journal().entries.len(),
        2,
        "refused connections carry no request"
    );
}

#[test]
fn key_stores_open_with_their_passwords() {
    let org = org();
    let files = org.files();
    let body = call_body(&org.session(0, "localhost"), GET_USER_INFO);
    let password = std::fs::read_to_string(&files.key_password).expect("a file");
    for (path, kind) in [(&files.client_p12, "P12"), (&files.client_encrypted, "PEM")] {
        let certificate = format!("{}:{}", path.display(), password.trim_end());
        let reply = curl(
            &org,
            org.mutual_port(),
            "64.0",
            &body,
            &["-E", &certificate, "--cert-type", kind],
        );
        assert_eq!(reply.status, 200, "{kind}");
    }
}

#[test]
fn a_chain_out_of_order_is_noticed() {
    let org = org();
    let read = |path: &Path| std::fs::read_to_string(path).expect("a file");
    let [leaf, intermediate] = read(&org.files().client_certificates)
        .split_inclusive("-----END CERTIFICATE-----\n")
        .map(str::to_owned)
        .collect::<Vec<_>>()
        .try_into()
        .expect("two certificates");
    let root = read(&org.files().client_root);
    let path = org.files().dir.join("shuffled.pem");
    let key = read(&org.files().client_key);
    std::fs::write(&path, [key, leaf, root, intermediate].concat()).expect("a file");
    let body = call_body(&org.session(0, "localhost"), GET_USER_INFO);
    for (path, chain) in [
        (&path, 0),
        (&org.files().client, 2),
        (&org.files().leaf_only, 1),
    ] {
        curl(&org, org.mutual_port(), "64.0", &body, &identity(path));
        assert_eq!(
            org.journal().entries.last().map(|entry| entry.chain),
            Some(chain),
            "{path:?}"
        );
    }
}

/// OpenSSL's own client resumes a session, in which no certificate is sent again.
#[test]
fn a_resumed_session_keeps_its_certificate_and_verdict() {
    let org = org();
    let session = org.session(0, "localhost");
    let request = format!(
        "POST /services/Soap/u/64.0 HTTP/1.1\nHost: localhost\nContent-Type: text/xml\nSOAPAction: \"\"\n\
         Connection: close\nContent-Length: {}\n\n{}",
        call_body(&session, GET_USER_INFO).len(),
        call_body(&session, GET_USER_INFO)
    );
    let ticket = org.files().dir.join("ticket.pem");
    let address = format!("127.0.0.1:{}", org.mutual_port());
    let ask = |identity: &Path, option: &str| {
        let mut child = Command::new("openssl")
            .args([
                "s_client", "-tls1_2", "-crlf", "-ign_eof", "-connect", &address, "-cert",
            ])
            .args([
                identity,
                Path::new("-key"),
                identity,
                Path::new("-cert_chain"),
                identity,
            ])
            .arg(option)
            .arg(&ticket)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl is installed");
        child
            .stdin
            .take()
            .expect("piped")
            .write_all(request.as_bytes())
            .expect("openssl reads");
        String::from_utf8_lossy(&child.wait_with_output().expect("openssl ends").stdout)
            .into_owned()
    };
    for (identity, words) in [
        (&org.files().client, "integration@acme.test"),
        (&org.files().expired, "has expired"),
    ] {
        assert!(ask(identity, "-sess_out").contains(words));
        let resumed = ask(identity, "-sess_in");
        assert!(
            resumed.contains("Reused, TLSv1.2") && resumed.contains(words),
            "{resumed}"
        );
    }
}
