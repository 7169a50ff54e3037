//! What was typed: clap's structures and the help texts. No environment, no I/O.
//!
//! What it means (environment, defaults, combinations) is `settings`' business.

#![expect(
    rustdoc::bare_urls,
    rustdoc::broken_intra_doc_links,
    reason = "the comments on options are help texts, which terminals show as they stand"
)]

mod bulk_query;
mod check_cert;
mod login;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::error::UsageError;
use crate::net::{ConnectTo, TlsVersion};
pub use bulk_query::{BulkFormat, BulkQuery, ColumnDelimiter, LineEnding};
pub use check_cert::CheckCert;
pub use login::Login;

/// The end of `--help`; the statuses that `explain` gives.
const EXIT_STATUS: &str = "\
Exit status:
  0    done, complete
  1    any other failure (a file cannot be written, ...)
  2    wrong usage
  3    login refused, or no valid session
  4    Salesforce answered with a fault, or the bulk job failed
  5    the result is not what was promised (fewer rows, other columns)
  6    network, or an answer that is not Salesforce's
  7    --wait has passed; the job goes on
  8    client certificate: cannot be read, or refused
  9    the server's certificate is not trusted
  130  Ctrl-C (143 by SIGTERM, 129 by SIGHUP)";

/// Salesforce APIs over mutual TLS, with the port moved to 8443 for you.
///
/// Log in on port 443, then call SOAP and Bulk APIs on port 8443 with your client certificate and
/// its intermediates. `sfmtls demo` shows the whole walkthrough on this machine.
#[derive(Debug, Parser)]
#[command(
    name = "sfmtls",
    version,
    arg_required_else_help = true,
    subcommand_required = true,
    after_long_help = EXIT_STATUS,
    max_term_width = 100
)]
pub struct Cli {
    /// Options that every subcommand takes, before or after its name.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Log in (port 443, no certificate) and keep the session for the next commands
    Login(Login),
    /// Forget the cached session
    Logout(Logout),
    /// Who am I: getUserInfo over mutual TLS
    Getuserinfo(GetUserInfo),
    /// Run a SOQL query and write all its rows
    Query(Query),
    /// Run a SOQL query as a bulk job and write all its rows, however many
    BulkQuery(BulkQuery),
    /// What is wrong with this client certificate, and the command that mends it
    CheckCert(CheckCert),
    /// Show the whole walkthrough on this machine, against an imitation org
    #[cfg(feature = "local-org")]
    Demo,
    /// Keep an imitation org running, or run a command with one
    #[cfg(feature = "local-org")]
    LocalOrg(LocalOrg),
    /// Print the completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

impl Command {
    /// Whether it works with an org of the user's: the other commands bring their own or need none.
    pub fn needs_an_org(&self) -> bool {
        match self {
            Self::Login(_)
            | Self::Logout(_)
            | Self::Getuserinfo(_)
            | Self::Query(_)
            | Self::BulkQuery(_)
            | Self::CheckCert(_) => true,
            #[cfg(feature = "local-org")]
            Self::Demo | Self::LocalOrg(_) => false,
            Self::Completions { .. } => false,
        }
    }
}

impl Cli {
    /// Refuses two values that would both be read from standard input.
    ///
    /// # Errors
    /// With the names of the two.
    pub fn one_reader_of_stdin(&self) -> Result<(), UsageError> {
        fn dash(file: &Option<PathBuf>) -> bool {
            file.as_deref() == Some(Path::new("-"))
        }
        let of_command = match &self.command {
            Command::Login(login) => vec![
                ("--password-file", dash(&login.password_file)),
                ("--security-token-file", dash(&login.security_token_file)),
                ("--client-secret-file", dash(&login.client_secret_file)),
                ("--access-token-file", dash(&login.access_token_file)),
            ],
            Command::Query(Query { soql, .. }) | Command::BulkQuery(BulkQuery { soql, .. }) => {
                vec![
                    ("the query", soql.soql.as_deref() == Some("-")),
                    ("--file", dash(&soql.file)),
                ]
            }
            _ => Vec::new(),
        };
        let certificate = ("--cert-pass-file", dash(&self.global.cert_pass_file));
        let mut readers = of_command
            .into_iter()
            .chain([certificate])
            .filter_map(|(name, reads)| reads.then_some(name));
        match (readers.next(), readers.next()) {
            (Some(one), Some(other)) => Err(UsageError::new(format!(
                "{one} and {other} both read standard input"
            ))
            .hint("use a file for one of them")),
            _ => Ok(()),
        }
    }
}

/// The same with advice for the commonest mistake: a query whose words are arguments of their own.
pub fn with_advice(mut error: clap::Error, arguments: &[OsString]) -> clap::Error {
    let mut words = arguments.iter().filter_map(|argument| argument.to_str());
    let unknown = error.kind() == ErrorKind::UnknownArgument;
    if unknown && words.any(|word| word.eq_ignore_ascii_case("SELECT")) {
        let advice = "put the whole query into quotes: \"SELECT Id FROM Contact\"";
        error.insert(
            ContextKind::Suggested,
            ContextValue::StyledStrs(vec![advice.into()]),
        );
    }
    error
}

/// What clap found wrong, without its usage lines.
pub fn usage_error(error: &clap::Error) -> UsageError {
    let text = error.render().to_string();
    let mut paragraphs = text.split("\n\n").map(|paragraph| {
        let words: Vec<_> = paragraph.split_whitespace().collect();
        words.join(" ")
    });
    let message = paragraphs.next().unwrap_or_default();
    let message = message.strip_prefix("error: ").unwrap_or(&message);
    let tip = paragraphs.find_map(|text| text.strip_prefix("tip: ").map(str::to_owned));
    let usage = UsageError::new(message);
    match tip {
        Some(tip) => usage.hint(tip),
        None => usage,
    }
}

/// Options of every subcommand; names, meanings and defaults are the contract of the command line.
#[derive(Debug, Args, Default)]
pub struct Global {
    /// The identity: PKCS#12, or PEM with key, certificate and intermediates in any order
    /// [env: SFMTLS_CERT]
    #[arg(
        short = 'E',
        long,
        global = true,
        value_name = "FILE",
        help_heading = "Identity"
    )]
    pub cert: Option<PathBuf>,
    /// The private key, when it is not in --cert [env: SFMTLS_KEY]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Identity")]
    pub key: Option<PathBuf>,
    /// File with the password of the PKCS#12 or of the encrypted key ("-": standard input); else the
    /// password itself in SFMTLS_CERT_PASSWORD, else a hidden prompt
    #[arg(long, global = true, value_name = "FILE", help_heading = "Identity")]
    pub cert_pass_file: Option<PathBuf>,

    /// Trust these CAs instead of the system's [env: SFMTLS_CACERT]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Connection")]
    pub cacert: Option<PathBuf>,
    /// Do not verify the server; warns each time
    #[arg(short = 'k', long, global = true, help_heading = "Connection")]
    pub insecure: bool,
    /// Lowest TLS version: 1.2 or 1.3 [default: 1.2]
    #[arg(long, global = true, value_name = "VERSION", value_parser = tls_version, help_heading = "Connection")]
    pub tls_min: Option<TlsVersion>,
    /// Port that every API call is moved to [env: SFMTLS_MTLS_PORT] [default: 8443]
    #[arg(long, global = true, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Connection")]
    pub mtls_port: Option<u16>,
    /// Port without mutual TLS, for login [env: SFMTLS_LOGIN_PORT] [default: 443]
    #[arg(long, global = true, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Connection")]
    pub login_port: Option<u16>,
    /// HTTP CONNECT proxy, http[s]://[user:password@]host[:port] [env: HTTPS_PROXY, ALL_PROXY]
    #[arg(
        short = 'x',
        long,
        global = true,
        value_name = "URL",
        help_heading = "Connection"
    )]
    pub proxy: Option<String>,
    /// Hosts that are reached without the proxy, separated by commas [env: NO_PROXY]
    #[arg(long, global = true, value_name = "LIST", help_heading = "Connection")]
    pub noproxy: Option<String>,
    /// Connect to HOST2:PORT2 instead of HOST1:PORT1, keeping HOST1's name, SNI and verification
    #[arg(long, global = true, value_name = "HOST1:PORT1:HOST2:PORT2", value_parser = connect_to, help_heading = "Connection")]
    pub connect_to: Vec<ConnectTo>,
    /// Longest time for TCP and TLS [default: 10]
    #[arg(long, global = true, value_name = "SECS", value_parser = seconds, help_heading = "Connection")]
    pub connect_timeout: Option<Duration>,
    /// Longest silence on a connection; an answer's head has twice as long [default: 180]
    #[arg(long, global = true, value_name = "SECS", value_parser = seconds, help_heading = "Connection")]
    pub idle_timeout: Option<Duration>,
    /// How often to try again after a passing fault [default: 4]
    #[arg(long, global = true, value_name = "N", help_heading = "Connection")]
    pub retry: Option<u32>,

    /// Version of the API; SOAP login uses at most 64.0 [env: SFMTLS_API_VERSION] [default: 64.0]
    #[arg(long, global = true, value_name = "V", help_heading = "Session")]
    pub api_version: Option<String>,
    /// Which cached session [env: SFMTLS_PROFILE] [default: default]
    #[arg(long, global = true, value_name = "NAME", help_heading = "Session")]
    pub profile: Option<String>,
    /// The session cache file itself [env: SFMTLS_SESSION] [default:
    /// $XDG_CACHE_HOME/sfmtls/PROFILE.json]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Session")]
    pub session: Option<PathBuf>,
    /// Where to log in: a My Domain URL, a SOAP endpoint, or a URL with a port
    /// [env: SFMTLS_LOGIN_URL] [default: https://login.salesforce.com]
    #[arg(long, global = true, value_name = "URL", help_heading = "Session")]
    pub login_url: Option<String>,
    /// Log in at https://test.salesforce.com
    #[arg(
        long,
        global = true,
        conflicts_with = "login_url",
        help_heading = "Session"
    )]
    pub sandbox: bool,

    /// One JSON document on standard output, for success and for failure; with --output-file the
    /// document says how many rows are in the file
    #[arg(long, global = true, help_heading = "Output")]
    pub json: bool,
    /// Show connections, TLS, heads and timing on standard error; -vv bodies too
    #[arg(short = 'v', long, global = true, action = ArgAction::Count, help_heading = "Output")]
    pub verbose: u8,
    /// Show on standard error, for each request, the curl command that does the same
    #[arg(long, global = true, help_heading = "Output")]
    pub show_curl: bool,
    /// No progress, no notes, no warnings; an error still names the job that it leaves behind
    #[arg(short = 's', long, global = true, help_heading = "Output")]
    pub silent: bool,
    /// Progress on standard error [default: auto]
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        value_enum,
        help_heading = "Output"
    )]
    pub progress: Option<When>,
    /// Colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        value_enum,
        help_heading = "Output"
    )]
    pub color: Option<When>,
}

