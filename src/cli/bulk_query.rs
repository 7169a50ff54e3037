//! `sfmtls bulk-query`: its arguments and their help texts.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::values::{file, whole_number};
use super::{Soql, defaults};
use crate::output::Format;

/// `sfmtls bulk-query`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
        sfmtls bulk-query \"SELECT Id, Email FROM Contact\" --output-file contacts.csv\n  \
        sfmtls bulk-query \"SELECT Id FROM Contact\" --pk-chunking --wait 2h\n  \
        sfmtls bulk-query --job-id 750R0000000zlh9 --output-file contacts.csv")]
pub struct BulkQuery {
    /// Where the query comes from.
    #[command(flatten)]
    pub soql: Soql,
    /// Version of the Bulk API [default: 1]
    #[arg(
        long,
        value_name = "VERSION",
        value_enum,
        ignore_case = true,
        default_value_t = BulkApi::V1,
        hide_default_value = true
    )]
    pub bulk_api: BulkApi,
    /// 1.0: object of the job [default: the one in the FROM clause]
    #[arg(hide_short_help = true, long, value_name = "NAME", value_parser = api_name)]
    pub object: Option<String>,
    /// 1.0: split the query into ranges of IDs
    ///
    /// Salesforce does so, in chunks of SIZE rows, at most 250000: for queries that it would otherwise
    /// give up on.
    #[arg(long, value_name = "SIZE", num_args = 0..=1, require_equals = true, value_parser = whole_number(1..=250_000_u32))]
    pub pk_chunking: Option<Option<u32>>,
    /// 1.0: split by the IDs of this object, for sharing and history objects
    #[arg(hide_short_help = true, long, value_name = "OBJECT", value_parser = api_name, requires = "pk_chunking")]
    pub pk_parent: Option<String>,
    /// Include deleted and archived rows (queryAll)
    #[arg(long)]
    pub all_rows: bool,
    /// Start the job, print its ID and exit
    ///
    /// Wait for it and download its rows later, with --job-id.
    #[arg(long = "async", conflicts_with_all = ["job_id", "wait", "output_file", "result_format"])]
    pub detached: bool,
    /// Wait for an existing job and download its rows
    #[arg(long, value_name = "ID", conflicts_with_all = ["soql", "query", "file", "object", "pk_chunking", "all_rows", "column_delimiter", "line_ending"])]
    pub job_id: Option<String>,
    /// Maximum wait for the job: 90s, 10m, 1h30m
    ///
    /// A bare number is minutes. After that time the exit status is 7, and the job goes on; 0 checks once.
    /// [default: until it is done]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub wait: Option<Duration>,
    /// Abort the job given by --job-id
    #[arg(long, requires = "job_id", conflicts_with_all = ["soql", "query", "file", "detached", "wait", "output_file", "result_format"])]
    pub abort: bool,
    /// Download this many files or pages at once [default: 4]
    ///
    /// The rows still come out in the server's order.
    #[arg(hide_short_help = true, long, value_name = "N", value_parser = whole_number(1..=64_u8), default_value_t = defaults::PARALLEL, hide_default_value = true)]
    pub parallel: u8,
    /// Format [default: csv]
    ///
    /// A table cuts long cells with "…"; -r csv has them whole.
    #[arg(
        short = 'r',
        long,
        value_name = "FORMAT",
        value_enum,
        ignore_case = true
    )]
    pub result_format: Option<BulkFormat>,
    /// 2.0: column delimiter [default: COMMA]
    #[arg(
        hide_short_help = true,
        long,
        value_name = "NAME",
        value_enum,
        ignore_case = true
    )]
    pub column_delimiter: Option<ColumnDelimiter>,
    /// 2.0: line ending [default: LF]
    #[arg(
        hide_short_help = true,
        long,
        value_name = "NAME",
        value_enum,
        ignore_case = true
    )]
    pub line_ending: Option<LineEnding>,
    /// Write the rows to this file once all are there
    ///
    /// "-" means standard output.
    #[arg(long, value_name = "FILE")]
    output_file: Option<PathBuf>,
}

impl BulkQuery {
    /// The file to write the rows to; `None` is standard output.
    pub fn output_file(&self) -> Option<&Path> {
        file(&self.output_file)
    }

