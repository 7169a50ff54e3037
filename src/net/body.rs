//! An answer's body: decompressed, bounded, and never shorter than it was announced.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use std::time::Instant;

use flate2::bufread::MultiGzDecoder;

use super::error::{Failure, TransportError, failure_of};
use super::exchange::Exchange;
use super::trace::{BODY_SHOWN, Tracer, redact_answer};
use crate::event::Direction;
use crate::text::secret::KnownSecrets;

/// Compressed bytes given to zlib at once.
const COMPRESSED: usize = 64 * 1024;

/// The most compressed bytes that may yield no byte of the body: gzip allows any number of empty
/// members and empty blocks. A member's own head has 128 KiB at most (flate2), a block's far less.
const FRUITLESS: u64 = 256 * 1024;

/// Reserved beforehand for a body of announced length, at most.
const RESERVED: u64 = 16 * 1024 * 1024;

/// A body being read. A body that ends early is an error, never a short read; the `io::Error` holds a
/// [`TransportError`], and each later read fails in the same way.
pub struct Body {
    source: Source,
    request: RequestFacts,
    announced: Option<u64>,
    failed: Option<Failure>,
    preview: Option<Vec<u8>>,
}

/// What an error, or the last line of a trace, has to say about the request.
pub(crate) struct RequestFacts {
    pub(crate) method: http::Method,
    pub(crate) url: String,
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) tracer: Tracer,
    pub(crate) started: Instant,
    /// What the request held, where bodies are shown: an answer may repeat it.
    pub(crate) secrets: KnownSecrets,
}

impl RequestFacts {
    pub(crate) fn error(&self, failure: Failure) -> TransportError {
        TransportError {
            method: self.method.clone(),
            url: self.url.clone(),
            failure,
            sent: self.exchange.sent(),
            received: self.exchange.received(),
            reused: self.exchange.reused(),
        }
    }
}

enum Source {
    Plain(Counted),
    Gzip(Box<MultiGzDecoder<BufReader<Compressed>>>),
    /// Not known yet whether there is anything to decompress: a 204 may carry the header too.
    MaybeGzip(BufReader<Compressed>),
    Ended,
}

/// Counts what HTTP hands out.
struct Counted {
    reader: ureq::BodyReader<'static>,
    exchange: Arc<Exchange>,
    got: u64,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.got += count as u64;
        self.exchange.hand_out();
        Ok(count)
    }
}

/// Fails where too much input yields no output.
struct Compressed {
    counted: Counted,
    /// Bytes since the last byte of the body.
    fruitless: u64,
}

impl Read for Compressed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.fruitless > FRUITLESS {
            let text = format!("{} bytes of it hold nothing", self.fruitless);
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        let count = self.counted.read(buffer)?;
        self.fruitless += count as u64;
        Ok(count)
    }
}

impl Body {
    /// # Errors
    /// When the body is encoded in a way that was not asked for and is not gzip.
    pub(crate) fn new(
        headers: &http::HeaderMap,
        body: ureq::Body,
        request: RequestFacts,
    ) -> Result<Self, TransportError> {
        let announced = body.content_length();
        let counted = Counted {
            reader: body.into_reader(),
            exchange: Arc::clone(&request.exchange),
            got: 0,
        };
        let encoding = headers.get(http::header::CONTENT_ENCODING);
        let encoding = encoding
            .map_or("", |value| value.to_str().unwrap_or("?"))
            .trim();
        let source = match encoding.to_ascii_lowercase().as_str() {
            "" | "identity" => Source::Plain(counted),
            "gzip" | "x-gzip" => {
                let compressed = Compressed {
                    counted,
                    fruitless: 0,
                };
                Source::MaybeGzip(BufReader::with_capacity(COMPRESSED, compressed))
            }
            _ => {
                return Err(request.error(Failure::Protocol {
                    text: format!("its content encoding `{encoding}` was not asked for"),
                }));
            }
        };
        let plain = matches!(source, Source::Plain(_));
        Ok(Self {
            source,
            announced: announced.filter(|_| plain),
            failed: None,
            preview: request.tracer.shows_bodies().then(Vec::new),
            request,
        })
    }

