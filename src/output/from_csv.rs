//! Bulk CSV on its way to a structured format: bytes in, records out.
//!
//! Columns named `Account.Name` become records inside records, as `query` writes them; an empty cell
//! is `null`, because CSV does not tell the two apart (protocol: Salesforce stores empty text as
//! null). Left out: types; every value is the text that was sent.

use std::borrow::Cow;
use std::io::{self, Write};

use super::{RowSink, Totals};
use crate::salesforce::record::{Field, Record, Value};
use crate::salesforce::soql::{Column, Columns};
use crate::text::csv::reader::{Cells, Records};

/// The longest row: it is held in memory, as its cells have to be whole. Salesforce's text fields take
/// 1.6 million characters in one object (its allocations), so one of these is not Salesforce's.
const LONGEST_ROW: usize = 16 * 1024 * 1024;

/// Records are nested this deep in a row. Queries go up five relationships (SOQL guide).
const MAX_DEPTH: usize = 64;

/// Takes CSV, cut anywhere, and pushes its records into a sink.
pub struct FromCsv<'a> {
    sink: &'a mut dyn RowSink,
    delimiter: u8,
    records: Records,
    rows: Rows,
}

#[derive(Default)]
struct Rows {
    cells: Cells,
    /// The header's columns; `None` before it has come.
    columns: Option<Vec<Node>>,
    width: usize,
    count: u64,
}

/// A column, or a relationship with columns in it.
enum Node {
    Cell { name: String, index: usize },
    Parent { name: String, nodes: Vec<Node> },
}

/// CSV that cannot be records.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CsvError {
    /// A row of another length than the header.
    #[error("row {row} of the result has {found} cells, its header has {expected}")]
    Width {
        /// The row, from 1.
        row: u64,
        /// Its cells.
        found: usize,
        /// The header's.
        expected: usize,
    },
    /// Bytes that are no text.
    #[error("row {row} of the result is not UTF-8")]
    NotUtf8 {
        /// The row, from 1; 0 is the header.
        row: u64,
    },
    /// More than is held in memory.
    #[error("row {row} of the result is longer than {LONGEST_ROW} bytes")]
    TooLong {
        /// The row, from 1.
        row: u64,
    },
    /// A column of a relationship of a relationship, and so on.
    #[error("a column of the result goes up more than {MAX_DEPTH} relationships")]
    TooDeep,
}

impl<'a> FromCsv<'a> {
    /// Cells are parted by `delimiter`.
    pub fn new(sink: &'a mut dyn RowSink, delimiter: u8) -> Self {
        Self {
            sink,
            delimiter,
            records: Records::default(),
            rows: Rows::default(),
        }
    }

    /// Ends the result. Without a header `columns` are the ones that the query asked for.
    ///
    /// # Errors
    /// When the last row is not one, or the output cannot be written.
    pub fn finish(mut self, columns: &Columns) -> io::Result<()> {
        let Self {
            records,
            rows,
            sink,
            delimiter,
        } = &mut self;
        if let Some(last) = records.rest() {
            rows.take(last, *delimiter, *sink)?;
        }
        if rows.columns.is_none() {
            sink.begin(columns)?;
        }
        let size = i64::try_from(rows.count).unwrap_or(-1);
        self.sink.finish(Totals {
            rows: self.rows.count,
            size,
        })
    }
}

