use openssl::nid::Nid;

use super::*;

#[test]
fn a_leaf_that_is_its_own_issuer_is_self_signed_although_it_is_accepted() {
    let alone = client(LEAF).self_signed();
    raises(&judged(&[&alone]), "self-signed");
    // Also where the server is said to accept it: Salesforce does not.
    raises(&judged_by(&accepting(&[&alone]), &[&alone]), "self-signed");
    spares(&judged(&[&alone]), "issuer-unknown");
    let root = ca(LEAF)
        .named(&[("O", "Example"), ("CN", LEAF)])
        .self_signed();
    let of_its_name = client(LEAF).by(&root);
    spares(
        &judged_by(&accepting(&[&root]), &[&of_its_name]),
        "self-signed",
    );
}

#[test]
fn an_issuer_that_is_neither_here_nor_accepted_is_missing() {
    let lab = Lab::new();
    let alone = judged_by(&accepting(&[&lab.root]), &[&lab.leaf]);
    raises(&alone, "intermediate-missing");
    spares(&alone, "issuer-unknown");
    assert_eq!(
        finding(&alone, "intermediate-missing").subject,
        Subject::Chain(1)
    );
    let one_more = judged_by(&accepting(&[&lab.root]), &[&lab.leaf, &lab.issuing]);
    raises(&one_more, "intermediate-missing");
    assert_eq!(
        finding(&one_more, "intermediate-missing").subject,
        Subject::Chain(2)
    );
    let whole = [&lab.leaf, &lab.issuing, &lab.policy];
    spares(
        &judged_by(&accepting(&[&lab.root]), &whole),
        "intermediate-missing",
    );
}

#[test]
fn an_accepted_intermediate_ends_the_path_too() {
    let lab = Lab::new();
    let by_issuing = judged_by(&accepting(&[&lab.issuing]), &[&lab.leaf]);
    spares(&by_issuing, "intermediate-missing");
    let both = judged_by(&accepting(&[&lab.issuing]), &[&lab.leaf, &lab.issuing]);
    spares(&both, "intermediate-missing");
    assert!(both.top.unwrap().known);
}

#[test]
fn with_nothing_to_compare_with_it_is_only_unknown() {
    let lab = Lab::new();
    let alone = judged(&[&lab.leaf]);
    raises(&alone, "issuer-unknown");
    has_severity(&alone, "issuer-unknown", Severity::Warning);
    spares(&alone, "intermediate-missing");
    assert!(!alone.top.unwrap().known);
    // The root in the file is something.
    let whole = judged(&[&lab.leaf, &lab.issuing, &lab.policy, &lab.root]);
    spares(&whole, "issuer-unknown");
}

#[test]
fn a_level_that_the_file_skips_is_missing() {
    let lab = Lab::new();
    raises(
        &judged(&[&lab.leaf, &lab.policy, &lab.root]),
        "intermediate-missing",
    );
    // A root of the same CA alone proves nothing: the issuer may be its next generation.
    let root = judged(&[&lab.leaf, &lab.root]);
    spares(&root, "intermediate-missing");
    raises(&root, "issuer-unknown");
    // Nor does a CA of somebody else.
    let other = ca("Other CA")
        .named(&[("O", "Other"), ("CN", "CA")])
        .by(&lab.root);
    spares(&judged(&[&lab.leaf, &other]), "intermediate-missing");
}

/// Another generation of a CA on the path used to count as one above it.
#[test]
fn what_stands_beside_the_path_or_below_its_end_proves_nothing() {
    let lab = Lab::new();
    let beside = [
        ca("Lab Issuing CA").by(&lab.policy),
        ca("Lab Other CA").by(&lab.policy),
        ca("Lab Second Policy CA").by(&lab.root),
    ];
    for other in &beside {
        let judged = judged(&[&lab.leaf, &lab.issuing, &lab.policy, other]);
        spares(&judged, "intermediate-missing");
        raises(&judged, "issuer-unknown");
    }
}

#[test]
fn a_leaf_that_says_who_issued_its_issuer_proves_an_intermediate() {
    let lab = Lab::new();
    let telling = |issuer: &Minted| {
        let leaf = client(LEAF)
            .with(Nid::AUTHORITY_KEY_IDENTIFIER, "keyid,issuer:always")
            .by(issuer);
        judged(&[&leaf])
    };
    raises(&telling(&lab.issuing), "intermediate-missing");
    // A root's issuer is itself.
    let root = telling(&lab.root);
    spares(&root, "intermediate-missing");
    raises(&root, "issuer-unknown");
}

