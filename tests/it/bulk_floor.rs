//! The bulk floor against the local org: every call over real TLS, every mishap of the wire.

mod lab;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use sfmtls::local_org::{Call, Ending, Mishap, Pace, When};
use sfmtls::salesforce::bulk::job::{wait_v1, wait_v2};
use sfmtls::salesforce::bulk::{BulkError, v1, v2};
use sfmtls::salesforce::endpoint::ApiVersion;
use sfmtls::text::csv::reader::{Cells, Records};

use lab::{Lab, new_v2, watched};

const SOQL: &str = "SELECT Id, FirstName, Description, Account.Name FROM Contact";

/// Few bytes.
const SMALL: &str = "SELECT Id, FirstName FROM Contact LIMIT 2";

#[test]
fn both_apis_bring_the_same_rows_with_few_calls() {
    let lab = Lab::new(25);
    let (one, totals) = lab.v1(SOQL).expect("rows of 1.0");
    assert_eq!(totals.rows, 25);
    assert!(one.starts_with("\"Id\",\"FirstName\",\"Description\",\"Account.Name\"\n"));
    let calls = lab.calls();
    assert!(calls.len() <= 8, "{calls:?}");
    let (two, totals) = lab.v2(SOQL).expect("rows of 2.0");
    assert_eq!(totals.rows, 25);
    assert_eq!(one, two);
    assert!(lab.calls().len() - calls.len() <= 8);
}

#[test]
fn many_files_and_pages_come_out_as_one() {
    let mut lab = Lab::new(3000);
    let (whole, _) = lab.v1(SOQL).expect("one file");
    lab.org.switch(|switches| switches.bulk.files = 7);
    for (parallel, version) in [(1, "64.0"), (4, "64.0"), (4, "57.0")] {
        lab.parallel = parallel;
        assert!(lab.v1(SOQL).expect("files").0 == whole, "{parallel}");
        let mut lab = Lab::at(3000, version.parse().expect("a version"));
        lab.parallel = parallel;
        lab.page_rows = 500;
        lab.org.switch(|switches| switches.bulk.page_rows = 500);
        let (pages, totals) = lab.v2(SOQL).expect("pages");
        assert_eq!(totals.rows, 3000);
        assert!(pages == whole, "{parallel}, {version}");
        let lists = lab
            .calls()
            .iter()
            .filter(|call| *call == "bulk2.pages")
            .count();
        assert_eq!(
            lists > 0,
            parallel == 4 && version == "64.0",
            "{:?}",
            lab.calls()
        );
    }
}

#[test]
fn no_rows_are_a_result() {
    let lab = Lab::new(3);
    let soql = "SELECT Id FROM Contact WHERE FirstName = 'nobody'";
    let (text, totals) = lab.v1(soql).expect("a result");
    assert_eq!((text.as_str(), totals.rows, totals.header), ("", 0, None));
    let (text, totals) = lab.v2(soql).expect("a result");
    assert_eq!((text.as_str(), totals.rows), ("\"Id\"\n", 0));
}

#[test]
fn a_loss_after_every_byte_on_the_wire_ends_in_the_whole_result() {
    let lab = Lab::new(2);
    let (whole, _) = lab.v1(SMALL).expect("rows");
    let job = lab.create_v1(SMALL, None).expect("a job");
    let results = || lab.results_v1(&job).expect("results");
    for ending in [Ending::Reset, Ending::Close, Ending::CloseNotify] {
        for gzip in [false, true] {
            lab.org.switch(|switches| switches.gzip = gzip);
            for after in 0..=whole.len() {
                let after = Some(after);
                let mishap = Mishap::Cut { after, ending };
                lab.org.plan(Call::BulkResult, When::Nth(1), mishap);
                let (text, totals) = lab.fetch(results()).expect("the whole result");
                assert_eq!(
                    (text.as_str(), totals.rows),
                    (whole.as_str(), 2),
                    "{after:?}"
                );
            }
        }
    }
}

#[test]
fn long_results_survive_cuts_and_slow_starts_side_by_side() {
    let mut lab = Lab::new(3000);
    lab.org.switch(|switches| switches.bulk.files = 6);
    let (whole, _) = lab.v1(SOQL).expect("files");
    lab.parallel = 3;
    for cut in [1_000, 20_000, 40_000] {
        for nth in [1, 2, 4, 5] {
            let mishap = Mishap::Cut {
                after: Some(cut * nth),
                ending: Ending::Reset,
            };
            lab.org
                .plan(Call::BulkResult, When::Nth(nth as u64), mishap);
        }
        let (text, totals) = lab.v1(SOQL).expect("files");
        assert_eq!(totals.rows, 3000);
        assert!(text == whole);
    }
}

