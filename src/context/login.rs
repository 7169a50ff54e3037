//! The ways to a session: which one was asked for, what it takes, and how an expired one is replaced.
//!
//! An option names the way. Without one the environment decides: access token, JWT bearer, client
//! credentials, SOAP, the first that it holds everything for.

use std::path::{Path, PathBuf, absolute};
use std::sync::Arc;

use anyhow::Result;
use openssl::pkey::{PKey, Private};

use super::input::{LONGEST_SECRET, read_file};
use super::jwt_key::{others_can_read, read_key};
use super::{Context, keep, secrets};
use crate::cli;
use crate::error::UsageError;
use crate::net::{Role, TlsVersion, Transport};
use crate::salesforce::client::{ClientError, Renewal};
use crate::salesforce::endpoint::{ApiVersion, LoginEndpoint, ServerUrl};
use crate::salesforce::oauth::{self, ClientCredentials, JwtBearer};
use crate::salesforce::session::{Origin, Session, is_jwt};
use crate::salesforce::sf;
use crate::salesforce::soap::login::{self, Credentials};
use crate::settings::{Origin as Setting, SecretFrom, Source};
use crate::text::secret::{Secret, Words};

const CLIENT_ID: &str = "SFMTLS_CLIENT_ID";
const CLIENT_SECRET: &str = "SFMTLS_CLIENT_SECRET";
const JWT_KEY_FILE: &str = "SFMTLS_JWT_KEY_FILE";
const ACCESS_TOKEN: &str = "SF_ACCESS_TOKEN";
const INSTANCE_URL: &str = "SF_ORG_INSTANCE_URL";

/// A way to a session, with all that it takes.
pub enum Way {
    /// SOAP `login()`.
    Soap(Credentials),
    /// OAuth, JWT bearer flow.
    Jwt(Box<JwtBearer>),
    /// OAuth, client credentials flow.
    ClientCredentials(ClientCredentials),
    /// An access token, and the host that it belongs to.
    AccessToken(Secret, ServerUrl),
    /// The Salesforce CLI, by an alias or user name of its own.
    SalesforceCli(String),
}

impl Way {
    /// Whether the session comes from elsewhere, so that nobody has said yet whose it is.
    pub fn takes_over(&self) -> bool {
        matches!(self, Self::AccessToken(..) | Self::SalesforceCli(_))
    }
}

impl Context {
    /// The way that options and environment say, with its secrets, which may be asked for.
    ///
    /// # Errors
    /// When something is missing and there is no terminal to ask on, or a file cannot be read.
    pub fn way(&self, arguments: &cli::Login) -> Result<Way> {
        if let Some(alias) = &arguments.from_sf {
            return Ok(Way::SalesforceCli(alias.clone()));
        }
        if arguments.instance_url.is_some() && arguments.username.is_some() {
            // The Salesforce CLI calls the login URL so.
            return Err(UsageError::new(
                "--instance-url belongs to an access token, not to a user",
            )
            .hint("where to log in is said by --login-url URL")
            .into());
        }
        if arguments.access_token_file.is_some() || arguments.instance_url.is_some() {
            return self.access_token(arguments);
        }
        if arguments.jwt_key_file.is_some() {
            return self.jwt(arguments);
        }
        if arguments.client_credentials {
            return self.app(arguments);
        }
        if arguments.password_file.is_some() {
            return Ok(Way::Soap(self.credentials(arguments)?));
        }
        let is_set = |name| self.environment().text(name).is_some();
        let user_is_named = arguments.username.is_some();
        if !user_is_named && is_set(ACCESS_TOKEN) && is_set(INSTANCE_URL) {
            return self.access_token(arguments);
        }
        if self.environment().os(JWT_KEY_FILE).is_some()
            && (arguments.client_id.is_some() || is_set(CLIENT_ID))
        {
            return self.jwt(arguments);
        }
        if !user_is_named && is_set(CLIENT_ID) && is_set(CLIENT_SECRET) {
            return self.app(arguments);
        }
        Ok(Way::Soap(self.credentials(arguments)?))
    }

