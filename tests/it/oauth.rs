//! Logging in beside SOAP: OAuth's token endpoint, tokens from elsewhere, the Salesforce CLI.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use serde_json::Value;
use sfmtls::local_org::{Call, Ending, Mishap, When};

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
fn ways_that_are_mixed_and_ways_that_lack_something_are_wrong_usage() {
    let lab = lab();
    let key = lab.org.jwt_key().unwrap();
    let key = key.to_str().unwrap();
    for (arguments, says) in [
        (
            &["--client-credentials", "--jwt-key-file", key][..],
            "cannot be used with",
        ),
        (
            &["--from-sf", "acme", "--access-token-file", key],
            "cannot be used with",
        ),
        (
            &["--password-file", key, "--client-id", "x"],
            "cannot be used with",
        ),
        (&["-u", USER, "--client-credentials"], "cannot be used with"),
        (
            &["--instance-url", "https://x.test", "--from-sf", "acme"],
            "cannot be used with",
        ),
        (
            &["-u", USER, "--instance-url", "https://x.test"],
            "--login-url URL",
        ),
        (&["-u", "u@acme.test:hunter2"], "--password-file FILE"),
        (&["--client-secret-file", key], "--client-credentials"),
        (&["--jwt-key-file", key, "-u", USER], "SFMTLS_CLIENT_ID"),
        (&["--jwt-key-file", key, "--client-id", "x"], "-u USER"),
        (&["--client-credentials"], "SFMTLS_CLIENT_ID"),
        (
            &["--client-credentials", "--client-id", "x"],
            "SFMTLS_CLIENT_SECRET",
        ),
        (&["--access-token-file", key], "SF_ORG_INSTANCE_URL"),
        (&["--instance-url", "https://localhost"], "SF_ACCESS_TOKEN"),
    ] {
        let run = lab.run(["login"].iter().chain(arguments)).exits(2);
        assert!(run.stderr.contains(says), "{arguments:?}: {}", run.stderr);
        assert!(!run.stderr.contains("hunter2"), "{}", run.stderr);
    }
    for host in ["login", "test"] {
        let url = format!("https://{host}.salesforce.com");
        let run = lab.run(login(&app(&lab), &["--login-url", &url])).exits(2);
        assert!(
            run.stderr.contains("https://NAME.my.salesforce.com"),
            "{}",
            run.stderr
        );
    }
    assert!(lab.calls().is_empty());
}

#[test]
fn a_key_that_cannot_sign_is_told_before_anything_is_sent() {
    let lab = lab();
    let key = lab.org.jwt_key().unwrap();
    let openssl = |arguments: &[&str]| {
        let out = lab.path("made");
        let mut command = Command::new("openssl");
        command.args(arguments).arg("-out").arg(&out);
        assert!(
            command.output().expect("openssl").status.success(),
            "{arguments:?}"
        );
        fs::set_permissions(&out, fs::Permissions::from_mode(0o600)).unwrap();
        fs::rename(out, lab.path("key.pem")).unwrap();
    };
    let key = key.to_str().unwrap();
    let says = |text: &str, status| {
        let options = ["--jwt-key-file", "key.pem", "--client-id", "x", "-u", USER];
        let run = lab.run(["login"].iter().chain(&options)).exits(status);
        assert!(run.stderr.contains(text), "{text}: {}", run.stderr);
        assert!(run.stderr.contains("key.pem"), "{}", run.stderr);
    };
    says("cannot read key.pem", 1);
    openssl(&["pkey", "-in", key, "-aes256", "-passout", "pass:secret"]);
    says("is encrypted", 1);
    openssl(&["pkey", "-in", key, "-pubout"]);
    says("public key", 1);
    openssl(&[
        "genpkey",
        "-algorithm",
        "EC",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
    ]);
    says("RSA", 1);
    openssl(&[
        "req", "-x509", "-key", key, "-subj", "/CN=jwt", "-days", "1",
    ]);
    says("the certificate and not its private key", 1);
    lab.file(
        "key.pem",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    );
    says("cannot be read", 1);
    lab.file("key.pem", "nothing");
    says("no private key in PEM", 1);
    lab.file("key.pem", b"0\x82\x04\xbe\xff");
    says("no private key in PEM", 1);
    assert!(lab.calls().is_empty());
}

