//! What is to be said of the files themselves: format, container, password, mode.

use super::finding::{Finding, Subject};
use crate::identity::survey::Survey;

/// The findings about the files.
pub fn findings(survey: &Survey) -> Vec<Finding> {
    survey
        .faults
        .iter()
        .map(|fault| Finding::of_error(fault, Subject::File))
        .collect()
}
