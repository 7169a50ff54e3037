//! Small texts from files and standard input: queries and secrets.

use std::cell::RefCell;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::Result;

use crate::error::{InputError, Unreadable, UsageError};
use crate::text::secret::Secret;

/// The longest query in bytes; Salesforce takes 100,000 characters (SOQL and SOSL reference, limits).
pub(super) const LONGEST_QUERY: u64 = 1024 * 1024;

/// The longest file with a secret in bytes; a token of OAuth has some thousand.
pub(super) const LONGEST_SECRET: u64 = 64 * 1024;

/// Standard input, which can be read once.
pub(super) struct Input(RefCell<Option<Box<dyn Read + Send>>>);

impl Input {
    pub(super) fn new(stdin: Box<dyn Read + Send>) -> Self {
        Self(RefCell::new(Some(stdin)))
    }

    /// Reads a text file, or standard input for `-`; a byte order mark before the text is dropped.
    ///
    /// # Errors
    /// When it cannot be read, is not UTF-8, or has more than `longest` bytes.
    pub(super) fn read(&self, path: &Path, longest: u64) -> Result<String> {
        if path != Path::new("-") {
            return Ok(read_file(path, longest)?);
        }
        let stdin = self.0.borrow_mut().take();
        let stdin = stdin.ok_or_else(|| UsageError::new("standard input can be read only once"))?;
        Ok(text(stdin, longest).map_err(|reason| failed("standard input", reason))?)
    }
}

/// Reads a text file, as [`Input::read`] does.
///
/// # Errors
/// As there.
pub(super) fn read_file(path: &Path, longest: u64) -> Result<String, InputError> {
    let text = File::open(path)
        .map_err(Unreadable::System)
        .and_then(|file| text(file, longest));
    text.map_err(|reason| failed(&path.to_string_lossy(), reason))
}

/// Whether a text holds PEM, as certificates and keys are written (RFC 7468, 2).
pub(super) fn is_pem(text: &str) -> bool {
    text.contains("-----BEGIN ")
}

/// Refuses a secret of several lines, or PEM: it is another file, which must not be sent. `name` says
/// where it came from.
///
/// # Errors
/// With what it should be.
pub(super) fn check_secret(secret: &Secret, name: &str) -> Result<(), UsageError> {
    if is_pem(secret.expose()) {
        return Err(UsageError::new(format!(
            "{name} is PEM, a certificate or a key, and no password, token or secret"
        ))
        .hint(
            "nothing was sent: the client certificate is given with -E FILE, the key of a JWT with --jwt-key-file FILE",
        ));
    }
    if secret.expose().contains('\n') {
        return Err(UsageError::new(format!("{name} holds more than one line"))
            .hint("nothing was sent: it should hold nothing but the secret, on one line"));
    }
    Ok(())
}

/// Reads a file with a secret.
///
/// # Errors
/// As [`read_file`] and [`check_secret`].
pub(super) fn read_secret(path: &Path) -> Result<Secret> {
    let secret = Secret::of_line(&read_file(path, LONGEST_SECRET)?);
    check_secret(&secret, &path.to_string_lossy())?;
    Ok(secret)
}

fn failed(name: &str, reason: Unreadable) -> InputError {
    InputError {
        name: name.to_owned(),
        reason,
    }
}

fn text(source: impl Read, longest: u64) -> Result<String, Unreadable> {
    let mut bytes = Vec::new();
    source
        .take(longest + 1)
        .read_to_end(&mut bytes)
        .map_err(Unreadable::System)?;
    if bytes.len() as u64 > longest {
        return Err(Unreadable::TooLong { longest });
    }
    if let [0xff, 0xfe, ..] | [0xfe, 0xff, ..] = *bytes {
        return Err(Unreadable::Utf16);
    }
    // Editors of Windows put a mark before UTF-8, which is no part of a password.
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    String::from_utf8(bytes).map_err(|error| Unreadable::NotUtf8 {
        offset: error.utf8_error().valid_up_to(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_text() {
        assert_eq!(text(&b"\xef\xbb\xbfhunter2"[..], 10).unwrap(), "hunter2");
        assert_eq!(text(&b"\xef\xbb\xbf"[..], 10).unwrap(), "");
        assert_eq!(text("a\u{feff}b".as_bytes(), 10).unwrap(), "a\u{feff}b");
    }

    #[test]
    fn a_text_without_end_is_left_after_its_longest_length() {
        assert_eq!(text(&b"12345"[..], 5).unwrap(), "12345");
        for source in [
            &mut &b"123456"[..] as &mut dyn Read,
            &mut std::io::repeat(0),
        ] {
            let error = text(source, 5).unwrap_err();
            assert!(matches!(error, Unreadable::TooLong { longest: 5 }));
        }
    }

    #[test]
    fn other_encodings_are_told_apart() {
        for utf16 in [&b"\xff\xfea\0"[..], b"\xfe\xff\0a"] {
            assert!(matches!(text(utf16, 10), Err(Unreadable::Utf16)));
        }
        let latin1 = text(&b"Gr\xfc\xdfe"[..], 10);
        assert!(matches!(latin1, Err(Unreadable::NotUtf8 { offset: 2 })));
    }
}
