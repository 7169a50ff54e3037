//! The job at hand: told as soon as there is one, and never lost on the way out.
//!
//! Whatever ends this process, Ctrl-C too, leaves behind the command that goes on. Left out of it:
//! user and password of a proxy, time-outs.

use std::error::Error;
use std::ffi::c_int;
use std::sync::Arc;
use std::{fmt, io};

use anyhow::Result;

use super::api::Api;
use crate::cli::{BulkApi, BulkFormat, BulkQuery, defaults};
use crate::context::Context;
use crate::error::{JobRemains, StdoutError};
use crate::explain::{self, Hint};
use crate::output::file::FileError;
use crate::output::from_csv::CsvError;
use crate::salesforce::bulk::{BulkError, Id};
use crate::salesforce::client::Client;
use crate::signals::{self, Registered};
use crate::terminal;
use crate::text::secret::Words;
use crate::text::shell;
use crate::ui::Ui;

#[cfg(test)]
mod tests;

/// In place of the one that could not be written.
const ANOTHER_FILE: &str = "FILE";

/// A job that exists.
pub(super) struct Job {
    pub(super) id: Id,
    commands: Commands,
    /// It was named by `--job-id`.
    named: bool,
    _told_on_signals: Registered,
}

impl Job {
    /// A job that exists: the one that `--job-id` names, or the one just made.
    ///
    /// # Errors
    /// When the system refuses to install the signal handlers.
    pub(super) fn of(context: &Context, arguments: &BulkQuery, id: Id) -> Result<Self> {
        let commands = Commands::of(context, arguments, &id);
        let told = signals::clean_up_first(commands.clone().said_by(&context.ui))?;
        Ok(Self {
            id,
            commands,
            named: arguments.job_id.is_some(),
            _told_on_signals: told,
        })
    }

    /// A new one, with the query in it.
    ///
    /// # Errors
    /// When a call fails; once there is a job, with the command that cares for it.
    pub(super) fn make(
        context: &Context,
        arguments: &BulkQuery,
        api: &Api,
        client: &Client,
    ) -> Result<Self> {
        let id = api
            .create(client)
            .map_err(|error| unknown(context, arguments, error))?;
        let job = Self::of(context, arguments, id)?;
        // With `--async` the ID is the result.
        if !arguments.detached {
            context
                .ui
                .remark(Words::ours(format_args!("Created job: {}", job.id)));
        }
        // Whether the query has arrived may not be known, so there is nothing to go on with.
        api.add_query(client, &job.id).map_err(|error| JobRemains {
            failed: error.into(),
            link: "then",
            next: Hint::command("abort the job that was started", job.commands.abort()),
        })?;
        api.close(client, &job.id)
            .map_err(|error| job.remains(error.into()))?;
        Ok(job)
    }

    /// The command that goes on.
    pub(super) fn next(&self) -> String {
        self.commands.go_on()
    }

    /// A failure with what to do about the job, where something is left to be done. The command is the
    /// one that was typed, but for what has just failed: that would again.
    pub(super) fn remains(&self, failed: anyhow::Error) -> anyhow::Error {
        let error = failed.downcast_ref();
        let go_on = self.commands.after(&failed);
        let (link, next) = match error {
            Some(BulkError::JobFailed { .. }) => return failed,
            // A later version, or another job.
            Some(error) if is_in_vain(error) => return failed,
            Some(error) if self.named && is_not_found(error) => {
                ("or", self.commands.at_the_other_api())
            }
            Some(BulkError::OutOfTime { .. }) => (
                "then",
                Hint::command("it goes on; wait for it again", go_on),
            ),
            _ => ("then", Hint::command("go on with the job", go_on)),
        };
        JobRemains { failed, link, next }.into()
    }

    /// The failure of some batches, with the way to the rows of the others.
    pub(super) fn rows_remain(&self, failed: impl Into<anyhow::Error>) -> anyhow::Error {
        let go_on = self.commands.to_another_file();
        JobRemains {
            failed: failed.into(),
            link: "or",
            next: Hint::command("keep the other batches' rows, in FILE.incomplete", go_on),
        }
        .into()
    }
}

/// A job that may have been made: what is to be done before the query is run again.
fn unknown(context: &Context, arguments: &BulkQuery, error: BulkError) -> anyhow::Error {
    let BulkError::JobUnknown { candidates, .. } = &error else {
        return error.into();
    };
    let go_on = |job: &dyn fmt::Display| Commands::of(context, arguments, job).go_on();
    let next = match candidates.as_slice() {
        [] => Hint::command(
            "check in Setup > Bulk Data Load Jobs whether the query is running before you run it again; go on with a job \
             that is there",
            go_on(&"ID"),
        ),
        [one] => Hint::command("if it is yours, go on with it", go_on(one)),
        _ => Hint::command(
            "see in Setup > Bulk Data Load Jobs which one is yours, and go on with it",
            go_on(&"ID"),
        ),
    };
    JobRemains {
        failed: error.into(),
        link: "then",
        next,
    }
    .into()
}

