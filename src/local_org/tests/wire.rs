//! Connections and answers, byte by byte: what HTTP and the mishaps do on the wire.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use super::super::*;
use super::client::{Client, End, GET_USER_INFO, body, envelope, header, post, post_with, status};
use super::org;

fn user_info(org: &Org) -> String {
    post(&envelope(&org.session(0, "localhost"), GET_USER_INFO))
}

/// The answer to one getUserInfo() that meets a mishap.
fn answer_to(mishap: Mishap) -> (String, End) {
    let org = org();
    org.plan(Call::GetUserInfo, When::Always, mishap);
    let request = user_info(&org);
    Client::new(&org).exchange(&request)
}

fn whole_body() -> String {
    let org = org();
    let request = user_info(&org);
    body(&Client::new(&org).exchange(&request).0).to_owned()
}

#[test]
fn a_connection_is_kept_and_counted() {
    let org = org();
    let request = user_info(&org);
    let mut client = Client::new(&org);
    for _ in 0..3 {
        assert_eq!(client.exchange(&request).1, End::Open);
    }
    Client::new(&org).exchange(&request);
    assert_eq!(org.journal().entries.len(), 4);
    assert_eq!(org.journal().connections(), 2);
}

#[test]
fn chunked_and_gzip_requests_are_read() {
    let org = org();
    let message = envelope(&org.session(0, "localhost"), GET_USER_INFO);
    let mut client = Client::new(&org);
    let (first, second) = message.split_at(50);
    let chunked = format!(
        "POST /services/Soap/u/64.0 HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\nSOAPAction: \"\"\r\n\
         Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{first}\r\n{:X};note=1\r\n{second}\r\n0\r\n\r\n",
        first.len(),
        second.len()
    );
    assert_eq!(status(&client.exchange(&chunked).0), "200");

    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(message.as_bytes()).expect("memory");
    let packed = encoder.finish().expect("memory");
    let head = post_with(
        "Content-Type: text/xml\r\nSOAPAction: \"\"\r\nContent-Encoding: gzip\r\n",
        "",
    );
    let head = head.replace(
        "Content-Length: 0",
        &format!("Content-Length: {}", packed.len()),
    );
    client.send(&[head.as_bytes(), &packed].concat());
    let (answer, _) = client.receive();
    assert_eq!(status(&String::from_utf8_lossy(&answer)), "200");
    assert!(org.journal().entries[1].gzip);
}

#[test]
fn gzip_is_sent_to_those_who_accept_it_and_to_others_only_by_mishap() {
    let whole = whole_body();
    let org = org();
    let message = envelope(&org.session(0, "localhost"), GET_USER_INFO);
    let headers =
        "Content-Type: text/xml\r\nSOAPAction: \"\"\r\nAccept-Encoding: deflate, gzip;q=0.5\r\n";
    let accepting = post_with(headers, &message);
    let plain = post(&message);
    let mut client = Client::new(&org);
    let mut packed = |request: &str| {
        client.send(request.as_bytes());
        let (answer, _) = client.receive();
        let at = answer
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .expect("a head")
            + 4;
        let is_packed = String::from_utf8_lossy(&answer[..at]).contains("Content-Encoding: gzip");
        let mut text = String::new();
        if is_packed {
            GzDecoder::new(&answer[at..])
                .read_to_string(&mut text)
                .expect("gzip");
            assert_eq!(text.len(), whole.len());
        }
        is_packed
    };
    assert!(packed(&accepting));
    assert!(!packed(&plain));
    org.switch(|switches| switches.gzip = false);
    assert!(!packed(&accepting));
    org.plan(Call::Any, When::Always, Mishap::GzipUnasked);
    assert!(packed(&plain));
}

#[test]
fn connections_are_cut_where_and_how_the_mishap_says() {
    for (ending, seen) in [
        (Ending::CloseNotify, End::CloseNotify),
        (Ending::Close, End::Close),
        (Ending::Reset, End::Reset),
    ] {
        let (answer, end) = answer_to(Mishap::Cut {
            after: Some(100),
            ending,
        });
        assert_eq!((body(&answer).len(), end), (100, seen));
        assert!(
            header(&answer, "Content-Length")
                .is_some_and(|length| length.parse::<usize>().is_ok_and(|n| n > 100))
        );
        let (answer, end) = answer_to(Mishap::Cut {
            after: None,
            ending,
        });
        assert_eq!((answer.as_str(), end), ("", seen));
    }
}

