//! `sfmtls completions`: the script that makes a shell complete this program's options.
//!
//! clap's generators know the options and their fixed values. What they leave open is closed here:
//! which files and folders belong after which option, that all others take none, and the names after
//! `--profile`, which a few lines of shell look up, so that a key press does not start this program.

use std::io::Write;

use anyhow::Result;
use clap::{Arg, Command, CommandFactory, ValueHint};
use clap_complete::Shell;

use crate::cli::Cli;
use crate::context::Context;
use crate::error::UsageError;

/// Stands in the generated script where the names of the cached sessions belong.
const PROFILES: &str = "__profiles__";

/// Values of options whose parser does not tell them, by clap's id.
const VALUES: [(&str, &[&str]); 3] = [
    ("bulk_api", &["1", "2"]),
    ("profile", &[PROFILES]),
    ("tls_min", &["1.2", "1.3"]),
];

/// Prints the script.
///
/// # Errors
/// When standard output cannot be written to.
pub fn run(context: &Context, shell: Shell) -> Result<()> {
    if context.ui.json() {
        return Err(UsageError::no_json("completions").into());
    }
    let mut stdout = context.ui.stdout();
    stdout.write_all(script(shell).as_bytes())?;
    Ok(stdout.flush()?)
}

/// The script, as it lies in `completions/`.
pub fn script(shell: Shell) -> String {
    let mut command = complete_values(Cli::command());
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "sfmtls", &mut script);
    // clap writes UTF-8.
    let script = String::from_utf8_lossy(&script);
    match shell {
        Shell::Bash => bash(&script),
        Shell::Fish => fish(&script),
        Shell::Zsh => zsh(&script),
        _ => script.into_owned(),
    }
}

fn complete_values(command: Command) -> Command {
    command
        .mut_args(complete_value)
        .mut_subcommands(complete_values)
}

/// Says what belongs after an option; where clap knows nothing, shells would offer files.
fn complete_value(arg: Arg) -> Arg {
    if !arg.get_action().takes_values() {
        return arg;
    }
    let values = VALUES.iter().find(|(id, _)| arg.get_id() == id);
    if let Some((_, values)) = values {
        return arg.value_parser(values.to_vec());
    }
    let is_folder = arg.get_value_names().is_some_and(|names| names == ["DIR"]);
    let hint = match arg.get_value_hint() {
        ValueHint::AnyPath if is_folder => ValueHint::DirPath,
        ValueHint::AnyPath => ValueHint::FilePath,
        ValueHint::Unknown if arg.is_last_set() => ValueHint::CommandName,
        ValueHint::Unknown => ValueHint::Other,
        hint => hint,
    };
    arg.value_hint(hint)
}

fn bash(script: &str) -> String {
    let script = script.replace(PROFILES, "$(_sfmtls_profiles)").replacen(
        "    cmd=\"\"\n",
        concat!(include_str!("completions/equals.bash"), "    cmd=\"\"\n"),
        1,
    );
    include_str!("completions/profiles.bash").to_owned() + &script
}

fn fish(script: &str) -> String {
    let script = script
        .replace(
            &format!("\"{PROFILES}\\t''\""),
            "\"(__fish_sfmtls_profiles)\"",
        )
        .replacen(
            "    or return\n",
            include_str!("completions/waiting.fish"),
            1,
        );
    include_str!("completions/profiles.fish").to_owned() + &script
}

fn zsh(script: &str) -> String {
    const FIRST_LINE: &str = "#compdef sfmtls\n";
    script
        .replace(&format!("({PROFILES})"), "_sfmtls_profiles")
        // A colon separates fields here; clap leaves those of a value's name as they are.
        .replace(":HOST1:PORT1:HOST2:PORT2:", r":HOST1\:PORT1\:HOST2\:PORT2:")
        .replacen(
            FIRST_LINE,
            &(FIRST_LINE.to_owned() + include_str!("completions/profiles.zsh")),
            1,
        )
}
