use super::*;

const CONTACTS: &str = "SELECT Id, FirstName, Account.Name FROM Contact";

#[test]
fn curl_gets_a_result_by_locators() {
    let org = org();
    let caller = Caller::new(&org);
    let created = caller.two_create(CONTACTS).is(200).json();
    assert_eq!(created["state"], "UploadComplete");
    assert_eq!(created["apiVersion"].to_string(), "64.0");
    assert!(
        created["createdDate"]
            .as_str()
            .expect("a text")
            .ends_with(".000+0000")
    );
    let id = created["id"].as_str().expect("an ID");
    assert_eq!(caller.two_wait(id)["numberRecordsProcessed"], 25);

    let mut locator = String::new();
    let mut counts = Vec::new();
    let mut rows = Vec::new();
    while locator != "null" {
        let page = caller
            .two(&format!("/{id}/results?maxRecords=10{locator}"), &[])
            .is(200);
        let (header, lines) = page.text().split_once('\n').expect("a header row");
        assert_eq!(header, "\"Id\",\"FirstName\",\"Account.Name\"");
        rows.extend(lines.lines().map(str::to_owned));
        counts.push(
            page.header("Sforce-NumberOfRecords")
                .expect("it")
                .to_owned(),
        );
        locator = match page.header("Sforce-Locator").expect("it is there") {
            "null" => "null".to_owned(),
            other => format!("&locator={other}"),
        };
    }
    assert_eq!(counts, ["10", "10", "5"]);
    assert_eq!(rows.len(), 25);
    assert_eq!(
        rows[0],
        "\"00336000009BusFAAS\",\"Rose\",\"Edge Communications\""
    );
    org.journal().check().expect("all rules were kept");
    assert_eq!(
        org.journal().calls(),
        [
            "bulk2.create",
            "bulk2.info",
            "bulk2.info",
            "bulk2.info",
            "bulk2.results",
            "bulk2.results",
            "bulk2.results",
        ]
    );
}

#[test]
fn a_locator_is_good_again_and_cannot_be_made_up() {
    let org = org();
    let caller = Caller::new(&org);
    let id = caller.two_query(CONTACTS);
    let first = caller
        .two(&format!("/{id}/results?maxRecords=10"), &[])
        .is(200);
    let locator = first.header("Sforce-Locator").expect("it is there");
    let path = format!("/{id}/results?locator={locator}&maxRecords=10");
    let second = caller.two(&path, &[]).is(200);
    assert_eq!(second.body, caller.two(&path, &[]).is(200).body);
    assert_ne!(second.body, first.body);
    let made_up = caller
        .two(&format!("/{id}/results?locator=MTE"), &[])
        .is(400);
    assert_eq!(made_up.json()[0]["errorCode"], "INVALID_LOCATOR");
}

#[test]
fn result_pages_list_five_urls_at_a_time() {
    let org = org();
    org.switch(|switches| switches.bulk.page_rows = 4);
    let caller = Caller::new(&org);
    let id = caller.two_query(CONTACTS);
    let mut next = format!("/services/data/v64.0/jobs/query/{id}/resultPages");
    let mut urls: Vec<String> = Vec::new();
    let mut lists = 0;
    loop {
        let list = caller.curl(&next, &[]).is(200).json();
        lists += 1;
        let pages = list["resultPages"].as_array().expect("a list");
        urls.extend(
            pages
                .iter()
                .map(|page| page["resultUrl"].as_str().expect("a URL").to_owned()),
        );
        if list["done"] == true {
            assert!(list.get("nextRecordsUrl").is_none());
            break;
        }
        next = list["nextRecordsUrl"].as_str().expect("a URL").to_owned();
    }
    assert_eq!((lists, urls.len()), (2, 7));
    // Out of order on purpose.
    let last = caller.curl(&urls[6], &[]).is(200);
    assert_eq!(last.header("Sforce-NumberOfRecords"), Some("1"));
    assert_eq!(last.header("Sforce-Locator"), Some("null"));
    let rows: usize = urls
        .iter()
        .map(|url| caller.curl(url, &[]).text().lines().count() - 1)
        .sum();
    assert_eq!(rows, 25);
    org.journal().check().expect("all rules were kept");

    let path = "/services/data/v57.0/jobs/query";
    let body = serde_json::json!({ "operation": "query", "query": CONTACTS }).to_string();
    let old = caller
        .post(path, "application/json", &body, &[])
        .is(200)
        .json();
    let old = old["id"].as_str().expect("an ID");
    caller
        .curl(&format!("{path}/{old}/resultPages"), &[])
        .is(404);
    let other = caller.curl(&format!("{path}/{id}"), &[]).is(409);
    assert!(other.json()[0]["errorCode"].is_string());
}

