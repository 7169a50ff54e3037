//! Text formats and secret text; no I/O.

pub mod csv;
pub mod secret;
pub mod xml;
