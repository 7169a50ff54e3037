//! The org's records: functions of their row number, so that a million rows need no memory.
//!
//! Row 0 is the newest. The five newest contacts are those of the published walkthrough.

mod objects;
mod values;

use std::ops::Range;

use objects::{ACCOUNT, CASE, CONTACT, OPPORTUNITY, USER};
pub(super) use values::check;
use values::{odd, put};

const WALKTHROUGH: [(&str, &str, u64); 5] = [
    ("Rose", "Gonzalez", 0),
    ("Sean", "Forbes", 0),
    ("Jack", "Rogers", 1),
    ("Pat", "Stumuller", 2),
    ("Andy", "Young", 3),
];

/// The accounts of generated contacts: ten with 3 each, one with 450, the others with 8 each.
const SMALL: Range<u64> = 5..35;
const BIG: Range<u64> = 35..485;
const BIG_ACCOUNT: u64 = 14;

/// Users in the org.
const USERS: u64 = 3;

/// The contents of one org.
#[derive(Clone, Copy, Debug)]
pub(super) struct Data {
    contacts: u64,
    accounts: u64,
    odd: bool,
}

impl Data {
    pub(super) fn new(contacts: u64, odd: bool) -> Self {
        // Some without contacts, and enough for a chain of ten parents.
        let accounts = contacts.checked_sub(1).map_or(0, account_of_row) + 3;
        Self {
            contacts,
            accounts: accounts.max(BIG_ACCOUNT + 2),
            odd,
        }
    }

    fn text(&self, row: u64, usual: &str, out: &mut String) -> bool {
        if self.odd {
            odd(row, out)
        } else {
            put(out, usual)
        }
    }
}

/// A kind of record.
pub(super) struct Object {
    pub(super) name: &'static str,
    /// `type` of the record in this row: differs from the name for polymorphic owners.
    pub(super) type_of: fn(u64) -> &'static str,
    pub(super) live: fn(&Data) -> u64,
    /// Rows after the live ones, which only queryAll() returns.
    pub(super) deleted: fn(&Data) -> u64,
    pub(super) fields: &'static [Field],
    pub(super) parents: &'static [Parent],
    pub(super) children: &'static [Child],
}

/// A field. `write` appends the value, or returns false for nil.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) write: fn(&Data, u64, &mut String) -> bool,
}

/// What kind of value a field has, as far as queries care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    /// `write` gives latitude, longitude, city, country, postal code, state and street, a line each.
    Address,
    /// `write` gives latitude and longitude, a line each.
    Location,
}

/// A relationship to one record.
pub(super) struct Parent {
    pub(super) name: &'static str,
    pub(super) object: &'static Object,
    pub(super) row: fn(&Data, u64) -> Option<u64>,
}

/// A relationship to many records: those of `rows` whose `parent` is the row at hand.
pub(super) struct Child {
    pub(super) name: &'static str,
    pub(super) object: &'static Object,
    pub(super) rows: fn(&Data, u64) -> Range<u64>,
    pub(super) parent: fn(&Data, u64) -> Option<u64>,
}

/// `2017-07-26T20:44:55.000Z`
pub(super) fn moment(seconds: i64) -> String {
    let mut text = String::new();
    values::moment(seconds, &mut text);
    text
}

/// An 18-character ID with this key prefix.
pub(super) fn id(prefix: &str, number: u64) -> String {
    let mut text = String::new();
    values::id(prefix, number, &mut text);
    text
}

/// An object that queries can name, in any case.
pub(super) fn object(name: &str) -> Option<&'static Object> {
    [&CONTACT, &ACCOUNT, &OPPORTUNITY, &CASE, &USER]
        .into_iter()
        .find(|object| object.name.eq_ignore_ascii_case(name))
}

fn walkthrough(row: u64) -> Option<(&'static str, &'static str, u64)> {
    usize::try_from(row)
        .ok()
        .and_then(|row| WALKTHROUGH.get(row))
        .copied()
}

fn account_of_row(row: u64) -> u64 {
    match walkthrough(row) {
        Some((_, _, account)) => account,
        None if SMALL.contains(&row) => 4 + (row - SMALL.start) / 3,
        None if BIG.contains(&row) => BIG_ACCOUNT,
        None => BIG_ACCOUNT + 1 + (row - BIG.end) / 8,
    }
}

/// The account of a contact. One in fifty has none; deleted ones belong to the first.
fn account_of(data: &Data, row: u64) -> Option<u64> {
    match row {
        _ if row >= data.contacts => Some(0),
        _ if row % 50 == 27 => None,
        _ => Some(account_of_row(row)),
    }
}

fn contacts_of(data: &Data, account: u64) -> Range<u64> {
    let rows = match account {
        0..4 => 0..5,
        4..BIG_ACCOUNT => SMALL.start + (account - 4) * 3..SMALL.start + (account - 3) * 3,
        BIG_ACCOUNT => BIG,
        _ => BIG.end + (account - BIG_ACCOUNT - 1) * 8..BIG.end + (account - BIG_ACCOUNT) * 8,
    };
    rows.start.min(data.contacts)..rows.end.min(data.contacts)
}

/// Chains of accounts, eleven long.
fn parent_account(data: &Data, row: u64) -> Option<u64> {
    (row % 11 != 10 && row + 1 < data.accounts).then_some(row + 1)
}

fn owner(row: u64) -> u64 {
    row % USERS
}
