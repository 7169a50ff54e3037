//! Jobs and their batches: what has been asked, and how far the work on it is.
//!
//! Nothing runs: a job has a clock (looks or milliseconds), and states follow from it. 2.0 has the same
//! jobs with one batch each.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use super::Api;
use super::csv::Dialect;
use super::switches::Pace;
use crate::local_org::data::{self, Object};
use crate::local_org::selection::Selection;
use crate::local_org::soql::Query;

/// All jobs of the org.
#[derive(Default)]
pub(in crate::local_org) struct Jobs {
    list: Vec<Job>,
    numbers: u64,
}

impl Jobs {
    /// Keeps a job under a new ID.
    pub(super) fn add(&mut self, make: impl FnOnce(String) -> Job) -> &mut Job {
        let id = self.new_id("750");
        self.list.push(make(id));
        let last = self.list.len() - 1;
        &mut self.list[last]
    }

    pub(super) fn new_id(&mut self, prefix: &str) -> String {
        self.numbers += 1;
        data::id(prefix, 1_000_000 + self.numbers)
    }

    /// The job with this ID of 15 or 18 characters.
    pub(super) fn find(&mut self, api: Api, id: &str) -> Option<&mut Job> {
        self.list
            .iter_mut()
            .find(|job| job.api == api && same_id(&job.id, id))
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Job> {
        self.list.iter()
    }

    pub(super) fn remove(&mut self, id: &str) {
        self.list.retain(|job| job.id != id);
    }
}

pub(super) fn same_id(one: &str, two: &str) -> bool {
    one == two || (two.len() == 15 && one.get(..15) == Some(two))
}

/// What 1.0 calls the state of a job; in 2.0 only `Aborted` counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JobState {
    Open,
    Closed,
    Aborted,
}

impl JobState {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::Closed => "Closed",
            Self::Aborted => "Aborted",
        }
    }
}

pub(super) struct Job {
    pub(super) api: Api,
    pub(super) id: String,
    pub(super) user: usize,
    /// Of the API, at creation.
    pub(super) version: u32,
    pub(super) object: &'static Object,
    pub(super) deleted_too: bool,
    pub(super) concurrency: String,
    pub(super) state: JobState,
    /// Seconds of the epoch.
    pub(super) created: i64,
    pub(super) clock: Clock,
    pub(super) chunking: Option<Chunking>,
    pub(super) batches: Vec<Batch>,
    pub(super) dialect: Dialect,
    /// Locators given out (2.0).
    pub(super) locators: HashSet<String>,
}

/// What the header of PK chunking asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chunking {
    pub(super) size: u64,
    pub(super) start_row: Option<String>,
}

/// The time of a job, in the unit of its pace.
pub(super) struct Clock {
    pub(super) pace: Pace,
    started: Instant,
    looks: u64,
    stopped: Option<u64>,
}

impl Clock {
    pub(super) fn new(pace: Pace) -> Self {
        Self {
            pace,
            started: Instant::now(),
            looks: 0,
            stopped: None,
        }
    }

    /// The time, before this look counts.
    pub(super) fn look(&mut self) -> u64 {
        let now = self.now();
        self.looks += 1;
        now
    }

    pub(super) fn now(&self) -> u64 {
        self.stopped.unwrap_or_else(|| match self.pace {
            Pace::Looks { .. } => self.looks,
            Pace::Time { .. } => {
                u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
            }
        })
    }

    pub(super) fn stop(&mut self) {
        self.stopped = Some(self.now());
    }

    /// How long work is queued, and in progress after that.
    pub(super) fn spans(&self) -> (u64, u64) {
        match self.pace {
            Pace::Looks {
                queued,
                in_progress,
            } => (queued, in_progress),
            Pace::Time {
                queued,
                in_progress,
            } => {
                let millis = |time: std::time::Duration| {
                    u64::try_from(time.as_millis()).unwrap_or(u64::MAX / 4)
                };
                (millis(queued), millis(in_progress))
            }
        }
    }
}

pub(super) struct Batch {
    pub(super) id: String,
    pub(super) text: String,
    /// When it appears, by the clock of its job.
    pub(super) born: u64,
    pub(super) outcome: Outcome,
}

/// What a batch comes to.
pub(super) enum Outcome {
    Rows(Work),
    /// `stateMessage`.
    Failed(String),
    /// The original batch of a chunked job.
    NotProcessed,
}

/// Rows to be returned.
#[derive(Clone)]
pub(super) struct Work {
    pub(super) query: Arc<Query>,
    pub(super) rows: Selection,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BatchState {
    Queued,
    InProgress,
    Completed,
    Failed,
    NotProcessed,
}

impl BatchState {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::InProgress => "InProgress",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
            Self::NotProcessed => "NotProcessed",
        }
    }
}

impl Job {
    /// The batches that have appeared.
    pub(super) fn visible(&self, now: u64) -> impl Iterator<Item = &Batch> {
        self.batches.iter().filter(move |batch| batch.born <= now)
    }

    pub(super) fn batch(&self, id: &str, now: u64) -> Option<&Batch> {
        self.visible(now).find(|batch| same_id(&batch.id, id))
    }

    pub(super) fn batch_state(&self, batch: &Batch, now: u64) -> BatchState {
        let (queued, in_progress) = self.clock.spans();
        let age = now.saturating_sub(batch.born);
        let working = age < queued + in_progress;
        match &batch.outcome {
            _ if working && self.state == JobState::Aborted => BatchState::NotProcessed,
            _ if age < queued => BatchState::Queued,
            _ if working => BatchState::InProgress,
            Outcome::Rows(_) => BatchState::Completed,
            Outcome::Failed(_) => BatchState::Failed,
            Outcome::NotProcessed => BatchState::NotProcessed,
        }
    }

    /// Whether chunk batches are still to come.
    pub(super) fn has_more_to_show(&self, now: u64) -> bool {
        self.batches.iter().any(|batch| batch.born > now)
    }

    pub(super) fn abort(&mut self) {
        self.state = JobState::Aborted;
        self.clock.stop();
    }
}
