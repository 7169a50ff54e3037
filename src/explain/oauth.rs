//! Logins beside SOAP: the token endpoint, and what was to be taken over.
//!
//! What the refusals ask for is from Salesforce help ("OAuth Error Codes", "OAuth 2.0 JWT Bearer Flow",
//! "OAuth 2.0 Client Credentials Flow") and from the issue trackers of public clients.

use super::{Code, Hint, Report, exit, refusal};
use crate::error::KeyError;
use crate::salesforce::call::{CallError, Refusal};
use crate::salesforce::oauth::{TokenError, TokenRefusal, token_refusal};
use crate::salesforce::sf::SfError;
use crate::text::secret::Words;

/// Words for a token request that gave no session.
pub(super) fn token(error: &TokenError, given: super::Given<'_>) -> Report {
    match error {
        TokenError::Call(call) => match &call.refusal {
            Refusal::Fault(fault) if fault.code != "MUTUAL_AUTHENTICATION_FAILED" => {
                Report::of_fault(exit::LOGIN, fault)
                    .cause(refusal::request(call).and(" answered with a refusal"))
                    .hint_if(advice(token_refusal(fault)))
            }
            _ => refusal::call(call, given),
        },
        TokenError::Signing(_) => Report::ours(exit::OTHER, "jwt-key", error),
        TokenError::Missing(_) => {
            Report::ours(exit::NETWORK, "not-salesforce", error).hint(refusal::CHECK_HOST)
        }
        TokenError::InstanceUrl(url) => Report::new(
            exit::NETWORK,
            "not-salesforce",
            Words::ours_but(error, [url.to_string().as_str()]),
        )
        .hint(refusal::CHECK_HOST),
    }
}

fn advice(refusal: TokenRefusal) -> Option<Hint> {
    let words = match refusal {
        TokenRefusal::NotApproved => {
            "pre-authorise the user: in the app's policies set \"Admin approved users are pre-authorized\", and give the user's profile or a permission set the app"
        }
        TokenRefusal::Audience => {
            "say whom the JWT is for: --audience https://login.salesforce.com, https://test.salesforce.com for a sandbox, or the site's own URL"
        }
        TokenRefusal::Expired => {
            "compare this machine's clock with the server's: the JWT is good for three minutes"
        }
        TokenRefusal::Assertion => {
            return Some(Hint::command(
                "the key must belong to the certificate that is uploaded in the app (Use digital signatures); this makes one",
                "openssl req -x509 -key jwt.key -subj /CN=jwt -days 730 -out jwt.crt",
            ));
        }
        TokenRefusal::Domain => {
            "client credentials are had at the org's My Domain alone: --login-url https://NAME.my.salesforce.com"
        }
        TokenRefusal::UnknownApp => {
            "check --client-id: it is the app's consumer key; a new app takes some minutes to be known, and a sandbox has apps of its own"
        }
        TokenRefusal::Secret => "check the client secret: it is the app's consumer secret",
        TokenRefusal::NoRunAsUser => {
            "set a user to run as in the app's policies (Client Credentials Flow)"
        }
        TokenRefusal::Flow => "switch this flow on in the app's OAuth settings",
        TokenRefusal::AppAccess => {
            "an administrator has to allow the app to this user (Setup > Connected Apps OAuth Usage, or the External Client App's policies)"
        }
        TokenRefusal::InactiveUser => "have an administrator activate the user",
        TokenRefusal::InactiveOrg => {
            "the organisation is locked, closed or suspended: ask its administrator"
        }
        TokenRefusal::RateExceeded => "wait before the next login; the cached session saves logins",
        TokenRefusal::Authentication => {
            "check user, app and login URL; the login history of the user (Setup > Login History) tells the reason"
        }
        TokenRefusal::Other => return None,
    };
    Some(words.into())
}

/// Words for a token of a form that the call does not take.
pub(super) fn jwt(error: &CallError) -> Report {
    let message =
        "the access token is a JWT, which SOAP and Bulk API 1.0 do not take for a session";
    let code = error
        .fault()
        .map_or(Code::Ours("INVALID_SESSION_ID"), |fault| {
            Code::Theirs(fault.code.clone())
        });
    Report::new(exit::LOGIN, code, message).cause(error).hint(
        "switch \"Issue JSON Web Token (JWT)-based access tokens\" off in the app's settings and log in again; Bulk API 2.0 takes it as it is: --bulk-api 2",
    )
}

/// Words for a session that the Salesforce CLI does not give.
pub(super) fn sf(error: &SfError) -> Report {
    let message = match error {
        SfError::Refused { message, .. } => Words::ours_but(error, [message.as_str()]),
        SfError::NotFound(_)
        | SfError::TooSlow { .. }
        | SfError::NotJson { .. }
        | SfError::Missing { .. } => Words::ours(error),
        SfError::InstanceUrl { source, .. } => {
            Words::ours_but(error, [source.to_string().as_str()])
        }
    };
    let report = Report::new(exit::LOGIN, "salesforce-cli", message);
    match error {
        SfError::NotFound(_) => report.hint(
            "install it (`npm install --global @salesforce/cli`), or hand the token over in a file: --access-token-file FILE --instance-url URL",
        ),
        SfError::Refused { .. } => report.hint(
            "`sf org list` tells the names that it knows; `sf org login web --alias ALIAS` adds one",
        ),
        SfError::TooSlow { last_words, .. } => said(report, last_words).hint(
            "run `sf org display --target-org ALIAS` by hand: it may ask something, or wait for its network",
        ),
        SfError::NotJson { last_words, .. } => {
            said(report, last_words).hint(Hint::command("update the Salesforce CLI", "sf update"))
        }
        SfError::Missing { .. } => report.hint(Hint::command("update the Salesforce CLI", "sf update")),
        SfError::InstanceUrl { .. } => report,
    }
}

/// With what the Salesforce CLI itself said last.
fn said(report: Report, last_words: &str) -> Report {
    let said = (!last_words.is_empty()).then(|| Words::from("it said: ").and_theirs(last_words));
    report.cause_if(said)
}

/// Words for a key file that cannot sign.
pub(super) fn key(error: &KeyError) -> Report {
    let file = crate::text::shell::file(&error.file);
    Report::ours(exit::OTHER, "jwt-key", error).hint(if error.problem.contains("encrypted") {
        Hint::command(
            "take the password off a copy that you alone can read",
            format!("(umask 077; openssl pkey -in {file} -out jwt.key)"),
        )
    } else {
        Hint::command(
            "the flow takes an RSA key in PEM, whose certificate is uploaded in the app; this makes one",
            "openssl genrsa -out jwt.key 2048",
        )
    })
}
