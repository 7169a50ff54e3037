//! Salesforce's own no.

use sfmtls::local_org::{Call, FaultShape, Mishap};

use super::table::{Case, case, hold};
use super::world::World;

const QUERY: [&str; 2] = ["query", "SELECT Id FROM Contact"];

fn fault(code: &'static str, message: &'static str) -> impl Fn(&mut World) {
    move |world| world.always(Call::Any, Mishap::Fault(code, message))
}

fn shape(shape: FaultShape) -> impl Fn(&mut World) {
    move |world| world.switch(|switches| switches.faults = shape)
}

pub(super) fn queries() -> Vec<Case> {
    const NO_SUCH_FIELD: [&str; 2] = ["query", "SELECT Id, Nme FROM Contact"];
    vec![
        case(
            "no such field",
            |_| (),
            NO_SUCH_FIELD,
            4,
            "INVALID_FIELD",
            "\
error: INVALID_FIELD: No such column 'Nme' on entity 'Contact'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a fault
  cause: SELECT Id, Nme FROM Contact
                    ^
  hint: the name is wrong, or this user may not see it: check its spelling, then the user's permissions",
        ),
        case(
            "no such field, the code bare",
            shape(FaultShape::BareCode),
            NO_SUCH_FIELD,
            4,
            "INVALID_FIELD",
            "\
error: INVALID_FIELD: No such column 'Nme' on entity 'Contact'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a fault
  cause: SELECT Id, Nme FROM Contact
                    ^
  hint: the name is wrong, or this user may not see it: check its spelling, then the user's permissions",
        ),
        case(
            "no such field, without detail",
            shape(FaultShape::NoDetail),
            NO_SUCH_FIELD,
            4,
            "INVALID_FIELD",
            "\
error: INVALID_FIELD: No such column 'Nme' on entity 'Contact'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a fault
  cause: SELECT Id, Nme FROM Contact
                    ^
  hint: the name is wrong, or this user may not see it: check its spelling, then the user's permissions",
        ),
        case(
            "no such object",
            |_| (),
            ["query", "SELECT Id FROM Contct"],
            4,
            "INVALID_TYPE",
            "\
error: INVALID_TYPE: sObject type 'Contct' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a fault
  cause: SELECT Id FROM Contct
                        ^
  hint: the name is wrong, or this user may not see it: check its spelling, then the user's permissions",
        ),
        case(
            "no query",
            |_| (),
            ["query", "SELECT Id,\n  Name\nFORM Contact"],
            4,
            "MALFORMED_QUERY",
            "\
error: MALFORMED_QUERY: unexpected token: '<EOF>'
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a fault
  cause: FORM Contact
                     ^
  hint: the caret shows where Salesforce stopped reading the query",
        ),
        case(
            "a semicolon, as in SQL",
            |_| (),
            ["query", "SELECT Id FROM Contact;"],
            4,
            "MALFORMED_QUERY",
            "\
error: MALFORMED_QUERY: unexpected token: ';'
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a fault
  cause: SELECT Id FROM Contact;
                               ^
  hint: SOQL takes no semicolon: leave it out",
        ),
        case(
            "a version that is gone",
            |_| (),
            ["query", "SELECT Id FROM Contact", "--api-version", "20"],
            4,
            "UNSUPPORTED_API_VERSION",
            "\
error: UNSUPPORTED_API_VERSION: Invalid Api version specified on URL
  cause: POST https://localhost:[PORT]/services/Soap/u/20.0/00D36000000YUbz answered with a fault
  hint: choose a version that is still served: --api-version 64.0",
        ),
        case(
            "the cursor is gone",
            fault("INVALID_QUERY_LOCATOR", "invalid query locator"),
            QUERY,
            4,
            "INVALID_QUERY_LOCATOR",
            "\
error: INVALID_QUERY_LOCATOR: invalid query locator
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a fault
  hint: the cursor is gone (it lives two days): start the query anew",
        ),
        case(
            "too long",
            fault(
                "QUERY_TIMEOUT",
                "Your query request was running for too long.",
            ),
            QUERY,
            4,
            "QUERY_TIMEOUT",
            "\
error: QUERY_TIMEOUT: Your query request was running for too long.
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a fault
  hint: narrow the query with a WHERE clause on an indexed field",
        ),
    ]
}