#[test]
fn a_key_that_others_can_read_is_warned_of() {
    let lab = lab();
    let key = fs::read(lab.org.jwt_key().unwrap()).unwrap();
    let file = lab.file("key.pem", key);
    let options = [
        "--jwt-key-file",
        "key.pem",
        "--client-id",
        lab.org.client_id(),
        "-u",
        USER,
    ];
    let silent = lab.run(["login"].iter().chain(&options)).exits(0);
    assert_eq!(silent.stderr, "");
    fs::set_permissions(file, fs::Permissions::from_mode(0o640)).unwrap();
    let told = lab.run(["login"].iter().chain(&options)).exits(0);
    assert!(told.stderr.contains("chmod 600"), "{}", told.stderr);
}

#[test]
fn each_refusal_of_the_token_endpoint_has_its_advice_and_is_never_repeated() {
    for (code, description, advice) in [
        (
            "invalid_grant",
            "user hasn't approved this consumer",
            "pre-authorise the user",
        ),
        (
            "invalid_grant",
            "audience is invalid",
            "--audience https://login.salesforce.com",
        ),
        ("invalid_grant", "expired authorization code", "clock"),
        (
            "invalid_grant",
            "invalid assertion",
            "certificate that is uploaded in the app",
        ),
        ("invalid_grant", "authentication failure", "Login History"),
        (
            "invalid_grant",
            "request not supported on this domain",
            "My Domain",
        ),
        (
            "invalid_client_id",
            "client identifier invalid",
            "consumer key",
        ),
        (
            "invalid_client",
            "invalid client credentials",
            "consumer secret",
        ),
        (
            "unsupported_grant_type",
            "grant type not supported",
            "switch this flow on",
        ),
        ("invalid_app_access", "no access", "allow the app"),
        ("inactive_user", "user is inactive", "activate the user"),
        ("inactive_org", "org is inactive", "organisation"),
        ("rate_limit_exceeded", "login rate exceeded", "wait"),
    ] {
        let lab = lab();
        lab.org
            .switch(|switches| switches.oauth.refuse_with = Some((code, description)));
        let run = lab.run(login(&jwt(&lab), &["-u", USER])).exits(3);
        let first = format!("error: {code}: {description}\n");
        assert!(run.stderr.starts_with(&first), "{}", run.stderr);
        let hint = run.stderr.split("  hint: ").nth(1).unwrap_or_default();
        assert!(hint.contains(advice), "{code}: {}", run.stderr);
        assert_eq!(lab.calls(), ["token"]);
        lab.org.switch(|switches| switches.oauth.error_status = 401);
        let run = lab.run(login(&jwt(&lab), &["-u", USER, "--json"])).exits(3);
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(document["error"]["code"], code);
    }
    let lab = lab();
    lab.org.switch(|switches| switches.oauth.run_as = None);
    let run = lab.run(login(&app(&lab), &[])).exits(3);
    assert!(run.stderr.contains("a user to run as"), "{}", run.stderr);
}

#[test]
fn a_login_that_is_lost_or_delayed_is_not_repeated() {
    for mishap in [Mishap::Unheard(Ending::Reset), Mishap::DoneBehind(503)] {
        let lab = lab();
        lab.org.plan(Call::Any, When::Always, mishap);
        lab.run(login(&jwt(&lab), &["-u", USER])).exits(6);
        assert_eq!(lab.calls(), ["token"]);
    }
}