#[test]
fn columns_stand_in_alphabetical_order_before_version_50() {
    let org = org();
    let caller = Caller::new(&org);
    let path = "/services/data/v49.0/jobs/query";
    let body = serde_json::json!({ "operation": "query", "query": CONTACTS }).to_string();
    let job = caller
        .post(path, "application/json", &body, &[])
        .is(200)
        .json();
    let id = job["id"].as_str().expect("an ID");
    for _ in 0..3 {
        caller.curl(&format!("{path}/{id}"), &[]).is(200);
    }
    let results = caller.curl(&format!("{path}/{id}/results"), &[]).is(200);
    assert!(
        results
            .text()
            .starts_with("\"Account.Name\",\"FirstName\",\"Id\"\n")
    );
    caller
        .post(
            "/services/data/v46.0/jobs/query",
            "application/json",
            &body,
            &[],
        )
        .is(404);
    caller
        .post(
            "/services/data/v30.0/jobs/query",
            "application/json",
            &body,
            &[],
        )
        .is(410);
}

#[test]
fn delimiter_and_line_ending_are_as_asked() {
    let org = org();
    let caller = Caller::new(&org);
    let created = caller.two_create_with(serde_json::json!({
        "operation": "query", "query": "SELECT Id, MailingStreet FROM Contact",
        "contentType": "CSV", "columnDelimiter": "TAB", "lineEnding": "CRLF",
    }));
    let created = created.is(200).json();
    assert_eq!(
        (&created["columnDelimiter"], &created["lineEnding"]),
        (&"TAB".into(), &"CRLF".into())
    );
    let id = created["id"].as_str().expect("an ID");
    caller.two_wait(id);
    let results = caller.two(&format!("/{id}/results"), &[]).is(200);
    assert!(
        results
            .text()
            .starts_with("\"Id\"\t\"MailingStreet\"\r\n\"00336000009BusFAAS\"\t")
    );
    let rows = python_reads(&results.body, "\t");
    assert_eq!(rows.len(), 26);
    assert_eq!(rows[1][1], "0 Main Street\nSuite 0");
}

#[test]
fn a_job_that_cannot_be_is_refused_at_once() {
    let org = org();
    let caller = Caller::new(&org);
    for (body, code) in [
        (
            serde_json::json!({ "operation": "Query", "query": CONTACTS }),
            "INVALIDJOB",
        ),
        (
            serde_json::json!({ "operation": "query" }),
            "MALFORMED_QUERY",
        ),
        (
            serde_json::json!({ "operation": "query", "query": "SELECT Nonsense FROM Contact" }),
            "INVALID_FIELD",
        ),
        (
            serde_json::json!({ "operation": "query", "query": "SELECT Id, (SELECT Id FROM Cases) FROM Contact" }),
            "FeatureNotEnabled",
        ),
        (
            serde_json::json!({ "operation": "query", "query": CONTACTS, "lineEnding": "CR" }),
            "INVALIDJOB",
        ),
        (
            serde_json::json!({ "operation": "query", "query": CONTACTS, "object": "Contact" }),
            "JSON_PARSER_ERROR",
        ),
    ] {
        let reply = caller.two_create_with(body).is(400);
        assert_eq!(reply.json()[0]["errorCode"], code);
    }
    let path = "/services/data/v64.0/jobs/query";
    caller.post(path, "text/plain", "{}", &[]).is(415);
    let unknown = caller.two("/750000000000000AAA", &[]).is(404).json();
    assert_eq!(unknown[0]["errorCode"], "NOT_FOUND");
}

