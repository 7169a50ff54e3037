//! What the server asks for and what it says to this identity.
//!
//! ```text
//! contact      one request: sent as the calls are, with its handshake recorded
//! record       what programs are told about a contact
//! way          why a probe could not connect: names, ports, proxies, the server's certificate
//! inspection   somebody else's certificate in the server's place
//! asked        what the server asks for, compared with the identity
//! alert        what it said in TLS
//! answer       what it said in HTTP
//! ```
//!
//! Nothing is tried twice, and a session is shown to nobody but the host that gave it. A finding here
//! is what was seen; which offline finding is behind it is for [`super::join`] to say.

mod alert;
mod answer;
mod asked;
mod contact;
mod inspection;
mod record;
#[cfg(test)]
mod tests;
mod way;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

pub use self::alert::rejection;
use self::contact::{Contact, Outcome, Prober};
pub use self::record::{Http, Probe, SeenAlert};
use super::Criteria;
use super::facts::upload;
use super::finding::{Finding, Severity, Subject};
use super::judge::Judged;
use super::roots::KnownRoots;
use crate::event::Observer;
use crate::identity::Identity;
use crate::identity::survey::Survey;
use crate::net::{Options, TlsVersion};
use crate::salesforce::call::CallError;
use crate::salesforce::endpoint::{ApiVersion, ServerUrl};
use crate::salesforce::session::Session;
use crate::text::secret::KnownSecrets;
use crate::text::shell;

/// Whom to ask, and with what.
pub struct Plan {
    /// The org's host; a port in it does not count.
    pub server: ServerUrl,
    /// The port of mutual TLS.
    pub mtls_port: u16,
    /// The port without.
    pub login_port: u16,
    /// The API version of the calls.
    pub version: ApiVersion,
    /// How to connect; longer time-outs than the probe's 10 s are cut to that.
    pub options: Options,
    /// The identity as the calls would send it; `None` where it could not be loaded.
    pub identity: Option<Arc<Identity>>,
    /// The session, where there is one. It counts only where its own host is the one asked.
    pub session: Option<Session>,
    /// What the identity is judged against: its roots say where a chain ends.
    pub criteria: Criteria,
    /// Secrets to hide even when the server echoes them.
    pub secrets: Arc<KnownSecrets>,
    /// Receives the traces.
    pub observer: Arc<dyn Observer>,
    /// This machine's clock.
    pub now: fn() -> SystemTime,
}

impl Plan {
    /// Host and port, for messages and commands.
    fn authority(&self, port: u16) -> String {
        format!("{}:{port}", self.server.host())
    }

    /// The command that shows the TLS of a port; another may follow it behind `|`.
    fn s_client(&self, port: u16) -> String {
        let (at, host) = (self.authority(port), self.server.host());
        format!(
            "openssl s_client -connect {} -servername {} </dev/null",
            shell::word(&at),
            shell::word(host)
        )
    }

    /// What the server said, or another on the way, without the secrets that are repeated in it.
    /// Our own words, ids and commands are not searched: a password may be one of them.
    fn said<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.secrets.hide(text)
    }

    /// The session, if it is this host's.
    fn own_session(&self) -> Option<&Session> {
        let session = self.session.as_ref()?;
        (session.server_url.host() == self.server.host()).then_some(session)
    }
}

/// What the server told.
#[derive(Debug, Default)]
pub struct Live {
    /// The host that was asked.
    pub host: String,
    /// Its port of mutual TLS.
    pub mtls_port: u16,
    /// Its port without.
    pub login_port: u16,
    /// The findings.
    pub findings: Vec<Finding>,
    /// Every contact, in order.
    pub probes: Vec<Probe>,
    /// The session's user, where getUserInfo on the port of mutual TLS told.
    pub user: Option<String>,
    /// The user's organisation, likewise.
    pub organization: Option<String>,
    /// Whether the port without mutual TLS refuses this user without a certificate; `None` where it
    /// was not asked or said something else.
    pub enforced: Option<bool>,
    /// Whether the CAs that the server names include one in this chain; `None` where it names none.
    pub issuer_named: Option<bool>,
}

/// Carries the plan out. Each step may stop the next.
///
/// # Errors
/// When the CA certificates that vouch for the server cannot be loaded: nothing was asked then.
pub fn run(plan: &Plan, survey: &Survey, judged: &Judged) -> Result<Live, CallError> {
    let mut probing = Probing {
        plan,
        survey,
        judged,
        prober: Prober::new(plan),
        roots: KnownRoots::of(&plan.criteria, survey),
        live: Live {
            host: plan.server.host().to_owned(),
            mtls_port: plan.mtls_port,
            login_port: plan.login_port,
            ..Live::default()
        },
    };
    match way::misplaced(plan) {
        Some(finding) => probing.say(finding),
        None => probing.ask()?,
    }
    let mut live = probing.live;
    live.settle();
    Ok(live)
}

struct Probing<'a> {
    plan: &'a Plan,
    survey: &'a Survey,
    judged: &'a Judged,
    prober: Prober<'a>,
    roots: KnownRoots<'a>,
    live: Live,
}

