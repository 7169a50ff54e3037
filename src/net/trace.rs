//! `-v` and `-vv`: what left and what arrived, line by line, without secrets.
//!
//! A request's secrets are known when it is made; those in an answer are found by
//! [`redact_answer`]. `--show-curl` has its own file, `curl.rs`.

use std::fmt;
use std::sync::Arc;

use http::HeaderMap;

use super::Request;
use crate::event::{Direction, Event, Observer};
use crate::text::secret::MARK;

/// How much of a body `-vv` shows.
pub(crate) const BODY_SHOWN: usize = 2048;

/// Tells an [`Observer`] what a person asked to see.
#[derive(Clone)]
pub(crate) struct Tracer {
    observer: Arc<dyn Observer>,
    verbosity: u8,
}

impl Tracer {
    pub(crate) fn new(observer: Arc<dyn Observer>, verbosity: u8) -> Self {
        Self {
            observer,
            verbosity,
        }
    }

    /// Whether `-v` was given.
    pub(crate) fn is_on(&self) -> bool {
        self.verbosity > 0
    }

    /// Whether `-vv` was given.
    pub(crate) fn shows_bodies(&self) -> bool {
        self.verbosity > 1
    }

    /// One line about the connection.
    pub(crate) fn info(&self, line: impl FnOnce() -> String) {
        if self.is_on() {
            self.line(Direction::Info, &line());
        }
    }

    /// Several of them.
    pub(crate) fn lines(&self, lines: impl FnOnce() -> Vec<String>) {
        if self.is_on() {
            for line in lines() {
                self.line(Direction::Info, &line);
            }
        }
    }

    fn line(&self, direction: Direction, line: &str) {
        self.observer.event(Event::Trace(direction, line));
    }

    /// The head of an answer.
    pub(crate) fn answer(
        &self,
        version: http::Version,
        status: http::StatusCode,
        headers: &HeaderMap,
    ) {
        if !self.is_on() {
            return;
        }
        let reason = status.canonical_reason().unwrap_or_default();
        let line = format!("{version:?} {} {reason}", status.as_u16());
        self.line(Direction::Received, line.trim_end());
        for (name, value) in headers {
            let value = String::from_utf8_lossy(value.as_bytes());
            let value = if is_secret_header(name.as_str()) {
                MARK.to_owned()
            } else {
                redact_answer(&value)
            };
            self.line(Direction::Received, &format!("{name}: {value}"));
        }
        self.line(Direction::Received, "");
    }

    /// The beginning of a body, already free of secrets.
    pub(crate) fn body(&self, direction: Direction, text: &str, whole: bool) {
        if !self.shows_bodies() {
            return;
        }
        let shown = text.floor_char_boundary(BODY_SHOWN);
        for line in text[..shown].lines() {
            self.line(direction, line);
        }
        if !whole || shown < text.len() {
            self.line(Direction::Info, "the rest of the body is not shown");
        }
    }
}

impl fmt::Debug for Tracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracer")
            .field("verbosity", &self.verbosity)
            .finish_non_exhaustive()
    }
}

/// A request's lines, kept until its connection is set up.
#[derive(Debug, Default)]
pub(crate) struct RequestTrace {
    head: Vec<String>,
    body: Option<String>,
}

impl RequestTrace {
    /// Nothing where nothing will be shown.
    pub(crate) fn of(request: &Request, tracer: &Tracer) -> Self {
        if !tracer.is_on() {
            return Self::default();
        }
        let url = request.target.url();
        let path = url.path_and_query().map_or("/", |path| path.as_str());
        let mut head = vec![
            format!("{} {path} HTTP/1.1", request.method),
            format!("Host: {}", url.authority().map_or("", |a| a.as_str())),
            format!("User-Agent: {}", super::USER_AGENT),
        ];
        if request.asks_for_gzip() {
            head.push("Accept-Encoding: gzip".to_owned());
        }
        for (name, value) in &request.headers {
            let value = if is_secret_header(name) {
                MARK.to_owned()
            } else {
                value.redacted()
            };
            head.push(format!("{name}: {value}"));
        }
        if request.header("accept").is_none() {
            head.push("Accept: */*".to_owned());
        }
        if request.body.is_some() || request.method != http::Method::GET {
            let length = request.body.as_ref().map_or(0, |body| body.expose().len());
            head.push(format!("Content-Length: {length}"));
        }
        head.push(String::new());
        let body = request.body.as_ref().filter(|_| tracer.shows_bodies());
        Self {
            head,
            body: body.map(|body| body.redacted()),
        }
    }

    pub(crate) fn show(&self, tracer: &Tracer) {
        for line in &self.head {
            tracer.line(Direction::Sent, line);
        }
        if let Some(body) = &self.body {
            tracer.body(Direction::Sent, body, true);
        }
    }
}

