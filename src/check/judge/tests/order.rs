use super::*;

#[test]
fn a_leaf_that_is_not_first_is_told_except_in_a_pkcs12() {
    let lab = Lab::new();
    let last = survey(&[&lab.leaf.key], &[&lab.issuing, &lab.policy, &lab.leaf]);
    let judged = judge(&last, &criteria());
    raises(&judged, "leaf-not-first");
    let told = finding(&judged, "leaf-not-first");
    assert!(
        told.message.ends_with("is number 3 in client.pem"),
        "{}",
        told.message
    );
    assert_eq!(told.place.as_ref().unwrap().line, Some(91));
    spares(&judged, "chain-order");
    // A PKCS#12 marks its leaf.
    let pkcs12 = Survey {
        format: Some(Format::Pkcs12),
        ..last
    };
    spares(&judge(&pkcs12, &criteria()), "leaf-not-first");
}

#[test]
fn intermediates_in_another_order_than_they_are_sent_are_told() {
    let lab = Lab::new();
    let judged_order = judged(&[&lab.leaf, &lab.policy, &lab.issuing]);
    raises(&judged_order, "chain-order");
    assert_eq!(judged_order.intermediates, [2, 1]);
    spares(&judged_order, "leaf-not-first");
    // A root between them changes nothing in their order.
    spares(
        &judged(&[&lab.leaf, &lab.issuing, &lab.root, &lab.policy]),
        "chain-order",
    );
}

#[test]
fn a_root_in_the_file_is_told() {
    let lab = Lab::new();
    let whole = judged(&[&lab.leaf, &lab.issuing, &lab.policy, &lab.root]);
    raises(&whole, "root-included");
    spares(&whole, "unrelated-cert");
    assert_eq!(whole.root, Some(3));
    spares(
        &judged(&[&lab.leaf, &lab.issuing, &lab.policy]),
        "root-included",
    );
    let alone = client(LEAF).self_signed();
    spares(&judged(&[&alone]), "root-included");
}

#[test]
fn a_cross_signed_root_is_on_the_path_and_no_root() {
    let lab = Lab::new();
    let old = ca("Old Root").self_signed();
    let cross = ca("Lab Root CA").key(&lab.root.key).by(&old);
    let file = [&lab.leaf, &lab.issuing, &lab.policy, &cross];
    let judged_cross = judged_by(&accepting(&[&old]), &file);
    assert_eq!(ids(&judged_cross), [""; 0]);
    assert_eq!(judged_cross.intermediates, [1, 2, 3]);
    // The other form of it: not sent, and not unrelated either.
    let file = [
        &lab.leaf,
        &lab.issuing,
        &lab.policy,
        &lab.root,
        &cross,
        &old,
    ];
    let judged_both = judged(&file);
    spares(&judged_both, "unrelated-cert");
    let roots = judged_both
        .findings
        .iter()
        .filter(|f| f.id == "root-included")
        .count();
    assert_eq!((roots, judged_both.root), (2, Some(5)));
}

#[test]
fn two_cross_certificates_of_one_root_are_both_related() {
    let lab = Lab::new();
    let (a, b) = (ca("Root A").self_signed(), ca("Root B").self_signed());
    let by_a = ca("Lab Root CA").key(&lab.root.key).by(&a);
    let by_b = ca("Lab Root CA").key(&lab.root.key).days(-1, 4000).by(&b);
    let judged = judged(&[&lab.leaf, &lab.issuing, &lab.policy, &by_a, &by_b]);
    spares(&judged, "unrelated-cert");
    spares(&judged, "wrong-intermediate");
    assert_eq!(judged.intermediates, [1, 2, 3], "as in the file");
    assert_eq!(judged.alternatives, [4], "sent too");
}

/// The leaf, the issuing CA, and the policy CA in two forms: by root A and by root B.
fn crossed() -> [Minted; 6] {
    let (a, b) = (ca("Root A").self_signed(), ca("Root B").self_signed());
    let by_a = ca("Crossed CA").days(-50, 3000).by(&a);
    let by_b = ca("Crossed CA").key(&by_a.key).by(&b);
    let issuing = ca("Issuing CA").by(&by_a);
    let leaf = client(LEAF).by(&issuing);
    [leaf, issuing, by_a, by_b, a, b]
}

