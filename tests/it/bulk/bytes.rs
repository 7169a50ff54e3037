//! The bytes: those that curl downloads, whatever the number of files, pages and connections.

use sfmtls::local_org::EmptyResult;

use super::{APIS, SOQL, fetch, lab, lab_with, make, query, told_job};
use crate::judges::{Format, read};
use crate::lab::{Lab, finish};

/// A GET by curl, with the certificate and a session of its own.
#[track_caller]
fn curl(lab: &Lab, path: &str, gzip: bool) -> String {
    let files = lab.org.files();
    let session = lab.org.session(0, "localhost");
    let url = format!(
        "https://localhost:{}/services/{path}",
        lab.org.mutual_port()
    );
    let mut command = lab.other("curl", ["-sSf", &url]);
    command.arg("--cacert").arg(&files.ca);
    command.arg("-E").arg(&files.client);
    command.args(["-H", &format!("X-SFDC-Session: {session}")]);
    command.args(["-H", &format!("Authorization: Bearer {session}")]);
    if gzip {
        command.arg("--compressed");
    }
    finish(command.spawn().unwrap()).exits(0).stdout
}

/// The texts of the elements of this name.
fn elements<'a>(xml: &'a str, name: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let after = xml.split(open.as_str()).skip(1);
    after
        .filter_map(|rest| Some(rest.split_once(&close)?.0))
        .collect()
}

/// The result files of a job of Bulk API 1.0, downloaded by curl.
#[track_caller]
fn files_by_curl(lab: &Lab, job: &str, gzip: bool) -> Vec<String> {
    let job = format!("async/64.0/job/{job}/batch");
    let batches = curl(lab, &job, false);
    let mut files = Vec::new();
    for batch in elements(&batches, "id") {
        let list = curl(lab, &format!("{job}/{batch}/result"), false);
        let results = elements(&list, "result");
        let file = |id: &&str| curl(lab, &format!("{job}/{batch}/result/{id}"), gzip);
        files.extend(results.iter().map(file));
    }
    files
}

fn page_by_curl(lab: &Lab, job: &str, gzip: bool) -> String {
    curl(lab, &format!("data/v64.0/jobs/query/{job}/results"), gzip)
}

#[test]
fn both_apis_give_the_bytes_that_curl_downloads_of_the_same_job() {
    let lab = lab_with(300, |switches| switches.bulk.nul_bytes = true);
    for gzip in [true, false] {
        lab.org.switch(|switches| switches.gzip = gzip);
        // The whole way, not by --async.
        let run = lab.run(["bulk-query", SOQL]).exits(0);
        let files = files_by_curl(&lab, told_job(&run.stderr), gzip);
        assert_eq!(files.len(), 1);
        assert!(run.stdout == files[0], "1.0, gzip: {gzip}");

        let run = lab.run(["bulk-query", "--bulk-api", "2", SOQL]).exits(0);
        let page = page_by_curl(&lab, told_job(&run.stderr), gzip);
        assert!(run.stdout == page, "2.0, gzip: {gzip}");
        assert!(page == files[0]);
        for odd in ["\0\"\n", "\r\n", "\"\"", "\u{1f600}"] {
            assert!(page.contains(odd), "{odd:?} is not in the rows");
        }
        // A file gets what a pipe gets.
        let file = ["bulk-query", SOQL, "--output-file", "rows.csv"];
        lab.run(file).exits(0);
        assert!(std::fs::read_to_string(lab.path("rows.csv")).unwrap() == page);
    }
}

#[test]
fn several_files_and_pages_have_one_header_and_the_servers_order_at_any_number_of_connections() {
    let lab = lab_with(600, |switches| {
        switches.bulk.files = 7;
        switches.bulk.page_rows = 70;
    });
    for api in APIS {
        let job = make(&lab, api, &[SOQL]);
        let expected = match api {
            "1" => {
                let files = files_by_curl(&lab, &job, false);
                assert_eq!(files.len(), 7);
                // No value of the header holds a line end.
                let rows = files
                    .iter()
                    .skip(1)
                    .map(|file| file.split_once('\n').unwrap().1);
                std::iter::once(files[0].as_str()).chain(rows).collect()
            }
            _ => curl(
                &lab,
                &format!("data/v64.0/jobs/query/{job}/results?maxRecords=600"),
                false,
            ),
        };
        for parallel in ["1", "2", "4", "64"] {
            let before = lab.calls().len();
            let run = fetch(&lab, api, &job, &["--parallel", parallel]).exits(0);
            assert!(run.stdout == expected, "{api}, {parallel}");
            let calls = super::calls_since(&lab, before);
            let results = calls
                .iter()
                .filter(|call| call.ends_with("result") || *call == "bulk2.results");
            // One after the other, pages are as large as they are asked for.
            let expected = match (api, parallel) {
                ("1", _) => 7,
                (_, "1") => 1,
                _ => 9,
            };
            assert_eq!(results.count(), expected, "{calls:?}");
        }
    }
}

