//! The README's commands, run as they stand there.

use std::fs;
use std::path::Path;

use serde_json::Value;
use sfmtls::local_org::{BulkSwitches, Config, Pace, Switches};

use crate::judges::Screen;
use crate::lab::{Lab, Run};

/// Blocks that are not run, by their first line, and why.
const NOT_RUN: [(&str, &str); 4] = [
    (
        "cargo run --release -- demo",
        "a build; `demo` has its own test",
    ),
    ("cargo test", "it is this"),
    ("cargo install --path .", "a build"),
    (
        "install -Dm644 -t ~/.cargo/share/man/man1 completions/*.1",
        "wants the checkout as its folder; `.ci/deb` installs the pages",
    ),
];

/// Blocks that end otherwise than well, as they should.
const STATUS: [(&str, i32); 2] = [
    ("sfmtls query --json \"SELECT Nme", 4),
    ("sfmtls check-cert \"${SFMTLS_CERT%/*}/expired.pem\"", 8),
];

/// What stands for the reader's own, and what it is here.
const NAMES: [(&str, &str); 5] = [
    ("https://NAME--uat.sandbox.my.salesforce.com", "$ORG_URL"),
    ("https://NAME.my.salesforce.com", "$ORG_URL"),
    ("NAME.my.salesforce.com", "localhost"),
    ("integration@example.com", "$ORG_USER"),
    ("CONSUMER_KEY", "$ORG_APP"),
];

/// Files of the reader's.
const QUERIES: [(&str, &str); 2] = [
    ("contacts.soql", "SELECT Id, Email FROM Contact"),
    ("orders.soql", "SELECT Id, Name FROM Opportunity"),
];

const ROWS: u64 = 250;

/// What stands before a command in a block that also shows what appears.
const PROMPT: &str = "$ ";

fn readme() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    fs::read_to_string(file).unwrap()
}

/// The indented blocks, in their order.
fn blocks(text: &str) -> Vec<String> {
    assert!(!text.contains("```"), "blocks are indented");
    let mut blocks: Vec<String> = Vec::new();
    let mut before = "";
    for line in text.lines() {
        match line.strip_prefix("    ") {
            Some(code) if before.starts_with("    ") => {
                let block = blocks.last_mut().unwrap();
                block.push('\n');
                block.push_str(code);
            }
            Some(code) => blocks.push(code.to_owned()),
            None => {}
        }
        // An empty line in a block belongs to it.
        if !(line.is_empty() && before.starts_with("    ")) {
            before = line;
        } else if let Some(block) = blocks.last_mut() {
            block.push('\n');
        }
    }
    blocks
        .iter()
        .map(|block| block.trim_end().to_owned())
        .collect()
}

/// The block with this in it.
#[track_caller]
fn block(needle: &str) -> String {
    let all = blocks(&readme());
    let mut found = all.into_iter().filter(|block| block.contains(needle));
    let block = found.next().expect("it is in the README");
    assert!(found.next().is_none(), "{needle} stands in two blocks");
    block
}

/// A place with all that a reader has: an org, a certificate, queries, a way to send mail.
fn lab() -> Lab {
    let mut lab = Lab::with(Config {
        rows: ROWS,
        switches: Switches {
            bulk: BulkSwitches {
                pace: Pace::Looks {
                    queued: 0,
                    in_progress: 0,
                },
                ..BulkSwitches::default()
            },
            ..Switches::default()
        },
        ..Config::default()
    });
    // check-cert tries what no call does.
    lab.without_journal_check();
    lab.run(["login"]).exits(0);
    let client = fs::read(&lab.org.files().client).unwrap();
    lab.file("client.pem", client);
    let leaf = fs::read(&lab.org.files().leaf_only).unwrap();
    lab.file("leaf.pem", leaf);
    let key = fs::read(lab.org.jwt_key().unwrap()).unwrap();
    lab.file("jwt.key", key);
    lab.file("client-secret", lab.org.client_secret());
    let identity = lab.org.files();
    for (name, file) in [
        ("client.p12", &identity.client_p12),
        ("key-password.txt", &identity.key_password),
    ] {
        let bytes = fs::read(file).unwrap();
        lab.file(name, bytes);
    }
    let app = lab.org.client_id().to_owned();
    lab.set("ORG_APP", app);
    lab.file(".sfmtls.env", "");
    for (name, query) in QUERIES {
        lab.file(name, query);
    }
    for (name, of_org) in [
        ("ORG_URL", "SFMTLS_LOGIN_URL"),
        ("ORG_USER", "SFMTLS_USERNAME"),
    ] {
        let value = lab.variable(of_org).unwrap().to_owned();
        lab.set(name, value);
    }
    lab
}

