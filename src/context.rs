//! Identity, transport and session: built when first needed, once, and shared.

use std::cell::{OnceCell, RefCell};
use std::io::{self, Read};
use std::path::Path;
use std::sync::{Arc, Mutex};

use anyhow::{Context as _, Result};

use crate::cli::Login;
use crate::error::{InputError, NoSession, UsageError};
use crate::identity::{self, Identity, PasswordSource};
use crate::net::Transport;
use crate::net::retry::Policy;
use crate::salesforce::cache;
use crate::salesforce::client::{Client, Login as LoggedIn, Renew};
use crate::salesforce::endpoint::{ApiBase, ApiVersion, LoginEndpoint};
use crate::salesforce::session::Session;
use crate::salesforce::soap::login::{self, Credentials, LoginError};
use crate::settings::{SecretFrom, Settings};
use crate::text::secret::Secret;
use crate::ui::Ui;
use crate::world::Environment;

/// What a command works with.
pub struct Context {
    /// The streams.
    pub ui: Arc<Ui>,
    /// The global options, resolved.
    pub settings: Settings,
    environment: Environment,
    stdin: RefCell<Option<Box<dyn Read + Send>>>,
    identity: OnceCell<Arc<Identity>>,
    transport: OnceCell<Arc<Transport>>,
    login_transport: OnceCell<Arc<Transport>>,
}

impl Context {
    /// Nothing is opened or connected yet.
    pub fn new(
        ui: Arc<Ui>,
        settings: Settings,
        environment: Environment,
        stdin: Box<dyn Read + Send>,
    ) -> Self {
        if settings.net.insecure {
            ui.warning("the server's certificate is not verified (--insecure)");
        }
        Self {
            ui,
            settings,
            environment,
            stdin: RefCell::new(Some(stdin)),
            identity: OnceCell::new(),
            transport: OnceCell::new(),
            login_transport: OnceCell::new(),
        }
    }

