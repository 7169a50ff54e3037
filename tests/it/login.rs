//! Logging in and out: where the secrets come from, where the session goes.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;
use sfmtls::local_org::{LoginRule, Port};

use crate::judges::on_a_terminal;
use crate::lab::Lab;

/// Without a user or a password in the environment, the token as it is.
fn without_credentials() -> Lab {
    let mut lab = Lab::new();
    lab.unset("SFMTLS_USERNAME");
    lab.unset("SFMTLS_PASSWORD");
    lab
}

const USER: &str = "integration@acme.test";

#[test]
fn a_login_tells_who_where_and_where_the_session_is_but_not_its_id() {
    let lab = Lab::new();
    let out = lab.stdout(["login"]);
    let port = lab.org.mutual_port();
    let file = lab.session_file().display();
    assert_eq!(
        out,
        format!(
            "Logged in as {USER} (user 00536000000a1b2AAA, organization 00D36000000YUbzEAG)\n\
             Endpoint: https://localhost:{port}/services/Soap/u/64.0/00D36000000YUbz\n\
             Session saved in {file}\n"
        )
    );
    let document: Value = serde_json::from_str(&lab.stdout(["login", "--json"])).unwrap();
    assert_eq!(document["username"], USER);
    assert_eq!(document["userId"], "00536000000a1b2AAA");
    assert_eq!(document["organizationId"], "00D36000000YUbzEAG");
    assert_eq!(document["apiVersion"], "64.0");
    assert_eq!(document["session"], lab.session_file().to_str().unwrap());
    assert!(!out.contains('!') && !document.to_string().contains('!'));
}

#[test]
fn with_silent_a_login_and_a_logout_that_go_well_say_nothing() {
    let lab = Lab::new();
    let said = |arguments: &[&str]| {
        let run = lab.run(arguments).exits(0);
        run.stdout + &run.stderr
    };
    assert_eq!(said(&["login", "-s"]), "");
    assert!(lab.session_file().exists());
    assert_eq!(said(&["logout", "-s", "--revoke"]), "");
    assert_eq!(said(&["logout", "-s"]), "");
    assert!(said(&["login", "-s", "--json"]).starts_with("{\"username\":"));
    assert!(said(&["login", "-s", "--show-session-id"]).contains('!'));
    assert!(said(&["logout", "-s", "--json"]).starts_with("{\"forgotten\":true"));
}

#[test]
fn the_session_id_stands_alone_on_standard_output_when_it_is_asked_for() {
    let mut lab = Lab::new();
    let id = lab.stdout(["login", "--show-session-id"]);
    assert!(
        id.starts_with("00D36000000YUbz!") && id.ends_with('\n'),
        "{id}"
    );
    assert_eq!(id.lines().count(), 1);
    // With a session and no way to log in, it is that session's.
    lab.forget_credentials();
    assert_eq!(lab.stdout(["login", "--show-session-id"]), id);
    assert_eq!(lab.calls(), ["login"]);
    lab.run(["login", "--show-session-id", "--json"]).exits(2);
}

#[test]
fn exactly_one_line_end_of_a_password_file_is_dropped() {
    let lab = without_credentials();
    let password = &lab.org.user().password;
    for (text, status) in [
        (password.clone(), 0),
        (format!("{password}\n"), 0),
        (format!("{password}\r\n"), 0),
        (format!("\u{feff}{password}\n"), 0),
        // More than one line.
        (format!("{password}\n\n"), 2),
        (format!("{password}\r"), 3),
        (format!("{password} "), 3),
    ] {
        let file = lab.file("password", &text);
        let run = lab.run([
            "login",
            "-u",
            USER,
            "--password-file",
            file.to_str().unwrap(),
        ]);
        assert_eq!(run.status, status, "{text:?}: {run:?}");
        let run = lab.run_with_input(["login", "-u", USER, "--password-file", "-"], &text);
        assert_eq!(run.status, status, "{text:?}: {run:?}");
    }
}

/// A login used to be made, and then its session could not be saved.
#[test]
fn the_place_of_the_session_is_tried_before_anything_is_asked_or_sent() {
    let mut lab = without_credentials();
    lab.set("SFMTLS_SESSION", "/dev/null/session.json");
    let run = lab.run(["login", "-u", USER]).exits(1);
    assert!(run.stderr.contains("/dev/null/session.json"), "{run:?}");
    assert_eq!(lab.calls(), [""; 0]);
}

