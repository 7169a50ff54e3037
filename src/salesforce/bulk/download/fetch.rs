//! One result on its way: resumed where it was cut, its header taken off, its rows counted.
//!
//! A buffer is read into, scanned and written from: no byte is copied in between. Two of them take
//! turns, so that what was written last is still there, to be compared when the result is asked for
//! again after a cut.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Options, Progress, Source};
use crate::net::TransportError;
use crate::net::retry::{Tries, transport_verdict};
use crate::salesforce::bulk::BulkError;
use crate::salesforce::call;
use crate::text::csv::scanner::Scanner;

/// Each of the two buffers. A header line, which has to fit, is shorter: a query has 100,000
/// characters at most, and of three (`Id,`) the header makes five.
const BUFFER: usize = 192 * 1024;

/// The piece by which temporary files are moved.
const MOVED: usize = 256 * 1024;

/// As much of what came last is compared; each buffer but the last is filled with more.
const COMPARED: usize = 64 * 1024;

/// Room that is worth another read: what one TLS record holds.
const ROOM: usize = 16 * 1024;

/// The whole body of a CSV result without rows in Bulk API 1.0, in the place of a header (seen by
/// several clients; the guide is silent).
const NO_ROWS: &[u8] = b"Records not found for this query";

/// Reads what follows of a result; 0 is its end.
pub type Rest = Box<dyn FnMut(&mut [u8]) -> Result<usize, TransportError> + Send>;

/// A result that has begun to come.
pub struct Opened {
    /// Its first bytes, already read.
    pub head: Vec<u8>,
    /// What follows them.
    pub rest: Rest,
}

/// What has come so far, over all parts.
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
    /// The result is over and whole.
    End,
}

pub(super) struct Fetch<P> {
    part: P,
    opened: Option<Opened>,
    /// `..start` was written (or is the header), `start..end` was not.
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    /// The other buffer, of which `..before_end` came before.
    before: Box<[u8]>,
    before_end: usize,
    /// Bytes of the result that have come, the header included.
    taken: u64,
    header: Header,
    rows: Scanner,
    /// What was written before the result's turn came.
    spooled: Option<File>,
    ended: bool,
}

/// The first record of a result.
enum Header {
    /// Its end has not come.
    Partial(Scanner),
    /// With its line end, where it has one.
    Whole(Vec<u8>),
    /// A result without a header has no rows either.
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

    /// The header line, once it is whole.
    pub(super) fn header(&self) -> Option<&[u8]> {
        match &self.header {
            // Whether it is one is known when a row follows, or the end.
            Header::Whole(line) if is_no_header(line) && self.rows() == 0 => None,
            Header::Whole(line) => Some(line),
            Header::Partial(_) | Header::None => None,
        }
    }

    /// Rows so far, the header not counted.
    pub(super) fn rows(&self) -> u64 {
        self.rows.records()
    }

    /// Rows that came and were not written.
    pub(super) fn pending(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// All of [`Self::pending`] was written; called when the buffer is full, and at the end.
    pub(super) fn flushed(&mut self) {
        if self.ended {
            self.buffer = Box::default();
            self.before = Box::default();
        }
        std::mem::swap(&mut self.buffer, &mut self.before);
        self.before_end = self.end;
        (self.start, self.end) = (0, 0);
    }

    /// The last bytes that came, as many as are compared.
    fn last(&self) -> Vec<u8> {
        let missing = COMPARED.saturating_sub(self.end).min(self.before_end);
        let newest = &self.buffer[self.end.saturating_sub(COMPARED)..self.end];
        [
            &self.before[self.before_end - missing..self.before_end],
            newest,
        ]
        .concat()
    }

    /// Reads some more, over a new connection where the old one is lost.
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

    /// Reads behind `end`; a result that is cut is asked for again.
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
            if !tries.again(&transport_verdict(&lost)) {
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

    /// Hands on what is in the temporary file, and removes it.
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

/// Reads the first `taken` bytes again, the last of which were `last`. Whether they are the same.
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

/// Whether a first line stands where no rows are.
fn is_no_header(line: &[u8]) -> bool {
    matches!(line.trim_ascii(), b"" | NO_ROWS)
}

fn temporary(folder: &Path, error: io::Error) -> BulkError {
    BulkError::Temporary {
        folder: folder.to_owned(),
        error,
    }
}
