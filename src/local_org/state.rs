//! What all connections of one org share.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use super::bulk::Jobs;
use super::certificates::Certificates;
use super::data::Data;
use super::journal::{Entry, Journal};
use super::login::{Sessions, User};
use super::query::Cursors;
use super::switches::{Plan, Switches};
use super::token::App;

/// API calls a day of a Developer Edition org.
const DAILY_CALLS: u64 = 15_000;

pub(super) struct State {
    pub(super) certificates: Certificates,
    pub(super) app: App,
    pub(super) users: Vec<User>,
    pub(super) cursors: Mutex<Cursors>,
    pub(super) jobs: Mutex<Jobs>,
    pub(super) stop: Stop,
    rows: u64,
    switches: Mutex<Switches>,
    plans: Mutex<Vec<Plan>>,
    sessions: Mutex<Sessions>,
    journal: Mutex<Journal>,
    api_calls: AtomicU64,
}

impl State {
    pub(super) fn new(
        certificates: Certificates,
        app: App,
        users: Vec<User>,
        rows: u64,
        switches: Switches,
    ) -> Self {
        Self {
            certificates,
            app,
            users,
            rows,
            cursors: Mutex::default(),
            jobs: Mutex::default(),
            stop: Stop::default(),
            switches: Mutex::new(switches),
            plans: Mutex::default(),
            sessions: Mutex::default(),
            journal: Mutex::default(),
            api_calls: AtomicU64::new(0),
        }
    }

    pub(super) fn switches(&self) -> Switches {
        locked(&self.switches).clone()
    }

    pub(super) fn switch(&self, change: impl FnOnce(&mut Switches)) {
        change(&mut locked(&self.switches));
    }

    /// The time by the org's clock.
    pub(super) fn now(&self) -> SystemTime {
        let ahead = locked(&self.switches).clock_ahead;
        let offset = Duration::from_secs(ahead.unsigned_abs());
        let now = SystemTime::now();
        let shifted = if ahead < 0 {
            now.checked_sub(offset)
        } else {
            now.checked_add(offset)
        };
        shifted.unwrap_or(now)
    }

    pub(super) fn plans(&self) -> MutexGuard<'_, Vec<Plan>> {
        locked(&self.plans)
    }

    pub(super) fn sessions(&self) -> MutexGuard<'_, Sessions> {
        locked(&self.sessions)
    }

    pub(super) fn data(&self, switches: &Switches) -> Data {
        Data::new(self.rows, switches.odd_values)
    }

    pub(super) fn journal(&self) -> Journal {
        locked(&self.journal).clone()
    }

    pub(super) fn take_journal(&self) -> Journal {
        std::mem::take(&mut locked(&self.journal))
    }

    pub(super) fn remember(&self, entry: Entry) {
        locked(&self.journal).entries.push(entry);
    }

    /// Calls made with this one, and calls allowed.
    pub(super) fn count_api_call(&self) -> (u64, u64) {
        (
            self.api_calls.fetch_add(1, Ordering::Relaxed) + 1,
            DAILY_CALLS,
        )
    }
}

/// The lock, also after a panic in another connection: no invariant spans two fields here.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tells waiting threads that the org stops.
#[derive(Default)]
pub(super) struct Stop {
    stopped: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    pub(super) fn now(&self) {
        *locked(&self.stopped) = true;
        self.changed.notify_all();
    }

    pub(super) fn is_now(&self) -> bool {
        *locked(&self.stopped)
    }

    /// Waits for the end of the org, or of `time`.
    pub(super) fn wait(&self, time: Option<Duration>) {
        let stopped = locked(&self.stopped);
        match time {
            Some(time) => drop(
                self.changed
                    .wait_timeout_while(stopped, time, |stopped| !*stopped),
            ),
            None => drop(self.changed.wait_while(stopped, |stopped| !*stopped)),
        }
    }
}
