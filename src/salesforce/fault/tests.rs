use super::*;
use crate::salesforce::soap::envelope::enter_body;
use crate::text::xml::decode;

macro_rules! fixture {
    ($name:literal) => {
        parse(include_bytes!(concat!(
            "../../../fixtures/soap-faults/",
            $name
        )))
    };
}

fn parse(answer: &[u8]) -> Fault {
    let text = decode(answer).unwrap();
    let mut xml = Reader::new(&text);
    let element = enter_body(&mut xml).unwrap().unwrap();
    assert!(element.is(namespace::ENVELOPE, "Fault"));
    Fault::read(&mut xml).unwrap()
}

fn fault(code: &str, message: &str) -> Fault {
    Fault {
        code: code.to_owned(),
        message: message.to_owned(),
        row: None,
        column: None,
    }
}

#[test]
fn a_query_fault_keeps_its_message_and_place_and_shows_what_is_wrong() {
    let fault = fixture!("invalid-field.xml");
    assert_eq!(fault.code, "INVALID_FIELD");
    assert!(
        fault
            .message
            .starts_with("\nselect Nme from Contact\n       ^\nERROR at Row:1:Column:8\nNo such")
    );
    assert_eq!((fault.row, fault.column), (Some(1), Some(8)));
    assert!(
        fault
            .to_string()
            .starts_with("INVALID_FIELD: No such column 'Nme' on entity 'Contact'. If you")
    );
}

#[test]
fn a_place_of_minus_one_is_none() {
    let fault = fixture!("malformed-query.xml");
    assert_eq!((fault.row, fault.column), (None, None));
    assert_eq!(
        fault.to_string(),
        "MALFORMED_QUERY: unexpected token: 'FORM'"
    );
}

#[test]
fn code_and_message_are_found_whatever_is_missing() {
    let no_detail = "sObject type 'Contcat' is not supported.";
    let no_code = "Destination URL not reset. The URL returned from login must be set";
    for (fault, code, message) in [
        (fixture!("no-detail.xml"), "INVALID_TYPE", no_detail),
        (fixture!("empty-detail.xml"), "UNKNOWN_EXCEPTION", no_code),
        (
            fixture!("envelope-level.xml"),
            "Client",
            "Element {}item invalid at this location",
        ),
        (
            fixture!("unprefixed-code.xml"),
            "UNKNOWN_EXCEPTION",
            "An unexpected error occurred.",
        ),
    ] {
        assert_eq!(
            (fault.code.as_str(), fault.message.as_str()),
            (code, message)
        );
    }
}

#[test]
fn names_are_known_by_namespace_not_by_prefix() {
    let fault = fixture!("other-prefixes.xml");
    assert_eq!(fault.code, "INVALID_QUERY_LOCATOR");
    assert_eq!(fault.message, "invalid query locator <01g>");
}

#[test]
fn unknown_details_are_skipped() {
    let fault = fixture!("extended-details.xml");
    assert_eq!(fault.code, "SERVER_UNAVAILABLE");
    assert_eq!(fault.message, "try again");
    assert_eq!(fault.row, None);
}

#[test]
fn a_fault_shows_what_it_has() {
    for (code, message, shown) in [
        ("A_CODE", "text", "A_CODE: text"),
        ("A_CODE", "", "A_CODE"),
        ("", "text", "text"),
        ("", "", "a fault without code and message"),
        (
            "A_CODE",
            "\n x\n^\nERROR at Row:1:Column:2\n",
            "A_CODE: x\n^\nERROR at Row:1:Column:2",
        ),
    ] {
        assert_eq!(fault(code, message).to_string(), shown);
    }
}

#[test]
fn only_the_limit_of_concurrent_requests_passes() {
    let concurrent = "ConcurrentRequests (Concurrent API Requests) Limit exceeded.";
    let daily = "TotalRequests Limit exceeded.";
    assert!(fault("REQUEST_LIMIT_EXCEEDED", concurrent).is_transient());
    assert!(!fault("REQUEST_LIMIT_EXCEEDED", daily).is_transient());
}

#[test]
fn faults_that_pass_are_few() {
    for code in [
        "SERVER_UNAVAILABLE",
        "UNABLE_TO_LOCK_ROW",
        "REQUEST_RUNNING_TOO_LONG",
    ] {
        assert!(fault(code, "").is_transient(), "{code}");
    }
    for code in [
        "UNKNOWN_EXCEPTION",
        "INVALID_LOGIN",
        "INVALID_SESSION_ID",
        "MUTUAL_AUTHENTICATION_FAILED",
        "QUERY_TIMEOUT",
    ] {
        assert!(!fault(code, "").is_transient(), "{code}");
    }
}

