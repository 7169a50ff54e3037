//! `sfmtls bulk-query`: a job that Salesforce works on by itself, and its whole result.
//!
//! The job outlives this process: its ID is told at once, and every way out of here names the
//! command that goes on.

mod api;
mod rows;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use anyhow::Result;

use self::api::{Api, Ended};
use self::rows::{Format, Written};
use super::destination::Destination;
use crate::cli::{BulkFormat, BulkQuery};
use crate::context::Context;
use crate::error::{IncompleteJob, UsageError};
use crate::output::file;
use crate::salesforce::bulk::Id;
use crate::salesforce::bulk::download::Options;
use crate::salesforce::bulk::job::{Status, Watch};
use crate::salesforce::client::Client;
use crate::salesforce::soql::{self, Columns};
use crate::signals;
use crate::ui::Ui;

/// Runs the query as a job, waits for it, and writes all its rows.
///
/// # Errors
/// When a call fails, the job fails or is not done in time, the output cannot be written, or the
/// rows are not those that Salesforce announced.
pub fn run(context: &Context, arguments: &BulkQuery) -> Result<()> {
    check(context, arguments)?;
    let (soql, columns) = match &arguments.job_id {
        Some(_) => (String::new(), Columns::FromFirstRecord),
        None => {
            let soql = context.soql(&arguments.soql)?;
            let columns = soql::columns(&soql);
            (soql, columns)
        }
    };
    let api = Api::of(arguments, &soql)?;
    if arguments.abort || arguments.detached {
        let client = Arc::new(context.client()?);
        return detached(context, arguments, &api, &client);
    }
    let _clean_up = signals::clean_up_first(file::remove_pending)?;
    // The folder is tried before the first request.
    let file = arguments.output_file.as_deref();
    let destination = Destination::open(&context.ui, file)?;
    let client = Arc::new(context.client()?);
    let job = job(context, arguments, &api, &client)?;
    let commands = Commands::of(arguments, &job);
    let _said = signals::clean_up_first(commands.said_by(&context.ui))?;

    let ended = wait(context, arguments, &api, &client, &job)?;
    let (destination, incomplete) = match ended.failure() {
        None => (destination, None),
        // The others' rows are worth keeping where there is a file to keep them in.
        Some(failed) => match file.filter(|_| ended.has_results()) {
            None => return Err(failed.into()),
            Some(file) => {
                let kept = incomplete(file);
                drop(destination);
                (
                    Destination::open(&context.ui, Some(&kept))?,
                    Some((failed, kept)),
                )
            }
        },
    };
    let format = Format {
        kind: arguments
            .result_format
            .unwrap_or(default_format(context, arguments)),
        columns: &columns,
        delimiter: ended.delimiter(),
    };
    let written = fetch(context, arguments, &client, ended, &format, destination)?;
    match incomplete {
        Some((failed, file)) => Err(IncompleteJob {
            rows: written.rows,
            file,
            failed,
        }
        .into()),
        None => said(context, arguments, &written),
    }
}

/// What one option says of another, beyond what the definitions hold.
fn check(context: &Context, arguments: &BulkQuery) -> Result<(), UsageError> {
    let second = arguments.bulk_api == 2;
    if second && (arguments.pk_chunking.is_some() || arguments.object.is_some()) {
        return Err(
            UsageError::new("--object and --pk-chunking are for --bulk-api 1")
                .hint("Bulk API 2.0 finds the object and splits the query by itself"),
        );
    }
    let text = arguments.column_delimiter.is_some() || arguments.line_ending.is_some();
    if !second && text {
        return Err(UsageError::new(
            "--column-delimiter and --line-ending are for --bulk-api 2",
        ));
    }
    let json = context.ui.json() && arguments.output_file.is_none();
    match arguments.result_format {
        Some(format) if json && format != BulkFormat::Json => Err(UsageError::json_and_format()),
        _ => Ok(()),
    }
}

fn default_format(context: &Context, arguments: &BulkQuery) -> BulkFormat {
    match context.ui.json() && arguments.output_file.is_none() {
        true => BulkFormat::Json,
        false => BulkFormat::Csv,
    }
}

/// `--async` and `--abort`: a call or two, no waiting.
fn detached(
    context: &Context,
    arguments: &BulkQuery,
    api: &Api,
    client: &Arc<Client>,
) -> Result<()> {
    let job = job(context, arguments, api, client)?;
    if arguments.abort {
        let state = api.abort(client, &job)?;
        if context.ui.json() {
            context
                .ui
                .print(serde_json::json!({ "jobId": job.as_str(), "state": state }))?;
        } else {
            context.ui.print(format_args!("Job {job} is {state}"))?;
        }
    } else if context.ui.json() {
        context
            .ui
            .print(serde_json::json!({ "jobId": job.as_str() }))?;
    } else {
        context.ui.print(&job)?;
    }
    Ok(())
}

