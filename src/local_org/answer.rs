//! Answers on the wire: bodies at hand or made while they are sent, with a length, in chunks or up to the
//! end of the connection, gzip, and all that can go wrong on the way.

use std::io::{self, Write};
use std::time::{Duration, Instant, SystemTime};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::state::Stop;
use super::switches::{Ending, Mishap};

/// A body shorter than this goes out with its head: a head on its own would cost a packet.
const SMALL: usize = 8 * 1024;
/// A body that ends within this many bytes is sent with its length, like one at hand.
const SHORT: usize = 256 * 1024;

/// One answer, before gzip and chunks.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Body,
}

impl Answer {
    pub(super) fn new(status: u16, content_type: &'static str, body: Vec<u8>) -> Self {
        Self {
            status,
            content_type,
            headers: Vec::new(),
            body: Body::Bytes(body),
        }
    }
}

/// The body of an answer.
pub(super) enum Body {
    Bytes(Vec<u8>),
    /// Made while it is sent. `begun` comes first.
    Made {
        begun: Vec<u8>,
        source: Box<dyn Source>,
    },
}

impl Body {
    pub(super) fn made(source: impl Source + 'static) -> Self {
        Self::Made {
            begun: Vec::new(),
            source: Box::new(source),
        }
    }

    /// The bytes, to be used again; none of a body that was made.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Made { .. } => Vec::new(),
        }
    }

    /// Makes a body that ends soon, or any whose length has to be known, before it is sent.
    fn settle(&mut self, whole: bool) {
        let Self::Made { begun, source } = self else {
            return;
        };
        let known = source.length().is_some_and(|length| length > SHORT as u64);
        if known && !whole {
            return;
        }
        while source.fill(begun) {
            if begun.len() > SHORT && !whole {
                return;
            }
        }
        *self = Self::Bytes(std::mem::take(begun));
    }
}

/// Makes a body, piece by piece.
pub(super) trait Source {
    /// Appends the next piece; false when there is none.
    fn fill(&mut self, out: &mut Vec<u8>) -> bool;

    /// Bytes from the start on, where that is known beforehand.
    fn length(&self) -> Option<u64> {
        None
    }

    /// The same in gzip, where there is a quicker way than to pack it.
    fn packed(&self) -> Option<Box<dyn Source>> {
        None
    }
}

/// What becomes of the connection after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Keep,
    End(Ending),
}

/// How an answer is sent.
pub(super) struct Sending<'a> {
    pub(super) gzip: bool,
    pub(super) keep_alive: bool,
    /// `Date`.
    pub(super) date: SystemTime,
    pub(super) mishap: Option<&'a Mishap>,
    /// Bytes of the body in a second.
    pub(super) bandwidth: Option<u64>,
    pub(super) stop: &'a Stop,
}

