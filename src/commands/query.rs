//! `sfmtls query`: every page of a SOQL query, its rows counted against the size Salesforce told.
//!
//! One thread fetches, on one connection: it takes the locator from the head of a page and asks for
//! the next one while this thread parses and writes. A rendezvous channel bounds that to two pages
//! in memory, and their buffers go back and forth. A query with child subqueries goes one page at a
//! time, because the children's locators have to be followed first.

use std::ffi::c_int;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};

use anyhow::Result;

use super::destination::{self, Destination, say_rows};
use crate::cli::{Query, RowFormat, defaults};
use crate::context::Context;
use crate::error::{RowsMiscounted, UsageError};
use crate::output::{RowSink, Totals};
use crate::salesforce::call;
use crate::salesforce::client::{Client, ClientError};
use crate::salesforce::record::Record;
use crate::salesforce::soap::envelope;
use crate::salesforce::soap::query::{self as soap, Page, PageError, Trail};
use crate::salesforce::soql::{self, Columns};
use crate::signals;
use crate::text::secret::{SecretText, Words};
use crate::text::words::count;
use crate::text::xml::decode;
use crate::ui::Ui;

/// Runs the query and writes all its rows.
///
/// # Errors
/// When a call fails, the output cannot be written, or rows are missing.
pub fn run(context: &Context, arguments: &Query) -> Result<()> {
    let soql = context.soql(&arguments.soql)?;
    let format = format(context, arguments)?;
    let columns = soql::columns(&soql);
    let first = soap::query_body(&soql, arguments.all_rows)?;
    context.spare_inputs(arguments.output_file(), arguments.soql.file.as_deref())?;
    // The folder is tried before the first request.
    let mut output = Destination::open(&context.ui, arguments.output_file(), format.into())?;
    let interrupted = say_interrupted(&context.ui, output.rows());
    let _clean_up = signals::clean_up_first(interrupted)?;
    let shows_progress = !output.is_stdout() || context.ui.shows_progress_beside_rows();
    let mut client = context.client()?;

    let batch_size = arguments.batch_size.unwrap_or(defaults::BATCH_SIZE);
    let totals = {
        let on_the_way = output.rows();
        let mut sink = output.sink(&context.ui, format.into());
        let mut rows = Rows {
            ui: &context.ui,
            shows_progress,
            columns: &columns,
            sink: &mut *sink,
            on_the_way,
            written: 0,
            size: None,
        };
        if soql::has_children(&soql) {
            page_by_page(&mut client, first, batch_size, &mut rows)?;
        } else {
            side_by_side(client, first, batch_size, &mut rows)?;
        }
        rows.finish()?
    };
    output.finish()?;
    context.ui.end_progress();
    let file = arguments.output_file();
    if columns == Columns::Count {
        // The number is the result, there are no rows.
        return match file {
            Some(file) if context.ui.json() => {
                let document = serde_json::json!({ "count": totals.total(), "file": file });
                Ok(context.ui.print_json(&document)?)
            }
            _ => Ok(()),
        };
    }
    Ok(say_rows(&context.ui, totals.rows, file, format.into())?)
}

/// A signal leaves part of a result behind: a reader could take it for the whole. With `--json` the
/// document says so.
fn say_interrupted(
    ui: &Arc<Ui>,
    rows: Option<Arc<destination::Rows>>,
) -> impl FnMut(c_int) + Send + use<> {
    let ui = Arc::clone(ui);
    move |_| {
        ui.stop_progress();
        let written = rows.as_ref().map_or(0, |rows| rows.written());
        if written > 0 && !ui.json() {
            let were = if written == 1 { "was" } else { "were" };
            ui.remark(Words::ours(format_args!(
                "interrupted: {} {were} written, the result is not complete",
                count(written, "row")
            )));
        }
    }
}

/// `--json` is `-r json`; only a file may have another format, its document being on standard output.
fn format(context: &Context, arguments: &Query) -> Result<RowFormat, UsageError> {
    let json = context.ui.json();
    let to_file = arguments.output_file().is_some();
    match arguments.result_format {
        Some(format) if json && !to_file && format != RowFormat::Json => {
            Err(UsageError::json_and_format())
        }
        Some(format) => Ok(format),
        None if json => Ok(RowFormat::Json),
        None if to_file => Ok(RowFormat::Csv),
        None if context.ui.terminals().stdout => Ok(RowFormat::Human),
        None => Ok(RowFormat::Csv),
    }
}

/// The rows on their way to the sink, counted.
struct Rows<'a> {
    ui: &'a Ui,
    shows_progress: bool,
    columns: &'a Columns,
    sink: &'a mut dyn RowSink,
    on_the_way: Option<Arc<destination::Rows>>,
    written: u64,
    size: Option<i64>,
}

