//! PKCS#12, passwords, and halves of an identity.

use super::*;

#[test]
fn containers_that_do_not_open_are_told_and_mended() {
    let content = fixture("identity.p12");
    let cut = checked("client.p12", &content[..1000], Some(PASSWORD));
    raises(&cut, "p12-corrupt");
    let data = &cut.finding("p12-corrupt").data;
    assert_eq!(
        (&data["bytes"], &data["declared"]),
        (&1000.into(), &content.len().into())
    );
    spares(&p12("identity.p12"), "p12-corrupt");

    let many = p12("identity-many-rounds.p12");
    raises(&many, "p12-unsupported-encryption");
    let data = &many.finding("p12-unsupported-encryption").data;
    assert_eq!(data["iterations"], 20_000_002);
    // The same command on a file that takes less time.
    fs::write(&many.file, &content).unwrap();
    is_well(&many.mended("p12-unsupported-encryption", "client-fixed.p12"));
    let many = pem(text(&["leaf-many-rounds.key", "leaf.pem"]));
    raises(&many, "p12-unsupported-encryption");
    fs::write(&many.file, encrypted()).unwrap();
    is_well(&many.mended("p12-unsupported-encryption", "client-fixed.pem"));
    spares(&p12("keytool.p12"), "p12-unsupported-encryption");

    let no_mac = p12("identity-no-mac.p12");
    raises(&no_mac, "p12-no-mac");
    is_well(&no_mac.mended("p12-no-mac", "client-fixed.p12"));
    spares(&p12("identity-empty-password.p12"), "p12-no-mac");
}

#[test]
fn a_legacy_provider_that_does_not_load_is_told_with_the_cipher() {
    // Where OpenSSL is built in it always loads, so the fault cannot be had from a file.
    let mut old = p12("identity-rc2.p12");
    spares(&old, "p12-legacy-provider-missing");
    let fault = IdentityError {
        file: old.file.clone(),
        line: None,
        problem: Problem::LegacyProviderMissing("RC2-40-CBC".to_owned()),
        halved: false,
    };
    old.findings = findings(&Survey {
        faults: vec![fault],
        ..Survey::default()
    });
    raises(&old, "p12-legacy-provider-missing");
    let cipher = &old.finding("p12-legacy-provider-missing").data["cipher"];
    assert_eq!(cipher, "RC2-40-CBC");
    is_well(&old.mended("p12-legacy-provider-missing", "client-fixed.p12"));
}

#[test]
fn containers_that_others_refuse_or_anybody_opens_are_packed_anew() {
    for name in ["identity-rc2.p12", "keytool-legacy.p12"] {
        let old = p12(name);
        raises(&old, "p12-legacy-encryption");
        assert_eq!(
            old.finding("p12-legacy-encryption").data["cipher"],
            "RC2-40"
        );
        is_well(&old.mended("p12-legacy-encryption", "client-fixed.p12"));
    }
    spares(&p12("identity-3des.p12"), "p12-legacy-encryption");

    let empty = checked("client.p12", fixture("identity-empty-password.p12"), None);
    raises(&empty, "p12-empty-password");
    is_well(&empty.mended("p12-empty-password", "client-fixed.p12"));
    spares(&p12("identity.p12"), "p12-empty-password");

    // As `openssl pkcs12 -export -keypbe NONE` makes it.
    let folder = tempfile::tempdir().unwrap();
    let bare = folder.path().join("bare.p12");
    let made = Command::new("openssl")
        .args([
            "pkcs12",
            "-export",
            "-keypbe",
            "NONE",
            "-passout",
            "pass:secret",
        ])
        .arg("-inkey")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/identity/leaf.key"))
        .arg("-in")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/identity/leaf.pem"))
        .arg("-out")
        .arg(&bare)
        .status();
    assert!(made.unwrap().success());
    let bare = checked("client.p12", fs::read(bare).unwrap(), Some(PASSWORD));
    raises(&bare, "p12-unencrypted");
    is_well(&bare.mended("p12-unencrypted", "client-fixed.p12"));
    spares(&p12("identity.p12"), "p12-unencrypted");
}

/// The two kinds of file that the same password opens.
fn locked() -> [Vec<u8>; 2] {
    [fixture("identity.p12"), encrypted().into_bytes()]
}

#[test]
fn what_is_encrypted_requires_a_password() {
    for content in locked() {
        raises(&checked("client", &content, None), "password-required");
        spares(&checked("client", &content, Some("")), "password-required");
    }
    spares(&checked("client", whole(), None), "password-required");
}

#[test]
fn a_wrong_password_lists_the_spellings_tried() {
    for content in locked() {
        let wrong = checked("client", &content, Some("wr\u{f6}ng"));
        raises(&wrong, "password-wrong");
        let wrong = wrong.finding("password-wrong");
        let tried = wrong.data["also_tried"].to_string();
        assert!(tried.contains("in Windows-1252"), "{tried}");
        assert!(wrong.why.as_ref().unwrap().starts_with("also tried: "));
        spares(
            &checked("client", &content, Some(PASSWORD)),
            "password-wrong",
        );
    }
}

