//! One connection as ureq wants it: buffers, time-outs, ends of stream, counters.
//!
//! Both TLS clients use it. Failures leave as `ureq::Error::Other` holding a [`crate::net::Failure`]: ureq takes
//! some kinds of `Error::Io` (an unexpected end, a reset) for the end of a body.

use std::fmt;
use std::io;
use std::sync::Arc;

use ureq::unversioned::transport::{Buffers, LazyBuffers, NextTimeout, Transport};

use super::failure::Phase;
use super::{TlsStream, root_cause, wire_failure};
use crate::net::Failure;
use crate::net::exchange::Exchange;

/// The longest head of an answer, interim answers (1xx) before it included; less than [`INPUT`], or
/// a head that fills it would look like a connection that stands still.
pub(crate) const LONGEST_HEAD: usize = 32 * 1024;
/// Decrypted bytes waiting for ureq: four records.
const INPUT: usize = 64 * 1024;
/// The longest trailers of a body in chunks, together with what arrived with the head or its last piece.
const LONGEST_TRAILERS: u64 = (LONGEST_HEAD + INPUT) as u64;
/// A request's bytes on their way into TLS: one record.
const OUTPUT: usize = 16 * 1024;

/// A TLS stream with what ureq asks of a connection.
pub(crate) struct TlsTransport<S: TlsStream> {
    stream: S,
    buffers: LazyBuffers,
    /// The request that is being served, or was last.
    exchange: Option<Arc<Exchange>>,
    /// Whether any byte of an answer has ever arrived here.
    answered: bool,
    broken: bool,
}

impl<S: TlsStream> TlsTransport<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self {
            stream,
            buffers: LazyBuffers::new(INPUT, OUTPUT),
            exchange: None,
            answered: false,
            broken: false,
        }
    }

    /// Starts the record of a new request, if the thread is sending one.
    fn take_over(&mut self) {
        let Some(current) = Exchange::current() else {
            return;
        };
        let known = self.exchange.as_ref();
        if known.is_some_and(|known| Arc::ptr_eq(known, &current)) {
            return;
        }
        current.started(known.is_some(), self.stream.certificate_requested());
        self.exchange = Some(current);
    }

    /// The idle time-out, the same for reads and writes. The time for a whole head is ureq's to
    /// keep: it looks at the clock before each read.
    fn limit(&mut self, timeout: NextTimeout) {
        if let Some(longest) = timeout.per_read {
            self.stream.wire().set_idle(*longest);
        }
    }

    /// What ureq skips without counting it: interim answers before the head, trailers behind the body.
    fn bound_the_skipped(&self, timeout: NextTimeout) -> Result<(), ureq::Error> {
        let Some(exchange) = &self.exchange else {
            return Ok(());
        };
        let in_head = timeout.reason == ureq::Timeout::RecvResponse;
        let text = if in_head && exchange.received() > LONGEST_HEAD as u64 {
            format!("its head, interim answers (1xx) included, is longer than {LONGEST_HEAD} bytes")
        } else if exchange.received_for_nothing() > LONGEST_TRAILERS {
            format!("{LONGEST_TRAILERS} bytes came that hold nothing of its body")
        } else {
            return Ok(());
        };
        Err(ureq::Error::Other(Box::new(Failure::Protocol { text })))
    }

    fn fail(&mut self, error: &io::Error) -> ureq::Error {
        self.broken = true;
        let phase = if self.answered {
            Phase::Transfer
        } else {
            Phase::FirstRead
        };
        let failure = self.stream.tls_failure(error, phase);
        let state = Arc::clone(self.stream.wire().state());
        ureq::Error::Other(Box::new(root_cause(&state, failure)))
    }

    fn read(&mut self) -> io::Result<usize> {
        let amount = self.stream.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(amount);
        if amount > 0 {
            self.answered = true;
            if let Some(exchange) = &self.exchange {
                exchange.add_received(amount);
            }
        }
        Ok(amount)
    }

    /// A TLS 1.3 server that refuses the certificate closes while the request is on its way: the
    /// write fails as a reset, and the alert that says why is waiting to be read.
    fn fail_write(&mut self, error: &io::Error) -> ureq::Error {
        let timed_out = error.kind() == io::ErrorKind::TimedOut;
        if !timed_out
            && let Err(reading) = self.read()
            && self
                .stream
                .tls_failure(&reading, Phase::FirstRead)
                .alert
                .is_some()
        {
            return self.fail(&reading);
        }
        self.fail(error)
    }
}

impl<S: TlsStream> Transport for TlsTransport<S> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        self.take_over();
        self.limit(timeout);
        if let Some(exchange) = &self.exchange {
            exchange.add_sent(amount);
        }
        let output = &self.buffers.output()[..amount];
        match self.stream.write_all(output) {
            Ok(()) => Ok(()),
            Err(error) => Err(self.fail_write(&error)),
        }
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.bound_the_skipped(timeout)?;
        self.limit(timeout);
        match self.read() {
            Ok(0) => {
                self.broken = true;
                // An end that close_notify announced is for HTTP to judge.
                match wire_failure(self.stream.wire().state()) {
                    Some(failure) => Err(ureq::Error::Other(Box::new(failure))),
                    None => Ok(false),
                }
            }
            Ok(_) => Ok(true),
            Err(error) => Err(self.fail(&error)),
        }
    }

    /// Asks TLS itself, without waiting: session tickets and key updates that arrived after the
    /// answer are no sign of an end, an alert or data out of turn is.
    fn is_open(&mut self) -> bool {
        if self.broken || self.stream.wire().set_probing(true).is_err() {
            return false;
        }
        let quiet = match self.stream.read(&mut [0]) {
            Err(error) => error.kind() == io::ErrorKind::WouldBlock,
            Ok(_) => false,
        };
        self.broken = !quiet || self.stream.wire().set_probing(false).is_err();
        !self.broken
    }

    fn is_tls(&self) -> bool {
        true
    }
}

impl<S: TlsStream> Drop for TlsTransport<S> {
    fn drop(&mut self) {
        if !self.broken {
            self.stream.close();
        }
    }
}

impl<S: TlsStream> fmt::Debug for TlsTransport<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsTransport").finish_non_exhaustive()
    }
}
