//! The server side of one handshake: the certificate that a port shows, what it asks of the client, what
//! OpenSSL finds against the answer, and all of that gone wrong.
//!
//! Left out: renegotiation, and revocation lists of client certificates.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use openssl::error::ErrorStack;
use openssl::ssl::{
    HandshakeError, Ssl, SslContext, SslContextBuilder, SslMethod, SslRef, SslSessionCacheMode,
    SslStream, SslVerifyMode, SslVersion,
};
use openssl::x509::X509VerifyResult;
use socket2::SockRef;

use super::alert::Forced;
use super::certificates::{Certificates, Shown, sha256};
use super::journal::Port;
use super::link::{Link, linger};
use super::service::Peer;
use super::state::{State, Stop, locked};
use super::switches::{
    HighestTls, Interruption, NamedCas, SignatureAlgorithms, Switches, TlsSwitches,
};

/// OpenSSL's first finding against a client certificate.
type Verdict = Arc<Mutex<Option<X509VerifyResult>>>;

/// Makes the handshakes of all connections.
pub(super) struct Handshakes {
    /// As both ports have it without switches. Sessions are resumed through it.
    usual: SslContext,
}

impl Handshakes {
    pub(super) fn new(certificates: &Certificates) -> Result<Self, ErrorStack> {
        let usual = context(certificates, &TlsSwitches::default())?.build();
        Ok(Self { usual })
    }

    /// The connection and its other end; none when the switches, or OpenSSL, have ended it.
    pub(super) fn accept(
        &self,
        state: &State,
        port: Port,
        connection: u64,
        tcp: TcpStream,
    ) -> io::Result<Option<(SslStream<Link>, Peer)>> {
        let switches = state.switches();
        let tls = match port {
            Port::Login => &switches.login_tls,
            Port::Mutual => &switches.mutual_tls,
        };
        if let Some(interruption) = tls.interruption {
            interrupt(tcp, interruption, &state.stop)?;
            return Ok(None);
        }
        let forced = match port {
            Port::Login => None,
            Port::Mutual => switches.refuse_with.map(Forced::new),
        };
        let context = self.context(&state.certificates, tls, forced.as_ref())?;
        let verdict = Verdict::default();
        let mut ssl = Ssl::new(&context)?;
        ssl.set_max_proto_version(Some(match switches.highest_tls {
            HighestTls::Tls12 => SslVersion::TLS1_2,
            HighestTls::Tls13 => SslVersion::TLS1_3,
        }))?;
        ask(&mut ssl, port, &switches, &verdict);

        let link = Link::new(tcp, forced.as_ref().map(|forced| forced.number));
        let tls = match ssl.accept(link) {
            Ok(tls) => tls,
            Err(HandshakeError::Failure(refused)) => {
                linger(refused.get_ref().tcp())?;
                return Ok(None);
            }
            Err(other) => return Err(io::Error::other(other)),
        };
        if let Some(forced) = forced
            && tls.ssl().peer_certificate().is_some()
        {
            forced.send(tls.ssl(), tls.get_ref().tcp())?;
            linger(tls.get_ref().tcp())?;
            return Ok(None);
        }
        let peer = peer(tls.ssl(), port, connection, *locked(&verdict))?;
        Ok(Some((tls, peer)))
    }

    /// The usual context, or one for this connection alone.
    fn context(
        &self,
        certificates: &Certificates,
        tls: &TlsSwitches,
        forced: Option<&Forced>,
    ) -> Result<SslContext, ErrorStack> {
        if *tls == TlsSwitches::default() && forced.is_none() {
            return Ok(self.usual.clone());
        }
        let mut builder = context(certificates, tls)?;
        if let Some(forced) = forced {
            forced.prepare(&mut builder)?;
        }
        Ok(builder.build())
    }
}

