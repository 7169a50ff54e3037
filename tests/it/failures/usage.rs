//! Wrong usage: told before anything is read or sent.

use super::table::{Case, case, hold};
use super::world::World;

const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIE\n-----END PRIVATE KEY-----\n";

pub(super) fn values() -> Vec<Case> {
    vec![
        case(
            "a login URL without TLS",
            |_| (),
            ["login", "--login-url", "http://acme.test"],
            2,
            "usage",
            "\
error: --login-url: 'http://acme.test' does not start with https://
  hint: write it as https://NAME.my.salesforce.com",
        ),
        case(
            "a login URL with a password",
            |world| world.secret("hunter2"),
            ["login", "--login-url", "https://me:hunter2@acme.test"],
            2,
            "usage",
            "\
error: --login-url: the URL of acme.test has a user name in it
  hint: write it as https://NAME.my.salesforce.com",
        ),
        case(
            "a login URL from a variable that is not set",
            |_| (),
            ["login", "--login-url", ""],
            2,
            "usage",
            "\
error: --login-url: the value is empty
  hint: write it as https://NAME.my.salesforce.com",
        ),
        case(
            "a host from a variable that is not set",
            |_| (),
            ["check-cert", "--host", ""],
            2,
            "usage",
            "error: --host: the value is empty",
        ),
        case(
            "a login URL of something else",
            |_| (),
            ["login", "--login-url", "https://acme.test/home/home.jsp"],
            2,
            "usage",
            "\
error: --login-url: 'https://acme.test/home/home.jsp' is not a login URL: give the host alone, or the host with /services/Soap/u/VERSION
  hint: write it as https://NAME.my.salesforce.com",
        ),
        case(
            "a version that is none",
            |_| (),
            ["getuserinfo", "--api-version", "summer"],
            2,
            "usage",
            "error: --api-version: 'summer' is not an API version like 64.0",
        ),
        case(
            "a version in the environment that is none",
            |world| world.lab().set("SFMTLS_API_VERSION", "summer"),
            ["getuserinfo"],
            2,
            "usage",
            "error: SFMTLS_API_VERSION: 'summer' is not an API version like 64.0",
        ),
        case(
            "a port in the environment that is none",
            |world| world.lab().set("SFMTLS_MTLS_PORT", "0"),
            ["getuserinfo"],
            2,
            "usage",
            "error: SFMTLS_MTLS_PORT is not a port from 1 to 65535",
        ),
        case(
            "a profile that is no file name",
            |world| world.lab().unset("SFMTLS_SESSION"),
            ["getuserinfo", "--profile", "a/b"],
            2,
            "usage",
            "error: 'a/b' is not a profile name: letters, digits, '.', '_' and '-' make one",
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
            "\
error: there is no home directory for the session cache
  hint: name a file with --session FILE, or set SFMTLS_SESSION",
        ),
        case(
            "a proxy of another kind",
            |world| world.secret("hunter2"),
            ["getuserinfo", "-x", "socks5://me:hunter2@proxy.test:1080"],
            2,
            "usage",
            "\
error: --proxy cannot be used as a proxy: socks5:// is not supported, only http:// and https://
  hint: write it as http://HOST:PORT, with USER:PASSWORD@ before HOST if it asks for them",
        ),
        case("no query", |_| (), ["query"], 2, "usage", "\
error: no query was given
  hint: give it in quotes, \"SELECT Id, Name FROM Account\", or in a file, -f FILE"),
        case("an empty query", |_| (), ["query", " "], 2, "usage", "\
error: the query is empty
  hint: give it in quotes, \"SELECT Id, Name FROM Account\", or in a file, -f FILE"),
        case(
            "a file in the place of a query",
            |world| drop(world.lab().file("my contacts.soql", "SELECT Id FROM Contact")),
            ["query", "my contacts.soql"],
            2,
            "usage",
            "\
error: my contacts.soql is the name of a file, not a query
  hint: have the file read: -f 'my contacts.soql'",
        ),
        case(
            "a job in the place of a query",
            |_| (),
            ["bulk-query", "750R0000000zlh9"],
            2,
            "usage",
            "\
error: 750R0000000zlh9 is the ID of a job, not a query
  hint: go on with the job:
        sfmtls bulk-query --job-id 750R0000000zlh9",
        ),
        case(
            "all fields, as in SQL",
            |_| (),
            ["query", "SELECT * FROM Contact"],
            2,
            "usage",
            "\
error: SOQL has no *
  hint: name the fields, or write FIELDS(STANDARD); FIELDS(ALL) is for sfmtls query, with LIMIT 200",
        ),
        case(
            "a query that no XML can hold",
            |world| drop(world.lab().file("query.soql", "SELECT Id\u{b} FROM Contact")),
            ["query", "-f", "query.soql"],
            2,
            "usage",
            "error: the query holds the character U+000B, which cannot be sent",
        ),
        case(
            "a key in the place of a query",
            |world| drop(world.lab().file("client.pem", KEY)),
            ["query", "-f", "client.pem"],
            2,
            "usage",
            "\
error: client.pem is PEM, a certificate or a key, and not SOQL
  hint: nothing was sent: the client certificate is given with -E client.pem",
        ),
        case(
            "a key in the place of a password",
            |world| drop(world.lab().file("client.pem", KEY)),
            ["login", "--password-file", "client.pem"],
            2,
            "usage",
            "\
error: client.pem is PEM, a certificate or a key, and no password, token or secret
  hint: nothing was sent: the client certificate is given with -E FILE, the key of a JWT with --jwt-key-file FILE",
        ),
        case(
            "a key in the place of a password, in the environment",
            |world| world.lab().set("SFMTLS_PASSWORD", KEY),
            ["login"],
            2,
            "usage",
            "\
error: the secret in the environment is PEM, a certificate or a key, and no password, token or secret
  hint: nothing was sent: the client certificate is given with -E FILE, the key of a JWT with --jwt-key-file FILE",
        ),
        case(
            "a password file of two lines",
            |world| {
                world.lab().file("password.txt", "hunter2\nhunter3\n");
                world.secret("hunter");
            },
            ["login", "--password-file", "password.txt"],
            2,
            "usage",
            "\
error: password.txt holds more than one line
  hint: nothing was sent: it should hold nothing but the secret, on one line",
        ),
        case(
            "an empty user name",
            |_| (),
            ["login", "-u", ""],
            2,
            "usage",
            "\
error: the user name is empty
  hint: nothing was sent: name it with -u USER, or set SFMTLS_USERNAME",
        ),
        case(
            "an empty security token",
            |world| drop(world.lab().file("token.txt", "\n")),
            ["login", "--security-token-file", "token.txt"],
            2,
            "usage",
            "\
error: the security token is empty
  hint: nothing was sent: put it into the file of --security-token-file, or leave the option out",
        ),
        case(
            "rows into the query's own file",
            |world| drop(world.lab().file("q.soql", "SELECT Id FROM Contact")),
            ["query", "-f", "q.soql", "--output-file", "./q.soql"],
            2,
            "usage",
            "\
error: ./q.soql is the query, and the rows would replace it
  hint: nothing was sent: name another file with --output-file",
        ),
        case(
            "two names of the session",
            |_| (),
            ["getuserinfo", "--profile", "dev", "--session", "dev.json"],
            2,
            "usage",
            "\
error: --profile and --session both name the session
  hint: leave one of the two out",
        ),
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
            "\
error: --password-file and --security-token-file both read standard input
  hint: use a file for one of them",
        ),
        case(
            "no user name",
            |world| world.lab().unset("SFMTLS_USERNAME"),
            ["login"],
            2,
            "usage",
            "\
error: no user name was given
  hint: name it with -u USER, or set SFMTLS_USERNAME",
        ),
        case(
            "no password, and a pipe as standard input",
            |world| world.lab().unset("SFMTLS_PASSWORD"),
            ["login"],
            2,
            "usage",
            "\
error: no password was given, and standard input is not a terminal to ask on
  hint: use --password-file FILE, --password-file - with the password on standard input, or SFMTLS_PASSWORD",
        ),
        case(
            "a password file that is not there",
            |_| (),
            ["login", "--password-file", "password.txt"],
            1,
            "input-unreadable",
            "error: cannot read password.txt: No such file or directory
  hint: see what there is:
        ls -l .",
        ),
        case(
            "a password file in UTF-16",
            |world| drop(world.lab().file("password.txt", b"\xff\xfeh\0")),
            ["login", "--password-file", "password.txt"],
            1,
            "input-unreadable",
            "\
error: cannot read password.txt: it is UTF-16 text
  hint: save it as UTF-8; `iconv -f UTF-16 -t UTF-8` turns it into that",
        ),
        case(
            "a password file in Latin-1",
            |world| drop(world.lab().file("password.txt", b"gr\xfc\xdfe")),
            ["login", "--password-file", "password.txt"],
            1,
            "input-unreadable",
            "\
error: cannot read password.txt: it is not UTF-8 text (byte 2)
  hint: save it as UTF-8; if it is Latin-1, `iconv -f ISO-8859-1 -t UTF-8` turns it into that",
        ),
        case(
            "a password without end",
            |_| (),
            ["login", "--password-file", "/dev/zero"],
            1,
            "input-unreadable",
            "\
error: cannot read /dev/zero: it is longer than 65536 bytes
  hint: is it the right file?",
        ),
        case(
            "a token without end",
            |_| (),
            ["login", "--security-token-file", "/dev/zero"],
            1,
            "input-unreadable",
            "\
error: cannot read /dev/zero: it is longer than 65536 bytes
  hint: is it the right file?",
        ),
        case(
            "a query without end",
            |_| (),
            ["query", "-f", "/dev/zero"],
            1,
            "input-unreadable",
            "\
error: cannot read /dev/zero: it is longer than 1048576 bytes
  hint: is it the right file?",
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
            "\
error: the password holds a control character, which cannot be sent
  hint: is it the right file? It should hold nothing but the secret, on one line",
        ),
        case(
            "a user name that no XML can hold",
            |_| (),
            ["login", "-u", "a\u{1}b"],
            2,
            "usage",
            "error: the user name holds a control character, which cannot be sent",
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
            "\
error: the login request has 14391 bytes, more than the 10240 that are taken
  hint: is it the right file? It should hold nothing but the secret, on one line",
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
    let document = r#"{"error":{"code":"usage","message":"unexpected argument '--colour' found","cause":[],"hint":"a similar argument exists: '--color'","exitCode":2}}"#;
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
