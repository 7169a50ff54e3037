//! What a server asks for, against what the identity is.

use openssl::ssl::SslVersion;
use serde_json::json;

use super::at;
use super::minted::{Made, lab, mint, rsa_key};
use super::servers::{SESSION_INVALID, SServer, Tls, VERSIONS};
use crate::check::{raises, spares};

fn client_ca() -> [&'static str; 2] {
    ["--client-ca", lab().root_file.to_str().expect("UTF-8")]
}

#[test]
fn a_port_that_asks_for_no_certificate_in_both_versions() {
    for (option, name) in [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")] {
        let server = SServer::start(&[option]);
        let checked = at(server.port, &lab().client, &[]);
        raises(&checked, "client-cert-not-requested");
        let probe = &checked.report["probes"][2];
        assert_eq!(probe["tls"], name);
        assert_eq!(probe["requested"], false);
        assert!(probe["sent"].is_null(), "{probe:#}");
        let server = SServer::strict(option);
        let checked = at(server.port, &lab().client, &[]);
        spares(&checked, "client-cert-not-requested");
    }
}

#[test]
fn the_cas_that_a_server_names_in_both_versions() {
    let other = super::minted::root("Some Other Root");
    for (version, name) in VERSIONS {
        let port = |cas: &[_]| {
            Tls::of(&lab().server)
                .version(version)
                .asks()
                .names(cas)
                .answers(SESSION_INVALID)
        };
        // None of ours among them.
        let checked = at(port(&[&other]), &lab().client, &client_ca());
        raises(&checked, "acceptable-cas-mismatch");
        spares(&checked, "acceptable-cas-empty");
        assert_eq!(
            checked.finding("acceptable-cas-mismatch")["severity"],
            "warning"
        );
        let probe = &checked.report["probes"][2];
        assert_eq!(probe["tls"], name);
        assert_eq!(probe["acceptable_cas"], 1);
        assert_eq!(probe["acceptable_ca_names"], json!(["CN=Some Other Root"]));
        assert_eq!(probe["sent"].as_array().map(Vec::len), Some(3));
        // No root was given, and the file holds none; but its name says where the chain ends.
        raises(
            &at(port(&[&other]), &lab().client, &[]),
            "acceptable-cas-mismatch",
        );
        // Ours is among them: the root, or a CA in between.
        let checked = at(port(&[&other, &lab().root]), &lab().client, &client_ca());
        spares(&checked, "acceptable-cas-mismatch");
        let checked = at(port(&[lab().issuing()]), &lab().client, &client_ca());
        spares(&checked, "acceptable-cas-mismatch");
        // No names at all.
        let checked = at(port(&[]), &lab().client, &client_ca());
        raises(&checked, "acceptable-cas-empty");
        spares(&checked, "acceptable-cas-mismatch");
    }
}

/// A leaf without its intermediates fits no list of roots, and that says nothing.
#[test]
fn a_leaf_alone_is_not_compared_with_the_cas() {
    let alone = mint(Made {
        issuer: Some(lab().issuing()),
        ..Made::default()
    });
    let alone = lab().identity("alone.pem", &alone, &[]);
    let port = Tls::of(&lab().server).asks().names(&[&lab().root]);
    let checked = at(port.answers(SESSION_INVALID), &alone, &client_ca());
    spares(&checked, "acceptable-cas-mismatch");
}

#[test]
fn cas_that_do_not_fit_are_an_error_where_the_server_refuses() {
    let other = super::minted::root("Some Other Root");
    let file = lab().write("some-other-root.pem", &super::minted::pem(&other));
    let file = file.to_str().expect("UTF-8");
    let server = SServer::start(&["-Verify", "5", "-verify_return_error", "-CAfile", file]);
    let checked = at(server.port, &lab().client, &client_ca());
    raises(&checked, "acceptable-cas-mismatch");
    raises(&checked, "rejected-unknown-ca");
    assert_eq!(
        checked.finding("acceptable-cas-mismatch")["severity"],
        "error"
    );
}

#[test]
fn a_key_that_fits_no_signature_scheme_is_not_sent_in_both_versions() {
    let rsa = mint(Made {
        issuer: Some(lab().issuing()),
        key: rsa_key(2048),
        ..Made::default()
    });
    let rsa = lab().with_chain("rsa.pem", &rsa);
    let root = lab().root_file.to_str().expect("UTF-8");
    let strict = ["-Verify", "5", "-verify_return_error", "-CAfile", root];
    for (version, alert, id) in [
        ("-tls1_2", 40, "rejected-handshake-failure"),
        ("-tls1_3", 116, "rejected-certificate-required"),
    ] {
        let options = [&[version, "-client_sigalgs", "ECDSA+SHA256"][..], &strict].concat();
        let server = SServer::start(&options);
        let checked = at(server.port, &rsa, &[]);
        raises(&checked, "sigalg-mismatch");
        let finding = checked.finding("sigalg-mismatch");
        assert_eq!(finding["data"]["sigalgs"], json!(["0403"]));
        assert_eq!(finding["data"]["key"], "an RSA key of 2048 bits");
        // Not what it is already.
        let advice = "have a certificate issued for a key of a kind that it takes: P-256";
        assert_eq!(finding["remedy"], advice);
        assert_eq!(checked.finding(id)["data"]["alert"], alert);
        let probe = &checked.report["probes"][2];
        assert_eq!(probe["sent"], json!([]), "{probe:#}");
        // The lab's own identity has a key on that curve.
        spares(&at(server.port, &lab().client, &[]), "sigalg-mismatch");
    }
}

#[test]
fn what_is_asked_and_sent_is_told_to_programs() {
    let server = Tls::of(&lab().server).version(SslVersion::TLS1_3).asks();
    let checked = at(server.answers(SESSION_INVALID), &lab().client, &[]);
    let probes = checked.report["probes"].as_array().expect("a list");
    assert_eq!(probes.len(), 3, "{probes:#?}");
    let ports: Vec<_> = probes.iter().map(|probe| &probe["with_cert"]).collect();
    assert_eq!(ports, [false, false, true]);
    let call = &probes[2];
    assert_eq!(call["http"], json!({"status": 500, "kind": "fault"}));
    assert_eq!(call["server_chain"], json!(["CN=localhost"]));
    let sigalgs = call["sigalgs"].as_array().expect("a list");
    assert!(sigalgs.contains(&json!("0403")), "{sigalgs:?}");
    assert!(call["alert"].is_null() && call["failure"].is_null());
}
