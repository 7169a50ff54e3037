//! One run of the program under attack: watched for memory, time and secrets.

use std::ffi::OsStr;

use tempfile::NamedTempFile;

use crate::failures::certificates::certificates;
use crate::lab::{Lab, Run, finish};

/// No attack of these tests takes seconds; a process that still runs then hangs.
const DEADLINE: &str = "60";

/// The most that a call with a small answer may take: twice the program in debug with a connection.
pub(super) const SMALL: u64 = 64 * MIB;
pub(super) const MIB: u64 = 1024 * 1024;

/// A home with a session, whose calls go to a server that means harm.
pub(super) struct Victim {
    lab: Lab,
    secrets: Vec<String>,
}

/// What a watched run left, and the most memory that it held.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) run: Run,
    peak: u64,
}

impl Victim {
    /// Logged in at an org in good order, which it then goes on calling.
    pub(super) fn new() -> Self {
        let lab = Lab::logged_in();
        let cache = std::fs::read_to_string(lab.session_file()).unwrap();
        let cache: serde_json::Value = serde_json::from_str(&cache).unwrap();
        let session = cache["session_id"].as_str().unwrap();
        let user = lab.org.user();
        let secrets = [session, &user.password, &user.security_token];
        Self {
            secrets: secrets.map(str::to_owned).into(),
            lab,
        }
    }

    /// The same; API calls go to the server at this port.
    pub(super) fn of(port: u16) -> Self {
        let mut victim = Self::new();
        victim.trusts_the_attacker();
        victim.lab.set("SFMTLS_MTLS_PORT", port.to_string());
        victim
    }

    /// The same; logins go to the server at this port, with credentials at hand.
    pub(super) fn logging_in_at(port: u16) -> Self {
        let mut victim = Self::new();
        victim.trusts_the_attacker();
        let user = victim.lab.org.user().clone();
        victim.lab.set("SFMTLS_USERNAME", user.username);
        victim.lab.set("SFMTLS_PASSWORD", user.password);
        victim.lab.set("SFMTLS_SECURITY_TOKEN", user.security_token);
        let url = format!("https://localhost:{port}");
        victim.lab.set("SFMTLS_LOGIN_URL", url);
        victim
    }

    fn trusts_the_attacker(&mut self) {
        let ca = self.lab.file("attacker.pem", certificates().ca.pem());
        self.lab.set("SFMTLS_CACERT", ca);
    }

    pub(super) fn lab(&mut self) -> &mut Lab {
        &mut self.lab
    }

    /// Runs the program, which must end with this status; nothing it says holds a secret, however
    /// talkative it is.
    #[track_caller]
    pub(super) fn run<A: AsRef<OsStr>>(&self, arguments: &[A], status: i32) -> Watched {
        let plain: Vec<&OsStr> = arguments.iter().map(AsRef::as_ref).collect();
        let mut talkative = plain.clone();
        talkative.push("-vv".as_ref());
        self.watch(&talkative, status);
        self.watch(&plain, status)
    }

    /// The same, once.
    #[track_caller]
    pub(super) fn watch<A: AsRef<OsStr>>(&self, arguments: &[A], status: i32) -> Watched {
        let report = NamedTempFile::new().unwrap();
        let mut command = self.lab.other("/usr/bin/time", ["-q", "-f", "%M", "-o"]);
        command
            .arg(report.path())
            .args(["timeout", "-s", "KILL", DEADLINE])
            .arg(env!("CARGO_BIN_EXE_sfmtls"))
            .args(arguments);
        let run = finish(command.spawn().expect("GNU time is installed"));
        let words: Vec<&OsStr> = arguments.iter().map(AsRef::as_ref).collect();
        for secret in &self.secrets {
            for text in [&run.stdout, &run.stderr] {
                assert!(!text.contains(secret.as_str()), "{words:?} tells a secret");
            }
        }
        let kibibytes = std::fs::read_to_string(report.path()).unwrap();
        let kibibytes: u64 = kibibytes.trim().parse().expect("GNU time prints a number");
        assert_eq!(
            run.status,
            status,
            "{words:?}, of {} KiB at most, said: {}",
            kibibytes,
            beginning(&run.stderr)
        );
        let peak = kibibytes * 1024;
        Watched { run, peak }
    }
}

impl Watched {
    /// Standard error holds this.
    #[track_caller]
    pub(super) fn says(self, text: &str) -> Self {
        let said = &self.run.stderr;
        assert!(said.contains(text), "no {text:?} in: {}", beginning(said));
        self
    }

    /// It took no more memory than this.
    #[track_caller]
    pub(super) fn within(self, bytes: u64) -> Self {
        assert!(
            self.peak <= bytes,
            "{} KiB are more than {} KiB",
            self.peak / 1024,
            bytes / 1024
        );
        self
    }

    /// What it said can be read: some lines, none of them endless.
    #[track_caller]
    pub(super) fn briefly(self) -> Self {
        let length = self.run.stderr.len();
        assert!(length < 64 * 1024, "{length} bytes were said");
        self
    }
}

/// As much of a text as helps in a report.
fn beginning(text: &str) -> &str {
    let end = text.floor_char_boundary(2000);
    &text[..end]
}
