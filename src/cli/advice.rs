//! What a wrong command line most likely meant: the habits of `curl` and of `sf`, where their names
//! are too unlike ours for clap to find.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory};

use super::Cli;
use crate::error::UsageError;

/// Options of other programs, and what to type in their place.
const OPTIONS: &[(&[&str], &str)] = &[
    // curl's.
    (
        &["-u", "--user"],
        "the user is named at the login, sfmtls login -u USER, or for every command in SFMTLS_USERNAME",
    ),
    (
        &["--pass", "-p", "--password", "--passphrase"],
        "a secret never stands on the command line: --password-file FILE or SFMTLS_PASSWORD for \
         the login, --cert-pass-file FILE or SFMTLS_CERT_PASSWORD for the key",
    ),
    (
        &[
            "-H",
            "--header",
            "-d",
            "--data",
            "--data-binary",
            "-X",
            "--request",
        ],
        "sfmtls writes the requests itself; --show-curl prints curl commands that you can change",
    ),
    (
        &["--cert-type", "--key-type"],
        "leave it out: PEM and PKCS#12 are told apart by their content",
    ),
    (
        &["--capath"],
        "--cacert FILE, or a folder in the variable SSL_CERT_DIR",
    ),
    (
        &["--tlsv1.2", "--tlsv1.3", "--tls-max"],
        "--tls-min VERSION is the lowest TLS version, 1.2 or 1.3",
    ),
    (
        &["-m", "--max-time", "--timeout"],
        "--connect-timeout SECS and --idle-timeout SECS; a download may take as long as it needs",
    ),
    (
        &["--resolve"],
        "--connect-to HOST1:PORT1:HOST2:PORT2 takes an address as HOST2",
    ),
    (
        &["--include", "-I", "--head", "--write-out"],
        "-v shows the heads of requests and answers, and how long each took",
    ),
    (
        &["--trace", "--trace-ascii", "--debug"],
        "-vv shows everything that is sent and received",
    ),
    (
        &["-L", "--location"],
        "leave it out: redirects are not followed, the session ID goes to one host alone",
    ),
    (
        &["-S", "--show-error"],
        "leave it out: errors are told with -s too",
    ),
    (
        &["--fail"],
        "leave it out: each kind of failure has its exit status, see sfmtls --help",
    ),
    (
        &["--compressed"],
        "leave it out: answers come compressed where that helps",
    ),
    (
        &["-O", "--output"],
        "--output-file FILE is where query and bulk-query write their rows",
    ),
    (
        &["-o"],
        "--output-file FILE is where rows are written (curl's -o), --profile NAME which session (sf's -o)",
    ),
    (&["-#", "--progress-bar"], "--progress always"),
    // sf's.
    (
        &["-w"],
        "--wait DURATION is how long bulk-query waits for its job (sf's -w); -v shows the timing (curl's -w)",
    ),
    (
        &["-i"],
        "--job-id ID names a bulk job (sf's -i); -v shows the heads (curl's -i)",
    ),
    (
        &["-b", "--bulk"],
        "bulk jobs have a command of their own: sfmtls bulk-query",
    ),
    (
        &["-t", "--use-tooling-api"],
        "the Tooling API is not supported: query asks the SOAP API, bulk-query the Bulk API",
    ),
    (
        &["-a", "--alias"],
        "--profile NAME keeps sessions apart, and picks one",
    ),
    // Others', and guesses.
    (&["--format"], "-r FORMAT, for example -r csv"),
    (&["--csv"], "-r csv"),
    (&["--ndjson"], "-r ndjson"),
    (&["--xml"], "-r xml"),
    (&["--soql"], "-q SOQL, or the query alone in quotes"),
    (&["--limit"], "write LIMIT into the query"),
    (&["--quiet"], "-s, --silent"),
    (
        &["--no-progress", "--no-progress-meter"],
        "--progress never",
    ),
    (&["--no-color"], "--color never"),
    (&["--no-verify"], "-k, --insecure; or better --cacert FILE"),
    (&["--url"], "--login-url URL is where to log in"),
    (
        &["-P", "--port"],
        "--mtls-port PORT for API calls, --login-port PORT for the login",
    ),
];

