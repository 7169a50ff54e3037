//! The bytes below TLS: a TCP connection, or the inside of a TLS connection to a proxy.
//!
//! [`Wire`] keeps the time-outs and remembers why it failed. The memory outlives the stream
//! ([`WireState`] is shared), because `native-tls` drops the stream together with the typed error
//! when a handshake fails. It also remembers a raw end of stream: TLS libraries disagree on whether
//! that is an error, and for us a connection ends only by close_notify.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Failure;

/// Ciphertext read ahead of a TLS library that asks for the 5 bytes of a record's header before it asks
/// for the rest: without a buffer each record costs two system calls.
pub(super) const READ_AHEAD: usize = 64 * 1024;

/// A reader that asks for this much has a buffer of its own, and reads straight into it.
const WORTH_A_CALL: usize = 4096;

/// What a [`Wire`] remembers for whoever lost it.
#[derive(Debug, Default)]
pub(crate) struct WireState {
    failure: Mutex<Option<Failure>>,
    ended: AtomicBool,
}

impl WireState {
    /// The first failure below TLS.
    pub(crate) fn failure(&self) -> Option<Failure> {
        self.lock().clone()
    }

    /// Whether the peer closed the connection below TLS.
    pub(crate) fn ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    fn remember(&self, failure: Failure) {
        self.lock().get_or_insert(failure);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Failure>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long a wire may take.
#[derive(Debug, Clone, Copy)]
enum Limit {
    /// Until the connection is set up: all reads and writes together.
    Connect { until: Instant, whole: Duration },
    /// Afterwards: each read and write.
    Idle(Duration),
}

/// A byte stream with time-outs and a memory.
pub(crate) struct Wire {
    link: Link,
    state: Arc<WireState>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

enum Link {
    Tcp(Tcp),
    /// To an `https://` proxy. Time-outs are kept by the wire inside.
    Tls(Box<native_tls::TlsStream<Wire>>),
}

struct Tcp {
    stream: TcpStream,
    address: String,
    limit: Limit,
    probing: bool,
    read_timeout: Option<Duration>,
    write_timeout: Option<Duration>,
}

impl Wire {
    /// A wire over a fresh TCP connection to `address` (host and port, for messages). It has until
    /// `until` to become useful, of `whole` in all.
    pub(crate) fn tcp(stream: TcpStream, address: String, until: Instant, whole: Duration) -> Self {
        let tcp = Tcp {
            stream,
            address,
            limit: Limit::Connect { until, whole },
            probing: false,
            read_timeout: None,
            write_timeout: None,
        };
        Self::over(Link::Tcp(tcp), Arc::default())
    }

    /// A wire inside the TLS connection to a proxy; failures go to the same memory.
    pub(crate) fn tunnel(stream: native_tls::TlsStream<Self>) -> Self {
        let state = Arc::clone(&stream.get_ref().state);
        Self::over(Link::Tls(Box::new(stream)), state)
    }

    fn over(link: Link, state: Arc<WireState>) -> Self {
        Self {
            link,
            state,
            buffer: Vec::new(),
            start: 0,
            end: 0,
        }
    }

    /// The memory, to be kept apart from the wire.
    pub(crate) fn state(&self) -> &Arc<WireState> {
        &self.state
    }

    fn innermost(&mut self) -> &mut Tcp {
        match &mut self.link {
            Link::Tcp(tcp) => tcp,
            Link::Tls(stream) => stream.get_mut().innermost(),
        }
    }

    /// Names the other end in time-outs, once a proxy has opened the tunnel to it.
    pub(crate) fn set_address(&mut self, address: &str) {
        self.innermost().address = address.to_owned();
    }

    /// From now on each read and each write has a limit of its own.
    pub(crate) fn set_idle(&mut self, longest: Duration) {
        self.innermost().limit = Limit::Idle(longest);
    }

    /// Lets reads return at once with `WouldBlock`, or wait again.
    pub(crate) fn set_probing(&mut self, probing: bool) -> io::Result<()> {
        let tcp = self.innermost();
        tcp.stream.set_nonblocking(probing)?;
        tcp.probing = probing;
        Ok(())
    }

    fn fill(&mut self) -> io::Result<usize> {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.resize(READ_AHEAD, 0);
        let got = self.receive(&mut buffer);
        self.buffer = buffer;
        let got = got?;
        (self.start, self.end) = (0, got);
        Ok(got)
    }

    fn receive(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = match &mut self.link {
            Link::Tcp(tcp) => tcp.read(buffer, &self.state)?,
            Link::Tls(stream) => stream.read(buffer)?,
        };
        if got == 0 {
            self.state.ended.store(true, Ordering::Relaxed);
        }
        Ok(got)
    }
}

impl Read for Wire {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.start == self.end {
            if out.len() >= WORTH_A_CALL {
                return self.receive(out);
            }
            if self.fill()? == 0 {
                return Ok(0);
            }
        }
        let count = out.len().min(self.end - self.start);
        out[..count].copy_from_slice(&self.buffer[self.start..self.start + count]);
        self.start += count;
        Ok(count)
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.link {
            Link::Tcp(tcp) => tcp.write(bytes, &self.state),
            Link::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.link {
            Link::Tcp(_) => Ok(()),
            Link::Tls(stream) => stream.flush(),
        }
    }
}

impl Tcp {
    fn read(&mut self, buffer: &mut [u8], state: &WireState) -> io::Result<usize> {
        loop {
            if !self.probing {
                let wait = self.wait(state)?;
                if self.read_timeout != Some(wait) {
                    self.stream.set_read_timeout(Some(wait))?;
                    self.read_timeout = Some(wait);
                }
            }
            match self.stream.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result.map_err(|error| self.failed(error, state)),
            }
        }
    }

    fn write(&mut self, bytes: &[u8], state: &WireState) -> io::Result<usize> {
        loop {
            if !self.probing {
                let wait = self.wait(state)?;
                if self.write_timeout != Some(wait) {
                    self.stream.set_write_timeout(Some(wait))?;
                    self.write_timeout = Some(wait);
                }
            }
            match self.stream.write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result.map_err(|error| self.failed(error, state)),
            }
        }
    }

    /// How long the next system call may take.
    fn wait(&self, state: &WireState) -> io::Result<Duration> {
        match self.limit {
            Limit::Idle(longest) => Ok(longest),
            Limit::Connect { until, .. } => {
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Err(self.failed(io::ErrorKind::TimedOut.into(), state));
                }
                Ok(left)
            }
        }
    }

    fn failed(&self, error: io::Error, state: &WireState) -> io::Error {
        let would_block = error.kind() == io::ErrorKind::WouldBlock;
        if would_block && self.probing {
            return error;
        }
        if would_block || error.kind() == io::ErrorKind::TimedOut {
            state.remember(match self.limit {
                Limit::Connect { whole, .. } => Failure::HandshakeTimeout {
                    address: self.address.clone(),
                    limit: whole,
                },
                Limit::Idle(longest) => Failure::IdleTimeout { limit: longest },
            });
            // Not WouldBlock: a TLS library would take that as leave to try again.
            return io::ErrorKind::TimedOut.into();
        }
        state.remember(Failure::Closed {
            text: error.to_string(),
        });
        error
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").field("state", &self.state).finish()
    }
}
