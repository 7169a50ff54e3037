//! Every way to load an identity and every way to fail, on files that openssl, ssh-keygen and
//! keytool made (`fixtures/identity`).

mod bags;
pub(crate) mod damage;
mod maker;
mod successes;
mod surveys;
mod wrong_files;
mod wrong_keys;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::*;

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

/// The whole identity as PEM: key, leaf, its issuer, that one's issuer.
fn whole() -> String {
    text(&["leaf.key", "leaf.pem", "issuing.pem", "policy.pem"])
}

/// Gives one password (or none) and counts how often it is asked.
struct Given {
    password: Option<String>,
    asked: Vec<PathBuf>,
}

impl Given {
    fn new(password: Option<&str>) -> Self {
        Self {
            password: password.map(str::to_owned),
            asked: Vec::new(),
        }
    }
}

impl PasswordSource for Given {
    fn password(&mut self, file: &Path) -> io::Result<Option<Secret>> {
        self.asked.push(file.to_owned());
        Ok(self.password.clone().map(Secret::new))
    }

    fn is_given(&self) -> bool {
        self.password.is_some()
    }
}

/// A folder with the files of one load.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let file = self.0.path().join(name);
        fs::write(&file, content).unwrap();
        file
    }

    /// A text with this folder's name taken out of it.
    fn relative(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.0.path().display()), "")
    }
}

fn alone(cert: PathBuf) -> Source {
    Source { cert, key: None }
}

/// Loads one file with a password at hand; also tells how often it was asked for.
fn load_with(
    content: impl AsRef<[u8]>,
    password: Option<&str>,
) -> (Result<Identity, IdentityError>, usize) {
    let folder = Folder::new();
    let mut given = Given::new(password);
    let result = load(
        &alone(folder.write("client", content)),
        SystemTime::now(),
        &mut given,
    );
    (result, given.asked.len())
}

fn loaded(content: impl AsRef<[u8]>) -> Identity {
    load_with(content, Some(PASSWORD))
        .0
        .unwrap_or_else(|error| panic!("{error}"))
}

/// The common names of leaf and intermediates, in the order they are sent.
fn sent(identity: &Identity) -> Vec<String> {
    std::iter::once(&identity.leaf)
        .chain(&identity.intermediates)
        .map(|certificate| {
            name(certificate.subject_name())
                .rsplit_once("CN=")
                .unwrap()
                .1
                .to_owned()
        })
        .collect()
}

const LEAF: &str = "integration.example.test";
const ISSUING: &str = "Lab Issuing CA";
const POLICY: &str = "Lab Policy CA";

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
    let error = load(source, SystemTime::now(), &mut given).expect_err("must be refused");
    Refused {
        id: error.id(),
        line: error.line,
        text: folder.relative(&error.to_string()),
        hint: hint(&error).map(|hint| folder.relative(&hint)),
        asked: given.asked.len(),
    }
}

/// What to do about it, on one line.
fn hint(error: &IdentityError) -> Option<String> {
    let remedy = error.remedy();
    match (remedy.advice, remedy.command) {
        (Some(advice), Some(command)) => Some(format!("{advice}: {command}")),
        (advice, command) => command.or(advice.map(str::to_owned)),
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
