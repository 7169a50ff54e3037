//! Any failure in words: message, causes, hint, code, exit status. The only file (with its
//! parts below) that gives advice.
//!
//! Errors on the floors below hold facts and no advice (`identity` excepted, whose remedies serve
//! `check-cert` too). A foreign error reaches this place only as one of ours. `tests/it/failures` is
//! the table of all that is said here.

mod alert;
mod bulk;
mod fault;
mod files;
mod network;
mod oauth;
mod query;
mod refusal;

use std::fmt::Display;
use std::io;
use std::path::Path;

use crate::check::finding::{Finding, Severity};
use crate::check::fix::FixError;
use crate::check::roots::RootsError;
use crate::error::{
    IncompleteJob, InputError, JobRemains, KeyError, NoSession, RowsMiscounted, StdoutError,
    UsageError,
};
use crate::identity::{self, IdentityError};
use crate::output::ColumnMismatch;
use crate::output::file::FileError;
use crate::output::from_csv::CsvError;
use crate::salesforce::bulk::BulkError;
use crate::salesforce::cache::CacheError;
use crate::salesforce::call::CallError;
use crate::salesforce::client::ClientError;
use crate::salesforce::sf::SfError;
use crate::salesforce::soap::login::LoginError;
use crate::salesforce::soap::query::PageError;
use crate::salesforce::soql::Unsendable;
use crate::terminal;

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

/// A failure as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What failed, on one line unless Salesforce's own words have more.
    pub message: String,
    /// Why, from the outside in.
    pub causes: Vec<String>,
    /// Something to do.
    pub hint: Option<String>,
    /// Salesforce's exception code, a finding's id, or a stable word.
    pub code: String,
    /// The exit status.
    pub exit: u8,
}

/// What the user gave, so that a hint can name it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Given<'a> {
    /// `--cert`.
    pub cert: Option<&'a Path>,
    /// `--key`.
    pub key: Option<&'a Path>,
    /// `--login-port`; 0 where that is not known.
    pub login_port: u16,
    /// The options that name the session, as they were typed: ` --profile NAME`, or nothing.
    pub session: &'a str,
}

impl Given<'_> {
    /// The identity's file as a word of a shell command.
    fn file(&self) -> String {
        self.cert.map_or("FILE".to_owned(), identity::quoted)
    }

    /// The command that shows this much of the client certificate: `-ext extendedKeyUsage`.
    fn show(&self, what: &str) -> String {
        let file = self.file();
        match self.cert {
            // `openssl x509` itself reads PKCS#12 since 3.0 only.
            Some(cert) if identity::is_p12(cert) => {
                format!("openssl pkcs12 -in {file} -nokeys -clcerts | openssl x509 -noout {what}")
            }
            _ => format!("openssl x509 -in {file} -noout {what}"),
        }
    }

    /// The command that shows the dates of every certificate in the file.
    fn show_dates(&self) -> String {
        format!(
            "openssl storeutl -noout -text -certs {} | grep -E 'Subject:|Not '",
            self.file()
        )
    }

    /// What to do where an intermediate may be missing in the file: `lacks` says so in words.
    fn add_intermediate(&self, lacks: &str) -> String {
        match self.cert {
            Some(cert) if identity::is_p12(cert) => format!(
                "make a PEM file with {lacks}: {}",
                identity::with_intermediate(cert)
            ),
            _ => format!("append {lacks} to {}", self.file()),
        }
    }

    /// Where Salesforce lists the roots that it takes: on the port without mutual TLS.
    fn roots(&self, url: &str) -> String {
        let host = network::host(url);
        match self.login_port {
            0 | 443 => format!("https://{host}/cacerts.jsp"),
            port => format!("https://{host}:{port}/cacerts.jsp"),
        }
    }

    /// The command that writes the leaf alone, for Salesforce's list.
    fn extract_leaf(&self) -> String {
        let show = self.show("");
        let (command, _) = show.split_once(" -noout").unwrap_or((&show, ""));
        format!("{command} -out upload.pem")
    }
}