/// Commands of other programs, and ours that does it.
const COMMANDS: &[(&[&str], &str)] = &[
    (
        &["soql", "data", "select", "rows", "force"],
        "sfmtls query \"SELECT Id, Name FROM Account\"",
    ),
    (
        &["bulk", "export", "job", "jobs", "resume"],
        "sfmtls bulk-query \"SELECT Id FROM Contact\"",
    ),
    (
        &[
            "whoami",
            "me",
            "user",
            "userinfo",
            "user-info",
            "id",
            "org",
            "display",
        ],
        "sfmtls getuserinfo",
    ),
    (
        &[
            "auth",
            "signin",
            "sign-in",
            "connect",
            "session",
            "authorize",
        ],
        "sfmtls login",
    ),
    (&["signout", "sign-out", "disconnect"], "sfmtls logout"),
    (
        &[
            "check", "cert", "verify", "doctor", "diagnose", "lint", "fix", "test",
        ],
        "sfmtls check-cert client.pem",
    ),
    (
        &["mock", "server", "sandbox", "start", "org-local"],
        "sfmtls local-org -- bash",
    ),
    (
        &["walkthrough", "tour", "tutorial", "example"],
        "sfmtls demo",
    ),
    (
        &["autocomplete", "complete", "completion"],
        "sfmtls completions bash",
    ),
    (&["version"], "sfmtls --version"),
];

/// The same with our advice, where we have one, in place of clap's.
pub fn with_advice(mut error: clap::Error, arguments: &[OsString]) -> clap::Error {
    let advice = match error.kind() {
        ErrorKind::UnknownArgument => on_argument(&error, arguments),
        ErrorKind::InvalidSubcommand => on_command(&error),
        _ => return error,
    };
    if let Some(advice) = advice {
        error.remove(ContextKind::SuggestedArg);
        error.remove(ContextKind::SuggestedSubcommand);
        error.insert(
            ContextKind::Suggested,
            ContextValue::StyledStrs(vec![advice.into()]),
        );
    } else if error.kind() == ErrorKind::UnknownArgument && !takes_a_command(&error) {
        // That it may be a value behind `--` helps nobody: no query begins with a dash.
        error.remove(ContextKind::Suggested);
    }
    error
}

