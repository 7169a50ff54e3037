//! A record as a query answers it, borrowed from the page it came in.
//!
//! Values are the text that Salesforce sent; nothing goes through a number type.

use std::borrow::Cow;

/// One sObject (or `AggregateResult`).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Record<'a> {
    /// The object's name, from `sf:type`, the record type marker (not the field `Type`).
    pub object: Cow<'a, str>,
    /// The selected fields in the order they came, which is the SELECT list's. `Id` is among them
    /// once if it was selected, and not at all otherwise: the marker every record starts with is
    /// not a field.
    pub fields: Vec<Field<'a>>,
    /// The server's own `records` element, from `<` to `>`, for the xml format. Empty for a parent.
    pub raw: &'a [u8],
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
    /// `xsi:nil`: no value, no parent, or no child rows.
    Null,
    /// Text as sent.
    Text(Cow<'a, str>),
    /// The record at the other end of a relationship.
    Parent(Box<Record<'a>>),
    /// A compound value (address, location): its components in order.
    Compound(Vec<Field<'a>>),
    /// The rows of a child subquery.
    Children(Children<'a>),
}

/// The rows of a child subquery, so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Children<'a> {
    /// The rows that have come.
    pub records: Vec<Record<'a>>,
    /// How many there are in all; -1 where the server does not know.
    pub size: i64,
    /// Where the next page of this subquery is; `None` when all rows are here.
    pub locator: Option<Cow<'a, str>>,
}
