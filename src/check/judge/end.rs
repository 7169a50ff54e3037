//! Where the path ends: at a root that is known, at the leaf itself, or with something missing.
//!
//! Without `--client-ca` nobody knows which roots the server accepts. Then a path whose issuer is no
//! root known here is no error by itself: the issuer may be a private root. Only evidence that it is
//! none makes it one.

use openssl::nid::Nid;
use openssl::x509::{X509, X509NameRef, X509Ref, X509VerifyResult};

use super::words::{self, get_issuer, issuer, key_id, subject};
use super::{Case, Top, subject_at};
use crate::check::Criteria;
use crate::check::finding::{Finding, Severity, Subject};
use crate::check::roots::System;
use crate::identity;
use crate::identity::chain::{Pool, issued, same_name};

/// The end of a path.
pub(super) struct End {
    pub(super) kind: Kind,
    /// The known roots that issued something on the path.
    pub(super) anchors: Vec<Anchor>,
    pub(super) top: Top,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The leaf is its own issuer.
    SelfSigned,
    /// At a known root.
    Known,
    /// Nothing that is known issued the last certificate.
    Open,
}

/// A root that is known.
pub(super) struct Anchor {
    pub(super) certificate: X509,
    /// How high on the path the certificate stands that it issued (or is); the leaf is 0.
    vouches_for: usize,
}

impl End {
    pub(super) fn find(
        pool: &Pool<'_>,
        path: &[usize],
        roots: &[usize],
        criteria: &Criteria,
        system: &System<'_>,
    ) -> Self {
        let members = || {
            path.iter()
                .map(|&index| pool.certificate(index))
                .enumerate()
        };
        let given = |root: &X509| {
            let vouches_for =
                members().find(|(_, member)| is_same(root, member) || issued(root, member))?;
            Some(Anchor {
                certificate: root.clone(),
                vouches_for: vouches_for.0,
            })
        };
        let anchors: Vec<Anchor> = match &criteria.client_ca {
            Some(accepted) => accepted.iter().filter_map(given).collect(),
            None => {
                let in_file = roots.iter().map(|&index| pool.certificate(index));
                let in_file = in_file.filter_map(given);
                // A root is told by its own signature; nothing is read for it.
                let on_system = members().flat_map(|(height, member)| {
                    let issuers = system.issuers(member).into_iter();
                    issuers.map(move |certificate| Anchor {
                        certificate,
                        vouches_for: height,
                    })
                });
                in_file.chain(on_system).collect()
            }
        };
        let last = pool.certificate(path[path.len() - 1]);
        let kind = match anchors.is_empty() {
            _ if pool.is_self_signed(path[0]) => Kind::SelfSigned,
            true => Kind::Open,
            false => Kind::Known,
        };
        let names_top = |anchor: &&Anchor| anchor.vouches_for + 1 == path.len();
        let top = match anchors.iter().find(names_top).or(anchors.last()) {
            Some(anchor) if anchor.vouches_for + 1 < path.len() => {
                anchor.certificate.subject_name()
            }
            _ => last.issuer_name(),
        };
        Self {
            kind,
            top: Top {
                issuer: words::common_name(top),
                known: !anchors.is_empty(),
            },
            anchors,
        }
    }

    /// Whether a known root issued a certificate below this height, so that nothing from there up is
    /// needed.
    pub(super) fn is_vouched_for_below(&self, height: usize) -> bool {
        self.anchors
            .iter()
            .any(|anchor| anchor.vouches_for < height)
    }
}

/// Whether a known root issued this certificate, or it is accepted itself.
pub(super) fn is_trusted(
    pool: &Pool<'_>,
    index: usize,
    criteria: &Criteria,
    system: &System<'_>,
) -> bool {
    let certificate = pool.certificate(index);
    match &criteria.client_ca {
        Some(accepted) => accepted
            .iter()
            .any(|root| is_same(root, certificate) || issued(root, certificate)),
        None => {
            pool.issuers(index)
                .any(|issuer| pool.is_self_signed(issuer))
                || !system.issuers(certificate).is_empty()
        }
    }
}

impl Case<'_> {
    /// Whether the path ends at a root of the system's.
    pub(super) fn ends_at_public_root(&self) -> bool {
        self.path
            .iter()
            .any(|&index| !self.system.issuers(self.certificate(index)).is_empty())
    }
}

pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    match case.end.kind {
        Kind::SelfSigned => vec![self_signed(case)],
        Kind::Known => Vec::new(),
        Kind::Open => open(case),
    }
}

