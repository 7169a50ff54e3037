//! Where calls go: the one file that makes a [`Target`].
//!
//! Mutual TLS has a port of its own (8443), which no URL in Salesforce's answers names. So the port is
//! changed here, where URLs are made, and the host is checked here, where a URL is taken from an
//! answer: outside this file, a call to the wrong port or host cannot be written.

use std::fmt;
use std::str::FromStr;

use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};

use crate::net::{Role, Target};

#[cfg(test)]
mod tests;

/// The default login URL, for production and developer orgs.
pub const LOGIN_URL: &str = "https://login.salesforce.com";

/// The login URL for sandboxes (`--sandbox`).
pub const SANDBOX_LOGIN_URL: &str = "https://test.salesforce.com";

/// Whether a host is a login service of Salesforce's, and no org's own.
pub fn is_login_service(host: &str) -> bool {
    let is_of = |url: &str| url.strip_prefix("https://") == Some(host);
    [LOGIN_URL, SANDBOX_LOGIN_URL].into_iter().any(is_of)
}

/// The path of OAuth's token endpoint (Salesforce help, "OAuth Endpoints").
const TOKEN_PATH: &str = "/services/oauth2/token";

/// The beginning of the path of the Partner API's endpoints; a version follows.
const SOAP_PATH: &str = "/services/Soap/u/";

/// An API version: `64.0`. The part after the point has been 0 since version 6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ApiVersion(u16);

impl ApiVersion {
    /// The number before the point.
    pub fn number(self) -> u16 {
        self.0
    }

    /// The default: old enough for every org, and the last one with SOAP `login()`.
    pub const DEFAULT: Self = Self(64);

    /// The last version with SOAP `login()`; 65.0 answers INVALID_OPERATION (Salesforce help
    /// article 005132110).
    pub const LOGIN_CEILING: Self = Self(64);

    /// The version to log in at: this one, but at most [`Self::LOGIN_CEILING`].
    #[must_use]
    pub fn for_login(self) -> Self {
        self.min(Self::LOGIN_CEILING)
    }
}

impl Default for ApiVersion {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.0", self.0)
    }
}

impl FromStr for ApiVersion {
    type Err = EndpointError;

    /// Reads `64.0`, `64` or `v64.0`. Whether the version is still supported is for the server to say.
    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let digits = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let digits = digits.strip_suffix(".0").unwrap_or(digits);
        let plain = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
        match digits.parse() {
            Ok(number) if plain && digits.len() <= 3 => Ok(Self(number)),
            _ => Err(EndpointError::Version(text.to_owned())),
        }
    }
}

/// Why a URL or version cannot be used.
///
/// No message repeats a user name or password from a URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// Not an API version.
    #[error("'{0}' is not an API version like 64.0")]
    Version(String),
    /// Nothing, as a shell makes of a variable that is not set.
    #[error("the value is empty")]
    Empty,
    /// Not a URL, or one with characters that URLs do not have (spaces, backslashes, control
    /// characters).
    #[error("'{0}' is not a URL")]
    NotAUrl(String),
    /// The scheme is not https.
    #[error("'{0}' does not start with https://")]
    NotHttps(String),
    /// A user name or password before the host.
    #[error("the URL of {host} has a user name in it")]
    UserInfo {
        /// The host after the `@`.
        host: String,
    },
    /// A login URL with a path, query or fragment that it should not have.
    #[error(
        "'{0}' is not a login URL: give the host alone, or the host with /services/Soap/u/VERSION"
    )]
    NotALoginUrl(String),
    /// A server URL with a path other than that of the SOAP API.
    #[error("'{0}' is no SOAP endpoint: after the host comes /services/Soap/u/ and a version")]
    NotSoap(String),
    /// A URL from an answer with a host other than the session's.
    #[error("the answer names the host {found}, but the session belongs to {expected}")]
    ForeignHost {
        /// The host in the answer.
        found: String,
        /// The session's host.
        expected: String,
    },
}

/// Where to log in, and whether to send the client certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginEndpoint {
    authority: Authority,
    version: Option<ApiVersion>,
    role: Role,
}

