use http::{HeaderName, HeaderValue};

use super::expected::whole_characters;
use super::*;
use crate::salesforce::endpoint::{ApiVersion, LoginEndpoint};
use crate::text::secret::SecretText;

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("../../../fixtures/soap-faults/", $name)).as_slice()
    };
}

const USER_INFO: &[u8] = include_bytes!("../../../fixtures/soap/get-user-info.xml");

const FAULTS: [&[u8]; 11] = [
    fixture!("empty-detail.xml"),
    fixture!("envelope-level.xml"),
    fixture!("extended-details.xml"),
    fixture!("invalid-field.xml"),
    fixture!("invalid-login.xml"),
    fixture!("invalid-session-id.xml"),
    fixture!("malformed-query.xml"),
    fixture!("mutual-authentication-failed.xml"),
    fixture!("no-detail.xml"),
    fixture!("other-prefixes.xml"),
    fixture!("unprefixed-code.xml"),
];

const PAGES: [&[u8]; 6] = [
    fixture!("certificate-page.html"),
    fixture!("certificate-page-issuer.html"),
    fixture!("nginx-no-certificate.html"),
    fixture!("nginx-certificate-error.html"),
    fixture!("maintenance.html"),
    fixture!("untitled.html"),
];

const CONTENT_TYPES: [&str; 4] = [
    "text/html",
    "text/xml; charset=UTF-8",
    "application/json",
    "",
];

pub(super) fn certificate_page() -> &'static [u8] {
    fixture!("certificate-page.html")
}

pub(super) fn maintenance_page() -> &'static [u8] {
    fixture!("maintenance.html")
}

pub(super) fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_str(value).unwrap(),
            )
        })
        .collect()
}

fn judged(status: u16, content_type: &str, body: &[u8]) -> Result<(), Refusal> {
    judge(
        Expected::Envelope,
        status,
        &headers(&[("content-type", content_type)]),
        body,
    )
}

fn request(url: &str) -> Request {
    let target = LoginEndpoint::parse(url, 443, 8443)
        .unwrap()
        .soap(ApiVersion::DEFAULT);
    super::super::soap::envelope::request(target, None, None, &SecretText::new())
}

fn error(status: Option<u16>, refusal: Refusal) -> CallError {
    CallError {
        status,
        ..CallError::new(&request("https://acme.test:8443"), refusal)
    }
}

#[test]
fn an_envelope_without_a_fault_is_an_answer_whatever_the_content_type() {
    for content_type in CONTENT_TYPES {
        assert_eq!(judged(200, content_type, USER_INFO), Ok(()));
    }
}

#[test]
fn the_certificate_page_is_known_whatever_status_and_content_type_it_has() {
    for (page, expected) in [
        (
            fixture!("certificate-page.html"),
            "No client certificate provided.",
        ),
        (
            fixture!("certificate-page-issuer.html"),
            "unable to get local issuer certificate & more (depth 0)",
        ),
        (b"Client certificate error:<i>bare</i>", "bare"),
        (b"{\"x\":\"Client certificate error: in JSON", "in JSON"),
        (
            b"<error>Client certificate error:<i>certificate has expired</i></error>",
            "certificate has expired",
        ),
        (b"<h3>Client certificate error:<i></i></h3>", ""),
    ] {
        for status in [200, 302, 400, 403, 500, 503] {
            for content_type in CONTENT_TYPES {
                let reason = expected.to_owned();
                assert_eq!(
                    judged(status, content_type, page),
                    Err(Refusal::CertificatePage { reason })
                );
            }
        }
    }
}

#[test]
fn a_record_that_quotes_the_certificate_page_is_data() {
    let text = String::from_utf8_lossy(USER_INFO);
    let quoted = "<![CDATA[<html>Client certificate error:<i>x</i>]]>";
    let answer = text.replace("Theme3", quoted);
    assert_eq!(judged(200, "text/html", answer.as_bytes()), Ok(()));
}

#[test]
fn nginx_refusing_the_certificate_is_told_from_salesforce() {
    for (page, expected) in [
        (
            fixture!("nginx-no-certificate.html"),
            "400 No required SSL certificate was sent",
        ),
        (
            fixture!("nginx-certificate-error.html"),
            "400 The SSL certificate error",
        ),
    ] {
        let title = expected.to_owned();
        assert_eq!(
            judged(400, "text/html", page),
            Err(Refusal::NginxCertificate { title })
        );
    }
}

