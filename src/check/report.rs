//! The report: for a person, for a program, for a monitor.

mod json;

pub use json::json;
