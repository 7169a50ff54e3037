//! Splits PEM text (RFC 7468, and RFC 1421 headers) into blocks with their line numbers.
//!
//! OpenSSL's reader stops at the first bad block, skips labels it does not know and tells no line.
//! This one goes on: a damaged file yields its whole blocks *and* its problems, each with its
//! place. What the blocks mean is for others. Accepted without a word, as OpenSSL does: CRLF,
//! trailing spaces, text and "Bag Attributes" between blocks, base64 on one line, a byte-order mark.

use std::fmt;

use openssl::base64;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// All that could be read of a text.
#[derive(Debug, Default)]
pub struct Pem {
    /// Whether it starts with a UTF-8 byte-order mark. OpenSSL 3 skips one, keytool refuses it.
    pub bom: bool,
    /// The whole blocks, in order.
    pub blocks: Vec<Block>,
    /// What is wrong with the text, by line.
    pub problems: Vec<Problem>,
}

/// One whole block.
#[derive(Clone)]
pub struct Block {
    /// The words after BEGIN: `CERTIFICATE`, `PRIVATE KEY`.
    pub label: String,
    /// The line of its BEGIN, from 1.
    pub line: usize,
    /// RFC 1421 headers as they stand: `Proc-Type: 4,ENCRYPTED`.
    pub headers: Vec<String>,
    /// The decoded base64.
    pub der: Vec<u8>,
}

/// Something that keeps OpenSSL from reading the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What.
    pub kind: ProblemKind,
    /// The line to look at, from 1.
    pub line: usize,
}

/// The kinds of [`Problem`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemKind {
    /// White space stands before a BEGIN or END; the block is read all the same.
    Indented,
    /// Line ends are the two characters `\n`; the blocks are read all the same.
    EscapedNewlines,
    /// Line ends are carriage returns alone, as on classic Mac OS; the blocks are read all the same.
    CarriageReturns,
    /// A whole block stands on one line, as where line ends were lost in a variable; the blocks are
    /// read all the same.
    OneLine,
    /// An END and the next BEGIN share a line; both blocks are read all the same.
    BlocksJoined,
    /// A BEGIN without its END, or with another block's.
    NoEnd {
        /// The block's label, as far as it is there.
        label: String,
    },
    /// An END without a BEGIN: the head of the text is missing.
    NoBegin {
        /// The END's label.
        label: String,
    },
    /// The text inside a block is not base64.
    NotBase64 {
        /// The block's label.
        label: String,
        /// The line of its BEGIN.
        begin: usize,
        /// It is base64url (RFC 4648 5), which has `-` and `_` for `+` and `/`.
        url: bool,
    },
}

impl ProblemKind {
    /// Whether a block could not be read for it.
    pub fn loses_a_block(&self) -> bool {
        matches!(
            self,
            Self::NoEnd { .. } | Self::NoBegin { .. } | Self::NotBase64 { .. }
        )
    }
}

impl Block {
    /// Whether it is a private key of any kind.
    pub fn is_private_key(&self) -> bool {
        is_key_label(&self.label)
    }

    /// Whether it is a certificate, OpenSSL's own TRUSTED and X509 labels included.
    pub fn is_certificate(&self) -> bool {
        is_certificate_label(&self.label)
    }

    /// Whether a header says that the content is encrypted (RFC 1421 4.6.1.1).
    pub fn is_encrypted_by_header(&self) -> bool {
        self.headers
            .iter()
            .any(|header| header.starts_with("Proc-Type:") && header.ends_with("ENCRYPTED"))
    }

    /// The block as plain PEM again, for OpenSSL.
    pub fn to_pem(&self) -> String {
        let label = &self.label;
        let mut text = format!("{BEGIN}{label}{DASHES}\n");
        for header in &self.headers {
            text.extend([header, "\n"]);
        }
        if !self.headers.is_empty() {
            text.push('\n');
        }
        let mut body = base64::encode_block(&self.der);
        while !body.is_empty() {
            let rest = body.split_off(body.len().min(64));
            text.extend([&body, "\n"]);
            body = rest;
        }
        text + &format!("{END}{label}{DASHES}\n")
    }
}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in line {}", self.label, self.line)
    }
}

/// Whether a block with this label is a private key that OpenSSL reads.
pub fn is_key_label(label: &str) -> bool {
    label.ends_with("PRIVATE KEY") && label != "OPENSSH PRIVATE KEY"
}

/// Whether a block with this label is a certificate.
pub fn is_certificate_label(label: &str) -> bool {
    matches!(
        label,
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE"
    )
}

/// Whether there is anything in it that looks like PEM.
pub fn is_pem(text: &[u8]) -> bool {
    let holds = |mark: &str| {
        text.windows(mark.len())
            .any(|window| window == mark.as_bytes())
    };
    holds(BEGIN) || holds(END)
}

