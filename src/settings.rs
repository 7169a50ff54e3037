//! What was typed, with the environment and the defaults behind it.
//!
//! The order is flag, environment, default. Each value remembers where it came from, for `-v`.
//! Files are named here and read later: a command that does not need the identity never opens it.

mod proxy;
mod setting;
#[cfg(test)]
mod tests;
mod typed;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use setting::{Setting, SettingSource};

use crate::cli::{Global, When, defaults};
use crate::error::UsageError;
use crate::net::{Options, Proxy, TlsVersion};
use crate::salesforce::cache::{self, Profile, ProfileError};
use crate::salesforce::endpoint::{ApiVersion, LOGIN_URL, LoginEndpoint, SANDBOX_LOGIN_URL};
use crate::text::secret::Secret;
use crate::world::Environment;
use setting::Resolver;

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
    /// Port of every API call; 8443 by default.
    pub mtls_port: u16,
    /// Port without mutual TLS; 443 by default.
    pub login_port: u16,
    /// The version asked for, by `--api-version` or by a login URL that names one; `None` where
    /// nobody asked.
    pub api_version: Option<ApiVersion>,
    /// Where to log in; <https://login.salesforce.com> by default.
    pub login: LoginEndpoint,
    /// The session cache file; `None` where neither an option nor a home directory names one.
    pub session_file: Option<PathBuf>,
    /// Tries after the first one; 4 by default.
    pub retries: u32,
    /// `--json`.
    pub json: bool,
    /// `--silent`: no progress, no notes, no warnings.
    pub silent: bool,
    /// `--progress`.
    pub progress: When,
    /// `--color`, with `NO_COLOR` and `CLICOLOR_FORCE` behind it.
    pub color: When,
    /// Each value and where it came from, for `-v`.
    pub resolved: Vec<Setting>,
}

/// A secret that has not been read yet.
#[derive(Debug, Clone)]
pub enum SecretFrom {
    /// A file, or `-` for standard input.
    File(PathBuf),
    /// An environment variable's value, without a line end behind it.
    Value(Secret),
    /// Nothing was given: ask, where there is a terminal.
    Prompt,
}

impl SecretFrom {
    /// The file if one was named, else the variable, else a prompt.
    pub fn of(file: Option<&Path>, environment: &Environment, variable: &str) -> Self {
        match (file, environment.text(variable)) {
            (Some(file), _) => Self::File(file.to_owned()),
            (None, Some(value)) => Self::Value(Secret::of_variable(value)),
            (None, None) => Self::Prompt,
        }
    }

    /// As a setting of this name, which the option or the variable gives; `None` for a prompt.
    pub fn setting(
        &self,
        name: &'static str,
        option: &'static str,
        variable: &'static str,
    ) -> Option<Setting> {
        let (value, source) = match self {
            Self::File(file) => (file.display().to_string(), SettingSource::Flag(option)),
            Self::Value(value) => (format!("{value:?}"), SettingSource::Variable(variable)),
            Self::Prompt => return None,
        };
        Some(Setting {
            name,
            value,
            source,
        })
    }
}

impl Settings {
    /// Resolves the global options.
    ///
    /// # Errors
    /// When a value cannot be what it should be; nothing is read or connected.
    pub fn resolve(global: &Global, environment: &Environment) -> Result<Self, UsageError> {
        check_variables(environment)?;
        let mut resolver = Resolver {
            environment,
            resolved: Vec::new(),
        };
        let cert = resolver.path("cert", global.cert.as_deref(), "SFMTLS_CERT");
        let key = resolver.path("key", global.key.as_deref(), "SFMTLS_KEY");
        let cert_password = resolver.cert_password(global.cert_pass_file.as_deref());
        let mtls_port = resolver.port(
            "mtls-port",
            global.mtls_port,
            "SFMTLS_MTLS_PORT",
            defaults::MTLS_PORT,
        )?;
        let login_port = resolver.port(
            "login-port",
            global.login_port,
            "SFMTLS_LOGIN_PORT",
            defaults::LOGIN_PORT,
        )?;
        let (login, login_source) = resolver.login(global, login_port, mtls_port)?;
        let api_version = resolver.api_version(global, &login, login_source)?;
        let session_file = resolver.session_file(global)?;
        let net = resolver.net(global, cert.clone().map(|cert| (cert, key.clone())))?;
        let retries = resolver.flag("retry", global.retry, defaults::RETRIES, u32::to_string);
        Ok(Self {
            cert,
            key,
            cert_password,
            mtls_port,
            login_port,
            api_version,
            login,
            session_file,
            retries,
            json: global.json,
            net,
            silent: global.silent,
            progress: progress(global.progress, environment),
            color: color(global.color, environment),
            resolved: resolver.resolved,
        })
    }
}

impl Settings {
    /// Where the value of this name came from; `None` where it has none.
    pub fn source(&self, name: &str) -> Option<SettingSource> {
        let setting = self.resolved.iter().find(|it| it.name == name)?;
        Some(setting.source)
    }
}

