//! Finds the job that was made by a call whose answer was lost.
//!
//! The list of jobs (Bulk API 2.0 developer guide, "Get Information About All Query Jobs") does not
//! show queries. So a job is recognised by what it does show: who made it, its object, its kind, the
//! form of its result, and that it was made after the call was sent, by the server's own clock. Left
//! out: the list's filters, since not every server need know the same ones.

use std::collections::HashSet;
use std::time::{Duration, Instant, SystemTime};

use http::HeaderMap;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::{JSON, Job, JobInfo, JobState, NewJob, get};
use crate::event::Event;
use crate::salesforce::answer::AnswerError;
use crate::salesforce::bulk::BulkError;
use crate::salesforce::call::{CallError, Expected, SMALL_ANSWER, exchange};
use crate::salesforce::client::{Client, ClientError, Recovery};
use crate::salesforce::session::same_id;
use crate::salesforce::soql;

/// The longest answer, in bytes: a thousand jobs take about half a mebibyte.
const LONG_ANSWER: u64 = 16 * SMALL_ANSWER;

/// By how much a job may seem older than the call that made it: `Date` and `createdDate` are cut to
/// whole seconds, and come from two machines.
const ALLOWANCE: Duration = Duration::from_secs(2);

/// One page of the list.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    records: Vec<Listed>,
    // Both names, as in the list of result pages.
    #[serde(alias = "nextRecordUrl")]
    next_records_url: Option<String>,
    done: bool,
}

/// A job as the list shows it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    operation: Option<String>,
    object: Option<String>,
    created_by_id: Option<String>,
    created_date: Option<String>,
    job_type: Option<String>,
    line_ending: Option<String>,
    #[serde(flatten)]
    job: Job,
}

/// Looks for the job that a call sent at `sent` may have made.
///
/// # Errors
/// [`BulkError::JobUnknown`] when the list cannot be read, or shows jobs of which none is surely it.
pub(super) fn recover(
    client: &Client,
    job: &NewJob,
    sent: Instant,
    lost: &CallError,
) -> Result<Recovery<JobInfo, BulkError>, BulkError> {
    let search = Search {
        client,
        job,
        sent,
        object: soql::from_object(&job.soql),
        user: client.session().user_id,
    };
    let unknown = |candidates, unlisted| BulkError::JobUnknown {
        lost: Box::new(lost.clone()),
        candidates,
        unlisted,
    };
    let found = match search.run() {
        Ok(found) => found,
        Err(error) => return Err(unknown(Vec::new(), Some(Box::new(error)))),
    };
    match found.as_slice() {
        // One that is over already may be another run's, made a moment ago: its rows might be wrong.
        [made] if search.knows_enough() && made.state == JobState::Running => {
            client.observer.event(Event::Note(&format!(
                "the answer to the new job was lost; the list of jobs shows one of this user, object and time, \
                 and it is taken: {}",
                made.id
            )));
            Ok(Recovery::Made(made.clone()))
        }
        // HTTP 503: nearly always nothing was done, and one job too many does no harm.
        _ if lost.status == Some(503) => Ok(Recovery::Again),
        [] => Ok(Recovery::Unseen(unknown(Vec::new(), None))),
        candidates => {
            let ids = candidates.iter().map(|job| job.id.clone());
            Err(unknown(ids.collect(), None))
        }
    }
}

struct Search<'a> {
    client: &'a Client,
    job: &'a NewJob,
    sent: Instant,
    /// `None` if it cannot be read from the query.
    object: Option<String>,
    /// `None` if the session's user is not known.
    user: Option<String>,
}

impl Search<'_> {
    /// Whether a job that matches is certain to be this user's and of this object.
    fn knows_enough(&self) -> bool {
        self.object.is_some() && self.user.is_some()
    }

    /// The jobs on all pages that may be it.
    fn run(&self) -> Result<Vec<JobInfo>, BulkError> {
        let mut found = Vec::new();
        let mut followed = HashSet::new();
        let mut path = None;
        loop {
            let (jobs, next) = self.page(path.as_deref())?;
            found.extend(jobs);
            let Some(next) = next else { return Ok(found) };
            if !followed.insert(next.clone()) {
                let result = "the list of jobs".to_owned();
                return Err(BulkError::Circle { result });
            }
            path = Some(next);
        }
    }

    /// One page, and where the next one is.
    fn page(&self, path: Option<&str>) -> Result<(Vec<JobInfo>, Option<String>), ClientError> {
        self.client.call(|transport, base, session| {
            let target = match path {
                Some(path) => base.adopt(path)?,
                None => base.rest("jobs/query")?,
            };
            let request = get(target, session, JSON);
            let mut body = Vec::new();
            let headers = exchange(transport, &request, Expected::Json, LONG_ANSWER, &mut body)?;
            let since = self.since(&headers);
            let page = since.and_then(|since| self.read(&body, since));
            Ok::<_, ClientError>(page.map_err(|error| CallError::unreadable(&request, error))?)
        })
    }

    /// When the call was sent, by the clock of the server that has just answered.
    fn since(&self, headers: &HeaderMap) -> Result<SystemTime, AnswerError> {
        let date = headers.get(http::header::DATE);
        date.and_then(|value| httpdate::parse_http_date(value.to_str().ok()?).ok())
            .and_then(|now| now.checked_sub(self.sent.elapsed() + ALLOWANCE))
            .ok_or(AnswerError::Missing("Date"))
    }

    fn read(
        &self,
        body: &[u8],
        since: SystemTime,
    ) -> Result<(Vec<JobInfo>, Option<String>), AnswerError> {
        let page: Page = super::json(body)?;
        let mut jobs = Vec::new();
        for listed in page.records {
            if self.is_like(&listed) && listed.created()? >= since {
                jobs.push(listed.job.info()?);
            }
        }
        match (page.done, page.next_records_url) {
            (true, _) => Ok((jobs, None)),
            (false, Some(next)) => Ok((jobs, Some(next))),
            // Jobs would be left out.
            (false, None) => Err(AnswerError::Missing("nextRecordsUrl")),
        }
    }

    /// Whether nothing that a job shows differs from the one requested.
    fn is_like(&self, listed: &Listed) -> bool {
        let version = self.client.version.to_string();
        let same = |shown: &Option<String>, asked: &str| {
            shown
                .as_ref()
                .is_none_or(|shown| shown.eq_ignore_ascii_case(asked))
        };
        let name = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        same(&listed.operation, self.job.operation())
            && same(&listed.job_type, "V2Query")
            && same(&listed.line_ending, &name(json!(self.job.line_ending)))
            && same(
                &listed.job.column_delimiter,
                &name(json!(self.job.delimiter)),
            )
            && same(&listed.job.version(), &version)
            && self
                .object
                .as_ref()
                .is_none_or(|object| same(&listed.object, object))
            && match (&listed.created_by_id, &self.user) {
                (Some(theirs), Some(mine)) => same_id(theirs, mine),
                _ => true,
            }
    }
}

impl Listed {
    fn created(&self) -> Result<SystemTime, AnswerError> {
        // `2018-12-10T17:50:19.000+0000`: the offset has no colon.
        let date = self.created_date.as_deref().unwrap_or_default();
        date.parse::<Timestamp>()
            .and_then(SystemTime::try_from)
            .map_err(|_| AnswerError::Missing("valid createdDate"))
    }
}
