//! A small reader of SOQL: enough for the queries that clients are tested with, and the service's own
//! faults for the rest.
//!
//! No date literals, TYPEOF, HAVING or functions other than the aggregates and FIELDS().

mod conditions;
mod lexer;
mod names;
mod order;
mod parser;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::data::{Child, Data, Field, Object, Parent};
use super::filter::{Expression, Path};
use super::soap::{Fault, FaultKind};
use lexer::Lexer;
pub(super) use order::{Key, Value, compare};
use parser::Parser;

/// A query, bound to the objects it names.
pub(super) struct Query {
    pub(super) object: &'static Object,
    pub(super) select: Select,
    /// What was picked, in order and with the fields of FIELDS(): the columns of a table.
    pub(super) paths: Vec<Path>,
    pub(super) filter: Option<Expression>,
    /// What ORDER BY says; empty without one.
    pub(super) order: Vec<Key>,
    /// It asks for FIELDS(ALL), which not all APIs have.
    pub(super) all_fields: bool,
    pub(super) limit: Option<u64>,
}

impl Query {
    /// Whether the filter lets this row through.
    pub(super) fn takes(&self, data: &Data, row: u64, scratch: &mut String) -> bool {
        self.filter
            .as_ref()
            .is_none_or(|filter| filter.holds(data, row, scratch))
    }
}

/// What a query returns.
pub(super) enum Select {
    /// `COUNT()`: no records, only a size.
    Count,
    Records(Vec<Node>),
    /// AggregateResults: one for each different list of keys.
    Groups {
        keys: Vec<Path>,
        columns: Vec<Column>,
    },
}

/// One thing in a record, in the order of the SELECT list.
pub(super) enum Node {
    Field(&'static Field),
    Parent(&'static Parent, Vec<Node>),
    Children(&'static Child, Arc<Query>),
}

/// One column of an AggregateResult.
pub(super) struct Column {
    pub(super) name: String,
    pub(super) value: ColumnValue,
}

pub(super) enum ColumnValue {
    /// The key at this place in the GROUP BY list.
    Key(usize),
    Aggregate(Aggregate, Path),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aggregate {
    Count,
    CountDistinct,
    Sum,
    Average,
    Least,
    Greatest,
}

impl Aggregate {
    fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_uppercase().as_str() {
            "COUNT" => Self::Count,
            "COUNT_DISTINCT" => Self::CountDistinct,
            "SUM" => Self::Sum,
            "AVG" => Self::Average,
            "MIN" => Self::Least,
            "MAX" => Self::Greatest,
            _ => return None,
        })
    }
}

/// Reads a query.
///
/// # Errors
/// The fault that the service would give, with the place marked.
pub(super) fn parse(text: &str) -> Result<Query, Fault> {
    let tokens = Lexer { text }.tokens()?;
    Parser {
        text,
        tokens,
        next: 0,
    }
    .whole()
}

fn malformed(text: &str, start: usize, message: &str) -> Fault {
    positioned(
        FaultKind::MalformedQuery,
        "MALFORMED_QUERY",
        text,
        start,
        message,
    )
}

/// A fault that shows the query's line with a caret, as the service does.
fn positioned(
    kind: FaultKind,
    code: &'static str,
    text: &str,
    start: usize,
    message: &str,
) -> Fault {
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line = text[line_start..].lines().next().unwrap_or_default();
    let row = text[..start].matches('\n').count() + 1;
    let column = text[line_start..start].chars().count() + 1;
    let indent = " ".repeat(column - 1);
    let message = format!("\n{line}\n{indent}^\nERROR at Row:{row}:Column:{column}\n{message}");
    Fault {
        kind,
        code,
        message,
        position: Some((row, column)),
    }
}
