//! Results on their way to a terminal, cleaned as they stream.
//!
//! Left out: results for a pipe or a file, which keep their bytes.

use std::borrow::Cow;

use super::{clean, escape_json};

/// What a result is, as far as its cleaning goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Made for a terminal: what is foreign in it is clean, and its escape sequences are ours.
    Shown,
    /// Text whose values may be anything.
    Text,
    /// JSON, which keeps its values when what would change a terminal is escaped.
    Json,
}

impl Content {
    /// What cleans it, if it needs that.
    pub fn cleaner(self) -> Option<Cleaner> {
        let clean = match self {
            Self::Shown => return None,
            Self::Text => clean,
            Self::Json => escape_json,
        };
        Some(Cleaner {
            clean,
            held: Vec::new(),
        })
    }
}

/// Cleans a stream that comes in pieces, cut anywhere.
#[derive(Debug)]
pub struct Cleaner {
    clean: for<'a> fn(&'a str) -> Cow<'a, str>,
    /// The beginning of a character, or a carriage return, whose rest is in the next piece.
    held: Vec<u8>,
}

impl Cleaner {
    /// The next piece as a terminal may have it. Bytes that are no UTF-8 become U+FFFD: a terminal of
    /// another encoding could obey them. CR LF is an end of line like another.
    pub fn piece(&mut self, bytes: &[u8]) -> String {
        self.held.extend_from_slice(bytes);
        let whole = self.held.len() - unfinished(&self.held);
        let rest = self.held.split_off(whole);
        let piece = std::mem::replace(&mut self.held, rest);
        self.cleaned(&piece)
    }

    /// What is left when no more comes.
    pub fn end(&mut self) -> String {
        let rest = std::mem::take(&mut self.held);
        self.cleaned(&rest)
    }

    fn cleaned(&self, bytes: &[u8]) -> String {
        let text = String::from_utf8_lossy(bytes);
        let lines: Vec<_> = text.split("\r\n").map(self.clean).collect();
        lines.join("\n")
    }
}

/// How many bytes at the end may become something else by what follows.
fn unfinished(bytes: &[u8]) -> usize {
    if bytes.ends_with(b"\r") {
        return 1;
    }
    let end = bytes
        .utf8_chunks()
        .last()
        .map_or(&[][..], |last| last.invalid());
    // A whole sequence is no error, and one that no byte can mend is not waited for.
    let may_go_on = std::str::from_utf8(end).is_err_and(|error| error.error_len().is_none());
    if may_go_on { end.len() } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text in two pieces, cut at each of its bytes.
    fn in_two(content: Content, bytes: &[u8]) -> Vec<String> {
        let cut = |at: usize| {
            let (first, second) = bytes.split_at(at);
            let mut cleaner = content.cleaner().unwrap();
            cleaner.piece(first) + &cleaner.piece(second) + &cleaner.end()
        };
        (0..=bytes.len()).map(cut).collect()
    }

    #[test]
    fn what_changes_a_terminal_is_marked_wherever_the_stream_is_cut() {
        for (bytes, expected) in [
            (
                "a\x1b[2Jb\x07\u{7f}\n\t".as_bytes(),
                "a\u{fffd}[2Jb\u{fffd}\u{fffd}\n\t",
            ),
            ("\u{9b}2J \u{202e}x\u{2069}y".as_bytes(), "\u{fffd}2J xy"),
            (
                "日本語 \u{1f468}\u{200d}\u{1f469}".as_bytes(),
                "日本語 \u{1f468}\u{200d}\u{1f469}",
            ),
            (b"1\r\n2\r3\r", "1\n2\u{fffd}3\u{fffd}"),
            // The CSI of a terminal that is set to Latin-1; an end without its beginning and the reverse.
            (b"\x9b31m \xbf \xe6\x97", "\u{fffd}31m \u{fffd} \u{fffd}"),
            (b"\xe6\x97\x1b", "\u{fffd}\u{fffd}"),
        ] {
            for cleaned in in_two(Content::Text, bytes) {
                assert_eq!(cleaned, expected, "{bytes:?}");
            }
        }
    }

    #[test]
    fn json_keeps_its_values_wherever_the_stream_is_cut() {
        let document = "{\n\t\"a\": \"\u{9b}2J\u{202e}\u{7f} ü\"\n}\n";
        for cleaned in in_two(Content::Json, document.as_bytes()) {
            assert_eq!(cleaned, "{\n\t\"a\": \"\\u009b2J\\u202e\\u007f ü\"\n}\n");
        }
    }

    #[test]
    fn what_is_made_for_a_terminal_is_left_alone() {
        assert!(Content::Shown.cleaner().is_none());
    }
}
