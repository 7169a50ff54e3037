//! The small documents of both APIs: flat lists of fields, in XML or JSON.

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;
use serde_json::{Map, Value};

use super::refusal::Refused;
use crate::local_org::soap::escape;

const NAMESPACE: &str = "http://www.force.com/2009/06/asyncapi/dataload";

/// Fields in their order.
pub(super) type Fields = Vec<(&'static str, Value)>;

/// A document of 1.0 with this root.
pub(super) fn xml_document(root: &str, fields: &[(&'static str, Value)]) -> Vec<u8> {
    let mut out = open(root);
    write_fields(&mut out, " ", fields);
    close(out, root)
}

/// A document with a list of elements that hold fields.
pub(super) fn xml_list(root: &str, element: &str, items: &[Fields]) -> Vec<u8> {
    let mut out = open(root);
    for fields in items {
        out.extend_from_slice(format!(" <{element}>\n").as_bytes());
        write_fields(&mut out, "  ", fields);
        out.extend_from_slice(format!(" </{element}>\n").as_bytes());
    }
    close(out, root)
}

fn open(root: &str) -> Vec<u8> {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><{root}\n   xmlns=\"{NAMESPACE}\">\n")
        .into_bytes()
}

fn close(mut out: Vec<u8>, root: &str) -> Vec<u8> {
    out.extend_from_slice(format!("</{root}>").as_bytes());
    out
}

fn write_fields(out: &mut Vec<u8>, indent: &str, fields: &[(&'static str, Value)]) {
    for (name, value) in fields {
        let text = match value {
            Value::Null => continue,
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        out.extend_from_slice(format!("{indent}<{name}>").as_bytes());
        escape(&text, out);
        out.extend_from_slice(format!("</{name}>\n").as_bytes());
    }
}

/// The fields as a JSON object.
pub(super) fn json_object(fields: Fields) -> Value {
    let fields = fields.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(
        fields
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

/// Reads the `jobInfo` of a request of 1.0.
///
/// # Errors
/// InvalidXml or ClientInputError when it is no flat `jobInfo` of the namespace.
pub(super) fn read_xml(body: &[u8]) -> Result<Vec<(String, String)>, Refused> {
    let text = std::str::from_utf8(body).map_err(invalid_xml)?;
    let mut reader = NsReader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut fields = Vec::new();
    let mut path: Vec<String> = Vec::new();
    let mut value = String::new();
    let mut roots = 0;
    loop {
        let (namespace, event) = reader.read_resolved_event().map_err(invalid_xml)?;
        match event {
            Event::Start(start) => {
                let ours =
                    matches!(namespace, ResolveResult::Bound(name) if name.as_ref() == NAMESPACE);
                let name = start.local_name().as_ref().to_owned();
                roots += usize::from(path.is_empty());
                if !ours || roots > 1 || path.len() > 1 || (path.is_empty() && name != "jobInfo") {
                    return Err(invalid_xml(format!("unexpected element {name}")));
                }
                path.push(name);
                value.clear();
            }
            Event::End(_) => {
                let name = path.pop().unwrap_or_default();
                if path.len() == 1 {
                    fields.push((name, std::mem::take(&mut value)));
                }
            }
            Event::Text(text) => value.push_str(&text.xml10_content()),
            Event::CData(text) => value.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => {
                match reference.resolve_char_ref().map_err(invalid_xml)? {
                    Some(character) => value.push(character),
                    None => value.push_str(
                        resolve_predefined_entity(&reference.xml10_content())
                            .ok_or_else(|| invalid_xml("unknown entity"))?,
                    ),
                }
            }
            Event::DocType(_) => return Err(invalid_xml("DOCTYPE is not allowed")),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) | Event::Empty(_) => {}
            Event::Eof if path.is_empty() && roots == 1 => return Ok(fields),
            Event::Eof => return Err(invalid_xml("the document ends too early")),
        }
    }
}

fn invalid_xml(detail: impl std::fmt::Display) -> Refused {
    Refused::bad("InvalidXml", format!("Error parsing XML: {detail}"))
}

/// Reads a JSON object of texts.
///
/// # Errors
/// `code` when it is none.
pub(super) fn read_json(body: &[u8], code: &str) -> Result<Vec<(String, String)>, Refused> {
    let refused = |detail: String| Refused::bad(code, detail);
    let fields: Map<String, Value> =
        serde_json::from_slice(body).map_err(|error| refused(error.to_string()))?;
    fields
        .into_iter()
        .map(|(name, value)| match value {
            Value::String(text) => Ok((name, text)),
            _ => Err(refused(format!("{name} is no text"))),
        })
        .collect()
}
