use openssl::asn1::{Asn1Object, Asn1OctetString};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::x509::X509Extension;

use super::super::mint::rsa;
use super::*;

#[test]
fn an_issuer_has_to_be_a_ca_by_its_basic_constraints() {
    let judged = good_below(client("Not a CA"));
    raises(&judged, "issuer-not-ca");
    // What comes with it in OpenSSL's verification.
    spares(&judged, "issuer-no-cert-sign");
    spares(&judged, "pathlen-exceeded");
    spares(&judged, "multiple-leaf-certs");
    // Without basic constraints the key usage alone makes none.
    let by_usage = good_below(ca("Old CA").without(Nid::BASIC_CONSTRAINTS));
    raises(&by_usage, "issuer-not-ca");
    spares(&good_below(ca("Good CA")), "issuer-not-ca");
}

#[test]
fn a_path_length_that_is_exceeded_names_both_cas() {
    let lab = Lab::new();
    let policy = |pathlen: &str| {
        let policy = ca("Tight CA")
            .with(Nid::BASIC_CONSTRAINTS, pathlen)
            .by(&lab.root);
        let issuing = ca("Lab Issuing CA").by(&policy);
        let leaf = client(LEAF).by(&issuing);
        judged_by(&accepting(&[&lab.root]), &[&leaf, &issuing, &policy])
    };
    let exceeded = policy("critical,CA:TRUE,pathlen:0");
    raises(&exceeded, "pathlen-exceeded");
    let told = finding(&exceeded, "pathlen-exceeded");
    assert_eq!(told.subject, Subject::Chain(2));
    assert_eq!(
        told.message,
        "the CA \"Tight CA\" may not have the CA \"Lab Issuing CA\" below it"
    );
    spares(&policy("critical,CA:TRUE,pathlen:1"), "pathlen-exceeded");
}

#[test]
fn the_path_length_of_the_root_counts_too() {
    let root = ca("Tight Root")
        .with(Nid::BASIC_CONSTRAINTS, "critical,CA:TRUE,pathlen:0")
        .self_signed();
    let issuing = ca("Lab Issuing CA").by(&root);
    let leaf = client(LEAF).by(&issuing);
    let judged = judged_by(&accepting(&[&root]), &[&leaf, &issuing]);
    raises(&judged, "pathlen-exceeded");
    let direct = client(LEAF).by(&root);
    spares(
        &judged_by(&accepting(&[&root]), &[&direct]),
        "pathlen-exceeded",
    );
}

#[test]
fn a_ca_whose_key_may_not_sign_certificates_is_told() {
    let usage = |value| good_below(ca("Lab Issuing CA").with(Nid::KEY_USAGE, value));
    let judged = usage("critical,cRLSign");
    raises(&judged, "issuer-no-cert-sign");
    spares(&judged, "issuer-not-ca");
    spares(&usage("critical,keyCertSign"), "issuer-no-cert-sign");
    let none = good_below(ca("Lab Issuing CA").without(Nid::KEY_USAGE));
    spares(&none, "issuer-no-cert-sign");
}

#[test]
fn a_name_that_the_ca_may_not_sign_is_told() {
    let below = |constraints: &str, name: &str| {
        let lab = Lab::new();
        let issuing = ca("Narrow CA")
            .with(Nid::NAME_CONSTRAINTS, constraints)
            .by(&lab.policy);
        let leaf = client(LEAF).with(Nid::SUBJECT_ALT_NAME, name).by(&issuing);
        judged_by(&accepting(&[&lab.root]), &[&leaf, &issuing, &lab.policy])
    };
    let outside = below(
        "critical,permitted;DNS:example.org",
        "DNS:host.example.test",
    );
    raises(&outside, "name-constraints-violation");
    let message = &finding(&outside, "name-constraints-violation").message;
    assert!(
        message.contains("host.example.test") && message.contains("\"Narrow CA\""),
        "{message}"
    );
    let inside = below(
        "critical,permitted;DNS:example.test",
        "DNS:host.example.test",
    );
    spares(&inside, "name-constraints-violation");
    let excluded = below(
        "critical,excluded;DNS:example.test",
        "DNS:host.example.test",
    );
    raises(&excluded, "name-constraints-violation");
    // The permitted subtree of example.test from one label below it on: RFC 5280 4.2.1.10 allows no
    // minimum but 0. It used to be passed over.
    let with_minimum = below(
        "critical,DER:30:15:A0:13:30:11:82:0C:65:78:61:6D:70:6C:65:2E:74:65:73:74:80:01:01",
        "DNS:host.example.test",
    );
    raises(&with_minimum, "name-constraints-violation");
}

