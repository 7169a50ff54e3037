//! What differs between the two Bulk APIs.

use std::sync::Arc;

use anyhow::Result;

use crate::cli::{BulkQuery, ColumnDelimiter, LineEnding};
use crate::error::UsageError;
use crate::salesforce::bulk::job::{self, Watch};
use crate::salesforce::bulk::v1::{self, BatchInfo, BatchState, Chunking};
use crate::salesforce::bulk::v2::{self, Delimiter};
use crate::salesforce::bulk::{BulkError, Id};
use crate::salesforce::client::Client;
use crate::salesforce::soql;

/// One of the two, with the job that is to be made.
pub(super) enum Api {
    /// Job, one batch, result files.
    One { soql: String, job: v1::NewJob },
    /// Query job, pages.
    Two(v2::NewJob),
}

/// A job that is over.
pub(super) enum Ended {
    One { job: Id, batches: Vec<BatchInfo> },
    Two(v2::JobInfo),
}

impl Api {
    /// # Errors
    /// When the object of a 1.0 job is not known.
    pub(super) fn of(arguments: &BulkQuery, soql: &str) -> Result<Self, UsageError> {
        if arguments.bulk_api == 2 {
            return Ok(Self::Two(v2::NewJob {
                soql: soql.to_owned(),
                all_rows: arguments.all_rows,
                delimiter: delimiter(arguments.column_delimiter),
                line_ending: match arguments.line_ending {
                    Some(LineEnding::Crlf) => v2::LineEnding::Crlf,
                    Some(LineEnding::Lf) | None => v2::LineEnding::Lf,
                },
            }));
        }
        let object = match (&arguments.object, &arguments.job_id) {
            (Some(object), _) => object.clone(),
            // The job that exists has its object.
            (None, Some(_)) => String::new(),
            (None, None) => soql::from_object(soql).ok_or_else(|| {
                UsageError::new("the query's object is not to be found in its FROM clause")
                    .hint("name it with --object NAME")
            })?,
        };
        let chunking = arguments.pk_chunking.map(|size| Chunking {
            size,
            parent: arguments.pk_parent.clone(),
        });
        Ok(Self::One {
            soql: soql.to_owned(),
            job: v1::NewJob {
                object,
                all_rows: arguments.all_rows,
                chunking,
            },
        })
    }

    /// Makes the job; `made` hears its ID before anything else can fail.
    pub(super) fn create(&self, client: &Client, made: impl Fn(&Id)) -> Result<Id, BulkError> {
        match self {
            Self::One { soql, job } => {
                let id = v1::create_job(client, job)?.id;
                made(&id);
                v1::add_batch(client, &id, soql)?;
                // With PK chunking batches are still to come: the job is closed when all are known.
                if job.chunking.is_none() {
                    v1::close_job(client, &id)?;
                }
                Ok(id)
            }
            Self::Two(job) => {
                let id = v2::create_job(client, job)?.id;
                made(&id);
                Ok(id)
            }
        }
    }

    /// Aborts a job and returns its state.
    pub(super) fn abort(&self, client: &Client, job: &Id) -> Result<String, BulkError> {
        Ok(match self {
            Self::One { .. } => v1::abort_job(client, job)?.state,
            Self::Two(_) => v2::abort_job(client, job)?.state_name,
        })
    }

    pub(super) fn wait(
        &self,
        client: &Arc<Client>,
        job: &Id,
        watch: &mut Watch<'_>,
    ) -> Result<Ended, BulkError> {
        Ok(match self {
            Self::One { .. } => Ended::One {
                job: job.clone(),
                batches: job::wait_v1(client, job, watch)?,
            },
            Self::Two(_) => Ended::Two(job::wait_v2(client, job, watch)?),
        })
    }
}

impl Ended {
    /// The batch that failed, if one did.
    pub(super) fn failure(&self) -> Option<BulkError> {
        match self {
            Self::One { job, batches } => v1::failure(job, batches),
            Self::Two(_) => None,
        }
    }

    /// Whether there is anything to fetch.
    pub(super) fn has_results(&self) -> bool {
        match self {
            Self::One { batches, .. } => batches
                .iter()
                .any(|batch| batch.state == BatchState::Completed),
            Self::Two(_) => true,
        }
    }

    /// How many rows there are, as announced.
    pub(super) fn rows(&self) -> u64 {
        match self {
            Self::One { batches, .. } => batches.iter().map(|batch| batch.rows).sum(),
            Self::Two(info) => info.rows,
        }
    }

    /// What stands between the result's cells.
    pub(super) fn delimiter(&self) -> u8 {
        match self {
            Self::One { .. } => b',',
            Self::Two(info) => info.delimiter.byte(),
        }
    }
}

fn delimiter(given: Option<ColumnDelimiter>) -> Delimiter {
    match given {
        None | Some(ColumnDelimiter::Comma) => Delimiter::Comma,
        Some(ColumnDelimiter::Tab) => Delimiter::Tab,
        Some(ColumnDelimiter::Pipe) => Delimiter::Pipe,
        Some(ColumnDelimiter::Semicolon) => Delimiter::Semicolon,
        Some(ColumnDelimiter::Caret) => Delimiter::Caret,
        Some(ColumnDelimiter::Backquote) => Delimiter::Backquote,
    }
}
