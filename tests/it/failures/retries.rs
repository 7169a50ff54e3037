//! What is tried again, and what never is: counted by the org's journal.
//!
//! Waits are real here, half a second at most; how they grow is tested in `net::retry`.

use sfmtls::local_org::{Call, Ending, Mishap, When};

use super::servers;
use super::world::World;
use crate::lab::finish;

fn page(status: u16, retry_after: Option<&str>) -> Mishap {
    Mishap::Page {
        status,
        content_type: "text/html",
        retry_after: retry_after.map(str::to_owned),
    }
}

/// The first try fails in this way; a second one is made after a note, and succeeds.
#[track_caller]
fn passes(mishap: Mishap, reason: &str) {
    let world = World::new("getuserinfo");
    world.org().plan(Call::Any, When::Nth(1), mishap);
    let run = world.run(["getuserinfo", "--retry", "1"]).exits(0);
    assert_eq!(
        world.org().journal().calls(),
        ["getUserInfo", "getUserInfo"]
    );
    let (note, wait) = run.stderr.split_once("; trying again in ").expect("a note");
    assert_eq!(note, format!("note: {reason}"));
    assert!(wait.ends_with(" s (try 2)\n"), "{wait}");
}

#[test]
fn pages_of_a_bad_day_pass() {
    for status in [420, 429, 502, 503, 504] {
        let url = "POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz";
        passes(
            page(status, Some("0")),
            &format!("{url}: a web page came (HTTP {status}): We are down for maintenance."),
        );
    }
}

#[test]
fn faults_of_a_bad_day_pass() {
    let url = "POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz";
    for (code, message) in [
        ("SERVER_UNAVAILABLE", "server unavailable"),
        (
            "REQUEST_LIMIT_EXCEEDED",
            "ConcurrentRequests Limit exceeded.",
        ),
    ] {
        passes(
            Mishap::Fault(code, message),
            &format!("{url}: {code}: {message}"),
        );
    }
}

#[test]
fn broken_connections_and_answers_pass() {
    passes(
        Mishap::Cut {
            after: None,
            ending: Ending::Reset,
        },
        "the connection was closed before the answer came: Connection reset by peer",
    );
    passes(
        Mishap::Cut {
            after: Some(50),
            ending: Ending::Close,
        },
        "the answer was cut off after 50 bytes: end of stream without close_notify",
    );
}

/// The wait without it would be 0.25 to 0.5 s.
#[test]
fn retry_after_is_kept() {
    let world = World::new("getuserinfo");
    world
        .org()
        .plan(Call::Any, When::Nth(1), page(503, Some("1")));
    let run = world.run(["getuserinfo", "--retry", "1"]).exits(0);
    assert!(
        run.stderr.contains("trying again in 1.0 s (try 2)"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_retry_after_of_more_than_five_minutes_ends_the_tries() {
    let mut world = World::new("getuserinfo");
    world.always(Call::Any, page(503, Some("301")));
    // timeout(1) ends a program that waits all the same, with 124.
    let arguments = ["20", env!("CARGO_BIN_EXE_sfmtls"), "getuserinfo"];
    let mut command = world.lab().other("timeout", arguments);
    finish(command.spawn().expect("timeout runs")).exits(6);
    assert_eq!(world.org().journal().calls(), ["getUserInfo"]);
}

#[test]
fn tries_run_out_with_the_last_error() {
    let world = World::new("getuserinfo");
    world.always(Call::Any, page(503, Some("0")));
    let run = world.run(["getuserinfo", "--retry", "2"]).exits(6);
    assert_eq!(world.org().journal().calls().len(), 3);
    assert!(
        run.stderr
            .contains("error: Salesforce, or something in front of it"),
        "{}",
        run.stderr
    );
}

/// The call is made once, whatever `--retry` says.
#[track_caller]
fn never<const N: usize>(world: impl Fn(&mut World), arguments: [&'static str; N], exit: i32) {
    let mut this = World::new(arguments[0]);
    world(&mut this);
    let run = this.run(arguments).exits(exit);
    assert!(!run.stderr.contains("trying again"), "{}", run.stderr);
    let calls = this.org().journal().calls().len();
    assert!(calls <= 1, "{calls} calls");
}

#[test]
fn a_login_is_never_tried_again() {
    let always =
        |mishap: fn() -> Mishap| move |world: &mut World| world.always(Call::Any, mishap());
    never(always(|| page(503, Some("0"))), ["login"], 6);
    never(
        always(|| Mishap::Fault("SERVER_UNAVAILABLE", "server unavailable")),
        ["login"],
        3,
    );
    never(
        always(|| Mishap::Cut {
            after: None,
            ending: Ending::Reset,
        }),
        ["login"],
        6,
    );
    never(
        |world| world.lab().set("SFMTLS_PASSWORD", "wrong"),
        ["login"],
        3,
    );
}

#[test]
fn what_will_be_the_same_next_time_is_never_tried_again() {
    never(
        |world| {
            let file = world.org().files().other_org.clone();
            world.identity(file);
        },
        ["getuserinfo"],
        8,
    );
    never(
        |world| {
            let file = world.org().files().leaf_only.clone();
            world.identity(file);
            world.switch(|switches| switches.page_status = 503);
        },
        ["getuserinfo"],
        8,
    );
    never(
        |world| {
            let (port, server) = servers::refusing();
            world.api_at(port, server);
        },
        ["getuserinfo"],
        6,
    );
    never(
        |world| world.session_of("nowhere.invalid"),
        ["getuserinfo"],
        6,
    );
    never(
        |world| {
            let text = "TotalRequests Limit exceeded.";
            world.always(Call::Any, Mishap::Fault("REQUEST_LIMIT_EXCEEDED", text));
        },
        ["getuserinfo"],
        4,
    );
}

#[test]
fn pages_that_were_fetched_are_not_fetched_again() {
    let world = World::new("query");
    world
        .org()
        .plan(Call::QueryMore, When::Nth(1), page(503, Some("0")));
    let run = world
        .run([
            "query",
            "SELECT Id FROM Contact",
            "--batch-size",
            "200",
            "--retry",
            "1",
        ])
        .exits(0);
    assert_eq!(run.stdout.lines().count(), 251);
    assert_eq!(
        world.org().journal().calls(),
        ["query", "queryMore", "queryMore"]
    );
}
