//! A fault of the program itself is a failure like others, and tells nothing that it was given.

use std::io;
use std::process::{Command, Stdio};
use std::time::SystemTime;

use sfmtls::error::InternalFault;
use sfmtls::world::{Environment, Terminals, World};

use crate::lab::{Run, finish};

const FAULT: &str = "FAULT";

/// Runs the program in a process of its own, with a clock that fails like this.
fn run(clock: &str, more: &str) -> Run {
    let me = std::env::current_exe().expect("the path of this test");
    let child = Command::new(me)
        .args(["--exact", "panics::in_a_process_of_its_own", "--nocapture"])
        .env_clear()
        .env(FAULT, clock)
        .env("MORE", more)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    finish(child.expect("it starts"))
}

/// What [`run`] starts; by itself it has nothing to do.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "what the process is to do is all that the environment tells"
)]
fn in_a_process_of_its_own() {
    let now: fn() -> SystemTime = match std::env::var(FAULT).as_deref() {
        Err(_) => return,
        Ok("ours") => || panic!("the clock stands still"),
        Ok("a thread's") => || {
            let thread = std::thread::spawn(|| panic!("the clock stands still"));
            drop(thread.join());
            SystemTime::UNIX_EPOCH
        },
        Ok(_) => || panic!("at {}", std::env::var(FAULT).expect("it is set")),
    };
    let identity = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/identity/bag-attributes.pem"
    );
    let more = std::env::var("MORE").expect("it is set");
    let arguments = ["sfmtls", "check-cert", "--offline", identity, &more];
    let arguments = arguments.iter().filter(|word| !word.is_empty());
    InternalFault::watch();
    let status = sfmtls::run(World {
        arguments: arguments.map(Into::into).collect(),
        environment: Environment::default(),
        stdin: Box::new(io::empty()),
        stdout: Box::new(io::stdout()),
        stderr: Box::new(io::stderr()),
        terminals: Terminals {
            stdin: false,
            stdout: false,
            stderr: false,
            stdout_is_piped: true,
            width: || None,
        },
        prompt: |_| Err(io::ErrorKind::Unsupported.into()),
        now,
    });
    std::process::exit(status.into());
}

#[test]
fn a_panic_is_told_by_its_place() {
    for clock in ["ours", "a thread's"] {
        let run = run(clock, "").exits(1);
        let told = run.stderr.trim_end();
        let (first, hint) = told.split_once('\n').expect("two lines");
        assert!(
            first.starts_with("error: a fault of sfmtls itself, at tests/it/panics.rs:"),
            "{told}"
        );
        assert!(first.ends_with(": the clock stands still"), "{told}");
        assert!(hint.starts_with("  hint: run it again with -vv"), "{told}");
    }
}

#[test]
fn a_panic_with_a_text_that_was_made_tells_its_place_alone() {
    let run = run("hunter2", "").exits(1);
    assert!(run.stderr.contains("at tests/it/panics.rs:"), "{run:?}");
    assert!(!format!("{run:?}").contains("hunter2"), "{run:?}");
}

#[test]
fn a_script_gets_a_document_for_a_panic() {
    let run = run("ours", "--json").exits(1);
    let line = run.stdout.lines().find(|line| line.starts_with('{'));
    let document: serde_json::Value = serde_json::from_str(line.expect("a document")).unwrap();
    assert_eq!(document["error"]["code"], "internal");
    assert_eq!(document["error"]["exitCode"], 1);
}