pub(super) fn others() -> Vec<Case> {
    vec![
        case(
            "all calls of the day",
            fault("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
            QUERY,
            4,
            "REQUEST_LIMIT_EXCEEDED",
            "\
error: REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded.
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a fault
  hint: the org has used up its API calls of the last 24 hours: Setup > Company Information shows the limit",
        ),
        case(
            "too many calls at once",
            fault(
                "REQUEST_LIMIT_EXCEEDED",
                "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
            ),
            QUERY,
            4,
            "REQUEST_LIMIT_EXCEEDED",
            "\
error: REQUEST_LIMIT_EXCEEDED: ConcurrentRequests (Concurrent API Requests) Limit exceeded.
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a fault
  hint: too many long calls run in this org at once: try again later, or run fewer side by side",
        ),
        case(
            "a server that is unavailable",
            fault("SERVER_UNAVAILABLE", "server unavailable"),
            QUERY,
            4,
            "SERVER_UNAVAILABLE",
            "\
error: SERVER_UNAVAILABLE: server unavailable
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a fault
  hint: try again later; https://status.salesforce.com tells of known trouble",
        ),
        case(
            "no API for this user",
            fault(
                "API_DISABLED_FOR_ORG",
                "API is not enabled for this Organization or Partner",
            ),
            QUERY,
            4,
            "API_DISABLED_FOR_ORG",
            "\
error: API_DISABLED_FOR_ORG: API is not enabled for this Organization or Partner
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a fault
  hint: the user needs the permission API Enabled, and the org an edition with API access",
        ),
        case(
            "this program is blocked",
            fault("CLIENT_NOT_ACCESSIBLE_FOR_USER", "not accessible"),
            QUERY,
            4,
            "CLIENT_NOT_ACCESSIBLE_FOR_USER",
            "\
error: CLIENT_NOT_ACCESSIBLE_FOR_USER: not accessible
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a fault
  hint: API access control blocks this program: ask the administrator to allow it",
        ),
        case(
            "a security policy",
            fault("TXN_SECURITY_NO_ACCESS", "The operation was blocked"),
            QUERY,
            4,
            "TXN_SECURITY_NO_ACCESS",
            "\
error: TXN_SECURITY_NO_ACCESS: The operation was blocked
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a fault
  hint: a transaction security policy of the org stopped this, often because of many rows: ask the administrator",
        ),
        case(
            "something unexpected",
            fault(
                "UNKNOWN_EXCEPTION",
                "An unexpected error occurred. Please include this ErrorId if you contact support: 1-2 (3)",
            ),
            QUERY,
            4,
            "UNKNOWN_EXCEPTION",
            "\
error: UNKNOWN_EXCEPTION: An unexpected error occurred. Please include this ErrorId if you contact support: 1-2 (3)
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a fault",
        ),
        case(
            "a code of next year",
            fault("QUERY_ON_A_FRIDAY", "first line\nsecond line"),
            QUERY,
            4,
            "QUERY_ON_A_FRIDAY",
            "\
error: QUERY_ON_A_FRIDAY: first line
       second line
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a fault",
        ),
        case(
            "on the second page",
            |world| {
                let fault = Mishap::Fault("INVALID_QUERY_LOCATOR", "invalid query locator");
                world.always(Call::QueryMore, fault);
            },
            ["query", "SELECT Id FROM Contact", "--batch-size", "200"],
            4,
            "INVALID_QUERY_LOCATOR",
            "\
error: INVALID_QUERY_LOCATOR: invalid query locator
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a fault
  hint: the cursor is gone (it lives two days): start the query anew",
        )
        .after_rows(),
    ]
}

#[test]
fn queries_that_salesforce_refuses() {
    hold(queries());
}

/// It used to be printed whole, whatever its length.
#[test]
fn a_fault_of_many_words_is_told_in_part() {
    let world = World::new("query");
    let text: &str = "é".repeat(250_000).leak();
    world.always(Call::Query, Mishap::Fault("INVALID_FIELD", text));
    let run = world.run(QUERY).exits(4);
    let (message, _) = run.stderr.split_once("\n").expect("lines");
    assert!(message.len() < 2200, "{} bytes", message.len());
    assert!(message.ends_with("éé… (497968 more bytes)"), "{message}");
}

#[test]
fn other_faults() {
    hold(others());
}
