//! Moments as Salesforce writes them, to the second: `2018-12-10T17:50:19.000+0000`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Reads a moment since 1970. The offset is `Z`, or digits with a colon (SOAP, Bulk API 1.0, RFC
/// 3339) or without (REST, Bulk API 2.0); fractions of a second are dropped. `None` for anything else.
pub fn parse(text: &str) -> Option<SystemTime> {
    let (day, time) = text.trim().split_once('T')?;
    let at = time.find(['Z', '+', '-'])?;
    let (time, offset) = time.split_at(at);
    let [year, month, date] = numbers(day, '-')?;
    let (whole, fraction) = time.split_once('.').unwrap_or((time, "0"));
    number(fraction)?;
    let [hour, minute, second] = numbers(whole, ':')?;
    // A leap second counts as the next one.
    let in_range = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&date)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !in_range {
        return None;
    }
    let seconds = days(year, month, date) * 86_400 + hour * 3600 + minute * 60 + second;
    let seconds = u64::try_from(seconds - offset_seconds(offset)?).ok()?;
    Some(UNIX_EPOCH + Duration::from_secs(seconds))
}

/// Seconds east of Greenwich.
fn offset_seconds(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let (sign, digits) = text.split_at_checked(1)?;
    let (hours, minutes) = digits.split_at_checked(2)?;
    let minutes = minutes.strip_prefix(':').unwrap_or(minutes);
    if minutes.len() != 2 {
        return None;
    }
    let seconds = number(hours)? * 3600 + number(minutes)? * 60;
    Some(if sign == "-" { -seconds } else { seconds })
}

fn numbers(text: &str, separator: char) -> Option<[i64; 3]> {
    let numbers: Option<Vec<i64>> = text.split(separator).map(number).collect();
    numbers?.try_into().ok()
}

fn number(digits: &str) -> Option<i64> {
    let plain = digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

/// Days since 1970-01-01 in the Gregorian calendar.
fn days(year: i64, month: i64, date: i64) -> i64 {
    // Years begin in March here, so that a leap day is the last of its year.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = year / 4 - year / 100 + year / 400;
    let of_year = (153 * month + 2) / 5 + date - 1;
    year * 365 + leap_days + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> Option<u64> {
        let since = parse(text)?.duration_since(UNIX_EPOCH).ok()?;
        Some(since.as_secs())
    }

    /// Expected values by `date -u -d … +%s` (GNU coreutils).
    #[test]
    fn the_spellings_of_all_apis_are_one_moment() {
        for text in [
            "2018-12-10T17:50:19.000+0000",
            "2018-12-10T17:50:19.000Z",
            "2018-12-10T17:50:19Z",
            "2018-12-10T18:50:19.999+01:00",
            "2018-12-10T12:20:19.000-0530",
        ] {
            assert_eq!(seconds(text), Some(1_544_464_219), "{text}");
        }
        assert_eq!(seconds("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(seconds("2024-02-29T23:59:59Z"), Some(1_709_251_199));
        assert_eq!(seconds("2100-03-01T00:00:00Z"), Some(4_107_542_400));
        assert_eq!(seconds("2000-12-31T00:00:00Z"), Some(978_220_800));
    }

    #[test]
    fn anything_else_is_none() {
        for text in [
            "",
            "2018-12-10",
            "2018-12-10T17:50:19",
            "2018-12-10T17:50Z",
            "2018-13-10T17:50:19Z",
            "2018-12-10T24:50:19Z",
            "2018-12-10T17:50:19+0",
            "2018-12-10T17:50:19+1:000",
            "2018-12-10T17:50:19.x+0000",
            "+018-12-10T17:50:19Z",
            "1969-12-31T23:59:59Z",
            "99999-12-10T17:50:19Z",
            "2018-12-10T17:50:19ü000",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
