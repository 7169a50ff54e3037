//! The program from outside: real processes, a real server over real TLS, other programs as judges.

mod failures;
mod floors;
mod lab;