/// Splits the text. Never fails: what is wrong is in [`Pem::problems`].
pub fn split(text: &[u8]) -> Pem {
    let text = String::from_utf8_lossy(text);
    let unmarked = text.strip_prefix('\u{feff}');
    let mut pem = Pem {
        bom: unmarked.is_some(),
        ..Pem::default()
    };
    let text = unmarked.unwrap_or(&text);
    let form = Form::of(text);
    pem.problems.extend(form.problem(text));
    let mut open: Option<Open<'_>> = None;
    let mut lines = lines(text, form).peekable();
    while let Some(line) = lines.next() {
        if line.joined {
            pem.problem(line.number, ProblemKind::BlocksJoined);
        }
        let cut_begin = lines.peek().is_none()
            && line.text.len() > DASHES.len()
            && BEGIN.starts_with(line.text);
        if line.text.starts_with(BEGIN) || cut_begin {
            if let Some(open) = open.take() {
                pem.problems.push(open.without_end());
            }
            open = pem.begin(&line);
        } else if line.text.starts_with(END) || (open.is_some() && line.text.starts_with(DASHES)) {
            pem.end(&line, open.take());
        } else if let Some(open) = &mut open {
            open.take_line(&line);
        }
    }
    if let Some(open) = open {
        pem.problems.push(open.without_end());
    }
    pem.problems.sort_by_key(|problem| problem.line);
    pem
}

impl Pem {
    /// Opens a block at its BEGIN line; `None` where text follows on the same line.
    fn begin<'a>(&mut self, line: &Line<'a>) -> Option<Open<'a>> {
        let after = line.text.strip_prefix(BEGIN).unwrap_or_default();
        let label = after.split(DASHES).next().unwrap_or_default();
        if after.len() > label.len() + DASHES.len() {
            self.problem(
                line.number,
                ProblemKind::NotBase64 {
                    label: shown(label),
                    begin: line.number,
                    url: false,
                },
            );
            return None;
        }
        self.note_indent(line);
        Some(Open {
            label,
            line: line.number,
            headers: Vec::new(),
            in_headers: true,
            base64: String::new(),
            bad_line: None,
        })
    }

    /// Closes the open block at a line of dashes.
    fn end(&mut self, line: &Line<'_>, open: Option<Open<'_>>) {
        let label = line
            .text
            .strip_prefix(END)
            .and_then(|rest| rest.strip_suffix(DASHES));
        match open {
            None => self.problem(
                line.number,
                ProblemKind::NoBegin {
                    label: shown(label.unwrap_or_default()),
                },
            ),
            Some(open) if label != Some(open.label) => self.problems.push(open.without_end()),
            Some(open) => {
                self.note_indent(line);
                match open.close() {
                    Ok(block) => self.blocks.push(block),
                    Err(problem) => self.problems.push(problem),
                }
            }
        }
    }

    fn note_indent(&mut self, line: &Line<'_>) {
        if line.indented {
            self.problem(line.number, ProblemKind::Indented);
        }
    }

    fn problem(&mut self, line: usize, kind: ProblemKind) {
        self.problems.push(Problem { kind, line });
    }
}

/// How the line ends are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// As bytes, with or without a carriage return.
    Newlines,
    /// As carriage returns alone.
    CarriageReturns,
    /// As the two characters `\n`.
    Escaped,
    /// As spaces, or not at all, where a block is.
    Lost,
}

impl Form {
    fn of(text: &str) -> Self {
        if text.contains("-----\\n") || text.contains("-----\\r\\n") {
            Self::Escaped
        } else if text.trim_end().contains('\r') && !text.trim_end().contains('\n') {
            Self::CarriageReturns
        } else if text.lines().any(holds_block) {
            Self::Lost
        } else {
            Self::Newlines
        }
    }

    fn problem(self, text: &str) -> Option<Problem> {
        let (kind, line) = match self {
            Self::Newlines => return None,
            Self::CarriageReturns => (ProblemKind::CarriageReturns, 1),
            Self::Lost => {
                let first = text.lines().position(holds_block)?;
                (ProblemKind::OneLine, first + 1)
            }
            Self::Escaped => {
                let first = text.lines().position(|line| line.contains(BEGIN))?;
                (ProblemKind::EscapedNewlines, first + 1)
            }
        };
        Some(Problem { kind, line })
    }
}

/// A line without the white space around it. Two may have the same number.
struct Line<'a> {
    number: usize,
    text: &'a str,
    indented: bool,
    /// The END of a block, with the next one's BEGIN behind it on the same line.
    joined: bool,
}

