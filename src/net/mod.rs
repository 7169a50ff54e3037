//! The one door to the network: [`Transport::send`].
//!
//! A [`Request`] needs a [`Target`]; the target says by which agent it goes. `ureq` is named here
//! and nowhere else.

mod body;
mod connect;
mod curl;
mod error;
mod exchange;
mod no_proxy;
mod proxy;
pub mod retry;
pub mod target;
pub mod tls;
pub mod trace;
mod transport;
mod wire;

#[cfg(test)]
mod tests;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

pub use self::body::Body;
pub use self::error::{Failure, TransportError};
pub use self::target::{Role, Target};
pub use self::transport::{Response, Transport};
use crate::text::secret::{Secret, SecretText};

/// How we name ourselves to servers and proxies.
pub const USER_AGENT: &str = concat!("sfmtls/", env!("CARGO_PKG_VERSION"));

/// One HTTP request: the method is a value, GET and POST go the same way.
#[derive(Debug, Clone)]
pub struct Request {
    /// GET, POST, PATCH.
    pub method: http::Method,
    /// Where to, and by which agent.
    pub target: Target,
    /// Headers other than `Host`, `User-Agent`, `Accept-Encoding` and `Content-Length`.
    pub headers: Vec<(&'static str, SecretText)>,
    /// The body of a POST or PATCH.
    pub body: Option<SecretText>,
}

impl Request {
    /// The value of a header of ours, however its name is written.
    pub(crate) fn header(&self, name: &str) -> Option<&SecretText> {
        let mut headers = self.headers.iter();
        let header = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
        header.map(|(_, value)| value)
    }

    /// Whether we ask for a compressed answer: always, unless the caller chose an encoding.
    pub(crate) fn asks_for_gzip(&self) -> bool {
        self.header("accept-encoding").is_none()
    }
}

/// Everything that shapes a connection, as plain facts (no environment is read below `settings`).
#[derive(Debug, Clone)]
pub struct Options {
    /// Trust these CAs instead of the system's.
    pub cacert: Option<PathBuf>,
    /// `SSL_CERT_FILE`, where set.
    pub ssl_cert_file: Option<PathBuf>,
    /// `SSL_CERT_DIR`, where set (a list, separated as in PATH).
    pub ssl_cert_dir: Option<PathBuf>,
    /// Do not verify the server.
    pub insecure: bool,
    /// Lowest TLS version.
    pub tls_min: TlsVersion,
    /// Highest TLS version of connections with mutual TLS: only a probe limits it.
    pub tls_max: Option<TlsVersion>,
    /// CONNECT proxy for every host that `no_proxy` does not name.
    pub proxy: Option<Proxy>,
    /// `NO_PROXY` as given: names, `.suffixes`, addresses, CIDR, `*`.
    pub no_proxy: Option<String>,
    /// `--connect-to`, first match wins.
    pub connect_to: Vec<ConnectTo>,
    /// TCP and TLS together, divided between the addresses of a host that has several. Default 10 s.
    pub connect_timeout: Duration,
    /// Longest silence on a connection; the head of an answer has twice as long. Default 180 s.
    pub idle_timeout: Duration,
    /// 0 nothing, 1 heads and connections, 2 bodies too (first 2 KiB).
    pub verbosity: u8,
    /// Report each request as a curl command.
    pub show_curl: bool,
    /// How the identity was given, for `show_curl`: `--cert` and `--key` as typed.
    pub cert_as_given: Option<(PathBuf, Option<PathBuf>)>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            cacert: None,
            ssl_cert_file: None,
            ssl_cert_dir: None,
            insecure: false,
            tls_min: TlsVersion::V1_2,
            tls_max: None,
            proxy: None,
            no_proxy: None,
            connect_to: Vec::new(),
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(180),
            verbosity: 0,
            show_curl: false,
            cert_as_given: None,
        }
    }
}

/// A version of TLS that is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsVersion {
    /// TLS 1.2 (RFC 5246).
    V1_2,
    /// TLS 1.3 (RFC 8446).
    V1_3,
}

/// An HTTP proxy reached by CONNECT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// `http` or `https`.
    pub scheme: String,
    /// Name or address.
    pub host: String,
    /// 1080 where a URL names none, and 443 for `https`, as in curl.
    pub port: u16,
    /// User name and password, percent-decoded.
    pub credentials: Option<(String, Secret)>,
}

/// `--connect-to HOST1:PORT1:HOST2:PORT2`; `None` means any (left) or unchanged (right).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectTo {
    /// The host in the URL.
    pub host: Option<String>,
    /// The port in the URL.
    pub port: Option<u16>,
    /// Where to connect instead.
    pub to_host: Option<String>,
    /// Where to connect instead.
    pub to_port: Option<u16>,
}

impl fmt::Display for ConnectTo {
    /// As it is typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = |host: &Option<String>| match host.as_deref() {
            Some(host) if host.contains(':') && !host.starts_with('[') => format!("[{host}]"),
            Some(host) => host.to_owned(),
            None => String::new(),
        };
        let port = |port: Option<u16>| port.map(|port| port.to_string()).unwrap_or_default();
        write!(
            f,
            "{}:{}:{}:{}",
            host(&self.host),
            port(self.port),
            host(&self.to_host),
            port(self.to_port)
        )
    }
}
