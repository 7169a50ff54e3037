//! What goes wrong on the wire: healed where it can be, an error of its own where not.

use std::time::Duration;

use sfmtls::local_org::{Call, Ending, Mishap, When};

use super::{APIS, SOQL, at_once, fetch, lab_with, make};
use crate::lab::Lab;

/// One file or page, without gzip, so that a mishap's bytes are the result's.
fn plain(rows: u64) -> Lab {
    lab_with(rows, |switches| switches.gzip = false)
}

/// Several files and pages.
fn several(rows: u64) -> Lab {
    lab_with(rows, |switches| {
        switches.gzip = false;
        switches.bulk.files = 3;
        switches.bulk.page_rows = rows.div_ceil(3);
    })
}

fn cut(after: usize, ending: Ending) -> Mishap {
    Mishap::Cut {
        after: Some(after),
        ending,
    }
}

fn page(status: u16, retry_after: Option<&str>) -> Mishap {
    Mishap::Page {
        status,
        content_type: "text/csv",
        retry_after: retry_after.map(str::to_owned),
    }
}

#[test]
fn a_result_that_breaks_or_comes_otherwise_is_the_same_result() {
    let nth = |n, mishap| (Call::BulkResult, When::Nth(n), mishap);
    let cases = [
        vec![
            nth(1, cut(5_000, Ending::Close)),
            nth(2, cut(12_000, Ending::Close)),
        ],
        vec![
            nth(2, cut(0, Ending::CloseNotify)),
            nth(3, cut(1, Ending::Reset)),
        ],
        vec![(Call::BulkResult, When::Nth(1), Mishap::LengthTooLong(9))],
        vec![(Call::BulkResult, When::Always, Mishap::Chunked(7))],
        vec![(
            Call::BulkResult,
            When::Always,
            Mishap::UntilClose(Ending::CloseNotify),
        )],
        vec![(Call::BulkResult, When::Always, Mishap::GzipUnasked)],
        vec![(Call::BulkResult, When::Nth(2), Mishap::Slow(400_000))],
        vec![(
            Call::BulkResult,
            When::Nth(2),
            Mishap::Delay(Duration::from_millis(300)),
        )],
        vec![(Call::Any, When::Always, Mishap::CloseIdle)],
        vec![nth(1, page(503, Some("0"))), nth(2, page(502, None))],
        vec![
            (
                Call::BulkResults,
                When::Nth(1),
                page(503, Some("Wed, 21 Oct 2015 07:28:00 GMT")),
            ),
            (Call::BulkLook, When::Nth(1), page(429, None)),
        ],
        vec![nth(1, Mishap::Fault("SERVER_UNAVAILABLE", "one moment"))],
    ];
    at_once(cases, |case| {
        let lab = several(900);
        for api in APIS {
            let job = make(&lab, api, &[SOQL]);
            let whole = fetch(&lab, api, &job, &[]).exits(0).stdout;
            assert_eq!(whole.matches("\n\"003").count(), 900);
            for (call, when, mishap) in &case {
                lab.org.plan(*call, *when, mishap.clone());
            }
            let run = fetch(&lab, api, &job, &[]).exits(0);
            assert!(run.stdout == whole, "{api}: {case:?}");
            lab.org
                .plan(Call::Any, When::Nth(u64::MAX), Mishap::Silence);
        }
    });
}

#[test]
fn plain_bytes_though_gzip_was_asked_for_are_the_same_rows() {
    let lab = lab_with(100, |_| ());
    lab.org.switch(|switches| switches.gzip = true);
    let job = make(&lab, "1", &[SOQL]);
    let gzip = fetch(&lab, "1", &job, &[]).exits(0).stdout;
    lab.org.switch(|switches| switches.gzip = false);
    assert!(fetch(&lab, "1", &job, &[]).exits(0).stdout == gzip);
}

#[test]
fn a_result_that_is_cut_again_and_again_ends_when_no_byte_is_gained() {
    let lab = plain(100);
    let job = make(&lab, "1", &[SOQL]);
    lab.org
        .plan(Call::BulkResult, When::Always, cut(5000, Ending::Close));
    let run = fetch(
        &lab,
        "1",
        &job,
        &["--retry", "1", "--output-file", "rows.csv"],
    )
    .exits(6);
    assert!(
        run.stderr
            .contains(" broke off after 5000 bytes: the answer was cut off after 5000 bytes: "),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr.contains("hint: go on with the job:\n"),
        "{}",
        run.stderr
    );
    assert_eq!(super::files(&lab), [] as [&str; 0]);
}

