//! An answer as `xmllint --format` prints it, byte for byte.
//!
//! The rules are libxml2's (`xmlsave.c`, and `areBlanks` in `parser.c`): an element that holds text
//! stays on one line as it is; any other has a line for each child, indented by two. Left out is what
//! Salesforce does not send: comments and processing instructions are dropped, and the encoding is
//! always UTF-8.

use std::borrow::Cow;

use quick_xml::escape::unescape;
use quick_xml::events::BytesStart;

use crate::text::xml::{Problem, Reader, Token, XmlError, decode};

/// An element, or text in one.
enum Node<'a> {
    Element(Element<'a>),
    /// Its text, decoded.
    Text(String),
    /// Its source, since xmllint keeps CDATA.
    CData(&'a str),
}

struct Element<'a> {
    name: &'a str,
    /// Names and decoded values: namespace declarations first, otherwise in the order of the document.
    attributes: Vec<(String, String)>,
    children: Vec<Node<'a>>,
}

impl Node<'_> {
    fn is_text(&self) -> bool {
        !matches!(self, Self::Element(_))
    }
}

/// Prints a document.
///
/// # Errors
/// When it is cut off or not well-formed.
pub(super) fn format(document: &[u8]) -> Result<String, XmlError> {
    let text = decode(document)?;
    let mut xml = Reader::new(&text);
    xml.root()?;
    let root = element(&mut xml)?;
    xml.finish()?;
    let mut out = String::with_capacity(text.len() * 2);
    out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    write_element(&mut out, &root, Some(0));
    out.push('\n');
    Ok(out)
}

/// Reads the element that has just been opened.
fn element<'a>(xml: &mut Reader<'a>) -> Result<Element<'a>, XmlError> {
    let tag = xml.source(xml.start(), xml.position());
    let tag = tag.strip_prefix('<').unwrap_or(tag);
    let tag = tag.strip_suffix('>').unwrap_or(tag);
    let tag = tag.strip_suffix('/').unwrap_or(tag);
    let name = tag.split_ascii_whitespace().next().unwrap_or_default();
    let offset = xml.start();
    let wrong = |text: String| XmlError {
        offset,
        problem: Problem::Syntax(text),
    };
    let mut attributes = Vec::new();
    for attribute in BytesStart::from_content(tag, name.len()).attributes() {
        let attribute = attribute.map_err(|error| wrong(error.to_string()))?;
        // XML 1.0, 3.3.3: white space becomes a space, unless it is written as a reference.
        let value = attribute.value.replace(['\t', '\n', '\r'], " ");
        let value = unescape(&value).map_err(|error| wrong(error.to_string()))?;
        attributes.push((attribute.key.into_inner().to_owned(), value.into_owned()));
    }
    attributes.sort_by_key(|(name, _)| !(name == "xmlns" || name.starts_with("xmlns:")));
    Ok(Element {
        name,
        attributes,
        children: children(xml)?,
    })
}

fn children<'a>(xml: &mut Reader<'a>) -> Result<Vec<Node<'a>>, XmlError> {
    let mut nodes: Vec<Node<'a>> = Vec::new();
    // White space; only the next token tells whether it is text or indentation.
    let mut blank: Option<Cow<'a, str>> = None;
    loop {
        let token = xml.token()?;
        let source = xml.source(xml.start(), xml.position());
        if let Some(white) = blank.take() {
            let beside_text = [nodes.first(), nodes.last()];
            let is_text = match token {
                Token::Text(_) => true,
                Token::Close if nodes.is_empty() => true,
                _ => beside_text.into_iter().flatten().any(Node::is_text),
            };
            if is_text {
                push_text(&mut nodes, &white);
            }
        }
        match token {
            Token::Open(_) => nodes.push(Node::Element(element(xml)?)),
            Token::Text(_) if source.starts_with("<![CDATA[") => nodes.push(Node::CData(source)),
            Token::Text(text) if source.trim_ascii().is_empty() => blank = Some(text),
            Token::Text(text) => push_text(&mut nodes, &text),
            Token::Close | Token::End => return Ok(nodes),
        }
    }
}

fn push_text(nodes: &mut Vec<Node<'_>>, text: &str) {
    match nodes.last_mut() {
        Some(Node::Text(last)) => last.push_str(text),
        _ => nodes.push(Node::Text(text.to_owned())),
    }
}

/// Writes an element, indented to `depth`; `None` where white space would change the text.
fn write_element(out: &mut String, element: &Element<'_>, depth: Option<usize>) {
    out.push('<');
    out.push_str(element.name);
    for (name, value) in &element.attributes {
        out.push(' ');
        out.push_str(name);
        out.push_str("=\"");
        escape_into(out, value, true);
        out.push('"');
    }
    if element.children.is_empty() {
        out.push_str("/>");
        return;
    }
    out.push('>');
    let depth = depth.filter(|_| !element.children.iter().any(Node::is_text));
    for child in &element.children {
        if let Some(depth) = depth {
            new_line(out, depth + 1);
        }
        match child {
            Node::Element(child) => write_element(out, child, depth.map(|depth| depth + 1)),
            Node::Text(text) => escape_into(out, text, false),
            Node::CData(source) => out.push_str(source),
        }
    }
    if let Some(depth) = depth {
        new_line(out, depth);
    }
    out.push_str("</");
    out.push_str(element.name);
    out.push('>');
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    // libxml2 indents 30 levels at most.
    out.extend(std::iter::repeat_n("  ", depth.min(30)));
}

/// Escapes what libxml2 does: quotes, for example, only in attributes.
fn escape_into(out: &mut String, text: &str, in_attribute: bool) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#13;"),
            '"' if in_attribute => out.push_str("&quot;"),
            '\n' if in_attribute => out.push_str("&#10;"),
            '\t' if in_attribute => out.push_str("&#9;"),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each pair was made by `xmllint --format` of libxml2 2.9: see fixtures/soap/README.md.
    #[test]
    fn it_prints_what_xmllint_prints() {
        let pairs: [(&[u8], &str); 2] = [
            (
                include_bytes!("../../../fixtures/soap/get-user-info.xml"),
                include_str!("../../../fixtures/soap/get-user-info.xmllint.xml"),
            ),
            (
                include_bytes!("../../../fixtures/soap/corners.xml"),
                include_str!("../../../fixtures/soap/corners.xmllint.xml"),
            ),
        ];
        for (document, expected) in pairs {
            assert_eq!(format(document).unwrap(), expected);
            assert_eq!(format(expected.as_bytes()).unwrap(), expected);
        }
    }

    #[test]
    fn a_document_cut_anywhere_is_an_error() {
        let document = include_bytes!("../../../fixtures/soap/corners.xml").trim_ascii_end();
        for end in 0..document.len() {
            assert!(format(&document[..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn what_is_not_well_formed_is_an_error() {
        for document in [
            "<a><b></a></b>",
            "<a b='&unknown;'/>",
            "<a b='1' b='2'/>",
            "<!DOCTYPE a><a/>",
            "<a/><b/>",
        ] {
            assert!(format(document.as_bytes()).is_err(), "{document}");
        }
    }
}
