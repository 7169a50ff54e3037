//! Secrets: asked for only when needed, shown nowhere.

use std::fs;

use sfmtls::local_org::Mishap;
use sfmtls::local_org::{Call, When};

use crate::judges::on_a_terminal;
use crate::lab::Lab;

/// The password of the encrypted key.
fn key_password(lab: &Lab) -> String {
    let text = fs::read_to_string(&lab.org.files().key_password).unwrap();
    text.trim_end().to_owned()
}

fn with_encrypted_key() -> Lab {
    let mut lab = Lab::logged_in();
    let encrypted = lab.org.files().client_encrypted.clone();
    lab.set("SFMTLS_CERT", encrypted);
    lab
}

#[test]
fn the_identitys_password_comes_from_a_file_standard_input_the_environment_or_a_question() {
    let mut lab = with_encrypted_key();
    let password = key_password(&lab);
    let file = lab.file("password", format!("{password}\r\n"));
    lab.run(["getuserinfo", "--cert-pass-file", file.to_str().unwrap()])
        .exits(0);
    lab.run_with_input(["getuserinfo", "--cert-pass-file", "-"], &password)
        .exits(0);
    let question = format!(
        "Password of {}: ",
        lab.org.files().client_encrypted.display()
    );
    let answers = [(question.as_str(), &*format!("{password}\n"))];
    let shown = on_a_terminal(&lab, "sfmtls getuserinfo", &answers);
    assert_eq!((shown.status, shown.sane), (0, true), "{shown:?}");
    assert_eq!(shown.echoed, [false]);
    lab.set("SFMTLS_CERT_PASSWORD", &password);
    lab.run(["getuserinfo"]).exits(0);
    // The file stands before the environment.
    let wrong = lab.file("wrong", "wrong");
    lab.run(["getuserinfo", "--cert-pass-file", wrong.to_str().unwrap()])
        .exits(8);
}

/// A shell's `$(cat FILE)` leaves the carriage return of a file from Windows.
#[test]
fn a_line_end_behind_a_secret_of_the_environment_is_no_part_of_it() {
    let mut lab = with_encrypted_key();
    let password = key_password(&lab);
    for end in ["\r", "\r\n", "\n"] {
        lab.set("SFMTLS_CERT_PASSWORD", format!("{password}{end}"));
        lab.run(["getuserinfo"]).exits(0);
    }
    lab.set("SFMTLS_CERT_PASSWORD", format!("{password}\n\n"));
    lab.run(["getuserinfo"]).exits(8);
}

/// The terminal sends no signals meanwhile, so that Ctrl-Z comes as a character.
#[test]
fn keys_that_are_no_characters_do_not_become_a_part_of_a_typed_password() {
    let lab = with_encrypted_key();
    let typed: Vec<_> = key_password(&lab).chars().map(String::from).collect();
    for key in ["\u{1a}", "\u{1b}[D", "\t", "\u{1c}"] {
        let answers = [("Password of ", &*format!("{}\n", typed.join(key)))];
        let shown = on_a_terminal(&lab, "sfmtls getuserinfo", &answers);
        assert_eq!((shown.status, shown.sane), (0, true), "{key:?}: {shown:?}");
    }
}

#[test]
fn without_a_terminal_nothing_is_asked_and_the_other_ways_are_named() {
    let lab = with_encrypted_key();
    let run = lab.run(["getuserinfo"]).exits(8);
    for way in ["--cert-pass-file", "standard input", "SFMTLS_CERT_PASSWORD"] {
        assert!(run.stderr.contains(way), "{way}: {}", run.stderr);
    }
    assert_eq!(lab.calls(), ["login"]);
}

#[test]
fn an_identity_that_is_not_encrypted_is_not_asked_about() {
    let lab = Lab::logged_in();
    let shown = on_a_terminal(&lab, "sfmtls getuserinfo", &[]);
    assert_eq!(shown.status, 0);
    assert!(!shown.text.contains("Password"), "{}", shown.text);
    // Not even the file of a password that is not needed is read.
    lab.run(["getuserinfo", "--cert-pass-file", "nowhere"])
        .exits(0);
    // Nor is anybody asked before it is known that there is no session.
    let mut lab = with_encrypted_key();
    lab.set("SFMTLS_SESSION", lab.path("none.json"));
    let shown = on_a_terminal(&lab, "sfmtls getuserinfo", &[]);
    assert_eq!(shown.status, 3, "{}", shown.text);
}

#[test]
fn one_password_on_standard_input_serves_an_encrypted_key_beside_its_certificates() {
    let mut lab = Lab::logged_in();
    let files = lab.org.files().clone();
    lab.set("SFMTLS_CERT", &files.client_certificates);
    let password = key_password(&lab);
    let key = files.client_encrypted.to_str().unwrap();
    lab.run_with_input(
        ["getuserinfo", "--key", key, "--cert-pass-file", "-"],
        &password,
    )
    .exits(0);
}

