//! Bulk API 1.0: jobs, batches, result lists and files under `/services/async/`.

use serde_json::{Value, json};

use super::csv::Dialect;
use super::job::{Batch, BatchState, Clock, Job, JobState, Jobs, Outcome};
use super::result::Results;
use super::text::{Fields, json_object, read_json, read_xml, xml_document, xml_list};
use super::{Api, Asked, CSV, JSON, Refused, XML, is_type, plan};
use crate::local_org::answer::Answer;
use crate::local_org::data;
use crate::local_org::state::locked;
use crate::local_org::switches::Mishap;

/// The elements of `jobInfo` that a client may send, in the one order in which they come.
const JOB_INFO: [&str; 8] = [
    "id",
    "operation",
    "object",
    "state",
    "externalIdFieldName",
    "concurrencyMode",
    "contentType",
    "assignmentRuleId",
];

/// One call, with the IDs in its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step<'r> {
    Create,
    AddBatch(&'r str),
    Close(&'r str),
    Abort(&'r str),
    Job(&'r str),
    Batches(&'r str),
    Batch(&'r str, &'r str),
    Request(&'r str, &'r str),
    Results(&'r str, &'r str),
    Result(&'r str, &'r str, &'r str),
}

impl<'r> Step<'r> {
    pub(super) fn of(method: &str, path: &'r str, body: &[u8]) -> Option<Self> {
        let parts: Vec<&str> = path.trim_end_matches('/').split('/').collect();
        Some(match (method, parts.as_slice()) {
            ("POST", &["job"]) => Self::Create,
            ("POST", &["job", job]) if body.windows(7).any(|word| word == b"Aborted") => {
                Self::Abort(job)
            }
            ("POST", &["job", job]) => Self::Close(job),
            ("POST", &["job", job, "batch"]) => Self::AddBatch(job),
            ("GET", &["job", job]) => Self::Job(job),
            ("GET", &["job", job, "batch"]) => Self::Batches(job),
            ("GET", &["job", job, "batch", batch]) => Self::Batch(job, batch),
            ("GET", &["job", job, "batch", batch, "request"]) => Self::Request(job, batch),
            ("GET", &["job", job, "batch", batch, "result"]) => Self::Results(job, batch),
            ("GET", &["job", job, "batch", batch, "result", result]) => {
                Self::Result(job, batch, result)
            }
            _ => return None,
        })
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Create => "bulk1.create",
            Self::AddBatch(_) => "bulk1.batch",
            Self::Close(_) => "bulk1.close",
            Self::Abort(_) => "bulk1.abort",
            Self::Job(_) => "bulk1.job",
            Self::Batches(_) => "bulk1.batches",
            Self::Batch(..) => "bulk1.batchinfo",
            Self::Request(..) => "bulk1.request",
            Self::Results(..) => "bulk1.results",
            Self::Result(..) => "bulk1.result",
        }
    }
}

impl Asked<'_> {
    pub(super) fn answer_v1(&self, step: &Step<'_>) -> Result<Answer, Refused> {
        let mut jobs = locked(&self.state.jobs);
        match *step {
            Step::Create => self.create(&mut jobs),
            Step::AddBatch(job) => self.add_batch(&mut jobs, job),
            Step::Close(job) | Step::Abort(job) => self.change(self.job(&mut jobs, job)?),
            Step::Job(job) => {
                let job = self.job(&mut jobs, job)?;
                let now = job.clock.look();
                Ok(self.document(200, "jobInfo", self.job_info(job, now)))
            }
            Step::Batches(job) => {
                let job = self.job(&mut jobs, job)?;
                let now = job.clock.look();
                let batches: Vec<Fields> = job
                    .visible(now)
                    .map(|batch| self.batch_info(job, batch, now))
                    .collect();
                let body = xml_list("batchInfoList", "batchInfo", &batches);
                Ok(Answer::new(200, XML, body))
            }
            Step::Batch(job, batch) => {
                let job = self.job(&mut jobs, job)?;
                let now = job.clock.look();
                let batch = found(job, batch, now)?;
                Ok(self.document(200, "batchInfo", self.batch_info(job, batch, now)))
            }
            Step::Request(job, batch) => {
                let job = self.job(&mut jobs, job)?;
                let batch = found(job, batch, job.clock.now())?;
                Ok(Answer::new(200, CSV, batch.text.clone().into_bytes()))
            }
            Step::Results(job, batch) => {
                let job = self.job(&mut jobs, job)?;
                let batch = found(job, batch, job.clock.now())?;
                self.result_list(job, batch)
            }
            Step::Result(job, batch, result) => {
                let job = self.job(&mut jobs, job)?;
                let batch = found(job, batch, job.clock.now())?;
                self.result_file(job, batch, result)
            }
        }
    }

    fn job<'j>(&self, jobs: &'j mut Jobs, id: &str) -> Result<&'j mut Job, Refused> {
        let job = jobs.find(Api::One, id).ok_or_else(|| {
            Refused::bad("InvalidJob", format!("Unable to find job for id: {id}"))
        })?;
        if job.user != self.user {
            return Err(Refused::bad(
                "InvalidUser",
                "The job was created by another user",
            ));
        }
        Ok(job)
    }

    fn create(&self, jobs: &mut Jobs) -> Result<Answer, Refused> {
        let info = JobInfo::read(self)?;
        let operation = info.get("operation").unwrap_or_default();
        if !["query", "queryAll"].contains(&operation) {
            return Err(Refused::bad(
                "InvalidJob",
                format!("Unknown operation: {operation}"),
            ));
        }
        let name = info
            .get("object")
            .ok_or_else(|| Refused::bad("InvalidJob", "Object is required"))?;
        let object = data::object(name).ok_or_else(|| {
            Refused::bad(
                "InvalidEntity",
                format!("Entity '{name}' is not supported by the Bulk API."),
            )
        })?;
        if info.get("contentType") != Some("CSV") {
            return Err(Refused::bad(
                "FeatureNotEnabled",
                "This org returns rows in contentType CSV alone",
            ));
        }
        let concurrency = info.get("concurrencyMode").unwrap_or("Parallel");
        if !["Parallel", "Serial"].contains(&concurrency) {
            return Err(Refused::bad(
                "InvalidJob",
                format!("Unknown concurrency mode: {concurrency}"),
            ));
        }
        let chunking = match self.request.header("sforce-enable-pkchunking") {
            Some(header) => plan::chunking(header)?,
            None => None,
        };
        let line_end = match self.request.header("sforce-line-ending") {
            Some("CRLF") => "\r\n",
            _ => "\n",
        };
        let job = jobs.add(|id| Job {
            api: Api::One,
            id,
            user: self.user,
            version: self.version,
            object,
            deleted_too: operation == "queryAll",
            concurrency: concurrency.to_owned(),
            state: JobState::Open,
            created: self.now(),
            clock: Clock::new(self.switches.bulk.pace),
            chunking,
            batches: Vec::new(),
            dialect: Dialect {
                line_end,
                ..Dialect::default()
            },
            locators: std::collections::HashSet::new(),
        });
        Ok(self.document(201, "jobInfo", self.job_info(job, job.clock.now())))
    }

    fn add_batch(&self, jobs: &mut Jobs, id: &str) -> Result<Answer, Refused> {
        let job = self.job(jobs, id)?;
        if job.state != JobState::Open {
            return Err(Refused::bad("InvalidJobState", "The job is not open"));
        }
        if job.chunking.is_some() && !job.batches.is_empty() {
            return Err(Refused::bad("InvalidBatch", "A chunked job has one query"));
        }
        if !is_type(self.request, CSV) {
            return Err(Refused::bad(
                "InvalidBatch",
                "The content type of the batch must match that of the job: text/csv",
            ));
        }
        let text = std::str::from_utf8(&self.request.body)
            .map_err(|_| Refused::bad("InvalidBatch", "The batch is not UTF-8"))?;
        let data = self.state.data(self.switches);
        let planned = plan::batches(job, text, &data, &self.switches.bulk);
        let batches: Vec<Batch> = planned
            .into_iter()
            .map(|(born, outcome)| Batch {
                id: jobs.new_id("751"),
                text: text.to_owned(),
                born,
                outcome,
            })
            .collect();
        let job = self.job(jobs, id)?;
        let first = job.batches.len();
        job.batches.extend(batches);
        Ok(self.document(
            201,
            "batchInfo",
            self.batch_info(job, &job.batches[first], job.clock.now()),
        ))
    }

    /// Closes or aborts a job.
    fn change(&self, job: &mut Job) -> Result<Answer, Refused> {
        let info = JobInfo::read(self)?;
        match (info.get("state"), job.state) {
            (Some("Closed"), JobState::Open | JobState::Closed) => {
                if job.chunking.is_some() && job.has_more_to_show(job.clock.now()) {
                    return Err(Refused::bad(
                        "InvalidJobState",
                        "The job has chunks that are not queued yet",
                    ));
                }
                job.state = JobState::Closed;
            }
            (Some("Aborted"), JobState::Open | JobState::Closed) => job.abort(),
            (Some("Closed" | "Aborted"), JobState::Aborted) => {
                return Err(Refused::bad("InvalidJobState", "The job is aborted"));
            }
            (state, _) => {
                let message = format!("Unknown state: {}", state.unwrap_or_default());
                return Err(Refused::bad("InvalidJob", message));
            }
        }
        Ok(self.document(200, "jobInfo", self.job_info(job, job.clock.now())))
    }

    fn result_list(&self, job: &Job, batch: &Batch) -> Result<Answer, Refused> {
        let files = self.results(job, batch)?.files();
        let shown = match self.mishap {
            Some(Mishap::FewerFiles(missing)) => files.saturating_sub(*missing),
            _ => files,
        };
        let ids: Vec<(&'static str, Value)> = (0..shown)
            .map(|file| ("result", json!(result_id(&batch.id, file))))
            .collect();
        Ok(Answer::new(200, XML, xml_document("result-list", &ids)))
    }

    fn result_file(&self, job: &Job, batch: &Batch, id: &str) -> Result<Answer, Refused> {
        let results = self.results(job, batch)?;
        let file = (0..results.files())
            .find(|file| super::job::same_id(&result_id(&batch.id, *file), id))
            .ok_or_else(|| {
                Refused::bad(
                    "InvalidBatch",
                    format!("Unable to find result for id: {id}"),
                )
            })?;
        let mut answer = Answer::new(200, CSV, Vec::new());
        answer.body = results.body(results.file(file), self.mishap);
        Ok(answer)
    }

    fn results(&self, job: &Job, batch: &Batch) -> Result<Results<'_>, Refused> {
        match (&batch.outcome, job.batch_state(batch, job.clock.now())) {
            (Outcome::Rows(work), BatchState::Completed) => Ok(Results::of(self, job, work)),
            (Outcome::Failed(message), BatchState::Failed) => {
                Err(Refused::bad("InvalidBatch", message.as_str()))
            }
            (_, state) => Err(Refused::bad(
                "InvalidBatch",
                format!("Batch not completed: it is {}", state.name()),
            )),
        }
    }

    fn job_info(&self, job: &Job, now: u64) -> Fields {
        let states: Vec<BatchState> = job
            .visible(now)
            .map(|batch| job.batch_state(batch, now))
            .collect();
        let count = |wanted| states.iter().filter(|state| **state == wanted).count();
        let records: u64 = job
            .visible(now)
            .map(|batch| self.records(job, batch, now))
            .sum();
        vec![
            ("id", json!(job.id)),
            (
                "operation",
                json!(if job.deleted_too { "queryAll" } else { "query" }),
            ),
            ("object", json!(job.object.name)),
            ("createdById", json!(self.state.users[job.user].id)),
            ("createdDate", json!(data::moment(job.created))),
            ("systemModstamp", json!(data::moment(job.created))),
            ("state", json!(job.state.name())),
            ("concurrencyMode", json!(job.concurrency)),
            ("contentType", json!("CSV")),
            ("numberBatchesQueued", json!(count(BatchState::Queued))),
            (
                "numberBatchesInProgress",
                json!(count(BatchState::InProgress)),
            ),
            (
                "numberBatchesCompleted",
                json!(count(BatchState::Completed)),
            ),
            ("numberBatchesFailed", json!(count(BatchState::Failed))),
            ("numberBatchesTotal", json!(states.len())),
            ("numberRecordsProcessed", json!(self.told(records))),
            ("numberRetries", json!(0)),
            ("apiVersion", json!(f64::from(job.version))),
            ("numberRecordsFailed", json!(0)),
            ("totalProcessingTime", json!(0)),
            ("apiActiveProcessingTime", json!(0)),
            ("apexProcessingTime", json!(0)),
        ]
    }

    fn batch_info(&self, job: &Job, batch: &Batch, now: u64) -> Fields {
        let state = job.batch_state(batch, now);
        let message = match (&batch.outcome, state) {
            (Outcome::Failed(message), BatchState::Failed) => json!(message),
            _ => Value::Null,
        };
        vec![
            ("id", json!(batch.id)),
            ("jobId", json!(job.id)),
            ("state", json!(state.name())),
            ("stateMessage", message),
            ("createdDate", json!(data::moment(job.created))),
            ("systemModstamp", json!(data::moment(job.created))),
            (
                "numberRecordsProcessed",
                json!(self.told(self.records(job, batch, now))),
            ),
            ("numberRecordsFailed", json!(0)),
            ("totalProcessingTime", json!(0)),
            ("apiActiveProcessingTime", json!(0)),
            ("apexProcessingTime", json!(0)),
        ]
    }

    /// Rows made so far: half of them while the batch is in progress.
    pub(super) fn records(&self, job: &Job, batch: &Batch, now: u64) -> u64 {
        let Outcome::Rows(work) = &batch.outcome else {
            return 0;
        };
        match job.batch_state(batch, now) {
            BatchState::Completed => Results::of(self, job, work).rows,
            BatchState::InProgress => Results::of(self, job, work).rows / 2,
            _ => 0,
        }
    }

    /// A document in the form of the request; what is only looked at comes in XML.
    fn document(&self, status: u16, root: &str, fields: Fields) -> Answer {
        if self.json && self.request.method == "POST" {
            return Answer::new(status, JSON, json_object(fields).to_string().into_bytes());
        }
        Answer::new(status, XML, xml_document(root, &fields))
    }
}

fn found<'j>(job: &'j Job, id: &str, now: u64) -> Result<&'j Batch, Refused> {
    job.batch(id, now)
        .ok_or_else(|| Refused::bad("InvalidBatch", format!("Unable to find batch for id: {id}")))
}

