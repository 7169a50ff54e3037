//! Faults of Salesforce's: what each code asks a person to do.
//!
//! Meanings are from the SOAP API developer guide, "Core Data Types Used in API Calls"; the three
//! administrative refusals of login() from Salesforce help article 005132110 and public reports.

use super::{Report, exit};
use crate::net::Role;
use crate::salesforce::fault::Fault;
use crate::salesforce::soap::login::LoginRefusal;

/// Words for a fault that answered a call.
pub(super) fn report(fault: &Fault, role: Role) -> Report {
    let report = |exit| Report::new(exit, &fault.code, fault.to_string());
    match fault.code.as_str() {
        "MUTUAL_AUTHENTICATION_FAILED" if role == Role::Api => report(exit::CERTIFICATE).hint(
            "TLS was fine, but Salesforce does not link this certificate to this org and user: upload the leaf \
             (openssl x509 -in FILE) under Setup > Certificate and Key Management > Mutual Authentication Certificates \
             of this org; an expired password of the user gives the same fault",
        ),
        "MUTUAL_AUTHENTICATION_FAILED" => report(exit::CERTIFICATE).hint(
            "this user may call the API only with a client certificate, on port 8443: leave --mtls-port at its default",
        ),
        "INVALID_SESSION_ID" if fault.message.contains("not valid for use with the API") => report(exit::LOGIN)
            .hint("the session is restricted (it is not expired): log in as a user with the permission API Enabled"),
        "INVALID_SESSION_ID" => report(exit::LOGIN).hint("log in again: sfmtls login"),
        code => match advice(code) {
            Some(hint) => report(exit::FAULT).hint(hint),
            None => report(exit::FAULT),
        },
    }
}

/// What to do about a fault of a call, where there is something to do.
fn advice(code: &str) -> Option<&'static str> {
    Some(match code {
        "INVALID_FIELD" | "INVALID_TYPE" => {
            "the name is wrong, or this user may not see it: check the field-level security of the profile"
        }
        "MALFORMED_QUERY" => "check the query's syntax at the place the message points to",
        "INVALID_QUERY_LOCATOR" | "INVALID_LOCATOR" => {
            "the cursor is gone (it lives two days): start the query anew"
        }
        "QUERY_TIMEOUT" | "QUERY_TOO_COMPLICATED" | "OPERATION_TOO_LARGE" => {
            "narrow the query with a WHERE clause on an indexed field"
        }
        "REQUEST_LIMIT_EXCEEDED" => {
            "the org's limit of API calls is used up: see Setup > System Overview"
        }
        "API_DISABLED_FOR_ORG" => {
            "the user needs the permission API Enabled, and the org an edition with API access"
        }
        "API_CURRENTLY_DISABLED"
        | "SERVER_UNAVAILABLE"
        | "ORG_IN_MAINTENANCE"
        | "SSO_SERVICE_DOWN" => "try again later: https://status.salesforce.com",
        "UNSUPPORTED_API_VERSION" => "choose a version that is still served: --api-version 64.0",
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
pub(super) fn login(fault: &Fault, refusal: LoginRefusal) -> Report {
    let report = Report::new(exit::LOGIN, &fault.code, fault.to_string());
    let hint = match refusal {
        LoginRefusal::VersionTooHigh => {
            "SOAP login() ended with API version 64.0: leave --api-version out, or put 64.0 into --login-url"
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
            "append the security token (--security-token-file, SFMTLS_SECURITY_TOKEN), or have this address added to the org's trusted ranges"
        }
        LoginRefusal::Address | LoginRefusal::Time => {
            "the profile allows logins from certain addresses or at certain hours only: ask the administrator"
        }
        LoginRefusal::RateExceeded => {
            "more than 3600 logins in an hour: wait an hour; the cached session saves logins"
        }
        LoginRefusal::PasswordExpired => "set a new password in the browser, then log in again",
        LoginRefusal::MutualAuthentication => {
            "this user must come with the certificate to log in too: put the mutual-TLS port into --login-url (https://NAME.my.salesforce.com:8443)"
        }
        _ => match advice(&fault.code) {
            Some(hint) => hint,
            None => return report,
        },
    };
    report.hint(hint)
}
