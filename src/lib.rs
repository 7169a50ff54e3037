//! `sfmtls`: Salesforce APIs over mutual TLS, with the port moved for you.
//!
//! The floors, top to bottom. A module uses lower floors and its own submodules, never a higher
//! floor; a test reads the `use` lines and holds this. Only on the two top floors and on the lowest
//! one do modules also use their neighbours.
//!
//! | floor | modules |
//! | --- | --- |
//! | 9 | `main`, this file |
//! | 8 | [`commands`], [`cli`], [`settings`], [`context`] |
//! | 7 | [`mod@explain`], [`ui`], [`error`] |
//! | 6 | [`check`] |
//! | 5 | [`output`] |
//! | 4 | [`salesforce`] |
//! | 3 | [`net`] |
//! | 2 | [`identity`] |
//! | 1 | [`text`], [`terminal`], [`ffi`], [`event`], [`temporary`], [`signals`], [`world`] |
//!
//! `local_org` stands apart: a server that shares nothing with the client but the wire.
//!
//! # The path of one query
//!
//! `main.rs` gathers arguments, environment, streams and clock into a [`World`] and calls [`run`].
//! [`cli`] says what was typed, [`settings`] what it means with the environment and the defaults
//! behind it. [`commands::query`] opens the output, so that a folder that cannot be written to is
//! told before anything is sent, and asks the [`context`] for a client. Now the session is read from
//! the cache ([`salesforce::cache`]) and the identity loaded ([`identity`]), in this order: without a
//! session nobody has to type a certificate's password. Where there is none, the context logs in
//! first, if the environment holds everything for it.
//!
//! The command wraps the query in an envelope ([`salesforce::soap::envelope`]). For each call the
//! client ([`salesforce::client`]) lends it the transport, the session and the base of all URLs, and
//! stands behind it: when a session has expired it logs in again, though never twice in a row, and
//! repeats the call; after a transient error it waits and retries ([`net::retry`]). The base is made
//! from the session ([`salesforce::endpoint`]): the port is already moved there, and a URL of another
//! host cannot be expressed. [`net::Transport::send`] is the one door: it picks the agent that
//! carries the certificate, connects, traces, and gives back an answer whose body is still on the
//! wire. [`salesforce::call`] looks at the first bytes before any parser does, because a refused
//! certificate comes as an HTML page with HTTP 200. The page's records are pulled one by one
//! ([`salesforce::soap::query`]) into a sink ([`output`]), while a second thread fetches the next
//! page (not where a child subquery's rows have to be fetched first). What goes wrong on any floor is
//! an error with facts; [`mod@explain`] makes words, a hint and an exit status of it.

pub mod check;
pub mod cli;
pub mod commands;
pub mod context;
pub mod error;
pub mod event;
pub mod explain;
pub mod ffi;
pub mod identity;
#[cfg(feature = "local-org")]
pub mod local_org;
pub mod net;
pub mod output;
pub mod salesforce;
pub mod settings;
pub mod signals;
pub mod temporary;
pub mod terminal;
pub mod text;
pub mod ui;
pub mod world;

use std::ffi::OsString;
use std::io::{self, Write};
use std::sync::Arc;

use clap::error::ErrorKind;
use clap::{Parser, ValueEnum};

use crate::cli::{Cli, Command, When};
use crate::context::Context;
use crate::error::{InternalFault, StdoutError};
use crate::explain::{Given, Report, explain, interrupted};
use crate::output::file::FileError;
use crate::settings::Settings;
use crate::signals::Registered;
use crate::text::secret::KnownSecrets;
use crate::ui::{Manner, Ui};
use crate::world::Terminals;
pub use crate::world::World;

/// Runs the program and returns its exit status.
pub fn run(world: World) -> u8 {
    match Cli::try_parse_from(&world.arguments) {
        Ok(cli) => run_command(cli, world),
        Err(error) => usage(&cli::with_advice(error, &world.arguments), world),
    }
}

