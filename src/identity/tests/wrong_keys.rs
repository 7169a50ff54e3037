//! Keys, passwords and containers that do not fit: each with its id, line and words.

use super::*;

#[test]
fn a_missing_private_key_is_told_with_what_is_there() {
    refused(text(&["leaf.pem", "issuing.pem"]))
        .is("key-missing", None, "client.pem holds no private key, only 2 certificates")
        .hints("export it again with its private key, give it by --key, or join the two: (umask 077; cat key.pem client.pem > client-fixed.pem)");
    refused_as("client.p12", fixture("no-key.p12"), Some(PASSWORD)).is(
        "key-missing",
        None,
        "client.p12 holds no private key, only 4 certificates",
    );
    let folder = Folder::new();
    let source = Source {
        cert: folder.write("client.pem", whole()),
        key: Some(folder.write("key.pem", fixture("leaf.pem"))),
    };
    refused_source(&folder, &source, None).is(
        "key-missing",
        None,
        "key.pem holds no private key, only 1 certificate",
    );
}

#[test]
fn a_missing_certificate_is_told_with_what_is_there() {
    let words = "client.pem holds a private key but no certificate";
    refused(fixture("leaf.key")).is("cert-missing", None, words);
    let p12 = refused_as("client.p12", fixture("key-only.p12"), Some(PASSWORD));
    p12.is(
        "cert-missing",
        None,
        "client.p12 holds a private key but no certificate",
    );
    refused("-----BEGIN X509 CRL-----\nAAEC\n-----END X509 CRL-----\n").is(
        "unrecognized-format",
        None,
        "client.pem is not a certificate file: it holds PEM of the kind X509 CRL only",
    );
}

/// The words of a mismatch without its two fingerprints.
fn without_fingerprints(refused: &Refused) -> &str {
    assert_eq!((refused.id, refused.line), ("key-mismatch", None));
    refused.text.split_once(" (public key SHA-256 ").unwrap().0
}

#[test]
fn a_key_of_another_certificate_is_told_and_a_cas_by_its_name() {
    let other = refused(text(&["other.key", "leaf.pem", "issuing.pem"]));
    assert_eq!(
        without_fingerprints(&other),
        "the private key in client.pem does not match the certificate O=Example, CN=integration.example.test"
    );
    let ca = refused(text(&["issuing.key", "leaf.pem", "issuing.pem"]));
    assert_eq!(
        without_fingerprints(&ca),
        "the private key in client.pem belongs to the CA O=Lab, CN=Lab Issuing CA and does not \
         match the certificate O=Example, CN=integration.example.test"
    );
    let rsa = refused(text(&["rsa-pkcs1.key", "leaf.pem"]));
    assert!(without_fingerprints(&rsa).ends_with("CN=integration.example.test"));
}

#[test]
fn a_key_file_that_does_not_belong_is_told_with_both_files() {
    let folder = Folder::new();
    let source = Source {
        cert: folder.write("client.pem", fixture("leaf.pem")),
        key: Some(folder.write("it's.key", fixture("other.key"))),
    };
    let refused = refused_source(&folder, &source, None);
    assert_eq!(
        without_fingerprints(&refused),
        "the private key in it's.key does not match the certificate O=Example, \
         CN=integration.example.test in client.pem"
    );
    let hint = refused.hint.unwrap();
    assert!(
        hint.contains(r"it'\''s.key' -pubout; openssl x509 -in client.pem"),
        "{hint}"
    );
}

#[test]
fn a_pkcs12_whose_key_is_another_certificates_is_to_be_exported_again() {
    // No exporting program makes such a file: OpenSSL's library does, with the leaf among the CAs.
    let mut others = openssl::stack::Stack::new().unwrap();
    others
        .push(X509::from_pem(&fixture("leaf.pem")).unwrap())
        .unwrap();
    let key = PKey::private_key_from_pem_passphrase(&fixture("other.key"), b"").unwrap();
    let p12 = openssl::pkcs12::Pkcs12::builder()
        .pkey(&key)
        .ca(others)
        .build2(PASSWORD)
        .unwrap();
    let refused = refused_as("client.p12", p12.to_der().unwrap(), Some(PASSWORD));
    assert!(without_fingerprints(&refused).ends_with("CN=integration.example.test"));
    assert!(refused.hint.unwrap().starts_with("export it again"));
}

#[test]
fn an_encrypted_key_without_a_password_is_told_after_asking_once() {
    let words = "client.pem is encrypted and no password was given";
    let pem = text(&["leaf.pem", "leaf-pbes2.key"]);
    let refused = refused_as("client.pem", &pem, None);
    refused.is("password-required", 13, words);
    assert_eq!(refused.asked, 1);
    refused_as("client.pem", fixture("identity.p12"), None).is("password-required", None, words);
}

