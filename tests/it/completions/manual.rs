//! The manual pages, made of the definitions that `--help` is made of: one for the program, one for
//! each subcommand.

use std::collections::BTreeMap;

use clap::{Arg, ArgAction, Command, CommandFactory};
use roff::{Inline, Roff, bold, italic, roman};
use sfmtls::cli::Cli;

/// Variables, the long options that they have to do with, and what more there is to say than that a
/// variable is an option's default.
const VARIABLES: [(&str, &[&str], &str); 17] = [
    (
        "ALL_PROXY",
        &["proxy"],
        "The proxy, unless HTTPS_PROXY names one; all_proxy does the same.",
    ),
    (
        "CLICOLOR_FORCE",
        &["color"],
        "If set to anything but 0: colour also where there is no terminal, unless --color or NO_COLOR is \
         against it.",
    ),
    (
        "HOME",
        &["session"],
        "The folder with the session cache, unless XDG_CACHE_HOME is set: see FILES.",
    ),
    (
        "HTTPS_PROXY",
        &["proxy"],
        "The default for --proxy; https_proxy does the same.",
    ),
    (
        "NO_COLOR",
        &["color"],
        "If set to anything: no colour, unless --color asks for it.",
    ),
    (
        "NO_PROXY",
        &["noproxy"],
        "The default for --noproxy; no_proxy does the same.",
    ),
    (
        "SFMTLS_CERT_PASSWORD",
        &["cert-pass-file"],
        "The password of the PKCS#12 file or encrypted key, in place of --cert-pass-file.",
    ),
    (
        "SFMTLS_CLIENT_SECRET",
        &["client-secret-file"],
        "The consumer secret, in place of --client-secret-file.",
    ),
    (
        "SFMTLS_PASSWORD",
        &["password-file"],
        "The password of the user, in place of --password-file.",
    ),
    (
        "SFMTLS_SECURITY_TOKEN",
        &["security-token-file"],
        "The security token of the user, in place of --security-token-file. It is appended to the password.",
    ),
    (
        "SFMTLS_USERNAME",
        &["username"],
        "The default for --username, also where another command finds no session or an expired one.",
    ),
    (
        "SF_ACCESS_TOKEN",
        &["access-token-file"],
        "An access token, in place of --access-token-file.",
    ),
    (
        "SSL_CERT_DIR",
        &["cacert"],
        "A folder of CA certificates to trust, as c_rehash(1) makes it, in place of the system's.",
    ),
    (
        "SSL_CERT_FILE",
        &["cacert"],
        "A file of CA certificates to trust, in place of the system's.",
    ),
    (
        "TERM",
        &["color"],
        "If it is dumb: neither colour nor progress, unless one of them is asked for.",
    ),
    (
        "TMPDIR",
        &["dir", "parallel"],
        "The folder for what is temporary: rows that bulk-query receives before their turn, when they go to \
         standard output, and the directory of local-org.",
    ),
    (
        "XDG_CACHE_HOME",
        &["session"],
        "An absolute path, in place of $HOME/.cache: see FILES.",
    ),
];

/// The day of the release, or before it of the last change that the pages tell of. A page looks the
/// same whenever it is made.
pub(super) const DATE: &str = "2026-11-28";

/// What the program keeps, where there is a session to keep.
const SESSIONS: [(&str, &str); 2] = [
    (
        "$XDG_CACHE_HOME/sfmtls/NAME.json",
        "The session of a profile: session ID and server URL, readable by its owner alone.",
    ),
    (
        "$HOME/.cache/sfmtls/NAME.json",
        "The same, where XDG_CACHE_HOME is not set.",
    ),
];

/// What an imitation org writes.
const FILES_OF_ORG: [(&str, &str); 2] = [
    (
        "DIR/client.pem",
        "Key, certificate and intermediate: the identity that the org knows. Beside it lie the CA of the \
         server certificate, the passwords and the key for JSON Web Tokens. All of it is readable by its \
         owner alone.",
    ),
    (
        "DIR/leaf-only.pem, DIR/expired.pem, DIR/self-signed.pem, ...",
        "Identities with one fault each, to rehearse a refusal.",
    ),
];

/// Commands that log in where there is no session.
const LOG_IN: [&str; 3] = ["getuserinfo", "query", "bulk-query"];

