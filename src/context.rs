//! Identity, transport and session: built when first needed, once, and shared.

mod circumstances;
mod fault;
mod input;
mod inputs;
mod jwt_key;
mod login;
mod login_method;
mod program;
mod secrets;
mod soql;

use std::cell::OnceCell;
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use anyhow::Result;

use crate::cli::Soql;
use crate::error::{NoSession, OthersSession, UsageError};
use crate::explain::SessionOrigin;
use crate::identity::{self, Identity, PasswordSource};
use crate::net::Transport;
use crate::net::retry::Policy;
use crate::salesforce::cache;
use crate::salesforce::client::{Client, Renewal, SessionState};
use crate::salesforce::endpoint::{ApiBase, ApiVersion, LoginEndpoint, is_login_service};
use crate::salesforce::session::Session;
use crate::settings::{SettingSource, Settings};
use crate::text::secret::Words;
use crate::ui::Ui;
use crate::world::Environment;
pub use circumstances::Circumstances;
use input::{Input, LONGEST_QUERY};
pub use login_method::LoginMethod;
use secrets::CertPassword;

/// What a command works with.
pub struct Context {
    /// The streams.
    pub ui: Arc<Ui>,
    /// The global options, resolved.
    pub settings: Settings,
    environment: Environment,
    input: Input,
    now: fn() -> SystemTime,
    identity: OnceCell<Arc<Identity>>,
    transport: OnceCell<Arc<Transport>>,
    login_transport: OnceCell<Arc<Transport>>,
    insecurity_told: OnceCell<()>,
    origin: OnceCell<SessionOrigin>,
    login: OnceCell<String>,
}

impl Context {
    /// Nothing is opened or connected yet.
    pub fn new(
        ui: Arc<Ui>,
        settings: Settings,
        environment: Environment,
        stdin: Box<dyn Read + Send>,
        now: fn() -> SystemTime,
    ) -> Self {
        secrets::hide_given(&ui, &settings, &environment);
        Self {
            ui,
            settings,
            environment,
            input: Input::new(stdin),
            now,
            identity: OnceCell::new(),
            transport: OnceCell::new(),
            login_transport: OnceCell::new(),
            insecurity_told: OnceCell::new(),
            origin: OnceCell::new(),
            login: OnceCell::new(),
        }
    }

    /// The environment, for what only one command reads.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Reads a small text file, or standard input for `-`, which can be read once.
    ///
    /// # Errors
    /// When it cannot be read, is not UTF-8, or is longer than any query (1 MiB).
    pub fn read_text(&self, path: &Path) -> Result<String> {
        self.input.read(path, LONGEST_QUERY)
    }

    /// The query, from the argument, `-q`, a file or standard input.
    ///
    /// # Errors
    /// When none is given, or its file cannot be read.
    pub fn soql(&self, given: &Soql) -> Result<String> {
        let text = match (&given.soql, &given.query, &given.file) {
            (Some(dash), ..) if dash == "-" => self.read_text(Path::new("-"))?,
            (Some(soql), ..) | (None, Some(soql), _) => {
                soql::check_typed(soql)?;
                soql.clone()
            }
            (None, None, Some(file)) => self.read_text(file)?,
            (None, None, None) => {
                return Err(UsageError::new("no query was given")
                    .hint(soql::HOW_TO_GIVE)
                    .into());
            }
        };
        let text = text.trim();
        soql::check_no_pem(text, given.file.as_deref())?;
        soql::check(text)?;
        Ok(text.to_owned())
    }

    /// A line of `-v`.
    fn trace(&self, what: impl std::fmt::Display) {
        if self.settings.net.verbosity > 0 {
            self.ui.trace(what);
        }
    }

    /// The files of the identity: `file` where a command names one itself, else `--cert`.
    ///
    /// # Errors
    /// When none was named, or curl's `FILE:PASSWORD`.
    pub fn identity_source(&self, file: Option<&Path>) -> Result<identity::Source, UsageError> {
        let cert = file
            .or(self.settings.cert.as_deref())
            .ok_or_else(UsageError::no_certificate)?;
        if let Some((file, _)) = secrets::file_and_password(cert) {
            return Err(UsageError::new(format!(
                "the password of {} is on the command line, where others can read it",
                file.display()
            ))
            .hint("leave it out: --cert-pass-file FILE, SFMTLS_CERT_PASSWORD, or the prompt"));
        }
        Ok(identity::Source {
            cert: cert.to_owned(),
            key: self.settings.key.clone(),
        })
    }

    /// The passwords of identity files, each asked for once however often its file is read.
    pub fn passwords(&self) -> impl PasswordSource {
        CertPassword::of(self)
    }

    /// The host that `--login-url` names, where somebody said so: an org's own, not a login service.
    pub fn login_host(&self) -> Option<&str> {
        let host = self.settings.login.host();
        let is_org = !is_login_service(host);
        (is_org && self.login_url_is_named()).then_some(host)
    }

