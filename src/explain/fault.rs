//! Faults of Salesforce's: what each code asks a person to do.
//!
//! Meanings are from the SOAP API developer guide, "Core Data Types Used in API Calls"; the three
//! administrative refusals of login() from Salesforce help article 005132110 and public reports.

use super::query::{self, Way};
use super::{Given, Hint, Report, exit, network};
use crate::net::Role;
use crate::salesforce::call::CallError;
use crate::salesforce::endpoint::ApiVersion;
use crate::salesforce::fault::Fault;
use crate::salesforce::soap::login::LoginRefusal;
use crate::text::secret::Words;

/// Words for a fault that answered a call.
pub(super) fn report(fault: &Fault, error: &CallError, given: Given<'_>) -> Report {
    let report = |exit| Report::of_fault(exit, fault);
    let says = |part| fault.message.to_ascii_lowercase().contains(part);
    match fault.code.as_str() {
        "MUTUAL_AUTHENTICATION_FAILED" => {
            report(exit::CERTIFICATE).hint(mutual_authentication(error, given))
        }
        "INVALID_SESSION_ID" if says("not valid for use with") => report(exit::LOGIN).hint(
            "the session is not expired but restricted, and a new login gives the same: check that the user has the permission API Enabled",
        ),
        // Bulk API 1.0 has names of its own.
        "INVALID_SESSION_ID" | "InvalidSessionId" => {
            report(exit::LOGIN).hints(given.log_in_again())
        }
        "REQUEST_LIMIT_EXCEEDED" if says("concurrent") => report(exit::FAULT)
            .hint("too many long calls run in this org at once: try again later, or run fewer side by side"),
        // Nothing else than the version is missing where all of the API is.
        "NOT_FOUND" if has_no_bulk_jobs(&error.url) => report(exit::FAULT).hint(format!(
            "Bulk API 2.0 has query jobs since version {FIRST_WITH_BULK_JOBS}.0: --api-version 64.0, or take --bulk-api 1"
        )),
        code => report(exit::FAULT).hint_if(
            query::advice(fault, Way::of(&error.url)).or_else(|| advice(code).map(str::to_owned)),
        ),
    }
    .cause_if(query::excerpt(fault).map(Words::theirs))
}

/// Bulk API 2.0 developer guide, "Query Jobs".
const FIRST_WITH_BULK_JOBS: u16 = 47;

/// Whether the URL of a bulk query job names a version that has none.
fn has_no_bulk_jobs(url: &str) -> bool {
    let path = url.split_once("/services/data/v").map(|(_, path)| path);
    let version = path.and_then(|path| path.split_once("/jobs/query"));
    let version = version.and_then(|(version, _)| version.parse::<ApiVersion>().ok());
    version.is_some_and(|version| version.number() < FIRST_WITH_BULK_JOBS)
}

/// On the port without mutual TLS the fault is about the port, where no certificate was asked for about
/// whoever did not ask, else about the certificate.
fn mutual_authentication(error: &CallError, given: Given<'_>) -> Hint {
    let port = network::port(&error.url);
    if error.role == Role::Api && (port == 443 || port == given.login_port) {
        return format!(
            "port {port} has no mutual TLS, and this user may call the API only with it: leave --mtls-port (SFMTLS_MTLS_PORT) \
             at 8443"
        )
        .into();
    }
    if error.certificate_requested == Some(false) {
        let at = network::authority(&error.url);
        return format!(
            "{at} asked for no client certificate, so none was sent: it is not the mutual-TLS port (--mtls-port, \
             SFMTLS_MTLS_PORT), or a proxy that inspects TLS stands between (have this host exempted there)"
        )
        .into();
    }
    Hint::command(
        "the certificate passed, but this org does not know it: have its leaf uploaded there, in Setup > Certificate and Key \
         Management > Mutual Authentication Certificates (if it is there, the user's password may have expired)",
        given.extract_leaf(),
    )
}

