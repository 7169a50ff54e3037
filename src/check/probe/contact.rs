//! One request to the server: sent as the calls are, with its handshake recorded.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::header::DATE;

use super::Plan;
use super::record::{Http, Probe};
use crate::identity::Identity;
use crate::net::tls::failure::{Alert, TlsFailure};
use crate::net::tls::handshake::Handshake;
use crate::net::{Failure, Options, Request, TlsVersion, Transport};
use crate::salesforce::call::{CallError, Expected, Refusal, SMALL_ANSWER, judge};
use crate::salesforce::endpoint::ApiBase;
use crate::salesforce::session::{Origin, Session};
use crate::salesforce::soap::user_info;
use crate::text::secret::Secret;

/// The longest wait for a connection, and for the next byte on it.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// A session ID that is none: its refusal shows that all that comes before it succeeded.
const NO_SESSION: &str = "none";

/// The result of one request.
pub(super) struct Contact {
    /// For programs.
    pub(super) probe: Probe,
    /// What was seen of TLS.
    pub(super) handshake: Handshake,
    /// How it ended.
    pub(super) outcome: Outcome,
}

/// How a contact ended.
pub(super) enum Outcome {
    /// An answer.
    Answer(Answer),
    /// None, or none that is whole.
    Lost(Failure),
}

/// An answer, judged as one to a SOAP call.
pub(super) struct Answer {
    /// The HTTP status.
    pub(super) status: u16,
    /// What is no result; `None` for an envelope without a fault.
    pub(super) refusal: Option<Refusal>,
    /// The body.
    pub(super) body: Vec<u8>,
    /// Seconds that the server's clock is ahead of ours.
    skew: Option<i64>,
}

impl Contact {
    /// How far the server's clock is ahead, where it told.
    pub(super) fn skew(&self) -> Option<i64> {
        match &self.outcome {
            Outcome::Answer(answer) => answer.skew,
            Outcome::Lost(_) => None,
        }
    }

    /// Why TLS failed, if it did.
    pub(super) fn tls_failure(&self) -> Option<&TlsFailure> {
        match &self.outcome {
            Outcome::Lost(Failure::Tls(failure)) => Some(failure),
            _ => None,
        }
    }

    /// The alert by which the server ended it.
    pub(super) fn received_alert(&self) -> Option<Alert> {
        self.tls_failure()?.alert.filter(|alert| alert.received)
    }

    /// Whether the server's certificate was not accepted.
    pub(super) fn is_untrusted(&self) -> bool {
        self.tls_failure().is_some_and(|tls| tls.verify.is_some())
    }

    /// Whether the server ended it, by an alert or without one, once it had asked for a certificate.
    pub(super) fn is_refused(&self) -> bool {
        let cut = matches!(&self.outcome, Outcome::Lost(Failure::Closed { .. }));
        self.handshake.request.is_some() && (cut || self.received_alert().is_some())
    }

    /// Whether something spoke TLS there.
    pub(super) fn is_reached(&self) -> bool {
        self.handshake.version.is_some()
    }
}

/// Sends the requests of a probe, each on a connection of its own.
pub(super) struct Prober<'a> {
    plan: &'a Plan,
    options: Options,
}

impl<'a> Prober<'a> {
    pub(super) fn new(plan: &'a Plan) -> Self {
        let mut options = plan.options.clone();
        options.connect_timeout = options.connect_timeout.min(LONGEST_WAIT);
        options.idle_timeout = options.idle_timeout.min(LONGEST_WAIT);
        Self { plan, options }
    }

    /// Looks at a port, without certificate and session.
    pub(super) fn look(&self, port: u16) -> Result<Contact, CallError> {
        let base = self.base(None, port);
        let request = Request {
            method: http::Method::GET,
            target: base.adopt("/").unwrap_or_else(|_| base.soap()),
            headers: Vec::new(),
            body: None,
        };
        self.contact(&request, None, self.probe(port))
    }

    /// getUserInfo, with the session or with an invalid one.
    pub(super) fn call(
        &self,
        port: u16,
        identity: Option<&Arc<Identity>>,
        session: Option<&Session>,
    ) -> Result<Contact, CallError> {
        let mut probe = self.probe(port);
        probe.with_session = session.is_some();
        self.contact(&self.user_info(port, session), identity, probe)
    }

