//! XML that is deep, wide, or wants more than it says.

use super::servers::answering;
use super::watch::{SMALL, Victim};

const ASK: [&str; 3] = ["getuserinfo", "-r", "xml"];
const QUERY: [&str; 2] = ["query", "SELECT Id FROM Contact"];
const BODY: &str = "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\" \
                    xmlns=\"urn:partner.soap.sforce.com\"><e:Body>";
const END: &str = "</e:Body></e:Envelope>";

/// A whole envelope, answered to every call and login.
fn envelope(content: &str) -> u16 {
    answering("200 OK", "text/xml", format!("{BODY}{content}{END}"))
}

fn user_info(content: &str) -> u16 {
    envelope(&format!(
        "<getUserInfoResponse><result>{content}<userId>00536000000a1b2AAA</userId></result></getUserInfoResponse>"
    ))
}

/// So many of a query's page that they are tens of megabytes.
const MILLION: usize = 1_000_000;

/// As many as an answer of one MiB has room for.
const MANY: usize = 60_000;

#[test]
fn elements_inside_each_other_by_the_million_are_refused_at_a_depth() {
    const TOO_DEEP: &str = "elements are nested deeper than 64";
    let page = format!(
        "<queryResponse><result><done>true</done><records>{}",
        "<a>".repeat(MILLION)
    );
    Victim::of(envelope(&page))
        .run(&QUERY, 6)
        .says(TOO_DEEP)
        .within(SMALL + 10 * MILLION as u64);
    Victim::of(user_info(&"<a>".repeat(MANY)))
        .run(&ASK, 6)
        .says(TOO_DEEP)
        .within(SMALL);
    let login = envelope(&format!("<loginResponse><result>{}", "<a>".repeat(MANY)));
    Victim::logging_in_at(login)
        .run(&["login"], 6)
        .says(TOO_DEEP)
        .within(SMALL);
}

/// To compare each of them with all the others took minutes, and on a long page hours.
#[test]
fn attributes_by_the_thousand_are_refused() {
    let attributes: String = (0..MANY).map(|number| format!(" a{number}=\"\"")).collect();
    Victim::of(user_info(&format!("<a{attributes}/>")))
        .run(&ASK, 6)
        .says("error: the answer cannot be read: XML, byte ")
        .says("a tag with more than 256 attributes or namespaces")
        .within(SMALL);
    let attributes = attributes.repeat(20);
    let page = format!("<queryResponse><result><done>true</done><a{attributes}/>");
    Victim::of(envelope(&page))
        .run(&QUERY, 6)
        .says("a tag with more than 256 attributes or namespaces")
        .within(2 * SMALL);
}

/// Each element whose prefix none of them declares was compared with all of them.
#[test]
fn namespaces_by_the_thousand_are_refused() {
    let namespaces: String = (0..MANY / 2)
        .map(|number| format!(" xmlns:a{number}=\"\""))
        .collect();
    let elements = "<b:c/>".repeat(MANY / 2);
    Victim::of(user_info(&format!("<a{namespaces}>{elements}</a>")))
        .run(&ASK, 6)
        .says("a tag with more than 256 attributes or namespaces")
        .within(SMALL);
}

#[test]
fn a_name_of_a_megabyte_is_a_name() {
    let name = "n".repeat(400_000);
    let run = Victim::of(user_info(&format!("<{name}>x</{name}>")))
        .run(&["getuserinfo"], 0)
        .within(SMALL);
    assert!(run.run.stdout.contains(&name));
    let query = Victim::of(envelope(&format!("<{name}/>")));
    query
        .run(&QUERY, 6)
        .says("error: the query result cannot be read: expected queryResponse")
        .within(SMALL)
        .briefly();
    query.run(&["query", "--json", QUERY[1]], 6).within(SMALL);
}

#[test]
fn a_fault_of_a_megabyte_is_told_in_brief() {
    let words = "no ".repeat(300_000);
    let fault = format!(
        "<e:Fault><faultcode>INVALID_FIELD</faultcode><faultstring>INVALID_FIELD: {words}</faultstring></e:Fault>"
    );
    let port = answering(
        "500 Server Error",
        "text/xml",
        format!("{BODY}{fault}{END}"),
    );
    for command in [&ASK[..], &QUERY] {
        Victim::of(port)
            .run(command, 4)
            .says("error: INVALID_FIELD: no no no")
            .within(SMALL)
            .briefly();
    }
}

#[test]
fn entities_are_not_what_a_doctype_makes_of_them() {
    let laughs: String = (1..20)
        .map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10)))
        .collect();
    let billion = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE e:Envelope [<!ENTITY l0 \"ha\">{laughs}]>{BODY}<a>&l19;</a>{END}"
    );
    let outside = format!(
        "<!DOCTYPE e:Envelope [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>{BODY}<a>&x;</a>{END}"
    );
    for document in [billion, outside] {
        let port = answering("200 OK", "text/xml", document);
        for command in [&ASK[..], &QUERY] {
            let run = Victim::of(port).run(command, 6).within(SMALL);
            let run = run.says("DOCTYPE is refused").briefly();
            assert!(!run.run.stderr.contains("root:"));
        }
        Victim::logging_in_at(port)
            .run(&["login"], 6)
            .says("DOCTYPE is refused");
    }
    for (entity, words) in [
        ("&l9;", "unknown entity &l9;"),
        ("&#0;", "XML, byte "),
        ("&#x1b;", "character U+001B is not allowed"),
        ("&#xFFFFFFFFFFFF;", "XML, byte "),
        ("&#55555555555555555555;", "XML, byte "),
    ] {
        Victim::of(user_info(&format!("<userName>{entity}</userName>")))
            .run(&ASK, 6)
            .says(words);
    }
}

#[test]
fn comments_and_instructions_without_end_take_no_more_than_their_bytes() {
    for opening in ["<!--", "<?", "<![CDATA[", "<a b=\"", "&"] {
        let content = format!("{opening}{}", "x".repeat(900_000));
        Victim::of(user_info(&content))
            .run(&ASK, 6)
            .within(SMALL)
            .briefly();
    }
}
