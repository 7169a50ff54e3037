//! From a request to its answer: the checks in the order in which the service makes them.
//!
//! Certificate first, then HTTP, envelope, version, session, call. What goes wrong on the wire is
//! done by [`http::send`](super::http::send).

use super::http::{Answer, Request};
use super::journal::{Entry, Port, SessionSeen};
use super::login::{self, ORGANIZATION_ID, Session, short_id};
use super::query;
use super::soap::{Envelope, Fault, Names};
use super::state::State;
use super::switches::{Call, Mishap, Switches, due};

const XML: &str = "text/xml;charset=UTF-8";
const HTML: &str = "text/html; charset=UTF-8";
/// The versions that still answer, November 2026.
const VERSIONS: std::ops::RangeInclusive<u32> = 31..=68;

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
    let envelope = Envelope::parse(&request.body);
    let call = envelope
        .as_ref()
        .map(|envelope| envelope.call.clone())
        .unwrap_or_default();
    let session_id = envelope
        .as_ref()
        .ok()
        .and_then(|envelope| envelope.session_id.clone());
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
    let exchange = Exchange {
        state,
        switches: &switches,
        peer,
        request,
        mishap: mishap.as_ref(),
    };
    let mut answer =
        exchange
            .planned()
            .unwrap_or_else(|| match exchange.judged(envelope, buffer) {
                Ok(answer) => answer,
                Err(refusal) => refusal.into_answer(&switches),
            });
    disturb(&mut answer.body, mishap.as_ref());
    entry.status = match mishap {
        Some(Mishap::Cut { after: None, .. } | Mishap::Silence) => 0,
        _ => answer.status,
    };
    let gzip = switches.gzip && request.accepts_gzip() && answer.status == 200;
    Outcome {
        answer,
        entry,
        mishap,
        gzip,
    }
}

