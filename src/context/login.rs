//! Logging in, and how an expired session is replaced.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::SystemTime;

use anyhow::Result;

use super::input::read_secret;
use super::jwt_key::read_key;
use super::login_method::LoginMethod;
use super::{Context, keep, program, secrets};
use crate::error::UsageError;
use crate::net::{Role, TlsVersion, Transport};
use crate::salesforce::client::{ClientError, Renewal};
use crate::salesforce::endpoint::{ApiVersion, LoginEndpoint, ServerUrl};
use crate::salesforce::oauth::{self, ClientCredentials, JwtBearer};
use crate::salesforce::session::{Origin, Session, is_jwt};
use crate::salesforce::sf;
use crate::salesforce::soap::login;
use crate::text::secret::Secret;

impl Context {
    /// Logs in once.
    ///
    /// # Errors
    /// When the login is refused or its answer cannot be understood.
    pub fn log_in(&self, method: &LoginMethod) -> Result<Session> {
        self.came_by(method);
        let version = self.settings.api_version.unwrap_or_default();
        if self.settings.api_version.is_none() {
            self.trace(format_args!("api-version = {version} (default)"));
        }
        let session = match method {
            LoginMethod::AccessToken(token, server) => {
                taken_over(token, server, version, self.now())
            }
            LoginMethod::SalesforceCli(alias) => {
                let run = |arguments: &[&str]| {
                    let mut sf = Command::new(sf::SF);
                    program::run(sf.args(arguments).stdin(Stdio::null()), sf::LIMIT)
                };
                sf::session(&run, alias, version, self.clock())?
            }
            method => {
                let endpoint = &self.settings.login;
                let transport = self.login_transport(endpoint)?;
                ask(method, &transport, endpoint, version, self.clock())?
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
                "macOS has no TLS 1.3 for a login on the port without mutual TLS",
            )
            .hint("log in without --tls-min 1.3; the calls can have it")
            .into()),
            Role::Login => Ok(Arc::clone(
                self.login_transport
                    .get_or_init(|| self.new_transport(None)),
            )),
        }
    }

    /// Where the session that follows this one comes from: the endpoint that somebody named, else the
    /// one that this one came from.
    fn login_after(&self, session: &Session) -> LoginEndpoint {
        let (login_port, mtls_port) = (self.settings.login_port, self.settings.mtls_port);
        let url = session.login_url().filter(|_| !self.login_url_is_named());
        url.and_then(|url| LoginEndpoint::parse(url, login_port, mtls_port).ok())
            .unwrap_or_else(|| self.settings.login.clone())
    }

    /// How an expired session is replaced, where what that takes is at hand without asking: in the
    /// environment, else in files whose names are in the cache.
    ///
    /// # Errors
    /// When there is no way to the login endpoint.
    pub(super) fn renewal(&self, session: &Session) -> Result<Option<Renewal>> {
        let endpoint = self.login_after(session);
        match self.method_at_hand(&endpoint) {
            // The same token once more is no new session.
            Ok(Some(method)) if !method.takes_over() => {
                let version = self.api_version(session);
                self.renewal_by_method(Arc::new(method), endpoint, version)
            }
            Ok(_) => self.renewal_by_cache(session),
            // A session that lasts needs none.
            Err(error) => Ok(Some(
                self.renewal_by(&endpoint, move || Err(not_renewable(&error))),
            )),
        }
    }

    /// The same, by one way; `None` where it gives no other session.
    ///
    /// # Errors
    /// When there is no way to the login endpoint.
    pub(super) fn renewal_by_method(
        &self,
        method: Arc<LoginMethod>,
        endpoint: LoginEndpoint,
        version: ApiVersion,
    ) -> Result<Option<Renewal>> {
        if method.takes_over() {
            return Ok(None);
        }
        let transport = self.login_transport(&endpoint)?;
        let now = self.clock();
        let to = endpoint.clone();
        Ok(Some(self.renewal_by(&endpoint, move || {
            ask(&method, &transport, &to, version, now)
        })))
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
        let to = endpoint.clone();
        Ok(Some(self.renewal_by(&endpoint, move || {
            // Only now the files are read: a session that lasts needs none.
            let method = remembered(&origin).map_err(|error| not_renewable(&error))?;
            if let LoginMethod::ClientCredentials(app) = &method {
                hides.never_show(&app.client_secret);
            }
            ask(&method, &transport, &to, version, now)
        })))
    }

    fn renewal_by(
        &self,
        endpoint: &LoginEndpoint,
        log_in: impl Fn() -> Result<Session, ClientError> + Send + 'static,
    ) -> Renewal {
        let file = self.settings.session_file.clone();
        let ui = Arc::clone(&self.ui);
        let hides = Arc::clone(&self.ui);
        Renewal {
            login_url: endpoint.url(),
            log_in: Box::new(move || {
                let session = log_in()?;
                secrets::hide_session(&hides, &session);
                Ok(session)
            }),
            keep: Box::new(move |session| keep(&ui, file.as_deref(), session)),
        }
    }
}

fn not_renewable(error: &anyhow::Error) -> ClientError {
    ClientError::NotRenewable {
        reason: format!("{error:#}"),
    }
}

/// Asks for a session by a way that goes to an endpoint.
fn ask(
    method: &LoginMethod,
    transport: &Transport,
    endpoint: &LoginEndpoint,
    version: ApiVersion,
    now: fn() -> SystemTime,
) -> Result<Session, ClientError> {
    match method {
        LoginMethod::Soap(credentials) => Ok(login::login(
            transport,
            endpoint,
            version,
            credentials,
            now,
        )?),
        LoginMethod::Jwt(login) => Ok(oauth::jwt_bearer(transport, endpoint, version, login, now)?),
        LoginMethod::ClientCredentials(app) => Ok(oauth::client_credentials(
            transport, endpoint, version, app, now,
        )?),
        LoginMethod::AccessToken(token, server) => Ok(taken_over(token, server, version, now())),
        // Never at hand: it takes a program that is not ours.
        LoginMethod::SalesforceCli(alias) => Err(ClientError::NotRenewable {
            reason: format!("{alias} is the Salesforce CLI's to renew"),
        }),
    }
}

fn taken_over(token: &Secret, server: &ServerUrl, version: ApiVersion, now: SystemTime) -> Session {
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
fn remembered(origin: &Origin) -> Result<LoginMethod> {
    Ok(match origin {
        Origin::JwtBearer {
            client_id,
            username,
            audience,
            key_file,
            ..
        } => LoginMethod::Jwt(Box::new(JwtBearer {
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
        } => LoginMethod::ClientCredentials(ClientCredentials {
            client_id: client_id.clone(),
            client_secret: read_secret(file)?,
            secret_file: Some(file.clone()),
        }),
        _ => anyhow::bail!("the cache does not say how to get another"),
    })
}
