//! The only file that makes agents, and [`Transport::send`], the only way to the network.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use super::body::{Body, RequestFacts};
use super::connect::{Connect, NoResolver, Reached};
use super::curl;
use super::error::{Failure, TransportError, failure_of};
use super::exchange::Exchange;
use super::target::Role;
use super::tls::TlsClient;
use super::tls::handshake::Witness;
use super::tls::mutual::Mutual;
use super::tls::platform::Platform;
use super::tls::transport::LONGEST_HEAD;
use super::trace::{RequestTrace, Tracer};
use super::{Options, Request, USER_AGENT};
use crate::event::{Event, Observer};
use crate::identity::Identity;
use crate::text::secret::{KnownSecrets, SecretText};

/// A head has to be whole within this many idle time-outs after the request was sent: one for its
/// first byte, as for any silence, and the same again for the rest, however it drips.
const IDLE_TIMEOUTS_FOR_HEAD: u32 = 2;

/// An open connection is kept this long; far beyond any interval of asking whether a job is done.
const KEPT: Duration = Duration::from_secs(3600);

/// Open connections kept for one host; more than any number of downloads side by side.
const KEPT_CONNECTIONS: usize = 64;

/// Owns the two agents and hands out neither.
pub struct Transport {
    options: Arc<Options>,
    identity: Option<Arc<Identity>>,
    observer: Arc<dyn Observer>,
    tracer: Tracer,
    reached: Arc<Reached>,
    witness: Option<Arc<Witness>>,
    mutual: Agent,
    platform: Agent,
}

#[expect(clippy::disallowed_types, reason = "the owner of the two agents")]
type Agent = OnceLock<ureq::Agent>;

impl Transport {
    /// Makes a transport; nothing is connected or loaded before the first [`Transport::send`].
    pub fn new(
        options: Options,
        identity: Option<Arc<Identity>>,
        observer: Arc<dyn Observer>,
    ) -> Self {
        Self {
            tracer: Tracer::new(Arc::clone(&observer), options.verbosity),
            options: Arc::new(options),
            identity,
            observer,
            reached: Arc::default(),
            witness: None,
            mutual: OnceLock::new(),
            platform: OnceLock::new(),
        }
    }

    /// A transport for one request whose handshake is of interest, and the witness that hears it.
    ///
    /// It differs from that of the calls in this alone: every target goes by the TLS client of
    /// mutual TLS, which knows what happened, and there need not be an identity.
    pub fn probing(
        mut options: Options,
        identity: Option<Arc<Identity>>,
        observer: Arc<dyn Observer>,
    ) -> (Self, Arc<Witness>) {
        if identity.is_none() {
            options.cert_as_given = None;
        }
        let witness = Arc::<Witness>::default();
        let transport = Self {
            witness: Some(Arc::clone(&witness)),
            ..Self::new(options, identity, observer)
        };
        (transport, witness)
    }

    /// Sends one request and returns the answer as soon as its head has come.
    ///
    /// Redirects are not followed; every status is an answer, not an error.
    ///
    /// # Errors
    /// [`TransportError`]; an API call without an identity fails before it connects.
    pub fn send(&self, request: &Request) -> Result<Response, TransportError> {
        if self.options.show_curl {
            let command = curl::command(request, &self.options, self.identity.as_deref());
            self.observer.event(Event::Curl(&command));
        }
        let trace = RequestTrace::of(request, &self.tracer);
        let facts = RequestFacts {
            method: request.method.clone(),
            url: without_query(request.target.url()),
            exchange: Exchange::new(self.tracer.clone(), trace),
            tracer: self.tracer.clone(),
            started: Instant::now(),
            secrets: self.secrets_to_hide(request),
        };
        let answer = self.dispatch(request, &facts.exchange);
        let answer = answer.map_err(|failure| facts.error(failure))?;
        let (head, body) = answer.into_parts();
        self.tracer.info(|| {
            let elapsed = facts.started.elapsed();
            format!("answer after {} ms", elapsed.as_millis())
        });
        self.tracer.answer(head.version, head.status, &head.headers);
        Ok(Response {
            status: head.status.as_u16(),
            certificate_requested: facts.exchange.certificate_requested(),
            body: Body::new(&head.headers, body, facts)?,
            headers: head.headers,
        })
    }

    /// What an answer must not be shown with, where its body is shown.
    fn secrets_to_hide(&self, request: &Request) -> KnownSecrets {
        let secrets = KnownSecrets::default();
        if self.tracer.shows_bodies() {
            let headers = request.headers.iter().map(|(_, value)| value);
            let parts = headers.chain(&request.body);
            parts
                .flat_map(SecretText::secrets)
                .for_each(|secret| secrets.learn(secret));
        }
        secrets
    }