impl Resolver<'_> {
    fn cert_password(&mut self, file: Option<&Path>) -> SecretFrom {
        const VARIABLE: &str = "SFMTLS_CERT_PASSWORD";
        let from = SecretFrom::of(file, self.environment, VARIABLE);
        let name = match from {
            SecretFrom::File(_) => "cert-pass-file",
            _ => "certificate password",
        };
        self.resolved
            .extend(from.setting(name, "cert-pass-file", VARIABLE));
        from
    }

    fn login(
        &mut self,
        global: &Global,
        login_port: u16,
        mtls_port: u16,
    ) -> Result<(LoginEndpoint, SettingSource), UsageError> {
        let flag = global.login_url.as_deref();
        let (url, source) = match self.text("login-url", flag, &["SFMTLS_LOGIN_URL"]) {
            Some(found) if !global.sandbox => found,
            _ if global.sandbox => (SANDBOX_LOGIN_URL, SettingSource::Flag("sandbox")),
            _ => (LOGIN_URL, SettingSource::Default),
        };
        let endpoint = LoginEndpoint::parse(url, login_port, mtls_port).map_err(|error| {
            UsageError::new(format!("{source}: {error}"))
                .hint("write it as https://NAME.my.salesforce.com")
        })?;
        self.note("login-url", url, source);
        Ok((endpoint, source))
    }

    /// A version in the login URL counts as `--api-version`: as a flag where the URL was one.
    fn api_version(
        &mut self,
        global: &Global,
        login: &LoginEndpoint,
        login_source: SettingSource,
    ) -> Result<Option<ApiVersion>, UsageError> {
        let flag = global.api_version.as_deref();
        let asked = self.text("api-version", flag, &["SFMTLS_API_VERSION"]);
        let of_login = login.version().map(|version| (version, login_source));
        let found = match (asked, of_login) {
            (
                Some((_, SettingSource::Variable(_))),
                Some((version, source @ SettingSource::Flag(_))),
            ) => Some((version, source)),
            (Some((text, source)), _) => {
                let version = text
                    .parse::<ApiVersion>()
                    .map_err(|error| UsageError::new(format!("{source}: {error}")))?;
                Some((version, source))
            }
            (None, of_login) => of_login,
        };
        // Where nobody asked, the session's own version counts, which is not known here.
        if let Some((version, source)) = found {
            self.note("api-version", version, source);
        }
        Ok(found.map(|(version, _)| version))
    }

    fn session_file(&mut self, global: &Global) -> Result<Option<PathBuf>, UsageError> {
        let flag = global.profile.as_deref();
        if flag.is_some() && global.session.is_some() {
            return Err(
                UsageError::new("--profile and --session both name the session")
                    .hint("leave one of the two out"),
            );
        }
        // The option stands before the variable, also where it is another's.
        let file = match flag {
            Some(_) => None,
            None => self.path("session", global.session.as_deref(), "SFMTLS_SESSION"),
        };
        if file.is_some() {
            return Ok(file);
        }
        let (profile, source) = self
            .text("profile", flag, &["SFMTLS_PROFILE"])
            .unwrap_or((defaults::PROFILE, SettingSource::Default));
        let name: Profile = profile
            .parse()
            .map_err(|error: ProfileError| UsageError::new(error.to_string()))?;
        self.note("profile", profile, source);
        let directory = |name| self.environment.os(name).map(Path::new);
        // Where Windows has what XDG calls a cache.
        let local = || directory("LOCALAPPDATA").filter(|_| cfg!(windows));
        let caches = directory("XDG_CACHE_HOME").or_else(local);
        let path = cache::default_path(caches, directory("HOME"), &name);
        if let Some(path) = &path {
            self.note("session", path.display(), SettingSource::Default);
        }
        Ok(path)
    }

    fn net(
        &mut self,
        global: &Global,
        cert_as_given: Option<(PathBuf, Option<PathBuf>)>,
    ) -> Result<Options, UsageError> {
        let cacert = self.path("cacert", global.cacert.as_deref(), "SFMTLS_CACERT");
        let ssl_cert_file = self.trust_variable(&cacert, "SSL_CERT_FILE");
        let ssl_cert_dir = self.trust_variable(&cacert, "SSL_CERT_DIR");
        if cacert.is_none() && ssl_cert_file.is_none() && ssl_cert_dir.is_none() {
            self.note("cacert", "the system's", SettingSource::Default);
        }
        let tls_min = self.flag("tls-min", global.tls_min, TlsVersion::V1_2, |version| {
            match version {
                TlsVersion::V1_2 => "1.2",
                TlsVersion::V1_3 => "1.3",
            }
            .to_owned()
        });
        let proxy = self.proxy(global.proxy.as_deref())?;
        let flag = global.noproxy.as_deref();
        let no_proxy = self.text("noproxy", flag, &NO_PROXY);
        if let Some((list, source)) = no_proxy {
            self.note("noproxy", list, source);
        }
        let seconds = |limit: &Duration| format!("{} s", limit.as_secs_f64());
        let connect_timeout = self.flag(
            "connect-timeout",
            global.connect_timeout,
            defaults::CONNECT_TIMEOUT,
            seconds,
        );
        let idle_timeout = self.flag(
            "idle-timeout",
            global.idle_timeout,
            defaults::IDLE_TIMEOUT,
            seconds,
        );
        Ok(Options {
            cacert,
            ssl_cert_file,
            ssl_cert_dir,
            insecure: global.insecure,
            tls_min,
            tls_max: None,
            proxy,
            no_proxy: no_proxy.map(|(list, _)| list.to_owned()),
            connect_to: global.connect_to.clone(),
            connect_timeout,
            idle_timeout,
            verbosity: global.verbose.min(2),
            show_curl: global.show_curl,
            cert_as_given,
        })
    }

    /// A variable of OpenSSL's, which counts unless `--cacert` stands before it.
    fn trust_variable(
        &mut self,
        cacert: &Option<PathBuf>,
        variable: &'static str,
    ) -> Option<PathBuf> {
        let path = PathBuf::from(self.environment.os(variable)?);
        if cacert.is_none() {
            self.note("cacert", path.display(), SettingSource::Variable(variable));
        }
        Some(path)
    }

    /// `-x ""` means no proxy whatever the environment says, as in curl.
    fn proxy(&mut self, flag: Option<&str>) -> Result<Option<Proxy>, UsageError> {
        let Some((url, source)) = self.text("proxy", flag, &PROXY) else {
            return Ok(None);
        };
        if url.is_empty() {
            self.note("proxy", url, source);
            return Ok(None);
        }
        let proxy = proxy::parse(url).map_err(|reason| {
            UsageError::new(format!("{source} cannot be used as a proxy: {reason}"))
                .hint(HOW_TO_NAME_A_PROXY)
        })?;
        // Neither user nor password is shown.
        let shown = format!("{}://{}:{}", proxy.scheme, proxy.host, proxy.port);
        self.note("proxy", shown, source);
        Ok(Some(proxy))
    }
}

