//! Waiting for a job.
//!
//! Each poll is an API call that counts against the org's daily limit, so polls are frequent at first
//! and get rarer. A poll that fails says nothing about the job, which goes on.

mod schedule;
#[cfg(test)]
mod tests;

use std::time::Duration;

use super::v1::{self, BatchInfo, BatchState};
use super::v2::{self, JobState};
use super::{BulkError, Id};
use crate::salesforce::client::Client;

use schedule::wait_before_poll;

/// How long polls may fail before the waiting is given up: long enough for a lost connection, shorter
/// than a weekend's maintenance.
const LONGEST_OUTAGE: Duration = Duration::from_secs(600);

/// With PK chunking batches appear in several steps: the list counts as complete once its length has
/// not changed for this long.
const SETTLED: Duration = Duration::from_secs(5);

/// How a job is waited for.
pub struct Watch<'a> {
    /// `--wait`: how long to wait, from the call of [`wait_v1`] or [`wait_v2`] on; the last poll is
    /// made when the time is up. `None` waits until the job is done. Once all known batches are done,
    /// their list is given ten seconds more to count as complete.
    pub limit: Option<Duration>,
    /// The job was made by an earlier run: the first poll is made at once.
    pub resumed: bool,
    /// The time since some fixed point.
    pub now: &'a dyn Fn() -> Duration,
    /// Waits.
    pub sleep: &'a dyn Fn(Duration),
    /// Called with the outcome of each poll.
    pub tell: &'a mut dyn FnMut(&Status),
}

/// What a poll found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The state as Salesforce names it; with several batches, that of one in progress, else of one
    /// queued, and only then of one that is done.
    pub state: String,
    /// Rows so far.
    pub rows: u64,
    /// How many batches are done, of how many known; 0 or 1 of 1 in Bulk API 2.0.
    pub batches: (usize, usize),
    /// Why the poll failed: then the rest is from the last one that did not.
    pub failed: Option<String>,
}

impl Status {
    /// Whether all known batches are done; more may appear.
    fn is_settling(&self) -> bool {
        let (done, all) = self.batches;
        all > 0 && done == all
    }
}

/// What a poll says of the job.
enum Polled<T> {
    Running(Status),
    Done(Status, T),
}

impl Watch<'_> {
    /// Polls until the job is done.
    fn until<T>(
        &mut self,
        job: &Id,
        mut poll: impl FnMut(Duration) -> Result<Polled<T>, BulkError>,
    ) -> Result<T, BulkError> {
        let start = (self.now)();
        let mut last_good = start;
        let mut status = Status {
            state: String::new(),
            rows: 0,
            batches: (0, 0),
            failed: None,
        };
        let mut number = 0;
        let mut grace = Duration::ZERO;
        loop {
            let waited = (self.now)() - start;
            let wait = match number {
                0 if self.resumed => Duration::ZERO,
                _ => wait_before_poll(number),
            };
            number += 1;
            let left = self.limit.map_or(wait, |limit| {
                limit.saturating_add(grace).saturating_sub(waited)
            });
            (self.sleep)(wait.min(left));
            grace = Duration::ZERO;
            match poll((self.now)()) {
                Ok(Polled::Done(seen, result)) => {
                    (self.tell)(&seen);
                    return Ok(result);
                }
                Ok(Polled::Running(seen)) => {
                    last_good = (self.now)();
                    if seen.is_settling() {
                        grace = 2 * SETTLED;
                    }
                    status = seen;
                }
                Err(error) if error.is_transient() && !self.is_out_too_long(last_good) => {
                    status.failed = Some(error.to_string());
                }
                Err(error) => return Err(error),
            }
            (self.tell)(&status);
            status.failed = None;
            let waited = (self.now)() - start;
            let is_past = |limit: Duration| waited >= limit.saturating_add(grace);
            if self.limit.is_some_and(is_past) {
                return Err(BulkError::OutOfTime {
                    job: job.clone(),
                    waited,
                });
            }
        }
    }

    fn is_out_too_long(&self, last_good: Duration) -> bool {
        (self.now)() - last_good > LONGEST_OUTAGE
    }
}

