//! When a fault is worth another try, and how long to wait before it.
//!
//! One place for all callers; code that never retries (a login, which locks users out; a certificate
//! check) does not call it. What a *fault* of Salesforce's means is for the caller's `judge` to say:
//! this floor knows connections and HTTP statuses.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, SystemTime};

use super::{Failure, TransportError};
use crate::event::{Event, Observer};

/// How often and how patiently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Tries after the first. Default 4.
    pub retries: u32,
    /// The first wait; each next one is twice as long. Default 0.5 s.
    pub first_wait: Duration,
    /// The longest wait of our own choosing. Default 30 s.
    pub longest_wait: Duration,
    /// The longest `Retry-After` that is honoured; a longer one ends the tries. Default 5 min.
    pub longest_retry_after: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            retries: 4,
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(30),
            longest_retry_after: Duration::from_secs(300),
        }
    }
}

impl Policy {
    /// The default with another number of retries (`--retry`).
    pub fn with_retries(retries: u32) -> Self {
        Self {
            retries,
            ..Self::default()
        }
    }

    /// The wait before retry `number` (from 1), which `Retry-After` may only lengthen: at least half of the nominal
    /// one, so that many clients do not come back at once.
    fn backoff(&self, number: u32) -> Duration {
        let doublings = (number - 1).min(16);
        let nominal = self.first_wait * 2_u32.pow(doublings);
        let nominal = nominal.min(self.longest_wait);
        // The hasher is seeded at random: the only chance the standard library offers.
        let chance = RandomState::new().hash_one(number) % 1000;
        let jitter = nominal / 2 * u32::try_from(chance).unwrap_or_default() / 1000;
        nominal / 2 + jitter
    }
}

/// What an error means for a retry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Retry {
    /// The next try would end the same way.
    Never,
    /// A transient fault: the next try may succeed.
    Transient {
        /// What went wrong, in a few words, for the note.
        reason: String,
        /// What the server's `Retry-After` asks for.
        retry_after: Option<Duration>,
    },
}

/// Counts tries for one piece of work.
pub struct Tries<'a> {
    policy: Policy,
    observer: &'a dyn Observer,
    sleep: &'a dyn Fn(Duration),
    used: u32,
}

impl<'a> Tries<'a> {
    /// Starts counting; `sleep` waits (`std::thread::sleep`, or nothing in a test).
    pub fn new(policy: Policy, observer: &'a dyn Observer, sleep: &'a dyn Fn(Duration)) -> Self {
        Self {
            policy,
            observer,
            sleep,
            used: 0,
        }
    }

    /// The work got further (a download gained bytes): the count starts anew.
    pub fn progressed(&mut self) {
        self.used = 0;
    }

    /// Whether to try again; if so, it has told the observer and waited.
    pub fn again(&mut self, retry: &Retry) -> bool {
        let Retry::Transient {
            reason,
            retry_after,
        } = retry
        else {
            return false;
        };
        if self.used == self.policy.retries {
            return false;
        }
        let asked = retry_after.unwrap_or_default();
        if asked > self.policy.longest_retry_after {
            return false;
        }
        // A server that asks for 0 s would have all the tries at once.
        let wait = asked.max(self.policy.backoff(self.used + 1));
        self.used += 1;
        self.observer.event(Event::Retry {
            reason,
            wait,
            attempt: self.used + 1,
        });
        (self.sleep)(wait);
        true
    }

    /// Runs `attempt` until it succeeds or `judge` says that no other try would help.
    ///
    /// # Errors
    /// The last error.
    pub fn run<T, E>(
        &mut self,
        mut attempt: impl FnMut() -> Result<T, E>,
        judge: impl Fn(&E) -> Retry,
    ) -> Result<T, E> {
        loop {
            match attempt() {
                Err(error) if self.again(&judge(&error)) => {}
                result => return result,
            }
        }
    }
}

