//! From a request to its answer: the checks in the order in which the service makes them.
//!
//! Certificate first, then HTTP, envelope, version, session, call. What goes wrong on the wire is
//! done by [`answer::send`](super::answer::send); the calls are in [`partner`](super::partner),
//! [`bulk`](super::bulk) and [`token`](super::token).

use super::answer::{Answer, Body};
use super::bulk::{self, Refused, Route};
use super::http::Request;
use super::journal::{Entry, Port, SessionSeen};
use super::login::{Limits, Session};
use super::soap::{Envelope, Fault};
use super::state::State;
use super::switches::{Call, Mishap, RefusalPage, Switches, due};
use super::token;

pub(super) const XML: &str = "text/xml;charset=UTF-8";
pub(super) const HTML: &str = "text/html; charset=UTF-8";
/// The versions that still answer, November 2026.
pub(super) const VERSIONS: std::ops::RangeInclusive<u32> = 31..=68;

/// The other end of a connection, as TLS showed it.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    pub(super) port: Port,
    pub(super) connection: u64,
    pub(super) certificate: Option<[u8; 32]>,
    /// Certificates sent, if in order.
    pub(super) chain: usize,
    /// OpenSSL's reason against the certificate.
    pub(super) verdict: Option<&'static str>,
}

/// An answer with all that is needed to send and to remember it.
pub(super) struct Outcome {
    pub(super) answer: Answer,
    pub(super) entry: Entry,
    pub(super) mishap: Option<Mishap>,
    pub(super) gzip: bool,
    /// Bytes of the body in a second.
    pub(super) bandwidth: Option<u64>,
}

/// What a request says, by its path.
enum Message<'r> {
    Soap(Result<Envelope, Fault>),
    Bulk(Route<'r>),
    /// To OAuth's token endpoint.
    Token,
}

/// Answers one request. `buffer` is the body of an earlier answer, to be used again.
pub(super) fn answer(
    state: &State,
    peer: &Peer,
    request: &Request,
    mut buffer: Vec<u8>,
) -> Outcome {
    buffer.clear();
    let switches = state.switches();
    let message = match Route::of(request) {
        Some(route) => Message::Bulk(route),
        None if token::is_asked(request) => Message::Token,
        None => Message::Soap(Envelope::parse(&request.body)),
    };
    let (call, session_id) = match &message {
        Message::Soap(Ok(envelope)) => (envelope.call.clone(), envelope.session_id.clone()),
        Message::Soap(Err(_)) => Default::default(),
        Message::Bulk(route) => (
            route.name().to_owned(),
            route.session_id(request).map(str::to_owned),
        ),
        Message::Token => ("token".to_owned(), None),
    };
    let mut entry = Entry {
        port: peer.port,
        connection: peer.connection,
        method: request.method.clone(),
        path: request.path.clone(),
        host: request.host().unwrap_or_default(),
        user_agent: request.header("user-agent").unwrap_or_default().to_owned(),
        certificate: peer.certificate,
        chain: peer.chain,
        known_certificate: peer.certificate == Some(state.certificates.uploaded),
        session: SessionSeen::None,
        gzip: request.gzip,
        status: 0,
        call,
    };
    if let Some(id) = &session_id {
        entry.session = match state.sessions().get(id) {
            Some(session) if session.host == entry.host => SessionSeen::Known,
            Some(_) => SessionSeen::KnownElsewhere,
            None => SessionSeen::Unknown,
        };
    }

    let mishap = due(&mut state.plans(), call_of(&entry.call));
    if let (Some(Mishap::SessionEnds), Some(id)) = (&mishap, &session_id) {
        state.sessions().forget(id);
    }
    let exchange = Exchange {
        state,
        switches: &switches,
        peer,
        request,
        mishap: mishap.as_ref(),
    };
    let mut answer = exchange.planned(&message).unwrap_or_else(|| {
        if let (Some(Mishap::Twice), Some(route)) = (&mishap, Route::of(request)) {
            let first = Message::Bulk(route);
            drop(exchange.judged(first, session_id.clone(), Vec::new()));
        }
        match exchange.judged(message, session_id, buffer) {
            Ok(answer) => answer,
            Err(refusal) => refusal.into_answer(&switches),
        }
    });
    if let Some(Mishap::DoneBehind(status)) = mishap {
        answer = Answer::new(status, HTML, page("Bad Gateway"));
    }
    if let Body::Bytes(body) = &mut answer.body {
        disturb(body, mishap.as_ref());
    }
    entry.status = match mishap {
        Some(Mishap::Cut { after: None, .. } | Mishap::Unheard(_) | Mishap::Silence) => 0,
        _ => answer.status,
    };
    let gzip = switches.gzip && request.accepts_gzip() && answer.status == 200;
    let bandwidth = match mishap {
        Some(Mishap::Slow(bandwidth)) => Some(bandwidth),
        _ => switches.bandwidth,
    };
    Outcome {
        answer,
        entry,
        mishap,
        gzip,
        bandwidth,
    }
}

