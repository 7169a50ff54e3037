//! xml: the server's own records in one document.

use std::io::{self, Write};
use std::sync::Arc;

use super::{RowSink, Totals};
use crate::salesforce::record::Record;
use crate::salesforce::soap::namespace::PARTNER;
use crate::salesforce::soap::query::push_raw;
use crate::salesforce::soql::Columns;

/// Root `queryResult`, which declares the server's namespaces, its `records` elements with `Id` once,
/// then `size`.
#[derive(Debug)]
pub struct XmlSink<W> {
    out: W,
    element: String,
    /// The declarations on the root, once that has been written.
    namespaces: Option<Arc<str>>,
}

impl<W: Write> XmlSink<W> {
    /// Writes to `out`, which should be buffered.
    pub fn new(out: W) -> Self {
        Self {
            out,
            element: String::new(),
            namespaces: None,
        }
    }

    /// The root can be written when the namespaces of the records are known.
    fn root(&mut self, namespaces: Arc<str>) -> io::Result<Arc<str>> {
        if let Some(namespaces) = &self.namespaces {
            return Ok(Arc::clone(namespaces));
        }
        // The root is in the API's namespace whatever prefix the server gave that. Its records have
        // no names without a namespace (elementFormDefault of the partner WSDL is qualified).
        let default = match namespaces.contains(" xmlns=") {
            true => String::new(),
            false => format!(" xmlns=\"{PARTNER}\""),
        };
        writeln!(self.out, "<queryResult{default}{namespaces}>")?;
        Ok(Arc::clone(self.namespaces.insert(namespaces)))
    }
}

impl<W: Write> RowSink for XmlSink<W> {
    fn begin(&mut self, _: &Columns) -> io::Result<()> {
        self.out
            .write_all(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
    }

    fn row(&mut self, record: &Record<'_>) -> io::Result<()> {
        let namespaces = self.root(record.raw.namespaces.clone().unwrap_or_default())?;
        self.element.clear();
        push_raw(&mut self.element, record, &namespaces)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        self.element.push('\n');
        self.out.write_all(self.element.as_bytes())
    }

    fn finish(&mut self, totals: Totals) -> io::Result<()> {
        self.root(format!(" xmlns=\"{PARTNER}\"").into())?;
        writeln!(self.out, "<size>{}</size>\n</queryResult>", totals.total())?;
        self.out.flush()
    }
}