    /// Whether the environment alone holds everything for a way.
    pub fn has_way_at_hand(&self) -> bool {
        let is_set = |name| self.environment().os(name).is_some();
        let has_user = is_set("SFMTLS_USERNAME");
        is_set(ACCESS_TOKEN) && is_set(INSTANCE_URL)
            || is_set(JWT_KEY_FILE) && is_set(CLIENT_ID) && has_user
            || is_set(CLIENT_ID) && is_set(CLIENT_SECRET)
            || is_set("SFMTLS_PASSWORD") && has_user
    }

    /// That way.
    ///
    /// # Errors
    /// When a file that it names cannot be read.
    pub(super) fn way_at_hand(&self) -> Result<Option<Way>> {
        match self.has_way_at_hand() {
            true => self.way(&cli::Login::default()).map(Some),
            false => Ok(None),
        }
    }

    fn access_token(&self, arguments: &cli::Login) -> Result<Way> {
        let file = arguments.access_token_file.as_deref();
        let from = SecretFrom::of(file, self.environment(), ACCESS_TOKEN);
        self.trace_secret("access token", "access-token-file", ACCESS_TOKEN, &from);
        let token = self
            .secret(&from, "Access token: ")?
            .filter(|token| !token.is_empty())
            .ok_or_else(|| {
                UsageError::new("no access token was given").hint(
                    "use --access-token-file FILE, \"-\" for standard input, or SF_ACCESS_TOKEN",
                )
            })?;
        let url = self
            .named(
                "instance-url",
                arguments.instance_url.as_deref(),
                INSTANCE_URL,
            )
            .ok_or_else(|| {
                UsageError::new("nobody said where the access token's org is").hint(
                    "use --instance-url https://NAME.my.salesforce.com, or SF_ORG_INSTANCE_URL",
                )
            })?;
        let url = match url.contains("://") {
            true => url,
            false => format!("https://{url}"),
        };
        let server = ServerUrl::parse(&url)
            .map_err(|error| UsageError::new(format!("the instance URL: {error}")))?;
        Ok(Way::AccessToken(token, server))
    }

    fn jwt(&self, arguments: &cli::Login) -> Result<Way> {
        let variable = self.environment().os(JWT_KEY_FILE).map(PathBuf::from);
        let (file, source) = match (&arguments.jwt_key_file, variable) {
            (Some(file), _) => (file.clone(), Source::Flag("jwt-key-file")),
            (None, Some(file)) => (file, Source::Variable(JWT_KEY_FILE)),
            (None, None) => return Err(UsageError::new("no key for the JWT was given").into()),
        };
        self.trace(Setting {
            name: "jwt-key-file",
            value: file.display().to_string(),
            source,
        });
        let client_id = self.client_id(arguments)?;
        let username = self.username(arguments)?;
        let audience = match &arguments.audience {
            Some(audience) => audience.clone(),
            None => {
                let audience = oauth::audience_of(&self.settings.login);
                self.trace(format_args!("audience = {audience} (default)"));
                audience
            }
        };
        Ok(Way::Jwt(Box::new(JwtBearer {
            client_id,
            username,
            audience,
            key: self.jwt_key(&file)?,
            key_file: lasting(&file),
        })))
    }

    fn app(&self, arguments: &cli::Login) -> Result<Way> {
        let host = self.settings.login.host();
        if matches!(host, "login.salesforce.com" | "test.salesforce.com") {
            return Err(
                UsageError::new(format!("client credentials are not to be had at {host}"))
                    .hint("name the org's My Domain: --login-url https://NAME.my.salesforce.com")
                    .into(),
            );
        }
        let client_id = self.client_id(arguments)?;
        let file = arguments.client_secret_file.as_deref();
        let from = SecretFrom::of(file, self.environment(), CLIENT_SECRET);
        self.trace_secret("client secret", "client-secret-file", CLIENT_SECRET, &from);
        let client_secret = self
            .secret(&from, "Consumer secret: ")?
            .filter(|secret| !secret.is_empty())
            .ok_or_else(|| {
                UsageError::new("no client secret was given, and there is no terminal to ask on").hint(
                    "use --client-secret-file FILE, \"-\" for standard input, or SFMTLS_CLIENT_SECRET",
                )
            })?;
        Ok(Way::ClientCredentials(ClientCredentials {
            client_id,
            client_secret,
            secret_file: file.filter(|file| *file != Path::new("-")).map(lasting),
        }))
    }

