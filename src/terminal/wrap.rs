//! Long lines for a terminal, broken between words.
//!
//! A command in a sentence, between backticks, is never broken: pasted, a line end in it would start it
//! too early, while a terminal that breaks a long line by itself does no harm.

use crate::terminal::{fit, width};

/// Fewer columns are no room for words.
const NARROWEST: usize = 20;

/// The lines that a text is shown as in so many columns. Of a query with a caret below it the part
/// around the caret is shown.
pub fn fitted(text: &str, columns: usize) -> Vec<String> {
    let mut shown = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        match lines.next_if(|next| is_caret(next)) {
            Some(caret) => shown.extend(around(line, width(caret) - 1, columns)),
            None => shown.extend(wrapped(line, columns).into_iter().map(str::to_owned)),
        }
    }
    shown
}

fn is_caret(line: &str) -> bool {
    line.trim_start() == "^"
}

/// As much of a line as fits around the column at which a caret stands below it, and the caret.
fn around(line: &str, caret: usize, columns: usize) -> [String; 2] {
    let line_and_caret = |line: &str, caret| [line.to_owned(), format!("{:caret$}^", "")];
    if columns < NARROWEST || width(line).max(caret + 1) <= columns {
        return line_and_caret(line, caret);
    }
    // More of what was read before than of what comes.
    let most = columns * 2 / 3;
    let left = |at: usize| caret.saturating_sub(width(&line[..at]));
    let mut places = line.char_indices().map(|(at, _)| at);
    match places.find(|at| left(*at) < most) {
        None | Some(0) => line_and_caret(&fit(line, columns), caret),
        Some(at) => {
            let shown = format!("…{}", &line[at..]);
            line_and_caret(&fit(&shown, columns), left(at) + 1)
        }
    }
}

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

    /// It used to be broken by the terminal, with the caret below anything.
    #[test]
    fn a_caret_stands_below_its_place_however_narrow_the_terminal() {
        let query = "SELECT Id, Größe__c, 日本語__c, Titlex FROM Contact WHERE LastName != null";
        for columns in [20, 21, 40, 60, 80] {
            for word in ["SELECT", "Größe__c", "日本語__c", "Titlex", "WHERE", "null"] {
                let caret = width(query.split(word).next().unwrap());
                let text = format!("no {word}:\n{query}\n{:caret$}^\nno", "");
                let lines = fitted(&text, columns);
                let [_, line, caret, _] = &lines[..] else {
                    panic!("{lines:?}");
                };
                let fits = lines.iter().all(|line| width(line) <= columns);
                assert!(fits, "{columns}: {lines:?}");
                let before = caret.find('^').unwrap();
                let mut ends = line.char_indices().map(|(at, _)| at);
                let below = ends.find(|at| width(&line[..*at]) == before).unwrap();
                let first: String = word.chars().take(2).collect();
                assert!(line[below..].starts_with(&first), "{lines:#?}");
            }
        }
        let text = format!("{query}\n^");
        assert_eq!(fitted(&text, 19), [query, "^"]);
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
