//! What a bulk query met.

use super::query::{self, Way};
use super::{Given, Report, client, exit};
use crate::output::from_csv::CsvError;
use crate::salesforce::bulk::BulkError;
use crate::salesforce::fault::Fault;
use crate::text::secret::Words;

/// Words for a bulk query that gave no result, or not the one that was promised; `None` where the
/// error's source has them.
pub(super) fn report(error: &BulkError, given: Given<'_>) -> Option<Report> {
    let incomplete = |code| Report::new(exit::INCOMPLETE, code, told(error));
    Some(match error {
        BulkError::Client(error) => client(error, given),
        BulkError::NotAnId(_) => Report::ours(exit::USAGE, "usage", error)
            .hint("the ID of a job begins with 750; it was printed when the job was made"),
        BulkError::JobUnknown { lost, unlisted, .. } => {
            Report::ours(exit::NETWORK, "job-unknown", error)
                .cause(&**lost)
                .cause_if(unlisted.as_deref())
        }
        BulkError::JobFailed { state, message, .. } => {
            let report = Report::new(exit::FAULT, "job-failed", told(error));
            let report = refused(report, message.as_deref(), Way::SPLIT_BY_ONE);
            report.hint_else(match state.as_str() {
                "Aborted" => {
                    "somebody ended it (Setup > Bulk Data Load Jobs): run the query again for a new job"
                }
                _ => "Setup > Bulk Data Load Jobs shows more of it; a new job may do better: run the query again",
            })
        }
        BulkError::BatchFailed { message, of, .. } => {
            let chunking = match of {
                0 | 1 => "--pk-chunking",
                _ => "--pk-chunking=SIZE, smaller than it was",
            };
            refused(
                Report::new(exit::FAULT, "batch-failed", told(error)),
                message.as_deref(),
                Way::Bulk { chunking },
            )
        }
        BulkError::OutOfTime { .. } => Report::ours(exit::TIME, "out-of-time", error),
        BulkError::Circle { .. } => incomplete("pages-endless")
            .hint("something on the way may have answered twice: compare with --bulk-api 1"),
        BulkError::NoLocator { .. } => incomplete("locator-missing")
            .hint("something on the way may have dropped the header: compare with --bulk-api 1"),
        BulkError::OtherHeaders { .. } | BulkError::HeaderTooLong { .. } => {
            incomplete("headers-differ")
        }
        BulkError::Lost { .. } => Report::new(exit::NETWORK, "answer-truncated", told(error)),
        BulkError::OtherBytes { .. } => incomplete("bytes-differ"),
        BulkError::CutRecord { .. } => incomplete("record-cut"),
        BulkError::OtherRows { .. } => incomplete("rows-missing"),
        BulkError::Temporary { .. } => Report::ours(exit::OTHER, "temporary-file", error)
            .hint("results that come one after the other need no room there: --parallel 1"),
        // Its source is known by itself.
        BulkError::Output(_) => return None,
    })
}

/// The error, in which others may have named a state, a reason, a result, a column.
fn told(error: &BulkError) -> Words {
    match error {
        BulkError::JobFailed { state, message, .. } => Words::ours_but(
            error,
            message.as_deref().into_iter().chain([state.as_str()]),
        ),
        BulkError::BatchFailed { message, .. } => Words::ours_but(error, message.as_deref()),
        BulkError::OtherHeaders {
            result,
            first,
            found,
        } => Words::ours_but(error, [first.as_str(), found, result]),
        BulkError::NoLocator { result }
        | BulkError::Circle { result }
        | BulkError::HeaderTooLong { result, .. }
        | BulkError::OtherBytes { result, .. }
        | BulkError::CutRecord { result }
        | BulkError::OtherRows { what: result, .. } => Words::ours_but(error, [result.as_str()]),
        _ => Words::theirs(error),
    }
}

/// Words for CSV that cannot be taken apart.
pub(super) fn no_records(error: &CsvError) -> Report {
    let code = match error {
        CsvError::Width { .. } => "row-width",
        CsvError::NotUtf8 { .. } => "not-utf-8",
        CsvError::TooLong { .. } => "row-too-long",
        CsvError::TooDeep => "column-too-deep",
    };
    Report::ours(exit::INCOMPLETE, code, error).hint("-r csv passes on what came, as it came")
}

/// Adds what Salesforce's reason for a job or batch that failed has to say.
fn refused(report: Report, reason: Option<&str>, way: Way<'_>) -> Report {
    let Some(reason) = reason else {
        return report;
    };
    let fault = Fault::from_state_message(reason);
    report
        .cause_if(query::excerpt(&fault).map(Words::theirs))
        .hint_if(query::advice(&fault, way))
}
