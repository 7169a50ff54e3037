//! Every page, each asked for once; rows counted; sessions that end on the way.

use sfmtls::local_org::{Call, Config, Mishap, Port, Prefixes, Switches, When};

use crate::lab::Lab;

const PLAIN: &str = "SELECT Id, LastName, Email FROM Contact ORDER BY CreatedDate DESC";

fn contacts(rows: u64) -> Config {
    Config {
        rows,
        ..Config::default()
    }
}

/// The lines of a csv result without line ends inside of values, without its header.
fn rows(csv: &str) -> Vec<&str> {
    csv.lines().skip(1).collect()
}

#[test]
fn every_page_is_fetched_once_and_on_one_connection() {
    let lab = Lab::logged_in_with(contacts(4500));
    for (size, pages) in [
        (None, 3),
        (Some("2000"), 3),
        (Some("200"), 23),
        (Some("450"), 10),
    ] {
        let before = lab.calls().len();
        let connections = lab.org.journal().connections();
        let batch = size.into_iter().flat_map(|size| ["--batch-size", size]);
        let out = lab.stdout(["query", PLAIN].into_iter().chain(batch));
        assert_eq!(rows(&out).len(), 4500, "{size:?}");
        assert!(rows(&out)[4499].ends_with(",Contact 4499,contact4499@example.test"));
        let mut expected = vec!["queryMore"; pages];
        expected[0] = "query";
        assert_eq!(lab.calls()[before..], expected, "{size:?}");
        assert_eq!(lab.org.journal().connections(), connections + 1);
    }
    let journal = lab.org.journal();
    assert!(
        journal
            .entries
            .iter()
            .all(|entry| entry.call == "login" || entry.port == Port::Mutual)
    );
}

#[test]
fn rows_are_the_same_whatever_the_batch_size_encoding_and_prefixes() {
    let lab = Lab::logged_in_with(contacts(700));
    let soql = "SELECT Id, Description, Account.Name, (SELECT Id, Subject FROM Cases) FROM Contact";
    for format in ["csv", "json", "ndjson", "human"] {
        let run = |size: &str| lab.stdout(["query", soql, "-r", format, "--batch-size", size]);
        let expected = run("2000");
        assert_eq!(run("200"), expected, "{format}: smaller pages");
        lab.org.switch(|switches| switches.gzip = false);
        assert_eq!(run("2000"), expected, "{format}: without gzip");
        lab.org
            .switch(|switches| switches.prefixes = Prefixes::Exchanged);
        assert_eq!(run("2000"), expected, "{format}: other prefixes");
        lab.org.switch(|switches| *switches = Switches::default());
    }
}

#[test]
fn all_rows_brings_the_deleted_ones_too() {
    let lab = Lab::logged_in_with(contacts(2100));
    let soql = "SELECT Id, IsDeleted FROM Contact";
    let live = lab.stdout(["query", soql]);
    assert_eq!(rows(&live).len(), 2100);
    assert!(!live.contains("true"));
    let all = lab.stdout(["query", soql, "--all-rows"]);
    assert_eq!(rows(&all).len(), 2205);
    assert_eq!(all.matches(",true\n").count(), 105);
    assert_eq!(
        lab.calls(),
        ["login", "query", "queryMore", "queryAll", "queryMore"]
    );
}

#[test]
fn a_count_is_a_number_and_no_rows() {
    let lab = Lab::logged_in_with(contacts(321));
    let soql = "SELECT COUNT() FROM Contact";
    for format in ["csv", "ndjson", "human"] {
        let run = lab.run(["query", soql, "-r", format]).exits(0);
        assert_eq!(
            (run.stdout.as_str(), run.stderr.as_str()),
            ("321\n", ""),
            "{format}"
        );
    }
    assert_eq!(
        lab.stdout(["query", soql, "-r", "json"]),
        "{\"records\":[],\"totalSize\":321,\"done\":true}\n"
    );
}