/// Bytes in a line of a page's source; mandoc complains of more.
const SOURCE_WIDTH: usize = 80;

/// File names and contents of all pages.
pub(super) fn pages() -> BTreeMap<String, String> {
    let mut program = Cli::command().disable_help_subcommand(true);
    program.build();
    let mut pages: BTreeMap<_, _> = program
        .get_subcommands()
        .map(|command| (file_name(command), page(&program, command)))
        .collect();
    pages.insert(file_name(&program), page(&program, &program));
    pages
}

/// `sfmtls-query`, as the manual calls it.
fn name(command: &Command) -> String {
    let path = command.get_bin_name().unwrap_or_else(|| command.get_name());
    path.replace(' ', "-")
}

fn file_name(command: &Command) -> String {
    format!("{}.1", name(command))
}

fn page(program: &Command, command: &Command) -> String {
    let mut page = Roff::new();
    let version = program.get_version().unwrap_or_default();
    let source = format!("{} {version}", program.get_name());
    let is_program = command.get_name() == program.get_name();
    let usage = usage(command);
    let options = match usage.contains("[OPTIONS]") {
        true => command
            .get_arguments()
            .filter(|a| !a.is_hide_set())
            .collect(),
        false => command.get_positionals().collect::<Vec<_>>(),
    };
    let title = name(command).to_uppercase();
    page.control("TH", [&*title, "1", DATE, &source, "User Commands"]);
    // No hyphens in names and addresses, no gaps between words.
    page.control("nh", []).control("ad", ["l"]);
    let about = command
        .get_about()
        .map(ToString::to_string)
        .unwrap_or_default();
    section(&mut page, "NAME").text([prose(&format!("{} - {about}", name(command)))]);
    synopsis(section(&mut page, "SYNOPSIS"), &usage);
    let help = AfterHelp::of(command);
    section(&mut page, "DESCRIPTION");
    let long = command.get_long_about().or(command.get_about());
    let long = long.map(ToString::to_string).unwrap_or_default();
    // Without what stands behind the name.
    let description = long
        .split("\n\n")
        .filter(|text| text.trim_end_matches('.') != about);
    paragraphs(
        &mut page,
        description.chain(help.text.iter().map(String::as_str)),
    );
    if is_program {
        subcommands(section(&mut page, "COMMANDS"), program);
    }
    if !options.is_empty() {
        described(section(&mut page, "OPTIONS"), &options);
    }
    let others = program.get_subcommands().filter(|_| is_program);
    let others = others.flat_map(Command::get_arguments);
    let variables = variables(&options.iter().copied().chain(others).collect::<Vec<_>>());
    if !variables.is_empty() {
        environment(section(&mut page, "ENVIRONMENT"), &variables);
    }
    if LOG_IN.contains(&command.get_name()) {
        page.control("PP", []).text([prose(
            "Without a valid session, the variables of sfmtls-login(1) count as well.",
        )]);
    }
    let has = |long| options.iter().any(|it| it.get_long() == Some(long));
    let files = [("session", SESSIONS), ("dir", FILES_OF_ORG)];
    for (_, files) in files.into_iter().filter(|(option, _)| has(option)) {
        section(&mut page, "FILES");
        for (names, text) in files {
            entry(&mut page, vec![italic(names)], text);
        }
    }
    section(&mut page, "EXIT STATUS");
    paragraphs(&mut page, help.exit.iter().map(String::as_str));
    if has("cert") {
        if !help.exit.is_empty() {
            page.control("PP", []);
        }
        exit_status(&mut page, &AfterHelp::of(program).statuses);
    }
    if !help.examples.is_empty() {
        section(&mut page, "EXAMPLES").control("nf", []);
        for example in &help.examples {
            page.text([roman(example)]);
        }
        page.control("fi", []);
    }
    see_also(section(&mut page, "SEE ALSO"), program, command);
    page.render()
}

fn section<'a>(page: &'a mut Roff, title: &str) -> &'a mut Roff {
    page.control("SH", [title])
}

/// A tagged paragraph.
fn entry(page: &mut Roff, tag: Vec<Inline>, text: &str) {
    page.control("TP", []).text(tag).text([prose(text)]);
}

fn paragraphs<'a>(page: &mut Roff, texts: impl Iterator<Item = &'a str>) {
    for (index, text) in texts.enumerate() {
        if index > 0 {
            page.control("PP", []);
        }
        page.text([prose(text)]);
    }
}

fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Text in lines as short as the source of a page should have them. None of them ends a sentence: a
/// formatter would put two spaces behind it.
fn prose(text: &str) -> Inline {
    let ends_sentence = |word: &str| {
        let word = word.trim_end_matches(['"', '\'', ')', ']']);
        word.ends_with(['.', '!', '?'])
    };
    let mut lines: Vec<String> = Vec::new();
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        let mut words_together = word.to_owned();
        while ends_sentence(&words_together)
            && let Some(word) = words.next()
        {
            words_together = format!("{words_together} {word}");
        }
        match lines.last_mut() {
            Some(line) if escaped_len(line) + escaped_len(&words_together) < SOURCE_WIDTH => {
                line.push(' ');
                line.push_str(&words_together);
            }
            _ => lines.push(words_together),
        }
    }
    roman(lines.join("\n"))
}

/// Bytes of a text in the source, where a hyphen is `\-` and an apostrophe `\*(Aq`.
fn escaped_len(text: &str) -> usize {
    let longer = |character| match character {
        '-' | '\\' => 1,
        '\'' => 4,
        _ => 0,
    };
    text.len() + text.chars().map(longer).sum::<usize>()
}

/// The usage as `--help` has it, without its first word.
fn usage(command: &Command) -> String {
    let usage = command.clone().render_usage().to_string();
    usage.trim_start_matches("Usage:").trim().to_owned()
}

/// One line a form: what is typed as it stands is bold, what stands for something else is not.
fn synopsis(page: &mut Roff, usage: &str) {
    for (index, form) in usage.lines().enumerate() {
        if index > 0 {
            page.control("br", []);
        }
        let mut line = Vec::new();
        for word in form.split_whitespace() {
            if !line.is_empty() {
                line.push(roman(" "));
            }
            line.push(match word.starts_with(|c: char| c.is_ascii_lowercase()) {
                true => bold(word),
                false => italic(word),
            });
        }
        page.text(line);
    }
}

fn subcommands(page: &mut Roff, program: &Command) {
    for command in program.get_subcommands().filter(|c| !c.is_hide_set()) {
        let about = command.get_about().map(ToString::to_string);
        let tag = vec![bold(name(command)), roman("(1)")];
        entry(page, tag, &about.unwrap_or_default());
    }
}

/// Those without a heading first, then group by group, in the order of the definitions.
fn described(page: &mut Roff, options: &[&Arg]) {
    let mut headings = vec![None];
    for option in options {
        if !headings.contains(&option.get_help_heading()) {
            headings.push(option.get_help_heading());
        }
    }
    for heading in headings {
        if let Some(heading) = heading {
            page.control("SS", [heading]);
        }
        for option in options.iter().filter(|o| o.get_help_heading() == heading) {
            describe(page, option);
        }
    }
}

fn describe(page: &mut Roff, option: &Arg) {
    let help = option.get_long_help().or(option.get_help());
    let mut help = help.map(ToString::to_string).unwrap_or_default();
    let values = option.get_default_values().iter();
    let default: Vec<_> = values.map(|value| value.to_string_lossy()).collect();
    if takes_values(option) && !default.is_empty() && !option.is_hide_default_value_set() {
        help += &format!(" [default: {}]", default.join(","));
    }
    let mut texts = help.split("\n\n");
    entry(page, tag(option), texts.next().unwrap_or_default());
    // ".IP" without a tag goes on in the same column.
    for text in texts {
        page.control("IP", []).text([prose(text)]);
    }
    values_of(page, option);
}

fn takes_values(option: &Arg) -> bool {
    option.is_positional() || option.get_action().takes_values()
}

/// `-E, --cert FILE`
fn tag(option: &Arg) -> Vec<Inline> {
    let names = option.get_value_names().unwrap_or_default();
    let value = names
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" ");
    if option.is_positional() {
        return vec![italic(value)];
    }
    let short = option.get_short().map(|short| format!("-{short}"));
    let long = option.get_long().map(|long| format!("--{long}"));
    let both: Vec<_> = short.into_iter().chain(long).collect();
    let mut tag = vec![bold(both.join(", "))];
    if takes_values(option) {
        tag.extend(match option.is_require_equals_set() {
            true => [roman("[="), italic(value), roman("]")].into(),
            false => vec![roman(" "), italic(value)],
        });
    } else if matches!(option.get_action(), ArgAction::Count) {
        tag.push(roman("..."));
    }
    tag
}

