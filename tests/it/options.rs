//! Global options from outside: where values come from, help.

use std::fs;

use crate::lab::Lab;

#[test]
fn verbose_tells_where_each_value_came_from() {
    let mut lab = Lab::new();
    lab.unset("SFMTLS_SESSION");
    let run = lab
        .run(["login", "-v", "--profile", "p", "--connect-timeout", "3"])
        .exits(0);
    for line in [
        format!(
            "* sfmtls {}, {}",
            env!("CARGO_PKG_VERSION"),
            openssl::version::version()
        ),
        format!(
            "* cert = {} (SFMTLS_CERT)",
            lab.org.files().client.display()
        ),
        format!("* mtls-port = {} (SFMTLS_MTLS_PORT)", lab.org.mutual_port()),
        "* profile = p (--profile)".to_owned(),
        format!(
            "* session = {} (default)",
            lab.path(".cache/sfmtls/p.json").display()
        ),
        "* connect-timeout = 3 s (--connect-timeout)".to_owned(),
        "* idle-timeout = 180 s (default)".to_owned(),
        "* tls-min = 1.2 (default)".to_owned(),
        "* api-version = 64.0 (default)".to_owned(),
        "* username = integration@acme.test (SFMTLS_USERNAME)".to_owned(),
        "* password = [redacted] (SFMTLS_PASSWORD)".to_owned(),
    ] {
        assert!(
            run.stderr.lines().any(|told| told == line),
            "{line}\n{}",
            run.stderr
        );
    }
}

#[test]
fn verbose_tells_what_of_the_identity_is_not_sent() {
    let mut lab = Lab::logged_in();
    let files = lab.org.files();
    let mut chain = fs::read_to_string(&files.client).unwrap();
    chain.push_str(&fs::read_to_string(&files.client_root).unwrap());
    let file = lab.file("chain.pem", chain);
    lab.set("SFMTLS_CERT", &file);
    assert_eq!(lab.run(["getuserinfo"]).exits(0).stderr, "");
    let run = lab.run(["getuserinfo", "-v"]).exits(0);
    let told = format!("* {}: the root ", file.display());
    assert!(run.stderr.contains(&told), "{}", run.stderr);
    assert_eq!(lab.org.journal().entries.last().unwrap().chain, 2);
}

#[test]
fn global_options_may_stand_before_or_after_the_subcommand() {
    let mut lab = Lab::logged_in();
    let cert = lab.org.files().client.to_str().unwrap().to_owned();
    lab.unset("SFMTLS_CERT");
    lab.run(["-E", &cert, "getuserinfo"]).exits(0);
    lab.run(["getuserinfo", "-E", &cert]).exits(0);
    lab.run(["getuserinfo"]).exits(2);
}

#[test]
fn a_variable_set_to_nothing_is_not_set() {
    let mut lab = Lab::logged_in();
    for name in [
        "SFMTLS_KEY",
        "SFMTLS_API_VERSION",
        "SFMTLS_PROFILE",
        "HTTPS_PROXY",
        "SFMTLS_LOGIN_URL",
    ] {
        lab.set(name, "");
    }
    lab.run(["getuserinfo"]).exits(0);
    lab.set("SFMTLS_CERT", "");
    let run = lab.run(["getuserinfo"]).exits(2);
    assert_eq!(
        run.stderr,
        "error: no client certificate was given\n  \
         hint: name it with -E FILE (PKCS#12 or PEM), or set SFMTLS_CERT\n"
    );
}

#[test]
fn help_and_version_are_results() {
    let lab = Lab::new();
    let version = format!("sfmtls {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(lab.stdout(["-V"]), version);
    let openssl = match cfg!(feature = "vendored") {
        true => "built in",
        false => "the system's",
    };
    let openssl = format!("{} ({openssl})", openssl::version::version());
    let full = format!("{version}{openssl}\nfeatures: local-org\n");
    assert_eq!(lab.stdout(["--version"]), full);
    let help = lab.stdout(["--help"]);
    for command in [
        "login",
        "logout",
        "getuserinfo",
        "query",
        "bulk-query",
        "demo",
        "local-org",
        "completions",
    ] {
        assert!(help.contains(&format!("\n  {command} ")), "{command}");
        let of_command = lab.stdout([command, "--help"]);
        assert!(of_command.contains("Usage: sfmtls "), "{command}");
    }
    for variable in [
        "SFMTLS_CERT",
        "SFMTLS_KEY",
        "SFMTLS_CERT_PASSWORD",
        "SFMTLS_CACERT",
        "SFMTLS_MTLS_PORT",
        "SFMTLS_LOGIN_PORT",
        "SFMTLS_API_VERSION",
        "SFMTLS_PROFILE",
        "SFMTLS_SESSION",
        "SFMTLS_LOGIN_URL",
        "HTTPS_PROXY",
        "NO_PROXY",
        "NO_COLOR",
    ] {
        assert!(help.contains(variable), "{variable}");
    }
    assert!(help.contains("Exit status:\n  0 "), "{help}");
}

#[test]
fn colour_is_for_terminals_unless_it_is_asked_for() {
    let mut lab = Lab::new();
    let failing = ["getuserinfo", "-E", "nowhere.pem"];
    let colored = |lab: &Lab, more: &[&str]| {
        let run = lab.run(failing.iter().chain(more));
        run.stderr.contains('\x1b')
    };
    assert!(!colored(&lab, &[]));
    assert!(colored(&lab, &["--color", "always"]));
    lab.set("CLICOLOR_FORCE", "1");
    assert!(colored(&lab, &[]));
    lab.set("NO_COLOR", "1");
    assert!(!colored(&lab, &[]));
    assert!(colored(&lab, &["--color", "always"]));
}

/// The option used to be overlooked there.
#[test]
fn colour_is_for_wrong_usage_what_it_is_for_other_failures() {
    let mut lab = Lab::new();
    let colored = |lab: &Lab, more: &[&str]| {
        let run = lab.run(["query", "--bogus"].iter().chain(more)).exits(2);
        run.stderr.contains('\x1b')
    };
    assert!(colored(&lab, &["--color", "always"]));
    assert!(colored(&lab, &["--color=always"]));
    assert!(!colored(&lab, &["--", "--color=always"]));
    lab.set("CLICOLOR_FORCE", "1");
    assert!(colored(&lab, &["--color", "none"]));
    assert!(!colored(&lab, &["--color", "never"]));
}

#[test]
fn sf_users_may_call_the_profile_the_target_org() {
    let mut lab = Lab::new();
    lab.unset("SFMTLS_SESSION");
    lab.run(["login", "--target-org", "staging"]).exits(0);
    assert!(lab.path(".cache/sfmtls/staging.json").exists());
    lab.run(["getuserinfo", "--profile", "staging"]).exits(0);
}
