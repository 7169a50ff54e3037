//! Sessions from OAuth 2.0's token endpoint, for orgs without SOAP `login()`: by the JWT bearer flow
//! (RFC 7523) or client credentials (RFC 6749 4.4).
//!
//! An access token serves as a session ID. Neither flow gives a refresh token, and none is needed: the
//! same request can be made again. It is sent once and never retried, as for `login()`.

mod assertion;
mod refusal;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::SystemTime;

use http::Method;
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

pub use refusal::{TokenRefusal, token_refusal};

use super::answer::AnswerError;
use super::call::{CallError, Expected, SMALL_ANSWER, exchange};
use super::endpoint::{
    ApiVersion, EndpointError, LOGIN_URL, LoginEndpoint, SANDBOX_LOGIN_URL, ServerUrl,
};
use super::session::{Origin, Session};
use crate::net::{Request, Transport};
use crate::text::secret::{Secret, SecretText};

/// What a login by the JWT bearer flow needs.
pub struct JwtBearer {
    /// The app's consumer key.
    pub client_id: String,
    /// The user's login name.
    pub username: String,
    /// The assertion's audience ([`audience_of`]).
    pub audience: String,
    /// An RSA key; its certificate is uploaded in the app.
    pub key: PKey<Private>,
    /// The key's file, to be kept with the session.
    pub key_file: PathBuf,
}

/// What a login by client credentials needs; the user is the one that the app runs as.
pub struct ClientCredentials {
    /// The app's consumer key.
    pub client_id: String,
    /// The app's consumer secret.
    pub client_secret: Secret,
    /// The secret's file, to be kept with the session; `None` if it came from elsewhere.
    pub secret_file: Option<PathBuf>,
}

/// A token request that gave no session.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The assertion could not be signed.
    #[error("the assertion cannot be signed: {0}")]
    Signing(ErrorStack),
    /// A token came, but its answer lacks what every call needs.
    #[error("the token's answer has no {0}")]
    Missing(&'static str),
    /// A token came, but its instance URL is not one to call.
    #[error("the token's instance URL is not usable: {0}")]
    InstanceUrl(EndpointError),
    /// Anything but a token: a refusal, another answer, or none.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// The audience that Salesforce expects for a login at `endpoint`: the login service behind it, or an
/// Experience Cloud site itself (Salesforce help, "OAuth 2.0 JWT Bearer Flow").
pub fn audience_of(endpoint: &LoginEndpoint) -> String {
    let host = endpoint.host();
    let is_sandbox = host == "test.salesforce.com" || host.ends_with(".sandbox.my.salesforce.com");
    if host.ends_with(".my.site.com") {
        format!("https://{host}")
    } else if is_sandbox {
        SANDBOX_LOGIN_URL.to_owned()
    } else {
        LOGIN_URL.to_owned()
    }
}

/// Logs in by the JWT bearer flow; `version` is the one that calls are made at, `now` is called before
/// the assertion is made and again when the token has come.
///
/// # Errors
/// [`TokenError`].
pub fn jwt_bearer(
    transport: &Transport,
    endpoint: &LoginEndpoint,
    version: ApiVersion,
    login: &JwtBearer,
    now: fn() -> SystemTime,
) -> Result<Session, TokenError> {
    let assertion = assertion::signed(login, now()).map_err(TokenError::Signing)?;
    let form = SecretText::from("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer")
        .plain("&assertion=")
        .secret("SFMTLS_ASSERTION", assertion);
    let origin = Origin::JwtBearer {
        login_url: endpoint.url(),
        client_id: login.client_id.clone(),
        username: login.username.clone(),
        audience: login.audience.clone(),
        key_file: login.key_file.clone(),
    };
    let token = request(transport, endpoint, form)?;
    let username = Some(login.username.clone());
    token.into_session(version, username, origin, now())
}

/// Logs in by client credentials, as the user that the app runs as; `version` and `now` as for
/// [`jwt_bearer`].
///
/// # Errors
/// [`TokenError`].
pub fn client_credentials(
    transport: &Transport,
    endpoint: &LoginEndpoint,
    version: ApiVersion,
    login: &ClientCredentials,
    now: fn() -> SystemTime,
) -> Result<Session, TokenError> {
    let secret = Secret::new(encoded(login.client_secret.expose()));
    let form = SecretText::from("grant_type=client_credentials&client_id=")
        .plain(encoded(&login.client_id))
        .plain("&client_secret=")
        .secret_in_form("SFMTLS_CLIENT_SECRET", secret);
    let origin = Origin::ClientCredentials {
        login_url: endpoint.url(),
        client_id: login.client_id.clone(),
        secret_file: login.secret_file.clone(),
    };
    let token = request(transport, endpoint, form)?;
    token.into_session(version, None, origin, now())
}

fn request(
    transport: &Transport,
    endpoint: &LoginEndpoint,
    form: SecretText,
) -> Result<Token, TokenError> {
    let request = Request {
        method: Method::POST,
        target: endpoint.token(),
        headers: vec![
            ("Content-Type", "application/x-www-form-urlencoded".into()),
            ("Accept", "application/json".into()),
        ],
        body: Some(form),
    };
    let mut answer = Vec::new();
    exchange(
        transport,
        &request,
        Expected::Json,
        SMALL_ANSWER,
        &mut answer,
    )?;
    Ok(parse(&answer).map_err(|error| CallError::unreadable(&request, error))?)
}

/// What is not escaped in the value of a form: the unreserved characters (RFC 3986 2.3).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

fn encoded(value: &str) -> String {
    utf8_percent_encode(value, UNRESERVED).to_string()
}

/// The answer to a token request. It has no expiry: the token lives as long as a session of the org.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Token {
    access_token: String,
    instance_url: String,
    /// `https://login.salesforce.com/id/00D…/005…`
    id: String,
}

fn parse(answer: &[u8]) -> Result<Token, AnswerError> {
    // serde's message might repeat a value.
    serde_json::from_slice(answer).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        AnswerError::Json(format!("no token in it, from line {line}, column {column}"))
    })
}

impl Token {
    fn into_session(
        self,
        version: ApiVersion,
        username: Option<String>,
        origin: Origin,
        now: SystemTime,
    ) -> Result<Session, TokenError> {
        if self.access_token.is_empty() {
            return Err(TokenError::Missing("access_token"));
        }
        if self.instance_url.is_empty() {
            return Err(TokenError::Missing("instance_url"));
        }
        let (organization_id, user_id) = owner(&self.id);
        Ok(Session {
            id: Secret::new(self.access_token),
            server_url: ServerUrl::parse(&self.instance_url).map_err(TokenError::InstanceUrl)?,
            username,
            user_id,
            organization_id,
            api_version: version,
            origin,
            obtained_at: now,
            idle: None,
        })
    }
}

/// The IDs of organisation and user in an identity URL.
fn owner(id: &str) -> (Option<String>, Option<String>) {
    let part = |prefix: &str| {
        let mut parts = id.split('/').rev().take(2);
        let found = parts.find(|part| part.starts_with(prefix) && part.len() >= 15);
        found.map(str::to_owned)
    };
    (part("00D"), part("005"))
}
