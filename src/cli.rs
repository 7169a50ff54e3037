//! What was typed: clap's structures and the help texts. No environment, no I/O.
//!
//! What it means (environment, defaults, combinations) is `settings`' business.

#![expect(
    rustdoc::bare_urls,
    rustdoc::broken_intra_doc_links,
    reason = "the comments on options are help texts, which terminals show as they stand"
)]

mod advice;
mod bulk_query;
mod check_cert;
pub mod defaults;
mod getuserinfo;
#[cfg(feature = "local-org")]
mod local_org;
mod login;
mod logout;
mod query;
#[cfg(test)]
mod tests;
mod texts;
mod values;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::error::UsageError;
use crate::net::{ConnectTo, TlsVersion};
pub use advice::{usage_error, with_advice};
pub use bulk_query::{BulkApi, BulkFormat, BulkQuery, ColumnDelimiter, LineEnding};
pub use check_cert::CheckCert;
pub use getuserinfo::{GetUserInfo, UserInfoFormat};
#[cfg(feature = "local-org")]
pub use local_org::LocalOrg;
pub use login::Login;
pub use logout::Logout;
pub use query::{Query, RowFormat, Soql};
use texts::{COMPLETIONS_EXAMPLES, EXAMPLES, EXIT_STATUS, MORE_HELP, WITH_ARGUMENTS};
use values::{PORTS, connect_to, seconds, tls_version, whole_number};

/// Salesforce APIs over mutual TLS, with the port moved to 8443 for you.
///
/// Log in on port 443, then call the SOAP and Bulk APIs on port 8443 with your client certificate
/// and its intermediates. `sfmtls demo` runs the whole walkthrough on this machine.
#[derive(Debug, Parser)]
#[command(
    name = "sfmtls",
    version,
    long_version = texts::version(),
    arg_required_else_help = true,
    subcommand_required = true,
    after_help = format!("{EXAMPLES}\n\n{MORE_HELP}"),
    after_long_help = format!("{EXAMPLES}\n\n{EXIT_STATUS}"),
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
    /// Log in and keep the session for later commands
    ///
    /// One option selects the method. Without one the environment decides: the first of access token,
    /// JWT, client credentials and password for which it holds everything. A login is never retried.
    Login(Login),
    /// Delete the cached session
    ///
    /// At Salesforce the session lives on until it times out, unless --revoke ends it.
    Logout(Logout),
    /// Show whose session it is
    ///
    /// This is the cheapest call over mutual TLS: if it works, certificate, port and session are right.
    Getuserinfo(GetUserInfo),
    /// Run a SOQL query and write all its rows
    ///
    /// Every page is fetched, and the rows are counted against the total that Salesforce announced: you
    /// get all of them, or an exit status that says otherwise.
    Query(Query),
    /// Run a SOQL query as a bulk job, for results of any size
    ///
    /// Salesforce runs the query by itself; the result is downloaded when it is ready. A job outlives this
    /// program: its ID is printed at once, and --job-id picks the job up again.
    BulkQuery(BulkQuery),
    /// Check a client certificate: what is wrong, and how to fix it
    ///
    /// Examines the file, then asks the server. Each finding comes with its reason and the command that
    /// fixes it.
    CheckCert(CheckCert),
    /// Run the whole walkthrough against an imitation org
    ///
    /// The org listens on this machine's loopback interface only. Each command is printed with its output.
    #[cfg(feature = "local-org")]
    #[command(override_usage = "sfmtls demo", help_template = texts::WITHOUT_OPTIONS, args = texts::shown(|_| false), after_help = "Example:\n  sfmtls demo | less\n\nThe exit status is 0 if each step does what it should, else 1.")]
    Demo,
    /// Run an imitation org on this machine, alone or around a command
    ///
    /// Without a COMMAND, prints the variables to export and runs until Ctrl-C. Beside the identity of
    /// SFMTLS_CERT lie others with one fault each, such as expired.pem, to rehearse a refusal.
    #[cfg(feature = "local-org")]
    LocalOrg(LocalOrg),
    /// Print the completion script for a shell
    ///
    /// It completes subcommands, options, their values and file names.
    #[command(override_usage = "sfmtls completions <SHELL>", help_template = WITH_ARGUMENTS, args = texts::shown(|_| false), after_help = COMPLETIONS_EXAMPLES)]
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

