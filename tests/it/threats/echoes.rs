//! Servers that repeat a password: whatever it is, and wherever they put it.

use std::fs;

use super::servers::{answering, tls, whole};
use super::watch::Victim;
use crate::lab::Lab;

/// A word that is none of ours.
const WORD: &str = "blossom";

const COMMANDS: [&[&str]; 4] = [
    &["getuserinfo"],
    &["query", "SELECT Id FROM Contact"],
    &["bulk-query", "SELECT Id FROM Contact"],
    &["bulk-query", "--bulk-api", "2", "SELECT Id FROM Contact"],
];

/// Status, content type and body of answers that repeat the word.
const ANSWERS: [(&str, &str, &str); 12] = [
    ("500 No", "text/xml", FAULT),
    ("400 Bad Request", "application/json", REST_FAULT),
    ("400 Bad Request", "application/xml", BULK_FAULT),
    (
        "200 OK",
        "text/html",
        "<html><title>blossom</title>blossom</html>",
    ),
    (
        "503 Busy",
        "text/html",
        "<html><title>a blossom</title></html>",
    ),
    (
        "200 OK",
        "text/html",
        "<h3>Client certificate error:<i>blossom</i></h3>",
    ),
    (
        "400 Bad Request",
        "text/html",
        "<html><title>400 The SSL certificate error, blossom</title></html>",
    ),
    (
        "200 OK",
        "text/xml",
        "<?xml version=\"1.0\" encoding=\"blossom\"?><a/>",
    ),
    ("200 OK", "text/xml", "<a>&blossom;</a>"),
    ("200 OK", "text/xml", "<a></blossom>"),
    ("200 OK", "application/json", "{\"blossom\": blossom}"),
    ("200 OK", "text/xml", PAGE),
];

const FAULT: &str = "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body><e:Fault>\
                     <faultcode>blossom</faultcode><faultstring>no blossom here</faultstring>\
                     </e:Fault></e:Body></e:Envelope>";
const REST_FAULT: &str = r#"[{"errorCode": "blossom", "message": "no blossom here"}]"#;
const BULK_FAULT: &str = "<error xmlns=\"http://www.force.com/2009/06/asyncapi/dataload\">\
                          <exceptionCode>blossom</exceptionCode>\
                          <exceptionMessage>no blossom here</exceptionMessage></error>";
const PAGE: &str = "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\" \
                    xmlns=\"urn:partner.soap.sforce.com\"><e:Body><queryResponse><result>\
                    <done>blossom</done></result></queryResponse></e:Body></e:Envelope>";

/// Whether it fails or not, the word is nowhere.
#[track_caller]
fn says_nothing(lab: &Lab, command: &[&str]) {
    for more in [&[][..], &["--json"], &["-vv", "--show-curl"]] {
        let arguments = command.iter().chain(more).chain(&["--retry", "1"]);
        let run = lab.run(arguments);
        assert_ne!(run.status, 0, "{command:?}");
        let said = run.stdout + &run.stderr;
        assert!(!said.contains(WORD), "{command:?}: {said}");
        assert!(!said.is_empty());
    }
}

/// It is hidden whole texts at a time no longer, so each place where somebody else's words come in has
/// to know them.
#[test]
fn a_word_that_is_a_password_is_shown_in_no_answer() {
    for (status, content_type, body) in ANSWERS {
        let mut victim = Victim::of(answering(status, content_type, body.to_owned()));
        let lab = victim.lab();
        lab.set("SFMTLS_CERT_PASSWORD", WORD);
        for command in COMMANDS {
            says_nothing(lab, command);
        }
    }
}

#[test]
fn a_word_that_is_a_password_is_shown_in_no_refused_login() {
    for (status, content_type, body) in ANSWERS {
        let mut victim = Victim::logging_in_at(answering(status, content_type, body.to_owned()));
        let lab = victim.lab();
        lab.set("SFMTLS_PASSWORD", WORD);
        says_nothing(lab, &["login"]);
        lab.set("SFMTLS_CLIENT_ID", "3MVG9");
        let secret = lab.file("client-secret", WORD);
        let secret = secret.to_str().unwrap();
        let app = [
            "login",
            "--client-credentials",
            "--client-secret-file",
            secret,
        ];
        says_nothing(lab, &app);
    }
}

#[test]
fn a_word_that_is_a_password_is_shown_in_no_detour() {
    let port = tls(|_, tls| {
        use std::io::Write;
        let answer = whole("302 Found", "text/plain", "");
        let to = "\r\nLocation: https://blossom.test/blossom\r\n";
        tls.write_all(answer.replacen("\r\n", to, 1).as_bytes())
    });
    let mut victim = Victim::of(port);
    victim.lab().set("SFMTLS_CERT_PASSWORD", WORD);
    for command in COMMANDS {
        says_nothing(victim.lab(), command);
    }
}

/// A gap in a sentence that everybody knows used to tell the password.
#[test]
fn our_own_sentences_stay_whole_whatever_the_password() {
    let title = "certificate session server answered";
    let page = format!("<html><title>{title}</title></html>");
    let mut victim = Victim::of(answering("200 OK", "text/html", page));
    let lab = victim.lab();
    for (word, shown) in [
        ("certificate", "[redacted] session server answered"),
        ("session", "certificate [redacted] server answered"),
        ("server", "certificate session [redacted] answered"),
        ("answered", "certificate session server [redacted]"),
        ("services", title),
        ("Salesforce", title),
    ] {
        lab.set("SFMTLS_CERT_PASSWORD", word);
        let run = lab.run(["getuserinfo", "--insecure"]).exits(6);
        let port = lab.variable("SFMTLS_MTLS_PORT").unwrap().display();
        let said = format!(
            "warning: the server's certificate is not verified (--insecure)\n\
             error: the answer is a web page, not one of Salesforce's API: {shown}\n  \
             cause: POST https://localhost:{port}/services/Soap/u/64.0/00D36000000YUbz answered with HTTP 200\n  \
             hint: check the host: the API is at the org's My Domain; or something on the way answered instead\n"
        );
        assert_eq!(run.stderr, said);
    }
}

#[test]
fn the_code_of_a_failure_stays_whole_whatever_the_password() {
    let mut lab = Lab::logged_in();
    fs::remove_file(lab.session_file()).unwrap();
    lab.set("SFMTLS_CERT_PASSWORD", "session");
    let run = lab.run(["getuserinfo", "--json"]).exits(3);
    let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let error = &document["error"];
    assert_eq!(error["code"], "session-missing");
    let message = error["message"].as_str().unwrap();
    assert!(message.starts_with("there is no session in /"), "{message}");
}
