//! An HTTP proxy for CONNECT on the loopback interface, to test clients behind one.
//!
//! Every host name leads to the loopback interface; the port can be led elsewhere. It forwards bytes and
//! looks at none.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use super::state::{Stop, locked};

const LARGEST_HEAD: usize = 16 * 1024;

/// What a proxy does.
#[derive(Clone, Debug, Default)]
pub struct ProxyConfig {
    /// `user:password` for basic authentication, which is 407 otherwise. Default: none is asked for.
    pub credentials: Option<String>,
    /// Ports to which CONNECT is refused, each with its status, such as 403. Default: none.
    pub refused: HashMap<u16, u16>,
    /// Ports on the loopback interface in place of those asked for. Default: the same.
    pub ports: HashMap<u16, u16>,
}

/// One request to the proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tunnel {
    /// HTTP method; anything but CONNECT is refused with 405.
    pub method: String,
    /// `HOST:PORT` as asked for.
    pub target: String,
    /// Some credentials were sent.
    pub with_credentials: bool,
    /// Status of the answer.
    pub status: u16,
}

/// A running proxy. It stops when dropped.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    listener: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    config: ProxyConfig,
    journal: Mutex<Vec<Tunnel>>,
    streams: Mutex<Vec<TcpStream>>,
    stop: Stop,
}

impl Proxy {
    /// Listens on any port of 127.0.0.1.
    ///
    /// # Errors
    /// When there is none.
    pub fn start(config: ProxyConfig) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            config,
            ..Shared::default()
        });
        let for_thread = Arc::clone(&shared);
        let listener = thread::spawn(move || accept(&for_thread, &listener));
        Ok(Self {
            address,
            shared,
            listener: Some(listener),
        })
    }

    /// `127.0.0.1:PORT`
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The requests so far.
    #[must_use]
    pub fn journal(&self) -> Vec<Tunnel> {
        locked(&self.shared.journal).clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.stop.now();
        drop(connect(self.address.port()));
        if let Some(listener) = self.listener.take() {
            drop(listener.join());
        }
        for stream in locked(&self.shared.streams).iter() {
            drop(stream.shutdown(Shutdown::Both));
        }
    }
}

fn accept(shared: &Arc<Shared>, listener: &TcpListener) {
    for stream in listener.incoming() {
        if shared.stop.is_now() {
            return;
        }
        let Ok(stream) = stream else { continue };
        let shared = Arc::clone(shared);
        // A client or an origin that goes away ends its tunnel and nothing else.
        thread::spawn(move || drop(serve(&shared, stream)));
    }
}

fn serve(shared: &Shared, mut client: TcpStream) -> io::Result<()> {
    locked(&shared.streams).push(client.try_clone()?);
    while let Some(head) = read_head(&mut client)? {
        let (tunnel, origin) = judge(&shared.config, &head)?;
        let status = tunnel.status;
        locked(&shared.journal).push(tunnel);
        let Some(origin) = origin else {
            refuse(&mut client, status)?;
            continue;
        };
        locked(&shared.streams).push(origin.try_clone()?);
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
        return forward(client, origin);
    }
    Ok(())
}

/// Reads byte by byte, since what follows the head is not the proxy's.
fn read_head(client: &mut TcpStream) -> io::Result<Option<Vec<u8>>> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if client.read(&mut byte)? == 0 || head.len() > LARGEST_HEAD {
            return Ok(None);
        }
        head.push(byte[0]);
    }
    Ok(Some(head))
}

/// What to note, and the origin to talk to, if it is allowed and answers.
fn judge(config: &ProxyConfig, head: &[u8]) -> io::Result<(Tunnel, Option<TcpStream>)> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut request = httparse::Request::new(&mut headers);
    request.parse(head).map_err(io::Error::other)?;
    let authorization = request
        .headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case("proxy-authorization"))
        .map(|header| String::from_utf8_lossy(header.value).into_owned());
    let mut tunnel = Tunnel {
        method: request.method.unwrap_or_default().to_owned(),
        target: request.path.unwrap_or_default().to_owned(),
        with_credentials: authorization.is_some(),
        status: 200,
    };
    let expected = config.credentials.as_ref().map(|credentials| {
        format!(
            "Basic {}",
            openssl::base64::encode_block(credentials.as_bytes())
        )
    });
    let port = tunnel
        .target
        .rsplit_once(':')
        .and_then(|(_, port)| port.parse::<u16>().ok());
    let origin = match port {
        _ if tunnel.method != "CONNECT" => Err(405),
        _ if expected.is_some() && authorization != expected => Err(407),
        None => Err(400),
        Some(port) => match config.refused.get(&port) {
            Some(status) => Err(*status),
            None => connect(*config.ports.get(&port).unwrap_or(&port)).map_err(|_| 502),
        },
    };
    match origin {
        Ok(origin) => Ok((tunnel, Some(origin))),
        Err(status) => {
            tunnel.status = status;
            Ok((tunnel, None))
        }
    }
}

fn refuse(client: &mut TcpStream, status: u16) -> io::Result<()> {
    let challenge = if status == 407 {
        "Proxy-Authenticate: Basic realm=\"local proxy\"\r\n"
    } else {
        ""
    };
    let body = format!("<html><body>The proxy says no: {status}</body></html>\n");
    write!(
        client,
        "HTTP/1.1 {status} Refused\r\n{challenge}Content-Type: text/html\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn forward(client: TcpStream, origin: TcpStream) -> io::Result<()> {
    let (mut from_client, mut to_origin) = (client.try_clone()?, origin.try_clone()?);
    let upwards = thread::spawn(move || {
        drop(io::copy(&mut from_client, &mut to_origin));
        drop(to_origin.shutdown(Shutdown::Write));
    });
    let (mut from_origin, mut to_client) = (origin, client);
    let copied = io::copy(&mut from_origin, &mut to_client);
    drop(to_client.shutdown(Shutdown::Both));
    drop(upwards.join());
    copied.map(drop)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a proxy connects; it is no part of the client"
)]
fn connect(port: u16) -> io::Result<TcpStream> {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port))
}
