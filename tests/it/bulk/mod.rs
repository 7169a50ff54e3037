//! `bulk-query` from outside, against both Bulk APIs of the imitation org.
//!
//! A job that `--async` makes and `--job-id` fetches is looked at without a pause, so most tests go
//! that way; the org is at work for as many looks as a test says, by default for none.

mod bytes;
mod calls;
mod ends;
mod formats;
mod jobs;
mod shown;
mod wire;

use sfmtls::local_org::{BulkSwitches, Config, Pace, Switches};

use crate::lab::{Lab, Run};

/// Values that CSV has to quote, and a parent's.
pub(crate) const SOQL: &str = "SELECT Id, FirstName, Description, Account.Name FROM Contact";

/// `--bulk-api`.
pub(crate) const APIS: [&str; 2] = ["1", "2"];

/// An org with so many contacts whose jobs are done at the first look.
pub(crate) fn lab(rows: u64) -> Lab {
    lab_with(rows, |_| ())
}

pub(crate) fn lab_with(rows: u64, change: impl FnOnce(&mut Switches)) -> Lab {
    Lab::logged_in_with(config(rows, change))
}

pub(crate) fn config(rows: u64, change: impl FnOnce(&mut Switches)) -> Config {
    let mut switches = Switches {
        odd_values: true,
        bulk: BulkSwitches {
            pace: looks(0, 0),
            ..BulkSwitches::default()
        },
        ..Switches::default()
    };
    change(&mut switches);
    Config {
        rows,
        switches,
        ..Config::default()
    }
}

/// Work that so many looks find queued, and so many in progress.
pub(crate) fn looks(queued: u64, in_progress: u64) -> Pace {
    Pace::Looks {
        queued,
        in_progress,
    }
}

/// Makes a job and returns its ID.
#[track_caller]
pub(crate) fn make(lab: &Lab, api: &str, arguments: &[&str]) -> String {
    let command = ["bulk-query", "--bulk-api", api, "--async"];
    let out = lab.stdout(command.iter().chain(arguments));
    out.trim_end().to_owned()
}

/// Fetches a job.
fn fetch(lab: &Lab, api: &str, job: &str, arguments: &[&str]) -> Run {
    let command = ["bulk-query", "--bulk-api", api, "--job-id", job];
    lab.run(command.iter().chain(arguments))
}

/// Makes a job and fetches it.
fn query(lab: &Lab, api: &str, soql: &str, arguments: &[&str]) -> Run {
    fetch(lab, api, &make(lab, api, &[soql]), arguments)
}

/// The job that a run has told about.
#[track_caller]
pub(crate) fn told_job(said: &str) -> &str {
    let line = said
        .lines()
        .find_map(|line| line.strip_prefix("Created job: "));
    line.unwrap_or_else(|| panic!("no job: {said}"))
}

/// The calls of the program after so many.
pub(crate) fn calls_since(lab: &Lab, before: usize) -> Vec<String> {
    lab.calls().split_off(before)
}

/// What is in the home directory beside the session.
pub(crate) fn files(lab: &Lab) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(lab.home())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "cache")
        .collect();
    names.sort();
    names
}

/// Does this with each case at once: most of the time goes by waiting for another try.
pub(crate) fn at_once<T: Send>(cases: impl IntoIterator<Item = T>, test: impl Fn(T) + Sync) {
    std::thread::scope(|scope| {
        for case in cases {
            scope.spawn(|| test(case));
        }
    });
}
