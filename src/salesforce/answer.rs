//! Why an answer, XML or JSON, is not the one that the call expects.

use crate::text::xml::XmlError;

/// An answer that cannot be read as the one the call expects.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// Not XML, or cut off.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// Not the JSON that the call expects, in serde's words.
    #[error("JSON: {0}")]
    Json(String),
    /// Readable, but a part is not there, or has no value.
    #[error("the answer has no {0}")]
    Missing(&'static str),
}
