//! The org's records: functions of their row number, so that a million rows need no memory.
//!
//! Row 0 is the newest. The five newest contacts are those of the published walkthrough.

use std::fmt::Write;
use std::ops::Range;

/// 2017-07-26T20:44:55Z, when the newest record was created.
const NEWEST: i64 = 1_501_101_895;
const WALKTHROUGH: [(&str, &str, u64); 5] = [
    ("Rose", "Gonzalez", 0),
    ("Sean", "Forbes", 0),
    ("Jack", "Rogers", 1),
    ("Pat", "Stumuller", 2),
    ("Andy", "Young", 3),
];
const ACCOUNTS: [&str; 4] = [
    "Edge Communications",
    "Burlington Textiles Corp of America",
    "Pyramid Construction Inc.",
    "Dickenson plc",
];
const FIRST_NAMES: [&str; 8] = [
    "Ada", "Blaise", "Carl", "Dorothy", "Edsger", "Frances", "Grace", "Haskell",
];
const CITIES: [&str; 5] = ["Austin", "Burlington", "Paris", "Lawrence", "München"];

/// Values that have broken a program somewhere. All are legal in XML 1.0.
pub(super) const ODD_VALUES: [&str; 16] = [
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

/// The accounts of generated contacts: ten with 3 each, one with 450, the others with 8 each.
const SMALL: Range<u64> = 5..35;
const BIG: Range<u64> = 35..485;
const BIG_ACCOUNT: u64 = 14;

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

/// An object that queries can name, in any case.
pub(super) fn object(name: &str) -> Option<&'static Object> {
    [&CONTACT, &ACCOUNT, &OPPORTUNITY, &CASE, &USER]
        .into_iter()
        .find(|object| object.name.eq_ignore_ascii_case(name))
}

const fn text(name: &'static str, write: fn(&Data, u64, &mut String) -> bool) -> Field {
    Field {
        name,
        kind: Kind::Text,
        write,
    }
}

const fn number(name: &'static str, write: fn(&Data, u64, &mut String) -> bool) -> Field {
    Field {
        name,
        kind: Kind::Number,
        write,
    }
}

const CREATED: Field = text("CreatedDate", |_, row, out| moment(created(row), out));
const MODIFIED: Field = text("LastModifiedDate", |_, row, out| {
    moment(created(row) + 3600, out)
});
const OWNER_ID: Field = text("OwnerId", |_, row, out| {
    id(USER_PREFIX, user_number(owner(row)), out)
});
const OWNER: Parent = Parent {
    name: "Owner",
    object: &USER,
    row: |_, row| Some(owner(row)),
};
const CREATED_BY: Parent = Parent {
    name: "CreatedBy",
    object: &USER,
    row: |_, row| Some(owner(row)),
};
const NEVER: Field = text("IsDeleted", |_, _, out| put(out, "false"));

