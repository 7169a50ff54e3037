//! Any failure in words: message, causes, hint, code, exit status. The only file (with its two
//! parts below) that gives advice.
//!
//! Errors on the floors below hold facts and no advice. A foreign error reaches this place only as
//! one of ours.

mod fault;
mod network;
mod refusal;
#[cfg(test)]
mod tests;

use std::fmt::Display;

use crate::error::{InputError, NoSession, RowsMissing, UsageError};
use crate::identity::IdentityError;
use crate::salesforce::cache::CacheError;
use crate::salesforce::call::CallError;
use crate::salesforce::client::ClientError;
use crate::salesforce::soap::login::LoginError;

/// Exit statuses; the contract of the command line.
pub mod exit {
    /// Any other failure.
    pub const OTHER: u8 = 1;
    /// Wrong usage.
    pub const USAGE: u8 = 2;
    /// Login refused, or no valid session.
    pub const LOGIN: u8 = 3;
    /// Salesforce answered with a fault.
    pub const FAULT: u8 = 4;
    /// The result is not what was promised.
    pub const INCOMPLETE: u8 = 5;
    /// Network.
    pub const NETWORK: u8 = 6;
    /// The client certificate.
    pub const CERTIFICATE: u8 = 8;
    /// The server's certificate is not trusted.
    pub const UNTRUSTED: u8 = 9;
}

/// A failure as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What failed, on one line unless Salesforce's own words have more.
    pub message: String,
    /// Why, from the outside in.
    pub causes: Vec<String>,
    /// Something to do.
    pub hint: Option<String>,
    /// Salesforce's exception code, a finding's id, or a stable word.
    pub code: String,
    /// The exit status.
    pub exit: u8,
}

impl Report {
    fn new(exit: u8, code: &str, message: impl Display) -> Self {
        Self {
            message: message.to_string(),
            causes: Vec::new(),
            hint: None,
            code: code.to_owned(),
            exit,
        }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    fn cause(mut self, cause: impl Display) -> Self {
        self.causes.push(cause.to_string());
        self
    }

    fn cause_first(mut self, cause: impl Display) -> Self {
        self.causes.insert(0, cause.to_string());
        self
    }

    /// The report as one line of JSON.
    pub fn json(&self) -> String {
        serde_json::json!({ "error": {
            "code": self.code,
            "message": self.message,
            "cause": self.causes,
            "hint": self.hint,
            "exitCode": self.exit,
        }})
        .to_string()
    }
}

/// Turns any failure into a report.
pub fn explain(error: &anyhow::Error) -> Report {
    error
        .chain()
        .find_map(|cause| known(cause))
        .unwrap_or_else(|| {
            let report = Report::new(exit::OTHER, "failed", error);
            error
                .chain()
                .skip(1)
                .fold(report, |report, cause| report.cause(cause))
        })
}

fn known(error: &(dyn std::error::Error + 'static)) -> Option<Report> {
    if let Some(error) = error.downcast_ref::<UsageError>() {
        let report = Report::new(exit::USAGE, "usage", error);
        return Some(match &error.hint {
            Some(hint) => report.hint(hint),
            None => report,
        });
    }
    if let Some(error) = error.downcast_ref::<IdentityError>() {
        let report = Report::new(exit::CERTIFICATE, error.id(), error);
        return Some(match error.hint() {
            Some(hint) => report.hint(hint),
            None => report,
        });
    }
    if let Some(error) = error.downcast_ref::<NoSession>() {
        return Some(
            Report::new(exit::LOGIN, "session-missing", error)
                .hint("log in first: sfmtls login -u USER"),
        );
    }
    if let Some(error) = error.downcast_ref::<CacheError>() {
        // The problem's own words say what to do.
        return Some(Report::new(exit::LOGIN, "session-cache", error));
    }
    if let Some(error) = error.downcast_ref::<ClientError>() {
        return Some(match error {
            ClientError::Call(error) => refusal::call(error),
            ClientError::Login(error) => refusal::login(error),
            ClientError::Endpoint(_) => Report::new(exit::NETWORK, "not-salesforce", error),
            ClientError::OtherUser { .. } => Report::new(exit::LOGIN, "other-user", error)
                .hint("log in as the first user, or start the work anew"),
        });
    }
    if let Some(error) = error.downcast_ref::<LoginError>() {
        return Some(refusal::login(error));
    }
    if let Some(error) = error.downcast_ref::<CallError>() {
        return Some(refusal::call(error));
    }
    if let Some(error) = error.downcast_ref::<RowsMissing>() {
        return Some(
            Report::new(exit::INCOMPLETE, "rows-missing", error)
                .hint("rows may have been deleted meanwhile: run the query again"),
        );
    }
    if let Some(error) = error.downcast_ref::<InputError>() {
        return Some(Report::new(exit::OTHER, "input-unreadable", error));
    }
    None
}