    fn client_id(&self, arguments: &cli::Login) -> Result<String, UsageError> {
        self.named("client-id", arguments.client_id.as_deref(), CLIENT_ID)
            .ok_or_else(|| {
                UsageError::new("no client ID was given").hint(
                    "name the app's consumer key with --client-id ID, or set SFMTLS_CLIENT_ID",
                )
            })
    }

    /// A value of the command line, else of the environment; told with `-v`.
    fn named(
        &self,
        option: &'static str,
        flag: Option<&str>,
        variable: &'static str,
    ) -> Option<String> {
        let (value, source) = match (flag, self.environment().text(variable)) {
            (Some(value), _) => (value, Source::Flag(option)),
            (None, Some(value)) => (value, Source::Variable(variable)),
            (None, None) => return None,
        };
        self.trace(Setting {
            name: option,
            value: value.to_owned(),
            source,
        });
        Some(value.to_owned())
    }

    /// Reads the key that signs assertions.
    fn jwt_key(&self, file: &Path) -> Result<PKey<Private>> {
        if others_can_read(file) {
            self.ui.warning(Words::ours(format_args!(
                "others on this machine can read the private key in {}: chmod 600 makes it yours alone",
                file.display()
            )));
        }
        read_key(file)
    }

    /// Logs in once.
    ///
    /// # Errors
    /// When the login is refused or its answer cannot be understood.
    pub fn log_in(&self, way: &Way) -> Result<Session> {
        self.came_by(way);
        let version = self.settings.api_version.unwrap_or_default();
        if self.settings.api_version.is_none() {
            self.trace(format_args!("api-version = {version} (default)"));
        }
        let session = match way {
            Way::AccessToken(token, server) => taken_over(token, server, version, self.now()),
            Way::SalesforceCli(alias) => sf::session(alias, version, self.clock())?,
            way => {
                let endpoint = &self.settings.login;
                let transport = self.login_transport(endpoint)?;
                ask(way, &transport, endpoint, version, self.clock())?
            }
        };
        secrets::hide_session(&self.ui, &session);
        if is_jwt(&session.id) {
            self.ui.warning(
                "the access token is a JWT: SOAP and Bulk API 1.0 refuse it, Bulk API 2.0 takes it (--bulk-api 2)",
            );
        }
        Ok(session)
    }

    /// The door for a login: with the identity only where the endpoint wants it.
    fn login_transport(&self, endpoint: &LoginEndpoint) -> Result<Arc<Transport>> {
        let tls_1_3 = self.settings.net.tls_min == TlsVersion::V1_3;
        match endpoint.role() {
            Role::Api => self.transport(),
            // Secure Transport, which native-tls takes there, ends at TLS 1.2.
            Role::Login if tls_1_3 && cfg!(target_os = "macos") => Err(UsageError::new(
                "TLS 1.3 is not to be had on macOS for a login on the port without mutual TLS",
            )
            .hint("log in without --tls-min 1.3; the calls can have it")
            .into()),
            Role::Login => Ok(Arc::clone(
                self.login_transport
                    .get_or_init(|| self.new_transport(None)),
            )),
        }
    }

    /// How an expired session is replaced, where what that takes is at hand without asking: in the
    /// environment, else in files whose names are in the cache.
    ///
    /// # Errors
    /// When there is no way to the login endpoint that the environment's way goes to.
    pub(super) fn renewal(
        &self,
        at_hand: Option<Arc<Way>>,
        cached: Option<&Session>,
    ) -> Result<Option<Renewal>> {
        // The same token once more is no new session.
        let at_hand = at_hand.filter(|way| !way.takes_over());
        if let Some(way) = at_hand {
            let endpoint = self.settings.login.clone();
            let transport = self.login_transport(&endpoint)?;
            let version = self.settings.api_version.unwrap_or_default();
            let now = self.clock();
            return Ok(Some(self.renewal_by(move || {
                ask(&way, &transport, &endpoint, version, now)
            })));
        }
        let Some(session) = cached else {
            return Ok(None);
        };
        self.renewal_by_cache(session)
    }

