//! human: aligned columns for a person at a terminal.
//!
//! The first rows are kept back to measure the columns; then everything streams, and a later cell
//! that is too long is cut. Values are cleaned for terminals, but never reformatted.

use std::io::{self, Write};

use super::cells::Cells;
use super::{RowSink, Totals};
use crate::salesforce::record::{Field, Record, Value};
use crate::salesforce::soql::Columns;
use crate::terminal::{clean_line, fit, width};

/// Rows that are measured before the first is shown.
const MEASURED_ROWS: usize = 500;
/// Bytes of cells kept back at most, for tables of long texts.
const MEASURED_BYTES: usize = 1 << 20;
/// A column is not made narrower than this; lines wrap rather than say nothing.
const NARROWEST: usize = 6;
const GAP: &str = "  ";

/// Writes a table. Long cells end in `…`; structured values are their parts, joined by commas.
#[derive(Debug)]
pub struct HumanSink<W> {
    out: W,
    style: Style,
    cells: Option<Cells>,
    /// Rows kept back; `None` once the widths are set.
    measured: Option<Vec<Vec<String>>>,
    bytes: usize,
    widths: Vec<usize>,
    count_only: bool,
}

/// What the terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// Its width in columns; without one nothing is cut.
    pub width: Option<usize>,
    /// Whether the header may be bold.
    pub color: bool,
}

impl<W: Write> HumanSink<W> {
    /// Writes to `out`, which should be buffered.
    pub fn new(out: W, style: Style) -> Self {
        Self {
            out,
            style,
            cells: None,
            measured: Some(Vec::new()),
            bytes: 0,
            widths: Vec::new(),
            count_only: false,
        }
    }

    /// Sets the widths from the rows kept back, and shows those.
    fn start(&mut self) -> io::Result<()> {
        let (Some(rows), Some(cells)) = (self.measured.take(), &self.cells) else {
            return Ok(());
        };
        let headers = cells
            .headers()
            .iter()
            .map(|header| clean_line(header).into_owned())
            .collect::<Vec<_>>();
        let mut widths = headers
            .iter()
            .map(|header| width(header))
            .collect::<Vec<_>>();
        for row in &rows {
            for (column, cell) in widths.iter_mut().zip(row) {
                *column = width(cell).max(*column);
            }
        }
        if let Some(available) = self.style.width {
            narrow(&mut widths, available);
        }
        self.widths = widths;
        let (bold, plain) = if self.style.color {
            ("\x1b[1m", "\x1b[0m")
        } else {
            ("", "")
        };
        self.write_row(&headers, bold, plain)?;
        let rule = self
            .widths
            .iter()
            .map(|&width| "─".repeat(width))
            .collect::<Vec<_>>()
            .join(GAP);
        writeln!(self.out, "{rule}")?;
        rows.iter().try_for_each(|row| self.write_row(row, "", ""))
    }

    fn write_row(&mut self, row: &[String], before: &str, after: &str) -> io::Result<()> {
        let mut line = String::new();
        for (cell, &column) in row.iter().zip(&self.widths) {
            let cell = if self.style.width.is_some() {
                fit(cell, column)
            } else {
                cell.into()
            };
            line.push_str(&cell);
            line.extend(std::iter::repeat_n(
                ' ',
                column.saturating_sub(width(&cell)),
            ));
            line.push_str(GAP);
        }
        writeln!(self.out, "{before}{}{after}", line.trim_end_matches(' '))
    }
}

impl<W: Write> RowSink for HumanSink<W> {
    fn begin(&mut self, columns: &Columns) -> io::Result<()> {
        self.count_only = *columns == Columns::Count;
        self.cells = Cells::new(columns);
        Ok(())
    }

    fn row(&mut self, record: &Record<'_>) -> io::Result<()> {
        let cells = self.cells.get_or_insert_with(|| Cells::of_record(record));
        let row = cells
            .row(record)?
            .into_iter()
            .map(shown)
            .collect::<Vec<_>>();
        let Some(measured) = &mut self.measured else {
            return self.write_row(&row, "", "");
        };
        self.bytes += row.iter().map(String::len).sum::<usize>();
        measured.push(row);
        if measured.len() < MEASURED_ROWS && self.bytes < MEASURED_BYTES {
            return Ok(());
        }
        self.start()
    }

    fn finish(&mut self, totals: Totals) -> io::Result<()> {
        if self.count_only {
            writeln!(self.out, "{}", totals.total())?;
        }
        self.start()?;
        self.out.flush()
    }
}

/// Takes from the widest columns until the table fits, and gives the rest that is left to the first
/// of them.
fn narrow(widths: &mut [usize], available: usize) {
    let available = available.saturating_sub(GAP.len() * widths.len().saturating_sub(1));
    let capped = |cap: usize| widths.iter().map(|&width| width.min(cap)).sum::<usize>();
    let widest = widths.iter().copied().max().unwrap_or(0);
    let Some(cap) = (NARROWEST..widest.max(NARROWEST))
        .rev()
        .find(|&cap| capped(cap) <= available)
        .or(Some(NARROWEST))
        .filter(|_| capped(widest) > available)
    else {
        return;
    };
    let mut left = available.saturating_sub(capped(cap));
    for width in widths.iter_mut().filter(|width| **width > cap) {
        *width = cap + usize::from(left > 0);
        left = left.saturating_sub(1);
    }
}

fn shown(value: &Value<'_>) -> String {
    match value {
        Value::Text(text) => clean_line(text).into_owned(),
        other => {
            let mut text = String::new();
            push_parts(&mut text, other);
            clean_line(&text).into_owned()
        }
    }
}

/// `Main Street 1, Berlin` for an address, `Grey, jane@x.test; Doe, joe@x.test` for child rows.
fn push_parts(text: &mut String, value: &Value<'_>) {
    match value {
        Value::Null => {}
        Value::Text(own) => text.push_str(own),
        Value::Parent(parent) => push_fields(text, &parent.fields),
        Value::Compound(fields) => push_fields(text, fields),
        Value::Children(children) => {
            for (at, child) in children.records.iter().enumerate() {
                if at > 0 {
                    text.push_str("; ");
                }
                push_fields(text, &child.fields);
            }
        }
    }
}

fn push_fields(text: &mut String, fields: &[Field<'_>]) {
    let mut filled = fields
        .iter()
        .filter(|field| field.value != Value::Null)
        .peekable();
    while let Some(field) = filled.next() {
        push_parts(text, &field.value);
        if filled.peek().is_some() {
            text.push_str(", ");
        }
    }
}