/// Options of every subcommand; names, meanings and defaults are the contract of the command line.
#[derive(Debug, Args, Default)]
pub struct Global {
    /// Certificate and key, PKCS#12 or PEM [env: SFMTLS_CERT]
    ///
    /// A PEM file may hold key, certificate and intermediates in any order. The format is detected from
    /// the content, whatever the name of the file.
    #[arg(
        short = 'E',
        long,
        global = true,
        value_name = "FILE",
        help_heading = "Identity"
    )]
    pub cert: Option<PathBuf>,
    /// Private key, if not in --cert [env: SFMTLS_KEY]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Identity")]
    pub key: Option<PathBuf>,
    /// File with the password of the key or PKCS#12 file [env: SFMTLS_CERT_PASSWORD]
    ///
    /// "-" means standard input. The variable holds the password itself. [default: a hidden prompt]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Identity")]
    pub cert_pass_file: Option<PathBuf>,

    /// Trust these CAs, not the system's [env: SFMTLS_CACERT]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Connection")]
    pub cacert: Option<PathBuf>,
    /// Do not verify the server's certificate (prints a warning each time)
    #[arg(
        hide_short_help = true,
        short = 'k',
        long,
        global = true,
        help_heading = "Connection"
    )]
    pub insecure: bool,
    /// Lowest TLS version to accept [default: 1.2]
    #[arg(hide_short_help = true, long, global = true, value_name = "VERSION", value_parser = tls_version(), help_heading = "Connection")]
    pub tls_min: Option<TlsVersion>,
    /// Move every API call to this port [env: SFMTLS_MTLS_PORT] [default: 8443]
    #[arg(long, global = true, value_name = "PORT", value_parser = whole_number(PORTS), help_heading = "Connection")]
    pub mtls_port: Option<u16>,
    /// Log in on this port, without mutual TLS [env: SFMTLS_LOGIN_PORT] [default: 443]
    #[arg(hide_short_help = true, long, global = true, value_name = "PORT", value_parser = whole_number(PORTS), help_heading = "Connection")]
    pub login_port: Option<u16>,
    /// HTTP CONNECT proxy [env: HTTPS_PROXY, ALL_PROXY]
    ///
    /// http[s]://[user:password@]host[:port], with user and password percent-encoded. "" means no proxy,
    /// whatever the variables say.
    #[arg(
        short = 'x',
        long,
        global = true,
        value_name = "URL",
        help_heading = "Connection"
    )]
    pub proxy: Option<String>,
    /// Hosts to reach without the proxy, separated by commas [env: NO_PROXY]
    #[arg(
        hide_short_help = true,
        long,
        global = true,
        value_name = "LIST",
        help_heading = "Connection"
    )]
    pub noproxy: Option<String>,
    /// Connect to HOST2:PORT2 instead of HOST1:PORT1; the Host header, SNI and verification stay HOST1's
    #[arg(hide_short_help = true, long, global = true, value_name = "HOST1:PORT1:HOST2:PORT2", value_parser = connect_to, help_heading = "Connection")]
    pub connect_to: Vec<ConnectTo>,
    /// Maximum time to connect, TLS included [default: 10]
    #[arg(hide_short_help = true, long, global = true, value_name = "SECS", value_parser = seconds, help_heading = "Connection")]
    pub connect_timeout: Option<Duration>,
    /// Maximum silence on a connection; twice as long before a response begins [default: 180]
    #[arg(hide_short_help = true, long, global = true, value_name = "SECS", value_parser = seconds, help_heading = "Connection")]
    pub idle_timeout: Option<Duration>,
    /// Retry this many times after a transient error [default: 4]
    #[arg(
        hide_short_help = true,
        long,
        global = true,
        value_name = "N",
        value_parser = whole_number(0..=u32::MAX),
        help_heading = "Connection"
    )]
    pub retry: Option<u32>,

    /// API version; SOAP login uses at most 64.0 [env: SFMTLS_API_VERSION] [default: 64.0]
    #[arg(
        hide_short_help = true,
        long,
        global = true,
        value_name = "V",
        help_heading = "Session"
    )]
    pub api_version: Option<String>,
    /// Name of the cached session [env: SFMTLS_PROFILE]
    ///
    /// Letters, digits, ".", "_" and "-". --target-org does the same. [default: default]
    #[arg(
        long,
        alias = "target-org",
        global = true,
        value_name = "NAME",
        help_heading = "Session"
    )]
    pub profile: Option<String>,
    /// Session cache file, in place of a profile's [env: SFMTLS_SESSION] [default:
    /// $XDG_CACHE_HOME/sfmtls/PROFILE.json]
    #[arg(
        hide_short_help = true,
        long,
        global = true,
        value_name = "FILE",
        help_heading = "Session"
    )]
    pub session: Option<PathBuf>,
    /// Where to log in [env: SFMTLS_LOGIN_URL]
    ///
    /// Your My Domain URL, with a port if necessary, or a whole SOAP endpoint, whose version then counts
    /// as --api-version.
    /// [default: https://login.salesforce.com]
    #[arg(long, global = true, value_name = "URL", help_heading = "Session")]
    pub login_url: Option<String>,
    /// Log in at https://test.salesforce.com
    #[arg(
        hide_short_help = true,
        long,
        global = true,
        conflicts_with = "login_url",
        help_heading = "Session"
    )]
    pub sandbox: bool,

    /// Print one JSON document, on success and on failure
    ///
    /// It goes to standard output, and rows are written as by -r json. With --output-file the rows are in
    /// the file, and the document gives their number. A failure after the first rows is reported on
    /// standard error.
    #[arg(long, global = true, help_heading = "Output")]
    pub json: bool,
    /// Show connections, TLS and HTTP headers; -vv: bodies too
    ///
    /// On standard error, with secrets redacted. Also shows where each setting comes from: option,
    /// variable or default.
    #[arg(short = 'v', long, global = true, action = ArgAction::Count, help_heading = "Output")]
    pub verbose: u8,
    /// Print the equivalent curl command of each request on standard error
    ///
    /// Secrets stand in it as variables: set SFMTLS_SESSION_ID to what "sfmtls login --show-session-id"
    /// prints.
    #[arg(hide_short_help = true, long, global = true, help_heading = "Output")]
    pub show_curl: bool,
    /// Print no progress, notes or warnings
    ///
    /// login and logout then print nothing when all goes well. Errors are still printed, with the ID of
    /// a job that is left behind.
    #[arg(short = 's', long, global = true, help_heading = "Output")]
    pub silent: bool,
    /// When to show progress; auto: if standard error is a terminal [default: auto]
    ///
    /// auto shows none while rows go to a pipe, since the program that reads them may print on the same
    /// terminal.
    #[arg(
        hide_short_help = true,
        long,
        global = true,
        value_name = "WHEN",
        value_enum,
        help_heading = "Output"
    )]
    pub progress: Option<When>,
    /// When to use colour; auto: on a terminal [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]
    #[arg(
        hide_short_help = true,
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
#[expect(missing_docs, reason = "the names say it")]
pub enum When {
    Auto,
    Always,
    Never,
}
