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

pub(super) fn files() -> Vec<Case> {
    vec![
        case("no such file", |_| (), ASK, 8, "file-not-found", "\
error: cannot read client.pem: no such file
  hint: ls -l ."),
        case(
            "a folder",
            |world| std::fs::create_dir(world.lab().path("client.pem")).expect("made"),
            ASK,
            8,
            "file-unreadable",
            "\
error: cannot read client.pem: it is a directory
  hint: ls -ld client.pem",
        ),
        case("an empty file", holds(&[]), ASK, 8, "file-empty", "\
error: client.pem is empty
  hint: fetch the file again"),
        case(
            "a web page",
            holds_text(|_| "<!DOCTYPE html><html></html>".to_owned()),
            ASK,
            8,
            "unrecognized-format",
            "\
error: client.pem is not a certificate file: it is an HTML page
  hint: give a PKCS#12 file, or PEM text with the key and its certificates",
        ),
        case(
            "a certificate in DER",
            holds(&["leaf.der"]),
            ASK,
            8,
            "format-der-cert",
            "\
error: client.pem is one certificate in DER, without a private key
  hint: openssl x509 -inform DER -in client.pem -out leaf.pem; (umask 077; cat key.pem leaf.pem chain.pem > client-fixed.pem)",
        ),
        case(
            "a key in DER",
            holds(&["leaf-key.der"]),
            ASK,
            8,
            "format-der-key",
            "\
error: client.pem is a private key in DER, without a certificate
  hint: (umask 077; openssl pkey -inform DER -in client.pem > client-fixed.pem)",
        ),
        case(
            "a PKCS#7 bundle",
            holds(&["chain-p7.pem"]),
            ASK,
            8,
            "format-pkcs7",
            "\
error: client.pem is a PKCS#7 bundle: 2 certificates, no private key
  hint: the certificates, to be joined with the private key: openssl pkcs7 -in client.pem -print_certs -out client-fixed.pem",
        ),
        case(
            "a signing request",
            holds(&["leaf.key", "leaf-csr.pem"]),
            ASK,
            8,
            "format-csr",
            "\
error: client.pem holds a certificate signing request, which the CA has not signed yet
  hint: send it to the CA and use the certificate that comes back, with the same key",
        ),
        case(
            "a Java key store",
            holds(&["keytool.jks"]),
            ASK,
            8,
            "format-jks",
            "\
error: client.pem is a Java key store (JKS)
  hint: keytool -importkeystore -srckeystore client.pem -destkeystore client-fixed.p12 -deststoretype PKCS12",
        ),
        case(
            "a key of OpenSSH's",
            holds(&["leaf-openssh.key", "leaf.pem"]),
            ASK,
            8,
            "format-openssh-key",
            "\
error: client.pem holds a private key in OpenSSH's own format
  hint: (umask 077; cp client.pem client-fixed.pem) && ssh-keygen -p -m PEM -f client-fixed.pem",
        ),
        case(
            "a public key",
            holds(&["leaf.pem", "leaf-public.pem"]),
            ASK,
            8,
            "format-public-key",
            "\
error: client.pem holds a public key where the private key should be
  hint: use the private key that the signing request was made with",
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
            "\
error: client.pem is base64 text with a PKCS#12 file inside
  hint: (umask 077; base64 -d client.pem > client-fixed.p12)",
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
            "\
error: client.pem is UTF-16 text
  hint: (umask 077; iconv -f UTF-16 -t UTF-8 client.pem > client-fixed.pem)",
        ),
        case(
            "indented lines",
            holds_text(|whole| whole.replace('\n', "\n  ")),
            ASK,
            8,
            "pem-indented",
            "\
error: line 5 of client.pem is indented
  hint: (umask 077; sed 's/^[[:space:]]*//' client.pem > client-fixed.pem)",
        ),
        case(
            "line ends as two characters",
            holds_text(|whole| whole.replace('\n', "\\n")),
            ASK,
            8,
            "pem-escaped-newlines",
            "\
error: the line ends in line 1 of client.pem are the two characters \\n
  hint: (umask 077; printf '%b' \"$(cat client.pem)\" > client-fixed.pem)",
        ),
        case(
            "joined blocks",
            holds_text(|whole| whole.replace("-----\n-----B", "----------B")),
            ASK,
            8,
            "pem-blocks-joined",
            "\
error: two blocks share line 5 of client.pem
  hint: (umask 077; sed 's/----------/-----\\n-----/' client.pem > client-fixed.pem)",
        ),
        case(
            "a file cut off in a block",
            holds_text(|whole| whole[..whole.len() - 60].to_owned()),
            ASK,
            8,
            "pem-truncated",
            "\
error: client.pem is cut off: the block CERTIFICATE in line 18 has no END line
  hint: copy the file again, whole",
        ),
        case(
            "a file whose head is missing",
            holds_text(|whole| whole[40..].to_owned()),
            ASK,
            8,
            "pem-truncated",
            "\
error: the head of client.pem is missing: END PRIVATE KEY in line 4 has no BEGIN line
  hint: copy the file again, whole",
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
            "\
error: the block CERTIFICATE in line 6 of client.pem is not base64 (line 7)
  hint: copy the file again, whole",
        ),
        case(
            "a block of something else",
            holds_text(|whole| whole.replace("PRIVATE KEY", "CERTIFICATE") + "-----BEGIN PRIVATE KEY-----\nAAEC\n-----END PRIVATE KEY-----\n"),
            ASK,
            8,
            "cert-corrupt",
            "\
error: the block CERTIFICATE in line 1 of client.pem does not hold what its label says
  hint: get the file again from where it was made",
        ),
    ]
}

pub(super) fn keys_and_passwords() -> Vec<Case> {
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
            "\
error: no client certificate was given
  hint: name it with -E FILE (PKCS#12 or PEM), or set SFMTLS_CERT",
        ),
        case(
            "no key",
            holds(&["leaf.pem", "issuing.pem"]),
            ASK,
            8,
            "key-missing",
            "\
error: client.pem holds no private key, only 2 certificates
  hint: export it again with its private key, give it by --key, or join the two: (umask 077; cat key.pem client.pem > client-fixed.pem)",
        ),
        case(
            "no key in PKCS#12",
            p12("no-key.p12", "secret"),
            P12,
            8,
            "key-missing",
            "\
error: client.p12 holds no private key, only 4 certificates
  hint: export it again with its private key, or give that by --key",
        ),
        case(
            "no certificate",
            holds(&["leaf.key"]),
            ASK,
            8,
            "cert-missing",
            "\
error: client.pem holds a private key but no certificate
  hint: add the certificate that the CA issued for it: (umask 077; cat client.pem certificate.pem chain.pem > client-fixed.pem)",
        ),
        case(
            "the key of another certificate",
            holds(&["other.key", "leaf.pem", "issuing.pem"]),
            ASK,
            8,
            "key-mismatch",
            "\
error: the private key in client.pem does not match the certificate O=Example, CN=integration.example.test (public key SHA-256 0d4e2cabea6d3197…, the certificate wants b56ce57e1f431efc…)
  hint: find the key for which these two print the same: openssl pkey -in client.pem -pubout; openssl x509 -in client.pem -noout -pubkey",
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
            "\
error: the private key in other.key does not match the certificate O=Example, CN=integration.example.test in client.pem (public key SHA-256 0d4e2cabea6d3197…, the certificate wants b56ce57e1f431efc…)
  hint: find the key for which these two print the same: openssl pkey -in other.key -pubout; openssl x509 -in client.pem -noout -pubkey",
        ),
        case(
            "a CA's key",
            holds(&["issuing.key", "leaf.pem", "issuing.pem"]),
            ASK,
            8,
            "key-mismatch",
            "\
error: the private key in client.pem belongs to the CA O=Lab, CN=Lab Issuing CA and does not match the certificate O=Example, CN=integration.example.test (public key SHA-256 6079def28ab3f6a3…, the certificate wants b56ce57e1f431efc…)
  hint: find the key for which these two print the same: openssl pkey -in client.pem -pubout; openssl x509 -in client.pem -noout -pubkey",
        ),
        case(
            "an encrypted key, no password, no terminal",
            holds(&["leaf-pbes2.key", "leaf.pem"]),
            ASK,
            8,
            "password-required",
            "\
error: client.pem is encrypted and no password was given
  hint: use --cert-pass-file FILE, --cert-pass-file - with the password on standard input, or SFMTLS_CERT_PASSWORD",
        ),
        case(
            "an encrypted PKCS#12, no password, no terminal",
            p12("identity.p12", ""),
            P12,
            8,
            "password-required",
            "\
error: client.p12 is encrypted and no password was given
  hint: use --cert-pass-file FILE, --cert-pass-file - with the password on standard input, or SFMTLS_CERT_PASSWORD",
        ),
        case(
            "the wrong password of a PKCS#12",
            p12("identity.p12", "hunter2"),
            P12,
            8,
            "password-wrong",
            "\
error: wrong password for client.p12 (or the file is damaged)
  hint: this asks for the password and checks it: openssl pkcs12 -in client.p12 -noout",
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
            "\
error: wrong password for client.pem (or the file is damaged)
  hint: this asks for the password and checks it: openssl pkey -in client.pem -noout",
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
            "error: client.p12 is encrypted and its password cannot be read: cannot read password.txt: No such file or directory",
        ),
        case(
            "a password without end",
            p12("identity.p12", ""),
            ["getuserinfo", "-E", "client.p12", "--cert-pass-file", "/dev/zero"],
            8,
            "password-required",
            "error: client.p12 is encrypted and its password cannot be read: cannot read /dev/zero: it is longer than 65536 bytes",
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
            "\
error: the PKCS#12 file client.p12 is cut off or damaged (1000 of 2609 bytes)
  hint: copy the file again, in binary mode",
        ),
        case(
            "a PKCS#12 without an integrity code",
            p12("identity-no-mac.p12", "secret"),
            P12,
            8,
            "p12-no-mac",
            "\
error: the PKCS#12 file client.p12 has no integrity code (MAC)
  hint: (umask 077; openssl pkcs12 -nomacver -in client.p12 -nodes -out t.pem && openssl pkcs12 -export -in t.pem -out client-fixed.p12; rm -f t.pem)",
        ),
        case(
            "a PKCS#12 with more rounds than anyone waits for",
            p12("identity-many-rounds.p12", "secret"),
            P12,
            8,
            "p12-unsupported-encryption",
            "\
error: client.p12 is encrypted in a way that OpenSSL cannot read: 10000001 rounds of key derivation
  hint: export it again, in a common way: openssl pkcs12 -export -in client.pem -keypbe AES-256-CBC -certpbe AES-256-CBC -macalg sha256 -out client.p12",
        ),
    ]
}

/// What loads, but OpenSSL does not present. A key of so many bits, signed with this digest.
pub(super) fn weak() -> Vec<Case> {
    fn made(key: &'static str, digest: &'static str) -> impl Fn(&mut World) {
        move |world| {
            let lab = world.lab();
            let run = |arguments: &str| {
                let made = lab.other("openssl", arguments.split(' ')).status();
                assert!(made.expect("openssl runs").success(), "{arguments}");
            };
            lab.file(
                "ca.pem",
                [fixture("issuing.key"), fixture("issuing.pem")].concat(),
            );
            run(&format!(
                "req -new -nodes -subj /CN=weak -newkey {key} -keyout weak.key -out weak.csr"
            ));
            run(&format!(
                "x509 -req -in weak.csr -CA ca.pem -set_serial 1 {digest} -out weak.crt"
            ));
            let parts = ["weak.key", "weak.crt"]
                .map(|name| std::fs::read(lab.path(name)).expect("openssl has written it"));
            lab.file("client.pem", parts.concat());
        }
    }
    vec![
        case(
            "a key of 1024 bits",
            made("rsa:1024", "-sha256"),
            ASK,
            8,
            "key-too-small",
            "\
error: the client certificate cannot be used: ee key too small
  hint: RSA keys need 2048 bits or more: order a certificate for a new key",
        ),
        case(
            "a signature with SHA-1",
            made("rsa:2048", "-sha1"),
            ASK,
            8,
            "signature-weak",
            "\
error: the client certificate cannot be used: ca md too weak
  hint: have the certificate reissued with SHA-256",
        ),
    ]
}

#[test]
fn identities_too_weak_to_be_sent() {
    hold(weak());
}

#[test]
fn files_that_hold_no_identity() {
    hold(files());
}

#[test]
fn keys_and_passwords_that_do_not_fit() {
    hold(keys_and_passwords());
}
