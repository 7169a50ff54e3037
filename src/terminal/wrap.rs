//! Long lines for a terminal, broken between words.
//!
//! A command in a sentence, between backticks, is never broken: pasted, a line end in it would start it
//! too early, while a terminal that breaks a long line by itself does no harm.

use crate::terminal::width;

/// Fewer columns are no room for words.
const NARROWEST: usize = 20;

/// The lines that a line is shown as in so many columns; a word or command that is longer stays whole.
pub fn wrapped(line: &str, columns: usize) -> Vec<&str> {
    if columns < NARROWEST {
        return vec![line];
    }
    let mut lines = Vec::new();
    let mut start = 0;
    let mut fits = None;
    for place in places(line) {
        if width(&line[start..place]) > columns
            && let Some(end) = fits
        {
            lines.push(&line[start..end]);
            start = end + 1;
        }
        fits = Some(place);
    }
    lines.push(&line[start..]);
    lines
}

/// Where the line may be broken: at these spaces, which then go; last its end.
fn places(line: &str) -> Vec<usize> {
    let mut places = Vec::new();
    let mut quoted = false;
    let mut word = 0;
    for (at, character) in line.char_indices() {
        match character {
            '`' => quoted = !quoted,
            ' ' if !quoted => {
                // What stands between two spaces is no word, and text that is indented no sentence.
                if at > word {
                    places.push(at);
                }
                word = at + 1;
            }
            _ => {}
        }
    }
    places.push(line.len());
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_broken_between_words_and_none_is_lost() {
        let text = "the quick brown fox jumps over the lazy dog and on";
        assert_eq!(
            wrapped(text, 20),
            ["the quick brown fox", "jumps over the lazy", "dog and on"]
        );
        for columns in [20, 21, 33, 49, 50, 51] {
            let lines = wrapped(text, columns);
            assert_eq!(lines.join(" "), text);
            assert!(lines.iter().all(|line| width(line) <= columns), "{lines:?}");
        }
        assert_eq!(wrapped(text, 50), [text]);
        assert_eq!(wrapped(text, 19), [text]);
        assert_eq!(wrapped("", 30), [""]);
        // Two columns each.
        let wide = "日本語日本語日本語 日本語";
        assert_eq!(wrapped(wide, 20), ["日本語日本語日本語", "日本語"]);
    }

    #[test]
    fn a_word_that_is_too_long_stays_whole() {
        let url = "https://acme.my.salesforce.com/services";
        let text = format!("see {url} for more");
        assert_eq!(wrapped(&text, 20), ["see", url, "for more"]);
    }

    #[test]
    fn a_command_is_never_broken() {
        let text = "run `sf org list --all --json` and look what it knows of";
        assert_eq!(
            wrapped(text, 24),
            [
                "run",
                "`sf org list --all --json`",
                "and look what it knows",
                "of"
            ]
        );
    }
}