#[test]
fn what_was_not_promised_is_exit_5_and_no_file() {
    let nth = |n, mishap| (Call::BulkResult, When::Nth(n), mishap);
    for (code, api, plans) in [
        ("headers-differ", "1", vec![nth(2, Mishap::OtherHeader)]),
        ("headers-differ", "2", vec![nth(2, Mishap::OtherHeader)]),
        ("rows-missing", "1", vec![nth(3, Mishap::FewerRows(2))]),
        ("rows-missing", "2", vec![nth(1, Mishap::FewerRows(1))]),
        (
            "rows-missing",
            "1",
            vec![(Call::BulkResults, When::Always, Mishap::FewerFiles(1))],
        ),
        (
            "rows-missing",
            "1",
            vec![(Call::BulkLook, When::Always, Mishap::Miscounted(1))],
        ),
        (
            "rows-missing",
            "1",
            vec![(Call::BulkLook, When::Always, Mishap::Miscounted(-1))],
        ),
        (
            "rows-missing",
            "2",
            vec![(Call::BulkLook, When::Always, Mishap::Miscounted(1))],
        ),
        ("rows-missing", "2", vec![nth(2, Mishap::Miscounted(-1))]),
        ("record-cut", "1", vec![nth(1, Mishap::LengthTooShort(9))]),
        (
            "bytes-differ",
            "1",
            vec![
                nth(1, cut(4_000, Ending::Close)),
                nth(2, Mishap::OtherByte(2_000)),
            ],
        ),
        (
            "bytes-differ",
            "2",
            vec![
                nth(1, cut(4_000, Ending::Close)),
                nth(2, Mishap::OtherByte(2_000)),
            ],
        ),
    ] {
        let lab = several(300);
        let job = make(&lab, api, &[SOQL]);
        let parallel = ["--parallel", if code == "bytes-differ" { "1" } else { "3" }];
        for (call, when, mishap) in &plans {
            lab.org.plan(*call, *when, mishap.clone());
        }
        let more = ["--output-file", "rows.csv", "--json"];
        let run = fetch(&lab, api, &job, &[&more[..], &parallel].concat());
        assert_eq!(run.status, 5, "{api}, {plans:?}: {run:?}");
        let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(
            document["error"]["code"], code,
            "{api}, {plans:?}: {document}"
        );
        assert_eq!(super::files(&lab), [] as [&str; 0]);
    }
}

#[test]
fn a_list_of_results_that_grows_is_read_to_its_end() {
    let lab = several(90);
    let job = make(&lab, "1", &[SOQL]);
    let whole = fetch(&lab, "1", &job, &[]).exits(0).stdout;
    lab.org
        .plan(Call::BulkResults, When::Nth(1), Mishap::FewerFiles(2));
    for parallel in ["1", "4"] {
        assert!(
            fetch(&lab, "1", &job, &["--parallel", parallel])
                .exits(0)
                .stdout
                == whole
        );
    }
}

#[test]
fn a_page_without_a_locator_is_not_taken_for_the_last() {
    let lab = several(90);
    let job = make(&lab, "2", &[SOQL]);
    lab.org
        .plan(Call::BulkResult, When::Always, Mishap::NoLocator);
    let run = fetch(&lab, "2", &job, &["--parallel", "1"]).exits(5);
    assert!(
        run.stderr.contains("without the header Sforce-Locator"),
        "{}",
        run.stderr
    );
    // Where pages are listed beforehand, nothing depends on it.
    fetch(&lab, "2", &job, &[]).exits(0);
}

/// The pages were followed for ever, each an API call.
#[test]
fn a_locator_that_leads_in_a_circle_is_an_error() {
    let lab = several(90);
    let job = make(&lab, "2", &[SOQL]);
    lab.org
        .plan(Call::BulkResult, When::Always, Mishap::SameLocator);
    let run = fetch(&lab, "2", &job, &["--parallel", "1"]).exits(5);
    assert!(run.stderr.contains("lead in a circle"), "{}", run.stderr);
}

#[test]
fn a_server_without_a_list_of_pages_has_locators() {
    let lab = several(90);
    let job = make(&lab, "2", &[SOQL]);
    let whole = fetch(&lab, "2", &job, &[]).exits(0).stdout;
    lab.org
        .plan(Call::BulkResults, When::Always, page(404, None));
    let run = fetch(&lab, "2", &job, &[]).exits(0);
    assert!(run.stdout == whole);
}

