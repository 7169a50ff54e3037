//! PKCS#12 bag by bag.

use super::maker::{self, Mac};
use super::surveys::survey_of;
use super::*;
use crate::identity::survey::{RemarkKind, Spelling};

fn key(name: &str) -> Vec<u8> {
    let key = PKey::private_key_from_pem_passphrase(&fixture(name), b"").unwrap();
    key.private_key_to_pkcs8().unwrap()
}

fn certificate(name: &str) -> Vec<u8> {
    let certificate = X509::from_pem(&fixture(name)).unwrap();
    maker::certificate_bag(&certificate.to_der().unwrap())
}

fn shrouded(name: &str) -> Vec<u8> {
    maker::shrouded_key_bag(&key(name), PASSWORD.as_bytes(), 2)
}

/// Bags in an encrypted safe, keys in a plain one, as OpenSSL does it.
fn made(bags: &[Vec<u8>], keys: &[Vec<u8>]) -> Vec<u8> {
    let safes = [
        maker::encrypted_safe(bags, PASSWORD.as_bytes()),
        maker::plain_safe(keys),
    ];
    maker::file(&safes, &Mac::Classic(PASSWORD))
}

#[test]
fn what_the_maker_makes_is_what_openssl_reads() {
    let file = made(&[certificate("leaf.pem")], &[shrouded("leaf.key")]);
    let parsed = openssl::pkcs12::Pkcs12::from_der(&file)
        .and_then(|container| container.parse2(PASSWORD))
        .unwrap();
    assert!(parsed.pkey.is_some() && parsed.cert.is_some());
    assert_eq!(sent(&loaded(file)), [LEAF]);
}

#[test]
fn of_several_keys_the_one_that_fits_the_leaf_is_taken() {
    let keys = [shrouded("other.key"), shrouded("leaf.key")];
    let file = made(
        &[certificate("issuing.pem"), certificate("leaf.pem")],
        &keys,
    );
    let identity = loaded(&file);
    assert_eq!(sent(&identity), [LEAF, ISSUING]);
    assert!(identity.leaf.public_key().unwrap().public_eq(&identity.key));
    assert_eq!(identity.notes, []);
    let survey = survey_of(&file, Some(PASSWORD));
    assert_eq!((survey.keys.len(), survey.faults.len()), (2, 0));
}

#[test]
fn a_second_key_with_a_password_of_its_own_does_no_harm() {
    let other = maker::shrouded_key_bag(&key("other.key"), b"another", 2);
    let file = made(
        &[certificate("leaf.pem")],
        &[other.clone(), shrouded("leaf.key")],
    );
    assert_eq!(sent(&loaded(&file)), [LEAF]);
    // Where the right one is missing, the closed one may be it.
    let file = made(
        &[certificate("leaf.pem")],
        &[other, shrouded("issuing.key")],
    );
    let refused = refused_as("client.p12", file, Some(PASSWORD));
    assert_eq!((refused.id, refused.asked), ("password-wrong", 1));
}

#[test]
fn bags_of_bags_and_several_safes_are_walked_and_foreign_bags_passed_over() {
    let nested = maker::nested_bag(&[
        maker::other_bag(4),
        maker::nested_bag(&[certificate("issuing.pem")]),
        maker::other_bag(5),
    ]);
    let safes = [
        maker::encrypted_safe(&[nested], PASSWORD.as_bytes()),
        maker::encrypted_safe(&[shrouded("leaf.key")], PASSWORD.as_bytes()),
        maker::plain_safe(&[certificate("leaf.pem"), maker::other_bag(9)]),
        maker::plain_safe(&[]),
    ];
    let file = maker::file(&safes, &Mac::Classic(PASSWORD));
    assert_eq!(sent(&loaded(file)), [LEAF, ISSUING]);
}

#[test]
fn endless_nesting_of_bags_is_a_damaged_file() {
    let mut bag = certificate("leaf.pem");
    for _ in 0..20 {
        bag = maker::nested_bag(&[bag]);
    }
    let file = made(&[bag], &[shrouded("leaf.key")]);
    assert_eq!(refused_as("c", file, Some(PASSWORD)).id, "p12-corrupt");
}

