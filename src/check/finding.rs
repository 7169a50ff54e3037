//! One finding: what is wrong (or worth knowing), where, why, and what mends it.

use std::path::PathBuf;

use serde_json::{Map, Value};

use super::catalogue;
pub use crate::identity::survey::Place;
use crate::identity::{IdentityError, Remedy};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Harmless, worth knowing.
    Info,
    /// Works now, but will stop working, breaks other software, or weakens security.
    Warning,
    /// A mutually authenticated call cannot work, or no identity could be read.
    Error,
}

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The file itself: its format, its password, its mode.
    File,
    /// The private key.
    Key,
    /// The client certificate.
    Leaf,
    /// The nth certificate above the leaf, from 1; 0 is the chain as a whole.
    Chain(usize),
    /// The server, or what stands between.
    Server,
    /// The session and the API call.
    Session,
}

/// One finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Its id in the [`catalogue`], stable: scripts branch on it.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about.
    pub subject: Subject,
    /// Where.
    pub place: Option<Place>,
    /// What is wrong, on one line, without full stop.
    pub message: String,
    /// Why that matters, or how it comes about.
    pub why: Option<String>,
    /// What to do, in words.
    pub advice: Option<String>,
    /// The command to paste.
    pub command: Option<String>,
    /// Whether the advice only leads in the command.
    pub leads_in: bool,
    /// The file that the command makes in place of the one at fault.
    pub makes: Option<PathBuf>,
    /// Facts for programs.
    pub data: Map<String, Value>,
    /// The finding that shows this one to be harmless: its severity was lowered.
    pub downgraded_by: Option<&'static str>,
}

impl Finding {
    /// A finding with the severity of the [`catalogue`].
    pub fn new(id: &'static str, subject: Subject, message: impl Into<String>) -> Self {
        Self {
            id,
            severity: catalogue::severity(id),
            subject,
            place: None,
            message: message.into(),
            why: None,
            advice: None,
            command: None,
            leads_in: false,
            makes: None,
            data: Map::new(),
            downgraded_by: None,
        }
    }

    /// Where the catalogue leaves the severity to the circumstances.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Says where.
    #[must_use]
    pub fn at(mut self, place: &Place) -> Self {
        self.place = Some(place.clone());
        self
    }

    /// Says why.
    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }

    /// Says in words what to do.
    #[must_use]
    pub fn advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// Gives the command that mends it.
    #[must_use]
    pub fn command(mut self, command: impl Into<String>) -> Self {
        self.command = Some(command.into());
        self
    }

    /// Gives what mends it; advice that there is already stays where there is none here.
    #[must_use]
    pub fn remedy(mut self, remedy: Remedy) -> Self {
        self.advice = remedy.advice.map(str::to_owned).or(self.advice);
        self.command = remedy.command;
        self.leads_in = remedy.leads_in;
        self.makes = remedy.makes;
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn fact(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.data.insert(name.to_owned(), value.into());
        self
    }

    /// What keeps an identity from being loaded, in the loader's own words.
    pub fn of_error(error: &IdentityError, subject: Subject) -> Self {
        let mut finding = Self::new(error.id(), subject, error.to_string());
        finding.place = Some(Place {
            file: error.file.clone(),
            line: error.line,
        });
        finding.remedy(error.remedy())
    }
}
