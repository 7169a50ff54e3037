//! What can go wrong between a request and its answer, as facts.

use std::time::Duration;

use super::tls::failure::TlsFailure;

/// A request that got no whole answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{method} {url}: {failure}")]
pub struct TransportError {
    /// The request's method.
    pub method: http::Method,
    /// The request's URL, without its query.
    pub url: String,
    /// What happened.
    pub failure: Failure,
    /// Bytes that were handed to the network for this request (0: nothing was sent).
    pub sent: u64,
    /// Bytes of the answer that arrived.
    pub received: u64,
    /// Whether the connection had served a request before.
    pub reused: bool,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// An API call was attempted without a client certificate; nothing was sent.
    #[error("no client certificate was given")]
    NoIdentity,
    /// The host name has no address.
    #[error("cannot resolve {host}: {text}")]
    Dns {
        /// The name looked up.
        host: String,
        /// The resolver's words.
        text: String,
    },
    /// Nothing listens there.
    #[error("{address} refused the connection")]
    Refused {
        /// Host and port that were tried.
        address: String,
        /// Whether it had accepted no connection before in this run.
        first: bool,
    },
    /// TCP took longer than the connect time-out; for TLS there is [`Self::HandshakeTimeout`].
    #[error("no connection to {address} within {} s", .limit.as_secs_f64())]
    ConnectTimeout {
        /// Host and port that were tried.
        address: String,
        /// The time-out.
        limit: Duration,
    },
    /// TCP was connected, but TLS (or the proxy's tunnel) was not set up within the connect time-out.
    #[error("{address} accepted the connection, but no handshake was done within {} s", .limit.as_secs_f64())]
    HandshakeTimeout {
        /// Host and port that were tried.
        address: String,
        /// The time-out.
        limit: Duration,
    },
    /// Any other failure to connect (unreachable, no route, a name not resolved in time).
    #[error("cannot connect to {address}: {text}")]
    Connect {
        /// Host and port that were tried.
        address: String,
        /// The system's words, or that the resolver took too long.
        text: String,
    },
    /// The proxy did not open the tunnel.
    #[error("the proxy {proxy} refused CONNECT {address}: HTTP {status}")]
    ProxyRefused {
        /// Host and port of the proxy.
        proxy: String,
        /// What CONNECT named.
        address: String,
        /// The proxy's status.
        status: u16,
    },
    /// The proxy could not be reached or spoke something else.
    #[error("the proxy {proxy} cannot be used: {text}")]
    Proxy {
        /// Host and port of the proxy.
        proxy: String,
        /// What went wrong.
        text: String,
    },
    /// TLS failed, in the handshake or later ([`Phase`](super::tls::failure::Phase)).
    #[error("{0}")]
    Tls(TlsFailure),
    /// A file that `--cacert` or `SSL_CERT_FILE` names cannot be used.
    #[error("cannot load CA certificates from {file}: {text}")]
    TrustStore {
        /// The file or directory.
        file: String,
        /// Why not.
        text: String,
    },
    /// The identity was loaded but OpenSSL will not use it (weak key or signature).
    #[error("the client certificate cannot be used: {text}")]
    UnusableIdentity {
        /// OpenSSL's reason code.
        reason: i32,
        /// OpenSSL's words.
        text: String,
    },
    /// Silence for longer than the idle time-out.
    #[error("no data for {} s", .limit.as_secs_f64())]
    IdleTimeout {
        /// The time-out.
        limit: Duration,
    },
    /// The answer's head came, in small pieces or behind interim answers (1xx), but did not end.
    #[error("the head of the answer was not whole within {} s", .limit.as_secs_f64())]
    SlowHead {
        /// The time for a head, counted from the end of the request.
        limit: Duration,
    },
    /// The connection was reset or closed before the answer's head was whole.
    #[error("the connection was closed before the answer came: {text}")]
    Closed {
        /// The system's words.
        text: String,
    },
    /// The body ended before its announced end.
    #[error("the answer was cut off after {got} bytes: {text}")]
    Truncated {
        /// Bytes of the body that came, as on the wire.
        got: u64,
        /// What ended it.
        text: String,
    },
    /// The body is longer than this call takes.
    #[error("the answer is longer than {limit} bytes")]
    TooLong {
        /// The limit in bytes.
        limit: u64,
    },
    /// The answer is not HTTP/1.1, or its encoding is broken.
    #[error("the answer is not valid HTTP: {text}")]
    Protocol {
        /// What is wrong with it.
        text: String,
    },
}

/// What ureq's error means; ours travel inside it.
pub(super) fn failure_of(error: ureq::Error) -> Failure {
    match error {
        ureq::Error::Other(inner) => match inner.downcast::<Failure>() {
            Ok(failure) => *failure,
            Err(inner) => Failure::Protocol {
                text: inner.to_string(),
            },
        },
        // The connections' own errors never come as Io, so this is HTTP that missed its rest.
        ureq::Error::Io(error) => Failure::Closed {
            text: error.to_string(),
        },
        ureq::Error::LargeResponseHeader(_, limit) => Failure::Protocol {
            text: format!("its head is longer than {limit} bytes"),
        },
        ureq::Error::Protocol(error) => Failure::Protocol {
            text: error.to_string(),
        },
        error => Failure::Protocol {
            text: error.to_string(),
        },
    }
}
