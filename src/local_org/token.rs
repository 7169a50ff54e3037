//! OAuth 2.0's token endpoint: the JWT bearer flow (RFC 7523) and client credentials (RFC 6749 4.4).
//!
//! No web server flow, no refresh tokens, no passwords. Parameters are read from the body alone. Texts of
//! the refusals: issue reports of public clients.

mod app;
mod assertion;
mod form;
mod switches;

pub(super) use app::App;
pub use switches::OauthSwitches;

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;

use super::answer::Answer;
use super::http::Request;
use super::login::{ORGANIZATION_ID, Session, random_text};
use super::service::{Exchange, HTML, Refusal, page};
use super::soap::Fault;
use form::Form;

const JSON: &str = "application/json;charset=UTF-8";
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// Seconds until a JWT-shaped token says it ends. [`Switches`](super::Switches) decide when it does.
const LIFETIME: u64 = 7200;

/// Whether a request is for this endpoint.
pub(super) fn is_asked(request: &Request) -> bool {
    request.path.split('?').next() == Some("/services/oauth2/token")
}

/// A refusal in the form of RFC 6749 5.2.
#[derive(Debug, PartialEq, Eq)]
struct Refused {
    error: String,
    description: String,
}

impl Refused {
    fn new(error: &str, description: &str) -> Self {
        Self {
            error: error.to_owned(),
            description: description.to_owned(),
        }
    }

    fn grant(description: &str) -> Self {
        Self::new("invalid_grant", description)
    }

    fn client_id() -> Self {
        Self::new("invalid_client_id", "client identifier invalid")
    }

    fn grant_type() -> Self {
        Self::new("unsupported_grant_type", "grant type not supported")
    }

    fn answer(&self, status: u16) -> Answer {
        let body = json!({ "error": self.error, "error_description": self.description });
        not_kept(Answer::new(status, JSON, body.to_string().into_bytes()))
    }
}

/// RFC 6749 5.1: what has to do with tokens stays in no cache.
fn not_kept(mut answer: Answer) -> Answer {
    answer
        .headers
        .push(("Cache-Control", "no-cache,must-revalidate,no-store".into()));
    answer
}

