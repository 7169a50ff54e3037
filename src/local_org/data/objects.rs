//! The objects: their fields, parents and children.

use std::fmt::Write;

use super::values::{
    ACCOUNT_PREFIX, CONTACT_PREFIX, USER_PREFIX, account_number, contact_number, created, day, id,
    moment, odd, pick, put, truth, user_number,
};
use super::{
    Child, Data, Field, Kind, Object, Parent, USERS, account_of, contacts_of, owner,
    parent_account, walkthrough,
};

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

pub(super) static ACCOUNT: Object = Object {
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

pub(super) static OPPORTUNITY: Object = Object {
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

pub(super) static CASE: Object = Object {
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
pub(super) static CASE_OWNER: Object = Object {
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

pub(super) static USER: Object = Object {
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
