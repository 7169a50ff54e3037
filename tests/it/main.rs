//! The program from outside: real processes, a real server over real TLS, other programs as judges.

mod cache;
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
