//! The width of text, and the cleaning of foreign text, for all who show any.
//!
//! Text from a server or a file can hold escape sequences that change a terminal, and marks that
//! turn the reading direction around. It is cleaned before it reaches a terminal, in messages always,
//! and left alone in results for a pipe. Left out: finding out what the terminal can do, which `ui` does.

mod content;
pub mod wrap;

use std::borrow::Cow;

pub use content::{Cleaner, Content};

/// Stands for a line end inside a text that must stay on one line.
pub const LINE_END_MARK: char = '\u{21b5}';

const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;

/// Makes foreign text harmless, its lines kept: control characters but tab and line feed become
/// U+FFFD, so what is left of an escape sequence is seen; marks of direction go.
pub fn clean(text: &str) -> Cow<'_, str> {
    clean_with(text, |character| match character {
        '\n' | '\t' => Kept::Same,
        other => kept(other),
    })
}

/// As [`clean`], on one line: a line end becomes [`LINE_END_MARK`], a tab a space.
pub fn clean_line(text: &str) -> Cow<'_, str> {
    if text.contains("\r\n") {
        return Cow::Owned(clean_line(&text.replace("\r\n", "\n")).into_owned());
    }
    clean_with(text, |character| match character {
        '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Kept::As(LINE_END_MARK),
        '\t' => Kept::As(' '),
        other => kept(other),
    })
}

/// A JSON document of the same value in which nothing is left that changes a terminal.
///
/// JSON itself has only the control characters below the space escaped (RFC 8259, 7), so that line
/// feeds and tabs stand between its values alone: they stay.
pub fn escape_json(document: &str) -> Cow<'_, str> {
    let stays =
        |character: char| matches!(character, '\n' | '\t') || matches!(kept(character), Kept::Same);
    if document.chars().all(stays) {
        return Cow::Borrowed(document);
    }
    let mut escaped = String::with_capacity(document.len());
    for character in document.chars() {
        match stays(character) {
            true => escaped.push(character),
            // All of them take one unit of UTF-16.
            false => escaped.push_str(&format!("\\u{:04x}", u32::from(character))),
        }
    }
    Cow::Owned(escaped)
}

/// How many columns of a terminal a text takes: wide characters two, an emoji of several code
/// points as much as one.
pub fn width(text: &str) -> usize {
    // Most text is ASCII, and cleaned text has no control characters.
    if text.is_ascii() {
        text.len()
    } else {
        console::measure_text_width(text)
    }
}

/// The text, or as much of it as goes into `columns` together with `…`. What is shown as one, such
/// as an emoji of several code points, is not cut in two.
pub fn fit(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let Some(room) = columns.checked_sub(1) else {
        return Cow::Borrowed("");
    };
    // Marks without a width of their own could go on for megabytes.
    let longest = columns.saturating_mul(LONGEST_COLUMN);
    let mut end = 0;
    let mut before = 0;
    let mut flag_halves = 0;
    for (at, character) in text.char_indices() {
        // The whole prefix is measured, because a character may join those before it.
        let prefix = &text[..at + character.len_utf8()];
        let now = width(prefix);
        let own = width(character.encode_utf8(&mut [0; 4]));
        let half = ('\u{1f1e6}'..='\u{1f1ff}').contains(&character);
        let joins = own == 0 || now < before + own || half && flag_halves % 2 == 1;
        if !joins {
            end = at;
        }
        if now > room || prefix.len() > longest {
            break;
        }
        flag_halves = if half { flag_halves + 1 } else { 0 };
        before = now;
    }
    Cow::Owned(format!("{}…", &text[..end]))
}

/// Bytes in one column at most: a family of four takes 25 in two.
const LONGEST_COLUMN: usize = 32;

enum Kept {
    Same,
    As(char),
    No,
}

fn kept(character: char) -> Kept {
    match character {
        // Unicode Bidi_Control (UAX 9), and the byte order mark.
        '\u{61c}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{feff}' => Kept::No,
        control if control.is_control() => Kept::As(REPLACEMENT),
        _ => Kept::Same,
    }
}