/// Runs a block; `mail` writes its subject and its letter to a file.
fn run(lab: &Lab, block: &str, options: &str) -> Run {
    let mut block = block.to_owned();
    for (name, here) in NAMES {
        block = block.replace(name, here);
    }
    lab.shell(&format!(
        "set {options}\nmail() {{ echo \"$2 to $3\" >letter; cat >>letter; }}\n{block}"
    ))
}

#[test]
fn every_block_of_the_readme_runs() {
    let lab = lab();
    let readme = readme();
    let mut skipped = 0;
    for block in blocks(&readme) {
        let first = block.lines().next().unwrap();
        if first.starts_with(PROMPT) {
            continue;
        }
        if NOT_RUN.iter().any(|(line, _)| first == *line) {
            skipped += 1;
            continue;
        }
        let other = STATUS.iter().find(|(line, _)| first.starts_with(line));
        let run = run(&lab, &block, "-euo pipefail");
        let said = format!("{block}\n{}\n{}", run.stdout, run.stderr);
        assert_eq!(run.status, other.map_or(0, |(_, status)| *status), "{said}");
    }
    assert_eq!(skipped, NOT_RUN.len());
    assert!(!lab.path("letter").exists(), "nothing was wrong");
}

/// A command, and what the README says appears.
fn transcript(block: &str) -> Vec<(String, Vec<String>)> {
    let mut commands: Vec<(String, Vec<String>)> = Vec::new();
    for line in block.lines() {
        match (line.strip_prefix(PROMPT), commands.last_mut()) {
            (Some(command), _) => commands.push((command.to_owned(), Vec::new())),
            (None, Some((_, shown))) => shown.push(line.to_owned()),
            (None, None) => panic!("{line:?} stands before the first command"),
        }
    }
    commands
}

/// Whether the lines are what the README shows: `…` stands for the rest of a line, and alone on
/// a line for lines.
fn matches(readme: &[String], screen: &[String]) -> bool {
    let Some((line, readme)) = readme.split_first() else {
        return screen.is_empty();
    };
    if line == "…" {
        return (0..=screen.len()).any(|skipped| matches(readme, &screen[skipped..]));
    }
    let Some((first, screen)) = screen.split_first() else {
        return false;
    };
    let same = match line.strip_suffix('…') {
        // The line of the terminal may end where the `…` begins.
        Some(start) => first.starts_with(start.trim_end()),
        None => first == line,
    };
    same && matches(readme, screen)
}

#[test]
fn what_the_readme_shows_appears_on_a_terminal() {
    let lab = lab();
    let port = lab.variable("SFMTLS_MTLS_PORT").unwrap().to_str().unwrap();
    let user = lab.variable("SFMTLS_USERNAME").unwrap().to_str().unwrap();
    let mut commands = 0;
    let transcripts = blocks(&readme()).into_iter();
    for block in transcripts.filter(|block| block.starts_with(PROMPT)) {
        for (command, told) in transcript(&block) {
            let here = NAMES.iter().fold(command.clone(), |line, (name, here)| {
                line.replace(name, here)
            });
            let shown: Vec<String> = Screen::start(&lab, 100, &here)
                .end()
                .iter()
                .map(|line| {
                    line.replace(&format!("localhost:{port}"), "NAME.my.salesforce.com:8443")
                        .replace(user, "integration@example.com")
                })
                .collect();
            assert!(matches(&told, &shown), "{command}\n{told:#?}\n{shown:#?}");
            commands += 1;
        }
    }
    assert!(commands >= 4);
}

