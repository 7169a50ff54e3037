//! `query`, `queryAll` and `queryMore`: what is asked, and the page that is answered.
//!
//! A [`Page`] is read from memory and hands out one record at a time, into a [`Record`] that is used
//! again, so that a plain row costs no allocation. The locator of the next page stands before the
//! records: [`head`] finds it alone, so that the next page can be on its way while this one is
//! read. Left out: the envelope around a request, and what a fault says.

use std::borrow::Cow;
use std::sync::Arc;

use super::envelope::{close, enter_body};
use super::namespace::{ENVELOPE, PARTNER};
use crate::salesforce::answer::AnswerError;
use crate::salesforce::record::Record;
use crate::salesforce::soql::{Unsendable, check_characters};
use crate::text::xml::{Element, Reader, decode, escape_text};

mod fields;
mod raw;
#[cfg(test)]
mod tests;
mod trail;

use fields::read_record;
pub use raw::push_raw;
pub use trail::Trail;

/// Why an answer is not a page of records.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PageError {
    /// It is not well-formed, cut off, or no envelope.
    #[error("the query result cannot be read: {0}")]
    Answer(AnswerError),
    /// Another element than those of a query result.
    #[error("the query result cannot be read: expected {expected}, found {found:?}")]
    Unexpected {
        /// The local name that should stand there.
        expected: &'static str,
        /// The name that does; empty where nothing follows.
        found: String,
    },
    /// `done` or `size` holds something else than a truth value or a number.
    #[error("the query result cannot be read: {element} is {value:?}")]
    Value {
        /// The element.
        element: &'static str,
        /// Its text.
        value: String,
    },
    /// There are more pages, but no locator that leads to them.
    #[error("the query result is not done, but has no query locator")]
    NoLocator,
    /// There are more pages, but none of their rows is on this one: asking on would have no end.
    #[error("the query result is not done, but has a page without rows")]
    NoRows,
    /// A locator leads to where another one has led.
    #[error("the query result leads in a circle: a query locator came again")]
    Circle,
}

impl<E: Into<AnswerError>> From<E> for PageError {
    fn from(error: E) -> Self {
        Self::Answer(error.into())
    }
}

/// What stands before the records of a page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
    /// Whether this is the last page.
    pub done: bool,
    /// What `queryMore` takes to give the next page; `None` on the last.
    pub locator: Option<String>,
}

/// The request that starts a query: the content of the SOAP body. It brings its own namespace.
///
/// # Errors
/// [`Unsendable`].
pub fn query_body(soql: &str, all_rows: bool) -> Result<String, Unsendable> {
    check_characters(soql)?;
    let call = if all_rows { "queryAll" } else { "query" };
    Ok(format!(
        "<{call} xmlns=\"{PARTNER}\"><queryString>{}</queryString></{call}>",
        escape_text(soql)
    ))
}

/// The request for the page after the one that named the locator, as [`query_body`].
pub fn query_more_body(locator: &str) -> String {
    format!(
        "<queryMore xmlns=\"{PARTNER}\"><queryLocator>{}</queryLocator></queryMore>",
        escape_text(locator)
    )
}

/// The head of a page, without reading its records.
///
/// # Errors
/// As [`Page::open`]; what is wrong behind the head is found by whoever reads the records.
pub fn head(page: &[u8]) -> Result<Head, PageError> {
    // Heads are about 500 bytes long; checking the encoding of the rest is left to the reader of
    // the records.
    const USUAL: usize = 16 * 1024;
    let text = |bytes| {
        decode(bytes)
            .map_err(PageError::from)
            .and_then(|text| Ok(Page::open(&text)?.head))
    };
    match page.split_at_checked(USUAL) {
        Some((start, _)) => text(start).or_else(|_| text(page)),
        None => text(page),
    }
}

/// A page of records.
#[derive(Debug)]
pub struct Page<'a> {
    xml: Reader<'a>,
    head: Head,
    /// The element behind the head, which is open already.
    opened: Option<Element<'a>>,
    size: Option<i64>,
    namespaces: Arc<str>,
}

impl<'a> Page<'a> {
    /// Reads up to the first record of a page that [`decode`] has made text.
    ///
    /// # Errors
    /// When the answer is not a query result.
    pub fn open(text: &'a str) -> Result<Self, PageError> {
        let mut xml = Reader::new(text);
        let response = enter_body(&mut xml)?;
        let is_response = |element: Element<'_>| {
            element.namespace == PARTNER
                && matches!(
                    element.local(),
                    "queryResponse" | "queryAllResponse" | "queryMoreResponse"
                )
        };
        expect(response.is_some_and(is_response), "queryResponse", response)?;
        let result = xml.child()?;
        expect(
            result.is_some_and(|element| element.is(PARTNER, "result")),
            "result",
            result,
        )?;

