//! The program from outside: real processes, a real server over real TLS, other programs as judges
//! (the shells, curl, jq, man, nginx, openssl, python3, sqlite3, tmux, xmllint).

// The judges are programs of Unix.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed, in its helpers too"
)]

mod bulk;
mod bulk_floor;
mod cache;
mod check;
mod completions;
mod creates;
mod failures;
mod floors;
mod formats;
mod getuserinfo;
mod help;
mod inputs;
mod judges;
mod lab;
mod local_org;
mod login;
mod oauth;
mod options;
mod output;
mod panics;
mod query;
mod readme;
mod secrets;
mod sessions;
mod signals;
mod streams;
mod terminal;
#[cfg(target_os = "linux")]
mod threats;
mod way;
