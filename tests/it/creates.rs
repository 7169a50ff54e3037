//! Calls that create something, when their answer is lost: nothing runs twice, nothing is taken that
//! is not ours, and whoever asked is told.

use serde_json::Value;
use sfmtls::local_org::{Call, Ending, Mishap, When};

use crate::bulk::{APIS, SOQL, at_once, calls_since, files, lab, lab_with, looks, make, told_job};
use crate::lab::{Lab, Run};

/// The request is carried out, and its answer lost.
fn unanswered() -> Mishap {
    Mishap::Cut {
        after: None,
        ending: Ending::Reset,
    }
}

fn unheard() -> Mishap {
    Mishap::Unheard(Ending::Close)
}

fn bulk_query(lab: &Lab, api: &str, more: &[&str]) -> Run {
    let command = ["bulk-query", "--bulk-api", api, SOQL];
    lab.run(command.iter().chain(more))
}

/// How many calls of this name there were after so many of all.
fn count(lab: &Lab, before: usize, name: &str) -> usize {
    let calls = calls_since(lab, before);
    calls.iter().filter(|call| *call == name).count()
}

/// The rows of a run in good order, and how many calls there were until then.
fn good(lab: &Lab, api: &str) -> (String, usize) {
    let rows = bulk_query(lab, api, &["-s"]).exits(0).stdout;
    // The list of jobs shows this one, too: of an hour ago.
    (rows, lab.calls().len())
}

/// A job of a while ago, which is like the one to come in everything else.
fn an_older_job(lab: &Lab) -> (String, usize) {
    lab.org.switch(|switches| switches.clock_ahead -= 10);
    let good = good(lab, "2");
    lab.org.switch(|switches| switches.clock_ahead += 10);
    good
}

#[test]
fn a_2_0_job_whose_answer_is_lost_is_found_in_the_list_and_not_made_again() {
    let cut_short = || Mishap::Cut {
        after: Some(20),
        ending: Ending::Close,
    };
    let cases = [
        (unanswered(), 0),
        (cut_short(), 0),
        (Mishap::DoneBehind(502), 0),
        (Mishap::DoneBehind(503), 3600),
        (Mishap::DoneBehind(504), -86_400),
    ];
    at_once(cases, |(mishap, clock_ahead)| {
        let lab = lab_with(20, |switches| {
            switches.clock_ahead = clock_ahead;
            switches.bulk.pace = looks(2, 0);
        });
        let (rows, before) = an_older_job(&lab);
        lab.org.plan(Call::BulkCreate, When::Nth(1), mishap);
        let run = bulk_query(&lab, "2", &[]).exits(0);
        assert!(run.stdout == rows);
        let job = told_job(&run.stderr);
        let note = format!(
            "note: the answer to the new job was lost; the list of jobs shows one of this user, object and time, \
             and it is taken: {job}\n"
        );
        assert!(run.stderr.starts_with(&note), "{}", run.stderr);
        assert_eq!(count(&lab, before, "bulk2.create"), 1);
        assert_eq!(count(&lab, before, "bulk2.list"), 1);
    });
}

/// It used to be taken, and its rows were another query's.
#[test]
fn a_job_that_has_just_ended_is_named_and_not_taken() {
    let lab = lab_with(20, |_| ());
    let (whole, before) = good(&lab, "2");
    lab.org.plan(Call::BulkCreate, When::Nth(1), unheard());
    let run = bulk_query(&lab, "2", &["-s"]).exits(6);
    assert!(
        run.stderr.contains("shows one that may be it: 750"),
        "{}",
        run.stderr
    );
    assert_eq!(run.stdout, "");
    assert_eq!(count(&lab, before, "bulk2.list"), 1);
    // Busy is no silence: it is asked again, and no list has to be looked at for long.
    let busy = Mishap::Page {
        status: 503,
        content_type: "text/html",
        retry_after: Some("0".to_owned()),
    };
    lab.org.plan(Call::BulkCreate, When::Nth(1), busy);
    assert!(good(&lab, "2").0 == whole);
}

