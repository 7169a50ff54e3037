//! `sfmtls login`: SOAP login() on the port without mutual TLS; the session goes to the cache.
//!
//! Never retried: each wrong password counts towards the user's lock-out.

use anyhow::Result;

use crate::cli::Login;
use crate::context::Context;
use crate::salesforce::cache;

/// Logs in, saves the session, says who and where.
///
/// # Errors
/// When the login is refused, or the session cannot be saved.
pub fn run(context: &Context, arguments: &Login) -> Result<()> {
    if arguments.show_session_id && !names_a_login(context, arguments) {
        // With a session at hand and no way to log in given, that session is the one to show.
        if let Some(session) = context.cached_session()? {
            context.ui.print(session.id.expose())?;
            return Ok(());
        }
    }
    let credentials = context.credentials(arguments)?;
    let session = context.log_in(&credentials)?;
    let file = context.session_file()?;
    if let Some(replaced) = cache::store(file, &session)? {
        context.ui.note(format_args!("replaced: {replaced}"));
    }
    if arguments.show_session_id {
        context.ui.print(session.id.expose())?;
        return Ok(());
    }
    let endpoint = context.api_base(&session).soap().url().to_string();
    let username = session.username.as_deref().unwrap_or(&credentials.username);
    if context.ui.json() {
        context.ui.print(serde_json::json!({
            "username": username,
            "userId": session.user_id,
            "organizationId": session.organization_id,
            "endpoint": endpoint,
            "apiVersion": context.api_version(&session).to_string(),
            "session": file,
        }))?;
        return Ok(());
    }
    let ui = &context.ui;
    context.ui.print(format_args!(
        "Logged in as {} (user {}, organization {})",
        ui.foreign_result(username),
        ui.foreign_result(session.user_id.as_deref().unwrap_or("unknown")),
        ui.foreign_result(session.organization_id.as_deref().unwrap_or("unknown")),
    ))?;
    context
        .ui
        .print(format_args!("Endpoint: {}", ui.foreign_result(&endpoint)))?;
    context
        .ui
        .print(format_args!("Session saved in {}", file.display()))?;
    Ok(())
}

/// Whether the command line names a way to log in.
fn names_a_login(context: &Context, arguments: &Login) -> bool {
    arguments.username.is_some() || arguments.password_file.is_some() || context.can_log_in()
}
