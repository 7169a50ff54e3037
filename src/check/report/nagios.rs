//! The report for a monitor: one line and a status, as the Monitoring Plugins' guidelines ask.

use super::left_in_words;
use crate::check::Diagnosis;
use crate::check::facts::Role;
use crate::check::finding::Severity;
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
    // Without the roots that the server takes, a private CA's chain always ends in the unknown.
    let warns = diagnosis
        .findings
        .iter()
        .any(|finding| finding.severity == Severity::Warning && finding.id != "issuer-unknown");
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
