//! Waiting for a job.
//!
//! Every look is an API call of the org's daily allowance, so looks begin quickly and get rare. A
//! look that fails says nothing about the job: it goes on.

mod schedule;
#[cfg(test)]
mod tests;

use std::time::Duration;

use super::v1::{self, BatchInfo, BatchState};
use super::v2::{self, JobState};
use super::{BulkError, Id};
use crate::salesforce::client::Client;

use schedule::wait_before_look;

/// As long as looks may fail without the waiting being given up. A weekend's maintenance is longer,
/// but so are the minutes that a connection is down.
const LONGEST_DARKNESS: Duration = Duration::from_secs(600);

/// With PK chunking batches appear in several steps: the list counts as whole when it has not
/// changed for so long.
const SETTLED: Duration = Duration::from_secs(5);

/// How a job is waited for.
pub struct Watch<'a> {
    /// `--wait`: as long as this, from the first look on; `None` is until it is done. Where all batches
    /// are done, their list is given the seconds that it needs to count as whole.
    pub limit: Option<Duration>,
    /// The job was made by an earlier run: the first look is at once.
    pub resumed: bool,
    /// The time since some fixed point.
    pub now: &'a dyn Fn() -> Duration,
    /// Waits.
    pub sleep: &'a dyn Fn(Duration),
    /// Hears of each look.
    pub tell: &'a mut dyn FnMut(&Status),
}

/// What a look saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The state as Salesforce names it; with several batches, the one that is least far.
    pub state: String,
    /// Rows so far.
    pub rows: u64,
    /// Batches that are done, and all that are known; one and one in Bulk API 2.0.
    pub batches: (usize, usize),
    /// Why the look saw nothing: then the rest is what the one before saw.
    pub failed: Option<String>,
}

impl Status {
    /// Whether nothing runs any more that is known of.
    fn is_settling(&self) -> bool {
        let (done, all) = self.batches;
        all > 0 && done == all
    }
}

/// A look's answer.
enum Seen<T> {
    Running(Status),
    Done(Status, T),
}

impl Watch<'_> {
    /// Looks until the job is done.
    fn until<T>(
        &mut self,
        job: &Id,
        mut look: impl FnMut(Duration) -> Result<Seen<T>, BulkError>,
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
                _ => wait_before_look(number),
            };
            number += 1;
            let left = self.limit.map_or(wait, |limit| {
                limit.saturating_add(grace).saturating_sub(waited)
            });
            (self.sleep)(wait.min(left));
            grace = Duration::ZERO;
            match look((self.now)()) {
                Ok(Seen::Done(seen, result)) => {
                    (self.tell)(&seen);
                    return Ok(result);
                }
                Ok(Seen::Running(seen)) => {
                    last_good = (self.now)();
                    if seen.is_settling() {
                        grace = 2 * SETTLED;
                    }
                    status = seen;
                }
                Err(error) if error.is_passing() && !self.is_dark(last_good) => {
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

    fn is_dark(&self, last_good: Duration) -> bool {
        (self.now)() - last_good > LONGEST_DARKNESS
    }
}

/// Waits for a job of Bulk API 1.0 and returns its batches in the server's order.
///
/// Failed batches are among them: the others have results all the same. A chunked job, which is left
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
            return Ok(Seen::Running(status));
        }
        if matches!(&*batches, [only] if only.state != BatchState::NotProcessed) {
            return Ok(Seen::Done(status, batches));
        }
        if !list.is_settled(batches.len(), now) {
            // A job that was aborted before its first chunk gets no more batches.
            if batches
                .iter()
                .all(|batch| batch.state == BatchState::NotProcessed)
            {
                not_ended(job, v1::get_job(client, job)?)?;
            }
            return Ok(Seen::Running(status));
        }
        // The answer tells how many batches the server knows.
        let known = v1::get_job(client, job)?;
        if known.batches != batches.len() as u64 {
            list = Settling::default();
            return Ok(Seen::Running(status));
        }
        if not_ended(job, known)?.state == "Open" {
            if batches.is_empty() {
                return Ok(Seen::Running(status));
            }
            v1::close_job(client, job)?;
        }
        Ok(Seen::Done(status, batches))
    })
}

/// A list that may still grow.
#[derive(Debug, Default)]
struct Settling(Option<(usize, Duration)>);

impl Settling {
    /// Whether it has been as long as it is now for [`SETTLED`].
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

/// A job that may still come to a result.
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

/// The state that is least far is the job's.
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
            JobState::Running => Ok(Seen::Running(status)),
            JobState::Complete => Ok(Seen::Done(status, info)),
            JobState::Ended => Err(BulkError::JobFailed {
                job: job.clone(),
                state: info.state_name,
                message: info.message,
            }),
        }
    })
}
