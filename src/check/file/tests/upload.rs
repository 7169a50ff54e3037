//! The command for the upload, run on every kind of file.

use super::*;
use crate::check::facts;
use crate::check::judge::judge;
use crate::check::judge::tests::criteria;
use crate::identity::survey::Certificate;

/// Runs the command that is shown for this file, and compares what it writes with the leaf; `None`
/// where none is shown.
fn uploads(name: &str, content: &[u8]) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    fs::write(&file, content).unwrap();
    let source = Source {
        cert: file.clone(),
        key: None,
    };
    let mut given = Given {
        password: Some(PASSWORD.to_owned()),
        typed: true,
    };
    let survey = survey(&source, &mut given);
    let judged = judge(&survey, &criteria());
    let command = facts::upload(&survey, &judged)?;
    let ran = Command::new("sh")
        .args(["-c", &answered(&command)])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{name}: {command}: {errors}");
    let Certificate { certificate, .. } = &survey.certificates[judged.leaf.unwrap()];
    let uploaded = fs::read(folder.path().join("upload.pem")).unwrap();
    assert_eq!(uploaded, certificate.to_pem().unwrap(), "{name}: {command}");
    Some(command)
}

/// RC2's file used to lack `-legacy`, one without a MAC `-nomacver`, and one without a key has no
/// `-clcerts`.
#[test]
fn the_command_for_the_upload_writes_the_leaf_of_every_file() {
    for (name, option) in [
        ("identity.p12", ""),
        ("identity-3des.p12", ""),
        ("identity-rc2.p12", " -legacy "),
        ("identity-no-mac.p12", " -nomacver "),
        ("identity-empty-password.p12", " -passin pass: "),
        ("keytool.p12", ""),
        ("keytool-legacy.p12", " -legacy "),
        ("no-key.p12", ""),
        ("leaf.der", ""),
        ("leaf-trusted.pem", ""),
        ("bag-attributes.pem", ""),
    ] {
        let command = uploads(name, &fixture(name)).expect(name);
        assert!(command.contains(option), "{name}: {command}");
    }
    for (name, content) in [
        ("whole.pem", whole()),
        ("bom.pem", format!("\u{feff}{}", whole())),
        ("keyless.pem", text(&["leaf.pem", "issuing.pem"])),
        ("last.pem", text(&["issuing.pem", "leaf.key", "leaf.pem"])),
    ] {
        uploads(name, content.as_bytes()).expect(name);
    }
    // OpenSSL would stop at the damaged block.
    let damaged =
        text(&["issuing.pem"]).replacen("MII", "AAA", 1) + &text(&["leaf.key", "leaf.pem"]);
    uploads("damaged.pem", damaged.as_bytes()).expect("a leaf");
}

#[test]
fn no_command_for_the_upload_is_shown_for_a_file_that_openssl_does_not_read() {
    let whole = whole();
    let base64 = |bytes: &[u8]| openssl::base64::encode_block(bytes).into_bytes();
    for (name, content) in [
        ("c.b64", base64(whole.as_bytes())),
        ("p12.b64", base64(&fixture("identity.p12"))),
        (
            "utf-16.pem",
            whole.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        ),
        (
            "indented.pem",
            whole.replace("-----BEGIN", "  -----BEGIN").into(),
        ),
        ("escaped.pem", whole.replace('\n', "\\n").into()),
        ("returns.pem", whole.replace('\n', "\r").into()),
        ("line.pem", whole.replace('\n', " ").into()),
        (
            "joined.pem",
            whole.replace("-----\n-----", "----------").into(),
        ),
        ("chain.p7b", text(&["chain-p7.pem"]).into()),
        (
            "key-and-chain.pem",
            text(&["leaf.key", "chain-p7.pem"]).into(),
        ),
        ("chain.p7c", fixture("chain-p7.der")),
    ] {
        assert_eq!(uploads(name, &content), None, "{name}");
    }
}
