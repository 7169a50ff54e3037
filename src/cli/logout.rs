//! `sfmtls logout`: its arguments and their help texts.

use clap::Args;

use super::texts;

/// `sfmtls logout`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  sfmtls logout --profile staging",
    args = texts::shown(|option| option != texts::ABOUT_RETRIES && !texts::ABOUT_LOGIN.contains(&option))
)]
pub struct Logout {
    /// End the session on the server, too
    ///
    /// This also ends the sessions of all other programs of the same user.
    #[arg(long)]
    pub revoke: bool,
}
