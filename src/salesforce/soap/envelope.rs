//! The SOAP envelope around each call and each answer.

use crate::net::{Request, Target};
use crate::salesforce::answer::AnswerError;
use crate::text::secret::{Secret, SecretText};
use crate::text::xml::{Element, Reader, XmlError, decode, escape_text};

use super::namespace;

/// Shown to the org's administrators in the login history and in event logs.
const CLIENT: &str = concat!("sfmtls/", env!("CARGO_PKG_VERSION"));

/// The request for one call; `call` is the element in the body.
///
/// `batch_size` asks for so many rows a page, as a hint (`QueryOptions`).
pub fn request(
    target: Target,
    session: Option<&Secret>,
    batch_size: Option<u16>,
    call: &SecretText,
) -> Request {
    let mut text = SecretText::new().plain(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <soapenv:Envelope xmlns:soapenv=\"{}\" xmlns=\"{}\"><soapenv:Header>",
        namespace::ENVELOPE,
        namespace::PARTNER,
    ));
    if let Some(id) = session {
        text = text
            .plain("<SessionHeader><sessionId>")
            // It has only letters, digits and `.!_`, so the shell variable needs no escaping.
            .secret("SFMTLS_SESSION_ID", Secret::new(escape_text(id.expose())))
            .plain("</sessionId></SessionHeader>");
    }
    text = text.plain(format!(
        "<CallOptions><client>{CLIENT}</client></CallOptions>"
    ));
    if let Some(size) = batch_size {
        text = text.plain(format!(
            "<QueryOptions><batchSize>{size}</batchSize></QueryOptions>"
        ));
    }
    text = text.plain("</soapenv:Header><soapenv:Body>").append(call);
    Request {
        method: http::Method::POST,
        target,
        headers: vec![
            ("Content-Type", "text/xml; charset=UTF-8".into()),
            ("Accept", "text/xml".into()),
            // The value is ignored, but the header must be there (Partner WSDL: soapAction="").
            ("SOAPAction", "\"\"".into()),
        ],
        body: Some(text.plain("</soapenv:Body></soapenv:Envelope>")),
    }
}

/// Opens the first element of an answer's body: a result or a fault. `None` if the body is empty.
///
/// # Errors
/// When the text is not well-formed, ends too early, or is not an envelope with a body.
pub(in crate::salesforce) fn enter_body<'a>(
    xml: &mut Reader<'a>,
) -> Result<Option<Element<'a>>, AnswerError> {
    if !xml.root()?.is(namespace::ENVELOPE, "Envelope") {
        return Err(AnswerError::Missing("SOAP envelope"));
    }
    while let Some(child) = xml.child()? {
        if child.is(namespace::ENVELOPE, "Body") {
            return Ok(xml.child()?);
        }
        xml.skip()?;
    }
    Err(AnswerError::Missing("SOAP body"))
}

/// Reads an answer to its end, and its `result` by `read`, which is called just after it has opened.
///
/// # Errors
/// When the answer is cut off, not well-formed, or another call's.
pub(super) fn result<T>(
    answer: &[u8],
    response: &'static str,
    read: impl FnOnce(&mut Reader<'_>) -> Result<T, AnswerError>,
) -> Result<T, AnswerError> {
    let text = decode(answer)?;
    let mut xml = Reader::new(&text);
    let found = enter_body(&mut xml)?;
    if !found.is_some_and(|element| element.is(namespace::PARTNER, response)) {
        return Err(AnswerError::Missing(response));
    }
    let mut result = None;
    let mut read = Some(read);
    while let Some(child) = xml.child()? {
        match read.take_if(|_| child.is(namespace::PARTNER, "result")) {
            Some(read) => result = Some(read(&mut xml)?),
            None => xml.skip()?,
        }
    }
    close(&mut xml)?;
    result.ok_or(AnswerError::Missing("result"))
}

/// Reads from just after the body's first element to the end of the document.
pub(in crate::salesforce) fn close(xml: &mut Reader<'_>) -> Result<(), XmlError> {
    // The rest of the body, then of the envelope.
    for _ in 0..2 {
        while xml.child()?.is_some() {
            xml.skip()?;
        }
    }
    xml.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::salesforce::endpoint::{ApiVersion, LoginEndpoint};

    fn target() -> Target {
        LoginEndpoint::parse("https://acme.test:8443", 443, 8443)
            .unwrap()
            .soap(ApiVersion::DEFAULT)
    }

    #[test]
    fn a_request_has_the_headers_that_the_call_asks_for() {
        let session = Secret::new("00D!a<b&c");
        let call = SecretText::from("<getUserInfo/>");
        let request = request(target(), Some(&session), Some(500), &call);
        let body = request.body.unwrap();
        assert_eq!(
            body.expose(),
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
                 <soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
                 xmlns=\"urn:partner.soap.sforce.com\"><soapenv:Header>\
                 <SessionHeader><sessionId>00D!a&lt;b&amp;c</sessionId></SessionHeader>\
                 <CallOptions><client>sfmtls/{}</client></CallOptions>\
                 <QueryOptions><batchSize>500</batchSize></QueryOptions>\
                 </soapenv:Header><soapenv:Body><getUserInfo/></soapenv:Body></soapenv:Envelope>",
                env!("CARGO_PKG_VERSION")
            )
        );
        assert!(!body.redacted().contains("00D!"));
        let headers: Vec<_> = request
            .headers
            .iter()
            .map(|(name, value)| (*name, value.expose()))
            .collect();
        assert_eq!(
            headers,
            [
                ("Content-Type", "text/xml; charset=UTF-8".to_owned()),
                ("Accept", "text/xml".to_owned()),
                ("SOAPAction", "\"\"".to_owned()),
            ]
        );
    }

    #[test]
    fn a_request_without_session_or_batch_size_has_neither_header() {
        let body = request(target(), None, None, &SecretText::from("<login/>")).body;
        let body = body.unwrap().expose();
        assert!(!body.contains("SessionHeader") && !body.contains("QueryOptions"));
    }

    #[test]
    fn an_answer_to_another_call_is_refused() {
        let answer = b"<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/' \
            xmlns='urn:partner.soap.sforce.com'><e:Body><logoutResponse/></e:Body></e:Envelope>";
        let text = |xml: &mut Reader<'_>| Ok(xml.text()?.into_owned());
        let missing = |name| Err(AnswerError::Missing(name));
        assert_eq!(
            result(answer, "loginResponse", text),
            missing("loginResponse")
        );
        assert_eq!(result(answer, "logoutResponse", text), missing("result"));
        let other = b"<Envelope><Body><logoutResponse/></Body></Envelope>";
        assert_eq!(
            result(other, "logoutResponse", text),
            missing("SOAP envelope")
        );
    }
}
