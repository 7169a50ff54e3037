//! What was typed, with the environment and the defaults behind it.
//!
//! The order is flag, environment, default. Each value remembers where it came from, for `-v`.
//! Files are named here and read later: a command that does not need the identity never opens it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use percent_encoding::percent_decode_str;

use crate::cli::{Global, When};
use crate::error::UsageError;
use crate::net::{Options, Proxy, TlsVersion};
use crate::salesforce::cache::{self, Profile, ProfileError};
use crate::salesforce::endpoint::{ApiVersion, LOGIN_URL, SANDBOX_LOGIN_URL};
use crate::text::secret::Secret;
use crate::world::Environment;

/// Every global option, resolved.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `--cert`.
    pub cert: Option<PathBuf>,
    /// `--key`.
    pub key: Option<PathBuf>,
    /// Where the identity's password comes from.
    pub cert_password: SecretFrom,
    /// What shapes connections.
    pub net: Options,
    /// Port of every API call.
    pub mtls_port: u16,
    /// Port of a login whose URL names none.
    pub login_port: u16,
    /// `--api-version`; `None` where nobody asked for one.
    pub api_version: Option<ApiVersion>,
    /// Where to log in.
    pub login_url: String,
    /// The session cache file, or why there is none.
    pub session_file: Result<PathBuf, UsageError>,
    /// Tries after the first one.
    pub retries: u32,
    /// One JSON document on standard output.
    pub json: bool,
    /// How talkative: 0, 1, 2.
    pub verbosity: u8,
    /// No notes, no warnings.
    pub silent: bool,
    /// `--progress`.
    pub progress: When,
    /// `--color`, with `NO_COLOR` and `CLICOLOR_FORCE` behind it.
    pub color: When,
    /// Where each value came from, for `-v`.
    pub origins: Vec<Origin>,
}

/// A secret that has not been read yet.
#[derive(Debug, Clone)]
pub enum SecretFrom {
    /// A file, or `-` for standard input.
    File(PathBuf),
    /// An environment variable's value.
    Value(Secret),
    /// Nothing was given: ask, where there is a terminal.
    Prompt,
}

impl SecretFrom {
    /// The file if one was named, else the variable, else a prompt.
    pub fn of(file: Option<&Path>, environment: &Environment, variable: &str) -> Self {
        match (file, environment.text(variable)) {
            (Some(file), _) => Self::File(file.to_owned()),
            (None, Some(value)) => Self::Value(Secret::new(value)),
            (None, None) => Self::Prompt,
        }
    }
}

/// A setting and its source, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The option's long name.
    pub name: &'static str,
    /// The value as it may be shown.
    pub value: String,
    /// Where it came from.
    pub source: Source,
}

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The command line.
    Flag,
    /// This environment variable.
    Variable(&'static str),
    /// Nobody said anything.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {} (", self.name, self.value)?;
        match self.source {
            Source::Flag => write!(f, "--{})", self.name),
            Source::Variable(variable) => write!(f, "{variable})"),
            Source::Default => f.write_str("default)"),
        }
    }
}

/// Collects where values come from while they are resolved.
struct Resolver<'a> {
    environment: &'a Environment,
    origins: Vec<Origin>,
}

