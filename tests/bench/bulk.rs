//! Bulk results of gigabytes, side by side with curl on the same file of the same job.

use std::fs;
use std::path::Path;
use std::process::Command;

use sfmtls::local_org::{Config, Org, Pace};

use crate::measure::{Pair, Table, peak, run, timed};
use crate::{curl, sfmtls, text};

const SOQL: &str = "SELECT Id, Name, Email, Description FROM Contact";
const GIGABYTE: u64 = 1_000_000_000;

/// An org whose jobs are done at the first look, with results of this many bytes.
fn org(bytes: u64, change: impl FnOnce(&mut sfmtls::local_org::Switches)) -> Org {
    let mut config = Config {
        rows: 2000,
        ..Config::default()
    };
    config.switches.bulk.pace = Pace::Looks {
        queued: 0,
        in_progress: 0,
    };
    config.switches.bulk.result_bytes = Some(bytes);
    config.switches.bulk.repeated_ids = true;
    change(&mut config.switches);
    let org = Org::start(config).expect("the org starts");
    run(&mut sfmtls(&org, &["login", "-s"]));
    org
}

/// A job that is done, waiting to be fetched.
fn job(org: &Org) -> String {
    let output = sfmtls(org, &["bulk-query", "--async", SOQL])
        .output()
        .expect("it runs");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn fetch(org: &Org, job: &str, file: &Path, parallel: &str) -> Command {
    let file = text(file);
    sfmtls(
        org,
        &[
            "bulk-query",
            "-s",
            "--job-id",
            job,
            "--output-file",
            file,
            "--parallel",
            parallel,
        ],
    )
}

/// curl's command for the one result file of a job.
fn curl_result(org: &Org, job: &str, file: &Path, more: &[&str]) -> Command {
    let files = org.files();
    let session = format!("X-SFDC-Session: {}", org.session(0, "localhost"));
    let base = format!(
        "https://localhost:{}/services/async/64.0/job/{job}/batch",
        org.mutual_port()
    );
    let get = |url: &str, file: &Path, more: &[&str]| {
        let mut arguments = vec!["-s", "--cacert", text(&files.ca), "-E", text(&files.client)];
        arguments.extend(["-H", &session, "-o", text(file), url]);
        arguments.extend(more);
        curl(&arguments)
    };
    let list = files.dir.join("list.xml");
    let between = |url: &str, tag: &str| {
        run(&mut get(url, &list, &[]));
        let answer = fs::read_to_string(&list).expect("curl wrote it");
        let (_, rest) = answer
            .split_once(&format!("<{tag}>"))
            .expect("the answer has one");
        rest.split('<').next().unwrap_or_default().to_owned()
    };
    let batch = between(&base, "id");
    let results = format!("{base}/{batch}/result");
    let result = between(&results, "result");
    get(&format!("{results}/{result}"), file, more)
}

/// One result file of 2 GB, to nowhere.
pub(crate) fn to_nowhere(table: &mut Table) {
    let null = Path::new("/dev/null");
    let org = org(2 * GIGABYTE, |switches| switches.gzip = false);
    let id = job(&org);
    let pair = Pair::measure(
        5,
        &mut fetch(&org, &id, null, "4"),
        &mut curl_result(&org, &id, null, &[]),
    );
    table.wall("bulk-query, 2 GB to /dev/null", &pair, 0.9);
    table.cpu("bulk-query, 2 GB to /dev/null", &pair, 0.75);
}

/// The same to a disk: the one that holds this checkout's build, since a temporary directory may be
/// memory. Each run writes a new file to a disk that has nothing left to write: what an earlier run
/// left in the system's memory would be paid for by the next.
pub(crate) fn to_a_file(table: &mut Table) {
    let org = org(2 * GIGABYTE, |switches| switches.gzip = false);
    let id = job(&org);
    let disk = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (ours, theirs) = (disk.join("ours.csv"), disk.join("theirs.csv"));
    let remove = || {
        for file in [&ours, &theirs] {
            // The first time there is none.
            let _ = fs::remove_file(file);
        }
        run(&mut Command::new("sync"));
    };
    let mut fetch = fetch(&org, &id, &ours, "4");
    let mut curl = curl_result(&org, &id, &theirs, &[]);
    let pair = Pair::measure_from(&remove, 5, &mut fetch, &mut curl);
    table.wall("bulk-query, 2 GB to a file", &pair, 0.7);
    run(&mut fetch);
    // Not read in here: a process that is started takes the memory of its parent into its account.
    run(Command::new("cmp").args([&ours, &theirs]));
    remove();
}

/// The same compressed on the wire.
pub(crate) fn compressed(table: &mut Table) {
    let null = Path::new("/dev/null");
    let org = org(2 * GIGABYTE, |switches| switches.gzip = true);
    let id = job(&org);
    let pair = Pair::measure(
        5,
        &mut fetch(&org, &id, null, "4"),
        &mut curl_result(&org, &id, null, &["--compressed"]),
    );
    table.cpu("bulk-query, 2 GB, gzip on the wire", &pair, 0.65);
}

/// Eight files over a link of 50 MB/s a connection.
pub(crate) fn side_by_side(table: &mut Table) {
    let org = org(8 * 64_000_000, |switches| {
        switches.gzip = false;
        switches.bulk.files = 8;
        switches.bandwidth = Some(50_000_000);
    });
    let id = job(&org);
    let null = Path::new("/dev/null");
    let pair = Pair::measure(
        2,
        &mut fetch(&org, &id, null, "4"),
        &mut fetch(&org, &id, null, "1"),
    );
    table.against(
        "bulk-query, 8 files of 64 MB at 50 MB/s each",
        "--parallel 4",
        "--parallel 1",
        &pair,
        0.35,
    );
}

/// Peak memory must not grow with the result.
pub(crate) fn memory(table: &mut Table) {
    for (parallel, files, most) in [("1", 1, 20), ("4", 1, 20), ("4", 8, 40)] {
        let at = |bytes| {
            let org = org(bytes, |switches| {
                switches.gzip = false;
                switches.bulk.files = files;
            });
            peak(&fetch(&org, &job(&org), Path::new("/dev/null"), parallel))
        };
        let name = format!("bulk-query --parallel {parallel}, {files} files, 10 MB and 4 GB");
        table.memory(&name, at(10_000_000), at(4 * GIGABYTE), most);
    }
}

/// The record scanner alone.
pub(crate) fn scanner(table: &mut Table) {
    for (row, goal) in [(90, 8.0), (260, 8.0)] {
        let line = format!("\"{}\",\"{}\"\n", "x".repeat(18), "y".repeat(row - 24));
        let block = line.repeat(64 * 1024 * 1024 / line.len());
        let seconds = timed(9, || {
            let mut scanner = sfmtls::text::csv::scanner::Scanner::default();
            for piece in block.as_bytes().chunks(256 * 1024) {
                scanner.scan(piece);
            }
            assert_eq!(scanner.records(), (block.len() / line.len()) as u64);
        });
        let rate = block.len() as f64 / seconds / 1e9;
        table.rate(
            &format!("record scanner, rows of {row} bytes"),
            rate,
            "GB/s",
            goal,
        );
    }
}
