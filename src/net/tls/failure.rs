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
    /// No parameters in common, or (in TLS 1.2) no acceptable certificate.
    pub const HANDSHAKE_FAILURE: u8 = 40;
    /// The certificate cannot be used.
    pub const BAD_CERTIFICATE: u8 = 42;
    /// The certificate is of an unsupported kind.
    pub const UNSUPPORTED_CERTIFICATE: u8 = 43;
    /// The certificate was revoked.
    pub const CERTIFICATE_REVOKED: u8 = 44;
    /// The certificate has expired, or is not valid yet.
    pub const CERTIFICATE_EXPIRED: u8 = 45;
    /// The certificate is not accepted for another reason.
    pub const CERTIFICATE_UNKNOWN: u8 = 46;
    /// A field is out of range.
    pub const ILLEGAL_PARAMETER: u8 = 47;
    /// The CA is not known.
    pub const UNKNOWN_CA: u8 = 48;
    /// The certificate is valid, but may not come in.
    pub const ACCESS_DENIED: u8 = 49;
    /// A signature or a key exchange did not verify.
    pub const DECRYPT_ERROR: u8 = 51;
    /// The version is not supported.
    pub const PROTOCOL_VERSION: u8 = 70;
    /// The server has no such name.
    pub const UNRECOGNIZED_NAME: u8 = 112;
    /// A client certificate is required, and none came (TLS 1.3).
    pub const CERTIFICATE_REQUIRED: u8 = 116;

    /// The name in RFC 8446 B.2 (older ones in RFC 5246 7.2). A table of our own, because OpenSSL
    /// 3.0 has no name for 116.
    pub fn name(self) -> &'static str {
        match self.number {
            0 => "close_notify",
            10 => "unexpected_message",
            20 => "bad_record_mac",
            22 => "record_overflow",
            Self::HANDSHAKE_FAILURE => "handshake_failure",
            41 => "no_certificate",
            Self::BAD_CERTIFICATE => "bad_certificate",
            Self::UNSUPPORTED_CERTIFICATE => "unsupported_certificate",
            Self::CERTIFICATE_REVOKED => "certificate_revoked",
            Self::CERTIFICATE_EXPIRED => "certificate_expired",
            Self::CERTIFICATE_UNKNOWN => "certificate_unknown",
            Self::ILLEGAL_PARAMETER => "illegal_parameter",
            Self::UNKNOWN_CA => "unknown_ca",
            Self::ACCESS_DENIED => "access_denied",
            50 => "decode_error",
            Self::DECRYPT_ERROR => "decrypt_error",
            Self::PROTOCOL_VERSION => "protocol_version",
            71 => "insufficient_security",
            80 => "internal_error",
            86 => "inappropriate_fallback",
            90 => "user_canceled",
            100 => "no_renegotiation",
            109 => "missing_extension",
            110 => "unsupported_extension",
            Self::UNRECOGNIZED_NAME => "unrecognized_name",
            113 => "bad_certificate_status_response",
            115 => "unknown_psk_identity",
            Self::CERTIFICATE_REQUIRED => "certificate_required",
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
    pub fn is_unsupported_version(&self) -> bool {
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
