//! Answers of any size: the beginning is judged, the rest stays on the wire.

use std::io::Read;

use http::HeaderMap;

use super::{CallError, Expected, judge};
use crate::net::{Body, Request, Transport};

/// The longest beginning of a result that is read at first, in bytes. It could be shorter, but this
/// saves a read.
const HEAD: usize = 4096;

/// The longest refusal that is read, in bytes; a fault is shorter.
const REFUSAL: u64 = 64 * 1024;

/// An answer that begins as expected.
#[derive(Debug)]
pub struct Opened {
    /// The answer's headers.
    pub headers: HeaderMap,
    /// Its first bytes, already read; empty only if the whole answer is.
    pub head: Vec<u8>,
    /// What follows them.
    pub body: Body,
}

/// Sends a call whose answer is CSV, and reads enough of it to know that it is.
///
/// # Errors
/// Whatever else came, as a [`Refusal`](super::Refusal).
pub fn open(transport: &Transport, request: &Request) -> Result<Opened, CallError> {
    let response = transport
        .send(request)
        .map_err(|error| CallError::lost(request, error))?;
    let status = response.status;
    let certificate_requested = response.certificate_requested;
    let headers = response.headers.clone();
    let mut body = response.into_body();
    let mut head = Vec::new();
    // White space alone says nothing yet.
    while head.trim_ascii_start().is_empty() && head.len() < HEAD {
        let start = head.len();
        head.resize(HEAD, 0);
        let count = body
            .read_some(&mut head[start..])
            .map_err(|error| CallError {
                status: Some(status),
                ..CallError::lost(request, error)
            })?;
        head.truncate(start + count);
        if count == 0 {
            break;
        }
    }
    let refused = match judge(Expected::Csv, status, &headers, &head) {
        Ok(()) => {
            return Ok(Opened {
                headers,
                head,
                body,
            });
        }
        Err(refusal) => refusal,
    };
    // A refusal that is cut off is still one: as much as came is judged.
    let _ = body.take(REFUSAL).read_to_end(&mut head);
    let whole = judge(Expected::Csv, status, &headers, &head);
    let refusal = whole.err().unwrap_or(refused);
    Err(CallError {
        certificate_requested,
        ..CallError::refused(request, status, &headers, refusal)
    })
}
