//! Ways to succeed.

use super::*;

/// Loads, sends leaf and both intermediates, and the key is the leaf's.
fn assert_whole(content: impl AsRef<[u8]>) -> Identity {
    let identity = loaded(content);
    assert_eq!(sent(&identity), [LEAF, ISSUING, POLICY]);
    assert!(identity.leaf.public_key().unwrap().public_eq(&identity.key));
    identity
}

#[test]
fn pem_in_good_order_needs_no_note_and_no_password() {
    let (identity, asked) = load_with(whole(), None);
    let identity = identity.unwrap();
    assert_eq!((identity.notes.as_slice(), asked), ([].as_slice(), 0));
    assert_eq!(identity.format, Format::Pem);
    assert_eq!(identity.subject(), "O=Example, CN=integration.example.test");
    assert_eq!(sent(&identity), [LEAF, ISSUING, POLICY]);
}

#[test]
fn the_order_in_the_file_does_not_matter_and_the_root_stays_out() {
    let names = [
        "root.pem",
        "policy.pem",
        "issuing.pem",
        "leaf.pem",
        "leaf.key",
    ];
    for turn in 0..names.len() {
        let mut shuffled = names;
        shuffled.rotate_left(turn);
        let identity = assert_whole(text(&shuffled));
        assert_eq!(identity.notes[0], Note::ChainReordered, "{shuffled:?}");
        let root = Note::RootLeftOut("O=Lab, CN=Lab Root CA".to_owned());
        assert!(identity.notes.contains(&root));
    }
}

#[test]
fn text_that_differs_in_form_alone_is_the_same_identity() {
    assert_whole(whole().replace('\n', "\r\n"));
    assert_whole(format!("\u{feff}{}", whole()));
    assert_whole(whole().replace('\n', "  \t\n"));
    assert_whole(whole().replace("-----BEGIN", "a remark: 5 < 6\n\n-----BEGIN"));
    assert_whole([b"caf\xe9 in Latin-1\n", whole().as_bytes()].concat());
    assert_whole(whole().trim_end());
    assert_whole(on_one_line(&whole()));
    assert_whole(fixture("bag-attributes.pem"));
}

/// The base64 of each block on one line.
fn on_one_line(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        match line.starts_with("-----") {
            true => out += &format!("\n{line}\n"),
            false => out += line,
        }
    }
    out
}

#[test]
fn every_form_of_a_private_key_is_read() {
    let chain = text(&["leaf.pem", "issuing.pem", "policy.pem"]);
    for key in ["leaf.key", "leaf-sec1.key"] {
        let (identity, asked) = load_with(text(&[key]) + &chain, Some(PASSWORD));
        assert_eq!((sent(&identity.unwrap()).len(), asked), (3, 0), "{key}");
    }
    for key in [
        "leaf-pbes2.key",
        "leaf-scrypt.key",
        "leaf-md5-des.key",
        "leaf-proc-type.key",
    ] {
        let (identity, asked) = load_with(text(&[key]) + &chain, Some(PASSWORD));
        assert_eq!((sent(&identity.unwrap()).len(), asked), (3, 1), "{key}");
    }
    let rsa = loaded(text(&["rsa-pkcs1.key", "rsa.pem", "issuing.pem"]));
    assert_eq!(sent(&rsa), ["rsa.example.test", ISSUING]);
}

#[test]
fn openssls_own_label_for_certificates_is_read() {
    assert_whole(text(&[
        "leaf.key",
        "leaf-trusted.pem",
        "issuing.pem",
        "policy.pem",
    ]));
    assert_whole(whole().replace(" CERTIFICATE-", " X509 CERTIFICATE-"));
}

