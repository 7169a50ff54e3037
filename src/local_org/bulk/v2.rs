//! Bulk API 2.0: query jobs, results by locator and result pages under `/services/data/vNN.0/jobs/query`.

use std::collections::HashSet;

use openssl::base64;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::csv::Dialect;
use super::job::{Batch, BatchState, Clock, Job, JobState, Jobs, Outcome};
use super::result::Results;
use super::text::{Fields, json_object, read_json};
use super::{Api, Asked, CSV, JSON, Refused, plan};
use crate::local_org::answer::Answer;
use crate::local_org::data;
use crate::local_org::state::locked;
use crate::local_org::switches::Mishap;

/// `resultPages` is there since (Bulk API 2.0 guide).
const FIRST_WITH_PAGES: u32 = 58;
/// URLs in one answer of `resultPages`.
const PAGES: usize = 5;

const DELIMITERS: [(&str, char); 6] = [
    ("BACKQUOTE", '`'),
    ("CARET", '^'),
    ("COMMA", ','),
    ("PIPE", '|'),
    ("SEMICOLON", ';'),
    ("TAB", '\t'),
];
/// Fields that jobs of 1.0 have not.
const OF_2_0: [&str; 4] = [
    "lineEnding",
    "columnDelimiter",
    "isPkChunkingSupported",
    "errorMessage",
];
const LINE_ENDS: [(&str, &str); 2] = [("LF", "\n"), ("CRLF", "\r\n")];

