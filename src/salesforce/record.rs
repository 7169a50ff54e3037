//! A record of a query's result, borrowed from the page that it came in.
//!
//! Values are the text that Salesforce sent; nothing passes through a number type.

use std::borrow::Cow;
use std::sync::Arc;

/// One sObject (or `AggregateResult`).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Record<'a> {
    /// The object's name, from `sf:type`, the record type marker (not the field `Type`).
    pub object: Cow<'a, str>,
    /// The selected fields in the order in which they came, which is that of the SELECT list. `Id` is
    /// among them only if it was selected: the marker that every record starts with is not a field.
    pub fields: Vec<Field<'a>>,
    /// The record as the server wrote it, for the xml format.
    pub raw: Raw<'a>,
}

/// The server's own `records` element.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Raw<'a> {
    /// From `<` to `>`; empty for a parent, and for a record that did not come as XML.
    pub element: Cow<'a, str>,
    /// The namespaces in scope around it, as attributes: ` xmlns:sf="urn:..."`; shared by the records
    /// of a page.
    pub namespaces: Option<Arc<str>>,
}

/// A field with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Field<'a> {
    /// The name as the server spells it.
    pub name: Cow<'a, str>,
    /// What it holds.
    pub value: Value<'a>,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// `xsi:nil`: there is no value, no parent, or no child rows.
    Null,
    /// Text as sent.
    Text(Cow<'a, str>),
    /// The record at the other end of a relationship.
    Parent(Box<Record<'a>>),
    /// The components of a compound value (address, location), in order.
    Compound(Vec<Field<'a>>),
    /// The rows of a child subquery.
    Children(Box<Children<'a>>),
}

/// The rows of a child subquery, so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Children<'a> {
    /// The rows that have come.
    pub records: Vec<Record<'a>>,
    /// How many there are in all; -1 if the server does not know.
    pub size: i64,
    /// Where the next page of this subquery is; `None` when all rows are here.
    pub locator: Option<Cow<'a, str>>,
}

impl Record<'_> {
    /// The first relationship with more or fewer child rows than the server announced: its name and those
    /// rows. If the server does not know how many there are, any number is right.
    pub fn incomplete_children(&self) -> Option<(&str, &Children<'_>)> {
        self.fields.iter().find_map(|field| match &field.value {
            Value::Children(children) if !children.are_complete() => {
                Some((field.name.as_ref(), &**children))
            }
            Value::Children(children) => children
                .records
                .iter()
                .find_map(Record::incomplete_children),
            Value::Parent(parent) => parent.incomplete_children(),
            Value::Null | Value::Text(_) | Value::Compound(_) => None,
        })
    }

    /// The same record, no longer borrowed from its page.
    pub fn into_owned(self) -> Record<'static> {
        Record {
            object: owned(self.object),
            fields: owned_fields(self.fields),
            raw: Raw {
                element: owned(self.raw.element),
                namespaces: self.raw.namespaces,
            },
        }
    }
}

impl Children<'_> {
    /// Whether more rows have come than the server announced.
    pub fn are_too_many(&self) -> bool {
        u64::try_from(self.size).is_ok_and(|size| (self.records.len() as u64) > size)
    }

    fn are_complete(&self) -> bool {
        let expected = u64::try_from(self.size);
        expected.is_ok_and(|size| size == self.records.len() as u64)
            || (expected.is_err() && self.locator.is_none())
    }
}

fn owned(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}

fn owned_fields(fields: Vec<Field<'_>>) -> Vec<Field<'static>> {
    fields
        .into_iter()
        .map(|field| Field {
            name: owned(field.name),
            value: owned_value(field.value),
        })
        .collect()
}

fn owned_value(value: Value<'_>) -> Value<'static> {
    match value {
        Value::Null => Value::Null,
        Value::Text(text) => Value::Text(owned(text)),
        Value::Parent(record) => Value::Parent(Box::new(record.into_owned())),
        Value::Compound(fields) => Value::Compound(owned_fields(fields)),
        Value::Children(children) => Value::Children(Box::new(Children {
            records: children
                .records
                .into_iter()
                .map(Record::into_owned)
                .collect(),
            size: children.size,
            locator: children.locator.map(owned),
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_children(size: i64, locator: Option<&'static str>) -> Record<'static> {
        let children = Children {
            records: vec![Record::default()],
            size,
            locator: locator.map(Cow::Borrowed),
        };
        Record {
            fields: vec![Field {
                name: "Contacts".into(),
                value: Value::Children(Box::new(children)),
            }],
            ..Record::default()
        }
    }

    #[test]
    fn child_rows_are_counted_where_the_server_knows_how_many_there_are() {
        assert!(with_children(1, None).incomplete_children().is_none());
        assert!(with_children(-1, None).incomplete_children().is_none());
        for short in [with_children(2, None), with_children(-1, Some("01g-200"))] {
            let (name, children) = short.incomplete_children().expect("a row is missing");
            assert_eq!((name, children.records.len()), ("Contacts", 1));
            let nested = Record {
                fields: vec![Field {
                    name: "Account".into(),
                    value: Value::Parent(Box::new(short)),
                }],
                ..Record::default()
            };
            assert!(nested.incomplete_children().is_some());
        }
    }
}
