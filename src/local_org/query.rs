//! query(), queryAll(), queryMore(): pages of records, with locators to the next.
//!
//! The records themselves are written in `record`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::data::{Child, Data};
use super::groups;
use super::login::random_text;
use super::record::Shape;
use super::selection::Selection;
use super::soap::{Fault, FaultKind, Names};
use super::soql::{self, Query, Select};
use super::state::locked;

/// QueryOptions, SOAP API guide.
const BATCH_SIZES: std::ops::RangeInclusive<u64> = 200..=2000;

/// Reads `batchSize`; 2000 when there is none.
///
/// # Errors
/// Out of range. The code exists; whether the service uses it here or takes the nearest size is not known.
pub(super) fn batch_size(asked: Option<&str>) -> Result<u64, Fault> {
    let Some(asked) = asked else {
        return Ok(*BATCH_SIZES.end());
    };
    asked
        .trim()
        .parse()
        .ok()
        .filter(|size| BATCH_SIZES.contains(size))
        .ok_or_else(|| {
            Fault::unexpected(
                "INVALID_BATCH_SIZE",
                format!("batchSize {asked} is not between 200 and 2000"),
            )
        })
}

/// Results that have more pages, by the 18 characters of their locators.
#[derive(Default)]
pub(super) struct Cursors {
    by_id: HashMap<String, Cursor>,
}

impl Cursors {
    pub(super) fn end_all(&mut self) {
        self.by_id.clear();
    }
}

struct Cursor {
    user: usize,
    rows: Selection,
    query: Arc<Query>,
    size: u64,
    /// The place of the row at each offset that a locator was given for.
    starts: HashMap<u64, u64>,
}

/// One request for a page.
pub(super) struct Pages<'a> {
    pub(super) data: Data,
    pub(super) cursors: &'a Mutex<Cursors>,
    pub(super) names: &'a Names,
    pub(super) user: usize,
    pub(super) batch_size: u64,
    pub(super) unknown_size: bool,
    /// Rows to leave out, against the promise.
    pub(super) short_by: u64,
}

/// A page to be written.
pub(super) struct Page {
    rows: Selection,
    query: Arc<Query>,
    size: u64,
    offset: u64,
    /// The place of the row at `offset`.
    start: u64,
    /// The 18 characters of its locators, where there are some already.
    cursor: Option<String>,
}

