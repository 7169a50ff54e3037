//! One result on its way: resumed where it was cut off, without its header, its rows counted.
//!
//! Bytes are read into a buffer, scanned there and written from there, without a copy. Two buffers take
//! turns: so the last bytes are still there to be compared, when the result is requested again after it
//! was cut off.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Options, Progress, Source};
use crate::net::TransportError;
use crate::net::retry::{Tries, transport_retry};
use crate::salesforce::bulk::BulkError;
use crate::salesforce::call;
use crate::text::csv::scanner::Scanner;

/// The size of each of the two buffers, in bytes. A header line fits: a query has 100,000 characters at
/// most, and for three of them (`Id,`) the header has five.
const BUFFER: usize = 192 * 1024;

/// How much is copied from a temporary file, or skipped in a result, at a time, in bytes.
const MOVED: usize = 256 * 1024;

/// How many of the last bytes are compared; every buffer but the last one is filled with more.
const COMPARED: usize = 64 * 1024;

/// The least room that is worth another read, in bytes: what a TLS record holds.
const ROOM: usize = 16 * 1024;

/// What comes instead of a header where a result of Bulk API 1.0 has no rows (seen by several clients;
/// the guide is silent).
const NO_ROWS: &[u8] = b"Records not found for this query";

/// Reads more of a result into the buffer; 0 is its end.
pub type Rest = Box<dyn FnMut(&mut [u8]) -> Result<usize, TransportError> + Send>;

/// A result that has begun to arrive.
pub struct Opened {
    /// Its first bytes, already read.
    pub head: Vec<u8>,
    /// What follows them.
    pub rest: Rest,
}

/// How much of all parts has come so far.
#[derive(Debug, Default)]
pub(super) struct Meter {
    rows: AtomicU64,
    bytes: AtomicU64,
}

impl Meter {
    pub(super) fn progress(&self) -> Progress {
        Progress {
            rows: self.rows.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
        }
    }
}

/// What [`Fetch::fill`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filled {
    /// Bytes came; there is room for more.
    Some,
    /// The buffer has to be flushed.
    Full,
    /// The result is complete.
    End,
}

pub(super) struct Fetch<P> {
    part: P,
    opened: Option<Opened>,
    /// `..start` has been written (or is the header), `start..end` has not.
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    /// The other buffer: `..before_end` is what came before.
    before: Box<[u8]>,
    before_end: usize,
    /// How many bytes of the result have come, the header included.
    taken: u64,
    header: Header,
    rows: Scanner,
    /// The temporary file of what came before the result's turn.
    spooled: Option<File>,
    ended: bool,
}

/// The first record of a result.
enum Header {
    /// Its end has not come yet.
    Partial(Scanner),
    /// With its line end, if it has one.
    Whole(Vec<u8>),
    /// There is no header, and no rows either.
    None,
}

impl<P> Fetch<P> {
    pub(super) fn new(part: P) -> Self {
        Self {
            part,
            opened: None,
            buffer: Box::default(),
            start: 0,
            end: 0,
            before: Box::default(),
            before_end: 0,
            taken: 0,
            header: Header::Partial(Scanner::default()),
            rows: Scanner::default(),
            spooled: None,
            ended: false,
        }
    }

    pub(super) fn part(&self) -> &P {
        &self.part
    }

    /// The header line, once it is complete.
    pub(super) fn header(&self) -> Option<&[u8]> {
        match &self.header {
            // Only a row, or the end, tells whether this is a header.
            Header::Whole(line) if is_no_header(line) && self.rows() == 0 => None,
            Header::Whole(line) => Some(line),
            Header::Partial(_) | Header::None => None,
        }
    }

    /// Rows so far, without the header.
    pub(super) fn rows(&self) -> u64 {
        self.rows.records()
    }

