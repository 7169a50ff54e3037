//! A fault: Salesforce understood the call and says no.
//!
//! Here are the facts, and the few places where only the fault's text tells one case from another.
//! Left out: what to do about it, which `explain` tells.

use std::fmt;

use serde_json::Value;

use crate::text::xml::{Reader, XmlError, decode};

use super::answer::AnswerError;
use super::soap::namespace;

#[cfg(test)]
mod tests;

/// What Salesforce answers instead of a result.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fault {
    /// The exception code (`INVALID_FIELD`; in Bulk API 1.0 also `InvalidSessionId`). It is kept as text,
    /// because each release adds some. In an envelope-level fault it is SOAP's own (`Client`).
    pub code: String,
    /// The message as sent, without the code before it. For a query, it repeats the query, with a caret.
    pub message: String,
    /// The line of the query, if the fault names one.
    pub row: Option<u32>,
    /// The column of the query, if the fault names one.
    pub column: Option<u32>,
}

impl Fault {
    /// The message without the query that some messages repeat first.
    ///
    /// Those have the lines of the query, a caret, `ERROR at Row:1:Column:8`, and then what is wrong.
    pub fn summary(&self) -> &str {
        let text = match self.message.rsplit_once("ERROR at Row:") {
            Some((_, rest)) => rest.split_once('\n').map_or("", |(_, text)| text),
            None => &self.message,
        };
        match text.trim() {
            "" => self.message.trim(),
            text => text,
        }
    }

    /// The line of the query that is at fault, and a caret below the place, if the message has them.
    pub fn place(&self) -> Option<&str> {
        let (before, _) = self.message.rsplit_once("ERROR at Row:")?;
        let place = before.trim_matches('\n').trim_end();
        place.ends_with('^').then_some(place)
    }

    /// Whether the session's user must present a certificate, and did not present the right one.
    pub fn is_mutual_authentication(&self) -> bool {
        self.code == "MUTUAL_AUTHENTICATION_FAILED"
    }

    /// Whether the same call may succeed a little later.
    pub fn is_transient(&self) -> bool {
        match self.code.as_str() {
            "SERVER_UNAVAILABLE" | "UNABLE_TO_LOCK_ROW" | "REQUEST_RUNNING_TOO_LONG" => true,
            // The same code stands for the daily limit, which waiting does not help:
            // "ConcurrentRequests (Concurrent API Requests) Limit exceeded." is transient,
            // "TotalRequests Limit exceeded." is not.
            "REQUEST_LIMIT_EXCEEDED" => contains(&self.message, "concurrent"),
            _ => false,
        }
    }

    /// Whether the session is over, so that a new login helps.
    ///
    /// The same code comes for a session that is alive, but may not use the API ("This session is not
    /// valid for use with the API", "Connected app is not attached to Agent"): then a new login changes
    /// nothing.
    pub fn is_expired_session(&self) -> bool {
        matches!(
            self.code.as_str(),
            "INVALID_SESSION_ID" | "InvalidSessionId"
        ) && !contains(&self.message, "not valid for use with")
            && !contains(&self.message, "not attached to agent")
    }

    /// Reads the `error` element of Bulk API 1.0.
    ///
    /// # Errors
    /// When the text is not well-formed or ends too early.
    pub(super) fn from_bulk_xml(answer: &[u8]) -> Result<Self, AnswerError> {
        let text = decode(answer)?;
        let mut xml = Reader::new(&text);
        let mut fault = Self::default();
        xml.root()?;
        while let Some(child) = xml.child()? {
            match child.local() {
                "exceptionCode" => unprefixed(&xml.text()?).clone_into(&mut fault.code),
                "exceptionMessage" => fault.message = xml.text()?.into_owned(),
                _ => xml.skip()?,
            }
        }
        xml.finish()?;
        Ok(fault)
    }

    /// Reads an error of REST (a list of `errorCode` and `message`; the first one counts), of Bulk API 1.0
    /// in JSON (`exceptionCode` and `exceptionMessage`), or of the token endpoint (`error` and
    /// `error_description`, RFC 6749 5.2); `None` if it is none of these.
    pub(super) fn from_json(answer: &[u8]) -> Option<Self> {
        let answer: Value = serde_json::from_slice(answer).ok()?;
        let error = answer.get(0).unwrap_or(&answer);
        let text = |names: [&str; 3]| names.iter().find_map(|name| error.get(name)?.as_str());
        Some(Self {
            code: text(["errorCode", "exceptionCode", "error"])?.to_owned(),
            message: text(["message", "exceptionMessage", "error_description"])
                .unwrap_or_default()
                .to_owned(),
            ..Self::default()
        })
    }

