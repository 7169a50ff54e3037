//! A session: what a login gave, and the only way to an [`ApiBase`].
//!
//! How a session is made is with the logins, how it is kept between runs in [`super::cache`].

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::endpoint::{ApiBase, ApiVersion, ServerUrl};
use crate::text::secret::Secret;

/// One user's access to one org.
///
/// Who the user is comes with a login; a token taken over from elsewhere may come without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The session ID or access token.
    pub id: Secret,
    /// Where the org is, as the login said, without the change of port.
    pub server_url: ServerUrl,
    /// The user who logged in.
    pub username: Option<String>,
    /// That user's ID (`005…`).
    pub user_id: Option<String>,
    /// The organisation's ID (`00D…`).
    pub organization_id: Option<String>,
    /// The API version asked for at login.
    pub api_version: ApiVersion,
    /// How it was obtained.
    pub origin: Origin,
    /// When it was obtained.
    pub obtained_at: SystemTime,
    /// How long it may stay idle (`sessionSecondsValid`): each call starts the time anew.
    pub idle: Option<Duration>,
}

/// How a session was obtained.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// SOAP `login()`.
    SoapLogin {
        /// The login endpoint, as `https://host[:port]`.
        login_url: String,
    },
    /// OAuth 2.0, JWT bearer flow: all that it takes to ask again, but for what is in the key file.
    JwtBearer {
        /// As above.
        login_url: String,
        /// The app's consumer key.
        client_id: String,
        /// Who logged in.
        username: String,
        /// The audience of the assertion.
        audience: String,
        /// The private key.
        key_file: PathBuf,
    },
    /// OAuth 2.0, client credentials flow.
    ClientCredentials {
        /// As above.
        login_url: String,
        /// The app's consumer key.
        client_id: String,
        /// The file with the consumer secret; `None` where the secret came from elsewhere.
        secret_file: Option<PathBuf>,
    },
    /// An access token that something else obtained.
    AccessToken,
    /// Taken over from the Salesforce CLI.
    SalesforceCli {
        /// The org's alias or user name there.
        alias: String,
    },
}

/// Whether a token is a JWT by its form (RFC 7519: three parts in base64url, the first a JSON object).
///
/// Apps that issue "JWT-based access tokens" give such; SOAP and Bulk API 1.0 answer INVALID_SESSION_ID
/// to them (observed by jsforce).
pub fn is_jwt(token: &Secret) -> bool {
    let token = token.expose();
    token.starts_with("eyJ") && token.split('.').count() == 3
}

impl Session {
    /// Where this session's calls go: its own host, on the mutual-TLS port, at `version`.
    pub fn api_base(&self, mtls_port: u16, version: ApiVersion) -> ApiBase {
        ApiBase::new(&self.server_url, mtls_port, version)
    }

    /// The login endpoint that it came from, as `https://host[:port]`; `None` for one that was taken over.
    pub fn login_url(&self) -> Option<&str> {
        match &self.origin {
            Origin::SoapLogin { login_url }
            | Origin::JwtBearer { login_url, .. }
            | Origin::ClientCredentials { login_url, .. } => Some(login_url),
            Origin::AccessToken | Origin::SalesforceCli { .. } => None,
        }
    }

    /// Whether both are known to be of one user, as locators and jobs are.
    pub fn same_user(&self, other: &Self) -> bool {
        match (&self.user_id, &other.user_id) {
            (Some(mine), Some(theirs)) => same_id(mine, theirs),
            _ => false,
        }
    }
}

/// Whether two IDs are the same, each of 15 or 18 characters: the last three of 18 only repeat the
/// case of the others (Salesforce API guide, "ID Field Type").
pub(super) fn same_id(one: &str, other: &str) -> bool {
    let significant = |id: &str| id.chars().take(15).collect::<String>();
    significant(one) == significant(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(server_url: &str, user_id: Option<&str>) -> Session {
        Session {
            id: Secret::new("00D000000000001!AQ.secret"),
            server_url: ServerUrl::parse(server_url).unwrap(),
            username: None,
            user_id: user_id.map(str::to_owned),
            organization_id: None,
            api_version: ApiVersion::DEFAULT,
            origin: Origin::SoapLogin {
                login_url: "https://login.test".to_owned(),
            },
            obtained_at: SystemTime::UNIX_EPOCH,
            idle: None,
        }
    }

    #[test]
    fn calls_go_to_the_mutual_port_at_the_version_asked_for_not_the_logins() {
        let session = session(
            "https://acme.my.test/services/Soap/u/64.0/00D000000000001",
            None,
        );
        let base = session.api_base(8443, "66.0".parse().unwrap());
        assert_eq!(
            base.soap().url().to_string(),
            "https://acme.my.test:8443/services/Soap/u/66.0/00D000000000001"
        );
    }

    #[test]
    fn a_user_is_known_by_the_first_15_characters_of_the_id_in_their_case() {
        let with = |id| session("https://acme.test", id);
        let short = with(Some("005A0000001abcD"));
        assert!(short.same_user(&with(Some("005A0000001abcDIAQ"))));
        assert!(!short.same_user(&with(Some("005A0000001abcdIAQ"))));
        assert!(!short.same_user(&with(None)));
        assert!(!with(None).same_user(&with(None)));
    }

    #[test]
    fn a_jwt_is_told_from_a_session_id_by_its_form() {
        let is_jwt = |token: &str| is_jwt(&Secret::new(token));
        assert!(is_jwt("eyJ0eXAiOiJKV1QifQ.eyJzdWIiOiJ1In0.c2lnbmF0dXJl"));
        // A session ID may hold dots behind the "!".
        assert!(!is_jwt("00D36000000YUbz!AQ0AQ.x.y"));
        assert!(!is_jwt("eyJ0eXAiOiJKV1QifQ"));
    }

    #[test]
    fn debug_output_does_not_hold_the_session_id() {
        let text = format!("{:?}", session("https://acme.test", None));
        assert!(!text.contains("secret"), "{text}");
    }
}