impl Probing<'_> {
    fn ask(&mut self) -> Result<(), CallError> {
        let plan = self.plan;
        let login = self.remember(self.prober.look(plan.login_port)?);
        let bare = self.remember(self.prober.look(plan.mtls_port)?);
        self.judge_clock([&login, &bare]);

        let inspection = inspection::finding(plan, &self.roots, &login, &bare);
        let inspected = inspection.is_some();
        inspection.into_iter().for_each(|finding| self.say(finding));
        if let Some(finding) = way::fault(&bare, plan, Some(&login)) {
            // The proxy's certificate is the reason that the server's is not trusted.
            if !(inspected && bare.is_untrusted()) {
                self.say(finding);
            }
            return Ok(());
        }
        if let Some(finding) = way::fault(&login, plan, None) {
            self.say(way::login_will_fail(finding));
        }
        let Some(identity) = &plan.identity else {
            self.judge_request(&bare, None);
            return Ok(());
        };
        let session = plan.own_session();
        let call = self.prober.call(plan.mtls_port, Some(identity), session)?;
        let call = self.remember(call);
        let request_seen = call.handshake.request.is_some() || bare.handshake.request.is_some();
        if request_seen {
            self.judge_request(
                if call.handshake.request.is_some() {
                    &call
                } else {
                    &bare
                },
                Some(&call),
            );
        } else if call.handshake.finished && !inspected {
            self.say(asked::not_requested(plan));
        }
        self.judge_call(&call, identity, session.is_some())?;
        match session {
            Some(session) if request_seen => self.ask_without_certificate(&login, &call, session),
            Some(_) => Ok(()),
            None => {
                self.say(answer::session_missing(plan));
                Ok(())
            }
        }
    }

    fn remember(&mut self, contact: Contact) -> Contact {
        self.live.probes.push(contact.probe.clone());
        contact
    }

    /// Adds a finding, unless the files raised the same one already.
    fn say(&mut self, finding: Finding) {
        let of_files = |id| {
            let faults = self.survey.faults.iter().map(|fault| fault.id());
            let judged = self.judged.findings.iter().map(|finding| finding.id);
            faults.chain(judged).any(|known| known == id)
        };
        let told = self
            .live
            .findings
            .iter()
            .any(|known| known.id == finding.id);
        if !told && !of_files(finding.id) {
            self.live.findings.push(finding);
        }
    }

    fn judge_clock(&mut self, contacts: [&Contact; 2]) {
        let skew = contacts.iter().find_map(|contact| contact.skew());
        if let Some(finding) = skew.and_then(way::clock_skew) {
            self.say(finding);
        }
    }

    /// What the server asks for; `call` is the contact with the identity.
    fn judge_request(&mut self, contact: &Contact, call: Option<&Contact>) {
        let Some(request) = &contact.handshake.request else {
            if contact.handshake.finished {
                self.say(asked::not_requested(self.plan));
            }
            return;
        };
        let identity = self.plan.identity.as_deref();
        let authorities = asked::Authorities::of(request, identity, &self.roots);
        self.live.issuer_named = authorities.named;
        let refused = call.and_then(Contact::received_alert);
        if let Some(finding) = authorities.finding(self.plan, refused) {
            self.say(finding);
        }
        if let Some(finding) = authorities.other_way(self.survey, self.judged, refused) {
            self.say(finding);
        }
        if let (Some(identity), Some(call)) = (identity, call)
            && let Some(finding) = asked::withheld(self.plan, call, identity)
        {
            self.say(finding);
        }
    }

    /// What came of the call with the identity.
    fn judge_call(
        &mut self,
        call: &Contact,
        identity: &Arc<Identity>,
        with_session: bool,
    ) -> Result<(), CallError> {
        let plan = self.plan;
        match &call.outcome {
            Outcome::Answer(answer) => {
                let upload = upload(self.survey, self.judged);
                let found =
                    answer::with_identity(plan, call, answer, identity, upload, with_session);
                self.live.user = found.user;
                self.live.organization = found.organization;
                self.say(found.finding);
            }
            Outcome::Lost(_) if call.is_refused() => {
                let again = match call.handshake.version.as_deref() {
                    Some("TLSv1.3") if plan.options.tls_min == TlsVersion::V1_2 => {
                        let again = self.prober.in_tls_1_2(plan.mtls_port, identity)?;
                        Some(self.remember(again))
                    }
                    _ => None,
                };
                self.say(alert::refused(plan, call, again.as_ref()));
            }
            Outcome::Lost(_) => {
                if let Some(finding) = way::fault_of_call(call, plan) {
                    self.say(finding);
                }
            }
        }
        Ok(())
    }

    /// Whether this user may do without a certificate, where the session is alive and the port works.
    fn ask_without_certificate(
        &mut self,
        login: &Contact,
        call: &Contact,
        session: &Session,
    ) -> Result<(), CallError> {
        if !login.handshake.finished || !answer::session_is_alive(call) {
            return Ok(());
        }
        let free = self
            .prober
            .call(self.plan.login_port, None, Some(session))?;
        let free = self.remember(free);
        if let Some((enforced, finding)) = answer::without_certificate(self.plan, &free) {
            self.live.enforced = Some(enforced);
            self.say(finding);
        }
        Ok(())
    }
}

impl Live {
    /// Host and port of mutual TLS.
    pub fn address(&self) -> String {
        format!("{}:{}", self.host, self.mtls_port)
    }

    /// Whether the server said no to the certificate, in TLS or afterwards.
    pub fn refused(&self) -> bool {
        self.findings.iter().any(|finding| {
            finding.id.starts_with("rejected-")
                || matches!(
                    finding.id,
                    "sf-client-certificate-error" | "http-client-cert-rejected"
                )
        })
    }

    /// A call that succeeded with the certificate outweighs every sign that it could not.
    fn settle(&mut self) {
        const WORKS: &str = "sf-mutual-auth-ok";
        if !self.findings.iter().any(|finding| finding.id == WORKS) {
            return;
        }
        let signs = ["tls-inspection-proxy"];
        for finding in &mut self.findings {
            if signs.contains(&finding.id) {
                finding.severity = Severity::Warning;
                finding.downgraded_by = Some(WORKS);
            }
        }
    }
}

/// A finding about the server.
fn about_server(id: &'static str, message: impl Into<String>) -> Finding {
    Finding::new(id, Subject::Server, message)
}
