//! Which finding is the cause.

use super::catalogue;
use super::finding::Finding;

/// Puts all findings into the order in which they are told: the cause first.
pub fn join(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by_key(|finding| {
        (
            std::cmp::Reverse(finding.severity),
            catalogue::rank(finding.id),
        )
    });
    findings
}
