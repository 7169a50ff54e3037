//! The secrets that a run knows, so that none is shown where somebody else's words repeat it.
//!
//! A server may answer a login with the password that it was sent, or a call with its session ID. Such
//! text can arrive anywhere, but it leaves the program in one place, and is searched there.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Secret;
use crate::text::xml::escape_text;

/// What stands in a secret's place.
pub(crate) const MARK: &str = "[redacted]";

/// A shorter secret is part of ordinary words, and hiding it in them would give it away. Salesforce's
/// passwords have 5 characters at least (Setup > Password Policies).
const SHORTEST: usize = 5;

/// Fewer bytes of a secret give nothing away.
const SHORTEST_BEGINNING: usize = 3;

/// What is written as `%21` and the like in a URL (RFC 3986 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A growing list of secrets, shared by all who learn or hide them.
#[derive(Default)]
pub struct KnownSecrets(Mutex<Vec<String>>);

impl KnownSecrets {
    /// From now on this one is hidden, also where it was escaped for XML or HTML.
    pub fn learn(&self, secret: &Secret) {
        if !may_hold_one(secret.expose()) {
            return;
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for form in forms(secret.expose()) {
            if !known.contains(&form) {
                known.push(form);
            }
        }
        // One may be a part of another: a token without the password before it.
        known.sort_by_key(|form| std::cmp::Reverse(form.len()));
    }

    /// The text with `[redacted]` in place of every secret.
    pub fn hide<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().fold(Cow::Borrowed(text), |text, form| {
            match text.contains(form.as_str()) {
                true => Cow::Owned(text.replace(form.as_str(), MARK)),
                false => text,
            }
        })
    }

    /// As [`Self::hide`], for a sentence of ours, in which a secret that is a word stands by accident.
    pub(super) fn hide_but_words(&self, text: &str) -> String {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let told = known.iter().filter(|form| !is_word(form));
        told.fold(text.to_owned(), |text, form| {
            text.replace(form.as_str(), MARK)
        })
    }

    /// As [`Self::hide`], for a text that was cut off: its end may be the beginning of a secret.
    pub fn hide_in_cut(&self, text: &str) -> String {
        let hidden = self.hide(text);
        // Of a character of several bytes the cut may have left a replacement.
        let text = hidden.trim_end_matches(char::REPLACEMENT_CHARACTER);
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = known.iter().filter_map(|form| beginning_at_end(text, form));
        match left.max() {
            Some(length) => format!("{}{MARK}", &text[..text.len() - length]),
            None => hidden.into_owned(),
        }
    }
}

/// Whether a text is long enough for a secret.
pub(super) fn may_hold_one(text: &str) -> bool {
    text.chars().count() >= SHORTEST
}

/// Whether it may stand in a sentence: letters, and what joins words.
fn is_word(secret: &str) -> bool {
    let joins = |character| matches!(character, ' ' | '-' | '_');
    secret.chars().all(|c| c.is_alphabetic() || joins(c))
}

/// How many bytes at the end of the text are the beginning of a secret, if enough to be one.
fn beginning_at_end(text: &str, secret: &str) -> Option<usize> {
    let ends = secret.char_indices().map(|(at, _)| at).rev();
    ends.take_while(|&at| at >= SHORTEST_BEGINNING)
        .find(|&at| text.ends_with(&secret[..at]))
}

/// How a secret may be written: as it is, escaped for XML as we do it or as others do, as Rust
/// quotes what it did not expect, and in a URL.
fn forms(secret: &str) -> [String; 6] {
    let text_alone = secret
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let html = text_alone.replace('"', "&quot;").replace('\'', "&#39;");
    [
        secret.to_owned(),
        escape_text(secret).into_owned(),
        text_alone,
        html,
        secret.escape_debug().to_string(),
        utf8_percent_encode(secret, RESERVED).to_string(),
    ]
}

impl fmt::Debug for KnownSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KnownSecrets")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(secrets: &[&str], text: &str) -> String {
        let known = KnownSecrets::default();
        for secret in secrets {
            known.learn(&Secret::new(*secret));
        }
        known.hide(text).into_owned()
    }

    #[test]
    fn a_secret_is_hidden_in_each_way_it_may_be_written() {
        let secret = ["p&ss'<word>"];
        for written in [
            "p&ss'<word>",
            "p&amp;ss&apos;&lt;word&gt;",
            "p&amp;ss'&lt;word&gt;",
            "p&amp;ss&#39;&lt;word&gt;",
            "p&ss\\'<word>",
            "p%26ss%27%3Cword%3E",
        ] {
            let text = format!("before {written} after");
            assert_eq!(hidden(&secret, &text), "before [redacted] after");
        }
        assert_eq!(hidden(&secret, "nothing of it"), "nothing of it");
    }

    #[test]
    fn the_longer_one_of_two_is_hidden_whole() {
        let secrets = ["hunter2", "hunter2token"];
        assert_eq!(
            hidden(&secrets, "hunter2token hunter2"),
            "[redacted] [redacted]"
        );
    }

    #[test]
    fn a_secret_that_the_end_of_a_text_cuts_is_hidden_too() {
        let known = KnownSecrets::default();
        known.learn(&Secret::new("hüntér2"));
        for (cut, shown) in [
            ("a hüntér2 hüntér2 b", "a [redacted] [redacted] b"),
            ("a hüntér", "a [redacted]"),
            ("a hü", "a [redacted]"),
            ("a hünt\u{fffd}", "a [redacted]"),
            ("a h", "a h"),
            ("a\u{fffd}", "a\u{fffd}"),
        ] {
            assert_eq!(known.hide_in_cut(cut), shown);
        }
    }

    #[test]
    fn a_secret_that_is_too_short_to_be_one_changes_nothing() {
        assert_eq!(hidden(&["", "a", "test"], "a test"), "a test");
    }

    #[test]
    fn debug_output_holds_no_secret() {
        let known = KnownSecrets::default();
        known.learn(&Secret::new("hunter2"));
        assert!(!format!("{known:?}").contains("hunter2"));
    }
}