    /// Reads the whole body into `buffer` (cleared first).
    ///
    /// # Errors
    /// When it is cut off or longer than `limit` bytes.
    pub fn read_into(mut self, buffer: &mut Vec<u8>, limit: u64) -> Result<(), TransportError> {
        buffer.clear();
        if self.announced.is_some_and(|length| length > limit) {
            return Err(self.fail(Failure::TooLong { limit }));
        }
        if let Some(length) = self.announced {
            // One more than announced, so that the end is found without growing.
            let length = length.min(RESERVED) + 1;
            buffer.reserve(usize::try_from(length).unwrap_or_default());
        }
        let read = (&mut self)
            .take(limit.saturating_add(1))
            .read_to_end(buffer);
        if let Err(error) = read {
            let failure = self.explain(error);
            return Err(self.fail(failure));
        }
        if buffer.len() as u64 > limit {
            return Err(self.fail(Failure::TooLong { limit }));
        }
        Ok(())
    }

    /// Reads some bytes into `buffer`; 0 is the end of the body.
    ///
    /// # Errors
    /// When the body is cut off; each later call fails in the same way.
    pub fn read_some(&mut self, buffer: &mut [u8]) -> Result<usize, TransportError> {
        if let Some(failure) = &self.failed {
            return Err(self.request.error(failure.clone()));
        }
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            match self.pull(buffer) {
                Ok(0) => {
                    self.finished();
                    return Ok(0);
                }
                Ok(count) => {
                    self.remember(&buffer[..count]);
                    return Ok(count);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let failure = self.explain(error);
                    return Err(self.fail(failure));
                }
            }
        }
    }

    fn fail(&mut self, failure: Failure) -> TransportError {
        self.failed = Some(failure.clone());
        self.show_preview(false);
        self.request.error(failure)
    }

    fn pull(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if matches!(self.source, Source::MaybeGzip(_))
            && let Source::MaybeGzip(mut reader) =
                std::mem::replace(&mut self.source, Source::Ended)
        {
            if reader.fill_buf()?.is_empty() {
                return Ok(0);
            }
            self.source = Source::Gzip(Box::new(MultiGzDecoder::new(reader)));
        }
        match &mut self.source {
            Source::Plain(reader) => reader.read(buffer),
            Source::Gzip(reader) => {
                let count = reader.read(buffer)?;
                reader.get_mut().get_mut().fruitless = 0;
                Ok(count)
            }
            Source::MaybeGzip(_) | Source::Ended => Ok(0),
        }
    }

    /// Body bytes on the wire so far.
    fn got(&self) -> u64 {
        match &self.source {
            Source::Plain(counted) => counted.got,
            Source::Gzip(reader) => reader.get_ref().get_ref().counted.got,
            Source::MaybeGzip(reader) => reader.get_ref().counted.got,
            Source::Ended => 0,
        }
    }

    /// What an error of the layers below means for the body.
    fn explain(&self, error: io::Error) -> Failure {
        if let Some(failure) = &self.failed {
            return failure.clone();
        }
        let got = self.got();
        if error
            .get_ref()
            .is_some_and(|inner| inner.is::<ureq::Error>())
        {
            return match failure_of(ureq::Error::from(error)) {
                Failure::Closed { text } => Failure::Truncated { got, text },
                failure => failure,
            };
        }
        match error.kind() {
            // ureq's own end before the announced one, and zlib's before the end of its stream.
            io::ErrorKind::UnexpectedEof => Failure::Truncated {
                got,
                text: match &self.source {
                    Source::Gzip(_) => "its gzip stream does not end".to_owned(),
                    _ => "it was announced to be longer".to_owned(),
                },
            },
            _ => Failure::Protocol {
                text: format!("its gzip encoding is broken: {error}"),
            },
        }
    }

    fn remember(&mut self, bytes: &[u8]) {
        let Some(preview) = &mut self.preview else {
            return;
        };
        let room = BODY_SHOWN - preview.len();
        preview.extend_from_slice(&bytes[..bytes.len().min(room)]);
        if preview.len() == BODY_SHOWN {
            self.show_preview(false);
        }
    }

    fn show_preview(&mut self, whole: bool) {
        if let Some(preview) = self.preview.take() {
            let text = redact_answer(&String::from_utf8_lossy(&preview));
            let secrets = &self.request.secrets;
            let text = match whole {
                true => secrets.hide(&text).into_owned(),
                false => secrets.hide_in_cut(&text),
            };
            self.request.tracer.body(Direction::Received, &text, whole);
        }
    }

    fn finished(&mut self) {
        self.show_preview(true);
        if matches!(self.source, Source::Ended) {
            return;
        }
        let got = self.got();
        let elapsed = self.request.started.elapsed();
        self.request
            .tracer
            .info(|| format!("{got} bytes of body, {} ms in all", elapsed.as_millis()));
        self.source = Source::Ended;
    }
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.read_some(buffer).map_err(io::Error::other)
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body")
            .field("url", &self.request.url)
            .finish_non_exhaustive()
    }
}