pub(super) static CONTACT: Object = Object {
    name: "Contact",
    type_of: |_| "Contact",
    live: |data| data.contacts,
    deleted: |data| data.contacts.div_ceil(20),
    fields: &[
        text("Id", |_, row, out| {
            id(CONTACT_PREFIX, contact_number(row), out)
        }),
        text("IsDeleted", |data, row, out| {
            truth(out, row >= data.contacts)
        }),
        text("AccountId", |data, row, out| {
            account_of(data, row)
                .is_some_and(|account| id(ACCOUNT_PREFIX, account_number(account), out))
        }),
        text("LastName", |data, row, out| match walkthrough(row) {
            Some((_, last, _)) => data.text(row, last, out),
            None => write!(out, "Contact {row}").is_ok(),
        }),
        text("FirstName", |data, row, out| {
            let usual = walkthrough(row).map_or(pick(&FIRST_NAMES, row), |(first, _, _)| first);
            data.text(row, usual, out)
        }),
        text("Name", |_, row, out| match walkthrough(row) {
            Some((first, last, _)) => write!(out, "{first} {last}").is_ok(),
            None => write!(out, "{} Contact {row}", pick(&FIRST_NAMES, row)).is_ok(),
        }),
        text("Email", |_, row, out| match walkthrough(row) {
            Some((first, last, _)) => write!(out, "{first}.{last}@example.test").is_ok(),
            None => write!(out, "contact{row}@example.test").is_ok(),
        }),
        text("Phone", |_, row, out| {
            write!(out, "(512) 757-{:04}", row % 10_000).is_ok()
        }),
        text("MobilePhone", |_, row, out| {
            row % 3 != 2 && write!(out, "(512) 758-{:04}", row % 10_000).is_ok()
        }),
        text("Title", |data, row, out| {
            row % 4 != 3 && data.text(row, "SVP, Procurement", out)
        }),
        text("Department", |_, row, out| {
            write!(out, "Department {}", row % 12).is_ok()
        }),
        text("LeadSource", |_, row, out| {
            put(
                out,
                pick(&["Web", "Phone Inquiry", "Partner Referral"], row),
            )
        }),
        text("Birthdate", |_, row, out| {
            day(created(row) - 30 * 365 * 86_400, out)
        }),
        text("Description", |_, row, out| row >= 5 && odd(row, out)),
        text("MailingCity", |_, row, out| put(out, pick(&CITIES, row))),
        text("MailingCountry", |_, row, out| {
            put(out, pick(&["USA", "France", "Deutschland"], row))
        }),
        text("MailingStreet", |_, row, out| {
            write!(out, "{row} Main Street\nSuite {}", row % 90).is_ok()
        }),
        Field {
            name: "MailingAddress",
            kind: Kind::Address,
            write: address,
        },
        text("HasOptedOutOfEmail", |_, row, out| truth(out, row % 5 == 0)),
        OWNER_ID,
        CREATED,
        MODIFIED,
        text("External_Id__c", |_, row, out| {
            write!(out, "EXT-{row:09}").is_ok()
        }),
        number("Score__c", |_, row, out| {
            row % 7 != 6 && write!(out, "{}.{}", row % 1000, row % 10).is_ok()
        }),
    ],
    parents: &[
        Parent {
            name: "Account",
            object: &ACCOUNT,
            row: account_of,
        },
        OWNER,
        CREATED_BY,
    ],
    children: &[Child {
        name: "Cases",
        object: &CASE,
        rows: |data, row| {
            if row < data.contacts {
                row..row + 1
            } else {
                0..0
            }
        },
        parent: |_, row| Some(row),
    }],
};

static ACCOUNT: Object = Object {
    name: "Account",
    type_of: |_| "Account",
    live: |data| data.accounts,
    deleted: |_| 0,
    fields: &[
        text("Id", |_, row, out| {
            id(ACCOUNT_PREFIX, account_number(row), out)
        }),
        NEVER,
        text("Name", |data, row, out| {
            match usize::try_from(row).ok().and_then(|row| ACCOUNTS.get(row)) {
                Some(name) => data.text(row, name, out),
                None => write!(out, "Account {row} & Sons").is_ok(),
            }
        }),
        text("Type", |_, row, out| {
            row % 3 != 1 && put(out, pick(&["Customer - Direct", "Prospect"], row))
        }),
        text("ParentId", |data, row, out| {
            parent_account(data, row)
                .is_some_and(|parent| id(ACCOUNT_PREFIX, account_number(parent), out))
        }),
        text("Industry", |_, row, out| {
            put(out, pick(&["Electronics", "Apparel", "Construction"], row))
        }),
        text("BillingCity", |_, row, out| put(out, pick(&CITIES, row))),
        Field {
            name: "BillingAddress",
            kind: Kind::Address,
            write: address,
        },
        Field {
            name: "Location__c",
            kind: Kind::Location,
            write: |_, row, out| {
                row % 4 != 3 && write!(out, "{}.5\n-{}.25", row % 90, row % 180).is_ok()
            },
        },
        text("Description", |_, row, out| row >= 4 && odd(row, out)),
        number("AnnualRevenue", |_, row, out| {
            row % 5 != 4 && write!(out, "{}.0E8", row % 9 + 1).is_ok()
        }),
        number("NumberOfEmployees", |_, row, out| {
            write!(out, "{}", row * 10 % 5000).is_ok()
        }),
        OWNER_ID,
        CREATED,
        MODIFIED,
    ],
    parents: &[
        Parent {
            name: "Parent",
            object: &ACCOUNT,
            row: parent_account,
        },
        OWNER,
        CREATED_BY,
    ],
    children: &[
        Child {
            name: "Contacts",
            object: &CONTACT,
            rows: contacts_of,
            parent: account_of,
        },
        Child {
            name: "Opportunities",
            object: &OPPORTUNITY,
            rows: |data, row| {
                if row % 2 == 0 && row < data.accounts {
                    row / 2 * 3..row / 2 * 3 + 3
                } else {
                    0..0
                }
            },
            parent: |_, row| Some(row / 3 * 2),
        },
    ],
};

