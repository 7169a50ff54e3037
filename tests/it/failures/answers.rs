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
        let ca = world.lab().file("other-ca.pem", certificates().ca.pem());
        world.lab().set("SFMTLS_CACERT", ca);
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

fn somebody_else() -> Vec<Case> {
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
            "@1",
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
            "@2",
        ),
        case(
            "nothing",
            answers("200 OK\r\nLENGTH", ""),
            ASK,
            6,
            "not-salesforce",
            "@3",
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
            "@4",
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
            "@5",
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
            "@6",
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
            "@7",
        ),
        case(
            "HTTP 404 with a page",
            page(404, None),
            ASK,
            6,
            "not-salesforce",
            "@8",
        ),
        case(
            "HTTP 403 with nothing",
            answers("403 Forbidden\r\nLENGTH", ""),
            ASK,
            6,
            "http-unexpected",
            "@9",
        ),
        case("no HTTP", answers("hello", ""), ASK, 6, "not-http", "@10"),
        case(
            "chunks that stop",
            answers("200 OK\r\nTransfer-Encoding: chunked", "5\r\n<e:En\r\n"),
            ASK,
            6,
            "answer-truncated",
            "@11",
        ),
        case(
            "chunks that are none",
            answers("200 OK\r\nTransfer-Encoding: chunked", "<e:Envelope/>"),
            ASK,
            6,
            "not-http",
            "@12",
        ),
        case(
            "an encoding nobody asked for",
            answers("200 OK\r\nContent-Encoding: br\r\nLENGTH", "x"),
            ASK,
            6,
            "not-http",
            "@13",
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
            "@14",
        ),
        case(
            "a redirect on the same host",
            |world| world.always(Call::Any, Mishap::Redirect("/elsewhere".to_owned())),
            ASK,
            6,
            "sf-redirect",
            "@15",
        ),
    ]
}

fn broken_xml() -> Vec<Case> {
    vec![
        case(
            "a DOCTYPE",
            |world| world.always(Call::Any, Mishap::Doctype),
            ASK,
            6,
            "not-salesforce",
            "@16",
        ),
        case(
            "a DOCTYPE before rows",
            |world| world.always(Call::Any, Mishap::Doctype),
            QUERY,
            6,
            "not-salesforce",
            "@17",
        ),
        case(
            "XML that stops",
            |world| world.always(Call::Any, Mishap::CutXml(600)),
            ASK,
            6,
            "not-salesforce",
            "@18",
        ),
        case(
            "rows that stop",
            |world| world.always(Call::Query, Mishap::CutXml(2000)),
            QUERY,
            6,
            "not-salesforce",
            "@19",
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
            "@20",
        ),
    ]
}

fn bad_days() -> Vec<Case> {
    vec![
        case(
            "HTTP 420",
            page(420, None),
            ASK,
            6,
            "too-many-requests",
            "@21",
        ),
        case(
            "HTTP 429",
            page(429, Some("30")),
            ASK,
            6,
            "too-many-requests",
            "@22",
        ),
        case(
            "HTTP 502",
            page(502, None),
            ASK,
            6,
            "service-unavailable",
            "@23",
        ),
        case(
            "HTTP 503",
            page(503, None),
            ASK,
            6,
            "service-unavailable",
            "@24",
        ),
        case(
            "HTTP 503, for long",
            page(503, Some("600")),
            ASK,
            6,
            "service-unavailable",
            "@25",
        ),
        case(
            "HTTP 504",
            page(504, None),
            QUERY,
            6,
            "service-unavailable",
            "@26",
        ),
        case(
            "HTTP 503 with nothing",
            answers("503 Service Unavailable\r\nLENGTH", ""),
            ASK,
            6,
            "service-unavailable",
            "@27",
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
