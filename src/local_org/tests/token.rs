//! The token endpoint, judged by curl with JSON Web Tokens that the openssl program signed.

mod assertions;
mod sessions;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::super::*;
use super::org;

const JWT_BEARER: &str = "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer";
const CREDENTIALS: &str = "grant_type=client_credentials";

/// What curl got.
#[derive(Debug)]
struct Reply {
    status: u16,
    body: String,
}

impl Reply {
    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The token of a good answer.
    #[track_caller]
    fn token(&self) -> String {
        assert_eq!(self.status, 200, "{self:?}");
        self.json()["access_token"]
            .as_str()
            .expect("text")
            .to_owned()
    }

    /// Error and description of a refusal with this status.
    #[track_caller]
    fn refusal(&self, status: u16) -> (String, String) {
        assert_eq!(self.status, status, "{self:?}");
        let body = self.json();
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        (text("error"), text("error_description"))
    }
}

fn told(error: &str, description: &str) -> (String, String) {
    (error.to_owned(), description.to_owned())
}

/// Runs a program with this on its standard input.
fn piped(command: &mut Command, input: &[u8]) -> Vec<u8> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program is installed");
    let mut stdin = child.stdin.take().expect("piped");
    stdin.write_all(input).expect("the program reads");
    drop(stdin);
    child.wait_with_output().expect("the program ends").stdout
}

fn curl(org: &Org, port: u16, path: &str, options: &[&str]) -> Reply {
    let output = Command::new("curl")
        .args([
            "-q",
            "-sS",
            "--max-time",
            "60",
            "--noproxy",
            "*",
            "--cacert",
        ])
        .arg(&org.files().ca)
        .args(["-w", "\n%{http_code}"])
        .args(options)
        .arg(format!("https://localhost:{port}{path}"))
        .output()
        .expect("curl is installed");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let (body, status) = text.rsplit_once('\n').expect("a status line");
    Reply {
        status: status.parse().expect("a number"),
        body: body.to_owned(),
    }
}

/// Asks for a token on the login port with these parameters.
fn ask(org: &Org, parameters: &[&str]) -> Reply {
    ask_at(org, org.login_port(), parameters, &[])
}

fn ask_at(org: &Org, port: u16, parameters: &[&str], options: &[&str]) -> Reply {
    let mut all = options.to_vec();
    for parameter in parameters {
        all.extend(["--data-urlencode", parameter]);
    }
    curl(org, port, "/services/oauth2/token", &all)
}

fn ask_with_jwt(org: &Org, jwt: &str) -> Reply {
    ask(org, &[JWT_BEARER, &format!("assertion={jwt}")])
}

fn ask_with_secret(org: &Org) -> Reply {
    let id = format!("client_id={}", org.client_id());
    let secret = format!("client_secret={}", org.client_secret());
    ask(org, &[CREDENTIALS, &id, &secret])
}

fn base64url(bytes: &[u8]) -> String {
    let text = piped(Command::new("openssl").args(["base64", "-A"]), bytes);
    let text = String::from_utf8(text).expect("ASCII");
    text.trim_end_matches('=')
        .replace('+', "-")
        .replace('/', "_")
}

fn now() -> u64 {
    let age = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    age.expect("after 1970").as_secs()
}

/// The claims that the org takes.
fn claims(org: &Org) -> Value {
    json!({
        "iss": org.client_id(),
        "sub": org.user().username,
        "aud": "https://login.salesforce.com",
        "exp": now() + 180,
    })
}

fn signed(header: &Value, claims: &Value, key: &Path) -> String {
    let text = [header, claims].map(|part| base64url(part.to_string().as_bytes()));
    let text = text.join(".");
    let mut openssl = Command::new("openssl");
    openssl.args(["dgst", "-sha256", "-sign"]).arg(key);
    let signature = piped(&mut openssl, text.as_bytes());
    format!("{text}.{}", base64url(&signature))
}

fn jwt(org: &Org, claims: &Value) -> String {
    let key = org.jwt_key().expect("the key is written");
    signed(&json!({"alg": "RS256"}), claims, &key)
}

#[test]
fn a_signed_jwt_gives_a_session_of_its_subject() {
    let org = org();
    let reply = ask_with_jwt(&org, &jwt(&org, &claims(&org)));
    let token = reply.token();
    assert!(token.starts_with("00D36000000YUbz!"), "{token}");
    let body = reply.json();
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["instance_url"], "https://localhost");
    assert_eq!(
        body["id"],
        "https://localhost/id/00D36000000YUbzEAG/00536000000a1b2AAA"
    );
    assert!(body["scope"].is_string() && body["signature"].is_string());
    assert_eq!(body.get("issued_at"), None);
    assert_eq!(org.journal().calls(), ["token"]);
    org.journal().check().expect("all rules were kept");
}

#[test]
fn client_credentials_give_a_session_of_the_chosen_user() {
    let org = org();
    org.switch(|switches| switches.oauth.run_as = Some(1));
    let in_the_body = ask_with_secret(&org);
    let pair = format!("{}:{}", org.client_id(), org.client_secret());
    let as_basic = ask_at(&org, org.login_port(), &[CREDENTIALS], &["-u", &pair]);
    for reply in [in_the_body, as_basic] {
        let token = reply.token();
        assert!(token.starts_with("00D36000000YUbz!"), "{token}");
        let body = reply.json();
        let id = body["id"].as_str().expect("text");
        assert!(id.ends_with("/00536000000a1b3AAA"), "{id}");
        let issued_at = body["issued_at"].as_str().expect("text");
        let issued_at: u64 = issued_at.parse().expect("a number");
        assert!(issued_at / 1000 >= now() - 60, "{issued_at}");
    }
    assert_eq!(org.journal().calls(), ["token", "token"]);
}