#[test]
fn an_input_that_ends_at_the_question_leaves_the_error_on_a_line_of_its_own() {
    let lab = without_credentials();
    let question = format!("Password of {USER}: ");
    let line = format!("sfmtls login -u {USER}; echo status $?");
    let shown = on_a_terminal(&lab, &line, &[(&question, "\x04")]);
    let (_, said) = shown.text.split_once(&question).expect("a question");
    assert!(
        said.starts_with("\r\n") && said.contains("no password was typed\r\nstatus 2"),
        "{said:?}"
    );
    assert!(shown.sane);
}

#[test]
fn the_security_token_comes_from_a_file_or_the_environment() {
    let mut lab = Lab::new();
    lab.unset("SFMTLS_SECURITY_TOKEN");
    let run = lab.run(["login"]).exits(3);
    assert!(run.stderr.contains("security token"), "{}", run.stderr);
    let token = lab.file("token", format!("{}\r\n", lab.org.user().security_token));
    lab.run(["login", "--security-token-file", token.to_str().unwrap()])
        .exits(0);
}

#[test]
fn a_password_that_is_empty_or_absent_is_wrong_usage_and_nothing_is_sent() {
    let lab = without_credentials();
    let empty = lab.file("empty", "\n");
    let run = lab
        .run([
            "login",
            "-u",
            USER,
            "--password-file",
            empty.to_str().unwrap(),
        ])
        .exits(2);
    assert_eq!(
        run.stderr,
        "error: the password is empty\n  hint: nothing was sent: put it into the file of \
         --password-file, or into SFMTLS_PASSWORD\n"
    );
    let run = lab.run(["login", "-u", USER]).exits(2);
    for way in [
        "--password-file FILE",
        "--password-file -",
        "SFMTLS_PASSWORD",
    ] {
        assert!(run.stderr.contains(way), "{}", run.stderr);
    }
    let run = lab.run(["login"]).exits(2);
    assert!(run.stderr.contains("-u USER"), "{}", run.stderr);
    let run = lab
        .run(["login", "-u", USER, "--password-file", "nowhere"])
        .exits(1);
    assert!(
        run.stderr.starts_with("error: cannot read nowhere: "),
        "{}",
        run.stderr
    );
    assert_eq!(lab.org.journal().entries.len(), 0);
}

