//! Jobs outlive the process: made, found again, waited for, aborted, left behind.

use std::fs;

use serde_json::Value;
use sfmtls::local_org::{Call, Mishap, When};

use super::{
    APIS, SOQL, at_once, calls_since, fetch, files, lab, lab_with, looks, make, query, told_job,
};
use crate::judges::on_a_terminal;
use crate::lab::{Lab, Run};

/// The command that a hint ends with.
#[track_caller]
fn hinted(run: &Run) -> &str {
    let at = run.stderr.rfind("sfmtls bulk-query");
    run.stderr[at.unwrap_or_else(|| panic!("no command: {}", run.stderr))..].trim_end()
}

/// Runs the command that a hint ends with.
#[track_caller]
fn take_the_hint(lab: &Lab, run: &Run) -> Run {
    lab.shell(hinted(run))
}

#[test]
fn async_prints_the_id_alone_tells_what_goes_on_and_waits_for_nothing() {
    let lab = lab_with(20, |switches| switches.bulk.pace = looks(9, 9));
    for (api, calls) in [
        ("1", &["bulk1.create", "bulk1.batch", "bulk1.close"][..]),
        ("2", &["bulk2.create"]),
    ] {
        let command = ["bulk-query", "--bulk-api", api, "--async", SOQL];
        let before = lab.calls().len();
        let run = lab.run(command).exits(0);
        assert_eq!(calls_since(&lab, before), calls);
        let id = run.stdout.trim_end();
        assert!(id.starts_with("750") && id.len() == 18, "{}", run.stdout);
        let option = if api == "2" { " --bulk-api 2" } else { "" };
        let next = format!("sfmtls bulk-query --job-id {id}{option}");
        assert_eq!(run.stderr, format!("note: go on with the job: {next}\n"));

        let run = lab.run(command.iter().chain(&["--json", "-s"])).exits(0);
        assert_eq!(run.stderr, "");
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        assert!(document["jobId"].as_str().unwrap().starts_with("750"));
        assert_eq!(document["bulkApi"], api);
    }
}

/// The ID used to be there twice.
#[test]
fn on_a_terminal_async_shows_the_id_and_the_command_that_goes_on() {
    let lab = lab(20);
    let line = "sfmtls bulk-query --async 'SELECT Id FROM Contact' --color never";
    let shown = on_a_terminal(&lab, line, &[]).text;
    let lines: Vec<_> = shown.lines().collect();
    let [id, next] = lines[..] else {
        panic!("{shown:?}");
    };
    assert!(id.starts_with("750") && id.len() == 18, "{shown:?}");
    let command = next.strip_prefix("note: go on with the job: ").unwrap();
    let run = lab.shell(&format!("{command} -s")).exits(0);
    assert_eq!(run.stdout.lines().count(), 21);
    let shown = on_a_terminal(&lab, &format!("{line} -s"), &[]).text;
    assert_eq!(shown.lines().count(), 1, "{shown:?}");
}

#[test]
fn async_that_cannot_print_the_id_tells_it_in_the_failure() {
    let lab = lab(20);
    let run = lab.shell(&format!("sfmtls bulk-query -s --async '{SOQL}' >/dev/full"));
    let run = run.exits(1);
    assert!(
        run.stderr.contains("--job-id 750") && run.stderr.contains("hint: "),
        "{}",
        run.stderr
    );
}

#[test]
fn a_job_is_told_at_once_and_then_its_states() {
    let lab = lab_with(20, |switches| switches.bulk.pace = looks(1, 0));
    for (api, states) in [
        ("1", "Batch state is: Queued\nBatch state is: Completed\n"),
        (
            "2",
            "Job state is: UploadComplete\nJob state is: JobComplete\n",
        ),
    ] {
        let run = lab.run(["bulk-query", "--bulk-api", api, SOQL]).exits(0);
        let job = told_job(&run.stderr);
        assert_eq!(run.stderr, format!("Created job: {job}\n{states}"));
        // By 15 characters as well.
        let again = fetch(&lab, api, &job[..15], &["-s"]).exits(0);
        assert_eq!((again.stdout, again.stderr.as_str()), (run.stdout, ""));
    }
}

