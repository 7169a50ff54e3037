//! The end of the program before the end of the work: signals, readers that go, disks that are full.

use std::fs::{self, File};
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sfmtls::local_org::{Call, Mishap, When};

use super::{APIS, SOQL, at_once, fetch, files, lab, lab_with, make};
use crate::lab::{Lab, finish};

/// Waits until so many calls of this name were answered.
fn wait_for(lab: &Lab, call: &str, count: usize) {
    while lab.calls().iter().filter(|name| *name == call).count() < count {
        std::thread::yield_now();
    }
}

fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    let kill = Command::new("kill").args([name, &id]).status().unwrap();
    assert!(kill.success());
}

/// The two commands that are printed when a signal ends the program.
#[track_caller]
fn commands(said: &str) -> [&str; 2] {
    ["go on with the job: ", "or abort it: "].map(|before| {
        let line = said.lines().find_map(|line| line.strip_prefix(before));
        line.unwrap_or_else(|| panic!("no command: {said}"))
    })
}

#[test]
fn a_signal_while_the_job_is_waited_for_leaves_the_commands_that_go_on_and_abort() {
    for (api, look, name, status, silent) in [
        ("1", "bulk1.batches", "-INT", 130, &["-s"][..]),
        ("2", "bulk2.info", "-INT", 130, &[]),
        ("2", "bulk2.info", "-TERM", 143, &["-s"]),
    ] {
        let lab = lab_with(20, |switches| switches.bulk.pace = super::looks(2, 0));
        let command = ["bulk-query", SOQL, "--bulk-api", api];
        let more = ["-r", "json", "--output-file", "the rows.json"];
        let start = || {
            let arguments = command.iter().chain(&more).chain(silent);
            lab.command(arguments).spawn().unwrap()
        };
        let child = start();
        wait_for(&lab, look, 1);
        signal(&child, name);
        let run = finish(child).exits(status);
        assert_eq!(files(&lab), [] as [&str; 0]);
        lab.shell(commands(&run.stderr)[0]).exits(0);
        let rows = fs::read_to_string(lab.path("the rows.json")).unwrap();
        assert!(
            rows.ends_with("\"totalSize\":20,\"done\":true}\n"),
            "{rows}"
        );

        let child = start();
        wait_for(&lab, look, 4);
        signal(&child, name);
        let run = finish(child).exits(status);
        let aborted = lab.shell(commands(&run.stderr)[1]).exits(0);
        assert!(
            aborted.stdout.ends_with(" is Aborted\n"),
            "{}",
            aborted.stdout
        );
        assert_eq!(files(&lab), ["the rows.json"]);
    }
}

/// Starts a job whose second result does not come, and waits until it was asked for. Of each result
/// that waits for its turn the bytes lie in a temporary file.
fn stuck(lab: &Lab, api: &str) -> Child {
    lab.org
        .plan(Call::BulkResult, When::Nth(2), Mishap::Silence);
    let command = [
        "bulk-query",
        SOQL,
        "--bulk-api",
        api,
        "--output-file",
        "rows.csv",
    ];
    let child = lab.command(command).spawn().unwrap();
    let result = match api {
        "1" => "bulk1.result",
        _ => "bulk2.results",
    };
    wait_for(lab, result, 3);
    child
}

fn several(rows: u64) -> Lab {
    lab_with(rows, |switches| {
        switches.bulk.files = 4;
        switches.bulk.page_rows = rows / 4;
    })
}

#[test]
fn ctrl_c_in_the_middle_of_a_download_leaves_nothing_but_the_commands() {
    for api in APIS {
        let lab = several(400);
        lab.file("rows.csv", "old");
        let child = stuck(&lab, api);
        assert_eq!(files(&lab).len(), 2, "{:?}", files(&lab));
        signal(&child, "-INT");
        let run = finish(child).exits(130);
        assert_eq!(files(&lab), ["rows.csv"]);
        assert_eq!(fs::read_to_string(lab.path("rows.csv")).unwrap(), "old");
        lab.shell(commands(&run.stderr)[0]).exits(0);
        let rows = fs::read_to_string(lab.path("rows.csv")).unwrap();
        assert_eq!(rows.matches("\n\"003").count(), 400);
    }
}

#[test]
fn a_kill_in_the_middle_of_a_download_leaves_no_file_of_that_name_and_the_job_is_fetched_later() {
    for api in APIS {
        let lab = several(400);
        let child = stuck(&lab, api);
        signal(&child, "-KILL");
        let run = finish(child).exits(137);
        assert!(!lab.path("rows.csv").exists());
        let job = super::told_job(&run.stderr);
        fetch(&lab, api, job, &["--output-file", "rows.csv"]).exits(0);
        let rows = fs::read_to_string(lab.path("rows.csv")).unwrap();
        assert_eq!(rows.matches("\n\"003").count(), 400);
    }
}

#[test]
fn a_reader_that_has_had_enough_ends_the_program_quietly() {
    // The first result is longer than a pipe is.
    let lab = several(16_000);
    for api in APIS {
        let job = make(&lab, api, &[SOQL]);
        for (way, start) in [
            ("| head -1", "\"Id\","),
            ("-r json | head -c 3", "{\"r"),
            ("--parallel 1 | head -1", "\"Id\","),
            ("--output-file /dev/stdout | head -1", "\"Id\","),
        ] {
            let program = format!("sfmtls bulk-query --bulk-api {api} --job-id {job} -s {way}");
            let run = lab.shell(&format!("{program}; exit ${{PIPESTATUS[0]}}"));
            let run = run.exits(0);
            assert!(run.stdout.starts_with(start), "{way}: {}", run.stdout);
            assert_eq!(run.stderr, "", "{api}, {way}");
        }
    }
}

