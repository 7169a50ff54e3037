//! Escape sequences wherever a server may put text: a terminal sees none, and JSON keeps its value.

use std::io::Write;

use serde_json::Value;

use super::servers::{answering, tls, whole};
use super::watch::Victim;
use crate::judges::on_a_terminal;

/// Clears the screen, sets the title, turns the direction around; C1's CSI alone.
const ESCAPES: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}\u{9b}31m\u{7f}\u{8}";
/// The part of it that XML may hold.
const IN_XML: &str = "\u{202e}\u{9b}2J\u{9b}31m\u{7f}";
const QUERY: [&str; 2] = ["query", "SELECT Id, Name FROM Contact"];

/// Nothing is in it that a terminal obeys, but for the colours that are ours.
fn is_clean(text: &str) -> bool {
    let mut text = text.replace("\r\n", "\n");
    for ours in [
        "\u{1b}[0m",
        "\u{1b}[1m",
        "\u{1b}[31m",
        "\u{1b}[1;31m",
        "\u{1b}[32m",
        "\u{1b}[33m",
    ] {
        text = text.replace(ours, "");
    }
    let bad = |c: char| {
        (c.is_control() && c != '\n' && c != '\t') || ('\u{202a}'..='\u{202e}').contains(&c)
    };
    !text.contains(bad)
}

/// Shown on a terminal, told to a script, and talkatively.
#[track_caller]
fn says_no_escapes(port: u16, arguments: &[&str], status: i32) {
    let mut victim = Victim::of(port);
    for more in ["", "-v", "-vv", "--show-curl"] {
        let words: Vec<String> = arguments.iter().map(|word| format!("'{word}'")).collect();
        let shown = on_a_terminal(
            victim.lab(),
            &format!("sfmtls {} {more}", words.join(" ")),
            &[],
        );
        assert_eq!(shown.status, status, "{}", shown.text);
        assert!(
            is_clean(&shown.text),
            "{arguments:?} {more}: {:?}",
            shown.text
        );
        // A file with messages is looked at later, results are a program's.
        let piped: Vec<&str> = arguments
            .iter()
            .copied()
            .chain((!more.is_empty()).then_some(more))
            .collect();
        let run = victim.watch(&piped, status).run;
        assert!(is_clean(&run.stderr), "{piped:?}: {:?}", run.stderr);
    }
    let arguments: Vec<&str> = arguments.iter().chain(&["--json"]).copied().collect();
    let run = victim.watch(&arguments, status).run;
    assert!(is_clean(&run.stdout), "{:?}", run.stdout);
    let _: Value = serde_json::from_str(&run.stdout).expect("a document");
}

fn envelope(content: &str) -> String {
    format!(
        "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns=\"urn:partner.soap.sforce.com\" \
         xmlns:sf=\"urn:sobject.partner.soap.sforce.com\"><e:Body>{content}</e:Body></e:Envelope>"
    )
}

#[test]
fn in_faults_and_their_codes() {
    let fault = envelope(&format!(
        "<e:Fault><faultcode>BAD{IN_XML}</faultcode><faultstring>BAD: words {IN_XML}</faultstring></e:Fault>"
    ));
    let port = answering("500 Server Error", "text/xml", fault);
    says_no_escapes(port, &["getuserinfo"], 4);
    says_no_escapes(port, &QUERY, 4);
    says_no_escapes(port, &["bulk-query", "SELECT Id FROM Contact"], 6);
    let victim = Victim::of(port);
    let document: Value =
        serde_json::from_str(&victim.watch(&["getuserinfo", "--json"], 4).run.stdout).unwrap();
    assert!(
        document["error"]["message"]
            .as_str()
            .unwrap()
            .contains("words")
    );
}

#[test]
fn in_errors_of_json_and_states_of_jobs() {
    let error = serde_json::json!([{ "errorCode": format!("BAD{ESCAPES}"), "message": ESCAPES }]);
    let port = answering("400 Bad Request", "application/json", error.to_string());
    for api in ["1", "2"] {
        let run = ["bulk-query", "--bulk-api", api, "SELECT Id FROM Contact"];
        says_no_escapes(port, &run, 4);
    }
    let job = serde_json::json!({
        "id": "750000000000001AAA", "state": "Failed", "errorMessage": format!("no {ESCAPES}"),
        "apiVersion": 64.0,
    });
    let port = answering("200 OK", "application/json", job.to_string());
    let run = [
        "bulk-query",
        "--bulk-api",
        "2",
        "--job-id",
        "750000000000001AAA",
    ];
    says_no_escapes(port, &run, 4);
    let named = serde_json::json!({
        "id": "750000000000001AAA", "state": format!("Abor{ESCAPES}ted"), "apiVersion": 64.0,
    });
    let port = answering("200 OK", "application/json", named.to_string());
    says_no_escapes(
        port,
        &run.iter()
            .chain(&["--wait", "0s"])
            .copied()
            .collect::<Vec<_>>(),
        7,
    );
    says_no_escapes(
        port,
        &run.iter().chain(&["--abort"]).copied().collect::<Vec<_>>(),
        0,
    );
}

