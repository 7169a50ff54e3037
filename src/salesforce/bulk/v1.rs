//! Bulk API 1.0: a job, its batches, and each batch's result files.
//!
//! Answers are XML, read by namespace; the Bulk API developer guide ("JobInfo", "BatchInfo") and the
//! AsyncApi schema describe them. Left out: the rows of a result.

mod answer;
mod results;
#[cfg(test)]
mod tests;

pub use answer::{BatchInfo, BatchState, JobInfo};
pub use results::Results;

use super::{BulkError, CALL_OPTIONS, Id, is_wrong_state};
use crate::event::Event;
use crate::net::{Request, Target, Transport};
use crate::salesforce::answer::AnswerError;
use crate::salesforce::call::{CallError, Expected, SMALL_ANSWER, exchange};
use crate::salesforce::client::{Client, ClientError, Recovery};
use crate::text::secret::{Secret, SecretText};
use crate::text::xml::{Reader, decode, escape_text};

/// The namespace of all elements.
const NAMESPACE: &str = "http://www.force.com/2009/06/asyncapi/dataload";

/// The longest list of batches or results, in bytes: a thousand batches take about 600 KB.
const LONG_ANSWER: u64 = 64 * SMALL_ANSWER;

/// A job to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// The object of the FROM clause; the server refuses any other.
    pub object: String,
    /// Includes deleted and archived rows (`queryAll`).
    pub all_rows: bool,
    /// Splits the query by ranges of IDs; `None` leaves it whole.
    pub chunking: Option<Chunking>,
}

/// PK chunking (Bulk API developer guide, "PK Chunking Header").
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chunking {
    /// Rows in a chunk; the server's default is 100,000, its maximum 250,000.
    pub size: Option<u32>,
    /// The object whose IDs are split, where sharing and history objects are queried.
    pub parent: Option<String>,
}

impl Chunking {
    fn header(&self) -> String {
        let size = self.size.map(|size| format!("chunkSize={size}"));
        let parent = self
            .parent
            .as_ref()
            .map(|parent| format!("parent={parent}"));
        let parts: Vec<_> = [size, parent].into_iter().flatten().collect();
        match parts.is_empty() {
            true => "true".to_owned(),
            false => parts.join("; "),
        }
    }
}

/// Creates a job.
///
/// If the answer is lost, another job is created: one without a batch does nothing. This API has no
/// list of jobs, so the stray one's ID stays unknown, which the observer is told.
///
/// # Errors
/// As [`Client::create`].
pub fn create_job(client: &Client, job: &NewJob) -> Result<JobInfo, ClientError> {
    let operation = if job.all_rows { "queryAll" } else { "query" };
    let body = job_info(&format!(
        "<operation>{operation}</operation><object>{}</object>\
         <concurrencyMode>Parallel</concurrencyMode><contentType>CSV</contentType>",
        escape_text(&job.object)
    ));
    client.create(
        |transport, base, session| {
            let mut request = post(base.bulk("job")?, session, XML, &body);
            if let Some(chunking) = &job.chunking {
                let header = ("Sforce-Enable-PKChunking", chunking.header().into());
                request.headers.push(header);
            }
            xml(transport, &request, answer::job_info)
        },
        |_| {
            client.observer.event(Event::Note(STRAY));
            Ok(Recovery::<_, ClientError>::Again)
        },
    )
}

const STRAY: &str = "the answer to the new job was lost: if the job was made, it stays open without a query for a \
                     day, under an ID that is not known here";

/// Adds the one batch that a query job has: the query itself.
///
/// If the answer is lost, the job's batches are listed first: if there is one, it is the query.
///
/// # Errors
/// As [`Client::create`].
pub fn add_batch(client: &Client, job: &Id, soql: &str) -> Result<BatchInfo, ClientError> {
    client.create(
        |transport, base, session| {
            let target = base.bulk(&format!("job/{job}/batch"))?;
            let request = post(target, session, "text/csv; charset=UTF-8", soql);
            xml(transport, &request, answer::batch_info)
        },
        |_| {
            let Some(batch) = batches(client, job)?.into_iter().next() else {
                return Ok(Recovery::Again);
            };
            client.observer.event(Event::Note(&format!(
                "the answer to the query was lost, but the job has it, as batch {}",
                batch.id
            )));
            Ok::<_, ClientError>(Recovery::Made(batch))
        },
    )
}

/// Closes a job: no more batches will be added. Salesforce keeps an open job for 24 hours at most.
///
/// # Errors
/// As [`Client::call`].
pub fn close_job(client: &Client, job: &Id) -> Result<JobInfo, ClientError> {
    set_state(client, job, "Closed")
}