#[test]
fn a_job_that_is_not_done_in_time_goes_on_and_the_hint_fetches_it() {
    let lab = lab(20);
    for (api, wait, looked) in [("1", "0s", 1), ("2", "0", 1), ("1", "1s", 3)] {
        lab.org
            .switch(|switches| switches.bulk.pace = looks(looked, 0));
        let command = ["bulk-query", SOQL, "--bulk-api", api, "--wait", wait];
        let more = ["-r", "ndjson", "--output-file", "the rows.ndjson", "-s"];
        let run = lab.run(command.iter().chain(&more)).exits(7);
        assert!(run.stderr.contains(" is not done "), "{}", run.stderr);
        assert_eq!(files(&lab), [] as [&str; 0]);
        take_the_hint(&lab, &run).exits(0);
        let rows = fs::read_to_string(lab.path("the rows.ndjson")).unwrap();
        assert_eq!(rows.lines().count(), 20);
        fs::remove_file(lab.path("the rows.ndjson")).unwrap();

        let run = lab.run(command.iter().chain(&["--json"])).exits(7);
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(document["error"]["code"], "out-of-time");
        let hint = document["error"]["hint"].as_str().unwrap();
        assert!(hint.ends_with(" --json"), "{hint}");
    }
}

/// It used to be lost, so that the command went by the proxy of the environment.
#[test]
fn the_hint_keeps_that_there_is_to_be_no_proxy() {
    let mut lab = lab_with(20, |switches| switches.bulk.pace = looks(9, 0));
    let run = lab
        .run(["bulk-query", SOQL, "-x", "", "--wait", "0"])
        .exits(7);
    assert!(hinted(&run).contains(" --proxy ''"), "{}", run.stderr);
    lab.org.switch(|switches| switches.bulk.pace = looks(0, 0));
    lab.set("HTTPS_PROXY", "http://localhost:1");
    take_the_hint(&lab, &run).exits(0);
}

#[test]
fn no_time_to_wait_is_one_look_which_fetches_what_is_done() {
    let lab = lab(20);
    for (api, look) in [("1", "bulk1.batches"), ("2", "bulk2.info")] {
        lab.org.switch(|switches| switches.bulk.pace = looks(1, 0));
        let job = make(&lab, api, &[SOQL]);
        let before = lab.calls().len();
        fetch(&lab, api, &job, &["--wait", "0"]).exits(7);
        assert_eq!(calls_since(&lab, before), [look]);
        let run = fetch(&lab, api, &job, &["--wait", "0", "-r", "ndjson"]).exits(0);
        assert_eq!(run.stdout.lines().count(), 20);
    }
}

#[test]
fn an_aborted_job_has_no_result() {
    let lab = lab_with(20, |switches| switches.bulk.pace = looks(9, 9));
    for api in APIS {
        let job = make(&lab, api, &[SOQL]);
        let run = fetch(&lab, api, &job, &["--abort"]).exits(0);
        assert_eq!(run.stdout, format!("Job {job} is Aborted\n"));
        let before = lab.calls().len();
        let run = fetch(&lab, api, &job, &[]).exits(4);
        let ended = format!("error: the job {job} ended as Aborted\n  hint: somebody ended it ");
        assert!(run.stderr.contains(&ended), "{}", run.stderr);
        // It is not taken for a job whose chunks are still to come.
        assert!(calls_since(&lab, before).len() <= 2, "{:?}", lab.calls());
        let job = make(&lab, api, &[SOQL]);
        let run = fetch(&lab, api, &job, &["--abort", "--json"]).exits(0);
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(document["jobId"], job.as_str());
        assert_eq!(document["state"], "Aborted");
    }
}

#[test]
fn a_job_of_the_other_api_is_not_found_and_the_hint_finds_it() {
    let lab = lab(20);
    for (api, other) in [("1", "2"), ("2", "1")] {
        let job = make(&lab, api, &[SOQL]);
        let run = fetch(&lab, other, &job, &["-r", "json"]).exits(4);
        let found = take_the_hint(&lab, &run).exits(0);
        assert!(
            found.stdout.starts_with("{\"records\":["),
            "{}",
            found.stdout
        );
        let run = fetch(&lab, other, &job, &["--abort", "-s"]).exits(4);
        assert!(hinted(&run).ends_with(" --abort"), "{}", run.stderr);
    }
}

#[test]
fn a_job_that_got_no_query_is_told_and_can_be_aborted() {
    let lab = lab(20);
    let fault = Mishap::Fault("ExceededQuota", "no more batches today");
    lab.org.plan(Call::BulkBatch, When::Nth(1), fault);
    let run = lab.run(["bulk-query", SOQL, "-s"]).exits(4);
    assert_eq!(run.stdout, "");
    assert!(
        run.stderr.contains("abort the job that was started:\n"),
        "{}",
        run.stderr
    );
    let aborted = take_the_hint(&lab, &run).exits(0);
    assert!(aborted.stdout.ends_with(" is Aborted\n"));
}

