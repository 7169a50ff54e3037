use std::fs;
#[cfg(unix)]
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use openssl::pkey::PKey;

use super::*;
use crate::check::judge::judge;
use crate::check::judge::mint::{Minted, ca, client};
use crate::check::judge::tests::{LEAF, Lab, criteria, raises, spares, survey};
use crate::identity::Source;
use crate::identity::survey::survey as read;
use crate::text::secret::Secret;

/// Gives this password, if any.
struct Given(Option<&'static str>);

impl PasswordSource for Given {
    fn password(&mut self, _: &Path) -> io::Result<Option<Secret>> {
        Ok(self.0.map(Secret::new))
    }

    fn is_given(&self) -> bool {
        false
    }
}

/// All that can be in another order than it is sent.
fn disorder(lab: &Lab) -> Survey {
    let other = client("other.example.test").by(&lab.issuing);
    let stranger = client("CA").self_signed();
    let foreign = ca("Foreign CA").self_signed();
    let all: [&Minted; 8] = [
        &lab.root,
        &lab.policy,
        &stranger,
        &lab.issuing,
        &lab.leaf,
        &foreign,
        &lab.issuing,
        &other,
    ];
    survey(&[&foreign.key, &lab.leaf.key], &all)
}

fn written(survey: &Survey, password: Option<&'static str>) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fixed.pem");
    let judged = judge(survey, &criteria());
    write(&file, survey, &judged, &mut Given(password)).unwrap();
    (folder, file)
}

fn reread(file: &Path, password: Option<&'static str>) -> Survey {
    let source = Source {
        cert: file.to_owned(),
        key: None,
    };
    let survey = read(&source, &mut Given(password));
    assert!(survey.faults.is_empty(), "{:?}", survey.faults);
    survey
}

#[test]
fn all_disorder_is_gone_from_what_is_written() {
    let lab = Lab::new();
    let before = disorder(&lab);
    let judged = judge(&before, &criteria());
    raises(&judged, "leaf-not-first");
    raises(&judged, "chain-order");
    raises(&judged, "root-included");
    raises(&judged, "multiple-leaf-certs");
    raises(&judged, "multiple-keys");
    raises(&judged, "unrelated-cert");
    raises(&judged, "duplicate-cert");
    let (_folder, file) = written(&before, None);
    let text = fs::read_to_string(&file).unwrap();
    let labels: Vec<&str> = text.lines().filter(|line| line.contains("BEGIN")).collect();
    assert_eq!(labels[0], "-----BEGIN PRIVATE KEY-----");
    assert_eq!(labels[1..], ["-----BEGIN CERTIFICATE-----"; 3]);
    assert!(!text.contains('\r') && text.ends_with("-----END CERTIFICATE-----\n"));
    let after = judge(&reread(&file, None), &criteria());
    spares(&after, "leaf-not-first");
    spares(&after, "chain-order");
    spares(&after, "root-included");
    spares(&after, "multiple-leaf-certs");
    spares(&after, "multiple-keys");
    spares(&after, "unrelated-cert");
    spares(&after, "duplicate-cert");
    assert_eq!(after.intermediates, [1, 2]);
}

#[cfg(unix)]
#[test]
fn the_file_is_for_its_owner_alone() {
    let (folder, file) = written(&disorder(&Lab::new()), None);
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing else is left"
    );
}

#[test]
fn an_encrypted_key_stays_encrypted_with_the_same_password() {
    let lab = Lab::new();
    let mut before = disorder(&lab);
    for key in &mut before.keys {
        key.encrypted = true;
    }
    let (_folder, file) = written(&before, Some("geheim"));
    let pem = fs::read(&file).unwrap();
    assert!(pem.starts_with(b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
    assert!(PKey::private_key_from_pem_passphrase(&pem, b"other").is_err());
    let key = PKey::private_key_from_pem_passphrase(&pem, b"geheim").unwrap();
    assert!(key.public_eq(&lab.leaf.key));
    assert!(reread(&file, Some("geheim")).keys[0].encrypted);
}

#[test]
fn without_its_password_an_encrypted_key_is_not_written() {
    let mut before = disorder(&Lab::new());
    for key in &mut before.keys {
        key.encrypted = true;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fixed.pem");
    let judged = judge(&before, &criteria());
    let refused = write(&file, &before, &judged, &mut Given(None)).unwrap_err();
    assert!(matches!(refused, FixError::NoPassword(None)));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn nothing_is_written_over() {
    let before = disorder(&Lab::new());
    let judged = judge(&before, &criteria());
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("there"), "mine").unwrap();
    symlink(path("there"), path("link")).unwrap();
    symlink(path("nowhere"), path("dangling")).unwrap();
    for name in ["there", "link", "dangling"] {
        let refused = write(&path(name), &before, &judged, &mut Given(None)).unwrap_err();
        let told = refused.to_string();
        assert!(
            told.starts_with("cannot write ") && told.contains(name),
            "{told}"
        );
    }
    assert_eq!(fs::read_to_string(path("there")).unwrap(), "mine");
    assert!(!path("nowhere").exists());
    let missing = path("no folder").join("fixed.pem");
    assert!(write(&missing, &before, &judged, &mut Given(None)).is_err());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
}

#[test]
fn without_the_leafs_key_there_is_nothing_to_write() {
    let lab = Lab::new();
    let other = survey(&[&lab.issuing.key], &[&lab.leaf, &lab.issuing]);
    let judged = judge(&other, &criteria());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fixed.pem");
    let refused = write(&file, &other, &judged, &mut Given(None)).unwrap_err();
    assert!(matches!(refused, FixError::Incomplete));
    let refused = write(
        &file,
        &Survey::default(),
        &Judged::default(),
        &mut Given(None),
    );
    assert!(matches!(refused.unwrap_err(), FixError::Incomplete));
}

#[test]
fn nothing_that_a_chain_may_need_is_left_out() {
    let lab = Lab::new();
    let other_root = ca("Other Root").self_signed();
    let crossed = ca("Lab Policy CA").key(&lab.policy.key).by(&other_root);
    let count = |certificates: &[&Minted]| {
        let (_folder, file) = written(&survey(&[&lab.leaf.key], certificates), None);
        reread(&file, None).certificates.len()
    };
    // Both forms of a cross-signed CA.
    assert_eq!(count(&[&lab.leaf, &lab.issuing, &lab.policy, &crossed]), 4);
    // What stands above a level that is missing, or that is there in another generation.
    assert_eq!(count(&[&lab.leaf, &lab.policy, &lab.root]), 2);
    let wrong = ca("Lab Issuing CA").by(&lab.policy);
    let survey = survey(&[&lab.leaf.key], &[&lab.leaf, &wrong, &lab.policy]);
    let (_folder, file) = written(&survey, None);
    raises(
        &judge(&reread(&file, None), &criteria()),
        "wrong-intermediate",
    );
}

#[test]
fn other_programs_read_what_is_written() {
    let lab = Lab::new();
    let (folder, _file) = written(&disorder(&lab), None);
    let openssl = |arguments: &str| {
        let output = std::process::Command::new("sh")
            .args(["-c", arguments])
            .current_dir(folder.path())
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let subject = openssl("openssl x509 -in fixed.pem -noout -subject");
    assert!(subject.contains(LEAF), "{subject}");
    let same = openssl(
        "openssl pkey -in fixed.pem -pubout > a; openssl x509 -in fixed.pem -noout -pubkey > b; cmp a b && echo same",
    );
    assert_eq!(same, "same\n");
}
