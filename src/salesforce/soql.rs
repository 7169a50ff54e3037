//! What a SELECT list says about the columns of its result.
//!
//! So the header of a table is known before the first row, even if there are no rows. Only the SELECT
//! list and the FROM clause are read. Left out: judging a query, which is up to the server; one that is
//! not understood here is [`Columns::FromFirstRecord`].

#[cfg(test)]
mod tests;
mod tokens;

use crate::text::xml::unsendable;
use tokens::{Token, tokens};

/// The columns of a result, as far as the query tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Columns {
    /// One column for each item of the SELECT list, in its order.
    List(Vec<Column>),
    /// The query does not tell (`FIELDS(ALL)`): they are the first record's.
    FromFirstRecord,
    /// `SELECT COUNT() FROM X`: there are no rows, only their number, as the result's size.
    Count,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The header: the path as typed (`Account.Name`), the alias, `expr0`, or the name of the
    /// subquery's relationship.
    pub name: String,
    /// Where the value is in a record, step by step, ignoring case. The value may have a structure of its
    /// own: child rows, an address, the record of a TYPEOF.
    pub path: Vec<String>,
}

/// The columns of a query's result.
pub fn columns(soql: &str) -> Columns {
    let tokens = tokens(soql);
    let mut query = Query { rest: &tokens };
    query.columns().unwrap_or(Columns::FromFirstRecord)
}

/// Whether the SELECT list has child subqueries, whose rows may come on pages of their own.
pub fn has_children(soql: &str) -> bool {
    let tokens = tokens(soql);
    let mut depth = 0;
    for pair in tokens.windows(2) {
        match pair[0] {
            Token::Open if pair[1].is_word("SELECT") => return true,
            Token::Open => depth += 1,
            Token::Close => depth -= 1,
            word if depth == 0 && word.is_word("FROM") => return false,
            _ => {}
        }
    }
    false
}

/// What a `*` asks for, which SOQL, unlike SQL, does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Star {
    /// `SELECT *`: all fields.
    Fields,
    /// `COUNT(*)`: the number of rows.
    Count,
}

/// Finds a `*` in the SELECT list, the one mistake that can be seen without a server.
pub fn star(soql: &str) -> Option<Star> {
    let tokens = tokens(soql);
    if !tokens.first()?.is_word("SELECT") {
        return None;
    }
    let list = tokens.split(|token| token.is_word("FROM")).next()?;
    let at = list.iter().position(|token| *token == Token::Star)?;
    Some(match list[at - 1] {
        Token::Open => Star::Count,
        _ => Star::Fields,
    })
}

/// A query that cannot be sent because of this character.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the query holds the character U+{:04X}, which cannot be sent", u32::from(*.0))]
pub struct Unsendable(pub char);

/// Refuses control characters and others that XML cannot hold. Bulk requests could carry them, but they
/// are never meant to be in a query.
///
/// # Errors
/// [`Unsendable`].
pub fn check_characters(soql: &str) -> Result<(), Unsendable> {
    unsendable(soql).map_or(Ok(()), |character| Err(Unsendable(character)))
}

/// The object of a query's own FROM clause, as typed; subqueries do not count.
pub fn from_object(soql: &str) -> Option<String> {
    let tokens = tokens(soql);
    Some(from_clause(after_from(&tokens)?)?.object)
}

/// Whether there is a FROM of the query's own.
pub fn has_from(soql: &str) -> bool {
    after_from(&tokens(soql)).is_some()
}

/// One item of a SELECT list.
#[derive(Debug, PartialEq, Eq)]
enum Item<'a> {
    /// A field, also one in `toLabel()` and the like, whose result has the field's name.
    Field {
        path: Vec<&'a str>,
        alias: Option<&'a str>,
    },
    /// An aggregate or another function.
    Expression { alias: Option<&'a str> },
    /// The rows of a relationship, or a TYPEOF's record: one cell, named after the relationship.
    Relationship(Vec<&'a str>),
    /// `COUNT()`.
    Count,
}

/// Functions that change how a value is shown, but not its name in the result (SOQL and SOSL Reference,
/// "SELECT").
const KEEPS_NAME: [&str; 3] = ["toLabel", "FORMAT", "convertCurrency"];

const AGGREGATES: [&str; 6] = ["COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX"];

/// Words that can follow an object in the FROM clause, and so are not its alias.
const CLAUSES: [&str; 12] = [
    "USING", "WHERE", "WITH", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FOR", "UPDATE",
    "ALL", "AS",
];

struct Query<'t, 'a> {
    rest: &'t [Token<'a>],
}