#[test]
fn a_job_is_deleted_only_when_it_is_over() {
    let org = org();
    let caller = Caller::new(&org);
    let created = caller.two_create(CONTACTS).is(200).json();
    let id = created["id"].as_str().expect("an ID");
    let path = format!("/{id}");
    let refused = caller.two(&path, &["-X", "DELETE"]).is(400);
    assert_eq!(refused.json()[0]["errorCode"], "API_ERROR");
    caller.two(&format!("/{id}/results"), &[]).is(400);
    let url = format!("/services/data/v64.0/jobs/query/{id}");
    let aborted = caller.post(
        &url,
        "application/json",
        r#"{"state":"Aborted"}"#,
        &["-X", "PATCH"],
    );
    assert_eq!(aborted.is(200).json()["state"], "Aborted");
    let again = caller.post(
        &url,
        "application/json",
        r#"{"state":"Aborted"}"#,
        &["-X", "PATCH"],
    );
    again.is(400);
    assert_eq!(caller.two("", &[]).is(200).json()["records"][0]["id"], id);
    let none = caller.two("?jobType=Classic", &[]).is(200).json();
    assert_eq!(none["records"], serde_json::json!([]));
    let deleted = caller.two(&path, &["-X", "DELETE"]).is(204);
    assert_eq!((deleted.exit, deleted.body.len()), (0, 0));
    caller.two(&path, &[]).is(404);
}

#[test]
fn a_failed_job_tells_why_and_may_answer_204() {
    let org = org();
    org.switch(|switches| switches.bulk.failure = Some("Retried more than 15 times"));
    let caller = Caller::new(&org);
    let created = caller.two_create(CONTACTS).is(200).json();
    let id = created["id"].as_str().expect("an ID");
    let info = caller.two_wait(id);
    assert_eq!(info["state"], "Failed");
    assert_eq!(info["errorMessage"], "Retried more than 15 times");
    let path = format!("/{id}/results");
    caller.two(&path, &[]).is(400);
    org.switch(|switches| switches.bulk.failed_results_are_204 = true);
    caller.two(&path, &[]).is(204);
}

#[test]
fn no_rows_are_a_header_row_and_a_zero() {
    let org = org();
    let caller = Caller::new(&org);
    let id = caller.two_query("SELECT Id FROM Contact WHERE FirstName = 'nobody'");
    let page = caller.two(&format!("/{id}/results"), &[]).is(200);
    assert_eq!(page.text(), "\"Id\"\n");
    assert_eq!(page.header("Sforce-NumberOfRecords"), Some("0"));
    assert_eq!(page.header("Sforce-Locator"), Some("null"));
    let pages = caller
        .two(&format!("/{id}/resultPages"), &[])
        .is(200)
        .json();
    assert_eq!(pages["resultPages"].as_array().map(Vec::len), Some(1));
}

#[test]
fn the_list_of_jobs_has_those_of_all_users_and_both_apis_in_pages() {
    let org = org();
    org.switch(|switches| switches.bulk.list.page = 2);
    let caller = Caller::new(&org);
    for _ in 0..3 {
        caller.two_create(CONTACTS).is(200);
    }
    let first = caller.two("?jobType=V2Query", &[]).is(200).json();
    assert_eq!(first["done"], false);
    assert_eq!(first["records"].as_array().map(Vec::len), Some(2));
    let next = first["nextRecordsUrl"].as_str().expect("a path");
    assert!(next.starts_with("/services/data/v64.0/jobs/query?jobType=V2Query&"));
    let (_, parameters) = next.split_once("jobs/query").expect("the list");
    let last = caller.two(parameters, &[]).is(200).json();
    assert_eq!(last["done"], true);
    assert_eq!(last["records"].as_array().map(Vec::len), Some(1));
    assert!(last["nextRecordsUrl"].is_null());
    let none = caller.two("?jobType=Classic", &[]).is(200).json();
    assert_eq!(none["records"].as_array().map(Vec::len), Some(0));
}
