//! Formats, the text of PEM, names and modes.

use super::*;

#[test]
fn files_that_cannot_be_read_are_told_with_the_reason() {
    let there = pem(whole());
    let gone = Checked {
        findings: found(&there.folder.path().join("clinet.pem"), None),
        ..pem("")
    };
    raises(&gone, "file-not-found");
    assert!(
        gone.finding("file-not-found")
            .command
            .as_ref()
            .unwrap()
            .starts_with("ls -l ")
    );
    spares(&there, "file-not-found");
    let folder = Checked {
        findings: found(there.folder.path(), None),
        ..pem("")
    };
    raises(&folder, "file-unreadable");
    assert_eq!(
        folder.finding("file-unreadable").data["reason"],
        "it is a directory"
    );
    spares(&gone, "file-unreadable");
    let empty = pem("\n");
    raises(&empty, "file-empty");
    spares(&pem("\n-"), "file-empty");
}

#[test]
fn files_of_another_kind_are_recognised_and_converted() {
    let page = pem("<!DOCTYPE html>");
    raises(&page, "unrecognized-format");
    let looks = &page.finding("unrecognized-format").data["looks"];
    assert_eq!(looks, "it is an HTML page");
    spares(
        &pem("<!DOCTYPE html>\n".to_owned() + &whole()),
        "unrecognized-format",
    );

    let der = pem(fixture("leaf.der"));
    raises(&der, "format-der-cert");
    is_well(&der.mended("format-der-cert", "client-fixed.pem"));
    spares(&pem(fixture("leaf-csr.der")), "format-der-cert");

    for key in ["leaf-key.der", "leaf-key-encrypted.der"] {
        let der = checked("client.der", fixture(key), Some(PASSWORD));
        raises(&der, "format-der-key");
        raises(
            &der.mended("format-der-key", "client-fixed.pem"),
            "cert-missing",
        );
    }
    spares(&pem(fixture("leaf-public.der")), "format-der-key");

    let bundle = pem(fixture("chain-p7.der"));
    raises(&bundle, "format-pkcs7");
    let data = &bundle.finding("format-pkcs7").data;
    assert_eq!(
        (&data["format"], &data["certificates"]),
        (&"der".into(), &2.into())
    );
    let with_key = pem(text(&["leaf.key", "chain-p7.pem"]));
    is_well(&with_key.mended("format-pkcs7", "client-fixed.pem"));
    spares(&pem(whole() + &text(&["chain-p7.pem"])), "format-pkcs7");

    raises(&pem(text(&["leaf.key", "leaf-csr.pem"])), "format-csr");
    spares(&pem(whole() + &text(&["leaf-csr.pem"])), "format-csr");
}

#[test]
fn keys_of_other_programs_are_recognised() {
    let store = checked("client.jks", fixture("keytool.jks"), Some(PASSWORD));
    raises(&store, "format-jks");
    assert_eq!(store.finding("format-jks").data["format"], "jks");
    raises(
        &checked("c", fixture("keytool.jceks"), Some(PASSWORD)),
        "format-jks",
    );
    spares(
        &checked("client.jks", fixture("keytool.p12"), Some(PASSWORD)),
        "format-jks",
    );

    let ssh = pem(text(&["leaf-openssh.key", "leaf.pem", "issuing.pem"]));
    raises(&ssh, "format-openssh-key");
    raises(
        &pem("PuTTY-User-Key-File-3: ssh-rsa\n"),
        "format-openssh-key",
    );
    spares(
        &pem(whole() + &text(&["leaf-openssh.key"])),
        "format-openssh-key",
    );

    raises(
        &pem(text(&["leaf.pem", "leaf-public.pem"])),
        "format-public-key",
    );
    spares(
        &pem(whole() + &text(&["leaf-public.pem"])),
        "format-public-key",
    );
}

#[test]
fn the_commands_of_keytool_and_ssh_keygen_mend_the_file() {
    let ssh = pem(fixture("leaf-openssh.key"));
    raises(
        &ssh.mended("format-openssh-key", "client-fixed.pem"),
        "cert-missing",
    );
    // The certificates used to be left behind.
    for parts in [
        ["leaf-openssh.key", "leaf.pem", "issuing.pem"],
        ["leaf.pem", "issuing.pem", "leaf-openssh.key"],
    ] {
        let ssh = pem(text(&parts));
        is_well(&ssh.mended("format-openssh-key", "client-fixed.pem"));
    }
    let has_java = Command::new("keytool").arg("-help").output().is_ok();
    for store in ["keytool.jks", "keytool.jceks"] {
        let java = checked("client.jks", fixture(store), Some(PASSWORD));
        let command = java.finding("format-jks").command.as_ref().unwrap();
        assert_eq!(command.contains("-srcstoretype"), store.ends_with("jceks"));
        if has_java {
            is_well(&java.mended("format-jks", "client-fixed.p12"));
        }
    }
}

