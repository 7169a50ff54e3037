//! The session cache as its files show it.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use serde_json::Value;

use crate::lab::{Lab, finish};

fn mode(path: &std::path::Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

#[test]
fn its_file_and_its_folders_are_for_their_owner_alone() {
    let mut lab = Lab::new();
    lab.unset("SFMTLS_SESSION");
    lab.run(["login", "--profile", "p-1"]).exits(0);
    let folder = lab.path(".cache/sfmtls");
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&lab.path(".cache")), 0o700);
    assert_eq!(mode(&folder.join("p-1.json")), 0o600);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);

    lab.set("XDG_CACHE_HOME", lab.path("xdg"));
    lab.run(["login"]).exits(0);
    assert_eq!(mode(&lab.path("xdg/sfmtls/default.json")), 0o600);
}

#[test]
fn it_holds_what_the_next_command_needs_without_the_change_of_port() {
    let lab = Lab::logged_in();
    let text = fs::read_to_string(lab.session_file()).unwrap();
    let cache: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        cache["server_url"],
        "https://localhost/services/Soap/u/64.0/00D36000000YUbz"
    );
    assert_eq!(cache["username"], "integration@acme.test");
    assert_eq!(cache["user_id"], "00536000000a1b2AAA");
    assert_eq!(cache["organization_id"], "00D36000000YUbzEAG");
    assert_eq!(cache["api_version"], "64.0");
    assert_eq!(cache["idle_seconds"], 7200);
    assert!(cache["obtained_at"].as_u64() > Some(1_700_000_000));
}

#[test]
fn a_session_from_it_is_told_with_its_age_and_its_time_without_use() {
    let lab = Lab::logged_in();
    let run = lab.run(["getuserinfo", "-v"]).exits(0);
    let ends = " old, and ends after 2 h without use\n";
    assert!(run.stderr.contains(ends), "{}", run.stderr);
}

/// Without the profile in it the hint logged in another one, and the error came again.
#[test]
fn a_hint_to_log_in_names_the_profile_that_was_typed() {
    let mut lab = Lab::new();
    lab.unset("SFMTLS_SESSION");
    lab.forget_credentials();
    for (options, command) in [
        (
            &["--profile", "dev"][..],
            "sfmtls login --profile dev -u USER",
        ),
        (
            &["--session", "my session.json"],
            "sfmtls login --session 'my session.json' -u USER",
        ),
        (&[], "sfmtls login -u USER"),
    ] {
        let run = lab.run(["getuserinfo"].iter().chain(options)).exits(3);
        assert!(
            run.stderr
                .contains(&format!("hint: log in first:\n        {command}\n")),
            "{}",
            run.stderr
        );
    }
}

/// Pasted, it asked for a user name, and then went to another host.
#[test]
fn a_hint_to_log_in_again_is_the_whole_command_without_what_the_environment_says() {
    let mut lab = Lab::new();
    lab.run(["login"]).exits(0);
    lab.org.end_sessions();
    lab.unset("SFMTLS_PASSWORD");
    let hint = |lab: &Lab, options: &[&str]| {
        let run = lab.run(["getuserinfo"].iter().chain(options)).exits(3);
        let (_, hint) = run.stderr.split_once("log in again:\n").expect(&run.stderr);
        hint.trim().to_owned()
    };
    assert_eq!(hint(&lab, &[]), "sfmtls login");
    lab.unset("SFMTLS_USERNAME");
    let user = "sfmtls login -u integration@acme.test";
    assert_eq!(hint(&lab, &[]), user);
    let url = lab.variable("SFMTLS_LOGIN_URL").unwrap().to_str().unwrap();
    let url = url.to_owned();
    lab.unset("SFMTLS_LOGIN_URL");
    assert_eq!(hint(&lab, &[]), format!("{user} --login-url {url}"));
    assert_eq!(
        hint(&lab, &["--login-url", "https://acme.test"]),
        format!(
            "{user} --login-url https://acme.test:{}",
            lab.org.login_port()
        )
    );
}

