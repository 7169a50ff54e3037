//! AggregateResults: GROUP BY and the aggregate functions.

use std::collections::{BTreeMap, BTreeSet};

use super::data::{Data, Kind};
use super::filter::Path;
use super::soap::{Fault, Names};
use super::soql::{self, Aggregate, Column, ColumnValue, Key, Value};

/// AggregateResults cannot be paged (SOQL reference, GROUP BY).
const MOST_GROUPS: usize = 2000;

/// The groups of one query.
pub(super) struct Groups<'q> {
    keys: &'q [Path],
    columns: &'q [Column],
    totals: Vec<(Vec<Option<String>>, Vec<Total>)>,
}

/// One aggregate while rows are seen.
#[derive(Clone, Default)]
struct Total {
    count: u64,
    sum: f64,
    distinct: BTreeSet<String>,
    least: Option<String>,
    greatest: Option<String>,
}

/// Looks at all rows. Without keys there is one group, even of no rows.
pub(super) fn collect<'q>(
    data: &Data,
    rows: impl Iterator<Item = u64>,
    keys: &'q [Path],
    columns: &'q [Column],
) -> Result<Groups<'q>, Fault> {
    let none = vec![Total::default(); columns.len()];
    let mut totals = BTreeMap::new();
    if keys.is_empty() {
        totals.insert(Vec::new(), none.clone());
    }
    let mut scratch = String::new();
    for row in rows {
        let key: Vec<Option<String>> = keys
            .iter()
            .map(|key| key.value(data, row, &mut scratch).then(|| scratch.clone()))
            .collect();
        let group: &mut Vec<Total> = totals.entry(key).or_insert_with(|| none.clone());
        for (column, total) in columns.iter().zip(group) {
            if let ColumnValue::Aggregate(aggregate, path) = &column.value
                && path.value(data, row, &mut scratch)
            {
                total.add(*aggregate, path, &scratch);
            }
        }
        if totals.len() > MOST_GROUPS {
            return Err(Fault::unexpected(
                "EXCEEDED_ID_LIMIT",
                "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch",
            ));
        }
    }
    Ok(Groups {
        keys,
        columns,
        totals: totals.into_iter().collect(),
    })
}

impl Groups<'_> {
    pub(super) fn len(&self) -> u64 {
        self.totals.len() as u64
    }

    /// Sorts the groups by their keys.
    pub(super) fn sort(&mut self, order: &[Key]) {
        let keys = self.keys;
        let values = |group: &[Option<String>]| -> Vec<Value> {
            let value_of = |key: &Key| {
                let at = keys.iter().position(|path| *path == key.path);
                key.value(at.and_then(|at| group[at].as_deref()))
            };
            order.iter().map(value_of).collect()
        };
        self.totals
            .sort_by(|(one, _), (two, _)| soql::compare(order, &values(one), &values(two)));
    }

    /// Writes the `records` elements.
    pub(super) fn write(&self, names: &Names, out: &mut Vec<u8>) {
        let Names {
            api,
            object: sf,
            xsi,
            xsd,
            ..
        } = names;
        for (key, totals) in &self.totals {
            let mut text = format!("<{api}records {xsi}:type=\"{sf}sObject\">");
            text += &format!("<{sf}type>AggregateResult</{sf}type><{sf}Id {xsi}:nil=\"true\"/>");
            out.extend_from_slice(text.as_bytes());
            for (column, total) in self.columns.iter().zip(totals) {
                let (kind, value) = match &column.value {
                    ColumnValue::Key(index) => (key_type(&self.keys[*index]), key[*index].clone()),
                    ColumnValue::Aggregate(aggregate, path) => total.result(*aggregate, path),
                };
                let name = &column.name;
                match value {
                    Some(value) => {
                        let open = format!("<{sf}{name} {xsi}:type=\"{xsd}:{kind}\">");
                        out.extend_from_slice(open.as_bytes());
                        super::soap::escape(&value, out);
                        out.extend_from_slice(format!("</{sf}{name}>").as_bytes());
                    }
                    None => out
                        .extend_from_slice(format!("<{sf}{name} {xsi}:nil=\"true\"/>").as_bytes()),
                }
            }
            out.extend_from_slice(format!("</{api}records>").as_bytes());
        }
    }
}

fn key_type(path: &Path) -> &'static str {
    if path.field.kind == Kind::Number {
        "double"
    } else {
        "string"
    }
}

impl Total {
    fn add(&mut self, aggregate: Aggregate, path: &Path, value: &str) {
        self.count += 1;
        let number = |text: &str| text.parse::<f64>().unwrap_or_default();
        let is_less = |one: &str, two: &str| match path.field.kind {
            Kind::Number => number(one) < number(two),
            _ => one < two,
        };
        match aggregate {
            Aggregate::Count => {}
            Aggregate::CountDistinct => {
                self.distinct.insert(value.to_owned());
            }
            Aggregate::Sum | Aggregate::Average => self.sum += number(value),
            Aggregate::Least
                if self
                    .least
                    .as_deref()
                    .is_none_or(|least| is_less(value, least)) =>
            {
                self.least = Some(value.to_owned());
            }
            Aggregate::Greatest
                if self
                    .greatest
                    .as_deref()
                    .is_none_or(|most| is_less(most, value)) =>
            {
                self.greatest = Some(value.to_owned());
            }
            Aggregate::Least | Aggregate::Greatest => {}
        }
    }

    /// Type and value.
    fn result(&self, aggregate: Aggregate, path: &Path) -> (&'static str, Option<String>) {
        #[expect(
            clippy::cast_precision_loss,
            reason = "an org holds fewer rows than 2^52"
        )]
        let count = self.count as f64;
        match aggregate {
            Aggregate::Count => ("int", Some(self.count.to_string())),
            Aggregate::CountDistinct => ("int", Some(self.distinct.len().to_string())),
            Aggregate::Sum => (
                "double",
                (self.count > 0).then(|| format!("{:?}", self.sum)),
            ),
            Aggregate::Average => (
                "double",
                (self.count > 0).then(|| format!("{:?}", self.sum / count)),
            ),
            Aggregate::Least => (key_type(path), self.least.clone()),
            Aggregate::Greatest => (key_type(path), self.greatest.clone()),
        }
    }
}
