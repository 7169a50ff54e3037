use std::fs;
use std::path::Path;

use super::*;

/// Within the dates of all fixtures.
const NOW: i64 = 1_800_000_000;

fn read(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/identity");
    fs::read(folder.join(name)).unwrap()
}

fn key(name: &str) -> PKey<Private> {
    PKey::private_key_from_pem_passphrase(&read(name), b"").unwrap()
}

fn certificates(names: &[&str]) -> Vec<X509> {
    names
        .iter()
        .map(|name| X509::from_pem(&read(&format!("{name}.pem"))).unwrap())
        .collect()
}

/// The issuer and subject of each certificate sent, without what they share.
fn sent(chain: &Chain) -> Vec<String> {
    std::iter::once(&chain.leaf)
        .chain(&chain.intermediates)
        .map(|certificate| {
            let common = |name| {
                super::super::name(name)
                    .rsplit_once("CN=")
                    .unwrap()
                    .1
                    .to_owned()
            };
            let subject = common(certificate.subject_name());
            format!("{subject} < {}", common(certificate.issuer_name()))
        })
        .collect()
}

#[test]
fn two_levels_in_any_order_come_out_leaf_issuer_next() {
    let chain = arrange(
        &[key("leaf.key")],
        &certificates(&["root", "policy", "issuing", "leaf"]),
        NOW,
    );
    assert_eq!(
        sent(&chain.ok().unwrap()),
        [
            "integration.example.test < Lab Issuing CA",
            "Lab Issuing CA < Lab Policy CA",
            "Lab Policy CA < Lab Root CA",
        ]
    );
}

#[test]
fn a_cross_signed_root_is_sent_in_the_form_that_another_root_signed() {
    let all = [
        "leaf",
        "issuing",
        "policy",
        "root",
        "root-cross",
        "old-root",
    ];
    let chain = arrange(&[key("leaf.key")], &certificates(&all), NOW)
        .ok()
        .unwrap();
    assert_eq!(sent(&chain)[3..], ["Lab Root CA < Old Root CA"]);
    assert_eq!(
        chain.notes,
        [
            Note::RootLeftOut("O=Lab, CN=Lab Root CA".to_owned()),
            Note::RootLeftOut("O=Lab, CN=Old Root CA".to_owned()),
        ]
    );
}

#[test]
fn another_generation_of_the_same_ca_is_not_taken_for_the_issuer() {
    let all = ["leaf", "issuing-other", "policy"];
    let chain = arrange(&[key("leaf.key")], &certificates(&all), NOW)
        .ok()
        .unwrap();
    assert_eq!(sent(&chain).len(), 1);
    assert_eq!(chain.notes.len(), 2);
    let all = ["leaf", "issuing-other", "issuing", "policy"];
    let chain = arrange(&[key("leaf.key")], &certificates(&all), NOW)
        .ok()
        .unwrap();
    assert_eq!(sent(&chain).len(), 3);
}

#[test]
fn the_right_name_without_the_right_signature_is_not_the_issuer() {
    // No key id in it to give it away.
    let namesake = || -> Result<X509, openssl::error::ErrorStack> {
        let issuing = &certificates(&["issuing"])[0];
        let mut builder = X509::builder()?;
        builder.set_version(2)?;
        builder.set_subject_name(issuing.subject_name())?;
        builder.set_issuer_name(issuing.issuer_name())?;
        builder.set_not_before(issuing.not_before())?;
        builder.set_not_after(issuing.not_after())?;
        builder.set_pubkey(&key("other.key"))?;
        builder.sign(&key("other.key"), openssl::hash::MessageDigest::sha256())?;
        Ok(builder.build())
    };
    let mut all = vec![namesake().unwrap()];
    all.extend(certificates(&["leaf", "issuing", "policy"]));
    let chain = arrange(&[key("leaf.key")], &all, NOW).ok().unwrap();
    assert_eq!(
        sent(&chain)[1..],
        [
            "Lab Issuing CA < Lab Policy CA",
            "Lab Policy CA < Lab Root CA"
        ]
    );
    all.remove(2);
    let chain = arrange(&[key("leaf.key")], &all, NOW).ok().unwrap();
    assert_eq!(sent(&chain).len(), 1);
}

#[test]
fn strangers_and_duplicates_are_left_out_and_noted() {
    let all = ["leaf", "leaf", "other", "issuing"];
    let chain = arrange(&[key("leaf.key")], &certificates(&all), NOW)
        .ok()
        .unwrap();
    assert_eq!(sent(&chain).len(), 2);
    assert_eq!(
        chain.notes,
        [
            Note::UnrelatedLeftOut("O=Example, CN=other.example.test".to_owned()),
            Note::DuplicatesLeftOut(1),
        ]
    );
}

#[test]
fn of_two_leaves_the_one_with_the_key_is_presented() {
    let chain = arrange(&[key("leaf.key")], &certificates(&["other", "leaf"]), NOW);
    assert!(sent(&chain.ok().unwrap())[0].starts_with("integration"));
}

#[test]
fn the_key_of_a_ca_is_no_key_of_the_leaf_beside_it() {
    let no = arrange(
        &[key("issuing.key")],
        &certificates(&["leaf", "issuing"]),
        NOW,
    )
    .err()
    .unwrap();
    let common = |certificate: &X509| super::super::name(certificate.subject_name());
    assert_eq!(common(&no.leaf), "O=Example, CN=integration.example.test");
    assert_eq!(
        no.belongs_to.as_ref().map(common).as_deref(),
        Some("O=Lab, CN=Lab Issuing CA")
    );
}

#[test]
fn a_ca_alone_is_the_leaf_when_the_key_is_its_own() {
    let chain = arrange(
        &[key("issuing.key")],
        &certificates(&["policy", "issuing"]),
        NOW,
    );
    assert_eq!(
        sent(&chain.ok().unwrap()),
        [
            "Lab Issuing CA < Lab Policy CA",
            "Lab Policy CA < Lab Root CA"
        ]
    );
    let no = arrange(
        &[key("leaf.key")],
        &certificates(&["policy", "issuing"]),
        NOW,
    )
    .err()
    .unwrap();
    assert!(no.belongs_to.is_none());
}
