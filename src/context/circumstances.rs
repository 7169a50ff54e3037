//! What a hint may want to name once something has failed; nothing of it is looked for before.

use super::{Context, LoginMethod};
use crate::error::NoSession;
use crate::explain::SessionOrigin;
use crate::identity::Note;
use crate::salesforce::cache::Profile;
use crate::salesforce::session::{Origin, Session};
use crate::settings::SettingSource;

/// The circumstances of a failure.
#[derive(Debug, Default)]
pub struct Circumstances {
    /// Whether the identity's PKCS#12 is one that the openssl command reads with `-legacy` only.
    pub legacy: bool,
    /// Where the session came from.
    pub origin: Option<SessionOrigin>,
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
            profiles: match error.is::<NoSession>() {
                true => self.profiles(),
                false => Vec::new(),
            },
        }
    }

    /// The sessions beside the one of the profile; none where a file was named, not a profile.
    fn profiles(&self) -> Vec<String> {
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
        self.came_from(match &session.origin {
            Origin::AccessToken => self.of_token(session.id.expose()),
            Origin::SalesforceCli { alias } => SessionOrigin::SalesforceCli(alias.clone()),
            Origin::ClientCredentials { .. } => SessionOrigin::App,
            Origin::SoapLogin { .. } | Origin::JwtBearer { .. } => SessionOrigin::Login,
        });
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
