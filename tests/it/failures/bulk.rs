//! Bulk jobs that come to nothing, results that are not what was promised, and what is left of both.

use sfmtls::local_org::{Call, Ending, Mishap, Pace, When};

use super::table::{Case, case, hold};
use super::world::World;

const SOQL: &str = "SELECT Id, LastName FROM Contact";
const ONE: [&str; 2] = ["bulk-query", SOQL];
const TWO: [&str; 4] = ["bulk-query", SOQL, "--bulk-api", "2"];

/// Jobs are done at the first look.
pub(super) fn quick(world: &mut World) {
    world.switch(|switches| {
        switches.bulk.pace = Pace::Looks {
            queued: 0,
            in_progress: 0,
        };
    });
}

/// The work fails with this message of Salesforce's.
fn failing(message: &'static str) -> impl Fn(&mut World) {
    move |world| {
        quick(world);
        world.switch(|switches| switches.bulk.failure = Some(message));
    }
}

pub(super) fn always(call: Call, mishap: Mishap) -> impl Fn(&mut World) {
    move |world| {
        quick(world);
        world.always(call, mishap.clone());
    }
}

pub(super) fn jobs() -> Vec<Case> {
    vec![
        case(
            "a job that is not done in time",
            |_| (),
            ["bulk-query", SOQL, "--wait", "0s"],
            7,
            "out-of-time",
            "\
Created job: [JOB]
Batch state is: Queued
error: the job [JOB] is not done yet
  hint: it goes on; wait for it again:
        sfmtls bulk-query --job-id [JOB]",
        ),
        case(
            "a query that takes Salesforce too long",
            failing("InvalidBatch : Failed to process query: QUERY_TIMEOUT: Your query request was running for too long."),
            ONE,
            4,
            "batch-failed",
            "\
Created job: [JOB]
Batch state is: Failed
error: batch [BATCH] of job [JOB] failed: InvalidBatch : Failed to process query: QUERY_TIMEOUT: Your query request was running for too long.
  hint: have Salesforce split the query by ranges of IDs: --pk-chunking",
        ),
        case(
            "a query that Salesforce gave up, in 2.0",
            failing("Retried more than 15 times"),
            TWO,
            4,
            "job-failed",
            "\
Created job: [JOB]
error: the job [JOB] ended as Failed: Retried more than 15 times
  hint: have Salesforce split the query by ranges of IDs: --bulk-api 1 --pk-chunking",
        ),
        case(
            "a compound field",
            quick,
            ["bulk-query", "SELECT BillingAddress FROM Account"],
            4,
            "batch-failed",
            "\
Created job: [JOB]
Batch state is: Failed
error: batch [BATCH] of job [JOB] failed: InvalidBatch : Failed to process query: FUNCTIONALITY_NOT_ENABLED: Selecting compound data not supported in Bulk Query
  hint: name the components instead of the compound field: BillingStreet, BillingCity",
        ),
        case(
            "a child subquery",
            quick,
            [
                "bulk-query",
                "SELECT Id, (SELECT Id FROM Contacts) FROM Account",
            ],
            4,
            "batch-failed",
            "\
Created job: [JOB]
Batch state is: Failed
error: batch [BATCH] of job [JOB] failed: FeatureNotEnabled : Aggregate Relationships not supported in Bulk Query with CSV content type
  hint: child subqueries are for sfmtls query; bulk queries have none",
        ),
        case(
            "an object that the Bulk API does not know",
            quick,
            ["bulk-query", "SELECT Id FROM Contct"],
            4,
            "InvalidEntity",
            "\
error: InvalidEntity: Entity 'Contct' is not supported by the Bulk API.
  cause: POST https://localhost:[PORT]/services/async/64.0/job answered with a fault
  hint: check the name of the object; some objects are read by sfmtls query only",
        ),
        case(
            "a job that got no query",
            always(Call::BulkBatch, Mishap::Fault("ExceededQuota", "ApiBatchItems Limit exceeded.")),
            ONE,
            4,
            "ExceededQuota",
            "\
Created job: [JOB]
error: ExceededQuota: ApiBatchItems Limit exceeded.
  cause: POST https://localhost:[PORT]/services/async/64.0/job/[JOB]/batch answered with a fault
  hint: the org has used up its batches of the last 24 hours: Setup > Bulk Data Load Jobs shows them
  hint: then abort the job that was started:
        sfmtls bulk-query --job-id [JOB] --abort",
        ),
        case(
            "a job that nobody knows",
            quick,
            ["bulk-query", "--job-id", "750000000000001AAA"],
            4,
            "InvalidJob",
            "\
error: InvalidJob: Unable to find job for id: [JOB]
  cause: GET https://localhost:[PORT]/services/async/64.0/job/[JOB]/batch answered with a fault
  hint: if the other Bulk API made this job:
        sfmtls bulk-query --job-id [JOB] --bulk-api 2",
        ),
    ]
}