#[test]
fn in_titles_of_pages_headers_and_hosts() {
    let page = format!("<html><title>Sign in {ESCAPES}</title></html>");
    says_no_escapes(answering("200 OK", "text/html", page), &["getuserinfo"], 6);
    let reason = format!("<html><body>Client certificate error:<i>{ESCAPES}</i></body></html>");
    says_no_escapes(
        answering("200 OK", "text/html", reason),
        &["getuserinfo"],
        8,
    );
    for header in [
        "Location: https://\u{9b}2J.test/",
        "Location: https://[::1%25\u{202e}]/",
        "X: \u{9b}2J\u{202e}",
    ] {
        let port = tls(move |_, tls| {
            let head = format!("HTTP/1.1 302 Found\u{9b}\r\n{header}\r\nContent-Length: 0\r\n\r\n");
            tls.write_all(head.as_bytes())
        });
        says_no_escapes(port, &["getuserinfo"], 6);
    }
    let port = tls(|_, tls| {
        tls.write_all(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: br\xc2\x9b2J\r\nContent-Length: 0\r\n\r\n",
        )
    });
    says_no_escapes(port, &["getuserinfo"], 6);
}

/// In a pipe the values are the server's, on a terminal they are cleaned in each format; formats for
/// programs used to go there as they were.
#[test]
fn in_names_and_values_of_results() {
    let user = envelope(&format!(
        "<getUserInfoResponse><result><userFullName>Eve {IN_XML}</userFullName><x{IN_XML}>1</x{IN_XML}>\
         <userId>00536000000a1b2AAA</userId></result></getUserInfoResponse>"
    ));
    let rows = envelope(&format!(
        "<queryResponse><result><done>true</done><records><sf:type>Contact</sf:type><sf:Id>003</sf:Id>\
         <sf:Id>003</sf:Id><sf:Name>Eve {IN_XML}</sf:Name></records><size>1</size></result></queryResponse>"
    ));
    let port = tls(move |request, tls| {
        let body = if request.contains("getUserInfo") {
            &user
        } else {
            &rows
        };
        tls.write_all(whole("200 OK", "text/xml", body).as_bytes())
    });
    let mut victim = Victim::of(port);
    let name = format!("Eve {IN_XML}");
    let run = victim.watch(&["getuserinfo", "-r", "json"], 0).run;
    let user: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(user["userFullName"], name);
    let run = victim.watch(&["query", QUERY[1], "-r", "json"], 0).run;
    let rows: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(rows["records"][0]["Name"], name);
    let query = format!("query '{}'", QUERY[1]);
    for (command, formats) in [
        ("getuserinfo", &["human", "json", "csv", "xml"][..]),
        (&query, &["human", "csv", "json", "ndjson", "xml"]),
    ] {
        for format in formats {
            let line = format!("sfmtls {command} -r {format}");
            let shown = on_a_terminal(victim.lab(), &format!("{line} -s"), &[]);
            assert_eq!(shown.status, 0, "{line}: {}", shown.text);
            assert!(shown.text.contains("Eve"), "{line}: {:?}", shown.text);
            assert!(is_clean(&shown.text), "{line}: {:?}", shown.text);
            if *format == "json" {
                let document: Value = serde_json::from_str(&shown.text).expect("a document");
                assert!(document.to_string().contains(&name), "{document}");
            }
            let piped = on_a_terminal(victim.lab(), &format!("{line} >out; cat out"), &[]);
            let same = *format == "human" || piped.text.contains(&name);
            assert!(same, "{line}: {:?}", piped.text);
        }
    }
}

/// A job's rows are passed through as they are, but not to a terminal.
#[test]
fn in_rows_of_jobs() {
    let job = serde_json::json!({
        "id": "750000000000001AAA", "state": "JobComplete", "operation": "query", "object": "Contact",
        "apiVersion": 64.0, "columnDelimiter": "COMMA", "lineEnding": "LF", "numberRecordsProcessed": 2,
    })
    .to_string();
    let rows = format!("\"Id\",\"Name\"\n\"1\",\"Eve {ESCAPES}\"\n\"2\",\"日本\r\n語\"\n");
    let port = tls(move |request, tls| {
        let answer = match request.contains("/results") {
            true => whole("200 OK", "text/csv", &rows).replacen(
                "\r\n",
                "\r\nSforce-NumberOfRecords: 2\r\nSforce-Locator: null\r\n",
                1,
            ),
            false => whole("200 OK", "application/json", &job),
        };
        tls.write_all(answer.as_bytes())
    });
    let mut victim = Victim::of(port);
    for format in ["csv", "json", "ndjson", "human"] {
        let line = format!(
            "sfmtls bulk-query --bulk-api 2 --parallel 1 --job-id 750000000000001AAA -r {format} --color never"
        );
        let shown = on_a_terminal(victim.lab(), &line, &[]);
        assert_eq!(shown.status, 0, "{line}: {}", shown.text);
        assert!(shown.text.contains("Eve ") && shown.text.contains("日本"));
        assert!(is_clean(&shown.text), "{line}: {:?}", shown.text);
        let piped = on_a_terminal(victim.lab(), &format!("{line} >out; cat out"), &[]);
        let same = format != "csv" || piped.text.contains(ESCAPES);
        assert!(same, "{line}: {:?}", piped.text);
    }
}