    /// Options as typed that one Bulk API alone has: 1.0, and 2.0.
    pub fn of_one_api(&self) -> [Option<&'static str>; 2] {
        let typed = |options: [(&'static str, bool); 2]| {
            let mut options = options.into_iter();
            options.find_map(|(option, is_typed)| is_typed.then_some(option))
        };
        [
            typed([
                ("--object", self.object.is_some()),
                ("--pk-chunking", self.pk_chunking.is_some()),
            ]),
            typed([
                ("--column-delimiter", self.column_delimiter.is_some()),
                ("--line-ending", self.line_ending.is_some()),
            ]),
        ]
    }
}

/// Bulk APIs, by version; a minor version and a `v` before it may be typed, as for `--api-version`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BulkApi {
    /// Bulk API 1.0: a job, batches and result files.
    #[value(name = "1", aliases = ["1.0", "v1", "v1.0"])]
    V1,
    /// Bulk API 2.0: a query job and pages.
    #[value(name = "2", aliases = ["2.0", "v2", "v2.0"])]
    V2,
}

/// Formats of bulk rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BulkFormat {
    /// As Salesforce sent it, with a single header line.
    Csv,
    /// One document.
    Json,
    /// One record per line.
    Ndjson,
    /// Aligned columns.
    Human,
}

impl BulkFormat {
    /// The name as it is typed after `-r`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Human => "human",
        }
    }
}

impl From<BulkFormat> for Format {
    fn from(format: BulkFormat) -> Self {
        match format {
            BulkFormat::Csv => Self::Csv,
            BulkFormat::Json => Self::Json,
            BulkFormat::Ndjson => Self::Ndjson,
            BulkFormat::Human => Self::Human,
        }
    }
}

/// What stands between cells, named as Salesforce names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "UPPER")]
#[expect(missing_docs, reason = "the names say it")]
pub enum ColumnDelimiter {
    Comma,
    Tab,
    Pipe,
    Semicolon,
    Caret,
    Backquote,
}

/// How lines end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "UPPER")]
pub enum LineEnding {
    /// Line feed.
    Lf,
    /// Carriage return and line feed.
    Crlf,
}

/// The API name of an object: `Contact`, `acme__Invoice__c`.
fn api_name(text: &str) -> Result<String, String> {
    let is_name = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    match is_name {
        true => Ok(text.to_owned()),
        false => Err("an object's API name has letters, digits and underscores".to_owned()),
    }
}

/// `90s`, `10m`, `1h30m`; a bare number is minutes, as in `sf`.
fn duration(text: &str) -> Result<Duration, String> {
    seconds_of(text)
        .map(Duration::from_secs)
        .ok_or_else(|| "expected a time such as 90s, 10m or 1h30m".to_owned())
}

fn seconds_of(text: &str) -> Option<u64> {
    let number = |digits: &str| match digits.bytes().all(|byte| byte.is_ascii_digit()) {
        true => digits.parse::<u64>().ok(),
        false => None,
    };
    if let Some(minutes) = number(text) {
        return minutes.checked_mul(60);
    }
    // From the largest unit to the smallest, each once at most.
    let mut rest = text;
    let mut seconds = 0_u64;
    for (unit, length) in [('h', 3600), ('m', 60), ('s', 1)] {
        if let Some((digits, after)) = rest.split_once(unit) {
            seconds = seconds.checked_add(number(digits)?.checked_mul(length)?)?;
            rest = after;
        }
    }
    (rest.is_empty() && !text.is_empty()).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_has_an_api_name() {
        for name in ["Contact", "acme__Invoice__c", "A1"] {
            assert_eq!(api_name(name).as_deref(), Ok(name));
        }
        for wrong in [
            "",
            " ",
            "Con tact",
            "Contact ",
            "_c",
            "1A",
            "Contact;x",
            "Kontó",
            "A.B",
            "a\n",
        ] {
            assert!(api_name(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_duration_is_in_seconds_minutes_or_hours_and_minutes_where_nothing_is_said() {
        for (text, seconds) in [
            ("90s", 90),
            ("10m", 600),
            ("2h", 7200),
            ("3", 180),
            ("0", 0),
            ("1h30m", 5400),
            ("1h30m15s", 5415),
            ("2h1s", 7201),
            ("90m", 5400),
            ("0m45s", 45),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for wrong in [
            "",
            "s",
            "1d",
            "-1",
            "1.5h",
            "1 m",
            "99999999999999999h",
            "h",
            "1h30",
            "30m1h",
            "1h1h",
            "1h m",
            "1hm",
            "+1h",
            "5000000000000000h1600000000000000000m",
            "99999999999999999999",
        ] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
