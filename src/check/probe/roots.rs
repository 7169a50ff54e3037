//! Which issuers are known: the public ones, and where a client's chain ends.

use openssl::x509::{X509, X509NameRef, X509Ref};

use crate::check::Measure;
use crate::identity::Identity;
use crate::identity::survey::Survey;

/// The roots at hand.
pub(super) struct Roots {
    /// The system's: a hint which are public, for companies add their own.
    system: Vec<X509>,
    /// Those of `--client-ca` and of the file itself.
    client: Vec<X509>,
}

impl Roots {
    /// A bundle that cannot be read is none.
    pub(super) fn of(measure: &Measure, survey: &Survey) -> Self {
        let bundle = measure.system_roots.as_ref();
        let pem = bundle.and_then(|file| std::fs::read(file).ok());
        let system = pem.and_then(|pem| X509::stack_from_pem(&pem).ok());
        let given = measure.client_ca.iter().flatten().cloned();
        let in_file = survey.certificates.iter().map(|c| c.certificate.clone());
        Self {
            system: system.unwrap_or_default(),
            client: given.chain(in_file.filter(|c| is_own_issuer(c))).collect(),
        }
    }

    /// Whether a server's chain ends at a public root; `None` where none is known, or nothing came.
    pub(super) fn are_public(&self, chain: &[X509]) -> Option<bool> {
        if self.system.is_empty() || chain.is_empty() {
            return None;
        }
        Some(chain.iter().any(|link| issuer_among(link, &self.system)))
    }

    /// Whether the chain that is sent ends where it should: its last certificate was issued by a root
    /// that is known.
    pub(super) fn complete(&self, identity: &Identity) -> bool {
        let top = identity.intermediates.last().unwrap_or(&identity.leaf);
        is_own_issuer(top) || issuer_among(top, &self.client) || issuer_among(top, &self.system)
    }
}

/// Whether one of these issued the certificate, or is it.
fn issuer_among(certificate: &X509Ref, roots: &[X509]) -> bool {
    roots.iter().any(|root| {
        same(root.subject_name(), certificate.issuer_name())
            && root
                .public_key()
                .and_then(|key| certificate.verify(&key))
                .unwrap_or(false)
    })
}

fn is_own_issuer(certificate: &X509Ref) -> bool {
    same(certificate.subject_name(), certificate.issuer_name())
}

/// Whether two names are one, as OpenSSL compares them when it builds a path.
pub(super) fn same(one: &X509NameRef, other: &X509NameRef) -> bool {
    one.try_cmp(other).is_ok_and(std::cmp::Ordering::is_eq)
}
