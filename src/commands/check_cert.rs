//! `sfmtls check-cert`: judge the identity, ask the server, say what is wrong.

use std::io;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;

use crate::check::finding::{Finding, Severity};
use crate::check::probe::Plan;
use crate::check::report::{self, Look};
use crate::check::verdict::{Concern, concern};
use crate::check::{Criteria, Diagnosis, fix, judge, probe, roots};
use crate::cli::CheckCert;
use crate::context::Context;
use crate::error::UsageError;
use crate::explain::exit;
use crate::identity::survey::{self, Survey};
use crate::identity::{self, PasswordSource, Source};
use crate::net::Role;
use crate::salesforce::endpoint::{LoginEndpoint, ServerUrl};
use crate::salesforce::session::Session;
use crate::settings::SettingSource;
use crate::text::secret::Words;
use crate::world::Environment;

/// Prints the report; the status is that of the real call.
///
/// # Errors
/// On wrong usage, when the file of `--fix` cannot be written, or standard output cannot be.
pub fn run(context: &Context, arguments: &CheckCert) -> Result<u8> {
    let source = context.identity_source(arguments.file.as_deref())?;
    if let Some(file) = &arguments.fix {
        is_for_pem(file)?;
        fix::try_place(file)?;
    }
    let criteria = Criteria {
        now: context.now(),
        warn_days: arguments.warn_days,
        client_ca: arguments
            .client_ca
            .as_deref()
            .map(roots::of_clients)
            .transpose()?,
        system_roots: roots::of_system(&context.settings.net),
    };
    let accepted = criteria.client_ca.as_deref().unwrap_or_default();
    if let Some((subject, issuer)) = roots::intermediate(accepted) {
        context.ui.warning(Words::ours_but(format_args!(
            "--client-ca: {subject} is not a root, since {issuer} issued it; it is treated as one, which not all servers do"
        ), [subject.as_str(), &issuer]));
    }
    let mut passwords = context.passwords();
    let mut diagnosis = diagnose(context, arguments, &source, &criteria, &mut passwords)?;
    if arguments.nagios {
        let monitored = report::nagios(&diagnosis, arguments.warn_days, arguments.crit_days);
        to_its_reader(context.ui.print(&monitored.line))?;
        return Ok(monitored.status);
    }
    if let Some(file) = &arguments.fix {
        diagnosis
            .findings
            .iter_mut()
            .for_each(|finding| is_mended_in(finding, file));
    }
    tell(
        context,
        &diagnosis,
        arguments.strict && arguments.fix.is_none(),
    )?;
    let mut findings = diagnosis.findings.clone();
    if let Some(file) = &arguments.fix {
        fix::write(file, &diagnosis.survey, &diagnosis.judged, &mut passwords)?;
        let mut left = left_after(file, &criteria, &mut passwords);
        // A root that the file held, or the server named, is known as before.
        let top_is_known = diagnosis.judged.top.as_ref().is_some_and(|top| top.known);
        left.retain(|finding| finding.id != "issuer-unknown" || !top_is_known);
        context.ui.note(Words::ours(format_args!(
            "{} {}",
            file.display(),
            in_words(&left)
        )));
        findings.retain(|finding| concerns_the_server(finding) || has(&left, finding.id));
        left.retain(|finding| !has(&findings, finding.id));
        findings.extend(left);
    }
    Ok(status(&findings, arguments.strict))
}

/// Files first, then the server, as far as there is one to be asked.
fn diagnose(
    context: &Context,
    arguments: &CheckCert,
    source: &Source,
    criteria: &Criteria,
    passwords: &mut dyn PasswordSource,
) -> Result<Diagnosis> {
    let survey = survey::survey(source, passwords);
    let judged = judge::judge(&survey, criteria);
    let live = match plan(context, arguments, source, criteria, &survey)? {
        Some(plan) => Some(probe::run(&plan, &survey, &judged)?),
        None => None,
    };
    Ok(Diagnosis::new(
        &source.cert,
        survey,
        judged,
        live,
        criteria.now,
    ))
}

/// Whom to ask: `--host`, else the cached session's host, else the login's, where it is an org's.
fn plan(
    context: &Context,
    arguments: &CheckCert,
    source: &Source,
    criteria: &Criteria,
    survey: &Survey,
) -> Result<Option<Plan>> {
    if arguments.offline || !is_read(survey, &source.cert) {
        return Ok(None);
    }
    let settings = &context.settings;
    // A cache that cannot be used keeps nobody from having a certificate judged.
    let session = context.cached_session().unwrap_or_else(|error| {
        context.ui.warning(Words::ours(format_args!(
            "{error}; going on without a session"
        )));
        None
    });
    let of_session = session.as_ref().map(|session| session.server_url.host());
    let named = arguments.host.as_deref().or(of_session);
    let Some(host) = named.or_else(|| context.login_host()) else {
        context
            .ui
            .note("no org is known, so no server was asked: name one with --host");
        return Ok(None);
    };
    if host.trim().is_empty() {
        return Err(UsageError::new("--host: the value is empty").into());
    }
    let server = ServerUrl::parse(&format!("https://{}", without_url(host)))
        .map_err(|error| UsageError::new(format!("--host: {error}")))?;
    let version = match &session {
        Some(session) => context.api_version(session),
        None => settings.api_version.unwrap_or_default(),
    };
    Ok(Some(Plan {
        // Neither a session nor a login URL comes with one here.
        mtls_port: server.port().unwrap_or(settings.mtls_port),
        login_port: login_port(context, server.host(), session.as_ref()),
        server,
        version,
        options: settings.net.clone(),
        // Why it cannot be loaded is among the survey's faults.
        identity: identity::of_survey(source, survey, criteria.now).map(Arc::new),
        session,
        criteria: criteria.clone(),
        secrets: context.ui.secrets(),
        observer: Arc::clone(&context.ui) as _,
        now: context.clock(),
    }))
}