    fn dispatch(
        &self,
        request: &Request,
        exchange: &Arc<Exchange>,
    ) -> Result<http::Response<ureq::Body>, Failure> {
        let agent = match (&self.witness, request.target.role()) {
            (Some(witness), _) => self.agent(&self.mutual, || {
                let witness = Some(Arc::clone(witness));
                Mutual::new(&self.options, self.identity.as_deref(), witness)
            })?,
            (None, Role::Api) => {
                let identity = self.identity.as_ref().ok_or(Failure::NoIdentity)?;
                self.agent(&self.mutual, || {
                    Mutual::new(&self.options, Some(identity), None)
                })?
            }
            (None, Role::Login) => self.agent(&self.platform, || Platform::new(&self.options))?,
        };
        let head = head(request)?;
        let answer = exchange.during(|| match &request.body {
            Some(body) => agent.run(head.map(|()| body.expose())),
            // A method that has a body by its nature says that this one is empty.
            None if request.method == http::Method::GET => agent.run(head),
            None => agent.run(head.map(|()| String::new())),
        });
        answer.map_err(|error| match error {
            ureq::Error::Timeout(ureq::Timeout::RecvResponse) => Failure::SlowHead {
                limit: time_for_head(&self.options),
            },
            error => failure_of(error),
        })
    }

    #[expect(clippy::disallowed_types, reason = "the owner of the two agents")]
    fn agent<'a, C: TlsClient>(
        &self,
        slot: &'a Agent,
        client: impl FnOnce() -> Result<C, Failure>,
    ) -> Result<&'a ureq::Agent, Failure> {
        if let Some(agent) = slot.get() {
            return Ok(agent);
        }
        let connect = Connect::new(
            Arc::clone(&self.options),
            client()?,
            Arc::clone(&self.reached),
            self.tracer.clone(),
        );
        let agent = ureq::Agent::with_parts(config(&self.options), connect, NoResolver);
        Ok(slot.get_or_init(|| agent))
    }
}

fn config(options: &Options) -> ureq::config::Config {
    ureq::config::Config::builder()
        .https_only(true)
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        // Ours stands below, in `connect`: ureq's own would read HTTP_PROXY for https URLs.
        .proxy(None)
        .user_agent(USER_AGENT)
        .max_response_header_size(LONGEST_HEAD)
        .max_idle_age(KEPT)
        .max_idle_connections(KEPT_CONNECTIONS)
        .max_idle_connections_per_host(KEPT_CONNECTIONS)
        .timeout_per_read(Some(options.idle_timeout))
        .timeout_recv_response(Some(time_for_head(options)))
        .build()
}

/// From the end of the request to the end of the answer's head; a body may take any time.
fn time_for_head(options: &Options) -> Duration {
    options.idle_timeout.saturating_mul(IDLE_TIMEOUTS_FOR_HEAD)
}

/// The head as ureq takes it; `Host`, `Content-Length` and `Accept: */*` are ureq's to add.
fn head(request: &Request) -> Result<http::Request<()>, Failure> {
    let mut builder = http::Request::builder()
        .method(request.method.clone())
        .uri(request.target.url().clone());
    if request.asks_for_gzip() {
        builder = builder.header(http::header::ACCEPT_ENCODING, "gzip");
    }
    for (name, value) in &request.headers {
        builder = builder.header(*name, value.expose());
    }
    builder.body(()).map_err(|error| Failure::Protocol {
        text: error.to_string(),
    })
}

fn without_query(url: &http::Uri) -> String {
    let url = url.to_string();
    match url.split_once('?') {
        Some((before, _)) => before.to_owned(),
        None => url,
    }
}

/// An answer whose body is still on the wire.
#[derive(Debug)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Whether the server asked for a client certificate; `None` where no certificate was to be sent.
    pub certificate_requested: Option<bool>,
    /// Headers as sent.
    pub headers: http::HeaderMap,
    body: Body,
}

impl Response {
    /// A header as text, `None` when absent or not ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body, decompressed.
    pub fn into_body(self) -> Body {
        self.body
    }

    /// Reads the whole body into `buffer` (cleared first).
    ///
    /// # Errors
    /// When it is cut off or longer than `limit` bytes.
    pub fn read_into(self, buffer: &mut Vec<u8>, limit: u64) -> Result<(), TransportError> {
        self.body.read_into(buffer, limit)
    }
}
