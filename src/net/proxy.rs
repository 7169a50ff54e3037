//! CONNECT (RFC 9110 9.3.6) through an `http://` or `https://` proxy, with basic authentication.
//!
//! An `https://` proxy is reached by the platform's TLS: whatever stands there must not be shown the
//! client certificate. No other method of authentication is known.

use std::io::{self, Read, Write};
use std::sync::OnceLock;

use super::connect::{Clock, Route, dial, host_and_port};
use super::tls::TlsClient;
use super::tls::platform::Platform;
use super::trace::Tracer;
use super::wire::Wire;
use super::{Failure, Options, Proxy};

/// The head of an answer to CONNECT is short; anything longer is not one.
const LONGEST_HEAD: usize = 16 * 1024;

/// Opens tunnels; keeps the TLS client for an `https://` proxy once it was needed.
#[derive(Default)]
pub(crate) struct Tunnels {
    platform: OnceLock<Platform>,
}

impl Tunnels {
    /// A wire to the end of the route, through `proxy`.
    pub(crate) fn open(
        &self,
        proxy: &Proxy,
        options: &Options,
        route: &Route,
        clock: Clock,
        tracer: &Tracer,
    ) -> Result<Wire, Failure> {
        let name = host_and_port(&proxy.host, proxy.port);
        let unusable = |text: String| Failure::Proxy {
            proxy: name.clone(),
            text,
        };
        tracer.info(|| format!("using proxy {name}"));
        let wire = dial(&proxy.host, proxy.port, clock, true, tracer)
            .map_err(|failure| unusable(failure.to_string()))?;
        let mut wire = if proxy.scheme == "https" {
            let stream = self.platform(options)?.handshake(&proxy.host, wire);
            let stream = stream.map_err(|failure| unusable(failure.to_string()))?;
            Wire::tunnel(stream.into_inner())
        } else {
            wire
        };
        let status = connect(&mut wire, proxy, route).map_err(|error| {
            let known = wire.state().failure().map(|failure| failure.to_string());
            unusable(known.unwrap_or_else(|| error.to_string()))
        })?;
        if (200..300).contains(&status) {
            Ok(wire)
        } else {
            Err(Failure::ProxyRefused {
                proxy: name,
                address: route.address(),
                status,
            })
        }
    }

    fn platform(&self, options: &Options) -> Result<&Platform, Failure> {
        if let Some(platform) = self.platform.get() {
            return Ok(platform);
        }
        let platform = Platform::new(options)?;
        Ok(self.platform.get_or_init(|| platform))
    }
}

/// Asks for the tunnel and returns the status.
fn connect(wire: &mut Wire, proxy: &Proxy, route: &Route) -> io::Result<u16> {
    let address = route.address();
    let mut request = format!(
        "CONNECT {address} HTTP/1.1\r\nHost: {address}\r\nUser-Agent: {}\r\n",
        super::USER_AGENT
    );
    if let Some((user, password)) = &proxy.credentials {
        let pair = format!("{user}:{}", password.expose());
        let encoded = openssl::base64::encode_block(pair.as_bytes());
        request.push_str(&format!("Proxy-Authorization: Basic {encoded}\r\n"));
    }
    request.push_str("\r\n");
    wire.write_all(request.as_bytes())?;
    wire.flush()?;
    status(&read_head(wire)?)
}

/// Byte by byte up to the empty line: what follows it belongs to TLS. The wire reads ahead.
fn read_head(wire: &mut Wire) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && !head.ends_with(b"\n\n") {
        if head.len() == LONGEST_HEAD {
            return Err(io::Error::other("its answer to CONNECT does not end"));
        }
        if wire.read(&mut byte)? == 0 {
            return Err(io::Error::other(
                "it closed the connection instead of answering CONNECT",
            ));
        }
        head.push(byte[0]);
    }
    Ok(head)
}

fn status(head: &[u8]) -> io::Result<u16> {
    let head = String::from_utf8_lossy(head);
    let mut words = head.lines().next().unwrap_or_default().split(' ');
    let version = words.next().unwrap_or_default();
    let status = words.next().and_then(|word| word.parse().ok());
    match status {
        Some(status) if version.starts_with("HTTP/1.") => Ok(status),
        _ => Err(io::Error::other("its answer to CONNECT is not HTTP/1.1")),
    }
}