/// A list where the values are explained, else one line.
fn values_of(page: &mut Roff, option: &Arg) {
    let values = option.get_possible_values();
    let shown = takes_values(option) && !option.is_hide_possible_values_set();
    let values: Vec<_> = values
        .iter()
        .filter(|v| shown && !v.is_hide_set())
        .collect();
    let names: Vec<_> = values.iter().map(|value| value.get_name()).collect();
    if values.iter().all(|value| value.get_help().is_none()) {
        if !names.is_empty() {
            page.control("IP", []);
            page.text([prose(&format!("Values: {}.", names.join(", ")))]);
        }
        return;
    }
    page.control("RS", []);
    for value in values {
        let help = value.get_help().map(ToString::to_string);
        entry(
            page,
            vec![bold(value.get_name())],
            &help.unwrap_or_default(),
        );
    }
    page.control("RE", []);
}

/// The variables that have to do with these options, and what they do.
fn variables(options: &[&Arg]) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    for option in options {
        let Some(long) = option.get_long() else {
            continue;
        };
        for name in variables_of(option) {
            variables.insert(name, format!("The default for --{long}."));
        }
        let special = VARIABLES.iter().filter(|(_, of, _)| of.contains(&long));
        for (name, _, text) in special {
            variables.insert((*name).to_owned(), (*text).to_owned());
        }
    }
    variables
}

fn environment(page: &mut Roff, variables: &BTreeMap<String, String>) {
    for (name, text) in variables {
        entry(page, vec![bold(name)], text);
    }
}

/// What stands behind `[env: `, name by name.
fn variables_of(option: &Arg) -> Vec<String> {
    let help = option.get_long_help().or(option.get_help());
    let help = unwrapped(&help.map(ToString::to_string).unwrap_or_default());
    let Some((_, rest)) = help.split_once("[env: ") else {
        return Vec::new();
    };
    let (names, _) = rest.split_once(']').expect("the bracket is closed");
    // Without what is said of the value.
    let name = |name: &str| name.split(" (").next().unwrap_or(name).to_owned();
    names.split(", ").map(name).collect()
}

fn exit_status(page: &mut Roff, statuses: &[(String, String)]) {
    page.control("PD", ["0"]);
    for (status, meaning) in statuses {
        page.control("TP", ["5"]);
        page.text([bold(status)]).text([prose(meaning)]);
    }
    page.control("PD", []);
}

fn see_also(page: &mut Roff, program: &Command, command: &Command) {
    let all = [program].into_iter().chain(program.get_subcommands());
    let others = all.filter(|other| other.get_name() != command.get_name());
    let mut line = Vec::new();
    for other in others {
        if !line.is_empty() {
            line.push(roman(", "));
        }
        line.extend([bold(name(other)), roman("(1)")]);
    }
    page.text(line);
}

/// What stands below the options in `--help`, taken apart.
#[derive(Default)]
struct AfterHelp {
    examples: Vec<String>,
    /// What a command says of its own exit status.
    exit: Vec<String>,
    /// Status and meaning.
    statuses: Vec<(String, String)>,
    text: Vec<String>,
}

impl AfterHelp {
    fn of(command: &Command) -> Self {
        let help = command.get_after_long_help().or(command.get_after_help());
        let help = help.map(ToString::to_string).unwrap_or_default();
        let mut parts = Self::default();
        for paragraph in help.split("\n\n").filter(|text| !text.is_empty()) {
            let (heading, lines) = paragraph.split_once(':').unwrap_or(("", paragraph));
            let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
            match heading {
                "Example" | "Examples" => parts.examples.extend(lines.map(str::to_owned)),
                "Exit status" => parts.statuses.extend(lines.map(|line| {
                    let (status, meaning) = line.split_once("  ").expect("two columns");
                    (status.to_owned(), meaning.trim().to_owned())
                })),
                _ if paragraph.starts_with("The exit status is") => {
                    parts.exit.push(paragraph.to_owned());
                }
                _ => parts.text.push(paragraph.to_owned()),
            }
        }
        parts
    }
}