#[test]
fn a_store_without_end_is_refused_and_not_read_to_its_end() {
    let bags = vec![certificate("leaf.pem"); 600];
    let survey = survey_of(made(&bags, &[]), Some(PASSWORD));
    assert_eq!(survey.faults[0].id(), "unrecognized-format");
    assert_eq!(survey.certificates.len(), 501);
}

#[test]
fn behind_a_mac_that_does_not_verify_nothing_is_decrypted() {
    let safes = [
        maker::encrypted_safe(&[certificate("leaf.pem")], PASSWORD.as_bytes()),
        maker::plain_safe(&[shrouded("leaf.key"), certificate("issuing.pem")]),
    ];
    let file = maker::file(&safes, &Mac::Classic("another"));
    let survey = survey_of(file, Some(PASSWORD));
    assert_eq!((survey.keys.len(), survey.certificates.len()), (0, 1));
    assert_eq!(survey.faults[0].id(), "password-wrong");
    assert_eq!(survey.faults.len(), 1);
}

#[test]
fn keys_without_encryption_are_read_and_remarked() {
    let file = made(
        &[certificate("leaf.pem")],
        &[maker::key_bag(&key("leaf.key"))],
    );
    assert_eq!(sent(&loaded(&file)), [LEAF]);
    let survey = survey_of(&file, Some(PASSWORD));
    assert_eq!(survey.remarks[0].kind, RemarkKind::UnencryptedKey);
    assert!(!survey.keys[0].encrypted);
    // In an encrypted safe it is as safe as any.
    let bags = [certificate("leaf.pem"), maker::key_bag(&key("leaf.key"))];
    let survey = survey_of(made(&bags, &[]), Some(PASSWORD));
    assert_eq!(survey.remarks, []);
    assert!(survey.keys[0].encrypted);
}

#[test]
fn what_is_not_encrypted_is_read_without_the_password() {
    let safes = [
        maker::plain_safe(&[certificate("leaf.pem"), maker::key_bag(&key("leaf.key"))]),
        maker::encrypted_safe(&[certificate("issuing.pem")], PASSWORD.as_bytes()),
    ];
    let file = maker::file(&safes, &Mac::Classic(PASSWORD));
    for password in [None, Some("wrong")] {
        let survey = survey_of(&file, password);
        assert_eq!((survey.keys.len(), survey.certificates.len()), (1, 1));
        assert_eq!(survey.faults.len(), 1, "{:?}", survey.faults);
    }
}

#[test]
fn a_file_without_a_mac_is_refused_by_a_load_and_read_by_a_survey() {
    let safes = [
        maker::encrypted_safe(&[certificate("leaf.pem")], PASSWORD.as_bytes()),
        maker::plain_safe(&[shrouded("leaf.key")]),
    ];
    let file = maker::file(&safes, &Mac::None);
    assert_eq!(refused(&file).id, "p12-no-mac");
    let survey = survey_of(&file, Some(PASSWORD));
    assert_eq!((survey.keys.len(), survey.certificates.len()), (1, 1));
    assert_eq!(survey.faults.len(), 1);
    let survey = survey_of(&file, Some("wrong"));
    let ids: Vec<_> = survey.faults.iter().map(IdentityError::id).collect();
    assert_eq!(ids, ["p12-no-mac", "password-wrong"]);
}

#[test]
fn pbmac1_is_read_where_openssl_knows_it() {
    let safes = [
        maker::encrypted_safe(&[certificate("leaf.pem")], PASSWORD.as_bytes()),
        maker::plain_safe(&[shrouded("leaf.key")]),
    ];
    let file = maker::file(&safes, &Mac::Pbmac1(PASSWORD));
    // From 3.4 on.
    if openssl::version::number() >= 0x3040_0000 {
        assert_eq!(sent(&loaded(&file)), [LEAF]);
        assert_eq!(refused_as("c", &file, Some("wrong")).id, "password-wrong");
        return;
    }
    refused_as("client.p12", &file, Some(PASSWORD)).is(
        "p12-unsupported-encryption",
        None,
        "client.p12 is encrypted in a way that OpenSSL cannot read: PBMAC1",
    );
    let survey = survey_of(&file, Some(PASSWORD));
    assert_eq!((survey.keys.len(), survey.certificates.len()), (1, 1));
}

