//! What was typed, to be typed again: options for commands to paste. What came from the environment is
//! there the next time, too.

use std::path::Path;

use super::{SettingSource, Settings};
use crate::text::shell;

/// The options that name the session.
const OF_SESSION: [&str; 2] = ["profile", "session"];

/// What leads to the org in the same way, the identity apart.
const OF_WAY: [&str; 11] = [
    "api-version",
    "cacert",
    "cert-pass-file",
    "connect-to",
    "insecure",
    "login-port",
    "login-url",
    "mtls-port",
    "noproxy",
    "proxy",
    "tls-min",
];

const OF_IDENTITY: [&str; 2] = ["cert", "key"];

impl Settings {
    /// The options that name the session: ` --profile NAME`, ` --session FILE`; nothing where neither
    /// was typed.
    pub fn session_as_typed(&self) -> String {
        self.typed(&[&OF_SESSION])
    }

    /// The options for the same way to the same org, but for the identity.
    pub fn way_as_typed(&self) -> String {
        self.typed(&[&OF_WAY, &OF_SESSION])
    }

    /// The options for the same way to the same org.
    pub fn org_as_typed(&self) -> String {
        self.typed(&[&OF_WAY, &OF_SESSION, &OF_IDENTITY])
    }

    fn typed(&self, names: &[&[&str]]) -> String {
        let is_wanted = |name: &str| names.iter().any(|names| names.contains(&name));
        let mut options = String::new();
        for setting in self.resolved.iter().filter(|it| is_wanted(it.name)) {
            match setting.source {
                SettingSource::Flag("sandbox") => options.push_str(" --sandbox"),
                SettingSource::Flag(name) if name == setting.name => {
                    options.push_str(&format!(" --{name} {}", value(&setting.value)));
                }
                _ => {}
            }
        }
        if is_wanted("connect-to") {
            for mapping in &self.net.connect_to {
                options.push_str(&format!(" --connect-to {}", value(&mapping.to_string())));
            }
        }
        if is_wanted("insecure") && self.net.insecure {
            options.push_str(" --insecure");
        }
        options
    }
}

/// As a word of a shell command.
fn value(text: &str) -> String {
    match text {
        // Standard input, not a file of that name.
        "-" => "-".to_owned(),
        text => shell::file(Path::new(text)),
    }
}
