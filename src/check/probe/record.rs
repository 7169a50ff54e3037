//! What programs are told about one contact: enough to find out later what a server does.

use std::borrow::Cow;

use openssl::hash::MessageDigest;
use openssl::x509::{X509, X509Name};
use serde::Serialize;

use crate::identity::name;
use crate::net::Failure;
use crate::net::tls::failure::{Alert, Phase, TlsFailure};
use crate::net::tls::handshake::Handshake;
use crate::text::secret::KnownSecrets;
use crate::text::words::hex;

/// One contact with the server.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Probe {
    /// The host.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Whether there was an identity to send.
    pub with_cert: bool,
    /// Whether the session went along.
    pub with_session: bool,
    /// The highest version of TLS that was offered, where it was limited: `TLSv1.2`.
    pub tls_max: Option<&'static str>,
    /// The version agreed on, `TLSv1.3`; `None` where the server did not speak TLS.
    pub tls: Option<String>,
    /// Whether the server asked for a certificate; `None` where that is not known.
    pub requested: Option<bool>,
    /// How many CAs it named.
    pub acceptable_cas: usize,
    /// Their names.
    pub acceptable_ca_names: Vec<String>,
    /// The signature schemes that it takes, four hexadecimal digits each (RFC 8446 4.2.3).
    pub sigalgs: Vec<String>,
    /// SHA-256 of the certificates that went out, leaf first; `None` where it asked for none.
    pub sent: Option<Vec<String>>,
    /// The alert that ended it.
    pub alert: Option<SeenAlert>,
    /// The answer.
    pub http: Option<Http>,
    /// The issuer of the server's certificate.
    pub server_issuer: Option<String>,
    /// The subjects of the server's certificates as they came, leaf first.
    pub server_chain: Vec<String>,
    /// Why the server's certificate is not trusted: OpenSSL's verify code.
    pub verify: Option<i32>,
    /// Why there was no answer, in words.
    pub failure: Option<String>,
}

/// An alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeenAlert {
    /// `read` or `write`: whether the server sent it or we did.
    pub dir: &'static str,
    /// The number (RFC 8446 6.2).
    pub number: u8,
    /// The name.
    pub name: &'static str,
    /// `handshake`, `first-read` or `transfer`.
    pub phase: &'static str,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Http {
    /// The status.
    pub status: u16,
    /// What it was: `soap`, `fault`, `certificate-page`, `nginx`, `html`, `redirect`, `other`.
    pub kind: &'static str,
}

impl SeenAlert {
    pub(super) fn of(alert: Alert, phase: Phase) -> Self {
        Self {
            dir: if alert.received { "read" } else { "write" },
            number: alert.number,
            name: alert.name(),
            phase: phase_name(phase),
        }
    }
}

/// `handshake`, `first-read` or `transfer`.
pub(super) fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Handshake => "handshake",
        Phase::FirstRead => "first-read",
        Phase::Transfer => "transfer",
    }
}

impl Probe {
    /// Adds what the handshake told.
    pub(super) fn saw(&mut self, handshake: &Handshake) {
        self.tls.clone_from(&handshake.version);
        let spoke = handshake.version.is_some();
        self.requested = spoke.then_some(handshake.request.is_some());
        if let Some(request) = &handshake.request {
            self.acceptable_cas = request.authorities.len();
            let names = request.authorities.iter();
            self.acceptable_ca_names = names.map(|der| name_of(der)).collect();
            let schemes = request.signature_algorithms.iter();
            self.sigalgs = schemes.map(|scheme| format!("{scheme:04x}")).collect();
        }
        let sent = handshake.sent.as_ref();
        self.sent = sent.map(|sent| sent.iter().map(|der| sha256(der)).collect());
        let chain = certificates(&handshake.server);
        self.server_issuer = chain.first().map(|leaf| name(leaf.issuer_name()));
        self.server_chain = chain.iter().map(|c| name(c.subject_name())).collect();
    }

    /// Adds why there was no answer.
    pub(super) fn failed(&mut self, failure: &Failure) {
        self.failure = Some(failure.to_string());
        if let Failure::Tls(TlsFailure {
            alert,
            phase,
            verify,
            ..
        }) = failure
        {
            self.alert = alert.map(|alert| SeenAlert::of(alert, *phase));
            self.verify = verify.as_ref().map(|(code, _)| *code);
        }
    }
}

impl Probe {
    /// Takes out what the server repeated.
    pub(super) fn hide(&mut self, secrets: &KnownSecrets) {
        let lists = self
            .acceptable_ca_names
            .iter_mut()
            .chain(&mut self.server_chain);
        for text in lists
            .chain(&mut self.server_issuer)
            .chain(&mut self.failure)
        {
            if let Cow::Owned(hidden) = secrets.hide(text) {
                *text = hidden;
            }
        }
    }
}

/// The certificates that can be read.
pub(super) fn certificates(ders: &[Vec<u8>]) -> Vec<X509> {
    let read = ders.iter().map(|der| X509::from_der(der));
    read.filter_map(Result::ok).collect()
}

fn name_of(der: &[u8]) -> String {
    X509Name::from_der(der).map_or_else(|_| "?".to_owned(), |found| name(&found))
}

fn sha256(der: &[u8]) -> String {
    let digest = openssl::hash::hash(MessageDigest::sha256(), der);
    let digest = digest.map(|digest| digest.to_vec()).unwrap_or_default();
    hex(&digest)
}