#[test]
fn a_hint_to_log_in_names_the_sessions_that_there_are() {
    let mut lab = Lab::new();
    lab.unset("SFMTLS_SESSION");
    for profile in ["staging", "default"] {
        lab.run(["login", "--profile", profile]).exits(0);
    }
    lab.forget_credentials();
    let folder = lab.home().join(".cache/sfmtls");
    fs::write(folder.join("no profile.json"), "").unwrap();
    fs::write(folder.join("notes.txt"), "").unwrap();
    let run = lab.run(["getuserinfo", "--profile", "stagign"]).exits(3);
    let hint = "hint: log in first:\n        sfmtls login --profile stagign -u USER\n  \
                hint: sessions there are, for --profile: default, staging\n";
    assert!(run.stderr.contains(hint), "{}", run.stderr);
    // Nothing was forgotten, so a session that was meant may live on.
    let run = lab.run(["logout", "--profile", "stagign"]).exits(0);
    assert_eq!(
        run.stderr,
        "note: sessions there are, for --profile: default, staging\n"
    );
    // A file that was named has no others beside it.
    let file = folder.join("other.json");
    let file = file.to_str().unwrap();
    let run = lab.run(["getuserinfo", "--session", file]).exits(3);
    assert!(!run.stderr.contains("sessions there are"), "{}", run.stderr);
}

#[test]
fn a_session_of_another_login_than_the_one_typed_is_warned_of() {
    let lab = Lab::logged_in();
    let run = lab.run(["getuserinfo", "--sandbox"]).exits(0);
    let said = "is used: https://test.salesforce.com";
    assert!(run.stderr.contains(said), "{}", run.stderr);
    let own = lab.variable("SFMTLS_LOGIN_URL").unwrap().to_str().unwrap();
    let run = lab.run(["getuserinfo", "--login-url", own]).exits(0);
    assert_eq!(run.stderr, "");
    let mut lab = lab;
    lab.set("SFMTLS_LOGIN_URL", "https://prod.example");
    let run = lab.run(["getuserinfo"]).exits(0);
    let said = "is used: https://prod.example";
    assert!(run.stderr.contains(said), "{}", run.stderr);
}

/// Its rows used to come without a word.
#[test]
fn a_session_of_another_user_than_the_one_named_is_replaced_where_credentials_are_at_hand() {
    let mut lab = Lab::new();
    lab.run(["login"]).exits(0);
    // User names are the same in any case.
    lab.set("SFMTLS_USERNAME", "Integration@ACME.test");
    assert_eq!(lab.run(["getuserinfo"]).exits(0).stderr, "");
    lab.set("SFMTLS_USERNAME", "free@acme.test");
    let run = lab.run(["getuserinfo"]).exits(0);
    assert!(run.stdout.contains("free@acme.test"), "{}", run.stdout);
    assert_eq!(
        run.stderr,
        "note: the cached session is integration@acme.test's, not free@acme.test's; logging in anew\n"
    );
    assert_eq!(lab.run(["getuserinfo"]).exits(0).stderr, "");
    lab.forget_credentials();
    assert!(lab.stdout(["getuserinfo"]).contains("free@acme.test"));
    lab.set("SFMTLS_USERNAME", "integration@acme.test");
    let said = "the cached session is free@acme.test's, not integration@acme.test's";
    for command in [
        &["query", "SELECT Id FROM Contact", "-s"][..],
        &["login", "--show-session-id"],
    ] {
        let run = lab.run(command).exits(3);
        assert!(run.stderr.contains(said), "{command:?}: {}", run.stderr);
        assert_eq!(run.stdout, "");
    }
}

#[test]
fn profiles_are_sessions_of_their_own() {
    let mut lab = Lab::new();
    lab.unset("SFMTLS_SESSION");
    lab.run(["login"]).exits(0);
    lab.set("SFMTLS_USERNAME", "free@acme.test");
    lab.run(["login", "--profile", "free"]).exits(0);
    lab.forget_credentials();
    let user = |arguments: &[&str]| {
        let out = lab.stdout(["getuserinfo", "-r", "json"].iter().chain(arguments));
        let info: Value = serde_json::from_str(&out).unwrap();
        info["userName"].as_str().unwrap().to_owned()
    };
    assert_eq!(user(&[]), "integration@acme.test");
    assert_eq!(user(&["--profile", "free"]), "free@acme.test");
}

