//! `sfmtls demo`: the whole walkthrough on this machine, each command printed with its output.
//!
//! The commands are run as they are printed, by this very program in processes of its own. The two
//! failure modes are called by a plain client of the imitation org's, beside the curl line that
//! does the same, because this program refuses to make either call.

use std::fmt::Display;
use std::io::{self, Read};
use std::process::{Child, Command};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use super::local_org::set_variables;
use crate::context::Context;
use crate::error::UsageError;
use crate::local_org::plain::{self, Plain};
use crate::local_org::{Config, Org};
use crate::signals;

/// The walkthrough's query and its five rows.
const QUERY: &str = "SELECT Id, FirstName, LastName, Account.Name FROM Contact \
                     WHERE AccountId != NULL ORDER BY CreatedDate DESC LIMIT 5";
const NEWEST: [&str; 5] = [
    "Rose Gonzalez Edge Communications",
    "Sean Forbes Edge Communications",
    "Jack Rogers Burlington Textiles Corp of America",
    "Pat Stumuller Pyramid Construction Inc.",
    "Andy Young Dickenson plc",
];

/// What comes after the demonstration.
const NEXT: &str = "For your own org, set three values and run the same commands:\n\
    \n  export SFMTLS_CERT=client.pem                              # key, certificate, intermediates\
    \n  export SFMTLS_LOGIN_URL=https://NAME.my.salesforce.com\
    \n  export SFMTLS_USERNAME=integration@example.com";

/// The command that is running; whoever holds the lock decides whether another starts.
type Running = Arc<Mutex<Option<Child>>>;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Demo<'a> {
    context: &'a Context,
    org: Org,
    running: Running,
    steps: u8,
    failed: u8,
}

/// Runs the walkthrough; status 0 only if each step did what it should.
///
/// # Errors
/// When the org or a command cannot be started, or standard output cannot be written to.
pub fn run(context: &Context) -> Result<u8> {
    if context.ui.json() {
        return Err(UsageError::no_json("demo").into());
    }
    // The directory holds keys, so it has to go also when a signal ends us: whoever holds the lock
    // decides whether there is one.
    let directory = Arc::new(Mutex::new(None));
    let running = Running::default();
    let (of_signal, child) = (Arc::clone(&directory), Arc::clone(&running));
    let _signals = signals::clean_up_first(move |_| {
        let mut child = lock(&child);
        // A command that goes on would write its session beside the keys.
        if let Some(child) = child.as_mut() {
            let _ = child.kill().and_then(|()| child.wait());
        }
        let directory = lock(&of_signal);
        if let Some(path) = directory.as_ref().map(TempDir::path) {
            // What cannot be removed stays with the system's other temporary files.
            let _ = std::fs::remove_dir_all(path);
        }
        // Neither a directory nor a command comes after this.
        std::mem::forget((child, directory));
    })?;
    let org = {
        // Held until the org has written its files: none may come after they were removed.
        let mut directory = lock(&directory);
        let made = tempfile::Builder::new().prefix("sfmtls-demo-").tempdir()?;
        let made = directory.insert(made);
        Org::start(Config {
            // Made by the org, for its owner alone.
            dir: Some(made.path().join("org")),
            ..Config::default()
        })
        .context("cannot start the imitation org")?
    };
    Demo {
        context,
        org,
        running,
        steps: 0,
        failed: 0,
    }
    .walk()
}

