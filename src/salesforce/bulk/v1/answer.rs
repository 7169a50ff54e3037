//! What Bulk API 1.0 answers: `jobInfo`, `batchInfo` and lists.
//!
//! Elements may come in any order; what is not needed is skipped.

use super::{Id, NAMESPACE};
use crate::salesforce::answer::AnswerError;
use crate::text::xml::{Element, Reader};

/// A job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobInfo {
    /// Its ID (`750…`).
    pub id: Id,
    /// `Open`, `Closed`, `Aborted` or `Failed`.
    pub state: String,
    /// How many batches there are so far; with PK chunking more may come.
    pub batches: u64,
}

/// A batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchInfo {
    /// Its ID (`751…`).
    pub id: Id,
    /// How far it is.
    pub state: BatchState,
    /// Why it failed: `InvalidBatch : Failed to process query: …`.
    pub message: Option<String>,
    /// Rows so far; the number grows while the batch is in progress.
    pub rows: u64,
}

/// How far a batch is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BatchState {
    /// It waits.
    Queued,
    /// It is being worked on.
    InProgress,
    /// It has results.
    Completed,
    /// It has no results; the message says why.
    Failed,
    /// It was split into chunks, or the job was aborted.
    NotProcessed,
    /// A state unknown to us, as sent.
    Other(String),
}

impl BatchState {
    /// Reads a state. The guides and other clients spell `NotProcessed` in three ways, so spaces,
    /// underscores and case are ignored.
    fn parse(text: &str) -> Self {
        let plain: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '_')
            .map(|c| c.to_ascii_lowercase())
            .collect();
        match plain.as_str() {
            "queued" => Self::Queued,
            "inprogress" => Self::InProgress,
            "completed" => Self::Completed,
            "failed" => Self::Failed,
            "notprocessed" => Self::NotProcessed,
            _ => Self::Other(text.trim().to_owned()),
        }
    }

    /// The name as Salesforce spells it.
    pub fn name(&self) -> &str {
        match self {
            Self::Queued => "Queued",
            Self::InProgress => "InProgress",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
            Self::NotProcessed => "NotProcessed",
            Self::Other(name) => name,
        }
    }

    /// Whether nothing more will happen to it.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::NotProcessed)
    }
}

pub(super) fn job_info(xml: &mut Reader<'_>) -> Result<JobInfo, AnswerError> {
    root(xml, "jobInfo")?;
    let (mut id, mut state) = (None, None);
    let mut batches = 0;
    while let Some(child) = known_child(xml)? {
        match child.local() {
            "id" => id = Some(read_id(xml)?),
            "state" => state = Some(xml.text()?.trim().to_owned()),
            "numberBatchesTotal" => batches = read_number(xml)?,
            _ => xml.skip()?,
        }
    }
    Ok(JobInfo {
        id: id.ok_or(AnswerError::Missing("id"))?,
        state: state.ok_or(AnswerError::Missing("state"))?,
        batches,
    })
}

pub(super) fn batch_info(xml: &mut Reader<'_>) -> Result<BatchInfo, AnswerError> {
    root(xml, "batchInfo")?;
    read_batch(xml)
}

pub(super) fn batch_list(xml: &mut Reader<'_>) -> Result<Vec<BatchInfo>, AnswerError> {
    root(xml, "batchInfoList")?;
    let mut batches = Vec::new();
    while let Some(child) = known_child(xml)? {
        match child.local() {
            "batchInfo" => batches.push(read_batch(xml)?),
            _ => xml.skip()?,
        }
    }
    Ok(batches)
}

pub(super) fn result_list(xml: &mut Reader<'_>) -> Result<Vec<Id>, AnswerError> {
    root(xml, "result-list")?;
    let mut results = Vec::new();
    while let Some(child) = known_child(xml)? {
        match child.local() {
            "result" => results.push(read_id(xml)?),
            _ => xml.skip()?,
        }
    }
    Ok(results)
}

/// Reads a batch, just after `batchInfo` has opened.
fn read_batch(xml: &mut Reader<'_>) -> Result<BatchInfo, AnswerError> {
    let (mut id, mut state, mut message) = (None, None, None);
    let mut rows = 0;
    while let Some(child) = known_child(xml)? {
        match child.local() {
            "id" => id = Some(read_id(xml)?),
            "state" => state = Some(BatchState::parse(&xml.text()?)),
            "stateMessage" => message = Some(xml.text()?.trim().to_owned()),
            "numberRecordsProcessed" => rows = read_number(xml)?,
            _ => xml.skip()?,
        }
    }
    Ok(BatchInfo {
        id: id.ok_or(AnswerError::Missing("id"))?,
        state: state.ok_or(AnswerError::Missing("state"))?,
        message: message.filter(|message| !message.is_empty()),
        rows,
    })
}

fn root(xml: &mut Reader<'_>, name: &'static str) -> Result<(), AnswerError> {
    match xml.root()?.is(NAMESPACE, name) {
        true => Ok(()),
        false => Err(AnswerError::Missing(name)),
    }
}

/// The next child in the API's namespace; others are skipped.
fn known_child<'a>(xml: &mut Reader<'a>) -> Result<Option<Element<'a>>, AnswerError> {
    while let Some(child) = xml.child()? {
        if child.namespace == NAMESPACE {
            return Ok(Some(child));
        }
        xml.skip()?;
    }
    Ok(None)
}

fn read_id(xml: &mut Reader<'_>) -> Result<Id, AnswerError> {
    Id::parse(&xml.text()?).map_err(|_| AnswerError::Missing("valid ID"))
}

fn read_number(xml: &mut Reader<'_>) -> Result<u64, AnswerError> {
    let text = xml.text()?;
    text.trim()
        .parse()
        .map_err(|_| AnswerError::Missing("valid number of rows or batches"))
}
