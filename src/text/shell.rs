//! Words of a POSIX shell, for commands that are shown and pasted; none is run here.

use std::path::Path;

use crate::terminal;

/// A text as one word; in quotes only where it needs them.
pub fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%=,".contains(c);
    match !text.is_empty() && text.chars().all(plain) {
        true => text.to_owned(),
        false => quoted(text),
    }
}

/// A text as one word in single quotes.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A file's name as one word that is never taken for an option.
pub fn file(name: &Path) -> String {
    let name = match name.as_os_str().as_encoded_bytes() {
        [b'-', ..] => &Path::new(".").join(name),
        _ => name,
    };
    match name.to_str() {
        Some(text) if terminal::clean_line(text) == text => word(text),
        _ => spelled(name.as_os_str().as_encoded_bytes()),
    }
}

/// A name that cannot be shown, in characters that can: a terminal would get another name.
fn spelled(name: &[u8]) -> String {
    let spelled = |byte: &u8| match byte {
        b'%' => "%%".to_owned(),
        b' '..=b'~' if !b"'\\".contains(byte) => char::from(*byte).to_string(),
        _ => format!("\\{byte:03o}"),
    };
    let name: String = name.iter().map(spelled).collect();
    format!("\"$(printf '{name}')\"")
}

#[cfg(all(test, unix))]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::process::Command;

    use super::*;

    /// What a shell makes of this word.
    fn read_back(word: &str) -> Vec<u8> {
        let script = format!("printf %s {word}");
        let shell = Command::new("sh").args(["-c", &script]).output();
        shell.expect("there is a shell").stdout
    }

    #[test]
    fn a_shell_reads_a_word_back_as_it_was() {
        for text in [
            "",
            "plain",
            "a b",
            "it's",
            "$HOME `id` \\ \"x\" *",
            "~",
            "ä",
        ] {
            assert_eq!(read_back(&word(text)), text.as_bytes(), "{text}");
            assert_eq!(read_back(&quoted(text)), text.as_bytes(), "{text}");
        }
        assert_eq!(word("client-1.pem"), "client-1.pem");
    }

    #[test]
    fn a_shell_reads_a_file_name_back_also_where_it_cannot_be_shown() {
        for name in [&b"a b.pem"[..], b"a\x1b[2J%'\\.pem", b"\xff.pem", b"a\nb"] {
            let told = file(Path::new(OsStr::from_bytes(name)));
            assert_eq!(read_back(&told), name, "{told}");
            assert_eq!(terminal::clean_line(&told), told);
        }
        assert_eq!(file(Path::new("-rf")), "./-rf");
    }
}