static OPPORTUNITY: Object = Object {
    name: "Opportunity",
    type_of: |_| "Opportunity",
    live: |data| data.accounts.div_ceil(2) * 3,
    deleted: |_| 0,
    fields: &[
        text("Id", |_, row, out| id("006", row, out)),
        NEVER,
        text("Name", |_, row, out| {
            write!(out, "Opportunity {row}").is_ok()
        }),
        text("AccountId", |_, row, out| {
            id(ACCOUNT_PREFIX, account_number(row / 3 * 2), out)
        }),
        text("Type", |_, row, out| {
            row % 2 == 0 && put(out, "New Customer")
        }),
        text("StageName", |_, row, out| {
            put(
                out,
                pick(&["Prospecting", "Closed Won", "Closed Lost"], row),
            )
        }),
        number("Amount", |_, row, out| {
            row % 6 != 5 && write!(out, "{}.0", row % 100 * 1000).is_ok()
        }),
        text("CloseDate", |_, row, out| day(created(row), out)),
        text("IsWon", |_, row, out| truth(out, row % 3 == 1)),
        OWNER_ID,
        CREATED,
        MODIFIED,
    ],
    parents: &[
        Parent {
            name: "Account",
            object: &ACCOUNT,
            row: |_, row| Some(row / 3 * 2),
        },
        OWNER,
        CREATED_BY,
    ],
    children: &[],
};

static CASE: Object = Object {
    name: "Case",
    type_of: |_| "Case",
    live: |data| data.contacts,
    deleted: |_| 0,
    fields: &[
        text("Id", |_, row, out| id("500", row, out)),
        NEVER,
        text("CaseNumber", |_, row, out| {
            write!(out, "{:08}", row + 1000).is_ok()
        }),
        text("Subject", |_, row, out| odd(row, out)),
        text("Type", |_, row, out| row % 2 == 1 && put(out, "Mechanical")),
        text("Status", |_, row, out| {
            put(out, pick(&["New", "Working", "Closed"], row))
        }),
        text("ContactId", |_, row, out| {
            id(CONTACT_PREFIX, contact_number(row), out)
        }),
        text("OwnerId", |_, row, out| owner_id(row, out)),
        CREATED,
        MODIFIED,
    ],
    parents: &[
        Parent {
            name: "Contact",
            object: &CONTACT,
            row: |_, row| Some(row),
        },
        Parent {
            name: "Account",
            object: &ACCOUNT,
            row: account_of,
        },
        Parent {
            name: "Owner",
            object: &CASE_OWNER,
            row: |_, row| Some(row),
        },
        CREATED_BY,
    ],
    children: &[],
};

/// A user or a queue: cases of odd rows are owned by a group.
static CASE_OWNER: Object = Object {
    name: "Name",
    type_of: |row| if row % 2 == 0 { "User" } else { "Group" },
    live: |_| 0,
    deleted: |_| 0,
    fields: &[
        text("Id", |_, row, out| owner_id(row, out)),
        text("Name", |_, row, out| {
            if row.is_multiple_of(2) {
                user_name(owner(row), out)
            } else {
                put(out, "Support Queue")
            }
        }),
        text("Type", |_, row, out| {
            put(out, if row % 2 == 0 { "User" } else { "Group" })
        }),
        text("Email", |_, row, out| {
            row % 2 == 0 && user_email(owner(row), out)
        }),
    ],
    parents: &[],
    children: &[],
};

const USERS: u64 = 3;

