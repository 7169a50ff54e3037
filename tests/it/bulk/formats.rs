//! json, ndjson and human: made of the same bytes.

use std::fs;

use serde_json::{Value, json};

use super::{APIS, SOQL, fetch, files, lab, lab_with, make, query};
use crate::judges::{Format, on_a_terminal, read};

/// A record as query writes it, as bulk-query does: without attributes, empty as null.
fn without_attributes(record: &Value) -> Value {
    match record {
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(name, _)| *name != "attributes");
            let fields = fields.map(|(name, value)| (name.clone(), without_attributes(value)));
            Value::Object(fields.collect())
        }
        Value::String(text) if text.is_empty() => Value::Null,
        other => other.clone(),
    }
}

#[test]
fn json_and_ndjson_have_the_records_that_query_has_and_python_reads_them() {
    let lab = lab_with(120, |switches| {
        switches.bulk.files = 3;
        switches.bulk.page_rows = 50;
    });
    let oracle = read(Format::Json, &lab.stdout(["query", SOQL, "-r", "json"]));
    let expected: Vec<Value> = oracle["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| {
            let mut record = without_attributes(record);
            // CSV has columns of a parent that is not there.
            if record["Account"].is_null() {
                record["Account"] = json!({ "Name": null });
            }
            record
        })
        .collect();
    for api in APIS {
        for parallel in ["1", "4"] {
            let more = |format| ["-r", format, "--parallel", parallel];
            let job = make(&lab, api, &[SOQL]);
            let whole = fetch(&lab, api, &job, &more("json")).exits(0).stdout;
            let document = read(Format::Json, &whole);
            assert_eq!(document["totalSize"], 120);
            assert_eq!(document["done"], true);
            assert!(
                *document["records"].as_array().unwrap() == expected,
                "{api}, {parallel}"
            );
            let lines = fetch(&lab, api, &job, &more("ndjson")).exits(0).stdout;
            let records = read(Format::Ndjson, &lines);
            assert!(
                *records.as_array().unwrap() == expected,
                "{api}, {parallel}"
            );
        }
    }
}

#[test]
fn nul_bytes_and_line_ends_in_values_pass_into_every_format() {
    let lab = lab_with(30, |switches| switches.bulk.nul_bytes = true);
    let soql = "SELECT Id, Description FROM Contact";
    for api in APIS {
        let csv = read(Format::Csv, &query(&lab, api, soql, &[]).exits(0).stdout);
        let json = query(&lab, api, soql, &["-r", "json"]).exits(0).stdout;
        let json = read(Format::Json, &json);
        let rows = csv.as_array().unwrap()[1..]
            .iter()
            .map(|row| row[1].as_str().unwrap());
        let records = json["records"].as_array().unwrap().iter();
        let records = records.map(|record| record["Description"].as_str().unwrap_or_default());
        let (rows, records): (Vec<_>, Vec<_>) = (rows.collect(), records.collect());
        assert!(rows == records);
        for odd in ["\0", "\r\n", "\""] {
            assert!(rows.iter().any(|value| value.contains(odd)), "{odd:?}");
        }
    }
}

#[test]
fn json_is_one_document_in_a_file_too_unless_r_says_otherwise() {
    let lab = lab(20);
    let job = make(&lab, "1", &[SOQL]);
    let json = fetch(&lab, "1", &job, &["-r", "json"]).exits(0).stdout;
    assert_eq!(fetch(&lab, "1", &job, &["--json"]).exits(0).stdout, json);
    for (format, start) in [
        (None, "{\"records\":["),
        (Some("csv"), "\"Id\","),
        (Some("ndjson"), "{\"Id\""),
    ] {
        let format = format.into_iter().flat_map(|format| ["-r", format]);
        let more: Vec<_> = ["--json", "--output-file", "rows"]
            .into_iter()
            .chain(format)
            .collect();
        let out = fetch(&lab, "1", &job, &more).exits(0).stdout;
        let document: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(document, json!({"rows": 20, "file": "rows"}));
        let text = fs::read_to_string(lab.path("rows")).unwrap();
        assert!(text.starts_with(start), "{}", &text[..20]);
    }
    assert_eq!(files(&lab), ["rows"]);
}

#[test]
fn human_is_a_table_fitted_to_the_terminal_and_whole_in_a_pipe() {
    let lab = lab(3);
    let soql = "SELECT Id, LastName, Account.Name FROM Contact";
    let piped = query(&lab, "1", soql, &["-r", "human"]).exits(0);
    assert!(
        piped.stdout.starts_with("Id                  LastName "),
        "{}",
        piped.stdout
    );
    assert_eq!(piped.stdout.lines().count(), 5);
    assert!(piped.stderr.ends_with("\n3 rows\n"), "{}", piped.stderr);
    let job = make(&lab, "1", &[soql]);
    let line = format!("stty rows 24 cols 60; sfmtls bulk-query --job-id {job} -r human");
    let shown = on_a_terminal(&lab, &line, &[]);
    let table: Vec<_> = shown
        .text
        .lines()
        .filter(|line| line.starts_with("003"))
        .collect();
    assert_eq!(table.len(), 3, "{}", shown.text);
    for row in table {
        assert!(row.chars().count() <= 60, "{row}");
    }
}