#[test]
fn text_in_the_wrong_form_is_recognised_and_mended() {
    let base64 = |bytes: &[u8]| openssl::base64::encode_block(bytes);
    let wrapped = checked(
        "client.b64",
        base64(&fixture("identity.p12")),
        Some(PASSWORD),
    );
    raises(&wrapped, "format-base64");
    is_well(&wrapped.mended("format-base64", "client-fixed.p12"));
    let wrapped = pem(base64(whole().as_bytes()));
    is_well(&wrapped.mended("format-base64", "client-fixed.pem"));
    spares(&pem(base64(b"not this")), "format-base64");

    let wide: Vec<u8> = ("\u{feff}".to_owned() + &whole())
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let wide = pem(wide);
    raises(&wide, "pem-utf16");
    wide.mended("pem-utf16", "client-fixed.pem");
    // Without a byte-order mark iconv has to be told the order.
    let units: Vec<u16> = whole().encode_utf16().collect();
    let big = units.iter().flat_map(|unit| unit.to_be_bytes());
    let little = units.iter().flat_map(|unit| unit.to_le_bytes());
    for bytes in [big.collect::<Vec<u8>>(), little.collect()] {
        is_well(&pem(bytes).mended("pem-utf16", "client-fixed.pem"));
    }
    spares(&pem(whole() + "caf\u{e9} \u{20ac}"), "pem-utf16");

    let escaped = pem(whole().replace('\n', "\\n"));
    raises(&escaped, "pem-escaped-newlines");
    is_well(&escaped.mended("pem-escaped-newlines", "client-fixed.pem"));
    spares(
        &pem("a\\nb\n".to_owned() + &whole()),
        "pem-escaped-newlines",
    );

    for lost in [whole().replace('\n', " "), whole().replace('\n', "")] {
        let lost = pem(lost);
        raises(&lost, "pem-one-line");
        assert_eq!(lost.ids(), ["pem-one-line"]);
        is_well(&lost.mended("pem-one-line", "client-fixed.pem"));
    }
    spares(&pem(whole()), "pem-one-line");

    let returns = pem(whole().replace('\n', "\r"));
    raises(&returns, "pem-carriage-returns");
    is_well(&returns.mended("pem-carriage-returns", "client-fixed.pem"));
    spares(&pem(whole().replace('\n', "\r\n")), "pem-carriage-returns");

    let indented = pem(whole().replace('\n', "\n  "));
    raises(&indented, "pem-indented");
    assert_eq!(indented.ids(), ["pem-indented"]);
    is_well(&indented.mended("pem-indented", "client-fixed.pem"));
    spares(&pem(whole().replace("\nM", "\n M")), "pem-indented");

    let quoted = pem("> ".to_owned() + &whole().replace('\n', "\n> "));
    raises(&quoted, "pem-corrupt");
    assert_eq!(quoted.ids(), ["pem-corrupt"]);
    is_well(&quoted.mended("pem-corrupt", "client-fixed.pem"));

    let joined = pem(whole().replace("-----\n-----B", "----------B"));
    raises(&joined, "pem-blocks-joined");
    is_well(&joined.mended("pem-blocks-joined", "client-fixed.pem"));
    spares(
        &pem(whole().replace("-----\n-----B", "-----\n\n-----B")),
        "pem-blocks-joined",
    );
}

#[test]
fn each_damage_of_a_text_is_told_with_its_line() {
    let cut = pem(&whole()[..whole().len() - 60]);
    raises(&cut, "pem-truncated");
    let finding = cut.finding("pem-truncated");
    assert_eq!(finding.place.as_ref().unwrap().line, Some(29));
    assert_eq!(finding.data["label"], "CERTIFICATE");
    spares(&pem(whole().trim_end()), "pem-truncated");

    let broken = whole().replace("\nMII", "\nM?II");
    raises(&pem(&broken), "pem-corrupt");
    spares(&pem(whole().replace("\nMII", "  \nMII")), "pem-corrupt");

    let swapped = text(&["leaf.key", "leaf.pem", "leaf.key"]);
    let swapped = swapped.replacen("PRIVATE KEY", "CERTIFICATE", 2);
    raises(&pem(swapped), "cert-corrupt");
    spares(
        &pem(whole().replace(" CERTIFICATE", " X509 CERTIFICATE")),
        "cert-corrupt",
    );

    // All of one file at once, each with its line.
    let all = pem(format!("{}  {}", broken, &whole()[..whole().len() - 60]));
    raises(&all, "pem-corrupt");
    raises(&all, "pem-indented");
    raises(&all, "pem-truncated");
}

#[test]
fn what_openssl_passes_over_is_remarked() {
    let marked = pem("\u{feff}".to_owned() + &whole());
    raises(&marked, "pem-bom");
    is_well(&marked.mended("pem-bom", "client-fixed.pem"));
    spares(&pem("\u{e9}".to_owned() + &whole()), "pem-bom");

    let label = checked(
        "client.pem",
        text(&["leaf-pbes2.key", "leaf-trusted.pem", "issuing.pem"]),
        Some(PASSWORD),
    );
    raises(&label, "pem-trusted-certificate");
    assert_eq!(
        label.message("pem-trusted-certificate"),
        "line 8 of client.pem has OpenSSL's own label TRUSTED CERTIFICATE"
    );
    let mended = label.mended("pem-trusted-certificate", "client-fixed.pem");
    spares(&mended, "cert-missing");
    spares(&mended, "key-missing");
    spares(
        &pem(whole().replace(" CERTIFICATE", " X509 CERTIFICATE")),
        "pem-trusted-certificate",
    );

    let sec1 = pem(text(&["leaf-sec1.key", "leaf.pem", "leaf-public.pem"]));
    raises(&sec1, "pem-extra-block");
    let extra: Vec<_> = sec1
        .findings
        .iter()
        .map(|finding| &finding.data["label"])
        .collect();
    assert_eq!(extra, ["EC PARAMETERS", "PUBLIC KEY"]);
    spares(&pem(fixture("bag-attributes.pem")), "pem-extra-block");
}