#[test]
fn the_key_may_stand_in_a_file_of_its_own() {
    let folder = Folder::new();
    let mut given = Given::new(Some(PASSWORD));
    // The encrypted key of another certificate, in the first file, is left alone.
    let cert = text(&["leaf-pbes2.key", "leaf.pem", "issuing.pem"]);
    let source = Source {
        cert: folder.write("client.pem", cert),
        key: Some(folder.write("client.key", fixture("leaf.key"))),
    };
    let identity = load(&source, SystemTime::now(), &mut given).unwrap();
    assert_eq!(sent(&identity), [LEAF, ISSUING]);
    assert!(given.asked.is_empty());
    let source = Source {
        key: Some(folder.write("key.p12", fixture("key-only.p12"))),
        ..source
    };
    assert_eq!(
        sent(&load(&source, SystemTime::now(), &mut given).unwrap()),
        [LEAF, ISSUING]
    );
    assert_eq!(given.asked, [folder.0.path().join("key.p12")]);
}

#[test]
fn pkcs12_of_openssl_and_keytool_is_read_whatever_its_name() {
    for name in ["identity.p12", "identity-3des.p12", "keytool.p12"] {
        let identity = assert_whole(fixture(name));
        assert_eq!(identity.format, Format::Pkcs12, "{name}");
        assert!(
            !format!("{:?}", identity.notes).contains("Legacy"),
            "{name}"
        );
    }
}

#[test]
fn pkcs12_in_ber_is_read_as_firefox_writes_it() {
    // The outer length, four bytes with its tag, becomes an indefinite one.
    let der = fixture("identity.p12");
    assert_eq!(der[..2], [0x30, 0x82]);
    assert_whole([&[0x30, 0x80], &der[4..], &[0, 0]].concat());
}

#[test]
fn rc2_of_windows_and_old_java_is_read_and_noted() {
    for name in ["identity-rc2.p12", "keytool-legacy.p12"] {
        let identity = assert_whole(fixture(name));
        assert!(
            identity.notes.contains(&Note::LegacyEncryption("RC2-40")),
            "{name}"
        );
    }
}

#[test]
fn pkcs12_with_the_empty_password_opens_without_asking() {
    let (identity, asked) = load_with(fixture("identity-empty-password.p12"), None);
    let identity = identity.unwrap();
    assert_eq!((sent(&identity).len(), asked), (3, 0));
    assert!(!identity.encrypted);
}

#[test]
fn passwords_are_utf8() {
    let file = fixture("identity-utf8-password.p12");
    assert!(load_with(&file, Some("Pässwörd€")).0.is_ok());
    assert!(load_with(&file, Some("Passwort")).0.is_err());
}

#[test]
fn a_password_is_asked_for_once_a_file() {
    let twice = text(&["leaf-pbes2.key", "leaf-proc-type.key", "leaf.pem"]);
    let (identity, asked) = load_with(twice, Some(PASSWORD));
    assert!(identity.unwrap().encrypted);
    assert_eq!(asked, 1);
}

#[test]
fn the_second_key_of_a_pem_file_may_be_the_right_one() {
    assert_whole(text(&["other.key"]) + &whole());
}

#[test]
fn a_leaf_without_its_issuers_is_fine() {
    let identity = loaded(text(&["leaf.pem", "leaf.key"]));
    assert_eq!(sent(&identity), [LEAF]);
    assert_eq!(identity.notes, []);
}

#[test]
fn a_self_signed_leaf_is_the_leaf_and_no_root_to_drop() {
    let identity = loaded(text(&["self-signed.pem", "other.key"]));
    assert_eq!(sent(&identity), ["self-signed.example.test"]);
    assert_eq!(identity.notes, []);
}

#[test]
fn nothing_about_the_key_is_printed() {
    let identity = loaded(whole());
    let printed = format!("{identity:?}");
    assert_eq!(identity.leaf_sha256().len(), 64);
    assert!(
        printed.contains(&identity.leaf_sha256()) && printed.contains(LEAF),
        "{printed}"
    );
    let key = text(&["leaf.key"]);
    assert!(key.lines().all(|line| !printed.contains(line)));
    let blocks = format!("{:?}", pem::split(key.as_bytes()));
    assert!(
        blocks.contains("PRIVATE KEY in line 1") && !blocks.contains("der"),
        "{blocks}"
    );
}
