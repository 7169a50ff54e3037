//! `sfmtls logout`: forgets the cached session; `--revoke` also ends it on the server.

use anyhow::Result;

use crate::cli::Logout;
use crate::context::Context;
use crate::salesforce::cache;
use crate::salesforce::client::{ClientError, is_expired};
use crate::salesforce::soap::logout;
use crate::text::secret::Words;

/// Forgets the session.
///
/// # Errors
/// When the file cannot be removed, or the server does not end the session.
pub fn run(context: &Context, arguments: &Logout) -> Result<()> {
    let file = context.session_file()?;
    if arguments.revoke {
        revoke(context)?;
    }
    let forgotten = cache::forget(file)?;
    let ui = &context.ui;
    if ui.json() {
        ui.print_json(&serde_json::json!({
            "forgotten": forgotten, "revoked": arguments.revoke, "session": file,
        }))?;
    } else if !ui.silent() {
        let what = match forgotten {
            true => "Forgot the session in",
            false => "There is no session in",
        };
        ui.print(format_args!("{what} {}", file.display()))?;
        let others = context.other_profiles();
        if !forgotten && !others.is_empty() {
            ui.note(Words::ours(format_args!(
                "sessions there are, for --profile: {}",
                others.join(", ")
            )));
        }
    }
    Ok(())
}

fn revoke(context: &Context) -> Result<()> {
    let client = context.client_of_cached_session()?;
    context.ui.warning(
        "ending the session on the server ends it for every other program of the same user",
    );
    match client.call(logout::logout) {
        Err(ClientError::Call(error)) if is_expired(&error) => {
            context.ui.note("the session had ended already");
            Ok(())
        }
        result => Ok(result?),
    }
}
