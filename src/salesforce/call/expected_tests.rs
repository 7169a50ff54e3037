//! Answers of REST and the Bulk APIs.

use super::tests::{certificate_page, headers, maintenance_page};
use super::*;

const ERROR: &[u8] = b"<error xmlns=\"http://www.force.com/2009/06/asyncapi/dataload\">\
    <exceptionCode>InvalidSessionId</exceptionCode><exceptionMessage>gone</exceptionMessage></error>";
const JSON_ERROR: &[u8] = br#" [{"errorCode":"INVALID_SESSION_ID","message":"gone"}]"#;
const ALL: [Expected; 3] = [Expected::BulkXml, Expected::Json, Expected::Csv];

fn judged(expected: Expected, status: u16, kind: &str, body: &[u8]) -> Result<(), Refusal> {
    judge(expected, status, &headers(&[("content-type", kind)]), body)
}

#[test]
fn a_fault_is_one_whatever_its_format_status_and_content_type() {
    for expected in ALL {
        for status in [200, 400, 401, 500, 503] {
            for kind in [
                "application/xml",
                "application/json",
                "text/csv",
                "text/html",
                "",
            ] {
                for body in [ERROR, JSON_ERROR] {
                    let Err(Refusal::Fault(fault)) = judged(expected, status, kind, body) else {
                        panic!("{expected:?} {status} {kind}");
                    };
                    assert!(fault.is_expired_session());
                }
            }
        }
    }
}

#[test]
fn pages_are_known_before_any_parser_on_every_call() {
    for expected in ALL {
        for status in [200, 400, 403] {
            for kind in ["text/html", "text/xml", "text/csv", "application/json"] {
                let refusal = judged(expected, status, kind, certificate_page());
                assert!(
                    matches!(refusal, Err(Refusal::CertificatePage { .. })),
                    "{refusal:?}"
                );
                let refusal = judged(expected, status, kind, maintenance_page());
                assert!(matches!(refusal, Err(Refusal::Html { .. })), "{refusal:?}");
            }
        }
    }
}

#[test]
fn csv_is_whatever_is_no_refusal() {
    for csv in [
        &b"\"Id\"\n\"1\"\n"[..],
        b"",
        b"Records not found for this query",
        b"\"Client certificate error:<i>x</i>\"\n\"<html><title>no</title>\"\n",
        b"\xff\xfe\0",
    ] {
        for kind in ["text/csv", "text/plain", "application/octet-stream", ""] {
            assert_eq!(judged(Expected::Csv, 200, kind, csv), Ok(()));
        }
    }
    assert_eq!(judged(Expected::Csv, 204, "", b""), Err(Refusal::Status));
    assert_eq!(
        judged(Expected::Csv, 503, "text/csv", b"\"Id\"\n"),
        Err(Refusal::Status)
    );
    let other = judged(Expected::Csv, 200, "text/xml", b"<queryResult/>");
    assert_eq!(other, Err(Refusal::Unreadable(AnswerError::Missing("CSV"))));
}

#[test]
fn answers_begin_with_their_own_elements() {
    let ok = |expected, body: &[u8]| judged(expected, 200, "", body);
    assert_eq!(
        ok(Expected::BulkXml, b"<?xml version='1.0'?><a:jobInfo/>"),
        Ok(())
    );
    assert_eq!(ok(Expected::BulkXml, b"<result-list/>"), Ok(()));
    assert_eq!(ok(Expected::Json, b"\n{\"id\":1}"), Ok(()));
    for (expected, body) in [
        (Expected::BulkXml, &b"<other/>"[..]),
        (Expected::BulkXml, b""),
        (Expected::Json, b"Id,Name"),
    ] {
        let missing = AnswerError::Missing(expected.name());
        assert_eq!(ok(expected, body), Err(Refusal::Unreadable(missing)));
    }
}
