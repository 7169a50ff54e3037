//! Help texts: in one screen, in full, and with examples that work.

use std::path::Path;
use std::process::Command;

use clap::Parser;
use sfmtls::cli::Cli;

use crate::lab::{COMMANDS, Lab, finish};

/// Help on a terminal of 80 columns.
#[track_caller]
fn help(lab: &Lab, arguments: &[&str]) -> String {
    let mut command = lab.command(arguments);
    command.env("COLUMNS", "80");
    finish(command.spawn().unwrap()).exits(0).stdout
}

#[test]
fn short_help_is_one_screen_and_no_help_is_wider_than_80_columns() {
    let lab = Lab::new();
    let all = COMMANDS.iter().map(|name| vec![*name]).chain([Vec::new()]);
    for command in all {
        let short = help(&lab, &[&command[..], &["-h"]].concat());
        let long = help(&lab, &[&command[..], &["--help"]].concat());
        assert!(short.lines().count() <= 50, "{short}");
        assert!(long.len() >= short.len(), "{command:?}");
        for text in [&short, &long] {
            assert!(text.contains("Example"), "{text}");
            let widest = text.lines().map(|line| line.chars().count()).max();
            assert!(widest <= Some(80), "{text}");
        }
    }
}

/// What is needed next where an administrator hands over a CA file, a port, or a key with a password
/// used to be in the full help only.
#[test]
fn short_help_shows_what_a_handed_over_certificate_needs() {
    let lab = Lab::new();
    for command in ["getuserinfo", "query", "bulk-query", "check-cert"] {
        let text = help(&lab, &[command, "-h"]);
        for option in [
            "--cacert <",
            "--key <",
            "--cert-pass-file <",
            "--mtls-port <",
        ] {
            assert!(text.contains(option), "{option}: {text}");
        }
    }
    let text = help(&lab, &["login", "-h"]);
    assert!(text.contains("--cacert <"), "{text}");
    let long = help(&lab, &["login", "--help"]);
    assert!(
        long.contains("--mtls-port <") && long.contains("--key <"),
        "{long}"
    );
}

/// A login is never retried, nor is a check.
#[test]
fn retries_are_offered_by_commands_that_make_them() {
    let lab = Lab::new();
    for command in COMMANDS {
        let text = help(&lab, &[command, "--help"]);
        let retries = ["getuserinfo", "query", "bulk-query"].contains(&command);
        assert_eq!(text.contains("--retry"), retries, "{command}");
    }
}

#[test]
fn full_help_has_every_option_in_its_group() {
    let lab = Lab::new();
    for command in ["login", "getuserinfo", "query", "bulk-query", "check-cert"] {
        let text = help(&lab, &[command, "--help"]);
        let groups = [
            "\nIdentity:\n",
            "\nConnection:\n",
            "\nSession:\n",
            "\nOutput:\n",
        ];
        let places: Vec<_> = groups.iter().map(|group| text.find(group)).collect();
        assert!(
            places.iter().all(Option::is_some) && places.is_sorted(),
            "{text}"
        );
        for (option, group) in [
            ("--cert-pass-file <", 0),
            ("--tls-min <", 1),
            ("--idle-timeout <", 1),
            ("--api-version <", 2),
            ("--show-curl\n", 3),
        ] {
            let at = text.find(option);
            let next = places.get(group + 1).copied().flatten();
            assert!(
                places[group] < at && next.is_none_or(|next| at < Some(next)),
                "{option}: {text}"
            );
        }
    }
}

#[test]
fn help_leaves_out_what_a_command_has_no_use_for_though_it_takes_it() {
    let lab = Lab::new();
    for (command, shown, hidden) in [
        ("local-org", "--silent", "--cert"),
        ("local-org", "--json", "--idle-timeout"),
        ("logout", "--cert", "--login-url"),
        ("logout", "--profile", "--sandbox"),
        ("demo", "Usage", "--json"),
        ("completions", "Usage", "--cert"),
    ] {
        for asked in ["-h", "--help"] {
            let text = help(&lab, &[command, asked]);
            assert!(text.contains(shown) && !text.contains(hidden), "{text}");
        }
    }
    for line in [
        "sfmtls local-org --cert x --json",
        "sfmtls --json local-org -E x",
        "sfmtls logout --login-url x --json -E x",
        "sfmtls --cert x completions --json bash",
    ] {
        let cli = Cli::try_parse_from(line.split(' ')).unwrap();
        let cert = cli.global.cert.as_deref();
        assert_eq!((cli.global.json, cert), (true, Some(Path::new("x"))));
    }
}

#[test]
fn help_of_a_command_is_its_full_help() {
    let lab = Lab::new();
    for name in COMMANDS {
        assert_eq!(help(&lab, &["help", name]), help(&lab, &[name, "--help"]));
    }
}

#[test]
fn help_of_help_is_a_result_and_completions_alone_names_the_shells() {
    let lab = Lab::new();
    assert_eq!(help(&lab, &["help", "-h"]), help(&lab, &["help"]));
    assert!(help(&lab, &["help", "help"]).contains("sfmtls help [COMMAND]"));
    let run = lab.run(["completions"]).exits(2);
    assert!(
        run.stderr.contains("zsh: sfmtls completions bash"),
        "{run:?}"
    );
    assert!(!run.stderr.contains("Usage:"), "{run:?}");
}

#[test]
fn no_arguments_at_all_get_the_short_help_as_wrong_usage() {
    let lab = Lab::new();
    let run = lab.run([] as [&str; 0]).exits(2);
    assert_eq!(run.stdout, "");
    assert_eq!(run.stderr, lab.stdout(["-h"]));
}

/// The words of each command line in the examples, as bash reads them.
fn examples(text: &str) -> Vec<Vec<String>> {
    let (_, examples) = text.split_once("\nExample").expect("it has some");
    let joined = examples.replace("\\\n", " ");
    let lines = joined.lines().filter(|line| line.starts_with("  sfmtls "));
    lines
        .map(|line| {
            // What comes after it in a pipeline is another program's business.
            let line = line.split(['|', '>']).next().unwrap();
            let script = format!("printf '%s\\n' {line}");
            let output = Command::new("bash").args(["-c", &script]).output().unwrap();
            let words = String::from_utf8(output.stdout).unwrap();
            words.lines().map(str::to_owned).collect()
        })
        .collect()
}

#[test]
fn examples_are_command_lines_that_the_program_takes() {
    let lab = Lab::new();
    let mut checked = 0;
    for name in COMMANDS {
        for words in examples(&help(&lab, &[name, "-h"])) {
            assert_eq!(words[1], name);
            if let Err(error) = Cli::try_parse_from(&words) {
                panic!("{words:?}: {error}");
            }
            checked += 1;
        }
    }
    for words in examples(&help(&lab, &["-h"])) {
        Cli::try_parse_from(&words).unwrap();
        checked += 1;
    }
    assert!(checked >= 15, "{checked}");
}