#[test]
fn what_is_wrong_with_a_result_is_an_error_of_its_own() {
    let wrong = |mishap, check: fn(&BulkError) -> bool| {
        for api in [1, 2] {
            let mut lab = Lab::new(25);
            lab.page_rows = 13;
            lab.org.switch(|switches| switches.bulk.files = 2);
            lab.org
                .plan(Call::BulkResult, When::Nth(2), Mishap::clone(&mishap));
            let result = if api == 1 { lab.v1(SOQL) } else { lab.v2(SOQL) };
            let error = result.expect_err("it is not whole");
            assert!(check(&error), "{api}, {mishap:?}: {error}");
        }
    };
    wrong(Mishap::OtherHeader, |e| {
        matches!(e, BulkError::OtherHeaders { .. })
    });
    wrong(
        Mishap::FewerRows(3),
        |e| matches!(e, BulkError::OtherRows { what, announced, received } if announced - received == 3 && !what.starts_with("job")),
    );
    wrong(Mishap::Fault("InvalidJob", "no"), |e| {
        e.to_string().contains("InvalidJob: no")
    });
    wrong(
        Mishap::Page {
            status: 200,
            content_type: "text/csv",
            retry_after: None,
        },
        |e| e.to_string().contains("a web page came"),
    );
    let lab = Lab::new(25);
    lab.org.switch(|switches| switches.gzip = false);
    lab.org
        .plan(Call::BulkResult, When::Always, Mishap::LengthTooLong(5));
    let error = lab.v1(SOQL).expect_err("it is never whole");
    assert!(matches!(error, BulkError::Lost { .. }), "{error}");
}

#[test]
fn pages_that_lead_nowhere_are_an_error() {
    let lab = Lab::new(25);
    lab.org
        .plan(Call::BulkResult, When::Always, Mishap::NoLocator);
    let error = lab.v2(SOQL).expect_err("whether more follows is not known");
    assert!(matches!(error, BulkError::NoLocator { .. }), "{error}");
}

#[test]
fn a_result_list_that_grows_is_asked_for_again() {
    let lab = Lab::new(25);
    let (whole, _) = lab.v1(SOQL).expect("rows");
    lab.org.switch(|switches| switches.bulk.files = 3);
    lab.org
        .plan(Call::BulkResults, When::Nth(1), Mishap::FewerFiles(1));
    assert_eq!(lab.v1(SOQL).expect("rows").0, whole);
    lab.org
        .plan(Call::BulkResults, When::Always, Mishap::FewerFiles(1));
    let error = lab.v1(SOQL).expect_err("rows are missing");
    assert!(matches!(error, BulkError::OtherRows { .. }), "{error}");
}

#[test]
fn a_session_that_ends_anywhere_is_renewed_also_by_several_threads() {
    let mut lab = Lab::new(300);
    lab.org.switch(|switches| {
        switches.bulk.files = 5;
        switches.bulk.page_rows = 60;
    });
    lab.parallel = 3;
    let (whole, _) = lab.v1(SOQL).expect("rows");
    for call in [
        Call::BulkCreate,
        Call::BulkBatch,
        Call::BulkClose,
        Call::BulkLook,
        Call::BulkResults,
        Call::BulkResult,
    ] {
        lab.org.plan(call, When::Nth(1), Mishap::SessionEnds);
        assert!(lab.v1(SOQL).expect("rows of 1.0").0 == whole, "{call:?}");
        if !matches!(call, Call::BulkBatch | Call::BulkClose) {
            lab.org.plan(call, When::Nth(1), Mishap::SessionEnds);
            assert!(lab.v2(SOQL).expect("rows of 2.0").0 == whole, "{call:?}");
        }
    }
    // However many threads lost it.
    assert_eq!(lab.renewals.load(Ordering::Relaxed), 10);
}

#[test]
fn a_call_whose_answer_is_lost_is_made_again_or_found_to_have_been_made() {
    let lab = Lab::new(3);
    for call in [
        Call::BulkCreate,
        Call::BulkBatch,
        Call::BulkClose,
        Call::BulkLook,
        Call::BulkResults,
        Call::BulkResult,
    ] {
        let lost = Mishap::Cut {
            after: None,
            ending: Ending::Reset,
        };
        lab.org.plan(call, When::Nth(1), lost);
        let (_, totals) = lab
            .v1(SMALL)
            .unwrap_or_else(|error| panic!("{call:?}: {error}"));
        assert_eq!(totals.rows, 2);
    }
    let calls = lab.calls();
    let count = |name: &str| calls.iter().filter(|call| *call == name).count();
    // Six jobs and a stray one, six queries of which none was sent twice.
    assert_eq!((count("bulk1.create"), count("bulk1.batch")), (7, 6));
}

#[test]
fn chunks_are_waited_for_and_the_job_is_closed_when_all_are_known() {
    let lab = Lab::new(3000);
    let (whole, _) = lab.v1(SOQL).expect("rows");
    let chunking = || {
        Some(v1::Chunking {
            size: Some(700),
            parent: None,
        })
    };
    let job = lab.create_v1(SOQL, chunking()).expect("a job");
    let (text, totals) = lab
        .fetch(lab.results_v1(&job).expect("chunks"))
        .expect("rows");
    assert_eq!(totals.rows, 3000);
    assert_eq!(text.len(), whole.len());
    assert_eq!(
        v1::get_job(&lab.client, &job).expect("the job").state,
        "Closed"
    );

    lab.org
        .switch(|switches| switches.bulk.chunks.failed = Some(2));
    let job = lab.create_v1(SOQL, chunking()).expect("a job");
    let batches = watched(|watch| wait_v1(&lab.client, &job, watch)).expect("all have ended");
    let error = v1::failure(&job, &batches).expect("one has failed");
    assert!(
        matches!(error, BulkError::BatchFailed { failed: 1, .. }),
        "{error}"
    );
    let client = Arc::clone(&lab.client);
    let others = v1::Results::new(client, job, &batches);
    let (_, totals) = lab.fetch(Arc::new(others)).expect("the others' rows");
    assert_eq!(totals.rows, 3000 - 700);
}

