//! From a URL to an encrypted connection: names, addresses, proxy, TLS.
//!
//! ureq calls [`Connect`] only when its pool has nothing, so a name is looked up once for each
//! connection and not, as by ureq's own resolver, for each request. One deadline covers everything
//! up to the end of the TLS handshake, the proxy's part included.

use std::collections::HashSet;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use http::Uri;
use socket2::{SockRef, TcpKeepalive};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{ConnectionDetails, Connector, NextTimeout};

use super::proxy::Tunnels;
use super::tls::transport::TlsTransport;
use super::tls::{TlsClient, TlsStream};
use super::trace::Tracer;
use super::wire::Wire;
use super::{Failure, Options, no_proxy};

/// A firewall on the way forgets a silent connection after some minutes; Salesforce may think about
/// a query for longer than a minute before it answers.
const KEEPALIVE: Duration = Duration::from_secs(60);

/// Makes the connections of one agent.
pub(crate) struct Connect<C> {
    options: Arc<Options>,
    client: C,
    tunnels: Tunnels,
    reached: Arc<Reached>,
    tracer: Tracer,
}

impl<C: TlsClient> Connect<C> {
    pub(crate) fn new(
        options: Arc<Options>,
        client: C,
        reached: Arc<Reached>,
        tracer: Tracer,
    ) -> Self {
        Self {
            tunnels: Tunnels::default(),
            options,
            client,
            reached,
            tracer,
        }
    }

    fn open(&self, url: &Uri) -> Result<TlsTransport<C::Stream>, Failure> {
        let started = Instant::now();
        let route = Route::of(url, &self.options);
        let clock = Clock {
            until: started + self.options.connect_timeout,
            whole: self.options.connect_timeout,
        };
        let mut wire = match &self.options.proxy {
            Some(proxy) if !route.direct => {
                let wire = self
                    .tunnels
                    .open(proxy, &self.options, &route, clock, &self.tracer)?;
                self.tracer.info(|| {
                    format!(
                        "proxy {}:{} opened a tunnel to {}",
                        proxy.host,
                        proxy.port,
                        route.address()
                    )
                });
                wire
            }
            _ => {
                let first = !self.reached.contains(&route.address());
                dial(&route.to_host, route.to_port, clock, first, &self.tracer)?
            }
        };
        wire.set_address(&route.address());
        let stream = self.client.handshake(&route.host, wire)?;
        self.reached.insert(route.address());
        self.tracer.lines(|| stream.describe());
        self.tracer
            .info(|| format!("connected in {} ms", started.elapsed().as_millis()));
        Ok(TlsTransport::new(stream))
    }
}

impl<C: TlsClient> Connector<()> for Connect<C> {
    type Out = TlsTransport<C::Stream>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        _: Option<()>,
    ) -> Result<Option<Self::Out>, ureq::Error> {
        match self.open(details.uri) {
            Ok(transport) => Ok(Some(transport)),
            Err(failure) => Err(ureq::Error::Other(Box::new(failure))),
        }
    }
}

impl<C> fmt::Debug for Connect<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connect").finish_non_exhaustive()
    }
}

/// Addresses that accepted a TLS connection in this run: a refusal by one of them is a transient fault,
/// by any other it is not.
#[derive(Debug, Default)]
pub(crate) struct Reached(Mutex<HashSet<String>>);

impl Reached {
    fn contains(&self, address: &str) -> bool {
        self.lock().contains(address)
    }

    fn insert(&self, address: String) {
        self.lock().insert(address);
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes the place of ureq's resolver, which runs before the pool is asked.
#[derive(Debug)]
pub(crate) struct NoResolver;

impl Resolver for NoResolver {
    fn resolve(
        &self,
        _: &Uri,
        _: &ureq::config::Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        Ok(self.empty())
    }
}

/// The deadline of a connection: TCP, proxy and TLS.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    pub(crate) until: Instant,
    pub(crate) whole: Duration,
}

/// Whom a URL names, and where its connection goes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Route {
    /// The URL's host, without brackets: for SNI, verification and `NO_PROXY`.
    pub(crate) host: String,
    /// Where to connect, or what CONNECT names.
    pub(crate) to_host: String,
    pub(crate) to_port: u16,
    /// Whether `NO_PROXY` exempts the host.
    pub(crate) direct: bool,
}

impl Route {
    pub(crate) fn of(url: &Uri, options: &Options) -> Self {
        let host = bare(url.host().unwrap_or_default()).to_owned();
        let port = url.port_u16().unwrap_or(443);
        let mapping = options.connect_to.iter().find(|mapping| {
            let name = mapping.host.as_deref().map(bare);
            name.is_none_or(|name| name.eq_ignore_ascii_case(&host))
                && mapping.port.is_none_or(|p| p == port)
        });
        let to_host = mapping.and_then(|m| m.to_host.as_deref()).map(bare);
        let list = options.no_proxy.as_deref().unwrap_or_default();
        Self {
            to_host: to_host.unwrap_or(&host).to_owned(),
            to_port: mapping.and_then(|m| m.to_port).unwrap_or(port),
            direct: no_proxy::exempts(list, &host),
            host,
        }
    }

