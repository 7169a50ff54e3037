//! Ctrl-C, SIGTERM and SIGHUP at every moment: no temporary file, no half cache. And readers that
//! have had enough.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command};

use sfmtls::local_org::{Call, Mishap, When};

use crate::bulk::{at_once, files, lab};
use crate::lab::{Lab, finish};

const CONTACTS: &str = "SELECT Id, LastName FROM Contact";

/// Each with the status that a shell reports.
const SIGNALS: [(&str, i32); 3] = [("-INT", 130), ("-TERM", 143), ("-HUP", 129)];

fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    // It may have ended by itself.
    drop(Command::new("kill").args([name, &id]).output().unwrap());
}

/// Waits until so many calls of this name were answered.
fn wait_for(lab: &Lab, call: &str, count: usize) {
    while lab.calls().iter().filter(|name| *name == call).count() < count {
        std::thread::yield_now();
    }
}

/// The names in a folder; of one that is not there, none.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// `nohup` used to have no effect.
#[cfg(target_os = "linux")]
#[test]
fn a_signal_that_is_ignored_from_the_start_stays_ignored() {
    let lab = Lab::logged_in();
    lab.org.plan(Call::Query, When::Always, Mishap::Silence);
    for (name, reached) in [("-HUP", false), ("-TERM", true)] {
        let line =
            format!("trap '' HUP; exec sfmtls query '{CONTACTS}' --idle-timeout 2 --retry 0");
        let mut command = lab.other("bash", ["-c", &line]);
        command.env("PATH", crate::lab::path_with_program());
        let before = lab.calls().iter().filter(|call| *call == "query").count();
        let child = command.spawn().unwrap();
        wait_for(&lab, "query", before + 1);
        signal(&child, name);
        // Left alone, it ends for want of an answer.
        finish(child).exits(if reached { 143 } else { 6 });
    }
}

#[test]
fn a_signal_while_an_answer_is_waited_for_leaves_no_file_and_the_cache_as_it_was() {
    let output = ["--output-file", "rows.csv", "--batch-size", "200"];
    let query = [&["query", CONTACTS][..], &output].concat();
    let bulk = ["bulk-query", CONTACTS, "--output-file", "rows.csv"];
    let cases: [(&[&str], Call, &str, bool); 7] = [
        (&["login"], Call::Login, "login", false),
        (&["getuserinfo"], Call::GetUserInfo, "getUserInfo", false),
        // The renewal.
        (&["getuserinfo"], Call::Login, "login", true),
        (&query, Call::QueryMore, "queryMore", false),
        (&query, Call::Login, "login", true),
        (&bulk, Call::BulkResult, "bulk1.result", false),
        (&["check-cert"], Call::GetUserInfo, "getUserInfo", false),
    ];
    at_once(cases, |(arguments, call, name, expired)| {
        for (signal_name, status) in SIGNALS {
            let mut lab = Lab::with(crate::bulk::config(600, |_| ()));
            if arguments == ["check-cert"] {
                // It asks without the certificate, too.
                lab.without_journal_check();
            }
            lab.run(["login"]).exits(0);
            lab.file("rows.csv", "old");
            let cached = fs::read(lab.session_file()).unwrap();
            if expired {
                lab.org.end_sessions();
            }
            lab.org.plan(call, When::Always, Mishap::Silence);
            let before = lab.calls().iter().filter(|call| *call == name).count();
            let child = lab.command(arguments).spawn().unwrap();
            wait_for(&lab, name, before + 1);
            signal(&child, signal_name);
            finish(child).exits(status);
            assert_eq!(files(&lab), ["rows.csv"], "{arguments:?}");
            assert_eq!(fs::read(lab.path("rows.csv")).unwrap(), b"old");
            assert_eq!(
                names(lab.session_file().parent().unwrap()),
                ["session.json"]
            );
            assert!(fs::read(lab.session_file()).unwrap() == cached);
        }
    });
}

