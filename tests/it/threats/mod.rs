//! Servers and files that mean harm: each attack is a real process against a server over real TLS, or
//! a file in the place of a good one.
//!
//! Whatever comes, the program ends by itself, with a clear text and the right exit status, within a
//! bound of memory, and neither the session ID nor a password is in anything that it says. Memory is
//! GNU time's figure, and `timeout` ends a process that hangs: both are found on Linux.

mod bulk;
mod echoes;
mod files;
mod heads;
mod servers;
mod terminal;
mod tls;
mod watch;
mod xml;
