//! Something to do about a failure.

use std::fmt;

use crate::text::secret::{KnownSecrets, Words};

/// Something to do: in words, and the command that does it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// What to do, or what the command is for, without colon; empty where the command says it all.
    pub words: String,
    /// A command to paste, on one line.
    pub command: Option<String>,
}

impl Hint {
    /// A command, and what it is for.
    pub fn command(words: impl Into<String>, command: impl Into<String>) -> Self {
        Self {
            words: words.into(),
            command: Some(command.into()),
        }
    }

    /// As much as there is of both; `None` where there is neither.
    pub(super) fn of(words: Option<&str>, command: Option<String>) -> Option<Self> {
        let words = words.unwrap_or_default().to_owned();
        (!words.is_empty() || command.is_some()).then_some(Self { words, command })
    }

    /// The same as it may be shown (see [`super::Report::told`]).
    pub(super) fn told(&self, secrets: &KnownSecrets) -> Self {
        // Advice is ours.
        let told = |text: &String| Words::ours(text).without(secrets);
        Self {
            words: told(&self.words),
            command: self.command.as_ref().map(told),
        }
    }
}

impl<T: Into<String>> From<T> for Hint {
    fn from(words: T) -> Self {
        Self {
            words: words.into(),
            command: None,
        }
    }
}

/// On one line.
impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.command {
            None => f.write_str(&self.words),
            Some(command) if self.words.is_empty() => f.write_str(command),
            Some(command) => write!(f, "{}: {command}", self.words),
        }
    }
}
