use super::*;

const CONTACTS: &str = "SELECT Id, FirstName, Account.Name FROM Contact";

#[test]
fn each_api_refuses_in_its_own_words() {
    let org = org();
    let mut caller = Caller::new(&org);
    let one = |caller: &Caller<'_>| caller.one_post("", JOB, &[]);
    let two = |caller: &Caller<'_>| caller.two_create(CONTACTS);

    let identity = std::mem::take(&mut caller.identity);
    for reply in [one(&caller), two(&caller)] {
        let text = reply.is(200);
        assert!(
            text.text()
                .contains("<i>No client certificate provided.</i>")
        );
    }
    caller.identity = vec!["-E".to_owned(), org.files().other_org.display().to_string()];
    let refused = "MUTUAL_AUTHENTICATION_FAILED";
    assert_eq!(one(&caller).is(400).element("exceptionCode"), refused);
    assert_eq!(two(&caller).is(403).json()[0]["errorCode"], refused);
    caller.identity = Vec::new();
    caller.port = org.login_port();
    assert_eq!(one(&caller).is(400).element("exceptionCode"), refused);
    assert_eq!(two(&caller).is(403).json()[0]["errorCode"], refused);

    caller.session = org.session(1, "localhost");
    one(&caller).is(201);
    two(&caller).is(200);

    caller.port = org.mutual_port();
    caller.identity = identity;
    caller.session = "00D36000000YUbz!unknown".to_owned();
    assert_eq!(
        one(&caller).is(400).element("exceptionCode"),
        "InvalidSessionId"
    );
    assert_eq!(
        two(&caller).is(401).json()[0]["errorCode"],
        "INVALID_SESSION_ID"
    );
    let last = org.journal().entries.pop().expect("an entry");
    assert_eq!(last.session, SessionSeen::Unknown);
    let error = org.journal().check().expect_err("rules were broken");
    assert!(error.contains("session ID on the login port"), "{error}");
}

#[test]
fn a_session_ends_between_two_looks() {
    let org = org();
    let mut caller = Caller::new(&org);
    let batch = caller.one_query(CONTACTS);
    org.plan(Call::BulkLook, When::Nth(2), Mishap::SessionEnds);
    caller.one(&batch).is(200);
    caller.one(&batch).is(400);
    caller.session = org.session(0, "localhost");
    assert_eq!(caller.one(&batch).is(200).element("state"), "InProgress");

    org.plan(
        Call::BulkLook,
        When::Nth(1),
        Mishap::Fault("INVALID_SESSION_ID", "gone"),
    );
    assert_eq!(
        caller.one(&batch).is(400).element("exceptionCode"),
        "InvalidSessionId"
    );
}