#[test]
fn a_job_whose_answers_are_lost_later_is_told_and_can_be_fetched() {
    let fault = || Mishap::Fault("InternalServerError", "not today");
    for (call, arguments) in [
        (Call::BulkClose, &[][..]),
        (Call::BulkLook, &["--bulk-api", "2"]),
        (
            Call::BulkResults,
            &["--session", "cache/session.json", "--api-version", "60.0"],
        ),
        (Call::BulkResult, &["--mtls-port", "PORT", "-r", "json"]),
    ] {
        let mut lab = lab(20);
        let port = lab.org.mutual_port().to_string();
        if arguments.contains(&"--mtls-port") {
            lab.set("SFMTLS_MTLS_PORT", "1");
        }
        lab.org.plan(call, When::Nth(1), fault());
        let arguments: Vec<_> = arguments
            .iter()
            .map(|argument| argument.replace("PORT", &port))
            .collect();
        let command = ["bulk-query", SOQL, "-s"].map(str::to_owned);
        let run = lab.run(command.iter().chain(&arguments)).exits(4);
        assert!(
            run.stderr.contains("go on with the job:\n"),
            "{}",
            run.stderr
        );
        // What was typed to reach the org is typed again.
        for argument in &arguments {
            assert!(
                hinted(&run).contains(argument),
                "{argument}: {}",
                run.stderr
            );
        }
        let rows = take_the_hint(&lab, &run).exits(0).stdout;
        assert!(
            rows.contains("Contact 19") || rows.contains("Account"),
            "{rows}"
        );
    }
}

#[test]
fn a_failed_look_does_not_fail_the_job() {
    let lab = lab(20);
    let page = || Mishap::Page {
        status: 503,
        content_type: "text/html",
        retry_after: None,
    };
    for api in APIS {
        let job = make(&lab, api, &[SOQL]);
        lab.org.plan(Call::BulkLook, When::Nth(1), page());
        let run = fetch(&lab, api, &job, &["--retry", "0"]).exits(0);
        assert!(
            run.stderr
                .starts_with("note: could not check the job, which is still running: "),
            "{}",
            run.stderr
        );
        assert!(!run.stderr.contains("state is: \n"), "{}", run.stderr);
    }
}

