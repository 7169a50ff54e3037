//! The program from outside: real processes, a real server over real TLS, other programs as judges
//! (the shells, curl, man, openssl, python3, xmllint).

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed, in its helpers too"
)]

mod bulk;
mod bulk_floor;
mod cache;
mod check;
mod completions;
mod failures;
mod floors;
mod formats;
mod getuserinfo;
mod judges;
mod lab;
mod local_org;
mod login;
mod options;
mod output;
mod query;
mod secrets;
mod streams;
mod way;
