//! The program as `main` runs it, in this process: what it leaves behind adds up here.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use sfmtls::local_org::{Call, Org};
use sfmtls::world::{Terminals, World};

use super::chance::{Chance, Trouble};
use super::{ROWS, Tally};

const QUERY: [&str; 6] = [
    "query",
    "SELECT Id, Description, Account.Name FROM Contact",
    "--batch-size",
    "200",
    "-r",
    "ndjson",
];
const GET_USER_INFO: [&str; 3] = ["getuserinfo", "-r", "csv"];

/// What the two commands write where nothing goes wrong. Their session is in the cache from then on.
pub(super) struct Program<'a> {
    org: &'a Org,
    rows: String,
    info: String,
}

impl<'a> Program<'a> {
    /// Runs both, which takes one login.
    pub(super) fn new(org: &'a Org) -> Self {
        let whole = |arguments: &[&str]| {
            let run = run(org, arguments);
            assert_eq!(run.status, 0, "{}", run.stderr);
            run.stdout
        };
        let (rows, info) = (whole(&QUERY), whole(&GET_USER_INFO));
        assert_eq!(rows.lines().count() as u64, ROWS);
        assert!(info.contains(&org.user().id));
        Self { org, rows, info }
    }

    /// Runs one of them with this trouble.
    pub(super) fn run(&self, trouble: &Trouble, chance: &mut Chance, tally: &mut Tally) {
        let (arguments, expected, call): (&[&str], _, _) = match chance.below(3) {
            0 => (&GET_USER_INFO, &self.info, Call::GetUserInfo),
            1 => (&QUERY, &self.rows, Call::Query),
            _ => (&QUERY, &self.rows, Call::QueryMore),
        };
        trouble.plan(self.org, call, chance);
        let run = run(self.org, arguments);
        match run.status {
            0 => assert_eq!(run.stdout, *expected, "{trouble:?}"),
            _ => assert!(expected.starts_with(&run.stdout), "{trouble:?}"),
        }
        assert!(!run.stderr.contains('!'), "a session ID? {}", run.stderr);
        let name = format!("program, {}", arguments[0]);
        tally.count(&name, trouble, (run.status != 0).then_some(run.status));
    }
}

struct Run {
    status: i32,
    stdout: String,
    stderr: String,
}

fn run(org: &Org, arguments: &[&str]) -> Run {
    let (stdout, stderr) = (Captured::default(), Captured::default());
    let status = sfmtls::run(World {
        arguments: [&["sfmtls"], arguments]
            .concat()
            .iter()
            .map(Into::into)
            .collect(),
        environment: org.environment().into_iter().collect(),
        stdin: Box::new(io::empty()),
        stdout: Box::new(stdout.clone()),
        stderr: Box::new(stderr.clone()),
        terminals: Terminals {
            stdout_is_piped: false,
            stdin: false,
            stdout: false,
            stderr: false,
            width: || None,
        },
        prompt: |_| Err(io::ErrorKind::Unsupported.into()),
        now: SystemTime::now,
    });
    Run {
        status: status.into(),
        stdout: stdout.text(),
        stderr: stderr.text(),
    }
}

/// A stream whose content is looked at afterwards.
#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    fn text(&self) -> String {
        String::from_utf8(std::mem::take(&mut self.0.lock().unwrap())).unwrap()
    }
}

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