    /// Whether option or environment say where to log in.
    fn login_url_is_named(&self) -> bool {
        self.settings.source("login-url") != Some(SettingSource::Default)
    }

    /// This machine's clock, to be looked at later.
    pub fn clock(&self) -> fn() -> SystemTime {
        self.now
    }

    /// This machine's clock.
    pub fn now(&self) -> SystemTime {
        (self.now)()
    }

    /// The client's identity, loaded at the first call.
    ///
    /// # Errors
    /// When none was named, or it cannot be loaded.
    pub fn identity(&self) -> Result<Arc<Identity>> {
        if let Some(identity) = self.identity.get() {
            return Ok(Arc::clone(identity));
        }
        let source = self.identity_source(None)?;
        let identity = identity::load(&source, self.now(), &mut self.passwords())?;
        for note in &identity.notes {
            self.trace(format_args!("{}: {note}", source.cert.display()));
        }
        Ok(Arc::clone(self.identity.get_or_init(|| Arc::new(identity))))
    }

    /// The door to the network, with the identity.
    ///
    /// # Errors
    /// As [`Self::identity`].
    pub fn transport(&self) -> Result<Arc<Transport>> {
        if let Some(transport) = self.transport.get() {
            return Ok(Arc::clone(transport));
        }
        let transport = self.new_transport(Some(self.identity()?));
        Ok(Arc::clone(self.transport.get_or_init(|| transport)))
    }

    fn new_transport(&self, identity: Option<Arc<Identity>>) -> Arc<Transport> {
        if self.settings.net.insecure {
            self.insecurity_told.get_or_init(|| {
                self.ui
                    .warning("the server's certificate is not verified (--insecure)");
            });
        }
        let observer = Arc::clone(&self.ui) as _;
        Arc::new(Transport::new(
            self.settings.net.clone(),
            identity,
            observer,
        ))
    }

    /// The session cache file.
    ///
    /// # Errors
    /// When neither an option nor a home directory names one.
    pub fn session_file(&self) -> Result<&Path, UsageError> {
        self.settings.session_file.as_deref().ok_or_else(|| {
            UsageError::new("there is no home directory for the session cache")
                .hint("name a file with --session FILE, or set SFMTLS_SESSION")
        })
    }

    /// The session in the cache; `None` where there is no such file.
    ///
    /// # Errors
    /// When the file is there but cannot be trusted or read.
    pub fn cached_session(&self) -> Result<Option<Session>> {
        let Some(file) = &self.settings.session_file else {
            return Ok(None);
        };
        let session = cache::load(file)?;
        if let Some(session) = &session {
            secrets::hide_session(&self.ui, session);
            self.trace(ages(session, self.now()));
        }
        Ok(session)
    }

    /// The version that calls with this session are made at: the one asked for, else the session's
    /// own.
    pub fn api_version(&self, session: &Session) -> ApiVersion {
        self.settings.api_version.unwrap_or(session.api_version)
    }

    /// Where this session's calls go.
    pub fn api_base(&self, session: &Session) -> ApiBase {
        session.api_base(self.settings.mtls_port, self.api_version(session))
    }

    /// Saves a session that came from credentials at hand. A home that cannot be written to is no
    /// error: the session lives in memory then.
    pub fn keep(&self, session: &Session) {
        keep(&self.ui, self.settings.session_file.as_deref(), session);
    }

    /// A client with the cached session, or with a new one from what the environment holds.
    ///
    /// # Errors
    /// When there is neither, or the identity cannot be loaded.
    pub fn client(&self) -> Result<Client> {
        // Before the identity, whose password may have to be asked for.
        let cached = match self.cached_session() {
            // With credentials at hand an unusable cache stops nothing.
            Err(error) if self.has_method_at_hand() => {
                self.ui
                    .warning(Words::ours(format_args!("{error}; logging in instead")));
                None
            }
            cached => cached?,
        };
        let Some(session) = cached else {
            return self.client_by_environment();
        };
        if let Some(others) = self.others_session(&session) {
            if !self.has_method_at_hand() {
                return Err(others.into());
            }
            self.ui
                .note(Words::ours(format_args!("{others}; logging in anew")));
            return self.client_by_environment();
        }
        self.came_from_cache(&session);
        self.compare_with_the_login_named(&session);
        let renewal = self.renewal(&session)?;
        let transport = self.transport()?;
        Ok(self.client_of(session, transport, self.settings.retries, renewal))
    }

    /// Whether a login URL is of the host of the login that this run would make.
    fn is_at_the_login_host(&self, url: &str) -> bool {
        let (login_port, mtls_port) = (self.settings.login_port, self.settings.mtls_port);
        LoginEndpoint::parse(url, login_port, mtls_port)
            .is_ok_and(|endpoint| endpoint.host() == self.settings.login.host())
    }

