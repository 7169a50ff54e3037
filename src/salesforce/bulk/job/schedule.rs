//! When to look whether a job is done.

use std::time::Duration;

/// Waits before the first looks, in milliseconds: a job of two seconds is seen to be done with the
/// third.
const FIRST: [u64; 8] = [250, 600, 1200, 1800, 2700, 4000, 6000, 9000];

/// Waits before all later looks.
const LATER: Duration = Duration::from_secs(10);

/// The wait before a look, counted from 0.
pub(super) fn wait_before_look(number: u32) -> Duration {
    let first = FIRST.get(usize::try_from(number).unwrap_or(usize::MAX));
    first.map_or(LATER, |&wait| Duration::from_millis(wait))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks until a job that takes `job` is seen to be done, and when that is.
    fn looks(job: Duration) -> (u32, Duration) {
        let mut now = Duration::ZERO;
        for number in 0.. {
            now += wait_before_look(number);
            if now >= job {
                return (number + 1, now);
            }
        }
        unreachable!("each wait is longer than nothing")
    }

    /// Calls beside the looks: create, add a batch, close, result list, result.
    const OTHERS: u32 = 5;

    #[test]
    fn the_first_look_comes_within_300_ms() {
        assert!(wait_before_look(0) <= Duration::from_millis(300));
    }

    #[test]
    fn a_job_done_within_two_seconds_costs_eight_calls_at_most() {
        for tenths in 0..=20 {
            let (looks, _) = looks(Duration::from_millis(tenths * 100));
            assert!(looks + OTHERS <= 8, "{tenths} tenths of a second");
        }
    }

    #[test]
    fn a_job_of_an_hour_costs_400_calls_at_most() {
        assert!(looks(Duration::from_secs(3600)).0 + OTHERS <= 400);
    }

    #[test]
    fn no_job_is_seen_to_be_done_more_than_ten_seconds_late_or_twice_its_time() {
        for tenths in 3..36_000 {
            let job = Duration::from_millis(tenths * 100);
            let late = looks(job).1 - job;
            assert!(late <= Duration::from_secs(10), "{job:?}: {late:?}");
            assert!(late <= job * 2, "{job:?}: {late:?}");
        }
    }
}