#[test]
fn a_csv_reader_finds_the_rows_that_query_finds() {
    let lab = lab_with(200, |switches| switches.bulk.files = 3);
    let oracle = lab.stdout(["query", SOQL, "-r", "json"]);
    let oracle = read(Format::Json, &oracle);
    let expected: Vec<Vec<String>> = oracle["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| {
            let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
            vec![
                text(&record["Id"]),
                text(&record["FirstName"]),
                text(&record["Description"]),
                text(&record["Account"]["Name"]),
            ]
        })
        .collect();
    assert_eq!(expected.len(), 200);
    for api in APIS {
        let run = query(&lab, api, SOQL, &[]).exits(0);
        let mut rows: Vec<Vec<String>> =
            serde_json::from_value(read(Format::Csv, &run.stdout)).unwrap();
        let header = rows.remove(0);
        assert_eq!(header, ["Id", "FirstName", "Description", "Account.Name"]);
        assert!(rows == expected, "{api}");
    }
}

#[test]
fn delimiters_and_line_ends_are_those_asked_for_and_a_reader_finds_the_same_cells() {
    let lab = lab(30);
    let expected = read(Format::Csv, &query(&lab, "2", SOQL, &[]).exits(0).stdout);
    for (name, delimiter) in [
        ("COMMA", ","),
        ("TAB", "\t"),
        ("PIPE", "|"),
        ("semicolon", ";"),
        ("CARET", "^"),
        ("BACKQUOTE", "`"),
    ] {
        for (ending, line_end) in [("LF", "\n"), ("crlf", "\r\n")] {
            let dialect = ["--column-delimiter", name, "--line-ending", ending];
            let job = make(&lab, "2", &[&[SOQL][..], &dialect].concat());
            let run = fetch(&lab, "2", &job, &[]).exits(0);
            assert!(
                run.stdout == page_by_curl(&lab, &job, false),
                "{name} {ending}"
            );
            let first =
                ["Id", "FirstName", "Description", "Account.Name"].map(|c| format!("\"{c}\""));
            let header = first.join(delimiter) + line_end;
            assert!(run.stdout.starts_with(&header), "{name} {ending}");
            // Records are taken apart by the job's delimiter, which is not told again.
            let json = fetch(&lab, "2", &job, &["-r", "json"]).exits(0).stdout;
            let records = read(Format::Json, &json)["records"].clone();
            let records = records.as_array().unwrap();
            assert_eq!(records.len(), 30);
            for (record, row) in records.iter().zip(&expected.as_array().unwrap()[1..]) {
                assert_eq!(
                    record["Description"].as_str().unwrap_or_default(),
                    row[2],
                    "{name} {ending}"
                );
            }
        }
    }
}

#[test]
fn without_rows_the_header_is_there_whatever_the_server_sent() {
    let lab = lab(10);
    let none = "SELECT Id, Account.Name FROM Contact WHERE LastName = 'nobody'";
    for empty in [
        EmptyResult::AsUsual,
        EmptyResult::Header,
        EmptyResult::Nothing,
    ] {
        lab.org
            .switch(|switches| switches.bulk.empty_result = empty);
        // The query is known here, and in 1.0 the server keeps it.
        let run = lab.run(["bulk-query", none]).exits(0);
        assert_eq!(run.stdout, "\"Id\",\"Account.Name\"\n", "{empty:?}");
        let run = query(&lab, "1", none, &[]).exits(0);
        assert_eq!(run.stdout, "\"Id\",\"Account.Name\"\n", "{empty:?}");
        let crlf = ["--line-ending", "CRLF", "--column-delimiter", "TAB"];
        let command = ["bulk-query", "--bulk-api", "2", none];
        let run = lab.run(command.iter().chain(&crlf)).exits(0);
        assert_eq!(run.stdout, "\"Id\"\t\"Account.Name\"\r\n", "{empty:?}");
        for (format, text) in [
            ("json", "{\"records\":[],\"totalSize\":0,\"done\":true}\n"),
            ("ndjson", ""),
        ] {
            for api in APIS {
                let run = query(&lab, api, none, &["-r", format]).exits(0);
                assert_eq!(run.stdout, text, "{api}, {format}, {empty:?}");
            }
        }
    }
}

#[test]
fn deleted_rows_come_with_all_rows_and_not_without() {
    let lab = lab(200);
    let soql = "SELECT Id, IsDeleted FROM Contact";
    for api in APIS {
        let live = query(&lab, api, soql, &[]).exits(0).stdout;
        assert_eq!(
            (live.lines().count(), live.matches("\"true\"").count()),
            (201, 0)
        );
        let job = make(&lab, api, &[soql, "--all-rows"]);
        let all = fetch(&lab, api, &job, &[]).exits(0).stdout;
        assert_eq!(
            (all.lines().count(), all.matches("\"true\"").count()),
            (211, 10)
        );
    }
}

#[test]
fn the_object_is_the_one_in_from_or_the_one_that_is_named() {
    let lab = lab(10);
    for soql in [
        "SELECT Id FROM Contact",
        "select Id\n\tfrom\n Contact c where LastName != 'FROM Account'",
        "SELECT Id FROM Contact WHERE AccountId IN (SELECT Id FROM Account)",
    ] {
        let job = make(&lab, "1", &[soql]);
        let info = curl(&lab, &format!("async/64.0/job/{job}"), false);
        assert_eq!(elements(&info, "object"), ["Contact"], "{soql}");
    }
    let run = lab.run(["bulk-query", "SELECT Id FROM", "-s"]).exits(2);
    assert!(run.stderr.contains("--object NAME"), "{}", run.stderr);
    let job = make(
        &lab,
        "1",
        &["SELECT Id FROM Contact", "--object", "Account"],
    );
    let run = fetch(&lab, "1", &job, &[]).exits(4);
    assert!(
        run.stderr.contains("The job is about Account"),
        "{}",
        run.stderr
    );
}
