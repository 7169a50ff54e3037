//! `sfmtls login`: its arguments and their help texts.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::texts;

/// `sfmtls login`.
#[derive(Debug, Args, Default)]
#[command(
    after_help = "Examples:
  sfmtls login -u integration@example.com \\
    --login-url https://example.my.salesforce.com
  sfmtls login --jwt-key-file jwt.key --client-id ID -u integration@example.com",
    args = texts::of_login(),
    group = ArgGroup::new("way").multiple(false)
)]
pub struct Login {
    /// User name [env: SFMTLS_USERNAME]
    #[arg(
        short = 'u',
        long,
        value_name = "USER",
        conflicts_with_all = ["client_credentials", "access_token_file", "from_sf"]
    )]
    pub username: Option<String>,
    /// File with the password [env: SFMTLS_PASSWORD]
    ///
    /// "-" means standard input. The variable holds the password itself. If neither is given, a hidden
    /// prompt asks for it.
    #[arg(long, value_name = "FILE", group = "way", help_heading = "By password")]
    pub password_file: Option<PathBuf>,
    /// File with the security token [env: SFMTLS_SECURITY_TOKEN]
    ///
    /// It is appended to the password. "-" means standard input. The variable holds the token itself.
    #[arg(
        long,
        hide_short_help = true,
        value_name = "FILE",
        conflicts_with_all = ["jwt_key_file", "client_credentials", "access_token_file", "from_sf"],
        help_heading = "By password"
    )]
    pub security_token_file: Option<PathBuf>,

    /// Use the JWT bearer flow with this key [env: SFMTLS_JWT_KEY_FILE]
    ///
    /// An unencrypted RSA key in PEM, whose certificate has been uploaded to the app.
    #[arg(long, value_name = "FILE", group = "way", help_heading = "By OAuth")]
    pub jwt_key_file: Option<PathBuf>,
    /// Audience of the JWT [default: depends on --login-url]
    ///
    /// The default is https://login.salesforce.com, for a sandbox https://test.salesforce.com, for an
    /// Experience Cloud site its own URL.
    #[arg(
        long,
        hide_short_help = true,
        value_name = "URL",
        conflicts_with_all = ["client_credentials", "access_token_file", "from_sf", "password_file"],
        help_heading = "By OAuth"
    )]
    pub audience: Option<String>,
    /// Use the client credentials flow, at your My Domain
    ///
    /// You become the user that the app is set to run as. --login-url must name your My Domain.
    #[arg(long, group = "way", help_heading = "By OAuth")]
    pub client_credentials: bool,
    /// Consumer key of the app [env: SFMTLS_CLIENT_ID]
    #[arg(
        long,
        value_name = "ID",
        conflicts_with_all = ["access_token_file", "from_sf", "password_file"],
        help_heading = "By OAuth"
    )]
    pub client_id: Option<String>,
    /// File with the consumer secret [env: SFMTLS_CLIENT_SECRET]
    ///
    /// "-" means standard input. The variable holds the secret itself. If neither is given, a hidden
    /// prompt asks for it.
    #[arg(
        long,
        value_name = "FILE",
        requires = "client_credentials",
        help_heading = "By OAuth"
    )]
    pub client_secret_file: Option<PathBuf>,

    /// File with an access token [env: SF_ACCESS_TOKEN]
    ///
    /// "-" means standard input. The variable holds the token itself. If a client certificate is given, one
    /// call tries the token out.
    #[arg(
        long,
        value_name = "FILE",
        group = "way",
        help_heading = "From an existing session"
    )]
    pub access_token_file: Option<PathBuf>,
    /// URL of the token's org [env: SF_ORG_INSTANCE_URL]
    #[arg(
        long,
        value_name = "URL",
        conflicts_with_all = ["password_file", "jwt_key_file", "client_credentials", "from_sf"],
        help_heading = "From an existing session"
    )]
    pub instance_url: Option<String>,
    /// Take over the Salesforce CLI's session of this org
    ///
    /// An alias or a user name, as shown by `sf org list`.
    #[arg(
        long,
        value_name = "ALIAS",
        group = "way",
        help_heading = "From an existing session"
    )]
    pub from_sf: Option<String>,

    /// Print only the session ID on standard output
    #[arg(long, conflicts_with = "json")]
    pub show_session_id: bool,
}

impl Login {
    /// Whether an option names the way to log in.
    pub fn names_a_method(&self) -> bool {
        self.username.is_some()
            || self.password_file.is_some()
            || self.jwt_key_file.is_some()
            || self.client_credentials
            || self.access_token_file.is_some()
            || self.instance_url.is_some()
            || self.from_sf.is_some()
    }
}
