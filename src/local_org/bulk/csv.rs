//! Results as CSV: every field quoted, inner quotes doubled, columns in the order of the SELECT list.

use std::ops::Range;
use std::sync::Arc;

use crate::local_org::answer::Source;
use crate::local_org::data::Data;
use crate::local_org::filter::Path;
use crate::local_org::selection::Selection;
use crate::local_org::soql::Query;

/// A piece of a result has about this many bytes.
const PIECE: usize = 256 * 1024;

/// How rows are written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dialect {
    pub(super) delimiter: char,
    pub(super) line_end: &'static str,
    /// Every third row ends in a NUL byte.
    pub(super) nul_bytes: bool,
}

impl Default for Dialect {
    fn default() -> Self {
        Self {
            delimiter: ',',
            line_end: "\n",
            nul_bytes: false,
        }
    }
}

/// The rows of a query, in its order.
#[derive(Clone)]
pub(super) struct Table {
    pub(super) data: Data,
    pub(super) query: Arc<Query>,
    pub(super) rows: Selection,
    pub(super) columns: Vec<Path>,
    pub(super) dialect: Dialect,
}

impl Table {
    /// Looks at all rows, if there is a filter.
    pub(super) fn count(&self) -> u64 {
        self.rows.count(&self.data, &self.query)
    }

    /// Writes the header row; with the columns in reverse order if `reversed`.
    pub(super) fn write_header(&self, reversed: bool, out: &mut Vec<u8>) {
        let mut names: Vec<String> = self.columns.iter().map(column_name).collect();
        if reversed {
            names.reverse();
        }
        for (at, name) in names.iter().enumerate() {
            self.separate(at, out);
            out.extend_from_slice(format!("\"{name}\"").as_bytes());
        }
        out.extend_from_slice(self.dialect.line_end.as_bytes());
    }

    pub(super) fn write_row(&self, row: u64, scratch: &mut String, out: &mut Vec<u8>) {
        for (at, column) in self.columns.iter().enumerate() {
            self.separate(at, out);
            out.push(b'"');
            if column.value(&self.data, row, scratch) {
                write_quoted(scratch, out);
            }
            if self.dialect.nul_bytes && row.is_multiple_of(3) && at + 1 == self.columns.len() {
                out.push(0);
            }
            out.push(b'"');
        }
        out.extend_from_slice(self.dialect.line_end.as_bytes());
    }

    fn separate(&self, at: usize, out: &mut Vec<u8>) {
        if at > 0 {
            let mut bytes = [0; 4];
            out.extend_from_slice(self.dialect.delimiter.encode_utf8(&mut bytes).as_bytes());
        }
    }
}

/// `Account.Name`
pub(super) fn column_name(path: &Path) -> String {
    let mut name = String::new();
    for parent in &path.parents {
        name += parent.name;
        name.push('.');
    }
    name + path.field.name
}

fn write_quoted(value: &str, out: &mut Vec<u8>) {
    for (at, part) in value.split('"').enumerate() {
        if at > 0 {
            out.extend_from_slice(b"\"\"");
        }
        out.extend_from_slice(part.as_bytes());
    }
}

/// A range of a table's rows, made while it is sent.
pub(super) struct Rows {
    table: Table,
    /// The place to look at next.
    next: u64,
    /// Rows of the result to pass over, and then to write.
    skip: u64,
    left: u64,
    scratch: String,
}

impl Rows {
    pub(super) fn new(table: Table, range: Range<u64>) -> Self {
        let mut next = table.rows.start();
        let mut skip = range.start;
        if table.rows.is_dense(&table.query) {
            next += skip;
            skip = 0;
        }
        Self {
            table,
            next,
            skip,
            left: range.end - range.start,
            scratch: String::new(),
        }
    }
}

impl Source for Rows {
    fn fill(&mut self, out: &mut Vec<u8>) -> bool {
        if self.left == 0 {
            return false;
        }
        let enough = out.len() + PIECE;
        let Table {
            data, query, rows, ..
        } = &self.table;
        while self.left > 0 && out.len() < enough {
            let Some((place, row)) = rows.next(data, query, self.next, &mut self.scratch) else {
                self.left = 0;
                break;
            };
            self.next = place + 1;
            if self.skip > 0 {
                self.skip -= 1;
                continue;
            }
            self.table.write_row(row, &mut self.scratch, out);
            self.left -= 1;
        }
        true
    }
}