impl LoginEndpoint {
    /// Reads `--login-url`: a My Domain URL, a bare host, or a full SOAP endpoint. Each may name a port;
    /// the default is `login_port`. On `mtls_port` the client certificate is sent.
    ///
    /// # Errors
    /// When it is not such a URL, not https, or has a user name in it.
    pub fn parse(text: &str, login_port: u16, mtls_port: u16) -> Result<Self, EndpointError> {
        let url = if text.trim().is_empty() {
            return Err(EndpointError::Empty);
        } else if text.contains("://") {
            HttpsUrl::parse(text)?
        } else {
            HttpsUrl::parse(&format!("https://{text}"))?
        };
        let version = match url.path.as_str() {
            "/" => None,
            path => match SoapPath::parse(path) {
                Some(soap) => Some(soap.version),
                None => return Err(EndpointError::NotALoginUrl(shown(text))),
            },
        };
        let port = url.port.unwrap_or(login_port);
        Ok(Self {
            authority: authority(&url.host, port),
            version,
            role: if port == mtls_port {
                Role::Api
            } else {
                Role::Login
            },
        })
    }

    /// The version the URL names, which counts as `--api-version`.
    pub fn version(&self) -> Option<ApiVersion> {
        self.version
    }

    /// Whether the client certificate is sent.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The host, without the port.
    pub fn host(&self) -> &str {
        self.authority.host()
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.authority.port_u16().unwrap_or(443)
    }

    /// The endpoint as a URL without a path, for messages and the session cache.
    pub fn url(&self) -> String {
        format!("https://{}", self.authority)
    }

    /// The target of SOAP `login()`, at `version` or the highest one that still has it.
    pub fn soap(&self, version: ApiVersion) -> Target {
        let path = soap_path(version.for_login(), None);
        target(self.role, &self.authority, path)
    }

    /// The target of OAuth's token requests.
    pub fn token(&self) -> Target {
        let path = PathAndQuery::from_static(TOKEN_PATH);
        target(self.role, &self.authority, path)
    }
}

/// The `serverUrl` of a login, or the instance URL of a token: checked, but with its port unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerUrl {
    text: String,
    host: String,
    port: Option<u16>,
    organization: Option<String>,
}

impl ServerUrl {
    /// Checks a URL from an answer or from the session cache: a SOAP endpoint, or only a host.
    ///
    /// # Errors
    /// When it is not an https URL, has a user name in it, or has another path.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let url = HttpsUrl::parse(text)?;
        let organization = match url.path.as_str() {
            "/" => None,
            path => match SoapPath::parse(path) {
                Some(soap) => soap.organization,
                None => return Err(EndpointError::NotSoap(shown(text))),
            },
        };
        Ok(Self {
            text: text.to_owned(),
            organization,
            host: url.host,
            port: url.port,
        })
    }

    /// The URL as it was sent.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host, in lower case.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, where it names one. Calls go to that of mutual TLS all the same.
    pub fn port(&self) -> Option<u16> {
        self.port
    }
}

/// The API of one org on the mutual-TLS port. Only `Session::api_base` makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiBase {
    authority: Authority,
    organization: Option<String>,
    version: ApiVersion,
}

impl ApiBase {
    /// The server's host with the port changed; paths have `version`, whatever the login's was.
    pub(in crate::salesforce) fn new(
        server: &ServerUrl,
        mtls_port: u16,
        version: ApiVersion,
    ) -> Self {
        Self {
            authority: authority(&server.host, mtls_port),
            organization: server.organization.clone(),
            version,
        }
    }

    /// The target of the SOAP Partner API.
    pub fn soap(&self) -> Target {
        let path = soap_path(self.version, self.organization.as_deref());
        target(Role::Api, &self.authority, path)
    }

    /// A target in Bulk API 1.0: `job` stands for `/services/async/64.0/job`.
    ///
    /// # Errors
    /// When `path` has characters that URLs do not have.
    pub fn bulk(&self, path: &str) -> Result<Target, EndpointError> {
        self.path(&format!("/services/async/{}/{path}", self.version))
    }

    /// A target in REST or Bulk API 2.0: `jobs/query` stands for `/services/data/v64.0/jobs/query`.
    ///
    /// # Errors
    /// As [`Self::bulk`].
    pub fn rest(&self, path: &str) -> Result<Target, EndpointError> {
        self.path(&format!("/services/data/v{}/{path}", self.version))
    }

    /// The target for a URL or an absolute path from an answer, with the port changed.
    ///
    /// # Errors
    /// When it is not a URL, not https, has a user name in it, or names another host.
    pub fn adopt(&self, url_or_path: &str) -> Result<Target, EndpointError> {
        if url_or_path.starts_with('/') && !url_or_path.starts_with("//") {
            return self.path(url_or_path);
        }
        let url = HttpsUrl::parse(url_or_path)?;
        let expected = self.authority.host();
        if url.host != expected {
            return Err(EndpointError::ForeignHost {
                found: url.host,
                expected: expected.to_owned(),
            });
        }
        self.path(&url.path)
    }

