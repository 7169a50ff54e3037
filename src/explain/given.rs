//! What the user gave, as hints name it.

use std::path::Path;

use super::{Hint, network};
use crate::identity;
use crate::text::shell;

/// What the user gave, so that a hint can name it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Given<'a> {
    /// `--cert`.
    pub cert: Option<&'a Path>,
    /// `--key`.
    pub key: Option<&'a Path>,
    /// `--login-port`; 0 where that is not known.
    pub login_port: u16,
    /// The options that name the session, as they were typed: ` --profile NAME`, or nothing.
    pub session: &'a str,
    /// The options for the same way to the same org, as they were typed, but for the identity.
    pub way: &'a str,
    /// Whether the identity's PKCS#12 is one that the openssl command reads with `-legacy` only.
    pub legacy: bool,
    /// Where the session came from.
    pub origin: Option<&'a SessionOrigin>,
    /// The options by which a session like it comes, as far as they are known: ` -u USER`, or nothing.
    pub login: &'a str,
    /// Names of sessions that there are.
    pub profiles: &'a [String],
}

/// How a session was got, as far as the next one is got in the same way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionOrigin {
    /// By a login.
    Login,
    /// By an OAuth app's own credentials.
    App,
    /// As a token in a file.
    TokenFile,
    /// As a token in SF_ACCESS_TOKEN.
    TokenVariable,
    /// From the Salesforce CLI, which knows it by this alias.
    SalesforceCli(String),
}

