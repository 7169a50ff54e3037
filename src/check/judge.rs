//! Key, leaf and chain, judged by what the files hold.
//!
//! Leaf, key and path are found by the code that finds them for a call
//! ([`identity::chain`](crate::identity::chain)), so that what is judged is what is sent. Each
//! certificate is looked at by itself, because OpenSSL's verification stops looking at the last one
//! it has; its pass is used for the rules that span several.
//!
//! ```text
//! key      does it belong to the certificate, and will servers accept it
//! dates    valid now, and for how long
//! usage    may it be used as a client's
//! end      where the path ends, and whether something is missing there
//! rules    what CAs may sign; signatures; OpenSSL's own verification
//! order    what else is in the file, and in which order
//! words    names, and commands to paste
//! ```

mod dates;
mod end;
mod key;
#[cfg(test)]
pub(super) mod mint;
mod order;
mod rules;
#[cfg(test)]
pub(super) mod tests;
pub(super) mod usage;
pub(super) mod words;

use openssl::error::ErrorStack;
use openssl::x509::X509;

pub(crate) use self::dates::WARN_DAYS;
use self::end::End;
use self::words::Commands;
use super::Criteria;
use super::finding::{Finding, Place, Subject};
use super::roots::System;
use super::time;
use crate::identity::chain::Pool;
use crate::identity::survey::Survey;

/// The security that OpenSSL's level 2, the default of most systems, asks for
/// (SSL_CTX_set_security_level(3)): keys of RSA 2048 or P-224, signatures with more than SHA-1 (63 bits)
/// and MD5 (39).
const SECURITY_BITS: u32 = 112;

/// What the files alone tell. Indices are those of [`Survey::certificates`] and [`Survey::keys`].
#[derive(Debug, Default)]
pub struct Judged {
    /// The client certificate, also where no key belongs to it.
    pub leaf: Option<usize>,
    /// Its key.
    pub key: Option<usize>,
    /// The certificates above the leaf, in the order they are sent.
    pub intermediates: Vec<usize>,
    /// What is sent behind them: where a CA was signed by several others, the other ways up.
    pub alternatives: Vec<usize>,
    /// CAs that are not sent, because a level between is missing or wrong; with it they may be needed.
    pub detached: Vec<usize>,
    /// The root on the path, where the file holds it. Of several (a root that another one has signed
    /// too) the one that ends the path as it is sent.
    pub root: Option<usize>,
    /// The subject of the root (or issuer) that the chain ends at, and whether it is known.
    pub top: Option<Top>,
    /// The findings.
    pub findings: Vec<Finding>,
}

/// Where a chain ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Top {
    /// The common name of the issuer of the last certificate; the whole name where it has none.
    pub issuer: String,
    /// Whether a root with that name and key is known: in `--client-ca` where that is given, else in
    /// the file or on the system.
    pub known: bool,
}

/// Judges. Never fails: what cannot be judged is a finding of the file's.
pub fn judge(survey: &Survey, criteria: &Criteria) -> Judged {
    // OpenSSL's queue of errors is per thread, and what is tried here leaves entries.
    drop(ErrorStack::get());
    let judged = match survey.certificates.is_empty() {
        true => Judged {
            findings: key::without_certificate(survey),
            ..Judged::default()
        },
        false => {
            let case = Case::new(survey, criteria);
            match case.has_leaf() {
                true => case.judged(),
                // What is wrong with a CA's certificate is none of the client's business.
                false => Judged {
                    findings: key::findings_without_leaf(&case),
                    ..Judged::default()
                },
            }
        }
    };
    drop(ErrorStack::get());
    judged
}

/// All that the rules look at.
struct Case<'a> {
    survey: &'a Survey,
    criteria: &'a Criteria,
    /// Seconds since 1970.
    now: i64,
    pool: Pool<'a>,
    /// The leaf, its issuer and so on, as they are sent; where there are several ways up, the one to a
    /// known root.
    path: Vec<usize>,
    /// The other ways up.
    alternatives: Vec<usize>,
    /// Whether the file puts another way first.
    is_second_choice: bool,
    /// The roots of the file that issued any of them.
    roots: Vec<usize>,
    /// The leaf's key.
    key: Option<usize>,
    /// Where there is none: the CA certificate in the file that a key belongs to.
    belongs_to: Option<usize>,
    system: System<'a>,
    end: End,
}