fn run_command(cli: Cli, world: World) -> u8 {
    // Must be the first call into OpenSSL: it keeps OpenSSL from cleaning up at exit, while download
    // threads may still be running.
    openssl_sys::init();
    let monitored = matches!(&cli.command, Command::CheckCert(check) if check.nagios);
    let environment = match cli.command.needs_an_org() {
        true => world.environment,
        // Not even a wrong value of the caller's may stop these.
        false => world.environment.without(settings::is_caller_variable),
    };
    let settings = Settings::resolve(&cli.global, &environment);
    let terminals = world.terminals;
    let manner = match &settings {
        Ok(settings) => manner(settings, terminals),
        Err(_) => Manner {
            json: cli.global.json,
            ..Manner::default()
        },
    };
    let ui = Arc::new(Ui::new(
        world.stdout,
        world.stderr,
        world.prompt,
        terminals,
        manner,
    ));
    let settings = settings.and_then(|settings| cli.one_reader_of_stdin().map(|()| settings));
    let work = || match settings {
        Ok(settings) => {
            let (stdin, now) = (world.stdin, world.now);
            let context = Context::new(Arc::clone(&ui), settings, environment, stdin, now);
            run_in(&context, cli.command)
        }
        Err(error) => Err(explain(&error.into(), Given::default())),
    };
    let result = InternalFault::caught(work)
        .unwrap_or_else(|fault| Err(explain(&fault.into(), Given::default())));
    ui.end_progress();
    result.unwrap_or_else(|report| fail(&ui, &report, monitored))
}

/// Runs a command; what goes wrong comes back explained.
fn run_in(context: &Context, command: Command) -> Result<u8, Report> {
    let result = match command.needs_an_org() {
        true => end_of_an_interrupted(&context.ui)
            .map_err(anyhow::Error::from)
            .and_then(|_clean_up| {
                context.trace_settings();
                dispatch(context, command)
            }),
        // They run an org, have more to clean up, and do it themselves.
        false => dispatch(context, command),
    };
    match result {
        Err(error) if is_closed_pipe(&error) => Ok(0),
        result => result.map_err(|error| explained(context, &error)),
    }
}

/// The report of a failure, with all that is known of its circumstances.
fn explained(context: &Context, error: &anyhow::Error) -> Report {
    let settings = &context.settings;
    let circumstances = context.circumstances(error);
    let given = Given {
        cert: settings.cert.as_deref(),
        key: settings.key.as_deref(),
        login_port: settings.login_port,
        session: &settings.session_as_typed(),
        way: &settings.way_as_typed(),
        legacy: circumstances.legacy,
        origin: circumstances.origin.as_ref(),
        login: &circumstances.login,
        profiles: &circumstances.profiles,
    };
    let report = explain(error, given);
    let said = report.said;
    let fault = said.and_then(|said| context.fault_of_identity(said));
    match fault {
        Some(fault) => report.because_of(&fault),
        None => report,
    }
}

/// Tells what went wrong, to a monitor in its own form; returns the exit status.
fn fail(ui: &Ui, report: &Report, monitored: bool) -> u8 {
    if monitored {
        // Nothing can be done about a standard output that is gone.
        let _ = ui.print(unknown(&report.told(&ui.secrets()).message));
        return check::report::UNKNOWN;
    }
    ui.report(report);
    report.exit
}

/// No temporary file is left, and a script that reads documents is given one.
fn end_of_an_interrupted(ui: &Arc<Ui>) -> io::Result<[Registered; 2]> {
    let first = signals::clean_up_first(|_| temporary::remove_all())?;
    let ui = Arc::clone(ui);
    let last = signals::clean_up_last(move |signal| {
        if ui.json() && !ui.has_reported() {
            ui.stop_progress();
            ui.report(&interrupted(signal, []));
        }
    })?;
    Ok([first, last])
}

/// What a monitor reads where nothing could be checked.
fn unknown(message: &str) -> String {
    let message = message.replace(['|', '\n'], " ");
    format!("CERT UNKNOWN - {}", terminal::clean_line(&message))
}

/// How to talk, on these terminals.
fn manner(settings: &Settings, terminals: Terminals) -> Manner {
    let on = |when: When, terminal: bool| match when {
        When::Auto => terminal,
        When::Always => true,
        When::Never => false,
    };
    Manner {
        json: settings.json,
        silent: settings.silent,
        color: on(settings.color, terminals.stderr),
        color_results: on(settings.color, terminals.stdout),
        progress: on(settings.progress, terminals.stderr) && !settings.silent,
        // Rows on a terminal show by themselves how far they are. Those in a pipe may come to one,
        // in the middle of the progress line.
        progress_beside_rows: !terminals.stdout
            && on(settings.progress, !terminals.stdout_is_piped),
    }
}