#[test]
fn the_nightly_script_writes_to_whom_it_concerns() {
    let mut lab = lab();
    let script = block("mail -s");
    // Cron's environment has no certificate; the reader's file names it.
    let cert = lab.variable("SFMTLS_CERT").unwrap().to_owned();
    lab.unset("SFMTLS_CERT");
    lab.file(
        ".sfmtls.env",
        format!("export SFMTLS_CERT={}", cert.display()),
    );
    run(&lab, &script, "-u").exits(0);
    assert!(!lab.path("letter").exists());
    let rows = fs::read_to_string(lab.path("contacts.csv")).unwrap();
    assert_eq!(rows.lines().count() as u64, 1 + ROWS);
    lab.file(".sfmtls.env", "");
    lab.set("SFMTLS_CERT", cert);
    lab.file("contacts.csv", "yesterday's");
    for (name, value, letter) in [
        (
            "SFMTLS_CERT",
            lab.org.files().leaf_only.to_str().unwrap().to_owned(),
            "sfmtls: login or certificate to admin@example.com\nerror: ",
        ),
        (
            "SFMTLS_MTLS_PORT",
            "1".to_owned(),
            "sfmtls: network, trying again tomorrow to ops@example.com\nerror: ",
        ),
    ] {
        let before = lab.variable(name).unwrap().to_owned();
        lab.set(name, value);
        let run = run(&lab, &script, "-u").exits(0);
        assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
        let sent = fs::read_to_string(lab.path("letter")).unwrap();
        assert!(sent.starts_with(letter), "{sent}");
        assert_eq!(
            fs::read_to_string(lab.path("contacts.csv")).unwrap(),
            "yesterday's"
        );
        lab.set(name, before);
    }
    lab.file("contacts.soql", "SELECT Nme FROM Contact");
    run(&lab, &script, "-u").exits(0);
    let sent = fs::read_to_string(lab.path("letter")).unwrap();
    assert!(sent.starts_with("sfmtls: no contacts today to ops@example.com\nerror: INVALID_FIELD"));
}

#[test]
fn sqlite_has_every_row_also_the_second_time() {
    let lab = lab();
    let script = block("sqlite3 crm.db");
    for _ in 0..2 {
        let run = run(&lab, &script, "-euo pipefail").exits(0);
        assert_eq!(run.stdout, format!("{ROWS}\n"));
        assert_eq!(run.stderr, "");
    }
}

#[test]
fn jq_reads_records_line_by_line() {
    let lab = lab();
    let run = run(&lab, &block("@tsv"), "-euo pipefail").exits(0);
    assert_eq!(
        run.stdout.lines().next(),
        Some("Rose.Gonzalez@example.test\tEdge Communications")
    );
    assert_eq!(run.stdout.lines().count(), 3);
}

#[test]
fn jq_reads_the_code_of_a_failure() {
    let lab = lab();
    let run = run(&lab, &block(".error.code"), "-eu").exits(0);
    assert_eq!(run.stdout, "INVALID_FIELD\n");
}

#[test]
fn monitoring_reads_one_line_and_a_status() {
    let lab = lab();
    let script = block("--crit-days 7");
    let run_ok = run(&lab, &script, "-eu").exits(0);
    assert!(run_ok.stdout.starts_with("CERT OK - "), "{}", run_ok.stdout);
    let leaf_only = fs::read(&lab.org.files().expired).unwrap();
    lab.file("client.pem", leaf_only);
    let run = run(&lab, &script, "-u").exits(2);
    assert!(run.stdout.starts_with("CERT CRITICAL - "), "{}", run.stdout);
}