/// The variable, which `local-org` sets, used to win over the option.
#[test]
fn a_profile_that_is_typed_counts_before_the_variable_with_a_file() {
    let mut lab = Lab::new();
    lab.run(["login", "--profile", "free"]).exits(0);
    assert!(lab.path(".cache/sfmtls/free.json").exists());
    assert!(!lab.session_file().exists());
    lab.set("SFMTLS_PROFILE", "other");
    lab.run(["login"]).exits(0);
    assert!(lab.session_file().exists());
    assert!(!lab.path(".cache/sfmtls/other.json").exists());
}

#[test]
fn one_that_others_can_read_or_that_is_damaged_is_refused_and_a_login_replaces_it() {
    let lab = Lab::logged_in();
    let file = lab.session_file();
    for (text, mode_bits, reason, told) in [
        (
            None,
            0o644,
            "others can get at it (mode 644)",
            "others could access it (mode 644)",
        ),
        (
            Some("{\"format\": 1}"),
            0o600,
            "it is damaged",
            "it was damaged",
        ),
        (
            Some("{\"format\" not JSON"),
            0o600,
            "it is damaged",
            "it was damaged",
        ),
        (
            Some("{\"format\": 9}"),
            0o600,
            "newer",
            "a newer sfmtls wrote it (format 9)",
        ),
    ] {
        if let Some(text) = text {
            fs::write(file, text).unwrap();
        }
        fs::set_permissions(file, fs::Permissions::from_mode(mode_bits)).unwrap();
        let run = lab.run(["getuserinfo"]).exits(3);
        assert!(run.stderr.contains(reason), "{}", run.stderr);

        let run = lab.run_with_input(
            [
                "login",
                "-u",
                "integration@acme.test",
                "--password-file",
                "-",
            ],
            &lab.org.user().password_with_token(),
        );
        let run = run.exits(0);
        assert_eq!(
            run.stderr,
            format!("note: {} was replaced: {told}\n", file.display())
        );
        assert_eq!(mode(file), 0o600);
        lab.run(["getuserinfo"]).exits(0);
    }
}

#[test]
fn credentials_in_the_environment_need_no_cache() {
    let mut lab = Lab::new();
    // Nobody, not even root, can make a folder there.
    lab.set("SFMTLS_SESSION", "/proc/nowhere/session.json");
    let run = lab.run(["query", "SELECT COUNT() FROM Contact"]).exits(0);
    assert_eq!(run.stdout, "25\n");
    assert!(
        run.stderr.starts_with("note: the session is not kept"),
        "{}",
        run.stderr
    );
    let run = lab.run(["login", "--show-session-id", "-s"]).exits(0);
    assert_eq!((run.stdout.lines().count(), run.stderr.as_str()), (1, ""));
    assert_eq!(lab.calls(), ["login", "query", "login"]);
    // A login alone is for the cache.
    assert_ne!(lab.run(["login"]).status, 0);

    // Nor a home at all.
    lab.unset("SFMTLS_SESSION");
    lab.unset("HOME");
    lab.run(["getuserinfo"]).exits(0);
    let before = lab.calls().len();
    let run = lab.run(["login"]).exits(2);
    assert!(run.stderr.contains("--session FILE"), "{}", run.stderr);
    assert_eq!(
        lab.calls().len(),
        before,
        "a session without a place is not asked for"
    );
}

#[test]
fn credentials_in_the_environment_make_the_first_session_and_the_next_command_takes_it() {
    let mut lab = Lab::new();
    lab.run(["getuserinfo"]).exits(0);
    lab.forget_credentials();
    lab.run(["getuserinfo"]).exits(0);
    assert_eq!(lab.calls(), ["login", "getUserInfo", "getUserInfo"]);
}

#[test]
fn logins_side_by_side_leave_a_whole_file_and_nothing_else() {
    let lab = Lab::new();
    let logins: Vec<_> = (0..6)
        .map(|_| lab.command(["login"]).spawn().unwrap())
        .collect();
    for login in logins {
        finish(login).exits(0);
    }
    lab.run(["getuserinfo"]).exits(0);
    let folder = lab.session_file().parent().unwrap();
    assert_eq!(fs::read_dir(folder).unwrap().count(), 1);
}
