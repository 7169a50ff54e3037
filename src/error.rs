//! What the commands themselves find wrong, beside what the floors below report.

mod internal;

use std::borrow::Cow;
use std::io;
use std::path::PathBuf;

use crate::explain::{self, Hint};
use crate::salesforce::bulk::BulkError;

pub use internal::InternalFault;

/// Wrong usage: exit status 2.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct UsageError {
    /// What is wrong; borrowed, it is the program's own text.
    pub message: Cow<'static, str>,
    /// What to do instead.
    pub hint: Option<Hint>,
}

impl UsageError {
    /// An error that says what is wrong.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            message: message.into(),
            hint: None,
        }
    }

    /// Nothing names the client certificate.
    pub fn no_certificate() -> Self {
        Self::new("no client certificate was given").hint(explain::NAME_CERTIFICATE)
    }

    /// `--json` with a command that has nothing to put into a document.
    pub fn no_json(command: &str) -> Self {
        Self::new(format!("{command} has no --json"))
    }

    /// `--json` beside an `-r` that names another format.
    pub fn json_and_format() -> Self {
        Self::new("--json and -r ask for different formats").hint("leave one of the two out")
    }

    /// Adds what to do instead.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Hint>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// No session in the cache, and no way to get one without asking.
#[derive(Debug, thiserror::Error)]
#[error("there is no session in {}", file.display())]
pub struct NoSession {
    /// The cache file that does not exist.
    pub file: PathBuf,
    /// It was wanted to be ended, so that a new one does not help.
    pub to_be_ended: bool,
}

/// The cached session is not of the user that the environment names, for whom no way to log in is at
/// hand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the cached session is {owner}'s, not {named}'s")]
pub struct OthersSession {
    /// Whose session it is.
    pub owner: String,
    /// The user that the environment names.
    pub named: String,
}

/// A key file that cannot sign a JWT.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} {problem}", file.display())]
pub struct KeyError {
    /// The file.
    pub file: PathBuf,
    /// What is wrong with it.
    pub problem: &'static str,
}

/// A file with a secret or a query that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {name}: {reason}")]
pub struct InputError {
    /// The file, or "standard input".
    pub name: String,
    /// Why; no source of its own, since it is told here.
    pub reason: Unreadable,
}

/// Why a file with a secret or a query cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The system's reason.
    #[error("{0}")]
    System(io::Error),
    /// It goes on and on, as `/dev/zero` does.
    #[error("it is longer than {longest} bytes")]
    TooLong {
        /// As many are read at most.
        longest: u64,
    },
    /// It begins with the byte order mark of UTF-16.
    #[error("it is UTF-16 text")]
    Utf16,
    /// Another encoding, or no text.
    #[error("it is not UTF-8 text (byte {offset})")]
    NotUtf8 {
        /// Where it ceases to be, from 0.
        offset: usize,
    },
}

/// Rows that came are not as many as Salesforce said there are.
#[derive(Debug, thiserror::Error)]
#[error("Salesforce announced {announced} {}{}, but {received} came", self.rows(), self.of())]
pub struct RowsMiscounted {
    /// The relationship of a child subquery; `None` for the query itself.
    pub children: Option<String>,
    /// `size` in the answer.
    pub announced: i64,
    /// Rows that came, up to the page on which there were too many.
    pub received: u64,
}

impl RowsMiscounted {
    /// Whether too many came, not too few.
    pub fn are_too_many(&self) -> bool {
        u64::try_from(self.announced).is_ok_and(|announced| announced < self.received)
    }

    fn rows(&self) -> &'static str {
        if self.announced == 1 { "row" } else { "rows" }
    }

    fn of(&self) -> String {
        match &self.children {
            Some(relationship) => format!(" of {relationship} in one record"),
            None => String::new(),
        }
    }
}

/// A failure with a job at hand, which goes on or keeps its result whatever happened here.
#[derive(Debug, thiserror::Error)]
#[error("{failed}")]
pub struct JobRemains {
    /// What happened.
    #[source]
    pub failed: anyhow::Error,
    /// What joins `next` to what there is to do already: "then", "or".
    pub link: &'static str,
    /// What to do about the job.
    pub next: Hint,
}

/// A batch of a job failed; the rows of the others are in a file of their own, or were to be.
#[derive(Debug, thiserror::Error)]
#[error("{failed}")]
pub struct IncompleteJob {
    /// The batch.
    pub failed: BulkError,
    /// How many rows of the others are there, or why they are not.
    pub kept: Result<u64, anyhow::Error>,
    /// That file.
    pub file: PathBuf,
}

/// Standard output could not be written to.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to standard output: {source}")]
pub struct StdoutError {
    /// The system's reason; a closed pipe is [`io::ErrorKind::BrokenPipe`].
    pub source: io::Error,
}
