//! Calls with a session: retried where a fault is transient, and made with a new session where the old
//! one has expired.
//!
//! A call that reads, or sets what may be set twice, goes through [`Client::call`]: sending it again
//! does no harm. One that creates goes through [`Client::create`]: where it may have been carried out,
//! its caller finds out before it is sent again.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::call::{CallError, Refusal};
use super::endpoint::{ApiBase, ApiVersion, EndpointError};
use super::fault::Fault;
use super::oauth::TokenError;
use super::session::{Session, is_jwt};
use super::soap::login::LoginError;
use crate::event::{Event, Observer};
use crate::net::Transport;
use crate::net::retry::{Policy, Retry, Tries, transport_retry, was_not_executed};
use crate::text::secret::Secret;

/// How an expired session is replaced without asking the user.
pub struct Renewal {
    /// Where to, as `https://host[:port]`.
    pub login_url: String,
    /// Logs in.
    pub log_in: Box<dyn Fn() -> Result<Session, ClientError> + Send>,
    /// Saves the new session, once it is known to be the same user's.
    pub keep: Box<dyn Fn(&Session) + Send>,
}

/// A session and all that a call needs; several threads may call at once.
pub struct Client {
    /// The door to the network.
    pub transport: Arc<Transport>,
    /// Told of retries and new logins.
    pub observer: Arc<dyn Observer>,
    /// How often to try again.
    pub policy: Policy,
    /// The port that calls go to.
    pub mtls_port: u16,
    /// The version that calls are made at.
    pub version: ApiVersion,
    /// Whose calls these are, shared by the threads.
    pub state: Mutex<SessionState>,
}

/// A session, and how to get the next one.
pub struct SessionState {
    /// The session that calls are made with.
    pub session: Session,
    /// How to get a new session; `None` without credentials.
    pub renewal: Option<Renewal>,
    /// Whether the session has served a call, or comes from an earlier run. If it has not, logging in
    /// again is pointless: the new session would end at once, too.
    pub proven: bool,
}

/// What became of a call that creates something and whose answer was lost.
#[derive(Debug)]
pub enum Recovery<T, E> {
    /// It was carried out, and this is what it made.
    Made(T),
    /// It may be sent again.
    Again,
    /// There is no sign of it yet, but there may be one later. With no tries left, this is the error.
    Unseen(E),
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
    /// As [`Self::Login`], where the new session was to come from the token endpoint.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// What a new login needs can no longer be read.
    #[error("the session has expired, and {reason}")]
    NotRenewable {
        /// Why, with the name of the file.
        reason: String,
    },
    /// The access token is a JWT, which SOAP and Bulk API 1.0 do not accept as a session ID.
    #[error("{0}")]
    Jwt(CallError),
    /// An answer named a URL that is not the org's.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The session had expired, and the new one is another user's.
    #[error("the session had expired, and the new login is another user's: {new} instead of {old}")]
    OtherUser {
        /// Who the expired session belonged to.
        old: String,
        /// Who logged in.
        new: String,
    },
}

impl ClientError {
    /// The call that failed; `None` where something else did.
    pub fn call(&self) -> Option<&CallError> {
        match self {
            Self::Call(error) => Some(error),
            _ => None,
        }
    }
}

