//! What a bulk query met.

use super::query::{self, Way};
use super::{Given, Report, client, exit};
use crate::output::from_csv::CsvError;
use crate::salesforce::bulk::BulkError;
use crate::salesforce::fault::Fault;

/// Words for a bulk query that gave no result, or not the one that was promised; `None` where the
/// error's source has them.
pub(super) fn report(error: &BulkError, given: Given<'_>) -> Option<Report> {
    let incomplete = |code| Report::new(exit::INCOMPLETE, code, error);
    Some(match error {
        BulkError::Client(error) => client(error, given),
        BulkError::NotAnId(_) => Report::new(exit::USAGE, "usage", error)
            .hint("the ID of a job begins with 750; it was printed when the job was made"),
        BulkError::JobUnknown { lost, unlisted, .. } => {
            Report::new(exit::NETWORK, "job-unknown", error)
                .cause(lost)
                .cause_if(unlisted.as_deref())
        }
        BulkError::JobFailed { message, .. } => refused(
            Report::new(exit::FAULT, "job-failed", error),
            message.as_deref(),
            Way::SPLIT_BY_ONE,
        ),
        BulkError::BatchFailed { message, of, .. } => {
            let chunking = match of {
                0 | 1 => "--pk-chunking",
                _ => "--pk-chunking=SIZE, smaller than it was",
            };
            refused(
                Report::new(exit::FAULT, "batch-failed", error),
                message.as_deref(),
                Way::Bulk { chunking },
            )
        }
        BulkError::OutOfTime { .. } => Report::new(exit::TIME, "out-of-time", error),
        BulkError::Circle { .. } => incomplete("pages-endless")
            .hint("something on the way may have answered twice: compare with --bulk-api 1"),
        BulkError::NoLocator { .. } => incomplete("locator-missing")
            .hint("something on the way may have dropped the header: compare with --bulk-api 1"),
        BulkError::OtherHeaders { .. } | BulkError::HeaderTooLong { .. } => {
            incomplete("headers-differ")
        }
        BulkError::Lost { .. } => Report::new(exit::NETWORK, "answer-truncated", error),
        BulkError::OtherBytes { .. } => incomplete("bytes-differ"),
        BulkError::CutRecord { .. } => incomplete("record-cut"),
        BulkError::OtherRows { .. } => incomplete("rows-missing"),
        BulkError::Temporary { .. } => Report::new(exit::OTHER, "temporary-file", error)
            .hint("results that come one after the other need no room there: --parallel 1"),
        // Its source is known by itself.
        BulkError::Output(_) => return None,
    })
}

/// Words for CSV that cannot be taken apart.
pub(super) fn no_records(error: &CsvError) -> Report {
    let code = match error {
        CsvError::Width { .. } => "row-width",
        CsvError::NotUtf8 { .. } => "not-utf-8",
        CsvError::TooLong { .. } => "row-too-long",
        CsvError::TooDeep => "column-too-deep",
    };
    Report::new(exit::INCOMPLETE, code, error).hint("-r csv passes on what came, as it came")
}

/// Adds what Salesforce's reason for a job or batch that failed has to say.
fn refused(report: Report, reason: Option<&str>, way: Way<'_>) -> Report {
    let Some(reason) = reason else {
        return report;
    };
    let fault = Fault::from_state_message(reason);
    report
        .cause_if(query::excerpt(&fault))
        .hint_if(query::advice(&fault, way))
}