#[cfg(unix)]
#[test]
fn an_unencrypted_key_that_others_can_read_is_told() {
    let open = |content: Vec<u8>, bits: u32| {
        let mut checked = checked("client", content, Some(PASSWORD));
        mode(&checked.file, bits);
        checked.findings = found(&checked.file, Some(PASSWORD));
        checked
    };
    let plain = open(whole().into_bytes(), 0o644);
    raises(&plain, "key-file-permissions");
    assert_eq!(plain.finding("key-file-permissions").data["mode"], "0644");
    plain.mended("key-file-permissions", "client");
    raises(&open(whole().into_bytes(), 0o620), "key-file-permissions");
    raises(
        &open(fixture("identity-empty-password.p12"), 0o640),
        "key-file-permissions",
    );
    spares(&open(whole().into_bytes(), 0o400), "key-file-permissions");
    spares(
        &open(encrypted().into_bytes(), 0o644),
        "key-file-permissions",
    );
    spares(
        &open(fixture("identity.p12"), 0o644),
        "key-file-permissions",
    );
    spares(&open(fixture("leaf.pem"), 0o644), "key-file-permissions");
}

#[test]
fn a_name_that_promises_another_kind_is_to_be_changed() {
    let named = |name: &str, content: &[u8]| checked(name, content, Some(PASSWORD));
    let misnamed = named("client.p12", whole().as_bytes());
    raises(&misnamed, "extension-mismatch");
    let old_name = misnamed.file.clone();
    let renamed = misnamed.mended("extension-mismatch", "client.pem");
    assert!(!old_name.exists());
    spares(&renamed, "unrecognized-format");
    let misnamed = named("client.CRT", &fixture("identity.p12"));
    raises(&misnamed, "extension-mismatch");
    misnamed.mended("extension-mismatch", "client.p12");
    for name in [
        "client.pem",
        "client.crt",
        "client.key",
        "client",
        "client.2026",
    ] {
        spares(&named(name, whole().as_bytes()), "extension-mismatch");
    }
    for name in ["client.p12", "client.PFX", "client", "client.bak"] {
        spares(&named(name, &fixture("identity.p12")), "extension-mismatch");
    }
    raises(
        &named("client.p7b", whole().as_bytes()),
        "extension-mismatch",
    );
}

/// A PKCS#7 bundle in PEM was told to be no PKCS#7 by its content, with a command that renames it.
#[test]
fn a_file_that_is_to_be_mended_first_is_not_to_be_renamed() {
    let bundle = fixture("chain-p7.pem");
    for (name, content, fault) in [
        ("chain.p7b", bundle.clone(), "format-pkcs7"),
        ("chain.p7c", bundle, "format-pkcs7"),
        (
            "client.p12",
            whole().replace('\n', "\r").into(),
            "pem-carriage-returns",
        ),
    ] {
        let checked = checked(name, content, None);
        raises(&checked, fault);
        spares(&checked, "extension-mismatch");
    }
}

/// What the other file holds used to be told as missing.
#[test]
fn half_an_identity_is_enough_where_another_file_has_the_rest() {
    let halves = |cert: &[u8], key: &[u8]| {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("a"), cert).unwrap();
        fs::write(path("b"), key).unwrap();
        let source = Source {
            cert: path("a"),
            key: Some(path("b")),
        };
        let password = &mut Given {
            password: None,
            typed: true,
        };
        let told = findings(&survey(&source, password));
        let prefix = format!("{}/", folder.path().display());
        let text = told.first().map(|finding| {
            let (advice, command) = (finding.advice.as_deref(), finding.command.as_deref());
            let parts = [Some(&*finding.message), advice, command];
            let parts: Vec<&str> = parts.into_iter().flatten().collect();
            parts.join(" | ").replace(&prefix, "")
        });
        text.unwrap_or_default()
    };
    let (leaf, key) = (fixture("leaf.pem"), fixture("leaf.key"));
    assert_eq!(
        halves(&fixture("leaf.der"), &key),
        "a is one certificate in DER | \
         (umask 077; openssl x509 -inform DER -in a > a-fixed.pem)"
    );
    assert_eq!(
        halves(&leaf, &fixture("leaf-key.der")),
        "b is a private key in DER | (umask 077; openssl pkey -inform DER -in b > b-fixed.pem)"
    );
    assert_eq!(
        halves(&key, &leaf),
        "a holds a private key but no certificate | the two files are swapped: -E b --key a"
    );
}
