//! Answers that are not a result: of something else than Salesforce, or of Salesforce on a bad day.

use sfmtls::local_org::{Call, Ending, Mishap};

use super::certificates::certificates;
use super::servers;
use super::table::{Case, case, hold};
use super::world::World;

const ASK: [&str; 1] = ["getuserinfo"];
const QUERY: [&str; 2] = ["query", "SELECT Id FROM Contact"];

/// A server that is trusted answers every call with this.
fn answers(head: &'static str, body: &'static str) -> impl Fn(&mut World) {
    move |world| {
        let answer = format!("HTTP/1.1 {head}\r\n\r\n{body}");
        let length = format!("Content-Length: {}", body.len());
        let (port, server) =
            servers::tls(&certificates().server, answer.replace("LENGTH", &length));
        world.trusts_the_other_ca();
        world.api_at(port, server);
    }
}

fn page(status: u16, retry_after: Option<&'static str>) -> impl Fn(&mut World) {
    move |world| {
        let page = Mishap::Page {
            status,
            content_type: "text/html",
            retry_after: retry_after.map(str::to_owned),
        };
        world.always(Call::Any, page);
    }
}

pub(super) fn somebody_else() -> Vec<Case> {
    vec![
        case(
            "a web page",
            answers(
                "200 OK\r\nContent-Type: text/html\r\nLENGTH",
                "<html><title>Sign in</title></html>",
            ),
            ASK,
            6,
            "not-salesforce",
            "\
error: the answer is a web page, not one of Salesforce's API: Sign in
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0/00D36000000YUbz answered with HTTP 200
  hint: check the host: the API is at the org's My Domain; or something on the way answered instead",
        ),
        case(
            "JSON",
            answers(
                "200 OK\r\nContent-Type: application/json\r\nLENGTH",
                "{\"error\": \"no\"}",
            ),
            ASK,
            6,
            "not-salesforce",
            "\
error: the answer is not one of Salesforce's API: the answer has no SOAP envelope
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0/00D36000000YUbz answered with HTTP 200
  hint: check the host: the API is at the org's My Domain; or something on the way answered instead",
        ),
        case(
            "nothing",
            answers("200 OK\r\nLENGTH", ""),
            ASK,
            6,
            "not-salesforce",
            "\
error: the answer is not one of Salesforce's API: the answer has no SOAP envelope
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0/00D36000000YUbz answered with HTTP 200
  hint: check the host: the API is at the org's My Domain; or something on the way answered instead",
        ),
        case(
            "another XML",
            answers(
                "200 OK\r\nContent-Type: text/xml\r\nLENGTH",
                "<?xml version=\"1.0\"?><feed/>",
            ),
            ASK,
            6,
            "not-salesforce",
            "\
error: the answer is not one of Salesforce's API: the answer has no SOAP envelope
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0/00D36000000YUbz answered with HTTP 200
  hint: check the host: the API is at the org's My Domain; or something on the way answered instead",
        ),
        case(
            "an answer of another call",
            answers(
                "200 OK\r\nContent-Type: text/xml\r\nLENGTH",
                "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body><pong/></e:Body></e:Envelope>",
            ),
            ASK,
            6,
            "not-salesforce",
            "\
error: the answer is not one of Salesforce's API: the answer has no getUserInfoResponse
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0/00D36000000YUbz
  hint: check the host: the API is at the org's My Domain; or something on the way answered instead",
        ),
        case(
            "the same in place of rows",
            answers(
                "200 OK\r\nContent-Type: text/xml\r\nLENGTH",
                "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body><pong/></e:Body></e:Envelope>",
            ),
            QUERY,
            6,
            "not-salesforce",
            "\
error: the query result cannot be read: expected queryResponse, found \"pong\"
  hint: check the host: the API is at the org's My Domain; or something on the way answered instead",
        ),
        case(
            "nginx without a certificate",
            answers(
                "400 Bad Request\r\nContent-Type: text/html\r\nLENGTH",
                "<html><head><title>400 No required SSL certificate was sent</title></head></html>",
            ),
            ASK,
            8,
            "http-client-cert-rejected",
            "\
error: a gateway refused the client certificate: 400 No required SSL certificate was sent
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0/00D36000000YUbz answered with HTTP 400
  hint: this is nginx's page, not Salesforce's: ask who runs the gateway which CAs it takes",
        ),
        case(
            "HTTP 404 with a page",
            page(404, None),
            ASK,
            6,
            "not-salesforce",
            "\
error: the answer is a web page, not one of Salesforce's API: We are down for maintenance.
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with HTTP 404
  hint: check the host: the API is at the org's My Domain; or something on the way answered instead",
        ),
        case(
            "HTTP 403 with nothing",
            answers("403 Forbidden\r\nLENGTH", ""),
            ASK,
            6,
            "http-unexpected",
            "\
error: the answer holds no result
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0/00D36000000YUbz answered with HTTP 403
  hint: check the host: the API is at the org's My Domain; or something on the way answered instead",
        ),
        case("no HTTP", answers("hello", ""), ASK, 6, "not-http", "\
error: the answer is not valid HTTP: http parse fail: invalid response status
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0/00D36000000YUbz
  hint: something else than Salesforce may answer at localhost:[SERVER]: check host and port"),
        case(
            "chunks that stop",
            answers("200 OK\r\nTransfer-Encoding: chunked", "5\r\n<e:En\r\n"),
            ASK,
            6,
            "answer-truncated",
            "\
error: the answer was cut off after 5 bytes: it was announced to be longer
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0/00D36000000YUbz",
        ),
        case(
            "chunks that are none",
            answers("200 OK\r\nTransfer-Encoding: chunked", "<e:Envelope/>"),
            ASK,
            6,
            "not-http",
            "\
error: the answer is not valid HTTP: body data reading stalled
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0/00D36000000YUbz
  hint: something else than Salesforce may answer at localhost:[SERVER]: check host and port",
        ),
        case(
            "an encoding nobody asked for",
            answers("200 OK\r\nContent-Encoding: br\r\nLENGTH", "x"),
            ASK,
            6,
            "not-http",
            "\
error: the answer is not valid HTTP: its content encoding `br` was not asked for
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0/00D36000000YUbz
  hint: something else than Salesforce may answer at localhost:[SERVER]: check host and port",
        ),
        case(
            "a redirect to another host",
            |world| {
                world.always(
                    Call::Any,
                    Mishap::Redirect(
                        "https://other.my.salesforce.test/services/Soap/u/64.0?sid=1".to_owned(),
                    ),
                )
            },
            ASK,
            6,
            "sf-redirect",
            "\
error: the answer points to other.my.salesforce.test and holds no result
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with HTTP 302
  cause: a redirect is never followed: it would lead away from the mutual-TLS port
  hint: log in through the org's My Domain:
        sfmtls login --login-url https://NAME.my.salesforce.com",
        ),
        case(
            "a redirect on the same host",
            |world| world.always(Call::Any, Mishap::Redirect("/elsewhere".to_owned())),
            ASK,
            6,
            "sf-redirect",
            "\
error: the answer points to another path and holds no result
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with HTTP 302
  cause: a redirect is never followed: it would lead away from the mutual-TLS port
  hint: log in through the org's My Domain:
        sfmtls login --login-url https://NAME.my.salesforce.com",
        ),
    ]
}

pub(super) fn broken_xml() -> Vec<Case> {
    vec![
        case(
            "a DOCTYPE",
            |world| world.always(Call::Any, Mishap::Doctype),
            ASK,
            6,
            "not-salesforce",
            "\
error: the answer cannot be read: XML, byte 38: DOCTYPE is refused
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with HTTP 200",
        ),
        case(
            "a DOCTYPE before rows",
            |world| world.always(Call::Any, Mishap::Doctype),
            QUERY,
            6,
            "not-salesforce",
            "\
error: the answer cannot be read: XML, byte 38: DOCTYPE is refused
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with HTTP 200",
        ),
        case(
            "XML that stops",
            |world| world.always(Call::Any, Mishap::CutXml(600)),
            ASK,
            6,
            "not-salesforce",
            "\
error: the answer cannot be read: XML, byte 600: the text ends before its end
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz",
        ),
        case(
            "rows that stop",
            |world| world.always(Call::Query, Mishap::CutXml(2000)),
            QUERY,
            6,
            "not-salesforce",
            "error: the query result cannot be read: XML, byte 2000: the text ends before its end",
        )
        .after_rows(),
        case(
            "rows whose connection is cut",
            |world| {
                world.always(
                    Call::Query,
                    Mishap::Cut {
                        after: Some(500),
                        ending: Ending::Close,
                    },
                )
            },
            QUERY,
            6,
            "answer-truncated",
            "\
error: the answer was cut off after 500 bytes: end of stream without close_notify
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz",
        ),
    ]
}

pub(super) fn bad_days() -> Vec<Case> {
    vec![
        case(
            "HTTP 420",
            page(420, None),
            ASK,
            6,
            "too-many-requests",
            "\
error: the server wants fewer requests
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with HTTP 420 and a web page: We are down for maintenance.
  hint: try again later; https://status.salesforce.com tells of known trouble",
        ),
        case(
            "HTTP 429",
            page(429, Some("30")),
            ASK,
            6,
            "too-many-requests",
            "\
error: the server wants fewer requests
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with HTTP 429 and a web page: We are down for maintenance.
  hint: it asks to be called again in 30 s, not before",
        ),
        case(
            "HTTP 502",
            page(502, None),
            ASK,
            6,
            "service-unavailable",
            "\
error: Salesforce, or something in front of it, is not available
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with HTTP 502 and a web page: We are down for maintenance.
  hint: try again later; https://status.salesforce.com tells of known trouble",
        ),
        case(
            "HTTP 503",
            page(503, None),
            ASK,
            6,
            "service-unavailable",
            "\
error: Salesforce, or something in front of it, is not available
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with HTTP 503 and a web page: We are down for maintenance.
  hint: try again later; https://status.salesforce.com tells of known trouble",
        ),
        case(
            "HTTP 503, for long",
            page(503, Some("600")),
            ASK,
            6,
            "service-unavailable",
            "\
error: Salesforce, or something in front of it, is not available
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with HTTP 503 and a web page: We are down for maintenance.
  hint: it asks to be called again in 600 s, not before",
        ),
        case(
            "HTTP 504",
            page(504, None),
            QUERY,
            6,
            "service-unavailable",
            "\
error: Salesforce, or something in front of it, is not available
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with HTTP 504 and a web page: We are down for maintenance.
  hint: try again later; https://status.salesforce.com tells of known trouble",
        ),
        case(
            "HTTP 503 with nothing",
            answers("503 Service Unavailable\r\nLENGTH", ""),
            ASK,
            6,
            "service-unavailable",
            "\
error: Salesforce, or something in front of it, is not available
  cause: POST https://localhost:[SERVER]/services/Soap/u/64.0/00D36000000YUbz answered with HTTP 503
  hint: try again later; https://status.salesforce.com tells of known trouble",
        ),
    ]
}

#[test]
fn answers_of_somebody_else() {
    hold(somebody_else());
}

#[test]
fn xml_that_is_not_taken() {
    hold(broken_xml());
}

#[test]
fn answers_that_may_be_others_tomorrow() {
    hold(bad_days());
}
