//! What a bulk query met.

use super::{Given, Report, client, exit};
use crate::output::from_csv::CsvError;
use crate::salesforce::bulk::BulkError;

/// Words for a bulk query that gave no result, or not the one that was promised; `None` where the
/// error's source has them.
pub(super) fn report(error: &BulkError, given: Given<'_>) -> Option<Report> {
    let incomplete = |code| Report::new(exit::INCOMPLETE, code, error);
    Some(match error {
        BulkError::Client(error) => client(error, given),
        BulkError::NotAnId(_) => Report::new(exit::USAGE, "usage", error)
            .hint("the ID of a job begins with 750; it was printed when the job was made"),
        BulkError::JobFailed { message, .. } => Report::new(exit::FAULT, "job-failed", error)
            .hint_if(advice(message.as_deref(), "--bulk-api 1 --pk-chunking")),
        BulkError::BatchFailed { message, of, .. } => {
            let chunking = match of {
                0 | 1 => "--pk-chunking",
                _ => "--pk-chunking=SIZE, smaller than it was",
            };
            Report::new(exit::FAULT, "batch-failed", error)
                .hint_if(advice(message.as_deref(), chunking))
        }
        BulkError::OutOfTime { .. } => Report::new(exit::TIME, "out-of-time", error),
        BulkError::Cancelled => Report::new(exit::OTHER, "cancelled", error),
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
        BulkError::Temporary { .. } => Report::new(exit::OTHER, "temporary-file", error).hint(
            "set TMPDIR to a folder with room, or fetch one result after the other: --parallel 1",
        ),
        // Its source is known by itself.
        BulkError::Output(_) => return None,
    })
}

/// Words for CSV that cannot be taken apart.
pub(super) fn no_records(error: &CsvError) -> Report {
    let code = match error {
        CsvError::Width { .. } => "row-width",
        CsvError::NotUtf8 { .. } => "not-utf-8",
    };
    Report::new(exit::INCOMPLETE, code, error).hint("-r csv passes on what came, as it came")
}

/// What to do about Salesforce's reason, where it is known. The messages are documented as texts
/// only ("Retried more than fifteen times", in newer guides thirty).
fn advice(message: Option<&str>, chunking: &str) -> Option<String> {
    let says = |part| message.is_some_and(|message| message.contains(part));
    if says("QUERY_TIMEOUT") || says("Retried more than") || says("Failed to write query result") {
        return Some(format!(
            "have Salesforce split the query by ranges of IDs: {chunking}"
        ));
    }
    if says("compound data not supported") {
        return Some(
            "name the components instead of the compound field: BillingStreet, BillingCity"
                .to_owned(),
        );
    }
    says("Aggregate Relationships not supported")
        .then(|| "child subqueries are for sfmtls query; bulk queries have none".to_owned())
}
