//! Salesforce's own no.

use sfmtls::local_org::{Call, FaultShape, Mishap, When};

use super::table::{Case, case, hold};
use super::world::World;

const QUERY: [&str; 2] = ["query", "SELECT Id FROM Contact"];

fn fault(code: &'static str, message: &'static str) -> impl Fn(&mut World) {
    move |world| world.always(Call::Any, Mishap::Fault(code, message))
}

fn shape(shape: FaultShape) -> impl Fn(&mut World) {
    move |world| world.switch(|switches| switches.faults = shape)
}

fn queries() -> Vec<Case> {
    const NO_SUCH_FIELD: [&str; 2] = ["query", "SELECT Id, Nme FROM Contact"];
    vec![
        case(
            "no such field",
            |_| (),
            NO_SUCH_FIELD,
            4,
            "INVALID_FIELD",
            "@1",
        ),
        case(
            "no such field, the code bare",
            shape(FaultShape::BareCode),
            NO_SUCH_FIELD,
            4,
            "INVALID_FIELD",
            "@2",
        ),
        case(
            "no such field, without detail",
            shape(FaultShape::NoDetail),
            NO_SUCH_FIELD,
            4,
            "INVALID_FIELD",
            "@3",
        ),
        case(
            "no such object",
            |_| (),
            ["query", "SELECT Id FROM Contct"],
            4,
            "INVALID_TYPE",
            "@4",
        ),
        case(
            "no query",
            |_| (),
            ["query", "SELECT Id,\n  Name\nFORM Contact"],
            4,
            "MALFORMED_QUERY",
            "@5",
        ),
        case(
            "a version that is gone",
            |_| (),
            ["query", "SELECT Id FROM Contact", "--api-version", "20"],
            4,
            "UNSUPPORTED_API_VERSION",
            "@6",
        ),
        case(
            "the cursor is gone",
            fault("INVALID_QUERY_LOCATOR", "invalid query locator"),
            QUERY,
            4,
            "INVALID_QUERY_LOCATOR",
            "@7",
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
            "@8",
        ),
    ]
}

fn others() -> Vec<Case> {
    vec![
        case(
            "all calls of the day",
            fault("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
            QUERY,
            4,
            "REQUEST_LIMIT_EXCEEDED",
            "@9",
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
            "@10",
        ),
        case(
            "a server that is unavailable",
            fault("SERVER_UNAVAILABLE", "server unavailable"),
            QUERY,
            4,
            "SERVER_UNAVAILABLE",
            "@11",
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
            "@12",
        ),
        case(
            "this program is blocked",
            fault("CLIENT_NOT_ACCESSIBLE_FOR_USER", "not accessible"),
            QUERY,
            4,
            "CLIENT_NOT_ACCESSIBLE_FOR_USER",
            "@13",
        ),
        case(
            "a security policy",
            fault("TXN_SECURITY_NO_ACCESS", "The operation was blocked"),
            QUERY,
            4,
            "TXN_SECURITY_NO_ACCESS",
            "@14",
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
            "@15",
        ),
        case(
            "a code of next year",
            fault("QUERY_ON_A_FRIDAY", "first line\nsecond line"),
            QUERY,
            4,
            "QUERY_ON_A_FRIDAY",
            "@16",
        ),
        case(
            "on the second page",
            |world| {
                world.lab().set("SOQL", "");
                world.org().plan(
                    Call::QueryMore,
                    When::Always,
                    Mishap::Fault("INVALID_QUERY_LOCATOR", "invalid query locator"),
                );
            },
            ["query", "SELECT Id FROM Contact", "--batch-size", "200"],
            4,
            "INVALID_QUERY_LOCATOR",
            "@17",
        )
        .after_rows(),
    ]
}

#[test]
fn queries_that_salesforce_refuses() {
    hold(queries());
}

#[test]
fn other_faults() {
    hold(others());
}
