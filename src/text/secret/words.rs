//! Sentences of ours with what somebody else said in them.
//!
//! A secret in somebody else's words is hidden, whatever it is. In our own words it can only stand by
//! accident: a password may be "certificate", and a gap in a sentence that everybody knows would give
//! it away. Text that is not marked as ours counts as somebody else's, so that forgetting the mark
//! gives nothing away.

use std::borrow::Cow;
use std::fmt;

use super::KnownSecrets;
use super::known::may_hold_one;

/// A text whose pieces are ours or somebody else's. It is printed by way of
/// [`Words::without`] only.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Words(Vec<Piece>);

#[derive(Clone, PartialEq, Eq)]
enum Piece {
    Ours(String),
    Theirs(String),
}

impl Words {
    /// All of it came from a server, a file or another program, or may have.
    pub fn theirs(text: impl fmt::Display) -> Self {
        Self::default().and_theirs(text)
    }

    /// Nothing of it came from elsewhere than this program, its command line and this machine.
    pub fn ours(text: impl fmt::Display) -> Self {
        Self(vec![Piece::Ours(text.to_string())])
    }

    /// A text that is ours but for these parts of it, looked for from its end. A part that is not found
    /// was changed on its way: then nothing counts as ours.
    pub fn ours_but<'a>(
        text: impl fmt::Display,
        theirs: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let mut words = Self::ours(&text);
        for part in theirs.into_iter().filter(|part| may_hold_one(part)) {
            match words.without_claim_to(part) {
                Some(changed) => words = changed,
                None => return Self::theirs(text),
            }
        }
        words
    }

    /// More of our own words.
    #[must_use]
    pub fn and(self, text: &'static str) -> Self {
        self.and_ours(text)
    }

    /// The same, of which nothing came from elsewhere.
    #[must_use]
    pub fn and_ours(mut self, text: impl fmt::Display) -> Self {
        self.0.push(Piece::Ours(text.to_string()));
        self
    }

    /// More of somebody else's.
    #[must_use]
    pub fn and_theirs(mut self, text: impl fmt::Display) -> Self {
        self.0.push(Piece::Theirs(text.to_string()));
        self
    }

    /// More, with what is known of who said it.
    #[must_use]
    pub fn and_words(mut self, more: Self) -> Self {
        self.0.extend(more.0);
        self
    }

    /// The same with each piece changed.
    #[must_use]
    pub fn map(self, change: impl Fn(String) -> String) -> Self {
        let pieces = self.0.into_iter().map(|piece| match piece {
            Piece::Ours(text) => Piece::Ours(change(text)),
            Piece::Theirs(text) => Piece::Theirs(change(text)),
        });
        Self(pieces.collect())
    }

    /// The text without these secrets.
    pub fn without(&self, secrets: &KnownSecrets) -> String {
        let pieces = self.0.iter().map(|piece| match piece {
            Piece::Ours(text) => text.as_str().into(),
            Piece::Theirs(text) => secrets.hide(text),
        });
        // A secret that looks like no word is hidden whoever seems to have said it.
        secrets.hide_but_words(&pieces.collect::<String>())
    }

    /// Marks the last place of this part that still counts as ours as somebody else's; `None` where
    /// there is none.
    fn without_claim_to(&self, part: &str) -> Option<Self> {
        let mut places = self.0.iter().enumerate().rev();
        let (at, before, after) = places.find_map(|(at, piece)| match piece {
            Piece::Ours(text) => {
                let (before, after) = text.rsplit_once(part)?;
                Some((at, before.to_owned(), after.to_owned()))
            }
            Piece::Theirs(_) => None,
        })?;
        let mut pieces = self.0.clone();
        let parts = [
            Piece::Ours(before),
            Piece::Theirs(part.to_owned()),
            Piece::Ours(after),
        ];
        pieces.splice(at..=at, parts);
        Some(Self(pieces))
    }
}

/// A text of the program.
impl From<&'static str> for Words {
    fn from(text: &'static str) -> Self {
        Self::ours(text)
    }
}

/// What was put together at run time may hold anything.
impl From<String> for Words {
    fn from(text: String) -> Self {
        Self::theirs(text)
    }
}

/// As the one or the other.
impl From<Cow<'static, str>> for Words {
    fn from(text: Cow<'static, str>) -> Self {
        match text {
            Cow::Borrowed(text) => text.into(),
            Cow::Owned(text) => text.into(),
        }
    }
}

/// The same, but for a text without arguments.
impl From<fmt::Arguments<'_>> for Words {
    fn from(text: fmt::Arguments<'_>) -> Self {
        text.as_str().map_or_else(|| Self::theirs(text), Self::ours)
    }
}

/// An error tells what it met.
impl<E: std::error::Error> From<&E> for Words {
    fn from(error: &E) -> Self {
        Self::theirs(error)
    }
}

/// As for [`super::Secret`]: it may be printed by accident.
impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Words")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::secret::Secret;

    fn shown(words: impl Into<Words>, secret: &str) -> String {
        let secrets = KnownSecrets::default();
        secrets.learn(&Secret::new(secret));
        words.into().without(&secrets)
    }

    #[test]
    fn a_word_that_is_a_password_is_hidden_in_what_others_say_alone() {
        let words = Words::from("the certificate was refused: ").and_theirs("no certificate");
        assert_eq!(
            shown(words, "certificate"),
            "the certificate was refused: no [redacted]"
        );
        let whole = "the certificate was refused: no certificate";
        let words = Words::ours_but(whole, ["no certificate", ""]);
        assert_eq!(
            shown(words, "certificate"),
            "the certificate was refused: no [redacted]"
        );
    }

    #[test]
    fn what_nobody_called_ours_is_somebody_elses() {
        let hidden = "no [redacted]";
        let secret = "certificate";
        assert_eq!(shown(format!("no {secret}"), secret), hidden);
        assert_eq!(shown(format_args!("no {secret}"), secret), hidden);
        let error = std::io::Error::other(format!("no {secret}"));
        assert_eq!(shown(&error, secret), hidden);
        // A text of the program, on whatever way.
        assert_eq!(shown("no certificate", secret), "no certificate");
        assert_eq!(
            shown(format_args!("no certificate"), secret),
            "no certificate"
        );
    }

    #[test]
    fn a_secret_that_is_no_word_is_hidden_wherever_it_stands() {
        for secret in ["hunter2", "00D!AQ.x", "p&ss'<word>", "correct/horse"] {
            let words = Words::ours(format!("before {secret} after"));
            assert_eq!(shown(words, secret), "before [redacted] after", "{secret}");
        }
    }

    #[test]
    fn the_last_place_is_taken_for_the_part_that_others_said() {
        let words = Words::ours_but("the title is no title: title", ["title"]);
        assert_eq!(shown(words, "title"), "the title is no title: [redacted]");
        let words = Words::ours_but("the title is: TITLE", ["title", "Title"]);
        assert_eq!(shown(words, "title"), "the [redacted] is: TITLE");
    }
}