#[test]
fn lengths_can_lie_both_ways() {
    let whole = whole_body();
    let (answer, end) = answer_to(Mishap::LengthTooLong(10));
    assert_eq!((body(&answer).len(), end), (whole.len(), End::CloseNotify));
    assert_eq!(
        header(&answer, "Content-Length"),
        Some((whole.len() + 10).to_string().as_str())
    );
    let (answer, _) = answer_to(Mishap::LengthTooShort(10));
    assert_eq!(
        header(&answer, "Content-Length"),
        Some((whole.len() - 10).to_string().as_str())
    );
}

#[test]
fn bodies_come_in_chunks_or_until_the_end() {
    let whole = whole_body();
    let (answer, end) = answer_to(Mishap::Chunked(1000));
    assert_eq!(end, End::Open);
    assert!(
        body(&answer).starts_with("3e8\r\n<?xml") && header(&answer, "Content-Length").is_none()
    );
    for (ending, seen) in [
        (Ending::CloseNotify, End::CloseNotify),
        (Ending::Close, End::Close),
    ] {
        let (answer, end) = answer_to(Mishap::UntilClose(ending));
        assert_eq!((body(&answer).len(), end), (whole.len(), seen));
        assert!(header(&answer, "Content-Length").is_none());
    }
}

#[test]
fn an_idle_connection_is_closed_without_a_word() {
    let org = org();
    org.plan(Call::Any, When::Nth(1), Mishap::CloseIdle);
    let request = user_info(&org);
    let mut client = Client::new(&org);
    let (answer, end) = client.exchange(&request);
    assert_eq!(
        (status(&answer), end, header(&answer, "Connection")),
        ("200", End::Open, None)
    );
    assert_eq!(client.receive().1, End::CloseNotify);
}

#[test]
fn other_answers_take_the_place_of_the_real_one() {
    let (answer, _) = answer_to(Mishap::Redirect("https://elsewhere.test/".to_owned()));
    assert_eq!(
        (status(&answer), header(&answer, "Location")),
        ("302", Some("https://elsewhere.test/"))
    );
    let page = Mishap::Page {
        status: 503,
        content_type: "text/xml",
        retry_after: Some("7".to_owned()),
    };
    let (answer, _) = answer_to(page);
    assert_eq!(
        (status(&answer), header(&answer, "Retry-After")),
        ("503", Some("7"))
    );
    assert!(body(&answer).starts_with("<!DOCTYPE html>"));
    let (answer, _) = answer_to(Mishap::Fault(
        "UNABLE_TO_LOCK_ROW",
        "unable to obtain exclusive access",
    ));
    assert!(
        answer.contains("<sf:exceptionCode>UNABLE_TO_LOCK_ROW</sf:exceptionCode>"),
        "{answer}"
    );
    let (answer, _) = answer_to(Mishap::Doctype);
    assert!(
        body(&answer).contains("?><!DOCTYPE Envelope [<!ENTITY"),
        "{answer}"
    );
    let (answer, end) = answer_to(Mishap::CutXml(300));
    assert_eq!((body(&answer).len(), end), (300, End::Open));
}

#[test]
fn a_silent_org_can_still_be_stopped() {
    let org = org();
    org.plan(Call::Any, When::Always, Mishap::Silence);
    let request = user_info(&org);
    let mut client = Client::new(&org);
    client.send(request.as_bytes());
    let mut idle = Client::new(&org);
    let port = org.mutual_port();
    drop(org);
    assert_ne!(client.receive().1, End::Open);
    assert_ne!(idle.receive().1, End::Open);
    std::net::TcpListener::bind(("127.0.0.1", port)).expect("the port is free again");
}

