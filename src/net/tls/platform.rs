//! The platform's own TLS (`native-tls`), for logins on a port without mutual TLS and for proxies.
//!
//! It never sees an identity. On macOS and Windows it trusts what the system trusts, a company's
//! inspection root included; on Linux it is OpenSSL again, through another door.

use std::error::Error;
use std::io::{self, Read, Write};
use std::sync::Arc;

use native_tls::{HandshakeError, Protocol, TlsConnector};
use openssl::error::ErrorStack;
use openssl::x509::X509;

use super::failure::{Alert, Phase, TlsFailure};
use super::mutual::describe_server;
use super::trust::{Trust, last_reason};
use super::{TlsClient, TlsStream, root_cause};
use crate::ffi;
use crate::net::wire::Wire;
use crate::net::{Failure, Options, TlsVersion};

/// OpenSSL's reason codes for a received alert are 1000 plus its number.
const ALERT_REASON: i32 = 1000;
/// OpenSSL's `SSL_R_CERTIFICATE_VERIFY_FAILED`.
const CERTIFICATE_VERIFY_FAILED: i32 = 134;

/// Makes connections without a client certificate.
pub(crate) struct Platform {
    connector: TlsConnector,
    trust: Trust,
}

impl Platform {
    /// Loads the CAs; connects nothing.
    pub(crate) fn new(options: &Options) -> Result<Self, Failure> {
        let trust = Trust::of(options);
        let certificates = trust.certificates()?;
        let connector = connector(options, &trust, &certificates);
        let connector = connector.map_err(|error| Failure::Tls(facts(&error, Phase::Handshake)))?;
        Ok(Self { connector, trust })
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one connector of the platform's TLS; it has no identity"
)]
fn connector(
    options: &Options,
    trust: &Trust,
    certificates: &[X509],
) -> Result<TlsConnector, native_tls::Error> {
    let mut builder = TlsConnector::builder();
    builder.min_protocol_version(Some(match options.tls_min {
        TlsVersion::V1_2 => Protocol::Tlsv12,
        TlsVersion::V1_3 => Protocol::Tlsv13,
    }));
    match trust {
        Trust::System => {}
        Trust::Anyone => {
            builder.danger_accept_invalid_certs(true);
            builder.danger_accept_invalid_hostnames(true);
        }
        Trust::Named { .. } => {
            builder.disable_built_in_roots(true);
            for certificate in certificates {
                // A certificate that decoded encodes again; one that does not vouches for nobody.
                if let Ok(der) = certificate.to_der() {
                    builder.add_root_certificate(native_tls::Certificate::from_der(&der)?);
                }
            }
        }
    }
    builder.build()
}

impl TlsClient for Platform {
    type Stream = PlatformStream;

    fn handshake(&self, host: &str, wire: Wire) -> Result<PlatformStream, Failure> {
        drop(ErrorStack::get());
        let state = Arc::clone(wire.state());
        match self.connector.connect(host, wire) {
            Ok(stream) => Ok(PlatformStream {
                stream,
                trust: self.trust.clone(),
            }),
            // The wire never says "would block" during a handshake.
            Err(HandshakeError::WouldBlock(_)) => Err(Failure::Closed {
                text: "the TLS handshake stalled".to_owned(),
            }),
            Err(HandshakeError::Failure(error)) => {
                Err(root_cause(&state, facts(&error, Phase::Handshake)))
            }
        }
    }
}

/// A connection without a client certificate.
pub(crate) struct PlatformStream {
    stream: native_tls::TlsStream<Wire>,
    trust: Trust,
}

impl PlatformStream {
    /// The stream itself, to carry another one inside.
    pub(crate) fn into_inner(self) -> native_tls::TlsStream<Wire> {
        self.stream
    }
}

impl TlsStream for PlatformStream {
    fn wire(&mut self) -> &mut Wire {
        self.stream.get_mut()
    }

    fn tls_failure(&self, error: &io::Error, phase: Phase) -> TlsFailure {
        facts(error, phase)
    }

    fn certificate_requested(&self) -> Option<bool> {
        None
    }

    fn describe(&self) -> Vec<String> {
        let mut lines = vec!["TLS connection by the platform's TLS".to_owned()];
        if let Ok(Some(certificate)) = self.stream.peer_certificate()
            && let Ok(der) = certificate.to_der()
            && let Ok(certificate) = X509::from_der(&der)
        {
            lines.extend(describe_server(&certificate));
        }
        lines.push(format!(" {}", self.trust.describe()));
        lines
    }

    fn close(&mut self) {
        // Best effort: the answer is here, the connection is given up anyway.
        let _ = self.stream.shutdown();
    }
}

impl Read for PlatformStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.read(buffer)
    }
}

impl Write for PlatformStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// What can be told of a failure: where `native-tls` stands on OpenSSL, its error stack has the
/// alert's number; elsewhere there is a text.
fn facts(error: &(dyn Error + 'static), phase: Phase) -> TlsFailure {
    let stack = openssl_stack(error);
    let reasons = stack.map_or(&[][..], ErrorStack::errors);
    let reason = reasons.last().map_or(0, |e| e.reason_code());
    let alert = u8::try_from(reason - ALERT_REASON).ok();
    TlsFailure {
        phase,
        version: None,
        alert: alert.map(|number| Alert {
            number,
            received: true,
        }),
        verify: verify(error, reason, phase),
        certificate_requested: None,
        certificate_sent: false,
        reason,
        text: stack.map_or_else(|| error.to_string(), last_reason),
    }
}

/// On OpenSSL the verdict stands only in the text, in brackets behind the stack. Elsewhere the text
/// is all there is; that it speaks of a certificate is taken from the two systems' documentation,
/// not measured.
fn verify(error: &(dyn Error + 'static), reason: i32, phase: Phase) -> Option<(i32, String)> {
    let text = error.to_string();
    if reason == CERTIFICATE_VERIFY_FAILED {
        let words = text.rsplit_once('(').map_or("", |(_, end)| end);
        let words = words.trim_end_matches(')');
        let code = ffi::verify::code_of(words);
        return Some(match code {
            Some(code) => (code, words.to_owned()),
            None => (0, text),
        });
    }
    let elsewhere = cfg!(any(target_os = "windows", target_vendor = "apple"));
    (elsewhere && phase == Phase::Handshake && text.contains("certificate")).then_some((0, text))
}

fn openssl_stack<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a ErrorStack> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(stack) = error.downcast_ref::<ErrorStack>() {
            return Some(stack);
        }
        // An io::Error's own source() skips the error it wraps.
        let wrapped = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        next = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    None
}