#[test]
fn an_audience_is_sent_as_it_is_given() {
    let lab = lab();
    let options = jwt(&lab);
    let own = vec!["https://site.test".to_owned()];
    lab.org
        .switch(|switches| switches.oauth.audiences = Some(own));
    let run = lab.run(login(&options, &["-u", USER])).exits(3);
    assert!(run.stderr.contains("audience is invalid"), "{}", run.stderr);
    lab.run(login(
        &options,
        &["-u", USER, "--audience", "https://site.test"],
    ))
    .exits(0);
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

/// A Salesforce CLI that prints these, one a subcommand.
fn salesforce_cli(lab: &mut Lab, display: &str, token: &str) {
    let bin = lab.path("bin");
    fs::create_dir_all(&bin).unwrap();
    let script = format!(
        "#!/bin/sh\necho \"$*\" >>\"$HOME/sf-runs\"\necho 'Warning: an update is there' >&2\n\
         case \"$*\" in\n'org display '*) cat <<'END'\n{display}\nEND\n;;\n*) cat <<'END'\n{token}\nEND\n;;\nesac\n"
    );
    lab.file("bin/sf", script);
    fs::set_permissions(bin.join("sf"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", bin.display());
    lab.set("PATH", path);
}

fn display(token: &str) -> String {
    format!(
        r#"{{"status":0,"result":{{"id":"00D36000000YUbzEAG","accessToken":"{token}","instanceUrl":"https://localhost","username":"{USER}"}},"warnings":[]}}"#
    )
}

#[test]
fn a_session_of_the_salesforce_cli_is_taken_over_from_both_generations() {
    let mut lab = lab();
    let token = lab.org.session(0, "localhost");
    let shown =
        format!(r#"{{"status":0,"result":{{"accessToken":"{token}"}},"warnings":["secret"]}}"#);
    for (first, runs) in [
        (display(&token), 1),
        (display("[REDACTED] Use 'sf org auth …' to view"), 2),
    ] {
        salesforce_cli(&mut lab, &first, &shown);
        let run = lab.run(["login", "--from-sf", "acme", "-vv"]).exits(0);
        assert!(
            run.stdout.starts_with(&format!("Logged in as {USER} (")),
            "{}",
            run.stdout
        );
        assert!(!run.stderr.contains(&token), "{}", run.stderr);
        let ran = fs::read_to_string(lab.path("sf-runs")).unwrap();
        assert_eq!(ran.lines().count(), runs, "{ran}");
        assert!(
            ran.lines()
                .all(|line| line.ends_with("--target-org=acme --json")),
            "{ran}"
        );
        fs::remove_file(lab.path("sf-runs")).unwrap();
        assert_eq!(cached(&lab)["origin"]["alias"], "acme");
        lab.run(["getuserinfo"]).exits(0);
    }
}

#[test]
fn a_salesforce_cli_that_gives_no_session_is_told_in_its_words() {
    let mut lab = lab();
    let run = lab.run(["login", "--from-sf", "acme"]).exits(3);
    assert!(run.stderr.contains("@salesforce/cli"), "{}", run.stderr);
    let refusal = r#"{"status":1,"name":"NamedOrgNotFoundError","message":"No authorization information found for acme."}"#;
    salesforce_cli(&mut lab, refusal, "");
    let run = lab.run(["login", "--from-sf", "acme"]).exits(3);
    assert!(
        run.stderr
            .contains("No authorization information found for acme."),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("sf org list"), "{}", run.stderr);
    salesforce_cli(&mut lab, "Usage: sf", "");
    let run = lab.run(["login", "--from-sf", "acme"]).exits(3);
    assert!(
        run.stderr.contains("printed no JSON document"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_salesforce_cli_that_prints_without_end_is_not_listened_to_for_ever() {
    let mut lab = lab();
    salesforce_cli(&mut lab, "", "");
    lab.file("bin/sf", "#!/bin/sh\nexec yes\n");
    fs::set_permissions(lab.path("bin/sf"), fs::Permissions::from_mode(0o755)).unwrap();
    let run = lab.run(["login", "--from-sf", "acme"]).exits(3);
    assert!(
        run.stderr.contains("printed no JSON document"),
        "{}",
        run.stderr
    );
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
        command.contains("client_secret=$SFMTLS_CLIENT_SECRET"),
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