#[test]
fn answers_that_hold_no_result_are_no_empty_result() {
    for (mishap, exit, says) in [
        (page(200, None), 6, "a web page"),
        (
            Mishap::Redirect("https://elsewhere.test/".to_owned()),
            6,
            "elsewhere.test",
        ),
        (
            Mishap::Fault("InvalidBatch", "no such result"),
            4,
            "no such result",
        ),
    ] {
        for api in APIS {
            let lab = plain(20);
            let job = make(&lab, api, &[SOQL]);
            lab.org.plan(Call::BulkResult, When::Always, mishap.clone());
            let run = fetch(&lab, api, &job, &["--retry", "0"]).exits(exit);
            assert_eq!(run.stdout, "", "{api}");
            assert!(run.stderr.contains(says), "{api}: {}", run.stderr);
        }
    }
}

#[test]
fn another_version_is_refused_and_the_jobs_own_works() {
    let lab = plain(20);
    let job = make(&lab, "2", &[SOQL, "--api-version", "60"]);
    let run = fetch(&lab, "2", &job, &[]).exits(4);
    assert!(
        run.stderr.contains("API_VERSION_CONFLICT"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("--api-version V"), "{}", run.stderr);
    fetch(&lab, "2", &job, &["--api-version", "60"]).exits(0);
}

#[test]
fn a_failed_job_says_why_whatever_its_results_answer() {
    let lab = lab_with(20, |switches| {
        switches.bulk.failure = Some("InvalidBatch : Failed to process query: QUERY_TIMEOUT");
        switches.bulk.failed_results_are_204 = true;
    });
    for (api, hint) in [
        ("1", "ranges of IDs: --pk-chunking\n"),
        ("2", "ranges of IDs: --bulk-api 1 --pk-chunking\n"),
    ] {
        let run = lab.run(["bulk-query", "--bulk-api", api, SOQL]).exits(4);
        assert!(run.stderr.contains("QUERY_TIMEOUT"), "{}", run.stderr);
        assert!(run.stderr.ends_with(hint), "{}", run.stderr);
    }
}

#[test]
fn a_session_that_ends_on_the_way_is_renewed_where_credentials_are_at_hand() {
    let cases = [
        (Call::BulkCreate, 1),
        (Call::BulkBatch, 1),
        (Call::BulkClose, 1),
        (Call::BulkLook, 2),
        (Call::BulkResults, 1),
        (Call::BulkResult, 2),
    ];
    at_once(APIS, |api| {
        let lab = Lab::with(super::config(300, |switches| {
            switches.bulk.files = 3;
            switches.bulk.page_rows = 100;
        }));
        lab.run(["login"]).exits(0);
        let command = ["bulk-query", "--bulk-api", api, SOQL];
        let whole = lab.run(command).exits(0).stdout;
        for (call, nth) in cases {
            if api == "2" && matches!(call, Call::BulkBatch | Call::BulkClose) {
                continue;
            }
            let between_looks = super::looks(nth - 1, 0);
            lab.org
                .switch(|switches| switches.bulk.pace = between_looks);
            lab.org.plan(call, When::Nth(nth), Mishap::SessionEnds);
            let run = lab.run(command).exits(0);
            assert!(run.stdout == whole, "{call:?}");
            let told = "note: the session has expired; logging in again at https://localhost";
            assert_eq!(
                run.stderr.matches(told).count(),
                1,
                "{call:?}: {}",
                run.stderr
            );
        }
        // In the middle of a body, with the cut that makes the program ask again.
        let job = make(&lab, api, &[SOQL]);
        lab.org
            .plan(Call::BulkResult, When::Nth(1), cut(2000, Ending::Reset));
        lab.org
            .plan(Call::BulkResult, When::Nth(2), Mishap::SessionEnds);
        let run = fetch(&lab, api, &job, &["--parallel", "1"]).exits(0);
        assert_eq!(run.stdout.matches("\n\"003").count(), 300, "{api}");
    });
}

#[test]
fn a_session_that_ends_on_the_way_is_a_failure_that_names_the_job_where_they_are_not() {
    for call in [Call::BulkLook, Call::BulkResult] {
        for api in APIS {
            let lab = plain(20);
            let job = make(&lab, api, &[SOQL]);
            lab.org.plan(call, When::Nth(1), Mishap::SessionEnds);
            let run = fetch(&lab, api, &job, &["-s"]).exits(3);
            let hint = format!(
                "  hint: log in again:\n        sfmtls login -u integration@acme.test\n  \
                 hint: then go on with the job:\n        sfmtls bulk-query --job-id {job}"
            );
            assert!(run.stderr.contains(&hint), "{}", run.stderr);
        }
    }
}