pub(super) fn results() -> Vec<Case> {
    vec![
        case(
            "fewer rows of a batch than announced",
            always(Call::BulkResult, Mishap::FewerRows(3)),
            ONE,
            5,
            "rows-missing",
            "\
Created job: [JOB]
Batch state is: Completed
error: Salesforce announced 250 rows of batch [BATCH], but 247 came
  hint: go on with the job:
        sfmtls bulk-query --job-id [JOB]",
        )
        .after_rows(),
        case(
            "fewer rows of a job than announced, for a file",
            always(Call::BulkLook, Mishap::Miscounted(2)),
            [
                "bulk-query",
                SOQL,
                "--bulk-api",
                "2",
                "--output-file",
                "rows.csv",
            ],
            5,
            "rows-missing",
            "\
Created job: [JOB]
Job state is: JobComplete
error: Salesforce announced 252 rows of job [JOB], but 250 came
  hint: go on with the job:
        sfmtls bulk-query --job-id [JOB] --bulk-api 2 --output-file rows.csv",
        ),
        case(
            "a page that does not say whether more follow",
            always(Call::BulkResult, Mishap::NoLocator),
            [
                "bulk-query",
                SOQL,
                "--bulk-api",
                "2",
                "--parallel",
                "1",
                "--output-file",
                "rows.csv",
            ],
            5,
            "locator-missing",
            "\
Created job: [JOB]
Job state is: JobComplete
error: the first page of job [JOB] came without the header Sforce-Locator: whether more rows follow is not known
  hint: something on the way may have dropped the header: compare with --bulk-api 1
  hint: then go on with the job:
        sfmtls bulk-query --job-id [JOB] --bulk-api 2 --output-file rows.csv --parallel 1",
        ),
        case(
            "a result that is cut off each time",
            |world| {
                quick(world);
                world.switch(|switches| switches.gzip = false);
                let mishap = Mishap::Cut {
                    after: Some(1000),
                    ending: Ending::Close,
                };
                world.always(Call::BulkResult, mishap);
            },
            ["bulk-query", SOQL, "--output-file", "rows.csv"],
            6,
            "answer-truncated",
            "\
Created job: [JOB]
Batch state is: Completed
error: result [RESULT] of batch [BATCH] broke off after 1000 bytes: the answer was cut off after 1000 bytes: end of stream without close_notify
  hint: go on with the job:
        sfmtls bulk-query --job-id [JOB] --output-file rows.csv",
        ),
        case(
            "a web page in the place of a result",
            always(
                Call::BulkResult,
                Mishap::Page {
                    status: 200,
                    content_type: "text/csv",
                    retry_after: None,
                },
            ),
            ONE,
            6,
            "not-salesforce",
            "\
Created job: [JOB]
Batch state is: Completed
error: the answer is a web page, not one of Salesforce's API: We are down for maintenance.
  cause: GET https://localhost:[PORT]/services/async/64.0/job/[JOB]/batch/[BATCH]/result/[RESULT] answered with HTTP 200
  hint: check the host: the API is at the org's My Domain; or something on the way answered instead
  hint: then go on with the job:
        sfmtls bulk-query --job-id [JOB]",
        ),
    ]
}

pub(super) fn usage() -> Vec<Case> {
    vec![
        case(
            "an ID that is none",
            |_| (),
            ["bulk-query", "--job-id", "../query"],
            2,
            "usage",
            "\
error: '../query' is not an ID: those have 15 or 18 letters and digits
  hint: the ID of a job begins with 750; it was printed when the job was made",
        ),
        case(
            "an object that is not in the query",
            |_| (),
            ["bulk-query", "SELECT Id FROM"],
            2,
            "usage",
            "\
error: no object was found after FROM
  hint: name it with --object NAME",
        ),
        case(
            "a query without an object",
            |_| (),
            ["bulk-query", "SELECT Id"],
            2,
            "usage",
            "\
error: the query has no FROM clause
  hint: write it as SELECT Id FROM Contact",
        ),
        case(
            "a delimiter for the API that has none",
            |_| (),
            ["bulk-query", SOQL, "--column-delimiter", "TAB"],
            2,
            "usage",
            "error: --column-delimiter needs --bulk-api 2",
        ),
        case(
            "an option of the other API",
            |_| (),
            ["bulk-query", SOQL, "--bulk-api", "2", "--pk-chunking"],
            2,
            "usage",
            "\
error: --pk-chunking works with --bulk-api 1 only
  hint: Bulk API 2.0 finds the object and splits the query by itself",
        ),
    ]
}

#[test]
fn jobs_that_come_to_nothing() {
    hold(jobs());
}

#[test]
fn results_that_are_not_what_was_promised() {
    hold(results());
}

#[test]
fn bulk_queries_that_cannot_be() {
    hold(usage());
}

/// With the rows of others in a file, so that it takes a place of its own beside the table.
#[test]
fn a_result_that_differs_between_its_files() {
    let world = {
        let mut world = World::new("bulk-query");
        quick(&mut world);
        world.switch(|switches| switches.bulk.files = 2);
        world
    };
    world
        .org()
        .plan(Call::BulkResult, When::Nth(2), Mishap::OtherHeader);
    let command = [
        "bulk-query",
        SOQL,
        "--parallel",
        "1",
        "-s",
        "--output-file",
        "rows.csv",
    ];
    let run = world.run(command).exits(5);
    assert_eq!(
        run.stderr,
        "error: result [RESULT] of batch [BATCH] has other columns than the first: \
         \"LastName\",\"Id\" instead of \"Id\",\"LastName\"\n  \
         hint: go on with the job:
        sfmtls bulk-query --job-id [JOB] --output-file rows.csv --parallel 1\n"
    );
}
