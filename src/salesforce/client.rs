//! Calls with a session: tried again where a fault may pass, with a new session where the old one
//! has expired.
//!
//! A call that only reads goes through [`Client::call`]: sending it twice does no harm. One that
//! creates goes through [`Client::create`]: it is sent again only where it has not reached Salesforce.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::call::{CallError, Refusal};
use super::endpoint::{ApiBase, ApiVersion, EndpointError};
use super::fault::Fault;
use super::session::Session;
use super::soap::login::LoginError;
use crate::event::{Event, Observer};
use crate::net::Transport;
use crate::net::retry::{Policy, Tries, Verdict, transport_verdict};
use crate::text::secret::Secret;

/// How an expired session is replaced without asking anybody.
pub struct Renewal {
    /// Logs in.
    pub log_in: Box<dyn Fn() -> Result<Session, LoginError> + Send>,
    /// Saves the new session, once it is known to be the same user's.
    pub keep: Box<dyn Fn(&Session) + Send>,
}

/// A session with everything needed to call; several threads may call at once.
pub struct Client {
    /// The door to the network.
    pub transport: Arc<Transport>,
    /// Who hears about retries.
    pub observer: Arc<dyn Observer>,
    /// How often to try again.
    pub policy: Policy,
    /// The port that calls go to.
    pub mtls_port: u16,
    /// The version that calls are made at.
    pub version: ApiVersion,
    /// Whose calls these are.
    pub login: Mutex<Login>,
}

/// A session, and how to get the next one.
pub struct Login {
    /// The session that calls are made with.
    pub session: Session,
    /// How to get a new session; `None` where no credentials are at hand.
    pub renewal: Option<Renewal>,
}

/// Why a call with a session failed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The call itself.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The session had expired, and the new login was refused.
    #[error(transparent)]
    Login(#[from] LoginError),
    /// An answer named a URL that is not the org's.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The session had expired, and the new one belongs to somebody else.
    #[error("the session had expired, and the new login is another user's: {new} instead of {old}")]
    OtherUser {
        /// Who the expired session belonged to.
        old: String,
        /// Who logged in.
        new: String,
    },
}

impl ClientError {
    /// The call that failed, where it was one.
    pub fn call(&self) -> Option<&CallError> {
        match self {
            Self::Call(error) => Some(error),
            _ => None,
        }
    }
}

impl Client {
    /// Makes a call with the session, as often as the policy allows while its faults may pass.
    ///
    /// An expired session leads to one new login where the credentials are at hand; a call that
    /// fails the same way with the new session is an error.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn call<T, E: Into<ClientError>>(
        &self,
        call: impl FnMut(&Transport, &ApiBase, &Secret) -> Result<T, E>,
    ) -> Result<T, ClientError> {
        self.run(call, verdict)
    }

    /// Makes a call that must not be made twice: it is tried again only where nothing was sent.
    ///
    /// An expired session is renewed as by [`Client::call`]: then the call was refused.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn create<T, E: Into<ClientError>>(
        &self,
        call: impl FnMut(&Transport, &ApiBase, &Secret) -> Result<T, E>,
    ) -> Result<T, ClientError> {
        self.run(call, |error| match error.call().map(|call| &call.refusal) {
            Some(Refusal::Transport(lost)) if lost.sent == 0 => transport_verdict(lost),
            _ => Verdict::Final,
        })
    }

    fn run<T, E: Into<ClientError>>(
        &self,
        mut call: impl FnMut(&Transport, &ApiBase, &Secret) -> Result<T, E>,
        verdict: impl Fn(&ClientError) -> Verdict,
    ) -> Result<T, ClientError> {
        let mut with = |session: &Session| {
            let base = session.api_base(self.mtls_port, self.version);
            Tries::new(self.policy, &*self.observer, &std::thread::sleep).run(
                || call(&self.transport, &base, &session.id).map_err(Into::into),
                &verdict,
            )
        };
        let session = self.session();
        match with(&session) {
            Err(error) if has_expired(&error) => match self.renewed(&session)? {
                Some(session) => with(&session),
                None => Err(error),
            },
            result => result,
        }
    }

    /// The session of now.
    pub fn session(&self) -> Session {
        self.lock().session.clone()
    }

    /// The session after an expired one; `None` where there is no way to get one.
    ///
    /// Of several threads whose calls failed, the first logs in and the others wait for it.
    fn renewed(&self, expired: &Session) -> Result<Option<Session>, ClientError> {
        let mut login = self.lock();
        if login.session.id != expired.id {
            return Ok(Some(login.session.clone()));
        }
        let Some(renewal) = &login.renewal else {
            return Ok(None);
        };
        self.observer
            .event(Event::Note("the session has expired; logging in again"));
        let session = (renewal.log_in)()?;
        if !session.same_user(expired) {
            let name = |session: &Session| session.username.clone().unwrap_or_default();
            return Err(ClientError::OtherUser {
                old: name(expired),
                new: name(&session),
            });
        }
        (renewal.keep)(&session);
        login.session = session.clone();
        Ok(Some(session))
    }

    fn lock(&self) -> MutexGuard<'_, Login> {
        // A session is whole whatever happened to the thread that held the lock.
        self.login.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the same call may succeed a little later.
pub(super) fn is_passing(error: &ClientError) -> bool {
    matches!(verdict(error), Verdict::Passing { .. })
}

fn verdict(error: &ClientError) -> Verdict {
    let Some(error) = error.call() else {
        return Verdict::Final;
    };
    match &error.refusal {
        Refusal::Transport(lost) => transport_verdict(lost),
        _ if error.is_passing_answer() => Verdict::Passing {
            reason: error.to_string(),
            retry_after: error.retry_after,
        },
        _ => Verdict::Final,
    }
}

fn has_expired(error: &ClientError) -> bool {
    error.call().is_some_and(is_expired)
}

/// Whether the session has ended, by time or by somebody's logout.
pub fn is_expired(error: &CallError) -> bool {
    error.fault().is_some_and(Fault::is_expired_session)
}
