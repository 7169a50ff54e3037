//! What a survey has to say beyond what a load does.

use super::*;
use crate::identity::survey::{RemarkKind, Spelling, Survey, survey};

pub(super) fn survey_named(
    name: &str,
    content: impl AsRef<[u8]>,
    password: Option<&str>,
) -> Survey {
    let folder = Folder::new();
    let source = alone(folder.write(name, content));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&source.cert, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let mut given = Given::new(password);
    let survey = survey(&source, &mut given);
    assert!(given.asked.len() < 2, "asked {:?}", given.asked);
    survey
}

pub(super) fn survey_of(content: impl AsRef<[u8]>, password: Option<&str>) -> Survey {
    survey_named("client", content, password)
}

fn ids(survey: &Survey) -> Vec<&'static str> {
    survey.faults.iter().map(IdentityError::id).collect()
}

fn lines_of(survey: &Survey) -> (Vec<Option<usize>>, Vec<Option<usize>>) {
    let keys = survey.keys.iter().map(|key| key.place.line).collect();
    let certificates = survey.certificates.iter();
    (keys, certificates.map(|one| one.place.line).collect())
}

#[test]
fn keys_and_certificates_have_their_lines() {
    let pem = text(&["other.key", "leaf-pbes2.key", "leaf.pem", "issuing.pem"]);
    let survey = survey_of(&pem, Some(PASSWORD));
    assert_eq!(survey.format, Some(Format::Pem));
    let at = |what: &str| {
        pem.lines()
            .position(|line| line == what)
            .map(|line| line + 1)
    };
    let leaf = at("-----BEGIN CERTIFICATE-----");
    assert_eq!(
        lines_of(&survey).0,
        [Some(1), at("-----BEGIN ENCRYPTED PRIVATE KEY-----")]
    );
    assert_eq!(lines_of(&survey).1[0], leaf);
    let encrypted: Vec<_> = survey.keys.iter().map(|key| key.encrypted).collect();
    assert_eq!(encrypted, [false, true]);
}

#[test]
fn a_damaged_text_yields_its_whole_blocks_and_all_its_faults() {
    let broken = "-----BEGIN CERTIFICATE-----\nAA!A\n-----END CERTIFICATE-----\n";
    let no_certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let pem = format!(
        "{}{broken}{no_certificate}  {}-----BEGIN CERTIFICATE-----\nMIIB",
        text(&["leaf-pbes2.key", "leaf.pem"]),
        text(&["issuing.pem"]),
    );
    let survey = survey_of(&pem, Some(PASSWORD));
    assert_eq!((survey.keys.len(), survey.certificates.len()), (1, 2));
    assert_eq!(
        ids(&survey),
        [
            "pem-corrupt",
            "pem-indented",
            "pem-truncated",
            "cert-corrupt"
        ]
    );
    // What all lines have is said once.
    let indented = survey_of(whole().replace('\n', "\n  "), None);
    assert_eq!(ids(&indented), ["pem-indented"]);
    assert_eq!((indented.keys.len(), indented.certificates.len()), (1, 3));
}

#[test]
fn what_is_missing_is_told_unless_the_damage_may_be_it() {
    let cut = text(&["leaf.pem"]) + "-----BEGIN PRIVATE KEY-----\nMIIB";
    assert_eq!(ids(&survey_of(cut, None)), ["pem-truncated"]);
    let bad = text(&["leaf.pem"]) + "-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----";
    assert_eq!(ids(&survey_of(bad, None)), ["pem-corrupt"]);
    let bad = text(&["leaf.pem"]) + "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----";
    assert_eq!(ids(&survey_of(bad, None)), ["pem-corrupt", "key-missing"]);
}

#[test]
fn files_of_a_wrong_format_yield_what_is_in_them() {
    let base64 = |bytes: &[u8]| openssl::base64::encode_block(bytes).into_bytes();
    let wide: Vec<u8> = whole().encode_utf16().flat_map(u16::to_be_bytes).collect();
    let marked = "\u{feff}".to_owned() + &whole();
    let marked: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (content, keys, certificates, faults) in [
        (fixture("leaf.der"), 0, 1, vec!["format-der-cert"]),
        (fixture("leaf-key.der"), 1, 0, vec!["format-der-key"]),
        (
            fixture("leaf-key-encrypted.der"),
            1,
            0,
            vec!["format-der-key"],
        ),
        (fixture("chain-p7.der"), 0, 2, vec!["format-pkcs7"]),
        (fixture("chain-p7.pem"), 0, 2, vec!["format-pkcs7"]),
        (
            base64(&fixture("identity.p12")),
            1,
            4,
            vec!["format-base64"],
        ),
        (base64(whole().as_bytes()), 1, 3, vec!["format-base64"]),
        (
            base64(&base64(&fixture("leaf.der"))),
            0,
            1,
            vec!["format-base64"],
        ),
        (wide, 1, 3, vec!["pem-utf16"]),
        (marked, 1, 3, vec!["pem-utf16"]),
        (fixture("leaf-csr.der"), 0, 0, vec!["format-csr"]),
        (fixture("keytool.jks"), 0, 0, vec!["format-jks"]),
    ] {
        let survey = survey_of(content, Some(PASSWORD));
        assert_eq!(ids(&survey), faults);
        assert_eq!(
            (survey.keys.len(), survey.certificates.len()),
            (keys, certificates),
            "{faults:?}"
        );
    }
}

