//! `sfmtls check-cert`: its arguments and their help texts.

use std::path::PathBuf;

use clap::Args;

use super::values::whole_number;

/// `sfmtls check-cert`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
        sfmtls check-cert client.pem --host example.my.salesforce.com\n  \
        sfmtls check-cert client.p12 --offline --nagios --warn-days 21\n\n\
        It exits as the real call would: 0 if no error was found (warnings allowed),\n\
        else 8 for the client certificate, 9 for the server's, 6 network, 3 session,\n\
        4 a fault of Salesforce's.")]
pub struct CheckCert {
    /// The identity, PKCS#12 or PEM, in place of -E
    #[arg(value_name = "FILE", conflicts_with = "cert")]
    pub file: Option<PathBuf>,
    /// Judge the file only; connect to nothing
    #[arg(long, conflicts_with = "host")]
    pub offline: bool,
    /// Which org to probe; a port in it counts as --mtls-port
    ///
    /// [default: the cached session's host, else that of --login-url]
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,
    /// The server's roots for client certificates, PEM
    ///
    /// With them a missing intermediate is an error; without, the system's roots give a hint only.
    #[arg(long, value_name = "FILE")]
    pub client_ca: Option<PathBuf>,
    /// Days before expiry from which to warn
    ///
    /// [default: the smaller of 30 and a third of the certificate's life]
    #[arg(long, value_name = "N", value_parser = whole_number(0..=u32::MAX))]
    pub warn_days: Option<u32>,
    /// Warnings count as errors
    #[arg(long)]
    pub strict: bool,
    /// One line and the exit status of a monitoring plugin
    ///
    /// 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
    #[arg(long, conflicts_with_all = ["json", "strict", "fix"])]
    pub nagios: bool,
    /// --nagios: days before expiry that are critical
    #[arg(long, value_name = "N", value_parser = whole_number(0..=u32::MAX), default_value_t = 7, requires = "nagios")]
    pub crit_days: u32,
    /// Write the same identity in good order to this new file
    ///
    /// Key, certificate and intermediates, without the root, readable by you alone; never over a file
    /// that exists.
    #[arg(long, value_name = "FILE")]
    pub fix: Option<PathBuf>,
}