#[test]
fn standard_input_is_for_one_secret_only() {
    let lab = without_credentials();
    for (arguments, names) in [
        (
            &[
                "login",
                "-u",
                USER,
                "--password-file",
                "-",
                "--security-token-file",
                "-",
            ][..],
            "--password-file and --security-token-file",
        ),
        (
            &[
                "login",
                "-u",
                USER,
                "--password-file=-",
                "--cert-pass-file=-",
            ],
            "--password-file and --cert-pass-file",
        ),
        (
            &["query", "-", "--cert-pass-file=-"],
            "the query and --cert-pass-file",
        ),
        (
            &["query", "-f", "-", "--cert-pass-file=-"],
            "--file and --cert-pass-file",
        ),
    ] {
        let run = lab.run_with_input(arguments, "secret\n").exits(2);
        assert!(
            run.stderr
                .starts_with(&format!("error: {names} both read standard input\n")),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn on_a_terminal_the_password_is_asked_for_and_not_shown() {
    let lab = without_credentials();
    let password = format!("{}\n", lab.org.user().password);
    let question = "Password of integration@acme.test: ";
    let shown = on_a_terminal(
        &lab,
        &format!("sfmtls login -u {USER}"),
        &[(question, &password)],
    );
    assert_eq!(shown.status, 0, "{}", shown.text);
    assert!(shown.text.contains("Logged in as"), "{}", shown.text);
    assert!(!shown.text.contains("p&ss"), "{}", shown.text);
    assert_eq!(shown.echoed, [false]);
    assert!(shown.sane);

    // Not where standard input is something else, though the terminal is there.
    let shown = on_a_terminal(&lab, &format!("sfmtls login -u {USER} </dev/null"), &[]);
    assert_eq!(shown.status, 2, "{}", shown.text);
    assert!(!shown.text.contains(question), "{}", shown.text);
}

#[test]
fn ctrl_c_at_the_question_ends_the_program_and_leaves_the_terminal_as_it_was() {
    let lab = without_credentials();
    let line = format!("sfmtls login -u {USER}; echo \"status $?\"");
    let shown = on_a_terminal(&lab, &line, &[("Password of", "\x03")]);
    assert!(shown.sane, "{shown:?}");
    assert_eq!(shown.echoed, [false]);
    assert!(shown.text.ends_with(": \r\nstatus 130\r\n"), "{shown:?}");
    assert_eq!(lab.org.journal().entries.len(), 0);
}

#[test]
fn a_signal_from_elsewhere_at_the_question_leaves_the_terminal_as_it_was() {
    let lab = without_credentials();
    // The shell's number is the program's, which takes its place.
    let line = format!(
        "(until stty -a </dev/tty | grep -qw -e -echo; do :; done; kill -TERM $$) & \
         exec sfmtls login -u {USER}"
    );
    let shown = on_a_terminal(&lab, &line, &[]);
    assert_eq!(shown.status, 143, "{shown:?}");
    assert!(shown.sane, "{shown:?}");
}

#[test]
fn a_login_at_the_mutual_port_carries_the_certificate() {
    let mut lab = Lab::new();
    let url = format!("https://localhost:{}", lab.org.mutual_port());
    lab.set("SFMTLS_LOGIN_URL", &url);
    lab.run(["login"]).exits(0);
    let journal = lab.org.journal();
    assert_eq!(journal.entries.len(), 1);
    assert_eq!(journal.entries[0].port, Port::Mutual);
    assert!(journal.entries[0].known_certificate);
    lab.run(["getuserinfo"]).exits(0);

    lab.unset("SFMTLS_CERT");
    lab.run(["login"]).exits(2);
}

#[test]
fn a_login_on_its_own_port_needs_no_identity() {
    let mut lab = Lab::new();
    lab.set("SFMTLS_CERT", "nowhere.pem");
    lab.run(["login"]).exits(0);
    lab.unset("SFMTLS_CERT");
    lab.run(["login"]).exits(0);
    assert!(
        lab.org
            .journal()
            .entries
            .iter()
            .all(|entry| entry.port == Port::Login && entry.certificate.is_none())
    );
}

#[test]
fn a_version_in_the_login_url_is_the_sessions() {
    let lab = Lab::new();
    let url = format!(
        "https://localhost:{}/services/Soap/u/62.0",
        lab.org.login_port()
    );
    let out = lab.stdout(["login", "--login-url", &url]);
    assert!(out.contains("/services/Soap/u/62.0/"), "{out}");
    lab.run(["getuserinfo"]).exits(0);
    let paths = lab.org.journal().entries;
    assert_eq!(paths[0].path, "/services/Soap/u/62.0");
    assert!(paths[1].path.starts_with("/services/Soap/u/62.0/"));
}

#[test]
fn a_login_is_sent_once_whatever_comes_back() {
    let lab = Lab::new();
    for rule in [
        LoginRule::Disabled,
        LoginRule::PermissionMissing,
        LoginRule::LockedOut,
        LoginRule::PasswordExpired,
        LoginRule::RateExceeded,
    ] {
        let before = lab.calls().len();
        lab.org.switch(|switches| switches.login = rule);
        lab.run(["login"]).exits(3);
        assert_eq!(lab.calls()[before..], ["login"], "{rule:?}");
        assert!(!lab.session_file().exists(), "{rule:?}");
    }
}

#[test]
fn logout_forgets_the_session_and_tells_nobody() {
    let lab = Lab::logged_in();
    let file = lab.session_file().display().to_string();
    assert_eq!(
        lab.stdout(["logout"]),
        format!("Forgot the session in {file}\n")
    );
    assert!(!lab.session_file().exists());
    assert_eq!(
        lab.stdout(["logout"]),
        format!("There is no session in {file}\n")
    );
    assert_eq!(lab.calls(), ["login"]);
    let run = lab.run(["getuserinfo"]).exits(3);
    assert!(
        run.stderr.contains("sfmtls login -u USER"),
        "{}",
        run.stderr
    );
}

#[test]
fn logout_revoke_ends_the_session_on_the_server_and_says_what_that_means() {
    let lab = Lab::logged_in();
    let cached = fs::read(lab.session_file()).unwrap();
    let run = lab.run(["logout", "--revoke"]).exits(0);
    assert!(run.stderr.starts_with("warning: "), "{}", run.stderr);
    assert!(run.stderr.contains("every other program"), "{}", run.stderr);
    assert!(!lab.session_file().exists());
    assert_eq!(lab.calls(), ["login", "logout"]);

    // The session is over for whoever still has it; ending it again is no failure.
    fs::write(lab.session_file(), &cached).unwrap();
    fs::set_permissions(lab.session_file(), fs::Permissions::from_mode(0o600)).unwrap();
    lab.run(["getuserinfo"]).exits(3);
    let run = lab.run(["logout", "--revoke", "-s", "--json"]).exits(0);
    assert_eq!(run.stderr, "");
    assert!(run.stdout.contains("\"revoked\":true"), "{}", run.stdout);
    assert!(!lab.session_file().exists());
    lab.run(["logout", "--revoke"]).exits(3);
}
