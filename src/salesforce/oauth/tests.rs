use std::time::Duration;

use openssl::base64;
use openssl::hash::MessageDigest;
use openssl::rsa::Rsa;
use openssl::sign::Verifier;
use serde_json::Value;

use super::*;
use crate::salesforce::fault::Fault;

fn login() -> JwtBearer {
    let rsa = Rsa::generate(2048).unwrap();
    JwtBearer {
        client_id: "3MVG9.consumer".to_owned(),
        username: "integration@acme.test".to_owned(),
        audience: "https://login.salesforce.com".to_owned(),
        key: PKey::from_rsa(rsa).unwrap(),
        key_file: PathBuf::from("/keys/jwt.key"),
    }
}

fn decoded(part: &str) -> Vec<u8> {
    assert!(!part.contains(['+', '/', '=']), "{part}");
    let mut text = part.replace('-', "+").replace('_', "/");
    text.push_str(&"=".repeat((4 - text.len() % 4) % 4));
    base64::decode_block(&text).unwrap()
}

#[test]
fn an_assertion_says_who_for_whom_and_until_when_in_seconds() {
    let login = login();
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let assertion = assertion::signed(&login, now).unwrap();
    let parts: Vec<&str> = assertion.expose().split('.').collect();
    let [head, claims, signature] = parts[..] else {
        panic!("{parts:?}");
    };
    assert_eq!(decoded(head), br#"{"alg":"RS256"}"#);
    let claims: Value = serde_json::from_slice(&decoded(claims)).unwrap();
    assert_eq!(
        claims,
        serde_json::json!({
            "iss": "3MVG9.consumer",
            "sub": "integration@acme.test",
            "aud": "https://login.salesforce.com",
            "exp": 1_800_000_180,
        })
    );
    let mut verifier = Verifier::new(MessageDigest::sha256(), &login.key).unwrap();
    let signed = assertion.expose().rsplit_once('.').unwrap().0;
    assert!(
        verifier
            .verify_oneshot(&decoded(signature), signed.as_bytes())
            .unwrap()
    );
}

/// Standard tokens are judged by other programs: PyJWT (Debian: python3-jwt) and `openssl dgst`.
#[test]
fn pyjwt_and_openssl_take_an_assertion_for_one() {
    let login = login();
    let assertion = assertion::signed(&login, SystemTime::now()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file =
        |name: &str, content: &[u8]| std::fs::write(folder.path().join(name), content).unwrap();
    let (signed, signature) = assertion.expose().rsplit_once('.').unwrap();
    file("public.pem", &login.key.public_key_to_pem().unwrap());
    file("assertion", assertion.expose().as_bytes());
    file("signed", signed.as_bytes());
    file("signature", &decoded(signature));
    let run = |program: &str, arguments: &[&str]| {
        let mut command = std::process::Command::new(program);
        let output = command.args(arguments).current_dir(folder.path()).output();
        let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{program}: {said}");
        String::from_utf8(output.stdout).unwrap()
    };
    let verify = [
        "dgst",
        "-sha256",
        "-verify",
        "public.pem",
        "-signature",
        "signature",
        "signed",
    ];
    assert_eq!(run("openssl", &verify), "Verified OK\n");
    let decode = "import json, jwt\n\
        claims = jwt.decode(open('assertion').read(), open('public.pem').read(), algorithms=['RS256'], \
        audience='https://login.salesforce.com', options={'require': ['exp', 'iss', 'sub', 'aud']})\n\
        print(json.dumps(claims))";
    let claims: Value = serde_json::from_str(&run("/usr/bin/python3", &["-c", decode])).unwrap();
    assert_eq!(claims["iss"], login.client_id.as_str());
    assert_eq!(claims["sub"], login.username.as_str());
}

#[test]
fn the_audience_is_the_login_service_behind_the_endpoint() {
    let audience = |url| audience_of(&LoginEndpoint::parse(url, 443, 8443).unwrap());
    let (production, sandbox) = (
        "https://login.salesforce.com",
        "https://test.salesforce.com",
    );
    assert_eq!(audience("https://login.salesforce.com"), production);
    assert_eq!(audience("https://acme.my.salesforce.com:8443"), production);
    assert_eq!(audience("https://test.salesforce.com"), sandbox);
    assert_eq!(
        audience("https://acme--uat.sandbox.my.salesforce.com"),
        sandbox
    );
    assert_eq!(
        audience("https://acme.my.site.com"),
        "https://acme.my.site.com"
    );
    // A lookalike is not a sandbox.
    assert_eq!(
        audience("https://acme.sandbox.my.salesforce.com.evil.test"),
        production
    );
}

fn session(answer: &str) -> Result<Session, String> {
    let token = parse(answer.as_bytes()).map_err(|error| error.to_string())?;
    token
        .into_session(
            ApiVersion::DEFAULT,
            None,
            Origin::AccessToken,
            SystemTime::UNIX_EPOCH,
        )
        .map_err(|error| error.to_string())
}

#[test]
fn a_token_is_a_session_of_the_instance_that_comes_with_it() {
    let session = session(
        r#"{"access_token":"00D36000000YUbz!AQ.x","instance_url":"https://acme.my.salesforce.test","id":"https://login.salesforce.com/id/00D36000000YUbzEAG/00536000000a1b2AAA","token_type":"Bearer","scope":"api"}"#,
    )
    .unwrap();
    assert_eq!(session.id.expose(), "00D36000000YUbz!AQ.x");
    assert_eq!(session.user_id.as_deref(), Some("00536000000a1b2AAA"));
    assert_eq!(
        session.organization_id.as_deref(),
        Some("00D36000000YUbzEAG")
    );
    let target = session.api_base(8443, ApiVersion::DEFAULT).soap();
    let authority = target.url().authority().unwrap().as_str();
    assert_eq!(authority, "acme.my.salesforce.test:8443");
}

#[test]
fn a_token_without_what_calls_need_is_an_error_that_does_not_show_it() {
    let without_instance = session(r#"{"access_token":"00D!secret"}"#).unwrap_err();
    assert!(without_instance.contains("instance_url") && !without_instance.contains("secret"));
    let plain = session(r#"{"access_token":"00D!secret","instance_url":"http://x.test"}"#);
    assert!(plain.unwrap_err().contains("https://"));
    assert!(session("{}").unwrap_err().contains("access_token"));
    let odd = session(r#"{"access_token":["secret"]}"#).unwrap_err();
    assert!(odd.contains("line 1") && !odd.contains("secret"), "{odd}");
    // Whose session it is may stay unknown.
    let anybodys =
        session(r#"{"access_token":"00D!s","instance_url":"https://x.test","id":"odd"}"#);
    assert_eq!(anybodys.unwrap().user_id, None);
}

#[test]
fn each_refusal_of_the_token_endpoint_is_told_from_the_others() {
    for (code, description, expected) in [
        (
            "invalid_grant",
            "user hasn't approved this consumer",
            TokenRefusal::NotApproved,
        ),
        (
            "invalid_grant",
            "audience is invalid",
            TokenRefusal::Audience,
        ),
        (
            "invalid_grant",
            "expired authorization code",
            TokenRefusal::Expired,
        ),
        (
            "invalid_grant",
            "invalid assertion",
            TokenRefusal::Assertion,
        ),
        (
            "invalid_grant",
            "authentication failure",
            TokenRefusal::Authentication,
        ),
        (
            "invalid_grant",
            "request not supported on this domain",
            TokenRefusal::Domain,
        ),
        (
            "invalid_grant",
            "no client credentials user enabled",
            TokenRefusal::NoRunAsUser,
        ),
        (
            "invalid_client_id",
            "client identifier invalid",
            TokenRefusal::UnknownApp,
        ),
        (
            "invalid_client",
            "invalid client credentials",
            TokenRefusal::Secret,
        ),
        (
            "unsupported_grant_type",
            "grant type not supported",
            TokenRefusal::Flow,
        ),
        ("invalid_app_access", "", TokenRefusal::AppAccess),
        (
            "inactive_user",
            "user is inactive",
            TokenRefusal::InactiveUser,
        ),
        ("inactive_org", "", TokenRefusal::InactiveOrg),
        (
            "rate_limit_exceeded",
            "login rate exceeded",
            TokenRefusal::RateExceeded,
        ),
        ("server_error", "", TokenRefusal::Other),
    ] {
        let answer = format!(r#"{{"error":"{code}","error_description":"{description}"}}"#);
        let fault = Fault::from_json(answer.as_bytes()).unwrap();
        assert_eq!(
            (fault.code.as_str(), fault.message.as_str()),
            (code, description)
        );
        assert_eq!(token_refusal(&fault), expected, "{code} {description}");
    }
}
