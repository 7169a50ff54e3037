//! Each finding about the files where its fault is, not where something alike is, and gone when its
//! command has run.

mod container;
mod format;
mod upload;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::*;
use crate::identity::survey::{Remark, survey};
use crate::identity::{PasswordSource, Source};
use crate::text::secret::Secret;

const PASSWORD: &str = "secret";

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/identity");
    fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Text fixtures, one after another.
fn text(names: &[&str]) -> String {
    names
        .iter()
        .map(|name| String::from_utf8(fixture(name)).unwrap())
        .collect()
}

fn whole() -> String {
    text(&["leaf.key", "leaf.pem", "issuing.pem", "policy.pem"])
}

fn encrypted() -> String {
    text(&["leaf-pbes2.key", "leaf.pem", "issuing.pem"])
}

/// A password on a file or in a variable, or one that is typed when asked for.
struct Given {
    password: Option<String>,
    typed: bool,
}

impl PasswordSource for Given {
    fn password(&mut self, _: &Path) -> io::Result<Option<Secret>> {
        Ok(self.password.clone().map(Secret::new))
    }

    fn is_given(&self) -> bool {
        self.password.is_some() && !self.typed
    }
}

/// A file and what was found in it.
struct Checked {
    folder: TempDir,
    file: PathBuf,
    findings: Vec<Finding>,
}

fn checked(name: &str, content: impl AsRef<[u8]>, password: Option<&str>) -> Checked {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    fs::write(&file, content).unwrap();
    mode(&file, 0o600);
    let findings = found(&file, password);
    Checked {
        folder,
        file,
        findings,
    }
}

fn found(file: &Path, password: Option<&str>) -> Vec<Finding> {
    let password = password.map(str::to_owned);
    found_by(
        file,
        Given {
            password,
            typed: false,
        },
    )
}

fn found_by(file: &Path, mut password: Given) -> Vec<Finding> {
    let source = Source {
        cert: file.to_owned(),
        key: None,
    };
    findings(&survey(&source, &mut password))
}

fn pem(content: impl AsRef<[u8]>) -> Checked {
    checked("client.pem", content, None)
}

fn p12(name: &str) -> Checked {
    checked("client.p12", fixture(name), Some(PASSWORD))
}

#[cfg(unix)]
fn mode(file: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn mode(_: &Path, _: u32) {}

impl Checked {
    fn ids(&self) -> Vec<&str> {
        self.findings.iter().map(|finding| finding.id).collect()
    }

    fn finding(&self, id: &str) -> &Finding {
        let found = self.findings.iter().find(|finding| finding.id == id);
        found.unwrap_or_else(|| panic!("{id} is not among {:?}", self.ids()))
    }

    /// Its words, with the folder taken out.
    fn message(&self, id: &str) -> String {
        let folder = format!("{}/", self.folder.path().display());
        self.finding(id).message.replace(&folder, "")
    }

    /// Runs the command of the finding beside a key and a chain, and checks `result` anew.
    fn mended(self, id: &str, result: &str) -> Self {
        for (name, from) in [
            ("key.pem", "leaf.key"),
            ("certificate.pem", "leaf.pem"),
            ("chain.pem", "issuing.pem"),
        ] {
            fs::write(self.folder.path().join(name), fixture(from)).unwrap();
        }
        let before = fs::read(&self.file).unwrap();
        let command = self.finding(id).command.clone().expect("it has a command");
        let command = answered(&command);
        let ran = Command::new("sh")
            .args(["-c", &command])
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{command}: {errors}");
        let file = self.folder.path().join(result);
        if file != self.file && self.file.exists() {
            assert_eq!(fs::read(&self.file).unwrap(), before, "{command}");
        }
        assert!(is_the_owners(&file), "{command}");
        let password = Given {
            password: Some(PASSWORD.to_owned()),
            typed: true,
        };
        let again = Self {
            findings: found_by(&file, password),
            folder: self.folder,
            file,
        };
        let left: Vec<_> = again.ids();
        assert!(!left.contains(&id), "{command} leaves {left:?}");
        again
    }
}

#[cfg(unix)]
fn is_the_owners(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(file).unwrap().permissions().mode() & 0o077 == 0
}

#[cfg(not(unix))]
fn is_the_owners(_: &Path) -> bool {
    true
}

/// The command with what it would ask for on the terminal.
fn answered(command: &str) -> String {
    let opens = match command.contains("-passin") {
        true => "openssl pkcs12 ",
        false => "openssl pkcs12 -passin pass:secret ",
    };
    command
        .replace(
            "openssl pkcs12 -export",
            "openssl \0 -export -passout pass:secret",
        )
        .replace("openssl pkcs12 ", opens)
        .replace('\0', "pkcs12")
        .replace("openssl pkey ", "openssl pkey -passin pass:secret ")
        .replace("-topk8", "-topk8 -passin pass:secret -passout pass:secret")
        .replace(
            "-importkeystore",
            "-importkeystore -srcstorepass secret -deststorepass secret -noprompt",
        )
        .replace("ssh-keygen -p", "ssh-keygen -p -P '' -N ''")
}

/// The fault was found.
#[track_caller]
fn raises(checked: &Checked, id: &str) {
    checked.finding(id);
}

/// A near miss was not taken for it.
#[track_caller]
fn spares(checked: &Checked, id: &str) {
    assert!(!checked.ids().contains(&id), "{:?}", checked.ids());
}

/// No finding at all.
#[track_caller]
fn is_well(checked: &Checked) {
    assert_eq!(checked.findings, []);
}

#[test]
fn good_files_raise_nothing() {
    is_well(&pem(whole()));
    is_well(&pem(whole().replace('\n', "\r\n")));
    is_well(&pem(fixture("bag-attributes.pem")));
    is_well(&checked("client", encrypted(), Some(PASSWORD)));
    for name in ["identity.p12", "identity-3des.p12", "keytool.p12"] {
        is_well(&p12(name));
    }
    // That the key is another's is for the judge of keys to say.
    is_well(&pem(text(&["other.key", "leaf.pem"])));
}

#[test]
fn findings_have_a_place_and_show_no_secret() {
    let mut all: Vec<Finding> = Vec::new();
    for name in [
        "identity.p12",
        "leaf-pbes2.key",
        "identity-rc2.p12",
        "leaf.der",
    ] {
        for password in [Some(PASSWORD), Some("hunter2\u{20ac}\n"), None] {
            all.extend(checked("client.crt", fixture(name), password).findings);
        }
    }
    assert!(all.len() > 10);
    for finding in all {
        assert!(finding.place.is_some(), "{}", finding.id);
        assert!(!finding.message.ends_with('.'), "{}", finding.message);
        let printed = format!("{finding:?}");
        assert!(
            !printed.contains(PASSWORD) && !printed.contains("hunter2"),
            "{printed}"
        );
    }
}

#[test]
fn what_was_tried_is_no_finding_of_its_own() {
    let place = crate::identity::survey::Place {
        file: "client.p12".into(),
        line: None,
    };
    let kind = RemarkKind::PasswordAlsoTried(vec![Spelling::Windows1252]);
    let survey = Survey {
        remarks: vec![Remark { place, kind }],
        ..Survey::default()
    };
    assert_eq!(findings(&survey), []);
}
