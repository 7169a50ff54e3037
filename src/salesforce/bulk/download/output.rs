//! What the rows are written to: one header line, then the rows of all parts.

use std::io::Write;

use crate::salesforce::bulk::BulkError;
use crate::text::csv::reader::without_line_end;

/// The longest part of a header line that a message shows, in characters.
const SHOWN: usize = 200;

pub(super) struct Output<'a> {
    out: &'a mut dyn Write,
    header: Option<Vec<u8>>,
    /// The last byte written is a line feed, or nothing has been written.
    ended: bool,
    /// What comes next is the beginning of a record.
    boundary: bool,
}

impl<'a> Output<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Self {
            out,
            header: None,
            ended: true,
            boundary: true,
        }
    }

    pub(super) fn into_header(self) -> Option<Vec<u8>> {
        self.header
    }

    /// Writes the first header with its line end; compares all others with it.
    pub(super) fn header(
        &mut self,
        header: &[u8],
        name: impl FnOnce() -> String,
    ) -> Result<(), BulkError> {
        match &self.header {
            None => {
                self.header = Some(header.to_vec());
                self.write(header)
            }
            Some(first) if without_line_end(first) == without_line_end(header) => Ok(()),
            Some(first) => Err(BulkError::OtherHeaders {
                result: name(),
                first: shown(first),
                found: shown(header),
            }),
        }
    }

    /// Writes rows, after a line end where the part before came without its last one.
    pub(super) fn rows(&mut self, rows: &[u8]) -> Result<(), BulkError> {
        if rows.is_empty() {
            return Ok(());
        }
        if self.boundary && !self.ended {
            let crlf = self.header.as_ref().is_some_and(|h| h.ends_with(b"\r\n"));
            self.write(if crlf { b"\r\n" } else { b"\n" })?;
        }
        self.boundary = false;
        self.write(rows)
    }

    /// Says that a part is over, and so is its last record, with or without a line end.
    pub(super) fn part_ended(&mut self) {
        self.boundary = true;
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), BulkError> {
        self.ended = bytes.last().is_none_or(|&last| last == b'\n');
        self.out.write_all(bytes).map_err(BulkError::Output)
    }
}

fn shown(header: &[u8]) -> String {
    let text = String::from_utf8_lossy(without_line_end(header));
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into_owned(),
    }
}
