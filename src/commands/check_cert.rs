//! `sfmtls check-cert`: judge the identity, ask the server, say what is wrong.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use openssl::x509::X509;

use crate::check::finding::Severity;
use crate::check::probe::Plan;
use crate::check::{Diagnosis, Measure, file, join, judge, probe, report};
use crate::cli::CheckCert;
use crate::context::Context;
use crate::error::UsageError;
use crate::identity::Identity;
use crate::salesforce::endpoint::ServerUrl;

/// Prints the report; the status is that of the real call.
///
/// # Errors
/// On wrong usage, or when standard output cannot be written to.
pub fn run(context: &Context, arguments: &CheckCert) -> Result<u8> {
    let source = context.identity_source(arguments.file.as_deref())?;
    let (survey, identity) = context.survey(&source);
    let measure = Measure {
        now: context.now(),
        warn_days: arguments.warn_days,
        client_ca: arguments.client_ca.as_deref().map(client_ca).transpose()?,
        system_roots: openssl_probe::probe().cert_file,
    };
    let judged = judge::judge(&survey, &measure);
    let mut findings = file::findings(&survey);
    findings.extend(judged.findings.iter().cloned());
    let live = match plan(context, arguments, identity, &measure)? {
        Some(plan) => Some(probe::run(&plan, &survey, &judged)?),
        None => None,
    };
    findings.extend(live.iter().flat_map(|live| live.findings.iter().cloned()));
    let diagnosis = Diagnosis {
        file: source.cert.clone(),
        survey,
        judged,
        live,
        findings: join::join(findings),
    };
    let mut stdout = context.ui.stdout();
    let document = serde_json::to_string_pretty(&report::json(&diagnosis))?;
    writeln!(stdout, "{document}")?;
    stdout.flush()?;
    let failed = diagnosis
        .findings
        .iter()
        .any(|f| f.severity == Severity::Error);
    Ok(if failed {
        crate::explain::exit::CERTIFICATE
    } else {
        0
    })
}

/// Whom to ask: `--host`, else the cached session's host, else the login's, where it is an org's.
fn plan(
    context: &Context,
    arguments: &CheckCert,
    identity: Option<Arc<Identity>>,
    measure: &Measure,
) -> Result<Option<Plan>> {
    if arguments.offline {
        return Ok(None);
    }
    let settings = &context.settings;
    let session = context.cached_session()?;
    let of_session = session.as_ref().map(|session| session.server_url.host());
    let named = arguments.host.as_deref().or(of_session);
    let Some(host) = named.or_else(|| context.login_host()) else {
        context
            .ui
            .note("no org is known, so nothing was asked: name one with --host");
        return Ok(None);
    };
    let server = ServerUrl::parse(&format!("https://{host}"))
        .map_err(|error| UsageError::new(format!("--host: {error}")))?;
    let version = match &session {
        Some(session) => context.api_version(session),
        None => settings.api_version.unwrap_or_default(),
    };
    Ok(Some(Plan {
        server,
        mtls_port: settings.mtls_port,
        login_port: settings.login_port,
        version,
        options: settings.net.clone(),
        identity,
        session,
        measure: measure.clone(),
        observer: Arc::clone(&context.ui) as _,
        now: context.clock(),
    }))
}

/// The certificates of `--client-ca`.
fn client_ca(file: &Path) -> Result<Vec<X509>, UsageError> {
    let unusable =
        |text: String| UsageError::new(format!("--client-ca {}: {text}", file.display()));
    let pem = std::fs::read(file).map_err(|error| unusable(error.to_string()))?;
    match X509::stack_from_pem(&pem) {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(unusable("it holds no certificate".to_owned())),
    }
}