#[test]
fn a_result_without_rows_has_its_header_all_the_same() {
    let lab = Lab::logged_in();
    let soql = "SELECT Id, Account.Name, lastname FROM Contact WHERE LastName = 'nobody'";
    assert_eq!(lab.stdout(["query", soql]), "Id,Account.Name,lastname\n");
    assert_eq!(
        lab.stdout(["query", soql, "-r", "json"]),
        "{\"records\":[],\"totalSize\":0,\"done\":true}\n"
    );
    assert_eq!(lab.stdout(["query", soql, "-r", "ndjson"]), "");
    let human = lab.run(["query", soql, "-r", "human"]).exits(0);
    assert_eq!(human.stderr, "0 rows\n");
    assert!(human.stdout.starts_with("Id"), "{}", human.stdout);
}

#[test]
fn an_unknown_size_is_the_number_of_rows() {
    let lab = Lab::logged_in_with(contacts(450));
    lab.org.switch(|switches| switches.unknown_size = true);
    let out = lab.stdout(["query", PLAIN, "-r", "json", "--batch-size", "200"]);
    assert!(out.ends_with("],\"totalSize\":450,\"done\":true}\n"));
}

#[test]
fn fewer_rows_than_announced_are_a_failure() {
    let lab = Lab::logged_in_with(contacts(450));
    lab.org
        .plan(Call::QueryMore, When::Nth(1), Mishap::FewerRows(3));
    let run = lab.run(["query", PLAIN, "--batch-size", "200"]).exits(5);
    assert_eq!(rows(&run.stdout).len(), 447);
    assert!(
        run.stderr
            .starts_with("error: Salesforce announced 450 rows, but 447 came\n"),
        "{}",
        run.stderr
    );
}

#[test]
fn child_rows_are_paged_to_their_end() {
    let lab = Lab::logged_in_with(contacts(600));
    let soql = "SELECT Name, (SELECT LastName FROM Contacts) FROM Account";
    let out = lab.stdout(["query", soql, "-r", "ndjson", "--batch-size", "200"]);
    let accounts: Vec<serde_json::Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let largest = accounts
        .iter()
        .filter_map(|account| account["Contacts"]["records"].as_array())
        .max_by_key(|contacts| contacts.len())
        .unwrap();
    // One contact in fifty has no account.
    assert_eq!(largest.len(), 441);
    assert_eq!(lab.calls(), ["login", "query", "queryMore", "queryMore"]);
}

#[test]
fn fewer_child_rows_than_announced_are_a_failure() {
    let lab = Lab::logged_in_with(contacts(600));
    lab.org
        .plan(Call::QueryMore, When::Nth(2), Mishap::FewerRows(1));
    let soql = "SELECT Name, (SELECT LastName FROM Contacts) FROM Account";
    let run = lab
        .run(["query", soql, "--batch-size", "200", "--json"])
        .exits(5);
    let document: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
    assert_eq!(document["error"]["code"], "rows-missing");
    assert_eq!(
        document["error"]["message"],
        "Salesforce announced 441 rows of Contacts in one record, but 440 came"
    );
}

#[test]
fn the_version_of_the_calls_is_the_one_asked_for_and_the_logins_at_most_64() {
    let lab = Lab::new();
    lab.run(["login", "--api-version", "v67"]).exits(0);
    lab.run(["getuserinfo"]).exits(0);
    lab.run(["getuserinfo", "--api-version", "60"]).exits(0);
    let versions: Vec<String> = lab
        .org
        .journal()
        .entries
        .iter()
        .map(|entry| entry.path.split('/').nth(4).unwrap().to_owned())
        .collect();
    assert_eq!(versions, ["64.0", "67.0", "60.0"]);
}

