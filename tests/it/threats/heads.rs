//! Heads and bodies without end, bombs, detours.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::servers::{PIECE, endless, forever, large, tls};
use super::watch::{MIB, SMALL, Victim};

const ASK: [&str; 1] = ["getuserinfo"];
const QUERY: [&str; 2] = ["query", "SELECT Id FROM Contact"];
const XML_HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n";

/// The most that a page of a query may take: two pages of the longest answer are never held at once
/// while the first is still coming.
const PAGE: u64 = 256 * MIB + SMALL;

#[test]
fn a_head_without_end_is_left_after_its_longest() {
    let victim = Victim::of(endless("HTTP/1.1 200 OK\r\n", "X-Filler: 0123456789\r\n"));
    for command in [&ASK[..], &QUERY] {
        victim
            .run(command, 6)
            .says("error: the answer is not valid HTTP: http parse resulted in too many headers")
            .says("hint: something else than Salesforce may answer at localhost:")
            .within(SMALL);
    }
}

#[test]
fn a_header_line_without_end_is_left_after_the_longest_head() {
    Victim::of(endless("HTTP/1.1 200 OK\r\nX-Filler: ", "x"))
        .run(&ASK, 6)
        .says("error: the answer is not valid HTTP: its head")
        .within(SMALL);
}

#[test]
fn a_status_line_without_end_is_no_http() {
    Victim::of(endless("HTTP/1.1 200 ", "x"))
        .run(&ASK, 6)
        .says("error: the answer is not valid HTTP: ")
        .within(SMALL);
}

#[test]
fn interim_answers_without_end_are_left_after_the_longest_head() {
    for status in ["100 Continue", "103 Early Hints"] {
        Victim::of(endless(
            "",
            format!("HTTP/1.1 {status}\r\nX-Filler: 1\r\n\r\n"),
        ))
        .run(&ASK, 6)
        .says("error: the answer is not valid HTTP: ")
        .within(SMALL);
    }
}

#[test]
fn a_body_without_end_is_left_after_what_an_answer_may_take() {
    const TOO_LONG: &str = "error: the answer is longer than 1048576 bytes";
    for head in [
        XML_HEAD,
        "HTTP/1.1 500 Server Error\r\nContent-Type: text/xml\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>",
    ] {
        let port = endless(head, "<a>b</a>");
        let asked = Victim::of(port).run(&ASK, 6);
        asked.says(TOO_LONG).within(SMALL);
        let logged_in = Victim::logging_in_at(port).run(&["login"], 6);
        logged_in.says(TOO_LONG).within(SMALL);
    }
}

#[test]
fn a_length_beyond_all_bounds_is_refused_before_the_body() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 10737418240\r\n\r\n";
    let victim = Victim::of(endless(head, "<a>b</a>"));
    victim
        .run(&ASK, 6)
        .says("error: the answer is longer than 1048576 bytes")
        .within(SMALL);
    victim
        .run(&QUERY, 6)
        .says("error: the answer is longer than 268435456 bytes")
        .within(SMALL);
}

#[test]
fn a_page_without_end_is_left_after_the_longest_page() {
    let beginning = "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body>";
    Victim::of(endless(format!("{XML_HEAD}{beginning}"), "<a>b</a>"))
        .watch(&QUERY, 6)
        .says("error: the answer is longer than 268435456 bytes")
        .within(PAGE);
}

#[test]
fn chunks_whose_extensions_do_not_end_are_no_http() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n1;";
    for command in [&ASK[..], &QUERY] {
        Victim::of(endless(head, "x"))
            .run(command, 6)
            .says("error: the answer is not valid HTTP: ")
            .within(SMALL);
    }
}

#[test]
fn trailers_without_end_are_no_http() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n\
                3\r\n<a>\r\n0\r\n";
    Victim::of(endless(head, "X-Filler: 0123456789\r\n"))
        .run(&ASK, 6)
        .says("error: the answer is not valid HTTP: 98304 bytes came that hold nothing of its body")
        .within(SMALL);
}

#[test]
fn tiny_chunks_take_no_more_than_their_bytes() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n";
    Victim::of(endless(head, "1\r\nx\r\n"))
        .watch(&ASK, 6)
        .says("error: the answer is longer than 1048576 bytes")
        .within(SMALL);
}