/// Sends an answer as the mishap wants it.
///
/// [`Mishap::Delay`], [`Mishap::Silence`] and those that change the contents are done by the caller.
pub(super) fn send(
    stream: &mut impl Write,
    answer: &mut Answer,
    sending: &Sending<'_>,
) -> io::Result<Next> {
    let mishap = sending.mishap;
    if let Some(
        Mishap::Cut {
            after: None,
            ending,
        }
        | Mishap::Unheard(ending),
    ) = mishap
    {
        return Ok(Next::End(*ending));
    }
    answer.body.settle(matches!(
        mishap,
        Some(Mishap::LengthTooLong(_) | Mishap::LengthTooShort(_))
    ));
    let gzip = sending.gzip || matches!(mishap, Some(Mishap::GzipUnasked));
    if gzip {
        pack(&mut answer.body)?;
    }

    let length = match &answer.body {
        Body::Bytes(bytes) => Some(bytes.len() as u64),
        Body::Made { source, .. } => source.length(),
    };
    let framing = match (mishap, length) {
        _ if answer.status == 204 => Framing::Nothing,
        (Some(Mishap::Chunked(size)), _) => Framing::Chunks((*size).max(1)),
        (Some(Mishap::UntilClose(_)), _) => Framing::Nothing,
        (Some(Mishap::LengthTooLong(by)), Some(length)) => Framing::Length(length + *by as u64),
        (Some(Mishap::LengthTooShort(by)), Some(length)) => {
            Framing::Length(length.saturating_sub(*by as u64))
        }
        (_, Some(length)) => Framing::Length(length),
        (_, None) => Framing::Chunks(usize::MAX),
    };
    let next = match mishap {
        Some(Mishap::UntilClose(ending) | Mishap::Cut { ending, .. }) => Next::End(*ending),
        Some(Mishap::LengthTooLong(_) | Mishap::CloseIdle) => Next::End(Ending::CloseNotify),
        _ if !sending.keep_alive => Next::End(Ending::CloseNotify),
        _ => Next::Keep,
    };

    let mut wire = Wire {
        stream,
        pending: head(answer, framing, gzip, sending)?,
        chunk: match framing {
            Framing::Chunks(size) => Some(size),
            _ => None,
        },
        left: match mishap {
            Some(Mishap::Cut { after, .. }) => *after,
            _ => None,
        },
        pace: sending.bandwidth.map(|bandwidth| Pace {
            bandwidth: bandwidth.max(1),
            started: Instant::now(),
            sent: 0,
            stop: sending.stop,
        }),
    };
    match &mut answer.body {
        Body::Bytes(bytes) => {
            if wire.body(bytes)? {
                wire.end()?;
            }
        }
        Body::Made { begun, source } => loop {
            if !wire.body(begun)? {
                break;
            }
            begun.clear();
            if !source.fill(begun) {
                wire.end()?;
                break;
            }
        },
    }
    wire.flush()?;
    stream.flush()?;
    Ok(next)
}

/// How the end of a body is told.
#[derive(Clone, Copy)]
enum Framing {
    Length(u64),
    /// At most this many bytes each.
    Chunks(usize),
    Nothing,
}

fn head(
    answer: &Answer,
    framing: Framing,
    gzip: bool,
    sending: &Sending<'_>,
) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(512);
    let status = answer.status;
    write!(head, "HTTP/1.1 {status} {}\r\n", reason(status))?;
    write!(head, "Date: {}\r\n", httpdate::fmt_http_date(sending.date))?;
    if status != 204 {
        write!(head, "Content-Type: {}\r\n", answer.content_type)?;
    }
    for (name, value) in &answer.headers {
        write!(head, "{name}: {value}\r\n")?;
    }
    if gzip {
        head.extend_from_slice(b"Content-Encoding: gzip\r\n");
    }
    if !sending.keep_alive {
        head.extend_from_slice(b"Connection: close\r\n");
    }
    match framing {
        Framing::Length(length) => write!(head, "Content-Length: {length}\r\n")?,
        Framing::Chunks(_) => head.extend_from_slice(b"Transfer-Encoding: chunked\r\n"),
        Framing::Nothing => {}
    }
    head.extend_from_slice(b"\r\n");
    Ok(head)
}

/// Turns a body into its gzip form.
fn pack(body: &mut Body) -> io::Result<()> {
    let encoder = GzEncoder::new(Vec::new(), Compression::fast());
    *body = match std::mem::replace(body, Body::Bytes(Vec::new())) {
        Body::Bytes(bytes) => {
            let mut encoder = encoder;
            encoder.write_all(&bytes)?;
            Body::Bytes(encoder.finish()?)
        }
        Body::Made { begun, source } => match source.packed() {
            Some(source) if begun.is_empty() => Body::Made { begun, source },
            _ => Body::made(Packed {
                begun,
                source,
                encoder: Some(encoder),
            }),
        },
    };
    Ok(())
}

/// gzip around another source.
struct Packed {
    begun: Vec<u8>,
    source: Box<dyn Source>,
    encoder: Option<GzEncoder<Vec<u8>>>,
}