#[test]
fn a_job_of_another_user_object_kind_form_version_or_time_is_never_taken() {
    let mut lab = lab_with(20, |switches| {
        switches.bulk.list.page = 2;
        switches.bulk.pace = looks(2, 0);
    });
    let (_, before) = an_older_job(&lab);
    make(&lab, "1", &[SOQL]);
    make(&lab, "2", &["SELECT Id FROM Account"]);
    make(&lab, "2", &[SOQL, "--all-rows"]);
    make(&lab, "2", &[SOQL, "--column-delimiter", "TAB"]);
    make(&lab, "2", &[SOQL, "--line-ending", "CRLF"]);
    make(&lab, "2", &[SOQL, "--api-version", "60"]);
    let user = lab.org.user().clone();
    lab.set("SFMTLS_USERNAME", "free@acme.test");
    lab.set("SFMTLS_PASSWORD", user.password_with_token());
    let of_other = ["--session", "other.json"];
    make(&lab, "2", &[&[SOQL][..], &of_other].concat());
    lab.forget_credentials();

    // None of them is ours.
    lab.org.plan(Call::BulkCreate, When::Nth(1), unheard());
    let run = bulk_query(&lab, "2", &["--retry", "0", "-s"]).exits(6);
    assert!(run.stderr.contains("does not show it"), "{}", run.stderr);
    // All four pages were looked at.
    assert_eq!(count(&lab, before, "bulk2.list"), 4);

    // One is.
    lab.org.plan(Call::BulkCreate, When::Nth(1), unanswered());
    let run = bulk_query(&lab, "2", &[]).exits(0);
    assert_eq!(run.stdout.matches("\n\"003").count(), 20);
    assert!(
        run.stderr.contains("and it is taken: 750"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_2_0_job_that_nobody_has_seen_is_not_made_again() {
    let lab = lab(20);
    let (_, before) = an_older_job(&lab);
    lab.org.plan(Call::BulkCreate, When::Nth(1), unheard());
    let more = ["--retry", "2", "--output-file", "rows.csv", "-r", "json"];
    let run = bulk_query(&lab, "2", &more).exits(6);
    let told = "error: the answer to the new job was lost, and the list of jobs does not show it\n";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    assert!(
        run.stderr.contains("  cause: POST https://"),
        "{}",
        run.stderr
    );
    let next = "--job-id ID --bulk-api 2 -r json --output-file rows.csv\n";
    assert!(run.stderr.ends_with(next), "{}", run.stderr);
    // It may appear a little later, so it is looked for again, with a note.
    assert!(run.stderr.contains("(try 3)"), "{}", run.stderr);
    assert_eq!(count(&lab, before, "bulk2.list"), 3);
    assert_eq!(count(&lab, before, "bulk2.create"), 1);
    assert_eq!(files(&lab), [] as [&str; 0]);

    lab.org.plan(Call::BulkCreate, When::Nth(1), unheard());
    let run = bulk_query(&lab, "2", &["--retry", "0", "--json"]).exits(6);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["error"]["code"], "job-unknown");
}

#[test]
fn a_2_0_job_that_appears_in_the_list_a_little_later_is_taken() {
    let lab = lab_with(20, |switches| switches.bulk.pace = looks(2, 0));
    let (rows, before) = an_older_job(&lab);
    lab.org.plan(Call::BulkCreate, When::Nth(1), unanswered());
    lab.org
        .plan(Call::BulkList, When::Nth(1), Mishap::FewerRows(1));
    let run = bulk_query(&lab, "2", &[]).exits(0);
    assert!(run.stdout == rows);
    assert_eq!(count(&lab, before, "bulk2.list"), 2);
    assert_eq!(count(&lab, before, "bulk2.create"), 1);
}

#[test]
fn of_several_jobs_that_it_may_be_none_is_taken() {
    let lab = lab(20);
    let before = lab.calls().len();
    let other = make(&lab, "2", &[SOQL]);
    lab.org.plan(Call::BulkCreate, When::Nth(1), unanswered());
    let run = bulk_query(&lab, "2", &[]).exits(6);
    assert!(
        run.stderr
            .contains("the list of jobs shows 2 that may be it: 750"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains(&other), "{}", run.stderr);
    assert!(
        run.stderr.ends_with("--job-id ID --bulk-api 2\n"),
        "{}",
        run.stderr
    );
    assert_eq!(count(&lab, before, "bulk2.create"), 2);
    assert_eq!(count(&lab, before, "bulk2.list"), 1);
}

#[test]
fn a_list_that_cannot_be_had_or_read_leaves_the_job_unknown() {
    for mishap in [
        Mishap::Fault("INSUFFICIENT_ACCESS", "no list for you"),
        Mishap::CutXml(60),
    ] {
        let lab = lab(20);
        let before = lab.calls().len();
        lab.org.plan(Call::BulkCreate, When::Nth(1), unanswered());
        lab.org.plan(Call::BulkList, When::Always, mishap);
        let run = bulk_query(&lab, "2", &["--retry", "1"]).exits(6);
        assert!(
            run.stderr.contains("the list of jobs cannot be had"),
            "{}",
            run.stderr
        );
        assert_eq!(run.stderr.matches("  cause: ").count(), 2, "{}", run.stderr);
        assert_eq!(count(&lab, before, "bulk2.create"), 1);
    }
}

#[test]
fn a_1_0_job_is_made_again_and_the_stray_one_is_told() {
    at_once(
        [unanswered(), unheard(), Mishap::DoneBehind(504)],
        |mishap| {
            let lab = lab(20);
            let (rows, before) = good(&lab, "1");
            lab.org.plan(Call::BulkCreate, When::Nth(1), mishap);
            let run = bulk_query(&lab, "1", &[]).exits(0);
            assert!(run.stdout == rows);
            let note = "note: the answer to the new job was lost: if the job was made, it stays open without a query";
            assert!(run.stderr.starts_with(note), "{}", run.stderr);
            assert!(run.stderr.contains("; trying again in "), "{}", run.stderr);
            assert_eq!(count(&lab, before, "bulk1.create"), 2);
            assert_eq!(count(&lab, before, "bulk1.batch"), 1);
        },
    );
    let lab = lab(20);
    let before = lab.calls().len();
    lab.org.plan(Call::BulkCreate, When::Nth(1), unanswered());
    bulk_query(&lab, "1", &["--retry", "0"]).exits(6);
    assert_eq!(count(&lab, before, "bulk1.create"), 1);
}

#[test]
fn a_1_0_query_whose_answer_is_lost_is_looked_for_before_it_is_sent_again() {
    for (mishap, sent, retry) in [
        (unanswered(), 1, "4"),
        (Mishap::DoneBehind(502), 1, "0"),
        (unheard(), 2, "1"),
    ] {
        let lab = lab(20);
        let (rows, before) = good(&lab, "1");
        lab.org.plan(Call::BulkBatch, When::Nth(1), mishap);
        let run = bulk_query(&lab, "1", &["--retry", retry]).exits(0);
        assert!(run.stdout == rows);
        assert_eq!(count(&lab, before, "bulk1.batch"), sent);
        let found = "note: the answer to the query was lost, but the job has it, as batch 751";
        assert_eq!(run.stderr.contains(found), sent == 1, "{}", run.stderr);
        let calls = calls_since(&lab, before);
        assert_eq!(calls[..3], ["bulk1.create", "bulk1.batch", "bulk1.batches"]);
    }
    // Sent once and no more.
    let lab = lab(20);
    let before = lab.calls().len();
    lab.org.plan(Call::BulkBatch, When::Nth(1), unheard());
    let run = bulk_query(&lab, "1", &["--retry", "0", "-s"]).exits(6);
    assert!(
        run.stderr.contains("abort the job that was started"),
        "{}",
        run.stderr
    );
    assert_eq!(count(&lab, before, "bulk1.batch"), 1);
}

/// Each batch has all rows of its query.
#[test]
fn a_query_that_reached_a_1_0_job_twice_gives_its_rows_once() {
    let lab = lab(20);
    let (rows, _) = good(&lab, "1");
    lab.org.plan(Call::BulkBatch, When::Nth(1), Mishap::Twice);
    let run = bulk_query(&lab, "1", &[]).exits(0);
    assert!(run.stdout == rows);
    assert!(
        run.stderr.contains("came to the job more than once"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_close_and_an_abort_are_repeated_whatever_the_first_one_did() {
    at_once(
        [unanswered(), unheard(), Mishap::DoneBehind(503)],
        |mishap| {
            let lab = lab(20);
            let (rows, before) = good(&lab, "1");
            lab.org.plan(Call::BulkClose, When::Nth(1), mishap.clone());
            assert!(bulk_query(&lab, "1", &[]).exits(0).stdout == rows);
            assert_eq!(count(&lab, before, "bulk1.close"), 2);
            lab.org.switch(|switches| switches.bulk.pace = looks(9, 9));
            for api in APIS {
                let job = make(&lab, api, &[SOQL]);
                lab.org.plan(Call::BulkAbort, When::Nth(1), mishap.clone());
                let abort = ["bulk-query", "--bulk-api", api, "--job-id", &job, "--abort"];
                let run = lab.run(abort).exits(0);
                assert_eq!(run.stdout, format!("Job {job} is Aborted\n"));
                // Again, to nobody's harm.
                lab.run(abort).exits(0);
            }
        },
    );
    // A job that is over cannot be aborted, and is not told to be.
    let lab = lab(20);
    let job = make(&lab, "2", &[SOQL]);
    let abort = ["bulk-query", "--bulk-api", "2", "--job-id", &job];
    lab.run(abort).exits(0);
    lab.run(abort.iter().chain(&["--abort"])).exits(4);
}

/// Nothing was made, so nothing is looked for.
#[test]
fn what_salesforce_refuses_for_now_is_sent_again_at_once() {
    let page = |status| Mishap::Page {
        status,
        content_type: "text/html",
        retry_after: Some("0".to_owned()),
    };
    let concurrent = "ConcurrentRequests (Concurrent API Requests) Limit exceeded.";
    let cases = [
        page(429),
        page(420),
        Mishap::Fault("REQUEST_LIMIT_EXCEEDED", concurrent),
        Mishap::Fault("SERVER_UNAVAILABLE", "not now"),
    ];
    at_once(cases, |mishap| {
        for (api, call) in [
            ("1", Call::BulkCreate),
            ("1", Call::BulkBatch),
            ("2", Call::BulkCreate),
        ] {
            let lab = lab(20);
            let (rows, before) = good(&lab, api);
            lab.org.plan(call, When::Nth(1), mishap.clone());
            let run = bulk_query(&lab, api, &["--retry", "1"]).exits(0);
            assert!(run.stdout == rows);
            assert!(!run.stderr.contains("was lost"), "{}", run.stderr);
            assert!(run.stderr.contains("; trying again in "), "{}", run.stderr);
            assert_eq!(count(&lab, before, "bulk2.list"), 0);
        }
    });
}

#[test]
fn a_retry_after_that_is_too_long_ends_the_tries_of_a_creation_too() {
    let lab = lab(20);
    let before = lab.calls().len();
    let date = "Fri, 31 Dec 2100 23:59:59 GMT".to_owned();
    let page = Mishap::Page {
        status: 503,
        content_type: "text/html",
        retry_after: Some(date),
    };
    lab.org.plan(Call::BulkCreate, When::Nth(1), page);
    bulk_query(&lab, "1", &[]).exits(6);
    assert_eq!(count(&lab, before, "bulk1.create"), 1);
}
