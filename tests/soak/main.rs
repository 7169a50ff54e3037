//! A long run with random mishaps: every result whole or a correct exit status, no login beyond what is
//! due, memory and file descriptors flat.
//!
//! One process makes all calls, through the library and, whole commands, by the program's
//! [`sfmtls::run`], so that what a call leaves behind adds up. The imitation org is in the same process,
//! and made to forget what it would keep: its journal and query locators. A run of seconds is part of
//! `cargo test`; the full size takes minutes:
//!
//! ```text
//! SFMTLS_SOAK=10000 cargo test --test soak -- --nocapture
//! ```
//!
//! The number is that of getUserInfo calls, ten at least; one query of three pages and one command of the
//! program go with twenty of them. `SFMTLS_SOAK_SEED` repeats a run by its printed seed.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed, in its helpers too"
)]

mod chance;
mod client;
mod connections;
mod program;

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chance::{Chance, Trouble};
use client::Caller;
use program::Program;
use sfmtls::local_org::{Call, Config, Org};

/// Calls of a run that is part of every `cargo test`.
const SMALL_RUN: u64 = 300;
const QUERY_EVERY: u64 = 20;

/// What may be added between the first tenth and the end: a leak of half a KiB at every call of the full
/// run is more. That run adds less than one MiB; a small one, whose first tenth has not yet met
/// everything, up to two and a half. That the connections leave nothing at all shows in [`connections`].
const GROWTH_KIB: u64 = 4 * 1024;

/// Contacts: three pages of the smallest size.
const ROWS: u64 = 450;

#[expect(
    clippy::disallowed_methods,
    reason = "how much is tried is the caller's choice"
)]
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

/// How many calls are made.
fn calls() -> u64 {
    number("SFMTLS_SOAK").unwrap_or(SMALL_RUN).max(10)
}

/// Memory and files are the process's: one test at a time.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn results_are_whole_or_exit_statuses_right_and_nothing_adds_up() {
    let _alone = alone();
    let calls = calls();
    let seed = number("SFMTLS_SOAK_SEED").unwrap_or_else(chance::seed_of_now);
    // The test harness keeps this for a run that fails.
    say(format_args!("SFMTLS_SOAK={calls} SFMTLS_SOAK_SEED={seed}"));

    let org = Org::start(Config {
        rows: ROWS,
        ..Config::default()
    })
    .unwrap();
    let mut soak = Soak::new(&org, seed);
    let mut tenths = Vec::new();
    for number in 1..=calls {
        soak.get_user_info();
        if number % QUERY_EVERY == 0 {
            soak.query();
            soak.run();
            org.end_queries();
        }
        soak.seen.add(&org);
        if number % (calls / 10) == 0 {
            let held = soak.caller.at_rest();
            say(format_args!("after {number} calls: {held}"));
            tenths.push(held);
        }
    }
    let Soak { tally, seen, .. } = soak;
    say(format_args!("{tally}\n{seen}"));
    assert_eq!(seen.logins, tally.logins, "one for each session that ended");
    let [tenth, .., end] = &tenths[..] else {
        unreachable!("ten calls at least");
    };
    assert_eq!(end.files, tenth.files, "files: {tenth}, {end}");
    let allowed = tenth.kibibytes + GROWTH_KIB;
    assert!(end.kibibytes <= allowed, "memory: {tenth}, {end}");
}

/// All that goes on with one org.
struct Soak<'a> {
    org: &'a Org,
    chance: Chance,
    caller: Caller,
    program: Program<'a>,
    /// The result of the query.
    rows: Vec<String>,
    tally: Tally,
    seen: Seen,
}

impl<'a> Soak<'a> {
    /// Logs in twice: the library's caller, and the program.
    fn new(org: &'a Org, seed: u64) -> Self {
        let mut caller = Caller::new(org);
        let rows = caller.query().unwrap();
        assert_eq!(rows.len() as u64, ROWS);
        Self {
            org,
            chance: Chance::new(seed),
            caller,
            program: Program::new(org),
            rows,
            tally: Tally {
                logins: 2,
                ..Tally::default()
            },
            seen: Seen::default(),
        }
    }

    fn get_user_info(&mut self) {
        let trouble = self.chance.trouble();
        trouble.plan(self.org, Call::GetUserInfo, &mut self.chance);
        let outcome = self.caller.get_user_info();
        self.tally.count("getuserinfo", &trouble, outcome.err());
        self.after(&trouble);
    }

    /// One query of three pages.
    fn query(&mut self) {
        let trouble = self.chance.trouble();
        let call = self.chance.one(&[Call::Query, Call::QueryMore]);
        trouble.plan(self.org, call, &mut self.chance);
        let outcome = self.caller.query();
        if let Ok(found) = &outcome {
            assert!(*found == self.rows, "{trouble:?}: other rows");
        }
        self.tally.count("query", &trouble, outcome.err());
        self.after(&trouble);
    }

    /// One command of the program.
    fn run(&mut self) {
        let trouble = self.chance.trouble_without_waits();
        self.program
            .run(&trouble, &mut self.chance, &mut self.tally);
    }

    fn after(&mut self, trouble: &Trouble) {
        if trouble.closes_later() {
            // It may be sent into the closing connection, which costs a try: none that is counted on.
            self.caller.get_user_info().unwrap();
        }
    }
}

/// What the org saw, piece by piece: its journal is no part of what is measured.
#[derive(Default)]
struct Seen {
    requests: u64,
    logins: u64,
    /// The connection with the highest number.
    connections: u64,
}

impl Seen {
    /// Takes the org's journal, and checks it.
    fn add(&mut self, org: &Org) {
        let journal = org.take_journal();
        journal.check().unwrap();
        for entry in journal.entries {
            self.requests += 1;
            self.logins += u64::from(entry.call == "login");
            self.connections = self.connections.max(entry.connection);
        }
    }
}

impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            requests,
            logins,
            connections,
        } = self;
        write!(
            f,
            "{logins} logins, {requests} requests, {connections} connections"
        )
    }
}

/// Shown with `--nocapture`, or where the run fails.
#[expect(clippy::print_stdout, reason = "a report for whoever runs it")]
fn say(text: std::fmt::Arguments<'_>) {
    println!("{text}");
}

/// What came of the calls, by kind, mishap and exit status.
#[derive(Default)]
struct Tally {
    counts: BTreeMap<(String, i32), u64>,
    logins: u64,
}

impl Tally {
    /// Counts an outcome: `status` is that of an error, `None` a whole result.
    #[track_caller]
    fn count(&mut self, call: &str, trouble: &Trouble, status: Option<i32>) {
        let status = status.unwrap_or(0);
        assert_eq!(status, trouble.status(), "{call} with {trouble:?}");
        self.logins += trouble.logins();
        let key = (format!("{call}: {}", trouble.name()), status);
        *self.counts.entry(key).or_default() += 1;
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for ((what, status), count) in &self.counts {
            writeln!(f, "{count:6}  exit {status}  {what}")?;
        }
        write!(f, "{} logins are due", self.logins)
    }
}

/// Memory and open files of this process.
struct Held {
    kibibytes: u64,
    files: usize,
}

impl Held {
    fn now() -> Self {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kibibytes = resident.unwrap().trim().trim_end_matches(" kB");
        Self {
            kibibytes: kibibytes.parse().unwrap(),
            files: fs::read_dir("/proc/self/fd").unwrap().count(),
        }
    }
}

impl std::fmt::Display for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} KiB, {} open files", self.kibibytes, self.files)
    }
}
