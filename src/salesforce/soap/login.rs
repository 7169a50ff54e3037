//! `login()`: a [`Session`] for a user name and password. It is sent once and never retried: repeated
//! refusals lock the user out.
//!
//! API 64.0 is the last version that has it. It is the only way to log in that needs no set-up in the
//! org.

use std::time::SystemTime;

use super::envelope;
use super::user_info::UserInfo;
use crate::net::{Request, Transport};
use crate::salesforce::answer::AnswerError;
use crate::salesforce::call::{CallError, SMALL_ANSWER, soap_call};
use crate::salesforce::endpoint::{ApiVersion, EndpointError, LoginEndpoint, ServerUrl};
use crate::salesforce::session::{Origin, Session};
use crate::text::secret::{Secret, SecretText};
use crate::text::xml::{Reader, XmlError, escape_text, unsendable};

mod refusal;
#[cfg(test)]
mod tests;

pub use refusal::{LoginRefusal, login_refusal};

/// The longest body that `login()` accepts, in bytes: 10 KB (SOAP API guide, `login()`).
const LONGEST_BODY: usize = 10 * 1024;

/// Who logs in.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The user's login name.
    pub username: String,
    /// The password.
    pub password: Secret,
    /// Appended to the password; needed where the org does not trust the caller's network.
    pub security_token: Option<Secret>,
}

/// A login that gave no session.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// A character that XML cannot hold; nothing was sent.
    #[error("the {0} holds a control character, which cannot be sent")]
    ControlCharacter(&'static str),
    /// More than `login()` accepts; nothing was sent.
    #[error("the login request has {length} bytes, more than the {LONGEST_BODY} that are taken")]
    TooLong {
        /// The body's length in bytes.
        length: usize,
    },
    /// The password is right but has expired: the session that came only allows setting a new one.
    #[error("the password of {username} has expired")]
    PasswordExpired {
        /// The login name as it was given.
        username: String,
    },
    /// The login succeeded, but its answer lacks what every call needs.
    #[error("the login's answer has no {0}")]
    Missing(&'static str),
    /// The login succeeded, but its server URL is not one to call.
    #[error("the login's server URL is not usable: {0}")]
    ServerUrl(EndpointError),
    /// Anything but a login result: a fault, another answer, or none.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// Logs in, at `version` or the highest one that still has `login()`; `now` is called when the session
/// has come.
///
/// # Errors
/// [`LoginError`].
pub fn login(
    transport: &Transport,
    endpoint: &LoginEndpoint,
    version: ApiVersion,
    credentials: &Credentials,
    now: fn() -> SystemTime,
) -> Result<Session, LoginError> {
    let request = request(endpoint, version, credentials)?;
    let mut answer = Vec::new();
    soap_call(transport, &request, SMALL_ANSWER, &mut answer)?;
    let result = parse(&answer).map_err(|error| CallError::unreadable(&request, error))?;
    result.into_session(endpoint, version, credentials, now())
}

/// The request.
///
/// # Errors
/// When it cannot be sent: control characters, or too long.
pub fn request(
    endpoint: &LoginEndpoint,
    version: ApiVersion,
    credentials: &Credentials,
) -> Result<Request, LoginError> {
    let Credentials {
        username,
        password,
        security_token,
    } = credentials;
    check_characters("user name", username)?;
    check_characters("password", password.expose())?;
    let mut body = SecretText::new()
        .plain("<login><username>")
        .plain(escape_text(username))
        .plain("</username><password>")
        .secret_in_xml("SFMTLS_PASSWORD", password);
    if let Some(token) = security_token {
        check_characters("security token", token.expose())?;
        body = body.secret_in_xml("SFMTLS_SECURITY_TOKEN", token);
    }
    body = body.plain("</password></login>");
    let request = envelope::request(endpoint.soap(version), None, None, &body);
    let length = request.body.as_ref().map_or(0, |body| body.expose().len());
    if length > LONGEST_BODY {
        return Err(LoginError::TooLong { length });
    }
    Ok(request)
}

fn check_characters(what: &'static str, text: &str) -> Result<(), LoginError> {
    match unsendable(text) {
        None => Ok(()),
        Some(_) => Err(LoginError::ControlCharacter(what)),
    }
}

/// The answer of `login()`, not judged yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoginResult {
    session_id: Secret,
    server_url: String,
    user_id: String,
    password_expired: bool,
    user: UserInfo,
}

/// Reads the answer.
///
/// # Errors
/// When it is cut off, not well-formed, or another call's.
pub fn parse(answer: &[u8]) -> Result<LoginResult, AnswerError> {
    envelope::result(answer, "loginResponse", |xml| Ok(LoginResult::read(xml)?))
}

impl LoginResult {
    fn read(xml: &mut Reader<'_>) -> Result<Self, XmlError> {
        let mut result = Self::default();
        while let Some(field) = xml.child()? {
            match field.local() {
                "sessionId" => result.session_id = Secret::new(xml.text()?),
                "serverUrl" => result.server_url = xml.text()?.into_owned(),
                "userId" => result.user_id = xml.text()?.into_owned(),
                "passwordExpired" => {
                    result.password_expired = matches!(xml.text()?.trim(), "true" | "1");
                }
                "userInfo" => result.user = UserInfo::read(xml)?,
                _ => xml.skip()?,
            }
        }
        Ok(result)
    }

    /// Turns it into a session, obtained at `now`.
    ///
    /// # Errors
    /// When the password has expired, or what every call needs is missing.
    pub fn into_session(
        self,
        endpoint: &LoginEndpoint,
        version: ApiVersion,
        credentials: &Credentials,
        now: SystemTime,
    ) -> Result<Session, LoginError> {
        let username = self.user.user_name().unwrap_or(&credentials.username);
        let username = username.to_owned();
        if self.password_expired {
            return Err(LoginError::PasswordExpired { username });
        }
        if self.session_id.is_empty() {
            return Err(LoginError::Missing("sessionId"));
        }
        if self.server_url.is_empty() {
            return Err(LoginError::Missing("serverUrl"));
        }
        Ok(Session {
            id: self.session_id,
            server_url: ServerUrl::parse(&self.server_url).map_err(LoginError::ServerUrl)?,
            username: Some(username),
            user_id: Some(self.user_id).filter(|id| !id.is_empty()),
            organization_id: self.user.organization_id().map(str::to_owned),
            api_version: version,
            origin: Origin::SoapLogin {
                login_url: endpoint.url(),
            },
            obtained_at: now,
            idle: self.user.session_idle(),
        })
    }
}