impl Write for FromCsv<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Self {
            records,
            rows,
            sink,
            delimiter,
        } = self;
        records.push(bytes, |record| rows.take(record, *delimiter, *sink))?;
        if records
            .rest()
            .is_some_and(|begun| begun.len() > LONGEST_ROW)
        {
            let row = rows.count + 1;
            return Err(io::Error::other(CsvError::TooLong { row }));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Rows {
    /// A record: the header first, then rows.
    fn take(&mut self, record: &[u8], delimiter: u8, sink: &mut dyn RowSink) -> io::Result<()> {
        self.cells.read(record, delimiter);
        let Some(columns) = &self.columns else {
            let names = texts(&self.cells, 0)?;
            // Each level is a call of a function in a function.
            let levels = |name: &&str| name.bytes().filter(|&byte| byte == b'.').count();
            if names.iter().any(|name| levels(name) > MAX_DEPTH) {
                return Err(io::Error::other(CsvError::TooDeep));
            }
            self.width = names.len();
            sink.begin(&list(&names))?;
            self.columns = Some(tree(&names));
            return Ok(());
        };
        self.count += 1;
        let cells = texts(&self.cells, self.count)?;
        if cells.len() != self.width {
            return Err(io::Error::other(CsvError::Width {
                row: self.count,
                found: cells.len(),
                expected: self.width,
            }));
        }
        sink.row(&Record {
            fields: fields(columns, &cells),
            ..Record::default()
        })
    }
}

fn texts(cells: &Cells, row: u64) -> io::Result<Vec<&str>> {
    let text =
        |cell| std::str::from_utf8(cell).map_err(|_| io::Error::other(CsvError::NotUtf8 { row }));
    cells.iter().map(text).collect()
}

fn list(names: &[&str]) -> Columns {
    let column = |name: &&str| Column {
        name: (*name).to_owned(),
        path: name.split('.').map(str::to_owned).collect(),
    };
    Columns::List(names.iter().map(column).collect())
}

/// Columns by relationship, each at the place of its first column.
fn tree(names: &[&str]) -> Vec<Node> {
    let mut nodes = Vec::new();
    for (index, path) in names.iter().enumerate() {
        insert(&mut nodes, path, index);
    }
    nodes
}

fn insert(nodes: &mut Vec<Node>, path: &str, index: usize) {
    let Some((first, rest)) = path.split_once('.') else {
        let name = path.to_owned();
        return nodes.push(Node::Cell { name, index });
    };
    for node in nodes.iter_mut() {
        if let Node::Parent { name, nodes } = node
            && name == first
        {
            return insert(nodes, rest, index);
        }
    }
    let mut inside = Vec::new();
    insert(&mut inside, rest, index);
    nodes.push(Node::Parent {
        name: first.to_owned(),
        nodes: inside,
    });
}

fn fields<'a>(nodes: &'a [Node], cells: &[&'a str]) -> Vec<Field<'a>> {
    let field = |node: &'a Node| match node {
        Node::Cell { name, index } => Field {
            name: Cow::Borrowed(name.as_str()),
            value: match cells[*index] {
                "" => Value::Null,
                text => Value::Text(Cow::Borrowed(text)),
            },
        },
        Node::Parent { name, nodes } => Field {
            name: Cow::Borrowed(name.as_str()),
            value: Value::Parent(Box::new(Record {
                fields: fields(nodes, cells),
                ..Record::default()
            })),
        },
    };
    nodes.iter().map(field).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::json::JsonSink;

    const CSV: &[u8] = b"\"Id\",\"Account.Name\",\"Note\",\"Account.Owner.Name\"\n\
        \"1\",\"A \"\"B\"\"\",\"x\ny\",\"Zo\xc3\xab\"\n\"2\",\"\",\"\",\"\"\n";

    fn json(csv: &[u8], piece: usize) -> io::Result<String> {
        let mut out = Vec::new();
        let mut sink = JsonSink::new(&mut out);
        let mut rows = FromCsv::new(&mut sink, b',');
        for piece in csv.chunks(piece) {
            rows.write_all(piece)?;
        }
        rows.finish(&Columns::FromFirstRecord)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn columns_of_a_relationship_become_a_record_wherever_the_pieces_are_cut() {
        let expected = "{\"records\":[\n\
            {\"Id\":\"1\",\"Account\":{\"Name\":\"A \\\"B\\\"\",\"Owner\":{\"Name\":\"Zoë\"}},\"Note\":\"x\\ny\"},\n\
            {\"Id\":\"2\",\"Account\":{\"Name\":null,\"Owner\":{\"Name\":null}},\"Note\":null}\n\
            ],\"totalSize\":2,\"done\":true}\n";
        for piece in 1..CSV.len() {
            assert_eq!(json(CSV, piece).unwrap(), expected, "pieces of {piece}");
        }
        // The last line end may be missing.
        assert_eq!(json(&CSV[..CSV.len() - 1], 7).unwrap(), expected);
    }

    #[test]
    fn a_row_of_another_length_and_bytes_that_are_no_text_are_errors() {
        let error = |csv| json(csv, 64).unwrap_err().to_string();
        assert_eq!(
            error(b"\"A\",\"B\"\n\"1\"\n"),
            "row 1 of the result has 1 cells, its header has 2"
        );
        assert_eq!(
            error(b"\"A\"\n\"\xff\"\n"),
            "row 1 of the result is not UTF-8"
        );
    }

    #[test]
    fn nothing_at_all_is_an_empty_result() {
        assert_eq!(
            json(b"", 1).unwrap(),
            "{\"records\":[],\"totalSize\":0,\"done\":true}\n"
        );
    }
}
