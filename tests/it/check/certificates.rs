//! Certificates and chains, judged offline.

use std::path::Path;

use super::{Checked, check, raises, spares};
use crate::lab::Lab;

fn offline(file: &Path) -> Checked {
    check(&["--offline", file.to_str().expect("UTF-8")], &[])
}

#[test]
fn a_certificate_past_its_end_is_told_with_the_request_for_the_next() {
    let lab = Lab::new();
    let expired = offline(&lab.org.files().expired);
    raises(&expired, "cert-expired");
    assert_eq!(expired.status, 8, "{}", expired.stderr);
    let finding = expired.finding("cert-expired");
    let command = finding["command"].as_str().expect("a command");
    lab.shell(command).exits(0);
    lab.shell(&format!(
        "openssl req -verify -noout -in {}",
        lab.org
            .files()
            .expired
            .with_file_name("expired-new.csr")
            .display()
    ))
    .exits(0);
    let good = offline(&lab.org.files().client);
    spares(&good, "cert-expired");
    assert_eq!(good.status, 0, "{:#}", good.report);
}

#[test]
fn what_is_wrong_with_a_certificate_is_an_error_and_what_may_be_is_none() {
    let lab = Lab::new();
    let files = lab.org.files();
    let early = offline(&files.not_yet_valid);
    raises(&early, "cert-not-yet-valid");
    let server = offline(&files.server_auth_only);
    raises(&server, "eku-no-client-auth");
    let alone = offline(&files.self_signed);
    raises(&alone, "self-signed");
    spares(&alone, "issuer-unknown");
    for checked in [early, server, alone] {
        assert_eq!(checked.status, 8, "{:#}", checked.report);
    }
    let leaf_only = offline(&files.leaf_only);
    raises(&leaf_only, "issuer-unknown");
    spares(&leaf_only, "intermediate-missing");
    assert_eq!(leaf_only.status, 0, "{:#}", leaf_only.report);
}

#[test]
fn a_key_that_is_not_the_certificates_is_told_once() {
    let lab = Lab::new();
    let foreign = offline(&lab.org.files().foreign_key);
    raises(&foreign, "key-mismatch");
    let ids = foreign.ids();
    let told = ids.iter().filter(|id| **id == "key-mismatch").count();
    assert_eq!(told, 1, "{:#}", foreign.report);
    assert_eq!(foreign.status, 8);
}

/// The CA behind it used to be taken for the client's, with the faults that it has as such.
#[test]
fn a_client_certificate_that_cannot_be_read_leaves_no_other_to_be_judged() {
    let folder = tempfile::tempdir().expect("a folder");
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/identity");
    let read = |name: &str| std::fs::read_to_string(fixtures.join(name)).expect("a fixture");
    let leaf = read("leaf.pem");
    let body = leaf.find("MII").expect("a body");
    for (damaged, id) in [
        (leaf.replace("MII", "M!I"), "pem-corrupt"),
        (
            format!("{}AAAA{}", &leaf[..body], &leaf[body + 4..]),
            "cert-corrupt",
        ),
    ] {
        let file = folder.path().join("damaged.pem");
        let rest = [read("issuing.pem"), read("policy.pem")].concat();
        std::fs::write(&file, [read("leaf.key"), damaged, rest].concat()).expect("written");
        let checked = offline(&file);
        let ids = checked.ids();
        let ids: Vec<_> = ids
            .iter()
            .filter(|id| **id != "key-file-permissions")
            .collect();
        assert_eq!(ids, [&id], "{:#}", checked.report);
        assert_eq!(checked.status, 8);
    }
}

#[test]
fn neither_the_key_nor_the_password_is_in_the_report() {
    let lab = Lab::new();
    let files = lab.org.files();
    let password = std::fs::read_to_string(&files.key_password).expect("a password");
    let pem = std::fs::read_to_string(&files.client_key).expect("a key");
    let p12 = files.client_p12.to_str().expect("UTF-8");
    let variables = [("SFMTLS_CERT_PASSWORD", password.trim_end())];
    let checked = check(&["--offline", p12], &variables);
    assert_eq!(checked.status, 0, "{:#}", checked.report);
    let all = format!("{}{}", checked.report, checked.stderr);
    assert!(!all.contains(password.trim_end()));
    let lines = pem.lines().filter(|line| !line.starts_with("-----"));
    assert!(lines.count() > 0 && !pem.lines().any(|line| all.contains(line)));
}