fn dispatch(context: &Context, command: Command) -> anyhow::Result<u8> {
    match command {
        Command::Login(arguments) => commands::login::run(context, &arguments)?,
        Command::Logout(arguments) => commands::logout::run(context, &arguments)?,
        Command::Getuserinfo(arguments) => commands::getuserinfo::run(context, &arguments)?,
        Command::BulkQuery(arguments) => commands::bulk_query::run(context, &arguments)?,
        Command::Query(arguments) => commands::query::run(context, &arguments)?,
        Command::CheckCert(arguments) => return commands::check_cert::run(context, &arguments),
        #[cfg(feature = "local-org")]
        Command::Demo => return commands::demo::run(context),
        #[cfg(feature = "local-org")]
        Command::LocalOrg(arguments) => return commands::local_org::run(context, &arguments),
        Command::Completions { shell } => commands::completions::run(context, shell)?,
    }
    Ok(0)
}

/// Whoever reads the results has had enough (`| head`, also behind a FIFO): a quiet end.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let of_results = |error: &io::Error| {
        error
            .get_ref()
            .is_some_and(|inner| inner.is::<StdoutError>() || inner.is::<FileError>())
    };
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe && of_results(error))
    })
}

/// What clap says: help and version on standard output, wrong usage on standard error.
fn usage(error: &clap::Error, mut world: World) -> u8 {
    let wanted = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    );
    let typed = |word| words(&world.arguments).any(|typed| typed == word);
    if !wanted && typed("check-cert") && typed("--nagios") {
        let usage = cli::usage_error(error);
        // As below.
        let _ = writeln!(world.stdout, "{}", unknown(&usage.message));
        return check::report::UNKNOWN;
    }
    if !wanted && typed("--json") {
        let report = explain(&cli::usage_error(error).into(), Given::default());
        let report = report.told(&KnownSecrets::default());
        // A standard output that is gone cannot be told anything.
        let _ = writeln!(world.stdout, "{}", report.json());
        return report.exit;
    }
    let (terminal, stream) = if wanted {
        (world.terminals.stdout, &mut world.stdout)
    } else {
        (world.terminals.stderr, &mut world.stderr)
    };
    let color = match settings::color(color(&world.arguments), &world.environment) {
        When::Auto => terminal,
        when => when == When::Always,
    };
    let text = error.render();
    let text = if color {
        text.ansi().to_string()
    } else {
        text.to_string()
    };
    let columns = (terminal && !wanted).then(world.terminals.width).flatten();
    let text = match columns {
        Some(columns) => sentences_wrapped(&text, columns),
        None => text,
    };
    let written = stream.write_all(text.as_bytes());
    match written {
        Err(source) if wanted && source.kind() != io::ErrorKind::BrokenPipe => {
            let report = explain(&StdoutError { source }.into(), Given::default());
            let report = report.told(&KnownSecrets::default());
            // As above.
            let _ = writeln!(world.stderr, "error: {}", report.message);
            report.exit
        }
        _ if wanted => 0,
        _ => explain::exit::USAGE,
    }
}

/// The same with the error and the tip broken between words. A tip that holds a command stays on its
/// line, as what is indented further does; so does clap's help, which is wrapped already.
fn sentences_wrapped(text: &str, columns: usize) -> String {
    let lines = text.split('\n').flat_map(|line| match line {
        line if line.contains("sfmtls ") => vec![line],
        line => terminal::wrap::wrapped(line, columns),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// What may be an option, on a command line that could not be understood.
fn words(arguments: &[OsString]) -> impl Iterator<Item = &str> {
    let before = arguments.iter().take_while(|argument| *argument != "--");
    before.filter_map(|argument| argument.to_str())
}

/// `--color`, where it can be understood; the last one counts.
fn color(arguments: &[OsString]) -> Option<When> {
    let values = words(arguments).zip(words(arguments).skip(1).chain([""]));
    values
        .filter_map(|(word, next)| match word.strip_prefix("--color")? {
            "" => When::from_str(next, false).ok(),
            value => When::from_str(value.strip_prefix('=')?, false).ok(),
        })
        .last()
}
