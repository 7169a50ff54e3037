//! Files that hold no identity: each with its id, line and words.

use super::*;

#[test]
fn a_file_that_is_not_there_is_told() {
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
fn a_file_without_permission_and_one_without_end_are_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let file = folder.write("client.pem", whole());
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
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
        "/dev/zero is not a certificate file: it is larger than 1 MiB",
    );
}

#[cfg(unix)]
#[test]
fn a_pipe_is_read_to_its_end_like_a_file() {
    let folder = Folder::new();
    let pipe = folder.0.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    for read in 0..2 {
        let (to, content) = (pipe.clone(), whole());
        let writer = std::thread::spawn(move || fs::write(to, content));
        let source = alone(pipe.clone());
        match read {
            0 => drop(load(&source, SystemTime::now(), &mut Given::new(None)).unwrap()),
            _ => {
                let survey = survey::survey(&source, &mut Given::new(None));
                assert_eq!((survey.keys.len(), survey.certificates.len()), (1, 3));
                // Who may read a pipe is no matter of its mode.
                assert_eq!(survey.remarks, []);
            }
        }
        writer.join().unwrap().unwrap();
    }
}

#[test]
fn an_empty_file_and_a_web_page_are_told_apart() {
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
        .hints("(umask 077; { cat key.pem && openssl x509 -inform DER -in client.pem && cat chain.pem; } > client-fixed.pem)");
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
fn a_signing_request_is_recognised_alone_in_der_or_with_its_key() {
    let words = "client.pem holds a certificate signing request, which the CA has not signed yet";
    refused(fixture("leaf-csr.pem")).is("format-csr", 1, words);
    refused(fixture("leaf-csr.der")).is("format-csr", None, words);
    refused(text(&["leaf.key", "leaf-csr.pem"])).is("format-csr", 6, words);
    let new = text(&["leaf-csr.pem"]).replace("CERTIFICATE REQ", "NEW CERTIFICATE REQ");
    refused(new).is("format-csr", 1, words);
}

#[test]
fn a_pkcs7_bundle_is_recognised_in_both_encodings() {
    let words = "client.pem is a PKCS#7 bundle with 2 certificates, without a private key";
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
        "client.pem is a PKCS#7 bundle, without a private key",
    );
}

#[test]
fn javas_key_stores_are_told_before_a_password_is_asked_for() {
    refused(fixture("keytool.jks"))
        .is("format-jks", None, "client.pem is a Java key store (JKS)")
        .hints("(umask 077; keytool -importkeystore -srckeystore client.pem -destkeystore client-fixed.p12 -deststoretype PKCS12)");
    refused(fixture("keytool.jceks")).is(
        "format-jks",
        None,
        "client.pem is a Java key store (JCEKS)",
    );
}

/// It used to be "the block  in line".
#[test]
fn a_label_that_is_cut_off_leaves_no_gap() {
    let line = whole().lines().count() + 1;
    refused(whole() + "-----BEGIN").is(
        "pem-truncated",
        line,
        &format!("client.pem is cut off: the block in line {line} has no END line"),
    );
}

#[test]
fn keys_of_openssh_and_putty_are_recognised() {
    let words = "client.pem holds a private key in OpenSSH's own format";
    refused(text(&["leaf-openssh.key", "leaf.pem"]))
        .is("format-openssh-key", 1, words)
        .hints("(umask 077; sed -n '/BEGIN OPENSSH PRIVATE KEY/,/END OPENSSH PRIVATE KEY/p' client.pem > client-fixed.pem && ssh-keygen -p -m PEM -f client-fixed.pem && sed -n '/BEGIN CERTIFICATE/,/END CERTIFICATE/p' client.pem >> client-fixed.pem)");
    refused("PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\n").is(
        "format-openssh-key",
        None,
        "client.pem holds a private key in PuTTY's format",
    );
}

#[test]
fn a_public_key_in_place_of_the_private_one_is_told() {
    let words = "client.pem holds a public key where the private key should be";
    refused(text(&["leaf.pem", "leaf-public.pem"])).is("format-public-key", 13, words);
    refused("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me@host.test\n").is("format-public-key", None, words);
    // Beside the private key it harms nothing.
    loaded(whole() + &text(&["leaf-public.pem"]));
}