/// When to do something that suits terminals only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// Where the stream is a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// `sfmtls logout`.
#[derive(Debug, Args)]
pub struct Logout {
    /// End it on the server too, which ends every other program's session of that user
    #[arg(long)]
    pub revoke: bool,
}

/// `sfmtls getuserinfo`.
#[derive(Debug, Args)]
pub struct GetUserInfo {
    /// Format [default: human on a terminal, json otherwise]
    #[arg(short = 'r', long, value_name = "FORMAT", value_enum)]
    pub result_format: Option<UserInfoFormat>,
}

/// Formats of `getuserinfo`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum UserInfoFormat {
    /// Aligned names and values.
    Human,
    /// One object.
    Json,
    /// A header and one row.
    Csv,
    /// The response, pretty-printed.
    Xml,
}

/// `sfmtls query`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: sfmtls query \"SELECT Id, Name FROM Account\" -r csv --output-file accounts.csv"
)]
pub struct Query {
    /// Where the query comes from.
    #[command(flatten)]
    pub soql: Soql,
    /// Format [default: human on a terminal, csv otherwise and in files]
    #[arg(short = 'r', long, value_name = "FORMAT", value_enum)]
    pub result_format: Option<RowFormat>,
    /// Write the rows to this file, which appears only when it is whole
    #[arg(long, value_name = "FILE")]
    pub output_file: Option<PathBuf>,
    /// Deleted and archived rows too (queryAll)
    #[arg(long)]
    pub all_rows: bool,
    /// Rows a page, 200 to 2000 [default: 2000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(200..=2000))]
    pub batch_size: Option<u16>,
}

