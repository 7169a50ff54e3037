//! Keys, passwords and certificates that do not fit together, or are too weak.

use super::identity::{ASK, holds};
use super::table::{Case, case, hold};
use super::world::{World, fixture};

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
  hint: export it again with its private key, give it by --key, or join the two:
        (umask 077; cat key.pem client.pem > client-fixed.pem)",
        ),
        case(
            "the file of a CA",
            holds(&["issuing.pem"]),
            ASK,
            8,
            "leaf-is-ca",
            "\
error: client.pem is a CA's own certificate, not a client's identity
  hint: give the client's own certificate and key; a file of CAs to trust belongs to --cacert",
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
  hint: add the certificate that the CA issued for it:
        (umask 077; cat client.pem certificate.pem chain.pem > client-fixed.pem)",
        ),
        case(
            "no certificate in a PKCS#12",
            p12("key-only.p12", "secret"),
            P12,
            8,
            "cert-missing",
            "\
error: client.p12 holds a private key but no certificate
  hint: add the certificate that the CA issued for it:
        (umask 077; { openssl pkcs12 -in client.p12 -nodes && cat certificate.pem chain.pem; } > client-fixed.pem)",
        ),
        case(
            "the key of another certificate",
            holds(&["other.key", "leaf.pem", "issuing.pem"]),
            ASK,
            8,
            "key-mismatch",
            "\
error: the private key in client.pem does not match the certificate O=Example, CN=integration.example.test (public key SHA-256 0d4e2cabea6d3197…, the certificate wants b56ce57e1f431efc…)
  hint: find the key for which these two print the same:
        openssl pkey -in client.pem -pubout; openssl x509 -in client.pem -noout -pubkey",
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
  hint: find the key for which these two print the same:
        openssl pkey -in other.key -pubout; openssl x509 -in client.pem -noout -pubkey",
        ),
        case(
            "a CA's key",
            holds(&["issuing.key", "leaf.pem", "issuing.pem"]),
            ASK,
            8,
            "key-mismatch",
            "\
error: the private key in client.pem belongs to the CA O=Lab, CN=Lab Issuing CA and does not match the certificate O=Example, CN=integration.example.test (public key SHA-256 6079def28ab3f6a3…, the certificate wants b56ce57e1f431efc…)
  hint: find the key for which these two print the same:
        openssl pkey -in client.pem -pubout; openssl x509 -in client.pem -noout -pubkey",
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
  hint: this asks for the password and checks it:
        openssl pkcs12 -in client.p12 -noout",
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
  hint: this asks for the password and checks it:
        openssl pkey -in client.pem -noout",
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
  hint: (umask 077; t=$(mktemp) && openssl pkcs12 -nomacver -in client.p12 -nodes -out \"$t\" && openssl pkcs12 -export -in \"$t\" -out client-fixed.p12; rm -f \"$t\")",
        ),
        case(
            "a PKCS#12 with more iterations than anyone waits for",
            p12("identity-many-rounds.p12", "secret"),
            P12,
            8,
            "p12-unsupported-encryption",
            "\
error: client.p12 asks for 20000002 key-derivation iterations; the limit is 10000000
  hint: this takes its time and asks for fewer from then on:
        (umask 077; t=$(mktemp) && openssl pkcs12 -in client.p12 -nodes -out \"$t\" && openssl pkcs12 -export -in \"$t\" -out client-fixed.p12; rm -f \"$t\")",
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
  hint: the key of \"weak\" is too small: RSA 1024, where RSA 2048 or EC P-256 is needed; order a certificate for a new key:
        (umask 077; openssl req -new -newkey rsa:2048 -nodes -keyout client-new.key -subj /CN=weak -addext keyUsage=critical,digitalSignature -addext extendedKeyUsage=clientAuth -out client-new.csr)",
        ),
        case(
            "a signature with SHA-1",
            made("rsa:2048", "-sha1"),
            ASK,
            8,
            "signature-weak",
            "\
error: the client certificate cannot be used: ca md too weak
  hint: \"weak\" is signed with SHA-1; have it issued again with SHA-256:
        openssl req -new -key client.pem -subj /CN=weak -addext keyUsage=critical,digitalSignature -addext extendedKeyUsage=clientAuth -out client-new.csr",
        ),
    ]
}

#[test]
fn identities_too_weak_to_be_sent() {
    hold(weak());
}

#[test]
fn keys_and_passwords_that_do_not_fit() {
    hold(keys_and_passwords());
}