    /// The environment, for what only one command reads.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The client's identity, loaded at the first call.
    ///
    /// # Errors
    /// When none was named, or it cannot be loaded.
    pub fn identity(&self) -> Result<Arc<Identity>> {
        if let Some(identity) = self.identity.get() {
            return Ok(Arc::clone(identity));
        }
        let cert = self.settings.cert.as_deref().ok_or_else(|| {
            UsageError::new("no client certificate was given")
                .hint("name it with -E FILE (PKCS#12 or PEM), or set SFMTLS_CERT")
        })?;
        let source = identity::Source {
            cert: cert.to_owned(),
            key: self.settings.key.clone(),
        };
        let identity = Arc::new(identity::load(&source, &mut CertPassword(self))?);
        Ok(Arc::clone(self.identity.get_or_init(|| identity)))
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

    /// The door for a login: with the identity only where the endpoint wants it.
    fn transport_for(&self, endpoint: &LoginEndpoint) -> Result<Arc<Transport>> {
        match endpoint.role() {
            crate::net::Role::Api => self.transport(),
            crate::net::Role::Login => Ok(Arc::clone(
                self.login_transport
                    .get_or_init(|| self.new_transport(None)),
            )),
        }
    }

    fn new_transport(&self, identity: Option<Arc<Identity>>) -> Arc<Transport> {
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
    /// When neither `--session` nor a home directory names one.
    pub fn session_file(&self) -> Result<&Path> {
        match &self.settings.session_file {
            Ok(path) => Ok(path),
            Err(error) => Err(error.clone().into()),
        }
    }

    /// The session in the cache; `None` where there is no such file.
    ///
    /// # Errors
    /// When the file is there but cannot be trusted or read.
    pub fn cached_session(&self) -> Result<Option<Session>> {
        let Ok(file) = self.session_file() else {
            return Ok(None);
        };
        Ok(cache::load(file)?)
    }

    /// Where to log in.
    ///
    /// # Errors
    /// When `--login-url` is not a URL to log in at.
    pub fn login_endpoint(&self) -> Result<LoginEndpoint> {
        let settings = &self.settings;
        LoginEndpoint::parse(&settings.login_url, settings.login_port, settings.mtls_port)
            .map_err(|error| UsageError::new(error.to_string()).into())
    }

    /// The version that calls with this session are made at: asked for, else the login URL's, else
    /// the session's own.
    pub fn api_version(&self, session: &Session) -> ApiVersion {
        self.settings.api_version.unwrap_or(session.api_version)
    }

    /// Where this session's calls go.
    pub fn api_base(&self, session: &Session) -> ApiBase {
        session.api_base(self.settings.mtls_port, self.api_version(session))
    }

    /// Whether the environment alone is enough to log in.
    pub fn can_log_in(&self) -> bool {
        self.environment.text("SFMTLS_USERNAME").is_some()
            && self.environment.text("SFMTLS_PASSWORD").is_some()
    }

    /// User name, password and security token, from options, environment or a prompt.
    ///
    /// # Errors
    /// When one is missing and there is no terminal to ask on.
    pub fn credentials(&self, arguments: &Login) -> Result<Credentials> {
        let username = arguments
            .username
            .as_deref()
            .or_else(|| self.environment.text("SFMTLS_USERNAME"))
            .ok_or_else(|| {
                UsageError::new("no user name was given")
                    .hint("name it with -u USER, or set SFMTLS_USERNAME")
            })?;
        let password_from = SecretFrom::of(
            arguments.password_file.as_deref(),
            &self.environment,
            "SFMTLS_PASSWORD",
        );
        let password = self
            .secret(&password_from, &format!("Password of {username}: "))?
            .ok_or_else(|| {
                UsageError::new("no password was given, and there is no terminal to ask on").hint(
                    "use --password-file FILE, --password-file - with the password on standard input, or SFMTLS_PASSWORD",
                )
            })?;
        let token = match SecretFrom::of(
            arguments.security_token_file.as_deref(),
            &self.environment,
            "SFMTLS_SECURITY_TOKEN",
        ) {
            SecretFrom::Prompt => None,
            from => self.secret(&from, "")?,
        };
        Ok(Credentials {
            username: username.to_owned(),
            password,
            security_token: token,
        })
    }

    /// Logs in once.
    ///
    /// # Errors
    /// When the login is refused or its answer cannot be understood.
    pub fn log_in(&self, credentials: &Credentials) -> Result<Session> {
        let endpoint = self.login_endpoint()?;
        let transport = self.transport_for(&endpoint)?;
        let version = self.login_version(&endpoint);
        Ok(login::login(&transport, &endpoint, version, credentials)?.session)
    }

    fn login_version(&self, endpoint: &LoginEndpoint) -> ApiVersion {
        self.settings
            .api_version
            .or(endpoint.version())
            .unwrap_or_default()
    }

    /// A client with the cached session, or with a new one from credentials in the environment.
    ///
    /// # Errors
    /// When there is neither, or the identity cannot be loaded.
    pub fn client(&self) -> Result<Client> {
        let transport = self.transport()?;
        let renew = self.renewal()?;
        let session = match self.cached_session() {
            Ok(Some(session)) => session,
            Ok(None) if renew.is_none() => {
                let file = self.session_file()?.to_owned();
                return Err(NoSession { file }.into());
            }
            // With credentials at hand a missing or unusable cache stops nothing.
            Ok(None) => self.session_from_environment()?,
            Err(error) if renew.is_none() => return Err(error),
            Err(error) => {
                self.ui.warning(format_args!("{error}; logging in instead"));
                self.session_from_environment()?
            }
        };
        let version = self.api_version(&session);
        Ok(Client {
            transport,
            observer: Arc::clone(&self.ui) as _,
            policy: Policy::with_retries(self.settings.retries),
            mtls_port: self.settings.mtls_port,
            version,
            login: Mutex::new(LoggedIn { session, renew }),
        })
    }

    /// A client that never logs in by itself, for what ends a session.
    ///
    /// # Errors
    /// As [`Self::client`].
    pub fn client_without_renewal(&self) -> Result<Client> {
        let session = match self.cached_session()? {
            Some(session) => session,
            None => {
                let file = self.session_file()?.to_owned();
                return Err(NoSession { file }.into());
            }
        };
        Ok(Client {
            transport: self.transport()?,
            observer: Arc::clone(&self.ui) as _,
            policy: Policy::with_retries(0),
            mtls_port: self.settings.mtls_port,
            version: self.api_version(&session),
            login: Mutex::new(LoggedIn {
                session,
                renew: None,
            }),
        })
    }

    fn session_from_environment(&self) -> Result<Session> {
        let session = self.log_in(&self.environment_credentials())?;
        keep(
            &self.ui,
            self.settings.session_file.as_deref().ok(),
            &session,
        );
        Ok(session)
    }

    fn environment_credentials(&self) -> Credentials {
        let text = |name| self.environment.text(name);
        Credentials {
            username: text("SFMTLS_USERNAME").unwrap_or_default().to_owned(),
            password: Secret::new(text("SFMTLS_PASSWORD").unwrap_or_default()),
            security_token: text("SFMTLS_SECURITY_TOKEN").map(Secret::new),
        }
    }

    /// How an expired session is replaced, where the environment holds what that takes.
    fn renewal(&self) -> Result<Option<Renew>> {
        if !self.can_log_in() {
            return Ok(None);
        }
        let endpoint = self.login_endpoint()?;
        let transport = self.transport_for(&endpoint)?;
        let version = self.login_version(&endpoint);
        let credentials = self.environment_credentials();
        let file = self.settings.session_file.clone().ok();
        let ui = Arc::clone(&self.ui);
        Ok(Some(Box::new(move || {
            let session = login::login(&transport, &endpoint, version, &credentials)?.session;
            keep(&ui, file.as_deref(), &session);
            Ok::<_, LoginError>(session)
        })))
    }

    /// Reads a secret: exactly one line end at its end is dropped. `None` where there was nothing
    /// but a prompt and no terminal to ask on.
    fn secret(&self, from: &SecretFrom, question: &str) -> Result<Option<Secret>> {
        match from {
            SecretFrom::Value(value) => Ok(Some(value.clone())),
            SecretFrom::Prompt => self.ui.ask(question).context("cannot ask on the terminal"),
            SecretFrom::File(path) => {
                let mut text = self.read_text(path)?;
                if text.ends_with('\n') {
                    text.pop();
                    if text.ends_with('\r') {
                        text.pop();
                    }
                }
                Ok(Some(Secret::new(text)))
            }
        }
    }

    /// Reads a small text file, or standard input for `-`, which can be read once.
    ///
    /// # Errors
    /// When it cannot be read, is not UTF-8, or standard input was read before.
    pub fn read_text(&self, path: &Path) -> Result<String> {
        if path != Path::new("-") {
            return std::fs::read_to_string(path).map_err(|source| {
                InputError {
                    name: path.display().to_string(),
                    source,
                }
                .into()
            });
        }
        let mut stdin = self.stdin.borrow_mut().take().ok_or_else(|| {
            UsageError::new("two options read standard input").hint("use a file for one of them")
        })?;
        let mut text = String::new();
        stdin
            .read_to_string(&mut text)
            .map_err(|source| InputError {
                name: "standard input".to_owned(),
                source,
            })?;
        Ok(text)
    }
}

/// Saves a session that came from credentials at hand. A home that cannot be written to is no
/// error: the session lives in memory then.
fn keep(ui: &Ui, file: Option<&Path>, session: &Session) {
    let Some(file) = file else { return };
    if let Err(error) = cache::store(file, session) {
        ui.note(format_args!(
            "the session is not kept for the next command: {error}"
        ));
    }
}

/// The identity's password, asked for only when the file turns out to be encrypted.
struct CertPassword<'a>(&'a Context);

impl PasswordSource for CertPassword<'_> {
    fn password(&mut self, file: &Path) -> io::Result<Option<Secret>> {
        let question = format!("Password of {}: ", file.display());
        self.0
            .secret(&self.0.settings.cert_password, &question)
            .map_err(|error| io::Error::other(format!("{error:#}")))
    }
}
