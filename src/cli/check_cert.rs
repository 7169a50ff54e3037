//! `sfmtls check-cert`: its arguments and their help texts.

use std::path::PathBuf;

use clap::Args;

use super::texts;
use super::values::whole_number;

/// `sfmtls check-cert`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
        sfmtls check-cert client.pem --host example.my.salesforce.com\n  \
        sfmtls check-cert client.p12 --offline --nagios --warn-days 21\n\n\
        The exit status is that of a real call: 0 if there are no errors (warnings are\n\
        allowed), else 8 for the client certificate, 9 for the server's, 6 for the\n\
        network, 3 for the session, 4 for a Salesforce fault.",
    args = texts::shown(|option| option != texts::ABOUT_RETRIES))]
pub struct CheckCert {
    /// Certificate and key, PKCS#12 or PEM, in place of -E
    #[arg(value_name = "FILE", conflicts_with = "cert")]
    pub file: Option<PathBuf>,
    /// Check the file only, without connecting to anything
    #[arg(long, conflicts_with = "host")]
    pub offline: bool,
    /// Org to connect to; a port in it counts as --mtls-port
    ///
    /// [default: the cached session's host, else that of --login-url]
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,
    /// CAs that the server accepts for client certificates
    ///
    /// A PEM file with roots. With it a missing intermediate is an error; without it the system's roots
    /// only give a hint.
    #[arg(long, value_name = "FILE")]
    pub client_ca: Option<PathBuf>,
    /// Warn this many days before expiry
    ///
    /// [default: the smaller of 30 and a third of the certificate's lifetime]
    #[arg(long, value_name = "N", value_parser = whole_number(0..=u32::MAX))]
    pub warn_days: Option<u32>,
    /// Treat warnings as errors
    #[arg(long)]
    pub strict: bool,
    /// Print one line and exit as a monitoring plugin does
    ///
    /// Exit status 0 is OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
    #[arg(long, conflicts_with_all = ["json", "strict", "fix"])]
    pub nagios: bool,
    /// --nagios: critical this many days before expiry
    #[arg(long, value_name = "N", value_parser = whole_number(0..=u32::MAX), default_value_t = 7, requires = "nagios")]
    pub crit_days: u32,
    /// Write the identity, in good order, to this new file
    ///
    /// Key, certificate and intermediates, without the root, readable by you alone. An existing file is
    /// never overwritten.
    #[arg(long, value_name = "FILE")]
    pub fix: Option<PathBuf>,
}
