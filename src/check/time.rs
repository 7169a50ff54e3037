//! Times of certificates as seconds since 1970, and as text.

use std::time::{SystemTime, UNIX_EPOCH};

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

/// This clock's seconds since 1970; one that stands before that counts as there.
pub(super) fn of_clock(now: SystemTime) -> i64 {
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// RFC 3339 in UTC: `2026-11-22T23:59:59Z`.
pub(super) fn rfc3339(unix: i64) -> String {
    let second = unix.rem_euclid(DAY);
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!("{}T{hour:02}:{minute:02}:{:02}Z", date(unix), second % 60)
}

/// The day in UTC: `2026-11-22`.
pub(super) fn date(unix: i64) -> String {
    // Years begin in March here, so that a leap day is the last of its year; 400 of them, one era,
    // have 146,097 days.
    let day = unix.div_euclid(DAY) + 719_468;
    let (era, day) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    format!("{:04}-{month:02}-{day:02}", era * 400 + year + next)
}

/// `1 day`, `10 days`.
pub(super) fn days(count: i64) -> String {
    match count {
        1 => "1 day".to_owned(),
        _ => format!("{count} days"),
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
