//! Any failure in words: message, causes, hints, code, exit status.
//!
//! Errors on the floors below hold facts and no advice; that is given here. There are three exceptions:
//! `identity`, whose remedies serve `check-cert` too; a [`UsageError`], which says what to type instead
//! where it is made; and [`JobRemains`], whose command only the command that made the job can know. A
//! foreign error reaches this place only as one of ours. `tests/it/failures` is the table of all that is
//! said here.

mod alert;
mod bulk;
mod fault;
mod files;
mod given;
mod hint;
mod network;
mod oauth;
mod query;
mod refusal;
mod report;

use std::ffi::c_int;
use std::fmt::Display;
use std::io;

use crate::check::fix::FixError;
use crate::check::roots::RootsError;
use crate::error::{
    IncompleteJob, InputError, InternalFault, JobRemains, KeyError, NoSession, OthersSession,
    RowsMiscounted, StdoutError, UsageError,
};
use crate::identity::IdentityError;
use crate::output::ColumnMismatch;
use crate::output::file::FileError;
use crate::output::from_csv::CsvError;
use crate::salesforce::bulk::BulkError;
use crate::salesforce::cache::CacheError;
use crate::salesforce::call::CallError;
use crate::salesforce::client::ClientError;
use crate::salesforce::endpoint::EndpointError;
use crate::salesforce::sf::SfError;
use crate::salesforce::soap::login::LoginError;
use crate::salesforce::soap::query::PageError;
use crate::salesforce::soql::Unsendable;
use crate::text::secret::Words;
use crate::text::shell;

pub use given::{Given, SessionOrigin};
pub use hint::Hint;
pub use report::{Code, Report, Told};

/// Exit statuses; the contract of the command line.
pub mod exit {
    /// Any other failure.
    pub const OTHER: u8 = 1;
    /// Wrong usage.
    pub const USAGE: u8 = 2;
    /// Login refused, or no valid session.
    pub const LOGIN: u8 = 3;
    /// Salesforce answered with a fault.
    pub const FAULT: u8 = 4;
    /// The result is not what was promised.
    pub const INCOMPLETE: u8 = 5;
    /// Network.
    pub const NETWORK: u8 = 6;
    /// Out of time; the job goes on.
    pub const TIME: u8 = 7;
    /// The client certificate.
    pub const CERTIFICATE: u8 = 8;
    /// The server's certificate is not trusted.
    pub const UNTRUSTED: u8 = 9;
}

/// How to name the identity.
pub(crate) const NAME_CERTIFICATE: &str =
    "name it with -E FILE (PKCS#12 or PEM), or set SFMTLS_CERT";

/// The text without what Rust puts behind a system's words, `(os error 2)`.
pub(crate) fn without_error_numbers(text: impl Display) -> String {
    let mut text = text.to_string();
    while let Some(start) = text.find(" (os error ") {
        let Some(length) = text[start..].find(')') else {
            break;
        };
        text.replace_range(start..=start + length, "");
    }
    text
}

/// A signal that ends the program, and what can be done about what it was at.
pub fn interrupted(signal: c_int, hints: impl IntoIterator<Item = Hint>) -> Report {
    let message = match signal {
        1 => "interrupted: the terminal is gone (SIGHUP)",
        2 => "interrupted by Ctrl-C (SIGINT)",
        15 => "interrupted by SIGTERM",
        _ => "interrupted by a signal",
    };
    // As a shell has it; the signals that are heard have small numbers.
    let exit = u8::try_from(signal).map_or(u8::MAX, |number| 128_u8.saturating_add(number));
    Report::new(exit, "interrupted", message).hints(hints)
}

/// Turns any failure into a report.
pub fn explain(error: &anyhow::Error, given: Given<'_>) -> Report {
    let report = error
        .chain()
        .find_map(|cause| known(cause, given))
        .unwrap_or_else(|| {
            let report = Report::new(exit::OTHER, "failed", Words::theirs(error));
            error
                .chain()
                .skip(1)
                .fold(report, |report, cause| report.cause(Words::theirs(cause)))
        });
    with_check(report, given)
}

