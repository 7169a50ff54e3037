//! When to poll a job.

use std::time::Duration;

/// Waits before the first polls, in milliseconds: the third finds a job of two seconds done.
const FIRST: [u64; 8] = [250, 600, 1200, 1800, 2700, 4000, 6000, 9000];

/// The wait before each later poll.
const LATER: Duration = Duration::from_secs(10);

/// The wait before a poll; the first is number 0.
pub(super) fn wait_before_poll(number: u32) -> Duration {
    let first = FIRST.get(usize::try_from(number).unwrap_or(usize::MAX));
    first.map_or(LATER, |&wait| Duration::from_millis(wait))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number of polls until a job that takes `job` is found done, and when that is.
    fn polls(job: Duration) -> (u32, Duration) {
        let mut now = Duration::ZERO;
        for number in 0.. {
            now += wait_before_poll(number);
            if now >= job {
                return (number + 1, now);
            }
        }
        unreachable!("each wait is longer than nothing")
    }

    /// Calls beside the polls: create, add a batch, close, result list, result.
    const OTHERS: u32 = 5;

    #[test]
    fn the_first_poll_comes_within_300_ms() {
        assert!(wait_before_poll(0) <= Duration::from_millis(300));
    }

    #[test]
    fn a_job_done_within_two_seconds_costs_eight_calls_at_most() {
        for tenths in 0..=20 {
            let (polls, _) = polls(Duration::from_millis(tenths * 100));
            assert!(polls + OTHERS <= 8, "{tenths} tenths of a second");
        }
    }

    #[test]
    fn a_job_of_an_hour_costs_400_calls_at_most() {
        assert!(polls(Duration::from_secs(3600)).0 + OTHERS <= 400);
    }

    #[test]
    fn no_job_is_found_done_more_than_ten_seconds_late_or_twice_its_time() {
        for tenths in 3..36_000 {
            let job = Duration::from_millis(tenths * 100);
            let late = polls(job).1 - job;
            assert!(late <= Duration::from_secs(10), "{job:?}: {late:?}");
            assert!(late <= job * 2, "{job:?}: {late:?}");
        }
    }
}
