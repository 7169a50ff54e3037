//! The pages of a job's result, found by `resultPages` where the server has it, else by locators.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{JobInfo, get, result_pages};
use crate::salesforce::bulk::download::{Opened, Source};
use crate::salesforce::bulk::{BulkError, Id};
use crate::salesforce::call::{self, open};
use crate::salesforce::client::{Client, ClientError};
use crate::salesforce::endpoint::ApiVersion;

/// The first version with `resultPages` (Bulk API 2.0 developer guide, "Get Results in Parallel").
const PARALLEL_SINCE: u16 = 58;

/// Rows in a page that is requested by locator: a page that is cut off is read again from its beginning,
/// and the server's own pages may have a gigabyte.
const PAGE_ROWS: u32 = 250_000;

/// A job's pages; their rows are compared with what each page and the job announce.
pub struct Results {
    client: Arc<Client>,
    /// `/services/data/v64.0/jobs/query/750…`, at the version the job was made at.
    path: String,
    job: Id,
    /// How many rows the job has; `None` if it does not say.
    announced: Option<u64>,
    page_rows: u32,
    state: Mutex<State>,
}

struct State {
    cursor: Cursor,
    /// The URLs that were followed: one that comes again leads in a circle.
    followed: HashSet<String>,
    received: u64,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Cursor {
    /// The page of this locator; `None` is the first page.
    Locator(Option<String>),
    /// Pages from a list, and where the rest of the list is.
    Pages {
        urls: VecDeque<String>,
        more: Option<String>,
    },
    End,
}

/// One page.
pub struct Page {
    url: String,
    /// By locator, a page is opened to find the next one: then this is the opened page.
    opened: Option<call::Opened>,
    announced: Option<u64>,
}

impl Results {
    /// The pages of a complete job; `parallel` finds them by `resultPages`, which takes one more call.
    ///
    /// # Errors
    /// When the job's version is not one.
    pub fn new(client: Arc<Client>, job: &JobInfo, parallel: bool) -> Result<Self, BulkError> {
        let version: ApiVersion = match &job.version {
            Some(version) => version.parse().map_err(ClientError::from)?,
            None => client.version,
        };
        let path = format!("/services/data/v{version}/jobs/query/{}", job.id);
        let cursor = match parallel && version.number() >= PARALLEL_SINCE {
            true => Cursor::Pages {
                urls: VecDeque::new(),
                more: Some(list_of(&path)),
            },
            false => Cursor::Locator(None),
        };
        Ok(Self {
            client,
            path,
            job: job.id.clone(),
            announced: job.rows,
            page_rows: PAGE_ROWS,
            state: Mutex::new(State {
                cursor,
                followed: HashSet::new(),
                received: 0,
            }),
        })
    }

    /// Sets how many rows a page has that is requested by locator; the default is 250,000.
    #[must_use]
    pub fn with_page_rows(self, page_rows: u32) -> Self {
        Self { page_rows, ..self }
    }

