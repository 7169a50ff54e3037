use super::*;

const CONTACTS: &str = "SELECT Id, FirstName, Account.Name FROM Contact";

#[test]
fn curl_runs_the_walkthroughs_bulk_query() {
    let org = org();
    let caller = Caller::new(&org);
    let created = caller.one_post("", JOB, &[]).is(201);
    assert_eq!(created.element("state"), "Open");
    assert_eq!(created.element("apiVersion"), "64.0");
    let job = created.element("id");
    assert!(job.starts_with("750") && job.len() == 18);
    let added = caller.add_batch(job, CONTACTS).is(201);
    assert_eq!(added.element("state"), "Queued");
    let batch = added.element("id");
    let closed = caller.one_post(&format!("/{job}"), CLOSE, &[]).is(200);
    assert_eq!(closed.element("state"), "Closed");

    let batch = format!("/{job}/batch/{batch}");
    let states: Vec<String> = (0..4)
        .map(|_| caller.one(&batch).is(200).element("state").to_owned())
        .collect();
    assert_eq!(states, ["Queued", "InProgress", "Completed", "Completed"]);
    assert_eq!(caller.one(&batch).element("numberRecordsProcessed"), "25");
    let info = caller.one(&format!("/{job}")).is(200);
    assert_eq!(info.element("numberBatchesCompleted"), "1");
    assert_eq!(info.element("numberRecordsProcessed"), "25");
    assert_eq!(caller.one(&format!("{batch}/request")).text(), CONTACTS);

    let results = caller
        .one(&format!("{batch}/result"))
        .is(200)
        .elements("result");
    assert_eq!(results.len(), 1);
    let file = caller
        .one(&format!("{batch}/result/{}", results[0]))
        .is(200);
    assert_eq!(file.header("Content-Type"), Some("text/csv"));
    let start = "\"Id\",\"FirstName\",\"Account.Name\"\n\
                 \"00336000009BusFAAS\",\"Rose\",\"Edge Communications\"\n";
    assert!(file.text().starts_with(start), "{}", file.text());
    assert_eq!(file.text().lines().count(), 26);

    let journal = org.journal();
    journal.check().expect("all rules were kept");
    assert_eq!(
        journal.calls(),
        [
            "bulk1.create",
            "bulk1.batch",
            "bulk1.close",
            "bulk1.batchinfo",
            "bulk1.batchinfo",
            "bulk1.batchinfo",
            "bulk1.batchinfo",
            "bulk1.batchinfo",
            "bulk1.job",
            "bulk1.request",
            "bulk1.results",
            "bulk1.result",
        ]
    );
    assert!(
        journal
            .entries
            .iter()
            .all(|entry| entry.session == SessionSeen::Known)
    );
}

