//! human: aligned columns for a person at a terminal.
//!
//! The first rows are kept back to measure the columns, which get some of what is free of the line
//! beyond; then everything streams, and a later cell that is too long is cut. Long columns are made narrower to fit the terminal, those of IDs and
//! other short ones are not: where that does not do, each record is a sheet of its own with a line a
//! field. No column is left out and no line wraps. Values are cleaned for terminals, but never
//! reformatted.

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
/// A column that needs no more than this, the length of an ID, is not cut: what is left of an ID leads
/// nowhere.
const WHOLE: usize = 18;
/// A longer one is not made narrower than this: a table of stumps says nothing.
const NARROWEST: usize = 12;
const GAP: &str = "  ";

/// Writes a table, or sheets. Long cells end in `…`; structured values are their parts, joined by commas.
#[derive(Debug)]
pub struct HumanSink<W> {
    out: W,
    style: Style,
    cells: Option<Cells>,
    /// Rows kept back; `None` once the widths are set.
    measured: Option<Vec<Vec<String>>>,
    bytes: usize,
    layout: Layout,
    /// Sheets written.
    sheets: u64,
    count_only: bool,
}

/// How records are laid out, once the first ones are measured.
#[derive(Debug)]
enum Layout {
    /// A record a line, in columns of these widths.
    Table(Vec<usize>),
    /// A field a line: these names, and so many columns for names and for values.
    Sheet {
        names: Vec<String>,
        name: usize,
        value: usize,
    },
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
            layout: Layout::Table(Vec::new()),
            sheets: 0,
            count_only: false,
        }
    }

    /// Sets the widths from the rows kept back, and shows those. `more` may come.
    fn start(&mut self, more: bool) -> io::Result<()> {
        let (Some(rows), Some(cells)) = (self.measured.take(), &self.cells) else {
            return Ok(());
        };
        let headers = cells
            .headers()
            .iter()
            .map(|header| clean_line(header).into_owned())
            .collect::<Vec<_>>();
        let least = |header: &String| match more && header.ends_with("Id") {
            // They may all have been empty so far.
            true => width(header).max(WHOLE),
            false => width(header),
        };
        let mut widths = headers.iter().map(least).collect::<Vec<_>>();
        for row in &rows {
            for (column, cell) in widths.iter_mut().zip(row) {
                *column = width(cell).max(*column);
            }
        }
        self.layout = match self.style.width {
            Some(available) if !narrow(&mut widths, available) => sheet(headers.clone(), available),
            Some(available) if more => {
                widen(&mut widths, &rows, available);
                Layout::Table(widths)
            }
            _ => Layout::Table(widths),
        };
        self.write_head(&headers)?;
        rows.iter().try_for_each(|row| self.write_row(row))
    }

    fn write_head(&mut self, headers: &[String]) -> io::Result<()> {
        let Layout::Table(widths) = &self.layout else {
            return Ok(());
        };
        let rules: Vec<_> = widths.iter().map(|&width| "─".repeat(width)).collect();
        let line = self.line(headers, widths);
        self.write_bold(&line)?;
        writeln!(self.out, "{}", rules.join(GAP))
    }

    fn write_row(&mut self, row: &[String]) -> io::Result<()> {
        let (names, columns) = match &self.layout {
            Layout::Table(widths) => {
                let line = self.line(row, widths);
                return writeln!(self.out, "{line}");
            }
            Layout::Sheet { names, name, value } => (names, [*name, *value]),
        };
        let lines: Vec<_> = names
            .iter()
            .zip(row)
            .map(|(name, cell)| self.line([name, cell], &columns))
            .collect();
        self.sheets += 1;
        let [name, value] = columns;
        let all = name + GAP.len() + value;
        let title = format!("── {} ", self.sheets);
        let rule = "─".repeat(all.saturating_sub(width(&title)));
        self.write_bold(&fit(&format!("{title}{rule}"), all))?;
        lines
            .iter()
            .try_for_each(|line| writeln!(self.out, "{line}"))
    }

    fn write_bold(&mut self, line: &str) -> io::Result<()> {
        match self.style.color {
            true => writeln!(self.out, "\x1b[1m{line}\x1b[0m"),
            false => writeln!(self.out, "{line}"),
        }
    }

    /// Cells side by side, each filled up or cut to its column.
    fn line<'c>(&self, cells: impl IntoIterator<Item = &'c String>, columns: &[usize]) -> String {
        let mut line = String::new();
        for (cell, &column) in cells.into_iter().zip(columns) {
            let cell = match self.style.width {
                Some(_) => fit(cell, column),
                None => cell.into(),
            };
            line.push_str(&cell);
            line.extend(std::iter::repeat_n(
                ' ',
                column.saturating_sub(width(&cell)),
            ));
            line.push_str(GAP);
        }
        line.truncate(line.trim_end_matches(' ').len());
        line
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
            return self.write_row(&row);
        };
        self.bytes += row.iter().map(String::len).sum::<usize>();
        measured.push(row);
        if measured.len() < MEASURED_ROWS && self.bytes < MEASURED_BYTES {
            return Ok(());
        }
        self.start(true)
    }

    fn finish(&mut self, totals: Totals) -> io::Result<()> {
        if self.count_only {
            writeln!(self.out, "{}", totals.total())?;
        }
        self.start(false)?;
        self.out.flush()
    }
}