#[test]
fn inside_base64_lines_mean_nothing_but_the_password_counts() {
    let wrapped = openssl::base64::encode_block(text(&["leaf-pbes2.key", "leaf.pem"]).as_bytes());
    let survey = survey_of(&wrapped, Some(PASSWORD));
    assert_eq!(lines_of(&survey), (vec![None], vec![None]));
    let survey = survey_of(&wrapped, Some("wrong"));
    assert_eq!(ids(&survey), ["format-base64", "password-wrong"]);
    assert_eq!(survey.faults[1].line, None);
    // What the store inside is worth knowing for can wait.
    let wrapped = openssl::base64::encode_block(&fixture("identity-rc2.p12"));
    let survey = survey_of(&wrapped, Some("secret\n"));
    let kinds: Vec<_> = survey.remarks.iter().map(|remark| &remark.kind).collect();
    assert_eq!(
        kinds,
        [&RemarkKind::PasswordSpelling(Spelling::WithoutLineEnd)]
    );
}

#[test]
fn a_line_end_behind_the_password_is_found_out() {
    for (name, keys) in [
        ("identity.p12", 1),
        ("leaf-pbes2.key", 1),
        ("leaf-proc-type.key", 1),
    ] {
        let mut content = fixture(name);
        if name.ends_with("key") {
            content.extend(fixture("leaf.pem"));
        }
        let survey = survey_of(&content, Some("secret\r\n"));
        assert_eq!(survey.keys.len(), keys, "{name}");
        assert_eq!(ids(&survey), ["password-wrong"], "{name}");
        assert_eq!(
            survey.remarks[0].kind,
            RemarkKind::PasswordSpelling(Spelling::WithoutLineEnd)
        );
    }
}

#[test]
fn what_else_was_tried_is_told() {
    let survey = survey_of(fixture("identity.p12"), Some("wrong€\n"));
    let tried = vec![
        Spelling::WithoutLineEnd,
        Spelling::Utf8BytesAsCharacters,
        Spelling::Windows1252,
    ];
    assert_eq!(survey.remarks[0].kind, RemarkKind::PasswordAlsoTried(tried));
    assert_eq!(
        survey_of(fixture("identity.p12"), Some("wrong")).remarks,
        []
    );
}

#[test]
fn a_wrong_password_is_one_fault_of_a_file_with_two_keys() {
    let twice = text(&["leaf-pbes2.key", "leaf-proc-type.key", "leaf.pem"]);
    assert_eq!(ids(&survey_of(&twice, Some("wrong"))), ["password-wrong"]);
    assert_eq!(ids(&survey_of(&twice, None)), ["password-required"]);
}

#[test]
fn a_password_that_nothing_needs_is_remarked_only_where_one_was_given() {
    struct Ready(bool);
    impl PasswordSource for Ready {
        fn password(&mut self, _: &Path) -> io::Result<Option<Secret>> {
            Ok(Some(Secret::new(PASSWORD)))
        }
        fn is_given(&self) -> bool {
            self.0
        }
    }
    let folder = Folder::new();
    let plain = alone(folder.write("client", whole()));
    let locked = alone(folder.write("locked", fixture("identity.p12")));
    let unneeded = |source: &Source, given| {
        let remarks = survey(source, &mut Ready(given)).remarks;
        remarks
            .iter()
            .any(|remark| remark.kind == RemarkKind::PasswordUnneeded)
    };
    assert!(unneeded(&plain, true));
    assert!(!unneeded(&plain, false));
    assert!(!unneeded(&locked, true));
}

#[test]
fn a_load_asks_for_no_password_of_a_file_that_is_broken_anyway() {
    let broken = text(&["leaf-pbes2.key", "leaf.pem"]) + "-----BEGIN CERTIFICATE-----\n";
    assert_eq!(refused(broken).id, "pem-truncated");
    let folder = Folder::new();
    let source = Source {
        cert: folder.write("client.pem", fixture("leaf.der")),
        key: Some(folder.write("client.key", fixture("leaf-pbes2.key"))),
    };
    let refused = refused_source(&folder, &source, Some(PASSWORD));
    assert_eq!((refused.id, refused.asked), ("format-der-cert", 0));
    // The survey reads both, and asks for the one that is encrypted.
    let mut given = Given::new(Some(PASSWORD));
    let survey = survey(&source, &mut given);
    assert_eq!((survey.keys.len(), survey.certificates.len()), (1, 1));
    assert_eq!(given.asked, [source.key.unwrap()]);
}

#[test]
fn a_key_that_does_not_fit_is_the_last_of_the_faults() {
    let pem = text(&["other.key", "leaf.pem"]);
    assert_eq!(ids(&survey_of(&pem, None)), ["key-mismatch"]);
    let cut = pem + "-----BEGIN CERTIFICATE-----\n";
    assert_eq!(ids(&survey_of(cut, None)), ["pem-truncated"]);
}

#[test]
fn nothing_of_keys_and_passwords_is_printed() {
    let survey = survey_of(
        text(&["leaf-pbes2.key", "leaf.key", "leaf.pem"]),
        Some(PASSWORD),
    );
    let printed = format!("{survey:?}");
    assert_eq!(survey.keys.len(), 2);
    assert!(!printed.contains(PASSWORD));
    let key = text(&["leaf.key", "leaf-pbes2.key"]);
    assert!(key.lines().all(|line| !printed.contains(line)), "{printed}");
}