#[test]
fn a_web_page_is_known_by_its_beginning_or_its_content_type() {
    for (body, content_type, expected) in [
        (
            fixture!("maintenance.html"),
            "text/xml",
            "We are down for maintenance &mdash; sorry",
        ),
        (
            fixture!("untitled.html"),
            "text/xml",
            "Web Gateway: access <denied>",
        ),
        (b"down\n", "text/html; charset=utf-8", "down"),
        (b"<HTML></HTML>", "", ""),
    ] {
        for status in [200, 401, 503] {
            let title = expected.to_owned();
            assert_eq!(
                judged(status, content_type, body),
                Err(Refusal::Html { title })
            );
        }
    }
}

#[test]
fn a_long_title_is_cut_between_words_with_a_mark() {
    let told = |title: &str| {
        let page = format!("<html><title>{title}</title></html>");
        match judged(200, "text/html", page.as_bytes()) {
            Err(Refusal::Html { title }) => title,
            other => panic!("{other:?}"),
        }
    };
    let cut = format!("{}…", "ö".repeat(200));
    assert_eq!(told(&"ö".repeat(100_000)), cut);
    let words = "sixteen letters ".repeat(20);
    assert_eq!(
        told(&words),
        format!("{}sixteen …", "sixteen letters ".repeat(12))
    );
    let whole = "ö".repeat(200);
    assert_eq!(told(&whole), whole);
}

#[test]
fn a_fault_is_known_whatever_status_and_content_type_it_has() {
    for answer in FAULTS {
        for status in [200, 302, 401, 500, 503] {
            for content_type in CONTENT_TYPES {
                let refusal = judged(status, content_type, answer).unwrap_err();
                assert!(matches!(refusal, Refusal::Fault(_)), "{refusal:?}");
            }
        }
    }
}

#[test]
fn a_fault_behind_a_long_header_is_found() {
    let text = String::from_utf8_lossy(fixture!("no-detail.xml"));
    let header = format!(
        "<soapenv:Header><x>{}</x></soapenv:Header><soapenv:Body>",
        "ü".repeat(5000)
    );
    let long = text.replace("<soapenv:Body>", &header);
    let refusal = judged(500, "text/xml", long.as_bytes());
    assert_eq!(refusal, judged(500, "text/xml", fixture!("no-detail.xml")));
}

#[test]
fn a_byte_order_mark_and_comments_before_an_envelope_are_nothing() {
    let text = String::from_utf8_lossy(USER_INFO);
    let marked = format!("\u{feff}{}", text.replace("?>", "?>\n<!-- <html> -->\n"));
    assert_eq!(judged(200, "text/xml", marked.as_bytes()), Ok(()));
}

#[test]
fn only_a_character_that_is_cut_at_the_end_is_left_out() {
    assert_eq!(whole_characters("aé😀".as_bytes()), "aé😀".as_bytes());
    for cut in 1..4 {
        let text = "aé😀".as_bytes();
        assert_eq!(whole_characters(&text[..text.len() - cut]), "aé".as_bytes());
    }
    assert_eq!(whole_characters(b"a\xffb"), b"a\xffb");
}

#[test]
fn a_long_answer_is_judged_by_its_head_wherever_a_character_is_cut() {
    let text = String::from_utf8_lossy(USER_INFO);
    for shift in 0..4 {
        let name = format!("{}{}", "x".repeat(shift), "😀".repeat(5000));
        let answer = text.replace("Theme3", &name);
        assert_eq!(judged(200, "text/xml", answer.as_bytes()), Ok(()));
    }
}

#[test]
fn an_answer_cut_anywhere_is_never_an_answer() {
    for answer in FAULTS.iter().chain(&PAGES) {
        for end in 0..answer.trim_ascii_end().len() {
            for status in [200, 500] {
                let refusal = judged(status, "text/xml", &answer[..end]);
                assert!(refusal.is_err(), "cut at {end}");
                assert!(!matches!(refusal, Err(Refusal::Fault(_))), "cut at {end}");
            }
        }
    }
}

#[test]
fn a_redirect_tells_the_host_alone_and_is_not_followed() {
    for (location, expected) in [
        (
            "https://other.test:8443/path?sid=secret",
            Some("other.test"),
        ),
        ("https://user:secret@other.test/", Some("other.test")),
        ("/services/secret", None),
        ("", None),
    ] {
        for body in [&b""[..], b"<html><title>Moved</title></html>", USER_INFO] {
            let headers = headers(&[("location", location)]);
            let host = expected.map(str::to_owned);
            assert_eq!(
                judge(Expected::Envelope, 302, &headers, body),
                Err(Refusal::Redirect { host })
            );
        }
    }
    let headers = headers(&[("location", "https://other.test")]);
    assert_eq!(judge(Expected::Envelope, 200, &headers, USER_INFO), Ok(()));
    assert_eq!(
        judge(Expected::Envelope, 304, &HeaderMap::new(), b""),
        Err(Refusal::Status)
    );
}