#[test]
fn plans_are_counted_from_when_they_are_made() {
    let org = org();
    let request = user_info(&org);
    let mut client = Client::new(&org);
    let mut statuses = |count: usize| -> Vec<String> {
        (0..count)
            .map(|_| status(&client.exchange(&request).0).to_owned())
            .collect()
    };
    assert_eq!(statuses(1), ["200"]);
    org.plan(
        Call::Query,
        When::Always,
        Mishap::Fault("SERVER_UNAVAILABLE", "busy"),
    );
    org.plan(
        Call::GetUserInfo,
        When::Nth(2),
        Mishap::Fault("SERVER_UNAVAILABLE", "busy"),
    );
    org.plan(
        Call::Any,
        When::From(4),
        Mishap::Redirect("https://elsewhere.test/".to_owned()),
    );
    assert_eq!(statuses(5), ["200", "500", "200", "302", "302"]);
}

#[test]
fn what_is_no_soap_call_is_refused() {
    let org = org();
    let session = org.session(0, "localhost");
    let good = envelope(&session, GET_USER_INFO);
    let soap = "Content-Type: text/xml\r\nSOAPAction: \"\"\r\n";
    let with_body = |message: &str| post_with(soap, message);
    for (request, expected_status, words) in [
        (
            "GET /services/Soap/u/64.0 HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(),
            "405",
            "Method Not Allowed",
        ),
        (
            post(&good).replace("/u/64.0", "/c/64.0"),
            "404",
            "Not Found",
        ),
        (
            post(&good).replace("/u/64.0", "/u/64.0/00D000000000000"),
            "404",
            "Not Found",
        ),
        (
            post(&good).replace("/u/64.0", "/u/v64.0"),
            "500",
            "UNSUPPORTED_API_VERSION",
        ),
        (
            post(&good).replace("/u/64.0", "/u/30.0"),
            "500",
            "UNSUPPORTED_API_VERSION",
        ),
        (
            post_with(
                "Content-Type: application/xml\r\nSOAPAction: \"\"\r\n",
                &good,
            ),
            "500",
            "should be text/xml",
        ),
        (
            post_with("Content-Type: text/xml\r\n", &good),
            "500",
            "SOAPAction HTTP header missing",
        ),
        (
            with_body(&good.replace("</e:Body>", "")),
            "500",
            "not well-formed",
        ),
        (
            with_body(&good[..good.len() - 20]),
            "500",
            "not well-formed",
        ),
        (
            with_body(&format!("{good}<more/>")),
            "500",
            "not well-formed",
        ),
        (
            with_body(&good.replace("p:getUserInfo", "q:getUserInfo")),
            "500",
            "is not bound",
        ),
        (with_body(&format!("<!DOCTYPE x>{good}")), "500", "DOCTYPE"),
        (
            with_body(&good.replace("partner.soap", "enterprise.soap")),
            "500",
            "No operation available",
        ),
        (
            with_body(&good.replace("getUserInfo", "describeGlobal")),
            "500",
            "No operation available",
        ),
        (
            with_body(&good.replace("soap/envelope/", "soap-envelope")),
            "500",
            "SOAP 1.1 Envelope",
        ),
        (
            with_body(&good.replace(&session, "x")),
            "500",
            "INVALID_SESSION_ID",
        ),
        (
            with_body(&envelope(&session, "<p:query><p:text>x</p:text></p:query>")),
            "500",
            "query takes queryString",
        ),
    ] {
        let (answer, _) = Client::new(&org).exchange(&request);
        assert_eq!(status(&answer), expected_status, "{answer}");
        assert!(answer.contains(words), "{words} in {answer}");
    }
    let (answer, end) = Client::new(&org).exchange("nonsense\r\n\r\n");
    assert_eq!((status(&answer), end), ("400", End::Open));
}

#[test]
fn characters_that_xml_has_no_place_for_are_refused_in_every_form() {
    let org = org();
    let session = org.session(0, "localhost");
    let asked = |where_clause: &str, attribute: &str| {
        let query = format!(
            "<p:query x=\"{attribute}\"><p:queryString>SELECT Id FROM Contact WHERE LastName = '{where_clause}'\
             </p:queryString></p:query>"
        );
        let (answer, _) = Client::new(&org).exchange(&post(&envelope(&session, &query)));
        answer
    };
    for (character, number) in [
        ("\u{b}", "0xb"),
        ("&#11;", "0xb"),
        ("<![CDATA[\u{1b}]]>", "0x1b"),
        ("\0", "0x0"),
        ("&#xFFFE;", "0xfffe"),
        ("\u{ffff}", "0xffff"),
    ] {
        let answer = asked(character, "");
        assert_eq!(status(&answer), "500", "{character:?}");
        let words = format!("An invalid XML character (Unicode: {number}) was found");
        assert!(answer.contains(&words), "{character:?}: {answer}");
    }
    assert!(asked("", "&#x1;").contains("(Unicode: 0x1)"));
    for legal in ["\t", "&#10;", "\u{7f}", "\u{85}", "\u{fffd}", "\u{1f980}"] {
        assert_eq!(status(&asked(legal, legal)), "200", "{legal:?}");
    }
}