/// The port without mutual TLS: the one that was named, else that of the login at this host which was
/// named or gave the session.
fn login_port(context: &Context, host: &str, session: Option<&Session>) -> u16 {
    let settings = &context.settings;
    if settings.source("login-port") != Some(SettingSource::Default) {
        return settings.login_port;
    }
    let of_session = session
        .and_then(Session::login_url)
        .and_then(|url| LoginEndpoint::parse(url, settings.login_port, settings.mtls_port).ok());
    let logins = context.login_host().map(|_| settings.login.clone());
    let mut logins = logins.into_iter().chain(of_session);
    // An org may have its mutual TLS where a login goes, too.
    logins
        .find(|login| login.host() == host && login.role() == Role::Login)
        .map_or(settings.login_port, |login| login.port())
}

/// Whether there was anything to judge: else no answer of the server could be about it.
fn is_read(survey: &Survey, file: &Path) -> bool {
    let mut faults = survey.faults.iter();
    !faults.any(|fault| {
        fault.file == file && matches!(fault.id(), "file-not-found" | "file-unreadable")
    })
}

/// The host of a URL that was pasted, or the host itself.
fn without_url(host: &str) -> &str {
    let rest = host.split_once("://").map_or(host, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

/// `--fix` writes a PEM file, and nothing else.
fn is_for_pem(file: &Path) -> Result<(), UsageError> {
    if file == Path::new("-") {
        return Err(UsageError::new("--fix writes a file, not standard output")
            .hint("name one: --fix client-fixed.pem"));
    }
    if identity::is_p12(file) {
        return Err(UsageError::new(format!(
            "--fix writes PEM, and {} is named as PKCS#12",
            file.display()
        ))
        .hint("name it .pem; `openssl pkcs12 -export -in FILE.pem` makes a PKCS#12 of it"));
    }
    Ok(())
}

/// What is mended in another file does not count there, so that `strict` is for a report without `--fix`.
fn tell(context: &Context, diagnosis: &Diagnosis, strict: bool) -> Result<()> {
    let ui = &context.ui;
    if ui.json() {
        let document = report::json(diagnosis);
        return Ok(to_its_reader(ui.print_json(&document))?);
    }
    let look = Look {
        color: ui.color_results(),
        unicode: takes_unicode(context.environment()),
        strict,
        columns: ui.terminals().stdout.then(|| ui.width()).flatten(),
    };
    let text = report::human(diagnosis, look);
    Ok(to_its_reader(ui.print(text.trim_end()))?)
}

/// Whoever reads the report may have had enough of it (`| head -1`); the status is for others too.
fn to_its_reader(printed: io::Result<()>) -> io::Result<()> {
    match printed {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => printed,
    }
}

/// Whether the locale is one of UTF-8 (POSIX 8.2: the first of these that is set counts).
fn takes_unicode(environment: &Environment) -> bool {
    let variables = ["LC_ALL", "LC_CTYPE", "LANG"];
    let set = variables
        .into_iter()
        .filter_map(|name| environment.text(name));
    let locale = set.into_iter().find(|value| !value.is_empty());
    let locale = locale.unwrap_or_default().to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

/// `--fix` is not advised to who gives it.
fn is_mended_in(finding: &mut Finding, file: &Path) {
    let is_fix =
        |command: &String| command.starts_with("sfmtls check-cert ") && command.contains(" --fix ");
    if finding.command.take_if(|command| is_fix(command)).is_some() {
        finding.advice = Some(format!("it is mended in {}", file.display()));
    }
}

/// What is still to be said of the file that `--fix` wrote.
fn left_after(
    file: &Path,
    criteria: &Criteria,
    passwords: &mut dyn PasswordSource,
) -> Vec<Finding> {
    let source = Source {
        cert: file.to_owned(),
        key: None,
    };
    let survey = survey::survey(&source, passwords);
    let judged = judge::judge(&survey, criteria);
    Diagnosis::new(file, survey, judged, None, criteria.now).findings
}

fn in_words(left: &[Finding]) -> String {
    let worse = |finding: &&Finding| finding.severity > Severity::Info;
    let ids: Vec<&str> = left
        .iter()
        .filter(worse)
        .map(|finding| finding.id)
        .collect();
    match ids.as_slice() {
        [] => "was written, and passes its own check".to_owned(),
        ids => format!(
            "was written; what cannot be mended in a file is left: {}",
            ids.join(", ")
        ),
    }
}

fn has(findings: &[Finding], id: &str) -> bool {
    findings.iter().any(|finding| finding.id == id)
}

/// What no file can mend.
fn concerns_the_server(finding: &Finding) -> bool {
    use crate::check::finding::Subject;
    matches!(finding.subject, Subject::Server | Subject::Session)
        || finding.id.starts_with("rejected-")
        || finding.id.starts_with("sf-")
        || finding.id.starts_with("http-")
}

/// The status of the first cause; 0 where there is none.
fn status(findings: &[Finding], strict: bool) -> u8 {
    let least = if strict {
        Severity::Warning
    } else {
        Severity::Error
    };
    let cause = findings.iter().find(|finding| finding.severity >= least);
    cause.map_or(0, |cause| match concern(cause) {
        Concern::Identity => exit::CERTIFICATE,
        Concern::ServerCertificate => exit::UNTRUSTED,
        Concern::Network => exit::NETWORK,
        Concern::Session => exit::LOGIN,
        Concern::Fault => exit::FAULT,
    })
}
