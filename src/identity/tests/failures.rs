//! Ways to fail: each with its id, line and words.

use super::*;

/// What a refused file was refused with.
#[derive(Debug)]
struct Refused {
    id: &'static str,
    line: Option<usize>,
    text: String,
    hint: Option<String>,
    asked: usize,
}

fn refused_as(name: &str, content: impl AsRef<[u8]>, password: Option<&str>) -> Refused {
    let folder = Folder::new();
    let file = folder.write(name, content);
    refused_source(&folder, &alone(file), password)
}

fn refused_source(folder: &Folder, source: &Source, password: Option<&str>) -> Refused {
    let mut given = Given::new(password);
    let error = load(source, &mut given).expect_err("must be refused");
    Refused {
        id: error.id(),
        line: error.line,
        text: folder.relative(&error.to_string()),
        hint: error.hint().map(|hint| folder.relative(&hint)),
        asked: given.asked.len(),
    }
}

/// Refused before anybody is asked for a password.
fn refused(content: impl AsRef<[u8]>) -> Refused {
    let refused = refused_as("client.pem", content, None);
    assert_eq!(refused.asked, 0, "{refused:?}");
    refused
}

impl Refused {
    fn is(&self, id: &str, line: impl Into<Option<usize>>, text: &str) -> &Self {
        assert_eq!(
            (self.id, self.line, self.text.as_str()),
            (id, line.into(), text)
        );
        self
    }

    fn hints(&self, hint: &str) {
        assert_eq!(self.hint.as_deref(), Some(hint));
    }
}

#[test]
fn a_file_that_is_not_there() {
    let folder = Folder::new();
    let source = alone(folder.0.path().join("client.pem"));
    refused_source(&folder, &source, None).is(
        "file-not-found",
        None,
        "cannot read client.pem: no such file",
    );
}

#[test]
fn a_folder_and_a_path_through_a_file_cannot_be_read() {
    let folder = Folder::new();
    let inside = folder.0.path().join("certs");
    fs::create_dir(&inside).unwrap();
    refused_source(&folder, &alone(inside.clone()), None).is(
        "file-unreadable",
        None,
        "cannot read certs: it is a directory",
    );
    let file = folder.write("client.pem", whole());
    let through = refused_source(&folder, &alone(file.join("x")), None);
    assert_eq!(through.id, "file-unreadable");
}

#[cfg(unix)]
#[test]
fn a_file_without_permission_and_one_without_end() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let file = folder.write("client.pem", whole());
    fs::set_permissions(&file, fs::Permissions::from_mode(0)).unwrap();
    // The superuser reads it all the same.
    if fs::read(&file).is_err() {
        refused_source(&folder, &alone(file), None)
            .is(
                "file-unreadable",
                None,
                "cannot read client.pem: permission denied",
            )
            .hints("ls -ld client.pem");
    }
    refused_source(&folder, &alone("/dev/zero".into()), None).is(
        "unrecognized-format",
        None,
        "/dev/zero is not a certificate file: it is larger than 16 MiB",
    );
}

#[test]
fn an_empty_file_and_a_web_page() {
    refused("").is("file-empty", None, "client.pem is empty");
    refused(" \r\n")
        .is("file-empty", None, "client.pem is empty")
        .hints("fetch the file again");
    refused("<!DOCTYPE html><html>").is(
        "unrecognized-format",
        None,
        "client.pem is not a certificate file: it is an HTML page",
    );
}

#[test]
fn der_is_refused_for_what_it_is() {
    refused(fixture("leaf.der"))
        .is("format-der-cert", None, "client.pem is one certificate in DER, without a private key")
        .hints("openssl x509 -inform DER -in client.pem -out leaf.pem; (umask 077; cat key.pem leaf.pem chain.pem > client-fixed.pem)");
    for key in ["leaf-key.der", "leaf-key-encrypted.der"] {
        refused(fixture(key))
            .is(
                "format-der-key",
                None,
                "client.pem is a private key in DER, without a certificate",
            )
            .hints("(umask 077; openssl pkey -inform DER -in client.pem > client-fixed.pem)");
    }
    refused(fixture("leaf-public.der")).is(
        "format-public-key",
        None,
        "client.pem holds a public key where the private key should be",
    );
}