/// A job that could not be aborted, perhaps because it is one of the other API.
pub(super) fn elsewhere(
    context: &Context,
    arguments: &BulkQuery,
    job: &Id,
    error: BulkError,
) -> anyhow::Error {
    if !is_not_found(&error) {
        return error.into();
    }
    JobRemains {
        failed: error.into(),
        link: "or",
        next: Commands::of(context, arguments, job).at_the_other_api(),
    }
    .into()
}

/// Whether no such job is known to the API that was asked (Bulk API 1.0, then 2.0).
fn is_not_found(error: &BulkError) -> bool {
    let BulkError::Client(error) = error else {
        return false;
    };
    let fault = error.call().and_then(|call| call.fault());
    fault.is_some_and(|fault| matches!(fault.code.as_str(), "InvalidJob" | "NOT_FOUND"))
}

/// Whether the same would be answered to whoever asks for the job again: in this version, or at all.
fn is_in_vain(error: &BulkError) -> bool {
    let BulkError::Client(error) = error else {
        return false;
    };
    let Some(call) = error.call() else {
        return false;
    };
    let code = call.fault().map(|fault| fault.code.as_str());
    let of_version = [
        "API_VERSION_CONFLICT",
        "UNSUPPORTED_API_VERSION",
        "InvalidVersion",
    ];
    code.is_some_and(|code| of_version.contains(&code)) || call.status == Some(204)
}

/// Whether an error of this type is among the causes.
fn is_because_of<E: Error + 'static>(failed: &anyhow::Error) -> bool {
    failed.chain().any(|cause| {
        // An io::Error's own source() skips the error it wraps.
        let wrapped = cause
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        cause.is::<E>() || wrapped.is_some_and(|inner| inner.is::<E>())
    })
}

/// The commands that care for a job.
#[derive(Clone)]
struct Commands {
    /// Up to the options of the org.
    command: String,
    /// The same for the other API.
    other_api: String,
    wish: Wish,
}

/// What is wanted of a job.
#[derive(Clone)]
struct Wish {
    abort: bool,
    format: Option<BulkFormat>,
    /// As a word of a shell command.
    file: Option<String>,
    parallel: u8,
    json: bool,
}

impl fmt::Display for Wish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.abort {
            f.write_str(" --abort")?;
        }
        if let Some(format) = self.format {
            write!(f, " -r {}", format.name())?;
        }
        if let Some(file) = &self.file {
            write!(f, " --output-file {file}")?;
        }
        if self.parallel != defaults::PARALLEL {
            write!(f, " --parallel {}", self.parallel)?;
        }
        f.write_str(if self.json { " --json" } else { "" })
    }
}

impl Commands {
    fn of(context: &Context, arguments: &BulkQuery, job: &dyn fmt::Display) -> Self {
        let command = format!("sfmtls bulk-query --job-id {job}");
        let (api, other) = match arguments.bulk_api {
            BulkApi::V2 => (" --bulk-api 2", ""),
            BulkApi::V1 => ("", " --bulk-api 2"),
        };
        let org = context.settings.org_as_typed();
        Self {
            command: format!("{command}{api}{org}"),
            other_api: format!("{command}{other}{org}"),
            wish: Wish {
                abort: arguments.abort,
                format: arguments.result_format,
                file: arguments.output_file().map(shell::file),
                parallel: arguments.parallel,
                json: context.ui.json(),
            },
        }
    }

    fn go_on(&self) -> String {
        format!("{}{}", self.command, self.wish)
    }

    fn abort(&self) -> String {
        let json = if self.wish.json { " --json" } else { "" };
        format!("{} --abort{json}", self.command)
    }

    /// The command that goes on in another way than the one that has failed.
    fn after(&self, failed: &anyhow::Error) -> String {
        if is_because_of::<FileError>(failed) || is_because_of::<StdoutError>(failed) {
            return self.to_another_file();
        }
        let mut wish = self.wish.clone();
        if is_because_of::<CsvError>(failed) {
            wish.format = Some(BulkFormat::Csv);
            // Which asks for JSON on standard output.
            wish.json &= wish.file.is_some();
        }
        if matches!(failed.downcast_ref(), Some(BulkError::Temporary { .. })) {
            wish.parallel = 1;
            // Beside that file there is no room.
            wish.file = wish.file.map(|_| ANOTHER_FILE.to_owned());
        }
        format!("{}{wish}", self.command)
    }

    fn to_another_file(&self) -> String {
        let mut wish = self.wish.clone();
        wish.file = Some(ANOTHER_FILE.to_owned());
        format!("{}{wish}", self.command)
    }

    /// An ID does not tell which API made it.
    fn at_the_other_api(&self) -> Hint {
        Hint::command(
            "if the other Bulk API made this job",
            format!("{}{}", self.other_api, self.wish),
        )
    }

    /// Says them when a signal ends the program, with `--silent` too: without them the job is lost.
    fn said_by(self, ui: &Arc<Ui>) -> impl FnMut(c_int) + Send + 'static {
        let ui = Arc::clone(ui);
        move |signal| {
            ui.stop_progress();
            let hints = [
                Hint::command("go on with the job", self.go_on()),
                Hint::command("or abort it", self.abort()),
            ];
            match ui.json() {
                true => ui.report(&explain::interrupted(signal, hints)),
                false => hints
                    .iter()
                    .for_each(|hint| ui.say(&terminal::clean(&hint.to_string()))),
            }
        }
    }
}
