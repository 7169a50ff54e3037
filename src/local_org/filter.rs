//! WHERE conditions, judged row by row.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::sync::OnceLock;

use super::data::{Data, Field, Kind, Parent};
use super::soql::Query;

/// A field, across parents.
#[derive(Clone)]
pub(super) struct Path {
    pub(super) parents: Vec<&'static Parent>,
    pub(super) field: &'static Field,
}

impl PartialEq for Path {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.field, other.field)
            && self.parents.len() == other.parents.len()
            && self
                .parents
                .iter()
                .zip(&other.parents)
                .all(|(one, two)| std::ptr::eq(*one, *two))
    }
}

impl Path {
    /// Writes the value into `scratch`, emptied first; false for nil or a missing parent.
    pub(super) fn value(&self, data: &Data, row: u64, scratch: &mut String) -> bool {
        scratch.clear();
        let row = self
            .parents
            .iter()
            .try_fold(row, |row, parent| (parent.row)(data, row));
        row.is_some_and(|row| (self.field.write)(data, row, scratch))
    }
}

pub(super) enum Expression {
    All(Vec<Expression>),
    Any(Vec<Expression>),
    Not(Box<Expression>),
    In(Path, Vec<Literal>),
    Within(Path, Box<Within>),
    Compare(Path, Operator, Literal),
}

/// `IN (SELECT …)`: a query with one column.
pub(super) struct Within {
    pub(super) query: Query,
    pub(super) column: Path,
    /// Its values, collected when the first row is judged.
    pub(super) values: OnceLock<HashSet<String>>,
}

impl Within {
    fn holds(&self, data: &Data, path: &Path, value: &str) -> bool {
        let values = self.values.get_or_init(|| {
            let mut scratch = String::new();
            let mut value = String::new();
            (0..(self.query.object.live)(data))
                .filter(|row| self.query.takes(data, *row, &mut scratch))
                .filter_map(|row| {
                    let there = self.column.value(data, row, &mut value);
                    there.then(|| folded(&self.column, &value))
                })
                .collect()
        });
        values.contains(&folded(path, value))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Like,
}

#[derive(Debug)]
pub(super) enum Literal {
    Null,
    Text(String),
    Number(f64),
}

impl Expression {
    /// Whether a condition is on a field for which this holds.
    pub(super) fn mentions(&self, field: &dyn Fn(&Path) -> bool) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.mentions(field)),
            Self::Not(part) => part.mentions(field),
            Self::In(path, _) | Self::Within(path, _) | Self::Compare(path, ..) => field(path),
        }
    }

    pub(super) fn holds(&self, data: &Data, row: u64, scratch: &mut String) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(data, row, scratch)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(data, row, scratch)),
            Self::Not(part) => !part.holds(data, row, scratch),
            Self::In(path, literals) => {
                let there = path.value(data, row, scratch);
                literals
                    .iter()
                    .any(|literal| compare(path, there, scratch, Operator::Equal, literal))
            }
            Self::Within(path, within) => {
                path.value(data, row, scratch) && within.holds(data, path, scratch)
            }
            Self::Compare(path, operator, literal) => {
                let there = path.value(data, row, scratch);
                compare(path, there, scratch, *operator, literal)
            }
        }
    }
}

/// A value as it is compared with others: IDs by each letter, other texts whatever their case.
pub(super) fn folded(path: &Path, value: &str) -> String {
    match path.field.name.ends_with("Id") {
        true => value.to_owned(),
        false => value.to_lowercase(),
    }
}

fn compare(path: &Path, there: bool, value: &str, operator: Operator, literal: &Literal) -> bool {
    let order = match literal {
        Literal::Null => return (operator == Operator::Equal) != there,
        // SOQL: a nil value differs from every other.
        _ if !there => return operator == Operator::NotEqual,
        Literal::Text(pattern) if operator == Operator::Like => return is_like(value, pattern),
        Literal::Text(text) if path.field.name.ends_with("Id") && text.len() == 15 => {
            value[..value.len().min(15)].cmp(text)
        }
        Literal::Text(text) => folded(path, value).cmp(&folded(path, text)),
        Literal::Number(number) if path.field.kind == Kind::Number => value
            .parse()
            .unwrap_or(f64::NAN)
            .partial_cmp(number)
            .unwrap_or(Ordering::Less),
        Literal::Number(_) => return false,
    };
    match operator {
        Operator::Equal => order == Ordering::Equal,
        Operator::NotEqual => order != Ordering::Equal,
        Operator::Less => order == Ordering::Less,
        Operator::LessOrEqual => order != Ordering::Greater,
        Operator::Greater => order == Ordering::Greater,
        Operator::GreaterOrEqual => order != Ordering::Less,
        Operator::Like => false,
    }
}

/// `%` for any text, `_` for one character, letters in any case.
fn is_like(value: &str, pattern: &str) -> bool {
    fn matches(value: &[char], pattern: &[char]) -> bool {
        match pattern.split_first() {
            None => value.is_empty(),
            Some(('%', rest)) => (0..=value.len()).any(|skip| matches(&value[skip..], rest)),
            Some((wanted, rest)) => value.split_first().is_some_and(|(found, others)| {
                (*wanted == '_' || wanted == found) && matches(others, rest)
            }),
        }
    }
    let characters = |text: &str| text.to_lowercase().chars().collect::<Vec<_>>();
    matches(&characters(value), &characters(pattern))
}
