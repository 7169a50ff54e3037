//! What a hint may want to name once something has failed; nothing of it is looked for before.

use super::{Context, LoginMethod};
use crate::error::NoSession;
use crate::explain::SessionOrigin;
use crate::identity::Note;
use crate::salesforce::cache::Profile;
use crate::salesforce::session::{Origin, Session};
use crate::settings::SettingSource;
use crate::text::shell;

/// The circumstances of a failure.
#[derive(Debug, Default)]
pub struct Circumstances {
    /// Whether the identity's PKCS#12 is one that the openssl command reads with `-legacy` only.
    pub legacy: bool,
    /// Where the session came from.
    pub origin: Option<SessionOrigin>,
    /// The options of a login by which a session like the one in the cache comes, as far as they do not
    /// count anyway: ` -u USER --login-url URL`.
    pub login: String,
    /// Names of sessions that there are, where one is missing; the first of them.
    pub profiles: Vec<String>,
}

/// More names would be no hint.
const MOST_PROFILES: usize = 8;

impl Context {
    /// The circumstances of this failure.
    pub fn circumstances(&self, error: &anyhow::Error) -> Circumstances {
        let notes = self.identity.get().map(|identity| &identity.notes);
        let is_legacy = |note: &Note| matches!(note, Note::LegacyEncryption(_));
        Circumstances {
            legacy: notes.is_some_and(|notes| notes.iter().any(is_legacy)),
            origin: self.origin.get().cloned(),
            login: self.login.get().cloned().unwrap_or_default(),
            profiles: match error.is::<NoSession>() {
                true => self.other_profiles(),
                false => Vec::new(),
            },
        }
    }

    /// The sessions beside the one of the profile; none where a file was named, not a profile.
    pub fn other_profiles(&self) -> Vec<String> {
        let is_of_profile = self.settings.source("session") == Some(SettingSource::Default);
        let file = self
            .settings
            .session_file
            .as_ref()
            .filter(|_| is_of_profile);
        let Some(entries) = file.and_then(|file| file.parent()?.read_dir().ok()) else {
            return Vec::new();
        };
        let mut names: Vec<String> = entries
            .filter_map(|entry| {
                let name = entry.ok()?.file_name().into_string().ok()?;
                let name = name.strip_suffix(".json")?;
                name.parse::<Profile>().ok().map(|_| name.to_owned())
            })
            .collect();
        names.sort_unstable();
        if names.len() > MOST_PROFILES {
            names.truncate(MOST_PROFILES);
            names.push("…".to_owned());
        }
        names
    }

    /// Keeps in mind that the session comes this way.
    pub(super) fn came_by(&self, method: &LoginMethod) {
        self.came_from(match method {
            LoginMethod::AccessToken(token, _) => self.of_token(token.expose()),
            LoginMethod::SalesforceCli(alias) => SessionOrigin::SalesforceCli(alias.clone()),
            LoginMethod::ClientCredentials(_) => SessionOrigin::App,
            LoginMethod::Soap(_) | LoginMethod::Jwt(_) => SessionOrigin::Login,
        });
    }

    /// Keeps in mind that the session is the cache's.
    pub(super) fn came_from_cache(&self, session: &Session) {
        // The first one counts, as below.
        let _ = self.login.set(self.login_of(session));
        self.came_from(match &session.origin {
            Origin::AccessToken => self.of_token(session.id.expose()),
            Origin::SalesforceCli { alias } => SessionOrigin::SalesforceCli(alias.clone()),
            Origin::ClientCredentials { .. } => SessionOrigin::App,
            Origin::SoapLogin { .. } | Origin::JwtBearer { .. } => SessionOrigin::Login,
        });
    }

    /// What the cache knows of a login and the environment does not say in the same way.
    fn login_of(&self, session: &Session) -> String {
        let user = session.username.as_deref().map(shell::word);
        let user = ("-u", user, "SFMTLS_USERNAME");
        let id = |id: &str| ("--client-id", Some(shell::word(id)), "SFMTLS_CLIENT_ID");
        let mut options = match &session.origin {
            Origin::SoapLogin { .. } => self.unless_set(&[user]),
            Origin::JwtBearer {
                client_id,
                key_file,
                ..
            } => {
                let key = Some(shell::file(key_file));
                let key = ("--jwt-key-file", key, "SFMTLS_JWT_KEY_FILE");
                self.unless_set(&[key, id(client_id), user])
            }
            Origin::ClientCredentials {
                client_id,
                secret_file,
                ..
            } => {
                let file = secret_file.as_deref().map(shell::file);
                let secret = ("--client-secret-file", file, "");
                let rest = self.unless_set(&[id(client_id), secret]);
                format!(" --client-credentials{rest}")
            }
            Origin::AccessToken | Origin::SalesforceCli { .. } => return String::new(),
        };
        let source = self.settings.source("login-url");
        let typed = matches!(source, Some(SettingSource::Flag(_)));
        let named = self.settings.login.url();
        // What was typed counts for a renewal, too.
        let of_session = session.login_url().filter(|_| !typed).unwrap_or(&named);
        if typed || of_session != named {
            options.push_str(&format!(" --login-url {}", shell::word(of_session)));
        }
        options
    }

    /// Options with their values, without those whose variable says the same.
    fn unless_set(&self, options: &[(&str, Option<String>, &str)]) -> String {
        let is_wanted = |value: &str, variable: &str| {
            let set = self.environment.text(variable).map(shell::word);
            set.as_deref() != Some(value)
        };
        let wanted = options.iter().filter_map(|(option, value, variable)| {
            let value = value
                .as_deref()
                .filter(|value| is_wanted(value, variable))?;
            Some(format!(" {option} {value}"))
        });
        wanted.collect()
    }

    fn came_from(&self, origin: SessionOrigin) {
        // The first one counts: what replaces it comes in the same way.
        let _ = self.origin.set(origin);
    }

    fn of_token(&self, token: &str) -> SessionOrigin {
        match self.environment.text("SF_ACCESS_TOKEN") {
            Some(variable) if variable.trim_end() == token => SessionOrigin::TokenVariable,
            _ => SessionOrigin::TokenFile,
        }
    }
}