impl Rows<'_> {
    /// Writes one page's rows.
    fn page(
        &mut self,
        page: &[u8],
        mut complete: impl FnMut(&mut Record<'_>) -> Result<()>,
    ) -> Result<()> {
        if self.size.is_none() {
            self.sink.begin(self.columns)?;
        }
        let text = decode(page).map_err(PageError::from)?;
        let mut page = Page::open(&text)?;
        let mut record = Record::default();
        while page.next(&mut record)? {
            complete(&mut record)?;
            if let Some((relationship, children)) = record.incomplete_children() {
                return Err(RowsMiscounted {
                    children: Some(relationship.to_owned()),
                    announced: children.size,
                    received: children.records.len() as u64,
                }
                .into());
            }
            self.sink.row(&record)?;
            self.written += 1;
            if let Some(rows) = &self.on_the_way {
                rows.given();
            }
        }
        self.size = page.size();
        self.count(|written, size| written <= size)?;
        if self.shows_progress && page.head().locator.is_some() {
            let size = self.size.and_then(|size| size.try_into().ok());
            self.ui.rows_so_far(self.written, size);
        }
        Ok(())
    }

    /// Ends the result, if it is whole.
    fn finish(&mut self) -> Result<Totals> {
        self.count(|written, size| written == size)?;
        let totals = Totals {
            rows: self.written,
            size: self.size.unwrap_or(0),
        };
        self.sink.finish(totals)?;
        Ok(totals)
    }

    /// Compares the rows with what was announced, where they are what was counted and Salesforce
    /// knows their number.
    fn count(&self, holds: impl FnOnce(u64, u64) -> bool) -> Result<(), RowsMiscounted> {
        let announced = self.size.unwrap_or(0);
        let counts = *self.columns != Columns::Count;
        match u64::try_from(announced) {
            Ok(size) if counts && !holds(self.written, size) => Err(RowsMiscounted {
                children: None,
                announced,
                received: self.written,
            }),
            _ => Ok(()),
        }
    }
}

/// Asks for a page and reads it whole into `page`.
fn call(
    client: &mut Client,
    operation: &str,
    batch_size: u16,
    page: &mut Vec<u8>,
) -> Result<(), ClientError> {
    let operation = SecretText::from(operation);
    client.call(|transport, base, session| {
        let request = envelope::request(base.soap(), Some(session), Some(batch_size), &operation);
        call::soap_call(transport, &request, call::LARGE_ANSWER, page)
    })
}

/// One page after the other, each record's child rows completed before it is written.
fn page_by_page(
    client: &mut Client,
    first: String,
    batch_size: u16,
    rows: &mut Rows<'_>,
) -> Result<()> {
    let mut next = Some(first);
    let mut trail = Trail::default();
    let mut answer = Vec::new();
    while let Some(operation) = next {
        call(client, &operation, batch_size, &mut answer)?;
        next = next_call(&answer, &mut trail)?;
        rows.page(&answer, |record| {
            soap::complete_children(record, &mut |locator: &str| {
                let mut page = Vec::new();
                call(
                    client,
                    &soap::query_more_body(locator),
                    batch_size,
                    &mut page,
                )?;
                Ok(page)
            })
        })?;
    }
    Ok(())
}

/// What asks for the page after this one; `None` after the last.
fn next_call(page: &[u8], trail: &mut Trail) -> Result<Option<String>, PageError> {
    let Some(locator) = soap::head(page)?.locator else {
        return Ok(None);
    };
    trail.follow(&locator)?;
    Ok(Some(soap::query_more_body(&locator)))
}

/// The next page is fetched while this one is parsed and written.
fn side_by_side(client: Client, first: String, batch_size: u16, rows: &mut Rows<'_>) -> Result<()> {
    let (pages, arriving) = sync_channel(0);
    let (spent, buffers) = channel();
    let fetcher = std::thread::spawn(move || fetch(client, first, batch_size, &pages, &buffers));
    for page in arriving {
        // Ending here, the fetcher is left alone: its last call may still be on the way, and nobody
        // waits for the answer.
        let page = page?;
        rows.page(&page, |_| Ok(()))?;
        // A fetcher that has all it needs takes no more buffers.
        let _ = spent.send(page);
    }
    match fetcher.join() {
        Ok(()) => Ok(()),
        // No page more came, but not because there is none.
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

type FetchedPage = Result<Vec<u8>, anyhow::Error>;

/// Fetches page after page until the last one, or until nobody takes them any more.
fn fetch(
    mut client: Client,
    first: String,
    batch_size: u16,
    pages: &SyncSender<FetchedPage>,
    buffers: &Receiver<Vec<u8>>,
) {
    let mut next = Some(first);
    let mut trail = Trail::default();
    while let Some(operation) = next.take() {
        let mut page = buffers.try_recv().unwrap_or_default();
        let fetched = call(&mut client, &operation, batch_size, &mut page)
            .map_err(anyhow::Error::from)
            .and_then(|()| {
                next = next_call(&page, &mut trail)?;
                Ok(page)
            });
        if pages.send(fetched).is_err() {
            return;
        }
    }
}