/// One call, with the ID in its path and the parameters behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step<'r> {
    Create,
    List(&'r str),
    Info(&'r str),
    Results(&'r str, &'r str),
    Pages(&'r str, &'r str),
    Abort(&'r str),
    Delete(&'r str),
}

impl<'r> Step<'r> {
    pub(super) fn of(method: &str, path: &'r str, parameters: &'r str) -> Option<Self> {
        let parts: Vec<&str> = path.trim_end_matches('/').split('/').collect();
        Some(match (method, parts.as_slice()) {
            ("POST", &["jobs", "query"]) => Self::Create,
            ("GET", &["jobs", "query"]) => Self::List(parameters),
            ("GET", &["jobs", "query", job]) => Self::Info(job),
            ("GET", &["jobs", "query", job, "results"]) => Self::Results(job, parameters),
            // In both spellings of the guide.
            ("GET", &["jobs", "query", job, "resultPages" | "resultpages"]) => {
                Self::Pages(job, parameters)
            }
            ("PATCH", &["jobs", "query", job]) => Self::Abort(job),
            ("DELETE", &["jobs", "query", job]) => Self::Delete(job),
            _ => return None,
        })
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Create => "bulk2.create",
            Self::List(_) => "bulk2.list",
            Self::Info(_) => "bulk2.info",
            Self::Results(..) => "bulk2.results",
            Self::Pages(..) => "bulk2.pages",
            Self::Abort(_) => "bulk2.abort",
            Self::Delete(_) => "bulk2.delete",
        }
    }
}

impl Asked<'_> {
    pub(super) fn answer_v2(&self, step: &Step<'_>) -> Result<Answer, Refused> {
        let mut jobs = locked(&self.state.jobs);
        match *step {
            Step::Create => self.create_query(&mut jobs),
            Step::List(parameters) => Ok(self.list(&jobs, parameters)),
            Step::Info(id) => {
                let job = self.query_job(&mut jobs, id)?;
                let now = job.clock.look();
                Ok(json_answer(json_object(self.query_info(job, now))))
            }
            Step::Results(id, parameters) => {
                let job = self.query_job(&mut jobs, id)?;
                self.query_results(job, parameters)
            }
            Step::Pages(..) if self.version < FIRST_WITH_PAGES => Err(Refused::not_found()),
            Step::Pages(id, parameters) => {
                let job = self.query_job(&mut jobs, id)?;
                self.result_pages(job, parameters)
            }
            Step::Abort(id) => {
                let job = self.query_job(&mut jobs, id)?;
                self.abort_query(job)
            }
            Step::Delete(id) => {
                let job = self.query_job(&mut jobs, id)?;
                if !is_terminated(job) {
                    return Err(Refused::bad(
                        "API_ERROR",
                        "Error encountered when deleting the job because the job is not terminated",
                    ));
                }
                let id = job.id.clone();
                jobs.remove(&id);
                Ok(Answer::new(204, JSON, Vec::new()))
            }
        }
    }

    /// The user's own job, asked for in the version of its creation.
    fn query_job<'j>(&self, jobs: &'j mut Jobs, id: &str) -> Result<&'j mut Job, Refused> {
        let job = jobs
            .find(Api::Two, id)
            .filter(|job| job.user == self.user)
            .ok_or_else(Refused::not_found)?;
        if job.version != self.version {
            return Err(Refused::new(
                409,
                "API_VERSION_CONFLICT",
                format!("The job was created in API version {}.0", job.version),
            ));
        }
        Ok(job)
    }

    fn create_query(&self, jobs: &mut Jobs) -> Result<Answer, Refused> {
        if !self.json {
            return Err(Refused::new(
                415,
                "UNSUPPORTED_MEDIA_TYPE",
                "The content type of the request must be application/json",
            ));
        }
        let fields = read_json(&self.request.body, "JSON_PARSER_ERROR")?;
        let get = |name: &str, usual: &'static str| {
            let found = fields.iter().find(|(other, _)| other == name);
            found.map_or(usual, |(_, value)| value.as_str())
        };
        let known = [
            "operation",
            "query",
            "contentType",
            "columnDelimiter",
            "lineEnding",
        ];
        if let Some((name, _)) = fields
            .iter()
            .find(|(name, _)| !known.contains(&name.as_str()))
        {
            return Err(Refused::bad(
                "JSON_PARSER_ERROR",
                format!("Unrecognized field \"{name}\""),
            ));
        }
        let invalid =
            |name: &str| Refused::bad("INVALIDJOB", format!("InvalidJob : Unsupported {name}"));
        let deleted_too = match get("operation", "") {
            "query" => false,
            "queryAll" => true,
            _ => return Err(invalid("operation")),
        };
        if get("contentType", "CSV") != "CSV" {
            return Err(invalid("contentType"));
        }
        let dialect = Dialect {
            delimiter: named(&DELIMITERS, get("columnDelimiter", "COMMA"))
                .ok_or_else(|| invalid("columnDelimiter"))?,
            line_end: named(&LINE_ENDS, get("lineEnding", "LF"))
                .ok_or_else(|| invalid("lineEnding"))?,
            nul_bytes: false,
        };
        let text = get("query", "");
        let query = plan::read(text, "Bulk V2 Query")
            .map_err(|(code, message)| Refused::bad(code, message))?;
        let object = query.object;
        let data = self.state.data(self.switches);
        let outcome = match self.switches.bulk.failure {
            Some(message) => Outcome::Failed(message.to_owned()),
            None => Outcome::Rows(
                plan::whole(query, &data, deleted_too)
                    .map_err(|(code, message)| Refused::bad(code, message))?,
            ),
        };
        let job = jobs.add(|id| Job {
            api: Api::Two,
            id: id.clone(),
            user: self.user,
            version: self.version,
            object,
            deleted_too,
            concurrency: "Parallel".to_owned(),
            state: JobState::Open,
            created: self.now(),
            clock: Clock::new(self.switches.bulk.pace),
            chunking: None,
            batches: vec![Batch {
                id,
                text: text.to_owned(),
                born: 0,
                outcome,
            }],
            dialect,
            locators: HashSet::new(),
        });
        Ok(json_answer(json_object(self.query_info(job, 0))))
    }

    /// The jobs of all users, those of 1.0 among them, in pages. The filters that are there: `jobType`
    /// and `concurrencyMode`.
    fn list(&self, jobs: &Jobs, parameters: &str) -> Answer {
        let wanted =
            |name, value: &str| parameter(parameters, name).is_none_or(|asked| asked == value);
        let kind = |job: &Job| match job.api {
            Api::One => "Classic",
            Api::Two => "V2Query",
        };
        let start = parameter(parameters, "queryLocator").and_then(|at| at.parse().ok());
        let (start, most) = (start.unwrap_or(0), self.switches.bulk.list.page.max(1));
        let missing = match self.mishap {
            Some(Mishap::FewerRows(missing)) => usize::try_from(*missing).unwrap_or(usize::MAX),
            _ => 0,
        };
        let mut listed = jobs
            .all()
            .take(jobs.all().count().saturating_sub(missing))
            .filter(|job| wanted("jobType", kind(job)))
            .filter(|job| wanted("concurrencyMode", &job.concurrency))
            .skip(start);
        let records: Vec<Value> = listed
            .by_ref()
            .take(most)
            .map(|job| {
                let mut info = self.query_info(job, job.clock.now());
                info.retain(|(name, _)| job.api == Api::Two || !OF_2_0.contains(name));
                for (name, value) in &mut info {
                    match *name {
                        "jobType" => *value = json!(kind(job)),
                        "state" if job.api == Api::One => *value = json!(job.state.name()),
                        _ => {}
                    }
                }
                json_object(info)
            })
            .collect();
        let next = listed.next().map(|_| {
            let kept = parameters
                .split('&')
                .filter(|pair| !pair.is_empty() && !pair.starts_with("queryLocator="));
            let at = format!("queryLocator={}", start + most);
            let all: Vec<&str> = kept.chain([at.as_str()]).collect();
            self.url(&format!("jobs/query?{}", all.join("&")))
        });
        json_answer(json!({ "done": next.is_none(), "records": records, "nextRecordsUrl": next }))
    }

    /// A URL in an answer: relative, unless a switch has another host named in it.
    fn url(&self, path: &str) -> String {
        let before = self.switches.bulk.list.urls_at.as_deref().unwrap_or("");
        format!("{before}/services/data/v{}.0/{path}", self.version)
    }

    fn abort_query(&self, job: &mut Job) -> Result<Answer, Refused> {
        let fields = read_json(&self.request.body, "JSON_PARSER_ERROR")?;
        if !self.json || fields != [("state".to_owned(), "Aborted".to_owned())] {
            return Err(Refused::bad(
                "INVALIDJOBSTATE",
                "A query job can be aborted and nothing else",
            ));
        }
        if is_terminated(job) {
            return Err(Refused::bad(
                "INVALIDJOBSTATE",
                "Aborting is not allowed: the job is terminated",
            ));
        }
        job.abort();
        Ok(json_answer(json_object(
            self.query_info(job, job.clock.now()),
        )))
    }

    fn query_results(&self, job: &mut Job, parameters: &str) -> Result<Answer, Refused> {
        let failed = || state(job, job.clock.now()) == "Failed";
        let is_204 = matches!(self.mishap, Some(Mishap::NoContent));
        if is_204 || (self.switches.bulk.failed_results_are_204 && failed()) {
            return Ok(Answer::new(204, CSV, Vec::new()));
        }
        let results = self.finished(job)?;
        let start = self.offset(job, parameters)?;
        let most = match parameter(parameters, "maxRecords") {
            None => self.switches.bulk.page_rows,
            Some(number) => number
                .parse()
                .ok()
                .filter(|number| *number > 0)
                .ok_or_else(|| {
                    Refused::bad("INVALID_PARAMETER", "maxRecords is no positive number")
                })?,
        };
        let end = results.rows.min(start + most);
        let mut answer = Answer::new(200, CSV, Vec::new());
        answer.body = results.body(start..end, self.mishap);
        let told = self.told(end - start);
        answer
            .headers
            .push(("Sforce-NumberOfRecords", told.to_string()));
        if !matches!(self.mishap, Some(Mishap::NoLocator)) {
            let next = if matches!(self.mishap, Some(Mishap::SameLocator)) {
                locator(job, start)
            } else if end < results.rows {
                locator(job, end)
            } else {
                "null".to_owned()
            };
            answer.headers.push(("Sforce-Locator", next));
        }
        Ok(answer)
    }

    fn result_pages(&self, job: &mut Job, parameters: &str) -> Result<Answer, Refused> {
        let results = self.finished(job)?;
        let start = self.offset(job, parameters)?;
        let step = usize::try_from(self.switches.bulk.page_rows.max(1)).unwrap_or(usize::MAX);
        let starts: Vec<u64> = (start..results.rows.max(1))
            .step_by(step)
            .take(PAGES + 1)
            .collect();
        let url = |job: &mut Job, page: &str, start: u64| {
            let locator = locator(job, start);
            self.url(&format!("jobs/query/{}/{page}?locator={locator}", job.id))
        };
        let pages: Vec<Value> = starts
            .iter()
            .take(PAGES)
            .map(|start| json!({ "resultUrl": url(job, "results", *start) }))
            .collect();
        let mut answer = json!({ "resultPages": pages });
        if let Some(next) = starts.get(PAGES) {
            answer["nextRecordsUrl"] = json!(url(job, "resultpages", *next));
        }
        answer["done"] = json!(starts.len() <= PAGES);
        Ok(json_answer(answer))
    }

    /// The row that the `locator` parameter names, 0 without one.
    fn offset(&self, job: &Job, parameters: &str) -> Result<u64, Refused> {
        let Some(locator) = parameter(parameters, "locator") else {
            return Ok(0);
        };
        let row = Some(&locator)
            .filter(|locator| job.locators.contains(*locator))
            .and_then(|locator| {
                let padding = "=".repeat((4 - locator.len() % 4) % 4);
                let bytes = base64::decode_block(&format!("{locator}{padding}")).ok()?;
                String::from_utf8(bytes).ok()?.parse().ok()
            });
        row.ok_or_else(|| Refused::bad("INVALID_LOCATOR", "The locator is not one of this job"))
    }

    /// The results of a job that is complete.
    fn finished(&self, job: &Job) -> Result<Results<'_>, Refused> {
        match (state(job, job.clock.now()), outcome(job)) {
            ("JobComplete", Some(Outcome::Rows(work))) => Ok(Results::of(self, job, work)),
            (state, _) => Err(Refused::bad(
                "INVALIDJOBSTATE",
                format!("The results are not available: the job is in state {state}"),
            )),
        }
    }

    fn query_info(&self, job: &Job, now: u64) -> Fields {
        let records = job
            .batches
            .first()
            .map(|batch| self.records(job, batch, now));
        let state = state(job, now);
        let failure = match outcome(job) {
            Some(Outcome::Failed(message)) if state == "Failed" => json!(message),
            _ => Value::Null,
        };
        // Without a colon in the offset, unlike 1.0 and all of SOAP.
        let created = data::moment(job.created).replace('Z', "+0000");
        vec![
            ("id", json!(job.id)),
            (
                "operation",
                json!(if job.deleted_too { "queryAll" } else { "query" }),
            ),
            ("object", json!(job.object.name)),
            ("createdById", json!(self.state.users[job.user].id)),
            ("createdDate", json!(created)),
            ("systemModstamp", json!(created)),
            ("state", json!(state)),
            ("concurrencyMode", json!(job.concurrency)),
            ("contentType", json!("CSV")),
            ("apiVersion", json!(f64::from(job.version))),
            ("jobType", json!("V2Query")),
            (
                "lineEnding",
                json!(name_of(&LINE_ENDS, job.dialect.line_end)),
            ),
            (
                "columnDelimiter",
                json!(name_of(&DELIMITERS, job.dialect.delimiter)),
            ),
            (
                "numberRecordsProcessed",
                json!(self.told(records.unwrap_or_default())),
            ),
            ("retries", json!(0)),
            ("totalProcessingTime", json!(0)),
            ("isPkChunkingSupported", json!(true)),
            ("errorMessage", failure),
        ]
    }
}