static USER: Object = Object {
    name: "User",
    type_of: |_| "User",
    live: |_| USERS,
    deleted: |_| 0,
    fields: &[
        text("Id", |_, row, out| id(USER_PREFIX, user_number(row), out)),
        text("Username", |_, row, out| user_email(row, out)),
        text("Name", |_, row, out| user_name(row, out)),
        text("Email", |_, row, out| user_email(row, out)),
        text("IsActive", |_, _, out| put(out, "true")),
        text("ManagerId", |_, row, out| {
            row > 0 && id(USER_PREFIX, user_number(row - 1), out)
        }),
        CREATED,
    ],
    parents: &[Parent {
        name: "Manager",
        object: &USER,
        row: |_, row| row.checked_sub(1),
    }],
    children: &[],
};

fn put(out: &mut String, value: &str) -> bool {
    out.push_str(value);
    true
}

fn truth(out: &mut String, value: bool) -> bool {
    put(out, if value { "true" } else { "false" })
}

fn pick(values: &[&'static str], row: u64) -> &'static str {
    let index = row % values.len() as u64;
    usize::try_from(index).map_or("", |index| values[index])
}

fn odd(row: u64, out: &mut String) -> bool {
    let cycle = ODD_VALUES.len() as u64 + 1;
    // The last turn of each cycle is nil.
    usize::try_from(row % cycle)
        .ok()
        .and_then(|turn| ODD_VALUES.get(turn))
        .is_some_and(|value| put(out, value))
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

fn owner_id(row: u64, out: &mut String) -> bool {
    if row.is_multiple_of(2) {
        id(USER_PREFIX, user_number(owner(row)), out)
    } else {
        id("00G", 77, out)
    }
}

fn user_name(row: u64, out: &mut String) -> bool {
    write!(out, "User {row}").is_ok()
}

fn user_email(row: u64, out: &mut String) -> bool {
    write!(out, "user{row}@acme.test").is_ok()
}

fn address(_: &Data, row: u64, out: &mut String) -> bool {
    let city = pick(&CITIES, row);
    row % 10 != 9
        && write!(
            out,
            "30.{}\n-97.{}\n{city}\nUSA\n{:05}\nTX\n{row} Main Street",
            row % 90,
            row % 80,
            row % 99_999
        )
        .is_ok()
}

const CONTACT_PREFIX: &str = "003";
const ACCOUNT_PREFIX: &str = "001";
const USER_PREFIX: &str = "005";
/// `9BusF` in base 62: the first of the walkthrough's contacts.
const FIRST_CONTACT: u64 = ((((9 * 62 + 11) * 62) + 56) * 62 + 54) * 62 + 15;

fn contact_number(row: u64) -> u64 {
    // The walkthrough's five count up, all older ones down.
    if row < 5 {
        FIRST_CONTACT + row
    } else {
        FIRST_CONTACT - (row - 4)
    }
}

fn account_number(row: u64) -> u64 {
    30_000_000 + row
}

fn user_number(row: u64) -> u64 {
    9_000_000 + row
}

/// Appends an 18-character ID: key prefix, instance, number in base 62, and three characters that tell
/// which of the others are capital letters.
fn id(prefix: &str, number: u64, out: &mut String) -> bool {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const CHECKS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    let mut id = *b"000360000000000AAA";
    id[..3].copy_from_slice(prefix.as_bytes());
    let mut rest = number;
    for digit in id[5..15].iter_mut().rev() {
        *digit = usize::try_from(rest % 62).map_or(b'0', |value| DIGITS[value]);
        rest /= 62;
    }
    for group in 0..3 {
        let capitals = (0..5)
            .filter(|at| id[group * 5 + at].is_ascii_uppercase())
            .map(|at| 1 << at)
            .sum::<usize>();
        id[15 + group] = CHECKS[capitals];
    }
    out.extend(id.iter().map(|byte| char::from(*byte)));
    true
}

fn created(row: u64) -> i64 {
    NEWEST - row.cast_signed() * 61
}

/// `2017-07-26T20:44:55.000Z`
fn moment(seconds: i64, out: &mut String) -> bool {
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
fn day(seconds: i64, out: &mut String) -> bool {
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
