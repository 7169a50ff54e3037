//! Secrets, and text that has secrets in known places.
//!
//! A [`Secret`] prints as `[redacted]`; its value leaves only through [`Secret::expose`]. A request
//! whose body or header holds a secret is a [`SecretText`]: the parts are known when it is made, so
//! a trace or a `curl` command can be printed without searching for anything.

mod known;
mod words;

use std::fmt;

pub use known::KnownSecrets;
pub(crate) use known::MARK;
pub use words::Words;

use super::xml::escape_text;

/// A value that must not be printed: password, session ID, token.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(String);

impl Secret {
    /// Takes the value in.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// Takes in a text from a file or standard input: exactly one line end at its end is dropped.
    pub fn of_line(text: &str) -> Self {
        let line = text.strip_suffix("\r\n").or(text.strip_suffix('\n'));
        Self::new(line.unwrap_or(text))
    }

    /// Takes in an environment variable's value: as [`Self::of_line`], and of a line end that lost its
    /// line feed, as in a shell's `$(cat FILE)` with a file from Windows, the rest.
    pub fn of_variable(value: &str) -> Self {
        match value.strip_suffix('\r') {
            Some(line) => Self::new(line),
            None => Self::of_line(value),
        }
    }

    /// The value itself, for the wire and the 0600 cache file and for nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MARK)
    }
}

/// Text made of plain parts and secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretText {
    parts: Vec<Part>,
}

/// One part of a [`SecretText`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// May be shown.
    Plain(String),
    /// May not; a shell command names the variable that holds it instead.
    Secret {
        /// The shell variable, for example `SFMTLS_SESSION_ID`.
        variable: &'static str,
        /// The value as it stands on the wire (already escaped, where it has to be).
        value: Secret,
        /// The variable holds the value as it was before it was escaped so, which a shell command has
        /// to do again.
        escape: Option<Escape>,
    },
}

/// What a secret was escaped for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escape {
    /// The text of an element.
    Xml,
    /// A value of a form, percent-encoded.
    Form,
}

impl SecretText {
    /// Empty text.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds text that may be shown.
    #[must_use]
    pub fn plain(mut self, text: impl Into<String>) -> Self {
        let text = text.into();
        match self.parts.last_mut() {
            Some(Part::Plain(last)) => last.push_str(&text),
            _ => self.parts.push(Part::Plain(text)),
        }
        self
    }

    /// Adds a secret, with the shell variable that stands for it.
    #[must_use]
    pub fn secret(mut self, variable: &'static str, value: Secret) -> Self {
        self.parts.push(Part::Secret {
            variable,
            value,
            escape: None,
        });
        self
    }

    /// Adds a secret to XML text, where its value may have to be escaped.
    #[must_use]
    pub fn secret_in_xml(mut self, variable: &'static str, value: &Secret) -> Self {
        self.parts.push(Part::Secret {
            variable,
            value: Secret::new(escape_text(value.expose())),
            escape: Some(Escape::Xml),
        });
        self
    }

    /// Adds a secret to a form, where its value was percent-encoded.
    #[must_use]
    pub fn secret_in_form(mut self, variable: &'static str, encoded: Secret) -> Self {
        self.parts.push(Part::Secret {
            variable,
            value: encoded,
            escape: Some(Escape::Form),
        });
        self
    }

    /// Adds another text, its secrets kept.
    #[must_use]
    pub fn append(self, other: &Self) -> Self {
        other.parts.iter().fold(self, |mut text, part| match part {
            Part::Plain(plain) => text.plain(plain.as_str()),
            secret @ Part::Secret { .. } => {
                text.parts.push(secret.clone());
                text
            }
        })
    }

    /// The parts in order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The secrets in it, as they stand on the wire.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.parts.iter().filter_map(|part| match part {
            Part::Plain(_) => None,
            Part::Secret { value, .. } => Some(value),
        })
    }

    /// The whole text with its secrets, for the wire.
    pub fn expose(&self) -> String {
        let mut out = String::new();
        for part in &self.parts {
            out.push_str(match part {
                Part::Plain(text) => text,
                Part::Secret { value, .. } => value.expose(),
            });
        }
        out
    }

    /// The text with every secret replaced by `[redacted]`.
    pub fn redacted(&self) -> String {
        let mut out = String::new();
        for part in &self.parts {
            out.push_str(match part {
                Part::Plain(text) => text,
                Part::Secret { .. } => MARK,
            });
        }
        out
    }
}

impl From<&str> for SecretText {
    fn from(text: &str) -> Self {
        Self::new().plain(text)
    }
}

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self::new().plain(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_as_redacted_and_leaves_only_when_exposed() {
        let text = SecretText::from("user:").secret("PASSWORD", Secret::new("hunter2"));
        assert_eq!(text.expose(), "user:hunter2");
        assert_eq!(text.redacted(), "user:[redacted]");
        assert!(!format!("{text:?}").contains("hunter2"));
    }

    #[test]
    fn one_line_end_behind_a_secret_is_no_part_of_it() {
        for (text, secret) in [
            ("hunter2", "hunter2"),
            ("hunter2\n", "hunter2"),
            ("hunter2\r\n", "hunter2"),
            ("hunter2\n\n", "hunter2\n"),
            ("\nhunter2 ", "\nhunter2 "),
            ("\n", ""),
        ] {
            assert_eq!(Secret::of_line(text).expose(), secret, "{text:?}");
            assert_eq!(Secret::of_variable(text).expose(), secret, "{text:?}");
        }
        assert_eq!(Secret::of_line("hunter2\r").expose(), "hunter2\r");
        assert_eq!(Secret::of_variable("hunter2\r").expose(), "hunter2");
    }
}
