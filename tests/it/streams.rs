//! Standard output is for results; everything said is on standard error; either may be closed.

use std::time::Duration;

use serde_json::Value;
use sfmtls::local_org::{Call, Config, Mishap, When};

use crate::judges::on_a_terminal;
use crate::lab::Lab;

const SOQL: &str = "SELECT Id, LastName FROM Contact";

fn lab(rows: u64) -> Lab {
    Lab::logged_in_with(Config {
        rows,
        ..Config::default()
    })
}

#[test]
fn the_result_is_the_same_bytes_however_much_is_said() {
    let lab = lab(450);
    for command in [
        &["query", SOQL, "--batch-size", "200"][..],
        &["getuserinfo"],
        &["query", SOQL, "-r", "human"],
        &["check-cert", "--offline"],
        &["check-cert", "--offline", "--json"],
        &["login", "--show-session-id"],
    ] {
        let quiet = lab.run(command).exits(0);
        let rows = if command.contains(&"human") {
            "450 rows\n"
        } else {
            ""
        };
        assert_eq!(quiet.stderr, rows);
        for said in ["-v", "-vv", "--show-curl", "-s", "--progress=always"] {
            let run = lab.run(command.iter().chain(&[said])).exits(0);
            // The certificate of a new org may be a day nearer to its end a moment later.
            let [told, before] =
                [run.stdout, quiet.stdout.clone()].map(|text| text.replace("364", "365"));
            assert_eq!(told, before, "{said}");
        }
    }
}

#[test]
fn a_reader_that_has_had_enough_ends_the_program_quietly() {
    let lab = lab(20_000);
    for line in [
        format!("sfmtls query '{SOQL}' --batch-size 200 | head -1; exit ${{PIPESTATUS[0]}}"),
        format!("sfmtls query '{SOQL}' -r json | head -c 3; exit ${{PIPESTATUS[0]}}"),
        "sfmtls getuserinfo | true; exit ${PIPESTATUS[0]}".to_owned(),
    ] {
        let run = lab.shell(&line).exits(0);
        assert_eq!(run.stderr, "", "{line}");
    }
}

#[test]
fn a_reader_that_stops_early_costs_few_calls() {
    let lab = lab(20_000);
    // While these calls are made, a program that fetched ahead would have come far.
    lab.shell(&format!(
        "sfmtls query '{SOQL}' --batch-size 1000 | {{ \
         read -r line; for _ in {{1..15}}; do sfmtls getuserinfo >/dev/null; done; }}"
    ))
    .exits(0);
    let calls = lab.calls();
    let pages = calls
        .iter()
        .filter(|call| call.starts_with("query"))
        .count();
    // Two are in the pipe (64 KiB), two in our buffer, one is being written, one is waiting, and
    // there are twenty.
    assert!(pages <= 8, "{calls:?}");
}

#[test]
fn a_closed_standard_error_stops_nothing() {
    let lab = lab(10);
    let run = lab
        .shell(&format!("sfmtls query -v '{SOQL}' 2>&-"))
        .exits(0);
    assert_eq!(run.stdout.lines().count(), 11);
}

/// Rows used to vanish in the `/dev/null` that the runtime opens in place of a closed output.
#[test]
fn a_closed_standard_output_is_a_failure() {
    let lab = lab(10);
    let line = format!("sfmtls query '{SOQL}' >&-");
    let told = "error: cannot write to standard output: Bad file descriptor\n";
    assert_eq!(lab.shell(&line).exits(1).stderr, told);
    assert_eq!(lab.shell("sfmtls --help >&-").exits(1).stderr, told);
    let run = lab.shell("sfmtls getuserinfo --json >&-").exits(1);
    let document: Value = serde_json::from_str(&run.stderr).unwrap();
    assert_eq!(document["error"]["code"], "output-unwritable");
    // Thrown away on purpose, they are no loss.
    lab.shell(&format!("sfmtls query '{SOQL}' >/dev/null"))
        .exits(0);
}

