//! What the org saw, request by request, and the rules that every client must keep.
//!
//! Session IDs and passwords are not written down, only whether they were right.

use std::fmt;

/// One of the two listeners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// Server TLS only: login(), as on 443.
    Login,
    /// With client certificates, as on 8443.
    Mutual,
}

/// The session ID of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionSeen {
    /// None was sent.
    None,
    /// One that this org gave out for the host name of this request.
    Known,
    /// One that this org gave out for another host name.
    KnownElsewhere,
    /// One that this org never gave out, or has forgotten.
    Unknown,
}

/// One request.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The listener.
    pub port: Port,
    /// Number of the connection, from 1: equal numbers show reuse.
    pub connection: u64,
    /// HTTP method.
    pub method: String,
    /// Path of the request line.
    pub path: String,
    /// `Host` without its port.
    pub host: String,
    /// `User-Agent`, or empty.
    pub user_agent: String,
    /// The call in the body, such as `queryMore`; empty if there was none.
    pub call: String,
    /// SHA-256 of the client certificate.
    pub certificate: Option<[u8; 32]>,
    /// Certificates that the client sent, leaf included, if each was issued by the next; else 0.
    pub chain: usize,
    /// The client certificate is the one that this org knows.
    pub known_certificate: bool,
    /// The session ID.
    pub session: SessionSeen,
    /// The body of the request came in gzip.
    pub gzip: bool,
    /// Status of the answer; 0 if there was none.
    pub status: u16,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            port,
            connection,
            method,
            path,
            host,
            call,
            session,
            status,
            known_certificate,
            ..
        } = self;
        let certificate = match (self.certificate, known_certificate) {
            (None, _) => "no certificate",
            (Some(_), true) => "the certificate",
            (Some(_), false) => "another certificate",
        };
        write!(
            f,
            "{port:?} port, connection {connection}: {method} {path} ({call}) at {host}, {certificate}, session {session:?}: {status}"
        )
    }
}

/// All requests so far.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    /// In the order of their answers.
    pub entries: Vec<Entry>,
}

/// `User-Agent` of [`plain`](super::plain), whose requests break the rules on purpose.
pub(super) const PLAIN_CLIENT: &str = "local-org-plain-client";

impl Journal {
    /// Checks the rules: every request on the mutual port carried *the* certificate, no session ID went
    /// to the login port or to another host name, no certificate went to the login port.
    ///
    /// Requests of the org's own plain client are left out: breaking the rules is its purpose.
    ///
    /// # Errors
    /// The entries that broke a rule, one a line.
    pub fn check(&self) -> Result<(), String> {
        self.check_except(|_| false)
    }

    /// The same, without the entries for which `expected` is true.
    ///
    /// # Errors
    /// As [`Journal::check`].
    pub fn check_except(&self, expected: impl Fn(&Entry) -> bool) -> Result<(), String> {
        let broken: Vec<String> = self
            .entries
            .iter()
            .filter(|entry| entry.user_agent != PLAIN_CLIENT && !expected(entry))
            .filter_map(|entry| broken_rule(entry).map(|rule| format!("{rule}: {entry}")))
            .collect();
        if broken.is_empty() {
            Ok(())
        } else {
            Err(broken.join("\n"))
        }
    }

    /// The calls in order, such as `["login", "query", "queryMore"]`.
    #[must_use]
    pub fn calls(&self) -> Vec<&str> {
        self.entries
            .iter()
            .map(|entry| entry.call.as_str())
            .collect()
    }

    /// How many connections carried requests.
    #[must_use]
    pub fn connections(&self) -> usize {
        let mut numbers: Vec<u64> = self.entries.iter().map(|entry| entry.connection).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers.len()
    }
}

fn broken_rule(entry: &Entry) -> Option<&'static str> {
    match entry.port {
        Port::Mutual if !entry.known_certificate => {
            Some("request on the mutual port without the certificate")
        }
        Port::Login if entry.certificate.is_some() => Some("certificate on the login port"),
        Port::Login if entry.session != SessionSeen::None => Some("session ID on the login port"),
        _ if entry.session == SessionSeen::KnownElsewhere => Some("session ID at another host"),
        _ => None,
    }
}
