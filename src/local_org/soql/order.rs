//! ORDER BY: how values follow one another.

use std::cmp::Ordering;

use crate::local_org::data::Kind;
use crate::local_org::filter::{Path, folded};

/// One of the fields to sort by.
#[derive(Clone)]
pub(in crate::local_org) struct Key {
    pub(in crate::local_org) path: Path,
    pub(super) descending: bool,
    pub(super) nulls_last: bool,
}

/// A value as it is compared.
#[derive(Debug, PartialEq)]
pub(in crate::local_org) enum Value {
    Nil,
    Number(f64),
    Text(String),
}

impl Key {
    pub(in crate::local_org) fn value(&self, text: Option<&str>) -> Value {
        match (text, self.path.field.kind) {
            (None, _) => Value::Nil,
            (Some(text), Kind::Number) => Value::Number(text.parse().unwrap_or(f64::NAN)),
            (Some(text), _) => Value::Text(folded(&self.path, text)),
        }
    }

    pub(in crate::local_org) fn compare(&self, one: &Value, two: &Value) -> Ordering {
        let order = match (one, two) {
            (Value::Nil, Value::Nil) => Ordering::Equal,
            (Value::Nil, _) if self.nulls_last => return Ordering::Greater,
            (Value::Nil, _) => return Ordering::Less,
            (_, Value::Nil) if self.nulls_last => return Ordering::Less,
            (_, Value::Nil) => return Ordering::Greater,
            (Value::Number(one), Value::Number(two)) => one.total_cmp(two),
            (Value::Text(one), Value::Text(two)) => one.cmp(two),
            // Values of one field are of one kind.
            (Value::Number(_), Value::Text(_)) | (Value::Text(_), Value::Number(_)) => {
                Ordering::Equal
            }
        };
        if self.descending {
            order.reverse()
        } else {
            order
        }
    }

    /// Rows come in this order by themselves, however many: each is newer than the next.
    pub(in crate::local_org) fn is_natural(&self) -> bool {
        let newest_first = ["CreatedDate", "LastModifiedDate"].contains(&self.path.field.name);
        newest_first && self.path.parents.is_empty() && self.descending
    }
}

/// Compares two lists of values, each made by the key at its place.
pub(in crate::local_org) fn compare(order: &[Key], one: &[Value], two: &[Value]) -> Ordering {
    order
        .iter()
        .zip(one.iter().zip(two))
        .map(|(key, (one, two))| key.compare(one, two))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}
