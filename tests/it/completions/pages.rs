//! The manual pages as readers see them: `man` and `mandoc` are the judges.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{FOLDER, manual};
use crate::lab::{Lab, Run, finish};

fn pages() -> Vec<String> {
    manual::pages().into_keys().collect()
}

fn judge<A: AsRef<OsStr>>(program: &str, arguments: impl IntoIterator<Item = A>) -> Run {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(FOLDER)
        .env("LC_ALL", "C.UTF-8")
        .env("MANWIDTH", "80")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let started = command.spawn();
    finish(started.unwrap_or_else(|_| panic!("{program} is not installed")))
}

/// As plain text, 80 columns wide.
fn shown(page: &str) -> String {
    let run = judge("man", ["--warnings", "-l", page]).exits(0);
    assert_eq!(run.stderr, "", "{page}");
    run.stdout
}

#[test]
fn two_formatters_have_nothing_to_say_against_a_page() {
    for page in pages() {
        let lint = judge("mandoc", ["-T", "lint", &page]).exits(0);
        assert_eq!(lint.stdout, "", "{page}");
        let shown = shown(&page);
        // An example stays on its line, for pasting.
        let mut texts = shown.lines().filter(|l| !l.starts_with("       sfmtls "));
        let wide = texts.find(|line| line.chars().count() > 80);
        assert_eq!(wide, None, "{page}");
    }
}

#[test]
fn a_page_has_the_sections_of_a_manual_in_their_order() {
    for page in pages() {
        let shown = shown(&page);
        let is_title = |line: &&str| line.starts_with(|c: char| c.is_ascii_uppercase());
        let found: Vec<_> = shown.lines().filter(is_title).collect();
        let optional = |title| match found.contains(&title) {
            true => vec![title],
            false => Vec::new(),
        };
        let heads = found[0].starts_with("SFMTLS") && found.len() > 6;
        assert!(heads, "{page}: {found:?}");
        let wanted = [
            vec!["NAME", "SYNOPSIS", "DESCRIPTION"],
            optional("COMMANDS"),
            optional("OPTIONS"),
            optional("ENVIRONMENT"),
            optional("FILES"),
            vec!["EXIT STATUS"],
            optional("EXAMPLES"),
            vec!["SEE ALSO"],
        ];
        assert_eq!(found[1..], wanted.concat(), "{page}");
    }
    for (page, title) in [
        ("sfmtls.1", "COMMANDS"),
        ("sfmtls.1", "ENVIRONMENT"),
        ("sfmtls.1", "FILES"),
        ("sfmtls-query.1", "OPTIONS"),
        ("sfmtls-query.1", "ENVIRONMENT"),
        ("sfmtls-query.1", "FILES"),
        ("sfmtls-query.1", "EXAMPLES"),
    ] {
        assert!(shown(page).contains(&format!("\n{title}\n")), "{page}");
    }
}

#[test]
fn a_page_does_not_say_its_name_again_as_its_description() {
    for page in pages() {
        let shown = shown(&page);
        let of = |title: &str| {
            let (_, rest) = shown.split_once(&format!("\n{title}\n")).unwrap();
            let (text, _) = rest.split_once("\n\n").unwrap();
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let name = of("NAME");
        let (_, about) = name.split_once(" - ").expect("name and purpose");
        let description = of("DESCRIPTION");
        assert!(
            !description.is_empty() && !description.starts_with(about),
            "{page}: {description}"
        );
    }
}

/// When a release is made, the changelog has its day.
#[test]
fn a_page_has_the_date_of_its_release() {
    const CHANGELOG: &str = include_str!("../../../CHANGELOG.md");
    let version = env!("CARGO_PKG_VERSION");
    let head = |line: &&str| line.starts_with("## ") && line.contains(version);
    if let Some(head) = CHANGELOG.lines().find(head) {
        assert!(head.contains(manual::DATE), "{head}: {}", manual::DATE);
    }
    for page in pages() {
        let last = shown(&page).trim_end().lines().last().unwrap().to_owned();
        let foot: Vec<_> = last.split_whitespace().collect();
        assert!(foot.contains(&manual::DATE), "{page}: {last}");
    }
}

#[test]
fn a_page_explains_every_option_that_the_help_does() {
    let lab = Lab::new();
    for page in pages() {
        let command = page.trim_start_matches("sfmtls").trim_end_matches(".1");
        let command = command.trim_start_matches('-');
        let shown = shown(&page);
        let words: Vec<_> = shown.split_whitespace().collect();
        let help = match command {
            "" => lab.stdout(["--help"]),
            command => lab.stdout([command, "--help"]),
        };
        let options = help.split_whitespace().filter(|word| {
            word.starts_with("--") && !word.ends_with(|c: char| c.is_ascii_punctuation())
        });
        for option in options {
            assert!(words.contains(&option), "{page}: {option}");
        }
    }
}

#[test]
fn the_first_page_names_every_variable_that_the_readme_names() {
    const README: &str = include_str!("../../../README.md");
    let shown = shown("sfmtls.1");
    let (_, environment) = shown.split_once("\nENVIRONMENT\n").unwrap();
    let (environment, _) = environment.split_once("\nFILES\n").unwrap();
    let tags: Vec<_> = environment.split_whitespace().collect();
    let is_variable = |word: &&str| {
        word.contains('_') && word.chars().all(|c| c.is_ascii_uppercase() || c == '_')
    };
    // Those of the table of variables, not what the other way round a script is given.
    let (_, list) = README.split_once("\n| variable |").unwrap();
    let (list, _) = list.split_once("\n\n").unwrap();
    let variables: Vec<_> = list.split('`').filter(is_variable).collect();
    assert!(variables.len() > 15, "{variables:?}");
    for variable in variables {
        assert!(tags.contains(&variable), "{variable}");
    }
}

#[test]
fn commands_without_an_org_of_the_users_have_neither_its_variables_nor_its_files_nor_its_statuses()
{
    for name in ["demo", "local-org", "completions"] {
        let shown = shown(&format!("sfmtls-{name}.1"));
        for of_org in [
            "SFMTLS_LOGIN_URL",
            "NAME.json",
            "SSL_CERT_FILE",
            "\n       9 ",
        ] {
            assert!(!shown.contains(of_org), "{name}: {of_org}");
        }
        let status = "\nEXIT STATUS\n       The exit status is ";
        assert!(shown.contains(status), "{name}: {shown}");
    }
}

#[test]
fn no_page_says_the_same_of_two_variables_or_files() {
    for page in pages() {
        let source = fs::read_to_string(Path::new(FOLDER).join(&page)).unwrap();
        let sections = source.split("\n.SH ");
        let lists = sections.filter(|it| it.starts_with("ENVIRONMENT") || it.starts_with("FILES"));
        for list in lists {
            let mut texts: Vec<_> = list
                .split("\n.TP\n")
                .skip(1)
                .filter_map(|entry| entry.split_once('\n'))
                .map(|(_, text)| text)
                .collect();
            let all = texts.len();
            texts.sort_unstable();
            texts.dedup();
            assert_eq!(texts.len(), all, "{page}: {list}");
        }
    }
}
