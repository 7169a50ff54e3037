//! What the org takes for a JSON Web Token, and what not.

use super::*;

/// Signs the usual claims after a change and asks with the result.
fn ask_after(org: &Org, change: impl FnOnce(&mut Value)) -> Reply {
    let mut claims = claims(org);
    change(&mut claims);
    ask_with_jwt(org, &jwt(org, &claims))
}

/// A key as good as the app's.
fn foreign_key(org: &Org) -> PathBuf {
    let path = org.files().dir.join("foreign-rsa.key");
    let mut openssl = Command::new("openssl");
    openssl.args(["genrsa", "2048"]).stderr(Stdio::null());
    std::fs::write(&path, piped(&mut openssl, b"")).expect("it can be written");
    path
}

fn invalid() -> (String, String) {
    told("invalid_grant", "invalid assertion")
}

#[test]
fn each_claim_has_its_own_refusal() {
    let org = org();
    let refusal =
        |name: &str, value: Value| ask_after(&org, |claims| claims[name] = value).refusal(400);
    let grant = |description| told("invalid_grant", description);
    let unknown = told("invalid_client_id", "client identifier invalid");
    assert_eq!(refusal("iss", json!("3MVG9other")), unknown);
    assert_eq!(refusal("iss", json!(null)), unknown);
    let not_approved = grant("user hasn't approved this consumer");
    assert_eq!(refusal("sub", json!("nobody@acme.test")), not_approved);
    assert_eq!(refusal("sub", json!(1)), invalid());
    let expired = grant("expired authorization code");
    assert_eq!(refusal("exp", json!(now() - 1)), expired);
    assert_eq!(refusal("exp", json!(now() as f64 - 0.5)), expired);
    assert_eq!(refusal("exp", json!("soon")), invalid());
    assert_eq!(refusal("exp", json!(null)), invalid());
    let audience = grant("audience is invalid");
    for wrong in [
        "https://acme.my.salesforce.test",
        "http://login.salesforce.com",
        "https://login.salesforce.com/",
        "login.salesforce.com",
        "",
    ] {
        assert_eq!(refusal("aud", json!(wrong)), audience, "{wrong}");
    }
    org.switch(|switches| switches.oauth.user_not_approved = true);
    let reply = ask_with_jwt(&org, &jwt(&org, &claims(&org)));
    assert_eq!(reply.refusal(400), not_approved);
}

#[test]
fn audiences_are_the_generic_hosts_the_orgs_own_or_those_chosen() {
    let org = org();
    let ask = |audience: &str| ask_after(&org, |claims| claims["aud"] = json!(audience));
    let own = format!("https://localhost:{}", org.login_port());
    for audience in ["https://test.salesforce.com", "https://localhost", &own] {
        ask(audience).token();
    }
    let chosen = "https://acme.my.site.test";
    org.switch(|switches| switches.oauth.audiences = Some(vec![chosen.to_owned()]));
    ask(chosen).token();
    assert_eq!(ask(&own).refusal(400).1, "audience is invalid");
}

#[test]
fn an_expiry_may_be_a_fraction_or_far_away() {
    let org = org();
    for expiry in [json!(now() as f64 + 60.5), json!(now() * 1000)] {
        ask_after(&org, |claims| claims["exp"] = expiry.clone()).token();
    }
    // The org's clock counts.
    org.switch(|switches| switches.clock_ahead = 600);
    let reply = ask_with_jwt(&org, &jwt(&org, &claims(&org)));
    assert_eq!(reply.refusal(400).1, "expired authorization code");
}

#[test]
fn a_username_is_compared_without_case() {
    let org = org();
    let name = org.user().username.to_uppercase();
    ask_after(&org, |claims| claims["sub"] = json!(name)).token();
}

#[test]
fn what_is_not_signed_with_the_apps_key_is_invalid() {
    let org = org();
    let good = jwt(&org, &claims(&org));
    ask_with_jwt(&org, &good).token();

    let (text, signature) = good.rsplit_once('.').expect("three parts");
    let (header, _) = text.split_once('.').expect("two parts");
    let mut other = claims(&org);
    other["sub"] = json!("free@acme.test");
    let other = base64url(other.to_string().as_bytes());
    let none = base64url(br#"{"alg":"none"}"#);
    let text_claims = &text[header.len() + 1..];
    let foreign = signed(&json!({"alg": "RS256"}), &claims(&org), &foreign_key(&org));
    for wrong in [
        String::new(),
        text.to_owned(),
        format!("{text}."),
        format!("{good}."),
        format!("{good}="),
        format!("{good}.{signature}"),
        format!("{header}.{other}.{signature}"),
        format!("{none}.{text_claims}."),
        format!("{none}.{text_claims}.{signature}"),
        format!("{text}.{}", signature.replace(['-', '_'], "+")),
        foreign,
    ] {
        assert_eq!(
            ask_with_jwt(&org, &wrong).refusal(400),
            invalid(),
            "{wrong}"
        );
    }
    let key = org.jwt_key().expect("the key is written");
    for header in [json!({"alg": "HS256"}), json!({}), json!(["RS256"])] {
        let wrong = signed(&header, &claims(&org), &key);
        assert_eq!(ask_with_jwt(&org, &wrong).refusal(400), invalid());
    }
}