#[test]
fn a_root_that_the_server_does_not_accept_is_an_unknown_issuer() {
    let lab = Lab::new();
    let other = ca("Other Root").self_signed();
    let file = [&lab.leaf, &lab.issuing, &lab.policy, &lab.root];
    let refused = judged_by(&accepting(&[&other]), &file);
    raises(&refused, "issuer-unknown");
    has_severity(&refused, "issuer-unknown", Severity::Error);
    spares(&refused, "intermediate-missing");
    // Another root of the same name.
    let namesake = ca("Lab Root CA").self_signed();
    let refused = judged_by(&accepting(&[&namesake]), &file[..3]);
    raises(&refused, "issuer-unknown");
    spares(&refused, "intermediate-missing");
    // Both generations accepted.
    let both = judged_by(&accepting(&[&namesake, &lab.root]), &file[..3]);
    spares(&both, "issuer-unknown");
}

#[test]
fn another_generation_of_the_issuer_is_a_wrong_intermediate() {
    let lab = Lab::new();
    let other = ca("Lab Issuing CA").by(&lab.policy);
    for criteria in [criteria(), accepting(&[&lab.root])] {
        let wrong = judged_by(&criteria, &[&lab.leaf, &other, &lab.policy]);
        raises(&wrong, "wrong-intermediate");
        spares(&wrong, "intermediate-missing");
        spares(&wrong, "issuer-unknown");
        spares(&wrong, "unrelated-cert");
        spares(&wrong, "chain-signature-invalid");
        // With the right one beside it it is merely not needed.
        let both = judged_by(&criteria, &[&lab.leaf, &other, &lab.issuing, &lab.policy]);
        spares(&both, "wrong-intermediate");
        assert_eq!(both.intermediates, [2, 3]);
    }
    let both = judged_by(
        &accepting(&[&lab.root]),
        &[&lab.leaf, &other, &lab.issuing, &lab.policy],
    );
    raises(&both, "unrelated-cert");
}

#[test]
fn another_generation_is_recognised_without_key_ids() {
    let lab = Lab::new();
    let other = ca("Lab Issuing CA")
        .without(Nid::SUBJECT_KEY_IDENTIFIER)
        .by(&lab.policy);
    raises(&judged(&[&lab.leaf, &other]), "wrong-intermediate");
}

#[test]
fn the_issuers_key_with_another_serial_number_is_a_wrong_intermediate() {
    let lab = Lab::new();
    let leaf = client(LEAF)
        .with(Nid::AUTHORITY_KEY_IDENTIFIER, "keyid,issuer:always")
        .by(&lab.issuing);
    let reissued = ca("Lab Issuing CA")
        .key(&lab.issuing.key)
        .serial(7)
        .by(&lab.policy);
    raises(&judged(&[&leaf, &reissued]), "wrong-intermediate");
}

#[test]
fn another_generation_of_the_root_is_no_fault_of_the_chain() {
    let root = ca("Lab Root CA").self_signed();
    let older = ca("Lab Root CA").self_signed();
    let leaf = client(LEAF).by(&root);
    let judged = judged(&[&leaf, &older]);
    spares(&judged, "wrong-intermediate");
    raises(&judged, "issuer-unknown");
}

#[test]
fn a_signature_that_does_not_verify_is_told_where_the_key_ids_match() {
    let lab = Lab::new();
    let mut der = lab.leaf.certificate.to_der().unwrap();
    // A letter of the subject.
    let at = der
        .windows(11)
        .position(|bytes| bytes == b"integration")
        .unwrap();
    der[at] = b'I';
    let damaged = Minted {
        certificate: X509::from_der(&der).unwrap(),
        ..lab.leaf.clone()
    };
    let file = [&damaged, &lab.issuing, &lab.policy];
    let with_issuer = judged(&file);
    raises(&with_issuer, "chain-signature-invalid");
    spares(&with_issuer, "wrong-intermediate");
    spares(&with_issuer, "intermediate-missing");
    let direct = client(LEAF).by(&lab.root);
    let mut der = direct.certificate.to_der().unwrap();
    let at = der
        .windows(11)
        .position(|bytes| bytes == b"integration")
        .unwrap();
    der[at] = b'I';
    let damaged = Minted {
        certificate: X509::from_der(&der).unwrap(),
        ..direct
    };
    let by_root = judged_by(&accepting(&[&lab.root]), &[&damaged]);
    raises(&by_root, "chain-signature-invalid");
    spares(
        &judged(&[&lab.leaf, &lab.issuing]),
        "chain-signature-invalid",
    );
}
