//! Times of certificates as seconds since 1970, and as text.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::SignedDuration;
use jiff::civil::DateTime;
use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::error::ErrorStack;

/// Seconds in a day.
pub(super) const DAY: i64 = 24 * 60 * 60;

/// Seconds since 1970.
///
/// # Errors
/// When the certificate does not hold a time there.
pub(super) fn unix(time: &Asn1TimeRef) -> Result<i64, ErrorStack> {
    let from_epoch = Asn1Time::from_unix(0)?.diff(time)?;
    Ok(i64::from(from_epoch.days) * DAY + i64::from(from_epoch.secs))
}

/// This clock's seconds since 1970; a clock set before that counts as 1970.
pub(super) fn of_clock(now: SystemTime) -> i64 {
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// RFC 3339 in UTC: `2026-11-22T23:59:59Z`.
pub(super) fn rfc3339(unix: i64) -> String {
    format!("{}Z", utc(unix))
}

/// The day in UTC: `2026-11-22`.
pub(super) fn date(unix: i64) -> String {
    utc(unix).date().to_string()
}

/// jiff's `Timestamp` ends a day before 9999-12-31T23:59:59Z, which certificates without an end have
/// (RFC 5280 4.1.2.5).
fn utc(unix: i64) -> DateTime {
    let epoch = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
    epoch.saturating_add(SignedDuration::from_secs(unix))
}

/// Whole days from `now` to `end`. After the end the days since, negative and at least one.
pub(super) fn days_left(end: i64, now: i64) -> i64 {
    match end - now {
        left @ 0.. => left / DAY,
        over => (over / DAY).min(-1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        let shown = [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ];
        for (unix, text) in shown {
            assert_eq!(rfc3339(unix), text);
        }
    }

    #[test]
    fn a_time_of_a_certificate_comes_back() {
        for unix in [-86_401, 0, 1_800_000_000, 253_402_300_799] {
            let time = Asn1Time::from_unix(unix).unwrap();
            assert_eq!(super::unix(&time).unwrap(), unix);
        }
    }
}