#[test]
fn of_two_ways_up_the_one_to_an_accepted_root_is_judged_and_both_are_sent() {
    let [leaf, issuing, by_a, by_b, a, b] = crossed();
    for (root, path, other, is_first) in [(&a, 2, 3, true), (&b, 3, 2, false)] {
        let file = [&leaf, &issuing, &by_a, &by_b];
        let judged = judged_by(&accepting(&[root]), &file);
        assert_eq!(judged.intermediates, [1, path]);
        assert_eq!(judged.alternatives, [other]);
        assert!(judged.top.as_ref().unwrap().known);
        match is_first {
            true => assert_eq!(ids(&judged), [""; 0]),
            // OpenSSL's servers follow the first of them.
            false => assert_eq!(ids(&judged), ["chain-order"]),
        }
    }
    // Where the server takes both roots, or nobody knows, the file's order counts.
    for criteria in [accepting(&[&a, &b]), accepting(&[&b, &a]), criteria()] {
        let judged = judged_by(&criteria, &[&leaf, &issuing, &by_b, &by_a]);
        assert_eq!(
            (&judged.intermediates[..], &judged.alternatives[..]),
            (&[1, 2][..], &[3][..])
        );
        spares(&judged, "chain-order");
        spares(&judged, "unrelated-cert");
        spares(&judged, "intermediate-missing");
    }
}

#[test]
fn of_two_ways_up_an_expired_one_comes_second() {
    let [leaf, issuing, _, by_b, a, _] = crossed();
    let expired = ca("Crossed CA").key(&by_b.key).days(-900, -1).by(&a);
    let judged = judged(&[&leaf, &issuing, &expired, &by_b]);
    assert_eq!(
        (&judged.intermediates[..], &judged.alternatives[..]),
        (&[1, 3][..], &[2][..])
    );
    spares(&judged, "intermediate-expired");
}

#[test]
fn two_generations_of_a_root_with_one_name_are_two_ways_up() {
    let lab = Lab::new();
    let other = ca("Lab Root CA").self_signed();
    for without in [None, Some(openssl::nid::Nid::AUTHORITY_KEY_IDENTIFIER)] {
        let again = ca("Lab Policy CA").key(&lab.policy.key).days(-1, 4000);
        let again = match without {
            Some(extension) => again.without(extension),
            None => again,
        };
        let again = again.by(&other);
        let judged = judged_by(
            &accepting(&[&lab.root]),
            &[&lab.leaf, &lab.issuing, &lab.policy, &again],
        );
        assert_eq!(ids(&judged), [""; 0]);
        assert_eq!(
            (&judged.intermediates[..], &judged.alternatives[..]),
            (&[1, 2][..], &[3][..])
        );
    }
}

#[test]
fn a_renewed_issuer_takes_the_place_of_the_expired_one() {
    let lab = Lab::new();
    let expired = ca("Lab Issuing CA")
        .key(&lab.issuing.key)
        .days(-900, -1)
        .by(&lab.policy);
    let judged = judged(&[&lab.leaf, &expired, &lab.issuing, &lab.policy]);
    assert_eq!(
        (&judged.intermediates[..], &judged.alternatives[..]),
        (&[2, 3][..], &[][..])
    );
    spares(&judged, "intermediate-expired");
}

#[test]
fn roots_that_signed_each_other_are_no_endless_path() {
    let (a, b) = (ca("Root A").self_signed(), ca("Root B").self_signed());
    let a_by_b = ca("Root A").key(&a.key).by(&b);
    let b_by_a = ca("Root B").key(&b.key).by(&a);
    let leaf = client(LEAF).by(&a);
    let judged = judged(&[&leaf, &a_by_b, &b_by_a]);
    assert_eq!(judged.intermediates, [1, 2]);
    spares(&judged, "unrelated-cert");
    spares(&judged, "chain-signature-invalid");
    spares(&judged, "wrong-intermediate");
}