    /// Host and port, an IPv6 address in brackets.
    pub(crate) fn address(&self) -> String {
        host_and_port(&self.to_host, self.to_port)
    }
}

/// `host:port`, an IPv6 address in brackets.
pub(crate) fn host_and_port(host: &str, port: u16) -> String {
    if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    }
}

fn bare(host: &str) -> &str {
    let inner = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    inner.unwrap_or(host)
}

/// Opens a TCP connection; `first` says that this address has accepted none before.
pub(crate) fn dial(
    host: &str,
    port: u16,
    clock: Clock,
    first: bool,
    tracer: &Tracer,
) -> Result<Wire, Failure> {
    let address = host_and_port(host, port);
    let addresses = resolve(host, port, clock)?;
    let reached = reach(&addresses, clock, |socket_address, wait| {
        tracer.info(|| format!("trying {socket_address}"));
        let stream = connect(socket_address, wait)?;
        tracer.info(|| format!("connected to {host} ({}) port {port}", socket_address.ip()));
        Ok(stream)
    });
    match reached {
        Ok(stream) => Ok(Wire::tcp(stream, address, clock.until, clock.whole)),
        Err(error) => Err(connect_failure(address, error, clock, first)),
    }
}

/// Tries the addresses in the resolver's order. Where some failed at once, those that ran out of their
/// share of the time are tried once more with what is left.
///
/// The error is the one that tells most; `None` where there are no addresses.
fn reach<S>(
    addresses: &[SocketAddr],
    clock: Clock,
    mut connect: impl FnMut(SocketAddr, Duration) -> io::Result<S>,
) -> Result<S, Option<io::Error>> {
    let mut addresses = addresses.to_vec();
    let mut failed = None;
    for _ in 0..2 {
        let mut timed_out = Vec::new();
        for (index, &address) in addresses.iter().enumerate() {
            let error = match connect(address, share(clock, addresses.len() - index)) {
                Ok(stream) => return Ok(stream),
                Err(error) => error,
            };
            if error.kind() == io::ErrorKind::TimedOut {
                timed_out.push(address);
            }
            failed = Some(more_telling(failed, error));
        }
        if timed_out.is_empty() || remaining(clock).is_zero() {
            break;
        }
        addresses = timed_out;
    }
    Err(failed)
}

/// The last address often fails only because this machine has no route to its address family: the
/// resolver puts those last.
fn more_telling(known: Option<io::Error>, new: io::Error) -> io::Error {
    let telling = |error: &io::Error| match error.kind() {
        io::ErrorKind::ConnectionRefused => 2,
        io::ErrorKind::TimedOut => 1,
        _ => 0,
    };
    match known {
        Some(known) if telling(&known) >= telling(&new) => known,
        _ => new,
    }
}

/// The time for one of `left` addresses: half of what remains, all of it for the last.
fn share(clock: Clock, left: usize) -> Duration {
    let remaining = remaining(clock);
    let part = if left > 1 { remaining / 2 } else { remaining };
    // Zero is not a time-out to the system.
    part.max(Duration::from_millis(1))
}

fn remaining(clock: Clock) -> Duration {
    clock.until.saturating_duration_since(Instant::now())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that opens connections"
)]
fn connect(address: SocketAddr, wait: Duration) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, wait)?;
    stream.set_nodelay(true)?;
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE);
    SockRef::from(&stream).set_tcp_keepalive(&keepalive)?;
    Ok(stream)
}

fn connect_failure(
    address: String,
    error: Option<io::Error>,
    clock: Clock,
    first: bool,
) -> Failure {
    match error {
        Some(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            Failure::Refused { address, first }
        }
        Some(error) if error.kind() == io::ErrorKind::TimedOut => Failure::ConnectTimeout {
            address,
            limit: clock.whole,
        },
        Some(error) => Failure::Connect {
            address,
            text: error.to_string(),
        },
        None => Failure::Connect {
            address,
            text: "the name has no address".to_owned(),
        },
    }
}

/// Looks a name up, in a thread of its own: the system's resolver has no time-out.
fn resolve(host: &str, port: u16, clock: Clock) -> Result<Vec<SocketAddr>, Failure> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let (sender, receiver) = mpsc::channel();
    let name = host.to_owned();
    thread::spawn(move || {
        let found = (name.as_str(), port).to_socket_addrs();
        // Nobody listens after the time-out.
        let _ = sender.send(found.map(Iterator::collect));
    });
    let wait = remaining(clock);
    let dns = |text: String| Failure::Dns {
        host: host.to_owned(),
        text,
    };
    match receiver.recv_timeout(wait) {
        Ok(Ok(addresses)) => Ok(addresses),
        Ok(Err(error)) => Err(dns(resolver_words(&error))),
        Err(_) => Err(Failure::Connect {
            address: host_and_port(host, port),
            text: format!(
                "its name was not resolved within {} s",
                clock.whole.as_secs_f64()
            ),
        }),
    }
}

/// The resolver's own words, without the standard library's preface.
fn resolver_words(error: &io::Error) -> String {
    let text = error.to_string();
    let words = text.strip_prefix("failed to lookup address information: ");
    words.unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests;
