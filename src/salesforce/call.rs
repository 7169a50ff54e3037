//! Sends one call and judges the answer before any parser sees it.
//!
//! A refusal need not look like one: the page that refuses a client certificate has come with
//! HTTP 200, and a fault has HTTP 500. So the first bytes decide, whatever status and content type
//! say. Left out: what to tell the user, which `explain` makes of these facts.
//!
//! An answer that fits into memory is read whole by [`exchange`] ([`soap_call`] for SOAP); one of any
//! size is streamed by [`open`](open()).

use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

use http::HeaderMap;

use super::answer::AnswerError;
use super::fault::Fault;
use crate::net::retry::{is_transient_status, parse_retry_after};
use crate::net::{Request, Role, Transport, TransportError};
use crate::text::xml::{Reader, decode};

mod expected;
#[cfg(test)]
mod expected_tests;
mod open;
mod page;
#[cfg(test)]
mod tests;

pub use expected::Expected;
pub use open::{Opened, open};

/// The longest answer of a call with one result, in bytes: login and getUserInfo take a few KiB.
pub const SMALL_ANSWER: u64 = 1024 * 1024;

/// The longest page of a query, in bytes. Salesforce's own limit is 50 MB (API limits); an answer far
/// beyond it is not Salesforce's.
pub const LARGE_ANSWER: u64 = 256 * 1024 * 1024;

/// A call that gave no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallError {
    /// The request's method.
    pub method: http::Method,
    /// The request's URL, without its query.
    pub url: String,
    /// Whether the client certificate was sent along.
    pub role: Role,
    /// Whether the server asked for a client certificate; `None` where that is not known.
    pub certificate_requested: Option<bool>,
    /// The HTTP status, where an answer came.
    pub status: Option<u16>,
    /// How long the server asks to wait before a retry.
    pub retry_after: Option<Duration>,
    /// What came instead of a result.
    pub refusal: Refusal,
}

/// What came instead of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// No answer, or not all of it.
    Transport(Box<TransportError>),
    /// Salesforce says no.
    Fault(Fault),
    /// Salesforce's page that refuses the client certificate.
    CertificatePage {
        /// Its reason, verbatim: an OpenSSL verify text, or "No client certificate provided."
        reason: String,
    },
    /// nginx's page that refuses the client certificate: a gateway or an imitation, not Salesforce.
    NginxCertificate {
        /// Its title, for example "400 The SSL certificate error".
        title: String,
    },
    /// Any other web page: maintenance, a login form, a proxy.
    Html {
        /// Its title, else its first line of text.
        title: String,
    },
    /// An answer that points elsewhere; it is not followed.
    Redirect {
        /// The host it points to; `None` for a path on the same one.
        host: Option<String>,
    },
    /// A status other than success, and nothing else to go by.
    Status,
    /// A success, but not an answer to the call.
    Unreadable(AnswerError),
}

impl CallError {
    /// A call whose answer was judged a success but cannot be parsed.
    pub fn unreadable(request: &Request, error: AnswerError) -> Self {
        Self::new(request, Refusal::Unreadable(error))
    }

    /// A call that got no answer, or not all of it.
    pub fn lost(request: &Request, error: TransportError) -> Self {
        Self::new(request, Refusal::Transport(Box::new(error)))
    }

    fn refused(request: &Request, status: u16, headers: &HeaderMap, refusal: Refusal) -> Self {
        Self {
            status: Some(status),
            retry_after: retry_after(headers),
            ..Self::new(request, refusal)
        }
    }

    fn new(request: &Request, refusal: Refusal) -> Self {
        let url = request.target.url();
        let authority = url.authority().map_or("", |authority| authority.as_str());
        Self {
            method: request.method.clone(),
            url: format!("https://{authority}{}", url.path()),
            role: request.target.role(),
            certificate_requested: None,
            status: None,
            retry_after: None,
            refusal,
        }
    }

    /// The fault, if that is what came.
    pub fn fault(&self) -> Option<&Fault> {
        match &self.refusal {
            Refusal::Fault(fault) => Some(fault),
            _ => None,
        }
    }

    /// Whether an answer came that may be another one a little later. Where none came, ask the
    /// [`TransportError`].
    pub fn is_transient_answer(&self) -> bool {
        match &self.refusal {
            Refusal::Transport(_)
            | Refusal::CertificatePage { .. }
            | Refusal::NginxCertificate { .. } => false,
            Refusal::Fault(fault) if fault.is_transient() => true,
            Refusal::Fault(fault) if fault.is_mutual_authentication() => false,
            _ => self.status.is_some_and(is_transient_status),
        }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: ", self.method, self.url)?;
        let http = HttpStatus(self.status);
        match &self.refusal {
            Refusal::Transport(error) => write!(f, "{}", error.failure),
            Refusal::Fault(fault) => write!(f, "{fault}"),
            Refusal::CertificatePage { reason } => {
                write!(f, "the client certificate was refused: {reason}")
            }
            Refusal::NginxCertificate { title } => {
                write!(f, "nginx refused the client certificate: {title}")
            }
            Refusal::Html { title } => write!(f, "a web page came{http}: {title}"),
            Refusal::Redirect { host: Some(host) } => {
                write!(f, "the answer points to {host}{http}")
            }
            Refusal::Redirect { host: None } => {
                write!(f, "the answer points to another path{http}")
            }
            Refusal::Status => write!(f, "no result{http}"),
            Refusal::Unreadable(error) => write!(f, "not an answer to this call{http}: {error}"),
        }
    }
}