#[test]
fn sessions_end_by_calls_by_logout_and_by_time() {
    let org = org();
    org.switch(|switches| switches.session_calls = Some(2));
    let mut client = Client::new(&org);
    let mut code = |session: &str, call: &str| {
        let (answer, _) = client.exchange(&post(&envelope(session, call)));
        answer
            .split("<sf:exceptionCode>")
            .nth(1)
            .and_then(|rest| rest.split('<').next())
            .unwrap_or("")
            .to_owned()
    };
    let session = org.session(0, "localhost");
    let codes: Vec<String> = (0..3).map(|_| code(&session, GET_USER_INFO)).collect();
    assert_eq!(codes, ["", "", "INVALID_SESSION_ID"]);

    let (one, two, other_user) = (
        org.session(0, "a"),
        org.session(0, "a"),
        org.session(1, "a"),
    );
    assert_eq!(code(&one, "<p:logout/>"), "");
    assert_eq!(code(&two, GET_USER_INFO), "INVALID_SESSION_ID");
    assert_eq!(code(&other_user, GET_USER_INFO), "");
    org.end_sessions();
    assert_eq!(code(&other_user, GET_USER_INFO), "INVALID_SESSION_ID");
}

#[test]
fn the_journal_tells_each_broken_rule() {
    let org = org();
    let client = org.files().client.clone();
    let other_host = post(&envelope(
        &org.session(0, "acme.my.salesforce.test"),
        GET_USER_INFO,
    ));
    Client::new(&org).exchange(&other_host);
    assert!(
        org.journal()
            .check()
            .expect_err("a rule")
            .starts_with("session ID at another host")
    );

    let mut at_login = Client::at(&org, org.login_port(), &client).expect("a connection");
    at_login.exchange(&user_info(&org));
    let other_org = org.files().other_org.clone();
    let mut with_other = Client::at(&org, org.mutual_port(), &other_org).expect("a connection");
    with_other.exchange(&user_info(&org));
    org.switch(|switches| switches.login_port_asks = true);
    let mut at_login = Client::at(&org, org.login_port(), &client).expect("a connection");
    at_login.exchange(&post(&envelope("", GET_USER_INFO)));
    let rules = org.journal().check().expect_err("more rules");
    let rules: Vec<&str> = rules
        .lines()
        .map(|line| line.split(':').next().unwrap_or_default())
        .collect();
    assert_eq!(
        rules,
        [
            "session ID at another host",
            "session ID on the login port",
            "request on the mutual port without the certificate",
            "certificate on the login port",
        ]
    );
    org.journal().check_except(|_| true).expect("all expected");
}

#[test]
fn the_plain_client_shows_both_failures_and_breaks_no_rule() {
    let org = org();
    let session = org.session(0, "localhost");
    let page = plain::get_user_info(&org, org.mutual_port(), &session).expect("an answer");
    assert!(page.status == 200 && page.body.contains("No client certificate provided."));
    let fault = plain::get_user_info(&org, org.login_port(), &session).expect("an answer");
    assert!(fault.status == 500 && fault.body.contains("MUTUAL_AUTHENTICATION_FAILED"));
    org.journal().check().expect("the plain client is left out");
}

#[cfg(unix)]
#[test]
fn identity_files_are_for_their_owner_alone_and_go_with_the_org() {
    use std::os::unix::fs::PermissionsExt;
    let org = org();
    let dir = org.files().dir.clone();
    let mode =
        |path: &std::path::Path| path.metadata().expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&dir), 0o700);
    for entry in std::fs::read_dir(&dir).expect("a directory") {
        assert_eq!(mode(&entry.expect("an entry").path()), 0o600);
    }
    drop(org);
    assert!(!dir.exists());
}
