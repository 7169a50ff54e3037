//! Queries that the Bulk APIs refuse, in whichever form; and results that cannot be had or kept.
//!
//! 1.0 tells of a query by a batch that fails, 2.0 by a fault: what to do about it is the same.

use sfmtls::local_org::{Call, Mishap};

use super::bulk::{always, quick};
use super::table::{Case, case, hold};
use super::world::World;

/// What both answer to a query: the code and the words of the fault, the query with the caret where it
/// is repeated, and the hint.
fn both(
    name: &'static str,
    soql: &'static str,
    (code, words): (&'static str, &str),
    place: Option<&str>,
    hint: &str,
) -> [Case; 2] {
    let place = place.map_or_else(String::new, |place| {
        format!("\n  cause: {}", place.replace('\n', "\n         "))
    });
    [
        case(
            name,
            quick,
            ["bulk-query", soql],
            4,
            "batch-failed",
            format!(
                "\
Created job: [JOB]
Batch state is: Failed
error: batch [BATCH] of job [JOB] failed: InvalidBatch : Failed to process query: {code}: {words}{place}
  hint: {hint}"
            ),
        ),
        case(
            name,
            quick,
            ["bulk-query", soql, "--bulk-api", "2"],
            4,
            code,
            format!(
                "\
error: {code}: {words}
  cause: POST https://localhost:[PORT]/services/data/v64.0/jobs/query answered with a fault{place}
  hint: {hint}"
            ),
        ),
    ]
}

pub(super) fn refused() -> Vec<Case> {
    let name_is_wrong = "the name is wrong, or this user may not see it: check its spelling, then the user's permissions";
    let cases = [
        both(
            "a field that is not there",
            "SELECT Id, Nme FROM Contact",
            (
                "INVALID_FIELD",
                "No such column 'Nme' on entity 'Contact'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.",
            ),
            Some("SELECT Id, Nme FROM Contact\n           ^"),
            name_is_wrong,
        ),
        both(
            "a query that ends too early",
            "SELECT Id FROM Contact WHERE",
            ("MALFORMED_QUERY", "unexpected token: '<EOF>'"),
            Some("SELECT Id FROM Contact WHERE\n                            ^"),
            "the caret shows where Salesforce stopped reading the query",
        ),
        both(
            "a field that is named twice",
            "SELECT Id, Name, Id FROM Contact",
            ("INVALID_FIELD", "duplicate field selected: Id"),
            Some("SELECT Id, Name, Id FROM Contact\n                 ^"),
            "the SELECT list has a field twice: leave one of the two out",
        ),
        both(
            "a number of rows",
            "SELECT COUNT() FROM Contact",
            (
                "FUNCTIONALITY_NOT_ENABLED",
                "Aggregate functions and GROUP BY not supported in Bulk Query",
            ),
            None,
            "aggregates and GROUP BY are for sfmtls query, which takes this text; bulk queries have none",
        ),
        both(
            "all fields, whichever there are",
            "SELECT FIELDS(ALL) FROM Contact LIMIT 10",
            (
                "MALFORMED_QUERY",
                "The SOQL FIELDS function is not supported with an unbounded set of fields in this API.",
            ),
            None,
            "name the fields: bulk queries have no FIELDS(ALL); sfmtls query has, with a LIMIT of 200 at most",
        ),
    ];
    cases.into_iter().flatten().collect()
}

pub(super) fn unsent() -> Vec<Case> {
    let unsendable = |name, soql| {
        [["--bulk-api", "1"], ["--bulk-api", "2"]].map(|[option, api]| {
            case(
                name,
                |_| (),
                ["bulk-query", soql, option, api],
                2,
                "usage",
                format!(
                    "error: the query holds the character U+{:04X}, which cannot be sent",
                    soql.chars().next_back().map_or(0, u32::from)
                ),
            )
        })
    };
    let mut cases = vec![case(
        "a version that has no query jobs",
        quick,
        [
            "bulk-query",
            "SELECT Id FROM Contact",
            "--bulk-api",
            "2",
            "--api-version",
            "46.0",
        ],
        4,
        "NOT_FOUND",
        "\
error: NOT_FOUND: The requested resource does not exist
  cause: POST https://localhost:[PORT]/services/data/v46.0/jobs/query answered with a fault
  hint: Bulk API 2.0 has query jobs since version 47.0: --api-version 64.0, or take --bulk-api 1",
    )];
    cases.extend(unsendable(
        "a control character",
        "SELECT Id FROM X -- \u{1b}",
    ));
    cases.extend(unsendable("no character", "SELECT Id FROM X -- \u{fffe}"));
    cases
}

pub(super) fn results() -> Vec<Case> {
    vec![
        case(
            "no content in place of a result",
            always(Call::BulkResult, Mishap::NoContent),
            [
                "bulk-query",
                "SELECT Id FROM Contact",
                "--bulk-api",
                "2",
                "--output-file",
                "rows.csv",
            ],
            6,
            "http-unexpected",
            "\
Created job: [JOB]
Job state is: JobComplete
error: the answer holds no result
  cause: GET https://localhost:[PORT]/services/data/v64.0/jobs/query/[JOB]/results answered with HTTP 204
  hint: the job has none, or none any more: run the query again",
        ),
        case(
            "a device that takes no rows",
            quick,
            [
                "bulk-query",
                "SELECT Id FROM Contact",
                "--output-file",
                "/dev/full",
                "--parallel",
                "2",
            ],
            1,
            "output-unwritable",
            "\
Created job: [JOB]
Batch state is: Completed
error: cannot write /dev/full: No space left on device
  hint: df -h /dev
  hint: then go on with the job:
        sfmtls bulk-query --job-id [JOB] --output-file FILE --parallel 2",
        ),
        case(
            "a version that has no query jobs, for a job that exists",
            quick,
            [
                "bulk-query",
                "--job-id",
                "750000000000001AAA",
                "--bulk-api",
                "2",
                "--api-version",
                "46.0",
            ],
            4,
            "NOT_FOUND",
            "\
error: NOT_FOUND: The requested resource does not exist
  cause: GET https://localhost:[PORT]/services/data/v46.0/jobs/query/[JOB] answered with a fault
  hint: Bulk API 2.0 has query jobs since version 47.0: --api-version 64.0, or take --bulk-api 1
  hint: or if the other Bulk API made this job:
        sfmtls bulk-query --job-id [JOB] --api-version 46.0",
        ),
    ]
}

#[test]
fn queries_that_the_bulk_apis_refuse() {
    hold(refused());
}

#[test]
fn queries_that_cannot_be_asked() {
    hold(unsent());
}

#[test]
fn results_that_cannot_be_had_or_kept() {
    hold(results());
}

/// Nothing is asked of Salesforce that can be known to fail.
#[test]
fn an_object_is_an_api_name_and_a_query_holds_no_control_character() {
    let world = World::new("bulk-query");
    let soql = "SELECT Id FROM Contact";
    for option in ["--object", "--pk-parent"] {
        for name in ["", " ", "Con tact", "Contact\n", "Contact; chunkSize=1"] {
            let command = ["bulk-query", soql, "--pk-chunking", option, name];
            let run = world.run(command).exits(2);
            let told = format!("for '{option} <");
            assert!(run.stderr.contains(&told), "{}", run.stderr);
            let reason = "an object's API name has letters, digits and underscores";
            assert!(run.stderr.contains(reason), "{}", run.stderr);
        }
    }
    for api in ["1", "2"] {
        let command = ["bulk-query", "SELECT Id\u{b}FROM X", "--bulk-api", api];
        world.run(command).exits(2);
    }
    assert_eq!(world.org().journal().calls(), [] as [&str; 0]);
}