    /// That the session is known to be another user's than the one that the environment names. User
    /// names are the same in any case of letters.
    pub fn others_session(&self, session: &Session) -> Option<OthersSession> {
        let (owner, named) = (session.username.as_deref()?, self.user_named()?);
        (!owner.eq_ignore_ascii_case(named)).then(|| OthersSession {
            owner: owner.to_owned(),
            named: named.to_owned(),
        })
    }

    /// A client with a new session from what the environment holds.
    fn client_by_environment(&self) -> Result<Client> {
        let endpoint = &self.settings.login;
        let method = self.method_at_hand(endpoint)?.map(Arc::new);
        let method = method.ok_or_else(|| self.no_session(false))?;
        let version = self.settings.api_version.unwrap_or_default();
        let renewal = self.renewal_by_method(Arc::clone(&method), endpoint.clone(), version)?;
        let transport = self.transport()?;
        let session = self.log_in(&method)?;
        self.keep(&session);
        let client = self.client_of(session, transport, self.settings.retries, renewal);
        Ok(client.of_new_session())
    }

    /// Warns where a login was named that the session in the cache did not come from: `--sandbox` beside
    /// a session of production.
    fn compare_with_the_login_named(&self, session: &Session) {
        let named = self.settings.login.url();
        match session.login_url() {
            Some(url) if self.login_url_is_named() && !self.is_at_the_login_host(url) => self.ui.warning(Words::ours(format_args!(
                "the cached session, which is from {url}, is used: {named} takes effect at the next login \
                 (sfmtls login; --profile keeps several)"
            ))),
            _ => {}
        }
    }

    /// A client that never logs in by itself nor tries again, for what ends a session.
    ///
    /// # Errors
    /// As [`Self::client`].
    pub fn client_of_cached_session(&self) -> Result<Client> {
        let session = self
            .cached_session()?
            .ok_or_else(|| self.no_session(true))?;
        self.came_from_cache(&session);
        Ok(self.client_of(session, self.transport()?, 0, None))
    }

    /// A client for a session that has just been taken over.
    ///
    /// # Errors
    /// When the identity cannot be loaded.
    pub fn client_of_new_session(&self, session: Session) -> Result<Client> {
        let client = self.client_of(session, self.transport()?, self.settings.retries, None);
        Ok(client.of_new_session())
    }

    fn client_of(
        &self,
        session: Session,
        transport: Arc<Transport>,
        retries: u32,
        renewal: Option<Renewal>,
    ) -> Client {
        let version = self.api_version(&session);
        if self.settings.api_version.is_none() {
            self.trace(format_args!("api-version = {version} (the session's)"));
        }
        Client {
            transport,
            observer: Arc::clone(&self.ui) as _,
            policy: Policy::with_retries(retries),
            mtls_port: self.settings.mtls_port,
            version,
            state: Mutex::new(SessionState {
                session,
                renewal,
                proven: true,
            }),
        }
    }

    fn no_session(&self, to_be_ended: bool) -> anyhow::Error {
        match self.session_file() {
            Ok(file) => NoSession {
                file: file.to_owned(),
                to_be_ended,
            }
            .into(),
            Err(error) => error.into(),
        }
    }

    /// Tells what is running, and where each setting came from (`-v`).
    pub fn trace_settings(&self) {
        let version = env!("CARGO_PKG_VERSION");
        let openssl = openssl::version::version();
        self.trace(format_args!("sfmtls {version}, {openssl}"));
        for setting in &self.settings.resolved {
            self.trace(setting);
        }
    }
}

/// How old a session from the cache is, and how long it may be idle.
fn ages(session: &Session, now: SystemTime) -> String {
    let age = now.duration_since(session.obtained_at).unwrap_or_default();
    let age = format!("the cached session is {} old", roughly(age));
    match session.idle {
        Some(idle) => format!("{age}, and ends after {} without use", roughly(idle)),
        None => age,
    }
}

/// A length of time in the unit that a person takes.
fn roughly(length: Duration) -> String {
    match length.as_secs() / 60 {
        minutes @ 0..120 => format!("{minutes} min"),
        minutes @ 120..2880 => format!("{} h", minutes / 60),
        minutes => format!("{} days", minutes / 60 / 24),
    }
}

fn keep(ui: &Ui, file: Option<&Path>, session: &Session) {
    let Some(file) = file else { return };
    if let Err(error) = cache::store(file, session) {
        ui.note(Words::ours(format_args!(
            "the session is not kept for the next command: {error}"
        )));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_in_minutes_then_hours_then_days() {
        let minutes = |minutes: u64| roughly(Duration::from_secs(60 * minutes));
        assert_eq!(roughly(Duration::from_secs(59)), "0 min");
        assert_eq!(minutes(119), "119 min");
        assert_eq!(minutes(120), "2 h");
        assert_eq!(minutes(47 * 60), "47 h");
        assert_eq!(minutes(48 * 60), "2 days");
    }
}