#[test]
fn a_json_job_is_answered_in_json_and_looked_at_in_xml() {
    let org = org();
    let caller = Caller::new(&org);
    let job = r#"{"operation":"queryAll","object":"contact","contentType":"CSV"}"#;
    let path = "/services/async/64.0/job";
    let created = caller
        .post(path, "application/json", job, &[])
        .is(201)
        .json();
    assert_eq!(created["numberBatchesTotal"], 0);
    assert_eq!(created["object"], "Contact");
    let id = created["id"].as_str().expect("an ID");
    caller
        .add_batch(id, "SELECT Id, IsDeleted FROM Contact")
        .is(201);
    let closed = caller.post(
        &format!("{path}/{id}"),
        "application/json",
        r#"{"state":"Closed"}"#,
        &[],
    );
    assert_eq!(closed.is(200).json()["state"], "Closed");
    assert_eq!(
        caller.one(&format!("/{id}")).is(200).element("operation"),
        "queryAll"
    );
    let bad = caller
        .post(path, "application/json", r#"{"operation":"query"}"#, &[])
        .is(400);
    assert_eq!(bad.json()["exceptionCode"], "InvalidJob");
}

#[test]
fn query_all_returns_the_deleted_rows_too() {
    let org = org();
    let caller = Caller::new(&org);
    let job = JOB.replace("query<", "queryAll<");
    let job = caller
        .one_post("", &job, &[])
        .is(201)
        .element("id")
        .to_owned();
    let batch = caller
        .add_batch(&job, "SELECT IsDeleted FROM Contact")
        .is(201);
    let batch = format!("/{job}/batch/{}", batch.element("id"));
    assert_eq!(
        caller.one_wait(&batch).element("numberRecordsProcessed"),
        "27"
    );
    let result = caller
        .one(&format!("{batch}/result"))
        .element("result")
        .to_owned();
    let file = caller.one(&format!("{batch}/result/{result}"));
    assert_eq!(file.text().matches("\"true\"").count(), 2);
}

#[test]
fn a_job_must_be_right_in_each_part() {
    let org = org();
    let caller = Caller::new(&org);
    for (from, to, code) in [
        ("query<", "Query<", "InvalidJob"),
        ("<object>Contact</object>", "", "InvalidJob"),
        ("Contact", "Nonsense", "InvalidEntity"),
        ("CSV", "XML", "FeatureNotEnabled"),
        ("<contentType>CSV</contentType>", "", "FeatureNotEnabled"),
        ("2009/06/asyncapi", "2010/06/asyncapi", "InvalidXml"),
        ("</jobInfo>", "", "InvalidXml"),
        (
            "</jobInfo>",
            "<operation>query</operation></jobInfo>",
            "InvalidXml",
        ),
        ("<object>", "<nonsense/><object>", "InvalidXml"),
        (
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
            "<!DOCTYPE jobInfo>",
            "InvalidXml",
        ),
    ] {
        let job = JOB.replace(from, to);
        assert_ne!(job, JOB);
        let reply = caller.one_post("", &job, &[]).is(400);
        assert_eq!(reply.element("exceptionCode"), code, "{job}");
        assert_eq!(reply.header("Content-Type"), Some("application/xml"));
    }
    let plain = caller.post("/services/async/64.0/job", "text/plain", JOB, &[]);
    assert_eq!(plain.is(400).element("exceptionCode"), "InvalidXml");
    let old = caller.post("/services/async/30.0/job", "application/xml", JOB, &[]);
    assert_eq!(old.is(400).element("exceptionCode"), "InvalidVersion");
    assert_eq!(
        caller.one("/x/y/z").is(400).element("exceptionCode"),
        "InvalidUrl"
    );
    let unknown = caller.one("/750000000000000AAA").is(400);
    assert_eq!(unknown.element("exceptionCode"), "InvalidJob");
}

#[test]
fn what_bulk_cannot_do_fails_the_batch_with_a_message() {
    let org = org();
    let caller = Caller::new(&org);
    const FAILED: &str = "InvalidBatch : Failed to process query: ";
    for (soql, message) in [
        ("SELECT Nonsense FROM Contact", "INVALID_FIELD: "),
        (
            "SELECT Id FROM Contact LIMIT 5 OFFSET 2",
            "MALFORMED_QUERY: ",
        ),
        (
            "SELECT MailingAddress FROM Contact",
            "FUNCTIONALITY_NOT_ENABLED: Selecting compound data not supported in Bulk Query",
        ),
        ("SELECT COUNT() FROM Contact", "FUNCTIONALITY_NOT_ENABLED: "),
        (
            "SELECT LeadSource, COUNT(Id) FROM Contact GROUP BY LeadSource",
            "FUNCTIONALITY_NOT_ENABLED: ",
        ),
        ("SELECT Id FROM Account", "INVALID_TYPE: "),
    ] {
        let look = caller.one_wait(&caller.one_query(soql));
        assert_eq!(look.element("state"), "Failed");
        let start = format!("{FAILED}{message}");
        assert!(look.element("stateMessage").starts_with(&start), "{look:?}");
    }
    let children = "SELECT Id, (SELECT Id FROM Cases) FROM Contact";
    assert_eq!(
        caller
            .one_wait(&caller.one_query(children))
            .element("stateMessage"),
        "FeatureNotEnabled : Aggregate Relationships not supported in Bulk Query with CSV content type"
    );
    org.switch(|switches| {
        switches.bulk.failure =
            Some("InvalidBatch : Failed to process query: Retried more than fifteen times");
    });
    let batch = caller.one_query(CONTACTS);
    let look = caller.one_wait(&batch);
    assert!(
        look.element("stateMessage")
            .ends_with("Retried more than fifteen times")
    );
    assert_eq!(
        caller
            .one(&format!("{batch}/result"))
            .is(400)
            .element("exceptionCode"),
        "InvalidBatch"
    );
}

#[test]
fn several_files_each_have_the_header_row() {
    let org = org();
    org.switch(|switches| switches.bulk.files = 4);
    let files = Caller::new(&org).one_files(CONTACTS);
    let mut rows = Vec::new();
    for file in &files {
        let (header, lines) = file.text().split_once('\n').expect("a header row");
        assert_eq!(header, "\"Id\",\"FirstName\",\"Account.Name\"");
        rows.extend(lines.lines());
    }
    assert_eq!((files.len(), rows.len()), (4, 25));
    rows.sort_unstable();
    rows.dedup();
    assert_eq!(rows.len(), 25);
}

#[test]
fn no_rows_are_a_sentence_a_header_or_nothing() {
    let org = org();
    let caller = Caller::new(&org);
    let none = "SELECT Id FROM Contact WHERE FirstName = 'nobody'";
    for (form, body) in [
        (EmptyResult::AsUsual, "Records not found for this query"),
        (EmptyResult::Header, "\"Id\"\n"),
        (EmptyResult::Nothing, ""),
    ] {
        org.switch(|switches| switches.bulk.empty_result = form);
        let files = caller.one_files(none);
        assert_eq!(files.len(), 1);
        assert_eq!(files[0].text(), body);
    }
}

#[test]
fn odd_values_are_read_back_by_another_reader() {
    let org = org_of(300);
    let soql = "SELECT Id, Description, Account.Owner.Name, Title, MailingStreet FROM Contact WHERE Id != NULL";
    let files = Caller::new(&org).one_files(soql);
    let rows = python_reads(&files[0].body, ",");
    assert_eq!(
        rows[0],
        [
            "Id",
            "Description",
            "Account.Owner.Name",
            "Title",
            "MailingStreet"
        ]
    );
    assert_eq!(rows.len(), 301);
    assert!(rows.iter().all(|row| row.len() == 5));
    let descriptions: Vec<&str> = rows.iter().map(|row| row[1].as_str()).collect();
    for value in [
        "line one\nline two",
        "carriage\r\nreturn",
        "\"double\" and 'single' quotes",
        "",
    ] {
        assert!(descriptions.contains(&value), "{value:?}");
    }
    assert_eq!(rows[28][2], "", "a contact without an account");
    assert_eq!(rows[300][4], "299 Main Street\nSuite 29");

    org.switch(|switches| switches.bulk.nul_bytes = true);
    let files = Caller::new(&org).one_files("SELECT Id, Name FROM Contact LIMIT 4");
    let nuls = files[0].body.iter().filter(|byte| **byte == 0).count();
    assert_eq!(nuls, 2);
}

#[test]
fn chunks_appear_in_two_steps_and_the_job_closes_only_then() {
    let org = org_of(95);
    org.switch(|switches| {
        switches.bulk.chunks = Chunks {
            empty: true,
            failed: Some(1),
            broken: false,
        };
    });
    let caller = Caller::new(&org);
    let header = [
        "-H",
        "Sforce-Enable-PKChunking: chunkSize=25; parent=Account",
        "-H",
        "Sforce-Disable-Batch-Retry: true",
    ];
    let job = caller
        .one_post("", JOB, &header)
        .is(201)
        .element("id")
        .to_owned();
    caller.add_batch(&job, CONTACTS).is(201);
    let early = caller.one_post(&format!("/{job}"), CLOSE, &[]).is(400);
    assert_eq!(early.element("exceptionCode"), "InvalidJobState");

    let looks: Vec<Vec<String>> = (0..7)
        .map(|_| {
            caller
                .one(&format!("/{job}/batch"))
                .is(200)
                .elements("state")
        })
        .collect();
    let shown: Vec<String> = looks.iter().map(|states| states.join(" ")).collect();
    // 95 live rows and 5 deleted ones are four chunks, and one more is empty.
    assert_eq!(
        shown,
        [
            "Queued",
            "InProgress",
            "NotProcessed Queued Queued Queued",
            "NotProcessed InProgress InProgress InProgress Queued Queued",
            "NotProcessed Completed Failed Completed InProgress InProgress",
            "NotProcessed Completed Failed Completed Completed Completed",
            "NotProcessed Completed Failed Completed Completed Completed",
        ]
    );
    caller.one_post(&format!("/{job}"), CLOSE, &[]).is(200);
    let list = caller.one(&format!("/{job}/batch"));
    assert_eq!(
        list.elements("numberRecordsProcessed"),
        ["0", "25", "0", "25", "20", "0"]
    );
    assert!(list.element("stateMessage").contains("QUERY_TIMEOUT"));
    let empty = list.elements("id").pop().expect("a batch");
    let path = format!("/{job}/batch/{empty}/result");
    let result = caller.one(&path).is(200).element("result").to_owned();
    assert_eq!(
        caller.one(&format!("{path}/{result}")).text(),
        "Records not found for this query"
    );
    let closings: Vec<u16> = org
        .journal()
        .entries
        .iter()
        .filter(|entry| entry.call == "bulk1.close")
        .map(|entry| entry.status)
        .collect();
    assert_eq!(closings, [400, 200]);
}

#[test]
fn chunking_starts_at_a_row_and_is_dropped_for_queries_that_it_cannot_cut() {
    let org = org_of(95);
    let caller = Caller::new(&org);
    let batches = |header: &str, soql: &str| {
        let header = format!("Sforce-Enable-PKChunking: {header}");
        let job = caller
            .one_post("", JOB, &["-H", &header])
            .is(201)
            .element("id")
            .to_owned();
        caller.add_batch(&job, soql).is(201);
        let mut last = caller.one(&format!("/{job}/batch"));
        for _ in 0..6 {
            last = caller.one(&format!("/{job}/batch"));
        }
        last.elements("numberRecordsProcessed")
    };
    assert_eq!(batches("true", "SELECT Id FROM Contact"), ["0", "95"]);
    assert_eq!(batches("false", "SELECT Id FROM Contact"), ["95"]);
    let ids = caller.one_files("SELECT Id FROM Contact LIMIT 61");
    let row_60 = ids[0]
        .text()
        .lines()
        .nth(61)
        .expect("a row")
        .trim_matches('"')
        .to_owned();
    let header = format!("chunkSize=30; startRow={row_60}");
    assert_eq!(batches(&header, "SELECT Id FROM Contact"), ["0", "30", "5"]);
    assert_eq!(
        batches("chunkSize=30", "SELECT Id FROM Contact ORDER BY Name"),
        ["95"]
    );
    assert_eq!(
        batches(
            "chunkSize=30",
            "SELECT Id FROM Contact WHERE Account.ParentId != NULL OR Id != NULL"
        ),
        ["95"]
    );
    for header in [
        "maybe",
        "chunkSize=250001",
        "chunkSize=0",
        "parent=Nonsense",
        "startRow=short",
    ] {
        let header = format!("Sforce-Enable-PKChunking: {header}");
        caller.one_post("", JOB, &["-H", &header]).is(400);
    }
}

#[test]
fn chunking_that_breaks_leaves_the_chunks_of_the_first_step() {
    let org = org_of(95);
    org.switch(|switches| switches.bulk.chunks.broken = true);
    let caller = Caller::new(&org);
    let header = ["-H", "Sforce-Enable-PKChunking: chunkSize=25"];
    let job = caller
        .one_post("", JOB, &header)
        .is(201)
        .element("id")
        .to_owned();
    caller.add_batch(&job, CONTACTS).is(201);
    let mut states = Vec::new();
    for _ in 0..6 {
        states = caller.one(&format!("/{job}/batch")).elements("state");
    }
    assert_eq!(states, ["Failed", "Completed", "Completed"]);
    caller.one_post(&format!("/{job}"), CLOSE, &[]).is(200);
}

#[test]
fn an_aborted_job_stays_as_it_was() {
    let org = org();
    let caller = Caller::new(&org);
    let batch = caller.one_query(CONTACTS);
    let (job, _) = batch.split_once("/batch").expect("a path");
    let aborted = caller
        .one_post(job, &CLOSE.replace("Closed", "Aborted"), &[])
        .is(200);
    assert_eq!(aborted.element("state"), "Aborted");
    for _ in 0..3 {
        assert_eq!(caller.one(&batch).element("state"), "NotProcessed");
    }
    caller.one_post(job, CLOSE, &[]).is(400);
    caller.add_batch(&job[1..], CONTACTS).is(400);
    assert!(org.journal().calls().contains(&"bulk1.abort"));
}

#[test]
fn another_users_job_is_not_shown() {
    let org = org();
    let mut caller = Caller::new(&org);
    let batch = caller.one_query(CONTACTS);
    caller.session = org.session(1, "localhost");
    assert_eq!(
        caller.one(&batch).is(400).element("exceptionCode"),
        "InvalidUser"
    );
}

#[test]
fn work_can_take_time_in_place_of_looks() {
    let org = org();
    org.switch(|switches| {
        switches.bulk.pace = Pace::Time {
            queued: std::time::Duration::ZERO,
            in_progress: std::time::Duration::from_secs(3600),
        };
    });
    let caller = Caller::new(&org);
    let batch = caller.one_query(CONTACTS);
    for _ in 0..4 {
        assert_eq!(caller.one(&batch).element("state"), "InProgress");
    }
    assert_eq!(caller.one(&batch).element("numberRecordsProcessed"), "12");
}