/// What a request without an answer means.
///
/// Not transient: what will be the same next time. A refused connection is transient where one was
/// accepted before (a server that restarts), not at the start (a wrong host or port).
pub fn transport_retry(error: &TransportError) -> Retry {
    let transient = match &error.failure {
        Failure::Refused { first, .. } => !first,
        Failure::ConnectTimeout { .. }
        | Failure::HandshakeTimeout { .. }
        | Failure::Connect { .. }
        | Failure::IdleTimeout { .. }
        | Failure::SlowHead { .. }
        | Failure::Closed { .. }
        | Failure::Truncated { .. } => true,
        Failure::NoIdentity
        | Failure::Dns { .. }
        | Failure::ProxyRefused { .. }
        | Failure::Proxy { .. }
        | Failure::Tls(_)
        | Failure::TrustStore { .. }
        | Failure::UnusableIdentity { .. }
        | Failure::TooLong { .. }
        | Failure::Protocol { .. } => false,
    };
    if transient {
        Retry::Transient {
            reason: error.failure.to_string(),
            retry_after: None,
        }
    } else {
        Retry::Never
    }
}

/// Whether an HTTP status without a fault in its body is transient: 420 and 429 (too many requests), 502,
/// 503 and 504 are. 500 is every SOAP fault's status and says nothing by itself.
pub fn is_transient_status(status: u16) -> bool {
    matches!(status, 420 | 429 | 502 | 503 | 504)
}

/// Whether a transient status says that the request was not executed: 420 (no route to the org) and 429
/// (too many requests). With the others it may have been.
pub fn was_not_executed(status: u16) -> bool {
    matches!(status, 420 | 429)
}