#[test]
fn a_signing_request_alone_in_der_or_with_its_key() {
    let words = "client.pem holds a certificate signing request, which the CA has not signed yet";
    refused(fixture("leaf-csr.pem")).is("format-csr", 1, words);
    refused(fixture("leaf-csr.der")).is("format-csr", None, words);
    refused(text(&["leaf.key", "leaf-csr.pem"])).is("format-csr", 6, words);
    let new = text(&["leaf-csr.pem"]).replace("CERTIFICATE REQ", "NEW CERTIFICATE REQ");
    refused(new).is("format-csr", 1, words);
}

#[test]
fn a_pkcs7_bundle() {
    let words = "client.pem is a PKCS#7 bundle: 2 certificates, no private key";
    refused(fixture("chain-p7.pem"))
        .is("format-pkcs7", 1, words)
        .hints("the certificates, to be joined with the private key: openssl pkcs7 -in client.pem -print_certs -out client-fixed.pem");
    let der = refused(fixture("chain-p7.der"));
    der.is("format-pkcs7", None, words);
    assert!(der.hint.unwrap().contains("-inform DER"));
    let broken = "-----BEGIN CMS-----\nAAEC\n-----END CMS-----\n";
    refused(broken).is(
        "format-pkcs7",
        1,
        "client.pem is a PKCS#7 bundle: no private key",
    );
}

#[test]
fn javas_key_stores_before_a_password_is_asked_for() {
    refused(fixture("keytool.jks"))
        .is("format-jks", None, "client.pem is a Java key store (JKS)")
        .hints("keytool -importkeystore -srckeystore client.pem -destkeystore client-fixed.p12 -deststoretype PKCS12");
    refused(fixture("keytool.jceks")).is(
        "format-jks",
        None,
        "client.pem is a Java key store (JCEKS)",
    );
}

#[test]
fn keys_of_openssh_and_putty() {
    let words = "client.pem holds a private key in OpenSSH's own format";
    refused(text(&["leaf-openssh.key", "leaf.pem"]))
        .is("format-openssh-key", 1, words)
        .hints("(umask 077; cp client.pem client-fixed.pem) && ssh-keygen -p -m PEM -f client-fixed.pem");
    refused("PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\n").is(
        "format-openssh-key",
        None,
        "client.pem holds a private key in PuTTY's format",
    );
}

#[test]
fn a_public_key_instead_of_the_private_one() {
    let words = "client.pem holds a public key where the private key should be";
    refused(text(&["leaf.pem", "leaf-public.pem"])).is("format-public-key", 13, words);
    refused("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me@host.test\n").is("format-public-key", None, words);
    // Beside the private key it harms nothing.
    loaded(whole() + &text(&["leaf-public.pem"]));
}

#[test]
fn base64_around_something_good() {
    let wrapped = openssl::base64::encode_block(&fixture("identity.p12"));
    refused(&wrapped)
        .is(
            "format-base64",
            None,
            "client.pem is base64 text with a PKCS#12 file inside",
        )
        .hints("(umask 077; base64 -d client.pem > client-fixed.p12)");
    let wrapped = openssl::base64::encode_block(whole().as_bytes());
    refused(wrapped).is(
        "format-base64",
        None,
        "client.pem is base64 text with PEM text inside",
    );
}

#[test]
fn faults_of_text_with_their_line() {
    let wide: Vec<u8> = whole().encode_utf16().flat_map(u16::to_le_bytes).collect();
    refused(wide).is("pem-utf16", None, "client.pem is UTF-16 text");
    refused(whole().replace('\n', "\n  ")).is(
        "pem-indented",
        5,
        "line 5 of client.pem is indented",
    );
    refused(whole().replace('\n', "\\n")).is(
        "pem-escaped-newlines",
        1,
        "the line ends in line 1 of client.pem are the two characters \\n",
    );
    refused(whole().replace("-----\n-----BEGIN", "----------BEGIN")).is(
        "pem-blocks-joined",
        5,
        "two blocks share line 5 of client.pem",
    );
}

#[test]
fn a_block_that_is_cut_off_with_the_line_where_it_starts() {
    let whole = whole();
    let cut = &whole[..whole.len() - 60];
    refused(cut)
        .is(
            "pem-truncated",
            29,
            "client.pem is cut off: the block CERTIFICATE in line 29 has no END line",
        )
        .hints("copy the file again, whole");
    let headless = &whole[40..];
    refused(headless).is(
        "pem-truncated",
        4,
        "the head of client.pem is missing: END PRIVATE KEY in line 4 has no BEGIN line",
    );
}

