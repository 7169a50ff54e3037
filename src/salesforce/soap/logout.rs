//! `logout()`, only for `logout --revoke`: it also ends the sessions of other programs that are logged
//! in as the same user (SOAP API guide, "Implementation Considerations").

use super::envelope;
use super::namespace;
use crate::net::{Request, Transport};
use crate::salesforce::answer::AnswerError;
use crate::salesforce::call::{CallError, SMALL_ANSWER, soap_call};
use crate::salesforce::endpoint::ApiBase;
use crate::text::secret::{Secret, SecretText};
use crate::text::xml::{Reader, decode};

/// Ends the session on the server.
///
/// # Errors
/// As [`soap_call`], and when the answer is another call's.
pub fn logout(transport: &Transport, base: &ApiBase, session: &Secret) -> Result<(), CallError> {
    let request = request(base, session);
    let mut answer = Vec::new();
    soap_call(transport, &request, SMALL_ANSWER, &mut answer)?;
    parse(&answer).map_err(|error| CallError::unreadable(&request, error))
}

/// The request.
pub fn request(base: &ApiBase, session: &Secret) -> Request {
    let call = SecretText::from("<logout/>");
    envelope::request(base.soap(), Some(session), None, &call)
}

/// Reads the answer, which has no result.
///
/// # Errors
/// When it is cut off, not well-formed, or another call's.
pub fn parse(answer: &[u8]) -> Result<(), AnswerError> {
    let text = decode(answer)?;
    let mut xml = Reader::new(&text);
    let found = envelope::enter_body(&mut xml)?;
    if !found.is_some_and(|element| element.is(namespace::PARTNER, "logoutResponse")) {
        return Err(AnswerError::Missing("logoutResponse"));
    }
    xml.skip()?;
    Ok(envelope::close(&mut xml)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &[u8] = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
        <soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
        xmlns=\"urn:partner.soap.sforce.com\"><soapenv:Body><logoutResponse/></soapenv:Body>\
        </soapenv:Envelope>";

    #[test]
    fn an_empty_answer_is_a_logout_and_a_cut_one_is_not() {
        assert_eq!(parse(ANSWER), Ok(()));
        for end in 0..ANSWER.len() {
            assert!(parse(&ANSWER[..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn the_answer_to_another_call_is_no_logout() {
        let other = String::from_utf8_lossy(ANSWER).replace("logoutResponse", "queryResponse");
        let missing = Err(AnswerError::Missing("logoutResponse"));
        assert_eq!(parse(other.as_bytes()), missing);
    }
}