#[test]
fn a_password_that_is_right_without_its_line_end_is_told_so() {
    for content in locked() {
        let line_end = checked("client", &content, Some("secret\n"));
        raises(&line_end, "password-trailing-newline");
        // A call stops at it all the same, and the first line says why.
        let wrong = line_end.finding("password-wrong");
        let ends = "it is right without its last line end";
        assert!(wrong.message.ends_with(ends), "{}", wrong.message);
        assert!(wrong.advice.as_deref().unwrap().contains("printf %s"));
        assert_eq!(wrong.command, None);
        spares(
            &checked("client", &content, Some("wrong\n")),
            "password-trailing-newline",
        );
    }
}

#[test]
fn a_password_that_nothing_needs_is_told() {
    let given = Some(PASSWORD);
    raises(&checked("client", whole(), given), "password-unneeded");
    spares(&checked("client", encrypted(), given), "password-unneeded");
    spares(&checked("client", whole(), None), "password-unneeded");
}

#[test]
fn a_password_in_another_encoding_is_found_out_and_mended() {
    let made = |password: &str| {
        let key = openssl::pkey::PKey::private_key_from_pem_passphrase(&fixture("leaf.key"), b"");
        let certificate = openssl::x509::X509::from_pem(&fixture("leaf.pem")).unwrap();
        let triple_des = openssl::nid::Nid::PBE_WITHSHA1AND3_KEY_TRIPLEDES_CBC;
        openssl::pkcs12::Pkcs12::builder()
            .pkey(&key.unwrap())
            .cert(&certificate)
            .key_algorithm(triple_des)
            .cert_algorithm(triple_des)
            .build2(password)
            .and_then(|file| file.to_der())
            .unwrap()
    };
    let bytes: String = "s\u{e9}cret".bytes().map(char::from).collect();
    let old = checked("client.p12", made(&bytes), Some("s\u{e9}cret"));
    raises(&old, "password-encoding");
    let mut asks = checked("client.p12", made(&bytes), Some("s\u{e9}cret"));
    for finding in &mut asks.findings {
        let command = finding.command.take();
        let given = |c: String| c.replace("pkcs12 -in", "pkcs12 -passin pass:s\u{e9}cret -in");
        finding.command = command.map(given);
    }
    let mended = asks.mended("password-encoding", "client-fixed.p12");
    spares(&mended, "password-wrong");
    let windows = checked("client.p12", made("5\u{80}"), Some("5\u{20ac}"));
    raises(&windows, "password-encoding");
    assert_eq!(
        windows.finding("password-encoding").data["encoding"],
        "windows-1252"
    );
    spares(
        &checked("client.p12", made("5\u{20ac}"), Some("5\u{20ac}")),
        "password-encoding",
    );
    spares(
        &checked("client.p12", made("5"), Some("5\u{20ac}")),
        "password-encoding",
    );
}

#[test]
fn one_half_of_an_identity_is_told_with_the_command_that_joins_the_other() {
    let half = pem(text(&["leaf.pem", "issuing.pem"]));
    raises(&half, "key-missing");
    let finding = half.finding("key-missing");
    assert_eq!(
        (finding.subject, &finding.data["certificates"]),
        (Subject::Key, &2.into())
    );
    is_well(&half.mended("key-missing", "client-fixed.pem"));
    let store = checked("client", fixture("no-key.p12"), Some(PASSWORD));
    raises(&store, "key-missing");
    assert_eq!(store.finding("key-missing").command, None);
    spares(&pem(encrypted()), "key-missing");
    spares(
        &checked("client", fixture("identity.p12"), None),
        "key-missing",
    );

    let half = pem(fixture("leaf.key"));
    raises(&half, "cert-missing");
    is_well(&half.mended("cert-missing", "client-fixed.pem"));
    let store = checked("client", fixture("key-only.p12"), Some(PASSWORD));
    raises(&store, "cert-missing");
    is_well(&store.mended("cert-missing", "client-fixed.pem"));
    spares(
        &pem(text(&["leaf.key", "leaf-trusted.pem"])),
        "cert-missing",
    );
    spares(
        &checked("client", fixture("identity.p12"), None),
        "cert-missing",
    );
}

#[test]
fn a_file_of_cas_alone_is_told_as_that_and_as_nothing_else() {
    for files in [
        &["issuing.pem"][..],
        &["issuing.pem", "policy.pem"],
        &["root.pem"],
    ] {
        let cas = pem(text(files));
        raises(&cas, "leaf-is-ca");
        spares(&cas, "key-missing");
        let finding = cas.finding("leaf-is-ca");
        assert_eq!(finding.subject, Subject::Leaf);
        assert_eq!(finding.data["certificates"], files.len());
        assert_eq!(cas.findings.len(), 1);
    }
    raises(&pem(text(&["leaf.pem", "root.pem"])), "key-missing");
}
