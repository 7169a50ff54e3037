//! `sfmtls local-org`: an imitation org to try things against, alone or around a command.

use std::io;
use std::process::{Child, Command, ExitStatus};

use anyhow::{Context as _, Result};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::cli::LocalOrg;
use crate::context::Context;
use crate::local_org::{Config, Org};
use crate::world::Environment;

/// Runs until Ctrl-C, or until the command ends; then its exit status is ours.
///
/// # Errors
/// When the org cannot start, or the command cannot.
pub fn run(context: &Context, arguments: &LocalOrg) -> Result<u8> {
    // Before the org is there: its directory of keys has to go whenever we end.
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP, SIGCHLD])?;
    let org = Org::start(Config {
        dir: arguments.dir.clone(),
        rows: arguments.rows,
        ..Config::default()
    })
    .context("cannot start the imitation org")?;

    if let Some((program, rest)) = arguments.command.split_first() {
        let mut command = Command::new(program);
        command.args(rest);
        prepare(&mut command, context.environment(), &org);
        let child = command
            .spawn()
            .with_context(|| format!("cannot run {}", program.display()))?;
        return Ok(status(wait(child, &mut signals)?));
    }
    for (name, value) in org.environment() {
        context
            .ui
            .print(format_args!("export {name}={}", quoted(&value)))?;
    }
    context.ui.note(format_args!(
        "the org runs on ports {} (login) and {} (mutual TLS) until Ctrl-C; its files are in {}",
        org.login_port(),
        org.mutual_port(),
        org.files().dir.display()
    ));
    let signal = signals.forever().find(|signal| *signal != SIGCHLD);
    Ok(signal.map_or(0, |signal| 128 + u8::try_from(signal).unwrap_or(0)))
}

/// Gives a command the org's variables and keeps the caller's own from it: a demonstration must not
/// reach a real org.
pub(super) fn prepare(command: &mut Command, environment: &Environment, org: &Org) {
    let foreign = |name: &str| {
        let name = name.to_ascii_uppercase();
        name.starts_with("SFMTLS_")
            || name.starts_with("SF_")
            || ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"].contains(&name.as_str())
    };
    command
        .env_clear()
        .envs(
            environment
                .iter()
                .filter(|(name, _)| !name.to_str().is_some_and(foreign)),
        )
        .envs(org.environment());
}

/// Waits for the command. Ctrl-C is the command's to answer (the terminal sends it to both).
fn wait(mut child: Child, signals: &mut Signals) -> io::Result<ExitStatus> {
    for signal in signals.forever() {
        if signal == SIGTERM || signal == SIGHUP {
            child.kill()?;
        }
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
    }
    child.wait()
}

/// The exit status a shell would report.
fn status(status: ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt;
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

/// A value as a POSIX shell reads it back.
pub(super) fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_value_is_read_back_by_a_shell_as_it_was() {
        let value = "p&ss<word>\"'1 $HOME `x` \\";
        let output = Command::new("sh")
            .arg("-c")
            .arg(format!("printf %s {}", quoted(value)))
            .output()
            .unwrap();
        assert_eq!(output.stdout, value.as_bytes());
    }
}