impl Demo<'_> {
    fn walk(mut self) -> Result<u8> {
        self.say("An imitation org runs on this machine. Log in on its port without mutual TLS:")?;
        self.sfmtls(&["login"], 0, |out| {
            out.contains("Logged in as integration@acme.test")
        })?;

        self.say("Who am I? The same session, on the mutual-TLS port, with the certificate:")?;
        self.sfmtls(&["getuserinfo", "-r", "human"], 0, |out| {
            out.contains("userName")
        })?;

        self.say("The five newest contacts:")?;
        self.sfmtls(&["query", "-r", "human", QUERY], 0, has_the_newest)?;

        self.say("The same five by the Bulk API: a job, which is polled until it is done:")?;
        let bulk = ["bulk-query", "-r", "human", QUERY];
        self.sfmtls(&bulk, 0, |out| {
            told_as_in_the_walkthrough(out) && has_the_newest(out)
        })?;

        self.say("What goes wrong without the certificate: an HTML page, with HTTP status 200.")?;
        self.plain(self.org.mutual_port(), |answer| {
            answer.status == 200 && answer.body.contains("No client certificate provided.")
        })?;

        self.say("And with the session on the port without mutual TLS: a fault.")?;
        self.plain(self.org.login_port(), |answer| {
            answer.status == 500 && answer.body.contains("MUTUAL_AUTHENTICATION_FAILED")
        })?;

        self.say("The same trouble as a call tells it: the intermediate is missing in this file.")?;
        let leaf_only = self.org.files().leaf_only.to_string_lossy().into_owned();
        self.sfmtls(&["getuserinfo", "-E", &leaf_only], 8, |out| {
            out.contains("unable to get local issuer certificate") && out.contains("check-cert")
        })?;

        self.say("And what is wrong with that file, with the command that mends it:")?;
        self.sfmtls(&["check-cert", &leaf_only], 8, |out| {
            out.starts_with("FAIL:") && out.contains("error[intermediate-missing]")
        })?;

        self.say("The good one, by the same check:")?;
        self.sfmtls(&["check-cert"], 0, |out| out.starts_with("OK:"))?;
        self.finish()
    }

    fn say(&self, text: &str) -> io::Result<()> {
        self.print(format_args!("\n# {text}"))
    }

    fn print(&self, text: impl Display) -> io::Result<()> {
        self.context.ui.print(text)
    }

    /// Runs this program with the org's variables and prints what it says on both streams, each
    /// line where it came.
    fn sfmtls(
        &mut self,
        arguments: &[&str],
        exit: i32,
        right: impl Fn(&str) -> bool,
    ) -> Result<()> {
        let shown: Vec<String> = arguments.iter().map(|argument| shown(argument)).collect();
        self.print(format_args!("$ sfmtls {}", shown.join(" ")))?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(arguments);
        set_variables(&mut command, self.context, &self.org);
        let (mut said, stream) = io::pipe()?;
        command.stdout(stream.try_clone()?).stderr(stream);
        {
            let mut running = lock(&self.running);
            *running = Some(command.spawn().context("cannot run this program again")?);
        }
        // It holds the other end of the pipe, which ends when the child does.
        drop(command);
        let mut text = Vec::new();
        said.read_to_end(&mut text)?;
        let text = String::from_utf8_lossy(&text);
        self.print(text.trim_end())?;
        let code = match lock(&self.running).take() {
            Some(mut child) => child.wait()?.code(),
            None => None,
        };
        self.expect(code == Some(exit) && right(&text));
        Ok(())
    }

    /// Calls getUserInfo with a session but without the certificate, as the curl line does.
    fn plain(&mut self, port: u16, right: impl Fn(&Plain) -> bool) -> Result<()> {
        self.print(format_args!(
            "$ curl -s --cacert {} -H 'Content-Type: text/xml; charset=UTF-8' -H 'SOAPAction: example' \
             -d @getuserinfo.xml https://localhost:{port}/services/Soap/u/64.0",
            self.org.files().ca.display()
        ))?;
        let session = self.org.session(0, "localhost");
        let answer = plain::get_user_info(&self.org, port, &session)
            .context("the imitation org did not answer")?;
        self.print(&answer.body)?;
        self.expect(right(&answer));
        Ok(())
    }

    /// Counts a step.
    fn expect(&mut self, right: bool) {
        self.steps += 1;
        if !right {
            self.failed += 1;
            self.context.ui.warning("this is not the expected answer");
        }
    }

    fn finish(self) -> Result<u8> {
        let Self { steps, failed, .. } = self;
        if failed > 0 {
            self.print(format_args!(
                "\n{failed} of {steps} steps did not do what they should"
            ))?;
            return Ok(1);
        }
        self.print(format_args!(
            "\nAll {steps} steps did what they should. {NEXT}"
        ))?;
        Ok(0)
    }
}

/// Whether the job and its states were told in the walkthrough's words.
fn told_as_in_the_walkthrough(text: &str) -> bool {
    let mut lines = text.lines();
    lines.any(|line| line.starts_with("Created job: 750"))
        && lines.any(|line| line == "Batch state is: Queued")
        && lines.any(|line| line == "Batch state is: InProgress")
        && lines.any(|line| line == "Batch state is: Completed")
}

/// Whether the table has the five rows, in their order.
fn has_the_newest(table: &str) -> bool {
    let rows: Vec<String> = table
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let found = rows
        .iter()
        .filter_map(|row| NEWEST.iter().position(|name| row.ends_with(name)));
    found.eq(0..NEWEST.len())
}

/// An argument as a person would type it.
fn shown(argument: &str) -> String {
    if argument.contains(' ') {
        format!("\"{argument}\"")
    } else {
        argument.to_owned()
    }
}
