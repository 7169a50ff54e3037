//! The Salesforce CLI's session, from a CLI that is a script.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use super::{USER, cached, lab};
use crate::lab::{Lab, finish};

/// A Salesforce CLI that is this script.
fn script(lab: &mut Lab, script: impl AsRef<[u8]>) {
    let bin = lab.path("bin");
    fs::create_dir_all(&bin).unwrap();
    lab.file("bin/sf", script);
    fs::set_permissions(bin.join("sf"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", bin.display());
    lab.set("PATH", path);
}

/// A Salesforce CLI that prints these, one a subcommand.
fn salesforce_cli(lab: &mut Lab, display: &str, token: &str) {
    let text = format!(
        "#!/bin/sh\necho \"$*\" >>\"$HOME/sf-runs\"\necho 'Warning: an update is there' >&2\n\
         case \"$*\" in\n'org display '*) cat <<'END'\n{display}\nEND\n;;\n*) cat <<'END'\n{token}\nEND\n;;\nesac\n"
    );
    script(lab, text);
}

fn display(token: &str) -> String {
    format!(
        r#"{{"status":0,"result":{{"id":"00D36000000YUbzEAG","accessToken":"{token}","instanceUrl":"https://localhost","username":"{USER}"}},"warnings":[]}}"#
    )
}

#[test]
fn a_session_of_the_salesforce_cli_is_taken_over_from_both_generations() {
    let mut lab = lab();
    let token = lab.org.session(0, "localhost");
    let shown =
        format!(r#"{{"status":0,"result":{{"accessToken":"{token}"}},"warnings":["secret"]}}"#);
    for (first, runs) in [
        (display(&token), 1),
        (display("[REDACTED] Use 'sf org auth …' to view"), 2),
    ] {
        salesforce_cli(&mut lab, &first, &shown);
        let run = lab.run(["login", "--from-sf", "acme", "-vv"]).exits(0);
        assert!(
            run.stdout.starts_with(&format!("Logged in as {USER} (")),
            "{}",
            run.stdout
        );
        assert!(!run.stderr.contains(&token), "{}", run.stderr);
        let ran = fs::read_to_string(lab.path("sf-runs")).unwrap();
        assert_eq!(ran.lines().count(), runs, "{ran}");
        assert!(
            ran.lines()
                .all(|line| line.ends_with("--target-org=acme --json")),
            "{ran}"
        );
        fs::remove_file(lab.path("sf-runs")).unwrap();
        assert_eq!(cached(&lab)["origin"]["alias"], "acme");
        lab.run(["getuserinfo"]).exits(0);
    }
}

#[test]
fn a_salesforce_cli_that_gives_no_session_is_told_in_its_words() {
    let mut lab = lab();
    let run = lab.run(["login", "--from-sf", "acme"]).exits(3);
    assert!(run.stderr.contains("@salesforce/cli"), "{}", run.stderr);
    let refusal = r#"{"status":1,"name":"NamedOrgNotFoundError","message":"No authorization information found for acme."}"#;
    salesforce_cli(&mut lab, refusal, "");
    let run = lab.run(["login", "--from-sf", "acme"]).exits(3);
    assert!(!run.stderr.contains("an update"), "{}", run.stderr);
    assert!(
        run.stderr
            .contains("No authorization information found for acme."),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("sf org list"), "{}", run.stderr);
    salesforce_cli(&mut lab, "Usage: sf", "");
    let run = lab.run(["login", "--from-sf", "acme"]).exits(3);
    assert!(
        run.stderr.contains("printed no JSON document"),
        "{}",
        run.stderr
    );
    // Why, it may have said elsewhere.
    assert!(
        run.stderr
            .contains("cause: it said: Warning: an update is there\n"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_salesforce_cli_that_prints_without_end_is_not_listened_to_for_ever() {
    let mut lab = lab();
    script(&mut lab, "#!/bin/sh\nexec yes\n");
    let run = lab.run(["login", "--from-sf", "acme"]).exits(3);
    assert!(
        run.stderr.contains("printed no JSON document"),
        "{}",
        run.stderr
    );
}

/// The launcher and what it launched hold the pipe open as long as they live.
#[test]
fn a_signal_while_the_salesforce_cli_is_waited_for_ends_it_too() {
    for (signal, status) in [("-INT", 130), ("-TERM", 143)] {
        let mut lab = lab();
        script(
            &mut lab,
            "#!/bin/sh\nexec 9>\"$HOME/alive\"\necho up >&9\nsleep 100000\n",
        );
        let alive = lab.path("alive");
        let made = lab.other("mkfifo", [alive.to_str().unwrap()]).status();
        assert!(made.unwrap().success());
        let child = lab.command(["login", "--from-sf", "acme"]).spawn().unwrap();
        let mut pipe = BufReader::new(File::open(alive).unwrap());
        let mut line = String::new();
        pipe.read_line(&mut line).unwrap();
        assert_eq!(line, "up\n");
        let id = child.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status();
        assert!(sent.unwrap().success());
        finish(child).exits(status);
        assert_eq!(pipe.read_line(&mut line).unwrap(), 0);
    }
}