fn clean_with(text: &str, keep: impl Fn(char) -> Kept) -> Cow<'_, str> {
    let plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if plain
        || text
            .chars()
            .all(|character| matches!(keep(character), Kept::Same))
    {
        return Cow::Borrowed(text);
    }
    let replaced = text.chars().filter_map(|character| match keep(character) {
        Kept::Same => Some(character),
        Kept::As(other) => Some(other),
        Kept::No => None,
    });
    Cow::Owned(replaced.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_change_a_terminal_is_shown_or_dropped() {
        assert_eq!(
            clean("a\x1b[31mb\x07\u{9b}2J\u{7f}"),
            "a\u{fffd}[31mb\u{fffd}\u{fffd}2J\u{fffd}"
        );
        assert_eq!(clean("a\u{202e}b\u{2066}c\u{200f}"), "abc");
        assert_eq!(clean("one\n\ttwo\r\n"), "one\n\ttwo\u{fffd}\n");
        assert!(matches!(
            clean("ü \u{1f468}\u{200d}\u{1f469}"),
            Cow::Borrowed(_)
        ));
    }

    #[test]
    fn json_keeps_its_value_and_shows_nothing_that_changes_a_terminal() {
        let value = serde_json::json!({ "text": "a\u{9b}2J\u{202e}b\u{7f}\x1b \u{2028} ü" });
        let document = value.to_string();
        let escaped = escape_json(&document);
        assert_eq!(
            escaped,
            "{\"text\":\"a\\u009b2J\\u202eb\\u007f\\u001b \u{2028} ü\"}"
        );
        let read: serde_json::Value = serde_json::from_str(&escaped).unwrap();
        assert_eq!(read, value);
    }

    #[test]
    fn a_line_end_becomes_a_mark() {
        assert_eq!(
            clean_line("1\r\n2\n3\r4\t5\u{2028}6\x1b"),
            "1↵2↵3↵4 5↵6\u{fffd}"
        );
        assert!(matches!(clean_line("plain"), Cow::Borrowed(_)));
    }

    #[test]
    fn width_is_what_a_terminal_shows() {
        assert_eq!(width("abc"), 3);
        assert_eq!(width("日本"), 4);
        assert_eq!(width("e\u{301}"), 1);
        assert_eq!(width("\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}"), 2);
    }

    #[test]
    fn a_long_text_is_cut_to_its_columns() {
        assert_eq!(fit("abcdef", 6), "abcdef");
        assert_eq!(fit("abcdef", 4), "abc…");
        assert_eq!(fit("日本語", 4), "日…");
        assert_eq!(fit("日本語", 5), "日本…");
        assert_eq!(fit("abc", 1), "…");
        assert_eq!(fit("abc", 0), "");
    }

    #[test]
    fn what_is_shown_as_one_is_not_cut_in_two() {
        let family = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}";
        let flag = "\u{1f1e9}\u{1f1ea}";
        let hand = "\u{1f44b}\u{1f3fd}";
        let heart = "\u{2764}\u{fe0f}";
        for one in [family, flag, hand, heart, "e\u{301}\u{327}"] {
            let columns = width(one);
            let text = format!("a{one}bcd");
            assert_eq!(fit(&text, columns + 2), format!("a{one}…"), "{one}");
            assert_eq!(fit(&text, columns + 1), "a…", "{one}");
            let text = format!("{one}{one}bcd");
            assert_eq!(fit(&text, 2 * columns + 1), format!("{one}{one}…"), "{one}");
        }
    }

    /// It used to take time with the square of their number.
    #[test]
    fn marks_without_a_width_do_not_go_on_for_ever() {
        let text = format!("e{}bcd", "\u{301}".repeat(1 << 20));
        let cut = fit(&text, 3);
        assert!(cut.ends_with('…') && cut.len() < 200, "{}", cut.len());
    }
}
