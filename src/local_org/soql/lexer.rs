//! SOQL cut into tokens.

use super::malformed;
use crate::local_org::soap::Fault;

const KEYWORDS: [&str; 14] = [
    "SELECT", "FROM", "WHERE", "GROUP", "ORDER", "LIMIT", "OFFSET", "AND", "OR", "NOT", "BY",
    "HAVING", "WITH", "FOR",
];

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// Names, with their dots, and bare literals: numbers, dates, `true`.
    Word(String),
    Text(String),
    Symbol(&'static str),
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Byte offset in the query.
    pub(super) start: usize,
}

pub(super) struct Lexer<'a> {
    pub(super) text: &'a str,
}

impl Lexer<'_> {
    pub(super) fn tokens(&self) -> Result<Vec<Token>, Fault> {
        const SYMBOLS: [&str; 10] = ["!=", "<>", "<=", ">=", "(", ")", ",", "=", "<", ">"];
        let mut tokens = Vec::new();
        let mut at = 0;
        while let Some(first) = self.text[at..].chars().next() {
            let rest = &self.text[at..];
            if first.is_whitespace() {
                at += first.len_utf8();
            } else if let Some(length) = self.comment(at)? {
                at += length;
            } else if first == '\'' {
                let (value, length) = self.quoted(at)?;
                tokens.push(Token {
                    kind: Kind::Text(value),
                    start: at,
                });
                at += length;
            } else if let Some(symbol) = SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol))
            {
                tokens.push(Token {
                    kind: Kind::Symbol(symbol),
                    start: at,
                });
                at += symbol.len();
            } else {
                let is_word = |c: char| c.is_alphanumeric() || "_.:+-".contains(c);
                let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                // A sign is a part of a literal, two of them are a comment.
                let length = rest[..end].find("--").unwrap_or(end);
                if length == 0 {
                    return Err(malformed(
                        self.text,
                        at,
                        &format!("unexpected token: '{first}'"),
                    ));
                }
                tokens.push(Token {
                    kind: Kind::Word(rest[..length].to_owned()),
                    start: at,
                });
                at += length;
            }
        }
        Ok(tokens)
    }

    /// The length of a comment, if there is one: `/* */`, and `//` or `--` up to the end of the line. The
    /// SOQL reference has none; tools that people write queries with know them.
    fn comment(&self, start: usize) -> Result<Option<usize>, Fault> {
        let rest = &self.text[start..];
        if let Some(inside) = rest.strip_prefix("/*") {
            let end = inside
                .find("*/")
                .ok_or_else(|| malformed(self.text, start, "unterminated comment"))?;
            return Ok(Some(end + "/**/".len()));
        }
        let is_line = rest.starts_with("//") || rest.starts_with("--");
        Ok(is_line.then(|| rest.find('\n').unwrap_or(rest.len())))
    }

    /// The value of a quoted string, and its length with quotes and escapes.
    fn quoted(&self, start: usize) -> Result<(String, usize), Fault> {
        let mut value = String::new();
        let mut characters = self.text[start..].char_indices().skip(1);
        while let Some((at, character)) = characters.next() {
            match character {
                '\'' => return Ok((value, at + 1)),
                '\\' => match characters.next() {
                    Some((_, 'n')) => value.push('\n'),
                    Some((_, 't')) => value.push('\t'),
                    Some((_, 'r')) => value.push('\r'),
                    Some((_, other)) => value.push(other),
                    None => break,
                },
                other => value.push(other),
            }
        }
        Err(malformed(self.text, start, "unterminated string literal"))
    }
}

pub(super) fn is_reserved(word: &str) -> bool {
    KEYWORDS
        .iter()
        .any(|keyword| keyword.eq_ignore_ascii_case(word))
}