fn on_argument(error: &clap::Error, arguments: &[OsString]) -> Option<String> {
    let unknown = word(error, ContextKind::InvalidArg)?;
    let mut words = arguments.iter().filter_map(|argument| argument.to_str());
    if !unknown.starts_with('-') && words.any(|word| word.eq_ignore_ascii_case("SELECT")) {
        return Some("put the whole query into quotes: \"SELECT Id FROM Contact\"".to_owned());
    }
    if !unknown.starts_with('-') && takes_a_command(error) {
        return Some(format!(
            "write -- before the command: sfmtls local-org -- {unknown}"
        ));
    }
    named(OPTIONS, unknown).or_else(|| elsewhere(unknown))
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

fn on_command(error: &clap::Error) -> Option<String> {
    let unknown = word(error, ContextKind::InvalidSubcommand)?.to_ascii_lowercase();
    if unknown.starts_with("select ") {
        return Some("sfmtls query \"SELECT ...\"".to_owned());
    }
    if unknown.starts_with("https://") {
        return Some("--login-url URL names the org, a command what to do there".to_owned());
    }
    named(COMMANDS, &unknown)
}

fn named(table: &[(&[&str], &str)], name: &str) -> Option<String> {
    let (_, advice) = table.iter().find(|(names, _)| names.contains(&name))?;
    Some((*advice).to_owned())
}

fn word(error: &clap::Error, kind: ContextKind) -> Option<&str> {
    match error.get(kind)? {
        ContextValue::String(word) => Some(word),
        _ => None,
    }
}

/// Whether `--` has a meaning there: `local-org -- COMMAND`.
fn takes_a_command(error: &clap::Error) -> bool {
    let usage = error.get(ContextKind::Usage);
    usage.is_some_and(|usage| usage.to_string().contains("[-- <COMMAND>"))
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

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    /// The tip that a wrong command line gets.
    fn tip(line: &str) -> String {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let error = match Cli::try_parse_from(&words) {
            Ok(_) => panic!("{line} is no mistake"),
            Err(error) => with_advice(error, &words),
        };
        usage_error(&error).hint.unwrap_or_default()
    }

    #[test]
    fn the_habits_of_curl_and_sf_lead_to_our_options() {
        for (line, option) in [
            ("sfmtls query -u me:secret x", "sfmtls login -u USER"),
            ("sfmtls getuserinfo --pass secret", "SFMTLS_CERT_PASSWORD"),
            ("sfmtls getuserinfo -H Accept:x", "--show-curl"),
            ("sfmtls getuserinfo -d @body.xml", "--show-curl"),
            ("sfmtls getuserinfo -i", "--job-id ID"),
            ("sfmtls bulk-query x -w 10", "--wait DURATION"),
            ("sfmtls query -o org x", "--profile NAME"),
            ("sfmtls query -o rows.csv x", "--output-file FILE"),
            ("sfmtls query -b x", "sfmtls bulk-query"),
            ("sfmtls query x -sS", "leave it out"),
            ("sfmtls login --cert-type P12", "leave it out"),
            ("sfmtls query x --format csv", "-r csv"),
        ] {
            let tip = tip(line);
            assert!(tip.contains(option), "{line}: {tip}");
        }
    }

    #[test]
    fn a_slip_of_the_pen_leads_to_the_nearest_name() {
        for (line, name) in [
            ("sfmtls qurey x", "'query'"),
            ("sfmtls bulkquery x", "'bulk-query'"),
            ("sfmtls get-user-info", "'getuserinfo'"),
            ("sfmtls query --outputfile x", "'--output-file'"),
            ("sfmtls query --resultformat csv", "'--result-format'"),
            ("sfmtls login --user-name x", "'--username'"),
        ] {
            let tip = tip(line);
            assert!(tip.ends_with(&format!("exists: {name}")), "{line}: {tip}");
        }
    }

    #[test]
    fn commands_of_other_programs_lead_to_ours() {
        for (line, command) in [
            ("sfmtls soql x", "sfmtls query"),
            ("sfmtls data query x", "sfmtls query"),
            ("sfmtls bulk x", "sfmtls bulk-query"),
            ("sfmtls whoami", "sfmtls getuserinfo"),
            ("sfmtls WhoAmI", "sfmtls getuserinfo"),
            ("sfmtls check client.pem", "sfmtls check-cert"),
            ("sfmtls auth login", "sfmtls login"),
            ("sfmtls version", "sfmtls --version"),
            ("sfmtls https://login.salesforce.com", "--login-url URL"),
            ("sfmtls local-org bash", "sfmtls local-org -- bash"),
        ] {
            let tip = tip(line);
            assert!(
                tip.starts_with(command) || tip.ends_with(command),
                "{line}: {tip}"
            );
        }
        let words = ["sfmtls", "SELECT Id FROM Contact"].map(OsString::from);
        let error = Cli::try_parse_from(&words).unwrap_err();
        let hint = usage_error(&with_advice(error, &words)).hint.unwrap();
        assert_eq!(hint, "sfmtls query \"SELECT ...\"");
    }

    #[test]
    fn an_option_of_another_command_is_sent_there() {
        assert_eq!(
            tip("sfmtls getuserinfo --job-id 7"),
            "write it after its command: sfmtls bulk-query --job-id"
        );
        assert_eq!(
            tip("sfmtls --output-file x query y"),
            "write it after its command: sfmtls query --output-file, sfmtls bulk-query --output-file"
        );
        // It may be no value behind `--`: no query begins with a dash.
        assert_eq!(tip("sfmtls query --nonsense"), "");
    }

    #[test]
    fn a_value_never_gets_into_the_message() {
        for line in [
            "sfmtls query --pass=hunter2 x",
            "sfmtls query -phunter2 x",
            "sfmtls login --password hunter2",
        ] {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let error = with_advice(Cli::try_parse_from(&words).unwrap_err(), &words);
            assert!(!error.render().to_string().contains("hunter2"), "{line}");
        }
    }

    #[test]
    fn the_advice_names_options_and_commands_that_exist() {
        let root = Cli::command();
        let names: Vec<_> = root
            .get_subcommands()
            .flat_map(Command::get_arguments)
            .chain(root.get_arguments())
            .filter_map(|option| option.get_long())
            .collect();
        let tips = OPTIONS.iter().chain(COMMANDS).map(|(_, tip)| *tip);
        for tip in tips {
            let words = tip.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
            for long in words.filter_map(|word| word.strip_prefix("--")) {
                let known = names.contains(&long) || ["", "help", "version"].contains(&long);
                assert!(known, "--{long} in {tip:?}");
            }
            if let Some((_, command)) = tip.split_once("sfmtls ") {
                let name = command.split([' ', ',']).next().unwrap_or_default();
                let known = root.find_subcommand(name).is_some();
                assert!(
                    known || name.starts_with('-') || name == "writes",
                    "{tip:?}"
                );
            }
        }
        for (name, _) in OPTIONS
            .iter()
            .flat_map(|(others, tip)| others.iter().map(move |o| (o, tip)))
        {
            let long = name.strip_prefix("--").unwrap_or_default();
            assert!(!names.contains(&long), "{name} is ours");
        }
    }
}
