//! The job at hand: told as soon as there is one, and never lost on the way out.
//!
//! Whatever ends this process, Ctrl-C too, leaves behind the command that goes on. Left out of it:
//! user and password of a proxy, time-outs.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;

use super::api::Api;
use crate::cli::BulkQuery;
use crate::context::Context;
use crate::error::JobRemains;
use crate::identity::quoted;
use crate::salesforce::bulk::{BulkError, Id};
use crate::salesforce::client::Client;
use crate::settings::Source;
use crate::signals::{self, Registered};
use crate::ui::Ui;

/// Options that lead to the org and the session of a job.
const CARRIED: [&str; 13] = [
    "api-version",
    "cacert",
    "cert",
    "cert-pass-file",
    "key",
    "login-port",
    "login-url",
    "mtls-port",
    "noproxy",
    "profile",
    "proxy",
    "session",
    "tls-min",
];

/// A job that exists.
pub(super) struct Job {
    pub(super) id: Id,
    commands: Commands,
    /// It was named by `--job-id`.
    named: bool,
    _told_on_signals: Registered,
}

impl Job {
    /// The job that `--job-id` names.
    ///
    /// # Errors
    /// When the system refuses to look out for signals.
    pub(super) fn named(context: &Context, arguments: &BulkQuery, id: Id) -> Result<Self> {
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
        let job = Self::named(context, arguments, api.create(client)?)?;
        context.ui.remark(format_args!("Created job: {}", job.id));
        // Whether the query has arrived may not be known, so there is nothing to go on with.
        api.add_query(client, &job.id).map_err(|error| JobRemains {
            failed: error.into(),
            link: "then",
            next: format!("abort the job that was begun: {}", job.commands.abort),
        })?;
        api.close(client, &job.id)
            .map_err(|error| job.remains(error.into()))?;
        Ok(job)
    }

    /// A failure with what to do about the job, where something is left to be done.
    pub(super) fn remains(&self, failed: anyhow::Error) -> anyhow::Error {
        let go_on = &self.commands.go_on;
        let next = match failed.downcast_ref() {
            Some(BulkError::JobFailed { .. }) => return failed,
            Some(error) if self.named && is_not_found(error) => self.commands.at_the_other_api(),
            Some(BulkError::OutOfTime { .. }) => format!("it goes on; wait for it again: {go_on}"),
            _ => format!("go on with the job: {go_on}"),
        };
        JobRemains {
            failed,
            link: "then",
            next,
        }
        .into()
    }

    /// The failure of some batches, with the way to the rows of the others.
    pub(super) fn rows_remain(&self, failed: BulkError) -> anyhow::Error {
        let go_on = &self.commands.go_on;
        JobRemains {
            failed: failed.into(),
            link: "or",
            next: format!(
                "keep the other batches' rows, in FILE.incomplete: {go_on} --output-file FILE"
            ),
        }
        .into()
    }
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

/// The commands that care for a job.
#[derive(Clone)]
struct Commands {
    go_on: String,
    abort: String,
    other_api: String,
}

impl Commands {
    fn of(context: &Context, arguments: &BulkQuery, job: &Id) -> Self {
        let command = format!("sfmtls bulk-query --job-id {job}");
        let (api, other) = match arguments.bulk_api {
            2 => (" --bulk-api 2", ""),
            _ => ("", " --bulk-api 2"),
        };
        let org = options_of_org(context);
        let mut wish = String::new();
        if arguments.abort {
            wish.push_str(" --abort");
        }
        if let Some(format) = arguments.result_format {
            wish.push_str(&format!(" -r {}", format.name()));
        }
        if let Some(file) = &arguments.output_file {
            wish.push_str(&format!(" --output-file {}", quoted(file)));
        }
        if arguments.parallel != 4 {
            wish.push_str(&format!(" --parallel {}", arguments.parallel));
        }
        let json = if context.ui.json() { " --json" } else { "" };
        Self {
            go_on: format!("{command}{api}{org}{wish}{json}"),
            abort: format!("{command}{api}{org} --abort{json}"),
            other_api: format!("{command}{other}{org}{wish}{json}"),
        }
    }

    /// An ID does not tell which API made it.
    fn at_the_other_api(&self) -> String {
        format!("if the other Bulk API made this job: {}", self.other_api)
    }

    /// Says them when a signal ends the program, with `--silent` too: without them the job is lost.
    fn said_by(self, ui: &Arc<Ui>) -> impl FnMut() + Send + 'static {
        let ui = Arc::clone(ui);
        move || {
            ui.stop_progress();
            ui.say(&format!("go on with the job: {}", self.go_on));
            ui.say(&format!("or abort it: {}", self.abort));
        }
    }
}

/// What was typed to reach the org, to be typed again.
fn options_of_org(context: &Context) -> String {
    let mut options = String::new();
    for origin in &context.settings.origins {
        match origin.source {
            Source::Flag("sandbox") => options.push_str(" --sandbox"),
            Source::Flag(name) if name == origin.name && CARRIED.contains(&name) => {
                let value = match origin.value.as_str() {
                    // Standard input, not a file of that name.
                    "-" => "-".to_owned(),
                    value => quoted(Path::new(value)),
                };
                options.push_str(&format!(" --{name} {value}"));
            }
            _ => {}
        }
    }
    for mapping in &context.settings.net.connect_to {
        options.push_str(&format!(
            " --connect-to {}",
            quoted(Path::new(&mapping.to_string()))
        ));
    }
    if context.settings.net.insecure {
        options.push_str(" --insecure");
    }
    options
}