#[test]
fn a_certificate_of_another_chain_is_unrelated_where_no_level_is_missing() {
    let lab = Lab::new();
    let stranger = ca("Stranger CA")
        .named(&[("CN", "Stranger CA")])
        .self_signed();
    let chain = [&lab.leaf, &lab.issuing, &lab.policy, &stranger];
    let judged_stranger = judged_by(&accepting(&[&lab.root]), &chain);
    raises(&judged_stranger, "unrelated-cert");
    // Where a level is missing nobody can know.
    let gap = judged(&[&lab.leaf, &lab.policy]);
    spares(&gap, "unrelated-cert");
}

#[test]
fn a_certificate_that_is_listed_twice_is_a_duplicate_and_a_renewed_one_is_none() {
    let lab = Lab::new();
    let twice = judged(&[&lab.leaf, &lab.issuing, &lab.leaf, &lab.policy]);
    raises(&twice, "duplicate-cert");
    assert_eq!(
        finding(&twice, "duplicate-cert")
            .place
            .as_ref()
            .unwrap()
            .line,
        Some(91)
    );
    spares(&twice, "multiple-leaf-certs");
    spares(&twice, "unrelated-cert");
    // The same name and key, but another certificate.
    let renewed = ca("Lab Issuing CA")
        .key(&lab.issuing.key)
        .days(-1, 3000)
        .by(&lab.policy);
    let judged = judged(&[&lab.leaf, &lab.issuing, &renewed, &lab.policy]);
    spares(&judged, "duplicate-cert");
    spares(&judged, "unrelated-cert");
}

#[test]
fn of_two_client_certificates_the_one_presented_is_named() {
    let lab = Lab::new();
    let other = client("other.example.test").by(&lab.issuing);
    let two = judged(&[&lab.leaf, &other, &lab.issuing]);
    raises(&two, "multiple-leaf-certs");
    spares(&two, "unrelated-cert");
    let message = &finding(&two, "multiple-leaf-certs").message;
    assert!(
        message.contains("\"integration.example.test\" (valid to 2027-11-11) is presented"),
        "{message}"
    );
    spares(
        &judged(&[&lab.leaf, &lab.issuing, &lab.policy]),
        "multiple-leaf-certs",
    );
}

/// A renewed certificate appended to the file, for the same key.
#[test]
fn the_certificate_that_is_valid_is_presented_and_not_the_expired_one_before_it() {
    let lab = Lab::new();
    let expired = client(LEAF)
        .key(&lab.leaf.key)
        .days(-400, -1)
        .by(&lab.issuing);
    let renewed = judged(&[&expired, &lab.issuing, &lab.leaf]);
    assert_eq!(renewed.leaf, Some(2));
    spares(&renewed, "cert-expired");
    raises(&renewed, "multiple-leaf-certs");
    // The next one does not count before its time, and of two that are valid the first does.
    let next = client(LEAF)
        .key(&lab.leaf.key)
        .days(1, 366)
        .by(&lab.issuing);
    assert_eq!(judged(&[&next, &lab.leaf]).leaf, Some(1));
    let other = client(LEAF)
        .key(&lab.leaf.key)
        .days(-1, 365)
        .by(&lab.issuing);
    assert_eq!(judged(&[&lab.leaf, &other]).leaf, Some(0));
    assert_eq!(judged(&[&other, &lab.leaf]).leaf, Some(0));
    // Where none is valid, the first.
    assert_eq!(judged(&[&expired, &next]).leaf, Some(0));
}

#[test]
fn hundreds_of_certificates_of_one_name_are_no_work_without_end() {
    // Each could have issued each, for all that the names tell.
    let forged: Vec<Minted> = (0..300)
        .map(|_| {
            let same = ca("Same Name").without(openssl::nid::Nid::AUTHORITY_KEY_IDENTIFIER);
            let stranger = ca("Same Name").self_signed();
            same.by(&stranger)
        })
        .collect();
    let leaf = client(LEAF)
        .without(openssl::nid::Nid::AUTHORITY_KEY_IDENTIFIER)
        .by(&forged[299]);
    let mut all = vec![&leaf];
    all.extend(&forged);
    let judged = judged(&all);
    assert_eq!(judged.leaf, Some(0));
}