fn self_signed(case: &Case<'_>) -> Finding {
    let certificate = case.certificate(case.leaf());
    let message = format!("{} is self-signed", subject(certificate));
    Finding::new("self-signed", Subject::Leaf, message)
        .at(case.place(case.leaf()))
        .why("Salesforce takes only certificates that a CA has signed")
        .advice("order a certificate from a CA, for this key")
        .command(case.commands().order(certificate))
}

fn open(case: &Case<'_>) -> Vec<Finding> {
    let false_issuers = case.false_issuers();
    if !false_issuers.is_empty() {
        return false_issuers;
    }
    let finding = match (&case.criteria.client_ca, evidence(case)) {
        (Some(accepted), _) => not_accepted(case, accepted),
        (None, Some(evidence)) => missing(case, "is not in the file").why(evidence),
        (None, None) => unknown(case),
    };
    vec![finding]
}

/// Why a certificate that has the issuer's name is not the issuer.
enum Denial {
    /// Same key by its identifier, and yet the signature is wrong.
    Signature,
    /// Another key, or another certificate of it.
    Generation(String),
}

fn denial(namesake: &X509Ref, child: &X509Ref) -> Denial {
    let (has, wants) = (namesake.subject_key_id(), child.authority_key_id());
    let same_id = match (has, wants) {
        (Some(has), Some(wants)) => Some(has.as_slice() == wants.as_slice()),
        _ => None,
    };
    match (same_id, key_id(has), key_id(wants)) {
        (Some(true), ..) if namesake.issued(child) == X509VerifyResult::OK => Denial::Signature,
        (Some(true), ..) => Denial::Generation("its serial number is another".to_owned()),
        (Some(false), Some(has), Some(wants)) => {
            Denial::Generation(format!("its key id is {has}, not {wants}"))
        }
        _ => Denial::Generation("its key did not sign it".to_owned()),
    }
}

impl Case<'_> {
    /// The certificates in the file that only look like the issuer.
    pub(super) fn namesakes(&self) -> impl Iterator<Item = usize> {
        self.pool
            .namesakes_of_issuer(self.last())
            .filter(|index| self.end.kind == Kind::Open && !self.roots.contains(index))
    }

    fn false_issuers(&self) -> Vec<Finding> {
        let child = self.certificate(self.last());
        let mut findings: Vec<Finding> = self
            .namesakes()
            // Roots that signed each other: what is on the path is an issuer, and none above the end.
            .filter(|index| !self.path.contains(index))
            .filter_map(|index| {
                let namesake = self.certificate(index);
                let finding = match denial(namesake, child) {
                    Denial::Signature => self.damaged(),
                    // Of a root the server may have the right generation.
                    Denial::Generation(_) if self.pool.is_self_signed(index) => return None,
                    Denial::Generation(how) => self.wrong_generation(&how),
                };
                Some(finding.at(self.place(index)))
            })
            .collect();
        let elsewhere = match &self.criteria.client_ca {
            Some(accepted) => accepted.clone(),
            None => self.system.namesakes_of_issuer(child),
        };
        let is_denied = |root: &X509| {
            same_name(root.subject_name(), child.issuer_name())
                && matches!(denial(root, child), Denial::Signature)
        };
        if findings.is_empty() && elsewhere.iter().any(is_denied) {
            findings.push(self.damaged().at(self.place(self.last())));
        }
        findings.truncate(1);
        findings
    }

    fn damaged(&self) -> Finding {
        let child = self.certificate(self.last());
        let message = format!(
            "the signature of {} on {} does not verify: one of the two is damaged",
            issuer(child),
            subject(child)
        );
        Finding::new(
            "chain-signature-invalid",
            subject_at(self.path.len() - 1),
            message,
        )
        .why("the key identifiers say that this key signed it")
        .advice("get both certificates again from the CA")
    }

    fn wrong_generation(&self, how: &str) -> Finding {
        let child = self.certificate(self.last());
        let name = issuer(child);
        let message = format!(
            "{name} in the file is not the {name} that signed {}: {how}",
            subject(child)
        );
        let finding = Finding::new("wrong-intermediate", subject_at(self.path.len()), message)
            .why("the CA has several certificates of that name, and only the right one makes a chain")
            .advice(get_issuer(child))
            .remedy(self.commands().add_issuer(child));
        match key_id(child.authority_key_id()) {
            Some(wanted) => finding.fact("wanted_key_id", wanted),
            None => finding,
        }
    }
}

fn missing(case: &Case<'_>, is_where: &str) -> Finding {
    let child = case.certificate(case.last());
    let message = format!(
        "{}, which signed {}, {is_where}",
        issuer(child),
        subject(child)
    );
    Finding::new("intermediate-missing", subject_at(case.path.len()), message)
        .at(case.place(case.last()))
        .advice(get_issuer(child))
        .remedy(case.commands().add_issuer(child))
        .fact("issuer", identity::name(child.issuer_name()))
        .fact("ca_issuers", words::ca_issuers(child))
}

