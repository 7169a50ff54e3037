//! Results that are not whole, and places they cannot go to.

use std::fs::File;
use std::process::Stdio;

use sfmtls::local_org::{Call, Mishap};

use super::table::{Case, case, hold};
use super::world::World;
use crate::lab::finish;

fn rows() -> Vec<Case> {
    vec![
        case(
            "fewer rows than promised",
            |world| world.always(Call::Query, Mishap::FewerRows(3)),
            ["query", "SELECT Id FROM Contact"],
            5,
            "rows-missing",
            "\
error: Salesforce announced 250 rows, but 247 came
  hint: rows may have been deleted meanwhile: run the query again",
        )
        .after_rows(),
        case(
            "fewer rows than promised, for a file, which does not appear",
            |world| world.always(Call::Query, Mishap::FewerRows(3)),
            [
                "query",
                "SELECT Id FROM Contact",
                "--output-file",
                "rows.csv",
            ],
            5,
            "rows-missing",
            "\
error: Salesforce announced 250 rows, but 247 came
  hint: rows may have been deleted meanwhile: run the query again",
        ),
    ]
}

fn files() -> Vec<Case> {
    vec![
        case(
            "a folder that is not there",
            |_| (),
            [
                "query",
                "SELECT Id FROM Contact",
                "--output-file",
                "no/folder/rows.csv",
            ],
            1,
            "output-unwritable",
            "\
error: cannot write no/folder/rows.csv: No such file or directory
  hint: mkdir -p no/folder",
        ),
        case(
            "a folder in place of the file",
            |world| std::fs::create_dir(world.lab().path("rows.csv")).expect("made"),
            [
                "query",
                "SELECT Id FROM Contact",
                "--output-file",
                "rows.csv",
            ],
            1,
            "output-unwritable",
            "error: cannot write rows.csv: Is a directory",
        ),
        case(
            "a file in place of the folder",
            |world| drop(world.lab().file("folder", "")),
            [
                "query",
                "SELECT Id FROM Contact",
                "--output-file",
                "folder/rows.csv",
            ],
            1,
            "output-unwritable",
            "error: cannot write folder/rows.csv: Not a directory",
        ),
        case(
            "a full disk",
            |_| (),
            [
                "query",
                "SELECT Id FROM Contact",
                "--output-file",
                "/dev/full",
            ],
            1,
            "output-unwritable",
            "\
error: cannot write /dev/full: No space left on device
  hint: df -h /dev",
        ),
        case(
            "a query file that is not there",
            |_| (),
            ["query", "-f", "query.soql"],
            1,
            "input-unreadable",
            "error: cannot read query.soql: No such file or directory",
        ),
    ]
}

#[test]
fn rows_that_are_missing() {
    hold(rows());
}

#[test]
fn files_that_cannot_be_written_or_read() {
    hold(files());
}

#[test]
fn a_full_disk_behind_standard_output_is_told() {
    let mut world = World::new("query");
    for arguments in [
        ["query", "SELECT Id FROM Contact"],
        ["getuserinfo", "-rjson"],
    ] {
        let full = File::options()
            .write(true)
            .open("/dev/full")
            .expect("/dev/full");
        let mut command = world.lab().command(arguments);
        let run = finish(command.stdout(full).spawn().expect("it starts")).exits(1);
        assert_eq!(
            run.stderr,
            "error: cannot write to standard output: No space left on device\n"
        );
    }
}

#[test]
fn a_reader_that_has_had_enough_is_no_failure() {
    let mut world = World::new("query");
    for arguments in [
        ["query", "SELECT Id FROM Contact"],
        ["getuserinfo", "--json"],
    ] {
        let mut command = world.lab().command(arguments);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
        drop(child.stdout.take());
        let run = finish(child).exits(0);
        assert_eq!(run.stderr, "");
    }
}
