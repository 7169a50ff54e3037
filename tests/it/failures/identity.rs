//! Identities that cannot be loaded: nothing is sent, whatever the command.

use super::table::{Case, case, hold};
use super::world::{World, fixture};

const ASK: [&str; 3] = ["getuserinfo", "-E", "client.pem"];

/// `client.pem` holds these fixtures.
fn holds(fixtures: &'static [&'static str]) -> impl Fn(&mut World) {
    |world| world.fixtures("client.pem", fixtures)
}

/// `client.pem` holds this.
fn holds_text(text: impl Fn(String) -> String) -> impl Fn(&mut World) {
    move |world| {
        let whole = [
            fixture("leaf.key"),
            fixture("leaf.pem"),
            fixture("issuing.pem"),
        ]
        .concat();
        let whole = String::from_utf8(whole).expect("PEM is text");
        world.lab().file("client.pem", text(whole));
    }
}

fn files() -> Vec<Case> {
    vec![
        case("no such file", |_| (), ASK, 8, "file-not-found", "@1"),
        case(
            "a folder",
            |world| std::fs::create_dir(world.lab().path("client.pem")).expect("made"),
            ASK,
            8,
            "file-unreadable",
            "@2",
        ),
        case("an empty file", holds(&[]), ASK, 8, "file-empty", "@3"),
        case(
            "a web page",
            holds_text(|_| "<!DOCTYPE html><html></html>".to_owned()),
            ASK,
            8,
            "unrecognized-format",
            "@4",
        ),
        case(
            "a certificate in DER",
            holds(&["leaf.der"]),
            ASK,
            8,
            "format-der-cert",
            "@5",
        ),
        case(
            "a key in DER",
            holds(&["leaf-key.der"]),
            ASK,
            8,
            "format-der-key",
            "@6",
        ),
        case(
            "a PKCS#7 bundle",
            holds(&["chain-p7.pem"]),
            ASK,
            8,
            "format-pkcs7",
            "@7",
        ),
        case(
            "a signing request",
            holds(&["leaf.key", "leaf-csr.pem"]),
            ASK,
            8,
            "format-csr",
            "@8",
        ),
        case(
            "a Java key store",
            holds(&["keytool.jks"]),
            ASK,
            8,
            "format-jks",
            "@9",
        ),
        case(
            "a key of OpenSSH's",
            holds(&["leaf-openssh.key", "leaf.pem"]),
            ASK,
            8,
            "format-openssh-key",
            "@10",
        ),
        case(
            "a public key",
            holds(&["leaf.pem", "leaf-public.pem"]),
            ASK,
            8,
            "format-public-key",
            "@11",
        ),
        case(
            "base64 of a PKCS#12",
            |world| {
                let encoded = openssl::base64::encode_block(&fixture("identity.p12"));
                world.lab().file("client.pem", encoded);
            },
            ASK,
            8,
            "format-base64",
            "@12",
        ),
        case(
            "UTF-16",
            |world| {
                let text = String::from_utf8(fixture("bag-attributes.pem")).expect("PEM is text");
                let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
                world.lab().file("client.pem", wide);
            },
            ASK,
            8,
            "pem-utf16",
            "@13",
        ),
        case(
            "indented lines",
            holds_text(|whole| whole.replace('\n', "\n  ")),
            ASK,
            8,
            "pem-indented",
            "@14",
        ),
        case(
            "line ends as two characters",
            holds_text(|whole| whole.replace('\n', "\\n")),
            ASK,
            8,
            "pem-escaped-newlines",
            "@15",
        ),
        case(
            "joined blocks",
            holds_text(|whole| whole.replace("-----\n-----B", "----------B")),
            ASK,
            8,
            "pem-blocks-joined",
            "@16",
        ),
        case(
            "a file cut off in a block",
            holds_text(|whole| whole[..whole.len() - 60].to_owned()),
            ASK,
            8,
            "pem-truncated",
            "@17",
        ),
        case(
            "a file whose head is missing",
            holds_text(|whole| whole[40..].to_owned()),
            ASK,
            8,
            "pem-truncated",
            "@18",
        ),
        case(
            "a block that is not base64",
            holds_text(|whole| {
                whole.replacen(
                    "-----BEGIN CERTIFICATE-----\n",
                    "-----BEGIN CERTIFICATE-----\n?",
                    1,
                )
            }),
            ASK,
            8,
            "pem-corrupt",
            "@19",
        ),
        case(
            "a block of something else",
            holds_text(|whole| whole.replace("PRIVATE KEY", "CERTIFICATE")),
            ASK,
            8,
            "cert-corrupt",
            "@20",
        ),
    ]
}

