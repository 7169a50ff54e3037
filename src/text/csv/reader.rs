//! Whole records out of pieces, and the cells of a record.
//!
//! For the formats that need cells; CSV that leaves as CSV is never taken apart. The rule is the
//! [`Scanner`]'s, so both see the same records.

use super::scanner::Scanner;

/// Puts pieces, cut anywhere, together to whole records.
#[derive(Debug, Default)]
pub struct Records {
    scanner: Scanner,
    /// The beginning of a record whose end has not come.
    begun: Vec<u8>,
}

impl Records {
    /// Takes the next piece and hands each record that ends in it to `each`, with its line end.
    ///
    /// # Errors
    /// The first error of `each`.
    pub fn push<E>(
        &mut self,
        mut piece: &[u8],
        mut each: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        while let Some(length) = self.scanner.record_end(piece) {
            let (record, rest) = piece.split_at(length);
            piece = rest;
            if self.begun.is_empty() {
                each(record)?;
            } else {
                self.begun.extend_from_slice(record);
                each(&self.begun)?;
                self.begun.clear();
            }
        }
        self.begun.extend_from_slice(piece);
        Ok(())
    }

    /// The last record, where no line end followed it.
    pub fn rest(&self) -> Option<&[u8]> {
        (!self.begun.is_empty()).then_some(&self.begun)
    }
}

/// The cells of one record; the memory is used again for the next.
#[derive(Debug, Default)]
pub struct Cells {
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Cells {
    /// Reads a record, with or without its line end.
    ///
    /// A cell is what stands between its quotes, doubled ones made single; what stands outside of
    /// them is taken as it is.
    pub fn read(&mut self, record: &[u8], delimiter: u8) {
        self.text.clear();
        self.ends.clear();
        let mut inside = false;
        let mut rest = without_line_end(record).iter().copied().peekable();
        while let Some(byte) = rest.next() {
            match byte {
                b'"' if inside && rest.peek() == Some(&b'"') => {
                    rest.next();
                    self.text.push(b'"');
                }
                b'"' => inside = !inside,
                _ if byte == delimiter && !inside => self.ends.push(self.text.len()),
                _ => self.text.push(byte),
            }
        }
        self.ends.push(self.text.len());
    }

    /// The cells in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let cell = &self.text[start..end];
            start = end;
            cell
        })
    }
}

/// A record without the LF or CR LF behind it.
pub fn without_line_end(record: &[u8]) -> &[u8] {
    match record {
        [text @ .., b'\r', b'\n'] | [text @ .., b'\n'] => text,
        text => text,
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn cells(record: &[u8], delimiter: u8) -> Vec<String> {
        let mut cells = Cells::default();
        cells.read(b"\"left over\",from,before", b',');
        cells.read(record, delimiter);
        let text = |cell: &[u8]| String::from_utf8(cell.to_vec()).unwrap();
        cells.iter().map(text).collect()
    }

    #[test]
    fn cells_are_what_stands_between_the_quotes() {
        assert_eq!(
            cells(b"\"a\",\"b \"\"c\"\"\",\"\",d\n", b','),
            ["a", "b \"c\"", "", "d"]
        );
        assert_eq!(
            cells(b"\"1\r\n2,3\",\"\"\"\"\r\n", b','),
            ["1\r\n2,3", "\""]
        );
        assert_eq!(cells(b"\"a,b\"\t\"c\td\"\t", b'\t'), ["a,b", "c\td", ""]);
        assert_eq!(cells(b"\n", b','), [""]);
        assert_eq!(cells(b"\"\0\"", b','), ["\0"]);
    }

    #[test]
    fn a_text_cut_anywhere_gives_the_same_records() {
        let text: &[u8] = b"Id,\"Na\nme\"\n\"1\",\"\"\"\r\n\"\"\"\r\n\"2\",\"\"";
        for split in 0..=text.len() {
            let mut records = Records::default();
            let mut found = Vec::new();
            for piece in [&text[..split], &text[split..]] {
                let pushed: Result<(), Infallible> = records.push(piece, |record| {
                    found.push(cells(record, b','));
                    Ok(())
                });
                assert_eq!(pushed, Ok(()));
            }
            found.push(cells(records.rest().unwrap(), b','));
            assert_eq!(
                found,
                [["Id", "Na\nme"], ["1", "\"\r\n\""], ["2", ""]],
                "split at {split}"
            );
        }
    }
}
