use super::*;

fn unrecognized(bytes: &[u8]) -> String {
    match recognise(bytes) {
        Kind::Wrong(Problem::Unrecognized(looks)) => looks,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_no_key_file_is_named_for_what_it_is() {
    for (bytes, looks) in [
        (b"<!DOCTYPE html><p>log in".as_slice(), "it is an HTML page"),
        (b"\n<HTML>", "it is an HTML page"),
        (b"PK\x03\x04\0\0", "it is a zip archive"),
        (b"\x1f\x8b\x08\0", "it is gzip data"),
        (
            b"\x30\x82\x01\0\x30\x82",
            "it is DER data of an unknown kind, or cut off",
        ),
        (
            b"\x93\x11\xfe\0\x07\xd2",
            "it is binary data of an unknown kind",
        ),
    ] {
        assert_eq!(unrecognized(bytes), looks);
    }
}

#[test]
fn plain_text_is_never_shown_because_it_may_be_the_password() {
    assert_eq!(
        unrecognized(b"correct horse battery"),
        "it is text without a PEM block"
    );
    // A password can look like base64; what it decodes to is no key.
    assert_eq!(unrecognized(b"hunter2+"), "it is text without a PEM block");
}

#[test]
fn white_space_is_empty() {
    assert_eq!(recognise(b" \r\n"), Kind::Wrong(Problem::Empty));
}

#[test]
fn utf16_is_told_with_and_without_its_mark() {
    let wide = |text: &str| {
        text.encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        recognise(&wide("\u{feff}-----BEGIN")),
        Kind::Wrong(Problem::Utf16("UTF-16"))
    );
    assert_eq!(
        recognise(&wide("-----BEGIN A")),
        Kind::Wrong(Problem::Utf16("UTF-16LE"))
    );
    let big: Vec<u8> = "-----BEGIN A"
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    assert_eq!(recognise(&big), Kind::Wrong(Problem::Utf16("UTF-16BE")));
}
