//! What a test may turn of the bulk APIs.

use std::time::Duration;

/// Standing behaviour of both bulk APIs: part of [`Switches`](crate::local_org::Switches).
#[derive(Clone, Debug)]
pub struct BulkSwitches {
    /// How long work is queued and in progress. Default: one look each.
    pub pace: Pace,
    /// Result files of a batch in 1.0, each with its own header row; never more than it has rows. Default 1.
    pub files: u64,
    /// Make results of about this many bytes a batch or job, at the speed of memory: the first rows of the
    /// query over and over, each with an ID of its own. Default: the rows of the query.
    pub result_bytes: Option<u64>,
    /// With `result_bytes`, repeat the IDs as well, so that gzip costs nothing either. Default: off.
    pub repeated_ids: bool,
    /// A result without rows. Default: the sentence in 1.0, the header row in 2.0.
    pub empty_result: EmptyResult,
    /// The last field of every third row ends in a NUL byte. Default: off.
    pub nul_bytes: bool,
    /// Work that is not chunked fails with this `stateMessage` or `errorMessage`. Default: it succeeds.
    pub failure: Option<&'static str>,
    /// What PK chunking does. Default: nothing special.
    pub chunks: Chunks,
    /// Rows of a page of 2.0 when the request names no number. Default 100,000.
    pub page_rows: u64,
    /// The results of a failed job of 2.0 are 204 No Content, as guides 46 to 48 say. Default: an error.
    pub failed_results_are_204: bool,
    /// What lists name.
    pub list: ListSwitches,
    /// HTTP status of a session that could not be mutually authenticated, in the REST family. Not public;
    /// default 403.
    pub refused_status: u16,
}

impl Default for BulkSwitches {
    fn default() -> Self {
        Self {
            pace: Pace::Looks {
                queued: 1,
                in_progress: 1,
            },
            files: 1,
            result_bytes: None,
            repeated_ids: false,
            empty_result: EmptyResult::AsUsual,
            nul_bytes: false,
            failure: None,
            chunks: Chunks::default(),
            page_rows: 100_000,
            failed_results_are_204: false,
            list: ListSwitches::default(),
            refused_status: 403,
        }
    }
}

/// What the lists of 2.0 name: jobs, and pages of results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListSwitches {
    /// Jobs in one answer of the list of jobs. Default 1,000.
    pub page: usize,
    /// What stands before the path in the URLs of answers, such as `https://host`. Default: nothing.
    pub urls_at: Option<String>,
}

impl Default for ListSwitches {
    fn default() -> Self {
        Self {
            page: 1000,
            urls_at: None,
        }
    }
}

/// How work goes on. Holds for batches and jobs made from then on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// With each look at the job, its batches or its batch list, whatever time passes between.
    Looks {
        /// Looks that find it queued.
        queued: u64,
        /// Looks after that which find it in progress.
        in_progress: u64,
    },
    /// With the time, in whole milliseconds.
    Time {
        /// How long it is queued.
        queued: Duration,
        /// How long it is in progress after that.
        in_progress: Duration,
    },
}

/// The file of a result without rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmptyResult {
    /// `Records not found for this query` in 1.0, the header row in 2.0.
    AsUsual,
    /// The header row.
    Header,
    /// No bytes at all.
    Nothing,
}

/// What PK chunking does beyond what it should.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chunks {
    /// One more chunk, without rows. Default: off.
    pub empty: bool,
    /// The chunk batch with this index, from 0, fails. Default: none.
    pub failed: Option<usize>,
    /// Chunking itself fails halfway: the original batch is `Failed`, and the chunks of the second step
    /// never come. Default: off.
    pub broken: bool,
}