impl Report {
    fn new(exit: u8, code: &str, message: impl Display) -> Self {
        Self {
            message: without_error_numbers(message),
            causes: Vec::new(),
            hint: None,
            code: code.to_owned(),
            exit,
        }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    fn cause(mut self, cause: impl Display) -> Self {
        self.causes.push(without_error_numbers(cause));
        self
    }

    fn cause_if(self, cause: Option<impl Display>) -> Self {
        match cause {
            Some(cause) => self.cause(cause),
            None => self,
        }
    }

    fn cause_first(mut self, cause: impl Display) -> Self {
        self.causes.insert(0, cause.to_string());
        self
    }

    /// The same, as far as there is something to say.
    fn hint_if(mut self, hint: Option<impl Into<String>>) -> Self {
        self.hint = hint.map(Into::into);
        self
    }

    /// The same with all its texts changed.
    #[must_use]
    pub fn map(&self, change: impl Fn(&str) -> String) -> Self {
        Self {
            message: change(&self.message),
            causes: self.causes.iter().map(|cause| change(cause)).collect(),
            // Advice is ours: a password that is one of its words would be told by the gap.
            hint: self.hint.clone(),
            // An exception code is Salesforce's word, too.
            code: change(&self.code),
            exit: self.exit,
        }
    }

    /// The same, with something to do beside what there is to do already.
    fn further(mut self, link: &str, next: &str) -> Self {
        self.hint = Some(match self.hint {
            Some(first) => format!("{first}; {link} {next}"),
            None => next.to_owned(),
        });
        self
    }

    /// Whether a server refused the client certificate in a way that its file may explain.
    pub fn may_be_explained_by_the_file(&self) -> bool {
        self.exit == exit::CERTIFICATE && self.code != "rejected-revoked"
    }

    /// The same, where the file of the certificate shows why it was refused: the finding's advice comes
    /// in the place of what can be said of the refusal alone.
    #[must_use]
    pub fn because_of(self, fault: &Finding) -> Self {
        // An issuer that is not known here may well be known there: only a refusal over it counts.
        let over_the_issuer = matches!(
            self.code.as_str(),
            "rejected-unknown-ca" | "rejected-certificate-unknown" | "intermediate-missing"
        );
        let explains = match fault.severity {
            Severity::Error => self.code.starts_with("rejected-") || self.code == fault.id,
            _ => fault.id == "issuer-unknown" && over_the_issuer,
        };
        if !explains {
            return self;
        }
        let mut words = vec![fault.message.as_str()];
        words.extend(fault.advice.as_deref());
        let mut hint = words.join("; ");
        if let Some(command) = fault.command.as_deref().filter(|it| !it.contains('\n')) {
            hint = format!("{hint}: {command}");
        }
        let more = self.hint.as_deref().unwrap_or_default().lines();
        if let Some(more) = more.last().filter(|line| line.contains("check-cert")) {
            hint = format!("{hint}\n{more}");
        }
        self.hint(hint)
    }

    /// The report as one line of JSON.
    pub fn json(&self) -> String {
        let document = serde_json::json!({ "error": {
            "code": self.code,
            "message": self.message,
            "cause": self.causes,
            "hint": self.hint,
            "exitCode": self.exit,
        }});
        terminal::escape_json(&document.to_string()).into_owned()
    }
}

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

/// Turns any failure into a report.
pub fn explain(error: &anyhow::Error, given: Given<'_>) -> Report {
    let report = error
        .chain()
        .find_map(|cause| known(cause, given))
        .unwrap_or_else(|| {
            let report = Report::new(exit::OTHER, "failed", error);
            error
                .chain()
                .skip(1)
                .fold(report, |report, cause| report.cause(cause))
        });
    with_check(report, given)
}

/// Names the command that tells more of a certificate, where there is more to tell.
fn with_check(report: Report, given: Given<'_>) -> Report {
    let known_to_the_end = matches!(
        report.code.as_str(),
        "file-not-found" | "file-unreadable" | "file-empty" | "password-required"
    );
    let told = report
        .hint
        .as_ref()
        .is_some_and(|hint| hint.contains("check-cert"));
    match given.cert {
        Some(cert) if report.exit == exit::CERTIFICATE && !known_to_the_end && !told => {
            let mut command = format!("sfmtls check-cert -E {}", identity::quoted(cert));
            if let Some(key) = given.key {
                command.push_str(&format!(" --key {}", identity::quoted(key)));
            }
            // On a line of its own: what stands before it may be a command to paste.
            let more = format!("{command} tells more");
            let hint = match &report.hint {
                Some(first) => format!("{first}\n{more}"),
                None => more,
            };
            report.hint(hint)
        }
        _ => report,
    }
}

fn known(error: &(dyn std::error::Error + 'static), given: Given<'_>) -> Option<Report> {
    if let Some(error) = error.downcast_ref::<UsageError>() {
        return Some(Report::new(exit::USAGE, "usage", error).hint_if(error.hint.as_deref()));
    }
    if let Some(error) = error.downcast_ref::<IdentityError>() {
        return Some(Report::new(exit::CERTIFICATE, error.id(), error).hint_if(error.hint()));
    }
    if let Some(error) = error.downcast_ref::<FixError>() {
        return Some(files::fix(error));
    }
    if let Some(error) = error.downcast_ref::<RootsError>() {
        return Some(
            Report::new(exit::USAGE, "usage", error)
                .hint("--client-ca takes a PEM file of CA certificates"),
        );
    }
    if let Some(error) = error.downcast_ref::<NoSession>() {
        return Some(
            Report::new(exit::LOGIN, "session-missing", error).hint(if error.to_be_ended {
                "nothing was ended: a session that is not in the cache ends when it has been idle for its time".to_owned()
            } else {
                format!("log in first: sfmtls login{} -u USER", given.session)
            }),
        );
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
            Ok(rows) => format!(
                "{rows} rows of the other batches are in {}",
                error.file.display()
            ),
            Err(lost) => format!(
                "the rows of the other batches are not kept: {}",
                explain(lost, given).message
            ),
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
        return Some(Report::new(exit::USAGE, "usage", error));
    }
    if let Some(error) = error.downcast_ref::<ColumnMismatch>() {
        return Some(
            Report::new(exit::INCOMPLETE, "columns-mismatch", error)
                .hint("-r ndjson takes records as they come, whatever their fields"),
        );
    }
    if let Some(error) = error.downcast_ref::<RowsMiscounted>() {
        return Some(if error.are_too_many() {
            Report::new(exit::INCOMPLETE, "rows-surplus", error)
                .hint("the pages do not belong together: run the query again")
        } else {
            Report::new(exit::INCOMPLETE, "rows-missing", error)
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
        return Some(Report::new(exit::OTHER, "output-unwritable", error));
    }
    // An io::Error's own source() skips the error it wraps.
    let wrapped = error.downcast_ref::<io::Error>()?.get_ref()?;
    known(wrapped, given)
}

fn client(error: &ClientError, given: Given<'_>) -> Report {
    match error {
        ClientError::Call(error) => refusal::call(error, given),
        ClientError::Login(error) => refusal::login(error, given),
        ClientError::Token(error) => oauth::token(error, given),
        ClientError::Jwt(error) => oauth::jwt(error),
        ClientError::NotRenewable { .. } => Report::new(exit::LOGIN, "session-expired", error)
            .hint(format!("log in again: sfmtls login{}", given.session)),
        ClientError::Endpoint(error) => Report::new(exit::NETWORK, "not-salesforce", error)
            .hint("a session goes to its own host alone; something on the way may have answered instead"),
        ClientError::OtherUser { .. } => Report::new(exit::LOGIN, "other-user", error).hint(
            "the credentials in the environment are another user's than the session in the cache: give that \
             user's, or log in anew with sfmtls login",
        ),
    }
}

fn page(error: &PageError) -> Report {
    match error {
        PageError::NoRows | PageError::Circle => Report::new(exit::NETWORK, "pages-endless", error)
            .hint("no further page is asked for, since each is an API call: run the query again"),
        PageError::Unexpected { .. } => {
            Report::new(exit::NETWORK, "not-salesforce", error).hint(refusal::CHECK_HOST)
        }
        _ => Report::new(exit::NETWORK, "not-salesforce", error),
    }
}
