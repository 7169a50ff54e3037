//! json and ndjson: records as the REST API writes them, values as the text that Salesforce sent.

use std::io::{self, Write};

use super::{RowSink, Totals};
use crate::salesforce::record::{Children, Field, Record, Value};
use crate::salesforce::soql::Columns;

/// One document: `{"records": [...], "totalSize": n, "done": true}`, a record a line.
#[derive(Debug)]
pub struct JsonSink<W> {
    out: W,
    line: Vec<u8>,
    rows: u64,
}

impl<W: Write> JsonSink<W> {
    /// Writes to `out`, which should be buffered.
    pub fn new(out: W) -> Self {
        Self {
            out,
            line: Vec::new(),
            rows: 0,
        }
    }
}

impl<W: Write> RowSink for JsonSink<W> {
    fn begin(&mut self, _: &Columns) -> io::Result<()> {
        self.out.write_all(b"{\"records\":[")
    }

    fn row(&mut self, record: &Record<'_>) -> io::Result<()> {
        self.line.clear();
        self.line
            .extend_from_slice(if self.rows == 0 { b"\n" } else { b",\n" });
        push_record(&mut self.line, record)?;
        self.rows += 1;
        self.out.write_all(&self.line)
    }

    fn finish(&mut self, totals: Totals) -> io::Result<()> {
        if self.rows > 0 {
            self.out.write_all(b"\n")?;
        }
        writeln!(
            self.out,
            "],\"totalSize\":{},\"done\":true}}",
            totals.total()
        )?;
        self.out.flush()
    }
}

/// A record a line.
#[derive(Debug)]
pub struct NdjsonSink<W> {
    out: W,
    line: Vec<u8>,
    count_only: bool,
}

impl<W: Write> NdjsonSink<W> {
    /// Writes to `out`, which should be buffered.
    pub fn new(out: W) -> Self {
        Self {
            out,
            line: Vec::new(),
            count_only: false,
        }
    }
}

impl<W: Write> RowSink for NdjsonSink<W> {
    fn begin(&mut self, columns: &Columns) -> io::Result<()> {
        self.count_only = *columns == Columns::Count;
        Ok(())
    }

    fn row(&mut self, record: &Record<'_>) -> io::Result<()> {
        self.line.clear();
        push_record(&mut self.line, record)?;
        self.line.push(b'\n');
        self.out.write_all(&self.line)
    }

    fn finish(&mut self, totals: Totals) -> io::Result<()> {
        if self.count_only {
            writeln!(self.out, "{}", totals.total())?;
        }
        self.out.flush()
    }
}

/// Appends a value as JSON.
pub(super) fn push_value(out: &mut Vec<u8>, value: &Value<'_>) -> io::Result<()> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Text(text) => push_string(out, text)?,
        Value::Parent(record) => push_record(out, record)?,
        Value::Compound(fields) => {
            out.push(b'{');
            push_fields(out, fields, true)?;
            out.push(b'}');
        }
        Value::Children(children) => push_children(out, children)?,
    }
    Ok(())
}

fn push_record(out: &mut Vec<u8>, record: &Record<'_>) -> io::Result<()> {
    out.push(b'{');
    // What came as CSV does not tell its object.
    let typed = !record.object.is_empty();
    if typed {
        out.extend_from_slice(b"\"attributes\":{\"type\":");
        push_string(out, &record.object)?;
        out.push(b'}');
    }
    push_fields(out, &record.fields, !typed)?;
    out.push(b'}');
    Ok(())
}

fn push_fields(out: &mut Vec<u8>, fields: &[Field<'_>], mut first: bool) -> io::Result<()> {
    for field in fields {
        if !first {
            out.push(b',');
        }
        first = false;
        push_string(out, &field.name)?;
        out.push(b':');
        push_value(out, &field.value)?;
    }
    Ok(())
}

fn push_children(out: &mut Vec<u8>, children: &Children<'_>) -> io::Result<()> {
    let rows = children.records.len() as u64;
    let total = Totals {
        rows,
        size: children.size,
    }
    .total();
    write!(
        out,
        "{{\"totalSize\":{total},\"done\":{},\"records\":",
        children.locator.is_none()
    )?;
    push_records(out, &children.records)?;
    out.push(b'}');
    Ok(())
}

/// Appends records as an array.
pub(super) fn push_records(out: &mut Vec<u8>, records: &[Record<'_>]) -> io::Result<()> {
    out.push(b'[');
    for (at, record) in records.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        push_record(out, record)?;
    }
    out.push(b']');
    Ok(())
}

fn push_string(out: &mut Vec<u8>, text: &str) -> io::Result<()> {
    Ok(serde_json::to_writer(out, text)?)
}