    fn renewal_by_cache(&self, session: &Session) -> Result<Option<Renewal>> {
        let (Origin::JwtBearer { login_url, .. }
        | Origin::ClientCredentials {
            login_url,
            secret_file: Some(_),
            ..
        }) = &session.origin
        else {
            return Ok(None);
        };
        let (login_port, mtls_port) = (self.settings.login_port, self.settings.mtls_port);
        let Ok(endpoint) = LoginEndpoint::parse(login_url, login_port, mtls_port) else {
            return Ok(None);
        };
        let Ok(transport) = self.login_transport(&endpoint) else {
            // Should it expire, that is told; until then nothing is missing.
            return Ok(None);
        };
        let (origin, version) = (session.origin.clone(), session.api_version);
        let now = self.clock();
        let hides = Arc::clone(&self.ui);
        Ok(Some(self.renewal_by(move || {
            // Only now the files are read: a session that lasts needs none.
            let way = remembered(&origin).map_err(|error| ClientError::NotRenewable {
                reason: format!("{error:#}"),
            })?;
            if let Way::ClientCredentials(app) = &way {
                hides.never_show(&app.client_secret);
            }
            ask(&way, &transport, &endpoint, version, now)
        })))
    }

    fn renewal_by(
        &self,
        log_in: impl Fn() -> Result<Session, ClientError> + Send + 'static,
    ) -> Renewal {
        let file = self.settings.session_file.clone();
        let ui = Arc::clone(&self.ui);
        let hides = Arc::clone(&self.ui);
        Renewal {
            log_in: Box::new(move || {
                let session = log_in()?;
                secrets::hide_session(&hides, &session);
                Ok(session)
            }),
            keep: Box::new(move |session| keep(&ui, file.as_deref(), session)),
        }
    }
}

/// Asks for a session by a way that goes to an endpoint.
fn ask(
    way: &Way,
    transport: &Transport,
    endpoint: &LoginEndpoint,
    version: ApiVersion,
    now: fn() -> std::time::SystemTime,
) -> Result<Session, ClientError> {
    match way {
        Way::Soap(credentials) => {
            Ok(login::login(transport, endpoint, version, credentials, now)?.session)
        }
        Way::Jwt(login) => Ok(oauth::jwt_bearer(transport, endpoint, version, login, now)?),
        Way::ClientCredentials(app) => Ok(oauth::client_credentials(
            transport, endpoint, version, app, now,
        )?),
        Way::AccessToken(token, server) => Ok(taken_over(token, server, version, now())),
        // Never at hand: it takes a program that is not ours.
        Way::SalesforceCli(alias) => Err(ClientError::NotRenewable {
            reason: format!("{alias} is the Salesforce CLI's to renew"),
        }),
    }
}

fn taken_over(
    token: &Secret,
    server: &ServerUrl,
    version: ApiVersion,
    now: std::time::SystemTime,
) -> Session {
    Session {
        id: token.clone(),
        server_url: server.clone(),
        username: None,
        user_id: None,
        organization_id: None,
        api_version: version,
        origin: Origin::AccessToken,
        obtained_at: now,
        idle: None,
    }
}

/// The way that a cached session came, its files read anew.
fn remembered(origin: &Origin) -> Result<Way> {
    Ok(match origin {
        Origin::JwtBearer {
            client_id,
            username,
            audience,
            key_file,
            ..
        } => Way::Jwt(Box::new(JwtBearer {
            client_id: client_id.clone(),
            username: username.clone(),
            audience: audience.clone(),
            key: read_key(key_file)?,
            key_file: key_file.clone(),
        })),
        Origin::ClientCredentials {
            client_id,
            secret_file: Some(file),
            ..
        } => Way::ClientCredentials(ClientCredentials {
            client_id: client_id.clone(),
            client_secret: secrets::line(&read_file(file, LONGEST_SECRET)?),
            secret_file: Some(file.clone()),
        }),
        _ => anyhow::bail!("the cache does not say how to get another"),
    })
}

/// A name that means the same file from another folder.
fn lasting(file: &Path) -> PathBuf {
    absolute(file).unwrap_or_else(|_| file.to_owned())
}
