//! `sfmtls bulk-query`: a job that Salesforce works on by itself, and its whole result.
//!
//! The job outlives this process: its ID is told at once, and every way out of here names the
//! command that goes on.

mod api;
mod job;
mod rows;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;

use self::api::{Api, Ended};
use self::job::Job;
use self::rows::Rows;
use super::destination::{Destination, say_rows};
use crate::cli::{BulkApi, BulkFormat, BulkQuery, LineEnding};
use crate::context::Context;
use crate::error::{IncompleteJob, UsageError};
use crate::salesforce::bulk::download::Options;
use crate::salesforce::bulk::job::{Status, Watch};
use crate::salesforce::bulk::{BulkError, Id};
use crate::salesforce::client::Client;
use crate::salesforce::soql::{self, Columns};
use crate::terminal;
use crate::text::secret::Words;
use crate::ui::Ui;

/// Runs the query as a job, waits for it, and writes all its rows.
///
/// # Errors
/// When a call fails, the job fails or is not done in time, the output cannot be written, or the
/// rows are not those that Salesforce announced.
pub fn run(context: &Context, arguments: &BulkQuery) -> Result<()> {
    let format = check(context, arguments)?;
    let named = arguments.job_id.as_deref().map(Id::parse).transpose()?;
    let soql = match &named {
        Some(_) => String::new(),
        None => context.soql(&arguments.soql)?,
    };
    soql::check_characters(&soql)?;
    let api = Api::of(arguments, &soql)?;
    if let (Some(id), true) = (&named, arguments.abort) {
        return abort(context, arguments, &api, id);
    }
    context.spare_inputs(arguments.output_file(), arguments.soql.file.as_deref())?;
    // The folder is tried before the first request.
    let destination = Destination::open(&context.ui, arguments.output_file(), format.into())?;
    let client = Arc::new(context.client()?);
    let job = match named {
        Some(id) => Job::of(context, arguments, id)?,
        None => Job::make(context, arguments, &api, &client)?,
    };
    if arguments.detached {
        return leave(&context.ui, &job, arguments.bulk_api);
    }
    let work = Work {
        context,
        arguments,
        client: &client,
        format,
        columns: soql::columns(&soql),
    };
    let ended = work
        .wait(&api, &job.id)
        .map_err(|error| job.remains(error))?;
    match ended.failure() {
        None => work
            .fetch(ended, destination)
            .and_then(|rows| {
                let file = arguments.output_file();
                Ok(say_rows(&context.ui, rows, file, format.into())?)
            })
            .map_err(|error| job.remains(error)),
        Some(failed) => Err(work.save_others(&job, ended, failed, destination)),
    }
}

/// What one option says of another, beyond what the definitions hold, and the format to write.
fn check(context: &Context, arguments: &BulkQuery) -> Result<BulkFormat, UsageError> {
    match (arguments.bulk_api, arguments.of_one_api()) {
        (BulkApi::V2, [Some(option), _]) => {
            return Err(
                UsageError::new(format!("{option} works with --bulk-api 1 only"))
                    .hint("Bulk API 2.0 finds the object and splits the query by itself"),
            );
        }
        (BulkApi::V1, [_, Some(option)]) => {
            return Err(UsageError::new(format!("{option} needs --bulk-api 2")));
        }
        _ => {}
    }
    // `--json` is `-r json`; only a file may have another format, its document being on standard output.
    let json = context.ui.json();
    let to_stdout = arguments.output_file().is_none();
    match arguments.result_format {
        Some(format) if json && to_stdout && format != BulkFormat::Json => {
            Err(UsageError::json_and_format())
        }
        Some(format) => Ok(format),
        None if json => Ok(BulkFormat::Json),
        None => Ok(BulkFormat::Csv),
    }
}

/// `--abort`.
fn abort(context: &Context, arguments: &BulkQuery, api: &Api, id: &Id) -> Result<()> {
    let aborted = api.abort(&context.client()?, id);
    let state = aborted.map_err(|error| job::elsewhere(context, arguments, id, error))?;
    Ok(match context.ui.json() {
        true => context
            .ui
            .print_json(&serde_json::json!({ "jobId": id.as_str(), "state": state })),
        false => context
            .ui
            .print(format_args!("Job {id} is {}", terminal::clean(&state))),
    }?)
}

/// `--async`: the ID alone on standard output; what comes next beside it.
fn leave(ui: &Ui, job: &Job, api: BulkApi) -> Result<()> {
    let api = match api {
        BulkApi::V1 => "1",
        BulkApi::V2 => "2",
    };
    let printed = match ui.json() {
        true => ui.print_json(&serde_json::json!({ "jobId": job.id.as_str(), "bulkApi": api })),
        false => ui.print(&job.id),
    };
    // Whether or not the ID has arrived.
    ui.note(Words::ours(format_args!(
        "go on with the job: {}",
        job.next()
    )));
    printed.map_err(|error| job.remains(error.into()))
}

