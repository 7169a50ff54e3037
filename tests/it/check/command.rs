//! The command as people and programs meet it.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::lab::{Lab, Run, finish};

/// A lab where calls go out with identities that are none of the org's own.
fn lab() -> Lab {
    let mut lab = Lab::logged_in();
    lab.without_journal_check();
    lab
}

fn text(file: &Path) -> &str {
    file.to_str().expect("UTF-8")
}

fn document(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stdout))
}

fn first_line(run: &Run) -> &str {
    run.stdout.lines().next().unwrap_or_default()
}

#[test]
fn the_cached_sessions_host_is_asked_and_accepts_the_good_identity() {
    let lab = lab();
    let run = lab.run(["check-cert"]).exits(0);
    let port = lab.org.mutual_port();
    // It was made for a year, some seconds ago.
    let line = first_line(&run).replace("365 days", "364 days");
    assert_eq!(
        line,
        format!("OK: localhost:{port} accepts this identity (364 days left)")
    );
    assert_eq!(run.stderr, "");
    let found = document(&lab.run(["check-cert", "--json"]).exits(0));
    assert_eq!(found["verdict"], "ok");
    assert_eq!(found["mode"], "live");
    assert_eq!(found["identity"]["format"], "pem");
}

/// It used to be port 443, and a login there to fail, whatever the last login's port.
#[test]
fn the_port_without_mutual_tls_is_that_of_the_login() {
    let mut lab = lab();
    let url = lab.variable("SFMTLS_LOGIN_URL").expect("it is set");
    let url = url.to_str().expect("UTF-8").to_owned();
    lab.unset("SFMTLS_LOGIN_URL");
    lab.unset("SFMTLS_LOGIN_PORT");
    let line = |lab: &Lab, options: &[&str]| {
        let run = lab.run(["check-cert"].iter().chain(options)).exits(0);
        first_line(&run).to_owned()
    };
    assert!(line(&lab, &[]).starts_with("OK: "), "{}", line(&lab, &[]));
    let other = line(&lab, &["--login-port", "1"]);
    assert!(other.contains("nothing listens at localhost:1 "), "{other}");
    fs::remove_file(lab.session_file()).expect("a session");
    let typed = line(&lab, &["--login-url", &url]);
    assert!(!typed.contains("login there will fail"), "{typed}");
}

#[test]
fn without_an_org_only_the_file_is_judged_and_that_is_said() {
    let mut lab = lab();
    lab.unset("SFMTLS_LOGIN_URL");
    lab.run(["logout"]).exits(0);
    let run = lab.run(["check-cert", "--json"]).exits(0);
    assert_eq!(document(&run)["mode"], "offline");
    assert!(run.stderr.contains("no org is known"), "{}", run.stderr);
    let run = lab.run(["check-cert", "--offline"]).exits(0);
    assert_eq!(run.stderr, "");
}

/// It used to be told nowhere: nobody who asked knew that one was given.
#[test]
fn a_password_that_nothing_needs_is_told() {
    let mut lab = lab();
    let check = ["check-cert", "--offline"];
    assert!(!lab.stdout(check).contains("password-unneeded"));
    lab.set("SFMTLS_CERT_PASSWORD", "kept for nothing");
    let run = lab.run(check).exits(0);
    assert!(run.stdout.contains("password-unneeded"), "{}", run.stdout);
}

/// What people see elsewhere as one text for several causes is told in the first line, with what to do.
#[test]
fn the_first_line_alone_tells_what_to_do() {
    let lab = lab();
    let files = lab.org.files();
    let p12 = text(&files.client_p12);
    for (arguments, status, words) in [
        (
            vec![text(&files.expired)],
            8,
            ["expired 1 day ago", "renew it"],
        ),
        (
            vec![text(&files.not_yet_valid)],
            8,
            ["valid only from", "wait"],
        ),
        (
            vec![text(&files.server_auth_only)],
            8,
            ["serverAuth", "clientAuth"],
        ),
        (
            vec![text(&files.self_signed)],
            8,
            ["self-signed", "order a certificate"],
        ),
        (
            vec![text(&files.leaf_only)],
            8,
            ["\"Local Issuing CA\"", "ask the CA"],
        ),
        (
            vec![text(&files.other_org)],
            8,
            ["does not know it", "upload this leaf"],
        ),
        (vec![text(&files.foreign_key)], 8, ["does not match", "key"]),
        (
            vec![text(&files.client_key)],
            8,
            ["no certificate", "add the certificate"],
        ),
        (
            vec![text(&files.ca)],
            8,
            ["CA's own certificate", "client's own certificate and key"],
        ),
        (
            vec![text(&files.client_certificates)],
            8,
            ["no private key", "--key"],
        ),
        (vec![p12], 8, ["encrypted", "--cert-pass-file"]),
        (vec!["nothing.pem"], 8, ["no such file", "nothing.pem"]),
        (
            vec![text(&files.client), "--host", "login.salesforce.com"],
            6,
            ["no mutual TLS", "My Domain"],
        ),
    ] {
        let mut all = vec!["check-cert"];
        all.extend(&arguments);
        let run = lab.run(all).exits(status);
        let line = first_line(&run);
        assert!(line.starts_with("FAIL: "), "{arguments:?}: {line}");
        for word in words {
            assert!(line.contains(word), "{arguments:?}: {word}: {line}");
        }
    }
}