fn keys_and_passwords() -> Vec<Case> {
    const P12: [&str; 3] = ["getuserinfo", "-E", "client.p12"];
    let p12 = |fixture: &'static str, password: &'static str| {
        move |world: &mut World| {
            world.fixtures("client.p12", &[fixture]);
            if !password.is_empty() {
                world.lab().set("SFMTLS_CERT_PASSWORD", password);
                world.secret(password);
            }
        }
    };
    vec![
        case(
            "no certificate was given",
            |world| world.lab().unset("SFMTLS_CERT"),
            ["getuserinfo"],
            2,
            "usage",
            "@21",
        ),
        case(
            "no key",
            holds(&["leaf.pem", "issuing.pem"]),
            ASK,
            8,
            "key-missing",
            "@22",
        ),
        case(
            "no key in PKCS#12",
            p12("no-key.p12", "secret"),
            P12,
            8,
            "key-missing",
            "@23",
        ),
        case(
            "no certificate",
            holds(&["leaf.key"]),
            ASK,
            8,
            "cert-missing",
            "@24",
        ),
        case(
            "the key of another certificate",
            holds(&["other.key", "leaf.pem", "issuing.pem"]),
            ASK,
            8,
            "key-mismatch",
            "@25",
        ),
        case(
            "the key of another certificate, in a file of its own",
            |world| {
                world.fixtures("client.pem", &["leaf.pem", "issuing.pem"]);
                world.fixtures("other.key", &["other.key"]);
            },
            ["getuserinfo", "-E", "client.pem", "--key", "other.key"],
            8,
            "key-mismatch",
            "@26",
        ),
        case(
            "a CA's key",
            holds(&["issuing.key", "leaf.pem", "issuing.pem"]),
            ASK,
            8,
            "key-mismatch",
            "@27",
        ),
        case(
            "an encrypted key, no password, no terminal",
            holds(&["leaf-pbes2.key", "leaf.pem"]),
            ASK,
            8,
            "password-required",
            "@28",
        ),
        case(
            "an encrypted PKCS#12, no password, no terminal",
            p12("identity.p12", ""),
            P12,
            8,
            "password-required",
            "@29",
        ),
        case(
            "the wrong password of a PKCS#12",
            p12("identity.p12", "hunter2"),
            P12,
            8,
            "password-wrong",
            "@30",
        ),
        case(
            "the wrong password of a key",
            |world| {
                world.fixtures("client.pem", &["leaf-pbes2.key", "leaf.pem"]);
                world.lab().file("password.txt", "hunter2\n");
                world.secret("hunter2");
            },
            [
                "getuserinfo",
                "-E",
                "client.pem",
                "--cert-pass-file",
                "password.txt",
            ],
            8,
            "password-wrong",
            "@31",
        ),
        case(
            "a password file that is not there",
            p12("identity.p12", ""),
            [
                "getuserinfo",
                "-E",
                "client.p12",
                "--cert-pass-file",
                "password.txt",
            ],
            8,
            "password-required",
            "@32",
        ),
        case(
            "a PKCS#12 that is cut off",
            |world| {
                let whole = fixture("identity.p12");
                world.lab().file("client.p12", &whole[..1000]);
                world.lab().set("SFMTLS_CERT_PASSWORD", "secret");
            },
            P12,
            8,
            "p12-corrupt",
            "@33",
        ),
        case(
            "a PKCS#12 without an integrity code",
            p12("identity-no-mac.p12", "secret"),
            P12,
            8,
            "p12-no-mac",
            "@34",
        ),
        case(
            "a PKCS#12 with more rounds than anyone waits for",
            p12("identity-many-rounds.p12", "secret"),
            P12,
            8,
            "p12-unsupported-encryption",
            "@35",
        ),
    ]
}

#[test]
fn files_that_hold_no_identity() {
    hold(files());
}

#[test]
fn keys_and_passwords_that_do_not_fit() {
    hold(keys_and_passwords());
}
