//! What differs between the two Bulk APIs.

use anyhow::Result;

use crate::cli::{BulkApi, BulkQuery, ColumnDelimiter, LineEnding};
use crate::error::UsageError;
use crate::event::Event;
use crate::salesforce::bulk::job::{self, Watch};
use crate::salesforce::bulk::v1::{self, BatchInfo, BatchState, Chunking};
use crate::salesforce::bulk::v2::{self, Delimiter};
use crate::salesforce::bulk::{BulkError, Id};
use crate::salesforce::client::Client;
use crate::salesforce::soql;

/// One of the two, with the job that is to be made.
pub(super) enum Api {
    /// Job, one batch, result files.
    V1 { soql: String, job: v1::NewJob },
    /// Query job, pages.
    V2(v2::NewJob),
}

/// A job that is over.
pub(super) enum Ended {
    V1 { job: Id, batches: Vec<BatchInfo> },
    V2(v2::JobInfo),
}

/// A job of 1.0 is for one object, which is the query's.
fn no_object(soql: &str) -> UsageError {
    if !soql::has_from(soql) {
        return UsageError::new("the query has no FROM clause")
            .hint("write it as SELECT Id FROM Contact");
    }
    UsageError::new("no object was found after FROM").hint("name it with --object NAME")
}

impl Api {
    /// # Errors
    /// When the object of a 1.0 job is not known.
    pub(super) fn of(arguments: &BulkQuery, soql: &str) -> Result<Self, UsageError> {
        if arguments.bulk_api == BulkApi::V2 {
            return Ok(Self::V2(v2::NewJob {
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
            (None, None) => soql::from_object(soql).ok_or_else(|| no_object(soql))?,
        };
        let chunking = arguments.pk_chunking.map(|size| Chunking {
            size,
            parent: arguments.pk_parent.clone(),
        });
        Ok(Self::V1 {
            soql: soql.to_owned(),
            job: v1::NewJob {
                object,
                all_rows: arguments.all_rows,
                chunking,
            },
        })
    }

    /// Makes the job, in 1.0 without its query.
    pub(super) fn create(&self, client: &Client) -> Result<Id, BulkError> {
        Ok(match self {
            Self::V1 { job, .. } => v1::create_job(client, job)?.id,
            Self::V2(job) => v2::create_job(client, job)?.id,
        })
    }

    /// 1.0: adds the query to the job.
    pub(super) fn add_query(&self, client: &Client, job: &Id) -> Result<(), BulkError> {
        if let Self::V1 { soql, .. } = self {
            v1::add_batch(client, job, soql)?;
        }
        Ok(())
    }

    /// 1.0: says that no more batches will come. With PK chunking they will: the job is closed when
    /// all are known.
    pub(super) fn close(&self, client: &Client, job: &Id) -> Result<(), BulkError> {
        match self {
            Self::V1 { job: new, .. } if new.chunking.is_none() => {
                v1::close_job(client, job)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Aborts a job and returns its state.
    pub(super) fn abort(&self, client: &Client, job: &Id) -> Result<String, BulkError> {
        Ok(match self {
            Self::V1 { .. } => v1::abort_job(client, job)?.state,
            Self::V2(_) => v2::abort_job(client, job)?.state_name,
        })
    }

    /// What the states are about.
    pub(super) fn subject(&self) -> &'static str {
        match self {
            Self::V1 { .. } => "Batch",
            Self::V2(_) => "Job",
        }
    }

    pub(super) fn wait(
        &self,
        client: &Client,
        job: &Id,
        watch: &mut Watch<'_>,
    ) -> Result<Ended, BulkError> {
        let Self::V1 { job: new, .. } = self else {
            return Ok(Ended::V2(job::wait_v2(client, job, watch)?));
        };
        let mut batches = job::wait_v1(client, job, watch)?;
        if !watch.resumed && new.chunking.is_none() {
            keep_one(client, &mut batches);
        }
        // Salesforce leaves a query in one piece where it cannot be chunked, and says nothing of it
        // (Bulk API guide, "PK Chunking Header"): then the job is still open.
        let may_be_open = watch.resumed || new.chunking.is_some();
        if batches.len() == 1 && may_be_open && v1::get_job(client, job)?.state == "Open" {
            v1::close_job(client, job)?;
        }
        Ok(Ended::V1 {
            job: job.clone(),
            batches,
        })
    }
}

/// A query that came twice, because something on the way repeated it, has the same rows twice.
fn keep_one(client: &Client, batches: &mut Vec<BatchInfo>) {
    if batches.len() < 2 {
        return;
    }
    let done = |batch: &BatchInfo| batch.state == BatchState::Completed;
    let kept = batches.iter().position(done).unwrap_or(0);
    batches.swap(0, kept);
    batches.truncate(1);
    client.observer.event(Event::Note(&format!(
        "the query came to the job more than once; the rows are those of batch {}",
        batches[0].id
    )));
}

impl Ended {
    /// The batch that failed, if one did.
    pub(super) fn failure(&self) -> Option<BulkError> {
        match self {
            Self::V1 { job, batches } => v1::failure(job, batches),
            Self::V2(_) => None,
        }
    }

    /// Whether there is anything to fetch.
    pub(super) fn has_results(&self) -> bool {
        match self {
            Self::V1 { batches, .. } => batches
                .iter()
                .any(|batch| batch.state == BatchState::Completed),
            Self::V2(_) => true,
        }
    }

    /// How many rows there are, as announced.
    pub(super) fn rows(&self) -> u64 {
        match self {
            Self::V1 { batches, .. } => batches.iter().map(|batch| batch.rows).sum(),
            Self::V2(info) => info.rows.unwrap_or_default(),
        }
    }

    /// The query, where the server keeps it to be read.
    pub(super) fn query(&self, client: &Client) -> Result<Option<String>, BulkError> {
        match self {
            Self::V1 { job, batches } => match batches.first() {
                Some(batch) => Ok(Some(v1::get_query(client, job, &batch.id)?)),
                None => Ok(None),
            },
            Self::V2(_) => Ok(None),
        }
    }

    /// What stands between the result's cells.
    pub(super) fn delimiter(&self) -> u8 {
        match self {
            Self::V1 { .. } => b',',
            Self::V2(info) => info.delimiter.byte(),
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