#[test]
fn warnings_count_where_that_is_wanted() {
    let lab = lab();
    let file = text(&lab.org.files().client).to_owned();
    let many_days = ["check-cert", &file, "--warn-days", "366"];
    let run = lab.run(many_days).exits(0);
    assert!(first_line(&run).starts_with("WARN: "), "{}", run.stdout);
    let strict = many_days.iter().chain(&["--strict"]);
    let run = lab.run(strict).exits(8);
    let line = first_line(&run);
    assert!(line.starts_with("FAIL (--strict): "), "{line}");
    assert!(
        line.contains("364 days") || line.contains("365 days"),
        "{line}"
    );
}

#[test]
fn a_monitor_gets_one_line_and_its_own_statuses() {
    let lab = lab();
    let files = lab.org.files();
    let check = |arguments: &[&str]| {
        let all = ["check-cert", "--nagios"]
            .into_iter()
            .chain(arguments.iter().copied());
        lab.run(all)
    };
    let good = check(&[]).exits(0);
    assert_eq!(
        good.stdout.replace("365", "364"),
        "CERT OK - integration.acme.test 364 days left | days=364;30:;7:\n"
    );
    let expired = check(&[text(&files.expired)]).exits(2);
    assert!(
        expired.stdout.starts_with("CERT CRITICAL - "),
        "{}",
        expired.stdout
    );
    assert!(
        expired.stdout.contains("[cert-expired]"),
        "{}",
        expired.stdout
    );
    check(&["--warn-days", "366"]).exits(1);
    check(&["--crit-days", "366"]).exits(2);
    check(&["no-such-file.pem"]).exits(2);
    // Only what could not be checked at all is unknown.
    for wrong in [
        &["--warn-days", "many"][..],
        &["--client-ca", "nothing.pem"],
        // It used to be passed over.
        &["--fix", "fixed.pem"],
    ] {
        let run = check(wrong).exits(3);
        assert!(run.stdout.starts_with("CERT UNKNOWN - "), "{}", run.stdout);
        assert_eq!(run.stdout.lines().count(), 1, "{}", run.stdout);
    }
}

#[test]
fn an_untidy_identity_is_written_in_good_order_and_then_passes() {
    let lab = lab();
    let fixed = lab.path("fixed.pem");
    let arguments = [
        "check-cert",
        text(&lab.org.files().untidy),
        "--fix",
        text(&fixed),
    ];
    let run = lab.run(arguments).exits(0);
    assert!(
        run.stdout.contains("warning[leaf-not-first]"),
        "{}",
        run.stdout
    );
    // It used to advise --fix to who had just given it.
    assert!(!run.stdout.contains("--fix"), "{}", run.stdout);
    let mended = format!("fix: it is mended in {}\n", text(&fixed));
    assert!(run.stdout.contains(&mended), "{}", run.stdout);
    assert!(
        run.stderr.contains("passes its own check"),
        "{}",
        run.stderr
    );
    let run = lab.run(["check-cert", text(&fixed), "--strict"]).exits(0);
    assert!(first_line(&run).starts_with("OK: "), "{}", run.stdout);
    let written = fs::read(&fixed).expect("it was written");
    // Never over a file that is there.
    let run = lab.run(arguments).exits(1);
    assert!(run.stderr.contains("never over another"), "{}", run.stderr);
    // The report used to tell that it was mended there.
    assert_eq!(run.stdout, "");
    assert_eq!(fs::read(&fixed).expect("it is there"), written);
}

