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
    /// Why the server's certificate was not accepted: OpenSSL's verify code and its text. The code
    /// is 0 where the platform's TLS tells only a text.
    pub verify: Option<(i32, String)>,
    /// Whether the server asked for a client certificate; `None` where that is not known.
    pub certificate_requested: Option<bool>,
    /// Whether a client certificate was sent.
    pub certificate_sent: bool,
    /// OpenSSL's reason code (0 where there is none).
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

impl Alert {
    /// The name in RFC 8446 B.2 (older ones in RFC 5246 7.2). A table of our own, because OpenSSL
    /// 3.0 has no name for 116.
    pub fn name(self) -> &'static str {
        match self.number {
            0 => "close_notify",
            10 => "unexpected_message",
            20 => "bad_record_mac",
            22 => "record_overflow",
            40 => "handshake_failure",
            41 => "no_certificate",
            42 => "bad_certificate",
            43 => "unsupported_certificate",
            44 => "certificate_revoked",
            45 => "certificate_expired",
            46 => "certificate_unknown",
            47 => "illegal_parameter",
            48 => "unknown_ca",
            49 => "access_denied",
            50 => "decode_error",
            51 => "decrypt_error",
            70 => "protocol_version",
            71 => "insufficient_security",
            80 => "internal_error",
            86 => "inappropriate_fallback",
            90 => "user_canceled",
            100 => "no_renegotiation",
            109 => "missing_extension",
            110 => "unsupported_extension",
            112 => "unrecognized_name",
            113 => "bad_certificate_status_response",
            115 => "unknown_psk_identity",
            116 => "certificate_required",
            120 => "no_application_protocol",
            _ => "unknown",
        }
    }
}

impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "alert {} ({})", self.number, self.name())
    }
}

impl TlsFailure {
    /// Whether what came was no TLS record: OpenSSL's `SSL_R_WRONG_VERSION_NUMBER` and
    /// `SSL_R_PACKET_LENGTH_TOO_LONG`.
    pub fn is_not_tls(&self) -> bool {
        matches!(self.reason, 267 | 198)
    }

    /// Whether the server chose a version below ours: OpenSSL's `SSL_R_UNSUPPORTED_PROTOCOL`.
    pub fn is_version(&self) -> bool {
        self.reason == 258
    }
}

impl fmt::Display for TlsFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((_, text)) = &self.verify {
            return write!(f, "the server's certificate is not trusted: {text}");
        }
        match self.alert {
            Some(alert) if alert.received => write!(f, "the server ended TLS with {alert}"),
            _ => write!(f, "TLS failed: {}", self.text),
        }
    }
}