#[test]
fn a_block_that_is_not_base64_or_not_what_it_says() {
    let mut lines: Vec<String> = whole().lines().map(str::to_owned).collect();
    lines[9].insert(5, '?');
    refused(lines.join("\n")).is(
        "pem-corrupt",
        10,
        "the block CERTIFICATE in line 6 of client.pem is not base64 (line 10)",
    );
    let swapped = whole().replace("PRIVATE KEY", "CERTIFICATE") + &text(&["leaf.key"]);
    refused(swapped).is(
        "cert-corrupt",
        1,
        "the block CERTIFICATE in line 1 of client.pem does not hold what its label says",
    );
    let no_key =
        text(&["leaf.pem"]) + &text(&["issuing.pem"]).replace("CERTIFICATE", "PRIVATE KEY");
    let text = "the block PRIVATE KEY in line 13 of client.pem does not hold what its label says";
    refused(no_key).is("cert-corrupt", 13, text);
}

#[test]
fn no_private_key() {
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
fn no_certificate() {
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
fn the_key_of_another_certificate() {
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
fn the_key_in_another_file_that_does_not_belong() {
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
fn a_pkcs12_whose_key_is_another_certificates() {
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
fn encrypted_and_no_password() {
    let words = "client.pem is encrypted and no password was given";
    let pem = text(&["leaf.pem", "leaf-pbes2.key"]);
    let refused = refused_as("client.pem", &pem, None);
    refused.is("password-required", 13, words);
    assert_eq!(refused.asked, 1);
    refused_as("client.pem", fixture("identity.p12"), None).is("password-required", None, words);
}

#[test]
fn a_password_that_cannot_be_had() {
    struct Broken;
    impl PasswordSource for Broken {
        fn password(&mut self, _: &Path) -> io::Result<Option<Secret>> {
            Err(io::Error::other("cannot read pass.txt: no such file"))
        }
    }
    let folder = Folder::new();
    let file = folder.write("client.p12", fixture("identity.p12"));
    let error = load(&alone(file), &mut Broken).unwrap_err();
    assert_eq!(
        (error.id(), folder.relative(&error.to_string()).as_str()),
        (
            "password-required",
            "client.p12 is encrypted and its password cannot be read: cannot read pass.txt: no such file"
        )
    );
}

#[test]
fn wrong_passwords_of_all_kinds() {
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
fn a_pkcs12_that_is_cut_off_before_a_password_is_asked_for() {
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
fn a_pkcs12_without_a_mac() {
    refused_as("client.p12", fixture("identity-no-mac.p12"), Some(PASSWORD))
        .is("p12-no-mac", None, "the PKCS#12 file client.p12 has no integrity code (MAC)")
        .hints("(umask 077; openssl pkcs12 -nomacver -in client.p12 -nodes -out t.pem && openssl pkcs12 -export -in t.pem -out client-fixed.p12; rm -f t.pem)");
}

#[test]
fn algorithms_that_openssl_does_not_have() {
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
fn more_rounds_than_anybody_waits_for() {
    let words = "is encrypted in a way that OpenSSL cannot read: 10000001 rounds of key derivation";
    refused(fixture("identity-many-rounds.p12")).is(
        "p12-unsupported-encryption",
        None,
        &format!("client.pem {words}"),
    );
    refused(text(&["leaf-many-rounds.key", "leaf.pem"])).is(
        "p12-unsupported-encryption",
        1,
        &format!("client.pem {words}"),
    );
}

#[cfg(unix)]
#[test]
fn the_commands_for_faults_of_text_mend_the_file() {
    let wide: Vec<u8> = "\u{feff}"
        .chars()
        .chain(whole().chars())
        .collect::<String>()
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for (fault, content) in [
        ("utf16", wide),
        ("indented", whole().replace('\n', "\n \t").into_bytes()),
        ("escaped", whole().replace('\n', "\\n").into_bytes()),
        (
            "joined",
            whole().replace("-----\n-----B", "----------B").into_bytes(),
        ),
        (
            "base64",
            openssl::base64::encode_block(whole().as_bytes()).into_bytes(),
        ),
    ] {
        let folder = Folder::new();
        let name = format!("{fault} of o'neill.pem");
        let source = alone(folder.write(&name, content));
        let command = load(&source, &mut Given::new(None))
            .unwrap_err()
            .command()
            .unwrap();
        let ran = std::process::Command::new("sh")
            .args(["-c", &command])
            .status()
            .unwrap();
        assert!(ran.success(), "{command}");
        let mended = folder
            .0
            .path()
            .join(format!("{fault} of o'neill-fixed.pem"));
        let identity = load(&alone(mended), &mut Given::new(None));
        assert!(identity.is_ok(), "{command}: {identity:?}");
    }
}
