//! The parts of the help texts that belong to no option.

use std::sync::LazyLock;

use clap::{Arg, Args, Command};

use super::Global;

/// What `--version` says: what a report about a connection has to tell.
pub(super) fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let origin = match cfg!(feature = "vendored") {
            true => "built in",
            false => "the system's",
        };
        let features = match cfg!(feature = "local-org") {
            true => "local-org",
            false => "none",
        };
        // A constant of OpenSSL's: to ask for it sets nothing up.
        let openssl = openssl::version::version();
        let version = env!("CARGO_PKG_VERSION");
        format!("{version}\n{openssl} ({origin})\nfeatures: {features}")
    });
    &VERSION
}

/// The end of `--help`; the statuses that `explain` gives.
pub(super) const EXIT_STATUS: &str = "\
Exit status:
  0    success, complete
  1    any other failure (a file cannot be written, ...)
  2    wrong usage
  3    login refused, or no valid session
  4    Salesforce returned a fault, or the bulk job failed
  5    the result is not as promised (fewer rows, other columns)
  6    network error, or an answer that is not Salesforce's
  7    the time of --wait is over; the job goes on
  8    the client certificate cannot be read, or was refused
  9    the server's certificate is not trusted
  130  Ctrl-C (143 on SIGTERM, 129 on SIGHUP)";

/// What most people type first.
pub(super) const EXAMPLES: &str = "\
Examples:
  sfmtls demo
  sfmtls login -u integration@example.com -E client.pem
  sfmtls query \"SELECT Id, Name FROM Account LIMIT 5\" -E client.pem
  sfmtls check-cert client.pem";

/// The end of `-h`.
pub(super) const MORE_HELP: &str = "\
See 'sfmtls --help' or 'man sfmtls' for options, variables and exit statuses.";

/// Global options that are about a login, or a long result.
pub(super) const ABOUT_LOGIN: [&str; 4] = ["login_port", "login_url", "progress", "sandbox"];

/// The global option that is for commands which try again.
pub(super) const ABOUT_RETRIES: &str = "retry";

/// The global options as a command shows them that has no use for some: it takes those as well, as
/// every command does, and says nothing of them.
pub(super) fn shown(is_useful: impl Fn(&str) -> bool) -> Vec<Arg> {
    let options = Global::augment_args(Command::new(""));
    let shown = |option: &Arg| {
        let is_useful = is_useful(option.get_id().as_str());
        option.clone().hide(!is_useful)
    };
    options.get_arguments().map(shown).collect()
}

/// What a login needs least of them, and has no room for on its one screen.
const LONG_IN_LOGIN: [&str; 3] = ["key", "cert_pass_file", "mtls_port"];

/// The global options as a login shows them.
pub(super) fn of_login() -> Vec<Arg> {
    let options = shown(|option| option != ABOUT_RETRIES).into_iter();
    let long = |option: Arg| {
        let is_long = LONG_IN_LOGIN.contains(&option.get_id().as_str());
        let is_long = is_long || option.is_hide_short_help_set();
        option.hide_short_help(is_long)
    };
    options.map(long).collect()
}

/// For commands that the global options say nothing to.
#[cfg(feature = "local-org")]
pub(super) const WITHOUT_OPTIONS: &str =
    "{about-with-newline}\n{usage-heading} {usage}{after-help}";
/// The same with their arguments.
pub(super) const WITH_ARGUMENTS: &str =
    "{about-with-newline}\n{usage-heading} {usage}\n\nArguments:\n{positionals}{after-help}";

/// `completions`.
pub(super) const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  source <(sfmtls completions bash)
  sfmtls completions zsh >~/.zfunc/_sfmtls
  sfmtls completions fish >~/.config/fish/completions/sfmtls.fish
  sfmtls completions powershell >>$PROFILE
  sfmtls completions elvish >~/.config/elvish/lib/sfmtls.elv  # then: use sfmtls

The exit status is 0; 1 if standard output cannot be written to, 2 for wrong usage.";