#[test]
fn no_helper_is_waited_for_when_the_reader_has_gone() {
    at_once(APIS, |api| {
        let lab = several(16_000);
        let job = make(&lab, api, &[SOQL]);
        lab.org
            .switch(|switches| switches.bandwidth = Some(1_000_000));
        let command = ["bulk-query", "--bulk-api", api, "--job-id", &job, "-s"];
        let more = ["--parallel", "3"];
        let mut child = lab.command(command.iter().chain(&more)).spawn().unwrap();
        let mut out = child.stdout.take().unwrap();
        out.read_exact(&mut [0; 4]).unwrap();
        // The first result is on its way, and two more are: the last one will not come.
        lab.org
            .plan(Call::BulkResult, When::Always, Mishap::Silence);
        let result = match api {
            "1" => "bulk1.result",
            _ => "bulk2.results",
        };
        wait_for(&lab, result, 2);
        drop(out);
        assert_eq!(finish(child).exits(0).stderr, "");
    });
}

#[test]
fn the_output_is_tried_before_the_job_is_made() {
    let lab = lab(20);
    let before = lab.calls().len();
    let run = lab
        .run(["bulk-query", SOQL, "--output-file", "nowhere/rows.csv"])
        .exits(1);
    assert!(run.stderr.contains("mkdir -p nowhere"), "{}", run.stderr);
    assert_eq!(lab.calls().len(), before);
}

#[test]
fn a_place_without_room_for_temporary_files_is_told_with_what_to_do() {
    let mut lab = several(8000);
    lab.set("TMPDIR", lab.path("missing"));
    for api in APIS {
        let job = make(&lab, api, &[SOQL]);
        // The first result holds the others up, so they have to be kept.
        lab.org
            .plan(Call::BulkResult, When::Nth(1), Mishap::Slow(300_000));
        let run = fetch(&lab, api, &job, &["-s"]).exits(1);
        let told = format!(
            "error: cannot keep results in {}: ",
            lab.path("missing").display()
        );
        assert!(run.stderr.starts_with(&told), "{}", run.stderr);
        let hint = "results that come one after the other need no room there: --parallel 1\n  \
                    hint: then go on with the job:\n";
        assert!(run.stderr.contains(hint), "{}", run.stderr);
        // The command itself would fail again.
        assert!(run.stderr.ends_with(" --parallel 1\n"), "{}", run.stderr);
        // Neither one connection nor an output file needs that folder.
        let alone = fetch(&lab, api, &job, &["--parallel", "1"]).exits(0);
        lab.org.plan(
            Call::BulkResult,
            When::Nth(1),
            Mishap::Delay(Duration::from_millis(200)),
        );
        fetch(&lab, api, &job, &["--output-file", "rows.csv"]).exits(0);
        assert!(fs::read_to_string(lab.path("rows.csv")).unwrap() == alone.stdout);
    }
}

/// The file-size limit stands for a disk that is full: the system's own way to say no in the middle.
#[test]
fn a_disk_that_is_full_leaves_no_file_and_names_the_job() {
    let lab = several(8000);
    let job = make(&lab, "1", &[SOQL]);
    let line = format!(
        "trap '' XFSZ; ulimit -f 64; sfmtls bulk-query --job-id {job} -s --output-file rows.csv"
    );
    let run = lab.shell(&line).exits(1);
    assert!(run.stderr.contains("hint: "), "{}", run.stderr);
    assert!(
        run.stderr
            .contains(&format!("--job-id {job} --output-file FILE")),
        "{}",
        run.stderr
    );
    assert_eq!(files(&lab), [] as [&str; 0]);
    for format in ["csv", "json", "ndjson", "human"] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let mut command = lab.command(["bulk-query", "--job-id", &job, "-s", "-r", format]);
        let run = finish(command.stdout(Stdio::from(full)).spawn().unwrap()).exits(1);
        let told = "error: cannot write to standard output: No space left on device\n";
        assert!(run.stderr.starts_with(told), "{format}: {}", run.stderr);
        let next = format!("--job-id {job} -r {format} --output-file FILE\n");
        assert!(run.stderr.ends_with(&next), "{format}: {}", run.stderr);
    }
}

#[test]
fn a_device_and_a_fifo_are_written_straight_and_their_folder_holds_no_temporary_files() {
    let mut lab = several(400);
    let temporary = lab.path("tmp");
    fs::create_dir(&temporary).unwrap();
    lab.set("TMPDIR", &temporary);
    let job = make(&lab, "1", &[SOQL]);
    let run = fetch(&lab, "1", &job, &["--output-file", "/dev/null"]).exits(0);
    assert!(run.stderr.ends_with("note: 400 rows in /dev/null\n"));
    let whole = fetch(&lab, "1", &job, &[]).exits(0).stdout;
    let line = format!(
        "mkfifo pipe && {{ sfmtls bulk-query -s --job-id {job} --output-file pipe & cat pipe; wait $!; }}"
    );
    assert!(lab.shell(&line).exits(0).stdout == whole);
}
