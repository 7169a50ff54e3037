//! The rows that a query selects, in the order they come in.
//!
//! Without ORDER BY, and newest first, they are found one after the other while they are written, so
//! that a million of them needs no memory. Any other order needs them all at once, which has a bound.

use std::ops::Range;
use std::sync::Arc;

use super::data::{Child, Data};
use super::soap::Fault;
use super::soql::{Query, Value, compare};

/// As many rows are sorted at most.
const MOST_SORTED: u64 = 100_000;

/// Places of rows that may belong to a result.
#[derive(Clone)]
pub(super) struct Selection {
    places: Range<u64>,
    /// Only rows that belong to this parent.
    of: Option<(&'static Child, u64)>,
    /// The row at each place, all of them being in the result; without it the place is the row.
    sorted: Option<Arc<[u64]>>,
}

impl Selection {
    /// The rows of a range that the query takes.
    ///
    /// # Errors
    /// When there are too many to be sorted.
    pub(super) fn of(data: &Data, query: &Query, rows: Range<u64>) -> Result<Self, Fault> {
        let all = Self::unsorted(rows);
        if !needs_sorting(query) {
            return Ok(all);
        }
        let most = usize::try_from(MOST_SORTED).unwrap_or(usize::MAX);
        if all.rows(data, query).nth(most).is_some() {
            return Err(Fault::unexpected(
                "OPERATION_TOO_LARGE",
                format!(
                    "ORDER BY sorts {MOST_SORTED} rows at most in this org; CreatedDate DESC is the order of any number"
                ),
            ));
        }
        Ok(all.in_order(data, query))
    }

    /// The rows of a range that a query without ORDER BY takes.
    pub(super) fn unsorted(rows: Range<u64>) -> Self {
        Self {
            places: rows,
            of: None,
            sorted: None,
        }
    }

    /// The rows of a subquery: few.
    pub(super) fn of_parent(
        data: &Data,
        query: &Query,
        child: &'static Child,
        parent: u64,
    ) -> Self {
        let all = Self {
            places: (child.rows)(data, parent),
            of: Some((child, parent)),
            sorted: None,
        };
        match needs_sorting(query) {
            true => all.in_order(data, query),
            false => all,
        }
    }

    fn in_order(self, data: &Data, query: &Query) -> Self {
        let order = &query.order;
        let mut scratch = String::new();
        let mut rows: Vec<(Vec<Value>, u64)> = self
            .rows(data, query)
            .map(|row| {
                let values = order.iter().map(|key| {
                    let there = key.path.value(data, row, &mut scratch);
                    key.value(there.then_some(scratch.as_str()))
                });
                (values.collect(), row)
            })
            .collect();
        rows.sort_by(|(one, _), (two, _)| compare(order, one, two));
        let sorted: Arc<[u64]> = rows.into_iter().map(|(_, row)| row).collect();
        Self {
            places: 0..sorted.len() as u64,
            sorted: Some(sorted),
            ..self
        }
    }

    /// The first place of all.
    pub(super) fn start(&self) -> u64 {
        self.places.start
    }

    /// The next place from `from` on whose row belongs to the result, and that row.
    pub(super) fn next(
        &self,
        data: &Data,
        query: &Query,
        from: u64,
        scratch: &mut String,
    ) -> Option<(u64, u64)> {
        if let Some(sorted) = &self.sorted {
            let row = sorted.get(usize::try_from(from).ok()?)?;
            return Some((from, *row));
        }
        (from..self.places.end)
            .find(|row| {
                self.of
                    .is_none_or(|(child, parent)| (child.parent)(data, *row) == Some(parent))
                    && query.takes(data, *row, scratch)
            })
            .map(|row| (row, row))
    }

    /// Whether there is a row of the result at each place, so that none has to be looked at to be
    /// counted.
    pub(super) fn is_dense(&self, query: &Query) -> bool {
        self.sorted.is_some() || (self.of.is_none() && query.filter.is_none())
    }

    /// All rows, whatever the LIMIT.
    pub(super) fn rows<'a>(
        &'a self,
        data: &'a Data,
        query: &'a Query,
    ) -> impl Iterator<Item = u64> + 'a {
        let mut scratch = String::new();
        let mut from = self.places.start;
        std::iter::from_fn(move || {
            let (place, row) = self.next(data, query, from, &mut scratch)?;
            from = place + 1;
            Some(row)
        })
    }

    /// How many rows there are, up to the LIMIT.
    pub(super) fn count(&self, data: &Data, query: &Query) -> u64 {
        let limit = query.limit.unwrap_or(u64::MAX);
        if self.is_dense(query) {
            return limit.min(self.places.end - self.places.start);
        }
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        self.rows(data, query).take(most).count() as u64
    }
}

fn needs_sorting(query: &Query) -> bool {
    query.order.first().is_some_and(|first| !first.is_natural())
}
