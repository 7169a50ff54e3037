//! `--show-curl`: the `curl` command that sends the same request, ready to paste.
//!
//! Secrets stand as shell variables in it, never as values; the password of a key is in no form part
//! of it (curl asks for it on the terminal).

use super::{Options, Request};

/// The command, several lines when there is a body.
pub(crate) fn command(_request: &Request, _options: &Options) -> String {
    String::new()
}
