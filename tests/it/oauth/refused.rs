//! Logins that are not made, and those that the token endpoint refuses.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use serde_json::Value;
use sfmtls::local_org::{Call, Ending, Mishap, When};

use super::{USER, app, jwt, lab, login};

#[test]
fn ways_that_are_mixed_and_ways_that_lack_something_are_wrong_usage() {
    let lab = lab();
    let key = lab.org.jwt_key().unwrap();
    let key = key.to_str().unwrap();
    let token = lab.file("token", "00D!token");
    let token = token.to_str().unwrap();
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
        (&["--access-token-file", token], "SF_ORG_INSTANCE_URL"),
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

/// Where an option names the way, clap refuses them; the environment used to have them passed over.
#[test]
fn an_option_that_the_environments_way_has_no_use_for_is_refused() {
    let soap = [("SFMTLS_USERNAME", USER), ("SFMTLS_PASSWORD", "hunter2")];
    let token = [
        ("SF_ACCESS_TOKEN", "hunter2"),
        ("SF_ORG_INSTANCE_URL", "https://localhost"),
    ];
    let app = [
        ("SFMTLS_CLIENT_ID", "x"),
        ("SFMTLS_CLIENT_SECRET", "hunter2"),
    ];
    let key = [
        ("SFMTLS_CLIENT_ID", "x"),
        ("SFMTLS_JWT_KEY_FILE", "no.key"),
        ("SFMTLS_USERNAME", USER),
    ];
    for (variables, way, options) in [
        (
            &soap[..],
            "a login by password",
            &["--client-id", "--audience"][..],
        ),
        (
            &token,
            "an access token",
            &["--client-id", "--audience", "--security-token-file"],
        ),
        (
            &app,
            "the client credentials flow",
            &["--audience", "--security-token-file"],
        ),
        (&key, "the JWT bearer flow", &["--security-token-file"]),
    ] {
        let mut lab = lab();
        for (name, value) in variables {
            lab.set(name, value);
        }
        for option in options {
            let run = lab.run(["login", option, "https://x.test"]).exits(2);
            let says = format!("error: {option} has no effect on {way}\n");
            assert!(run.stderr.contains(&says), "{option}: {}", run.stderr);
        }
        assert!(lab.calls().is_empty());
    }
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