    /// Reads why a bulk job or batch failed: `InvalidBatch : Failed to process query: INVALID_FIELD: …`.
    ///
    /// The code is SOAP's if the first line has one, else Bulk API 1.0's own, else empty.
    pub fn from_state_message(text: &str) -> Self {
        let mut code = "";
        let mut message = text;
        let mut rest = text;
        while let Some((words, after)) = rest.split_once(':') {
            let words = words.trim();
            if words.contains('\n') {
                break;
            }
            let is_exception = is_code(words) && words.contains('_');
            if is_exception || (code.is_empty() && is_name(words)) {
                (code, message) = (words, after);
            }
            if is_exception {
                break;
            }
            rest = after;
        }
        Self {
            code: code.to_owned(),
            message: message.strip_prefix(' ').unwrap_or(message).to_owned(),
            ..Self::default()
        }
    }

    /// Reads a SOAP fault, just after its element has opened.
    ///
    /// # Errors
    /// When the text is not well-formed or ends too early.
    pub(super) fn read(xml: &mut Reader<'_>) -> Result<Self, XmlError> {
        let mut faultcode = String::new();
        let mut faultstring = String::new();
        let mut detail = Detail::default();
        while let Some(child) = xml.child()? {
            // In SOAP 1.1 these three have no namespace, but are often under a default one.
            match child.local() {
                "faultcode" => faultcode = xml.text()?.into_owned(),
                "faultstring" => faultstring = xml.text()?.into_owned(),
                "detail" => detail = Detail::read(xml)?,
                _ => xml.skip()?,
            }
        }
        let (prefix, text) = split_code(&faultstring);
        let code = detail.code.or(prefix.map(str::to_owned));
        Ok(Self {
            code: code.unwrap_or_else(|| unprefixed(&faultcode).to_owned()),
            message: detail.message.unwrap_or_else(|| text.to_owned()),
            row: detail.row,
            column: detail.column,
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code.as_str(), self.summary()) {
            ("", "") => f.write_str("a fault without code and message"),
            ("", text) | (text, "") => f.write_str(text),
            (code, text) => write!(f, "{code}: {text}"),
        }
    }
}

/// The content of `detail`: one element, named after the kind of fault (`LoginFault`), with the same
/// children for all kinds.
#[derive(Default)]
struct Detail {
    code: Option<String>,
    message: Option<String>,
    row: Option<u32>,
    column: Option<u32>,
}

impl Detail {
    fn read(xml: &mut Reader<'_>) -> Result<Self, XmlError> {
        let mut detail = Self::default();
        while xml.child()?.is_some() {
            while let Some(child) = xml.child()? {
                if child.namespace != namespace::FAULT {
                    xml.skip()?;
                    continue;
                }
                match child.local() {
                    "exceptionCode" => detail.code = Some(unprefixed(&xml.text()?).to_owned()),
                    "exceptionMessage" => detail.message = Some(xml.text()?.into_owned()),
                    // Some faults have -1 for no place.
                    "row" => detail.row = xml.text()?.trim().parse().ok(),
                    "column" => detail.column = xml.text()?.trim().parse().ok(),
                    _ => xml.skip()?,
                }
            }
        }
        detail.code = detail.code.filter(|code| !code.is_empty());
        Ok(detail)
    }
}

/// Splits `CODE: message`.
fn split_code(faultstring: &str) -> (Option<&str>, &str) {
    match faultstring.split_once(':') {
        Some((code, text)) if is_code(code.trim()) => {
            (Some(code.trim()), text.strip_prefix(' ').unwrap_or(text))
        }
        _ => (None, faultstring),
    }
}

/// Whether it looks like `INVALID_FIELD`.
fn is_code(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_uppercase())
        && text
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

/// Whether it looks like `InvalidBatch`.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// A QName's local part.
fn unprefixed(name: &str) -> &str {
    name.rsplit_once(':')
        .map_or(name, |(_, local)| local)
        .trim()
}

/// Whether `text` contains `part` (given in lower case), ignoring case.
pub(super) fn contains(text: &str, part: &str) -> bool {
    text.to_ascii_lowercase().contains(part)
}