/// What is to be done with a job.
struct Work<'a> {
    context: &'a Context,
    arguments: &'a BulkQuery,
    client: &'a Arc<Client>,
    format: BulkFormat,
    /// The query's columns, for a result without a header.
    columns: Columns,
}

impl Work<'_> {
    /// Waits for the job and tells its states.
    fn wait(&self, api: &Api, job: &Id) -> Result<Ended> {
        let start = Instant::now();
        let mut last = String::new();
        let mut tell = |status: &Status| tell(&self.context.ui, api, &mut last, status);
        let mut watch = Watch {
            limit: self.arguments.wait,
            resumed: self.arguments.job_id.is_some(),
            now: &|| start.elapsed(),
            sleep: &std::thread::sleep,
            tell: &mut tell,
        };
        let ended = api.wait(self.client, job, &mut watch);
        self.context.ui.end_progress();
        Ok(ended?)
    }

    /// Fetches the result and writes it, and returns the number of its rows; a file appears when it
    /// is whole.
    fn fetch(&self, ended: Ended, mut out: Destination) -> Result<u64> {
        let ui = &self.context.ui;
        let rows = Rows {
            ui,
            client: self.client,
            format: self.format,
            columns: self.columns_of(&ended)?,
            line_end: match self.arguments.line_ending {
                Some(LineEnding::Crlf) => "\r\n",
                Some(LineEnding::Lf) | None => "\n",
            },
            options: Options {
                parallel: self.arguments.parallel.into(),
                folder: self.temporary_folder(out.folder()),
                policy: self.client.policy,
                observer: Arc::clone(&self.client.observer),
            },
            shows_progress: !out.is_stdout() || ui.shows_progress_beside_rows(),
        };
        let written = rows.write(&ended, &mut out);
        ui.end_progress();
        let written = written?;
        out.finish()?;
        Ok(written)
    }

    /// The columns that the query asked for; of a job that somebody else made only where they are
    /// needed.
    fn columns_of(&self, ended: &Ended) -> Result<Columns> {
        if self.arguments.job_id.is_none() || ended.rows() > 0 {
            return Ok(self.columns.clone());
        }
        let query = ended.query(self.client)?;
        Ok(query.map_or(Columns::FromFirstRecord, |query| soql::columns(&query)))
    }

    /// Temporary files lie beside the output, where there is room for it; else in `$TMPDIR` or
    /// /var/tmp, which is a disk where /tmp may be memory.
    fn temporary_folder(&self, of_output: Option<&Path>) -> PathBuf {
        let named = || self.context.environment().os("TMPDIR").map(PathBuf::from);
        match of_output {
            Some(folder) => folder.to_owned(),
            None => named().unwrap_or_else(|| PathBuf::from("/var/tmp")),
        }
    }

    /// After a batch has failed: the others' rows are worth keeping where there is a file to keep
    /// them beside.
    fn save_others(
        &self,
        job: &Job,
        ended: Ended,
        failed: BulkError,
        destination: Destination,
    ) -> anyhow::Error {
        let file = self.arguments.output_file();
        let file = match (file, destination.folder()) {
            _ if !ended.has_results() => return failed.into(),
            (Some(file), Some(_)) => incomplete(file),
            (Some(_), None) => return failed.into(),
            (None, _) => return job.rows_remain(failed),
        };
        drop(destination);
        let kept = Destination::open(&self.context.ui, Some(&file), self.format.into())
            .and_then(|destination| self.fetch(ended, destination));
        match kept {
            Ok(_) => IncompleteJob { failed, kept, file }.into(),
            Err(_) => job.rows_remain(IncompleteJob { failed, kept, file }),
        }
    }
}

/// A state that is news is told; the rest is progress.
fn tell(ui: &Ui, api: &Api, last: &mut String, status: &Status) {
    if let Some(reason) = &status.failed {
        ui.note(
            Words::from("could not check the job, which is still running: ").and_theirs(reason),
        );
    }
    if status.state.is_empty() {
        return;
    }
    let mut state = format!("{} state is: {}", api.subject(), status.state);
    let (done, all) = status.batches;
    if all > 1 {
        state.push_str(&format!(" ({done} of {all} batches are done)"));
    }
    if *last != state {
        ui.remark(Words::ours_but(&state, [status.state.as_str()]));
        *last = state;
    }
    ui.job_so_far(&status.state, status.rows);
}

/// `FILE.incomplete`, for the rows of the batches that did not fail.
fn incomplete(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".incomplete");
    PathBuf::from(name)
}
