//! What surrounds one case: an org, a home, an environment, other servers.

use std::any::Any;
use std::path::Path;
use std::time::SystemTime;

use sfmtls::local_org::{Call, Config, Mishap, Org, Prefixes, Switches, When};
use sfmtls::salesforce::cache;
use sfmtls::salesforce::endpoint::{ApiVersion, ServerUrl};
use sfmtls::salesforce::session::{Origin, Session};
use sfmtls::text::secret::Secret;

use super::certificates::certificates;
use crate::lab::{Lab, Run};

/// Contacts in the org: more than one page of the smallest size.
const ROWS: u64 = 250;

/// A [`Lab`] with names for what differs from run to run: `[HOME]`, `[ORG]` (the directory of its
/// certificates), `[LOGIN]` and `[PORT]` (its two ports), `[SERVER]` (the port of another server),
/// `[JOB]`, `[BATCH]` and `[RESULT]` (IDs of the bulk APIs).
pub(super) struct World {
    lab: Lab,
    names: Vec<(String, &'static str)>,
    secrets: Vec<String>,
    servers: Vec<Box<dyn Any>>,
}

impl World {
    /// An org in good order, for this command.
    pub(super) fn new(command: &str) -> Self {
        let mut lab = Lab::with(Config {
            rows: ROWS,
            ..Config::default()
        });
        let org = &lab.org;
        // Some texts tell how many bytes came.
        org.switch(|switches| {
            switches.gzip = true;
            switches.prefixes = Prefixes::AsCaptured;
        });
        let path = |path: &Path| path.display().to_string();
        let names = vec![
            (path(lab.home()), "[HOME]"),
            (path(&org.files().dir), "[ORG]"),
            (org.login_port().to_string(), "[LOGIN]"),
            (org.mutual_port().to_string(), "[PORT]"),
        ];
        let secrets = [
            "p&ss<word>",
            "p&amp;ss&lt;word",
            "XZtoken",
            "00D36000000YUbz!",
            "local org key",
        ];
        if command != "login" {
            save_session(&lab, "localhost");
            lab.forget_credentials();
        }
        Self {
            lab,
            names,
            secrets: secrets.map(str::to_owned).into(),
            servers: Vec::new(),
        }
    }

    pub(super) fn org(&self) -> &Org {
        &self.lab.org
    }

    pub(super) fn lab(&mut self) -> &mut Lab {
        &mut self.lab
    }

    /// Changes standing behaviour of the org.
    pub(super) fn switch(&self, change: impl FnOnce(&mut Switches)) {
        self.lab.org.switch(change);
    }

    /// Every call of this kind goes wrong in this way.
    pub(super) fn always(&self, call: Call, mishap: Mishap) {
        self.lab.org.plan(call, When::Always, mishap);
    }

    /// Calls go out with this identity: one that the org made, or a file of the home directory. The
    /// org's rule that all calls carry *the* certificate is off then.
    pub(super) fn identity(&mut self, file: impl AsRef<Path>) {
        self.lab.set("SFMTLS_CERT", file.as_ref());
        self.lab.without_journal_check();
    }

    /// A variable of the environment, placeholders put in.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        let value = self.lab.variable(name)?;
        Some(self.with_placeholders(&value.to_string_lossy()))
    }

    /// A file of the home directory, made of the identity fixtures of these names.
    pub(super) fn fixtures(&mut self, name: &str, fixtures: &[&str]) {
        let content: Vec<u8> = fixtures.iter().flat_map(|name| fixture(name)).collect();
        self.lab.file(name, content);
    }

    /// The session in the cache is of this host.
    pub(super) fn session_of(&mut self, host: &str) {
        save_session(&self.lab, host);
    }

    /// Another server runs as long as this world; its port is `[SERVER]`.
    pub(super) fn server(&mut self, port: u16, server: impl Any) {
        self.names.push((port.to_string(), "[SERVER]"));
        self.servers.push(Box::new(server));
    }

    /// The servers of [`certificates`](super::certificates) are trusted, the org is not.
    pub(super) fn trusts_the_other_ca(&mut self) {
        let ca = self.lab.file("other-ca.pem", certificates().ca.pem());
        self.lab.set("SFMTLS_CACERT", ca);
    }

    /// API calls go to this server.
    pub(super) fn api_at(&mut self, port: u16, server: impl Any) {
        self.lab.set("SFMTLS_MTLS_PORT", port.to_string());
        self.server(port, server);
    }

