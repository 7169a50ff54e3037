//! The result on its way out: Salesforce's own bytes, or records made of them.

use std::io::{BufWriter, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Result;

use super::api::Ended;
use crate::cli::BulkFormat;
use crate::commands::destination::Destination;
use crate::context::Context;
use crate::output::from_csv::FromCsv;
use crate::output::{RowSink, human, json};
use crate::salesforce::bulk::download::{Options, Progress, Totals, download};
use crate::salesforce::bulk::{BulkError, v1, v2};
use crate::salesforce::client::Client;
use crate::salesforce::soql::Columns;

/// How rows are written.
pub(super) struct Format<'a> {
    pub(super) kind: BulkFormat,
    /// The query's columns, for a result without a header.
    pub(super) columns: &'a Columns,
    /// Between the cells that come.
    pub(super) delimiter: u8,
}

/// What was written.
pub(super) struct Written {
    pub(super) rows: u64,
}

/// Fetches all results of a job into `out`.
pub(super) fn write(
    context: &Context,
    client: &Arc<Client>,
    ended: Ended,
    format: &Format<'_>,
    options: &Options,
    out: &mut Destination,
    shows_progress: bool,
) -> Result<Written> {
    let announced = ended.rows();
    let mut progress = |progress: Progress| {
        if shows_progress {
            context
                .ui
                .bytes_so_far(progress.rows, announced, progress.bytes);
        }
    };
    let mut fetch = |out: &mut dyn Write| fetch(client, &ended, options, out, &mut progress);
    let totals = match format.kind {
        BulkFormat::Csv => {
            let totals = fetch(out)?;
            if totals.header.is_none() {
                out.write_all(&header(format))?;
            }
            totals
        }
        kind => {
            let style = human::Style {
                width: context.ui.terminals().width.filter(|_| !shows_progress),
                color: context.ui.color_results(),
            };
            let out = BufWriter::with_capacity(64 * 1024, out);
            let mut sink: Box<dyn RowSink + '_> = match kind {
                BulkFormat::Json => Box::new(json::JsonSink::new(out)),
                BulkFormat::Ndjson => Box::new(json::NdjsonSink::new(out)),
                BulkFormat::Human | BulkFormat::Csv => Box::new(human::HumanSink::new(out, style)),
            };
            let mut rows = FromCsv::new(&mut *sink, format.delimiter);
            let totals = fetch(&mut rows)?;
            rows.finish(format.columns)?;
            totals
        }
    };
    Ok(Written { rows: totals.rows })
}

fn fetch(
    client: &Arc<Client>,
    ended: &Ended,
    options: &Options,
    out: &mut dyn Write,
    progress: &mut dyn FnMut(Progress),
) -> Result<Totals, BulkError> {
    let cancel = AtomicBool::new(false);
    let client = Arc::clone(client);
    match ended {
        Ended::One { job, batches } => {
            let results = Arc::new(v1::Results::new(client, job.clone(), batches));
            download(results, options, out, &cancel, progress)
        }
        Ended::Two(info) => {
            let results = Arc::new(v2::Results::new(client, info, options.parallel > 1)?);
            let totals = download(Arc::clone(&results), options, out, &cancel, progress)?;
            results.check()?;
            Ok(totals)
        }
    }
}

/// The header of a result without rows, quoted as Salesforce does; nothing where the columns are not
/// known.
fn header(format: &Format<'_>) -> Vec<u8> {
    let Columns::List(columns) = format.columns else {
        return Vec::new();
    };
    let mut line = Vec::new();
    for (place, column) in columns.iter().enumerate() {
        if place > 0 {
            line.push(format.delimiter);
        }
        line.push(b'"');
        line.extend_from_slice(column.name.replace('"', "\"\"").as_bytes());
        line.push(b'"');
    }
    line.push(b'\n');
    line
}
