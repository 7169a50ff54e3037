//! Cuts SOQL into the tokens of a SELECT list and a FROM clause.

/// A token of a query; white space and comments are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A name or a keyword.
    Word(&'a str),
    Dot,
    Comma,
    Open,
    Close,
    /// `*`, which means all fields in SQL.
    Star,
    /// A string, a number's sign, an operator: nothing that matters here.
    Other,
}

impl Token<'_> {
    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self, Self::Word(own) if own.eq_ignore_ascii_case(word))
    }
}

pub(super) fn tokens(soql: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = soql;
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '.' => (Some(Token::Dot), 1),
            ',' => (Some(Token::Comma), 1),
            '(' => (Some(Token::Open), 1),
            ')' => (Some(Token::Close), 1),
            '*' => (Some(Token::Star), 1),
            '\'' => (Some(Token::Other), string(rest)),
            '/' if rest.starts_with("/*") => {
                (None, rest[2..].find("*/").map_or(rest.len(), |end| end + 4))
            }
            '/' if rest.starts_with("//") => (None, line(rest)),
            '-' if rest.starts_with("--") => (None, line(rest)),
            _ if is_word(first) => {
                let end = rest
                    .find(|character| !is_word(character))
                    .unwrap_or(rest.len());
                (Some(Token::Word(&rest[..end])), end)
            }
            _ if first.is_whitespace() => (None, first.len_utf8()),
            _ => (Some(Token::Other), first.len_utf8()),
        };
        tokens.extend(token);
        rest = &rest[length..];
    }
    tokens
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn line(rest: &str) -> usize {
    rest.find('\n').unwrap_or(rest.len())
}

/// The length of a string with its quotes; a backslash takes the next character with it.
fn string(rest: &str) -> usize {
    let mut escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\'' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}
