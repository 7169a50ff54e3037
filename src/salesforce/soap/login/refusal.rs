//! Tells the refusals of `login()` apart: several share a code, but each needs different advice.

use crate::salesforce::fault::{Fault, contains};

/// Why `login()` was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoginRefusal {
    /// API 65.0 and later have no `login()`.
    VersionTooHigh,
    /// SOAP `login()` is switched off in the org, as it is by default in new ones.
    DisabledInOrg,
    /// The user lacks the permission "Use Any API Auth".
    PermissionMissing,
    /// The name, password or token is wrong, or the user is locked out: all have the same answer.
    Credentials,
    /// The security token has to be appended to the password.
    TokenNeeded,
    /// Too many attempts with a wrong password.
    LockedOut,
    /// More than 3,600 logins of this user in an hour; the block lasts one hour.
    RateExceeded,
    /// The profile does not allow logins from this address.
    Address,
    /// The profile does not allow logins at this time.
    Time,
    /// The password has expired.
    PasswordExpired,
    /// The user must present a client certificate, even to log in.
    MutualAuthentication,
    /// Anything else.
    Other,
}

/// Tells why `login()` was refused, by texts reported in 2025 and 2026, ignoring case.
pub fn login_refusal(fault: &Fault) -> LoginRefusal {
    let says = |part| contains(&fault.message, part);
    match fault.code.as_str() {
        // "The SOAP Login operation is not available in the API version specified (65.0). …"
        "INVALID_OPERATION" if says("api version") => LoginRefusal::VersionTooHigh,
        // "SOAP API login() is disabled by default in this org. …"
        "INVALID_OPERATION" if says("disabled") => LoginRefusal::DisabledInOrg,
        // "SOAP API login() requires the Use Any API Auth user permission."
        "INSUFFICIENT_ACCESS" if says("use any api auth") => LoginRefusal::PermissionMissing,
        _ if says("rate exceeded") => LoginRefusal::RateExceeded,
        "INVALID_LOGIN" => LoginRefusal::Credentials,
        "LOGIN_MUST_USE_SECURITY_TOKEN" | "LOGIN_CHALLENGE_ISSUED" | "LOGIN_CHALLENGE_PENDING" => {
            LoginRefusal::TokenNeeded
        }
        "PASSWORD_LOCKOUT" => LoginRefusal::LockedOut,
        "LOGIN_DURING_RESTRICTED_DOMAIN" => LoginRefusal::Address,
        "LOGIN_DURING_RESTRICTED_TIME" => LoginRefusal::Time,
        "INVALID_OPERATION_WITH_EXPIRED_PASSWORD" => LoginRefusal::PasswordExpired,
        "MUTUAL_AUTHENTICATION_FAILED" => LoginRefusal::MutualAuthentication,
        _ => LoginRefusal::Other,
    }
}
