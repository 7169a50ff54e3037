//! `sfmtls completions`: the script that makes a shell complete this program's options.

use std::io::Write;

use anyhow::Result;
use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::Cli;
use crate::context::Context;
use crate::error::UsageError;

/// Prints the script.
///
/// # Errors
/// When standard output cannot be written to.
pub fn run(context: &Context, shell: Shell) -> Result<()> {
    if context.ui.json() {
        return Err(UsageError::no_json("completions").into());
    }
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "sfmtls", &mut script);
    let mut stdout = context.ui.stdout();
    stdout.write_all(&script)?;
    Ok(stdout.flush()?)
}