/// Takes from the widest columns until the table fits, and gives the rest that is left to the first
/// of them. `false` where that would cut what is to be whole, or leave stumps.
fn narrow(widths: &mut [usize], available: usize) -> bool {
    let available = available.saturating_sub(GAP.len() * widths.len().saturating_sub(1));
    // One column is readable however narrow it is.
    let (whole, narrowest) = match widths.len() {
        0 | 1 => (0, 0),
        _ => (WHOLE, NARROWEST),
    };
    let is_cut = |width: usize, cap: usize| width > whole && width > cap;
    let capped = |cap: usize| {
        let widths = widths.iter().copied();
        let widths = widths.map(|width| if is_cut(width, cap) { cap } else { width });
        widths.sum::<usize>()
    };
    let widest = widths.iter().copied().max().unwrap_or(0);
    let Some(cap) = (narrowest..=widest.max(narrowest))
        .rev()
        .find(|&cap| capped(cap) <= available)
    else {
        return false;
    };
    let mut left = available.saturating_sub(capped(cap));
    for width in widths.iter_mut().filter(|width| is_cut(**width, cap)) {
        *width = cap + usize::from(left > 0);
        left = left.saturating_sub(1);
    }
    true
}

/// Gives what is free of the line to the columns that later rows may need more of: half of their width
/// again to those whose cells so far are not all equally wide, as IDs and dates are.
fn widen(widths: &mut [usize], rows: &[Vec<String>], available: usize) {
    let varies = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        let mut filled = cells.map(|cell| width(cell)).filter(|&width| width > 0);
        let first = filled.next();
        filled.any(|width| Some(width) != first)
    };
    let gaps = GAP.len() * widths.len().saturating_sub(1);
    let free = available.saturating_sub(gaps + widths.iter().sum::<usize>());
    let wanted = widths.iter().enumerate();
    let wanted: Vec<_> = wanted
        .map(|(column, &width)| if varies(column) { width.div_ceil(2) } else { 0 })
        .collect();
    let all = wanted.iter().sum::<usize>().max(free).max(1);
    for (width, wanted) in widths.iter_mut().zip(wanted) {
        *width += wanted * free / all;
    }
}

/// Names get as much as they need, up to half of the line.
fn sheet(names: Vec<String>, available: usize) -> Layout {
    let available = available.saturating_sub(GAP.len());
    let longest = names.iter().map(|name| width(name)).max().unwrap_or(0);
    let name = longest.min(available / 2).max(1);
    Layout::Sheet {
        names,
        name,
        value: available.saturating_sub(name).max(1),
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
