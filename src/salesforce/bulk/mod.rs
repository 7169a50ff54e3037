//! The two Bulk APIs: jobs that Salesforce works on by itself, with results in CSV.
//!
//! [`v1`] and [`v2`] know the calls, [`job`] waits, [`download`] fetches results of any size. Left out:
//! telling the user; states and progress are reported to what the caller passes in.

pub mod download;
pub mod job;
pub mod v1;
pub mod v2;

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::call::CallError;
use super::client::ClientError;
use super::fault::Fault;
use crate::net::TransportError;

/// Why a bulk query gave no result, or another one than announced.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BulkError {
    /// A call failed.
    #[error("{0}")]
    Client(#[from] ClientError),
    /// A text that is not an ID, where one is needed.
    #[error("'{0}' is not an ID: those have 15 or 18 letters and digits")]
    NotAnId(String),
    /// Whether a job was made, and which, is not known: the answer was lost, and the list of jobs does
    /// not tell.
    #[error("the answer to the new job was lost, and {}", Listed(.candidates, .unlisted.is_some()))]
    JobUnknown {
        /// How the answer was lost.
        lost: Box<CallError>,
        /// The jobs in the list that it may be.
        candidates: Vec<Id>,
        /// Why the list could not be read; `None` if it was.
        unlisted: Option<Box<BulkError>>,
    },
    /// The job ended without a result.
    #[error("the job {job} ended as {state}{}", Because(.message.as_deref()))]
    JobFailed {
        /// The job.
        job: Id,
        /// Its state as sent: `Failed`, `Aborted`.
        state: String,
        /// Salesforce's reason.
        message: Option<String>,
    },
    /// A batch of Bulk API 1.0 failed; with PK chunking, others may have results.
    #[error("batch {batch} of job {job} failed{}{}", Among(*.failed, *.of), Because(.message.as_deref()))]
    BatchFailed {
        /// The job.
        job: Id,
        /// The first batch that failed.
        batch: Id,
        /// Salesforce's reason.
        message: Option<String>,
        /// How many batches failed.
        failed: usize,
        /// How many batches could have had rows; 1 without PK chunking.
        of: usize,
    },
    /// The job has not ended within the time that it was given; it is still running.
    #[error("the job {job} is not done {}", after(*.waited))]
    OutOfTime {
        /// The job.
        job: Id,
        /// How long we waited for it.
        waited: Duration,
    },
    /// A page of results without the header that names the next one. Only the word `null` in that
    /// header says that there is none.
    #[error(
        "{result} came without the header Sforce-Locator: whether more rows follow is not known"
    )]
    NoLocator {
        /// The page.
        result: String,
    },
    /// A page that was named before: following it again would never end.
    #[error("{result} is named a second time: its pages lead in a circle")]
    Circle {
        /// The page, or the list of pages.
        result: String,
    },
    /// A header line longer than any query can have.
    #[error("{result} has no end of its header line within {limit} bytes")]
    HeaderTooLong {
        /// The result file or page.
        result: String,
        /// How many bytes were read.
        limit: usize,
    },
    /// Two files of one job with different columns.
    #[error("{result} has other columns than the first: {found} instead of {first}")]
    OtherHeaders {
        /// The result file or page.
        result: String,
        /// The first header line.
        first: String,
        /// This one's.
        found: String,
    },
    /// A result that was cut off, even after as many retries as are allowed.
    #[error("{result} broke off after {offset} bytes: {}", .error.failure)]
    Lost {
        /// The result file or page.
        result: String,
        /// How many bytes had come.
        offset: u64,
        /// How it was cut off the last time.
        #[source]
        error: Box<TransportError>,
    },
    /// A result that was asked for again after it had been cut off is not the same any more.
    #[error("{result}, asked for again after {offset} bytes, is not the same any more")]
    OtherBytes {
        /// The result file or page.
        result: String,
        /// How many bytes had come.
        offset: u64,
    },
    /// A result that ends inside a quoted field.
    #[error("{result} ends in the middle of a record")]
    CutRecord {
        /// The result file or page.
        result: String,
    },
    /// Not as many rows came as Salesforce announced.
    #[error("Salesforce announced {announced} rows of {what}, but {received} came")]
    OtherRows {
        /// The batch, page or job.
        what: String,
        /// How many were announced.
        announced: u64,
        /// How many came.
        received: u64,
    },
    /// A temporary file for results that come before their turn failed.
    #[error("cannot keep results in {}: {error}", .folder.display())]
    Temporary {
        /// Where temporary files go.
        folder: PathBuf,
        /// The system's words.
        error: io::Error,
    },
    /// The rows could not be written.
    #[error("{0}")]
    Output(#[source] io::Error),
}

