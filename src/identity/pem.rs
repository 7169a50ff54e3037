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
    /// Line ends are carriage returns alone, as of Mac OS 9; the blocks are read all the same.
    CarriageReturns,
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
    },
}

impl Block {
    /// Whether it is a private key of any kind.
    pub fn is_private_key(&self) -> bool {
        self.label.ends_with("PRIVATE KEY") && self.label != "OPENSSH PRIVATE KEY"
    }

    /// Whether it is a certificate, OpenSSL's own TRUSTED and X509 labels included.
    pub fn is_certificate(&self) -> bool {
        matches!(
            self.label.as_str(),
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE"
        )
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
    let lines = lines(unmarked.unwrap_or(&text), &mut pem.problems);
    let mut open: Option<Open<'_>> = None;
    for (index, line) in lines.iter().enumerate() {
        let cut_begin = index + 1 == lines.len()
            && line.text.len() > DASHES.len()
            && BEGIN.starts_with(line.text);
        if line.text.starts_with(BEGIN) || cut_begin {
            if let Some(open) = open.take() {
                pem.problems.push(open.without_end());
            }
            open = pem.begin(line);
        } else if line.text.starts_with(END) || (open.is_some() && line.text.starts_with(DASHES)) {
            pem.end(line, open.take());
        } else if let Some(open) = &mut open {
            open.take_line(line);
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
                    label: label.to_owned(),
                    begin: line.number,
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
                    label: label.unwrap_or_default().to_owned(),
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

/// A line without the white space around it. Two may have the same number.
struct Line<'a> {
    number: usize,
    text: &'a str,
    indented: bool,
}

/// The lines that were meant: escaped line ends and joined blocks taken apart.
fn lines<'a>(text: &'a str, problems: &mut Vec<Problem>) -> Vec<Line<'a>> {
    let escaped = text.contains("-----\\n") || text.contains("-----\\r\\n");
    let mut lines = Vec::new();
    let by_carriage_returns = text.contains('\r') && !text.trim_end().contains('\n');
    let line_end = if by_carriage_returns { '\r' } else { '\n' };
    if by_carriage_returns {
        problems.push(Problem {
            kind: ProblemKind::CarriageReturns,
            line: 1,
        });
    }
    for (index, physical) in text.split_terminator(line_end).enumerate() {
        let number = index + 1;
        if !escaped {
            lines.push(Line {
                number,
                text: physical.trim(),
                indented: physical.starts_with(char::is_whitespace),
            });
            continue;
        }
        for piece in physical.split("\\n") {
            let piece = piece.strip_suffix("\\r").unwrap_or(piece);
            lines.push(Line {
                number,
                // A JSON or shell string brings its quotes, and a name before the first.
                text: piece
                    .find(BEGIN)
                    .map_or(piece, |at| &piece[at..])
                    .trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',')),
                indented: false,
            });
        }
    }
    if escaped && let Some(first) = lines.iter().find(|line| line.text.starts_with(BEGIN)) {
        problems.push(Problem {
            kind: ProblemKind::EscapedNewlines,
            line: first.number,
        });
    }
    lines
        .into_iter()
        .flat_map(|line| part(line, problems))
        .collect()
}

/// `-----END X----------BEGIN Y-----` as two lines.
fn part<'a>(line: Line<'a>, problems: &mut Vec<Problem>) -> Vec<Line<'a>> {
    let at = match line.text.find(BEGIN) {
        Some(at) if line.text.starts_with(END) => at,
        _ => return vec![line],
    };
    problems.push(Problem {
        kind: ProblemKind::BlocksJoined,
        line: line.number,
    });
    let (end, begin) = line.text.split_at(at);
    let begin = Line {
        number: line.number,
        text: begin,
        indented: false,
    };
    vec![
        Line {
            text: end.trim(),
            ..line
        },
        begin,
    ]
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
        let digits = self.base64.trim_end_matches('=');
        let whole = !digits.is_empty()
            && !digits.contains('=')
            && self.base64.len().is_multiple_of(4)
            && self.base64.len() - digits.len() <= 2;
        if self.bad_line.is_none()
            && whole
            && let Ok(der) = base64::decode_block(&self.base64)
        {
            return Ok(Block {
                label: self.label.to_owned(),
                line: self.line,
                headers: self.headers,
                der,
            });
        }
        Err(Problem {
            line: self.bad_line.unwrap_or(self.line),
            kind: ProblemKind::NotBase64 {
                label: self.label.to_owned(),
                begin: self.line,
            },
        })
    }

    fn without_end(&self) -> Problem {
        Problem {
            line: self.line,
            kind: ProblemKind::NoEnd {
                label: self.label.to_owned(),
            },
        }
    }
}

#[cfg(test)]
#[path = "pem_tests.rs"]
mod tests;
