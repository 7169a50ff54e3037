//! The program from outside: real processes, a real server over real TLS, other programs as judges.

mod bulk;
mod floors;
mod lab;