impl Resolver<'_> {
    fn note(&mut self, name: &'static str, value: impl fmt::Display, source: Source) {
        self.origins.push(Origin {
            name,
            value: value.to_string(),
            source,
        });
    }

    /// Flag, else the first variable that is set, parsed by `parse`.
    fn value<T: fmt::Display>(
        &mut self,
        name: &'static str,
        flag: Option<T>,
        variables: &[&'static str],
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, UsageError> {
        if let Some(value) = flag {
            self.note(name, &value, Source::Flag);
            return Ok(Some(value));
        }
        for &variable in variables {
            if let Some(text) = self.environment.text(variable) {
                let value = parse(text)
                    .map_err(|wanted| UsageError::new(format!("{variable} is not {wanted}")))?;
                self.note(name, &value, Source::Variable(variable));
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    fn path(
        &mut self,
        name: &'static str,
        flag: Option<&Path>,
        variable: &'static str,
    ) -> Option<PathBuf> {
        let (path, source) = match (flag, self.environment.os(variable)) {
            (Some(path), _) => (path.to_owned(), Source::Flag),
            (None, Some(path)) => (PathBuf::from(path), Source::Variable(variable)),
            (None, None) => return None,
        };
        self.note(name, path.display(), source);
        Some(path)
    }

    fn port(
        &mut self,
        name: &'static str,
        flag: Option<u16>,
        variable: &'static str,
        default: u16,
    ) -> Result<u16, UsageError> {
        let port = self.value(name, flag, &[variable], |text| {
            text.parse()
                .ok()
                .filter(|port| *port != 0)
                .ok_or_else(|| "a port from 1 to 65535".to_owned())
        })?;
        Ok(port.unwrap_or_else(|| {
            self.note(name, default, Source::Default);
            default
        }))
    }

    fn login_url(&mut self, global: &Global) -> String {
        if let Some(url) = &global.login_url {
            self.note("login-url", url, Source::Flag);
            url.clone()
        } else if global.sandbox {
            self.note("sandbox", SANDBOX_LOGIN_URL, Source::Flag);
            SANDBOX_LOGIN_URL.to_owned()
        } else if let Some(url) = self.environment.text("SFMTLS_LOGIN_URL") {
            let url = url.to_owned();
            self.note("login-url", &url, Source::Variable("SFMTLS_LOGIN_URL"));
            url
        } else {
            self.note("login-url", LOGIN_URL, Source::Default);
            LOGIN_URL.to_owned()
        }
    }

    /// `-x ""` means no proxy whatever the environment says, as in curl.
    fn proxy(&mut self, flag: Option<&str>) -> Result<Option<Proxy>, UsageError> {
        let variables = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
        let from_environment = || {
            variables
                .into_iter()
                .find_map(|name| Some((self.environment.text(name)?, Source::Variable(name))))
        };
        let found = match flag {
            Some(url) => Some((url, Source::Flag)),
            None => from_environment(),
        };
        let Some((url, source)) = found.filter(|(url, _)| !url.is_empty()) else {
            return Ok(None);
        };
        let proxy = parse_proxy(url).map_err(|reason| {
            let name = match source {
                Source::Variable(variable) => variable,
                _ => "--proxy",
            };
            UsageError::new(format!("{name} is not a proxy that can be used: {reason}")).hint(
                "write it as http://HOST:PORT, with USER:PASSWORD@ before HOST if it asks for them",
            )
        })?;
        let shown = format!("{}://{}:{}", proxy.scheme, proxy.host, proxy.port);
        self.note("proxy", shown, source);
        Ok(Some(proxy))
    }

    fn session_file(&mut self, global: &Global) -> Result<PathBuf, UsageError> {
        if let Some(path) = self.path("session", global.session.as_deref(), "SFMTLS_SESSION") {
            return Ok(path);
        }
        let profile = self
            .value(
                "profile",
                global.profile.clone(),
                &["SFMTLS_PROFILE"],
                |name| Ok(name.to_owned()),
            )?
            .unwrap_or_else(|| "default".to_owned());
        let profile: Profile = profile
            .parse()
            .map_err(|error: ProfileError| UsageError::new(error.to_string()))?;
        let directory = |name| self.environment.os(name).map(Path::new);
        let path = cache::default_path(directory("XDG_CACHE_HOME"), directory("HOME"), &profile)
            .ok_or_else(|| {
                UsageError::new("there is no home directory for the session cache")
                    .hint("name a file with --session FILE, or set SFMTLS_SESSION")
            })?;
        self.note("session", path.display(), Source::Default);
        Ok(path)
    }
}

impl Settings {
    /// Resolves the global options.
    ///
    /// # Errors
    /// When a value cannot be what it should be; nothing is read or connected.
    pub fn resolve(global: &Global, environment: &Environment) -> Result<Self, UsageError> {
        let mut resolver = Resolver {
            environment,
            origins: Vec::new(),
        };
        let cert = resolver.path("cert", global.cert.as_deref(), "SFMTLS_CERT");
        let key = resolver.path("key", global.key.as_deref(), "SFMTLS_KEY");
        let cacert = resolver.path("cacert", global.cacert.as_deref(), "SFMTLS_CACERT");
        let mtls_port = resolver.port("mtls-port", global.mtls_port, "SFMTLS_MTLS_PORT", 8443)?;
        let login_port =
            resolver.port("login-port", global.login_port, "SFMTLS_LOGIN_PORT", 443)?;
        let version_flag = global
            .api_version
            .as_deref()
            .map(|text| {
                text.parse::<ApiVersion>()
                    .map_err(|error| UsageError::new(format!("--api-version: {error}")))
            })
            .transpose()?;
        let api_version = resolver.value(
            "api-version",
            version_flag,
            &["SFMTLS_API_VERSION"],
            |text| {
                text.parse::<ApiVersion>()
                    .map_err(|_| "an API version such as 64.0".to_owned())
            },
        )?;
        let login_url = resolver.login_url(global);
        let session_file = resolver.session_file(global);
        let proxy = resolver.proxy(global.proxy.as_deref())?;
        let no_proxy = resolver.value(
            "noproxy",
            global.noproxy.clone(),
            &["NO_PROXY", "no_proxy"],
            |list| Ok(list.to_owned()),
        )?;
        let verbosity = global.verbose.min(2);
        let net = Options {
            cacert,
            ssl_cert_file: environment.os("SSL_CERT_FILE").map(PathBuf::from),
            ssl_cert_dir: environment.os("SSL_CERT_DIR").map(PathBuf::from),
            insecure: global.insecure,
            tls_min: global.tls_min.unwrap_or(TlsVersion::V1_2),
            proxy,
            no_proxy,
            connect_to: global.connect_to.clone(),
            connect_timeout: global.connect_timeout.unwrap_or(Duration::from_secs(10)),
            idle_timeout: global.idle_timeout.unwrap_or(Duration::from_secs(180)),
            verbosity,
            show_curl: global.show_curl,
            cert_as_given: cert.clone().map(|cert| (cert, key.clone())),
        };
        Ok(Self {
            cert_password: SecretFrom::of(
                global.cert_pass_file.as_deref(),
                environment,
                "SFMTLS_CERT_PASSWORD",
            ),
            cert,
            key,
            net,
            mtls_port,
            login_port,
            api_version,
            login_url,
            session_file,
            retries: global.retry.unwrap_or(4),
            json: global.json,
            verbosity,
            silent: global.silent,
            progress: global.progress.unwrap_or(When::Auto),
            color: color(global.color, environment),
            origins: resolver.origins,
        })
    }
}

/// `--color`, else `NO_COLOR` (no-color.org), else `CLICOLOR_FORCE` (bixense.com/clicolors).
pub fn color(flag: Option<When>, environment: &Environment) -> When {
    match flag {
        Some(when) => when,
        None if environment.os("NO_COLOR").is_some() => When::Never,
        None if environment.text("CLICOLOR_FORCE").is_some_and(|v| v != "0") => When::Always,
        None if environment.text("TERM") == Some("dumb") => When::Never,
        None => When::Auto,
    }
}

/// Scheme `http` where none is written; ports as in curl: 1080, and 443 for `https://`.
fn parse_proxy(url: &str) -> Result<Proxy, String> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let scheme = scheme.to_ascii_lowercase();
    if scheme != "http" && scheme != "https" {
        return Err(format!(
            "{scheme}:// is not supported, only http:// and https://"
        ));
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (credentials, address) = match authority.rsplit_once('@') {
        Some((credentials, address)) => (Some(credentials), address),
        None => (None, authority),
    };
    let address: http::uri::Authority = address
        .parse()
        .map_err(|_| "its host is not a host name".to_owned())?;
    let decode = |text: &str| {
        percent_decode_str(text)
            .decode_utf8()
            .map(|text| text.into_owned())
            .map_err(|_| "its user or password is not UTF-8".to_owned())
    };
    let credentials = credentials
        .map(|text| {
            let (user, password) = text.split_once(':').unwrap_or((text, ""));
            Ok::<_, String>((decode(user)?, Secret::new(decode(password)?)))
        })
        .transpose()?;
    let default_port = if scheme == "https" { 443 } else { 1080 };
    let host = address.host().trim_matches(['[', ']']);
    if host.is_empty() {
        return Err("it names no host".to_owned());
    }
    if address.port().is_some() && address.port_u16().is_none() {
        return Err("its port is not a port".to_owned());
    }
    Ok(Proxy {
        scheme,
        host: host.to_owned(),
        port: address.port_u16().unwrap_or(default_port),
        credentials,
    })
}
