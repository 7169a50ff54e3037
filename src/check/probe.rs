//! What the server asks for and what it says to this identity.

use std::sync::Arc;
use std::time::SystemTime;

use super::finding::Finding;
use super::judge::Judged;
use crate::event::Observer;
use crate::identity::Identity;
use crate::identity::survey::Survey;
use crate::net::Options;
use crate::salesforce::endpoint::ApiVersion;
use crate::salesforce::session::Session;

/// Whom to ask, and with what.
pub struct Plan {
    /// The org's host.
    pub host: String,
    /// The port of mutual TLS.
    pub mtls_port: u16,
    /// The port without.
    pub login_port: u16,
    /// The API version of the calls.
    pub version: ApiVersion,
    /// How to connect; its time-outs are the probe's.
    pub options: Options,
    /// The identity as the calls would send it; `None` where it could not be loaded.
    pub identity: Option<Arc<Identity>>,
    /// The session, where there is one of this host.
    pub session: Option<Session>,
    /// Who hears traces.
    pub observer: Arc<dyn Observer>,
    /// This machine's clock.
    pub now: fn() -> SystemTime,
}

/// What the server told.
#[derive(Debug, Default)]
pub struct Live {
    /// The host that was asked.
    pub host: String,
    /// What is to be said.
    pub findings: Vec<Finding>,
}

/// Carries the plan out.
pub fn run(plan: &Plan, survey: &Survey, judged: &Judged) -> Live {
    let _ = (survey, judged);
    Live {
        host: plan.host.clone(),
        findings: Vec::new(),
    }
}