/// The fields in the README's table, by what stands in its first column.
fn fields(row: &str) -> Vec<String> {
    let readme = readme();
    let start = format!("| {row} | ");
    let line = readme.lines().find_map(|line| line.strip_prefix(&start));
    let line = line.unwrap_or_else(|| panic!("no row {row}"));
    // Every second piece stands between backticks.
    let names = line.split('`').skip(1).step_by(2);
    names.map(str::to_owned).collect()
}

#[track_caller]
fn keys(document: &Value) -> Vec<String> {
    document.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn each_command_has_the_document_that_the_readme_tells() {
    let lab = lab();
    let soql = "SELECT Id FROM Contact LIMIT 3";
    // A job can be aborted once.
    let jobs = [(); 2].map(|()| lab.stdout(["bulk-query", "--async", soql]));
    let mut to_abort = jobs.iter().map(|job| job.trim());
    let file = ["--output-file", "rows.csv"];
    for (row, arguments) in [
        ("`login`", vec!["login"]),
        ("`query`, `bulk-query`", vec!["query", soql]),
        ("`query`, `bulk-query`", vec!["bulk-query", soql]),
        (
            "… with `--output-file`",
            [&["query", soql][..], &file].concat(),
        ),
        (
            "… with `--output-file`",
            [&["bulk-query", soql][..], &file].concat(),
        ),
        ("`bulk-query --async`", vec!["bulk-query", "--async", soql]),
        ("`bulk-query --abort`", vec!["bulk-query", "--abort"]),
        ("`check-cert`", vec!["check-cert"]),
        ("`logout`", vec!["logout"]),
    ] {
        for said in [&["-s"][..], &["-vv", "--show-curl", "--progress", "always"]] {
            let job = match arguments.last() {
                Some(&"--abort") => to_abort.next(),
                _ => None,
            };
            let job = job.into_iter().flat_map(|job| ["--job-id", job]);
            let typed = arguments.iter().copied().chain(["--json"]).chain(job);
            let run = lab.run(typed.chain(said.iter().copied())).exits(0);
            let document: Value = serde_json::from_str(&run.stdout).unwrap();
            let mut expected = fields(row);
            expected.retain(|name| !name.starts_with('-'));
            assert_eq!(keys(&document), expected, "{arguments:?}");
            let quiet = said == ["-s"];
            assert_eq!(
                run.stderr.is_empty(),
                quiet,
                "{arguments:?}: {}",
                run.stderr
            );
        }
    }
    let info: Value = serde_json::from_str(&lab.stdout(["getuserinfo", "--json"])).unwrap();
    for name in fields("`getuserinfo`") {
        assert!(info[&name].is_string(), "{name}");
    }
}

#[test]
fn each_commands_failure_is_the_document_that_the_readme_tells() {
    let mut lab = Lab::new();
    lab.forget_credentials();
    let soql = "SELECT Id FROM Contact";
    let expected = fields("a failure");
    for arguments in [
        &["login"][..],
        &["login", "-u", "x@acme.test"],
        &["logout", "--revoke"],
        &["getuserinfo"],
        &["query", soql],
        &["bulk-query", soql],
        &["bulk-query", "--job-id", "750R0000000zlh9"],
        &["check-cert", "--host", "no host"],
        &["completions", "bash"],
        &["demo"],
        &["local-org", "--", "true"],
        &["query", "--nonsense"],
        &["nonsense"],
    ] {
        let run = lab.run(
            arguments[..1]
                .iter()
                .chain(&["--json"])
                .chain(&arguments[1..]),
        );
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(keys(&document), ["error"], "{arguments:?}");
        assert_eq!(keys(&document["error"]), expected[1..], "{arguments:?}");
        assert_eq!(document["error"]["exitCode"], run.status, "{arguments:?}");
        assert_eq!(run.stderr, "", "{arguments:?}");
    }
}
