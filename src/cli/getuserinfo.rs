//! `sfmtls getuserinfo`: its arguments and their help texts.

use clap::{Args, ValueEnum};

/// `sfmtls getuserinfo`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  sfmtls getuserinfo -E client.pem\n  sfmtls getuserinfo --json | jq -r .userName"
)]
pub struct GetUserInfo {
    /// Format [default: human on a terminal, else json]
    #[arg(
        short = 'r',
        long,
        value_name = "FORMAT",
        value_enum,
        ignore_case = true
    )]
    pub result_format: Option<UserInfoFormat>,
}

/// Formats of `getuserinfo`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum UserInfoFormat {
    /// Aligned names and values.
    Human,
    /// A single object.
    Json,
    /// A header and one row.
    Csv,
    /// The response, pretty-printed.
    Xml,
}
