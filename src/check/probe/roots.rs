//! Which issuers are known: the public ones, and where a client's chain ends.

use openssl::x509::{X509, X509NameRef, X509Ref};

use crate::check::Measure;
use crate::check::judge::words::{common_name, is_root_by_name};
use crate::check::roots::System;
use crate::identity::Identity;
use crate::identity::chain::issued;
use crate::identity::survey::Survey;

/// The roots at hand.
pub(super) struct Roots<'a> {
    /// The system's: a hint which are public, for companies add their own.
    system: System<'a>,
    /// Those of `--client-ca` and of the file itself.
    client: Vec<X509>,
}

impl<'a> Roots<'a> {
    pub(super) fn of(measure: &'a Measure, survey: &Survey) -> Self {
        let given = measure.client_ca.iter().flatten().cloned();
        let in_file = survey.certificates.iter().map(|c| c.certificate.clone());
        Self {
            system: System::new(measure.system_roots.as_deref()),
            client: given.chain(in_file.filter(|c| is_own_issuer(c))).collect(),
        }
    }

    /// Whether a server's chain ends at a public root; `None` where none is known, or nothing came.
    pub(super) fn are_public(&self, chain: &[X509]) -> Option<bool> {
        if !self.system.is_known() || chain.is_empty() {
            return None;
        }
        Some(
            chain
                .iter()
                .any(|link| !self.system.issuers(link).is_empty()),
        )
    }

    /// Whether the chain that is sent ends where it should: its last certificate was issued by a root
    /// that is known, or is called one.
    pub(super) fn complete(&self, identity: &Identity) -> bool {
        let top = identity.intermediates.last().unwrap_or(&identity.leaf);
        is_own_issuer(top)
            || self.client.iter().any(|root| issued(root, top))
            || !self.system.issuers(top).is_empty()
            || is_root_by_name(&common_name(top.issuer_name()))
    }
}

fn is_own_issuer(certificate: &X509Ref) -> bool {
    same(certificate.subject_name(), certificate.issuer_name())
}

/// Whether two names are one, as OpenSSL compares them when it builds a path.
pub(super) fn same(one: &X509NameRef, other: &X509NameRef) -> bool {
    one.try_cmp(other).is_ok_and(std::cmp::Ordering::is_eq)
}