impl std::error::Error for CallError {}

struct HttpStatus(Option<u16>);

impl fmt::Display for HttpStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(status) => write!(f, " (HTTP {status})"),
            None => Ok(()),
        }
    }
}

/// Sends a SOAP call and reads its answer, of at most `limit` bytes, into `body` (cleared first).
///
/// When it returns, the answer is an envelope that holds something other than a fault. Whether it is
/// complete is found by whoever parses it.
///
/// # Errors
/// Whatever else came, as a [`Refusal`].
pub fn soap_call(
    transport: &Transport,
    request: &Request,
    limit: u64,
    body: &mut Vec<u8>,
) -> Result<(), CallError> {
    exchange(transport, request, Expected::Envelope, limit, body).map(drop)
}

/// Sends a call and reads its answer, of at most `limit` bytes, into `body` (cleared first); returns
/// the answer's headers.
///
/// When it returns, the answer begins as expected and is not a fault.
///
/// # Errors
/// Whatever else came, as a [`Refusal`].
pub fn exchange(
    transport: &Transport,
    request: &Request,
    expected: Expected,
    limit: u64,
    body: &mut Vec<u8>,
) -> Result<HeaderMap, CallError> {
    let response = transport
        .send(request)
        .map_err(|error| CallError::lost(request, error))?;
    let status = response.status;
    let certificate_requested = response.certificate_requested;
    let headers = response.headers.clone();
    response.read_into(body, limit).map_err(|error| CallError {
        status: Some(status),
        ..CallError::lost(request, error)
    })?;
    judge(expected, status, &headers, body).map_err(|refusal| CallError {
        certificate_requested,
        ..CallError::refused(request, status, &headers, refusal)
    })?;
    Ok(headers)
}

/// Judges an answer by its first bytes, then by its status.
///
/// # Errors
/// When it is anything but a success that begins as expected and is not a fault.
pub fn judge(
    expected: Expected,
    status: u16,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(), Refusal> {
    let is_api = expected.begins(status, content_type(headers), body);
    let page = (!is_api).then(|| page::Page::of(body, content_type(headers)));
    if let Some(refusal) = page.as_ref().and_then(page::Page::certificate_refusal) {
        return Err(refusal);
    }
    if is_api {
        match expected.fault(body) {
            Ok(Some(fault)) => return Err(Refusal::Fault(fault)),
            Ok(None) => {}
            Err(error) => return Err(Refusal::Unreadable(error)),
        }
    }
    if let Some(host) = redirect(status, headers) {
        return Err(Refusal::Redirect { host });
    }
    if let Some(title) = page.as_ref().and_then(page::Page::title) {
        return Err(Refusal::Html { title });
    }
    if !is_success(status) || status == NO_CONTENT {
        return Err(Refusal::Status);
    }
    if !is_api {
        return Err(Refusal::Unreadable(not_the_api(body, expected)));
    }
    Ok(())
}

/// Why a body is not taken for the API's: it is XML that the parser refuses, or no XML at all.
fn not_the_api(body: &[u8], expected: Expected) -> AnswerError {
    let first = decode(body).and_then(|text| Reader::new(&text).child().map(drop));
    match first {
        Err(error) if body.trim_ascii_start().starts_with(b"<") => error.into(),
        _ => AnswerError::Missing(expected.name()),
    }
}

/// The status of a failed request for results, according to the Bulk API 2.0 guide of API 46.0; none of
/// the calls made here has an empty answer.
const NO_CONTENT: u16 = 204;

fn is_success(status: u16) -> bool {
    (200..300).contains(&status)
}

fn content_type(headers: &HeaderMap) -> &str {
    headers
        .get(http::header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("")
}

/// Where a redirect points: only the host, since paths and queries may hold tokens. The outer `None`
/// means that it is not a redirect.
fn redirect(status: u16, headers: &HeaderMap) -> Option<Option<String>> {
    let location = headers.get(http::header::LOCATION)?;
    if !(300..400).contains(&status) {
        return None;
    }
    let location = location.to_str().unwrap_or("");
    let url = location.parse::<http::Uri>().ok();
    Some(url.and_then(|url| url.host().map(str::to_owned)))
}

/// `Retry-After`; a date in it is by the server's clock, so it is seen from the answer's own date, and
/// counts for nothing without one.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok();
    let value = text(http::header::RETRY_AFTER)?;
    let is_seconds = !value.contains(|c: char| c.is_ascii_alphabetic());
    let sent = text(http::header::DATE).and_then(|date| httpdate::parse_http_date(date).ok());
    parse_retry_after(value, sent.or(is_seconds.then_some(UNIX_EPOCH))?)
}
