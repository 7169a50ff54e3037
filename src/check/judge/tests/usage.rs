use openssl::nid::Nid;

use super::super::mint::ec;
use super::*;

fn eku(value: &str) -> Judged {
    good_but(client(LEAF).with(Nid::EXT_KEY_USAGE, value))
}

#[test]
fn a_certificate_for_servers_only_is_no_clients() {
    let server = eku("serverAuth");
    raises(&server, "eku-no-client-auth");
    spares(&server, "eku-dual-purpose");
    spares(&server, "eku-missing");
    let any = eku("anyExtendedKeyUsage");
    raises(&any, "eku-no-client-auth");
    let unnamed = eku("1.3.6.1.4.1.55555.1");
    raises(&unnamed, "eku-no-client-auth");
    assert!(
        finding(&unnamed, "eku-no-client-auth")
            .message
            .contains("1.3.6.1.4.1.55555.1")
    );
    spares(&eku("emailProtection,clientAuth"), "eku-no-client-auth");
    spares(&eku("anyExtendedKeyUsage,clientAuth"), "eku-no-client-auth");
}

#[test]
fn a_certificate_without_extended_key_usage_is_told() {
    let none = good_but(client(LEAF).without(Nid::EXT_KEY_USAGE));
    raises(&none, "eku-missing");
    spares(&none, "eku-no-client-auth");
    spares(&eku("clientAuth"), "eku-missing");
}

#[test]
fn for_servers_and_clients_below_a_private_root_is_worth_knowing_only() {
    let both = eku("serverAuth,clientAuth");
    raises(&both, "eku-dual-purpose");
    has_severity(&both, "eku-dual-purpose", Severity::Info);
    spares(&eku("clientAuth"), "eku-dual-purpose");
}

#[test]
fn for_servers_and_clients_below_a_public_root_will_end() {
    let lab = Lab::new();
    let leaf = client(LEAF)
        .with(Nid::EXT_KEY_USAGE, "serverAuth,clientAuth")
        .by(&lab.issuing);
    for hashed in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let file = match hashed {
            true => format!("{:08x}.0", lab.root.certificate.subject_name_hash()),
            false => "bundle.pem".to_owned(),
        };
        let file = folder.path().join(file);
        std::fs::write(&file, lab.root.certificate.to_pem().unwrap()).unwrap();
        let place = if hashed {
            folder.path()
        } else {
            file.as_path()
        };
        let criteria = Criteria {
            system_roots: Some(place.to_owned()),
            ..criteria()
        };
        let judged = judged_by(&criteria, &[&leaf, &lab.issuing, &lab.policy]);
        raises(&judged, "eku-dual-purpose");
        has_severity(&judged, "eku-dual-purpose", Severity::Warning);
        assert!(judged.top.as_ref().unwrap().known);
        spares(&judged, "issuer-unknown");
    }
}

#[test]
fn a_ca_for_servers_only_issues_no_clients() {
    let issuing = |value| good_below(ca("Server CA").with(Nid::EXT_KEY_USAGE, value));
    let servers = issuing("serverAuth");
    raises(&servers, "intermediate-eku-no-client-auth");
    spares(&servers, "eku-no-client-auth");
    spares(
        &issuing("serverAuth,clientAuth"),
        "intermediate-eku-no-client-auth",
    );
    spares(&good_but(client(LEAF)), "intermediate-eku-no-client-auth");
}

#[test]
fn the_key_usage_has_to_allow_signatures_or_key_agreement() {
    let usage = |value| good_but(client(LEAF).with(Nid::KEY_USAGE, value));
    raises(
        &usage("critical,keyEncipherment"),
        "key-usage-no-digital-signature",
    );
    spares(
        &usage("critical,keyAgreement"),
        "key-usage-no-digital-signature",
    );
    spares(
        &usage("digitalSignature,keyEncipherment"),
        "key-usage-no-digital-signature",
    );
    let none = good_but(client(LEAF).without(Nid::KEY_USAGE));
    spares(&none, "key-usage-no-digital-signature");
}

#[test]
fn a_cas_own_certificate_is_told_and_a_self_signed_leaf_is_not_taken_for_one() {
    let lab = Lab::new();
    let judged_ca = judged(&[&lab.issuing, &lab.policy]);
    raises(&judged_ca, "leaf-is-ca");
    let root = judged(&[&lab.root]);
    raises(&root, "leaf-is-ca");
    raises(&root, "self-signed");
    spares(&judged(&[&lab.leaf, &lab.issuing]), "leaf-is-ca");
    // What `openssl req -x509` makes by default.
    let request = client(LEAF)
        .key(&ec())
        .with(Nid::BASIC_CONSTRAINTS, "critical,CA:TRUE")
        .without(Nid::KEY_USAGE)
        .without(Nid::EXT_KEY_USAGE)
        .self_signed();
    let judged = judged(&[&request]);
    raises(&judged, "self-signed");
    spares(&judged, "leaf-is-ca");
}