impl Pages<'_> {
    /// Runs a query and writes its first page.
    pub(super) fn first(
        &self,
        text: &str,
        deleted_too: bool,
        out: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        let query = Arc::new(soql::parse(text)?);
        let deleted = if deleted_too {
            (query.object.deleted)(&self.data)
        } else {
            0
        };
        let all = 0..(query.object.live)(&self.data) + deleted;
        let rows = Selection::of(&self.data, &query, all)?;
        self.open_result(out);
        match &query.select {
            Select::Count => {
                let size = rows.count(&self.data, &query);
                self.head(out, None);
                self.size(out, size);
            }
            Select::Groups { keys, columns } => {
                let matching = rows.rows(&self.data, &query);
                let mut groups = groups::collect(&self.data, matching, keys, columns)?;
                groups.sort(&query.order);
                self.head(out, None);
                groups.write(self.names, out);
                self.size(out, groups.len());
            }
            Select::Records(nodes) => {
                let shape = Shape::of(self.names, query.object, nodes);
                let size = rows.count(&self.data, &query);
                let page = Page {
                    rows,
                    query: Arc::clone(&query),
                    size,
                    offset: 0,
                    start: 0,
                    cursor: None,
                };
                self.page(&page, &shape, self.short_by, out);
            }
        }
        self.close_result(out);
        Ok(())
    }

    /// Writes the page that a locator names.
    pub(super) fn more(&self, locator: &str, out: &mut Vec<u8>) -> Result<(), Fault> {
        let page = self.find(locator).ok_or_else(|| Fault {
            kind: FaultKind::InvalidQueryLocator,
            code: "INVALID_QUERY_LOCATOR",
            message: "invalid query locator".to_owned(),
            position: None,
        })?;
        self.open_result(out);
        if let Select::Records(nodes) = &page.query.select {
            let shape = Shape::of(self.names, page.query.object, nodes);
            self.page(&page, &shape, self.short_by, out);
        }
        self.close_result(out);
        Ok(())
    }

    /// Writes the first page of a subquery; false when there are no rows.
    pub(super) fn children(
        &self,
        child: &'static Child,
        parent: u64,
        query: &Arc<Query>,
        shape: &Shape<'_>,
        out: &mut Vec<u8>,
    ) -> bool {
        let rows = Selection::of_parent(&self.data, query, child, parent);
        let size = rows.count(&self.data, query);
        if size == 0 {
            return false;
        }
        let start = rows.start();
        let page = Page {
            rows,
            query: Arc::clone(query),
            size,
            offset: 0,
            start,
            cursor: None,
        };
        self.page(&page, shape, 0, out);
        true
    }

    /// Writes what a QueryResult holds: done, queryLocator, records but the last `short_by`, size.
    fn page(&self, page: &Page, shape: &Shape<'_>, short_by: u64, out: &mut Vec<u8>) {
        let mut scratch = String::new();
        let end = page.size.min(page.offset + self.batch_size);
        let cursor =
            (end < page.size).then(|| page.cursor.clone().unwrap_or_else(|| self.new_cursor(page)));
        let locator = cursor.as_ref().map(|id| format!("{id}-{end}"));
        self.head(out, locator.as_deref());
        let promised = end - page.offset;
        let mut from = page.start;
        for number in 0..promised {
            let next = page.rows.next(&self.data, &page.query, from, &mut scratch);
            let Some((place, row)) = next else {
                break;
            };
            if number + short_by < promised {
                shape.write_record(self, row, &mut scratch, out);
            }
            from = place + 1;
        }
        self.size(out, page.size);
        let mut cursors = locked(self.cursors);
        if let Some(cursor) = cursor.and_then(|id| cursors.by_id.get_mut(&id)) {
            cursor.starts.insert(end, from);
        }
    }

    /// A locator belongs to the user, not to the session.
    fn find(&self, locator: &str) -> Option<Page> {
        let (id, offset) = locator.split_once('-')?;
        let offset = offset.parse().ok()?;
        let cursors = locked(self.cursors);
        let cursor = cursors
            .by_id
            .get(id)
            .filter(|cursor| cursor.user == self.user)?;
        Some(Page {
            rows: cursor.rows.clone(),
            query: Arc::clone(&cursor.query),
            size: cursor.size,
            offset,
            start: *cursor.starts.get(&offset)?,
            cursor: Some(id.to_owned()),
        })
    }

    fn new_cursor(&self, page: &Page) -> String {
        let id = format!("01g{}", random_id_text());
        let cursor = Cursor {
            user: self.user,
            rows: page.rows.clone(),
            query: Arc::clone(&page.query),
            size: page.size,
            starts: HashMap::new(),
        };
        locked(self.cursors).by_id.insert(id.clone(), cursor);
        id
    }

    fn open_result(&self, out: &mut Vec<u8>) {
        let Names { api, xsi, .. } = self.names;
        out.extend_from_slice(format!("<{api}result {xsi}:type=\"{api}QueryResult\">").as_bytes());
    }

    fn close_result(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(format!("</{}result>", self.names.api).as_bytes());
    }

    fn head(&self, out: &mut Vec<u8>, locator: Option<&str>) {
        self.names.element(
            out,
            "done",
            Some(if locator.is_none() { "true" } else { "false" }),
        );
        self.names.element(out, "queryLocator", locator);
    }

    fn size(&self, out: &mut Vec<u8>, size: u64) {
        let size = if self.unknown_size {
            "-1".to_owned()
        } else {
            size.to_string()
        };
        self.names.element(out, "size", Some(&size));
    }
}

/// 15 characters of the alphabet of IDs.
fn random_id_text() -> String {
    random_text(15).replace(['.', '_'], "A")
}
