//! `query`, `queryAll` and `queryMore`: the bodies of the requests, and the pages that come.
//!
//! A [`Page`] is read from memory, one record at a time, into a [`Record`] that is reused, so that a
//! plain row needs no allocation. The locator of the next page comes before the records: [`head`] reads
//! only as far as that, so that the next page can be fetched while this one is read. Left out: the
//! envelope around a request, and faults.

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
    /// It is not well-formed, is cut off, or is not an envelope.
    #[error("the query result cannot be read: {0}")]
    Answer(AnswerError),
    /// An element that a query result does not have there.
    #[error("the query result cannot be read: expected {expected}, found {found:?}")]
    Unexpected {
        /// The local name of the expected one.
        expected: &'static str,
        /// The name of the one that came; empty if nothing did.
        found: String,
    },
    /// `done` is not a truth value, or `size` not a number.
    #[error("the query result cannot be read: {element} is {value:?}")]
    Value {
        /// The element.
        element: &'static str,
        /// Its text.
        value: String,
    },
    /// There are more pages, but no locator for them.
    #[error("the query result is not done, but has no query locator")]
    NoLocator,
    /// There are more pages, but no rows on this one: asking for more might never end.
    #[error("the query result is not done, but has a page without rows")]
    NoRows,
    /// A locator came a second time.
    #[error("the query result leads in a circle: a query locator came again")]
    Circle,
}

impl<E: Into<AnswerError>> From<E> for PageError {
    fn from(error: E) -> Self {
        Self::Answer(error.into())
    }
}

/// What comes before the records of a page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
    /// Whether this is the last page.
    pub done: bool,
    /// What `queryMore` needs for the next page; `None` on the last one.
    pub locator: Option<String>,
}

/// The request that starts a query: the content of the SOAP body, which declares its own namespace.
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

/// The request for the page of a locator, like [`query_body`].
pub fn query_more_body(locator: &str) -> String {
    format!(
        "<queryMore xmlns=\"{PARTNER}\"><queryLocator>{}</queryLocator></queryMore>",
        escape_text(locator)
    )
}

/// Reads the head of a page, but not its records.
///
/// # Errors
/// As [`Page::open`]; errors after the head are found when the records are read.
pub fn head(page: &[u8]) -> Result<Head, PageError> {
    // Heads have about 500 bytes; the encoding of the rest is checked when the records are read.
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
    /// The element after the head, which has already been opened.
    opened: Option<Element<'a>>,
    size: Option<i64>,
    namespaces: Arc<str>,
}

impl<'a> Page<'a> {
    /// Reads up to the first record of a page, whose text is [`decode`]'s.
    ///
    /// # Errors
    /// When it is not a query result.
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

    /// Reads the next record over the one given, whose memory is reused. `false` if there is none: then
    /// the whole answer has been read, and [`Page::size`] is known.
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
                    // `result` has closed; the response around it may have more children.
                    while self.xml.child()?.is_some() {
                        self.xml.skip()?;
                    }
                    close(&mut self.xml)?;
                    return Ok(false);
                }
            }
        }
    }

    /// How many rows the whole query has, or -1 if the server does not know; `None` until all records of
    /// the page have been read.
    pub fn size(&self) -> Option<i64> {
        self.size
    }
}

/// Adds the rows of child subqueries that are on further pages, in the server's order, children of
/// children included: `fetch` sends `queryMore` for a locator and returns the page. It stops where more
/// rows came than were announced, which [`Record::incomplete_children`] tells.
///
/// # Errors
/// Those of `fetch`, and when a page cannot be read or the locators lead in a circle.
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

/// Reads a truth value, which XML Schema spells in four ways.
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

/// The locator of the next page; one beside a `done` of `true` does not count.
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
