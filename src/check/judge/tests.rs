//! Each finding where its fault is, and not where something near it is.

mod commands;
mod dates;
mod end;
mod judges;
mod key;
mod order;
mod rules;
mod usage;

use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

use openssl::pkey::{PKey, Private};
use openssl::x509::X509;

use super::mint::{Mint, Minted, NOW, ca, client};
use super::{Judged, judge};
use crate::check::Criteria;
use crate::check::finding::{Finding, Place, Severity, Subject};
use crate::identity::Format;
use crate::identity::survey::{Certificate, Key, Survey};

pub(in crate::check) const LEAF: &str = "integration.example.test";

/// Nobody knows the server's roots, and the system has none.
pub(in crate::check) fn criteria() -> Criteria {
    Criteria {
        now: UNIX_EPOCH + Duration::from_secs(NOW.unsigned_abs()),
        warn_days: None,
        client_ca: None,
        system_roots: None,
    }
}

/// The server is known to accept these.
fn accepting(roots: &[&Minted]) -> Criteria {
    Criteria {
        client_ca: Some(roots.iter().map(|root| root.certificate.clone()).collect()),
        ..criteria()
    }
}

/// `client.pem` with these keys and certificates, thirty lines each.
pub(in crate::check) fn survey(keys: &[&PKey<Private>], certificates: &[&Minted]) -> Survey {
    let all: Vec<X509> = certificates.iter().map(|c| c.certificate.clone()).collect();
    survey_of(keys, &all)
}

fn survey_of(keys: &[&PKey<Private>], certificates: &[X509]) -> Survey {
    let place = |number: usize| Place {
        file: PathBuf::from("client.pem"),
        line: Some(number * 30 + 1),
    };
    let mut survey = Survey {
        format: Some(Format::Pem),
        ..Survey::default()
    };
    for (number, key) in keys.iter().enumerate() {
        survey.keys.push(Key {
            key: (*key).clone(),
            place: place(number),
            encrypted: false,
        });
    }
    for (number, certificate) in certificates.iter().enumerate() {
        survey.certificates.push(Certificate {
            certificate: certificate.clone(),
            place: place(keys.len() + number),
        });
    }
    survey
}

/// The first certificate's key with all certificates, judged with nothing to compare with.
fn judged(certificates: &[&Minted]) -> Judged {
    judged_by(&criteria(), certificates)
}

fn judged_by(criteria: &Criteria, certificates: &[&Minted]) -> Judged {
    judge(&survey(&[&certificates[0].key], certificates), criteria)
}

/// A leaf made like this, below a good chain whose root is accepted.
fn good_but(leaf: Mint) -> Judged {
    let lab = Lab::new();
    let leaf = leaf.by(&lab.issuing);
    judged_by(
        &accepting(&[&lab.root]),
        &[&leaf, &lab.issuing, &lab.policy],
    )
}

/// A good leaf below an issuing CA made like this.
fn good_below(issuing: Mint) -> Judged {
    let lab = Lab::new();
    let issuing = issuing.by(&lab.policy);
    let leaf = client(LEAF).by(&issuing);
    judged_by(&accepting(&[&lab.root]), &[&leaf, &issuing, &lab.policy])
}

/// Leaf, issuing CA, policy CA, root.
pub(in crate::check) struct Lab {
    pub(in crate::check) root: Minted,
    pub(in crate::check) policy: Minted,
    pub(in crate::check) issuing: Minted,
    pub(in crate::check) leaf: Minted,
}

impl Lab {
    pub(in crate::check) fn new() -> Self {
        let root = ca("Lab Root CA").self_signed();
        let policy = ca("Lab Policy CA").by(&root);
        let issuing = ca("Lab Issuing CA").by(&policy);
        let leaf = client(LEAF).by(&issuing);
        Self {
            root,
            policy,
            issuing,
            leaf,
        }
    }
}

fn ids(judged: &Judged) -> Vec<&str> {
    judged.findings.iter().map(|finding| finding.id).collect()
}

#[track_caller]
fn finding<'a>(judged: &'a Judged, id: &str) -> &'a Finding {
    let mut found = judged.findings.iter().filter(|finding| finding.id == id);
    let first = found.next();
    first.unwrap_or_else(|| panic!("{id} is not among {:?}", ids(judged)))
}

/// The fault was found.
#[track_caller]
pub(in crate::check) fn raises(judged: &Judged, id: &str) {
    finding(judged, id);
}

/// A near miss was not taken for it.
#[track_caller]
pub(in crate::check) fn spares(judged: &Judged, id: &str) {
    assert!(!ids(judged).contains(&id), "{id}: {:#?}", judged.findings);
}

#[track_caller]
fn has_severity(judged: &Judged, id: &str, severity: Severity) {
    assert_eq!(finding(judged, id).severity, severity, "{id}");
}

#[test]
fn a_good_identity_has_no_findings() {
    let lab = Lab::new();
    let judged = judged_by(
        &accepting(&[&lab.root]),
        &[&lab.leaf, &lab.issuing, &lab.policy],
    );
    assert_eq!(ids(&judged), [""; 0]);
    assert_eq!((judged.leaf, judged.key), (Some(0), Some(0)));
    assert_eq!(judged.intermediates, [1, 2]);
    let top = judged.top.unwrap();
    assert_eq!((top.issuer.as_str(), top.known), ("Lab Root CA", true));
}

#[test]
fn without_a_key_the_certificates_are_judged_all_the_same() {
    let lab = Lab::new();
    let survey = survey(&[], &[&lab.leaf, &lab.issuing]);
    let judged = judge(&survey, &accepting(&[&lab.root]));
    raises(&judged, "intermediate-missing");
    spares(&judged, "key-mismatch");
}

#[test]
fn nothing_at_all_is_judged_without_a_word() {
    let judged = judge(&Survey::default(), &criteria());
    assert_eq!((judged.leaf, judged.findings.len()), (None, 0));
}
