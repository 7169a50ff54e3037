//! csv: a header from the SELECT list, a line a record, nil and empty alike an empty cell.

use std::io::{self, Write};

use super::cells::Cells;
use super::json::{push_records, push_value};
use super::{RowSink, Totals};
use crate::salesforce::record::{Record, Value};
use crate::salesforce::soql::Columns;
use crate::text::csv::{end_line, push_cell, push_line};

/// RFC 4180 with LF line ends. The cell of a child subquery holds its rows as a JSON array, that of
/// a compound field a JSON object.
#[derive(Debug)]
pub struct CsvSink<W> {
    out: W,
    line: Vec<u8>,
    scratch: Vec<u8>,
    /// Known when the header has been written.
    cells: Option<Cells>,
    count_only: bool,
}

impl<W: Write> CsvSink<W> {
    /// Writes to `out`, which should be buffered.
    pub fn new(out: W) -> Self {
        Self {
            out,
            line: Vec::new(),
            scratch: Vec::new(),
            cells: None,
            count_only: false,
        }
    }
}

impl<W: Write> RowSink for CsvSink<W> {
    fn begin(&mut self, columns: &Columns) -> io::Result<()> {
        self.count_only = *columns == Columns::Count;
        self.cells = Cells::new(columns);
        match &self.cells {
            Some(cells) => write_header(&mut self.out, cells),
            None => Ok(()),
        }
    }

    fn row(&mut self, record: &Record<'_>) -> io::Result<()> {
        let cells = match &mut self.cells {
            Some(cells) => cells,
            None => {
                let cells = self.cells.insert(Cells::of_record(record));
                write_header(&mut self.out, cells)?;
                cells
            }
        };
        let values = cells.row(record)?;
        self.line.clear();
        for (at, value) in values.iter().enumerate() {
            if at > 0 {
                self.line.push(b',');
            }
            match value {
                Value::Null => {}
                Value::Text(text) => push_cell(&mut self.line, text),
                other => {
                    let json = json_cell(&mut self.scratch, other)?;
                    push_cell(&mut self.line, json);
                }
            }
        }
        end_line(&mut self.line, 0);
        self.out.write_all(&self.line)
    }

    fn finish(&mut self, totals: Totals) -> io::Result<()> {
        if self.count_only {
            writeln!(self.out, "{}", totals.total())?;
        }
        self.out.flush()
    }
}

fn write_header(out: &mut impl Write, cells: &Cells) -> io::Result<()> {
    let mut line = Vec::new();
    push_line(&mut line, cells.headers().iter().map(|header| &**header));
    out.write_all(&line)
}

/// What a cell shows of a value with structure, as JSON in `scratch`.
pub(super) fn json_cell<'s>(scratch: &'s mut Vec<u8>, value: &Value<'_>) -> io::Result<&'s str> {
    scratch.clear();
    match value {
        Value::Children(children) => push_records(scratch, &children.records)?,
        other => push_value(scratch, other)?,
    }
    std::str::from_utf8(scratch).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}