/// The job that `--job-id` names, or a new one.
fn job(context: &Context, arguments: &BulkQuery, api: &Api, client: &Arc<Client>) -> Result<Id> {
    match &arguments.job_id {
        Some(id) => Ok(Id::parse(id)?),
        None => Ok(api.create(client, |job| {
            context.ui.note(format_args!("created job {job}"))
        })?),
    }
}

/// Waits for the job and tells its states.
fn wait(
    context: &Context,
    arguments: &BulkQuery,
    api: &Api,
    client: &Arc<Client>,
    job: &Id,
) -> Result<Ended> {
    let start = Instant::now();
    let mut last = String::new();
    let mut tell = |status: &Status| tell(&context.ui, &mut last, status);
    let mut watch = Watch {
        limit: arguments.wait,
        resumed: arguments.job_id.is_some(),
        cancel: &AtomicBool::new(false),
        now: &|| start.elapsed(),
        sleep: &std::thread::sleep,
        tell: &mut tell,
    };
    let ended = api.wait(client, job, &mut watch);
    context.ui.end_progress();
    Ok(ended?)
}

/// A state that is news is a note; the rest is progress.
fn tell(ui: &Ui, last: &mut String, status: &Status) {
    if let Some(reason) = &status.failed {
        ui.note(format_args!(
            "a look at the job failed, it goes on: {}",
            ui.foreign(reason)
        ));
    }
    let (done, all) = status.batches;
    let state = match all {
        0 | 1 => format!("batch state is {}", status.state),
        _ => format!(
            "batch state is {} ({done} of {all} batches are done)",
            status.state
        ),
    };
    if *last != state {
        ui.note(ui.foreign(&state));
        *last = state;
    }
    ui.rows_so_far(status.rows, None);
}

/// Fetches the result and writes it; the file appears when it is whole.
fn fetch(
    context: &Context,
    arguments: &BulkQuery,
    client: &Arc<Client>,
    ended: Ended,
    format: &Format<'_>,
    mut destination: Destination,
) -> Result<Written> {
    let on_terminal = destination.is_stdout() && context.ui.terminals().stdout;
    let options = Options {
        parallel: arguments.parallel.into(),
        folder: folder(context, arguments.output_file.as_deref()),
        policy: client.policy,
        observer: Arc::clone(&client.observer),
    };
    let written = rows::write(
        context,
        client,
        ended,
        format,
        &options,
        &mut destination,
        !on_terminal,
    );
    context.ui.end_progress();
    let written = written?;
    destination.finish()?;
    Ok(written)
}

fn said(context: &Context, arguments: &BulkQuery, written: &Written) -> Result<()> {
    let rows = written.rows;
    let plural = if rows == 1 { "" } else { "s" };
    match &arguments.output_file {
        Some(file) if context.ui.json() => {
            context
                .ui
                .print(serde_json::json!({ "rows": rows, "file": file }))?;
        }
        Some(file) => context
            .ui
            .note(format_args!("{rows} row{plural} in {}", file.display())),
        None => context.ui.note(format_args!("{rows} row{plural}")),
    }
    Ok(())
}

/// Temporary files lie beside the output, where there is room for it; with standard output in
/// `$TMPDIR` or /var/tmp, which is a disk where /tmp may be memory.
fn folder(context: &Context, file: Option<&Path>) -> PathBuf {
    match file.and_then(Path::parent) {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        Some(_) => PathBuf::from("."),
        None => {
            let named = context.environment().os("TMPDIR");
            named.map_or_else(|| PathBuf::from("/var/tmp"), PathBuf::from)
        }
    }
}

/// `FILE.incomplete`, for the rows of the batches that did not fail.
fn incomplete(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".incomplete");
    PathBuf::from(name)
}

/// The commands that go on with a job and that abort it.
struct Commands {
    go_on: String,
    abort: String,
}

impl Commands {
    fn of(arguments: &BulkQuery, job: &Id) -> Self {
        let mut job_only = format!("sfmtls bulk-query --job-id {job}");
        if arguments.bulk_api == 2 {
            job_only.push_str(" --bulk-api 2");
        }
        let mut go_on = job_only.clone();
        if let Some(format) = arguments.result_format {
            go_on.push_str(&format!(" -r {}", format.name()));
        }
        if let Some(file) = &arguments.output_file {
            go_on.push_str(&format!(" --output-file {}", crate::identity::quoted(file)));
        }
        Self {
            go_on,
            abort: format!("{job_only} --abort"),
        }
    }

    /// Says both when a signal ends the program, with `--silent` too: without them the job is lost.
    fn said_by(self, ui: &Arc<Ui>) -> impl FnMut() + Send + 'static {
        let ui = Arc::clone(ui);
        move || {
            ui.end_progress();
            ui.say(&format!(
                "the job goes on; wait for it again: {}",
                self.go_on
            ));
            ui.say(&format!("or abort it: {}", self.abort));
        }
    }
}