fn context(
    certificates: &Certificates,
    tls: &TlsSwitches,
) -> Result<SslContextBuilder, ErrorStack> {
    let mut builder = SslContextBuilder::new(SslMethod::tls_server())?;
    builder.set_min_proto_version(Some(SslVersion::TLS1_2))?;
    let Shown { identity, chain } =
        certificates.shown(tls.server, tls.algorithms == SignatureAlgorithms::Rsa)?;
    builder.set_certificate(&identity.certificate)?;
    builder.set_private_key(&identity.key)?;
    for issuer in chain {
        builder.add_extra_chain_cert(issuer)?;
    }
    builder
        .cert_store_mut()
        .add_cert(certificates.client_root.clone())?;
    match tls.cas {
        NamedCas::ClientRoot => builder.add_client_ca(&certificates.client_root)?,
        NamedCas::None => {}
        NamedCas::Other => builder.add_client_ca(&certificates.server_ca.certificate)?,
    }
    match tls.algorithms {
        SignatureAlgorithms::All => {}
        SignatureAlgorithms::Rsa => builder.set_sigalgs_list("RSA-PSS+SHA256:RSA+SHA256")?,
        SignatureAlgorithms::Ecdsa => builder.set_sigalgs_list("ECDSA+SHA256")?,
    }
    builder.set_session_id_context(b"local org")?;
    // Sessions are resumed by tickets; OpenSSL would keep 20,000 of them beside.
    builder.set_session_cache_mode(SslSessionCacheMode::OFF);
    Ok(builder)
}

/// Whether a client certificate is asked for, and who says what is wrong with it.
fn ask(ssl: &mut Ssl, port: Port, switches: &Switches, verdict: &Verdict) {
    let (asks, by_alert, forced) = match port {
        Port::Login => (switches.login_port_asks, false, false),
        Port::Mutual => (
            switches.mutual_port_asks,
            switches.refuse_by_alert,
            switches.refuse_with.is_some(),
        ),
    };
    if !asks {
        return;
    }
    let mode = if by_alert {
        SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT
    } else {
        SslVerifyMode::PEER
    };
    if forced {
        ssl.set_verify_callback(mode, |_, store| Forced::verdict(store));
    } else if by_alert {
        ssl.set_verify(mode);
    } else {
        let verdict = Arc::clone(verdict);
        // The handshake goes on whatever OpenSSL finds: the verdict is told in HTTP. The first one is
        // kept, since "unable to get local issuer certificate" is what users of the service saw, and
        // OpenSSL goes on to find more.
        ssl.set_verify_callback(mode, move |fine, store| {
            if !fine {
                locked(&verdict).get_or_insert(store.error());
            }
            true
        });
    }
}

/// Ends a connection in place of the handshake, once the client has begun it.
fn interrupt(mut tcp: TcpStream, interruption: Interruption, stop: &Stop) -> io::Result<()> {
    const PAGE: &[u8] =
        b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n\
        Connection: close\r\n\r\nBad Request\n";
    let mut hello = [0; 1024];
    if tcp.read(&mut hello)? == 0 {
        return Ok(());
    }
    match interruption {
        Interruption::Close => linger(&tcp),
        Interruption::Reset => SockRef::from(&tcp).set_linger(Some(Duration::ZERO)),
        Interruption::Silence => {
            stop.wait(None);
            Ok(())
        }
        Interruption::PlainHttp => {
            tcp.write_all(PAGE)?;
            linger(&tcp)
        }
    }
}

fn peer(
    ssl: &SslRef,
    port: Port,
    connection: u64,
    verdict: Option<X509VerifyResult>,
) -> Result<Peer, ErrorStack> {
    let leaf = ssl.peer_certificate();
    // A resumed session is not verified again; OpenSSL remembers the last of its findings.
    let verdict = if ssl.session_reused() {
        Some(ssl.verify_result()).filter(|result| *result != X509VerifyResult::OK)
    } else {
        verdict
    };
    let mut chain = 0;
    if let Some(leaf) = &leaf {
        let issuers = ssl.peer_cert_chain().into_iter().flatten();
        let mut below = leaf.to_owned();
        let mut in_order = true;
        chain = 1;
        for issuer in issuers {
            in_order &= issuer.issued(&below) == X509VerifyResult::OK;
            below = issuer.to_owned();
            chain += 1;
        }
        if !in_order {
            chain = 0;
        }
    }
    Ok(Peer {
        port,
        connection,
        certificate: leaf.map(|leaf| sha256(&leaf)).transpose()?,
        chain,
        verdict: verdict.map(|result| result.error_string()),
    })
}