/// Chunks take five seconds to be known for all, so these wait side by side.
#[test]
fn chunks_come_out_whole_and_a_failed_one_costs_no_other_rows() {
    let chunked = |lab: &Lab, more: &[&str]| {
        let command = ["bulk-query", SOQL, "--pk-chunking=60"];
        lab.run(command.iter().chain(more))
    };
    let tests: [&(dyn Fn() + Sync); 6] = [
        &|| {
            // They appear in two steps, the last one without rows.
            let lab = lab_with(200, |switches| switches.bulk.chunks.empty = true);
            let whole = query(&lab, "1", SOQL, &[]).exits(0).stdout;
            let run = chunked(&lab, &["--pk-parent", "Contact"]).exits(0);
            assert!(run.stdout == whole);
            assert!(
                run.stderr.contains(" batches are done)\n"),
                "{}",
                run.stderr
            );
            assert!(lab.calls().contains(&"bulk1.close".to_owned()));
        },
        &|| {
            let lab = lab(200);
            let whole = query(&lab, "1", SOQL, &[]).exits(0).stdout;
            let before = lab.calls().len();
            let job = make(&lab, "1", &[SOQL, "--pk-chunking=60"]);
            assert_eq!(calls_since(&lab, before), ["bulk1.create", "bulk1.batch"]);
            let run = fetch(&lab, "1", &job, &["--wait", "0"]).exits(0);
            assert!(run.stdout == whole);
            assert!(calls_since(&lab, before).contains(&"bulk1.close".to_owned()));
        },
        &|| {
            let lab = lab_with(200, |switches| switches.bulk.chunks.failed = Some(1));
            let run = chunked(&lab, &["--output-file", "rows.csv"]).exits(4);
            assert!(run.stderr.contains("error: batch 751"), "{}", run.stderr);
            assert!(
                run.stderr.contains("one of 4 batches: InvalidBatch : "),
                "{}",
                run.stderr
            );
            let kept = "  cause: 140 rows of the other batches are in rows.csv.incomplete\n";
            assert!(run.stderr.contains(kept), "{}", run.stderr);
            assert!(run.stderr.contains("--pk-chunking=SIZE"), "{}", run.stderr);
            assert_eq!(files(&lab), ["rows.csv.incomplete"]);
            let rows = fs::read_to_string(lab.path("rows.csv.incomplete")).unwrap();
            let rows = crate::judges::read(crate::judges::Format::Csv, &rows);
            assert_eq!(rows.as_array().unwrap().len(), 141);
        },
        &|| {
            // The batch used to be forgotten over the file.
            let lab = lab_with(200, |switches| switches.bulk.chunks.failed = Some(1));
            fs::create_dir(lab.path("rows.csv.incomplete")).unwrap();
            let run = chunked(&lab, &["--output-file", "rows.csv"]).exits(4);
            assert!(run.stderr.contains("error: batch 751"), "{}", run.stderr);
            let lost = "  cause: the rows of the other batches are not kept: cannot ";
            assert!(run.stderr.contains(lost), "{}", run.stderr);
            assert!(run.stderr.contains("--pk-chunking=SIZE"), "{}", run.stderr);
            assert!(
                hinted(&run).ends_with(" --output-file FILE"),
                "{}",
                run.stderr
            );
        },
        &|| {
            let lab = lab_with(200, |switches| switches.bulk.chunks.failed = Some(0));
            let run = chunked(&lab, &["--json"]).exits(4);
            let document: Value = serde_json::from_str(&run.stdout).unwrap();
            assert_eq!(document["error"]["code"], "batch-failed");
            let hint = document["error"]["hint"].as_str().unwrap();
            assert!(
                hint.contains("\nor keep the other batches' rows, in FILE.incomplete: sfmtls ")
            );
            assert!(hint.ends_with(" --output-file FILE --json"), "{hint}");
            assert_eq!(files(&lab), [] as [&str; 0]);
        },
        &|| {
            // Salesforce says nothing of it: there is one batch, and the job is still open.
            let lab = lab(200);
            let run = lab.run([
                "bulk-query",
                "SELECT Id FROM Contact LIMIT 7",
                "--pk-chunking",
            ]);
            assert_eq!(run.exits(0).stdout.lines().count(), 8);
            assert!(lab.calls().contains(&"bulk1.close".to_owned()));
        },
    ];
    at_once(tests, |test| test());
}

#[test]
fn options_that_do_not_go_together_are_wrong_usage_before_anything_is_asked() {
    let lab = lab(10);
    let before = lab.calls().len();
    for (arguments, message) in [
        (&["--bulk-api", "3", "x"][..], "possible values: 1, 2"),
        (&["--bulk-api", "2", "--pk-chunking", "x"], "--bulk-api 1"),
        (&["--bulk-api", "2", "--object", "A", "x"], "--bulk-api 1"),
        (&["--line-ending", "LF", "x"], "--bulk-api 2"),
        (&["--column-delimiter", "TAB", "x"], "--bulk-api 2"),
        (&["--pk-parent", "Account", "x"], "--pk-chunking"),
        (&["--pk-chunking=250001", "x"], "250000"),
        (&["--pk-chunking=0", "x"], "250000"),
        (&["--abort"], "--job-id"),
        (&["--job-id", "750000000000001", "x"], "cannot be used with"),
        (&["--job-id", "../../data/v64.0"], "is not an ID"),
        (
            &["--job-id", "750000000000001", "--async"],
            "cannot be used with",
        ),
        (
            &[
                "--job-id",
                "750000000000001",
                "--line-ending",
                "LF",
                "--bulk-api",
                "2",
            ],
            "cannot be used with",
        ),
        (&["--async", "--wait", "1", "x"], "cannot be used with"),
        (&["--wait", "1d", "x"], "90s, 10m or 1h30m"),
        (&["--wait=-1", "x"], "90s, 10m or 1h30m"),
        (&["--parallel", "0", "x"], "from 1 to 64"),
        (&["-r", "xml", "x"], "csv, json, ndjson, human"),
        (&["--json", "-r", "csv", "x"], "different formats"),
        (&[], "no query was given"),
    ] {
        let run = lab.run(["bulk-query"].iter().chain(arguments)).exits(2);
        let said = run.stdout + &run.stderr;
        assert!(said.contains(message), "{arguments:?}: {said}");
    }
    assert_eq!(lab.calls().len(), before);
}
