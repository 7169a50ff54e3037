use std::cell::{Cell, RefCell};

use super::*;
use crate::net::{Failure, Role, TransportError};
use crate::salesforce::call::{CallError, Refusal};

/// A clock that only sleeping moves.
#[derive(Default)]
struct Clock(Cell<Duration>);

/// Waits for a job that `poll` asks about; returns the result, the time and what was told.
fn watched<T>(
    limit: Option<u64>,
    resumed: bool,
    poll: impl FnMut(Duration) -> Result<Polled<T>, BulkError>,
) -> (Result<T, BulkError>, Duration, Vec<Status>) {
    let clock = Clock::default();
    let told = RefCell::new(Vec::new());
    let result = Watch {
        limit: limit.map(Duration::from_secs),
        resumed,
        now: &|| clock.0.get(),
        sleep: &|time| clock.0.set(clock.0.get() + time),
        tell: &mut |status| told.borrow_mut().push(status.clone()),
    }
    .until(&job(), poll);
    (result, clock.0.get(), told.into_inner())
}

fn job() -> Id {
    Id::parse("750000000000001").unwrap()
}

fn status(state: &str) -> Status {
    Status {
        state: state.to_owned(),
        rows: 0,
        batches: (0, 1),
        failed: None,
    }
}

fn failed(failure: Failure) -> BulkError {
    let error = TransportError {
        method: http::Method::GET,
        url: "https://acme.test".to_owned(),
        failure,
        sent: 1,
        received: 0,
        reused: true,
    };
    let error = CallError {
        method: http::Method::GET,
        url: "https://acme.test".to_owned(),
        role: Role::Api,
        certificate_requested: None,
        status: None,
        retry_after: None,
        refusal: Refusal::Transport(Box::new(error)),
    };
    BulkError::Client(error.into())
}

fn closed() -> BulkError {
    failed(Failure::Closed {
        text: "reset".to_owned(),
    })
}

#[test]
fn a_job_is_polled_by_the_schedule_until_it_is_done() {
    for seconds in [0, 2, 3600] {
        let mut polls = 0;
        let (result, time, told) = watched(None, false, |now| {
            polls += 1;
            match now.as_secs() >= seconds {
                true => Ok(Polled::Done(status("Completed"), now)),
                false => Ok(Polled::Running(status("InProgress"))),
            }
        });
        assert_eq!(result.unwrap(), time);
        assert!(time <= Duration::from_secs(seconds + 10));
        assert_eq!(told.len(), polls);
        assert_eq!(told.last().unwrap().state, "Completed");
        assert!(
            polls <= if seconds == 3600 { 395 } else { 3 },
            "{polls} polls"
        );
    }
}

#[test]
fn a_job_that_exists_is_polled_at_once() {
    let (result, time, _) = watched(Some(0), true, |now| Ok(Polled::Done(status(""), now)));
    assert_eq!((result.unwrap(), time), (Duration::ZERO, Duration::ZERO));
}

#[test]
fn the_last_poll_is_when_the_time_is_up() {
    for limit in [0, 1, 7, 100] {
        let last = Cell::new(Duration::MAX);
        let (result, time, _) = watched(Some(limit), false, |now| {
            last.set(now);
            Ok::<Polled<()>, _>(Polled::Running(status("Queued")))
        });
        assert_eq!(last.get(), Duration::from_secs(limit));
        assert_eq!(time, Duration::from_secs(limit));
        let when = match limit {
            0 => "yet".to_owned(),
            _ => format!("after {limit} s"),
        };
        assert_eq!(
            result.unwrap_err().to_string(),
            format!("the job 750000000000001 is not done {when}")
        );
    }
}

#[test]
fn batches_that_are_all_done_are_given_the_time_to_settle() {
    let (result, time, told) = watched(Some(0), true, |now| {
        let mut seen = status("Completed");
        seen.batches = (3, 3);
        match now >= SETTLED {
            true => Ok(Polled::Done(seen, now)),
            false => Ok(Polled::Running(seen)),
        }
    });
    assert_eq!(result.unwrap(), time);
    assert!(time < 2 * SETTLED && told.len() < 8, "{time:?} {told:?}");
    // But not for ever.
    let (result, time, _) = watched(Some(1), true, |_| {
        let mut seen = status("Completed");
        seen.batches = (3, 3);
        Ok::<Polled<()>, _>(Polled::Running(seen))
    });
    assert!(matches!(result, Err(BulkError::OutOfTime { .. })));
    assert_eq!(time, Duration::from_secs(1) + 2 * SETTLED);
}

#[test]
fn a_poll_that_fails_does_not_fail_the_job() {
    let mut polls = 0;
    let (result, _, told) = watched(None, false, |_| {
        polls += 1;
        match polls {
            1 => Ok(Polled::Running(status("InProgress"))),
            2 | 3 => Err(closed()),
            4 => Ok(Polled::Running(status("InProgress"))),
            _ => Ok(Polled::Done(status("Completed"), ())),
        }
    });
    result.unwrap();
    let failed: Vec<_> = told.iter().map(|status| status.failed.is_some()).collect();
    assert_eq!(failed, [false, true, true, false, false]);
    assert_eq!(told[2].state, "InProgress");
}

#[test]
fn polls_that_fail_for_good_or_for_long_end_the_waiting() {
    let (result, time, _) = watched(None, false, |_| Err::<Polled<()>, _>(closed()));
    assert!(matches!(result, Err(BulkError::Client(_))));
    assert!(time > LONGEST_OUTAGE && time < LONGEST_OUTAGE + Duration::from_secs(20));

    let (result, _, told) = watched(None, false, |_| {
        Err::<Polled<()>, _>(failed(Failure::TooLong { limit: 1 }))
    });
    assert!(result.is_err() && told.is_empty());
}

#[test]
fn a_jobs_state_is_that_of_a_batch_that_still_runs() {
    let batch = |state, rows| BatchInfo {
        id: Id::parse("751000000000001").unwrap(),
        state,
        message: None,
        rows,
    };
    let seen = status_of(&[
        batch(BatchState::NotProcessed, 0),
        batch(BatchState::Completed, 5),
        batch(BatchState::InProgress, 3),
        batch(BatchState::Failed, 0),
    ]);
    assert_eq!(
        (seen.state.as_str(), seen.rows, seen.batches),
        ("InProgress", 8, (3, 4))
    );
    let done = [
        batch(BatchState::NotProcessed, 0),
        batch(BatchState::Completed, 5),
    ];
    assert_eq!(status_of(&done).state, "Completed");
    assert_eq!(status_of(&[]).state, "Queued");
}

#[test]
fn a_list_is_settled_when_it_has_not_grown_for_five_seconds() {
    let mut list = Settling::default();
    let polls = [
        (3, 1),
        (3, 5),
        (4, 6),
        (4, 10),
        (4, 11),
        (4, 30),
        (5, 31),
        (5, 36),
    ];
    let settled = polls.map(|(length, now)| list.is_settled(length, Duration::from_secs(now)));
    assert_eq!(
        settled,
        [false, false, false, false, true, true, false, true]
    );
}