const HOW_TO_NAME_A_PROXY: &str =
    "write it as http://HOST:PORT, with USER:PASSWORD@ before HOST if it asks for them";

/// Variables that name a proxy; the first that is set counts, as in curl.
const PROXY: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Variables that name hosts to be reached without it.
const NO_PROXY: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// Refuses variables that count and cannot be read: taken for unset, they would be missed silently,
/// and a call that has to go through a proxy would go past it.
fn check_variables(environment: &Environment) -> Result<(), UsageError> {
    const PATHS: [&str; 4] = [
        "SFMTLS_CERT",
        "SFMTLS_KEY",
        "SFMTLS_CACERT",
        "SFMTLS_SESSION",
    ];
    let unreadable = environment.iter().find_map(|(name, value)| {
        let name = name.to_str()?;
        let counts =
            name.starts_with("SFMTLS_") || PROXY.iter().chain(&NO_PROXY).any(|it| *it == name);
        (counts && value.to_str().is_none() && !PATHS.contains(&name)).then_some(name)
    });
    match unreadable {
        Some(name) => Err(UsageError::new(format!("{name} is not UTF-8"))),
        None => Ok(()),
    }
}

/// Whether a variable changes what this program does or where it connects: what `demo` and
/// `local-org` must not take over from their caller.
pub fn is_caller_variable(name: &OsStr) -> bool {
    // Other programs' names too: `local-org` runs them.
    let proxy = PROXY.iter().chain(&NO_PROXY).chain(&["HTTP_PROXY"]);
    let is_proxy = proxy.into_iter().any(|it| name.eq_ignore_ascii_case(it));
    let name = name.to_string_lossy().to_ascii_uppercase();
    is_proxy || name.starts_with("SFMTLS_") || name.starts_with("SF_")
}

/// `--progress`, else none on a terminal that says it can do nothing.
fn progress(flag: Option<When>, environment: &Environment) -> When {
    match flag {
        Some(when) => when,
        None if is_dumb(environment) => When::Never,
        None => When::Auto,
    }
}

/// Neither colour nor movement, as in an editor's shell.
fn is_dumb(environment: &Environment) -> bool {
    environment.text("TERM") == Some("dumb")
}

/// `--color`, else `NO_COLOR` (no-color.org), else `CLICOLOR_FORCE` (bixense.com/clicolors).
pub fn color(flag: Option<When>, environment: &Environment) -> When {
    match flag {
        Some(when) => when,
        None if environment.os("NO_COLOR").is_some() => When::Never,
        None if environment.text("CLICOLOR_FORCE").is_some_and(|v| v != "0") => When::Always,
        None if is_dumb(environment) => When::Never,
        None => When::Auto,
    }
}
