//! The facts of a failed handshake.

use std::fmt;

/// Why TLS failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFailure {
    /// When it failed. A TLS 1.3 server refuses a client certificate after the handshake, so the
    /// alert comes with the first read.
    pub phase: Phase,
    /// The protocol version, where it was agreed: `TLSv1.3`.
    pub version: Option<String>,
    /// The alert that ended it.
    pub alert: Option<Alert>,
    /// Why the server's certificate was not accepted: OpenSSL's verify code and its text.
    pub verify: Option<(i32, String)>,
    /// Whether the server asked for a client certificate; `None` where that is not known.
    pub certificate_requested: Option<bool>,
    /// Whether a client certificate was sent.
    pub certificate_sent: bool,
    /// OpenSSL's reason code (native-tls: 0).
    pub reason: i32,
    /// The TLS library's words.
    pub text: String,
}

/// When TLS failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Before both sides had finished.
    Handshake,
    /// After it, before the first byte of an answer.
    FirstRead,
    /// Later.
    Transfer,
}

/// A TLS alert (RFC 8446 6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alert {
    /// The number: 48 is unknown_ca.
    pub number: u8,
    /// Whether the server sent it (else we did).
    pub received: bool,
}

impl fmt::Display for TlsFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
