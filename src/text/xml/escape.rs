//! From text to XML.

use std::borrow::Cow;

/// Text made fit to stand between tags or in a quoted attribute value.
///
/// A carriage return becomes `&#13;`, because a reader turns a bare one into a line feed.
pub fn escape_text(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| reference(byte).is_some()) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    let mut copied = 0;
    for (at, byte) in text.bytes().enumerate() {
        if let Some(reference) = reference(byte) {
            escaped.push_str(&text[copied..at]);
            escaped.push_str(reference);
            copied = at + 1;
        }
    }
    escaped.push_str(&text[copied..]);
    Cow::Owned(escaped)
}

fn reference(byte: u8) -> Option<&'static str> {
    Some(match byte {
        b'&' => "&amp;",
        b'<' => "&lt;",
        b'>' => "&gt;",
        b'"' => "&quot;",
        b'\'' => "&apos;",
        b'\r' => "&#13;",
        _ => return None,
    })
}