#[test]
fn a_session_that_may_not_use_the_api_has_not_expired() {
    assert!(fixture!("invalid-session-id.xml").is_expired_session());
    for message in [
        "This session is not valid for use with the API",
        "This session is not valid for use with the REST API",
    ] {
        assert!(!fault("INVALID_SESSION_ID", message).is_expired_session());
    }
    assert!(!fixture!("mutual-authentication-failed.xml").is_expired_session());
    assert!(fixture!("mutual-authentication-failed.xml").is_mutual_authentication());
}

#[test]
fn errors_of_bulk_and_rest_are_faults_in_each_of_their_shapes() {
    let xml = b"<?xml version=\"1.0\"?><error\n xmlns=\"http://www.force.com/2009/06/asyncapi/dataload\">\
        <exceptionCode>InvalidJob</exceptionCode><exceptionMessage>Unable to &lt;find&gt;</exceptionMessage></error>";
    let expected = fault("InvalidJob", "Unable to <find>");
    assert_eq!(Fault::from_bulk_xml(xml), Ok(expected.clone()));
    for end in 0..xml.len() {
        assert!(Fault::from_bulk_xml(&xml[..end]).is_err(), "cut at {end}");
    }
    for json in [
        r#"{"exceptionCode":"InvalidJob","exceptionMessage":"Unable to <find>"}"#,
        r#"[{"message":"Unable to <find>","errorCode":"InvalidJob","fields":["x"]},{"errorCode":"Y"}]"#,
        r#"{"errorCode":"InvalidJob","message":"Unable to <find>"}"#,
    ] {
        assert_eq!(
            Fault::from_json(json.as_bytes()),
            Some(expected.clone()),
            "{json}"
        );
    }
    for json in [
        "[]",
        "{}",
        r#"["752000000000001"]"#,
        r#"{"id":"750","errorMessage":"x"}"#,
        "{",
    ] {
        assert_eq!(Fault::from_json(json.as_bytes()), None, "{json}");
    }
}

#[test]
fn an_expired_session_is_known_in_both_spellings_and_a_restricted_one_is_not_expired() {
    for code in ["INVALID_SESSION_ID", "InvalidSessionId"] {
        assert!(fault(code, "Session expired or invalid").is_expired_session());
        for message in [
            "This session is not valid for use with the REST API",
            "Connected app is not attached to Agent",
        ] {
            assert!(!fault(code, message).is_expired_session(), "{message}");
        }
    }
    assert!(!fault("InvalidJob", "x").is_expired_session());
}

#[test]
fn the_reason_of_a_failed_batch_is_a_fault_with_the_code_that_says_most() {
    for (text, code, message) in [
        (
            "InvalidBatch : Failed to process query: INVALID_FIELD: No such column: 'x'",
            "INVALID_FIELD",
            "No such column: 'x'",
        ),
        (
            "MALFORMED_QUERY: \nSELECT A_B: x",
            "MALFORMED_QUERY",
            "\nSELECT A_B: x",
        ),
        (
            "FeatureNotEnabled : Aggregate Relationships not supported in Bulk Query",
            "FeatureNotEnabled",
            "Aggregate Relationships not supported in Bulk Query",
        ),
        (
            "InvalidBatch : Field name not found : X__c",
            "InvalidBatch",
            "Field name not found : X__c",
        ),
        (
            "Retried more than 15 times",
            "",
            "Retried more than 15 times",
        ),
        (
            "two\nlines INVALID_FIELD: x",
            "",
            "two\nlines INVALID_FIELD: x",
        ),
        ("", "", ""),
        (":", "", ":"),
    ] {
        let fault = Fault::from_state_message(text);
        assert_eq!((&*fault.code, &*fault.message), (code, message), "{text}");
    }
    let fault = Fault::from_state_message(
        "InvalidBatch : Failed to process query: INVALID_TYPE: \nSELECT Id FROM X\n               ^\nERROR at Row:1:Column:16\nno",
    );
    assert_eq!(fault.place(), Some("SELECT Id FROM X\n               ^"));
    assert_eq!(fault.summary(), "no");
}
