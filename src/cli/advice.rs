//! What a wrong command line most likely meant: the habits of `curl` and of `sf`, where their names
//! are too unlike ours for clap to find.

mod habits;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::path::Path;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory, Parser, ValueEnum};
use clap_complete::Shell;

use super::Cli;
use crate::error::UsageError;
use crate::text::shell;
use habits::{ARGUMENTS, COMMANDS, FORMATS, Tips};

/// The same with our advice, where we have one, in place of clap's and of its usage line, which need
/// not fit it. `help -h`, which clap takes for a mistake, becomes the help that is asked for.
pub fn with_advice(mut error: clap::Error, arguments: &[OsString]) -> clap::Error {
    if let Some(help) = help_of_help(&error, arguments) {
        return help;
    }
    let words: Vec<_> = arguments.iter().filter_map(|it| it.to_str()).collect();
    let advice = match error.kind() {
        ErrorKind::UnknownArgument => on_argument(&error, &words),
        ErrorKind::InvalidSubcommand => on_command(&error, &words),
        ErrorKind::InvalidValue => on_format(&error),
        ErrorKind::ArgumentConflict => on_bulk_query(&words).or_else(|| on_conflict(&error)),
        ErrorKind::TooManyValues => on_bulk_query(&words),
        ErrorKind::MissingRequiredArgument => on_shell(&error),
        _ => return error,
    };
    if let Some(advice) = advice {
        error.remove(ContextKind::SuggestedArg);
        error.remove(ContextKind::SuggestedSubcommand);
        error.remove(ContextKind::SuggestedValue);
        error.remove(ContextKind::Usage);
        error.insert(
            ContextKind::Suggested,
            ContextValue::StyledStrs(vec![advice.into()]),
        );
    } else if error.kind() == ErrorKind::UnknownArgument && command(&error) != "local-org" {
        // That it may be a value behind `--` helps nobody: no query begins with a dash. `local-org`
        // takes a command with any options.
        error.remove(ContextKind::Suggested);
    }
    error
}

/// Two that exclude each other. clap's usage line would show them side by side.
fn on_conflict(error: &clap::Error) -> Option<String> {
    let one = word(error, ContextKind::InvalidArg).map(bare)?;
    let others: Vec<_> = match error.get(ContextKind::PriorArg)? {
        ContextValue::String(other) => vec![bare(other)],
        ContextValue::Strings(others) => others.iter().map(|it| bare(it)).collect(),
        _ => return None,
    };
    if others == [one] {
        return Some(format!("give {one} once"));
    }
    let all: Vec<_> = others.iter().copied().chain([one]).collect();
    let has = |name| all.contains(&name);
    let has_query = has("SOQL") || has("--query") || has("--file");
    Some(if has("--async") && has("--job-id") {
        "leave out --async to wait for this job, or --job-id to start a new one".to_owned()
    } else if has("--async") && !has("--abort") {
        let later: Vec<_> = all.into_iter().filter(|it| *it != "--async").collect();
        let later = later.join(" and ");
        format!("--async only starts the job: give {later} later, with --job-id ID")
    } else if has("--job-id") && has_query {
        "the job has its query: leave the query out, or --job-id to start a new job".to_owned()
    } else {
        format!("leave out {one} or {}", others.join(" and "))
    })
}

/// `--file` of `--file <FILE>`, `SOQL` of `[SOQL]`.
fn bare(argument: &str) -> &str {
    let name = argument.split([' ', '=']).next().unwrap_or(argument);
    name.trim_matches(['[', ']', '<', '>', '.'])
}

/// `help -h`, `help query --help`.
fn help_of_help(error: &clap::Error, arguments: &[OsString]) -> Option<clap::Error> {
    let asks = |word: &str| ["-h", "--help"].contains(&word);
    word(error, ContextKind::InvalidSubcommand).filter(|word| asks(word))?;
    let others = arguments.iter().filter(|it| !it.to_str().is_some_and(asks));
    Cli::try_parse_from(others).err()
}

fn on_argument(error: &clap::Error, words: &[&str]) -> Option<String> {
    let unknown = word(error, ContextKind::InvalidArg)?;
    let command = command(error);
    on_bulk_query(words)
        .or_else(|| negative(unknown))
        .or_else(|| named(ARGUMENTS, &format!("{command} {unknown}")))
        .or_else(|| match unknown.starts_with('-') {
            true => named(ARGUMENTS, unknown).or_else(|| elsewhere(unknown)),
            false => on_word(&command, unknown, words),
        })
}

/// `--retry -1`.
fn negative(unknown: &str) -> Option<String> {
    let number = unknown.strip_prefix('-')?;
    number
        .starts_with(|first: char| first.is_ascii_digit())
        .then(|| "numbers here are 0 or more".to_owned())
}

