//! The only file that makes agents, and [`Transport::send`], the only way to the network.

use std::io::{self, Read};
use std::sync::Arc;

use super::{Options, Request, TransportError};
use crate::event::Observer;
use crate::identity::Identity;

/// Owns the two agents and hands out neither.
pub struct Transport {}

impl Transport {
    /// Makes a transport; nothing is connected or loaded before the first [`Transport::send`].
    pub fn new(
        _options: Options,
        _identity: Option<Arc<Identity>>,
        _observer: Arc<dyn Observer>,
    ) -> Self {
        unimplemented!()
    }

    /// Sends one request and returns the answer as soon as its head has come.
    ///
    /// Redirects are not followed; every status is an answer, not an error.
    ///
    /// # Errors
    /// [`TransportError`]; an API call without an identity fails before it connects.
    pub fn send(&self, _request: &Request) -> Result<Response, TransportError> {
        unimplemented!()
    }
}

/// An answer whose body is still on the wire.
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Headers as sent.
    pub headers: http::HeaderMap,
    body: Body,
}

impl Response {
    /// A header as text, `None` when absent or not ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body, decompressed.
    pub fn into_body(self) -> Body {
        self.body
    }

    /// Reads the whole body into `buffer` (cleared first).
    ///
    /// # Errors
    /// When it is cut off or longer than `limit` bytes.
    pub fn read_into(self, _buffer: &mut Vec<u8>, _limit: u64) -> Result<(), TransportError> {
        unimplemented!()
    }
}

/// A body being read. A body that ends early is an error, never a short read; the `io::Error`
/// holds a [`TransportError`].
pub struct Body {}

impl Read for Body {
    fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
        unimplemented!()
    }
}