fn call_of(name: &str) -> Option<Call> {
    Some(match name {
        "login" => Call::Login,
        "getUserInfo" => Call::GetUserInfo,
        "query" | "queryAll" => Call::Query,
        "queryMore" => Call::QueryMore,
        "logout" => Call::Logout,
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

enum Refusal {
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

    fn page(status: u16, title: &str) -> Self {
        Self::Answer(Answer::new(status, HTML, page(title)))
    }
}

fn page(title: &str) -> Vec<u8> {
    format!("<!DOCTYPE html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n")
        .into_bytes()
}

fn not_mutually_authenticated() -> Fault {
    Fault::unexpected(
        "MUTUAL_AUTHENTICATION_FAILED",
        "This session could not be mutually authenticated for use with the API",
    )
}

struct Exchange<'a> {
    state: &'a State,
    switches: &'a Switches,
    peer: &'a Peer,
    request: &'a Request,
    mishap: Option<&'a Mishap>,
}

impl Exchange<'_> {
    /// An answer that a mishap puts in place of the real one.
    fn planned(&self) -> Option<Answer> {
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
            Mishap::Fault(code, message) => {
                Some(Refusal::Fault(Fault::unexpected(code, *message)).into_answer(self.switches))
            }
            _ => None,
        }
    }

    fn judged(&self, envelope: Result<Envelope, Fault>, body: Vec<u8>) -> Result<Answer, Refusal> {
        if self.peer.port == Port::Mutual {
            self.certificate_is_valid()?;
        }
        let version = self.soap_version()?;
        self.headers_are_right()?;
        let envelope = envelope?;
        if self.peer.port == Port::Mutual
            && self.peer.certificate != Some(self.state.certificates.uploaded)
        {
            return Err(not_mutually_authenticated().into());
        }
        let body = match envelope.call.as_str() {
            "login" => self.login(&envelope, version, body)?,
            "getUserInfo" | "logout" | "query" | "queryAll" | "queryMore" => {
                let id = envelope.session_id.as_deref().unwrap_or_default();
                let session = self.session(id)?;
                self.call(&envelope, &session, body)?
            }
            other => {
                let message = format!(
                    "No operation available for request {{urn:partner.soap.sforce.com}}{other}"
                );
                return Err(Fault::envelope(&message).into());
            }
        };
        Ok(Answer::new(200, XML, body))
    }

    /// The verdict of the handshake, told in HTTP. The page is the one captured on port 8443 in 2018.
    fn certificate_is_valid(&self) -> Result<(), Refusal> {
        let reason = match (self.peer.certificate, self.peer.verdict) {
            (None, _) => "No client certificate provided.",
            (Some(_), Some(reason)) => reason,
            (Some(_), None) => return Ok(()),
        };
        let reason = self.switches.page_reason.as_deref().unwrap_or(reason);
        let page = format!(
            "<html><head><title>Certificate Error</title></head><body bgcolor=#ffffff text=#3c3c3c>\
             <center><img src=\"/img/sfdc_logo.png\"><p><h3>Client certificate error:<i>{reason}</i></h3></center></body></html>"
        );
        Err(Refusal::Answer(Answer::new(
            self.switches.page_status,
            self.switches.page_type,
            page.into_bytes(),
        )))
    }

    /// The version that the path of the partner API names.
    fn soap_version(&self) -> Result<u32, Refusal> {
        let not_found = || Refusal::page(404, "Not Found");
        let rest = self
            .request
            .path
            .strip_prefix("/services/Soap/u/")
            .ok_or_else(not_found)?;
        let (version, org) = rest.split_once('/').unwrap_or((rest, ""));
        if !org.is_empty() && org != short_id(ORGANIZATION_ID) {
            return Err(not_found());
        }
        if self.request.method != "POST" {
            let mut answer = Answer::new(405, HTML, page("Method Not Allowed"));
            answer.headers.push(("Allow", "POST".to_owned()));
            return Err(Refusal::Answer(answer));
        }
        version
            .strip_suffix(".0")
            .and_then(|number| number.parse().ok())
            .filter(|number| VERSIONS.contains(number))
            .ok_or_else(|| {
                Fault::unexpected(
                    "UNSUPPORTED_API_VERSION",
                    "Invalid Api version specified on URL",
                )
                .into()
            })
    }

    fn headers_are_right(&self) -> Result<(), Refusal> {
        if self.request.host().is_none() {
            return Err(Refusal::page(400, "Bad Request"));
        }
        let content_type = self.request.header("content-type").unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("text/xml") {
            return Err(Fault::envelope("content-type of the request should be text/xml").into());
        }
        if self.request.header("soapaction").is_none() {
            return Err(Fault::envelope("SOAPAction HTTP header missing").into());
        }
        Ok(())
    }

    fn login(
        &self,
        envelope: &Envelope,
        version: u32,
        mut body: Vec<u8>,
    ) -> Result<Vec<u8>, Fault> {
        let [username, password] = envelope.arguments(["username", "password"])?;
        let mut sessions = self.state.sessions();
        let (index, password_expired) = login::log_in(
            &self.state.users,
            &mut sessions,
            self.switches.login,
            version,
            username,
            password,
        )?;
        let asked = self.request.host().unwrap_or_default();
        let host = self.switches.server_host.as_deref().unwrap_or(&asked);
        let session_id = sessions.begin(index, host, password_expired);
        let names = Names::of(self.switches.prefixes);
        let user = &self.state.users[index];
        names.open(&mut body, "loginResponse", None);
        login::write_login_result(
            &names,
            &mut body,
            user,
            host,
            version,
            &session_id,
            password_expired,
        );
        names.close(&mut body, "loginResponse");
        Ok(body)
    }

    fn session(&self, id: &str) -> Result<Session, Fault> {
        let session = self.state.sessions().call(id, self.switches.session_calls).ok_or_else(|| {
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

    fn call(
        &self,
        envelope: &Envelope,
        session: &Session,
        mut body: Vec<u8>,
    ) -> Result<Vec<u8>, Fault> {
        let usage = self.state.count_api_call();
        let names = Names::of(self.switches.prefixes);
        let response = format!("{}Response", envelope.call);
        names.open(&mut body, &response, Some(usage));
        match envelope.call.as_str() {
            "getUserInfo" => {
                envelope.arguments([])?;
                body.extend_from_slice(format!("<{}result>", names.api).as_bytes());
                login::write_user_fields(&names, &mut body, &self.state.users[session.user]);
                body.extend_from_slice(format!("</{}result>", names.api).as_bytes());
            }
            "logout" => {
                envelope.arguments([])?;
                self.state.sessions().end(session.user);
            }
            "queryMore" => {
                let [locator] = envelope.arguments(["queryLocator"])?;
                self.pages(&names, envelope, session)?
                    .more(locator, &mut body)?;
            }
            call => {
                let [text] = envelope.arguments(["queryString"])?;
                self.pages(&names, envelope, session)?.first(
                    text,
                    call == "queryAll",
                    &mut body,
                )?;
            }
        }
        names.close(&mut body, &response);
        Ok(body)
    }

    fn pages<'a>(
        &'a self,
        names: &'a Names,
        envelope: &Envelope,
        session: &Session,
    ) -> Result<query::Pages<'a>, Fault> {
        let short_by = match self.mishap {
            Some(Mishap::FewerRows(rows)) => *rows,
            _ => 0,
        };
        Ok(query::Pages {
            data: self.state.data(self.switches),
            cursors: &self.state.cursors,
            names,
            user: session.user,
            batch_size: query::batch_size(envelope.batch_size.as_deref())?,
            unknown_size: self.switches.unknown_size,
            short_by,
        })
    }
}