impl BulkError {
    /// Whether the same may succeed a little later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Client(error) => super::client::is_transient(error),
            _ => false,
        }
    }
}

/// What the list of jobs says about the job that may have been made.
struct Listed<'a>(&'a [Id], bool);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(_, true) => f.write_str("the list of jobs cannot be had"),
            Self([], _) => f.write_str("the list of jobs does not show it"),
            Self([one], _) => write!(f, "the list of jobs shows one that may be it: {one}"),
            Self(several, _) => {
                let ids: Vec<_> = several.iter().map(Id::as_str).collect();
                let (count, ids) = (several.len(), ids.join(", "));
                write!(f, "the list of jobs shows {count} that may be it: {ids}")
            }
        }
    }
}

/// Whether the job is in a state that does not allow the change.
fn is_wrong_state(error: &ClientError) -> bool {
    let fault = error.call().and_then(|call| call.fault());
    // Bulk API 1.0 writes InvalidJobState, 2.0 INVALIDJOBSTATE.
    fault.is_some_and(|fault| fault.code.eq_ignore_ascii_case("InvalidJobState"))
}

/// How many batches failed, unless it was the only one.
struct Among(usize, usize);

impl fmt::Display for Among {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(_, 0 | 1) => Ok(()),
            Self(1, of) => write!(f, ", one of {of} batches"),
            Self(failed, of) => write!(f, ", one of {failed} of {of} batches that did"),
        }
    }
}

/// After this time; a job that is looked at once has been given none.
fn after(waited: Duration) -> String {
    match waited.as_secs() {
        0 => "yet".to_owned(),
        seconds => format!("after {seconds} s"),
    }
}

struct Because<'a>(Option<&'a str>);

impl fmt::Display for Because<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            // Some reasons repeat the query; it is shown elsewhere.
            Some(reason) if reason.contains("\nERROR at Row:") => {
                let code = reason.lines().next().unwrap_or_default().trim_end();
                write!(
                    f,
                    ": {code} {}",
                    Fault::from_state_message(reason).summary()
                )
            }
            Some(reason) => write!(f, ": {reason}"),
            None => Ok(()),
        }
    }
}

/// The ID of a job (`750…`), batch (`751…`) or result (`752…`): 15 or 18 letters and digits, so that
/// it can stand in a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(String);

impl Id {
    /// Checks an ID from an answer or from the command line.
    ///
    /// # Errors
    /// When it is not one.
    pub fn parse(text: &str) -> Result<Self, BulkError> {
        let text = text.trim();
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric());
        match text.len() {
            15 | 18 if plain => Ok(Self(text.to_owned())),
            _ => Err(BulkError::NotAnId(text.to_owned())),
        }
    }

    /// The ID as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Shown to the org's administrators in event logs, like SOAP's CallOptions.
const CALL_OPTIONS: (&str, &str) = (
    "Sforce-Call-Options",
    concat!("client=sfmtls/", env!("CARGO_PKG_VERSION")),
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_lead_a_path_elsewhere() {
        for good in ["750000000000001", " 750000000000001AAA\n"] {
            assert_eq!(Id::parse(good).unwrap().as_str(), good.trim());
        }
        for bad in [
            "",
            "7500000000000",
            "75000000000000/",
            "..0000000000001",
            "750000000000001?x=",
            "75000000000000ä",
        ] {
            let error = Id::parse(bad).unwrap_err();
            assert!(error.to_string().contains("is not an ID"), "{bad}");
        }
    }
}
