//! The ways to log in: which one was asked for, and what it takes.
//!
//! An option names the method. Without one the environment decides: access token, JWT bearer, client
//! credentials, SOAP, the first that it holds everything for.

use std::path::{Path, PathBuf, absolute};

use anyhow::Result;
use openssl::pkey::{PKey, Private};

use super::Context;
use super::jwt_key::{others_can_read, read_key};
use crate::cli;
use crate::error::UsageError;
use crate::salesforce::endpoint::{LoginEndpoint, ServerUrl, is_login_service};
use crate::salesforce::oauth::{self, ClientCredentials, JwtBearer};
use crate::salesforce::soap::login::Credentials;
use crate::settings::{Setting, SettingSource};
use crate::text::secret::{Secret, Words};

const CLIENT_ID: &str = "SFMTLS_CLIENT_ID";
const CLIENT_SECRET: &str = "SFMTLS_CLIENT_SECRET";
const JWT_KEY_FILE: &str = "SFMTLS_JWT_KEY_FILE";
const ACCESS_TOKEN: &str = "SF_ACCESS_TOKEN";
const INSTANCE_URL: &str = "SF_ORG_INSTANCE_URL";
const USERNAME: &str = "SFMTLS_USERNAME";
const PASSWORD: &str = "SFMTLS_PASSWORD";

/// A way to a session, with all that it takes.
pub enum LoginMethod {
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

/// The ways that the environment may hold everything for.
enum Kind {
    AccessToken,
    Jwt,
    ClientCredentials,
    Soap,
}

impl LoginMethod {
    /// Whether the session comes from elsewhere, so that nobody has said yet whose it is.
    pub fn takes_over(&self) -> bool {
        matches!(self, Self::AccessToken(..) | Self::SalesforceCli(_))
    }
}

impl Context {
    /// The way that options and environment say, with its secrets, which may be asked for.
    ///
    /// # Errors
    /// When something is missing and standard input is not a terminal to ask on, or a file cannot be read.
    pub fn login_method(&self, arguments: &cli::Login) -> Result<LoginMethod> {
        self.method_to(&self.settings.login, arguments)
    }

    fn method_to(&self, endpoint: &LoginEndpoint, arguments: &cli::Login) -> Result<LoginMethod> {
        if let Some(alias) = &arguments.from_sf {
            return Ok(LoginMethod::SalesforceCli(alias.clone()));
        }
        if arguments.instance_url.is_some() && arguments.username.is_some() {
            // The Salesforce CLI calls the login URL so.
            return Err(UsageError::new(
                "--instance-url belongs to an access token, not to a user",
            )
            .hint("name the place to log in with --login-url URL")
            .into());
        }
        if arguments.access_token_file.is_some() || arguments.instance_url.is_some() {
            return self.access_token(arguments);
        }
        if arguments.jwt_key_file.is_some() {
            return self.jwt(endpoint, arguments);
        }
        if arguments.client_credentials {
            return self.client_credentials(endpoint, arguments);
        }
        if arguments.password_file.is_some() {
            return self.soap(arguments);
        }
        match self.method_in_environment(arguments) {
            Some(Kind::AccessToken) => self.access_token(arguments),
            Some(Kind::Jwt) => self.jwt(endpoint, arguments),
            Some(Kind::ClientCredentials) => self.client_credentials(endpoint, arguments),
            Some(Kind::Soap) | None => self.soap(arguments),
        }
    }

    /// The first way that the environment holds everything for, but for the user and the client ID,
    /// which options may name.
    fn method_in_environment(&self, arguments: &cli::Login) -> Option<Kind> {
        let is_set = |name| self.environment().text(name).is_some();
        // These two are of no user that could be named.
        let for_anybody = arguments.username.is_none();
        let has_user = !for_anybody || is_set(USERNAME);
        let has_client = arguments.client_id.is_some() || is_set(CLIENT_ID);
        if for_anybody && is_set(ACCESS_TOKEN) && is_set(INSTANCE_URL) {
            Some(Kind::AccessToken)
        } else if is_set(JWT_KEY_FILE) && has_client && has_user {
            Some(Kind::Jwt)
        } else if for_anybody && is_set(CLIENT_ID) && is_set(CLIENT_SECRET) {
            Some(Kind::ClientCredentials)
        } else if is_set(PASSWORD) && has_user {
            Some(Kind::Soap)
        } else {
            None
        }
    }

    /// The user that the environment names; `None` also where it holds everything for a way that is of
    /// no user, which comes first.
    pub(super) fn user_named(&self) -> Option<&str> {
        match self.method_in_environment(&cli::Login::default()) {
            Some(Kind::AccessToken | Kind::ClientCredentials) => None,
            Some(Kind::Jwt | Kind::Soap) | None => self.environment().text(USERNAME),
        }
    }

    /// Whether the environment alone holds everything for a method.
    pub fn has_method_at_hand(&self) -> bool {
        self.method_in_environment(&cli::Login::default()).is_some()
    }

    /// That way, to a login endpoint.
    ///
    /// # Errors
    /// When a file that it names cannot be read, or the endpoint does not take it.
    pub(super) fn method_at_hand(&self, endpoint: &LoginEndpoint) -> Result<Option<LoginMethod>> {
        match self.has_method_at_hand() {
            true => self.method_to(endpoint, &cli::Login::default()).map(Some),
            false => Ok(None),
        }
    }

