//! From a query to the batches that it becomes: one, or with PK chunking one for each chunk.

use std::sync::Arc;

use super::job::{Chunking, Job, Outcome, Work};
use super::refusal::Refused;
use super::switches::BulkSwitches;
use crate::local_org::data::{Data, Kind, Object};
use crate::local_org::selection::Selection;
use crate::local_org::soql::{self, Node, Query, Select};

/// Bulk API guide, PK chunking: rows of a chunk, by default and at most.
const CHUNK_SIZE: u64 = 100_000;
const LARGEST_CHUNK: u64 = 250_000;

const TIMEOUT: &str = "InvalidBatch : Failed to process query: QUERY_TIMEOUT: Your query request was running for too long.";

/// A query that the APIs can run, or the code and message of why not.
///
/// The words for compound fields and child relationships were reported by users of haoide and jsforce.
pub(super) fn read(text: &str, api_name: &str) -> Result<Query, (&'static str, String)> {
    let query = soql::parse(text.trim()).map_err(|fault| (fault.code, fault.message))?;
    if query.all_fields {
        // The words are those that Apex, where the same holds, was reported to have.
        return Err((
            "MALFORMED_QUERY",
            "The SOQL FIELDS function is not supported with an unbounded set of fields in this API."
                .to_owned(),
        ));
    }
    let compound = |kind| matches!(kind, Kind::Address | Kind::Location);
    match &query.select {
        Select::Records(nodes) => {
            if nodes.iter().any(|node| matches!(node, Node::Children(..))) {
                return Err((
                    "FeatureNotEnabled",
                    format!(
                        "Aggregate Relationships not supported in {api_name} with CSV content type"
                    ),
                ));
            }
        }
        Select::Count | Select::Groups { .. } => {
            return Err((
                "FUNCTIONALITY_NOT_ENABLED",
                "Aggregate functions and GROUP BY not supported in Bulk Query".to_owned(),
            ));
        }
    }
    if query.paths.iter().any(|path| compound(path.field.kind)) {
        return Err((
            "FUNCTIONALITY_NOT_ENABLED",
            "Selecting compound data not supported in Bulk Query".to_owned(),
        ));
    }
    Ok(query)
}

/// All rows of a query, or the code and message of why they are too many for its ORDER BY.
pub(super) fn whole(
    query: Query,
    data: &Data,
    deleted_too: bool,
) -> Result<Work, (&'static str, String)> {
    let deleted = if deleted_too {
        (query.object.deleted)(data)
    } else {
        0
    };
    let all = 0..(query.object.live)(data) + deleted;
    Ok(Work {
        rows: Selection::of(data, &query, all).map_err(|fault| (fault.code, fault.message))?,
        query: Arc::new(query),
    })
}

/// The batches of 1.0 that a query becomes, each with the time when it appears.
pub(super) fn batches(
    job: &Job,
    text: &str,
    data: &Data,
    switches: &BulkSwitches,
) -> Vec<(u64, Outcome)> {
    let now = job.clock.now();
    let query = match read(text, "Bulk Query") {
        Ok(query) => query,
        Err((code @ "FeatureNotEnabled", message)) => {
            return vec![(now, Outcome::Failed(format!("{code} : {message}")))];
        }
        Err(refused) => return vec![(now, Outcome::Failed(unprocessed(refused)))],
    };
    if !std::ptr::eq(query.object, job.object) {
        let message = format!(
            "The job is about {}, the query about {}",
            job.object.name, query.object.name
        );
        let failed = Outcome::Failed(unprocessed(("INVALID_TYPE", message)));
        return vec![(now, failed)];
    }
    match &job.chunking {
        Some(chunking) if can_be_chunked(&query) => chunks(job, query, chunking, data, switches),
        _ => {
            let outcome = match (switches.failure, whole(query, data, job.deleted_too)) {
                (Some(message), _) => Outcome::Failed(message.to_owned()),
                (None, Ok(work)) => Outcome::Rows(work),
                (None, Err(refused)) => Outcome::Failed(unprocessed(refused)),
            };
            vec![(now, outcome)]
        }
    }
}

