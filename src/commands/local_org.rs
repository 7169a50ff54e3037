//! `sfmtls local-org`: an imitation org to try things against, alone or around a command.

mod waiting;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, absolute};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::cli::LocalOrg;
use crate::context::Context;
use crate::error::UsageError;
use crate::local_org::{Config, Org};
use crate::text::shell;
use crate::world::Terminals;
use waiting::Waiting;

/// Runs until Ctrl-C, or until the command ends; then its exit status is ours.
///
/// # Errors
/// When the org cannot start, or the command cannot.
pub fn run(context: &Context, arguments: &LocalOrg) -> Result<u8> {
    if context.ui.json() && !arguments.command.is_empty() {
        return Err(UsageError::no_json("local-org with a command").into());
    }
    // Before the org is there: its directory of keys has to go whenever we end.
    let mut waiting = Waiting::new()?;
    let org = Org::start(Config {
        // Its variables are for shells in other folders, too.
        dir: arguments.dir.as_deref().map(absolute).transpose()?,
        rows: arguments.rows,
        ..Config::default()
    })
    .context("cannot start the imitation org")?;

    let jwt_key = org
        .jwt_key()
        .context("cannot write the key for JSON Web Tokens")?;

    let Some((program, rest)) = arguments.command.split_first() else {
        print_variables(context, &org, &jwt_key)?;
        return Ok(waiting.for_the_end());
    };
    let mut command = Command::new(program);
    command.args(rest);
    set_variables(&mut command, context, &org);
    if is_session(context.ui.terminals(), program, rest) {
        welcome(context, &org);
    }
    let child = command
        .spawn()
        .with_context(|| format!("cannot run {}", program.display()))?;
    Ok(waiting.for_command(child)?)
}

/// Says to whoever sits there what has begun: a shell shows nothing but its prompt.
fn welcome(context: &Context, org: &Org) {
    context.ui.note(format_args!(
        "in this shell sfmtls talks to an imitation org, as {}",
        org.user().username
    ));
    context
        .ui
        .note("leave it with `exit` or Ctrl-D; the org ends with it");
}

/// Whether somebody will sit in a shell: it has no command and no script.
fn is_session(terminals: Terminals, program: &OsStr, arguments: &[OsString]) -> bool {
    let is_shell = Path::new(program)
        .file_stem()
        .is_some_and(|name| name.as_encoded_bytes().ends_with(b"sh"));
    let is_option = |argument: &OsString| argument.as_encoded_bytes().starts_with(b"-");
    terminals.stdin && terminals.stderr && is_shell && arguments.iter().all(is_option)
}

/// OAuth is told in words: variables for it would take the place of SOAP login().
fn print_variables(context: &Context, org: &Org, jwt_key: &Path) -> io::Result<()> {
    let ui = &context.ui;
    if ui.json() {
        let variables: BTreeMap<_, _> = org.environment().into_iter().collect();
        ui.print_json(&serde_json::json!(variables))?;
    } else {
        for (name, value) in org.environment() {
            ui.print(format_args!("export {name}={}", shell::quoted(&value)))?;
        }
    }
    ui.note(format_args!(
        "the org runs on ports {} (login) and {} (mutual TLS) until Ctrl-C; its files are in {}",
        org.login_port(),
        org.mutual_port(),
        org.files().dir.display()
    ));
    ui.note(format_args!(
        "for OAuth its client ID is {}, with the secret in {} or, for {}, the key in {}",
        org.client_id(),
        org.files().client_secret.display(),
        org.user().username,
        jwt_key.display()
    ));
    Ok(())
}

/// Gives a command the org's variables and nothing of the caller's that could lead elsewhere: the
/// context's environment is free of that already.
pub(super) fn set_variables(command: &mut Command, context: &Context, org: &Org) {
    command
        .env_clear()
        .envs(context.environment().iter())
        .envs(org.environment());
}