#[test]
fn help_and_version_that_cannot_be_written_are_a_failure() {
    let lab = lab(1);
    for line in ["sfmtls --help", "sfmtls --version", "sfmtls query --help"] {
        let run = lab.shell(&format!("{line} >/dev/full")).exits(1);
        assert_eq!(
            run.stderr,
            "error: cannot write to standard output: No space left on device\n"
        );
    }
    lab.shell("sfmtls --help | true; exit ${PIPESTATUS[0]}")
        .exits(0);
}

#[test]
fn a_document_holds_nothing_that_changes_a_terminal() {
    let lab = lab(1);
    let text = "a\u{9b}2J \u{202e}b";
    lab.org.plan(
        Call::Query,
        When::Always,
        Mishap::Fault("INVALID_FIELD", text),
    );
    let run = lab.run(["query", "--json", SOQL]).exits(4);
    assert!(!run.stdout.contains(['\u{9b}', '\u{202e}']), "{run:?}");
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(
        document["error"]["message"],
        format!("INVALID_FIELD: {text}")
    );
}

#[test]
fn a_failure_is_one_json_document_on_standard_output_while_no_rows_have_left() {
    let lab = lab(450);
    let run = lab
        .run(["query", "--json", "SELECT Nme FROM Contact"])
        .exits(4);
    assert_eq!(run.stderr, "");
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["error"]["code"], "INVALID_FIELD");
    assert_eq!(document["error"]["exitCode"], 4);
}

#[test]
fn once_rows_have_left_the_failure_is_a_document_on_standard_error() {
    let lab = lab(450);
    let query = ["query", "--json", SOQL, "--batch-size", "200"];
    let fault = Mishap::Fault("QUERY_TIMEOUT", "too long");
    lab.org.plan(Call::QueryMore, When::Always, fault);
    let run = lab.run(query).exits(4);
    let document: Value = serde_json::from_str(&run.stderr).unwrap();
    assert_eq!(document["error"]["code"], "QUERY_TIMEOUT");
    assert!(run.stdout.starts_with("{\"records\":[\n"));
    assert!(
        serde_json::from_str::<Value>(&run.stdout).is_err(),
        "a cut result is no JSON"
    );

    // In a file, no rows have left on standard output.
    let run = lab
        .run(query.into_iter().chain(["--output-file", "rows"]))
        .exits(4);
    assert_eq!(run.stderr, "");
    assert!(serde_json::from_str::<Value>(&run.stdout).is_ok());
}

#[test]
fn json_and_another_format_are_wrong_usage_where_rows_go_to_standard_output() {
    let lab = lab(10);
    for format in ["csv", "ndjson", "xml", "human"] {
        let run = lab.run(["query", SOQL, "--json", "-r", format]).exits(2);
        assert!(run.stdout.contains("\"exitCode\":2"), "{}", run.stdout);
    }
    assert_eq!(lab.calls(), ["login"]);
    lab.run(["query", SOQL, "--json", "-r", "json"]).exits(0);
}

#[test]
fn wrong_usage_is_a_document_too() {
    let lab = Lab::new();
    for (arguments, message, hint) in [
        (
            &["query", "--json", "--batch-sise", "200"][..],
            "unexpected argument '--batch-sise' found",
            Value::from("a similar argument exists: '--batch-size'"),
        ),
        (
            &["--json", "query", "x", "--batch-size", "7"],
            "invalid value '7' for '--batch-size <N>': expected a whole number from 200 to 2000",
            Value::Null,
        ),
        (
            &[
                "--json",
                "--mtls-port",
                "8443",
                "getuserinfo",
                "--profile",
                "a/b",
                "--session=",
            ],
            "a value is required for '--session <FILE>' but none was supplied",
            Value::Null,
        ),
        (
            &["query", "--json", "select", "Id", "from", "Contact"],
            "unexpected argument 'Id' found",
            Value::from("put the whole query into quotes: \"SELECT Id FROM Contact\""),
        ),
        (
            &["--json", "completions", "bash"],
            "completions has no --json",
            Value::Null,
        ),
        (&["--json", "demo"], "demo has no --json", Value::Null),
    ] {
        let run = lab.run(arguments).exits(2);
        assert_eq!(run.stderr, "", "{arguments:?}");
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(document["error"]["message"], message);
        assert_eq!(document["error"]["hint"], hint);
        assert_eq!(document["error"]["exitCode"], 2);
    }
}

