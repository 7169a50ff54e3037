//! `sfmtls login`: SOAP login() on the port without mutual TLS; the session goes to the cache.
//!
//! Never retried: each wrong password counts towards the user's lock-out.

use std::path::Path;

use anyhow::Result;

use crate::cli::Login;
use crate::context::Context;
use crate::salesforce::cache::{self, CacheError, Problem};
use crate::salesforce::session::Session;

/// Logs in, saves the session, says who and where.
///
/// # Errors
/// When the login is refused, or the session cannot be saved.
pub fn run(context: &Context, arguments: &Login) -> Result<()> {
    if arguments.show_session_id {
        return show_session_id(context, arguments);
    }
    // A login whose session has no place to go is not made.
    let file = context.session_file()?;
    cache::try_place(file)?;
    let session = context.log_in(&context.credentials(arguments)?)?;
    if let Some(replaced) = cache::store(file, &session)? {
        context.ui.note(format_args!(
            "{} was replaced: {}",
            file.display(),
            what_was_wrong(&replaced)
        ));
    }
    tell(context, &session, file)
}

/// Prints the session ID alone: that of a new login, or the cached session's where no way to log in
/// is given.
fn show_session_id(context: &Context, arguments: &Login) -> Result<()> {
    let cached = match names_a_login(context, arguments) {
        true => None,
        false => context.cached_session()?,
    };
    let session = match cached {
        Some(session) => session,
        None => {
            let session = context.log_in(&context.credentials(arguments)?)?;
            context.keep(&session);
            session
        }
    };
    Ok(context.ui.print(session.id.expose())?)
}

/// Whether the command line names a way to log in, or the environment is enough for one.
fn names_a_login(context: &Context, arguments: &Login) -> bool {
    arguments.username.is_some()
        || arguments.password_file.is_some()
        || context.environment_credentials().is_some()
}

fn tell(context: &Context, session: &Session, file: &Path) -> Result<()> {
    let ui = &context.ui;
    let endpoint = context.api_base(session).soap().url().to_string();
    if ui.json() {
        return Ok(ui.print_json(&serde_json::json!({
            "username": session.username,
            "userId": session.user_id,
            "organizationId": session.organization_id,
            "endpoint": endpoint,
            "apiVersion": context.api_version(session).to_string(),
            "session": file,
        }))?);
    }
    let known = |text: &Option<String>| {
        let text = text.as_deref().unwrap_or("unknown");
        ui.foreign_result(text).into_owned()
    };
    ui.print(format_args!(
        "Logged in as {} (user {}, organization {})",
        known(&session.username),
        known(&session.user_id),
        known(&session.organization_id),
    ))?;
    ui.print(format_args!("Endpoint: {}", ui.foreign_result(&endpoint)))?;
    Ok(ui.print(format_args!("Session saved in {}", file.display()))?)
}

/// Without the advice to log in, which has just been followed.
fn what_was_wrong(replaced: &CacheError) -> String {
    match replaced.problem {
        Problem::OpenToOthers { mode } => format!("others could get at it (mode {mode:03o})"),
        Problem::NewerFormat { found } => format!("a newer sfmtls wrote it (format {found})"),
        Problem::Changed => "it had been changed".to_owned(),
        _ => "it was damaged".to_owned(),
    }
}
