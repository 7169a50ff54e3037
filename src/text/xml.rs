//! Pull tokens over quick-xml, for answers that are whole in memory.
//!
//! A reader function is called just after its element has opened and returns just after it has
//! closed, and skips what it does not know:
//!
//! ```
//! use sfmtls::text::xml::{Reader, XmlError, decode};
//!
//! fn title(body: &[u8]) -> Result<Option<String>, XmlError> {
//!     let text = decode(body)?;
//!     let mut xml = Reader::new(&text);
//!     let mut title = None;
//!     xml.root()?;
//!     while let Some(child) = xml.child()? {
//!         match (child.namespace, child.local()) {
//!             ("urn:book.test", "title") => title = Some(xml.text()?.into_owned()),
//!             _ => xml.skip()?,
//!         }
//!     }
//!     xml.finish()?;
//!     Ok(title)
//! }
//! assert_eq!(title(b"<b:book xmlns:b='urn:book.test'><b:title>A &amp; B</b:title></b:book>")?.as_deref(), Some("A & B"));
//! # Ok::<(), XmlError>(())
//! ```
//!
//! What quick-xml leaves open is closed here: input that ends with elements open is an error, and so
//! are DOCTYPE (nothing Salesforce sends has one, and entity declarations are an attack), elements
//! nested deeper than [`MAX_DEPTH`], more than [`MAX_ATTRIBUTES`] in a tag, and characters that XML 1.0
//! forbids; entity events are joined with the text around them. Left out: validation, attributes other
//! than `xmlns`, `xsi:nil` and `xsi:type`, encodings other than UTF-8 and ISO-8859-1.

use std::borrow::Cow;
use std::io::BufRead;

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::attributes::Attributes;
use quick_xml::events::{BytesRef, Event};

mod encoding;
mod error;
mod escape;
mod name;
mod scope;
#[cfg(test)]
mod tests;

pub use encoding::decode;
pub use error::{Problem, XmlError};
pub use escape::escape_text;
use name::{PLAIN_NAME, local, prefix};
use scope::Scope;

/// The namespace of `nil` and `type`.
pub const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Elements may be nested this deep. A query's ten levels of parents take about fifteen.
pub const MAX_DEPTH: usize = 64;

/// A tag may have this many attributes, and as many namespaces may be in scope: each is compared with
/// the others. Salesforce's tags have one or two, its envelopes five.
pub const MAX_ATTRIBUTES: usize = 256;

/// What comes next in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token<'a> {
    /// An element opens. `<a/>` opens and closes.
    Open(Element<'a>),
    /// The innermost open element closes.
    Close,
    /// A piece of text; a text with entities or CDATA comes in several pieces.
    Text(Cow<'a, str>),
    /// The document is over.
    End,
}

/// A start tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element<'a> {
    /// The name as written, with its prefix.
    pub name: &'a str,
    /// The URI that the prefix stands for; empty where there is none.
    pub namespace: &'a str,
    /// Whether `xsi:nil` says that there is no value.
    pub is_nil: bool,
    /// `xsi:type` without its prefix.
    pub type_name: Option<&'a str>,
}

impl<'a> Element<'a> {
    /// The name without its prefix.
    pub fn local(&self) -> &'a str {
        local(self.name)
    }

    /// Whether it is this name of this namespace.
    pub fn is(&self, namespace: &str, local: &str) -> bool {
        self.local() == local && self.namespace == namespace
    }
}

/// The attributes of a tag as they are written, and what they say.
#[derive(Debug, Clone, Copy)]
struct KnownAttributes<'a> {
    written: &'a str,
    is_nil: bool,
    type_name: Option<&'a str>,
}

/// Reads a text token by token; everything it hands out borrows from the text.
#[derive(Debug)]
pub struct Reader<'a> {
    text: &'a str,
    inner: quick_xml::Reader<&'a [u8]>,
    scope: Scope<'a>,
    /// Good for the scope as it is.
    known: Vec<KnownAttributes<'a>>,
    depth: usize,
    /// Where the token last read starts.
    start: usize,
    /// The element just opened was `<a/>`.
    close_next: bool,
    /// Nothing but markup can come next: `inner` has looked ahead.
    at_markup: bool,
    root_seen: bool,
    /// XML 1.0, 2.11 makes CR LF and CR a LF; most texts have none, so it is looked for once.
    has_cr: bool,
}

