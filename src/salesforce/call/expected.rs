//! How the expected answer begins, and the fault that may come in its place.

use super::{NO_CONTENT, is_success, page};
use crate::salesforce::answer::AnswerError;
use crate::salesforce::fault::Fault;
use crate::salesforce::soap::envelope::{close, enter_body};
use crate::salesforce::soap::namespace;
use crate::text::xml::{Reader, decode};

/// How much of an answer is searched for a fault at first, in bytes: only the envelope's header comes
/// before it.
const HEAD: usize = 4096;

/// The elements of Bulk API 1.0 (AsyncApi schema) that an answer begins with.
const BULK_ELEMENTS: [&[u8]; 5] = [
    b"jobInfo",
    b"batchInfo",
    b"batchInfoList",
    b"result-list",
    b"error",
];

/// What an answer is if it is not a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// SOAP.
    Envelope,
    /// Bulk API 1.0, except results.
    BulkXml,
    /// REST and Bulk API 2.0, except results.
    Json,
    /// A result of either Bulk API. Any bytes may be CSV, so what is not a result is recognised by its
    /// status, its content type and its first character.
    Csv,
}

impl Expected {
    /// What is missing if something else came.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Envelope => "SOAP envelope",
            Self::BulkXml => "element of the Bulk API",
            Self::Json => "JSON",
            Self::Csv => "CSV",
        }
    }

    /// Whether a body begins like the API's, with the expected answer or a fault.
    pub(super) fn begins(self, status: u16, content_type: &str, body: &[u8]) -> bool {
        match self {
            Self::Envelope => page::first_tag(body).is_some_and(|tag| local(tag) == b"Envelope"),
            // Each of the two has been seen to send errors in the other's format.
            Self::BulkXml | Self::Json => is_json(body) || is_bulk_element(body),
            Self::Csv if is_json(body) || is_bulk_element(body) => true,
            Self::Csv => {
                is_success(status)
                    && status != NO_CONTENT
                    && !content_type.to_ascii_lowercase().contains("html")
                    && first_character(body) != Some(b'<')
            }
        }
    }

    /// The fault that came in place of an answer, if one did.
    ///
    /// # Errors
    /// When there is a fault that cannot be read, or an envelope with nothing in it.
    pub(super) fn fault(self, body: &[u8]) -> Result<Option<Fault>, AnswerError> {
        match self {
            Self::Envelope => soap_fault(body),
            _ if is_json(body) => Ok(Fault::from_json(body)),
            _ if page::first_tag(body).is_some_and(|tag| local(tag) == b"error") => {
                Fault::from_bulk_xml(body).map(Some)
            }
            _ => Ok(None),
        }
    }
}

/// The first character that is not white space, after any byte order mark.
fn first_character(body: &[u8]) -> Option<u8> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    body.trim_ascii_start().first().copied()
}

fn is_json(body: &[u8]) -> bool {
    matches!(first_character(body), Some(b'{' | b'['))
}

fn is_bulk_element(body: &[u8]) -> bool {
    page::first_tag(body).is_some_and(|tag| BULK_ELEMENTS.contains(&local(tag)))
}

fn local(name: &[u8]) -> &[u8] {
    name.rsplit(|&b| b == b':').next().unwrap_or(name)
}

/// The fault in an envelope. A long answer need not be read to its end for it: a fault is the body's
/// first element.
fn soap_fault(body: &[u8]) -> Result<Option<Fault>, AnswerError> {
    let head = &body[..body.len().min(HEAD)];
    // An error here may only mean that the head ends before the body's first element.
    if has_fault(whole_characters(head)) == Ok(false) {
        return Ok(None);
    }
    let text = decode(body)?;
    let mut xml = Reader::new(&text);
    match enter_body(&mut xml)? {
        Some(element) if element.is(namespace::ENVELOPE, "Fault") => {
            let fault = Fault::read(&mut xml)?;
            close(&mut xml)?;
            Ok(Some(fault))
        }
        Some(_) => Ok(None),
        None => Err(AnswerError::Missing("result")),
    }
}

fn has_fault(head: &[u8]) -> Result<bool, AnswerError> {
    let text = decode(head)?;
    let element = enter_body(&mut Reader::new(&text))?.ok_or(AnswerError::Missing("result"))?;
    Ok(element.is(namespace::ENVELOPE, "Fault"))
}

/// The same bytes without a UTF-8 character that is cut off at the end.
pub(super) fn whole_characters(head: &[u8]) -> &[u8] {
    match std::str::from_utf8(head) {
        Err(error) if error.error_len().is_none() => &head[..error.valid_up_to()],
        _ => head,
    }
}