/// What to do about a fault of a call that is not about a query, where there is something to do.
fn advice(code: &str) -> Option<&'static str> {
    Some(match code {
        "REQUEST_LIMIT_EXCEEDED" => {
            "the org has used up its API calls of the last 24 hours: Setup > Company Information shows the limit"
        }
        "API_DISABLED_FOR_ORG" => {
            "the user needs the permission API Enabled, and the org an edition with API access"
        }
        "API_CURRENTLY_DISABLED" | "SERVER_UNAVAILABLE" | "ORG_IN_MAINTENANCE" => {
            "try again later; https://status.salesforce.com tells of known trouble"
        }
        "SSO_SERVICE_DOWN" => {
            "the company's own sign-on service did not answer: ask who runs it, or try again later"
        }
        "ExceededQuota" => {
            "the org has used up its batches of the last 24 hours: Setup > Bulk Data Load Jobs shows them"
        }
        // In capitals in 2.0.
        "InvalidEntity" | "INVALIDENTITY" => {
            "check the name of the object; some objects are read by sfmtls query only"
        }
        "InvalidJobState" | "INVALIDJOBSTATE" => {
            "the job's state does not allow this: it may have ended, or been aborted, meanwhile (Setup > Bulk Data Load Jobs)"
        }
        "InvalidUser" => "another user made this job: log in as that one",
        "API_VERSION_CONFLICT" => "ask in the version that the job was made in: --api-version V",
        "UNSUPPORTED_API_VERSION" | "InvalidVersion" => {
            "choose a version that is still served: --api-version 64.0"
        }
        "ORG_NOT_OWNED_BY_INSTANCE" => {
            "log in through the org's My Domain: --login-url https://NAME.my.salesforce.com"
        }
        "INVALID_OPERATION_WITH_EXPIRED_PASSWORD" => {
            "set a new password in the browser, then log in again"
        }
        "CLIENT_NOT_ACCESSIBLE_FOR_USER" | "CLIENT_REQUIRE_UPDATE_FOR_USER" => {
            "API access control blocks this program: ask the administrator to allow it"
        }
        "TXN_SECURITY_NO_ACCESS"
        | "TXN_SECURITY_END_A_SESSION"
        | "TXN_SECURITY_TWO_FA_REQUIRED"
        | "TXN_SECURITY_METERING_ERROR"
        | "TXN_SECURITY_FAIL_CLOSE" => {
            "a transaction security policy of the org stopped this, often because of many rows: ask the administrator"
        }
        _ => return None,
    })
}

/// Words for a fault that answered a login.
pub(super) fn login(
    fault: &Fault,
    refusal: LoginRefusal,
    error: &CallError,
    given: Given<'_>,
) -> Report {
    let report = Report::of_fault(exit::LOGIN, fault);
    let hint = match refusal {
        LoginRefusal::VersionTooHigh => {
            "64.0, the last version that has SOAP login(), is the highest that was asked for: Salesforce may have retired it"
        }
        LoginRefusal::DisabledInOrg => {
            "an administrator switches it on under Setup > User Interface > Enable SOAP API login()"
        }
        LoginRefusal::PermissionMissing => {
            "the user needs the permission Use Any API Auth (permission set or profile)"
        }
        LoginRefusal::Credentials => {
            "check user, password and security token; several wrong tries lock the user out. A sandbox needs --sandbox or its My Domain"
        }
        LoginRefusal::LockedOut => {
            "wait until the lock-out has passed, or have an administrator unlock the user"
        }
        LoginRefusal::TokenNeeded => {
            "give the user's current security token (--security-token-file FILE, SFMTLS_SECURITY_TOKEN, or typed behind the password at the prompt), or have this address added to the org's trusted ranges"
        }
        LoginRefusal::Address => {
            "the user may log in from certain addresses only (login IP ranges of the profile): ask the administrator"
        }
        LoginRefusal::Time => {
            "the user may log in at certain hours only (login hours of the profile): ask the administrator"
        }
        LoginRefusal::RateExceeded => {
            "more than 3600 logins in an hour: wait an hour; the cached session saves logins"
        }
        LoginRefusal::PasswordExpired => "set a new password in the browser, then log in again",
        LoginRefusal::MutualAuthentication if error.role == Role::Api => {
            return Report::of_fault(exit::CERTIFICATE, fault)
                .hint(mutual_authentication(error, given));
        }
        LoginRefusal::MutualAuthentication => {
            return Report::of_fault(exit::CERTIFICATE, fault).hint(
                "this user must log in with the certificate too: put the mutual-TLS port into --login-url (https://NAME.my.salesforce.com:8443)",
            );
        }
        _ => return report.hint_if(advice(&fault.code)),
    };
    report.hint(hint)
}
