//! Results of any size, fetched side by side and written in order, in constant memory.
//!
//! The calling thread fetches the result whose turn it is and writes its bytes straight out. Helpers
//! fetch the next results into unnamed temporary files; when a result's turn comes, its helper hands it
//! over as it is, connection included, and goes on to another. So a single result takes a single
//! thread, and an error ends the work at once: no helper is waited for.
//!
//! Rows are counted as they pass ([`Scanner`](crate::text::csv::scanner::Scanner)). Left out: taking
//! them apart, which is up to whatever they are written to.

mod fetch;
mod helpers;
mod output;
#[cfg(test)]
mod tests;

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

pub use fetch::{Opened, Rest};

use fetch::{Fetch, Filled};
use helpers::{Helpers, Taken};
use output::Output;

use super::BulkError;
use crate::event::Observer;
use crate::net::retry::Policy;

/// Results in a known order, for [`download`].
pub trait Source: Send + Sync + 'static {
    /// A result file, or a page.
    type Part: Send + 'static;

    /// The next one in order; `None` when there is none, or none yet: it is asked again after a part
    /// has been finished. Never called by two threads at once.
    ///
    /// # Errors
    /// When a list cannot be read.
    fn next(&self) -> Result<Option<Self::Part>, BulkError>;

    /// Requests a part from its beginning.
    ///
    /// # Errors
    /// When no part begins to arrive.
    fn open(&self, part: &mut Self::Part) -> Result<Opened, BulkError>;

    /// The part's name, for messages.
    fn name(&self, part: &Self::Part) -> String;

    /// Notes how many rows of a part were written. Parts are finished in order.
    ///
    /// # Errors
    /// When there are not as many as announced.
    fn finished(&self, part: &Self::Part, rows: u64) -> Result<(), BulkError>;
}

/// How a download is done.
#[derive(Clone)]
pub struct Options {
    /// How many connections to use side by side; at least one.
    pub parallel: usize,
    /// Where unnamed temporary files go.
    pub folder: PathBuf,
    /// How often to retry in a row without gaining a byte.
    pub policy: Policy,
    /// Told of retries.
    pub observer: Arc<dyn Observer>,
}

/// How much has come so far, whether it is written or waits for its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Rows, without headers.
    pub rows: u64,
    /// Bytes, decompressed.
    pub bytes: u64,
}

/// The outcome of a download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totals {
    /// Rows, without the header.
    pub rows: u64,
    /// The header line with its line end, as written; `None` when no part had one.
    pub header: Option<Vec<u8>>,
}

/// Fetches all parts of a source and writes them to `out`, with one header line in all.
///
/// `progress` is called after each piece of some KiB.
///
/// # Errors
/// Those of [`Source`], and when a part is incomplete, is not the same on a second reading or has other
/// columns than the first, or the output cannot be written.
pub fn download<S: Source>(
    source: Arc<S>,
    options: &Options,
    out: &mut dyn Write,
    progress: &mut dyn FnMut(Progress),
) -> Result<Totals, BulkError> {
    let mut work = Work {
        helpers: Helpers::new(source, options),
        output: Output::new(out),
        rows: 0,
        progress,
    };
    let mut turn = 0;
    while let Some(mut fetch) = work.take(turn)? {
        work.write(&mut fetch)?;
        turn += 1;
    }
    work.tell();
    Ok(Totals {
        rows: work.rows,
        header: work.output.into_header(),
    })
}

/// What the calling thread does.
struct Work<'a, S: Source> {
    helpers: Helpers<S>,
    output: Output<'a>,
    rows: u64,
    progress: &'a mut dyn FnMut(Progress),
}

impl<S: Source> Work<'_, S> {
    /// The part whose turn it is, new or as far as a helper has got with it.
    fn take(&mut self, turn: usize) -> Result<Option<Fetch<S::Part>>, BulkError> {
        loop {
            self.helpers.check()?;
            match self.helpers.take(turn) {
                Taken::Fetch(fetch) => return Ok(Some(fetch)),
                Taken::End => return Ok(None),
                Taken::NotYet => self.tell(),
            }
        }
    }

    /// Writes a part from where it is to its end.
    fn write(&mut self, fetch: &mut Fetch<S::Part>) -> Result<(), BulkError> {
        let source = Arc::clone(self.helpers.source());
        let mut begun = false;
        loop {
            let filled = fetch.fill(&*source, self.helpers.options(), self.helpers.meter())?;
            if !begun && (filled != Filled::Some || fetch.header().is_some()) {
                self.begin(fetch)?;
                begun = true;
            }
            if filled != Filled::Some {
                self.output.rows(fetch.pending())?;
                fetch.flushed();
            }
            if filled == Filled::End {
                break;
            }
            self.helpers.check()?;
            self.tell();
        }
        self.output.part_ended();
        self.rows += fetch.rows();
        source.finished(fetch.part(), fetch.rows())
    }

    /// Writes the first header or compares a later one with it; then writes what was spooled.
    fn begin(&mut self, fetch: &mut Fetch<S::Part>) -> Result<(), BulkError> {
        let source = self.helpers.source();
        if let Some(header) = fetch.header() {
            self.output.header(header, || source.name(fetch.part()))?;
        }
        let folder = &self.helpers.options().folder;
        fetch.unspool(folder, |piece| self.output.rows(piece))
    }

    fn tell(&mut self) {
        (self.progress)(self.helpers.meter().progress());
    }
}
