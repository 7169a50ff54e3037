//! The report for a monitor: one line and a status, as the Monitoring Plugins' guidelines ask.

use super::left_in_words;
use crate::check::Diagnosis;
use crate::check::facts::Role;
use crate::check::finding::{Finding, Severity};
use crate::check::judge::WARN_DAYS;
use crate::terminal::clean_line;

/// The status for what could not be checked at all: wrong arguments, a failure of the program itself.
pub const UNKNOWN: u8 = 3;

/// What a monitor is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Monitored {
    /// The line, without its end.
    pub line: String,
    /// 0 OK, 1 WARNING, 2 CRITICAL. A server that cannot be reached is critical, not unknown.
    pub status: u8,
}

/// Status and line; `warn_days` and `crit_days` are the limits that the performance data name.
pub fn nagios(diagnosis: &Diagnosis, warn_days: Option<u32>, crit_days: u32) -> Monitored {
    let leaf = diagnosis.certificate(Role::Leaf);
    let warn_days = match warn_days {
        Some(days) => i64::from(days),
        None => leaf.map_or(WARN_DAYS, |leaf| WARN_DAYS.min(leaf.life_days / 3)),
    };
    let days = leaf.map(|leaf| leaf.days_left);
    let is_warning = |finding: &&Finding| finding.severity == Severity::Warning;
    let mut warnings = diagnosis.findings.iter().filter(is_warning);
    let warns = warnings.any(|finding| !may_be_well(finding));
    let (status, word) = if diagnosis.count(Severity::Error) > 0
        || days.is_some_and(|days| days < i64::from(crit_days))
    {
        (2, "CRITICAL")
    } else if warns {
        (1, "WARNING")
    } else {
        (0, "OK")
    };
    let mut parts = Vec::new();
    if let Some(leaf) = leaf {
        let name = &leaf.common_name;
        parts.push(format!("{name} {}", left_in_words(leaf.days_left)));
    }
    if let Some(cause) = diagnosis.cause() {
        parts.push(format!("{} [{}]", cause.message, cause.id));
    }
    // The bar begins the performance data, and a line end would end the line that monitors show.
    let text = parts.join(": ").replace(['|', '\n', '\r'], " ");
    // Ranges of what is well (Monitoring Plugins' guidelines, "Threshold and Ranges").
    let data = days.map_or(String::new(), |days| {
        format!(" | days={days};{warn_days}:;{crit_days}:")
    });
    Monitored {
        line: format!("CERT {word} - {}{data}", clean_line(&text)),
        status,
    }
}

/// Whether the chain ends at a root that is unknown here alone, as a private CA's does where the roots
/// that the server accepts are not given. An issuer that is no root by its name is missing.
fn may_be_well(finding: &Finding) -> bool {
    finding.id == "issuer-unknown"
        && finding.data.get("issuer_is_root_by_name") == Some(&true.into())
}