/// An argument without a dash, where none is taken, or no further one.
fn on_word(command: &str, unknown: &str, words: &[&str]) -> Option<String> {
    if words.iter().any(|word| word.eq_ignore_ascii_case("SELECT")) {
        return Some("put the whole query into quotes: \"SELECT Id FROM Contact\"".to_owned());
    }
    let shown = shell::file(Path::new(unknown));
    match command {
        "local-org" => Some(format!(
            "write -- before the command: sfmtls local-org -- {shown}"
        )),
        "logout" | "getuserinfo" => Some(format!(
            "an option names the session: sfmtls {command} --profile {shown}"
        )),
        "login" if unknown.starts_with("https://") => {
            Some(format!("sfmtls login --login-url {shown}"))
        }
        "login" if unknown.contains('@') => Some(format!("sfmtls login -u {shown}")),
        _ => None,
    }
}

/// Values that stand where a query is taken, and what makes them the value of their option.
fn on_bulk_query(words: &[&str]) -> Option<String> {
    let number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    for pair in words.windows(2) {
        if let ["--pk-chunking", size] = *pair
            && number(size)
        {
            return Some(format!("join the size to its option: --pk-chunking={size}"));
        }
    }
    let typed = |option: &str| words.iter().any(|word| word.starts_with(option));
    (typed("--abort") && !typed("--job-id"))
        .then(|| "an option names the job: sfmtls bulk-query --job-id ID --abort".to_owned())
}

/// An option of another command than the one that was typed.
fn elsewhere(unknown: &str) -> Option<String> {
    let root = Cli::command();
    let has = |command: &&Command| {
        let mut options = command.get_arguments();
        options.any(|option| match unknown.strip_prefix("--") {
            Some(long) => option.get_long() == Some(long),
            None => option
                .get_short()
                .is_some_and(|short| unknown == format!("-{short}")),
        })
    };
    let owners: Vec<_> = root
        .get_subcommands()
        .filter(has)
        .map(|command| format!("sfmtls {} {unknown}", command.get_name()))
        .collect();
    match owners.as_slice() {
        [] => None,
        owners => Some(format!("write it after its command: {}", owners.join(", "))),
    }
}

fn on_command(error: &clap::Error, words: &[&str]) -> Option<String> {
    let typed = word(error, ContextKind::InvalidSubcommand)?;
    let unknown = typed.to_ascii_lowercase();
    if unknown.starts_with("select ") {
        return Some("sfmtls query \"SELECT ...\"".to_owned());
    }
    if unknown.starts_with("https://") {
        return Some("--login-url URL names the org, a command what to do there".to_owned());
    }
    let next = words.iter().skip_while(|word| **word != typed).nth(1);
    next.and_then(|next| named(COMMANDS, &format!("{unknown} {next}")))
        .or_else(|| named(COMMANDS, &unknown))
}

/// `-r` with a format that has another name here.
fn on_format(error: &clap::Error) -> Option<String> {
    let option = word(error, ContextKind::InvalidArg)?;
    let value = word(error, ContextKind::InvalidValue)?.to_ascii_lowercase();
    let advice = named(FORMATS, &value).filter(|_| option.starts_with("--result-format"))?;
    // Not every command has every format.
    let exists = match (
        advice.strip_prefix("-r "),
        error.get(ContextKind::ValidValue),
    ) {
        (Some(format), Some(ContextValue::Strings(formats))) => {
            formats.iter().any(|it| it == format)
        }
        _ => true,
    };
    exists.then_some(advice)
}

/// `completions` alone.
fn on_shell(error: &clap::Error) -> Option<String> {
    let shells = Shell::value_variants().iter().map(Shell::to_string);
    let shells: Vec<_> = shells.collect();
    (command(error) == "completions")
        .then(|| format!("name one of {}: sfmtls completions bash", shells.join(", ")))
}

fn named(table: Tips, name: &str) -> Option<String> {
    let (_, advice) = table.iter().find(|(names, _)| names.contains(&name))?;
    Some((*advice).to_owned())
}

fn word(error: &clap::Error, kind: ContextKind) -> Option<&str> {
    match error.get(kind)? {
        ContextValue::String(word) => Some(word),
        _ => None,
    }
}

/// The subcommand whose usage clap would show; empty before there is one.
fn command(error: &clap::Error) -> String {
    let usage = error.get(ContextKind::Usage).map(ToString::to_string);
    let name = usage
        .as_deref()
        .and_then(|usage| usage.split_once("sfmtls ")?.1.split_whitespace().next());
    let root = Cli::command();
    let found = name.filter(|name| root.find_subcommand(name).is_some());
    found.unwrap_or_default().to_owned()
}

/// What clap found wrong, without its usage lines.
pub fn usage_error(error: &clap::Error) -> UsageError {
    let text = error.render().to_string();
    let mut paragraphs = text.split("\n\n").map(|paragraph| {
        let words: Vec<_> = paragraph.split_whitespace().collect();
        words.join(" ")
    });
    let message = paragraphs.next().unwrap_or_default();
    let message = message.strip_prefix("error: ").unwrap_or(&message);
    let tip = paragraphs.find_map(|text| text.strip_prefix("tip: ").map(str::to_owned));
    let usage = UsageError::new(message.to_owned());
    match tip {
        Some(tip) => usage.hint(tip),
        None => usage,
    }
}