/// Half a result used to be left without a word.
#[test]
fn a_signal_after_the_first_rows_says_how_many_are_written() {
    let soql = "SELECT Id, FirstName, LastName, Email FROM Contact";
    for (silent, formats) in [("-v", ["csv", "ndjson"]), ("-s", ["csv", "ndjson"])] {
        for format in formats {
            let lab = Lab::with(crate::bulk::config(4000, |_| ()));
            lab.run(["login"]).exits(0);
            lab.org.plan(Call::QueryMore, When::Always, Mishap::Silence);
            let mut child = lab
                .command(["query", soql, "-r", format, silent])
                .spawn()
                .unwrap();
            let mut stdout = child.stdout.take().unwrap();
            let mut text = vec![0];
            stdout.read_exact(&mut text).unwrap();
            let reader = std::thread::spawn(move || {
                stdout.read_to_end(&mut text).unwrap();
                text
            });
            wait_for(&lab, "queryMore", 1);
            signal(&child, "-INT");
            let run = finish(child).exits(130);
            let text = reader.join().unwrap();
            let lines = text.iter().filter(|&&byte| byte == b'\n').count();
            let rows = lines - usize::from(format == "csv");
            let mut said = run.stderr.lines();
            let said = said.find_map(|line| line.strip_prefix("interrupted: "));
            assert_eq!(said.is_none(), silent == "-s", "{}", run.stderr);
            if let Some(said) = said {
                let (number, rest) = said.split_once(' ').unwrap();
                assert_eq!(rest, "rows were written, the result is not complete");
                let number: usize = number.parse().unwrap();
                assert!(0 < number && number <= rows, "{number} of {rows}");
            }
        }
    }
}

/// With `--json` a script used to find nothing to read.
#[test]
fn a_signal_leaves_the_document_of_a_failure_where_one_is_asked_for() {
    let bulk = ["bulk-query", CONTACTS, "--output-file", "rows.csv"];
    let cases: [(&[&str], Call, &str, bool); 4] = [
        (&["login"], Call::Login, "login", false),
        (&["query", CONTACTS], Call::Query, "query", false),
        (&bulk, Call::BulkLook, "bulk1.batches", true),
        (
            &["bulk-query", CONTACTS],
            Call::BulkResult,
            "bulk1.result",
            true,
        ),
    ];
    at_once(cases, |(arguments, call, name, has_job)| {
        for (signal_name, status) in SIGNALS {
            let lab = Lab::with(crate::bulk::config(20, |_| ()));
            lab.run(["login"]).exits(0);
            lab.org.plan(call, When::Always, Mishap::Silence);
            let before = lab.calls().iter().filter(|call| *call == name).count();
            let arguments = arguments.iter().chain(&["--json"]);
            let child = lab.command(arguments).spawn().unwrap();
            wait_for(&lab, name, before + 1);
            signal(&child, signal_name);
            let run = finish(child).exits(status);
            let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
            let error = &document["error"];
            assert_eq!(error["code"], "interrupted");
            assert_eq!(error["exitCode"], status);
            let message = error["message"].as_str().unwrap();
            assert!(message.starts_with("interrupted"), "{message}");
            match error["hint"].as_str() {
                Some(hint) => {
                    assert!(has_job, "{hint}");
                    assert!(
                        hint.contains("--job-id 750") && hint.contains("--abort"),
                        "{hint}"
                    );
                }
                None => assert!(!has_job, "{document}"),
            }
            assert!(!run.stderr.contains("go on with"), "{}", run.stderr);
        }
    });
}

/// The answer to the login has just gone out: the cache is about to be written.
#[test]
fn a_signal_while_the_cache_is_written_leaves_a_whole_session_or_none() {
    let lab = Lab::new();
    let folder = lab.session_file().parent().unwrap().to_owned();
    let mut whole = 0;
    for round in 0..24_u32 {
        drop(fs::remove_file(lab.session_file()));
        let before = lab.calls().len();
        let child = lab.command(["login"]).spawn().unwrap();
        wait_for(&lab, "login", before + 1);
        // Each round a little later.
        for _ in 0..round * 4000 {
            std::hint::spin_loop();
        }
        signal(&child, SIGNALS[round as usize % 3].0);
        drop(finish(child));
        match names(&folder).as_slice() {
            [] => {}
            [name] => {
                assert_eq!(name, "session.json");
                let text = fs::read_to_string(lab.session_file()).unwrap();
                assert!(text.ends_with("}\n") && text.contains("\"seal\""), "{text}");
                whole += 1;
            }
            more => panic!("{more:?}"),
        }
    }
    assert!(whole <= 24);
}

