//! Mutual TLS: the client certificate, over the `openssl` crate.
//!
//! `context` is the one place that says how a mutually authenticated connection is made;
//! [`Transport::probing`](crate::net::Transport::probing) uses the same, so that a check and a call
//! cannot differ.

use std::io::{self, Read, Write};
use std::net::IpAddr;
use std::sync::Arc;

use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::ssl::{
    self, Ssl, SslContext, SslContextBuilder, SslMethod, SslMode, SslOptions, SslSessionCacheMode,
    SslStream, SslVerifyMode, SslVersion,
};
use openssl::x509::verify::X509CheckFlags;
use openssl::x509::{X509NameRef, X509Ref, X509VerifyResult};

use super::failure::{Phase, TlsFailure};
use super::handshake::Witness;
use super::trust::{Trust, last_reason};
use super::{TlsClient, TlsStream, root_cause};
use crate::ffi::tls;
use crate::identity::{Identity, name_with};
use crate::net::wire::{READ_AHEAD, Wire};
use crate::net::{Failure, Options, TlsVersion};
use crate::text::words;

/// The context for connections that carry `identity`; without one, which only a probe asks for, they
/// carry no certificate.
///
/// # Errors
/// [`Failure::TrustStore`] when the CAs cannot be loaded, [`Failure::UnusableIdentity`] when
/// OpenSSL refuses the certificate or key (too weak, or not belonging together).
fn context(
    options: &Options,
    trust: &Trust,
    identity: Option<&Identity>,
) -> Result<SslContextBuilder, Failure> {
    // OpenSSL's queue of errors is per thread: what others left there must not explain our failure.
    drop(ErrorStack::get());
    let mut context = base(options, trust).map_err(|stack| unusable(&stack))?;
    trust.load_into(&mut context)?;
    if let Some(identity) = identity {
        carry(&mut context, identity).map_err(|stack| unusable(&stack))?;
    }
    tls::enable_listeners(&mut context);
    Ok(context)
}

fn base(options: &Options, trust: &Trust) -> Result<SslContextBuilder, ErrorStack> {
    let mut context = SslContext::builder(SslMethod::tls_client())?;
    context.set_min_proto_version(Some(match options.tls_min {
        TlsVersion::V1_2 => SslVersion::TLS1_2,
        TlsVersion::V1_3 => SslVersion::TLS1_3,
    }))?;
    if options.tls_max == Some(TlsVersion::V1_2) {
        context.set_max_proto_version(Some(SslVersion::TLS1_2))?;
    }
    context.set_verify(match trust {
        Trust::Anyone => SslVerifyMode::NONE,
        _ => SslVerifyMode::PEER,
    });
    context.set_alpn_protos(b"\x08http/1.1")?;
    context.set_options(SslOptions::NO_COMPRESSION);
    // Several records a system call, straight into OpenSSL's buffer (measured: a tenth of the CPU time
    // of a large download).
    context.set_read_ahead(true);
    tls::set_read_buffer(&mut context, READ_AHEAD);
    // NO_AUTO_CHAIN: OpenSSL would complete the chain from the CAs that we trust, and hide on this
    // machine that an intermediate is missing (measured).
    context.set_mode(SslMode::NO_AUTO_CHAIN | SslMode::AUTO_RETRY);
    // Connections are kept open, so there is little to gain from resuming sessions; and a resumed
    // one sends no certificate, so that a refusal would depend on what happened before.
    context.set_session_cache_mode(SslSessionCacheMode::OFF);
    Ok(context)
}

/// Leaf, then intermediates as they stand: issuer first, no root.
fn carry(context: &mut SslContextBuilder, identity: &Identity) -> Result<(), ErrorStack> {
    context.set_certificate(&identity.leaf)?;
    for intermediate in &identity.intermediates {
        context.add_extra_chain_cert(intermediate.clone())?;
    }
    context.set_private_key(&identity.key)?;
    // A key of another type than the certificate is accepted until here, and then *no* certificate
    // is sent, silently.
    context.check_private_key()
}

fn unusable(stack: &ErrorStack) -> Failure {
    Failure::UnusableIdentity {
        reason: reason_code(stack),
        text: last_reason(stack),
    }
}

fn reason_code(stack: &ErrorStack) -> i32 {
    stack.errors().last().map_or(0, |e| e.reason_code())
}

/// Makes connections that carry the client certificate.
pub(crate) struct Mutual {
    context: SslContext,
    intermediates: Option<usize>,
    trust: Trust,
    witness: Option<Arc<Witness>>,
}

impl Mutual {
    /// Loads the CAs and the identity; reads files, connects nothing.
    ///
    /// Only a probe comes without an identity, and with a `witness` of its own: it hears one connection
    /// after another and outlives them.
    pub(crate) fn new(
        options: &Options,
        identity: Option<&Identity>,
        witness: Option<Arc<Witness>>,
    ) -> Result<Self, Failure> {
        let trust = Trust::of(options);
        let context = context(options, &trust, identity)?.build();
        Ok(Self {
            context,
            intermediates: identity.map(|identity| identity.intermediates.len()),
            trust,
            witness,
        })
    }

    fn prepare(&self, host: &str, witness: &Arc<Witness>) -> Result<Ssl, ErrorStack> {
        let mut ssl = Ssl::new(&self.context)?;
        match host.parse::<IpAddr>() {
            // RFC 6066 3: no server name for an address.
            Ok(address) => ssl.param_mut().set_ip(address)?,
            Err(_) => {
                ssl.set_hostname(host)?;
                let param = ssl.param_mut();
                param.set_hostflags(X509CheckFlags::NO_PARTIAL_WILDCARDS);
                param.set_host(host)?;
            }
        }
        let witness = Arc::clone(witness);
        tls::attach_listener(&mut ssl, Box::new(move |message| witness.hear(message)))?;
        Ok(ssl)
    }
}