    fn soap(&self, arguments: &cli::Login) -> Result<LoginMethod> {
        const METHOD: &str = "a login by password";
        refuse("--client-id", arguments.client_id.is_some(), METHOD)?;
        refuse("--audience", arguments.audience.is_some(), METHOD)?;
        Ok(LoginMethod::Soap(self.credentials(arguments)?))
    }

    fn access_token(&self, arguments: &cli::Login) -> Result<LoginMethod> {
        const METHOD: &str = "an access token";
        refuse("--client-id", arguments.client_id.is_some(), METHOD)?;
        refuse("--audience", arguments.audience.is_some(), METHOD)?;
        refuse_security_token(arguments, METHOD)?;
        let file = arguments.access_token_file.as_deref();
        let from = self.secret_from("access token", file, "access-token-file", ACCESS_TOKEN);
        let token = self
            .secret_to_send(&from, "Access token: ")?
            .filter(|token| !token.is_empty())
            .ok_or_else(|| {
                UsageError::new("no access token was given").hint(
                    "use --access-token-file FILE, \"-\" for standard input, or SF_ACCESS_TOKEN",
                )
            })?;
        let url = self
            .option_or_variable(
                "instance-url",
                arguments.instance_url.as_deref(),
                INSTANCE_URL,
            )
            .ok_or_else(|| {
                UsageError::new("no instance URL was given for the access token").hint(
                    "use --instance-url https://NAME.my.salesforce.com, or SF_ORG_INSTANCE_URL",
                )
            })?;
        let url = match url.contains("://") {
            true => url,
            false => format!("https://{url}"),
        };
        let server = ServerUrl::parse(&url)
            .map_err(|error| UsageError::new(format!("the instance URL: {error}")))?;
        Ok(LoginMethod::AccessToken(token, server))
    }

    fn jwt(&self, endpoint: &LoginEndpoint, arguments: &cli::Login) -> Result<LoginMethod> {
        refuse_security_token(arguments, "the JWT bearer flow")?;
        let variable = self.environment().os(JWT_KEY_FILE).map(PathBuf::from);
        let (file, source) = match (&arguments.jwt_key_file, variable) {
            (Some(file), _) => (file.clone(), SettingSource::Flag("jwt-key-file")),
            (None, Some(file)) => (file, SettingSource::Variable(JWT_KEY_FILE)),
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
                let audience = oauth::audience_of(endpoint);
                self.trace(format_args!("audience = {audience} (default)"));
                audience
            }
        };
        Ok(LoginMethod::Jwt(Box::new(JwtBearer {
            client_id,
            username,
            audience,
            key: self.jwt_key(&file)?,
            key_file: absolute_path(&file),
        })))
    }

    fn client_credentials(
        &self,
        endpoint: &LoginEndpoint,
        arguments: &cli::Login,
    ) -> Result<LoginMethod> {
        const METHOD: &str = "the client credentials flow";
        refuse("--audience", arguments.audience.is_some(), METHOD)?;
        refuse_security_token(arguments, METHOD)?;
        let host = endpoint.host();
        if is_login_service(host) {
            return Err(UsageError::new(format!(
                "{host} does not offer the client credentials flow"
            ))
            .hint("name the org's My Domain: --login-url https://NAME.my.salesforce.com")
            .into());
        }
        let client_id = self.client_id(arguments)?;
        let file = arguments.client_secret_file.as_deref();
        let from = self.secret_from("client secret", file, "client-secret-file", CLIENT_SECRET);
        let client_secret = self
            .secret_to_send(&from, "Consumer secret: ")?
            .filter(|secret| !secret.is_empty())
            .ok_or_else(|| {
                UsageError::new("no client secret was given, and standard input is not a terminal to ask on").hint(
                    "use --client-secret-file FILE, \"-\" for standard input, or SFMTLS_CLIENT_SECRET",
                )
            })?;
        Ok(LoginMethod::ClientCredentials(ClientCredentials {
            client_id,
            client_secret,
            secret_file: file
                .filter(|file| *file != Path::new("-"))
                .map(absolute_path),
        }))
    }

    fn client_id(&self, arguments: &cli::Login) -> Result<String, UsageError> {
        self.option_or_variable("client-id", arguments.client_id.as_deref(), CLIENT_ID)
            .ok_or_else(|| {
                UsageError::new("no client ID was given").hint(
                    "name the app's consumer key with --client-id ID, or set SFMTLS_CLIENT_ID",
                )
            })
    }

    /// A value of the command line, else of the environment; told with `-v`.
    fn option_or_variable(
        &self,
        option: &'static str,
        flag: Option<&str>,
        variable: &'static str,
    ) -> Option<String> {
        let (value, source) = match (flag, self.environment().text(variable)) {
            (Some(value), _) => (value, SettingSource::Flag(option)),
            (None, Some(value)) => (value, SettingSource::Variable(variable)),
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
}

/// Refuses an option that a way has no use for. Where an option names the way, the command line has
/// refused it already; here the environment may have named it.
fn refuse(option: &str, is_given: bool, method: &str) -> Result<(), UsageError> {
    match is_given {
        true => Err(
            UsageError::new(format!("{option} has no effect on {method}")).hint(
                format!("leave out {option}, or choose the method: --password-file, --jwt-key-file, --client-credentials"),
            ),
        ),
        false => Ok(()),
    }
}

fn refuse_security_token(arguments: &cli::Login, method: &str) -> Result<(), UsageError> {
    let is_given = arguments.security_token_file.is_some();
    refuse("--security-token-file", is_given, method)
}

/// A name that means the same file from another folder.
fn absolute_path(file: &Path) -> PathBuf {
    absolute(file).unwrap_or_else(|_| file.to_owned())
}