    /// Compares the number of all rows with what the job announced. To be called after the download.
    ///
    /// # Errors
    /// When they differ.
    pub fn check(&self) -> Result<(), BulkError> {
        let received = self.lock().received;
        match self.announced {
            Some(announced) if announced != received => Err(BulkError::OtherRows {
                what: format!("job {}", self.job),
                announced,
                received,
            }),
            _ => Ok(()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn request(&self, url: &str) -> Result<call::Opened, ClientError> {
        self.client.call(|transport, base, session| {
            let request = get(base.adopt(url)?, session, "text/csv");
            Ok::<_, ClientError>(open(transport, &request)?)
        })
    }

    /// The page at a locator, and what comes after it.
    fn page(&self, locator: Option<&str>) -> Result<(Page, Cursor), BulkError> {
        let mut url = format!("{}/results?maxRecords={}", self.path, self.page_rows);
        if let Some(locator) = locator {
            let locator = utf8_percent_encode(locator, NON_ALPHANUMERIC);
            url = format!("{url}&locator={locator}");
        }
        self.follow(&url)?;
        let opened = self.request(&url)?;
        let next = opened.headers.get("Sforce-Locator");
        let next = next.and_then(|value| value.to_str().ok()).map(str::trim);
        let page = Page {
            announced: None,
            opened: None,
            url,
        };
        let cursor = match next {
            Some("null") => Cursor::End,
            Some(locator) if !locator.is_empty() => Cursor::Locator(Some(locator.to_owned())),
            _ => {
                return Err(BulkError::NoLocator {
                    result: self.name(&page),
                });
            }
        };
        let opened = Some(opened);
        Ok((Page { opened, ..page }, cursor))
    }
}

fn list_of(path: &str) -> String {
    format!("{path}/resultPages")
}

fn page_name(url: &str, job: &Id) -> String {
    let locator = url.split_once("locator=");
    match locator.and_then(|(_, rest)| rest.split('&').next()) {
        Some(locator) => format!("page {locator} of job {job}"),
        None => format!("the first page of job {job}"),
    }
}

fn is_not_found(error: &ClientError) -> bool {
    error.call().is_some_and(|call| call.status == Some(404))
}

impl Source for Results {
    type Part = Page;

    fn next(&self) -> Result<Option<Page>, BulkError> {
        loop {
            // Only one thread at a time is here, so the cursor does not move meanwhile.
            let cursor = std::mem::replace(&mut self.lock().cursor, Cursor::End);
            let (page, cursor) = match cursor {
                Cursor::End => return Ok(None),
                Cursor::Locator(locator) => {
                    let (page, cursor) = self.page(locator.as_deref())?;
                    (Some(page), cursor)
                }
                Cursor::Pages { mut urls, more } => match (urls.pop_front(), more) {
                    (Some(url), more) => {
                        self.follow(&url)?;
                        let page = Page {
                            url,
                            opened: None,
                            announced: None,
                        };
                        (Some(page), Cursor::Pages { urls, more })
                    }
                    (None, None) => return Ok(None),
                    (None, Some(path)) => (None, self.more_pages(&path)?),
                },
            };
            self.lock().cursor = cursor;
            if page.is_some() {
                return Ok(page);
            }
        }
    }

    fn open(&self, page: &mut Page) -> Result<Opened, BulkError> {
        let opened = match page.opened.take() {
            Some(opened) => opened,
            None => self.request(&page.url)?,
        };
        let announced = opened.headers.get("Sforce-NumberOfRecords");
        let announced = announced.and_then(|value| value.to_str().ok()?.trim().parse().ok());
        page.announced = announced.or(page.announced);
        Ok(opened.into())
    }

    fn name(&self, page: &Page) -> String {
        page_name(&page.url, &self.job)
    }

    fn finished(&self, page: &Page, rows: u64) -> Result<(), BulkError> {
        self.lock().received += rows;
        match page.announced {
            Some(announced) if announced != rows => Err(BulkError::OtherRows {
                what: self.name(page),
                announced,
                received: rows,
            }),
            _ => Ok(()),
        }
    }
}

impl Results {
    /// Notes that a URL is about to be followed.
    ///
    /// # Errors
    /// When it was followed before.
    fn follow(&self, url: &str) -> Result<(), BulkError> {
        match self.lock().followed.insert(url.to_owned()) {
            true => Ok(()),
            false => Err(BulkError::Circle {
                result: page_name(url, &self.job),
            }),
        }
    }

    fn more_pages(&self, path: &str) -> Result<Cursor, BulkError> {
        self.follow(path)?;
        let answer = match result_pages(&self.client, path) {
            // A server without lists of pages has locators.
            Err(error) if is_not_found(&error) && path == list_of(&self.path) => {
                return Ok(Cursor::Locator(None));
            }
            answer => answer?,
        };
        let more = answer.next_records_url.filter(|_| !answer.done);
        // If it is not the last list, but names no other, rows would be left out.
        if more.is_none() && !answer.done {
            return Err(BulkError::NoLocator {
                result: format!("a list of pages of job {}", self.job),
            });
        }
        Ok(Cursor::Pages {
            urls: answer
                .pages
                .into_iter()
                .map(|page| page.result_url)
                .collect(),
            more,
        })
    }
}
