//! Wrong usage: told before anything is read or sent.

use super::table::{Case, case, hold};
use super::world::World;

fn values() -> Vec<Case> {
    vec![
        case(
            "a login URL without TLS",
            |_| (),
            ["login", "--login-url", "http://acme.test"],
            2,
            "usage",
            "@1",
        ),
        case(
            "a login URL with a password",
            |world| world.secret("hunter2"),
            ["login", "--login-url", "https://me:hunter2@acme.test"],
            2,
            "usage",
            "@2",
        ),
        case(
            "a login URL of something else",
            |_| (),
            ["login", "--login-url", "https://acme.test/home/home.jsp"],
            2,
            "usage",
            "@3",
        ),
        case(
            "a version that is none",
            |_| (),
            ["getuserinfo", "--api-version", "summer"],
            2,
            "usage",
            "@4",
        ),
        case(
            "a version in the environment that is none",
            |world| world.lab().set("SFMTLS_API_VERSION", "summer"),
            ["getuserinfo"],
            2,
            "usage",
            "@5",
        ),
        case(
            "a port in the environment that is none",
            |world| world.lab().set("SFMTLS_MTLS_PORT", "0"),
            ["getuserinfo"],
            2,
            "usage",
            "@6",
        ),
        case(
            "a profile that is no file name",
            |world| world.lab().unset("SFMTLS_SESSION"),
            ["getuserinfo", "--profile", "a/b"],
            2,
            "usage",
            "@7",
        ),
        case(
            "a home that is nowhere",
            |world| {
                world.lab().unset("SFMTLS_SESSION");
                world.lab().unset("HOME");
            },
            ["logout"],
            2,
            "usage",
            "@8",
        ),
        case(
            "a proxy of another kind",
            |world| world.secret("hunter2"),
            ["getuserinfo", "-x", "socks5://me:hunter2@proxy.test:1080"],
            2,
            "usage",
            "@9",
        ),
        case("no query", |_| (), ["query"], 2, "usage", "@10"),
        case("an empty query", |_| (), ["query", " "], 2, "usage", "@11"),
        case(
            "two options that read standard input",
            |_| (),
            [
                "login",
                "--password-file",
                "-",
                "--security-token-file",
                "-",
            ],
            2,
            "usage",
            "@12",
        ),
        case(
            "no user name",
            |world| world.lab().unset("SFMTLS_USERNAME"),
            ["login"],
            2,
            "usage",
            "@13",
        ),
        case(
            "no password and no terminal",
            |world| world.lab().unset("SFMTLS_PASSWORD"),
            ["login"],
            2,
            "usage",
            "@14",
        ),
        case(
            "a password file that is not there",
            |_| (),
            ["login", "--password-file", "password.txt"],
            1,
            "input-unreadable",
            "@15",
        ),
        case(
            "a password that no XML can hold",
            |world| {
                world.lab().file("password.txt", "hunter2\u{1}");
                world.secret("hunter2");
            },
            ["login", "--password-file", "password.txt"],
            2,
            "usage",
            "@16",
        ),
        case(
            "a whole file in place of a password",
            |world| {
                world.lab().file("password.txt", "hunter2".repeat(2000));
                world.secret("hunter2");
            },
            ["login", "--password-file", "password.txt"],
            2,
            "usage",
            "@17",
        ),
    ]
}

#[test]
fn values_that_cannot_be() {
    hold(values());
}

/// clap's own words, with the usage below; as a document, their first line.
#[test]
fn arguments_that_do_not_exist_are_told_by_clap_and_still_make_a_document() {
    let world = World::new("getuserinfo");
    let run = world.run(["getuserinfo", "--colour"]).exits(2);
    assert!(
        run.stderr
            .starts_with("error: unexpected argument '--colour' found\n"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr.contains("Usage: sfmtls getuserinfo"),
        "{}",
        run.stderr
    );
    assert_eq!(run.stdout, "");

    let run = world.run(["getuserinfo", "--colour", "--json"]).exits(2);
    assert_eq!(run.stderr, "");
    let document = r#"{"error":{"code":"usage","message":"unexpected argument '--colour' found","cause":[],"hint":null,"exitCode":2}}"#;
    assert_eq!(run.stdout.trim_end(), document);

    let run = world
        .run(["query", "--json", "-r", "csv", "SELECT Id FROM Contact"])
        .exits(2);
    assert_eq!(run.stderr, "");
    assert!(
        run.stdout
            .contains("--json and -r ask for different formats"),
        "{}",
        run.stdout
    );
}
