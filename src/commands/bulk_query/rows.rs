//! The result on its way out: Salesforce's own bytes, or records made of them.

use std::io::Write;
use std::sync::Arc;

use anyhow::Result;

use super::api::Ended;
use crate::cli::BulkFormat;
use crate::commands::destination::Destination;
use crate::output::from_csv::FromCsv;
use crate::salesforce::bulk::download::{Options, Progress, Totals, download};
use crate::salesforce::bulk::{BulkError, v1, v2};
use crate::salesforce::client::Client;
use crate::salesforce::soql::Columns;
use crate::ui::Ui;

/// How rows are fetched and written.
pub(super) struct Rows<'a> {
    pub(super) ui: &'a Ui,
    pub(super) client: &'a Arc<Client>,
    pub(super) format: BulkFormat,
    /// The query's columns, for a result without a header.
    pub(super) columns: Columns,
    /// Behind such a header.
    pub(super) line_end: &'static str,
    pub(super) options: Options,
    /// Progress is told beside them.
    pub(super) shows_progress: bool,
}

impl Rows<'_> {
    /// Fetches all results of a job into `out` and returns the number of rows.
    pub(super) fn write(&self, ended: &Ended, out: &mut Destination) -> Result<u64> {
        if self.format == BulkFormat::Csv {
            let totals = self.fetch(ended, out)?;
            if totals.header.is_none() {
                out.write_all(&self.header(ended.delimiter()))?;
            }
            return Ok(totals.rows);
        }
        let mut sink = out.sink(self.ui, self.format.into());
        let mut records = FromCsv::new(&mut *sink, ended.delimiter());
        let totals = self.fetch(ended, &mut records)?;
        records.finish(&self.columns)?;
        Ok(totals.rows)
    }

    fn fetch(&self, ended: &Ended, out: &mut dyn Write) -> Result<Totals, BulkError> {
        let announced = ended.rows();
        let mut progress = |so_far: Progress| {
            if self.shows_progress {
                self.ui.bytes_so_far(so_far.rows, announced, so_far.bytes);
            }
        };
        let client = Arc::clone(self.client);
        let options = &self.options;
        match ended {
            Ended::V1 { job, batches } => {
                let results = Arc::new(v1::Results::new(client, job.clone(), batches));
                download(results, options, out, &mut progress)
            }
            Ended::V2(info) => {
                let results = Arc::new(v2::Results::new(client, info, options.parallel > 1)?);
                let rows = Arc::clone(&results);
                let totals = download(results, options, out, &mut progress)?;
                rows.check()?;
                Ok(totals)
            }
        }
    }

    /// The header of a result without rows, quoted as Salesforce does; nothing where the columns are
    /// not known.
    fn header(&self, delimiter: u8) -> Vec<u8> {
        let Columns::List(columns) = &self.columns else {
            return Vec::new();
        };
        let mut line = Vec::new();
        for (place, column) in columns.iter().enumerate() {
            if place > 0 {
                line.push(delimiter);
            }
            line.push(b'"');
            line.extend_from_slice(column.name.replace('"', "\"\"").as_bytes());
            line.push(b'"');
        }
        line.extend_from_slice(self.line_end.as_bytes());
        line
    }
}
