//! How lower floors report what they do, without knowing who listens.
//!
//! [`crate::net`] and [`crate::salesforce`] tell an [`Observer`]; `ui` is the only one in the
//! program. Every text in an event is already free of secrets.

use std::time::Duration;

/// Something worth telling a person while work goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// One line of `-v`: what left or arrived, secrets redacted.
    Trace(Direction, &'a str),
    /// The `curl` command that does the same as the request about to be sent (`--show-curl`).
    Curl(&'a str),
    /// A transient fault; the same request is sent again after `wait`.
    Retry {
        /// What went wrong, in a few words.
        reason: &'a str,
        /// How long until the next try.
        wait: Duration,
        /// The number of the coming try, from 2.
        attempt: u32,
    },
    /// Something good to know, in our words; of others' there are IDs at most.
    Note(&'a str),
}

/// Which way a traced line went; shown as curl does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// `*`: about the connection.
    Info,
    /// `>`: sent.
    Sent,
    /// `<`: received.
    Received,
}

/// Whoever wants to know. Called from any thread.
pub trait Observer: Send + Sync {
    /// Takes one event; must not block for long and cannot fail.
    fn event(&self, event: Event<'_>);
}

/// Hears nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {
    fn event(&self, _: Event<'_>) {}
}