        let (mut done, mut locator) = (None, None);
        let opened = loop {
            match xml.child()? {
                Some(child) if child.is(PARTNER, "done") => done = Some(read_done(&mut xml)?),
                Some(child) if child.is(PARTNER, "queryLocator") => {
                    locator = read_locator(&mut xml, child)?
                }
                Some(child) if child.is(PARTNER, "records") || child.is(PARTNER, "size") => {
                    break child;
                }
                Some(_) => xml.skip()?,
                None => return unexpected("size", None),
            }
        };
        let Some(done) = done else {
            return unexpected("done", Some(opened));
        };
        let locator = next_locator(done, locator)?.map(Cow::into_owned);
        if !done && opened.is(PARTNER, "size") {
            return Err(PageError::NoRows);
        }
        Ok(Self {
            head: Head { done, locator },
            opened: Some(opened),
            size: None,
            namespaces: xml.declarations(&[ENVELOPE]).into(),
            xml,
        })
    }

    /// Whether more pages follow, and where.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Reads the next record over the one given, whose memory is used again. `false` when there is
    /// none: then the whole answer has been read and [`Page::size`] is known.
    ///
    /// # Errors
    /// When the answer is not well-formed or ends too early.
    pub fn next(&mut self, record: &mut Record<'a>) -> Result<bool, PageError> {
        loop {
            let child = match self.opened.take() {
                Some(child) => Some(child),
                None => self.xml.child()?,
            };
            match child {
                Some(child) if child.is(PARTNER, "records") => {
                    let start = self.xml.start();
                    read_record(&mut self.xml, None, record)?;
                    record.raw.element = Cow::Borrowed(self.xml.source(start, self.xml.position()));
                    if record.raw.namespaces.is_none() {
                        record.raw.namespaces = Some(Arc::clone(&self.namespaces));
                    }
                    return Ok(true);
                }
                Some(child) if child.is(PARTNER, "size") => {
                    self.size = Some(read_size(&mut self.xml)?)
                }
                Some(_) => self.xml.skip()?,
                None if self.size.is_none() => return unexpected("size", None),
                None => {
                    // `result` has closed; the response around it may hold more.
                    while self.xml.child()?.is_some() {
                        self.xml.skip()?;
                    }
                    close(&mut self.xml)?;
                    return Ok(false);
                }
            }
        }
    }

    /// How many rows the whole query has, -1 where the server does not know; `None` before the last
    /// record has been read.
    pub fn size(&self) -> Option<i64> {
        self.size
    }
}

/// Brings the rows of child subqueries that stand on further pages: `fetch` sends `queryMore` for
/// a locator and gives the page. Their order is the server's; children of children are brought
/// too. It stops where more came than were announced, which [`Record::incomplete_children`] tells.
///
/// # Errors
/// What `fetch` returns, the page it gave cannot be read, or the locators lead in a circle.
pub fn complete_children<E, F>(record: &mut Record<'_>, fetch: &mut F) -> Result<(), E>
where
    F: FnMut(&str) -> Result<Vec<u8>, E>,
    E: From<PageError>,
{
    fields::each_children(record, &mut |children| {
        let mut trail = Trail::default();
        while let Some(locator) = children.locator.take() {
            trail.follow(&locator)?;
            let page = fetch(&locator)?;
            let text = decode(&page).map_err(PageError::from)?;
            let mut page = Page::open(&text)?;
            let mut row = Record::default();
            while page.next(&mut row)? {
                children.records.push(std::mem::take(&mut row).into_owned());
            }
            if !children.are_too_many() {
                children.locator = page.head.locator.map(Cow::Owned);
            }
        }
        Ok(())
    })
}

fn unexpected<T>(expected: &'static str, found: Option<Element<'_>>) -> Result<T, PageError> {
    let found = found
        .map(|element| element.name.to_owned())
        .unwrap_or_default();
    Err(PageError::Unexpected { expected, found })
}

fn expect(
    holds: bool,
    expected: &'static str,
    found: Option<Element<'_>>,
) -> Result<(), PageError> {
    if holds {
        Ok(())
    } else {
        unexpected(expected, found)
    }
}

/// XML Schema spells a truth value in four ways.
fn read_done(xml: &mut Reader<'_>) -> Result<bool, PageError> {
    let text = xml.text()?;
    match text.trim_ascii() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(PageError::Value {
            element: "done",
            value: text.into_owned(),
        }),
    }
}

fn read_size(xml: &mut Reader<'_>) -> Result<i64, PageError> {
    let text = xml.text()?;
    text.trim_ascii().parse().map_err(|_| PageError::Value {
        element: "size",
        value: text.clone().into_owned(),
    })
}

fn read_locator<'a>(
    xml: &mut Reader<'a>,
    element: Element<'a>,
) -> Result<Option<Cow<'a, str>>, PageError> {
    let text = xml.text()?;
    Ok((!element.is_nil && !text.is_empty()).then_some(text))
}

/// `done` decides: a locator beside `true` leads nowhere.
fn next_locator(
    done: bool,
    locator: Option<Cow<'_, str>>,
) -> Result<Option<Cow<'_, str>>, PageError> {
    match (done, locator) {
        (true, _) => Ok(None),
        (false, None) => Err(PageError::NoLocator),
        (false, locator) => Ok(locator),
    }
}
