//! `sfmtls login`: the ways to get a session.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

/// `sfmtls login`.
#[derive(Debug, Args, Default)]
#[command(
    after_help = "Examples:
  sfmtls login -u integration@example.com --login-url https://example.my.salesforce.com
  sfmtls login --jwt-key-file jwt.key --client-id 3MVG9... -u integration@example.com
  sfmtls login --from-sf my-org",
    group = ArgGroup::new("way").multiple(false)
)]
pub struct Login {
    /// The user name [env: SFMTLS_USERNAME]
    #[arg(
        short = 'u',
        long,
        value_name = "USER",
        conflicts_with_all = ["client_credentials", "access_token_file", "from_sf"]
    )]
    pub username: Option<String>,
    /// File with the password ("-": standard input); else SFMTLS_PASSWORD, else a hidden prompt
    #[arg(long, value_name = "FILE", group = "way", help_heading = "SOAP login")]
    pub password_file: Option<PathBuf>,
    /// File with the security token, which is appended to the password [env: SFMTLS_SECURITY_TOKEN
    /// (the token itself)]
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["jwt_key_file", "client_credentials", "access_token_file", "from_sf"],
        help_heading = "SOAP login"
    )]
    pub security_token_file: Option<PathBuf>,

    /// JWT bearer flow: the RSA key (PEM) whose certificate is uploaded in the app
    /// [env: SFMTLS_JWT_KEY_FILE]
    #[arg(long, value_name = "FILE", group = "way", help_heading = "OAuth")]
    pub jwt_key_file: Option<PathBuf>,
    /// Whom the JWT is for [default: the login service behind --login-url]
    #[arg(
        long,
        value_name = "URL",
        conflicts_with_all = ["client_credentials", "access_token_file", "from_sf", "password_file"],
        help_heading = "OAuth"
    )]
    pub audience: Option<String>,
    /// Client credentials flow, as the user that the app is set to run as; needs your My Domain as
    /// --login-url
    #[arg(long, group = "way", help_heading = "OAuth")]
    pub client_credentials: bool,
    /// The app's consumer key [env: SFMTLS_CLIENT_ID]
    #[arg(
        long,
        value_name = "ID",
        conflicts_with_all = ["access_token_file", "from_sf", "password_file"],
        help_heading = "OAuth"
    )]
    pub client_id: Option<String>,
    /// File with the app's consumer secret ("-": standard input); else SFMTLS_CLIENT_SECRET, else a
    /// hidden prompt
    #[arg(
        long,
        value_name = "FILE",
        requires = "client_credentials",
        help_heading = "OAuth"
    )]
    pub client_secret_file: Option<PathBuf>,

    /// Take over an access token: the file it is in ("-": standard input) [env: SF_ACCESS_TOKEN (the
    /// token itself)]
    #[arg(long, value_name = "FILE", group = "way", help_heading = "Take over")]
    pub access_token_file: Option<PathBuf>,
    /// Where the access token's org is [env: SF_ORG_INSTANCE_URL]
    #[arg(
        long,
        value_name = "URL",
        conflicts_with_all = ["username", "password_file", "jwt_key_file", "client_credentials", "from_sf"],
        help_heading = "Take over"
    )]
    pub instance_url: Option<String>,
    /// Take over the session of an org that the Salesforce CLI knows (alias or user name)
    #[arg(long, value_name = "ALIAS", group = "way", help_heading = "Take over")]
    pub from_sf: Option<String>,

    /// Print the session ID, alone, on standard output
    #[arg(long, conflicts_with = "json")]
    pub show_session_id: bool,
}

impl Login {
    /// Whether an option names the way to log in.
    pub fn names_a_way(&self) -> bool {
        self.username.is_some()
            || self.password_file.is_some()
            || self.jwt_key_file.is_some()
            || self.client_credentials
            || self.access_token_file.is_some()
            || self.instance_url.is_some()
            || self.from_sf.is_some()
    }
}