/// One MiB of zeros as a gzip member of its own; a stream may have any number of them.
fn zeros() -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(&vec![0; MIB as usize]).unwrap();
    gzip.finish().unwrap()
}

#[test]
fn a_bomb_in_gzip_is_left_after_what_an_answer_may_take() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Encoding: gzip\r\n\r\n";
    let port = endless(head, zeros());
    Victim::of(port)
        .run(&ASK, 6)
        .says("error: the answer is longer than 1048576 bytes")
        .within(SMALL);
    Victim::logging_in_at(port)
        .run(&["login"], 6)
        .says("error: the answer is longer than 1048576 bytes")
        .within(SMALL);
    Victim::of(port)
        .watch(&QUERY, 6)
        .says("error: the answer is longer than 268435456 bytes")
        .within(PAGE);
}

/// A header of gzip may carry a name and a comment of any length.
#[test]
fn a_header_of_gzip_without_end_takes_no_memory_without_end() {
    const WITH_NAME: &[u8] = &[0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3];
    let port = tls(|_, tls| {
        tls.write_all(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Encoding: gzip\r\n\r\n",
        )?;
        tls.write_all(WITH_NAME)?;
        forever(tls, &[b'x'; PIECE])
    });
    Victim::of(port).run(&ASK, 6).within(SMALL);
}

/// None of them holds a byte, so that no limit of an answer's length is ever reached.
#[test]
fn empty_members_and_empty_blocks_of_gzip_without_end_are_left() {
    const STORED: &[u8] = &[0, 0, 0, 0xff, 0xff];
    let empty = GzEncoder::new(Vec::new(), Compression::best()).finish();
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Encoding: gzip\r\n\r\n";
    let members = endless(head, empty.unwrap());
    let blocks = tls(move |_, tls| {
        tls.write_all(head.as_bytes())?;
        tls.write_all(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3])?;
        forever(tls, &large(STORED))
    });
    for port in [members, blocks] {
        let says = "its gzip encoding is broken: ";
        Victim::of(port).watch(&ASK, 6).says(says).within(SMALL);
        Victim::of(port).watch(&QUERY, 6).says(says).within(SMALL);
        Victim::logging_in_at(port)
            .watch(&["login"], 6)
            .says(says)
            .within(SMALL);
    }
}

#[test]
fn redirects_are_not_followed_wherever_they_lead() {
    use std::sync::atomic::{AtomicU64, Ordering};
    static SEEN: AtomicU64 = AtomicU64::new(0);
    let port = tls(|_, tls| {
        let number = SEEN.fetch_add(1, Ordering::Relaxed);
        let location = format!("https://host{number}.evil.test/services/Soap/u/64.0?sid=1");
        let head =
            format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
        tls.write_all(head.as_bytes())
    });
    let victim = Victim::of(port);
    victim
        .watch(&ASK, 6)
        .says("error: the answer points to host0.evil.test and holds no result")
        .within(SMALL);
    assert_eq!(SEEN.load(Ordering::Relaxed), 1, "one request");

    let circle = tls(|_, tls| {
        tls.write_all(
            b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /services/Soap/u/64.0\r\nContent-Length: 0\r\n\r\n",
        )
    });
    Victim::of(circle)
        .run(&ASK, 6)
        .says("error: the answer points to another path and holds no result");
    Victim::logging_in_at(circle)
        .run(&["login"], 6)
        .says("error: the answer points to another path and holds no result");
}

/// The idle time-out alone would never end it: each byte comes in time.
#[test]
fn a_head_that_trickles_is_left_after_twice_the_idle_time_out() {
    let port = tls(|_, tls| {
        for byte in b"HTTP/1.1 200 OK\r\nX-Filler: ".iter().chain(&large("x")) {
            tls.write_all(&[*byte])?;
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        Ok(())
    });
    Victim::of(port)
        .watch(&["getuserinfo", "--idle-timeout", "1", "--retry", "0"], 6)
        .says("error: the head of the answer was not whole within 2 s")
        .within(SMALL);
}
