//! Finds the cells of a table in the records of a result.
//!
//! A record is a tree (`Account` holds `Name`), a table is flat (`Account.Name`). The columns are
//! kept as the same tree in the order of the records' fields, so that a row is one walk in which
//! every name only has to be confirmed. Nothing sent is dropped silently: a field that no column
//! takes, or a column that no field fills, is an error that names it.

use std::io;

use crate::salesforce::record::{Field, Record, Value};
use crate::salesforce::soql::{Column, Columns};

/// A record that does not have the columns of its result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ColumnMismatch {
    /// It has a field more.
    #[error("a record has the field {0}, which no column takes")]
    Unnamed(String),
    /// It has a field less.
    #[error("a record has no field for the column {0}")]
    Missing(String),
    /// Columns are expected inside this field, and it is no relationship.
    #[error("the field {0} is not a record")]
    NotAParent(String),
}

/// The columns of a result, matched to the records that have come.
#[derive(Debug, Default)]
pub(super) struct Cells {
    headers: Vec<String>,
    nodes: Vec<Node>,
}

#[derive(Debug)]
struct Node {
    /// As typed, until a record has shown how the server spells it.
    name: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Column(usize),
    Parent(Vec<Node>),
}

static NULL: Value<'static> = Value::Null;

impl Cells {
    /// The columns that the SELECT list names; `None` when it does not.
    pub(super) fn new(columns: &Columns) -> Option<Self> {
        let Columns::List(columns) = columns else {
            return None;
        };
        let mut cells = Self::default();
        for Column { name, path } in columns {
            insert(&mut cells.nodes, path, cells.headers.len());
            cells.headers.push(name.clone());
        }
        Some(cells)
    }

    /// The columns that a record shows: its fields, and those of its parents.
    pub(super) fn of_record(record: &Record<'_>) -> Self {
        let mut headers = Vec::new();
        let nodes = nodes_of(&record.fields, "", &mut headers);
        Self { headers, nodes }
    }

    /// The columns' names.
    pub(super) fn headers(&self) -> &[String] {
        &self.headers
    }

    /// The cells of a record, in the order of the headers.
    pub(super) fn row<'r, 'a>(&mut self, record: &'r Record<'a>) -> io::Result<Vec<&'r Value<'a>>> {
        let mut cells = vec![&NULL as &Value<'_>; self.headers.len()];
        walk(&mut self.nodes, &record.fields, &self.headers, &mut cells)
            .map_err(|mismatch| io::Error::new(io::ErrorKind::InvalidData, mismatch))?;
        Ok(cells)
    }
}

fn insert(nodes: &mut Vec<Node>, path: &[String], column: usize) {
    let (name, rest) = match path {
        [name] => {
            return nodes.push(Node {
                name: name.clone(),
                kind: Kind::Column(column),
            });
        }
        [name, rest @ ..] => (name, rest),
        [] => return,
    };
    for node in nodes.iter_mut() {
        if let Kind::Parent(inner) = &mut node.kind
            && node.name.eq_ignore_ascii_case(name)
        {
            return insert(inner, rest, column);
        }
    }
    let mut inner = Vec::new();
    insert(&mut inner, rest, column);
    nodes.push(Node {
        name: name.clone(),
        kind: Kind::Parent(inner),
    });
}

fn nodes_of(fields: &[Field<'_>], path: &str, headers: &mut Vec<String>) -> Vec<Node> {
    let node = |field: &Field<'_>| {
        let header = format!("{path}{}", field.name);
        let kind = match &field.value {
            Value::Parent(parent) => {
                Kind::Parent(nodes_of(&parent.fields, &format!("{header}."), headers))
            }
            _ => {
                headers.push(header);
                Kind::Column(headers.len() - 1)
            }
        };
        Node {
            name: field.name.clone().into_owned(),
            kind,
        }
    };
    fields.iter().map(node).collect()
}

fn walk<'r, 'a>(
    nodes: &mut [Node],
    fields: &'r [Field<'a>],
    headers: &[String],
    cells: &mut [&'r Value<'a>],
) -> Result<(), ColumnMismatch> {
    let in_order = nodes.len() == fields.len()
        && nodes
            .iter()
            .zip(fields)
            .all(|(node, field)| node.name == field.name);
    if !in_order {
        arrange(nodes, fields, headers)?;
    }
    for (node, field) in nodes.iter_mut().zip(fields) {
        match (&mut node.kind, &field.value) {
            (Kind::Column(column), value) => cells[*column] = value,
            (Kind::Parent(inner), Value::Parent(parent)) => {
                walk(inner, &parent.fields, headers, cells)?
            }
            // Its cells are null, as every cell is to begin with.
            (Kind::Parent(_), Value::Null) => {}
            (Kind::Parent(_), _) => return Err(ColumnMismatch::NotAParent(node.name.clone())),
        }
    }
    Ok(())
}

/// Puts the nodes into the order of the fields and takes over the server's spelling.
///
/// Nodes and fields are paired by name, whatever the case. Those left over are paired in order
/// where there are as many of each: the server answers in the order of the SELECT list, and may
/// call a column something else (a namespace prefix, an expression).
fn arrange(
    nodes: &mut [Node],
    fields: &[Field<'_>],
    headers: &[String],
) -> Result<(), ColumnMismatch> {
    let mut node_of: Vec<Option<usize>> = vec![None; fields.len()];
    let mut left: Vec<usize> = (0..nodes.len()).collect();
    for (at, field) in fields.iter().enumerate() {
        if let Some(found) = left
            .iter()
            .position(|&node| nodes[node].name.eq_ignore_ascii_case(&field.name))
        {
            node_of[at] = Some(left.remove(found));
        }
    }
    let mut unnamed = (0..fields.len())
        .filter(|&at| node_of[at].is_none())
        .collect::<Vec<_>>();
    if unnamed.len() > left.len() {
        return Err(ColumnMismatch::Unnamed(
            fields[unnamed.remove(left.len())].name.clone().into_owned(),
        ));
    }
    if unnamed.len() < left.len() {
        return Err(ColumnMismatch::Missing(header(
            &nodes[left[unnamed.len()]],
            headers,
        )));
    }
    for (field, node) in unnamed.into_iter().zip(left) {
        node_of[field] = Some(node);
    }
    // Fields and nodes are as many now, and each field has its node.
    let mut rank = vec![0; nodes.len()];
    for (at, node) in node_of.into_iter().flatten().enumerate() {
        rank[node] = at;
        nodes[node].name = fields[at].name.clone().into_owned();
    }
    for at in 0..nodes.len() {
        while rank[at] != at {
            let to = rank[at];
            nodes.swap(at, to);
            rank.swap(at, to);
        }
    }
    Ok(())
}

/// The header of a column, or of a parent's first.
fn header(node: &Node, headers: &[String]) -> String {
    match &node.kind {
        Kind::Column(column) => headers[*column].clone(),
        Kind::Parent(inner) => inner
            .first()
            .map(|node| header(node, headers))
            .unwrap_or_default(),
    }
}