/// A query, from one of three places.
#[derive(Debug, Args)]
pub struct Soql {
    /// The query ("-": standard input)
    #[arg(value_name = "SOQL")]
    pub soql: Option<String>,
    /// The query
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
    /// RFC 4180, header first.
    Csv,
    /// One document.
    Json,
    /// One record a line.
    Ndjson,
    /// One document of the server's own records.
    Xml,
}

/// `sfmtls local-org`.
#[cfg(feature = "local-org")]
#[derive(Debug, Args)]
#[command(after_help = "Example: sfmtls local-org -- bash")]
pub struct LocalOrg {
    /// How many Contacts the org has
    #[arg(long, value_name = "N", default_value_t = 5000)]
    pub rows: u64,
    /// Where to write its certificates and identities [default: a temporary directory]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// A command to run with the variables set; the org stops when it ends
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
}

fn tls_version(text: &str) -> Result<TlsVersion, String> {
    match text {
        "1.2" => Ok(TlsVersion::V1_2),
        "1.3" => Ok(TlsVersion::V1_3),
        _ => Err("1.2 or 1.3".into()),
    }
}

/// At most ten years: what is added to the clock has to be a time that the system can tell.
fn seconds(text: &str) -> Result<Duration, String> {
    const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
    let wrong =
        || "a number of seconds greater than 0 and below ten years, such as 10 or 2.5".to_owned();
    let number: f64 = text.parse().map_err(|_| wrong())?;
    match Duration::try_from_secs_f64(number) {
        Ok(duration) if !duration.is_zero() && duration < LONGEST => Ok(duration),
        _ => Err(wrong()),
    }
}

