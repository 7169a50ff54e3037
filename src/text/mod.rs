//! Text formats, secret text, and the words that messages and commands are made of; no I/O.

pub mod csv;
pub mod secret;
pub mod shell;
pub mod words;
pub mod xml;