/// `Retry-After` in both its forms (RFC 9110 10.2.3), seen from `now`: seconds, or a date, which may
/// have passed. `None` where it is neither.
pub fn parse_retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        // More digits than fit are more seconds than anyone waits.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::sync::Mutex;

    use super::*;
    use crate::event::Silent;
    use crate::net::tls::failure::{Phase, TlsFailure};

    fn transient(retry_after: Option<u64>) -> Retry {
        Retry::Transient {
            reason: "HTTP 503".to_owned(),
            retry_after: retry_after.map(Duration::from_secs),
        }
    }

    /// The waits until the tries end.
    fn waits(policy: Policy, retry: &Retry) -> Vec<Duration> {
        let slept = RefCell::new(Vec::new());
        let sleep = |wait| slept.borrow_mut().push(wait);
        let mut attempts = 0;
        let result: Result<(), ()> = Tries::new(policy, &Silent, &sleep).run(
            || {
                attempts += 1;
                Err(())
            },
            |()| retry.clone(),
        );
        assert_eq!(result, Err(()));
        assert_eq!(attempts, slept.borrow().len() + 1);
        slept.into_inner()
    }

    #[test]
    fn waits_double_from_half_a_second_to_thirty_with_jitter_below() {
        let waits = waits(Policy::with_retries(12), &transient(None));
        assert_eq!(waits.len(), 12);
        for (index, wait) in waits.iter().enumerate() {
            let nominal = (0.5 * 2_f64.powi(i32::try_from(index).expect("small"))).min(30.0);
            let wait = wait.as_secs_f64();
            assert!(wait >= nominal / 2.0 && wait <= nominal, "{index}: {wait}");
        }
    }

    #[test]
    fn retry_after_is_kept_to_the_second_and_a_longer_one_ends() {
        assert_eq!(
            waits(Policy::default(), &transient(Some(300))),
            [Duration::from_secs(300); 4]
        );
        assert_eq!(waits(Policy::default(), &transient(Some(301))), []);
        assert_eq!(waits(Policy::default(), &Retry::Never), []);
        assert_eq!(waits(Policy::with_retries(0), &transient(None)), []);
    }

    #[test]
    fn progress_starts_the_count_anew() {
        let mut tries = Tries::new(Policy::with_retries(1), &Silent, &|_| ());
        assert!(tries.again(&transient(None)));
        assert!(!tries.again(&transient(None)));
        tries.progressed();
        assert!(tries.again(&transient(None)));
    }

    #[test]
    fn each_retry_is_told_with_the_number_of_the_coming_try() {
        struct Notes(Mutex<Vec<String>>);
        impl Observer for Notes {
            fn event(&self, event: Event<'_>) {
                self.0.lock().expect("no panic").push(format!("{event:?}"));
            }
        }
        let notes = Notes(Mutex::default());
        let mut tries = Tries::new(Policy::with_retries(2), &notes, &|_| ());
        while tries.again(&transient(Some(7))) {}
        let told = notes.0.into_inner().expect("no panic");
        assert_eq!(
            told,
            [
                r#"Retry { reason: "HTTP 503", wait: 7s, attempt: 2 }"#,
                r#"Retry { reason: "HTTP 503", wait: 7s, attempt: 3 }"#
            ]
        );
    }

    #[test]
    fn a_short_retry_after_does_not_shorten_the_wait() {
        for (index, wait) in waits(Policy::default(), &transient(Some(0)))
            .iter()
            .enumerate()
        {
            assert!(
                *wait >= Duration::from_millis(250 << index),
                "{index}: {wait:?}"
            );
        }
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        let now = httpdate::parse_http_date("Tue, 24 Nov 2026 22:00:00 GMT").expect("a date");
        let parse = |value| parse_retry_after(value, now).map(|wait| wait.as_secs());
        assert_eq!(parse("120"), Some(120));
        assert_eq!(parse(" 0 "), Some(0));
        assert_eq!(parse("99999999999999999999999"), Some(u64::MAX));
        assert_eq!(parse("Tue, 24 Nov 2026 22:01:30 GMT"), Some(90));
        assert_eq!(parse("Tue, 24 Nov 2026 21:00:00 GMT"), Some(0));
        assert_eq!(parse("-1"), None);
        assert_eq!(parse("soon"), None);
        assert_eq!(parse(""), None);
    }

    #[test]
    fn only_transient_faults_are_tried_again() {
        let text = String::new;
        let refused = |first| Failure::Refused {
            address: text(),
            first,
        };
        let tls = TlsFailure {
            phase: Phase::Handshake,
            version: None,
            alert: None,
            verify: None,
            certificate_requested: None,
            certificate_sent: false,
            reason: 0,
            text: text(),
        };
        let transient = [
            refused(false),
            Failure::ConnectTimeout {
                address: text(),
                limit: Duration::from_secs(1),
            },
            Failure::Connect {
                address: text(),
                text: text(),
            },
            Failure::IdleTimeout {
                limit: Duration::from_secs(1),
            },
            Failure::SlowHead {
                limit: Duration::from_secs(2),
            },
            Failure::Closed { text: text() },
            Failure::Truncated {
                got: 0,
                text: text(),
            },
        ];
        let permanent = [
            refused(true),
            Failure::NoIdentity,
            Failure::Dns {
                host: text(),
                text: text(),
            },
            Failure::ProxyRefused {
                proxy: text(),
                address: text(),
                status: 503,
            },
            Failure::Proxy {
                proxy: text(),
                text: text(),
            },
            Failure::Tls(tls),
            Failure::TrustStore {
                file: text(),
                text: text(),
            },
            Failure::UnusableIdentity {
                reason: 0,
                text: text(),
            },
            Failure::TooLong { limit: 0 },
            Failure::Protocol { text: text() },
        ];
        let judge = |failure: Failure| {
            transport_retry(&TransportError {
                method: http::Method::POST,
                url: text(),
                failure,
                sent: 0,
                received: 0,
                reused: false,
            })
        };
        for failure in transient {
            assert!(
                matches!(judge(failure.clone()), Retry::Transient { .. }),
                "{failure:?}"
            );
        }
        for failure in permanent {
            assert_eq!(judge(failure.clone()), Retry::Never, "{failure:?}");
        }
        for status in [420, 429, 502, 503, 504] {
            assert!(is_transient_status(status), "{status}");
        }
        for status in [200, 302, 400, 401, 403, 404, 408, 500, 501] {
            assert!(!is_transient_status(status), "{status}");
        }
    }
}
