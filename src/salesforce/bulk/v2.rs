//! Bulk API 2.0: a query job and the pages of its result.
//!
//! Requests and answers are JSON; the Bulk API 2.0 developer guide ("Query Jobs") describes them. Left
//! out: deleting jobs.

mod lost;
mod results;
#[cfg(test)]
mod tests;

pub use results::Results;

use std::cell::Cell;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::{BulkError, CALL_OPTIONS, Id, is_wrong_state};
use crate::net::{Request, Target, Transport};
use crate::salesforce::answer::AnswerError;
use crate::salesforce::call::{CallError, Expected, SMALL_ANSWER, exchange};
use crate::salesforce::client::{Client, ClientError};
use crate::text::secret::{Secret, SecretText};

/// A job to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// The query.
    pub soql: String,
    /// Includes deleted and archived rows (`queryAll`).
    pub all_rows: bool,
    /// The result's column delimiter.
    pub delimiter: Delimiter,
    /// The result's line ending.
    pub line_ending: LineEnding,
}

impl NewJob {
    fn operation(&self) -> &'static str {
        match self.all_rows {
            true => "queryAll",
            false => "query",
        }
    }
}

/// The column delimiter of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Delimiter {
    /// `,`
    #[default]
    Comma,
    /// A tab.
    Tab,
    /// `|`
    Pipe,
    /// `;`
    Semicolon,
    /// `^`
    Caret,
    /// `` ` ``
    Backquote,
}

impl Delimiter {
    /// The character.
    pub fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Tab => b'\t',
            Self::Pipe => b'|',
            Self::Semicolon => b';',
            Self::Caret => b'^',
            Self::Backquote => b'`',
        }
    }

    /// The delimiter of this name in a job; `None` for an unknown name.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "COMMA" => Self::Comma,
            "TAB" => Self::Tab,
            "PIPE" => Self::Pipe,
            "SEMICOLON" => Self::Semicolon,
            "CARET" => Self::Caret,
            "BACKQUOTE" => Self::Backquote,
            _ => return None,
        })
    }
}

/// The line ending of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum LineEnding {
    /// Line feed.
    #[default]
    Lf,
    /// Carriage return and line feed.
    Crlf,
}

/// A job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobInfo {
    /// Its ID (`750…`).
    pub id: Id,
    /// How far it is.
    pub state: JobState,
    /// The state as sent.
    pub state_name: String,
    /// Why it failed.
    pub message: Option<String>,
    /// Rows so far; `None` where the server does not say.
    pub rows: Option<u64>,
    /// The version it was created at; results requested at another version are refused (HTTP 409).
    pub version: Option<String>,
    /// The result's column delimiter.
    pub delimiter: Delimiter,
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// It waits, is being worked on, or is in a state unknown to us.
    Running,
    /// It has its result.
    Complete,
    /// It is `Failed` or `Aborted`.
    Ended,
}

/// The job as sent; what is not needed is left out.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Job {
    id: String,
    state: String,
    error_message: Option<String>,
    number_records_processed: Option<u64>,
    api_version: Option<serde_json::Number>,
    column_delimiter: Option<String>,
}

impl Job {
    fn read(answer: &[u8]) -> Result<JobInfo, AnswerError> {
        json::<Self>(answer)?.info()
    }

    fn version(&self) -> Option<String> {
        self.api_version.as_ref().map(ToString::to_string)
    }

    fn info(self) -> Result<JobInfo, AnswerError> {
        let delimiter = self.column_delimiter.as_deref().and_then(Delimiter::parse);
        Ok(JobInfo {
            version: self.version(),
            id: Id::parse(&self.id).map_err(|_| AnswerError::Missing("valid ID"))?,
            state: match self.state.as_str() {
                "JobComplete" => JobState::Complete,
                "Failed" | "Aborted" => JobState::Ended,
                _ => JobState::Running,
            },
            state_name: self.state,
            message: self.error_message.filter(|message| !message.is_empty()),
            rows: self.number_records_processed,
            delimiter: delimiter.unwrap_or_default(),
        })
    }
}

