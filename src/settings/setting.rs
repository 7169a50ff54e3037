//! Where values come from: flag, else environment, else default, each remembered for `-v`.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::error::UsageError;
use crate::world::Environment;

/// A setting and its source, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// What it is, mostly the option's long name.
    pub name: &'static str,
    /// The value as it may be shown.
    pub value: String,
    /// Where it came from.
    pub source: SettingSource,
}

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingSource {
    /// The command line: the option's long name.
    Flag(&'static str),
    /// This environment variable.
    Variable(&'static str),
    /// Nobody said anything.
    Default,
}

impl fmt::Display for SettingSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) => write!(f, "--{name}"),
            Self::Variable(variable) => f.write_str(variable),
            Self::Default => f.write_str("default"),
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {} ({})", self.name, self.value, self.source)
    }
}

/// Resolves values one by one and keeps them.
pub(super) struct Resolver<'a> {
    pub(super) environment: &'a Environment,
    pub(super) resolved: Vec<Setting>,
}

impl<'a> Resolver<'a> {
    pub(super) fn note(
        &mut self,
        name: &'static str,
        value: impl fmt::Display,
        source: SettingSource,
    ) {
        self.resolved.push(Setting {
            name,
            value: value.to_string(),
            source,
        });
    }

    /// The flag, else the first of the variables that is set: the text and where it stood.
    pub(super) fn text<'t>(
        &self,
        name: &'static str,
        flag: Option<&'t str>,
        variables: &[&'static str],
    ) -> Option<(&'t str, SettingSource)>
    where
        'a: 't,
    {
        let variable = || {
            variables.iter().find_map(|&name| {
                Some((self.environment.text(name)?, SettingSource::Variable(name)))
            })
        };
        match flag {
            Some(text) => Some((text, SettingSource::Flag(name))),
            None => variable(),
        }
    }

    pub(super) fn path(
        &mut self,
        name: &'static str,
        flag: Option<&Path>,
        variable: &'static str,
    ) -> Option<PathBuf> {
        let (path, source) = match (flag, self.environment.os(variable)) {
            (Some(path), _) => (path.to_owned(), SettingSource::Flag(name)),
            (None, Some(path)) => (PathBuf::from(path), SettingSource::Variable(variable)),
            (None, None) => return None,
        };
        self.note(name, path.display(), source);
        Some(path)
    }

    pub(super) fn port(
        &mut self,
        name: &'static str,
        flag: Option<u16>,
        variable: &'static str,
        default: u16,
    ) -> Result<u16, UsageError> {
        let (port, source) = match (flag, self.environment.text(variable)) {
            (Some(port), _) => (port, SettingSource::Flag(name)),
            (None, Some(text)) => match text.parse() {
                Ok(port) if port != 0 => (port, SettingSource::Variable(variable)),
                _ => {
                    return Err(UsageError::new(format!(
                        "{variable} is not a port from 1 to 65535"
                    )));
                }
            },
            (None, None) => (default, SettingSource::Default),
        };
        self.note(name, port, source);
        Ok(port)
    }

    /// A value that only a flag can change.
    pub(super) fn flag<T>(
        &mut self,
        name: &'static str,
        flag: Option<T>,
        default: T,
        shown: impl Fn(&T) -> String,
    ) -> T {
        let (value, source) = match flag {
            Some(value) => (value, SettingSource::Flag(name)),
            None => (default, SettingSource::Default),
        };
        self.note(name, shown(&value), source);
        value
    }
}
