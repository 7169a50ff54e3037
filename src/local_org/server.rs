//! Listeners and connections: one thread a connection, requests until either side has had enough. The
//! handshakes are in [`tls`](super::tls).

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use openssl::ssl::SslStream;
use socket2::{Domain, SockRef, Socket, Type};

use super::answer::{self, Answer, Next, Sending};
use super::http::Requests;
use super::journal::Port;
use super::link::Link;
use super::service::{self, Peer};
use super::state::{State, locked};
use super::switches::{Ending, Mishap};
use super::tls::Handshakes;

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
    handshakes: Handshakes,
    connections: AtomicU64,
    open: Mutex<HashMap<u64, TcpStream>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Server {
    /// Listens on both ports; 0 lets the system choose.
    pub(super) fn start(state: Arc<State>, login_port: u16, mutual_port: u16) -> io::Result<Self> {
        let handshakes = Handshakes::new(&state.certificates)?;
        let shared = Arc::new(Shared {
            state,
            handshakes,
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
    let state = &shared.state;
    let Some((tls, peer)) = shared.handshakes.accept(state, port, number, tcp)? else {
        return Ok(());
    };
    let mut requests = Requests::new(tls);
    let ending = converse(state, &peer, &mut requests)?;
    end(requests.stream, ending)
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
                    date: state.now(),
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
            date: state.now(),
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
