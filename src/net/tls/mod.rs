//! The two TLS clients, behind one pair of traits.
//!
//! `mutual` carries the client certificate; `platform` serves logins and proxies and knows no
//! identity. Both work over a `Wire` and tell a failure as [`TlsFailure`] facts.

pub mod failure;
pub mod handshake;
pub(crate) mod mutual;
pub(crate) mod platform;
pub(crate) mod transport;
pub(crate) mod trust;

use std::io::{self, Read, Write};

use self::failure::{Phase, TlsFailure};
use super::Failure;
use super::wire::{Wire, WireState};

/// Turns a connected [`Wire`] into a TLS stream.
pub(crate) trait TlsClient: Send + Sync + 'static {
    /// The stream it makes.
    type Stream: TlsStream;

    /// Does the handshake; `host` is the name or address in the URL, without brackets.
    fn handshake(&self, host: &str, wire: Wire) -> Result<Self::Stream, Failure>;
}

/// A TLS stream after its handshake.
pub(crate) trait TlsStream: Read + Write + Send + Sync + 'static {
    /// The bytes below.
    fn wire(&mut self) -> &mut Wire;

    /// What TLS knows about `error`.
    fn tls_failure(&self, error: &io::Error, phase: Phase) -> TlsFailure;

    /// Whether the server asked for a client certificate; `None` where that is not known.
    fn certificate_requested(&self) -> Option<bool>;

    /// What `-v` says about the connection, line by line.
    fn describe(&self) -> Vec<String>;

    /// Sends close_notify, as RFC 8446 6.1 asks.
    fn close(&mut self);
}

/// Decides between what TLS says and what happened below it.
///
/// An alert and a certificate that was not accepted are reasons in themselves. Anything else that
/// TLS reports after the wire failed or ended is only a consequence of that.
pub(crate) fn root_cause(state: &WireState, failure: TlsFailure) -> Failure {
    if failure.alert.is_some() || failure.verify.is_some() {
        return Failure::Tls(failure);
    }
    wire_failure(state).unwrap_or(Failure::Tls(failure))
}

/// How the wire failed; a raw end is a failure too, since TLS ends by close_notify.
pub(crate) fn wire_failure(state: &WireState) -> Option<Failure> {
    state.failure().or_else(|| {
        state.ended().then(|| Failure::Closed {
            text: "end of stream without close_notify".to_owned(),
        })
    })
}