#[test]
fn the_mutual_port_judges_the_certificate_first() {
    let org = org();
    let assertion = format!("assertion={}", jwt(&org, &claims(&org)));
    let ask =
        |options: &[&str]| ask_at(&org, org.mutual_port(), &[JWT_BEARER, &assertion], options);
    let none = ask(&[]);
    assert!(none.body.contains("No client certificate provided."));
    let file = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    let expired = ask(&["-E", &file(&org.files().expired)]);
    assert!(expired.body.contains("certificate has expired"));
    let other = ask(&["-E", &file(&org.files().other_org)]);
    assert_eq!(other.refusal(400).0, "MUTUAL_AUTHENTICATION_FAILED");
    ask(&["-E", &file(&org.files().client)]).token();
}

#[test]
fn credentials_that_are_not_right_are_refused() {
    let org = org();
    let id = format!("client_id={}", org.client_id());
    let secret = format!("client_secret={}", org.client_secret());
    let refusal = |parameters: &[&str]| ask(&org, parameters).refusal(400);
    let wrong_secret = told("invalid_client", "invalid client credentials");
    assert_eq!(
        refusal(&[CREDENTIALS, &id, "client_secret=x"]),
        wrong_secret
    );
    assert_eq!(refusal(&[CREDENTIALS, &id]), wrong_secret);
    let unknown = told("invalid_client_id", "client identifier invalid");
    assert_eq!(refusal(&[CREDENTIALS, "client_id=x", &secret]), unknown);
    assert_eq!(refusal(&[CREDENTIALS]), unknown);
    let basic = ["-u", "x:y"];
    let reply = ask_at(&org, org.login_port(), &[CREDENTIALS, &secret], &basic);
    assert_eq!(reply.refusal(400).0, "invalid_request");

    org.switch(|switches| switches.oauth.run_as = None);
    assert_eq!(
        ask_with_secret(&org).refusal(400),
        told("invalid_grant", "no client credentials user enabled")
    );
    org.switch(|switches| switches.oauth.generic_login_host = true);
    assert_eq!(
        ask_with_secret(&org).refusal(400),
        told("invalid_grant", "request not supported on this domain")
    );
    // JWTs are taken there.
    ask_with_jwt(&org, &jwt(&org, &claims(&org))).token();
}

#[test]
fn other_grants_and_other_forms_of_requests_are_refused() {
    let org = org();
    let unsupported = told("unsupported_grant_type", "grant type not supported");
    for parameters in [
        &["grant_type=password", "username=u", "password=p"][..],
        &["grant_type=refresh_token"],
        &["grant_type="],
        &["x=y"],
    ] {
        assert_eq!(ask(&org, parameters).refusal(400), unsupported);
    }
    let twice = ask(&org, &[CREDENTIALS, CREDENTIALS]);
    assert_eq!(twice.refusal(400).0, "invalid_request");
    let path = "/services/oauth2/token";
    let json = ["-H", "Content-Type: application/json", "-d", CREDENTIALS];
    let reply = curl(&org, org.login_port(), path, &json);
    assert_eq!(reply.refusal(400), unsupported);
    // Parameters outside the body count for nothing.
    let secret = format!(
        "{path}?client_id={}&client_secret={}",
        org.client_id(),
        org.client_secret()
    );
    let reply = curl(&org, org.login_port(), &secret, &["-d", CREDENTIALS]);
    assert_eq!(reply.refusal(400).0, "invalid_client_id");
    assert_eq!(curl(&org, org.login_port(), path, &[]).status, 405);
}

#[test]
fn every_refusal_can_be_made_to_come_with_either_status() {
    let org = org();
    for (error, description) in [
        ("invalid_grant", "authentication failure"),
        ("invalid_app_access", "user is not admin approved"),
        ("inactive_user", "user is inactive"),
        ("inactive_org", "organization is inactive"),
        ("rate_limit_exceeded", "login rate exceeded"),
    ] {
        for status in [400, 401] {
            org.switch(|switches| {
                switches.oauth.refuse_with = Some((error, description));
                switches.oauth.error_status = status;
            });
            let refusal = told(error, description);
            assert_eq!(ask_with_secret(&org).refusal(status), refusal);
            let reply = ask_with_jwt(&org, "not looked at");
            assert_eq!(reply.refusal(status), refusal);
        }
    }
}

#[test]
fn mishaps_can_be_planned_for_it() {
    let org = org();
    let fault = Mishap::Fault("rate_limit_exceeded", "slow down");
    org.plan(Call::Token, When::Nth(2), fault);
    ask_with_secret(&org).token();
    let refusal = ask_with_secret(&org).refusal(400);
    assert_eq!(refusal, told("rate_limit_exceeded", "slow down"));
    ask_with_secret(&org).token();
}

#[cfg(unix)]
#[test]
fn its_files_hold_what_it_takes_and_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let org = org();
    let key = org.jwt_key().expect("the key is written");
    assert_eq!(org.jwt_key().expect("it still is"), key);
    assert_eq!(key, org.files().dir.join("jwt.key"));
    let secret = &org.files().client_secret;
    for path in [&key, secret, &org.files().client_id] {
        let mode = path.metadata().expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
    let read = |path: &Path| std::fs::read_to_string(path).expect("UTF-8");
    assert_eq!(read(secret), format!("{}\n", org.client_secret()));
    let id = read(&org.files().client_id);
    assert_eq!(id, format!("{}\n", org.client_id()));
    let text = piped(
        Command::new("openssl").args(["pkey", "-noout", "-text"]),
        read(&key).as_bytes(),
    );
    let text = String::from_utf8_lossy(&text);
    assert!(text.contains("2048 bit"), "{text}");
    assert!(read(&key).starts_with("-----BEGIN PRIVATE KEY-----\n"));
}