/// Aborts a job; batches that are done keep their results.
///
/// # Errors
/// As [`Client::call`].
pub fn abort_job(client: &Client, job: &Id) -> Result<JobInfo, ClientError> {
    set_state(client, job, "Aborted")
}

fn set_state(client: &Client, job: &Id, state: &str) -> Result<JobInfo, ClientError> {
    let body = job_info(&format!("<state>{state}</state>"));
    let set = client.call(|transport, base, session| {
        let request = post(base.bulk(&format!("job/{job}"))?, session, XML, &body);
        xml(transport, &request, answer::job_info)
    });
    match set {
        // The state had been set already, perhaps by a call whose answer was lost.
        Err(error) if is_wrong_state(&error) => match get_job(client, job)? {
            info if info.state == state => Ok(info),
            _ => Err(error),
        },
        set => set,
    }
}

/// Asks for a job's state.
///
/// # Errors
/// As [`Client::call`].
pub fn get_job(client: &Client, job: &Id) -> Result<JobInfo, ClientError> {
    client.call(|transport, base, session| {
        let request = get(base.bulk(&format!("job/{job}"))?, session);
        xml(transport, &request, answer::job_info)
    })
}

/// The batches of a job, in the server's order: with PK chunking one per chunk, besides the original one,
/// which is not processed.
///
/// # Errors
/// As [`Client::call`].
pub fn batches(client: &Client, job: &Id) -> Result<Vec<BatchInfo>, ClientError> {
    client.call(|transport, base, session| {
        let request = get(base.bulk(&format!("job/{job}/batch"))?, session);
        xml(transport, &request, answer::batch_list)
    })
}

/// The query of a batch, as the server received it.
///
/// # Errors
/// As [`Client::call`].
pub fn get_query(client: &Client, job: &Id, batch: &Id) -> Result<String, ClientError> {
    client.call(|transport, base, session| {
        let target = base.bulk(&format!("job/{job}/batch/{batch}/request"))?;
        let mut body = Vec::new();
        let request = get(target, session);
        exchange(transport, &request, Expected::Csv, SMALL_ANSWER, &mut body)?;
        Ok::<_, ClientError>(String::from_utf8_lossy(&body).into_owned())
    })
}

/// The result files of a batch, in the server's order.
///
/// # Errors
/// As [`Client::call`].
pub fn result_ids(client: &Client, job: &Id, batch: &Id) -> Result<Vec<Id>, ClientError> {
    client.call(|transport, base, session| {
        let target = base.bulk(&format!("job/{job}/batch/{batch}/result"))?;
        xml(transport, &get(target, session), answer::result_list)
    })
}

/// The first batch that failed, as an error; `None` if none did. The others have results all the same.
pub fn failure(job: &Id, batches: &[BatchInfo]) -> Option<BulkError> {
    let is_failed = |batch: &&BatchInfo| batch.state == BatchState::Failed;
    let batch = batches.iter().find(is_failed)?;
    let with_rows = |batch: &&BatchInfo| batch.state != BatchState::NotProcessed;
    Some(BulkError::BatchFailed {
        job: job.clone(),
        batch: batch.id.clone(),
        message: batch.message.clone(),
        failed: batches.iter().filter(is_failed).count(),
        of: batches.iter().filter(with_rows).count(),
    })
}

const XML: &str = "application/xml; charset=UTF-8";

fn job_info(content: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <jobInfo xmlns=\"{NAMESPACE}\">{content}</jobInfo>"
    )
}

fn get(target: Target, session: &Secret) -> Request {
    let id = SecretText::new().secret("SFMTLS_SESSION_ID", session.clone());
    Request {
        method: http::Method::GET,
        target,
        headers: vec![
            ("X-SFDC-Session", id),
            (CALL_OPTIONS.0, CALL_OPTIONS.1.into()),
        ],
        body: None,
    }
}

fn post(target: Target, session: &Secret, content_type: &str, body: &str) -> Request {
    let mut request = get(target, session);
    request.method = http::Method::POST;
    request.headers.push(("Content-Type", content_type.into()));
    request.body = Some(body.into());
    request
}

/// Sends a call and reads its answer to the end.
fn xml<T>(
    transport: &Transport,
    request: &Request,
    read: impl FnOnce(&mut Reader<'_>) -> Result<T, AnswerError>,
) -> Result<T, ClientError> {
    let mut body = Vec::new();
    exchange(
        transport,
        request,
        Expected::BulkXml,
        LONG_ANSWER,
        &mut body,
    )?;
    let parsed = decode(&body).map_err(AnswerError::from).and_then(|text| {
        let mut xml = Reader::new(&text);
        let value = read(&mut xml)?;
        xml.finish()?;
        Ok(value)
    });
    Ok(parsed.map_err(|error| CallError::unreadable(request, error))?)
}