/// It used to leave the wrong intermediate out, find nothing wrong then, and end with 0.
#[test]
fn what_stays_broken_in_the_file_written_is_told_and_ends_as_before() {
    let lab = lab();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/identity");
    let whole = |names: &[&str]| {
        let read = |name: &&str| fs::read(fixtures.join(name)).expect("a fixture");
        names.iter().flat_map(read).collect::<Vec<u8>>()
    };
    let roots = fixtures.join("root.pem");
    let left = [
        (
            &["issuing-other.pem", "policy.pem"][..],
            "wrong-intermediate",
        ),
        (&["policy.pem"], "intermediate-missing"),
    ];
    for (number, (above, id)) in left.into_iter().enumerate() {
        let broken = lab.path(&format!("broken-{number}.pem"));
        let identity = [whole(&["leaf.key", "leaf.pem"]), whole(above)].concat();
        fs::write(&broken, identity).expect("written");
        for more in [&[][..], &["--client-ca", text(&roots)]] {
            let fixed = lab.path(&format!("fixed-{number}-{}.pem", more.len()));
            let arguments = [
                "check-cert",
                "--offline",
                text(&broken),
                "--fix",
                text(&fixed),
            ];
            let run = lab.run(arguments.iter().chain(more)).exits(8);
            assert!(
                run.stderr.contains(&format!("is left: {id}")),
                "{}",
                run.stderr
            );
            assert!(!run.stderr.contains("passes"), "{}", run.stderr);
            lab.run(["check-cert", "--offline", text(&fixed)]).exits(8);
        }
    }
}

/// A reader that left early used to turn a failure into a success.
#[test]
fn the_status_is_the_same_whether_or_not_the_report_is_read_to_its_end() {
    let lab = lab();
    let expired = text(&lab.org.files().expired).to_owned();
    for (more, status) in [
        (&["--offline"][..], 8),
        (&["--offline", "--json"], 8),
        (&["--offline", "--nagios"], 2),
        (&["--offline", "--fix", "written.pem"], 8),
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let all = [&["check-cert", &expired], more].concat();
        let mut command = lab.command(all);
        let child = command.stdout(writer).spawn().expect("the program starts");
        finish(child).exits(status);
    }
    assert!(lab.path("written.pem").exists());
}

/// Such a password used to be replaced in the whole report: in ids, names of members and commands.
#[test]
fn a_password_that_is_an_ordinary_word_changes_nothing_in_the_report() {
    let mut lab = lab();
    let leaf = text(&lab.org.files().leaf_only).to_owned();
    let copy = lab.path("openssl findings.pem");
    fs::copy(&leaf, &copy).expect("a copy");
    for file in [text(&copy), &leaf] {
        for flags in [&["--json"][..], &[], &["--nagios"]] {
            let all = [&["check-cert", file], flags].concat();
            lab.set("SFMTLS_CERT_PASSWORD", "never in any report");
            // The certificate may be a day nearer to its end a moment later.
            let report = |lab: &Lab| lab.run(&all).stdout.replace("365", "364");
            let plain = report(&lab);
            for word in [
                "findings",
                "null,",
                "openssl",
                "intermediate",
                "accepts",
                "umask",
            ] {
                lab.set("SFMTLS_CERT_PASSWORD", word);
                assert_eq!(report(&lab), plain, "{word}");
            }
        }
    }
}

#[test]
fn an_identity_may_come_through_a_pipe() {
    let lab = lab();
    for line in [
        "sfmtls check-cert --offline <(cat \"$SFMTLS_CERT\")",
        "cat \"$SFMTLS_CERT\" | sfmtls check-cert --offline /dev/stdin",
        "sfmtls check-cert --offline /dev/stdin < \"$SFMTLS_CERT\"",
    ] {
        let run = lab.shell(line).exits(0);
        assert!(run.stdout.contains("1 key, "), "{}", run.stdout);
    }
    // The server is shown what came through it, too.
    let run = lab
        .shell("sfmtls check-cert <(cat \"$SFMTLS_CERT\")")
        .exits(0);
    assert!(
        first_line(&run).starts_with("OK: localhost"),
        "{}",
        run.stdout
    );
    let run = lab
        .shell("true | sfmtls check-cert --offline /dev/stdin")
        .exits(8);
    assert!(run.stdout.contains("file-empty"), "{}", run.stdout);
}

#[test]
fn what_is_to_be_mended_is_written_as_pem_under_a_name() {
    let lab = lab();
    for (file, word) in [
        ("-", "standard output"),
        ("new.p12", "PKCS#12"),
        ("new.pfx", "PEM"),
    ] {
        let run = lab.run(["check-cert", "--offline", "--fix", file]).exits(2);
        assert!(run.stderr.contains(word), "{}", run.stderr);
        assert!(!lab.path(file).exists());
    }
}