/// The `stateMessage` for a code and a message.
fn unprocessed((code, message): (&'static str, String)) -> String {
    format!("InvalidBatch : Failed to process query: {code}: {message}")
}

/// Anything but SELECT and WHERE, or a condition on a field with "id" in its name, turns PK chunking off
/// without a word.
fn can_be_chunked(query: &Query) -> bool {
    let is_id = |name: &str| name.to_ascii_lowercase().contains("id");
    let on_id = query
        .filter
        .as_ref()
        .is_some_and(|filter| filter.mentions(&|path| is_id(path.field.name)));
    query.order.is_empty() && query.limit.is_none() && !on_id
}

/// The original batch, then chunks in two steps: the second while the first is at work, so that who
/// waits for all that are there misses none.
fn chunks(
    job: &Job,
    query: Query,
    chunking: &Chunking,
    data: &Data,
    switches: &BulkSwitches,
) -> Vec<(u64, Outcome)> {
    let live = (query.object.live)(data);
    // Deleted rows count for the boundaries, whoever asks.
    let all = live + (query.object.deleted)(data);
    let returned = if job.deleted_too { all } else { live };
    let start = match &chunking.start_row {
        Some(id) => row_of(query.object, id, data, all).unwrap_or(all),
        None => 0,
    };
    let query = Arc::new(query);
    let rows = |range| {
        // Only a query without ORDER BY is chunked.
        let rows = Selection::unsorted(range);
        Outcome::Rows(Work {
            query: Arc::clone(&query),
            rows,
        })
    };
    let mut outcomes: Vec<Outcome> = Vec::new();
    let mut from = start;
    while from < all {
        let to = all.min(from + chunking.size);
        outcomes.push(rows(from.min(returned)..to.min(returned)));
        from = to;
    }
    if switches.chunks.empty || outcomes.is_empty() {
        outcomes.push(rows(all..all));
    }
    if let Some(failed) = switches.chunks.failed.and_then(|at| outcomes.get_mut(at)) {
        *failed = Outcome::Failed(TIMEOUT.to_owned());
    }

    let now = job.clock.now();
    let (queued, in_progress) = job.clock.spans();
    let first_step = now + queued + in_progress;
    let half = outcomes.len().div_ceil(2);
    let original = if switches.chunks.broken {
        outcomes.truncate(half);
        Outcome::Failed("InvalidBatch : Failed to process query: PK chunking failed".to_owned())
    } else {
        Outcome::NotProcessed
    };
    let chunks = outcomes.into_iter().enumerate().map(|(at, outcome)| {
        let born = if at < half {
            first_step
        } else {
            first_step + queued
        };
        (born, outcome)
    });
    std::iter::once((now, original)).chain(chunks).collect()
}

fn row_of(object: &Object, id: &str, data: &Data, rows: u64) -> Option<u64> {
    let field = object.fields.iter().find(|field| field.name == "Id")?;
    let mut text = String::new();
    (0..rows).find(|row| {
        text.clear();
        (field.write)(data, *row, &mut text) && super::job::same_id(&text, id)
    })
}

/// Reads `Sforce-Enable-PKChunking`: `true`, `false`, or `chunkSize=…; startRow=…; parent=…`.
///
/// # Errors
/// InvalidJob when it is none of these, the size is too large or a name unknown.
pub(super) fn chunking(header: &str) -> Result<Option<Chunking>, Refused> {
    let refused =
        |what: &str| Refused::bad("InvalidJob", format!("Invalid PK chunking header: {what}"));
    let mut chunking = Chunking {
        size: CHUNK_SIZE,
        start_row: None,
    };
    if header.eq_ignore_ascii_case("false") {
        return Ok(None);
    }
    if header.eq_ignore_ascii_case("true") {
        return Ok(Some(chunking));
    }
    for part in header
        .split(';')
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        let (name, value) = part.split_once('=').ok_or_else(|| refused(part))?;
        let value = value.trim();
        match name.trim() {
            "chunkSize" => {
                chunking.size = value
                    .parse()
                    .ok()
                    .filter(|size| (1..=LARGEST_CHUNK).contains(size))
                    .ok_or_else(|| refused(part))?;
            }
            "startRow" if [15, 18].contains(&value.len()) => {
                chunking.start_row = Some(value.to_owned());
            }
            "parent" if crate::local_org::data::object(value).is_some() => {}
            _ => return Err(refused(part)),
        }
    }
    Ok(Some(chunking))
}