fn outcome(job: &Job) -> Option<&Outcome> {
    job.batches.first().map(|batch| &batch.outcome)
}

fn state(job: &Job, now: u64) -> &'static str {
    let state = job.batches.first().map(|batch| job.batch_state(batch, now));
    match state {
        Some(BatchState::Queued) => "UploadComplete",
        Some(BatchState::InProgress) => "InProgress",
        Some(BatchState::Completed) => "JobComplete",
        Some(BatchState::Failed) => "Failed",
        Some(BatchState::NotProcessed) | None => "Aborted",
    }
}

fn is_terminated(job: &Job) -> bool {
    !matches!(state(job, job.clock.now()), "UploadComplete" | "InProgress")
}

/// A locator for this row, such as `MTAwMDA` for 10000; the same row has the same each time.
fn locator(job: &mut Job, row: u64) -> String {
    let locator = base64::encode_block(row.to_string().as_bytes());
    let locator = locator.trim_end_matches('=').to_owned();
    job.locators.insert(locator.clone());
    locator
}

fn json_answer(body: Value) -> Answer {
    Answer::new(200, JSON, body.to_string().into_bytes())
}

fn parameter(parameters: &str, name: &str) -> Option<String> {
    let value = parameters.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        (key == name).then_some(value)
    })?;
    Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
}

fn named<T: Copy>(table: &[(&str, T)], name: &str) -> Option<T> {
    let found = table.iter().find(|(other, _)| *other == name);
    found.map(|(_, value)| *value)
}

fn name_of<T: PartialEq>(table: &[(&'static str, T)], value: T) -> &'static str {
    let found = table.iter().find(|(_, other)| *other == value);
    found.map_or("", |(name, _)| name)
}