#[test]
fn no_secret_is_in_any_output() {
    let mut lab = Lab::new();
    let user = lab.org.user().clone();
    let escaped = "p&amp;ss&lt;word";
    let noisy = ["-vv", "--show-curl"];
    let mut said = String::new();
    let mut take = |lab: &Lab, arguments: &[&str]| {
        let run = lab.run(arguments.iter().chain(&noisy));
        said.push_str(&run.stdout);
        said.push_str(&run.stderr);
    };
    take(&lab, &["login"]);
    take(&lab, &["getuserinfo"]);
    take(&lab, &["query", "SELECT Id FROM Contact"]);
    take(&lab, &["query", "SELECT Nme FROM Contact"]);
    lab.org.plan(Call::Query, When::Nth(1), Mishap::CutXml(40));
    take(&lab, &["query", "SELECT Id FROM Contact"]);
    lab.org.end_sessions();
    take(&lab, &["getuserinfo"]);
    let cached = fs::read_to_string(lab.session_file()).unwrap();
    take(&lab, &["logout", "--revoke"]);
    lab.set("SFMTLS_PASSWORD", "p&ss<word>wrong");
    take(&lab, &["login"]);
    take(&lab, &["login", "--json"]);

    let cached: serde_json::Value = serde_json::from_str(&cached).unwrap();
    let id = cached["session_id"].as_str().unwrap();
    assert!(said.contains("[redacted]") && said.contains("$SFMTLS_SESSION_ID"));
    let sessions = id.split_once('!').unwrap();
    for secret in [
        &user.password,
        &user.security_token,
        "p&ss<word>",
        escaped,
        id,
        sessions.1,
        "YUbz!",
    ] {
        assert!(!said.contains(secret), "{secret}");
    }
}

/// A fault used to be printed as it came, whatever of the request it repeated.
#[test]
fn what_a_server_repeats_of_a_secret_is_hidden() {
    let mut lab = Lab::new();
    let user = lab.org.user().clone();
    repeat(&lab, Call::Login, &user.password);
    holds_back(&lab, &["login"], 3, &user.password);
    lab.unset("SFMTLS_PASSWORD");
    let file = lab.file("password", &user.password);
    let from_file = ["login", "--password-file", file.to_str().unwrap()];
    holds_back(&lab, &from_file, 3, &user.password);

    let lab = Lab::logged_in();
    let id = lab.stdout(["login", "--show-session-id"]);
    let id = id.trim();
    for secret in [id, id.split_once('!').unwrap().1] {
        repeat(&lab, Call::Query, secret);
        holds_back(&lab, &["query", "SELECT Id FROM Contact"], 4, secret);
    }
}

fn repeat(lab: &Lab, call: Call, secret: &str) {
    let text = format!("bad thing with {secret}, and <{secret}>").leak();
    lab.org
        .plan(call, When::Always, Mishap::Fault("INVALID_FIELD", text));
}

#[track_caller]
fn holds_back(lab: &Lab, arguments: &[&str], status: i32, secret: &str) {
    let escaped = secret.replace('&', "&amp;").replace('<', "&lt;");
    for more in [&[][..], &["--json"], &["-vv"]] {
        let run = lab.run(arguments.iter().chain(more)).exits(status);
        let said = run.stdout + &run.stderr;
        assert!(!said.contains(secret) && !said.contains(&escaped), "{said}");
        assert!(said.contains("bad thing with [redacted]"), "{said}");
    }
}

#[test]
fn no_secret_can_be_given_as_an_argument() {
    let lab = Lab::new();
    for option in [
        "--password",
        "--session-id",
        "--security-token",
        "--cert-pass",
        "--pass",
    ] {
        let run = lab.run(["login", option, "hunter2"]).exits(2);
        assert!(run.stderr.contains("unexpected argument"), "{}", run.stderr);
    }
}

/// As curl takes it: `-E FILE:PASSWORD`.
#[test]
fn a_password_behind_the_certificate_is_refused_and_not_repeated() {
    let mut lab = Lab::logged_in();
    let cert = lab.org.files().client.display().to_string();
    let given = format!("{cert}:open sesame");
    lab.unset("SFMTLS_CERT");
    for arguments in [
        &["getuserinfo", "-v", "-E", &given][..],
        &["check-cert", "-v", &given],
        &["check-cert", "--json", "-E", &given],
    ] {
        let run = lab.run(arguments).exits(2);
        let said = run.stdout + &run.stderr;
        assert!(!said.contains("sesame"), "{said}");
        assert!(said.contains("the password of "), "{said}");
        assert!(said.contains("--cert-pass-file FILE"), "{said}");
    }
    // A name may have a colon.
    let renamed = lab.path("a:b.pem");
    fs::copy(cert, &renamed).unwrap();
    lab.run(["getuserinfo", "-E", renamed.to_str().unwrap()])
        .exits(0);
}