#[test]
fn the_iterations_of_all_bags_together_are_bounded_before_anything_is_derived() {
    let many = |iterations| {
        let key = maker::shrouded_key_bag(b"", b"", iterations);
        maker::file(&[maker::plain_safe(&vec![key; 3])], &Mac::Classic(""))
    };
    let refused = refused(many(4_000_000));
    refused.is(
        "p12-unsupported-encryption",
        None,
        "client.pem asks for 12000001 key-derivation iterations; the limit is 10000000",
    );
    // Inside something encrypted they are seen only later; still no key is derived.
    let inside = maker::shrouded_key_bag(&key("leaf.key"), b"", 10_000_001);
    let survey = survey_of(made(&[inside], &[]), Some(PASSWORD));
    assert_eq!(
        survey.faults[0].problem,
        Problem::TooManyIterations(10_000_001)
    );
}

/// By the old schemes, whose password is UTF-16.
fn with_password(password: &str) -> Vec<u8> {
    let triple_des = openssl::nid::Nid::PBE_WITHSHA1AND3_KEY_TRIPLEDES_CBC;
    openssl::pkcs12::Pkcs12::builder()
        .pkey(&PKey::private_key_from_pkcs8(&key("leaf.key")).unwrap())
        .cert(&X509::from_pem(&fixture("leaf.pem")).unwrap())
        .key_algorithm(triple_des)
        .cert_algorithm(triple_des)
        .build2(password)
        .unwrap()
        .to_der()
        .unwrap()
}

#[test]
fn a_password_that_was_encoded_in_another_way_is_found_out() {
    let password = "Pässwörd€";
    let bytes_as_characters: String = password.bytes().map(char::from).collect();
    for (file, spelling) in [
        (
            with_password(&bytes_as_characters),
            Spelling::Utf8BytesAsCharacters,
        ),
        (
            with_password("P\u{e4}ssw\u{f6}rd\u{80}"),
            Spelling::Windows1252,
        ),
    ] {
        let survey = survey_of(&file, Some(password));
        assert_eq!(survey.keys.len(), 1, "{spelling:?}");
        assert_eq!(
            survey.remarks[0].kind,
            RemarkKind::PasswordSpelling(spelling)
        );
        // A load takes it for what it is to every other program.
        assert_eq!(survey.faults[0].id(), "password-wrong");
        assert_eq!(refused_as("c", &file, Some(password)).id, "password-wrong");
    }
    let survey = survey_of(with_password(password), Some(password));
    assert_eq!((survey.remarks, survey.faults), (vec![], vec![]));
}

#[test]
fn the_mac_may_take_the_password_in_utf_16_and_the_bags_in_latin_1() {
    // OpenSSL 3 in a terminal of Latin-1 makes such files.
    let latin_1 = b"p\xe4ss";
    let safes = [
        maker::encrypted_safe(&[certificate("leaf.pem")], latin_1),
        maker::plain_safe(&[maker::shrouded_key_bag(&key("leaf.key"), latin_1, 2)]),
    ];
    let survey = survey_of(maker::file(&safes, &Mac::Classic("päss")), Some("päss"));
    assert_eq!((survey.keys.len(), survey.certificates.len()), (1, 1));
    let windows = RemarkKind::PasswordSpelling(Spelling::Windows1252);
    assert_eq!(survey.remarks[0].kind, windows);
    assert_eq!(survey.faults[0].id(), "password-wrong");
}

#[test]
fn nothing_is_left_in_openssls_queue() {
    for name in [
        "identity-rc2.p12",
        "identity-no-mac.p12",
        "identity-utf8-password.p12",
    ] {
        for password in [None, Some(PASSWORD), Some("wrong")] {
            survey_of(fixture(name), password);
            let left = openssl::error::ErrorStack::get();
            assert!(left.errors().is_empty(), "{name} {password:?}: {left}");
        }
    }
}
