//! The content of a record: markers, fields, parents, compound values and child rows.

use std::borrow::Cow;
use std::mem;

use super::super::namespace::PARTNER;
use super::{PageError, next_locator, read_done, read_locator, read_size};
use crate::salesforce::record::{Children, Field, Record, Value};
use crate::text::xml::{Element, Reader, Token};

/// Reads a record over the one given, just after its element has opened; `first` is its first child,
/// if that had to be opened to know that this is a record.
pub(super) fn read_record<'a>(
    xml: &mut Reader<'a>,
    mut first: Option<Element<'a>>,
    record: &mut Record<'a>,
) -> Result<(), PageError> {
    let mut expected = Marker::Type;
    let mut fields = Slots {
        fields: &mut record.fields,
        used: 0,
    };
    record.object = Cow::Borrowed("");
    loop {
        if first.is_none()
            && let Some((name, text)) = xml.plain_child()
        {
            match expected.take(name) {
                Some(Marker::Type) => record.object = Cow::Borrowed(text),
                Some(_) => {}
                None => fields.set(name, Value::Text(Cow::Borrowed(text))),
            }
            continue;
        }
        let opened = match first.take() {
            Some(element) => Some(element),
            None => xml.child()?,
        };
        let Some(element) = opened else { break };
        match expected.take(element.local()) {
            Some(Marker::Type) => record.object = xml.text()?,
            Some(_) => xml.skip()?,
            None => {
                let old = fields.old_value();
                let value = read_value(xml, element, old)?;
                fields.set(element.local(), value);
            }
        }
    }
    fields.end();
    Ok(())
}

/// The markers that every record starts with (Partner WSDL, `sObject`): `type`, `fieldsToNull`,
/// `Id`. A second `Id` is a field, and so is `Type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marker {
    Type,
    Id,
    None,
}

impl Marker {
    /// The marker that the next element is; `None` if it is a field.
    pub(super) fn take(&mut self, name: &str) -> Option<Self> {
        let (taken, next) = match (*self, name) {
            (Self::None, _) => return None,
            (Self::Type, "type") => (Some(Self::Type), Self::Id),
            (Self::Id, "fieldsToNull") => (Some(Self::Id), Self::Id),
            (Self::Id, "Id") => (Some(Self::Id), Self::None),
            _ => (None, Self::None),
        };
        *self = next;
        taken
    }
}

/// The fields of the previous row, which are overwritten one by one.
struct Slots<'r, 'a> {
    fields: &'r mut Vec<Field<'a>>,
    used: usize,
}

impl<'a> Slots<'_, 'a> {
    /// Takes out the value to be overwritten next, to reuse its memory.
    fn old_value(&mut self) -> Value<'a> {
        self.fields.get_mut(self.used).map_or(Value::Null, |field| {
            mem::replace(&mut field.value, Value::Null)
        })
    }

    fn set(&mut self, name: &'a str, value: Value<'a>) {
        let field = Field {
            name: Cow::Borrowed(name),
            value,
        };
        match self.fields.get_mut(self.used) {
            Some(slot) => *slot = field,
            None => self.fields.push(field),
        }
        self.used += 1;
    }

    fn end(self) {
        self.fields.truncate(self.used);
    }
}

/// Reads the element just opened; `old` is the value at the same place in the previous row.
///
/// `xsi:type` tells what it is, or else the first element in it.
fn read_value<'a>(
    xml: &mut Reader<'a>,
    element: Element<'a>,
    old: Value<'a>,
) -> Result<Value<'a>, PageError> {
    if element.is_nil {
        xml.skip()?;
        return Ok(Value::Null);
    }
    match element.type_name {
        Some("sObject") => read_parent(xml, None, old),
        Some("QueryResult") => read_children(xml, None),
        Some("address" | "location") => read_compound(xml, None),
        _ => read_untyped(xml, old),
    }
}

fn read_untyped<'a>(xml: &mut Reader<'a>, old: Value<'a>) -> Result<Value<'a>, PageError> {
    let mut text = Cow::Borrowed("");
    loop {
        match xml.token()? {
            Token::Text(piece) if text.is_empty() => text = piece,
            Token::Text(piece) => text.to_mut().push_str(&piece),
            Token::Open(first) if first.local() == "type" => {
                return read_parent(xml, Some(first), old);
            }
            Token::Open(first) if first.is(PARTNER, "done") => {
                return read_children(xml, Some(first));
            }
            Token::Open(first) => return read_compound(xml, Some(first)),
            // `End` cannot come here: inside an element the reader makes it an error.
            Token::Close | Token::End => return Ok(Value::Text(text)),
        }
    }
}

fn read_parent<'a>(
    xml: &mut Reader<'a>,
    first: Option<Element<'a>>,
    old: Value<'a>,
) -> Result<Value<'a>, PageError> {
    let mut parent = match old {
        Value::Parent(parent) => parent,
        _ => Box::default(),
    };
    read_record(xml, first, &mut parent)?;
    Ok(Value::Parent(parent))
}

fn read_compound<'a>(
    xml: &mut Reader<'a>,
    mut first: Option<Element<'a>>,
) -> Result<Value<'a>, PageError> {
    let mut components = Vec::new();
    loop {
        let opened = match first.take() {
            Some(element) => Some(element),
            None => xml.child()?,
        };
        let Some(element) = opened else {
            return Ok(Value::Compound(components));
        };
        let value = read_value(xml, element, Value::Null)?;
        components.push(Field {
            name: Cow::Borrowed(element.local()),
            value,
        });
    }
}

fn read_children<'a>(
    xml: &mut Reader<'a>,
    mut first: Option<Element<'a>>,
) -> Result<Value<'a>, PageError> {
    let (mut done, mut locator) = (true, None);
    let mut children = Children {
        records: Vec::new(),
        size: -1,
        locator: None,
    };
    loop {
        let opened = match first.take() {
            Some(element) => Some(element),
            None => xml.child()?,
        };
        let Some(element) = opened else { break };
        match (element.namespace, element.local()) {
            (PARTNER, "done") => done = read_done(xml)?,
            (PARTNER, "queryLocator") => locator = read_locator(xml, element)?,
            (PARTNER, "records") => {
                let start = xml.start();
                let mut record = Record::default();
                read_record(xml, None, &mut record)?;
                record.raw.element = Cow::Borrowed(xml.source(start, xml.position()));
                children.records.push(record);
            }
            (PARTNER, "size") => children.size = read_size(xml)?,
            _ => xml.skip()?,
        }
    }
    children.locator = next_locator(done, locator)?;
    Ok(Value::Children(Box::new(children)))
}

/// Calls `visit` with the child rows of a record, then with those of each child.
pub(super) fn each_children<'a, E>(
    record: &mut Record<'a>,
    visit: &mut impl FnMut(&mut Children<'a>) -> Result<(), E>,
) -> Result<(), E> {
    for field in &mut record.fields {
        match &mut field.value {
            Value::Children(children) => {
                visit(children)?;
                for child in &mut children.records {
                    each_children(child, visit)?;
                }
            }
            Value::Parent(parent) => each_children(parent, visit)?,
            Value::Null | Value::Text(_) | Value::Compound(_) => {}
        }
    }
    Ok(())
}