    /// The rows that have come, but have not been written.
    pub(super) fn pending(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Says that all of [`Self::pending`] has been written. To be called when the buffer is full, and at
    /// the end.
    pub(super) fn flushed(&mut self) {
        if self.ended {
            self.buffer = Box::default();
            self.before = Box::default();
        }
        std::mem::swap(&mut self.buffer, &mut self.before);
        self.before_end = self.end;
        (self.start, self.end) = (0, 0);
    }

    /// The last bytes that came, at most [`COMPARED`].
    fn last(&self) -> Vec<u8> {
        let missing = COMPARED.saturating_sub(self.end).min(self.before_end);
        let newest = &self.buffer[self.end.saturating_sub(COMPARED)..self.end];
        [
            &self.before[self.before_end - missing..self.before_end],
            newest,
        ]
        .concat()
    }

    /// Reads some more, over a new connection if the old one is lost.
    pub(super) fn fill<S: Source<Part = P>>(
        &mut self,
        source: &S,
        options: &Options,
        meter: &Meter,
    ) -> Result<Filled, BulkError> {
        if self.ended {
            return Ok(Filled::End);
        }
        if self.buffer.is_empty() {
            self.buffer = vec![0; BUFFER].into_boxed_slice();
        }
        let count = self.read(source, options)?;
        let fresh = self.end..self.end + count;
        self.end = fresh.end;
        self.taken += count as u64;
        let before = self.rows.records();
        if count == 0 {
            self.end_of_result(source)?;
        } else if let Header::Partial(scanner) = &mut self.header {
            if let Some(length) = scanner.record_end(&self.buffer[fresh.clone()]) {
                self.start = fresh.start + length;
                self.header = Header::Whole(self.buffer[..self.start].to_vec());
                self.rows.scan(&self.buffer[self.start..self.end]);
            }
        } else {
            self.rows.scan(&self.buffer[fresh]);
        }
        let rows = self.rows.records() - before;
        meter.rows.fetch_add(rows, Ordering::Relaxed);
        meter.bytes.fetch_add(count as u64, Ordering::Relaxed);
        if self.ended {
            return Ok(Filled::End);
        }
        if self.buffer.len() - self.end >= ROOM {
            return Ok(Filled::Some);
        }
        if matches!(self.header, Header::Partial(_)) {
            return Err(BulkError::HeaderTooLong {
                result: source.name(&self.part),
                limit: self.end,
            });
        }
        Ok(Filled::Full)
    }

    fn end_of_result<S: Source<Part = P>>(&mut self, source: &S) -> Result<(), BulkError> {
        self.ended = true;
        self.opened = None;
        let quoted = match &self.header {
            Header::Partial(scanner) => scanner.is_quoted(),
            Header::Whole(_) | Header::None => self.rows.is_quoted(),
        };
        if quoted {
            return Err(BulkError::CutRecord {
                result: source.name(&self.part),
            });
        }
        if matches!(self.header, Header::Partial(_)) {
            self.header = Header::Whole(self.buffer[..self.end].to_vec());
            self.start = self.end;
        }
        if let Header::Whole(line) = &self.header
            && self.rows.records() == 0
            && is_no_header(line)
        {
            self.header = Header::None;
        }
        Ok(())
    }

    /// Reads into the buffer from `end` on; a result that is cut off is requested again.
    fn read<S: Source<Part = P>>(
        &mut self,
        source: &S,
        options: &Options,
    ) -> Result<usize, BulkError> {
        let mut tries = Tries::new(options.policy, &*options.observer, &std::thread::sleep);
        loop {
            let lost = match self.try_to_read(source)? {
                Ok(count) => return Ok(count),
                Err(lost) => lost,
            };
            self.opened = None;
            if !tries.again(&transport_retry(&lost)) {
                return Err(BulkError::Lost {
                    result: source.name(&self.part),
                    offset: self.taken,
                    error: Box::new(lost),
                });
            }
        }
    }

    fn try_to_read<S: Source<Part = P>>(
        &mut self,
        source: &S,
    ) -> Result<Result<usize, TransportError>, BulkError> {
        let opened = match &mut self.opened {
            Some(opened) => opened,
            None => {
                let mut opened = source.open(&mut self.part)?;
                match skip(&mut opened, self.taken, &self.last()) {
                    Ok(true) => self.opened.insert(opened),
                    Ok(false) => {
                        return Err(BulkError::OtherBytes {
                            result: source.name(&self.part),
                            offset: self.taken,
                        });
                    }
                    Err(lost) => return Ok(Err(lost)),
                }
            }
        };
        Ok(opened.read(&mut self.buffer[self.end..]))
    }

    /// Moves what is pending into the result's temporary file.
    pub(super) fn spool(&mut self, folder: &Path) -> Result<(), BulkError> {
        let spooled = match &mut self.spooled {
            Some(file) => Ok(file),
            None => tempfile::tempfile_in(folder).map(|file| self.spooled.insert(file)),
        };
        let pending = &self.buffer[self.start..self.end];
        spooled
            .and_then(|file| file.write_all(pending))
            .map_err(|error| temporary(folder, error))?;
        self.flushed();
        Ok(())
    }

    /// Writes what is in the temporary file, and removes it.
    pub(super) fn unspool(
        &mut self,
        folder: &Path,
        mut write: impl FnMut(&[u8]) -> Result<(), BulkError>,
    ) -> Result<(), BulkError> {
        let Some(mut file) = self.spooled.take() else {
            return Ok(());
        };
        file.rewind().map_err(|error| temporary(folder, error))?;
        let mut piece = vec![0; MOVED];
        loop {
            match file.read(&mut piece) {
                Ok(0) => return Ok(()),
                Ok(count) => write(&piece[..count])?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(temporary(folder, error)),
            }
        }
    }
}

impl From<call::Opened> for Opened {
    fn from(opened: call::Opened) -> Self {
        let mut body = opened.body;
        Self {
            head: opened.head,
            rest: Box::new(move |buffer| body.read_some(buffer)),
        }
    }
}

impl Opened {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, TransportError> {
        if self.head.is_empty() {
            return (self.rest)(buffer);
        }
        let count = self.head.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.head[..count]);
        self.head.drain(..count);
        Ok(count)
    }
}

/// Skips the first `taken` bytes, which ended with `last`; returns whether they still do.
fn skip(opened: &mut Opened, taken: u64, last: &[u8]) -> Result<bool, TransportError> {
    if taken == 0 {
        return Ok(true);
    }
    let mut piece = vec![0; MOVED];
    let compared = taken - last.len() as u64;
    let mut at = 0;
    while at < taken {
        let length = usize::try_from(taken - at).map_or(MOVED, |left| left.min(MOVED));
        let count = opened.read(&mut piece[..length])?;
        if count == 0 {
            return Ok(false);
        }
        let end = at + count as u64;
        if end > compared {
            let from = at.max(compared);
            let known = &last[(from - compared) as usize..(end - compared) as usize];
            if piece[(from - at) as usize..count] != *known {
                return Ok(false);
            }
        }
        at = end;
    }
    Ok(true)
}

/// Whether a first line is not a header, but what comes where there are no rows.
fn is_no_header(line: &[u8]) -> bool {
    matches!(line.trim_ascii(), b"" | NO_ROWS)
}

fn temporary(folder: &Path, error: io::Error) -> BulkError {
    BulkError::Temporary {
        folder: folder.to_owned(),
        error,
    }
}
