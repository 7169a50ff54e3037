//! The rows of one batch or job, cut into files or pages.

use std::ops::Range;
use std::sync::Arc;

use super::csv::{Rows, Table};
use super::job::{Job, Work};
use super::repeat::{Block, Repeated};
use super::switches::{BulkSwitches, EmptyResult};
use super::{Api, Asked};
use crate::local_org::answer::{Body, Source};
use crate::local_org::switches::Mishap;

/// Columns come in SELECT order since (Bulk API 2.0 guide).
const FIRST_IN_ORDER: u32 = 50;
/// What a CSV file of 1.0 says in place of rows (salesforcer issue 21).
const SENTENCE: &[u8] = b"Records not found for this query";

/// A result, ready to be cut.
pub(super) struct Results<'a> {
    api: Api,
    table: Table,
    block: Option<Arc<Block>>,
    /// Rows in all.
    pub(super) rows: u64,
    switches: &'a BulkSwitches,
}

impl<'a> Results<'a> {
    pub(super) fn of(asked: &'a Asked<'_>, job: &Job, work: &Work) -> Self {
        let switches = &asked.switches.bulk;
        let mut columns = work.query.paths.clone();
        if job.api == Api::Two && job.version < FIRST_IN_ORDER {
            columns.sort_by_key(super::csv::column_name);
        }
        let mut dialect = job.dialect;
        dialect.nul_bytes = switches.nul_bytes;
        let table = Table {
            data: asked.state.data(asked.switches),
            query: Arc::clone(&work.query),
            rows: work.rows.clone(),
            columns,
            dialect,
        };
        let wanted = switches.result_bytes.and_then(|bytes| {
            let block = Block::of(&table, !switches.repeated_ids)?;
            Some((block.rows_of(bytes), Arc::new(block)))
        });
        let (rows, block) = match wanted {
            Some((rows, block)) => (rows, Some(block)),
            None => (table.count(), None),
        };
        Self {
            api: job.api,
            table,
            block,
            rows,
            switches,
        }
    }

    /// How many files 1.0 has; an empty result has one, too.
    pub(super) fn files(&self) -> u64 {
        self.switches.files.min(self.rows).max(1)
    }

    /// The rows of this file of 1.0, from 0.
    pub(super) fn file(&self, number: u64) -> Range<u64> {
        let files = self.files();
        self.rows * number / files..self.rows * (number + 1) / files
    }

    /// These rows under a header row.
    pub(super) fn body(&self, rows: Range<u64>, mishap: Option<&Mishap>) -> Body {
        match (self.rows, self.switches.empty_result, self.api) {
            (0, EmptyResult::AsUsual, Api::One) => return Body::Bytes(SENTENCE.to_vec()),
            (0, EmptyResult::Nothing, _) => return Body::Bytes(Vec::new()),
            _ => {}
        }
        let missing = match mishap {
            Some(Mishap::FewerRows(missing)) => *missing,
            _ => 0,
        };
        let rows = rows.start..rows.end.saturating_sub(missing).max(rows.start);
        let mut header = Vec::new();
        let reversed = matches!(mishap, Some(Mishap::OtherHeader));
        self.table.write_header(reversed, &mut header);
        let body = match &self.block {
            Some(block) => Body::made(Repeated::new(Arc::clone(block), header, rows)),
            None => Body::Made {
                begun: header,
                source: Box::new(Rows::new(self.table.clone(), rows)),
            },
        };
        match (mishap, body) {
            (Some(Mishap::OtherByte(at)), Body::Made { begun, source }) => Body::made(Spoiled {
                begun,
                source,
                left: Some(*at),
            }),
            (_, body) => body,
        }
    }
}

/// Another source with one byte exchanged.
struct Spoiled {
    begun: Vec<u8>,
    source: Box<dyn Source>,
    /// Bytes before that one.
    left: Option<u64>,
}

impl Source for Spoiled {
    fn fill(&mut self, out: &mut Vec<u8>) -> bool {
        let before = out.len();
        if self.begun.is_empty() && !self.source.fill(out) {
            return false;
        }
        out.append(&mut self.begun);
        let piece = &mut out[before..];
        if let Some(left) = self.left {
            match usize::try_from(left).ok().and_then(|at| piece.get_mut(at)) {
                Some(byte) => {
                    // Never a quote, a delimiter or a line end.
                    *byte = if *byte == b'x' { b'y' } else { b'x' };
                    self.left = None;
                }
                None => self.left = Some(left - piece.len() as u64),
            }
        }
        true
    }
}
