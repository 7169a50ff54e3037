//! `sfmtls query`: its arguments and their help texts; where a query comes from.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::values::{file, whole_number};
use crate::output::Format;

/// `sfmtls query`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
        sfmtls query \"SELECT Id, Name FROM Account\" --output-file accounts.csv\n  \
        sfmtls query -f contacts.soql -r ndjson | jq -r .Email\n  \
        sfmtls query \"SELECT COUNT() FROM Contact\"")]
pub struct Query {
    /// Where the query comes from.
    #[command(flatten)]
    pub soql: Soql,
    /// Format [default: human on a terminal, else csv]
    ///
    /// A table cuts long cells with "…"; -r csv has them whole.
    #[arg(
        short = 'r',
        long,
        value_name = "FORMAT",
        value_enum,
        ignore_case = true
    )]
    pub result_format: Option<RowFormat>,
    /// Write the rows to this file once all are there
    ///
    /// "-" means standard output.
    #[arg(long, value_name = "FILE")]
    output_file: Option<PathBuf>,
    /// Include deleted and archived rows (queryAll)
    #[arg(long)]
    pub all_rows: bool,
    /// Rows per page, 200 to 2000 [default: 2000]
    #[arg(long, value_name = "N", value_parser = whole_number(200..=2000_u16))]
    pub batch_size: Option<u16>,
}

impl Query {
    /// The file to write the rows to; `None` is standard output.
    pub fn output_file(&self) -> Option<&Path> {
        file(&self.output_file)
    }
}

/// A query, from one of three places.
#[derive(Debug, Args)]
pub struct Soql {
    /// SOQL query, in quotes ("-": standard input)
    #[arg(value_name = "SOQL")]
    pub soql: Option<String>,
    /// SOQL query, as an option
    #[arg(short = 'q', long = "query", value_name = "SOQL", conflicts_with_all = ["soql", "file"])]
    pub query: Option<String>,
    /// File with the query ("-": standard input)
    #[arg(short = 'f', long, value_name = "FILE", conflicts_with = "soql")]
    pub file: Option<PathBuf>,
}

/// Formats of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RowFormat {
    /// Aligned columns.
    Human,
    /// RFC 4180, with a header line.
    Csv,
    /// One document.
    Json,
    /// One record per line.
    Ndjson,
    /// One document, with the records as the server sent them.
    Xml,
}

impl From<RowFormat> for Format {
    fn from(format: RowFormat) -> Self {
        match format {
            RowFormat::Human => Self::Human,
            RowFormat::Csv => Self::Csv,
            RowFormat::Json => Self::Json,
            RowFormat::Ndjson => Self::Ndjson,
            RowFormat::Xml => Self::Xml,
        }
    }
}