/// The lines that were meant: escaped line ends and joined blocks taken apart.
fn lines(text: &str, form: Form) -> impl Iterator<Item = Line<'_>> {
    let line_end = match form {
        Form::CarriageReturns => '\r',
        _ => '\n',
    };
    let physical = text.split_terminator(line_end).zip(1..);
    physical.flat_map(move |(physical, number)| {
        let pieces: Vec<&str> = match form {
            Form::Escaped => physical.split("\\n").map(escaped_piece).collect(),
            Form::Lost => marks_apart(physical),
            Form::Newlines | Form::CarriageReturns => vec![physical],
        };
        let is_line = !matches!(form, Form::Escaped | Form::Lost);
        pieces
            .into_iter()
            .flat_map(move |piece| part(piece, number, is_line))
    })
}

/// Whether a block begins and ends on this line.
fn holds_block(line: &str) -> bool {
    line.split_once(BEGIN)
        .is_some_and(|(_, after)| after.contains(END))
}

/// Each BEGIN and END of a line by itself, and what is between them.
fn marks_apart(line: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(found) = line[at..].find(DASHES) {
        let (begin, mark) = (at + found, &line[at + found..]);
        if !mark.starts_with(BEGIN) && !mark.starts_with(END) {
            at = begin + 1;
            continue;
        }
        let label = mark[DASHES.len()..].find(DASHES);
        let length = label.map_or(mark.len(), |length| length + 2 * DASHES.len());
        if !line[from..begin].trim().is_empty() {
            pieces.push(&line[from..begin]);
        }
        pieces.push(&mark[..length]);
        from = begin + length;
        at = from;
    }
    if pieces.is_empty() || !line[from..].trim().is_empty() {
        pieces.push(&line[from..]);
    }
    pieces
}

fn escaped_piece(piece: &str) -> &str {
    let piece = piece.strip_suffix("\\r").unwrap_or(piece);
    // A JSON or shell string brings its quotes, and a name before the first.
    piece
        .find(BEGIN)
        .map_or(piece, |at| &piece[at..])
        .trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ','))
}

/// `-----END X----------BEGIN Y-----` as two lines.
fn part(piece: &str, number: usize, is_line: bool) -> impl Iterator<Item = Line<'_>> {
    let text = piece.trim();
    let first = Line {
        number,
        text,
        indented: is_line && piece.starts_with(char::is_whitespace),
        joined: false,
    };
    let (first, second) = match text.find(BEGIN) {
        Some(at) if text.starts_with(END) => {
            let (end, begin) = text.split_at(at);
            let first = Line {
                text: end.trim(),
                joined: true,
                ..first
            };
            let second = Line {
                number,
                text: begin,
                indented: false,
                joined: false,
            };
            (first, Some(second))
        }
        _ => (first, None),
    };
    std::iter::once(first).chain(second)
}

/// A label as it may stand in a message: on one line, and not without end. Real ones are short.
fn shown(label: &str) -> String {
    label.chars().filter(|c| !c.is_control()).take(64).collect()
}

/// A block whose END has not come yet.
struct Open<'a> {
    label: &'a str,
    line: usize,
    headers: Vec<String>,
    in_headers: bool,
    base64: String,
    bad_line: Option<usize>,
}

impl Open<'_> {
    fn take_line(&mut self, line: &Line<'_>) {
        if self.in_headers && line.text.contains(':') {
            self.headers.push(line.text.to_owned());
            return;
        }
        if line.text.is_empty() {
            self.in_headers &= self.base64.is_empty() && self.headers.is_empty();
            return;
        }
        self.in_headers = false;
        let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
        let padded_already = self.base64.ends_with('=');
        for word in line.text.split_ascii_whitespace() {
            if padded_already || !word.chars().all(is_base64) {
                self.bad_line.get_or_insert(line.number);
            }
            self.base64.push_str(word);
        }
    }

    fn close(self) -> Result<Block, Problem> {
        if self.bad_line.is_none()
            && let Some(der) = decoded(&self.base64)
        {
            return Ok(Block {
                label: shown(self.label),
                line: self.line,
                headers: self.headers,
                der,
            });
        }
        Err(Problem {
            line: self.bad_line.unwrap_or(self.line),
            kind: ProblemKind::NotBase64 {
                label: shown(self.label),
                begin: self.line,
                url: self.base64.contains(['-', '_'])
                    && decoded(&self.base64.replace('-', "+").replace('_', "/")).is_some(),
            },
        })
    }

    fn without_end(&self) -> Problem {
        Problem {
            line: self.line,
            kind: ProblemKind::NoEnd {
                label: shown(self.label),
            },
        }
    }
}

/// What whole base64 holds.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    let whole = !digits.is_empty()
        && !digits.contains('=')
        && text.len().is_multiple_of(4)
        && text.len() - digits.len() <= 2;
    whole.then(|| base64::decode_block(text).ok()).flatten()
}

#[cfg(test)]
#[path = "pem_tests.rs"]
mod tests;
