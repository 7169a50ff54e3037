//! Secrets from files, standard input, the environment or a hidden prompt; never from
//! the command line.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::Context;
use super::input::{LONGEST_SECRET, check_secret};
use crate::cli::Login;
use crate::error::UsageError;
use crate::identity::PasswordSource;
use crate::salesforce::session::Session;
use crate::salesforce::soap::login::Credentials;
use crate::settings::{SecretFrom, Setting, SettingSource, Settings};
use crate::signals;
use crate::text::secret::Secret;
use crate::ui::Ui;
use crate::world::Environment;

/// Registers the secrets that were given outside files, before anything is printed.
pub(super) fn hide_given(ui: &Ui, settings: &Settings, environment: &Environment) {
    let variables = [
        "SFMTLS_PASSWORD",
        "SFMTLS_SECURITY_TOKEN",
        "SFMTLS_CERT_PASSWORD",
        "SFMTLS_CLIENT_SECRET",
        "SF_ACCESS_TOKEN",
    ];
    for value in variables.iter().filter_map(|name| environment.text(name)) {
        ui.never_show(&Secret::of_variable(value));
    }
    let cert = settings.cert.as_deref().and_then(file_and_password);
    if let Some((_, password)) = cert {
        ui.never_show(&password);
    }
    let proxy = settings.net.proxy.as_ref();
    if let Some((_, password)) = proxy.and_then(|proxy| proxy.credentials.as_ref()) {
        ui.never_show(password);
    }
}

/// curl's `-E FILE:PASSWORD`, where no file has the whole as its name and one has the part before the
/// colon.
pub(super) fn file_and_password(cert: &Path) -> Option<(&Path, Secret)> {
    let (file, password) = cert.to_str()?.split_once(':')?;
    let file = Path::new(file);
    (!cert.exists() && file.is_file()).then(|| (file, Secret::new(password)))
}

/// Hides a session's ID, also without the organisation's ID before it, which is no secret.
pub(super) fn hide_session(ui: &Ui, session: &Session) {
    ui.never_show(&session.id);
    if let Some((_, token)) = session.id.expose().split_once('!') {
        ui.never_show(&Secret::new(token));
    }
}

impl Context {
    /// User name, password and security token, from options, environment or a prompt.
    ///
    /// # Errors
    /// When one is missing and standard input is not a terminal to ask on.
    pub fn credentials(&self, arguments: &Login) -> Result<Credentials> {
        let username = self.username(arguments)?;
        let file = arguments.password_file.as_deref();
        let from = self.secret_from("password", file, "password-file", "SFMTLS_PASSWORD");
        let password = self
            .secret_to_send(&from, &format!("Password of {username}: "))?
            .ok_or_else(|| {
                UsageError::new("no password was given, and standard input is not a terminal to ask on").hint(
                    "use --password-file FILE, --password-file - with the password on standard input, or SFMTLS_PASSWORD",
                )
            })?;
        if password.is_empty() {
            // Sent, it would count towards the user's lock-out.
            return Err(UsageError::new("the password is empty")
                .hint("nothing was sent: put it into the file of --password-file, or into SFMTLS_PASSWORD")
                .into());
        }
        Ok(Credentials {
            username,
            password,
            security_token: self.security_token(arguments)?,
        })
    }

    pub(super) fn username(&self, arguments: &Login) -> Result<String, UsageError> {
        const VARIABLE: &str = "SFMTLS_USERNAME";
        let (username, source) = match (&arguments.username, self.environment().text(VARIABLE)) {
            (Some(username), _) => (username.as_str(), SettingSource::Flag("username")),
            (None, Some(username)) => (username, SettingSource::Variable(VARIABLE)),
            (None, None) if self.environment().text("SF_ACCESS_TOKEN").is_some() => {
                return Err(UsageError::new("SF_ACCESS_TOKEN is set, but its instance URL is not")
                    .hint("set SF_ORG_INSTANCE_URL, or use --instance-url https://NAME.my.salesforce.com"));
            }
            (None, None) => {
                return Err(UsageError::new("no user name was given")
                    .hint("name it with -u USER, or set SFMTLS_USERNAME"));
            }
        };
        if username.trim().is_empty() {
            return Err(UsageError::new("the user name is empty")
                .hint("nothing was sent: name it with -u USER, or set SFMTLS_USERNAME"));
        }
        if username.contains(':') {
            // As for curl; the password must not be told once more.
            return Err(UsageError::new(
                "a user name contains no ':', and no password is taken along with it",
            )
            .hint(
                "give -u USER alone, and the password by --password-file FILE or SFMTLS_PASSWORD",
            ));
        }
        self.trace(Setting {
            name: "username",
            value: username.to_owned(),
            source,
        });
        Ok(username.to_owned())
    }

