//! Logging in beside SOAP: OAuth's token endpoint, tokens from elsewhere, the Salesforce CLI.

mod refused;
mod salesforce_cli;

use std::fs;

use serde_json::Value;

use crate::lab::Lab;

pub(crate) const USER: &str = "integration@acme.test";

/// Without a user or a password in the environment.
fn lab() -> Lab {
    let mut lab = Lab::new();
    lab.forget_credentials();
    lab
}

/// The options of the JWT bearer flow.
pub(crate) fn jwt(lab: &Lab) -> Vec<String> {
    let key = lab.org.jwt_key().expect("the org writes it");
    let key = key.to_str().expect("UTF-8");
    let words = ["--jwt-key-file", key, "--client-id", lab.org.client_id()];
    words.map(str::to_owned).into()
}

/// The options of client credentials, the secret in a file.
pub(crate) fn app(lab: &Lab) -> Vec<String> {
    let secret = lab.file("client-secret", format!("{}\n", lab.org.client_secret()));
    let secret = secret.to_str().expect("UTF-8");
    let words = [
        "--client-credentials",
        "--client-id",
        lab.org.client_id(),
        "--client-secret-file",
        secret,
    ];
    words.map(str::to_owned).into()
}

pub(crate) fn login<'a>(options: &'a [String], more: &[&'a str]) -> Vec<&'a str> {
    let options = options.iter().map(String::as_str);
    ["login"]
        .into_iter()
        .chain(options)
        .chain(more.iter().copied())
        .collect()
}

fn cached(lab: &Lab) -> Value {
    let text = fs::read_to_string(lab.session_file()).expect("there is a cache");
    serde_json::from_str(&text).expect("it is JSON")
}

#[test]
fn a_jwt_logs_in_and_the_cache_knows_how_but_no_secret() {
    let lab = lab();
    let out = lab.stdout(login(&jwt(&lab), &["-u", USER]));
    assert!(
        out.starts_with(&format!("Logged in as {USER} (user 005")),
        "{out}"
    );
    assert_eq!(lab.calls(), ["token"]);
    let info = lab.stdout(["getuserinfo", "-r", "json"]);
    assert!(info.contains(USER), "{info}");
    let cache = cached(&lab);
    assert_eq!(cache["origin"]["how"], "jwt-bearer");
    assert_eq!(cache["origin"]["client_id"], lab.org.client_id());
    let key = lab.org.jwt_key().unwrap();
    assert_eq!(cache["origin"]["key_file"], key.to_str().unwrap());
    let secrets = fs::read_to_string(&key).unwrap();
    let line = secrets.lines().nth(3).expect("a line of the key");
    assert!(!cache.to_string().contains(line));
}

#[test]
fn client_credentials_log_in_as_the_user_that_the_app_runs_as() {
    let lab = lab();
    let out = lab.stdout(login(&app(&lab), &[]));
    assert!(out.starts_with("Logged in as user 005"), "{out}");
    let info = lab.stdout(["getuserinfo", "-r", "json"]);
    assert!(info.contains(USER), "{info}");
    let cache = cached(&lab);
    assert_eq!(cache["origin"]["how"], "client-credentials");
    assert!(!cache.to_string().contains(lab.org.client_secret()));
}

#[test]
fn without_an_option_the_environment_decides_in_a_fixed_order() {
    // User, password and security token are there already.
    let mut lab = Lab::new();
    let how = |lab: &Lab| {
        lab.run(["login"]).exits(0);
        cached(lab)["origin"]["how"].as_str().unwrap().to_owned()
    };
    assert_eq!(how(&lab), "soap-login");
    let (id, secret) = (
        lab.org.client_id().to_owned(),
        lab.org.client_secret().to_owned(),
    );
    lab.set("SFMTLS_CLIENT_ID", id);
    lab.set("SFMTLS_CLIENT_SECRET", secret);
    assert_eq!(how(&lab), "client-credentials");
    let key = lab.org.jwt_key().unwrap();
    lab.set("SFMTLS_JWT_KEY_FILE", key);
    assert_eq!(how(&lab), "jwt-bearer");
    let token = lab.stdout(["login", "--show-session-id"]);
    lab.set("SF_ACCESS_TOKEN", token.trim());
    // Half of what it takes decides nothing.
    assert_eq!(how(&lab), "jwt-bearer");
    lab.set("SF_ORG_INSTANCE_URL", "https://localhost");
    assert_eq!(how(&lab), "access-token");
    // An option is stronger, and a user name is no part of that way.
    lab.run(["login", "-u", USER]).exits(0);
    assert_eq!(cached(&lab)["origin"]["how"], "jwt-bearer");
}

/// A key without a user used to end the program, whatever else was there.
#[test]
fn half_of_one_way_does_not_hide_the_whole_of_another() {
    let mut lab = lab();
    let key = lab.org.jwt_key().unwrap();
    let id = lab.org.client_id().to_owned();
    let secret = lab.org.client_secret().to_owned();
    lab.set("SFMTLS_JWT_KEY_FILE", key);
    lab.set("SFMTLS_CLIENT_ID", id);
    lab.set("SFMTLS_CLIENT_SECRET", secret);
    lab.run(["getuserinfo"]).exits(0);
    assert_eq!(cached(&lab)["origin"]["how"], "client-credentials");
    lab.run(["login"]).exits(0);
    assert_eq!(cached(&lab)["origin"]["how"], "client-credentials");
    // The user may be named by an option.
    lab.run(["login", "-u", USER]).exits(0);
    assert_eq!(cached(&lab)["origin"]["how"], "jwt-bearer");
}

/// They used to stop every command, while the session was good.
#[test]
fn credentials_that_cannot_be_used_stop_nothing_until_the_session_has_expired() {
    let mut lab = lab();
    lab.run(login(&jwt(&lab), &["-u", USER])).exits(0);
    let id = lab.org.client_id().to_owned();
    lab.set("SFMTLS_JWT_KEY_FILE", lab.path("moved.pem"));
    lab.set("SFMTLS_CLIENT_ID", id);
    lab.set("SFMTLS_USERNAME", USER);
    let run = lab.run(["getuserinfo"]).exits(0);
    assert_eq!(run.stderr, "");
    lab.org.end_sessions();
    let run = lab.run(["getuserinfo"]).exits(3);
    for words in ["the session has expired", "moved.pem", "sfmtls login"] {
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
    }
    lab.run(["logout"]).exits(0);
    let run = lab.run(["getuserinfo"]).exits(1);
    assert!(run.stderr.contains("moved.pem"), "{}", run.stderr);
}

#[test]
fn what_the_environment_holds_is_looked_at_once() {
    let mut lab = lab();
    let (key, id) = (lab.org.jwt_key().unwrap(), lab.org.client_id().to_owned());
    lab.set("SFMTLS_JWT_KEY_FILE", key);
    lab.set("SFMTLS_CLIENT_ID", id);
    lab.set("SFMTLS_USERNAME", USER);
    for arguments in [
        ["getuserinfo", "-v"],
        ["getuserinfo", "-v"],
        ["login", "-v"],
    ] {
        let said = lab.run(arguments).exits(0).stderr;
        assert_eq!(said.matches("jwt-key-file = ").count(), 1, "{said}");
    }
}

/// What the environment holds is enough for any command, without a login before and without a home.
#[test]
fn a_container_needs_no_login_whatever_it_has() {
    for way in ["token", "jwt", "app"] {
        let mut lab = lab();
        lab.set("SFMTLS_SESSION", "/proc/nowhere/session.json");
        match way {
            "token" => {
                let token = lab.org.session(0, "localhost");
                lab.set("SF_ACCESS_TOKEN", token);
                lab.set("SF_ORG_INSTANCE_URL", "localhost");
            }
            "jwt" => {
                let (key, id) = (lab.org.jwt_key().unwrap(), lab.org.client_id().to_owned());
                lab.set("SFMTLS_JWT_KEY_FILE", key);
                lab.set("SFMTLS_CLIENT_ID", id);
                lab.set("SFMTLS_USERNAME", USER);
            }
            _ => {
                let id = lab.org.client_id().to_owned();
                let secret = lab.org.client_secret().to_owned();
                lab.set("SFMTLS_CLIENT_ID", id);
                lab.set("SFMTLS_CLIENT_SECRET", secret);
            }
        }
        let out = lab.stdout(["getuserinfo", "-r", "csv"]);
        assert!(out.contains(USER), "{way}: {out}");
    }
}

#[test]
fn an_access_token_is_tried_by_one_call_and_stored_with_its_owner() {
    let lab = lab();
    let token = lab.org.session(0, "localhost");
    let take = [
        "login",
        "--access-token-file",
        "-",
        "--instance-url",
        "https://localhost",
    ];
    let run = lab.run_with_input(take, &format!("{token}\n")).exits(0);
    assert!(
        run.stdout.starts_with(&format!("Logged in as {USER} (")),
        "{}",
        run.stdout
    );
    assert_eq!(lab.calls(), ["getUserInfo"]);
    assert!(!run.stdout.contains(&token) && !run.stderr.contains(&token));
    lab.run(["query", "SELECT Id FROM Contact LIMIT 1"])
        .exits(0);
    // One that is no good is noticed before it is stored.
    let before = cached(&lab);
    let run = lab
        .run_with_input(take, "00D36000000YUbz!AQ.wrong")
        .exits(3);
    assert!(run.stderr.contains("INVALID_SESSION_ID"), "{}", run.stderr);
    assert!(!run.stderr.contains("AQ.wrong"), "{}", run.stderr);
    assert_eq!(cached(&lab), before);
}

#[test]
fn an_access_token_without_an_identity_is_stored_as_it_is() {
    let mut lab = lab();
    lab.unset("SFMTLS_CERT");
    let token = lab.org.session(0, "localhost");
    let file = lab.file("token", &token);
    let take = [
        "login",
        "--access-token-file",
        file.to_str().unwrap(),
        "--instance-url",
    ];
    let out = lab.stdout(take.iter().copied().chain(["https://localhost"]));
    assert!(out.starts_with("Took over a session"), "{out}");
    assert!(lab.calls().is_empty());
    assert_eq!(cached(&lab)["session_id"], token);
}

#[test]
fn a_login_on_the_mutual_port_carries_the_certificate_in_every_way() {
    let mut lab = Lab::new();
    let url = format!("https://localhost:{}", lab.org.mutual_port());
    lab.set("SFMTLS_LOGIN_URL", &url);
    lab.run(["login"]).exits(0);
    lab.run(login(&jwt(&lab), &["-u", USER])).exits(0);
    lab.run(login(&app(&lab), &[])).exits(0);
    assert_eq!(lab.calls(), ["login", "token", "token"]);
    for entry in &lab.org.journal().entries {
        assert!(entry.certificate.is_some(), "{entry}");
    }
    // Without one nothing is sent.
    lab.unset("SFMTLS_CERT");
    let run = lab.run(login(&jwt(&lab), &["-u", USER])).exits(2);
    assert!(
        run.stderr.contains("no client certificate"),
        "{}",
        run.stderr
    );
}

/// The cache names the files; they are read only when a new session is due.
#[test]
fn an_expired_session_is_replaced_by_what_the_cache_remembers() {
    for way in [jwt, app] {
        let lab = lab();
        let options = way(&lab);
        let user: &[&str] = if options[0].contains("jwt") {
            &["-u", USER]
        } else {
            &[]
        };
        lab.run(login(&options, user)).exits(0);
        lab.org.end_sessions();
        let run = lab.run(["query", "SELECT Id FROM Contact"]).exits(0);
        assert!(run.stderr.contains("logging in again"), "{}", run.stderr);
        assert_eq!(run.stdout.lines().count(), 26);
        let again = lab.run(["getuserinfo"]).exits(0);
        assert_eq!(again.stderr, "");
    }
}

#[test]
fn a_remembered_file_that_is_gone_is_named() {
    let lab = lab();
    lab.run(login(&app(&lab), &[])).exits(0);
    fs::remove_file(lab.path("client-secret")).unwrap();
    lab.run(["getuserinfo"]).exits(0);
    lab.org.end_sessions();
    let run = lab.run(["getuserinfo"]).exits(3);
    let gone = lab.path("client-secret");
    assert!(
        run.stderr.contains(gone.to_str().unwrap()),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("sfmtls login"), "{}", run.stderr);
}

#[test]
fn a_session_that_was_taken_over_is_not_replaced() {
    let mut lab = lab();
    let token = lab.org.session(0, "localhost");
    lab.set("SF_ACCESS_TOKEN", &token);
    lab.set("SF_ORG_INSTANCE_URL", "https://localhost");
    lab.run(["login"]).exits(0);
    lab.org.end_sessions();
    let run = lab.run(["getuserinfo"]).exits(3);
    assert!(run.stderr.contains("INVALID_SESSION_ID"), "{}", run.stderr);
    assert_eq!(lab.calls(), ["getUserInfo", "getUserInfo"]);
}

#[test]
fn a_token_in_the_form_of_a_jwt_is_told_for_what_it_is_and_never_asked_for_anew() {
    let lab = lab();
    lab.org.switch(|switches| switches.oauth.jwt_tokens = true);
    let run = lab.run(login(&jwt(&lab), &["-u", USER])).exits(0);
    assert!(
        run.stderr.contains("warning: the access token is a JWT"),
        "{}",
        run.stderr
    );
    for command in [
        &["getuserinfo"][..],
        &["query", "SELECT Id FROM Contact"],
        &["bulk-query", "SELECT Id FROM Contact"],
    ] {
        let run = lab.run(command).exits(3);
        assert!(
            run.stderr.contains("Issue JSON Web Token (JWT)-based"),
            "{}",
            run.stderr
        );
    }
    assert_eq!(
        lab.calls().iter().filter(|call| *call == "token").count(),
        1
    );
    let query = ["bulk-query", "--bulk-api", "2", "SELECT Id FROM Contact"];
    let out = lab.stdout(query);
    assert_eq!(out.lines().count(), 26);
}

#[test]
fn no_secret_of_any_way_is_told_anywhere() {
    let mut lab = lab();
    let (key, secret) = (
        fs::read_to_string(lab.org.jwt_key().unwrap()).unwrap(),
        lab.org.client_secret().to_owned(),
    );
    let key_line = key.lines().nth(3).unwrap();
    let ways = [
        jwt(&lab)
            .into_iter()
            .chain(["-u".into(), USER.into()])
            .collect(),
        app(&lab),
    ];
    for way in &ways {
        for more in [&["-vv", "--show-curl"][..], &["--json", "-vv"]] {
            let run = lab.run(login(way, more)).exits(0);
            let id = cached(&lab)["session_id"].as_str().unwrap().to_owned();
            let said = format!("{}{}", run.stdout, run.stderr);
            for hidden in [
                key_line,
                &secret,
                &id,
                id.split_once('!').unwrap().1,
                "assertion=ey",
            ] {
                assert!(!said.contains(hidden), "{hidden}: {said}");
            }
        }
    }
    lab.set("SF_ACCESS_TOKEN", &secret);
    lab.set("SF_ORG_INSTANCE_URL", "https://localhost");
    let run = lab.run(["login", "-vv", "--show-curl"]).exits(3);
    assert!(!run.stderr.contains(&secret), "{}", run.stderr);
}

/// `--show-curl` names the secret by its variable, and curl gets a token with it.
#[test]
fn the_curl_command_of_a_token_request_gets_a_token() {
    let mut lab = lab();
    let run = lab.run(login(&app(&lab), &["--show-curl"])).exits(0);
    let command = run.stderr;
    assert!(
        command.contains("printf %s \"$SFMTLS_CLIENT_SECRET\" | curl"),
        "{command}"
    );
    let secret = lab.org.client_secret().to_owned();
    lab.set("SFMTLS_CLIENT_SECRET", secret);
    let answer = lab.shell(&format!("{command}\n"));
    assert!(
        answer.stdout.contains("\"access_token\""),
        "{command}\n{}{}",
        answer.stdout,
        answer.stderr
    );
}