fn unknown(case: &Case<'_>) -> Finding {
    let child = case.certificate(case.last());
    let name = issuer(child);
    let message = format!(
        "the chain ends with {}, issued by {name}, which is no root known here",
        subject(child)
    );
    let common_name = words::common_name(child.issuer_name());
    let is_root = words::is_root_by_name(&common_name);
    let finding = Finding::new("issuer-unknown", Subject::Chain(0), message)
        .at(case.place(case.last()))
        .fact("issuer", identity::name(child.issuer_name()))
        .fact("issuer_common_name", common_name)
        .fact("issuer_is_root_by_name", is_root)
        .fact("ca_issuers", words::ca_issuers(child));
    if is_root {
        return finding
            .why(format!(
                "by its name {name} is a root: if the server knows it, all is well"
            ))
            .advice("name the server's roots with --client-ca FILE");
    }
    let which = match case.path.len() {
        1 => format!("most likely {name} is an intermediate that is missing in the file"),
        _ => format!("either {name} is an intermediate that is missing in the file, or a root"),
    };
    finding
        .why(format!(
            "{which}; if it is a root that the server knows, all is well (--client-ca FILE names the server's roots)"
        ))
        .advice(get_issuer(child))
        .remedy(case.commands().add_issuer(child))
}

/// The roots that the server accepts are given, and the path leads to none of them.
fn not_accepted(case: &Case<'_>, accepted: &[X509]) -> Finding {
    let child = case.certificate(case.last());
    let name = issuer(child);
    let among = match accepted.len() {
        1 => "the root in --client-ca".to_owned(),
        roots => format!("among the {roots} roots in --client-ca"),
    };
    let refused = |how: String| {
        Finding::new("issuer-unknown", Subject::Chain(0), how)
            .severity(Severity::Error)
            .at(case.place(case.last()))
            .why("the server accepts only certificates below the roots in --client-ca")
            .advice("order a certificate from a CA that the server accepts, or have this root added there")
            .fact("issuer", identity::name(child.issuer_name()))
    };
    let is_root = case
        .pool
        .issuers(case.last())
        .any(|i| case.pool.is_self_signed(i))
        || !case.system.issuers(child).is_empty();
    if is_root {
        return refused(format!(
            "the chain leads to the root {name}, which is not {among}"
        ));
    }
    if accepted
        .iter()
        .any(|root| same_name(root.subject_name(), child.issuer_name()))
    {
        return refused(format!(
            "{name} in --client-ca is not the {name} that signed {}",
            subject(child)
        ))
        .advice("compare their key identifiers: the CA has several certificates of that name");
    }
    missing(case, &format!("is neither in the file nor {among}"))
}

/// What shows that the last issuer is no root.
fn evidence(case: &Case<'_>) -> Option<String> {
    let child = case.certificate(case.last());
    let name = issuer(child);
    // authorityCertIssuer names the issuer of the issuer (RFC 5280 4.2.1.1).
    let above = child.authority_issuer();
    let above = above.and_then(|names| names.iter().find_map(|name| name.directory_name()));
    if let Some(above) = above.filter(|above| !same_name(above, child.issuer_name())) {
        return Some(format!(
            "{} says that {name} was itself issued by {}",
            subject(child),
            words::short(above)
        ));
    }
    // The file goes on above a level that is not there. What a CA on the path issued, or the missing
    // one itself, stands below or beside that; so does another generation of a CA on the path.
    let is_on_path = |name: &X509NameRef| {
        let mut path = case.path.iter().map(|&index| case.certificate(index));
        path.any(|member| same_name(member.subject_name(), name))
    };
    let organisation = organisation(child.issuer_name())?;
    let goes_on = case.pool.originals().find(|&index| {
        let certificate = case.certificate(index);
        case.pool.is_ca(index)
            && !is_on_path(certificate.subject_name())
            && !is_on_path(certificate.issuer_name())
            && !same_name(certificate.issuer_name(), child.issuer_name())
            && !same_name(certificate.subject_name(), certificate.issuer_name())
            && self::organisation(certificate.subject_name()).as_ref() == Some(&organisation)
    })?;
    Some(format!(
        "the file holds {}, another intermediate of the same CA, which the chain does not reach without it",
        subject(case.certificate(goes_on))
    ))
}

fn organisation(name: &X509NameRef) -> Option<String> {
    let entry = name.entries_by_nid(Nid::ORGANIZATIONNAME).next()?;
    entry.data().to_string().ok()
}

fn is_same(a: &X509Ref, b: &X509Ref) -> bool {
    matches!((a.to_der(), b.to_der()), (Ok(a), Ok(b)) if a == b)
}
