//! A place to run the program in: an org of its own, a home of its own, an empty environment.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use sfmtls::local_org::{Config, Org, Prefixes, Switches};
use tempfile::TempDir;

const SYSTEM_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// The subcommands, but for `help`.
pub(crate) const COMMANDS: [&str; 9] = [
    "login",
    "logout",
    "getuserinfo",
    "query",
    "bulk-query",
    "check-cert",
    "demo",
    "local-org",
    "completions",
];

/// A PATH on which the program stands before everything else.
pub(crate) fn path_with_program() -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_sfmtls"));
    let folder = program.parent().expect("it is in a folder");
    format!("{}:{SYSTEM_PATH}", folder.display())
}

/// What a finished run left.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// The exit status; 128 + n where signal n ended it.
    pub(crate) status: i32,
}

impl Run {
    /// The run, which must have ended with this status.
    #[track_caller]
    pub(crate) fn exits(self, status: i32) -> Self {
        assert_eq!(
            self.status, status,
            "stdout:\n{}\nstderr:\n{}",
            self.stdout, self.stderr
        );
        self
    }
}

/// An org and an environment to call it from. The org's journal is checked when it goes.
pub(crate) struct Lab {
    pub(crate) org: Org,
    home: TempDir,
    environment: BTreeMap<OsString, OsString>,
    journal_checked: bool,
}

impl Lab {
    /// An org as it is by default.
    pub(crate) fn new() -> Self {
        Self::with(Config::default())
    }

    /// An org with this configuration. What the service is free to vary differs from test to test, but
    /// is the same each time a test runs; a test that depends on it switches it.
    pub(crate) fn with(mut config: Config) -> Self {
        vary(&mut config.switches);
        let org = Org::start(config).expect("the org starts");
        let home = TempDir::new().expect("a temporary directory");
        let mut environment: BTreeMap<OsString, OsString> = org
            .environment()
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        environment.insert("HOME".into(), home.path().into());
        // Not in the org's directory: cached sessions are tested where users have them.
        environment.insert(
            "SFMTLS_SESSION".into(),
            home.path().join("cache/session.json").into(),
        );
        Self {
            org,
            home,
            environment,
            journal_checked: true,
        }
    }

    /// The same, logged in, and without credentials in the environment: a lost session stays lost.
    pub(crate) fn logged_in() -> Self {
        Self::logged_in_with(Config::default())
    }

    pub(crate) fn logged_in_with(config: Config) -> Self {
        let mut lab = Self::with(config);
        lab.run(["login"]).exits(0);
        lab.forget_credentials();
        lab
    }

    /// Takes user, password and token out of the environment.
    pub(crate) fn forget_credentials(&mut self) {
        for name in [
            "SFMTLS_USERNAME",
            "SFMTLS_PASSWORD",
            "SFMTLS_SECURITY_TOKEN",
        ] {
            self.unset(name);
        }
    }

    pub(crate) fn set(&mut self, name: &str, value: impl AsRef<OsStr>) {
        self.environment
            .insert(name.into(), value.as_ref().to_owned());
    }

    pub(crate) fn variable(&self, name: &str) -> Option<&OsStr> {
        self.environment
            .get(OsStr::new(name))
            .map(OsString::as_os_str)
    }

    pub(crate) fn unset(&mut self, name: &str) {
        self.environment.remove(OsStr::new(name));
    }

    /// A path in the home directory.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// The home directory.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Writes a file in the home directory, mode 0600.
    pub(crate) fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let path = self.path(name);
        std::fs::write(&path, text).expect("the home can be written to");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))
            .expect("its file too");
        path
    }

    /// The program with these arguments, in the home directory, ready to start.
    pub(crate) fn command<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
    ) -> Command {
        self.other(env!("CARGO_BIN_EXE_sfmtls"), arguments)
    }

    /// Another program with the same environment, and the system's PATH.
    pub(crate) fn other<A: AsRef<OsStr>>(
        &self,
        program: impl AsRef<OsStr>,
        arguments: impl IntoIterator<Item = A>,
    ) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .env("PATH", SYSTEM_PATH)
            .envs(&self.environment)
            .current_dir(self.home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the program.
    pub(crate) fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Run {
        finish(self.command(arguments).spawn().expect("the program starts"))
    }

    /// Runs the program, which must end well, and gives what it wrote to standard output.
    #[track_caller]
    pub(crate) fn stdout<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> String {
        self.run(arguments).exits(0).stdout
    }

    /// Runs a shell command line with the program in its PATH.
    pub(crate) fn shell(&self, line: &str) -> Run {
        let mut command = self.other("bash", ["-c", line]);
        command.env("PATH", path_with_program());
        finish(command.spawn().expect("bash is installed"))
    }

    /// The calls that the program made so far, without those of other clients, in order.
    pub(crate) fn calls(&self) -> Vec<String> {
        let journal = self.org.journal();
        let ours = journal
            .entries
            .iter()
            .filter(|entry| entry.user_agent.starts_with("sfmtls/"));
        ours.map(|entry| entry.call.clone()).collect()
    }

    /// Runs the program with this on its standard input.
    pub(crate) fn run_with_input<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
        input: &str,
    ) -> Run {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stdin = child.stdin.take().expect("its input is a pipe");
        // It need not read what it has no use for.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        finish(child)
    }

    /// The session cache.
    pub(crate) fn session_file(&self) -> &Path {
        Path::new(&self.environment[OsStr::new("SFMTLS_SESSION")])
    }

    /// For a test that breaks a rule on purpose (calls without the certificate, for example).
    pub(crate) fn without_journal_check(&mut self) {
        self.journal_checked = false;
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        if self.journal_checked
            && !std::thread::panicking()
            && let Err(broken) = self.org.journal().check()
        {
            panic!("the org's journal: {broken}");
        }
    }
}

/// Takes what the name of the running test decides; what a test has switched off stays off.
fn vary(switches: &mut Switches) {
    let thread = std::thread::current();
    let name = thread.name().unwrap_or_default();
    let chance = name
        .bytes()
        .fold(0_u8, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte));
    switches.gzip &= chance & 8 == 0;
    if chance & 16 == 0 {
        switches.prefixes = Prefixes::Exchanged;
    }
}

/// Waits for a process and takes what it said.
pub(crate) fn finish(child: Child) -> Run {
    use std::os::unix::process::ExitStatusExt;
    let output = child.wait_with_output().expect("the program ends");
    let text = |bytes| String::from_utf8(bytes).expect("the program says UTF-8");
    Run {
        stdout: text(output.stdout),
        stderr: text(output.stderr),
        status: output
            .status
            .code()
            .or_else(|| output.status.signal().map(|signal| 128 + signal))
            .expect("it ended"),
    }
}
