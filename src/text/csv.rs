//! CSV as RFC 4180 has it: quoting only where needed.
//!
//! Cells are written here; lines are put together by whoever knows the columns. What Salesforce
//! wrote is counted by [`scanner`] and read by [`reader`].

pub mod reader;
pub mod scanner;

/// Appends a cell. It is quoted when it holds a comma, a quote or a line end (RFC 4180, 2.6); quotes
/// in it are doubled (2.7).
pub fn push_cell(out: &mut Vec<u8>, text: &str) {
    // Without an early exit the loop compiles to vector instructions, and most cells are short.
    let quoted = text.bytes().fold(false, |quoted, byte| {
        quoted | matches!(byte, b',' | b'"' | b'\n' | b'\r')
    });
    if !quoted {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    for (part, piece) in text.split('"').enumerate() {
        if part > 0 {
            out.extend_from_slice(b"\"\"");
        }
        out.extend_from_slice(piece.as_bytes());
    }
    out.push(b'"');
}

/// Appends a whole record with its line feed.
pub fn push_line<'a>(out: &mut Vec<u8>, cells: impl IntoIterator<Item = &'a str>) {
    let start = out.len();
    for (column, cell) in cells.into_iter().enumerate() {
        if column > 0 {
            out.push(b',');
        }
        push_cell(out, cell);
    }
    end_line(out, start);
}

/// Ends the record whose cells stand from `start` on. One empty cell gets quotes, because readers skip
/// an empty line.
pub fn end_line(out: &mut Vec<u8>, start: usize) {
    if out.len() == start {
        out.extend_from_slice(b"\"\"");
    }
    out.push(b'\n');
}

/// Reads CSV strictly, for tests: every record with its cells.
#[cfg(test)]
pub(crate) fn read(text: &str) -> Vec<Vec<String>> {
    let mut records = Vec::new();
    let mut record = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut cell = String::new();
        if let Some(mut inside) = rest.strip_prefix('"') {
            loop {
                let (piece, after) = inside.split_once('"').expect("a quoted cell ends");
                cell.push_str(piece);
                let Some(more) = after.strip_prefix('"') else {
                    rest = after;
                    break;
                };
                cell.push('"');
                inside = more;
            }
        } else {
            let end = rest
                .find([',', '\n'])
                .expect("a record ends with a line feed");
            cell.push_str(&rest[..end]);
            assert!(
                !cell.contains(['"', '\r']),
                "an unquoted cell is plain: {cell:?}"
            );
            rest = &rest[end..];
        }
        record.push(cell);
        if let Some(after) = rest.strip_prefix('\n') {
            records.push(std::mem::take(&mut record));
            rest = after;
        } else {
            rest = rest
                .strip_prefix(',')
                .expect("a comma or a line feed follows a cell");
            assert!(!rest.is_empty(), "a comma ends nothing");
        }
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str) -> String {
        let mut out = Vec::new();
        push_cell(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_record_of_one_empty_cell_is_no_empty_line() {
        let mut out = Vec::new();
        push_line(&mut out, ["Name"]);
        push_line(&mut out, [""]);
        push_line(&mut out, ["", ""]);
        assert_eq!(out, b"Name\n\"\"\n,\n");
    }

    #[test]
    fn a_cell_is_quoted_only_where_needed() {
        for plain in [
            "",
            "a b",
            " a ",
            "a;b",
            "'",
            "#",
            "=1+2",
            "ü\u{1f600}",
            "a\tb",
        ] {
            assert_eq!(cell(plain), plain);
        }
        assert_eq!(cell("a,b"), "\"a,b\"");
        assert_eq!(cell("a\nb"), "\"a\nb\"");
        assert_eq!(cell("a\rb"), "\"a\rb\"");
        assert_eq!(cell("\"a\"\"b"), "\"\"\"a\"\"\"\"b\"");
        assert_eq!(
            cell(&format!("{},", "long ".repeat(20))),
            format!("\"{},\"", "long ".repeat(20))
        );
    }
}