    fn path(&self, path: &str) -> Result<Target, EndpointError> {
        match PathAndQuery::from_str(path) {
            Ok(parsed) if only_url_characters(path) => {
                Ok(target(Role::Api, &self.authority, parsed))
            }
            _ => Err(EndpointError::NotAUrl(path.to_owned())),
        }
    }
}

/// Makes a target for the HTTP agent of this role.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where targets are made: the port is moved and the host checked above"
)]
fn target(role: Role, authority: &Authority, path: PathAndQuery) -> Target {
    let mut parts = http::uri::Parts::default();
    parts.scheme = Some(Scheme::HTTPS);
    parts.authority = Some(authority.clone());
    parts.path_and_query = Some(path);
    let url = Uri::from_parts(parts).expect("scheme, authority and path are all there");
    match role {
        Role::Api => Target::api(url),
        Role::Login => Target::login(url),
    }
}

/// `/services/Soap/u/64.0`, followed by the organisation's ID if the server gave one.
fn soap_path(version: ApiVersion, organization: Option<&str>) -> PathAndQuery {
    let path = match organization {
        Some(id) => format!("{SOAP_PATH}{version}/{id}"),
        None => format!("{SOAP_PATH}{version}"),
    };
    PathAndQuery::try_from(path).expect("digits, and an ID of letters and digits")
}

/// Host and port, without port 443, as usual in URLs.
fn authority(host: &str, port: u16) -> Authority {
    let text = match port {
        443 => host.to_owned(),
        port => format!("{host}:{port}"),
    };
    Authority::try_from(text).expect("a host that HttpsUrl has checked, and a number")
}

/// The path of a partner SOAP endpoint, taken apart.
struct SoapPath {
    version: ApiVersion,
    organization: Option<String>,
}

impl SoapPath {
    fn parse(path: &str) -> Option<Self> {
        let rest = path.strip_prefix(SOAP_PATH)?;
        let (version, organization) = rest.split_once('/').unwrap_or((rest, ""));
        if !organization.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return None;
        }
        Some(Self {
            version: version.parse().ok()?,
            organization: (!organization.is_empty()).then(|| organization.to_owned()),
        })
    }
}

/// An https URL taken apart, more strictly than by RFC 3986: what a browser or a proxy might read
/// differently is refused.
struct HttpsUrl {
    /// In lower case.
    host: String,
    port: Option<u16>,
    /// Path and query; `/` if the URL ends after the host.
    path: String,
}

impl HttpsUrl {
    fn parse(text: &str) -> Result<Self, EndpointError> {
        let not_a_url = || EndpointError::NotAUrl(shown(text));
        if !only_url_characters(text) {
            return Err(not_a_url());
        }
        let (scheme, rest) = text.split_once("://").ok_or_else(not_a_url)?;
        if !scheme.eq_ignore_ascii_case("https") {
            return Err(EndpointError::NotHttps(shown(text)));
        }
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if let Some((_, host)) = authority.rsplit_once('@') {
            return Err(EndpointError::UserInfo {
                host: host.to_owned(),
            });
        }
        let (host, port) = split_port(authority).ok_or_else(not_a_url)?;
        Ok(Self {
            host: host.to_ascii_lowercase(),
            port,
            path: match path {
                "" => "/".to_owned(),
                path if path.starts_with('?') => format!("/{path}"),
                path => path.to_owned(),
            },
        })
    }
}

/// Splits host and port; the host is a name, an IPv4 address, or an IPv6 address in brackets.
fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let host_end = match authority.find(']') {
        Some(bracket) => bracket + 1,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, rest) = authority.split_at(host_end);
    let port = match rest {
        "" => None,
        _ => Some(rest.strip_prefix(':').and_then(port_number)?),
    };
    is_host(host).then_some((host, port))
}

fn port_number(digits: &str) -> Option<u16> {
    let plain = digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|&port| plain && port != 0)
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[') {
        let address = address.strip_suffix(']').unwrap_or_default();
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    host.len() <= 253 && host.split('.').all(label)
}

/// Whether the text is printable ASCII, without what browsers and servers read differently: some take a
/// backslash for a slash, and a fragment does not belong in a request.
fn only_url_characters(text: &str) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_graphic() && !matches!(b, b'\\' | b'#' | b'"' | b'<' | b'>'))
}

/// The text for a message, without what comes before an `@`.
fn shown(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((_, rest)) => format!("…@{rest}"),
        None => text.to_owned(),
    }
}
