//! Files of this machine: the session cache, and where results go.

use std::io;
use std::path::Path;

use super::{Hint, Report, exit};
use crate::check::fix::FixError;
use crate::error::{InputError, Unreadable};
use crate::output::file::FileError;
use crate::salesforce::cache::{CacheError, Problem};
use crate::text::shell;

/// Words for a session cache that is not used, or could not be written.
pub(super) fn cache(error: &CacheError) -> Report {
    let file = shell::file(&error.path);
    let hint = match &error.problem {
        Problem::OpenToOthers { .. } => Hint::command(
            "log in again, which replaces it; or, if nobody has read it",
            format!("chmod 600 {file}"),
        ),
        Problem::NotJson { .. } | Problem::Field(_) => {
            Hint::command("log in again, which replaces it", "sfmtls login")
        }
        Problem::Changed => Hint::command(
            "its session may be another host's: log in again, which replaces it",
            "sfmtls login",
        ),
        Problem::NewerFormat { .. } => {
            "a later version of this program wrote it: use that one, or log in again, which replaces it".into()
        }
        Problem::ForeignOwner { .. }
        | Problem::NotAFile
        | Problem::TooLarge { .. }
        | Problem::Foreign => "name another file with --session FILE".into(),
        Problem::Io { action, .. } => {
            let exit = if *action == "read" {
                exit::LOGIN
            } else {
                exit::OTHER
            };
            let command = format!("ls -ld {file} {}", shell::file(folder(&error.path)));
            return Report::ours(exit, "session-cache", error)
                .hint(Hint::command("see who may do that", command));
        }
    };
    Report::ours(exit::LOGIN, "session-cache", error).hint(hint)
}

/// Words for a file with a secret or a query that cannot be read.
pub(super) fn input(error: &InputError) -> Report {
    let report = Report::ours(exit::OTHER, "input-unreadable", error);
    match error.reason {
        Unreadable::System(ref system) => {
            let file = Path::new(&error.name);
            report.hint_if(match system.kind() {
                io::ErrorKind::NotFound => Some(Hint::command(
                    "see what there is",
                    format!("ls -l {}", shell::file(folder(file))),
                )),
                io::ErrorKind::PermissionDenied => Some(Hint::command(
                    "see who may read it",
                    format!("ls -ld {} {}", shell::file(file), shell::file(folder(file))),
                )),
                io::ErrorKind::IsADirectory => Some("name a file in it".into()),
                _ => None,
            })
        }
        Unreadable::TooLong { .. } => report.hint("is it the right file?"),
        Unreadable::Utf16 => {
            report.hint("save it as UTF-8; `iconv -f UTF-16 -t UTF-8` turns it into that")
        }
        Unreadable::NotUtf8 { .. } => report.hint(
            "save it as UTF-8; if it is Latin-1, `iconv -f ISO-8859-1 -t UTF-8` turns it into that",
        ),
    }
}

/// Words for an output file that cannot be written.
pub(super) fn output(error: &FileError) -> Report {
    let file = error.place();
    let folder = shell::file(folder(&file));
    let command = match error.error.kind() {
        io::ErrorKind::NotFound => Some(format!("mkdir -p {folder}")),
        io::ErrorKind::PermissionDenied => Some(format!("ls -ld {folder} {}", shell::file(&file))),
        io::ErrorKind::StorageFull => Some(format!("df -h {folder}")),
        _ => None,
    };
    Report::ours(exit::OTHER, "output-unwritable", error).hint_if(Hint::of(None, command))
}

/// Words for an identity that `check-cert --fix` did not write.
pub(super) fn fix(error: &FixError) -> Report {
    match error {
        FixError::File(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
            Report::ours(exit::OTHER, "output-exists", error).hint(
                "--fix writes a new file and never over another: name one that does not exist",
            )
        }
        FixError::File(error) => output(error),
        FixError::Incomplete => Report::ours(exit::CERTIFICATE, "not-fixable", error)
            .hint("mend what the report tells first"),
        FixError::NoPassword(_) => Report::ours(exit::CERTIFICATE, "password-required", error)
            .hint("use --cert-pass-file FILE, or SFMTLS_CERT_PASSWORD"),
        FixError::Encoding(_) => Report::ours(exit::OTHER, "failed", error),
    }
}

fn folder(file: &Path) -> &Path {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