/// The ID of a file, which tells its batch and number.
fn result_id(batch: &str, file: u64) -> String {
    let hash = batch
        .bytes()
        .skip(3)
        .take(12)
        .fold(0_u64, |hash, byte| hash.wrapping_mul(31) + u64::from(byte));
    data::id("752", hash % 1_000_000_000 * 1000 + file)
}

/// A `jobInfo` from a client.
struct JobInfo(Vec<(String, String)>);

impl JobInfo {
    fn read(asked: &Asked<'_>) -> Result<Self, Refused> {
        let body = &asked.request.body;
        let fields = if asked.json {
            read_json(body, "ClientInputError")?
        } else if is_type(asked.request, "application/xml") {
            let fields = read_xml(body)?;
            in_order(&fields)?;
            fields
        } else {
            return Err(Refused::bad(
                "InvalidXml",
                "The content type of a job must be application/xml or application/json",
            ));
        };
        match fields
            .iter()
            .find(|(name, _)| !JOB_INFO.contains(&name.as_str()))
        {
            Some((name, _)) => Err(Refused::bad(
                "InvalidXml",
                format!("Unexpected element {name}"),
            )),
            None => Ok(Self(fields)),
        }
    }

    fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.trim())
    }
}

fn in_order(fields: &[(String, String)]) -> Result<(), Refused> {
    let mut places = JOB_INFO.iter();
    for (name, _) in fields {
        if !places.any(|place| place == name) {
            return Err(Refused::bad(
                "InvalidXml",
                format!("Element {name} is unknown or out of order"),
            ));
        }
    }
    Ok(())
}
