//! What can be wrong with an XML text.

use super::{MAX_ATTRIBUTES, MAX_DEPTH};

/// Why a text is not the XML that was expected, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("XML, byte {offset}: {problem}")]
pub struct XmlError {
    /// Bytes before the place.
    pub offset: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with an XML text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The text ended inside an element, or before there was one.
    #[error("the text ends before its end")]
    Truncated,
    /// The bytes are not in the encoding that they claim.
    #[error("not valid UTF-8")]
    NotUtf8,
    /// The declaration names an encoding that is not read here.
    #[error("unsupported encoding {0}")]
    Encoding(String),
    /// A character that XML 1.0 forbids, itself or as a reference.
    #[error("character U+{0:04X} is not allowed")]
    Character(u32),
    /// A document type declaration.
    #[error("DOCTYPE is refused")]
    Doctype,
    /// More than [`MAX_DEPTH`] elements inside each other.
    #[error("elements are nested deeper than {MAX_DEPTH}")]
    TooDeep,
    /// More than [`MAX_ATTRIBUTES`] in a tag, or namespaces in scope.
    #[error("a tag with more than {MAX_ATTRIBUTES} attributes or namespaces")]
    TooManyAttributes,
    /// A reference to an entity that is not one of XML's own five.
    #[error("unknown entity &{0};")]
    Entity(String),
    /// Text or a second element after the document's one.
    #[error("something follows the document's end")]
    Trailing,
    /// Anything else, in quick-xml's words.
    #[error("{0}")]
    Syntax(String),
}