impl Given<'_> {
    /// The identity's file as a word of a shell command.
    pub(super) fn file(&self) -> String {
        self.cert.map_or("FILE".to_owned(), shell::file)
    }

    /// The command that shows this much of the client certificate: `-ext extendedKeyUsage`.
    pub(super) fn show(&self, what: &str) -> String {
        let file = self.file();
        match self.cert {
            // `openssl x509` itself reads PKCS#12 since 3.0 only.
            Some(cert) if identity::is_p12(cert) => {
                let legacy = if self.legacy { "-legacy " } else { "" };
                format!(
                    "openssl pkcs12 {legacy}-in {file} -nokeys -clcerts | openssl x509 -noout {what}"
                )
            }
            _ => format!("openssl x509 -in {file} -noout {what}"),
        }
    }

    /// The command that shows the dates of every certificate in the file.
    pub(super) fn show_dates(&self) -> String {
        let legacy = match self.legacy {
            true => "-provider default -provider legacy ",
            false => "",
        };
        format!(
            "openssl storeutl {legacy}-noout -text -certs {} | grep -E 'Subject:|Not '",
            self.file()
        )
    }

    /// The command that judges the identity.
    pub(super) fn check(&self) -> Option<String> {
        let key = self.key.map(|key| format!(" --key {}", shell::file(key)));
        let key = key.unwrap_or_default();
        let cert = shell::file(self.cert?);
        Some(format!("sfmtls check-cert -E {cert}{key}{}", self.way))
    }

    /// What to do where an intermediate may be missing in the file: `lacks` says so in words.
    pub(super) fn add_intermediate(&self, lacks: &str, url: &str) -> [Hint; 2] {
        let add = match self.cert {
            Some(cert) if identity::is_p12(cert) => Hint {
                words: format!("make a PEM file with {lacks}"),
                command: identity::with_intermediate(cert, self.legacy).command,
            },
            _ => format!("append {lacks} to {}", self.file()).into(),
        };
        let find = Hint::command(
            format!(
                "if none is missing, its root is not on the list at {}; else this tells where the CA keeps it",
                self.roots(url)
            ),
            self.show("-ext authorityInfoAccess"),
        );
        [add, find]
    }

    /// How to get a session in place of one that is over.
    pub(super) fn log_in_again(&self) -> Vec<Hint> {
        let command = format!("sfmtls login{}", self.session);
        match self.origin {
            None | Some(SessionOrigin::Login | SessionOrigin::App) => {
                vec![Hint::command(
                    "log in again",
                    format!("{command}{}", self.login),
                )]
            }
            Some(SessionOrigin::TokenFile) => vec![Hint::command(
                "the token was handed over, and a new one must come from where it came from; then",
                format!("{command} --access-token-file FILE --instance-url URL"),
            )],
            Some(SessionOrigin::TokenVariable) => vec![Hint::command(
                "SF_ACCESS_TOKEN holds a token that is over: set it anew from where it came from; then",
                command,
            )],
            Some(SessionOrigin::SalesforceCli(alias)) => {
                let alias = shell::word(alias);
                vec![
                    Hint::command(
                        "take the session over again",
                        format!("{command} --from-sf {alias}"),
                    ),
                    Hint::command(
                        "if the Salesforce CLI's is over too, log in there first",
                        format!("sf org login web --alias {alias}"),
                    ),
                ]
            }
        }
    }

    /// What to do where a new session is another user's than the one that is over.
    pub(super) fn other_user(&self) -> Hint {
        let command = format!("sfmtls login{}", self.session);
        match self.origin {
            Some(SessionOrigin::App) => Hint::command(
                "the app may run as another user by now (Client Credentials Flow in its policies), or SFMTLS_CLIENT_ID name \
                 another app; if the new user is the right one",
                format!("{command} --client-credentials"),
            ),
            _ => Hint::command(
                "the credentials in the environment (SFMTLS_USERNAME, SFMTLS_CLIENT_ID) are another user's than the session \
                 in the cache: give that user's, or log in anew",
                command,
            ),
        }
    }

    /// What there is in place of a session that is not there.
    pub(super) fn other_sessions(&self) -> Option<String> {
        let names = self.profiles.join(", ");
        (!names.is_empty()).then(|| format!("sessions there are, for --profile: {names}"))
    }

    /// Where Salesforce lists the roots that it takes: on the port without mutual TLS.
    pub(super) fn roots(&self, url: &str) -> String {
        let host = network::host(url);
        match self.login_port {
            0 | 443 => format!("https://{host}/cacerts.jsp"),
            port => format!("https://{host}:{port}/cacerts.jsp"),
        }
    }

    /// The command that writes the leaf alone, for Salesforce's list.
    pub(super) fn extract_leaf(&self) -> String {
        let show = self.show("");
        let (command, _) = show.split_once(" -noout").unwrap_or((&show, ""));
        format!("{command} -out upload.pem")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(origin: &SessionOrigin) -> Given<'_> {
        Given {
            session: " --profile staging",
            origin: Some(origin),
            ..Given::default()
        }
    }

    /// "Log in again" used to be said of a token that no login of ours had made.
    #[test]
    fn the_next_session_comes_from_where_the_last_one_came_from() {
        for (origin, words) in [
            (
                SessionOrigin::Login,
                &["log in again: sfmtls login --profile staging"][..],
            ),
            (
                SessionOrigin::TokenFile,
                &[
                    "a new one",
                    "sfmtls login --profile staging --access-token-file FILE",
                ],
            ),
            (
                SessionOrigin::TokenVariable,
                &["SF_ACCESS_TOKEN", "then: sfmtls login --profile staging"],
            ),
            (
                SessionOrigin::SalesforceCli("my org".to_owned()),
                &["--from-sf 'my org'", "sf org login web --alias 'my org'"],
            ),
        ] {
            let hints = from(&origin).log_in_again();
            let hints: String = hints.iter().map(Hint::to_string).collect();
            for part in words {
                assert!(hints.contains(part), "{origin:?}: {hints}");
            }
        }
    }

    /// The environment used to be blamed for the user that an app runs as.
    #[test]
    fn another_user_of_an_app_is_the_apps() {
        let hint = from(&SessionOrigin::App).other_user().words;
        assert!(
            hint.starts_with("the app may run as another user"),
            "{hint}"
        );
        assert!(hint.contains("SFMTLS_CLIENT_ID"), "{hint}");
        let hint = from(&SessionOrigin::Login).other_user().words;
        assert!(hint.contains("SFMTLS_USERNAME"), "{hint}");
    }

    #[test]
    fn an_old_pkcs12_is_read_with_the_legacy_provider() {
        let given = Given {
            cert: Some(Path::new("old.p12")),
            legacy: true,
            ..Given::default()
        };
        let [add, find] = given.add_intermediate("the intermediate", "https://acme.test");
        let commands = [given.show("-dates"), given.extract_leaf()];
        for command in commands.into_iter().chain(add.command).chain(find.command) {
            assert!(
                command.contains("openssl pkcs12 -legacy -in old.p12"),
                "{command}"
            );
        }
        let dates = given.show_dates();
        assert!(
            dates.contains("-provider default -provider legacy"),
            "{dates}"
        );
    }
}
