//! The assertion of the JWT bearer flow (RFC 7523 3): who wants a token, signed with RS256 (RFC 7518
//! 3.3).

use std::time::{SystemTime, UNIX_EPOCH};

use openssl::base64;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::sign::Signer;
use serde_json::{Value, json};

use super::JwtBearer;
use crate::text::secret::Secret;

/// How long an assertion is valid, in seconds. It is used at once, and Salesforce accepts three minutes
/// (help, "OAuth 2.0 JWT Bearer Flow").
const LIFETIME: u64 = 180;

/// Makes and signs the assertion.
///
/// # Errors
/// When OpenSSL cannot sign with the key.
pub(super) fn signed(login: &JwtBearer, now: SystemTime) -> Result<Secret, ErrorStack> {
    let seconds = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let claims = json!({
        "iss": login.client_id,
        "sub": login.username,
        "aud": login.audience,
        "exp": seconds + LIFETIME,
    });
    let text = format!("{}.{}", part(&json!({"alg": "RS256"})), part(&claims));
    let mut signer = Signer::new(MessageDigest::sha256(), &login.key)?;
    let signature = signer.sign_oneshot_to_vec(text.as_bytes())?;
    Ok(Secret::new(format!("{text}.{}", base64url(&signature))))
}

fn part(json: &Value) -> String {
    base64url(json.to_string().as_bytes())
}

/// base64url without padding (RFC 7515 2).
fn base64url(bytes: &[u8]) -> String {
    let text = base64::encode_block(bytes);
    text.trim_end_matches('=')
        .replace('+', "-")
        .replace('/', "_")
}
