//! How records look: SOAP API guide, partner queries; captures of public test suites.
//!
//! Type and ID come first, whether selected or not, so that a selected ID comes twice. Tags are made once
//! a page, not once a row.

use std::sync::Arc;

use super::data::{Child, Field, Kind, Object, Parent};
use super::query::Pages;
use super::soap::{Names, escape};
use super::soql::{Node, Query, Select};

/// The elements of one kind of record in one query.
pub(super) struct Shape<'a> {
    object: &'static Object,
    /// Where the ID is found, if it was selected.
    id: Option<&'static Field>,
    cells: Vec<Cell<'a>>,
    open: String,
    close: String,
    type_tag: Tag,
    id_tag: Tag,
}

enum Cell<'a> {
    Field(&'static Field, Tag),
    /// An Address or a Location: the names of its parts, nil where none.
    Compound(&'static Field, Tag, Vec<(Tag, Option<usize>)>),
    Parent(&'static Parent, Tag, Shape<'a>),
    Children(&'static Child, Tag, &'a Arc<Query>, Shape<'a>),
}

/// An element's tags.
struct Tag {
    open: String,
    close: String,
    nil: String,
}

impl Tag {
    fn new(names: &Names, prefix: &str, name: &str, xsi_type: Option<String>) -> Self {
        let xsi = names.xsi;
        let kind = xsi_type
            .map(|kind| format!(" {xsi}:type=\"{kind}\""))
            .unwrap_or_default();
        Self {
            open: format!("<{prefix}{name}{kind}>"),
            close: format!("</{prefix}{name}>"),
            nil: format!("<{prefix}{name} {xsi}:nil=\"true\"/>"),
        }
    }

    fn write(&self, value: Option<&str>, out: &mut Vec<u8>) {
        match value {
            Some(value) => {
                out.extend_from_slice(self.open.as_bytes());
                escape(value, out);
                out.extend_from_slice(self.close.as_bytes());
            }
            None => out.extend_from_slice(self.nil.as_bytes()),
        }
    }
}

impl<'a> Shape<'a> {
    pub(super) fn of(names: &Names, object: &'static Object, nodes: &'a [Node]) -> Self {
        let sf = names.object;
        let id = nodes.iter().find_map(|node| match node {
            Node::Field(field) if field.name == "Id" => Some(*field),
            _ => None,
        });
        Self {
            object,
            id,
            cells: nodes.iter().map(|node| Cell::of(names, node)).collect(),
            open: format!("<{}records {}:type=\"{sf}sObject\">", names.api, names.xsi),
            close: format!("</{}records>", names.api),
            type_tag: Tag::new(names, sf, "type", None),
            id_tag: Tag::new(names, sf, "Id", None),
        }
    }

    /// Writes a `records` element.
    pub(super) fn write_record(
        &self,
        pages: &Pages<'_>,
        row: u64,
        scratch: &mut String,
        out: &mut Vec<u8>,
    ) {
        out.extend_from_slice(self.open.as_bytes());
        self.write_fields(pages, row, scratch, out);
        out.extend_from_slice(self.close.as_bytes());
    }

    fn write_fields(&self, pages: &Pages<'_>, row: u64, scratch: &mut String, out: &mut Vec<u8>) {
        self.type_tag.write(Some((self.object.type_of)(row)), out);
        self.id_tag
            .write(self.id.and_then(|id| value(id, pages, row, scratch)), out);
        for cell in &self.cells {
            cell.write(pages, row, scratch, out);
        }
    }
}

impl<'a> Cell<'a> {
    fn of(names: &Names, node: &'a Node) -> Self {
        let Names {
            api, object: sf, ..
        } = names;
        let record = || Some(format!("{sf}sObject"));
        match node {
            Node::Field(field) => match compound(field.kind) {
                None => Self::Field(field, Tag::new(names, sf, field.name, None)),
                Some((kind, parts)) => {
                    let parts = parts
                        .iter()
                        .map(|(name, line)| (Tag::new(names, api, name, None), *line))
                        .collect();
                    Self::Compound(
                        field,
                        Tag::new(names, sf, field.name, Some(format!("{api}{kind}"))),
                        parts,
                    )
                }
            },
            Node::Parent(parent, nodes) => {
                let shape = Shape::of(names, parent.object, nodes);
                Self::Parent(parent, Tag::new(names, sf, parent.name, record()), shape)
            }
            Node::Children(child, query) => {
                let nodes = match &query.select {
                    Select::Records(nodes) => nodes.as_slice(),
                    _ => &[],
                };
                let kind = Some(format!("{api}QueryResult"));
                Self::Children(
                    child,
                    Tag::new(names, sf, child.name, kind),
                    query,
                    Shape::of(names, child.object, nodes),
                )
            }
        }
    }

    fn write(&self, pages: &Pages<'_>, row: u64, scratch: &mut String, out: &mut Vec<u8>) {
        match self {
            Self::Field(field, tag) => tag.write(value(field, pages, row, scratch), out),
            Self::Compound(field, tag, parts) => {
                let Some(value) = value(field, pages, row, scratch) else {
                    return tag.write(None, out);
                };
                out.extend_from_slice(tag.open.as_bytes());
                for (tag, line) in parts {
                    tag.write(line.and_then(|line| value.lines().nth(line)), out);
                }
                out.extend_from_slice(tag.close.as_bytes());
            }
            Self::Parent(parent, tag, shape) => match (parent.row)(&pages.data, row) {
                Some(row) => {
                    out.extend_from_slice(tag.open.as_bytes());
                    shape.write_fields(pages, row, scratch, out);
                    out.extend_from_slice(tag.close.as_bytes());
                }
                None => tag.write(None, out),
            },
            Self::Children(child, tag, query, shape) => {
                let before = out.len();
                out.extend_from_slice(tag.open.as_bytes());
                if pages.children(child, row, query, shape, out) {
                    out.extend_from_slice(tag.close.as_bytes());
                } else {
                    out.truncate(before);
                    tag.write(None, out);
                }
            }
        }
    }
}

fn value<'s>(
    field: &Field,
    pages: &Pages<'_>,
    row: u64,
    scratch: &'s mut String,
) -> Option<&'s str> {
    scratch.clear();
    (field.write)(&pages.data, row, scratch).then_some(scratch.as_str())
}

type Parts = &'static [(&'static str, Option<usize>)];

/// Type and parts of a compound value in the order of the WSDL, each with the line of the value it takes.
fn compound(kind: Kind) -> Option<(&'static str, Parts)> {
    match kind {
        Kind::Text | Kind::Number => None,
        Kind::Location => Some(("location", &[("latitude", Some(0)), ("longitude", Some(1))])),
        Kind::Address => Some((
            "address",
            &[
                ("latitude", Some(0)),
                ("longitude", Some(1)),
                ("city", Some(2)),
                ("country", Some(3)),
                ("countryCode", None),
                ("geocodeAccuracy", None),
                ("postalCode", Some(4)),
                ("state", Some(5)),
                ("stateCode", None),
                ("street", Some(6)),
            ],
        )),
    }
}
