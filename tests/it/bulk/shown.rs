//! What is shown beside the rows: progress, calls, curl commands; and what never is.

use std::time::Duration;

use sfmtls::local_org::{Call, Mishap, Pace, When};

use super::{APIS, SOQL, at_once, fetch, lab, lab_with, make};
use crate::judges::on_a_terminal;
use crate::lab::Lab;

/// A result that takes a second, so that there is something to show.
fn slow() -> Lab {
    let lab = lab_with(3000, |switches| {
        switches.bulk.pace = Pace::Time {
            queued: Duration::from_millis(100),
            in_progress: Duration::from_millis(500),
        };
        switches.gzip = false;
    });
    lab.org
        .plan(Call::BulkResult, When::Always, Mishap::Slow(250_000));
    lab
}

#[test]
fn a_terminal_sees_state_rows_bytes_rate_and_time_and_nothing_is_left_behind() {
    at_once(APIS, |api| {
        let lab = slow();
        let line = format!("sfmtls bulk-query --bulk-api {api} '{SOQL}' >rows.csv");
        let shown = on_a_terminal(&lab, &line, &[]);
        assert_eq!(shown.status, 0, "{}", shown.text);
        let state = ["InProgress, ", "Queued, ", "UploadComplete, "];
        assert!(
            state.iter().any(|state| shown.text.contains(state)),
            "{}",
            shown.text
        );
        for part in [" of 3,000 rows, ", "KiB", "/s, "] {
            assert!(shown.text.contains(part), "{part}: {}", shown.text);
        }
        // Whatever was drawn is wiped before the last line, which stays.
        let (_, last) = shown.text.rsplit_once("\x1b[2K").unwrap();
        assert!(last.ends_with("3000 rows\r\n"), "{last:?}");
        assert!(!last.contains("KiB"), "{last:?}");
    });
}

#[test]
fn progress_is_not_for_a_pipe_nor_for_the_silent_nor_beside_rows_on_the_terminal() {
    let tests: [&(dyn Fn() + Sync); 3] = [
        &|| {
            let run = slow().run(["bulk-query", SOQL]).exits(0);
            assert!(
                !run.stderr.contains('\x1b') && !run.stderr.contains("KiB"),
                "{}",
                run.stderr
            );
            assert!(run.stderr.lines().count() <= 5, "{}", run.stderr);
        },
        &|| {
            let line = format!("sfmtls bulk-query -s '{SOQL}' >rows.csv");
            let shown = on_a_terminal(&slow(), &line, &[]);
            assert_eq!((shown.status, shown.text.as_str()), (0, ""));
        },
        &|| {
            let line = format!("sfmtls bulk-query '{SOQL}'");
            let shown = on_a_terminal(&slow(), &line, &[]);
            assert_eq!(shown.status, 0);
            let (_, rows) = shown.text.split_once("\"Id\",").unwrap();
            assert!(!rows.contains('\x1b') && !rows.contains("KiB"), "{rows}");
            assert!(rows.ends_with("3000 rows\r\n"));
        },
    ];
    at_once(tests, |test| test());
}

#[test]
fn no_secret_shows_however_much_is_said_and_the_rows_are_the_same() {
    let lab = Lab::with(super::config(20, |_| ()));
    lab.run(["login"]).exits(0);
    let session = lab.stdout(["login", "--show-session-id"]);
    let user = lab.org.user().clone();
    for api in APIS {
        let command = ["bulk-query", "--bulk-api", api, SOQL];
        let quiet = lab.run(command.iter().chain(&["-s"])).exits(0);
        assert_eq!(quiet.stderr, "");
        for more in [
            &["-v"][..],
            &["-vv"],
            &["--show-curl"],
            &["-vv", "--show-curl", "-s"],
        ] {
            let run = lab.run(command.iter().chain(more)).exits(0);
            assert!(run.stdout == quiet.stdout, "{more:?}");
            assert!(run.stderr.contains("/services/"), "{more:?}");
            for secret in [session.trim_end(), &user.password, &user.security_token] {
                assert!(!run.stderr.contains(secret), "{more:?}: {}", run.stderr);
            }
        }
    }
}

/// The curl commands that a run shows; the body of one is in a here-document.
fn shown_commands(said: &str) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    for line in said.lines() {
        match commands.last_mut() {
            _ if line.starts_with("curl ") => commands.push(line.to_owned()),
            Some(command) => {
                command.push('\n');
                command.push_str(line);
            }
            None => {}
        }
    }
    commands
}

#[test]
fn the_curl_commands_that_are_shown_do_the_same() {
    let mut lab = lab(20);
    for api in APIS {
        let job = make(&lab, api, &[SOQL]);
        let run = fetch(&lab, api, &job, &["--show-curl", "-s"]).exits(0);
        let commands = shown_commands(&run.stderr);
        assert!(commands.len() >= 3, "{}", run.stderr);
        lab.set("SFMTLS_SESSION_ID", lab.org.session(0, "localhost"));
        let answers: Vec<_> = commands
            .iter()
            .map(|command| lab.shell(command).exits(0))
            .collect();
        // The last call is the result's.
        assert!(answers[answers.len() - 1].stdout == run.stdout, "{api}");
        // The calls that make a job, too: POST with a body.
        let run = lab.run([
            "bulk-query",
            "--bulk-api",
            api,
            "--async",
            SOQL,
            "--show-curl",
            "-s",
        ]);
        let commands = shown_commands(&run.exits(0).stderr);
        let made = lab.shell(&commands[0]).exits(0).stdout;
        let at = made.find("750").unwrap_or_else(|| panic!("no job: {made}"));
        let mut again = made[at..at + 18].to_owned();
        if api == "1" {
            let query = lab.shell(&commands[1].replace(&job_of(&commands[1]), &again));
            assert!(query.exits(0).stdout.contains("<batchInfo"));
        }
        again = fetch(&lab, api, &again, &["-s"]).exits(0).stdout;
        assert_eq!(again.matches("\n\"003").count(), 20, "{api}");
    }
}

/// The job in a command's URL.
#[track_caller]
fn job_of(command: &str) -> String {
    let at = command
        .find("/750")
        .unwrap_or_else(|| panic!("no job: {command}"));
    command[at + 1..at + 19].to_owned()
}
