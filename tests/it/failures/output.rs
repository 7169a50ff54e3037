//! Results that are not whole, and places they cannot go to.

use std::fs::File;
use std::process::Stdio;

use sfmtls::local_org::{Call, Mishap};

use super::certificates::certificates;
use super::servers;
use super::table::{Case, case, hold};
use super::world::World;
use crate::lab::finish;

/// Every page of a query is this one, whatever is asked for.
fn always_page(head: &'static str, rows: usize, size: i64) -> impl Fn(&mut World) {
    move |world| {
        let rows = "<records><sf:type>Contact</sf:type><sf:Id>003000000000001AAA</sf:Id>\
            <sf:Id>003000000000001AAA</sf:Id></records>"
            .repeat(rows);
        let page = format!(
            "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/' xmlns='urn:partner.soap.sforce.com' \
            xmlns:sf='urn:sobject.partner.soap.sforce.com'><e:Body><queryResponse><result>{head}{rows}\
            <size>{size}</size></result></queryResponse></e:Body></e:Envelope>"
        );
        let length = page.len();
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{page}");
        world.trusts_the_other_ca();
        let (port, server) = servers::tls(&certificates().server, answer);
        world.api_at(port, server);
    }
}

const MORE: &str = "<done>false</done><queryLocator>01g-2000</queryLocator>";

/// A query that never ends, each page an API call, used to go on for ever.
pub(super) fn without_end() -> Vec<Case> {
    let query = ["query", "SELECT Id FROM Contact"];
    let circle = "\
error: the query result leads in a circle: a query locator came again
  hint: no further page is asked for, since each is an API call: run the query again";
    let surplus = "\
error: Salesforce announced 1 row, but 2 came
  hint: the pages do not belong together: run the query again";
    vec![
        case(
            "a circle",
            always_page(MORE, 2, 10),
            query,
            6,
            "pages-endless",
            circle,
        )
        .after_rows(),
        case(
            "a circle of unknown size",
            always_page(MORE, 2, -1),
            query,
            6,
            "pages-endless",
            circle,
        )
        .after_rows(),
        case(
            "a page without rows",
            always_page(MORE, 0, 10),
            query,
            6,
            "pages-endless",
            "\
error: the query result is not done, but has a page without rows
  hint: no further page is asked for, since each is an API call: run the query again",
        ),
        case(
            "more rows than announced, with more to come",
            always_page(MORE, 2, 1),
            query,
            5,
            "rows-surplus",
            surplus,
        )
        .after_rows(),
        case(
            "more rows than announced",
            always_page("<done>true</done>", 2, 1),
            query,
            5,
            "rows-surplus",
            surplus,
        )
        .after_rows(),
    ]
}

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
            "a link to a folder that is not there",
            |world| {
                let link = world.lab().path("out");
                std::os::unix::fs::symlink("nowhere/rows.csv", link).expect("made");
            },
            ["query", "SELECT Id FROM Contact", "--output-file", "out"],
            1,
            "output-unwritable",
            "\
error: cannot write out: No such file or directory
  hint: mkdir -p nowhere",
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
            "error: cannot read query.soql: No such file or directory
  hint: see what there is:
        ls -l .",
        ),
    ]
}

#[test]
fn rows_that_are_missing() {
    hold(rows());
}

#[test]
fn queries_without_end() {
    hold(without_end());
}

#[test]
fn a_query_with_children_goes_in_no_circle_either() {
    let mut world = World::new("query");
    always_page(MORE, 2, 10)(&mut world);
    let query = "SELECT Id, (SELECT Id FROM Contacts) FROM Account";
    let run = world.run(["query", query, "-r", "ndjson"]).exits(6);
    assert!(run.stderr.contains("leads in a circle"), "{}", run.stderr);
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
