//! `--output-file`: whole or not at all.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;
use sfmtls::local_org::{Call, Config, Mishap, When};

use crate::lab::{Lab, finish};

const SOQL: &str = "SELECT Id, LastName FROM Contact";

fn lab() -> Lab {
    Lab::logged_in_with(Config {
        rows: 450,
        ..Config::default()
    })
}

/// The query in pages of 200 rows into this file.
fn query(lab: &Lab, file: &Path) -> Command {
    lab.command([
        "query",
        SOQL,
        "--batch-size",
        "200",
        "--output-file",
        file.to_str().unwrap(),
    ])
}

/// What is in the home directory, by name.
fn names(lab: &Lab) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(lab.home())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "cache")
        .collect();
    names.sort();
    names
}

/// CSV used to be written into a.json without a word.
#[test]
fn a_file_that_is_named_after_another_format_is_told_with_its_own() {
    let lab = lab();
    for (file, format, kind) in [
        ("a.json", "csv", ", as csv"),
        ("a.JSON", "ndjson", ", as ndjson"),
        ("a.csv", "json", ", as json"),
        ("a.jsonl", "ndjson", ""),
        ("a.json", "json", ""),
        ("a.txt", "csv", ""),
    ] {
        for command in ["query", "bulk-query"] {
            let rows = ["--output-file", file, "-r", format];
            let run = lab.run([&[command, SOQL][..], &rows].concat()).exits(0);
            let note = format!("note: 450 rows in {file}{kind}\n");
            assert!(run.stderr.ends_with(&note), "{}", run.stderr);
        }
    }
}

#[test]
fn a_file_holds_what_standard_output_would_and_csv_unless_told_otherwise() {
    let lab = lab();
    let expected = lab.stdout(["query", SOQL]);
    let run = lab.run(["query", SOQL, "--output-file", "rows"]).exits(0);
    assert_eq!(
        (run.stdout.as_str(), run.stderr.as_str()),
        ("", "note: 450 rows in rows\n")
    );
    assert_eq!(fs::read_to_string(lab.path("rows")).unwrap(), expected);

    lab.run(["query", SOQL, "--output-file", "rows", "-r", "ndjson", "-s"])
        .exits(0);
    let expected = lab.stdout(["query", SOQL, "-r", "ndjson"]);
    assert_eq!(fs::read_to_string(lab.path("rows")).unwrap(), expected);
    assert_eq!(names(&lab), ["rows"]);
}

#[test]
fn json_tells_the_number_of_rows_and_the_file_which_is_json_too_unless_told_otherwise() {
    let lab = lab();
    for (format, start) in [
        (None, "{\"records\":["),
        (Some("csv"), "Id,"),
        (Some("json"), "{\"records\":["),
    ] {
        let format = format.into_iter().flat_map(|format| ["-r", format]);
        let arguments = ["query", SOQL, "--json", "--output-file", "rows"];
        let out = lab.stdout(arguments.into_iter().chain(format));
        let document: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(document, json!({"rows": 450, "file": "rows"}));
        let text = fs::read_to_string(lab.path("rows")).unwrap();
        assert!(text.starts_with(start), "{}", &text[..20]);
    }
}

/// It used to be "rows": 0.
#[test]
fn json_tells_the_number_that_a_count_is() {
    let arguments = ["--json", "--output-file", "count"];
    let out = lab().stdout(
        ["query", "SELECT COUNT() FROM Contact"]
            .iter()
            .chain(&arguments),
    );
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(document, json!({"count": 450, "file": "count"}));
}

#[test]
fn a_dash_is_standard_output_not_a_file() {
    let lab = lab();
    for (command, more) in [
        ("query", [].as_slice()),
        ("query", &["--json"]),
        ("query", &["-r", "xml"]),
        ("bulk-query", &["-s"]),
        ("bulk-query", &["-s", "--bulk-api", "2", "--json"]),
    ] {
        let plain = lab.run([&[command, SOQL], more].concat()).exits(0);
        let dash = [&[command, SOQL, "--output-file", "-"], more].concat();
        let dash = lab.run(dash).exits(0);
        assert_eq!((&dash.stdout, &dash.stderr), (&plain.stdout, &plain.stderr));
        assert_eq!(names(&lab), [] as [&str; 0], "{command} {more:?}");
    }
    let formats = ["--json", "-r", "csv", "--output-file", "-"];
    lab.run([&["query", SOQL][..], &formats].concat()).exits(2);
    lab.run(["query", SOQL, "--output-file", "./-"]).exits(0);
    assert_eq!(names(&lab), ["-"]);
}

