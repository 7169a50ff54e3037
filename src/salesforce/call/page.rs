//! What a web page says that came instead of an answer.
//!
//! This is not an HTML parser: the title, and the two pages that refuse a client certificate, are found by
//! their words, in the page's first 16 KiB.

use std::borrow::Cow;

use super::Refusal;
use crate::salesforce::fault::contains;

/// How much of a page is searched, in bytes.
const HEAD: usize = 16 * 1024;

/// The longest title that is kept, in characters.
const LONGEST_TITLE: usize = 200;

/// The first 16 KiB of a body that is not the API's.
pub(super) struct Page<'a> {
    text: Cow<'a, str>,
    is_html: bool,
}

impl<'a> Page<'a> {
    pub(super) fn of(body: &'a [u8], content_type: &str) -> Self {
        let text = String::from_utf8_lossy(&body[..body.len().min(HEAD)]);
        let html_tags = [
            "html", "head", "title", "body", "center", "h1", "h2", "h3", "div", "p",
        ];
        let is_html_tag = first_tag(body).is_some_and(|name| {
            html_tags
                .iter()
                .any(|tag| name.eq_ignore_ascii_case(tag.as_bytes()))
        });
        let is_html = is_html_tag
            || contains(&text, "<!doctype html")
            || (contains(content_type, "html") && !text.trim().is_empty());
        Self { text, is_html }
    }

    /// The refusal of the client certificate, by Salesforce or by nginx.
    ///
    /// Salesforce's page (captured in 2018 on port 8443, status and content type unknown):
    /// `<h3>Client certificate error:<i>No client certificate provided.</i></h3>`.
    pub(super) fn certificate_refusal(&self) -> Option<Refusal> {
        if let Some(reason) = self.after("client certificate error:") {
            return Some(Refusal::CertificatePage {
                reason: first_text(reason),
            });
        }
        // nginx's own pages for its statuses 495 and 496, both sent as 400.
        let title = self.title()?;
        let is_nginx = contains(&title, "no required ssl certificate was sent")
            || contains(&title, "the ssl certificate error");
        is_nginx.then_some(Refusal::NginxCertificate { title })
    }

    /// The page's title, else its first text; `None` if it is not a web page.
    pub(super) fn title(&self) -> Option<String> {
        if !self.is_html {
            return None;
        }
        let title = match self.after("<title") {
            Some(rest) => first_text(rest.split_once('>').map_or("", |(_, text)| text)),
            None => String::new(),
        };
        Some(match title.is_empty() {
            true => first_text(&self.text),
            false => title,
        })
    }

    /// What follows `words` (given in lower case) in the page, in whatever case.
    fn after(&self, words: &str) -> Option<&str> {
        // Lower-casing ASCII keeps every offset.
        let at = self.text.to_ascii_lowercase().find(words)?;
        Some(&self.text[at + words.len()..])
    }
}

/// The first text between tags, on one line and with its entities decoded.
fn first_text(html: &str) -> String {
    let mut rest = html;
    loop {
        let (text, tag) = rest.split_once('<').unwrap_or((rest, ""));
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !text.is_empty() || tag.is_empty() {
            let text = match quick_xml::escape::unescape(&text) {
                Ok(decoded) => decoded.into_owned(),
                // An entity that HTML has but XML does not: the text stays as it was sent.
                Err(_) => text,
            };
            return beginning(&text);
        }
        rest = tag.split_once('>').map_or("", |(_, after)| after);
    }
}

/// The beginning of a text, of at most [`LONGEST_TITLE`] characters, cut between words.
fn beginning(text: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(LONGEST_TITLE) else {
        return text.to_owned();
    };
    match text[..end].rsplit_once(' ') {
        Some((words, _)) => format!("{words} …"),
        None => format!("{}…", &text[..end]),
    }
}

/// The name in the first start tag, after any byte order mark, white space, `<?…?>` and comments.
/// `None` if the body starts with anything else, a DOCTYPE included.
pub(super) fn first_tag(body: &[u8]) -> Option<&[u8]> {
    let mut rest = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    loop {
        rest = rest.trim_ascii_start().strip_prefix(b"<")?;
        let end: &[u8] = match rest {
            [b'?', ..] => b"?>",
            [b'!', b'-', b'-', ..] => b"-->",
            _ => break,
        };
        let at = rest.windows(end.len()).position(|window| window == end)?;
        rest = &rest[at + end.len()..];
    }
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b':' | b'_' | b'-' | b'.');
    let length = rest.iter().take_while(|b| is_name(b)).count();
    (length > 0).then(|| &rest[..length])
}