impl TlsClient for Mutual {
    type Stream = MutualStream;

    fn handshake(&self, host: &str, wire: Wire) -> Result<MutualStream, Failure> {
        drop(ErrorStack::get());
        let witness = self.witness.clone().unwrap_or_default();
        witness.begin();
        let state = Arc::clone(wire.state());
        let stream = self
            .prepare(host, &witness)
            .and_then(|ssl| SslStream::new(ssl, wire))
            .map_err(|stack| setup_failure(&stack))?;
        let mut stream = MutualStream {
            stream,
            intermediates: self.intermediates,
            witness,
            trust: self.trust.clone(),
        };
        let result = stream.stream.connect();
        stream.witness.end(stream.version(), result.is_ok());
        match result {
            Ok(()) => Ok(stream),
            Err(error) => {
                let failure = stream.facts(Some(&error), Phase::Handshake);
                Err(root_cause(&state, failure))
            }
        }
    }
}

fn setup_failure(stack: &ErrorStack) -> Failure {
    Failure::Tls(TlsFailure {
        phase: Phase::Handshake,
        version: None,
        alert: None,
        verify: None,
        certificate_requested: None,
        certificate_sent: false,
        reason: reason_code(stack),
        text: last_reason(stack),
    })
}

/// A connection that carries the client certificate, where the server asks for it.
pub(crate) struct MutualStream {
    stream: SslStream<Wire>,
    /// How many certificates follow the leaf; `None` without an identity. Not asked of the context:
    /// the openssl crate panics where there is none.
    intermediates: Option<usize>,
    witness: Arc<Witness>,
    trust: Trust,
}

impl MutualStream {
    /// The version agreed on. Before the server has spoken, OpenSSL names the highest that it offers.
    fn version(&self) -> Option<String> {
        let version = self.stream.ssl().version_str();
        self.witness.answered().then(|| version.to_owned())
    }

    fn facts(&self, error: Option<&ssl::Error>, phase: Phase) -> TlsFailure {
        let ssl = self.stream.ssl();
        let stack = error.and_then(ssl::Error::ssl_error);
        let verdict = ssl.verify_result();
        let verified = ssl.verify_mode().contains(SslVerifyMode::PEER);
        let refused = phase == Phase::Handshake && verified && verdict != X509VerifyResult::OK;
        TlsFailure {
            phase,
            version: self.version(),
            alert: self.witness.alert(),
            verify: refused.then(|| (verdict.as_raw(), verdict.error_string().to_owned())),
            certificate_requested: Some(self.witness.requested()),
            certificate_sent: self.witness.sent_any(),
            reason: stack.map_or(0, reason_code),
            text: match (stack, error) {
                (Some(stack), _) => last_reason(stack),
                (None, Some(error)) => error.to_string(),
                (None, None) => "unknown error".to_owned(),
            },
        }
    }

    fn describe_client_certificate(&self) -> String {
        if !self.witness.requested() {
            return "the server asked for no client certificate".to_owned();
        }
        let Some(intermediates) = self.intermediates else {
            return "no client certificate was sent: none was to be shown".to_owned();
        };
        if !self.witness.sent_any() {
            return "no client certificate was sent: the server accepts no signature of this key"
                .to_owned();
        }
        let Some(leaf) = self.stream.ssl().ssl_context().certificate() else {
            return "a client certificate was sent".to_owned();
        };
        format!(
            "client certificate sent: {}; SHA-256 {}; {}",
            name(leaf.subject_name()),
            sha256(leaf),
            words::count(intermediates, "intermediate"),
        )
    }
}

impl TlsStream for MutualStream {
    fn wire(&mut self) -> &mut Wire {
        self.stream.get_mut()
    }

    fn tls_failure(&self, error: &io::Error, phase: Phase) -> TlsFailure {
        self.facts(error.get_ref().and_then(|e| e.downcast_ref()), phase)
    }

    fn certificate_requested(&self) -> Option<bool> {
        Some(self.witness.requested())
    }

    fn describe(&self) -> Vec<String> {
        let ssl = self.stream.ssl();
        let cipher = ssl.current_cipher().map_or("no cipher", |c| c.name());
        let mut lines = vec![format!(
            "SSL connection using {} / {cipher}",
            ssl.version_str()
        )];
        if let Some(server) = ssl.peer_certificate() {
            lines.extend(describe_server(&server));
        }
        lines.push(format!(" {}", self.trust.describe()));
        lines.push(self.describe_client_certificate());
        lines
    }

    fn close(&mut self) {
        // Best effort: the answer is here, the connection is given up anyway.
        let _ = self.stream.shutdown();
    }
}

impl Read for MutualStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.read(buffer)
    }
}

impl Write for MutualStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// Subject, dates and issuer of the server's certificate, as curl words them.
pub(super) fn describe_server(certificate: &X509Ref) -> Vec<String> {
    vec![
        "Server certificate:".to_owned(),
        format!(" subject: {}", name(certificate.subject_name())),
        format!(" start date: {}", certificate.not_before()),
        format!(" expire date: {}", certificate.not_after()),
        format!(" issuer: {}", name(certificate.issuer_name())),
    ]
}

/// `C=US; O=Example; CN=na1.test`, as curl has it.
fn name(name: &X509NameRef) -> String {
    name_with(name, "; ")
}

fn sha256(certificate: &X509Ref) -> String {
    let digest = certificate.digest(MessageDigest::sha256());
    digest.map_or_else(|_| "?".to_owned(), |digest| words::fingerprint(&digest))
}