impl<'t, 'a> Query<'t, 'a> {
    fn columns(&mut self) -> Option<Columns> {
        if !self.word("SELECT") {
            return None;
        }
        let mut aggregate = false;
        let mut items = Vec::new();
        loop {
            items.push(self.item(&mut aggregate)?);
            match self.next()? {
                Token::Comma => {}
                Token::Word(word) if word.eq_ignore_ascii_case("FROM") => break,
                _ => return None,
            }
        }
        if items == [Item::Count] {
            return Some(Columns::Count);
        }
        let from = from_clause(self.rest)?;
        aggregate |= has_group_by(self.rest);
        let mut expressions = 0;
        items
            .into_iter()
            .map(|item| column(item, &from, aggregate, &mut expressions))
            .collect::<Option<_>>()
            .map(Columns::List)
    }

    fn item(&mut self, aggregate: &mut bool) -> Option<Item<'a>> {
        if let Some(Token::Open) = self.rest.first() {
            return subquery(self.parentheses()?);
        }
        if self.word("TYPEOF") {
            let path = self.path()?;
            while !self.word("END") {
                self.next()?;
            }
            return Some(Item::Relationship(path));
        }
        let path = self.path()?;
        let Some(Token::Open) = self.rest.first() else {
            return Some(Item::Field {
                path,
                alias: self.alias(),
            });
        };
        let arguments = self.parentheses()?;
        let [function] = path[..] else { return None };
        if function.eq_ignore_ascii_case("FIELDS") {
            return None;
        }
        if function.eq_ignore_ascii_case("COUNT") && arguments.is_empty() {
            return Some(Item::Count);
        }
        *aggregate |= is_in(function, &AGGREGATES);
        Some(
            match (shown_field(function, arguments, aggregate), self.alias()) {
                (Some(path), alias) => Item::Field { path, alias },
                (None, alias) => Item::Expression { alias },
            },
        )
    }

    fn next(&mut self) -> Option<&'t Token<'a>> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    /// Takes this word, in whatever case, if it comes next.
    fn word(&mut self, word: &str) -> bool {
        let found =
            matches!(self.rest.first(), Some(Token::Word(next)) if next.eq_ignore_ascii_case(word));
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    /// `Account.Owner.Name`, with or without spaces around the dots.
    fn path(&mut self) -> Option<Vec<&'a str>> {
        let mut path = Vec::new();
        loop {
            let Token::Word(step) = self.next()? else {
                return None;
            };
            path.push(*step);
            match self.rest.first() {
                Some(Token::Dot) => self.rest = &self.rest[1..],
                _ => return Some(path),
            }
        }
    }

    fn alias(&mut self) -> Option<&'a str> {
        match self.rest {
            [Token::Word(alias), rest @ ..] if !alias.eq_ignore_ascii_case("FROM") => {
                self.rest = rest;
                Some(alias)
            }
            _ => None,
        }
    }

    /// What is between the parenthesis that comes next and the matching one.
    fn parentheses(&mut self) -> Option<&'t [Token<'a>]> {
        let mut depth = 0;
        for (at, token) in self.rest.iter().enumerate() {
            match token {
                Token::Open => depth += 1,
                Token::Close => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                let inside = self.rest.get(1..at)?;
                self.rest = &self.rest[at + 1..];
                return Some(inside);
            }
        }
        None
    }
}

/// The field inside `toLabel(Status)` or `FORMAT(convertCurrency(Amount))`; `None` for any other call.
fn shown_field<'a>(
    function: &str,
    arguments: &[Token<'a>],
    aggregate: &mut bool,
) -> Option<Vec<&'a str>> {
    // Few calls are nested; a thousand levels must not use up the stack.
    if !is_in(function, &KEEPS_NAME) || arguments.len() > 64 {
        return None;
    }
    let mut inside = Query { rest: arguments };
    match inside.item(aggregate)? {
        Item::Field { path, alias: None } if inside.rest.is_empty() => Some(path),
        _ => None,
    }
}

