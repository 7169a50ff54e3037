//! What the two sides said on one connection: what the server asked for, what was really sent, the alert.
//!
//! OpenSSL tells a client that it was asked for a certificate, but not what it answered; and after a
//! chain that was refused little is left of it. So the messages themselves are kept, as the message
//! callback shows them, and read afterwards: the callback runs inside C, where nothing may panic.
//! The lengths in them are the peer's, and none is believed.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::failure::Alert;
use crate::ffi::tls::{self, Message};

#[cfg(test)]
mod tests;

/// Handshake message types (RFC 8446 4).
const CERTIFICATE: u8 = 11;
const CERTIFICATE_REQUEST: u8 = 13;

/// Alert level (RFC 5246 7.2).
const WARNING: u8 = 1;

/// Extensions of a TLS 1.3 CertificateRequest (RFC 8446 4.2).
const SIGNATURE_ALGORITHMS: u16 = 13;
const CERTIFICATE_AUTHORITIES: u16 = 47;

/// The longest message that is kept; OpenSSL itself refuses longer certificate lists (100 KiB).
const LONGEST: usize = 256 * 1024;

/// What was seen of one handshake.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Handshake {
    /// The version agreed on, `TLSv1.3`; `None` where the server had not spoken.
    pub version: Option<String>,
    /// Whether both sides had finished. In TLS 1.3 that says nothing of the client certificate.
    pub finished: bool,
    /// What the server asked for; `None` where it asked for no certificate.
    pub request: Option<CertificateRequest>,
    /// The certificates that went out, in DER, leaf first. An empty list where the server asked and
    /// none was sent, `None` where no such message went out.
    pub sent: Option<Vec<Vec<u8>>>,
    /// The server's certificates as they came, in DER, also where they were refused.
    pub server: Vec<Vec<u8>>,
}

/// A CertificateRequest (RFC 5246 7.4.4, RFC 8446 4.3.2).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CertificateRequest {
    /// Names of the CAs that the server would take, each a DER `Name`; often none.
    pub authorities: Vec<Vec<u8>>,
    /// Signature schemes that the server takes (RFC 8446 4.2.3): 0x0403 is ECDSA on P-256 with SHA-256.
    pub signature_algorithms: Vec<u16>,
}

/// Hears the messages of one connection; of several, the last counts.
#[derive(Debug, Default)]
pub struct Witness(Mutex<Heard>);

#[derive(Debug, Default)]
struct Heard {
    /// Whether the server has said anything.
    answered: bool,
    alert: Option<Alert>,
    version: Option<String>,
    finished: bool,
    request: Option<Vec<u8>>,
    sent: Option<Vec<u8>>,
    server: Option<Vec<u8>>,
}

impl Witness {
    /// A connection begins.
    pub(super) fn begin(&self) {
        *self.lock() = Heard::default();
    }

    /// Called from C through the message callback.
    pub(super) fn hear(&self, message: Message<'_>) {
        match (message.content_type, message.bytes) {
            // Warnings that end nothing by themselves: close_notify, user_canceled,
            // no_renegotiation, and a name that a TLS 1.2 server does not know.
            (tls::CONTENT_ALERT, &[WARNING, 0 | 90 | 100 | 112]) => {}
            (tls::CONTENT_ALERT, &[_, number]) => {
                self.lock().alert = Some(Alert {
                    number,
                    received: !message.sent,
                });
            }
            (tls::CONTENT_HANDSHAKE, &[kind, ..]) => self.lock().keep(kind, message),
            _ => {}
        }
    }

    /// Whether the server has said anything.
    pub(super) fn answered(&self) -> bool {
        self.lock().answered
    }

    /// Whether the server asked for a certificate.
    pub(super) fn requested(&self) -> bool {
        self.lock().request.is_some()
    }

    /// Whether at least one certificate went out.
    pub(super) fn sent_any(&self) -> bool {
        // An empty message is a header (4 bytes) and an empty list (3 bytes, in TLS 1.3 after one byte
        // of context).
        self.lock().sent.as_ref().is_some_and(|m| m.len() > 8)
    }

    /// The last alert that ends a connection.
    pub(super) fn alert(&self) -> Option<Alert> {
        self.lock().alert
    }