#[test]
fn a_password_that_cannot_be_had_is_told_with_the_reason() {
    struct Broken;
    impl PasswordSource for Broken {
        fn password(&mut self, _: &Path) -> io::Result<Option<Secret>> {
            Err(io::Error::other("cannot read pass.txt: no such file"))
        }

        fn is_given(&self) -> bool {
            true
        }
    }
    let folder = Folder::new();
    let file = folder.write("client.p12", fixture("identity.p12"));
    let error = load(&alone(file), SystemTime::now(), &mut Broken).unwrap_err();
    assert_eq!(
        (error.id(), folder.relative(&error.to_string()).as_str()),
        (
            "password-required",
            "client.p12 is encrypted and its password cannot be read: cannot read pass.txt: no such file"
        )
    );
}

#[test]
fn wrong_passwords_of_all_kinds_are_refused() {
    let long = "x".repeat(5000);
    let keys = [
        "leaf-pbes2.key",
        "leaf-scrypt.key",
        "leaf-md5-des.key",
        "leaf-proc-type.key",
    ];
    let stores = [
        "identity.p12",
        "identity-rc2.p12",
        "identity-3des.p12",
        "keytool.p12",
    ];
    for password in ["wrong", "", "secret\n", "se\0cret", "\0", long.as_str()] {
        for store in stores {
            refused_as("client.p12", fixture(store), Some(password))
                .is("password-wrong", None, "wrong password for client.p12 (or the file is damaged)")
                .hints("this asks for the password and checks it: openssl pkcs12 -in client.p12 -noout");
        }
        for key in keys {
            let pem = text(&[key, "leaf.pem"]);
            let refused = refused_as("client.pem", pem, Some(password));
            assert_eq!(refused.id, "password-wrong", "{key} {password:?}");
            assert_eq!(
                refused.text,
                "wrong password for client.pem (or the file is damaged)"
            );
        }
    }
}

#[test]
fn a_pkcs12_that_is_cut_off_is_told_before_a_password_is_asked_for() {
    let whole = fixture("identity.p12");
    let refused = refused(&whole[..whole.len() - 100]);
    let (have, want) = (whole.len() - 100, whole.len());
    refused
        .is(
            "p12-corrupt",
            None,
            &format!("the PKCS#12 file client.pem is cut off or damaged ({have} of {want} bytes)"),
        )
        .hints("copy the file again, in binary mode");
}

#[test]
fn a_pkcs12_without_a_mac_is_refused_with_the_command_that_adds_one() {
    refused_as("client.p12", fixture("identity-no-mac.p12"), Some(PASSWORD))
        .is("p12-no-mac", None, "the PKCS#12 file client.p12 has no integrity code (MAC)")
        .hints("(umask 077; t=$(mktemp) && openssl pkcs12 -nomacver -in client.p12 -nodes -out \"$t\" && openssl pkcs12 -export -in \"$t\" -out client-fixed.p12; rm -f \"$t\")");
}

#[test]
fn an_algorithm_that_openssl_does_not_have_is_named() {
    // SHA-256 (2.16.840.1.101.3.4.2.1) as the MAC's digest becomes one that does not exist.
    let mut store = fixture("identity.p12");
    let sha256 = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
    let at = store
        .windows(sha256.len())
        .rposition(|window| window == sha256)
        .unwrap();
    store[at + 8] = 0x7f;
    refused_as("client.p12", store, Some(PASSWORD)).is(
        "p12-unsupported-encryption",
        None,
        "client.p12 is encrypted in a way that OpenSSL cannot read: 2.16.840.1.101.3.4.2.127",
    );
}

#[test]
fn a_file_with_more_iterations_than_the_limit_is_refused() {
    // Certificates and key with ten million each.
    refused(fixture("identity-many-rounds.p12")).is(
        "p12-unsupported-encryption",
        None,
        "client.pem asks for 20000002 key-derivation iterations; the limit is 10000000",
    );
    refused(text(&["leaf-many-rounds.key", "leaf.pem"])).is(
        "p12-unsupported-encryption",
        1,
        "client.pem asks for 10000001 key-derivation iterations; the limit is 10000000",
    );
}

#[test]
fn a_legacy_provider_that_does_not_load_is_told() {
    // The built-in OpenSSL always has it, so the case itself cannot be made here.
    let problem = Problem::LegacyProviderMissing("RC2-40-CBC".to_owned());
    let error = IdentityError::new(Path::new("old one.p12"), None, problem);
    assert_eq!(
        (error.id(), error.to_string().as_str()),
        (
            "p12-legacy-provider-missing",
            "old one.p12 is encrypted with RC2-40-CBC, for which OpenSSL needs its legacy provider"
        )
    );
    let command = error.remedy().command.unwrap();
    assert!(
        command.contains("pkcs12 -legacy -in 'old one.p12'"),
        "{command}"
    );
    assert!(command.contains("-out 'old one-fixed.p12'"), "{command}");
}
