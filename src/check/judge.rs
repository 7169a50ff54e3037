//! Key, leaf and chain, judged by what the files hold.

use super::Measure;
use super::finding::Finding;
use crate::identity::survey::Survey;

/// What the files alone tell. Indices are those of [`Survey::certificates`] and [`Survey::keys`].
#[derive(Debug, Default)]
pub struct Judged {
    /// The client certificate.
    pub leaf: Option<usize>,
    /// Its key.
    pub key: Option<usize>,
    /// The certificates above the leaf, in the order they are sent.
    pub intermediates: Vec<usize>,
    /// The root on the path, where the file holds it.
    pub root: Option<usize>,
    /// The subject of the root (or issuer) that the chain ends at, and whether it is known.
    pub top: Option<Top>,
    /// What is to be said.
    pub findings: Vec<Finding>,
}

/// Where a chain ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Top {
    /// The name of the issuer of the last certificate.
    pub issuer: String,
    /// Whether a root with that name and key is known, in the file, in `--client-ca` or on the system.
    pub known: bool,
}

/// Judges.
pub fn judge(survey: &Survey, measure: &Measure) -> Judged {
    let _ = (survey, measure);
    Judged::default()
}