impl Exchange<'_> {
    /// Answers a request whose certificate is valid where the port asks for one.
    pub(super) fn token(&self) -> Result<Answer, Refusal> {
        if self.request.method != "POST" {
            let mut answer = Answer::new(405, HTML, page("Method Not Allowed"));
            answer.headers.push(("Allow", "POST".to_owned()));
            return Err(Refusal::Answer(answer));
        }
        self.certificate_is_known()
            .map_err(|fault| self.token_refusal(&fault))?;
        let status = self.switches.oauth.error_status;
        let refusal = |refused: Refused| Refusal::Answer(refused.answer(status));
        let granted = self.granted().map_err(refusal)?;
        Ok(self.token_answer(&granted))
    }

    /// A refusal that the endpoint has in common with SOAP. No capture shows its form.
    pub(super) fn token_refusal(&self, fault: &Fault) -> Refusal {
        let refused = Refused::new(fault.code, &fault.message);
        Refusal::Answer(refused.answer(self.switches.oauth.error_status))
    }

    fn granted(&self) -> Result<Granted, Refused> {
        // Parameters in another form are not seen at all.
        let form = if is_form(self.request) {
            Form::parse(&self.request.body)?
        } else {
            Form::default()
        };
        let by_assertion = match form.get("grant_type") {
            Some(JWT_BEARER) => true,
            Some("client_credentials") => false,
            _ => return Err(Refused::grant_type()),
        };
        if let Some((error, description)) = self.switches.oauth.refuse_with {
            return Err(Refused::new(error, description));
        }
        if by_assertion {
            let user = self.user_of_assertion(form.get("assertion").unwrap_or_default())?;
            Ok(Granted { user, issued: None })
        } else {
            let user = self.user_of_credentials(&form)?;
            let issued = Some(self.state.now());
            Ok(Granted { user, issued })
        }
    }

    fn user_of_assertion(&self, assertion: &str) -> Result<usize, Refused> {
        let oauth = &self.switches.oauth;
        let app = &self.state.app;
        let claims = assertion::verified(assertion, app)?;
        if claims.expires_by(seconds(self.state.now())) {
            return Err(Refused::grant("expired authorization code"));
        }
        let authority = self.request.header("host").unwrap_or_default();
        if !oauth.takes_audience(&claims.audience, authority) {
            return Err(Refused::grant("audience is invalid"));
        }
        let mut users = self.state.users.iter();
        users
            .position(|user| user.username.eq_ignore_ascii_case(&claims.subject))
            .filter(|_| !oauth.user_not_approved)
            .ok_or_else(|| Refused::grant("user hasn't approved this consumer"))
    }

    fn user_of_credentials(&self, form: &Form) -> Result<usize, Refused> {
        let oauth = &self.switches.oauth;
        let app = &self.state.app;
        if oauth.generic_login_host {
            return Err(Refused::grant("request not supported on this domain"));
        }
        let (id, secret) = form::credentials(self.request.header("authorization"), form)?;
        if id != app.client_id {
            return Err(Refused::client_id());
        }
        if secret != app.client_secret {
            return Err(Refused::new("invalid_client", "invalid client credentials"));
        }
        oauth
            .run_as
            .filter(|user| *user < self.state.users.len())
            .ok_or_else(|| Refused::grant("no client credentials user enabled"))
    }

    fn token_answer(&self, granted: &Granted) -> Answer {
        let host = self.named_host();
        let user = &self.state.users[granted.user];
        let mut session = Session::new(granted.user, host.name(), self.state.now());
        let token = if self.switches.oauth.jwt_tokens {
            session.jwt = true;
            let token = self.jwt_token(host.name(), &user.id);
            self.state.sessions().add(token.clone(), session);
            token
        } else {
            self.state.sessions().begin(session)
        };
        let host = &host.shown;
        let id = format!("https://{host}/id/{ORGANIZATION_ID}/{}", user.id);
        let issued_at = granted.issued.map(|time| millis(time).to_string());
        let signed = format!("{id}{}", issued_at.as_deref().unwrap_or_default());
        let mut body = json!({
            "access_token": token,
            "signature": self.state.app.signature(&signed),
            "scope": "api",
            "instance_url": format!("https://{host}"),
            "id": id,
            "token_type": "Bearer",
        });
        if let Some(issued_at) = issued_at {
            body["issued_at"] = issued_at.into();
        }
        let mut answer = not_kept(Answer::new(200, JSON, body.to_string().into_bytes()));
        let browser = format!("BrowserId={}; path=/; secure", random_text(22));
        answer.headers.push(("Set-Cookie", browser));
        answer
    }

    /// A token in the form that an app with "Issue JWT-based access tokens" gives out. Nothing here
    /// checks its signature: the org knows its tokens by heart.
    fn jwt_token(&self, host: &str, user_id: &str) -> String {
        let now = seconds(self.state.now());
        let header = json!({ "tnk": "core/prod", "ver": "1.0", "kid": "CORE_ATJWT", "tty": "sfdc.core-token", "typ": "JWT", "alg": "RS256" });
        let claims = json!({
            "scp": "api",
            "aud": [format!("https://{host}")],
            "sub": format!("uid:{user_id}"),
            "nbf": now,
            "mty": "oauth",
            "sfi": random_text(64),
            "roles": [],
            "iss": format!("https://{host}"),
            "hsc": false,
            "exp": now + LIFETIME,
            "iat": now,
            "client_id": self.state.app.client_id,
        });
        let signature = random_text(256);
        [
            header.to_string().as_bytes(),
            claims.to_string().as_bytes(),
            signature.as_bytes(),
        ]
        .map(assertion::encoded)
        .join(".")
    }
}

/// Who gets a token.
struct Granted {
    /// Index into the org's users.
    user: usize,
    /// When, where the flow says so: the JWT bearer flow does not.
    issued: Option<SystemTime>,
}

fn is_form(request: &Request) -> bool {
    let given = request.header("content-type").unwrap_or_default();
    let media_type = given.split(';').next().unwrap_or_default();
    media_type
        .trim()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |age| age.as_secs())
}

fn millis(time: SystemTime) -> u128 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |age| age.as_millis())
}
