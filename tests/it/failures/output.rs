//! Results that are not whole, and places they cannot go to.

use std::fs::File;
use std::process::Stdio;

use sfmtls::local_org::{Call, Mishap};

use super::certificates::certificates;
use super::servers;
use super::table::{Case, case, hold};
use super::world::World;
use crate::lab::finish;

pub(super) fn rows() -> Vec<Case> {
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

pub(super) fn files() -> Vec<Case> {
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

/// An answer to `SELECT Id, Name` whose record has another field.
const OTHER_COLUMNS: &str = "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/' \
    xmlns='urn:partner.soap.sforce.com' xmlns:sf='urn:sobject.partner.soap.sforce.com'><e:Body><queryResponse><result>\
    <done>true</done><queryLocator/><records><sf:type>Contact</sf:type><sf:Id>003000000000001AAA</sf:Id>\
    <sf:Nmae>Ann</sf:Nmae></records><size>1</size></result></queryResponse></e:Body></e:Envelope>";

#[test]
fn rows_of_another_column_are_not_what_was_promised_but_pass_where_there_are_no_columns() {
    let mut world = World::new("query");
    let length = OTHER_COLUMNS.len();
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{OTHER_COLUMNS}");
    world.trusts_the_other_ca();
    let (port, server) = servers::tls(&certificates().server, answer);
    world.api_at(port, server);
    let query = "SELECT Id, Name FROM Contact";
    let run = world.run(["query", query]).exits(5);
    assert_eq!(run.stdout, "Id,Name\n");
    assert_eq!(
        run.stderr,
        "error: a record has no field for the column Name\n  hint: -r ndjson takes records as they come, whatever their fields\n"
    );
    let run = world.run(["query", query, "-r", "ndjson"]).exits(0);
    assert!(run.stdout.contains(r#""Nmae":"Ann""#), "{}", run.stdout);
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