/// It used to be dropped without a word.
#[test]
fn a_port_behind_the_host_is_the_one_that_is_asked() {
    let mut lab = lab();
    let port = lab.org.mutual_port();
    lab.unset("SFMTLS_MTLS_PORT");
    for host in [
        format!("localhost:{port}"),
        format!("https://localhost:{port}/"),
    ] {
        let run = lab.run(["check-cert", "--host", &host]).exits(0);
        let accepted = format!("OK: localhost:{port} accepts");
        assert!(first_line(&run).starts_with(&accepted), "{}", run.stdout);
    }
    lab.run(["check-cert", "--host", "localhost:0"]).exits(2);
}

/// The server used to be asked without a certificate, or the lack of an org to be told.
#[test]
fn of_a_file_that_was_not_read_nothing_else_is_told() {
    let mut lab = lab();
    let before = lab.org.journal().entries.len();
    for file in ["nothing.pem", "."] {
        let run = lab.run(["check-cert", file, "--json"]).exits(8);
        let found = document(&run);
        assert_eq!(found["mode"], "offline", "{found}");
        assert_eq!(found["findings"].as_array().unwrap().len(), 1, "{found}");
    }
    assert_eq!(lab.org.journal().entries.len(), before);
    lab.unset("SFMTLS_LOGIN_URL");
    lab.run(["logout"]).exits(0);
    let run = lab.run(["check-cert", "nothing.pem"]).exits(8);
    assert_eq!(run.stderr, "");
}

#[test]
fn a_pasted_url_names_its_host() {
    let lab = lab();
    for url in [
        "https://localhost/",
        "https://localhost/lightning/page/home?a=b",
        "localhost",
    ] {
        let run = lab.run(["check-cert", "--host", url]).exits(0);
        assert!(
            first_line(&run).starts_with("OK: localhost:"),
            "{}",
            run.stdout
        );
    }
}

/// It used to be "or the file is damaged", with the reason further below.
#[test]
fn the_first_line_tells_of_a_password_with_a_line_end_behind_it() {
    let mut lab = lab();
    let files = lab.org.files().clone();
    let password = fs::read_to_string(&files.key_password).expect("the password");
    lab.set(
        "SFMTLS_CERT_PASSWORD",
        format!("{}\n\n", password.trim_end()),
    );
    let run = lab
        .run(["check-cert", "--offline", text(&files.client_p12)])
        .exits(8);
    let line = first_line(&run);
    assert!(
        line.contains("it is right without its last line end; store it"),
        "{line}"
    );
}

#[test]
fn roots_that_cannot_be_read_are_wrong_usage() {
    let lab = lab();
    for file in ["nothing.pem", text(&lab.org.files().client_key)] {
        let run = lab.run(["check-cert", "--client-ca", file]).exits(2);
        assert!(run.stderr.contains(file), "{}", run.stderr);
    }
}

#[test]
fn a_root_that_is_none_is_refused_or_told() {
    let lab = lab();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/identity");
    let with = |name: &str| {
        let roots = fixtures.join(name);
        lab.run(["check-cert", "--offline", "--client-ca", text(&roots)])
    };
    let run = with("leaf.pem").exits(2);
    assert!(run.stderr.contains("which is no CA"), "{}", run.stderr);
    // Some servers take it for one.
    let run = with("policy.pem").exits(8);
    assert!(
        run.stderr.contains("CN=Lab Policy CA is not a root"),
        "{}",
        run.stderr
    );
    let run = with("root.pem").exits(8);
    assert_eq!(run.stderr, "");
}

#[test]
fn neither_key_nor_password_nor_session_is_shown_with_any_flag() {
    let lab = lab();
    let files = lab.org.files();
    let pass = text(&files.key_password);
    let password = fs::read_to_string(pass).expect("the password");
    let key = fs::read_to_string(&files.client_key).expect("the key");
    let session = lab.org.session(0, "localhost");
    let token = session.split_once('!').expect("a session ID").1.to_owned();
    let secrets: Vec<&str> = key
        .lines()
        .filter(|line| !line.starts_with('-'))
        .chain([password.trim_end(), &token])
        .collect();
    for file in [
        &files.client_p12,
        &files.client_encrypted,
        &files.client,
        &files.foreign_key,
    ] {
        for flags in [
            &[][..],
            &["--json"],
            &["-vv", "--show-curl"],
            &["--nagios"],
            &["--offline", "-vv"],
        ] {
            let given = ["check-cert", text(file), "--cert-pass-file", pass];
            let run = lab.run(given.iter().chain(flags));
            for secret in &secrets {
                for said in [&run.stdout, &run.stderr] {
                    assert!(!said.contains(secret), "{flags:?}: {said}");
                }
            }
        }
    }
}