    /// Logins go to this server.
    pub(super) fn login_at(&mut self, port: u16, server: impl Any) {
        self.lab
            .set("SFMTLS_LOGIN_URL", format!("https://localhost:{port}"));
        self.server(port, server);
    }

    /// Something else that must never show.
    pub(super) fn secret(&mut self, secret: &str) {
        self.secrets.push(secret.to_owned());
    }

    pub(super) fn secrets(&self) -> &[String] {
        &self.secrets
    }

    /// Runs the program, placeholders being expanded in its arguments and put into what it says.
    pub(super) fn run<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Run {
        let expanded = arguments.into_iter().map(|argument| {
            let names = self.names.iter();
            names.fold(argument.to_owned(), |text, (value, name)| {
                text.replace(name, value)
            })
        });
        let run = self.lab.run(expanded);
        Run {
            stdout: self.with_placeholders(&run.stdout),
            stderr: self.with_placeholders(&run.stderr),
            ..run
        }
    }

    fn with_placeholders(&self, said: &str) -> String {
        let mut text = without_dates(&without_resolvers_words(said));
        for (value, name) in &self.names {
            text = replace_whole(&text, value, name);
        }
        for (prefix, name) in [("750", "[JOB]"), ("751", "[BATCH]"), ("752", "[RESULT]")] {
            text = replace_ids(&text, prefix, name);
        }
        text
    }
}

/// Certificates are minted anew for each run: a day is `[DATE]`.
fn without_dates(said: &str) -> String {
    let is_date = |text: &str| {
        let mask = text
            .bytes()
            .map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
        mask.eq(*b"0000-00-00")
    };
    let mut text = String::new();
    let mut rest = said;
    while let Some(next) = rest.chars().next() {
        let taken = match rest.get(..10).filter(|piece| is_date(piece)) {
            Some(date) => {
                text.push_str("[DATE]");
                date.len()
            }
            None => {
                text.push(next);
                next.len_utf8()
            }
        };
        rest = &rest[taken..];
    }
    text
}

/// What the system says of a name that does not exist depends on the system.
fn without_resolvers_words(said: &str) -> String {
    const BEFORE: &str = "cannot resolve proxy.invalid: ";
    let Some((before, after)) = said.split_once(BEFORE) else {
        return said.to_owned();
    };
    let end = after.find(['\n', '"']).unwrap_or(after.len());
    format!("{before}{BEFORE}[RESOLVER]{}", &after[end..])
}

/// Replaces `value` where no digit stands beside it: a port may be a part of another number.
fn replace_whole(text: &str, value: &str, name: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(value) {
        let (before, after) = (&rest[..at], &rest[at + value.len()..]);
        let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        let part = digit(before.chars().last()) || digit(after.chars().next());
        result.push_str(before);
        result.push_str(if part { value } else { name });
        rest = after;
    }
    result + rest
}

/// Replaces the IDs of 18 characters that begin so: each job has others.
fn replace_ids(text: &str, prefix: &str, name: &str) -> String {
    let is_id = |word: &str| word.len() == 18 && word.starts_with(prefix);
    let mut result = String::new();
    let mut word = String::new();
    for character in text.chars().chain(['\0']) {
        if character.is_ascii_alphanumeric() {
            word.push(character);
            continue;
        }
        result.push_str(if is_id(&word) { name } else { &word });
        word.clear();
        result.push(character);
    }
    result.pop();
    result
}

fn save_session(lab: &Lab, host: &str) {
    let id = lab.org.session(0, host);
    let url = format!("https://{host}/services/Soap/u/64.0/00D36000000YUbz");
    let session = Session {
        id: Secret::new(id),
        server_url: ServerUrl::parse(&url).expect("a server URL"),
        username: Some(lab.org.user().username.clone()),
        user_id: Some(lab.org.user().id.clone()),
        organization_id: None,
        api_version: ApiVersion::DEFAULT,
        origin: Origin::SoapLogin {
            login_url: "https://localhost".to_owned(),
        },
        obtained_at: SystemTime::now(),
        idle: None,
    };
    cache::store(lab.session_file(), &session).expect("the cache can be written");
}

/// One of the identity fixtures.
pub(super) fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/identity");
    std::fs::read(folder.join(name)).expect("a fixture")
}
