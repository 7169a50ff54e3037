//! The one line that most people read, and what it means for the exit status.

use super::Diagnosis;
use super::finding::{Finding, Severity};

/// The whole in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is wrong.
    Ok,
    /// It works, but something should be looked at.
    Warn,
    /// A mutually authenticated call cannot work.
    Fail,
    /// Nothing wrong was found, but something essential could not be judged.
    Unknown,
}

/// Whom a finding concerns: what a failed call would be blamed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concern {
    /// The client's identity, or its refusal.
    Identity,
    /// The server's certificate.
    ServerCertificate,
    /// The way to the server, or a server that is not the right one.
    Network,
    /// The session.
    Session,
    /// What Salesforce said to the call itself.
    Fault,
}

/// What a finding is to be blamed on.
pub fn concern(finding: &Finding) -> Concern {
    match finding.id {
        // Where it is trusted, a real call goes on until the server misses the certificate.
        "tls-inspection-proxy" if finding.data.get("trusted") == Some(&true.into()) => {
            Concern::Identity
        }
        "tls-inspection-proxy"
        | "server-cert-untrusted"
        | "server-cert-expired"
        | "server-name-mismatch" => Concern::ServerCertificate,
        "dns-failure"
        | "connect-failed"
        | "proxy-failed"
        | "tcp-refused"
        | "tcp-timeout"
        | "tls-timeout"
        | "proxy-connect-denied"
        | "handshake-dropped"
        | "not-tls"
        | "tls-version-unsupported"
        | "tls-alert"
        | "sf-login-host"
        | "sf-wrong-host"
        | "client-cert-not-requested"
        | "clock-skew"
        | "http-unexpected"
        | "sf-redirect" => Concern::Network,
        "sf-session-invalid" | "session-missing" => Concern::Session,
        "sf-soap-fault" => Concern::Fault,
        _ => Concern::Identity,
    }
}

impl Diagnosis {
    /// How many findings are this bad.
    pub fn count(&self, severity: Severity) -> usize {
        let of_it = |finding: &&Finding| finding.severity == severity;
        self.findings.iter().filter(of_it).count()
    }

    /// The finding that keeps calls from working; where none does, the first warning.
    pub fn cause(&self) -> Option<&Finding> {
        let first = self.findings.first()?;
        (first.severity > Severity::Info).then_some(first)
    }

    /// The whole in one word.
    pub fn verdict(&self) -> Verdict {
        match self.cause().map(|finding| finding.severity) {
            Some(Severity::Error) => Verdict::Fail,
            _ if self.has("issuer-unknown") && !self.has("sf-mutual-auth-ok") => Verdict::Unknown,
            Some(_) => Verdict::Warn,
            None => Verdict::Ok,
        }
    }
}
