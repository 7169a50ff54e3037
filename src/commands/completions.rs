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
use crate::terminal::Content;

/// Stands in the generated script where the names of the cached sessions belong.
const PROFILES: &str = "__profiles__";

/// Stands in `completions/words.bash` where the subcommands belong whose arguments are files.
const FILES: &str = "__files__";

/// Prints the script.
///
/// # Errors
/// When standard output cannot be written to.
pub fn run(context: &Context, shell: Shell) -> Result<()> {
    if context.ui.json() {
        return Err(UsageError::no_json("completions").into());
    }
    let mut stdout = context.ui.stdout(Content::Shown);
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
    if arg.get_id() == "profile" {
        // clap tells shells of an option's other name only where its help does.
        let arg = arg.alias(None).visible_alias("target-org");
        return arg.value_parser([PROFILES]);
    }
    let is_folder = arg.get_value_names().is_some_and(|names| names == ["DIR"]);
    let hint = match arg.get_value_hint() {
        ValueHint::AnyPath if is_folder => ValueHint::DirPath,
        ValueHint::AnyPath => ValueHint::FilePath,
        ValueHint::Unknown if arg.is_last_set() => ValueHint::CommandName,
        // The values are known: that they are all there is needs no saying.
        ValueHint::Unknown if !arg.get_possible_values().is_empty() => return arg,
        ValueHint::Unknown => ValueHint::Other,
        hint => hint,
    };
    arg.value_hint(hint)
}

fn bash(script: &str) -> String {
    const WORDS: &str = "COMPREPLY=( $(compgen -W \"${opts}\" -- \"${cur}\") )";
    let script = script
        .replace(PROFILES, "$(_sfmtls_profiles)")
        .replacen(
            "    cmd=\"\"\n",
            concat!(include_str!("completions/equals.bash"), "    cmd=\"\"\n"),
            1,
        )
        // clap offers options too where none was begun.
        .replace(
            &format!("esac\n            {WORDS}"),
            "esac\n            _sfmtls_words",
        );
    let script = options_once_begun(&script);
    let words = include_str!("completions/words.bash").replace(FILES, &take_files().join("|"));
    include_str!("completions/profiles.bash").to_owned() + &words + &script
}

/// As the first word, clap offers options before a `-` was typed.
fn options_once_begun(script: &str) -> String {
    let lines = script
        .lines()
        .map(|line| match line.split_once(" || ${COMP_CWORD} -eq ") {
            Some((begun, _)) => format!("{begun} ]] ; then\n"),
            None => format!("{line}\n"),
        });
    lines.collect()
}

/// The subcommands with an argument that is a file or a program, as clap's script for bash names them.
fn take_files() -> Vec<String> {
    let takes_files = |command: &&Command| {
        command.get_positionals().any(|arg| {
            let hint = complete_value(arg.clone()).get_value_hint();
            matches!(hint, ValueHint::FilePath | ValueHint::CommandName)
        })
    };
    let command = Cli::command();
    let named = |command: &Command| {
        let name = command.get_name().replace('-', "__subcmd__");
        format!("sfmtls__subcmd__{name}")
    };
    command
        .get_subcommands()
        .filter(takes_files)
        .map(named)
        .collect()
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
    // As a subcommand of itself help would be there before anything was typed behind it.
    let script = script.replace(" help\" -f -a", "\" -f -a");
    include_str!("completions/profiles.fish").to_owned() + &script + &fish_arguments()
}

/// What belongs where an argument is typed, which clap leaves to fish: that offers files.
fn fish_arguments() -> String {
    let command = Cli::command();
    let of_commands = command.get_subcommands().filter_map(|command| {
        let argument = command.get_positionals().next().cloned();
        let argument = argument.map(complete_value);
        let values: Vec<_> = argument.iter().flat_map(Arg::get_possible_values).collect();
        let values: Vec<_> = values.iter().map(|value| value.get_name()).collect();
        let values = values.join(" ");
        let is = format!("__fish_sfmtls_using_subcommand {}", command.get_name());
        let no_files = format!("complete -c sfmtls -n \"{is}\" -f\n");
        let words = match argument.map(|argument| argument.get_value_hint()) {
            Some(ValueHint::FilePath) => return None,
            Some(ValueHint::CommandName) => {
                format!(
                    "{is}; and contains -- -- (commandline -opc)\" -a \"(__fish_sfmtls_command)"
                )
            }
            _ if values.is_empty() => return Some(no_files),
            _ => format!("{is}; and not __fish_seen_subcommand_from {values}\" -a \"{values}"),
        };
        Some(format!("{no_files}complete -c sfmtls -n \"{words}\"\n"))
    });
    let of_help = "complete -c sfmtls -n \"__fish_sfmtls_using_subcommand help\" -f\n".to_owned();
    let lines: String = of_commands.chain([of_help]).collect();
    include_str!("completions/command.fish").to_owned() + &lines
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

#[cfg(test)]
mod tests {
    use super::*;

    const SHELLS: [Shell; 5] = [
        Shell::Bash,
        Shell::Elvish,
        Shell::Fish,
        Shell::PowerShell,
        Shell::Zsh,
    ];

    #[test]
    fn scripts_offer_the_commands_of_this_build() {
        for shell in SHELLS {
            let script = script(shell);
            assert!(script.contains("check-cert"), "{shell}");
            let has_org = script.contains("local-org");
            assert_eq!(has_org, cfg!(feature = "local-org"), "{shell}");
        }
    }

    #[test]
    fn everything_is_filled_in_that_clap_leaves_open() {
        for shell in SHELLS {
            assert!(!script(shell).contains(PROFILES), "{shell}");
            assert!(!script(shell).contains(FILES), "{shell}");
        }
        for (shell, part) in [
            (Shell::Bash, include_str!("completions/profiles.bash")),
            (Shell::Bash, include_str!("completions/equals.bash")),
            (Shell::Fish, include_str!("completions/profiles.fish")),
            (Shell::Fish, include_str!("completions/waiting.fish")),
            (Shell::Fish, include_str!("completions/command.fish")),
            (Shell::Zsh, include_str!("completions/profiles.zsh")),
        ] {
            assert_eq!(script(shell).matches(part).count(), 1, "{part}");
        }
        let bash = script(Shell::Bash);
        assert!(!bash.contains("${COMP_CWORD} -eq"), "{bash}");
        for command in take_files() {
            assert!(
                bash.contains(&format!("\n        {command})\n")),
                "{command}"
            );
        }
    }
}
