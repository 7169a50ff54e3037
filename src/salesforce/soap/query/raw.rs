//! A record as the server wrote it, with `Id` once and its child rows complete.

use super::fields::Marker;
use crate::salesforce::record::{Children, Record, Value};
use crate::text::xml::{Reader, XSI, XmlError};

/// Appends the `records` element of a record to a document.
///
/// It is kept as the server wrote it, with two exceptions: the marker `Id` is left out if `Id` is a
/// field, too; and child rows from further pages follow those of the first, with no locator left.
/// `scope` holds the namespaces declared around it; a record that came with others declares its own.
///
/// # Errors
/// When the record did not come as XML.
pub fn push_raw(out: &mut String, record: &Record<'_>, scope: &str) -> Result<(), XmlError> {
    let mut xml = Reader::new(&record.raw.element);
    let element = xml.root()?;
    let opening = tag(&xml);
    match &record.raw.namespaces {
        Some(own) if **own != *scope => {
            let (name, rest) = opening.split_at("<".len() + element.name.len());
            out.extend([name, &**own, rest]);
        }
        _ => out.push_str(opening),
    }
    copy_record(out, &mut xml, record, scope)
}

/// Copies the content of a record, and its end tag.
fn copy_record(
    out: &mut String,
    xml: &mut Reader<'_>,
    record: &Record<'_>,
    scope: &str,
) -> Result<(), XmlError> {
    let id_is_field = record.fields.iter().any(|field| field.name == "Id");
    let mut expected = Marker::Type;
    let mut fields = record.fields.iter();
    while let Some(element) = xml.child()? {
        let opening = tag(xml);
        let marker = expected.take(element.local());
        if marker == Some(Marker::Id) && element.local() == "Id" && id_is_field {
            xml.skip()?;
            continue;
        }
        out.push_str(opening);
        let value = if marker.is_none() {
            fields.next().map(|field| &field.value)
        } else {
            None
        };
        match value {
            Some(Value::Parent(parent)) => copy_record(out, xml, parent, scope)?,
            Some(Value::Children(children)) => copy_children(out, xml, children, scope)?,
            _ => copy_rest(out, xml)?,
        }
    }
    out.push_str(tag(xml));
    Ok(())
}

fn copy_children(
    out: &mut String,
    xml: &mut Reader<'_>,
    children: &Children<'_>,
    scope: &str,
) -> Result<(), XmlError> {
    let mut records = children.records.iter();
    while let Some(element) = xml.child()? {
        let opening = tag(xml);
        match element.local() {
            "done" if children.locator.is_none() => {
                xml.skip()?;
                out.extend(["<", element.name, ">true</", element.name, ">"]);
            }
            "queryLocator" if children.locator.is_none() => {
                xml.skip()?;
                out.extend([
                    "<",
                    element.name,
                    " xmlns:xsi=\"",
                    XSI,
                    "\" xsi:nil=\"true\"/>",
                ]);
            }
            "records" => {
                out.push_str(opening);
                match records.next() {
                    Some(record) => copy_record(out, xml, record, scope)?,
                    None => copy_rest(out, xml)?,
                }
            }
            "size" => {
                records
                    .by_ref()
                    .try_for_each(|record| push_raw(out, record, scope))?;
                out.push_str(opening);
                copy_rest(out, xml)?;
            }
            _ => {
                out.push_str(opening);
                copy_rest(out, xml)?;
            }
        }
    }
    records.try_for_each(|record| push_raw(out, record, scope))?;
    out.push_str(tag(xml));
    Ok(())
}

/// Copies the rest of the element just opened, unchanged.
fn copy_rest(out: &mut String, xml: &mut Reader<'_>) -> Result<(), XmlError> {
    let from = xml.position();
    xml.skip()?;
    out.push_str(xml.source(from, xml.position()));
    Ok(())
}

/// The last tag read; the end tag of `<a/>` is empty.
fn tag<'a>(xml: &Reader<'a>) -> &'a str {
    xml.source(xml.start(), xml.position())
}