#[test]
fn base64_is_told_with_what_is_inside() {
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
fn faults_of_text_are_told_with_their_line() {
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
fn a_block_that_is_cut_off_is_told_with_the_line_where_it_starts() {
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
fn a_block_that_is_not_base64_or_not_what_it_says_is_told() {
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

/// They used to be shown, and named in commands, with U+FFFD in place of what is not UTF-8.
#[cfg(unix)]
#[test]
fn the_commands_for_a_name_that_cannot_be_shown_name_the_same_file() {
    use std::os::unix::ffi::OsStrExt;
    for name in [&b"100%s \xff\\x'.pem"[..], b"a\x1b[31m\nb\xe2\x80\xae.pem"] {
        let folder = Folder::new();
        let file = folder.0.path().join(std::ffi::OsStr::from_bytes(name));
        fs::write(&file, whole().replace('\n', "\n  ")).unwrap();
        let error = load(&alone(file), SystemTime::now(), &mut Given::new(None)).unwrap_err();
        let command = error.remedy().command.unwrap();
        assert!(!command.contains(char::is_control), "{command}");
        let ran = std::process::Command::new("sh")
            .args(["-c", &command])
            .status();
        assert!(ran.unwrap().success(), "{command}");
        let mended = alone(error.remedy().makes.unwrap());
        assert!(load(&mended, SystemTime::now(), &mut Given::new(None)).is_ok());
    }
}

/// As a word processor leaves it.
fn other_dashes() -> String {
    let dashes = whole().replace("-----BEGIN ", "\u{2014}\u{2013}-BEGIN ");
    dashes.replace("-----\n", "-\u{2014}\u{2014}\n")
}

fn base64url() -> String {
    let whole = whole();
    let lines = whole.lines().map(|line| match line.starts_with('-') {
        true => line.to_owned(),
        false => line.replace('+', "-").replace('/', "_"),
    });
    lines.map(|line| line + "\n").collect()
}

#[test]
fn what_mails_and_word_processors_make_of_pem_is_recognised() {
    refused(
        whole()
            .replace('\n', "\n> ")
            .replacen('-', "\nHello,\n> -", 1),
    )
    .is(
        "pem-corrupt",
        None,
        "client.pem is quoted as in a mail: its lines have > before them (line 3)",
    );
    refused(other_dashes()).is(
        "pem-corrupt",
        None,
        "line 1 of client.pem has not five hyphens around its BEGIN or END but other dashes, as a word processor makes them",
    );
    refused(base64url()).is(
        "pem-corrupt",
        3,
        "the block PRIVATE KEY in line 1 of client.pem is base64url: it has - and _ where PEM has + and / (line 3)",
    );
    for text in ["> none\n", "\u{2014} BEGIN of it \u{2014}\n"] {
        refused(text).is(
            "unrecognized-format",
            None,
            "client.pem is not a certificate file: it is text without a PEM block",
        );
    }
    // Around whole blocks it may say what it will.
    let read = "> quoted\n\u{2014}BEGIN X\u{2014}\n".to_owned() + &whole();
    let folder = Folder::new();
    let source = alone(folder.write("client.pem", read));
    assert!(load(&source, SystemTime::now(), &mut Given::new(None)).is_ok());
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
        ("carriage", whole().replace('\n', "\r").into_bytes()),
        ("pkcs7", text(&["leaf.key", "chain-p7.pem"]).into_bytes()),
        ("escaped", whole().replace('\n', "\\n").into_bytes()),
        (
            "quoted",
            format!("> > {}", whole().replace('\n', "\n> > ")).into_bytes(),
        ),
        ("dashes", other_dashes().into_bytes()),
        ("url", base64url().into_bytes()),
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
        let command = load(&source, SystemTime::now(), &mut Given::new(None))
            .unwrap_err()
            .remedy()
            .command
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
        let identity = load(&alone(mended), SystemTime::now(), &mut Given::new(None));
        assert!(identity.is_ok(), "{command}: {identity:?}");
    }
}
