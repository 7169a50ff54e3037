//! The secrets that a run knows, so that none is shown where somebody else's words repeat it.
//!
//! A server may answer a login with the password that it was sent, or a call with its session ID. Such
//! text can arrive anywhere, but it leaves the program in one place, and is searched there.

mod written;

use std::borrow::Cow;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use super::Secret;

/// What stands in a secret's place.
pub(crate) const MARK: &str = "[redacted]";

/// A shorter secret is part of ordinary words, and hiding it in them would give it away. Salesforce's
/// passwords have 5 characters at least (Setup > Password Policies).
const SHORTEST: usize = 5;

/// Fewer bytes of a secret give nothing away.
const SHORTEST_BEGINNING: usize = 3;

/// A growing list of secrets, shared by all who learn or hide them.
#[derive(Default)]
pub struct KnownSecrets(Mutex<Vec<String>>);

impl KnownSecrets {
    /// From now on this one is hidden, also where it is escaped in any usual way.
    pub fn learn(&self, secret: &Secret) {
        if !may_hold_one(secret.expose()) {
            return;
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.iter().any(|one| one == secret.expose()) {
            known.push(secret.expose().to_owned());
        }
        // One may be a part of another: a token without the password before it.
        known.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    }

    /// The text with `[redacted]` in place of every secret.
    pub fn hide<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        without(known.iter(), text)
    }

    /// As [`Self::hide`], for a sentence of ours, in which a secret that is a word stands by accident.
    pub(super) fn hide_but_words(&self, text: &str) -> String {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        without(known.iter().filter(|secret| !is_word(secret)), text).into_owned()
    }

    /// As [`Self::hide`], for a text that was cut off: its end may be the beginning of a secret.
    pub fn hide_in_cut(&self, text: &str) -> String {
        let hidden = self.hide(text);
        // Of a character of several bytes the cut may have left a replacement.
        let text = hidden.trim_end_matches(char::REPLACEMENT_CHARACTER);
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let starts = known
            .iter()
            .filter_map(|secret| written::beginning_at_end(text, secret, SHORTEST_BEGINNING));
        match starts.min() {
            Some(start) => format!("{}{MARK}", &text[..start]),
            None => hidden.into_owned(),
        }
    }
}

fn without<'a, 's>(secrets: impl Iterator<Item = &'s String>, text: &'a str) -> Cow<'a, str> {
    secrets.fold(
        Cow::Borrowed(text),
        |text, secret| match written::replaced(&text, secret, MARK) {
            Some(changed) => Cow::Owned(changed),
            None => text,
        },
    )
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
            // By others, each in its way.
            "p&amp;ss'&lt;word>",
            "p&#38;ss&#039;&#x3c;word&#X3E;",
            "p&amp;amp;ss&amp;apos;&amp;lt;word&amp;gt;",
            "p&amp;ss'<![CDATA[<word]]>>",
            "p%26ss%27%3cword%3e",
            "p%2526ss%2527%253cword%253e",
            "p\\u0026ss\\u0027\\u003cword\\u003E",
            "p\\\\u0026ss\\\\u0027\\\\u003cword>",
        ] {
            let text = format!("before {written} after");
            assert_eq!(hidden(&secret, &text), "before [redacted] after");
        }
        assert_eq!(hidden(&secret, "nothing of it"), "nothing of it");
    }

    #[test]
    fn letters_and_signs_of_all_kinds_are_found_behind_their_escapes() {
        for (secret, written) in [
            ("s\u{e9}cret \u{1f511}", "s\\u00e9cret \\uD83D\\udd11"),
            ("s\u{e9}cret \u{1f511}", "s\\u{e9}cret \\u{1f511}"),
            ("s\u{e9}cret \u{1f511}", "s%c3%A9cret+%F0%9f%94%91"),
            ("s\u{e9}cret \u{1f511}", "s&#233;cret&#32;&#x1F511;"),
            ("a/b/cfff", "a\\/b\\/cfff"),
            ("a\\b\"c\td", "a\\\\b\\\"c\\td"),
            ("a\\b\"c\td", "a\\\\\\\\b\\\\\\\"c\\\\td"),
            ("50%25 off", "50%2525%20off"),
            ("&amp;amp;", "&amp;amp;amp;amp;"),
            ("&amp;amp;", "&amp;amp;"),
            ("]]>]]>", "]]&gt;]]]]><![CDATA[>"),
        ] {
            let text = format!("before {written} after");
            assert_eq!(
                hidden(&[secret], &text),
                "before [redacted] after",
                "{text}"
            );
        }
        for other in [
            "a%b%cfff",
            "a&b&cfff",
            "a\\",
            "\\u00",
            "&#",
            "&;",
            "%",
            "%2",
            "\\ud83d\\",
        ] {
            assert_eq!(hidden(&["a/b/cfff", "\u{1f511}abcd"], other), other);
        }
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
            ("a h\\u00fcn", "a [redacted]"),
            ("a h%C3%BCn&#11", "a [redacted]"),
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