#[test]
fn a_status_without_an_answer_to_go_by_is_all_there_is() {
    for status in [401, 404, 420, 429, 500, 502, 503, 504] {
        for body in [&b""[..], b"Service Unavailable", b"{}", USER_INFO] {
            assert_eq!(judged(status, "text/plain", body), Err(Refusal::Status));
        }
    }
}

#[test]
fn a_success_that_is_no_envelope_is_not_salesforces() {
    for body in [
        &b""[..],
        b"OK",
        b"{\"id\":1}",
        b"<?xml version='1.0'?><feed/>",
        b"<Envelope/>",
        b"<e:Envelope xmlns:e='http://www.w3.org/2003/05/soap-envelope'><e:Body/></e:Envelope>",
        b"<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body/></e:Envelope>",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><e:Envelope/>",
        b"\xff\xfe<\0",
    ] {
        let refusal = judged(200, "text/xml", body).unwrap_err();
        assert!(matches!(refusal, Refusal::Unreadable(_)), "{refusal:?}");
    }
}

#[test]
fn a_transient_answer_is_asked_again_and_a_refused_certificate_is_not() {
    let html = || Refusal::Html {
        title: "down".to_owned(),
    };
    for status in [420, 429, 502, 503, 504] {
        assert!(error(Some(status), Refusal::Status).is_transient_answer());
        assert!(error(Some(status), html()).is_transient_answer());
        let reason = "No client certificate provided.".to_owned();
        let page = Refusal::CertificatePage { reason };
        assert!(!error(Some(status), page).is_transient_answer());
    }
    for status in [200, 400, 401, 403, 404, 500] {
        assert!(!error(Some(status), Refusal::Status).is_transient_answer());
        assert!(!error(Some(status), html()).is_transient_answer());
    }
    for (answer, status, transient) in [
        (fixture!("extended-details.xml"), 500, true),
        (fixture!("invalid-session-id.xml"), 500, false),
        (fixture!("unprefixed-code.xml"), 503, true),
        (fixture!("mutual-authentication-failed.xml"), 503, false),
    ] {
        let refusal = judged(status, "text/xml", answer).unwrap_err();
        assert_eq!(
            error(Some(status), refusal).is_transient_answer(),
            transient
        );
    }
}

#[test]
fn retry_after_is_read_in_both_its_forms() {
    // Long ago: it used to be seen from this machine's clock.
    let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
    for (value, expected) in [
        ("120", Some(120)),
        (" 0 ", Some(0)),
        ("Sun, 06 Nov 1994 08:50:00 GMT", Some(23)),
        ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
        ("-1", None),
        ("soon", None),
    ] {
        let after = retry_after(&headers(&[date, ("retry-after", value)]));
        assert_eq!(after, expected.map(Duration::from_secs), "{value}");
        let alone = retry_after(&headers(&[("retry-after", value)]));
        let expected = expected.filter(|_| !value.contains("GMT"));
        assert_eq!(alone, expected.map(Duration::from_secs), "{value}");
    }
    assert_eq!(retry_after(&headers(&[date])), None);
}

#[test]
fn an_error_names_the_call_and_what_came() {
    let fault = judged(500, "text/xml", fixture!("invalid-login.xml")).unwrap_err();
    for (status, refusal, expected) in [
        (
            500,
            fault,
            "INVALID_LOGIN: Invalid username, password, security token; or user locked out.",
        ),
        (503, Refusal::Status, "no result (HTTP 503)"),
        (
            302,
            Refusal::Redirect {
                host: Some("other.test".to_owned()),
            },
            "the answer points to other.test (HTTP 302)",
        ),
        (
            200,
            Refusal::Unreadable(AnswerError::Missing("SOAP envelope")),
            "not an answer to this call (HTTP 200): the answer has no SOAP envelope",
        ),
    ] {
        assert_eq!(
            error(Some(status), refusal).to_string(),
            format!("POST https://acme.test:8443/services/Soap/u/64.0: {expected}")
        );
    }
}

#[test]
fn an_error_knows_whether_the_certificate_went_along() {
    let login = CallError::new(&request("https://acme.test"), Refusal::Status);
    assert_eq!(login.role, Role::Login);
    assert_eq!(error(None, Refusal::Status).role, Role::Api);
}