#[test]
fn progress_appears_when_a_query_takes_long_and_is_gone_at_the_end() {
    let lab = lab(600);
    let query = ["query", SOQL, "--batch-size", "200", "--progress", "always"];
    let late = Mishap::Delay(Duration::from_millis(300));
    // The line is drawn beside the work: the last page must not come at once.
    lab.org.plan(Call::QueryMore, When::From(1), late);
    let run = lab.run(query).exits(0);
    assert!(run.stderr.contains("400 of 600 rows"), "{:?}", run.stderr);
    // It used to be told to the fourth decimal.
    let (_, rate) = run.stderr.split_once("of 600 rows, ").expect("a rate");
    let (rate, _) = rate.split_once("/s, ").expect("a rate");
    assert!(
        rate.bytes().all(|b| b.is_ascii_digit() || b == b','),
        "{rate}"
    );
    assert!(run.stderr.ends_with("\r\x1b[2K"), "{:?}", run.stderr);
}

#[test]
fn progress_is_not_for_a_pipe_nor_for_the_silent_nor_beside_rows_on_the_terminal() {
    let lab = lab(600);
    let late = || Mishap::Delay(Duration::from_millis(300));
    lab.org.plan(Call::QueryMore, When::Always, late());
    let query = format!("sfmtls query '{SOQL}' --batch-size 200");
    let run = lab.shell(&query).exits(0);
    assert_eq!(run.stderr, "");
    let shown = on_a_terminal(&lab, &format!("{query} >rows"), &[]);
    assert!(shown.text.contains("400 of 600 rows"), "{:?}", shown.text);
    for line in [
        format!("{query} -s >rows"),
        format!("{query} --progress never >rows"),
        format!("{query} -r csv"),
    ] {
        let shown = on_a_terminal(&lab, &line, &[]);
        assert_eq!(shown.status, 0);
        assert!(
            !shown.text.contains(" of 600 rows"),
            "{line}: {:?}",
            shown.text
        );
    }
}

/// Of some formats of one command the number used to be told, and to scripts too.
#[test]
fn the_number_of_rows_is_told_to_a_person_whatever_the_format() {
    let lab = lab(3);
    let soql = format!("'{SOQL}' --color never");
    for (command, formats) in [
        ("query", &["human", "csv", "json", "ndjson", "xml"][..]),
        ("bulk-query", &["human", "csv", "json", "ndjson"]),
    ] {
        for format in formats {
            let line = format!("sfmtls {command} {soql} -r {format}");
            let shown = on_a_terminal(&lab, &line, &[]).text;
            assert!(shown.ends_with("\n3 rows\r\n"), "{line}: {shown:?}");
            let shown = on_a_terminal(&lab, &format!("{line} -s"), &[]).text;
            assert!(!shown.contains("3 rows"), "{line}: {shown:?}");
            let told = lab.shell(&line).exits(0).stderr;
            assert_eq!(
                told.ends_with("3 rows\n"),
                *format == "human",
                "{line}: {told:?}"
            );
        }
        let line = format!("sfmtls {command} {soql} --output-file rows.csv");
        let told = lab.shell(&line).exits(0).stderr;
        assert!(told.ends_with("note: 3 rows in rows.csv\n"), "{told:?}");
    }
    let count = "sfmtls query 'SELECT COUNT() FROM Contact'";
    assert_eq!(on_a_terminal(&lab, count, &[]).text, "3\r\n");
}

#[test]
fn a_terminal_gets_tables_and_a_pipe_does_not() {
    let lab = lab(3);
    let shown = on_a_terminal(&lab, &format!("sfmtls query '{SOQL}'"), &[]);
    assert!(shown.text.contains("──"), "{}", shown.text);
    assert!(shown.text.contains("3 rows"), "{}", shown.text);
    let shown = on_a_terminal(&lab, "sfmtls getuserinfo", &[]);
    assert!(shown.text.contains("userName  "), "{}", shown.text);
    let shown = on_a_terminal(&lab, &format!("sfmtls query '{SOQL}' | cat"), &[]);
    assert!(shown.text.contains("Id,LastName\r\n"), "{}", shown.text);
}