    /// It is never asked for: most orgs know the network that the call comes from.
    fn security_token(&self, arguments: &Login) -> Result<Option<Secret>> {
        const VARIABLE: &str = "SFMTLS_SECURITY_TOKEN";
        let file = arguments.security_token_file.as_deref();
        let from = self.secret_from("security token", file, "security-token-file", VARIABLE);
        match from {
            SecretFrom::Prompt => Ok(None),
            from => {
                let token = self.secret_to_send(&from, "")?;
                if token.as_ref().is_some_and(Secret::is_empty) {
                    return Err(UsageError::new("the security token is empty")
                        .hint("nothing was sent: put it into the file of --security-token-file, or leave the option out")
                        .into());
                }
                Ok(token)
            }
        }
    }

    /// Where a secret comes from: the option's file, else the variable, else a prompt; told with `-v`.
    pub(super) fn secret_from(
        &self,
        name: &'static str,
        file: Option<&Path>,
        option: &'static str,
        variable: &'static str,
    ) -> SecretFrom {
        let from = SecretFrom::of(file, self.environment(), variable);
        if let Some(setting) = from.setting(name, option, variable) {
            self.trace(setting);
        }
        from
    }

    /// Reads a secret that is to be sent. One that cannot be meant is refused: a
    /// wrong try counts towards the user's lock-out, and a key in its place would be known to others.
    pub(super) fn secret_to_send(
        &self,
        from: &SecretFrom,
        question: &str,
    ) -> Result<Option<Secret>> {
        let secret = self.secret(from, question)?;
        if let Some(secret) = &secret {
            let name = match from {
                SecretFrom::File(path) if path != Path::new("-") => path.to_string_lossy(),
                SecretFrom::File(_) => "standard input".into(),
                SecretFrom::Value(_) => "the secret in the environment".into(),
                SecretFrom::Prompt => "what was typed".into(),
            };
            check_secret(secret, &name)?;
        }
        Ok(secret)
    }

    /// Reads a secret, without a line end behind it. `None` where there was nothing
    /// but a prompt and no terminal to ask on.
    pub(super) fn secret(&self, from: &SecretFrom, question: &str) -> Result<Option<Secret>> {
        let secret = self.unhidden_secret(from, question)?;
        if let Some(secret) = &secret {
            self.ui.never_show(secret);
        }
        Ok(secret)
    }

    fn unhidden_secret(&self, from: &SecretFrom, question: &str) -> Result<Option<Secret>> {
        match from {
            SecretFrom::Value(value) => Ok(Some(value.clone())),
            SecretFrom::File(path) => {
                let text = self.input.read(path, LONGEST_SECRET)?;
                Ok(Some(Secret::of_line(&text)))
            }
            SecretFrom::Prompt if !self.ui.terminals().stdin => Ok(None),
            SecretFrom::Prompt => signals::ask(|| self.ui.ask(question))
                .map(Some)
                .map_err(not_asked),
        }
    }
}

/// Why there is no answer. The end of the input, Ctrl-D, is one of the user's.
fn not_asked(error: io::Error) -> anyhow::Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => UsageError::new("no password was typed").into(),
        _ => anyhow::Error::from(error).context("cannot ask on the terminal"),
    }
}

/// The passwords of identity files, read or asked for only when a file turns out to be encrypted, and
/// once however often it is read.
pub(super) struct CertPassword<'a> {
    context: &'a Context,
    /// What was asked for, file by file. What was given is for all of them, and stands under the first:
    /// standard input can be read once.
    known: Vec<(PathBuf, Option<Secret>)>,
}

impl<'a> CertPassword<'a> {
    pub(super) fn of(context: &'a Context) -> Self {
        Self {
            context,
            known: Vec::new(),
        }
    }
}

impl PasswordSource for CertPassword<'_> {
    fn is_given(&self) -> bool {
        !matches!(self.context.settings.cert_password, SecretFrom::Prompt)
    }

    fn password(&mut self, file: &Path) -> io::Result<Option<Secret>> {
        let mut known = self.known.iter();
        if let Some((_, secret)) = known.find(|(of, _)| self.is_given() || of == file) {
            return Ok(secret.clone());
        }
        let question = format!("Password of {}: ", file.display());
        let secret = self
            .context
            .secret(&self.context.settings.cert_password, &question)
            .map_err(|error| io::Error::other(format!("{error:#}")))?;
        self.known.push((file.to_owned(), secret.clone()));
        Ok(secret)
    }
}
