//! Listeners and connections: TLS on top of TCP, one thread a connection, requests until either side
//! has had enough.

use std::collections::HashMap;
use std::io::{self, BufWriter, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use openssl::error::ErrorStack;
use openssl::ssl::{
    HandshakeError, Ssl, SslContext, SslContextBuilder, SslMethod, SslRef, SslStream,
    SslVerifyMode, SslVersion,
};
use openssl::x509::X509VerifyResult;
use socket2::{Domain, SockRef, Socket, Type};

use super::answer::{self, Answer, Next, Sending};
use super::certificates::{Certificates, sha256};
use super::http::Requests;
use super::journal::Port;
use super::service::{self, Peer};
use super::state::{State, locked};
use super::switches::{Ending, HighestTls, Mishap, Switches};

/// How long a refused client may take to read why.
const LINGER: Duration = Duration::from_secs(2);

/// The two ports and all that runs on them.
pub(super) struct Server {
    pub(super) login_port: u16,
    pub(super) mutual_port: u16,
    addresses: Vec<SocketAddr>,
    shared: Arc<Shared>,
    listeners: Vec<JoinHandle<()>>,
}

struct Shared {
    state: Arc<State>,
    context: SslContext,
    connections: AtomicU64,
    open: Mutex<HashMap<u64, TcpStream>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Server {
    /// Listens on both ports; 0 lets the system choose.
    pub(super) fn start(state: Arc<State>, login_port: u16, mutual_port: u16) -> io::Result<Self> {
        let context = context(&state.certificates)?;
        let shared = Arc::new(Shared {
            state,
            context,
            connections: AtomicU64::new(0),
            open: Mutex::default(),
            threads: Mutex::default(),
        });
        let (login_port, login) = listen(login_port)?;
        let (mutual_port, mutual) = listen(mutual_port)?;
        let mut server = Self {
            login_port,
            mutual_port,
            addresses: Vec::new(),
            shared,
            listeners: Vec::new(),
        };
        for (port, listeners) in [(Port::Login, login), (Port::Mutual, mutual)] {
            for listener in listeners {
                server.addresses.push(listener.local_addr()?);
                let shared = Arc::clone(&server.shared);
                server
                    .listeners
                    .push(thread::spawn(move || accept(&shared, port, &listener)));
            }
        }
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.state.stop.now();
        for address in &self.addresses {
            // `accept` has no other way to learn of the end.
            if let Ok(socket) = Socket::new(Domain::for_address(*address), Type::STREAM, None) {
                drop(socket.connect(&(*address).into()));
            }
        }
        for listener in self.listeners.drain(..) {
            drop(listener.join());
        }
        for stream in locked(&self.shared.open).values() {
            drop(stream.shutdown(Shutdown::Both));
        }
        let threads = std::mem::take(&mut *locked(&self.shared.threads));
        for connection in threads {
            drop(connection.join());
        }
    }
}

/// Listeners on both loopback addresses with one port; IPv6 only where the system has it.
fn listen(port: u16) -> io::Result<(u16, Vec<TcpListener>)> {
    const TRIES: usize = 20;
    for _ in 0..TRIES {
        let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let chosen = v4.local_addr()?.port();
        match TcpListener::bind((IpAddr::V6(Ipv6Addr::LOCALHOST), chosen)) {
            Ok(v6) => return Ok((chosen, vec![v4, v6])),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && port == 0 => {}
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
            Err(_) => return Ok((chosen, vec![v4])),
        }
    }
    Err(io::ErrorKind::AddrInUse.into())
}

fn context(certificates: &Certificates) -> Result<SslContext, ErrorStack> {
    let mut builder = SslContextBuilder::new(SslMethod::tls_server())?;
    builder.set_min_proto_version(Some(SslVersion::TLS1_2))?;
    builder.set_certificate(&certificates.server.certificate)?;
    builder.set_private_key(&certificates.server.key)?;
    builder
        .cert_store_mut()
        .add_cert(certificates.client_root.clone())?;
    builder.add_client_ca(&certificates.client_root)?;
    builder.set_session_id_context(b"local org")?;
    Ok(builder.build())
}

fn accept(shared: &Arc<Shared>, port: Port, listener: &TcpListener) {
    for stream in listener.incoming() {
        if shared.state.stop.is_now() {
            return;
        }
        let Ok(stream) = stream else { continue };
        let Ok(copy) = stream.try_clone() else {
            continue;
        };
        let number = shared.connections.fetch_add(1, Ordering::Relaxed) + 1;
        locked(&shared.open).insert(number, copy);
        let shared_too = Arc::clone(shared);
        let thread = thread::spawn(move || {
            // A client that goes away in the middle is its own affair.
            drop(serve(&shared_too, port, number, stream));
            locked(&shared_too.open).remove(&number);
        });
        let mut threads = locked(&shared.threads);
        threads.retain(|thread| !thread.is_finished());
        threads.push(thread);
    }
}

fn serve(shared: &Shared, port: Port, number: u64, tcp: TcpStream) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    let first_verdict = Arc::new(Mutex::new(None));
    let ssl = prepare(
        &shared.context,
        port,
        &shared.state.switches(),
        &first_verdict,
    )?;
    let tls = match ssl.accept(Link::new(tcp)) {
        Ok(tls) => tls,
        Err(HandshakeError::Failure(refused)) => return linger(refused.get_ref().tcp()),
        Err(other) => return Err(io::Error::other(other)),
    };
    let peer = peer(tls.ssl(), port, number, *locked(&first_verdict))?;
    let mut requests = Requests::new(tls);
    let ending = converse(&shared.state, &peer, &mut requests)?;
    end(requests.stream, ending)
}

/// The server side of one handshake, with the switches that concern TLS.
fn prepare(
    context: &SslContext,
    port: Port,
    switches: &Switches,
    first_verdict: &Arc<Mutex<Option<X509VerifyResult>>>,
) -> Result<Ssl, ErrorStack> {
    let mut ssl = Ssl::new(context)?;
    let highest = match switches.highest_tls {
        HighestTls::Tls12 => SslVersion::TLS1_2,
        HighestTls::Tls13 => SslVersion::TLS1_3,
    };
    ssl.set_max_proto_version(Some(highest))?;
    if port == Port::Mutual && switches.refuse_by_alert {
        ssl.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
    } else if port == Port::Mutual || switches.login_port_asks {
        let first_verdict = Arc::clone(first_verdict);
        // The handshake goes on whatever OpenSSL finds: the verdict is told in HTTP. The first one is
        // kept, since "unable to get local issuer certificate" is what users of the service saw, and
        // OpenSSL goes on to find more.
        ssl.set_verify_callback(SslVerifyMode::PEER, move |fine, store| {
            if !fine {
                locked(&first_verdict).get_or_insert(store.error());
            }
            true
        });
    }
    Ok(ssl)
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

/// Answers requests until one of them, or the client, ends the connection.
fn converse(
    state: &State,
    peer: &Peer,
    requests: &mut Requests<SslStream<Link>>,
) -> io::Result<Ending> {
    let mut buffer = Vec::new();
    loop {
        let request = match requests.next() {
            Ok(Some(request)) => request,
            Ok(None) => return Ok(Ending::CloseNotify),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                let mut answer = Answer::new(400, "text/plain", format!("{error}\n").into_bytes());
                let sending = Sending {
                    gzip: false,
                    keep_alive: false,
                    mishap: None,
                    bandwidth: None,
                    stop: &state.stop,
                };
                answer::send(&mut requests.stream, &mut answer, &sending)?;
                return Ok(Ending::CloseNotify);
            }
            Err(error) => return Err(error),
        };
        let mut outcome = service::answer(state, peer, &request, buffer);
        // Before the answer: a client that has it may look into the journal at once.
        state.remember(outcome.entry);
        match outcome.mishap {
            Some(Mishap::Silence) => {
                state.stop.wait(None);
                return Ok(Ending::Close);
            }
            Some(Mishap::Delay(time)) => state.stop.wait(Some(time)),
            _ => {}
        }
        let sending = Sending {
            gzip: outcome.gzip,
            keep_alive: request.keep_alive,
            mishap: outcome.mishap.as_ref(),
            bandwidth: outcome.bandwidth,
            stop: &state.stop,
        };
        let next = answer::send(&mut requests.stream, &mut outcome.answer, &sending)?;
        if let Next::End(ending) = next {
            return Ok(ending);
        }
        buffer = outcome.answer.body.into_bytes();
    }
}

fn end(mut tls: SslStream<Link>, ending: Ending) -> io::Result<()> {
    match ending {
        Ending::CloseNotify => {
            drop(tls.shutdown());
            tls.get_ref().tcp().shutdown(Shutdown::Write)
        }
        Ending::Close => tls.get_ref().tcp().shutdown(Shutdown::Write),
        Ending::Reset => SockRef::from(tls.get_ref().tcp()).set_linger(Some(Duration::ZERO)),
    }
}

/// Sends several TLS records with one system call, as a fast network would deliver them.
///
/// One call a record would wake the client for each 16 KiB, and a download would measure the scheduler.
#[derive(Debug)]
struct Link(BufWriter<TcpStream>);

impl Link {
    /// Bytes gathered before they are sent.
    const GATHERED: usize = 128 * 1024;

    fn new(tcp: TcpStream) -> Self {
        Self(BufWriter::with_capacity(Self::GATHERED, tcp))
    }

    fn tcp(&self) -> &TcpStream {
        self.0.get_ref()
    }
}

impl Read for Link {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // The other side may be waiting for it before it says anything.
        self.0.flush()?;
        self.0.get_mut().read(buffer)
    }
}

impl Write for Link {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Keeps a refused connection until the client has read the alert: a close with unread bytes would
/// reset it.
fn linger(mut tcp: &TcpStream) -> io::Result<()> {
    tcp.shutdown(Shutdown::Write)?;
    tcp.set_read_timeout(Some(LINGER))?;
    let mut rest = [0; 4096];
    while tcp.read(&mut rest)? > 0 {}
    Ok(())
}