/// Names the command that tells more of a certificate, where there is more to tell.
fn with_check(mut report: Report, given: Given<'_>) -> Report {
    let known_to_the_end = matches!(
        report.code.as_str(),
        "file-not-found" | "file-unreadable" | "file-empty" | "password-required"
    );
    if report.exit == exit::CERTIFICATE && !known_to_the_end {
        report.more = given
            .check()
            .map(|command| Hint::command("this tells more", command));
    }
    report
}

fn known(error: &(dyn std::error::Error + 'static), given: Given<'_>) -> Option<Report> {
    if let Some(error) = error.downcast_ref::<UsageError>() {
        return Some(
            Report::new(exit::USAGE, "usage", error.message.clone()).hint_if(error.hint.clone()),
        );
    }
    if let Some(error) = error.downcast_ref::<InternalFault>() {
        return Some(
            Report::ours(exit::OTHER, "internal", error)
                .hint("run it again with -vv, and tell its makers what that shows"),
        );
    }
    if let Some(error) = error.downcast_ref::<IdentityError>() {
        let remedy = error.remedy();
        let hint = Hint::of(remedy.advice, remedy.command);
        return Some(Report::ours(exit::CERTIFICATE, error.id(), error).hint_if(hint));
    }
    if let Some(error) = error.downcast_ref::<FixError>() {
        return Some(files::fix(error));
    }
    if let Some(error) = error.downcast_ref::<RootsError>() {
        return Some(
            Report::ours(exit::USAGE, "usage", error)
                .hint("--client-ca takes a PEM file of CA certificates"),
        );
    }
    if let Some(error) = error.downcast_ref::<NoSession>() {
        return Some(no_session(error, given));
    }
    if let Some(error) = error.downcast_ref::<OthersSession>() {
        return Some(others_session(error, given));
    }
    if let Some(error) = error.downcast_ref::<CacheError>() {
        return Some(files::cache(error));
    }
    if let Some(error) = error.downcast_ref::<ClientError>() {
        return Some(client(error, given));
    }
    if let Some(error) = error.downcast_ref::<JobRemains>() {
        return Some(explain(&error.failed, given).further(error.link, &error.next));
    }
    if let Some(error) = error.downcast_ref::<IncompleteJob>() {
        let report = bulk::report(&error.failed, given)?;
        let kept = match &error.kept {
            Ok(rows) => Words::ours(format_args!(
                "{rows} rows of the other batches are in {}",
                error.file.display()
            )),
            Err(lost) => {
                let lost = explain(lost, given).message;
                Words::from("the rows of the other batches are not kept: ").and_words(lost)
            }
        };
        return Some(report.cause(kept));
    }
    if let Some(error) = error.downcast_ref::<BulkError>() {
        return bulk::report(error, given);
    }
    if let Some(error) = error.downcast_ref::<CsvError>() {
        return Some(bulk::no_records(error));
    }
    if let Some(error) = error.downcast_ref::<LoginError>() {
        return Some(refusal::login(error, given));
    }
    if let Some(error) = error.downcast_ref::<SfError>() {
        return Some(oauth::sf(error));
    }
    if let Some(error) = error.downcast_ref::<KeyError>() {
        return Some(oauth::key(error));
    }
    if let Some(error) = error.downcast_ref::<CallError>() {
        return Some(refusal::call(error, given));
    }
    if let Some(error) = error.downcast_ref::<PageError>() {
        return Some(page(error));
    }
    if let Some(error) = error.downcast_ref::<Unsendable>() {
        return Some(Report::ours(exit::USAGE, "usage", error));
    }
    if let Some(error) = error.downcast_ref::<ColumnMismatch>() {
        return Some(
            Report::new(exit::INCOMPLETE, "columns-mismatch", columns(error))
                .hint("-r ndjson takes records as they come, whatever their fields"),
        );
    }
    if let Some(error) = error.downcast_ref::<RowsMiscounted>() {
        return Some(if error.are_too_many() {
            Report::new(exit::INCOMPLETE, "rows-surplus", miscounted(error))
                .hint("the pages do not belong together: run the query again")
        } else {
            Report::new(exit::INCOMPLETE, "rows-missing", miscounted(error))
                .hint("rows may have been deleted meanwhile: run the query again")
        });
    }
    if let Some(error) = error.downcast_ref::<InputError>() {
        return Some(files::input(error));
    }
    if let Some(error) = error.downcast_ref::<FileError>() {
        return Some(files::output(error));
    }
    if let Some(error) = error.downcast_ref::<StdoutError>() {
        return Some(Report::ours(exit::OTHER, "output-unwritable", error));
    }
    // An io::Error's own source() skips the error it wraps.
    let wrapped = error.downcast_ref::<io::Error>()?.get_ref()?;
    known(wrapped, given)
}

fn no_session(error: &NoSession, given: Given<'_>) -> Report {
    let report = Report::ours(exit::LOGIN, "session-missing", error);
    if error.to_be_ended {
        return report.hint(
            "nothing was ended: a session that is not in the cache ends when it has been idle for its time",
        );
    }
    let command = format!("sfmtls login{} -u USER", given.session);
    report
        .hint(Hint::command("log in first", command))
        .hint_if(given.other_sessions())
}

fn others_session(error: &OthersSession, given: Given<'_>) -> Report {
    let user = shell::word(&error.named);
    let command = format!("sfmtls login{} -u {user}", given.session);
    Report::ours(exit::LOGIN, "session-others", error)
        .hint(Hint::command("log in as the user that is named", command))
        .hint("or take SFMTLS_USERNAME out of the environment, to use the session that there is")
}

fn client(error: &ClientError, given: Given<'_>) -> Report {
    match error {
        ClientError::Call(error) => refusal::call(error, given),
        ClientError::Login(error) => refusal::login(error, given),
        ClientError::Token(error) => oauth::token(error, given),
        ClientError::Jwt(error) => oauth::jwt(error),
        ClientError::NotRenewable { .. } => {
            Report::ours(exit::LOGIN, "session-expired", error).hints(given.log_in_again())
        }
        ClientError::Endpoint(named) => Report::new(
            exit::NETWORK,
            "not-salesforce",
            endpoint(named),
        )
        .hint(
            "a session goes to its own host alone; something on the way may have answered instead",
        ),
        ClientError::OtherUser { old, new } => {
            let users = [old.as_str(), new];
            Report::new(exit::LOGIN, "other-user", Words::ours_but(error, users))
                .hint(given.other_user())
        }
    }
}

/// A URL that a server named, and what is wrong with it.
fn endpoint(error: &EndpointError) -> Words {
    use EndpointError::{
        Empty, ForeignHost, NotALoginUrl, NotAUrl, NotHttps, NotSoap, UserInfo, Version,
    };
    match error {
        Version(text)
        | NotAUrl(text)
        | NotHttps(text)
        | NotALoginUrl(text)
        | NotSoap(text)
        | UserInfo { host: text } => Words::ours_but(error, [text.as_str()]),
        Empty => Words::ours(error),
        ForeignHost { found, .. } => Words::ours_but(error, [found.as_str()]),
    }
}

fn columns(error: &ColumnMismatch) -> Words {
    match error {
        ColumnMismatch::Unnamed(name)
        | ColumnMismatch::Missing(name)
        | ColumnMismatch::NotAParent(name) => Words::ours_but(error, [name.as_str()]),
    }
}

fn miscounted(error: &RowsMiscounted) -> Words {
    Words::ours_but(error, error.children.as_deref())
}

fn page(error: &PageError) -> Report {
    let report = |code, words| Report::new(exit::NETWORK, code, words);
    let not_salesforce = |words| report("not-salesforce", words);
    match error {
        PageError::NoRows | PageError::Circle => report("pages-endless", Words::ours(error))
            .hint("no further page is asked for, since each is an API call: run the query again"),
        PageError::Unexpected { found, .. } => {
            not_salesforce(Words::ours_but(error, [found.as_str()])).hint(refusal::CHECK_HOST)
        }
        PageError::Value { value, .. } => not_salesforce(Words::ours_but(error, [value.as_str()])),
        PageError::Answer(problem) => {
            not_salesforce(Words::ours_but(error, [problem.to_string().as_str()]))
        }
        PageError::NoLocator => not_salesforce(Words::ours(error)),
    }
}
