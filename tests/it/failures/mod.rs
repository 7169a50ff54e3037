//! Each way to fail, as a person reads it and as a script gets it.
//!
//! The modules are one table, split by theme. A [`case`](table::case) names what is wrong, sets the
//! world accordingly, and says what the program answers: its exit status, the stable code, and the
//! exact text on standard error. `--json` carries the same facts, so its exact document follows from
//! those three; `a_document_in_full` shows one.
//!
//! Unless a case says otherwise, the world is an org in good order. For `login` the environment holds
//! the credentials; for every other command it holds none, and a session is in the cache.

mod alerts;
mod answers;
mod bulk;
mod bulk_soql;
pub(crate) mod certificates;
mod connection;
mod faults;
mod identity;
mod keys;
mod login;
mod output;
mod page;
mod proxy;
mod retries;
mod servers;
mod session;
mod table;
mod trust;
mod usage;
mod world;

use table::Case;
use world::World;

/// The whole table, but for what needs a server of another program.
fn all() -> impl Iterator<Item = Case> {
    let themes = [
        alerts::versions(),
        answers::somebody_else(),
        answers::broken_xml(),
        answers::bad_days(),
        bulk::jobs(),
        bulk::results(),
        bulk::usage(),
        bulk_soql::refused(),
        bulk_soql::unsent(),
        bulk_soql::results(),
        connection::no_connection(),
        connection::names(),
        connection::broken(),
        faults::queries(),
        faults::others(),
        identity::files(),
        keys::keys_and_passwords(),
        keys::weak(),
        login::refusals(),
        login::ways(),
        output::rows(),
        output::without_end(),
        output::files(),
        page::shapes(),
        page::identities(),
        page::reasons(),
        page::faults(),
        proxy::proxies(),
        session::files(),
        session::ended(),
        trust::untrusted(),
        trust::ca_files(),
        usage::values(),
    ];
    themes.into_iter().flatten()
}

/// 128 and more belong to signals.
#[test]
fn every_exit_status_of_a_failure_occurs() {
    let mut found: Vec<i32> = all().map(|case| case.exit).collect();
    found.sort_unstable();
    found.dedup();
    assert_eq!(found, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
}

#[test]
fn every_option_and_command_in_a_hint_exists() {
    let world = World::new("login");
    let help = |command| world.run([command, "--help"]).exits(0).stdout;
    let help = ["login", "getuserinfo", "query", "bulk-query"]
        .map(help)
        .concat();
    let mut checked = 0;
    for case in all() {
        let Some((_, hint)) = case.stderr.split_once("  hint: ") else {
            continue;
        };
        let words = hint.split(|c: char| c.is_whitespace() || "():,;=".contains(c));
        let mut before = "";
        for word in words.filter(|word| !word.is_empty()) {
            let option = word.starts_with("--");
            let known = if option {
                [" ", "\n", "["]
                    .iter()
                    .any(|end| help.contains(&format!("{word}{end}")))
            } else if before == "sfmtls" {
                ["login", "query", "bulk-query"].contains(&word)
            } else {
                before = word;
                continue;
            };
            assert!(known, "{word}: {hint}");
            before = word;
            checked += 1;
        }
    }
    assert!(checked > 40, "only {checked}");
}

/// One sentence: no final full stop of ours, no capital, no number of an error that only Rust knows.
#[test]
fn messages_are_in_the_style_of_the_house() {
    for case in all() {
        for line in case.stderr.lines() {
            assert!(!line.contains("os error"), "{line}");
            assert_eq!(line, line.trim_end());
        }
        let Some(message) = case
            .stderr
            .lines()
            .find_map(|line| line.strip_prefix("error: "))
        else {
            panic!("no error: {}", case.stderr)
        };
        // What Salesforce says is Salesforce's.
        if case.exit == 4 || case.code.starts_with(|c: char| c.is_ascii_uppercase()) {
            continue;
        }
        let word = message.split([' ', ':', ',']).next().unwrap_or_default();
        let name = word == "Salesforce" || word == word.to_uppercase();
        let capital = word.starts_with(|c: char| c.is_ascii_uppercase());
        assert!(name || !capital, "{message}");
    }
}