fn call_of(name: &str) -> Option<Call> {
    Some(match name {
        "login" => Call::Login,
        "token" => Call::Token,
        "getUserInfo" => Call::GetUserInfo,
        "query" | "queryAll" => Call::Query,
        "queryMore" => Call::QueryMore,
        "logout" => Call::Logout,
        "bulk1.create" | "bulk2.create" => Call::BulkCreate,
        "bulk1.batch" => Call::BulkBatch,
        "bulk1.close" => Call::BulkClose,
        "bulk1.job" | "bulk1.batches" | "bulk1.batchinfo" | "bulk2.info" => Call::BulkLook,
        "bulk1.results" | "bulk2.pages" => Call::BulkResults,
        "bulk1.result" | "bulk2.results" => Call::BulkResult,
        "bulk1.abort" | "bulk2.abort" => Call::BulkAbort,
        "bulk2.delete" => Call::BulkDelete,
        "bulk2.list" => Call::BulkList,
        _ => return None,
    })
}

/// Mishaps inside the body.
fn disturb(body: &mut Vec<u8>, mishap: Option<&Mishap>) {
    match mishap {
        Some(Mishap::CutXml(keep)) => body.truncate(*keep),
        Some(Mishap::Doctype) => {
            let at = body
                .windows(2)
                .position(|two| two == b"?>")
                .map_or(0, |at| at + 2);
            let declaration = br#"<!DOCTYPE Envelope [<!ENTITY e SYSTEM "file:///etc/hostname">]>"#;
            body.splice(at..at, declaration.iter().copied());
        }
        _ => {}
    }
}

pub(super) enum Refusal {
    Answer(Answer),
    Fault(Fault),
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Refusal {
    fn into_answer(self, switches: &Switches) -> Answer {
        match self {
            Self::Answer(answer) => answer,
            Self::Fault(fault) => {
                let body = fault.write(switches.prefixes, switches.faults);
                Answer::new(switches.fault_status, XML, body)
            }
        }
    }

    pub(super) fn page(status: u16, title: &str) -> Self {
        Self::Answer(Answer::new(status, HTML, page(title)))
    }
}

pub(super) fn page(title: &str) -> Vec<u8> {
    format!("<!DOCTYPE html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n")
        .into_bytes()
}

/// The page captured on port 8443 in 2018.
fn service_page(reason: &str) -> Vec<u8> {
    format!(
        "<html><head><title>Certificate Error</title></head><body bgcolor=#ffffff text=#3c3c3c>\
         <center><img src=\"/img/sfdc_logo.png\"><p><h3>Client certificate error:<i>{reason}</i></h3></center></body></html>"
    )
    .into_bytes()
}

/// nginx, ngx_http_special_response.c: the texts of its statuses 495 and 496.
fn nginx_page(with_certificate: bool) -> Vec<u8> {
    let reason = if with_certificate {
        "The SSL certificate error"
    } else {
        "No required SSL certificate was sent"
    };
    format!(
        "<html>\r\n<head><title>400 {reason}</title></head>\r\n<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n\
         <center>{reason}</center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )
    .into_bytes()
}

fn not_mutually_authenticated() -> Fault {
    Fault::unexpected(
        "MUTUAL_AUTHENTICATION_FAILED",
        "This session could not be mutually authenticated for use with the API",
    )
}

/// The session IDs that an API takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tokens {
    /// REST: those in the form of a JWT, too.
    All,
    /// SOAP and Bulk API 1.0.
    Opaque,
}

/// A host as the org's answers name it.
pub(super) struct NamedHost {
    /// Perhaps with a port.
    pub(super) shown: String,
}

impl NamedHost {
    /// Without a port: that is nobody's concern, clients choose theirs.
    pub(super) fn name(&self) -> &str {
        let end = match self.shown.find(']') {
            Some(at) => at + 1,
            None => self.shown.find(':').unwrap_or(self.shown.len()),
        };
        &self.shown[..end]
    }
}

pub(super) struct Exchange<'a> {
    pub(super) state: &'a State,
    pub(super) switches: &'a Switches,
    pub(super) peer: &'a Peer,
    pub(super) request: &'a Request,
    pub(super) mishap: Option<&'a Mishap>,
}