fn subquery<'a>(tokens: &[Token<'a>]) -> Option<Item<'a>> {
    let mut from = Query {
        rest: after_from(tokens)?,
    };
    // `FROM Account.Contacts` is the older way to write `FROM Contacts`.
    let relationship = from.path()?.pop()?;
    Some(Item::Relationship(vec![relationship]))
}

fn column(
    item: Item<'_>,
    from: &FromClause,
    aggregate: bool,
    expressions: &mut usize,
) -> Option<Column> {
    let named = |name: &str| Column {
        name: name.to_owned(),
        path: vec![name.to_owned()],
    };
    Some(match item {
        Item::Field {
            alias: Some(alias), ..
        }
        | Item::Expression { alias: Some(alias) } => named(alias),
        Item::Expression { alias: None } => {
            *expressions += 1;
            named(&format!("expr{}", *expressions - 1))
        }
        Item::Field { path, alias: None } => {
            let mut resolved = from.resolve(&path);
            if aggregate {
                // An AggregateResult is flat: `GROUP BY Account.Name` gives `Name`.
                resolved.drain(..resolved.len() - 1);
            }
            Column {
                name: path.join("."),
                path: resolved,
            }
        }
        Item::Relationship(path) => Column {
            name: path.join("."),
            path: from.resolve(&path),
        },
        // Beside other items COUNT() is an error, which is for the server to report.
        Item::Count => return None,
    })
}

/// The FROM clause: its object, and what its aliases stand for.
struct FromClause {
    object: String,
    /// Names that a path may start with, and the steps from the record that they stand for.
    aliases: Vec<(String, Vec<String>)>,
}

impl FromClause {
    /// The path from the record: with `FROM Contact c`, `c.Account.Name` is `Account.Name`.
    fn resolve(&self, path: &[&str]) -> Vec<String> {
        let steps = |path: &[&str]| path.iter().map(|&step| step.to_owned()).collect::<Vec<_>>();
        if let [first, rest @ ..] = path
            && !rest.is_empty()
            && let Some((_, start)) = self
                .aliases
                .iter()
                .find(|(alias, _)| alias.eq_ignore_ascii_case(first))
        {
            return start.iter().cloned().chain(steps(rest)).collect();
        }
        steps(path)
    }
}

/// Reads `Contact c, c.Account a`.
fn from_clause(tokens: &[Token<'_>]) -> Option<FromClause> {
    let mut clause = Query { rest: tokens };
    let object = clause.path()?.join(".");
    let mut from = FromClause {
        aliases: vec![(object.clone(), Vec::new())],
        object,
    };
    let mut start = Vec::new();
    loop {
        if let [Token::Word(alias), rest @ ..] = clause.rest
            && !is_in(alias, &CLAUSES)
        {
            clause.rest = rest;
            from.aliases.push(((*alias).to_owned(), start));
        }
        match clause.rest {
            [Token::Comma, rest @ ..] => clause.rest = rest,
            _ => return Some(from),
        }
        start = from.resolve(&clause.path()?);
    }
}

/// What follows this query's own FROM, not that of one in parentheses.
fn after_from<'t, 'a>(tokens: &'t [Token<'a>]) -> Option<&'t [Token<'a>]> {
    let at = outside_parentheses(tokens).position(|token| token.is_word("FROM"))?;
    tokens.get(at + 1..)
}

fn has_group_by(tokens: &[Token<'_>]) -> bool {
    let mut outside = outside_parentheses(tokens);
    outside.any(|token| token.is_word("GROUP"))
        && outside.next().is_some_and(|token| token.is_word("BY"))
}

/// The tokens, with those in parentheses replaced by commas, so that positions do not change.
fn outside_parentheses<'t, 'a>(tokens: &'t [Token<'a>]) -> impl Iterator<Item = &'t Token<'a>> {
    tokens.iter().scan(0_usize, |depth, token| {
        match token {
            Token::Open => *depth += 1,
            Token::Close => *depth = depth.saturating_sub(1),
            _ => {}
        }
        Some(if *depth > 0 { &Token::Comma } else { token })
    })
}

fn is_in(word: &str, list: &[&str]) -> bool {
    list.iter().any(|entry| entry.eq_ignore_ascii_case(word))
}
