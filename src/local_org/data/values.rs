//! Values in the forms of the service: IDs, dates, and the odd ones.

use std::fmt::Write;

/// 2017-07-26T20:44:55Z, when the newest record was created.
const NEWEST: i64 = 1_501_101_895;

/// Values that have broken a program somewhere. All are legal in XML 1.0.
const ODD_VALUES: [&str; 16] = [
    "line one\nline two",
    "carriage\r\nreturn",
    "\"double\" and 'single' quotes",
    "]]>",
    "a & b < c > d &amp; e",
    "\u{1f600} \u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f467}",
    "\u{202e}desrever\u{202c}",
    "  leading and trailing  ",
    "tab\there",
    "comma, semicolon; pipe|",
    "=SUM(1+1)",
    "null",
    "\u{9b}31mred \u{85} \u{7f}",
    "\u{feff}mark \u{fffd} \u{e000}",
    "e\u{301} and \u{e9}",
    "\\n <br> %0A \u{2028}",
];

pub(super) fn put(out: &mut String, value: &str) -> bool {
    out.push_str(value);
    true
}

pub(super) fn truth(out: &mut String, value: bool) -> bool {
    put(out, if value { "true" } else { "false" })
}

pub(super) fn pick(values: &[&'static str], row: u64) -> &'static str {
    let index = row % values.len() as u64;
    usize::try_from(index).map_or("", |index| values[index])
}

pub(super) fn odd(row: u64, out: &mut String) -> bool {
    let cycle = ODD_VALUES.len() as u64 + 1;
    // The last turn of each cycle is nil.
    usize::try_from(row % cycle)
        .ok()
        .and_then(|turn| ODD_VALUES.get(turn))
        .is_some_and(|value| put(out, value))
}

pub(super) const CONTACT_PREFIX: &str = "003";
pub(super) const ACCOUNT_PREFIX: &str = "001";
pub(super) const USER_PREFIX: &str = "005";
/// `9BusF` in base 62: the first of the walkthrough's contacts.
pub(super) const FIRST_CONTACT: u64 = ((((9 * 62 + 11) * 62) + 56) * 62 + 54) * 62 + 15;

pub(super) fn contact_number(row: u64) -> u64 {
    // The walkthrough's five count up, all older ones down.
    if row < 5 {
        FIRST_CONTACT + row
    } else {
        FIRST_CONTACT - (row - 4)
    }
}

pub(super) fn account_number(row: u64) -> u64 {
    30_000_000 + row
}

pub(super) fn user_number(row: u64) -> u64 {
    9_000_000 + row
}

/// Appends an 18-character ID: key prefix, instance, number in base 62, and three characters that tell
/// which of the others are capital letters.
pub(super) fn id(prefix: &str, number: u64, out: &mut String) -> bool {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut id = *b"000360000000000AAA";
    id[..3].copy_from_slice(prefix.as_bytes());
    let mut rest = number;
    for digit in id[5..15].iter_mut().rev() {
        *digit = usize::try_from(rest % 62).map_or(b'0', |value| DIGITS[value]);
        rest /= 62;
    }
    for group in 0..3 {
        id[15 + group] = check(&id[group * 5..group * 5 + 5]);
    }
    std::str::from_utf8(&id).is_ok_and(|id| put(out, id))
}

/// The character that tells which of five are capital letters.
pub(in crate::local_org) fn check(five: &[u8]) -> u8 {
    const CHECKS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    let capitals = five.iter().rev().fold(0, |bits, character| {
        bits << 1 | usize::from(character.is_ascii_uppercase())
    });
    CHECKS[capitals & 31]
}

pub(super) fn created(row: u64) -> i64 {
    NEWEST - row.cast_signed() * 61
}

/// `2017-07-26T20:44:55.000Z`
pub(super) fn moment(seconds: i64, out: &mut String) -> bool {
    day(seconds, out);
    let second = seconds.rem_euclid(86_400);
    write!(
        out,
        "T{:02}:{:02}:{:02}.000Z",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
    .is_ok()
}

/// `2017-07-26`
pub(super) fn day(seconds: i64, out: &mut String) -> bool {
    // Days from the first of March of the year 0, so that the leap day comes last (Gregorian calendar).
    let days = seconds.div_euclid(86_400) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    write!(out, "{year:04}-{month:02}-{day:02}").is_ok()
}