#[test]
fn jobs_that_fail_or_are_aborted_say_why() {
    let lab = Lab::new(3);
    lab.org.switch(|switches| {
        switches.bulk.failure = Some("InvalidBatch : Failed to process query: QUERY_TIMEOUT");
    });
    for result in [lab.v1(SMALL), lab.v2(SMALL)] {
        let text = result.expect_err("it failed").to_string();
        assert!(text.contains("QUERY_TIMEOUT"), "{text}");
    }
    lab.org.switch(|switches| {
        switches.bulk.failure = None;
        switches.bulk.pace = Pace::Looks {
            queued: 9,
            in_progress: 9,
        };
    });
    let job = v2::create_job(&lab.client, &new_v2(SMALL))
        .expect("a job")
        .id;
    let aborted = v2::abort_job(&lab.client, &job).expect("the job");
    assert_eq!(aborted.state, v2::JobState::Ended);
    let error = watched(|watch| wait_v2(&lab.client, &job, watch)).expect_err("no rows");
    assert!(error.to_string().ends_with("ended as Aborted"), "{error}");
    let job = lab.create_v1(SMALL, None).expect("a job");
    assert_eq!(
        v1::abort_job(&lab.client, &job).expect("the job").state,
        "Aborted"
    );
    let error = watched(|watch| wait_v1(&lab.client, &job, watch)).expect_err("no rows");
    assert!(matches!(error, BulkError::JobFailed { .. }), "{error}");
}

#[test]
fn a_job_is_read_at_the_version_it_was_made_at() {
    let lab = Lab::at(25, "60.0".parse().expect("a version"));
    let job = v2::create_job(&lab.client, &new_v2(SOQL)).expect("a job");
    let job = watched(|watch| wait_v2(&lab.client, &job.id, watch)).expect("it is done");
    let made_at = job.version.clone();
    let mut other = lab;
    Arc::get_mut(&mut other.client)
        .expect("nobody else has it")
        .version = ApiVersion::DEFAULT;
    assert_eq!(made_at.as_deref(), Some("60.0"));
    assert_eq!(other.fetch_v2(&job).expect("no conflict").1.rows, 25);
    let wrong = v2::JobInfo {
        version: None,
        ..job
    };
    let error = other.fetch_v2(&wrong).expect_err("the versions differ");
    assert!(
        error.to_string().contains("API_VERSION_CONFLICT"),
        "{error}"
    );
}

#[test]
fn odd_values_pass_unharmed_and_are_read_as_the_other_delimiter_has_them() {
    let mut lab = Lab::new(700);
    lab.page_rows = 100;
    lab.org.switch(|switches| {
        switches.odd_values = true;
        switches.bulk.nul_bytes = true;
        switches.bulk.files = 4;
    });
    let (one, totals) = lab.v1(SOQL).expect("rows");
    assert_eq!((totals.rows, one.contains('\0')), (700, true));
    let rows = records(&one, b',');
    assert_eq!(rows.len(), 701);
    assert!(rows.iter().flatten().any(|cell| cell.contains(&b'\n')));
    for parallel in [1, 3] {
        lab.parallel = parallel;
        assert!(lab.v2(SOQL).expect("rows").0 == one);
        let job = v2::NewJob {
            delimiter: v2::Delimiter::Pipe,
            line_ending: v2::LineEnding::Crlf,
            ..new_v2(SOQL)
        };
        let job = v2::create_job(&lab.client, &job).expect("a job");
        let job = watched(|watch| wait_v2(&lab.client, &job.id, watch)).expect("it is done");
        assert_eq!(job.delimiter, v2::Delimiter::Pipe);
        let (text, totals) = lab.fetch_v2(&job).expect("rows");
        let header = totals.header.expect("a header");
        assert!(header.ends_with(b"\r\n") && header.contains(&b'|'));
        assert!(records(&text, b'|') == rows);
    }
}

/// All cells of all records.
fn records(text: &str, delimiter: u8) -> Vec<Vec<Vec<u8>>> {
    let mut all = Vec::new();
    let mut cells = Cells::default();
    let mut records = Records::default();
    let read: Result<(), std::convert::Infallible> = records.push(text.as_bytes(), |record| {
        cells.read(record, delimiter);
        all.push(cells.iter().map(<[u8]>::to_vec).collect());
        Ok(())
    });
    assert_eq!((read, records.rest()), (Ok(()), None));
    all
}
