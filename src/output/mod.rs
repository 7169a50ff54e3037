//! Rows leave through here, one file a format.
//!
//! Rows are pushed into a [`RowSink`]; memory does not grow with the result.

mod cells;
pub mod csv;
pub mod file;
pub mod from_csv;
pub mod human;
pub mod json;
#[cfg(test)]
mod tests;
pub mod xml;

use std::io::{self, Write};

pub use cells::ColumnMismatch;

use crate::salesforce::record::Record;
use crate::salesforce::soql::Columns;

/// Takes the rows of one result, in order.
///
/// `begin` once, `row` for each record, `finish` once when the result is whole. Without `finish`
/// the output of the structured formats stays unfinished on purpose: a cut result is not valid
/// JSON or XML.
pub trait RowSink {
    /// Starts the result.
    ///
    /// # Errors
    /// When the output cannot be written; a closed pipe is [`io::ErrorKind::BrokenPipe`].
    fn begin(&mut self, columns: &Columns) -> io::Result<()>;
    /// Writes one record.
    ///
    /// # Errors
    /// As `begin`; and in a table, [`ColumnMismatch`] inside [`io::ErrorKind::InvalidData`] where a
    /// record does not have the columns of its result. Nothing of that record is written.
    fn row(&mut self, record: &Record<'_>) -> io::Result<()>;
    /// Ends the result and flushes.
    ///
    /// # Errors
    /// As `begin`.
    fn finish(&mut self, totals: Totals) -> io::Result<()>;
}

/// What is known when the last row has been written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// Rows written.
    pub rows: u64,
    /// `size` as the server told it; -1 where it does not know.
    pub size: i64,
}

impl Totals {
    /// The total to show: the server's, or the rows written where it does not know.
    pub fn total(&self) -> u64 {
        u64::try_from(self.size).unwrap_or(self.rows)
    }
}

/// How a result is written (`-r`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Aligned columns.
    Human,
    /// RFC 4180.
    Csv,
    /// One document.
    Json,
    /// A document a line.
    Ndjson,
    /// The server's own elements.
    Xml,
}

/// The sink of a format. `out` should be buffered; `style` is for [`Format::Human`] alone.
pub fn sink<'w, W: Write + 'w>(
    format: Format,
    out: W,
    style: human::Style,
) -> Box<dyn RowSink + 'w> {
    match format {
        Format::Human => Box::new(human::HumanSink::new(out, style)),
        Format::Csv => Box::new(csv::CsvSink::new(out)),
        Format::Json => Box::new(json::JsonSink::new(out)),
        Format::Ndjson => Box::new(json::NdjsonSink::new(out)),
        Format::Xml => Box::new(xml::XmlSink::new(out)),
    }
}