/// Waits for a job of Bulk API 1.0 and returns its batches in the server's order.
///
/// Failed batches are among them: the others have results all the same. A chunked job, which stays
/// open until all its batches are known, is closed here.
///
/// # Errors
/// When the job was aborted or failed as a whole, and as [`Watch`] says.
pub fn wait_v1(
    client: &Client,
    job: &Id,
    watch: &mut Watch<'_>,
) -> Result<Vec<BatchInfo>, BulkError> {
    let mut list = Settling::default();
    watch.until(job, |now| {
        let batches = v1::batches(client, job)?;
        let status = status_of(&batches);
        if !batches.iter().all(|batch| batch.state.is_final()) {
            return Ok(Polled::Running(status));
        }
        if matches!(&*batches, [only] if only.state != BatchState::NotProcessed) {
            return Ok(Polled::Done(status, batches));
        }
        if !list.is_settled(batches.len(), now) {
            // A job that was aborted before its first chunk gets no more batches.
            if batches
                .iter()
                .all(|batch| batch.state == BatchState::NotProcessed)
            {
                not_ended(job, v1::get_job(client, job)?)?;
            }
            return Ok(Polled::Running(status));
        }
        // The server's own count says whether batches are missing from the list.
        let known = v1::get_job(client, job)?;
        if known.batches != batches.len() as u64 {
            list = Settling::default();
            return Ok(Polled::Running(status));
        }
        if not_ended(job, known)?.state == "Open" {
            if batches.is_empty() {
                return Ok(Polled::Running(status));
            }
            v1::close_job(client, job)?;
        }
        Ok(Polled::Done(status, batches))
    })
}

/// A list that may still grow.
#[derive(Debug, Default)]
struct Settling(Option<(usize, Duration)>);

impl Settling {
    /// Whether its length has been the same for [`SETTLED`].
    fn is_settled(&mut self, length: usize, now: Duration) -> bool {
        match self.0 {
            Some((known, since)) if known == length => now.saturating_sub(since) >= SETTLED,
            _ => {
                self.0 = Some((length, now));
                false
            }
        }
    }
}

/// The job, unless it has ended without a result.
fn not_ended(job: &Id, known: v1::JobInfo) -> Result<v1::JobInfo, BulkError> {
    match known.state.as_str() {
        "Aborted" | "Failed" => Err(BulkError::JobFailed {
            job: job.clone(),
            state: known.state,
            message: None,
        }),
        _ => Ok(known),
    }
}

/// The state of the batch that comes first in this order is the job's.
fn status_of(batches: &[BatchInfo]) -> Status {
    let rank = |state: &BatchState| match state {
        BatchState::InProgress | BatchState::Other(_) => 0,
        BatchState::Queued => 1,
        BatchState::Failed => 2,
        BatchState::Completed => 3,
        BatchState::NotProcessed => 4,
    };
    let state = batches
        .iter()
        .map(|batch| &batch.state)
        .min_by_key(|s| rank(s));
    Status {
        state: state.map_or("Queued", BatchState::name).to_owned(),
        rows: batches.iter().map(|batch| batch.rows).sum(),
        batches: (
            batches
                .iter()
                .filter(|batch| batch.state.is_final())
                .count(),
            batches.len(),
        ),
        failed: None,
    }
}

/// Waits for a job of Bulk API 2.0.
///
/// # Errors
/// When the job failed or was aborted, and as [`Watch`] says.
pub fn wait_v2(client: &Client, job: &Id, watch: &mut Watch<'_>) -> Result<v2::JobInfo, BulkError> {
    watch.until(job, |_| {
        let info = v2::get_job(client, job)?;
        let status = Status {
            state: info.state_name.clone(),
            rows: info.rows.unwrap_or_default(),
            batches: (usize::from(info.state == JobState::Complete), 1),
            failed: None,
        };
        match info.state {
            JobState::Running => Ok(Polled::Running(status)),
            JobState::Complete => Ok(Polled::Done(status, info)),
            JobState::Ended => Err(BulkError::JobFailed {
                job: job.clone(),
                state: info.state_name,
                message: info.message,
            }),
        }
    })
}
