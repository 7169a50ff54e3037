//! Identities that cannot be loaded: nothing is sent, whatever the command.

use super::table::{Case, case, hold};
use super::world::{World, fixture};

pub(super) const ASK: [&str; 3] = ["getuserinfo", "-E", "client.pem"];

/// `client.pem` holds these fixtures.
pub(super) fn holds(fixtures: &'static [&'static str]) -> impl Fn(&mut World) {
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
  hint: (umask 077; { cat key.pem && openssl x509 -inform DER -in client.pem && cat chain.pem; } > client-fixed.pem)",
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
error: client.pem is a PKCS#7 bundle with 2 certificates, without a private key
  hint: the certificates, to be joined with the private key:
        openssl pkcs7 -in client.pem -print_certs -out client-fixed.pem",
        ),
        case(
            "a PKCS#7 bundle beside the key",
            holds(&["leaf.key", "chain-p7.pem"]),
            ASK,
            8,
            "format-pkcs7",
            "\
error: client.pem holds its certificates in a PKCS#7 bundle
  hint: this takes the certificates out of it:
        (umask 077; { openssl pkey -in client.pem && openssl pkcs7 -in client.pem -print_certs; } > client-fixed.pem)",
        ),
        case(
            "carriage returns alone",
            holds_text(|text| text.replace('\n', "\r")),
            ASK,
            8,
            "pem-carriage-returns",
            "\
error: the line ends of client.pem are carriage returns alone
  hint: (umask 077; tr '\\r' '\\n' < client.pem > client-fixed.pem)",
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
  hint: (umask 077; keytool -importkeystore -srckeystore client.pem -destkeystore client-fixed.p12 -deststoretype PKCS12)",
        ),
        case(
            "a key of OpenSSH's",
            holds(&["leaf-openssh.key", "leaf.pem"]),
            ASK,
            8,
            "format-openssh-key",
            "\
error: client.pem holds a private key in OpenSSH's own format
  hint: (umask 077; sed -n '/BEGIN OPENSSH PRIVATE KEY/,/END OPENSSH PRIVATE KEY/p' client.pem > client-fixed.pem && ssh-keygen -p -m PEM -f client-fixed.pem && sed -n '/BEGIN CERTIFICATE/,/END CERTIFICATE/p' client.pem >> client-fixed.pem)",
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
  hint: (umask 077; iconv -f UTF-16LE -t UTF-8 client.pem > client-fixed.pem)",
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

#[test]
fn files_that_hold_no_identity() {
    hold(files());
}
