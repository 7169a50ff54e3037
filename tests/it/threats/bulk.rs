//! Bulk APIs that never come to an end, and results that are no results.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::servers::{Connection, PIECE, forever, large, tls, whole};
use super::watch::{MIB, SMALL, Victim};

const JOB: &str = "750000000000001AAA";
const CSV: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\n";
const LOCATED: &str = "Sforce-Locator: null\r\nSforce-NumberOfRecords: 1\r\n\r\n";

/// The most that a list of batches or results may take.
const LIST: u64 = 64 * MIB + SMALL;

fn fetch<'a>(api: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let fetch = ["bulk-query", "--bulk-api", api, "--job-id", JOB];
    fetch.iter().chain(more).copied().collect()
}

/// Bulk API 2.0 with a job that is complete; its result is what `answer` writes.
fn complete(answer: impl Fn(&mut Connection) -> io::Result<()> + Send + Sync + 'static) -> Victim {
    Victim::of(tls(move |request, tls| {
        let line = request.lines().next().unwrap_or_default();
        let pages = whole("404 Not Found", "application/json", "[]");
        let job = whole("200 OK", "application/json", &job("JobComplete"));
        match () {
            () if line.contains("/resultPages") => tls.write_all(pages.as_bytes()),
            () if line.contains("/results") => answer(tls),
            () => tls.write_all(job.as_bytes()),
        }
    }))
}

fn job(state: &str) -> String {
    serde_json::json!({ "id": JOB, "state": state, "numberRecordsProcessed": 1, "apiVersion": 64.0 })
        .to_string()
}

/// Every call gets this beginning, then the piece without end.
fn endless(beginning: &'static str, piece: &'static str) -> Victim {
    Victim::of(tls(move |_, tls| {
        tls.write_all(beginning.as_bytes())?;
        forever(tls, &large(piece))
    }))
}

#[test]
fn a_job_without_end_is_left_after_what_an_answer_may_take() {
    endless(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"id\": \"750000000000001\", \"more\": [",
        "1,",
    )
    .run(&fetch("2", &[]), 6)
    .says("error: the answer is longer than 1048576 bytes")
    .within(SMALL);
    for piece in ["<state>Closed</state>", "<!-- -->"] {
        endless(
            "HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n\r\n\
             <jobInfo xmlns=\"http://www.force.com/2009/06/asyncapi/dataload\">",
            piece,
        )
        .watch(&fetch("1", &[]), 6)
        .says("error: the answer is longer than 67108864 bytes")
        .within(LIST);
    }
}

#[test]
fn an_error_without_end_is_left() {
    for (head, piece) in [
        ("application/json\r\n\r\n[{\"errorCode\": \"", "x"),
        ("application/xml\r\n\r\n<error><exceptionCode>", "x"),
        ("text/html\r\n\r\n<html><title>", "x"),
    ] {
        let head = format!("HTTP/1.1 400 Bad Request\r\nContent-Type: {head}");
        let victim = endless(head.leak(), piece);
        victim.watch(&fetch("1", &[]), 6).within(LIST).briefly();
        victim.run(&fetch("2", &[]), 6).within(SMALL).briefly();
    }
    let result = complete(|tls| {
        tls.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<html><title>")?;
        forever(tls, &[b'x'; PIECE])
    });
    result.run(&fetch("2", &[]), 6).within(SMALL).briefly();
}

#[test]
fn json_as_deep_as_an_answer_goes_is_refused() {
    for text in ["[", "{\"id\":", "{\"errorCode\":"] {
        let body = text.repeat(60_000);
        let victim = Victim::of(super::servers::answering(
            "200 OK",
            "application/json",
            body,
        ));
        victim
            .run(&fetch("2", &[]), 6)
            .says("error: the answer cannot be read: JSON: ")
            .within(SMALL)
            .briefly();
        victim.run(&fetch("1", &[]), 6).within(SMALL).briefly();
    }
}

#[test]
fn a_header_line_without_end_is_left_after_the_longest() {
    let victim = complete(|tls| {
        tls.write_all(format!("{CSV}{LOCATED}\"").as_bytes())?;
        forever(tls, &[b'x'; PIECE])
    });
    for format in ["csv", "json"] {
        victim
            .run(&fetch("2", &["-r", format]), 5)
            .says("has no end of its header line within ")
            .within(SMALL);
    }
}

/// It was collected without a bound.
#[test]
fn a_row_without_end_is_left_where_it_has_to_be_held() {
    let victim = complete(|tls| {
        tls.write_all(format!("{CSV}{LOCATED}\"Id\"\n\"").as_bytes())?;
        forever(tls, &[b'x'; PIECE])
    });
    for format in ["json", "ndjson", "human"] {
        victim
            .run(&fetch("2", &["-r", format]), 5)
            .says("error: row 1 of the result is longer than 16777216 bytes")
            .within(2 * SMALL);
    }
}

/// The stack was not deep enough for them.
#[test]
fn relationships_as_deep_as_a_header_goes_are_refused() {
    let victim = complete(|tls| {
        let header = "a.".repeat(40_000);
        let answer = format!(
            "{CSV}Content-Length: {}\r\n{LOCATED}{header}a\n1\n",
            header.len() + 4
        );
        tls.write_all(answer.as_bytes())
    });
    victim
        .run(&fetch("2", &["-r", "json"]), 5)
        .says("error: a column of the result goes up more than 64 relationships")
        .within(SMALL);
    victim.run(&fetch("2", &[]), 0).within(SMALL);
}

/// What is passed through is not held, so its size is the disk's to bound; here it goes nowhere.
#[test]
fn a_bomb_in_gzip_passes_through_without_taking_memory() {
    let mut member = GzEncoder::new(Vec::new(), Compression::best());
    member.write_all(&vec![0; MIB as usize]).unwrap();
    let member = member.finish().unwrap();
    let mut header = GzEncoder::new(Vec::new(), Compression::best());
    header.write_all(b"\"Id\"\n").unwrap();
    let header = header.finish().unwrap();
    let victim = complete(move |tls| {
        let zeros = member.repeat(256);
        let length = header.len() + zeros.len();
        let head = format!("{CSV}Content-Encoding: gzip\r\nContent-Length: {length}\r\n{LOCATED}");
        tls.write_all(head.as_bytes())?;
        tls.write_all(&header)?;
        tls.write_all(&zeros)
    });
    // One row of 256 MiB, as announced.
    victim
        .watch(&fetch("2", &["--output-file", "/dev/null"]), 0)
        .within(SMALL);
    victim
        .watch(&fetch("2", &["-r", "json"]), 5)
        .says("error: row 1 of the result is longer than 16777216 bytes")
        .within(2 * SMALL);
}

#[test]
fn a_locator_as_long_as_a_head_allows_is_sent_or_refused() {
    let victim = complete(|tls| {
        let locator = "%\u{7f}x".repeat(9_000);
        let head =
            format!("{CSV}Content-Length: 7\r\nSforce-Locator: {locator}\r\n\r\n\"Id\"\n1\n");
        tls.write_all(head.as_bytes())
    });
    victim.run(&fetch("2", &[]), 6).within(SMALL).briefly();
}