impl Source for Packed {
    fn fill(&mut self, out: &mut Vec<u8>) -> bool {
        let Some(encoder) = &mut self.encoder else {
            return false;
        };
        let more = !self.begun.is_empty() || self.source.fill(&mut self.begun);
        // The encoder writes to memory, where nothing fails.
        if more && encoder.write_all(&self.begun).is_ok() {
            self.begun.clear();
            out.append(encoder.get_mut());
        } else if let Some(Ok(rest)) = self.encoder.take().map(GzEncoder::finish) {
            out.extend_from_slice(&rest);
        }
        true
    }
}

/// A connection while a body goes out on it.
struct Wire<'a, W> {
    stream: &'a mut W,
    /// What goes out with the next write.
    pending: Vec<u8>,
    chunk: Option<usize>,
    /// Bytes of the body until the connection is cut.
    left: Option<usize>,
    pace: Option<Pace<'a>>,
}

impl<W: Write> Wire<'_, W> {
    /// Sends a piece of the body; false once no more may be sent.
    fn body(&mut self, piece: &[u8]) -> io::Result<bool> {
        let mut piece = piece;
        if let Some(left) = &mut self.left {
            piece = &piece[..piece.len().min(*left)];
            *left -= piece.len();
        }
        if let Some(size) = self.chunk {
            for chunk in piece.chunks(size) {
                write!(self.pending, "{:x}\r\n", chunk.len())?;
                self.pending.extend_from_slice(chunk);
                self.pending.extend_from_slice(b"\r\n");
            }
            self.flush()?;
        } else if piece.len() < SMALL {
            self.pending.extend_from_slice(piece);
            if self.pending.len() >= SMALL {
                self.flush()?;
            }
        } else {
            self.flush()?;
            self.write(piece)?;
        }
        Ok(self.left != Some(0))
    }

    fn end(&mut self) -> io::Result<()> {
        if self.chunk.is_some() {
            self.pending.extend_from_slice(b"0\r\n\r\n");
        }
        self.flush()
    }

    fn flush(&mut self) -> io::Result<()> {
        let pending = std::mem::take(&mut self.pending);
        self.write(&pending)?;
        self.pending = pending;
        self.pending.clear();
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Some(pace) = &mut self.pace else {
            return self.stream.write_all(bytes);
        };
        for slice in bytes.chunks(pace.slice()) {
            self.stream.write_all(slice)?;
            self.stream.flush()?;
            pace.wait(slice.len());
        }
        Ok(())
    }
}

/// A limit to the bytes of a connection in a second.
struct Pace<'a> {
    bandwidth: u64,
    started: Instant,
    sent: u64,
    stop: &'a Stop,
}

impl Pace<'_> {
    /// Fifty slices a second, none larger than 64 KiB.
    fn slice(&self) -> usize {
        usize::try_from(self.bandwidth / 50).map_or(64 * 1024, |slice| slice.clamp(1, 64 * 1024))
    }

    /// Waits until this many bytes more are due.
    fn wait(&mut self, sent: usize) {
        self.sent += sent as u64;
        if let Some(rest) = self.due().checked_sub(self.started.elapsed()) {
            self.stop.wait(Some(rest));
        }
    }

    /// When all that was sent is due, from the start.
    fn due(&self) -> Duration {
        let micros = u128::from(self.sent) * 1_000_000 / u128::from(self.bandwidth);
        Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        302 => "Found",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        410 => "Gone",
        415 => "Unsupported Media Type",
        420 => "Enhance Your Calm",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_connection_takes_the_time_that_its_bandwidth_says() {
        let stop = Stop::default();
        stop.now();
        let mut pace = Pace {
            bandwidth: 50_000_000,
            started: Instant::now(),
            sent: 0,
            stop: &stop,
        };
        assert_eq!(pace.slice(), 64 * 1024);
        // The org has stopped: nothing is waited for.
        pace.wait(64_000_000);
        assert_eq!(pace.due(), Duration::from_millis(1280));
        pace.bandwidth = 100;
        assert_eq!(pace.slice(), 2);
    }
}