#[test]
fn a_post_whose_answer_is_lost_has_worked() {
    let org = org();
    let caller = Caller::new(&org);
    let lost = Mishap::Cut {
        after: None,
        ending: Ending::Close,
    };
    org.plan(Call::BulkCreate, When::Nth(1), lost);
    assert_ne!(caller.two_create(CONTACTS).exit, 0);
    let list = caller.two("", &[]).is(200).json();
    assert_eq!(list["records"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_result_is_cut_reset_or_wrong_in_its_length() {
    let org = org();
    let caller = Caller::new(&org);
    let id = caller.two_query(CONTACTS);
    let path = format!("/{id}/results");
    let whole = caller.two(&path, &[]).is(200).body;
    for (mishap, length, exit) in [
        (
            Mishap::Cut {
                after: Some(100),
                ending: Ending::CloseNotify,
            },
            100,
            18,
        ),
        (
            Mishap::Cut {
                after: Some(100),
                ending: Ending::Reset,
            },
            100,
            56,
        ),
        (
            Mishap::Cut {
                after: Some(0),
                ending: Ending::Close,
            },
            0,
            18,
        ),
        (Mishap::LengthTooLong(10), whole.len(), 18),
        (Mishap::LengthTooShort(10), whole.len() - 10, 0),
        (Mishap::Chunked(7), whole.len(), 0),
        (Mishap::UntilClose(Ending::CloseNotify), whole.len(), 0),
        (Mishap::Slow(20_000), whole.len(), 0),
    ] {
        org.plan(Call::BulkResult, When::Nth(1), mishap.clone());
        let reply = caller.two(&path, &[]);
        assert_eq!((reply.body.len(), reply.exit), (length, exit), "{mishap:?}");
        assert!(whole.starts_with(&reply.body));
    }
}

#[test]
fn a_large_result_is_cut_after_the_bytes_it_should() {
    let org = org_of(6_000);
    let caller = Caller::new(&org);
    let id = caller.two_query("SELECT Id, Name, Email, MailingStreet, Description FROM Contact");
    let path = format!("/{id}/results");
    let whole = caller.two(&path, &[]).is(200);
    assert_eq!(whole.header("Transfer-Encoding"), Some("chunked"));
    assert_eq!(whole.exit, 0);
    assert_eq!(python_reads(&whole.body, ",").len(), 6_001);
    let gzip = caller.two(&path, &["--compressed"]).is(200);
    assert_eq!(gzip.header("Content-Encoding"), Some("gzip"));
    assert_eq!(gzip.body, whole.body);
    let after = 612_345;
    assert!(whole.body.len() > after);
    org.plan(
        Call::BulkResult,
        When::Nth(1),
        Mishap::Cut {
            after: Some(after),
            ending: Ending::CloseNotify,
        },
    );
    let cut = caller.two(&path, &[]);
    assert!(
        cut.exit != 0 && cut.body == whole.body[..after],
        "{}",
        cut.exit
    );
    org.switch(|switches| switches.gzip = false);
    let plain = caller.two(&path, &["--compressed"]).is(200);
    assert_eq!(
        (plain.header("Content-Encoding"), plain.body == whole.body),
        (None, true)
    );
}

#[test]
fn a_second_reading_differs_in_one_byte() {
    let org = org();
    let caller = Caller::new(&org);
    let id = caller.two_query(CONTACTS);
    let path = format!("/{id}/results");
    let whole = caller.two(&path, &[]).body;
    org.plan(Call::BulkResult, When::Nth(1), Mishap::OtherByte(700));
    let other = caller.two(&path, &[]).body;
    let differences: Vec<usize> = (0..whole.len())
        .filter(|at| whole[*at] != other[*at])
        .collect();
    assert_eq!((differences, other.len()), (vec![700], whole.len()));
}

#[test]
fn counts_headers_locators_and_lists_can_be_wrong() {
    let org = org();
    org.switch(|switches| switches.bulk.files = 3);
    let caller = Caller::new(&org);
    let id = caller.two_query(CONTACTS);
    let path = format!("/{id}/results?maxRecords=20");

    org.plan(Call::BulkResult, When::Nth(1), Mishap::Miscounted(-3));
    assert_eq!(
        caller.two(&path, &[]).header("Sforce-NumberOfRecords"),
        Some("17")
    );
    org.plan(Call::BulkResult, When::Nth(1), Mishap::NoLocator);
    assert_eq!(caller.two(&path, &[]).header("Sforce-Locator"), None);
    org.plan(Call::BulkResult, When::Nth(1), Mishap::OtherHeader);
    let reversed = caller.two(&path, &[]);
    assert!(
        reversed
            .text()
            .starts_with("\"Account.Name\",\"FirstName\",\"Id\"\n\"003")
    );
    org.plan(Call::BulkResult, When::Nth(1), Mishap::FewerRows(2));
    let fewer = caller.two(&path, &[]);
    assert_eq!(fewer.header("Sforce-NumberOfRecords"), Some("20"));
    assert_eq!(fewer.text().lines().count(), 19);

    let batch = caller.one_query(CONTACTS);
    caller.one_wait(&batch);
    org.plan(Call::BulkLook, When::Nth(1), Mishap::Miscounted(5));
    assert_eq!(caller.one(&batch).element("numberRecordsProcessed"), "30");
    org.plan(Call::BulkResults, When::Nth(1), Mishap::FewerFiles(1));
    let list = format!("{batch}/result");
    let grown: Vec<usize> = (0..2)
        .map(|_| caller.one(&list).elements("result").len())
        .collect();
    assert_eq!(grown, [2, 3]);
}

#[test]
fn the_edge_answers_with_a_page_in_place_of_a_look() {
    let org = org();
    let caller = Caller::new(&org);
    let batch = caller.one_query(CONTACTS);
    let page = Mishap::Page {
        status: 503,
        content_type: "text/html",
        retry_after: Some("1".to_owned()),
    };
    org.plan(Call::BulkLook, When::Nth(1), page);
    let reply = caller.one(&batch).is(503);
    assert_eq!(reply.header("Retry-After"), Some("1"));
    assert!(reply.text().starts_with("<!DOCTYPE html>"));
    assert_eq!(caller.one(&batch).is(200).element("state"), "Queued");
}