#[test]
fn a_session_that_ends_on_the_way_is_renewed_where_credentials_are_at_hand() {
    let lab = Lab::with(contacts(2000));
    lab.run(["login"]).exits(0);
    // Each session serves four calls; the eleven pages need three.
    lab.org.switch(|switches| switches.session_calls = Some(4));
    let run = lab.run(["query", PLAIN, "--batch-size", "200"]).exits(0);
    assert_eq!(rows(&run.stdout).len(), 2000);
    assert_eq!(
        run.stderr,
        format!(
            "note: the session has expired; logging in again at https://localhost:{}\n",
            lab.org.login_port()
        )
        .repeat(2)
    );
    let calls = lab.calls();
    assert_eq!(calls.iter().filter(|call| *call == "login").count(), 3);
    // Ten pages, and the two calls that were refused.
    assert_eq!(calls.len(), 3 + 10 + 2);
    // The session in the cache is the last one: two of its four calls have been made.
    let before = lab.calls().len();
    lab.run(["getuserinfo"]).exits(0);
    assert_eq!(lab.calls()[before..], ["getUserInfo"]);
}

#[test]
fn a_session_that_ends_on_the_way_is_a_failure_where_they_are_not() {
    let lab = Lab::logged_in_with(contacts(2000));
    lab.org.switch(|switches| switches.session_calls = Some(4));
    let run = lab.run(["query", PLAIN, "--batch-size", "200"]).exits(3);
    assert_eq!(rows(&run.stdout).len(), 800);
    assert!(run.stderr.contains("INVALID_SESSION_ID"), "{}", run.stderr);
}

#[test]
fn a_new_session_that_ends_at_once_is_not_renewed_again() {
    let lab = Lab::new();
    lab.run(["login"]).exits(0);
    lab.org.switch(|switches| switches.session_calls = Some(0));
    lab.run(["getuserinfo"]).exits(3);
    assert_eq!(
        lab.calls(),
        ["login", "getUserInfo", "login", "getUserInfo"]
    );
}

#[test]
fn another_users_new_session_does_not_take_over_the_work_nor_the_cache() {
    let mut lab = Lab::new();
    lab.run(["login"]).exits(0);
    let cached = std::fs::read_to_string(lab.session_file()).unwrap();
    lab.org.end_sessions();
    lab.forget_credentials();
    lab.org.switch(|switches| switches.oauth.run_as = Some(1));
    let app = [lab.org.client_id(), lab.org.client_secret()];
    let [id, secret] = app.map(str::to_owned);
    lab.set("SFMTLS_CLIENT_ID", id);
    lab.set("SFMTLS_CLIENT_SECRET", secret);
    let run = lab.run(["query", PLAIN]).exits(3);
    assert!(run.stderr.contains("another user"), "{}", run.stderr);
    assert_eq!(std::fs::read_to_string(lab.session_file()).unwrap(), cached);
}

#[test]
fn the_query_is_an_argument_an_option_a_file_or_standard_input() {
    let lab = Lab::logged_in();
    let file = lab.file("query.soql", "\nSELECT LastName\n  FROM Contact LIMIT 1\n");
    let file = file.to_str().unwrap();
    let soql = "SELECT LastName FROM Contact LIMIT 1";
    for arguments in [
        vec![soql],
        vec!["-q", soql],
        vec!["-f", file],
        vec!["--file", file],
    ] {
        let out = lab.stdout(["query"].iter().chain(&arguments));
        assert_eq!(out, "LastName\nGonzalez\n", "{arguments:?}");
    }
    for arguments in [&["query", "-"][..], &["query", "-f", "-"]] {
        let run = lab.run_with_input(arguments, soql).exits(0);
        assert_eq!(run.stdout, "LastName\nGonzalez\n", "{arguments:?}");
    }
    for (arguments, message) in [
        (vec!["query"], "no query was given"),
        (vec!["query", " \n "], "the query is empty"),
        (vec!["query", soql, "-q", soql], "cannot be used with"),
        (
            vec!["query", soql, "--batch-size", "199"],
            "from 200 to 2000",
        ),
    ] {
        let run = lab.run(&arguments).exits(2);
        assert!(
            run.stderr.contains(message),
            "{arguments:?}: {}",
            run.stderr
        );
    }
}