fn is_secret_header(name: &str) -> bool {
    [
        "set-cookie",
        "cookie",
        "authorization",
        "proxy-authorization",
        "x-sfdc-session",
    ]
    .iter()
    .any(|secret| name.eq_ignore_ascii_case(secret))
}

/// Hides what is secret in an answer's text, also where the text is cut off in the middle of it.
///
/// Session IDs in SOAP answers, tokens in the answers of the token endpoint, and anything that has
/// the form of a session ID: an organisation's ID, `!`, a token.
pub fn redact_answer(text: &str) -> String {
    let mut text = text.to_owned();
    for name in ["sessionId", "access_token", "refresh_token", "id_token"] {
        text = redact_element(&text, name);
        text = redact_json(&text, name);
    }
    redact_session_ids(&text)
}

/// `<sessionId>…</sessionId>`, with any prefix and attributes.
fn redact_element(text: &str, name: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        let tag = &rest[open + 1..];
        let Some(close) = tag.find('>') else { break };
        let (inside, after) = (&tag[..close], &tag[close + 1..]);
        let qualified = inside.split_whitespace().next().unwrap_or_default();
        let local = qualified.rsplit(':').next().unwrap_or_default();
        out.push_str(&rest[..rest.len() - after.len()]);
        rest = after;
        if local == name && !inside.starts_with('/') && !inside.ends_with('/') {
            out.push_str(MARK);
            rest = rest.find('<').map_or("", |end| &rest[end..]);
        }
    }
    out.push_str(rest);
    out
}

/// `"access_token": "…"`.
fn redact_json(text: &str, name: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    let key = format!("\"{name}\"");
    while let Some(at) = rest.find(&key) {
        let (before, after) = rest.split_at(at + key.len());
        out.push_str(before);
        let value = after.trim_start().strip_prefix(':').map(str::trim_start);
        let Some(value) = value.and_then(|value| value.strip_prefix('"')) else {
            rest = after;
            continue;
        };
        out.push_str(&after[..after.len() - value.len()]);
        out.push_str(MARK);
        rest = string_end(value).map_or("", |end| &value[end..]);
    }
    out.push_str(rest);
    out
}

/// Where a JSON string's closing quote stands.
fn string_end(value: &str) -> Option<usize> {
    let mut escaped = false;
    value.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })
}

/// `00D`, 12 or 15 letters and digits, `!` (in a URL's query `%21`), and a token.
fn redact_session_ids(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("00D") {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let id = after.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let behind = &after[id..];
        let token = behind.strip_prefix('!').or(behind.strip_prefix("%21"));
        match token {
            Some(token) if id == 15 || id == 18 => {
                out.push_str(&after[..after.len() - token.len()]);
                out.push_str(MARK);
                rest = token.trim_start_matches(is_token);
            }
            _ => {
                out.push_str(&after[..3]);
                rest = &after[3..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '/' | '=' | '%')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_answers_are_hidden_and_what_surrounds_them_stays() {
        let cases = [
            (
                "<sessionId>abc</sessionId><a/>",
                "<sessionId>[redacted]</sessionId><a/>",
            ),
            (
                "<p:sessionId x:t=\"y\">abc</p:sessionId>",
                "<p:sessionId x:t=\"y\">[redacted]</p:sessionId>",
            ),
            ("<sessionId/><b>1</b>", "<sessionId/><b>1</b>"),
            ("<sessionId>abc", "<sessionId>[redacted]"),
            (
                "<mysessionId>abc</mysessionId>",
                "<mysessionId>abc</mysessionId>",
            ),
            ("a < b, sessionId>c", "a < b, sessionId>c"),
            (
                r#"{"access_token":"a\"b","x":"y"}"#,
                r#"{"access_token":"[redacted]","x":"y"}"#,
            ),
            (
                r#"{"refresh_token" : "a"}"#,
                r#"{"refresh_token" : "[redacted]"}"#,
            ),
            (
                r#"{"access_token":"cut o"#,
                r#"{"access_token":"[redacted]"#,
            ),
            (r#"{"access_token":null}"#, r#"{"access_token":null}"#),
            (
                "id 00D000000000001!AQ.x_y/z= end",
                "id 00D000000000001![redacted] end",
            ),
            ("00D000000000001AAA!AQ,", "00D000000000001AAA![redacted],"),
            ("00D000000000001!cut", "00D000000000001![redacted]"),
            (
                "/frontdoor.jsp?sid=00D000000000001%21AQ.x%2Fy&retURL=%2F",
                "/frontdoor.jsp?sid=00D000000000001%21[redacted]&retURL=%2F",
            ),
            ("00D000000000001 00D0!x 00D", "00D000000000001 00D0!x 00D"),
            ("x00D00D000000000001!t", "x00D00D000000000001![redacted]"),
        ];
        for (text, expected) in cases {
            assert_eq!(redact_answer(text), expected);
        }
    }
}
