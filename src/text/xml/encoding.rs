//! From bytes to text, before any token is read.

use std::borrow::Cow;

use super::{Problem, XmlError};

/// The bytes of a document as text: UTF-8 as it stands, ISO-8859-1 converted when the XML
/// declaration names it (legacy orgs on ssl.salesforce.com).
///
/// # Errors
/// [`Problem::NotUtf8`], [`Problem::Encoding`] for any other encoding, [`Problem::Character`] for a
/// control character that XML 1.0 forbids; each with its offset.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, XmlError> {
    if let [0xff, 0xfe, ..] | [0xfe, 0xff, ..] = bytes {
        return Err(XmlError {
            offset: 0,
            problem: Problem::Encoding("UTF-16".into()),
        });
    }
    if let Some(offset) = forbidden_control(bytes) {
        return Err(XmlError {
            offset,
            problem: Problem::Character(bytes[offset].into()),
        });
    }
    let encoding = declared_encoding(bytes).unwrap_or("UTF-8");
    match encoding.to_ascii_uppercase().as_str() {
        "UTF-8" | "UTF8" | "US-ASCII" => {
            std::str::from_utf8(bytes)
                .map(Cow::Borrowed)
                .map_err(|error| XmlError {
                    offset: error.valid_up_to(),
                    problem: Problem::NotUtf8,
                })
        }
        "ISO-8859-1" | "LATIN1" => Ok(Cow::Owned(bytes.iter().copied().map(char::from).collect())),
        _ => Err(XmlError {
            offset: 0,
            problem: Problem::Encoding(encoding.to_owned()),
        }),
    }
}

/// XML 1.0, 2.2: of the characters before the space only tab, LF and CR may occur.
///
/// Whole blocks are judged without a branch for each byte, which the compiler turns into vector
/// instructions.
fn forbidden_control(bytes: &[u8]) -> Option<usize> {
    let forbidden = |byte: u8| byte < b' ' && byte != b'\t' && byte != b'\n' && byte != b'\r';
    let block = 256;
    let at = bytes.chunks(block).position(|chunk| {
        chunk
            .iter()
            .fold(false, |found, &byte| found | forbidden(byte))
    })?;
    bytes[at * block..]
        .iter()
        .position(|&byte| forbidden(byte))
        .map(|offset| at * block + offset)
}

/// The value of `encoding` in an XML declaration, all of which is ASCII (XML 1.0, 4.3.3).
fn declared_encoding(bytes: &[u8]) -> Option<&str> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let declaration = bytes.strip_prefix(b"<?xml")?;
    let end = declaration.windows(2).position(|pair| pair == b"?>")?;
    let declaration = std::str::from_utf8(&declaration[..end]).ok()?;
    let (_, after) = declaration.split_once("encoding")?;
    let value = after
        .trim_ascii_start()
        .strip_prefix('=')?
        .trim_ascii_start();
    let quote = value
        .chars()
        .next()
        .filter(|quote| matches!(quote, '"' | '\''))?;
    value[1..].split(quote).next()
}
