//! Calls with a session: tried again where a fault may pass, with a new session where the old one
//! has expired.
//!
//! Only reading calls go this way (getUserInfo, query, queryMore): sending one twice does no harm.

use std::sync::Arc;

use super::call::{CallError, Refusal};
use super::endpoint::{ApiBase, ApiVersion};
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

/// A session with everything needed to call.
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
    /// The session had expired, and the new one belongs to somebody else.
    #[error("the session had expired, and the new login is another user's: {new} instead of {old}")]
    OtherUser {
        /// Who the expired session belonged to.
        old: String,
        /// Who logged in.
        new: String,
    },
}

impl Client {
    /// Makes a call with the session, as often as the policy allows while its faults may pass.
    ///
    /// An expired session leads to one new login where the credentials are at hand; a call that
    /// fails the same way with the new session is an error.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn call<T>(
        &mut self,
        mut call: impl FnMut(&Transport, &ApiBase, &Secret) -> Result<T, CallError>,
    ) -> Result<T, ClientError> {
        match (self.with_retries(&mut call), &self.renewal) {
            (Err(error), Some(renewal)) if is_expired(&error) => {
                self.session = self.new_session(renewal)?;
                Ok(self.with_retries(&mut call)?)
            }
            (result, _) => Ok(result?),
        }
    }

    fn with_retries<T>(
        &self,
        call: &mut impl FnMut(&Transport, &ApiBase, &Secret) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let base = self.session.api_base(self.mtls_port, self.version);
        let mut tries = Tries::new(self.policy, &*self.observer, &std::thread::sleep);
        tries.run(|| call(&self.transport, &base, &self.session.id), verdict)
    }

    fn new_session(&self, renewal: &Renewal) -> Result<Session, ClientError> {
        self.observer
            .event(Event::Note("the session has expired; logging in again"));
        let session = (renewal.log_in)()?;
        if !session.same_user(&self.session) {
            let name = |session: &Session| session.username.clone().unwrap_or_default();
            return Err(ClientError::OtherUser {
                old: name(&self.session),
                new: name(&session),
            });
        }
        (renewal.keep)(&session);
        Ok(session)
    }
}

/// Whether the same call may succeed a little later.
fn verdict(error: &CallError) -> Verdict {
    match &error.refusal {
        Refusal::Transport(lost) => transport_verdict(lost),
        _ if error.is_passing_answer() => Verdict::Passing {
            reason: error.to_string(),
            retry_after: error.retry_after,
        },
        _ => Verdict::Final,
    }
}

/// Whether the session has ended, by time or by somebody's logout.
pub fn is_expired(error: &CallError) -> bool {
    error.fault().is_some_and(Fault::is_expired_session)
}
