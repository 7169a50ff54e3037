//! Dates: valid now, and for how long.

use super::words::{get_issuer, issuer, subject};
use super::{Case, subject_at};
use crate::check::finding::{Finding, Severity, Subject};
use crate::check::time::{DAY, date, days_left, rfc3339, unix};
use crate::text::words::count;

/// When to warn by default: certificates of a year or more a month before, shorter ones (47 days will
/// be the most of public CAs from 2029 on) when a third is left.
pub(crate) const WARN_DAYS: i64 = 30;

/// From when to when, in seconds since 1970.
#[derive(Clone, Copy)]
pub(super) struct Life {
    pub(super) from: i64,
    pub(super) to: i64,
}

impl Life {
    /// `None` where the certificate holds no readable times.
    pub(super) fn of(certificate: &openssl::x509::X509Ref) -> Option<Self> {
        Some(Self {
            from: unix(certificate.not_before()).ok()?,
            to: unix(certificate.not_after()).ok()?,
        })
    }

    /// OpenSSL takes the last second for past already.
    pub(super) fn is_over(self, now: i64) -> bool {
        self.to <= now
    }

    fn length(self) -> i64 {
        self.to.saturating_sub(self.from)
    }

    /// Whether so little is left that somebody should know.
    fn ends_soon(self, now: i64, warn_days: Option<u32>) -> bool {
        let notice = match warn_days {
            Some(days) => i64::from(days) * DAY,
            None => (WARN_DAYS * DAY).min(self.length() / 3),
        };
        self.to - now < notice
    }
}

pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = case
        .sent()
        .filter_map(|(about, index)| {
            let certificate = case.certificate(index);
            let Some(life) = Life::of(certificate) else {
                return Some(unreadable(case, about, index));
            };
            let finding = match about {
                Subject::Leaf => of_leaf(case, life),
                _ => of_issuer(case, about, index, life),
            }?;
            Some(
                finding
                    .at(case.place(index))
                    .fact("not_before", rfc3339(life.from))
                    .fact("not_after", rfc3339(life.to))
                    .fact("days_left", days_left(life.to, case.now)),
            )
        })
        .collect();
    findings.extend(root(case));
    findings
}

fn unreadable(case: &Case<'_>, about: Subject, index: usize) -> Finding {
    let name = subject(case.certificate(index));
    Finding::new(
        "cert-corrupt",
        about,
        format!("the certificate of {name} holds no readable dates"),
    )
    .at(case.place(index))
    .advice("get it again from where it was made")
}

fn of_leaf(case: &Case<'_>, life: Life) -> Option<Finding> {
    let certificate = case.certificate(case.leaf());
    let name = subject(certificate);
    let now = case.now;
    let renew = |finding: Finding| {
        finding
            .advice("renew it, upload the new one in Setup > Certificate and Key Management, then switch to it")
            .command(case.commands().order(certificate))
    };
    if life.is_over(now) {
        let message = format!("{name} {}", expired(life, now));
        return Some(renew(Finding::new("cert-expired", Subject::Leaf, message)));
    }
    if life.from > now {
        return Some(not_yet_valid(Subject::Leaf, &name, life, now));
    }
    if life.ends_soon(now, case.criteria.warn_days) {
        let message = format!("{name} {}", expires(life, now));
        return Some(renew(Finding::new("cert-expiring", Subject::Leaf, message)));
    }
    let used = now - life.from;
    if used > life.length() / 3 * 2 {
        let message = format!(
            "{name} has used {} % of its life, {} left",
            used * 100 / life.length().max(1),
            count((life.to - now) / DAY, "day")
        );
        return Some(renew(Finding::new("renewal-due", Subject::Leaf, message)));
    }
    None
}

fn of_issuer(case: &Case<'_>, about: Subject, index: usize, life: Life) -> Option<Finding> {
    let Subject::Chain(depth) = about else {
        return None;
    };
    let name = subject(case.certificate(index));
    let now = case.now;
    let child = case.certificate(case.path[depth - 1]);
    let replace = |finding: Finding| {
        finding
            .advice(get_issuer(child))
            .remedy(case.commands().add_issuer(child))
    };
    if life.is_over(now) {
        let message = format!("the issuer {name} {}", expired(life, now));
        let finding = Finding::new("intermediate-expired", about, message);
        // A root that another root signed too: who knows the one does not need the other.
        return Some(match case.end.is_vouched_for_below(depth) {
            true => finding.severity(Severity::Warning).advice(format!(
                "leave it out: servers that know the root {name} do not need it"
            )),
            false => replace(finding),
        });
    }
    if life.from > now {
        return Some(not_yet_valid(about, &name, life, now));
    }
    let leaf = Life::of(case.certificate(case.leaf()))?;
    let before_leaf = life.to < leaf.to;
    if before_leaf && life.ends_soon(now, case.criteria.warn_days) {
        let message = format!(
            "the issuer {name} {}, before the certificate does",
            expires(life, now)
        );
        let finding = Finding::new("intermediate-expiring", about, message);
        return Some(replace(finding));
    }
    None
}

/// A root that has expired where no other that is known takes its place.
fn root(case: &Case<'_>) -> Option<Finding> {
    let lives = case
        .end
        .anchors
        .iter()
        .map(|anchor| Life::of(&anchor.certificate));
    let lives: Vec<Life> = lives.flatten().collect();
    let last = lives.iter().max_by_key(|life| life.to)?;
    if !last.is_over(case.now) {
        return None;
    }
    let name = issuer(case.certificate(case.last()));
    let message = format!("the root {name} {}", expired(*last, case.now));
    let finding = Finding::new("intermediate-expired", subject_at(case.path.len()), message)
        .advice("ask the CA for a certificate below its current root")
        .fact("not_after", rfc3339(last.to));
    Some(match case.criteria.client_ca {
        Some(_) => finding,
        // The server may have a newer certificate of the same root.
        None => finding.severity(Severity::Warning),
    })
}

fn not_yet_valid(about: Subject, name: &str, life: Life, now: i64) -> Finding {
    let message = format!(
        "{name} is valid only from {} on, {} from now",
        date(life.from),
        span(life.from - now)
    );
    Finding::new("cert-not-yet-valid", about, message)
        .why(format!("this machine's clock says {}", rfc3339(now)))
        .advice("wait, or if the clock is wrong set it; this shows whether it is")
        .command("timedatectl")
}

fn expired(life: Life, now: i64) -> String {
    format!("expired {} ago ({})", span(now - life.to), date(life.to))
}

fn expires(life: Life, now: i64) -> String {
    format!("expires in {} ({})", span(life.to - now), date(life.to))
}

/// In days; within the first one in hours.
fn span(seconds: i64) -> String {
    match seconds {
        DAY.. => count(seconds / DAY, "day"),
        _ => count(seconds / 3600, "hour"),
    }
}