#[test]
fn a_critical_extension_that_nobody_knows_is_told_once() {
    let unknown = |critical: bool| {
        let lab = Lab::new();
        let leaf = client(LEAF).by(&lab.issuing);
        let leaf = with_extension(leaf, &lab.issuing, "1.3.6.1.4.1.55555.2", critical);
        judged_by(
            &accepting(&[&lab.root]),
            &[&leaf, &lab.issuing, &lab.policy],
        )
    };
    let critical = unknown(true);
    raises(&critical, "unhandled-critical-extension");
    let count = critical
        .findings
        .iter()
        .filter(|f| f.id.starts_with("unhandled"))
        .count();
    assert_eq!(count, 1, "OpenSSL says it too");
    assert!(
        finding(&critical, "unhandled-critical-extension")
            .message
            .contains("1.3.6.1.4.1.55555.2")
    );
    spares(&unknown(false), "unhandled-critical-extension");
}

/// The same certificate with one extension alone, whose content is NULL.
fn with_extension(of: Minted, issuer: &Minted, oid: &str, critical: bool) -> Minted {
    let mut builder = X509::builder().unwrap();
    let old = &of.certificate;
    builder.set_version(2).unwrap();
    builder.set_serial_number(old.serial_number()).unwrap();
    builder.set_subject_name(old.subject_name()).unwrap();
    builder.set_issuer_name(old.issuer_name()).unwrap();
    builder.set_not_before(old.not_before()).unwrap();
    builder.set_not_after(old.not_after()).unwrap();
    builder.set_pubkey(&of.key).unwrap();
    let oid = Asn1Object::from_str(oid).unwrap();
    let content = Asn1OctetString::new_from_bytes(&[5, 0]).unwrap();
    let extension = X509Extension::new_from_der(&oid, critical, &content).unwrap();
    builder.append_extension(extension).unwrap();
    builder.sign(&issuer.key, MessageDigest::sha256()).unwrap();
    Minted {
        certificate: builder.build(),
        ..of
    }
}

#[test]
fn a_damaged_extension_makes_the_certificate_corrupt() {
    let lab = Lab::new();
    for oid in ["2.5.29.19", "2.5.29.15", "2.5.29.37"] {
        let leaf = client(LEAF).by(&lab.issuing);
        let leaf = with_extension(leaf, &lab.issuing, oid, true);
        let file = [&leaf, &lab.issuing, &lab.policy];
        raises(&judged_by(&accepting(&[&lab.root]), &file), "cert-corrupt");
    }
    spares(&good_but(client(LEAF)), "cert-corrupt");
}

#[test]
fn weak_digests_are_told_everywhere_but_in_a_root() {
    raises(
        &good_but(client(LEAF).digest(MessageDigest::sha1())),
        "signature-weak",
    );
    let issuing = good_below(ca("Old CA").digest(MessageDigest::sha1()));
    raises(&issuing, "signature-weak");
    assert_eq!(
        finding(&issuing, "signature-weak").subject,
        Subject::Chain(1)
    );
    let by_rsa = ca("RSA CA").key(&rsa(2048)).self_signed();
    let md5 = client(LEAF).digest(MessageDigest::md5()).by(&by_rsa);
    raises(&judged(&[&md5]), "signature-weak");
    spares(
        &good_but(client(LEAF).digest(MessageDigest::sha384())),
        "signature-weak",
    );
    let root = ca("Old Root").digest(MessageDigest::sha1()).self_signed();
    let leaf = client(LEAF).by(&root);
    spares(
        &judged_by(&accepting(&[&root]), &[&leaf, &root]),
        "signature-weak",
    );
    let alone = client(LEAF).digest(MessageDigest::sha1()).self_signed();
    spares(&judged(&[&alone]), "signature-weak");
}

#[test]
fn a_weak_leaf_is_told_of_although_its_issuer_is_missing() {
    let lab = Lab::new();
    let leaf = client(LEAF).digest(MessageDigest::sha1()).by(&lab.issuing);
    let judged = judged_by(&accepting(&[&lab.root]), &[&leaf]);
    raises(&judged, "signature-weak");
    raises(&judged, "intermediate-missing");
}

#[test]
fn a_certificate_of_version_1_is_told_and_not_what_it_lacks() {
    let old = good_but(client(LEAF).version_1());
    raises(&old, "cert-version-1");
    spares(&old, "eku-missing");
    let bare = good_but(
        client(LEAF)
            .without(Nid::EXT_KEY_USAGE)
            .without(Nid::KEY_USAGE),
    );
    spares(&bare, "cert-version-1");
}