impl<'a> Reader<'a> {
    /// Starts at the beginning of a text that [`decode`] has checked.
    pub fn new(text: &'a str) -> Self {
        // quick-xml would drop the mark too, but not count it: offsets would be off by three.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self {
            text,
            inner: quick_xml::Reader::from_str(text),
            scope: Scope::default(),
            known: Vec::new(),
            depth: 0,
            start: 0,
            close_next: false,
            at_markup: false,
            root_seen: false,
            has_cr: text.contains('\r'),
        }
    }

    /// Opens the document's element.
    ///
    /// # Errors
    /// When there is none.
    pub fn root(&mut self) -> Result<Element<'a>, XmlError> {
        loop {
            match self.token()? {
                Token::Open(element) => return Ok(element),
                Token::End => return Err(self.error(Problem::Truncated)),
                Token::Close | Token::Text(_) => {}
            }
        }
    }

    /// Opens the next child of the open element; `None` when that element has closed instead.
    /// Text in between is skipped.
    ///
    /// # Errors
    /// When the text is not well-formed or ends too early.
    pub fn child(&mut self) -> Result<Option<Element<'a>>, XmlError> {
        loop {
            match self.token()? {
                Token::Open(element) => return Ok(Some(element)),
                Token::Close => return Ok(None),
                Token::Text(_) => {}
                Token::End => return Err(self.error(Problem::Truncated)),
            }
        }
    }

    /// The next child, local name and text, if it is plain: no attributes, and nothing but literal
    /// text in it. Otherwise `None`, and nothing has been read.
    ///
    /// Nine of ten elements of a query result are plain, and quick-xml takes three events for each.
    pub fn plain_child(&mut self) -> Option<(&'a str, &'a str)> {
        if self.at_markup || self.close_next || self.depth == 0 || self.depth == MAX_DEPTH {
            return None;
        }
        let at = self.position();
        let rest = &self.text.as_bytes()[at..];
        if *rest.first()? != b'<' {
            return None;
        }
        let name_end = 1 + rest[1..]
            .iter()
            .position(|&byte| !PLAIN_NAME[usize::from(byte)])?;
        if rest[name_end] != b'>' || name_end == 1 {
            return None;
        }
        let text_start = name_end + 1;
        let text_end = text_start
            + rest[text_start..]
                .iter()
                .position(|byte| matches!(byte, b'<' | b'&' | b'\r'))?;
        let close = rest[text_end..]
            .strip_prefix(b"</")?
            .strip_prefix(&rest[1..name_end])?;
        if *close.first()? != b'>' {
            return None;
        }
        let end = text_end + "</".len() + (name_end - 1) + ">".len();
        self.inner.stream().consume(end);
        self.start = at;
        Some((
            local(&self.text[at + 1..at + name_end]),
            &self.text[at + text_start..at + text_end],
        ))
    }

    /// The text of the element just opened, entities and CDATA joined, up to and with its end.
    /// Elements inside it are skipped.
    ///
    /// # Errors
    /// As [`Reader::child`].
    pub fn text(&mut self) -> Result<Cow<'a, str>, XmlError> {
        let mut text = Cow::Borrowed("");
        loop {
            match self.token()? {
                Token::Text(piece) if text.is_empty() => text = piece,
                Token::Text(piece) => text.to_mut().push_str(&piece),
                Token::Open(_) => self.skip()?,
                Token::Close => return Ok(text),
                Token::End => return Err(self.error(Problem::Truncated)),
            }
        }
    }

    /// Reads to the end of the element just opened, whatever is in it.
    ///
    /// # Errors
    /// As [`Reader::child`].
    pub fn skip(&mut self) -> Result<(), XmlError> {
        let outside = self.depth.saturating_sub(1);
        loop {
            match self.token()? {
                Token::Close if self.depth == outside => return Ok(()),
                Token::End => return Err(self.error(Problem::Truncated)),
                _ => {}
            }
        }
    }

    /// Reads to the end of the document; its element must be closed already.
    ///
    /// # Errors
    /// When the element is open or something but comments and white space follows it.
    pub fn finish(&mut self) -> Result<(), XmlError> {
        match self.token()? {
            Token::End => Ok(()),
            _ => Err(self.error(Problem::Trailing)),
        }
    }

    /// Where the token last read starts, in bytes.
    pub fn start(&self) -> usize {
        self.start
    }

    /// Where the token last read ends, in bytes.
    pub fn position(&self) -> usize {
        self.inner.buffer_position() as usize
    }

    /// The namespaces in scope, as attributes: ` xmlns="urn:..." xmlns:sf="urn:..."`, but for the
    /// URIs in `without`.
    pub fn declarations(&self, without: &[&str]) -> String {
        self.scope.declarations(without)
    }

    /// The text between two places, as it is written.
    pub fn source(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }

    /// Reads the next token.
    ///
    /// # Errors
    /// When the text is not well-formed or ends with elements open.
    pub fn token(&mut self) -> Result<Token<'a>, XmlError> {
        if self.close_next {
            self.close_next = false;
            self.start = self.position();
            self.close();
            return Ok(Token::Close);
        }
        loop {
            self.start = self.position();
            let event = match self.inner.read_event() {
                Ok(event) => event,
                Err(error) => return Err(self.foreign(&error)),
            };
            self.at_markup = false;
            match event {
                Event::Start(tag) => {
                    return self.open(tag.name().as_ref().len(), 1).map(Token::Open);
                }
                Event::Empty(tag) => {
                    let element = self.open(tag.name().as_ref().len(), 2)?;
                    self.close_next = true;
                    return Ok(Token::Open(element));
                }
                Event::End(_) => {
                    self.close();
                    return Ok(Token::Close);
                }
                Event::Text(_) => {
                    self.at_markup = true;
                    let text = self.source(self.start, self.position());
                    if self.depth > 0 {
                        return Ok(Token::Text(self.line_ends(text)));
                    }
                    if !text.trim_ascii().is_empty() {
                        return Err(self.outside_text());
                    }
                }
                Event::CData(_) | Event::GeneralRef(_) if self.depth == 0 => {
                    return Err(self.outside_text());
                }
                Event::CData(_) => {
                    let text = self.source(
                        self.start + "<![CDATA[".len(),
                        self.position() - "]]>".len(),
                    );
                    return Ok(Token::Text(self.line_ends(text)));
                }
                Event::GeneralRef(name) => return self.entity(&name).map(Token::Text),
                Event::DocType(_) => return Err(self.error(Problem::Doctype)),
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
                Event::Eof if self.depth == 0 && self.root_seen => return Ok(Token::End),
                Event::Eof => return Err(self.error(Problem::Truncated)),
            }
        }
    }

    fn outside_text(&self) -> XmlError {
        self.error(match self.root_seen {
            true => Problem::Trailing,
            false => Problem::Syntax("text before the first element".into()),
        })
    }

    /// Enters the element whose tag has just been read, `end` bytes of it being `>` or `/>`.
    fn open(&mut self, name: usize, end: usize) -> Result<Element<'a>, XmlError> {
        let tag = self.source(self.start + 1, self.position() - end);
        let (name, attributes) = tag.split_at(name);
        if name.is_empty() || name.bytes().any(|byte| byte == b'<') {
            return Err(self.error(Problem::Syntax(
                "a tag without a name, or with `<` in it".into(),
            )));
        }
        if self.depth == 0 && self.root_seen {
            return Err(self.error(Problem::Trailing));
        }
        if self.depth == MAX_DEPTH {
            return Err(self.error(Problem::TooDeep));
        }
        self.root_seen = true;
        self.depth += 1;
        let (is_nil, type_name) = match attributes {
            "" => (false, None),
            _ => self.attributes(attributes)?,
        };
        Ok(Element {
            name,
            namespace: self.scope.namespace(prefix(name)),
            is_nil,
            type_name,
        })
    }

    /// `xsi:nil` and `xsi:type` of a tag; its namespaces enter the scope.
    ///
    /// The tags of a result repeat, so those that declare nothing are remembered as they are written.
    fn attributes(&mut self, written: &'a str) -> Result<(bool, Option<&'a str>), XmlError> {
        const REMEMBERED: usize = 4;
        if let Some(known) = self.known.iter().find(|known| known.written == written) {
            return Ok((known.is_nil, known.type_name));
        }
        if written.contains('<') {
            return Err(self.error(Problem::Syntax("`<` in a tag".into())));
        }
        let mut declares = false;
        let (mut nil, mut type_name) = (None, None);
        let mut attributes = Attributes::new(written, 0);
        // No attribute read here can hurt by standing twice.
        for (number, attribute) in attributes.with_checks(false).enumerate() {
            if number == MAX_ATTRIBUTES {
                return Err(self.error(Problem::TooManyAttributes));
            }
            let attribute =
                attribute.map_err(|error| self.error(Problem::Syntax(error.to_string())))?;
            let key = attribute.key.into_inner();
            let Cow::Borrowed(value) = attribute.value else {
                continue;
            };
            match (prefix(key), local(key)) {
                ("xmlns", declared) | (declared @ "", "xmlns") => {
                    if !self.scope.bind(declared, value, self.depth) {
                        return Err(self.error(Problem::TooManyAttributes));
                    }
                    declares = true;
                }
                (at, "nil") if !at.is_empty() => nil = Some((at, value)),
                (at, "type") if !at.is_empty() => type_name = Some((at, value)),
                _ => {}
            }
        }
        // Only now: a tag may use a prefix before it declares it.
        let is_nil = nil.is_some_and(|(at, value)| {
            matches!(value, "true" | "1") && self.scope.namespace(at) == XSI
        });
        let type_name = type_name
            .filter(|(at, _)| self.scope.namespace(at) == XSI)
            .map(|(_, value)| local(value.trim_ascii()));
        if declares {
            self.known.clear();
        } else if self.known.len() < REMEMBERED {
            self.known.push(KnownAttributes {
                written,
                is_nil,
                type_name,
            });
        }
        Ok((is_nil, type_name))
    }

    fn close(&mut self) {
        if self.scope.leave(self.depth) {
            self.known.clear();
        }
        // quick-xml has refused an end tag too many.
        self.depth = self.depth.saturating_sub(1);
    }

    fn line_ends(&self, text: &'a str) -> Cow<'a, str> {
        if self.has_cr && text.contains('\r') {
            Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
        } else {
            Cow::Borrowed(text)
        }
    }

    fn entity(&self, name: &BytesRef<'a>) -> Result<Cow<'a, str>, XmlError> {
        match name.resolve_char_ref() {
            Ok(Some(character)) if is_xml_character(character) => {
                Ok(Cow::Owned(character.to_string()))
            }
            Ok(Some(character)) => Err(self.error(Problem::Character(character.into()))),
            Ok(None) => resolve_predefined_entity(name)
                .map(Cow::Borrowed)
                .ok_or_else(|| self.error(Problem::Entity(name.to_string()))),
            Err(error) => Err(self.error(Problem::Syntax(error.to_string()))),
        }
    }

    fn error(&self, problem: Problem) -> XmlError {
        XmlError {
            offset: self.start,
            problem,
        }
    }

    /// quick-xml reports markup that never ends as a syntax error.
    fn foreign(&self, error: &quick_xml::Error) -> XmlError {
        match error {
            quick_xml::Error::Syntax(_) => XmlError {
                offset: self.text.len(),
                problem: Problem::Truncated,
            },
            other => XmlError {
                offset: self.inner.error_position() as usize,
                problem: Problem::Syntax(other.to_string()),
            },
        }
    }
}

/// The first character that no XML document can hold, not even as a reference.
pub fn unsendable(text: &str) -> Option<char> {
    text.chars().find(|&character| !is_xml_character(character))
}

/// XML 1.0, 2.2 `Char`; surrogates are no `char`s.
fn is_xml_character(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..) && !matches!(character, '\u{fffe}' | '\u{ffff}')
}
