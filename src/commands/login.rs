//! `sfmtls login`: a session, by SOAP login(), OAuth or taken over from elsewhere; it goes to the cache.
//!
//! Never retried: each wrong password counts towards the user's lock-out.

use std::path::Path;

use anyhow::Result;

use crate::cli::Login;
use crate::context::Context;
use crate::salesforce::cache::{self, CacheError, Problem};
use crate::salesforce::session::Session;
use crate::salesforce::soap::user_info;
use crate::terminal;
use crate::text::secret::Words;

/// Logs in, saves the session, says who and where; with `--silent` the status says it.
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
    let session = obtain(context, arguments)?;
    if let Some(replaced) = cache::store(file, &session)? {
        context.ui.note(Words::ours(format_args!(
            "{} was replaced: {}",
            file.display(),
            what_was_wrong(&replaced)
        )));
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
        Some(session) => match context.others_session(&session) {
            Some(others) => return Err(others.into()),
            None => session,
        },
        None => {
            let session = obtain(context, arguments)?;
            context.keep(&session);
            session
        }
    };
    let shown = context.ui.foreign_result(session.id.expose());
    Ok(context.ui.print(shown)?)
}

/// Gets a session. One that was taken over is tried by a call, where there is an identity for it: so a
/// token that is no good is noticed now, and whose it is becomes known.
fn obtain(context: &Context, arguments: &Login) -> Result<Session> {
    let method = context.login_method(arguments)?;
    let session = context.log_in(&method)?;
    if !method.takes_over() || context.settings.cert.is_none() {
        return Ok(session);
    }
    let client = context.client_of_new_session(session.clone())?;
    let info = client.call(user_info::get_user_info)?.info;
    let text = |text: Option<&str>| text.map(str::to_owned);
    Ok(Session {
        username: text(info.user_name()),
        user_id: text(info.user_id()),
        organization_id: text(info.organization_id()),
        idle: info.session_idle(),
        ..session
    })
}

/// Whether the command line names a way to log in, or the environment is enough for one.
fn names_a_login(context: &Context, arguments: &Login) -> bool {
    arguments.names_a_method() || context.has_method_at_hand()
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
    if ui.silent() {
        return Ok(());
    }
    ui.print(who(session))?;
    ui.print(format_args!("Endpoint: {}", terminal::clean(&endpoint)))?;
    let file = file.display().to_string();
    Ok(ui.print(format_args!("Session saved in {}", terminal::clean(&file)))?)
}

/// Who logged in, as far as it is known: a token that nobody was asked about is anybody's.
fn who(session: &Session) -> String {
    let shown = |text: &str| terminal::clean(text).into_owned();
    let ids: Vec<String> = [
        ("user", &session.user_id),
        ("organization", &session.organization_id),
    ]
    .into_iter()
    .filter_map(|(what, id)| Some(format!("{what} {}", shown(id.as_deref()?))))
    .collect();
    let ids = ids.join(", ");
    match (&session.username, ids.as_str()) {
        (Some(name), "") => format!("Logged in as {}", shown(name)),
        (Some(name), ids) => format!("Logged in as {} ({ids})", shown(name)),
        (None, "") => "Took over a session (no identity was given to ask whose it is)".to_owned(),
        (None, ids) => format!("Logged in as {ids}"),
    }
}

/// Without the advice to log in, which has just been followed.
fn what_was_wrong(replaced: &CacheError) -> String {
    match replaced.problem {
        Problem::OpenToOthers { mode } => format!("others could access it (mode {mode:03o})"),
        Problem::NewerFormat { found } => format!("a newer sfmtls wrote it (format {found})"),
        Problem::Changed => "it had been changed".to_owned(),
        _ => "it was damaged".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::salesforce::endpoint::{ApiVersion, ServerUrl};
    use crate::salesforce::session::Origin;
    use crate::text::secret::Secret;

    #[test]
    fn a_name_that_would_change_a_terminal_is_shown_clean_wherever_it_goes() {
        let session = Session {
            id: Secret::default(),
            server_url: ServerUrl::parse("https://acme.test").unwrap(),
            username: Some("eve\u{1b}[31m\u{9b}2J".to_owned()),
            user_id: None,
            organization_id: None,
            api_version: ApiVersion::DEFAULT,
            origin: Origin::AccessToken,
            obtained_at: SystemTime::UNIX_EPOCH,
            idle: None,
        };
        assert_eq!(who(&session), "Logged in as eve\u{fffd}[31m\u{fffd}2J");
    }
}
