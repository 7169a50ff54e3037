//! Arguments, environment, streams and clock as values, so that the program can be run without a
//! process. `main.rs` fills it from the real world.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};
use std::time::SystemTime;

/// Everything the program may know or touch from outside, apart from files and the network.
pub struct World {
    /// The arguments, the program's name first.
    pub arguments: Vec<OsString>,
    /// The environment.
    pub environment: Environment,
    /// Standard input.
    pub stdin: Box<dyn Read + Send>,
    /// Standard output, unbuffered.
    pub stdout: Box<dyn Write + Send>,
    /// Standard error.
    pub stderr: Box<dyn Write + Send>,
    /// Which of the three are terminals.
    pub terminals: Terminals,
    /// Asks for a secret on the terminal, without echo.
    pub prompt: fn(&str) -> io::Result<String>,
    /// The clock.
    pub now: fn() -> SystemTime,
}

/// Which streams are terminals, and how wide the terminal is.
#[derive(Debug, Clone, Copy)]
pub struct Terminals {
    /// Standard input is one.
    pub stdin: bool,
    /// Standard output is one.
    pub stdout: bool,
    /// Standard error is one.
    pub stderr: bool,
    /// Standard output is a pipe or a socket: whoever reads it may print on the same terminal.
    pub stdout_is_piped: bool,
    /// Columns of the terminal as it is now, where one of the streams is one.
    pub width: fn() -> Option<usize>,
}

/// Environment variables. One that is set to nothing counts as not set, as in curl.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<OsString, OsString>);

impl Environment {
    /// The variable's value where it is set, not empty and UTF-8.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.os(name)?.to_str()
    }

    /// The variable's value where it is set and not empty.
    pub fn os(&self, name: &str) -> Option<&OsString> {
        self.0
            .get(OsStr::new(name))
            .filter(|value| !value.is_empty())
    }

    /// The same without the variables whose names are `unwanted`.
    #[must_use]
    pub fn without(mut self, unwanted: impl Fn(&OsStr) -> bool) -> Self {
        self.0.retain(|name, _| !unwanted(name));
        self
    }

    /// All variables.
    pub fn iter(&self) -> impl Iterator<Item = (&OsString, &OsString)> {
        self.0.iter()
    }
}

impl<N: Into<OsString>, V: Into<OsString>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        Self(
            variables
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}