#[test]
fn a_file_that_is_replaced_keeps_its_mode_and_a_link_still_leads_to_it() {
    let lab = lab();
    let file = lab.file("target.csv", "old");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("target.csv", lab.path("link.csv")).unwrap();
    finish(query(&lab, &lab.path("link.csv")).spawn().unwrap()).exits(0);
    let link = fs::symlink_metadata(lab.path("link.csv")).unwrap();
    assert!(link.is_symlink());
    let target = fs::metadata(&file).unwrap();
    assert_eq!(target.mode() & 0o777, 0o640);
    assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 451);
    assert_eq!(names(&lab), ["link.csv", "target.csv"]);
}

#[test]
fn a_device_and_a_fifo_are_written_straight() {
    let lab = lab();
    finish(query(&lab, Path::new("/dev/null")).spawn().unwrap()).exits(0);
    let metadata = fs::metadata("/dev/null").unwrap();
    assert!(!metadata.is_file());

    let run = lab.shell(&format!(
        "mkfifo pipe && {{ sfmtls query -s '{SOQL}' --output-file pipe & wc -l < pipe; wait $!; }}"
    ));
    assert_eq!(run.exits(0).stdout.trim(), "451");
    assert_eq!(names(&lab), ["pipe"]);
}

#[test]
fn the_reader_of_a_fifo_may_go_before_the_end() {
    let lab = Lab::logged_in_with(Config {
        rows: 4500,
        ..Config::default()
    });
    let run = lab.shell(&format!(
        "mkfifo pipe && {{ sfmtls query '{SOQL}' --output-file pipe & head -1 pipe; wait $!; }}"
    ));
    let run = run.exits(0);
    assert_eq!(
        (run.stdout.as_str(), run.stderr.as_str()),
        ("Id,LastName\n", "")
    );
}

#[test]
fn a_folder_that_is_missing_is_told_before_anything_is_asked() {
    let lab = lab();
    let before = lab.org.journal().entries.len();
    let run = finish(query(&lab, Path::new("nowhere/rows.csv")).spawn().unwrap()).exits(1);
    assert!(
        run.stderr
            .starts_with("error: cannot write nowhere/rows.csv: "),
        "{}",
        run.stderr
    );
    assert_eq!(lab.org.journal().entries.len(), before);
}

#[test]
fn a_failure_in_the_middle_leaves_the_old_file_and_nothing_else() {
    let lab = lab();
    let file = lab.file("rows.csv", "old");
    for mishap in [
        Mishap::Fault(
            "QUERY_TIMEOUT",
            "Your query request was running for too long.",
        ),
        Mishap::CutXml(5000),
    ] {
        lab.org.plan(Call::QueryMore, When::Nth(2), mishap);
        let run = finish(query(&lab, &file).spawn().unwrap());
        assert!(run.status != 0, "{run:?}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "old");
        assert_eq!(names(&lab), ["rows.csv"]);
    }
}

/// Waits until the program has asked for the page that never comes: then there is a temporary file
/// with rows in it.
fn interrupted(signal: &str) -> (Lab, i32) {
    let lab = lab();
    lab.file("rows.csv", "old");
    lab.org.plan(Call::QueryMore, When::Nth(1), Mishap::Silence);
    let mut child = query(&lab, &lab.path("rows.csv")).spawn().unwrap();
    while child.try_wait().unwrap().is_none()
        && lab.calls().last().map(String::as_str) != Some("queryMore")
    {
        std::thread::yield_now();
    }
    assert_eq!(names(&lab).len(), 2, "{:?}", names(&lab));
    let kill = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(kill.success());
    let status = finish(child).status;
    (lab, status)
}

#[test]
fn a_signal_in_the_middle_leaves_the_old_file_and_nothing_else() {
    for (signal, status) in [("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
        let (lab, ended) = interrupted(signal);
        assert_eq!(ended, status, "{signal}");
        assert_eq!(names(&lab), ["rows.csv"], "{signal}");
        assert_eq!(fs::read_to_string(lab.path("rows.csv")).unwrap(), "old");
    }
}