/// Creates a job.
///
/// If the answer is lost, the request is not sent again, since a job runs as soon as it is made:
/// instead, the job is taken from the list of jobs, if that shows exactly one that it may be.
///
/// # Errors
/// As [`Client::create`], and [`BulkError::JobUnknown`].
pub fn create_job(client: &Client, job: &NewJob) -> Result<JobInfo, BulkError> {
    let body = serde_json::json!({
        "operation": job.operation(),
        "query": job.soql,
        "contentType": "CSV",
        "columnDelimiter": job.delimiter,
        "lineEnding": job.line_ending,
    });
    let sent = Cell::new(Instant::now());
    client.create(
        |transport, base, session| {
            let request = send(http::Method::POST, base.rest("jobs/query")?, session, &body);
            sent.set(Instant::now());
            answer(transport, &request, Job::read)
        },
        |error| lost::recover(client, job, sent.get(), error),
    )
}

/// Asks for a job's state.
///
/// # Errors
/// As [`Client::call`].
pub fn get_job(client: &Client, job: &Id) -> Result<JobInfo, ClientError> {
    client.call(|transport, base, session| {
        let request = get(base.rest(&format!("jobs/query/{job}"))?, session, JSON);
        answer(transport, &request, Job::read)
    })
}

/// Aborts a job.
///
/// # Errors
/// As [`Client::call`].
pub fn abort_job(client: &Client, job: &Id) -> Result<JobInfo, ClientError> {
    let body = serde_json::json!({ "state": "Aborted" });
    let aborted = client.call(|transport, base, session| {
        let target = base.rest(&format!("jobs/query/{job}"))?;
        let request = send(http::Method::PATCH, target, session, &body);
        answer(transport, &request, Job::read)
    });
    match aborted {
        // It had been aborted already, perhaps by a call whose answer was lost.
        Err(error) if is_wrong_state(&error) => match get_job(client, job)? {
            info if info.state_name == "Aborted" => Ok(info),
            _ => Err(error),
        },
        aborted => aborted,
    }
}

/// Pages that can be fetched side by side, and the URL of the list's next part (since API 58.0).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResultPages {
    #[serde(rename = "resultPages")]
    pages: Vec<ResultPage>,
    // The guide has one name in its table, the other in its sample.
    #[serde(alias = "nextRecordUrl")]
    next_records_url: Option<String>,
    done: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResultPage {
    result_url: String,
}

/// Requests a list of pages: a job's first, or the next one, whose `path` an earlier answer gave.
fn result_pages(client: &Client, path: &str) -> Result<ResultPages, ClientError> {
    client.call(|transport, base, session| {
        let request = get(base.adopt(path)?, session, JSON);
        answer(transport, &request, json)
    })
}

const JSON: &str = "application/json";

fn get(target: Target, session: &Secret, accept: &str) -> Request {
    let token = SecretText::from("Bearer ").secret("SFMTLS_SESSION_ID", session.clone());
    Request {
        method: http::Method::GET,
        target,
        headers: vec![
            ("Authorization", token),
            ("Accept", accept.into()),
            (CALL_OPTIONS.0, CALL_OPTIONS.1.into()),
        ],
        body: None,
    }
}

fn send(
    method: http::Method,
    target: Target,
    session: &Secret,
    body: &serde_json::Value,
) -> Request {
    let mut request = get(target, session, JSON);
    request.method = method;
    let content_type = "application/json; charset=UTF-8";
    request.headers.push(("Content-Type", content_type.into()));
    request.body = Some(body.to_string().into());
    request
}

fn answer<T>(
    transport: &Transport,
    request: &Request,
    read: impl FnOnce(&[u8]) -> Result<T, AnswerError>,
) -> Result<T, ClientError> {
    let mut body = Vec::new();
    exchange(transport, request, Expected::Json, SMALL_ANSWER, &mut body)?;
    Ok(read(&body).map_err(|error| CallError::unreadable(request, error))?)
}

fn json<T: for<'a> Deserialize<'a>>(answer: &[u8]) -> Result<T, AnswerError> {
    serde_json::from_slice(answer).map_err(|error| AnswerError::Json(error.to_string()))
}
