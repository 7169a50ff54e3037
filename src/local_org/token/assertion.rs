//! JSON Web Tokens as assertions: RFC 7515 in its compact form, RFC 7519, RFC 7523.

use openssl::hash::MessageDigest;
use openssl::sign::Verifier;
use serde_json::Value;

use super::{App, Refused};

/// What a JWT says, once its signature is found good.
#[derive(Debug, PartialEq)]
pub(super) struct Claims {
    pub(super) subject: String,
    pub(super) audience: String,
    /// Seconds of the epoch.
    expiry: f64,
}

impl Claims {
    /// Nothing is too far ahead: clients with milliseconds in `exp` are let in.
    pub(super) fn expires_by(&self, now: u64) -> bool {
        self.expiry <= now as f64
    }
}

/// The claims of a JWT for this app, signed with its key.
///
/// # Errors
/// The refusal for another app, or for a JWT that is not as the RFCs want it or not signed with the key.
pub(super) fn verified(jwt: &str, app: &App) -> Result<Claims, Refused> {
    let invalid = || Refused::grant("invalid assertion");
    let parts: Vec<&str> = jwt.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        return Err(invalid());
    };
    let object = |part| -> Option<Value> {
        let value: Value = serde_json::from_slice(&decoded(part)?).ok()?;
        value.is_object().then_some(value)
    };
    let header = object(header).ok_or_else(invalid)?;
    let claims = object(claims).ok_or_else(invalid)?;
    let signature = decoded(signature).ok_or_else(invalid)?;
    if header["alg"] != "RS256" {
        return Err(invalid());
    }
    if claims["iss"] != app.client_id.as_str() {
        return Err(Refused::client_id());
    }
    let signed = jwt.rsplit_once('.').map_or(jwt, |(signed, _)| signed);
    if !is_signed(signed, &signature, app) {
        return Err(invalid());
    }
    let text = |name: &str| claims[name].as_str().map(str::to_owned);
    Ok(Claims {
        subject: text("sub").ok_or_else(invalid)?,
        audience: text("aud").ok_or_else(invalid)?,
        expiry: claims["exp"].as_f64().ok_or_else(invalid)?,
    })
}

fn is_signed(text: &str, signature: &[u8], app: &App) -> bool {
    app.key().is_some_and(|key| {
        Verifier::new(MessageDigest::sha256(), key)
            .and_then(|mut verifier| verifier.verify_oneshot(signature, text.as_bytes()))
            .unwrap_or(false)
    })
}

/// base64url without padding.
pub(super) fn encoded(bytes: &[u8]) -> String {
    openssl::base64::encode_block(bytes)
        .trim_end_matches('=')
        .replace('+', "-")
        .replace('/', "_")
}

/// The bytes of base64url without padding; none of anything else, stray bits at its end included.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut standard = text.replace('-', "+").replace('_', "/");
    standard.extend(std::iter::repeat_n('=', (4 - text.len() % 4) % 4));
    let bytes = openssl::base64::decode_block(&standard).ok()?;
    (encoded(&bytes) == text).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64url_is_taken_in_its_one_form_alone() {
        for length in 0..9 {
            let bytes: Vec<u8> = (0..length).map(|byte| 0xff - byte).collect();
            assert_eq!(decoded(&encoded(&bytes)), Some(bytes));
        }
        for text in ["_w==", "/w", "_x", "_w\n", " _w", "_", "_w_w_", "_*"] {
            assert_eq!(decoded(text), None, "{text}");
        }
    }
}