impl Exchange<'_> {
    /// An answer that a mishap puts in place of the real one.
    fn planned(&self, message: &Message<'_>) -> Option<Answer> {
        match self.mishap? {
            Mishap::Redirect(url) => {
                let mut answer = Answer::new(302, HTML, page("Moved"));
                answer.headers.push(("Location", url.clone()));
                Some(answer)
            }
            Mishap::Page {
                status,
                content_type,
                retry_after,
            } => {
                let mut answer =
                    Answer::new(*status, content_type, page("We are down for maintenance."));
                answer
                    .headers
                    .extend(retry_after.clone().map(|value| ("Retry-After", value)));
                Some(answer)
            }
            // What is answered is not sent.
            Mishap::Unheard(_) => Some(Answer::new(500, HTML, Vec::new())),
            Mishap::Fault(code, text) => {
                let fault = Fault::unexpected(code, *text);
                let refusal = match message {
                    Message::Soap(_) => Refusal::Fault(fault),
                    Message::Bulk(route) => self.refusal_of(&fault, route),
                    Message::Token => self.token_refusal(&fault),
                };
                Some(refusal.into_answer(self.switches))
            }
            _ => None,
        }
    }

    fn judged(
        &self,
        message: Message<'_>,
        session_id: Option<String>,
        body: Vec<u8>,
    ) -> Result<Answer, Refusal> {
        if self.peer.port == Port::Mutual {
            self.certificate_is_valid()?;
        }
        if self.request.host().is_none() {
            return Err(Refusal::page(400, "Bad Request"));
        }
        match message {
            Message::Soap(envelope) => self.soap(envelope, body),
            Message::Bulk(route) => self.bulk(&route, session_id.as_deref().unwrap_or_default()),
            Message::Token => self.token(),
        }
    }

    fn bulk(&self, route: &Route<'_>, session_id: &str) -> Result<Answer, Refusal> {
        let refusal = |refused: Refused| Refusal::Answer(refused.answer(route.api, route.json));
        let version = route.version(&VERSIONS).map_err(refusal)?;
        let tokens = match route.api {
            bulk::Api::One => Tokens::Opaque,
            bulk::Api::Two => Tokens::All,
        };
        let session = self
            .certificate_is_known()
            .and_then(|()| self.session(session_id, tokens))
            .map_err(|fault| self.refusal_of(&fault, route))?;
        let (used, most) = self.state.count_api_call();
        let asked = bulk::Asked {
            state: self.state,
            switches: self.switches,
            request: self.request,
            mishap: self.mishap,
            user: session.user,
            version,
            json: route.json,
        };
        let mut answer = asked.answer(route).map_err(refusal)?;
        if route.api == bulk::Api::Two {
            let usage = format!("api-usage={used}/{most}");
            answer.headers.push(("Sforce-Limit-Info", usage));
        }
        Ok(answer)
    }

    fn refusal_of(&self, fault: &Fault, route: &Route<'_>) -> Refusal {
        let refused = Refused::of(fault, route.api, self.switches.bulk.refused_status);
        Refusal::Answer(refused.answer(route.api, route.json))
    }

    /// The verdict of the handshake, told in HTTP.
    fn certificate_is_valid(&self) -> Result<(), Refusal> {
        let reason = match (self.peer.certificate, self.peer.verdict) {
            (None, _) => None,
            (Some(_), Some(reason)) => Some(reason),
            (Some(_), None) => return Ok(()),
        };
        let (status, page) = match self.switches.page {
            RefusalPage::Service => {
                let own = self.switches.page_reason.as_deref();
                let reason = own.or(reason).unwrap_or("No client certificate provided.");
                (self.switches.page_status, service_page(reason))
            }
            RefusalPage::Nginx => (400, nginx_page(reason.is_some())),
        };
        let page_type = self.switches.page_type;
        Err(Refusal::Answer(Answer::new(status, page_type, page)))
    }

    /// A certificate that no one uploaded is refused in the words of the API.
    pub(super) fn certificate_is_known(&self) -> Result<(), Fault> {
        let uploaded = self.state.certificates.uploaded;
        if self.peer.port == Port::Mutual && self.peer.certificate != Some(uploaded) {
            return Err(not_mutually_authenticated());
        }
        Ok(())
    }

    /// The host that serverUrl and instance_url name.
    pub(super) fn named_host(&self) -> NamedHost {
        let asked = || self.request.host().unwrap_or_default();
        NamedHost {
            shown: self.switches.server_host.clone().unwrap_or_else(asked),
        }
    }

    pub(super) fn session(&self, id: &str, tokens: Tokens) -> Result<Session, Fault> {
        let limits = Limits {
            calls: self.switches.session_calls,
            seconds: self.switches.session_seconds,
        };
        let now = self.state.now();
        let mut sessions = self.state.sessions();
        let taken = |session: &Session| tokens == Tokens::All || !session.jwt;
        let session = match sessions.get(id) {
            Some(session) if taken(session) => sessions.call(id, limits, now),
            _ => None,
        };
        drop(sessions);
        let session = session.ok_or_else(|| {
            Fault::unexpected(
                "INVALID_SESSION_ID",
                "Invalid Session ID found in SessionHeader: Illegal Session. Session not found, missing session hash",
            )
        })?;
        if self.peer.port == Port::Login && self.state.users[session.user].enforced {
            return Err(not_mutually_authenticated());
        }
        if session.password_expired {
            return Err(Fault::unexpected(
                "INVALID_OPERATION_WITH_EXPIRED_PASSWORD",
                "The users password has expired, you must call SetPassword before attempting any other API operations",
            ));
        }
        Ok(session)
    }
}
