//! A failure in words, whoever said them, and as it may be shown.

use std::fmt::Display;

use super::{Hint, exit, without_error_numbers};
use crate::check::finding::Finding;
use crate::check::join::Said;
use crate::salesforce::fault::Fault;
use crate::terminal;
use crate::text::secret::{KnownSecrets, Words};

/// A failure as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What failed, on one line unless Salesforce's own words have more.
    pub message: Words,
    /// Why, from the outside in.
    pub causes: Vec<Words>,
    /// What to do, the first thing first.
    pub hints: Vec<Hint>,
    /// What tells more, after all that there is to do.
    pub more: Option<Hint>,
    /// Salesforce's exception code, a finding's id, or a stable word.
    pub code: Code,
    /// The exit status.
    pub exit: u8,
    /// How the client certificate was refused, where that is what failed: its file may show why.
    pub said: Option<Said>,
}

/// What a script tells failures apart by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Code {
    /// One of ours.
    Ours(&'static str),
    /// Salesforce's own.
    Theirs(String),
}

impl Code {
    /// As it is compared; a server may have put a secret into it.
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Ours(code) => code,
            Self::Theirs(code) => code,
        }
    }

    fn words(&self) -> Words {
        match self {
            Self::Ours(code) => Words::from(*code),
            Self::Theirs(code) => Words::theirs(code),
        }
    }
}

impl From<&'static str> for Code {
    fn from(code: &'static str) -> Self {
        Self::Ours(code)
    }
}

impl Report {
    /// What is not known to be ours (see [`Words`]) is told as somebody else's.
    pub(super) fn new(exit: u8, code: impl Into<Code>, message: impl Into<Words>) -> Self {
        Self {
            message: message.into().map(without_error_numbers),
            causes: Vec::new(),
            hints: Vec::new(),
            more: None,
            code: code.into(),
            exit,
            said: None,
        }
    }

    /// A refusal of the client certificate.
    pub(super) fn refusal(said: Said, message: impl Into<Words>) -> Self {
        let mut report = Self::new(exit::CERTIFICATE, said.id, message);
        report.said = Some(said);
        report
    }

    /// A failure that has all of its words from this machine.
    pub(super) fn ours(exit: u8, code: &'static str, message: impl Display) -> Self {
        Self::new(exit, code, Words::ours(message))
    }

    /// A fault that answered a call or a login.
    pub(super) fn of_fault(exit: u8, fault: &Fault) -> Self {
        let code = Code::Theirs(fault.code.clone());
        Self::new(exit, code, Words::theirs(fault))
    }

    /// Adds something to do.
    pub(super) fn hint(mut self, hint: impl Into<Hint>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds all that there is to do.
    pub(super) fn hints(mut self, hints: impl IntoIterator<Item = Hint>) -> Self {
        self.hints.extend(hints);
        self
    }

    pub(super) fn cause(mut self, cause: impl Into<Words>) -> Self {
        self.causes.push(cause.into().map(without_error_numbers));
        self
    }

    pub(super) fn cause_if(self, cause: Option<impl Into<Words>>) -> Self {
        match cause {
            Some(cause) => self.cause(cause),
            None => self,
        }
    }

    pub(super) fn cause_first(mut self, cause: impl Into<Words>) -> Self {
        self.causes.insert(0, cause.into());
        self
    }

    /// Adds something to do where there is something.
    pub(super) fn hint_if(self, hint: Option<impl Into<Hint>>) -> Self {
        self.hints(hint.map(Into::into))
    }

    /// The same, where there is nothing else to do.
    pub(super) fn hint_else(self, hint: &str) -> Self {
        match self.hints.is_empty() {
            true => self.hint(hint),
            false => self,
        }
    }

    /// The texts as they may be shown: none of these secrets is in what a server or another program
    /// said, nor anywhere else, but for ordinary words in our own sentences.
    pub fn told(&self, secrets: &KnownSecrets) -> Told {
        Told {
            message: self.message.without(secrets),
            causes: self.causes.iter().map(|it| it.without(secrets)).collect(),
            hints: self
                .hints
                .iter()
                .chain(&self.more)
                .map(|it| it.told(secrets))
                .collect(),
            code: self.code.words().without(secrets),
            exit: self.exit,
        }
    }

    /// The same, with something to do beside what there is to do already, which `link` joins it to.
    pub(super) fn further(self, link: &str, next: &Hint) -> Self {
        let mut next = next.clone();
        if !self.hints.is_empty() {
            next.words = format!("{link} {}", next.words);
        }
        self.hint(next)
    }

    /// The same, where the file of the certificate shows why it was refused (see [`Self::said`]): the
    /// finding's id and advice come in the place of what can be said of the refusal alone.
    #[must_use]
    pub fn because_of(mut self, fault: &Finding) -> Self {
        self.code = fault.id.into();
        let mut words = vec![fault.message.as_str()];
        words.extend(fault.advice.as_deref());
        let command = fault.command.clone().filter(|it| !it.contains('\n'));
        self.hints = Hint::of(Some(&words.join("; ")), command)
            .into_iter()
            .collect();
        self
    }
}

/// A [`Report`] that may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The message.
    pub message: String,
    /// The causes.
    pub causes: Vec<String>,
    /// What to do.
    pub hints: Vec<Hint>,
    /// The code.
    pub code: String,
    /// The exit status.
    pub exit: u8,
}

impl Told {
    /// One line of JSON; its hint has a line for each.
    pub fn json(&self) -> String {
        let hints: Vec<_> = self.hints.iter().map(Hint::to_string).collect();
        let document = serde_json::json!({ "error": {
            "code": self.code,
            "message": self.message,
            "cause": self.causes,
            "hint": (!hints.is_empty()).then(|| hints.join("\n")),
            "exitCode": self.exit,
        }});
        terminal::escape_json(&document.to_string()).into_owned()
    }
}
