//! `sfmtls local-org`: its arguments and their help texts.

use std::path::PathBuf;

use clap::Args;

use super::texts;
use super::values::whole_number;

/// `sfmtls local-org`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  sfmtls local-org -- bash\n  sfmtls local-org --rows 100000 -- sfmtls query \"SELECT Id FROM Contact\"\n\n\
        The exit status is COMMAND's; without one it is 130 on Ctrl-C, 143 on SIGTERM,\n\
        129 on SIGHUP. It is 1 if the org or COMMAND cannot be started, 2 for wrong usage.",
    args = texts::shown(|option| ["json", "silent", "color"].contains(&option))
)]
pub struct LocalOrg {
    /// Number of Contacts in the org
    #[arg(long, value_name = "N", value_parser = whole_number(0..=u64::from(u32::MAX)), default_value_t = 5000)]
    pub rows: u64,
    /// Directory for the org's files [default: a temporary one]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Command to run; the org stops when it ends
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<std::ffi::OsString>,
}