/// The command that goes on was to be said to a standard error that nobody reads.
#[test]
fn a_standard_error_that_is_full_does_not_hold_up_the_end() {
    let lab = lab(20);
    lab.org.plan(Call::BulkLook, When::Always, Mishap::Silence);
    let (_unread, mut full) = std::io::pipe().unwrap();
    // As much as a pipe takes (pipe(7)).
    full.write_all(&[b'x'; 64 * 1024]).unwrap();
    let command = ["bulk-query", CONTACTS, "-s", "--output-file", "rows.csv"];
    let child = lab.command(command).stderr(full).spawn().unwrap();
    wait_for(&lab, "bulk1.batches", 1);
    signal(&child, "-TERM");
    finish(child).exits(143);
    assert_eq!(files(&lab), [] as [&str; 0]);
}

/// OpenSSL used to clean up at the exit, under the hands of the threads that still downloaded: a
/// crash, once in some dozens of runs on a busy machine.
#[test]
fn an_end_in_the_middle_of_downloads_is_no_crash() {
    let lab = crate::bulk::lab_with(4000, |switches| switches.bulk.files = 8);
    let job = crate::bulk::make(&lab, "1", &[CONTACTS]);
    let fault = Mishap::Fault("InternalServerError", "not today");
    lab.org.plan(Call::BulkResult, When::Always, fault);
    for _ in 0..10 {
        at_once(0..6, |_| {
            let fetch = ["bulk-query", "--job-id", &job, "--parallel", "8", "-s"];
            lab.run(fetch).exits(4);
        });
    }
}

#[test]
fn a_signal_to_the_demonstration_or_the_org_leaves_no_directory_of_keys() {
    let commands: [&[&str]; 3] = [&["demo"], &["local-org"], &["local-org", "--", "cat"]];
    at_once(commands, |command| {
        let mut lab = Lab::new();
        let temporary = lab.path("tmp");
        fs::create_dir(&temporary).unwrap();
        lab.set("TMPDIR", &temporary);
        for round in 0..6 {
            let (name, status) = SIGNALS[round % 3];
            // The terminal sends Ctrl-C to the command, too.
            let name = match (name, command.len()) {
                ("-INT", 3) => "-TERM",
                (name, _) => name,
            };
            let status = match name {
                "-TERM" => 143,
                _ => status,
            };
            let mut program = lab.command(command);
            program.stdin(std::process::Stdio::piped());
            let mut child = program.spawn().unwrap();
            // As long as it is open, the command goes on.
            let _stdin = child.stdin.take();
            // At once, or when the first keys are there.
            let deep = |folder: &Path| {
                names(folder).iter().any(|name| {
                    let inside = names(&folder.join(name));
                    round < 3 || inside.len() > 3 || inside.contains(&"org".to_owned())
                })
            };
            while !deep(&temporary) {
                std::thread::yield_now();
            }
            signal(&child, name);
            let run = finish(child);
            assert_eq!(run.status, status, "{command:?}: {}", run.stderr);
            assert_eq!(names(&temporary), [] as [&str; 0], "{command:?}");
        }
    });
}

#[test]
fn a_reader_that_has_gone_ends_every_command_quietly() {
    let mut lab = lab(2000);
    // `check-cert` asks without the certificate, too.
    lab.without_journal_check();
    // `login` needs what the environment of a lab that is logged in has no more.
    let fresh = Lab::new();
    let cert = lab.org.files().client.display().to_string();
    for (lab, line) in [
        (&fresh, "login".to_owned()),
        (&fresh, "login --json".to_owned()),
        (&fresh, "login --show-session-id".to_owned()),
        (&lab, "getuserinfo".to_owned()),
        (&lab, "getuserinfo --json".to_owned()),
        (&lab, "getuserinfo -r xml".to_owned()),
        (&lab, format!("query '{CONTACTS}' --json")),
        (&lab, format!("query '{CONTACTS}' -r human")),
        (&lab, format!("bulk-query '{CONTACTS}' -r json -s")),
        (&lab, format!("bulk-query '{CONTACTS}' --async -s")),
        (&lab, format!("check-cert {cert} --offline")),
        (&lab, format!("check-cert {cert} --offline --json")),
        (&lab, "check-cert".to_owned()),
        (&lab, "check-cert --nagios".to_owned()),
        (&lab, "completions bash".to_owned()),
        (&lab, "demo".to_owned()),
        (&lab, "local-org".to_owned()),
        (&lab, "logout".to_owned()),
    ] {
        // The reader is gone before anything is said.
        let run = lab.shell(&format!(
            "exec 3> >(exec true); wait $!; sfmtls {line} >&3; exit $?"
        ));
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{line}");
    }
}