    /// How the handshake ended; `version` is `None` where the server had not spoken.
    pub(super) fn end(&self, version: Option<String>, finished: bool) {
        let mut heard = self.lock();
        heard.version = version;
        heard.finished = finished;
    }

    /// What was said so far.
    pub fn handshake(&self) -> Handshake {
        let heard = self.lock();
        let tls_1_3 = heard.version.as_deref() == Some("TLSv1.3");
        let certificates = |message: &Vec<u8>| certificates(message, tls_1_3);
        Handshake {
            version: heard.version.clone(),
            finished: heard.finished,
            request: heard.request.as_ref().map(|m| request(m, tls_1_3)),
            sent: heard.sent.as_ref().map(certificates),
            server: heard.server.as_ref().map(certificates).unwrap_or_default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Heard {
    fn keep(&mut self, kind: u8, message: Message<'_>) {
        self.answered |= !message.sent;
        let place = match (kind, message.sent) {
            (CERTIFICATE, true) => &mut self.sent,
            (CERTIFICATE, false) => &mut self.server,
            (CERTIFICATE_REQUEST, false) => &mut self.request,
            _ => return,
        };
        if message.bytes.len() <= LONGEST {
            *place = Some(message.bytes.to_owned());
        }
    }
}

/// The parts of a CertificateRequest; what cannot be read is left out.
fn request(message: &[u8], tls_1_3: bool) -> CertificateRequest {
    let mut request = CertificateRequest::default();
    let body = Cursor(message.get(4..).unwrap_or_default());
    // An error only says that the message ends too early.
    let _ = if tls_1_3 {
        request.read_extensions(body)
    } else {
        request.read_fields(body)
    };
    request
}

impl CertificateRequest {
    /// TLS 1.2: certificate types, signature algorithms, authorities.
    fn read_fields(&mut self, mut body: Cursor<'_>) -> Option<()> {
        body.vector(1)?;
        self.read_algorithms(body.vector(2)?);
        self.read_authorities(body.vector(2)?);
        Some(())
    }

    /// TLS 1.3: a context, then extensions.
    fn read_extensions(&mut self, mut body: Cursor<'_>) -> Option<()> {
        body.vector(1)?;
        let mut extensions = body.vector(2)?;
        while let Some(kind) = extensions.number(2) {
            let mut data = extensions.vector(2)?;
            match u16::try_from(kind).ok()? {
                SIGNATURE_ALGORITHMS => self.read_algorithms(data.vector(2)?),
                CERTIFICATE_AUTHORITIES => self.read_authorities(data.vector(2)?),
                _ => {}
            }
        }
        Some(())
    }

    fn read_algorithms(&mut self, list: Cursor<'_>) {
        let pairs = list.0.chunks_exact(2);
        self.signature_algorithms = pairs.map(|p| u16::from_be_bytes([p[0], p[1]])).collect();
    }

    fn read_authorities(&mut self, mut list: Cursor<'_>) {
        while let Some(name) = list.vector(2) {
            self.authorities.push(name.0.to_owned());
        }
    }
}

/// The entries of a Certificate message (RFC 5246 7.4.2, RFC 8446 4.4.2).
fn certificates(message: &[u8], tls_1_3: bool) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut body = Cursor(message.get(4..).unwrap_or_default());
    if tls_1_3 {
        body.vector(1);
    }
    let mut list = body.vector(3).unwrap_or_default();
    while let Some(certificate) = list.vector(3) {
        found.push(certificate.0.to_owned());
        if tls_1_3 && list.vector(2).is_none() {
            break;
        }
    }
    found
}

/// What is left of a message.
#[derive(Default, Clone, Copy)]
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    /// A number of so many bytes, at most 3.
    fn number(&mut self, width: usize) -> Option<usize> {
        let (digits, rest) = self.0.split_at_checked(width)?;
        self.0 = rest;
        Some(
            digits
                .iter()
                .fold(0, |n, &digit| n << 8 | usize::from(digit)),
        )
    }

    /// A vector behind its length.
    fn vector(&mut self, width: usize) -> Option<Self> {
        let length = self.number(width)?;
        let (content, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(Self(content))
    }
}
