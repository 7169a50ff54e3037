//! What a job costs of the org's daily API calls, and of connections.

use std::time::Duration;

use sfmtls::local_org::Pace;

use super::{APIS, SOQL, at_once, calls_since, fetch, lab, lab_with, make};

#[test]
fn a_job_that_is_done_at_once_takes_these_calls_on_one_connection() {
    for (api, calls) in [
        (
            "1",
            &[
                "bulk1.create",
                "bulk1.batch",
                "bulk1.close",
                "bulk1.batches",
                "bulk1.results",
                "bulk1.result",
            ][..],
        ),
        (
            "2",
            &["bulk2.create", "bulk2.info", "bulk2.pages", "bulk2.results"],
        ),
    ] {
        let lab = lab(20);
        let connections = lab.org.journal().connections();
        lab.run(["bulk-query", "--bulk-api", api, SOQL]).exits(0);
        assert_eq!(calls_since(&lab, 1), calls);
        assert_eq!(lab.org.journal().connections(), connections + 1);
    }
}

#[test]
fn a_job_that_is_done_within_two_seconds_takes_eight_calls_at_most() {
    at_once(APIS, |api| {
        let lab = lab_with(20, |switches| {
            switches.bulk.pace = Pace::Time {
                queued: Duration::from_millis(900),
                in_progress: Duration::from_millis(1000),
            };
        });
        let connections = lab.org.journal().connections();
        lab.run(["bulk-query", "--bulk-api", api, SOQL]).exits(0);
        let calls = calls_since(&lab, 1);
        assert!(calls.len() <= 8, "{calls:?}");
        // The connection survives the pauses.
        assert_eq!(lab.org.journal().connections(), connections + 1);
    });
}

#[test]
fn one_page_after_the_other_takes_no_list_of_pages() {
    let lab = lab(20);
    let job = make(&lab, "2", &[SOQL]);
    let before = lab.calls().len();
    fetch(&lab, "2", &job, &["--parallel", "1"]).exits(0);
    assert_eq!(calls_since(&lab, before), ["bulk2.info", "bulk2.results"]);
    // Nor does a version that has no such list.
    let lab = lab_with(20, |_| ());
    let old = ["--api-version", "57"];
    let job = make(&lab, "2", &[SOQL, old[0], old[1]]);
    let before = lab.calls().len();
    fetch(&lab, "2", &job, &old).exits(0);
    assert_eq!(calls_since(&lab, before), ["bulk2.info", "bulk2.results"]);
}