/// `HOST1:PORT1:HOST2:PORT2`, an empty field meaning any; IPv6 addresses in brackets, as in curl.
fn connect_to(text: &str) -> Result<ConnectTo, String> {
    let wrong = || "HOST1:PORT1:HOST2:PORT2, where each field may be empty".to_owned();
    let mut rest = text;
    let mut fields = Vec::new();
    loop {
        let end = match rest.strip_prefix('[') {
            Some(inner) => inner.find(']').ok_or_else(wrong)? + 2,
            None => rest.find(':').unwrap_or(rest.len()),
        };
        fields.push(&rest[..end]);
        match rest[end..].strip_prefix(':') {
            Some(next) => rest = next,
            None if rest.len() == end => break,
            None => return Err(wrong()),
        }
    }
    let [host, port, to_host, to_port] = fields[..] else {
        return Err(wrong());
    };
    let name = |field: &str| {
        let bare = field.trim_start_matches('[').trim_end_matches(']');
        (!bare.is_empty()).then(|| bare.to_owned())
    };
    let number = |field: &str| match field {
        "" => Ok(None),
        _ => field.parse().map(Some).map_err(|_| wrong()),
    };
    Ok(ConnectTo {
        host: name(host),
        port: number(port)?,
        to_host: name(to_host),
        to_port: number(to_port)?,
    })
}