    /// The same without a session, and without TLS 1.3: there the server refuses within the handshake.
    pub(super) fn in_tls_1_2(
        &self,
        port: u16,
        identity: &Arc<Identity>,
    ) -> Result<Contact, CallError> {
        let mut probe = self.probe(port);
        probe.tls_max = Some("TLSv1.2");
        self.contact(&self.user_info(port, None), Some(identity), probe)
    }

    fn user_info(&self, port: u16, session: Option<&Session>) -> Request {
        let nobodys = Secret::new(NO_SESSION);
        let id = session.map_or(&nobodys, |session| &session.id);
        user_info::request(&self.base(session, port), id)
    }

    /// The API of the host that is asked; with a session, of the session's own host, since no other may
    /// see it.
    fn base(&self, session: Option<&Session>, port: u16) -> ApiBase {
        let version = self.plan.version;
        match session {
            Some(session) => session.api_base(port, version),
            None => self.nobody().api_base(port, version),
        }
    }

    fn nobody(&self) -> Session {
        Session {
            id: Secret::new(NO_SESSION),
            server_url: self.plan.server.clone(),
            username: None,
            user_id: None,
            organization_id: None,
            api_version: self.plan.version,
            origin: Origin::SoapLogin {
                login_url: String::new(),
            },
            obtained_at: SystemTime::UNIX_EPOCH,
            idle: None,
        }
    }

    fn probe(&self, port: u16) -> Probe {
        Probe {
            host: self.plan.server.host().to_owned(),
            port,
            ..Probe::default()
        }
    }

    fn contact(
        &self,
        request: &Request,
        identity: Option<&Arc<Identity>>,
        mut probe: Probe,
    ) -> Result<Contact, CallError> {
        let mut options = self.options.clone();
        options.tls_max = probe.tls_max.map(|_| TlsVersion::V1_2);
        let observer = Arc::clone(&self.plan.observer);
        let (transport, witness) = Transport::probing(options, identity.cloned(), observer);
        probe.with_cert = identity.is_some();
        let outcome = match self.exchange(&transport, request) {
            Ok(answer) => Outcome::Answer(answer),
            Err(error) if matches!(error.failure, Failure::TrustStore { .. }) => {
                return Err(CallError::lost(request, error));
            }
            Err(error) => Outcome::Lost(error.failure),
        };
        let handshake = witness.handshake();
        probe.saw(&handshake);
        match &outcome {
            Outcome::Answer(answer) => probe.http = Some(answer.http()),
            Outcome::Lost(failure) => probe.failed(failure),
        }
        probe.hide(&self.plan.secrets);
        Ok(Contact {
            probe,
            handshake,
            outcome,
        })
    }

    fn exchange(
        &self,
        transport: &Transport,
        request: &Request,
    ) -> Result<Answer, crate::net::TransportError> {
        let response = transport.send(request)?;
        let (status, headers) = (response.status, response.headers.clone());
        let skew = response.header(DATE.as_str()).and_then(|date| {
            let theirs = httpdate::parse_http_date(date).ok()?;
            Some(seconds(theirs)? - seconds((self.plan.now)())?)
        });
        let mut body = Vec::new();
        response.read_into(&mut body, SMALL_ANSWER)?;
        Ok(Answer {
            status,
            refusal: judge(Expected::Envelope, status, &headers, &body).err(),
            body,
            skew,
        })
    }
}

impl Answer {
    fn http(&self) -> Http {
        let kind = match &self.refusal {
            None => "soap",
            Some(Refusal::Fault(_)) => "fault",
            Some(Refusal::CertificatePage { .. }) => "certificate-page",
            Some(Refusal::NginxCertificate { .. }) => "nginx",
            Some(Refusal::Html { .. }) => "html",
            Some(Refusal::Redirect { .. }) => "redirect",
            Some(_) => "other",
        };
        Http {
            status: self.status,
            kind,
        }
    }
}

fn seconds(time: SystemTime) -> Option<i64> {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}