impl Client {
    /// Makes a call with the session; a transient failure is retried as often as the policy allows.
    ///
    /// If the session has expired, there is one new login where there are credentials; a call that then
    /// fails the same way is an error.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn call<T, E: Into<ClientError>>(
        &self,
        mut call: impl FnMut(&Transport, &ApiBase, &Secret) -> Result<T, E>,
    ) -> Result<T, ClientError> {
        self.run(&mut self.tries(), &mut call, retry)
    }

    /// Makes a call that creates something, and so must not be carried out twice.
    ///
    /// It is sent again where no byte of it was sent, and where Salesforce refused it for the moment.
    /// Where the answer was lost, `recover` finds out what became of the call; the first time is no
    /// retry, so the policy has no say in it. An expired session is renewed as by [`Client::call`],
    /// since then the call was refused.
    ///
    /// # Errors
    /// [`ClientError`], and what `recover` returns.
    pub fn create<T, E, F>(
        &self,
        mut call: impl FnMut(&Transport, &ApiBase, &Secret) -> Result<T, E>,
        mut recover: impl FnMut(&CallError) -> Result<Recovery<T, F>, F>,
    ) -> Result<T, F>
    where
        E: Into<ClientError>,
        F: From<ClientError> + fmt::Display,
    {
        let mut tries = self.tries();
        loop {
            let lost = match self.run(&mut tries, &mut call, retry_of_creation) {
                Err(ClientError::Call(error)) if is_lost(&error) => error,
                result => return Ok(result?),
            };
            loop {
                match recover(&lost)? {
                    Recovery::Made(made) => return Ok(made),
                    Recovery::Again if tries.again(&retry_of_call(&lost)) => break,
                    Recovery::Again => return Err(ClientError::Call(lost).into()),
                    Recovery::Unseen(error) => {
                        let unseen = Retry::Transient {
                            reason: error.to_string(),
                            retry_after: None,
                        };
                        if !tries.again(&unseen) {
                            return Err(error);
                        }
                    }
                }
            }
        }
    }

    /// Counts the tries of one call.
    fn tries(&self) -> Tries<'_> {
        Tries::new(self.policy, &*self.observer, &std::thread::sleep)
    }

    fn run<T, E: Into<ClientError>>(
        &self,
        tries: &mut Tries<'_>,
        call: &mut impl FnMut(&Transport, &ApiBase, &Secret) -> Result<T, E>,
        retry: impl Fn(&ClientError) -> Retry,
    ) -> Result<T, ClientError> {
        loop {
            let session = self.session();
            let base = session.api_base(self.mtls_port, self.version);
            let result = tries.run(
                || call(&self.transport, &base, &session.id).map_err(Into::into),
                &retry,
            );
            match result {
                Err(ClientError::Call(error)) if is_refused_jwt(&session, &error) => {
                    return Err(ClientError::Jwt(error));
                }
                Err(error) if has_expired(&error) => {
                    if !self.renew(&session)? {
                        return Err(error);
                    }
                    tries.progressed();
                }
                Ok(value) => {
                    self.mark_proven(&session);
                    return Ok(value);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// The present session.
    pub fn session(&self) -> Session {
        self.lock().session.clone()
    }

    /// Says that the session is new and has not served a call: should it turn out to have expired,
    /// there is no further login.
    #[must_use]
    pub fn of_new_session(self) -> Self {
        self.lock().proven = false;
        self
    }

    /// Notes that a call has succeeded with this session.
    fn mark_proven(&self, session: &Session) {
        let mut state = self.lock();
        if state.session.id == session.id {
            state.proven = true;
        }
    }

    /// Replaces an expired session; `false` where there is no way to.
    ///
    /// Of several threads whose calls failed, the first one logs in and the others wait for it.
    fn renew(&self, expired: &Session) -> Result<bool, ClientError> {
        let mut state = self.lock();
        if state.session.id != expired.id {
            return Ok(true);
        }
        let Some(renewal) = state.renewal.as_ref().filter(|_| state.proven) else {
            return Ok(false);
        };
        let note = format!(
            "the session has expired; logging in again at {}",
            renewal.login_url
        );
        self.observer.event(Event::Note(&note));
        let session = (renewal.log_in)()?;
        if !session.same_user(expired) {
            let name = |session: &Session| {
                let known = session.username.as_ref().or(session.user_id.as_ref());
                known.map_or_else(|| "an unknown user".to_owned(), Clone::clone)
            };
            return Err(ClientError::OtherUser {
                old: name(expired),
                new: name(&session),
            });
        }
        (renewal.keep)(&session);
        state.session = session;
        state.proven = false;
        Ok(true)
    }

    fn lock(&self) -> MutexGuard<'_, SessionState> {
        // The state is valid even if a thread panicked while it held the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the same call may succeed a little later.
pub(super) fn is_transient(error: &ClientError) -> bool {
    matches!(retry(error), Retry::Transient { .. })
}

fn retry(error: &ClientError) -> Retry {
    error.call().map_or(Retry::Never, retry_of_call)
}

fn retry_of_call(error: &CallError) -> Retry {
    match &error.refusal {
        Refusal::Transport(lost) => transport_retry(lost),
        _ if error.is_transient_answer() => Retry::Transient {
            reason: error.to_string(),
            retry_after: error.retry_after,
        },
        _ => Retry::Never,
    }
}

/// [`retry_of_call`] for a call that creates: never where it may have been carried out, since its caller has to
/// find out first.
fn retry_of_creation(error: &ClientError) -> Retry {
    match error.call() {
        Some(error) if !is_lost(error) => retry_of_call(error),
        _ => Retry::Never,
    }
}

/// Whether the call may have been carried out although it failed: some of it was sent, and either no
/// answer came, or that of a gateway that may have got none itself (502, 504) or of an overloaded
/// server (503).
fn is_lost(error: &CallError) -> bool {
    match &error.refusal {
        Refusal::Transport(lost) => lost.sent > 0 && retry_of_call(error) != Retry::Never,
        // Salesforce's own no.
        Refusal::Fault(_) => false,
        _ => error.is_transient_answer() && !error.status.is_some_and(was_not_executed),
    }
}

/// Whether the token is refused because it is a JWT, as a new one would be, too. REST and Bulk API 2.0
/// accept it.
fn is_refused_jwt(session: &Session, error: &CallError) -> bool {
    is_jwt(&session.id) && is_expired(error) && !error.url.contains("/services/data/")
}

fn has_expired(error: &ClientError) -> bool {
    error.call().is_some_and(is_expired)
}

/// Whether the session is over: it timed out, or somebody logged out.
pub fn is_expired(error: &CallError) -> bool {
    error.fault().is_some_and(Fault::is_expired_session)
}
