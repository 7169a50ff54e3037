//! Refusals in the forms of the two APIs: an `error` document or its JSON in 1.0, a JSON array in 2.0.

use serde_json::{Value, json};

use super::Api;
use super::text::xml_document;
use crate::local_org::answer::Answer;
use crate::local_org::soap::Fault;

/// A refusal, with the status that goes with its code.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::local_org) struct Refused {
    pub(super) status: u16,
    pub(super) code: String,
    pub(super) message: String,
}

impl Refused {
    pub(super) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
        }
    }

    /// 400, the status of nearly all refusals of 1.0.
    pub(super) fn bad(code: &str, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    pub(super) fn not_found() -> Self {
        Self::new(404, "NOT_FOUND", "The requested resource does not exist")
    }

    /// A refusal that the APIs have in common with SOAP, in their own words.
    pub(in crate::local_org) fn of(fault: &Fault, api: Api, refused_status: u16) -> Self {
        let (status, code, message) = match (fault.code, api) {
            ("INVALID_SESSION_ID", Api::One) => (
                400,
                "InvalidSessionId",
                own_words(fault, "Invalid session id"),
            ),
            ("INVALID_SESSION_ID", Api::Two) => (
                401,
                fault.code,
                own_words(fault, "Session expired or invalid"),
            ),
            ("MUTUAL_AUTHENTICATION_FAILED", Api::Two) => (
                refused_status,
                fault.code,
                "This session could not be mutually authenticated for the use with REST API",
            ),
            ("REQUEST_LIMIT_EXCEEDED", Api::Two) => (403, fault.code, fault.message.as_str()),
            ("SERVER_UNAVAILABLE", _) => (503, fault.code, fault.message.as_str()),
            ("UNKNOWN_EXCEPTION" | "InternalServerError", _) => {
                (500, fault.code, fault.message.as_str())
            }
            _ => (400, fault.code, fault.message.as_str()),
        };
        Self::new(status, code, message)
    }

    /// The answer; `json` for requests of 1.0 that speak it.
    pub(in crate::local_org) fn answer(&self, api: Api, json: bool) -> Answer {
        let Self {
            status,
            code,
            message,
        } = self;
        let fields: [(&str, Value); 2] = [
            ("exceptionCode", json!(code)),
            ("exceptionMessage", json!(message)),
        ];
        match (api, json) {
            (Api::One, false) => Answer::new(*status, super::XML, xml_document("error", &fields)),
            (Api::One, true) => {
                let body = json!({ "exceptionCode": code, "exceptionMessage": message });
                Answer::new(*status, super::JSON, body.to_string().into_bytes())
            }
            (Api::Two, _) => {
                let body = json!([{ "errorCode": code, "message": message }]);
                Answer::new(*status, super::JSON, body.to_string().into_bytes())
            }
        }
    }
}

/// The words of the API for a session that is over. One that is restricted is told in SOAP's.
fn own_words<'a>(fault: &'a Fault, words: &'a str) -> &'a str {
    match fault.message.contains("Illegal Session") {
        true => words,
        false => &fault.message,
    }
}
