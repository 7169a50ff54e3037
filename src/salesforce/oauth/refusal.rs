//! Tells the refusals of the token endpoint apart: one code stands for many reasons, but each needs
//! different advice.

use crate::salesforce::fault::{Fault, contains};

/// Why the token endpoint refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenRefusal {
    /// The user has neither approved the app nor been pre-authorised for it.
    NotApproved,
    /// The assertion's audience is not one of Salesforce's.
    Audience,
    /// The assertion has expired; a wrong clock does that, too.
    Expired,
    /// The signature does not match the certificate that is uploaded in the app.
    Assertion,
    /// Client credentials were sent to a login service instead of an org's own domain.
    Domain,
    /// No app has this consumer key, or a new app is not known everywhere yet.
    UnknownApp,
    /// The consumer secret is wrong.
    Secret,
    /// The app has no user to run as, which client credentials need.
    NoRunAsUser,
    /// The flow is not switched on in the app.
    Flow,
    /// The app is blocked, or the user may not use it.
    AppAccess,
    /// The user is not active.
    InactiveUser,
    /// The organisation is locked, closed or suspended.
    InactiveOrg,
    /// Too many requests.
    RateExceeded,
    /// A reason that Salesforce does not tell: wrong data, an address, a policy.
    Authentication,
    /// Anything else.
    Other,
}

/// Tells why the token endpoint refused, by descriptions that users of public clients have reported,
/// ignoring case; Salesforce help, "OAuth Error Codes".
pub fn token_refusal(fault: &Fault) -> TokenRefusal {
    let says = |part| contains(&fault.message, part);
    match fault.code.as_str() {
        "invalid_grant" if says("hasn't approved") => TokenRefusal::NotApproved,
        "invalid_grant" if says("audience") => TokenRefusal::Audience,
        // "expired authorization code", also for an assertion with its expiry in milliseconds.
        "invalid_grant" if says("expired") => TokenRefusal::Expired,
        "invalid_grant" if says("invalid assertion") => TokenRefusal::Assertion,
        "invalid_grant" if says("not supported on this domain") => TokenRefusal::Domain,
        "invalid_grant" if says("authentication failure") => TokenRefusal::Authentication,
        _ if says("no client credentials user") => TokenRefusal::NoRunAsUser,
        "invalid_client_id" => TokenRefusal::UnknownApp,
        "invalid_client" => TokenRefusal::Secret,
        "unsupported_grant_type" => TokenRefusal::Flow,
        "invalid_app_access" => TokenRefusal::AppAccess,
        "inactive_user" => TokenRefusal::InactiveUser,
        "inactive_org" => TokenRefusal::InactiveOrg,
        "rate_limit_exceeded" => TokenRefusal::RateExceeded,
        _ => TokenRefusal::Other,
    }
}