impl<'a> Case<'a> {
    /// There must be a certificate.
    fn new(survey: &'a Survey, criteria: &'a Criteria) -> Self {
        let now = time::of_clock(criteria.now);
        let pool = Pool::new(survey.certificates.iter().map(|c| &c.certificate), now);
        let owner = pool.leaf(survey.keys.iter().map(|key| &key.key));
        let system = System::new(criteria.system_roots.as_deref());
        let is_trusted = |index: usize| end::is_trusted(&pool, index, criteria, &system);
        let way = pool.path(owner.leaf, is_trusted);
        let mut path = vec![owner.leaf];
        path.extend(way.intermediates);
        let end = End::find(&pool, &path, &way.roots, criteria, &system);
        Self {
            survey,
            criteria,
            now,
            pool,
            path,
            alternatives: way.alternatives,
            is_second_choice: way.is_second_choice,
            roots: way.roots,
            key: owner.key,
            belongs_to: owner.belongs_to,
            system,
            end,
        }
    }

    fn judged(self) -> Judged {
        let mut findings = key::findings(&self);
        findings.extend(dates::findings(&self));
        findings.extend(usage::findings(&self));
        findings.extend(end::findings(&self));
        findings.extend(rules::findings(&self));
        findings.extend(order::findings(&self));
        let ends_path = |root: &&usize| self.pool.issuers(self.last()).any(|i| i == **root);
        Judged {
            leaf: Some(self.leaf()),
            key: self.key,
            intermediates: self.path[1..].to_vec(),
            alternatives: self.alternatives.clone(),
            detached: order::detached(&self),
            root: self
                .roots
                .iter()
                .find(ends_path)
                .or(self.roots.last())
                .copied(),
            top: Some(self.end.top.clone()),
            findings,
        }
    }

    /// Whether the client's certificate can be among them: keys that belong to none of the file's CAs
    /// belong to a certificate that is not there, or that could not be read.
    fn has_leaf(&self) -> bool {
        let is_own_issuer =
            || self.pool.is_self_signed(self.leaf()) && self.pool.originals().count() == 1;
        self.key.is_some()
            || self.survey.keys.is_empty()
            || !self.pool.is_ca(self.leaf())
            // `openssl req -x509` makes a CA of whoever asks.
            || is_own_issuer()
    }

    /// Whether a block of the files could not be read, which may have been the one that is missed.
    fn is_damaged(&self) -> bool {
        let mut ids = self.survey.faults.iter().map(|fault| fault.id());
        ids.any(|id| matches!(id, "pem-corrupt" | "cert-corrupt" | "pem-truncated"))
    }

    fn leaf(&self) -> usize {
        self.path[0]
    }

    /// The last certificate that is sent.
    fn last(&self) -> usize {
        self.path[self.path.len() - 1]
    }

    fn certificate(&self, index: usize) -> &'a X509 {
        self.pool.certificate(index)
    }

    fn place(&self, index: usize) -> &'a Place {
        &self.survey.certificates[index].place
    }

    fn commands(&self) -> Commands {
        let key = self.key.or((!self.survey.keys.is_empty()).then_some(0));
        let key = key.map(|key| &self.survey.keys[key].place);
        Commands::new(self.survey, self.place(self.leaf()), key)
    }

    /// What is sent, from the leaf up, with what a finding about it is about.
    fn sent(&self) -> impl Iterator<Item = (Subject, usize)> {
        self.path
            .iter()
            .enumerate()
            .map(|(depth, &index)| (subject_at(depth), index))
    }
}

/// What a finding about the certificate at this height is about.
fn subject_at(depth: usize) -> Subject {
    match depth {
        0 => Subject::Leaf,
        n => Subject::Chain(n),
    }
}
