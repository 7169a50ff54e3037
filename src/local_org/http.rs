//! Requests of HTTP/1.1 as far as the service takes them: heads, bodies with a length or in chunks, gzip.
//! Answers are in [`answer`](super::answer).
//!
//! No pipelining beyond what a buffer gives for nothing, no trailers, no HTTP/2.

use std::io::{self, Read, Write};

use flate2::read::GzDecoder;

/// A SOAP message may have 50 MB (Salesforce, API request limits).
const LARGEST_BODY: usize = 50 * 1024 * 1024;
const LARGEST_HEAD: usize = 16 * 1024;

/// One request, its body already out of chunks and gzip.
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    pub(super) gzip: bool,
    /// The client wants the connection kept.
    pub(super) keep_alive: bool,
}

impl Request {
    /// The first header of this name, in any case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn accepts_gzip(&self) -> bool {
        self.header("accept-encoding").is_some_and(|value| {
            value.split(',').any(|coding| {
                coding
                    .split(';')
                    .next()
                    .is_some_and(|name| name.trim() == "gzip")
            })
        })
    }

    /// `Host` without its port, in lower case.
    pub(super) fn host(&self) -> Option<String> {
        let host = self.header("host")?;
        let end = match host.strip_prefix('[') {
            Some(rest) => rest.find(']')? + 2,
            None => host.find(':').unwrap_or(host.len()),
        };
        Some(host[..end].to_ascii_lowercase())
    }
}

/// Reads requests from a connection, keeping what came beyond the current one.
pub(super) struct Requests<S> {
    pub(super) stream: S,
    buffer: Vec<u8>,
}

impl<S: Read + Write> Requests<S> {
    pub(super) fn new(stream: S) -> Self {
        Self {
            stream,
            buffer: Vec::new(),
        }
    }

    /// The next request; `None` when the client has closed the connection between two.
    ///
    /// An error of kind `InvalidData` is the client's fault and deserves a 400.
    pub(super) fn next(&mut self) -> io::Result<Option<Request>> {
        let Some(head) = self.head()? else {
            return Ok(None);
        };
        let mut request = parse_head(&head)?;
        if request
            .header("expect")
            .is_some_and(|value| value.eq_ignore_ascii_case("100-continue"))
        {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let chunked = request
            .header("transfer-encoding")
            .map(|value| value.eq_ignore_ascii_case("chunked"));
        let length = request.header("content-length").map(str::parse::<usize>);
        let body = match (chunked, length) {
            (Some(true), None) => self.chunks()?,
            (None, Some(Ok(length))) if length <= LARGEST_BODY => self.take(length)?,
            (None, None) => Vec::new(),
            _ => return Err(invalid("transfer encoding or content length")),
        };
        request.body = match request.header("content-encoding") {
            None => body,
            Some(coding) if coding.eq_ignore_ascii_case("gzip") => {
                request.gzip = true;
                let mut plain = Vec::new();
                let limit = LARGEST_BODY as u64;
                GzDecoder::new(&*body)
                    .take(limit)
                    .read_to_end(&mut plain)
                    .map_err(|_| invalid("gzip body"))?;
                plain
            }
            Some(_) => return Err(invalid("content encoding")),
        };
        Ok(Some(request))
    }

    /// Takes the bytes up to and with the empty line.
    fn head(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut searched = 0;
        loop {
            if let Some(at) = find(&self.buffer[searched..], b"\r\n\r\n") {
                let rest = self.buffer.split_off(searched + at + 4);
                return Ok(Some(std::mem::replace(&mut self.buffer, rest)));
            }
            if self.buffer.len() > LARGEST_HEAD {
                return Err(invalid("head is too long"));
            }
            searched = self.buffer.len().saturating_sub(3);
            if !self.more()? {
                return if self.buffer.is_empty() {
                    Ok(None)
                } else {
                    Err(io::ErrorKind::UnexpectedEof.into())
                };
            }
        }
    }

    fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.buffer.len() < length {
            if !self.more()? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let rest = self.buffer.split_off(length);
        Ok(std::mem::replace(&mut self.buffer, rest))
    }

    /// A line without its end.
    fn line(&mut self) -> io::Result<Vec<u8>> {
        loop {
            if let Some(at) = find(&self.buffer, b"\r\n") {
                let mut line = self.take(at + 2)?;
                line.truncate(at);
                return Ok(line);
            }
            if self.buffer.len() > LARGEST_HEAD || !self.more()? {
                return Err(invalid("chunk line"));
            }
        }
    }

    fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = self.line()?;
            let digits = line.split(|byte| *byte == b';').next().unwrap_or_default();
            let size = std::str::from_utf8(digits)
                .ok()
                .and_then(|digits| usize::from_str_radix(digits.trim(), 16).ok())
                .filter(|size| body.len() + size <= LARGEST_BODY)
                .ok_or_else(|| invalid("chunk size"))?;
            body.extend(self.take(size)?);
            if !self.line()?.is_empty() {
                return Err(invalid("chunk end"));
            }
            if size == 0 {
                return Ok(body);
            }
        }
    }

    fn more(&mut self) -> io::Result<bool> {
        let mut piece = [0; 16 * 1024];
        let count = self.stream.read(&mut piece)?;
        self.buffer.extend_from_slice(&piece[..count]);
        Ok(count > 0)
    }
}

fn parse_head(head: &[u8]) -> io::Result<Request> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut parsed = httparse::Request::new(&mut headers);
    let status = parsed
        .parse(head)
        .map_err(|error| invalid(&error.to_string()))?;
    let (Some(method), Some(path), Some(version), true) = (
        parsed.method,
        parsed.path,
        parsed.version,
        status.is_complete(),
    ) else {
        return Err(invalid("head is cut off"));
    };
    let headers = parsed
        .headers
        .iter()
        .map(|header| {
            let value = std::str::from_utf8(header.value).map_err(|_| invalid("header value"))?;
            Ok((header.name.to_owned(), value.trim().to_owned()))
        })
        .collect::<io::Result<Vec<_>>>()?;
    let mut request = Request {
        method: method.to_owned(),
        path: path.to_owned(),
        headers,
        body: Vec::new(),
        gzip: false,
        keep_alive: version == 1,
    };
    if request
        .header("connection")
        .is_some_and(|value| value.eq_ignore_ascii_case("close"))
    {
        request.keep_alive = false;
    }
    Ok(request)
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}
