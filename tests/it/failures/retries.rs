//! What is tried again, and what never is: counted by the org's journal.

use sfmtls::local_org::{Call, Ending, LoginRule, Mishap, When};

use super::servers;
use super::world::World;

const PAGE_503: Mishap = Mishap::Page {
    status: 503,
    content_type: "text/html",
    retry_after: None,
};

fn calls(world: &World) -> Vec<String> {
    let journal = world.org().journal();
    journal.calls().into_iter().map(str::to_owned).collect()
}

/// The first try fails in this way, the second succeeds, and a note tells of it.
fn passes(mishap: Mishap, reason: &str) {
    let world = World::new("getuserinfo");
    world.org().plan(Call::Any, When::Nth(1), mishap);
    let run = world.run(["getuserinfo", "--retry", "1"]).exits(0);
    assert_eq!(calls(&world), ["getUserInfo", "getUserInfo"]);
    let (note, wait) = run.stderr.split_once("; trying again in ").expect("a note");
    assert_eq!(note, format!("note: {reason}"));
    assert!(wait.ends_with(" s (try 2)\n"), "{wait}");
}

#[test]
fn pages_of_a_bad_day_pass() {
    passes(PAGE_503, "@");
}

#[test]
fn faults_of_a_bad_day_pass() {
    passes(
        Mishap::Fault("SERVER_UNAVAILABLE", "server unavailable"),
        "@",
    );
}

#[test]
fn broken_connections_pass() {
    let ending = Ending::Reset;
    passes(
        Mishap::Cut {
            after: None,
            ending,
        },
        "@",
    );
}

#[test]
fn cut_answers_pass() {
    let ending = Ending::Close;
    passes(
        Mishap::Cut {
            after: Some(50),
            ending,
        },
        "@",
    );
}
