//! Which certificate is the client's, and the chain above it in the order it is sent.
//!
//! The order in the file does not matter, and nothing here judges: dates, usage and missing issuers
//! are for the server. A certificate is another's issuer when name, key id *and* signature say so;
//! the name alone would take an older generation of the same CA.

use std::cmp::Ordering;

use openssl::pkey::{PKey, Private, Public};
use openssl::x509::{X509, X509Ref, X509VerifyResult};

use super::Note;
use super::refusal::clear_errors;
use crate::ffi;

/// OpenSSL's X509_V_ERR_KEYUSAGE_NO_CERTSIGN: issued by it, though it should not have.
const NO_CERT_SIGN: i32 = 32;

/// The parts of an identity, in order.
pub struct Chain {
    /// The leaf's private key.
    pub key: PKey<Private>,
    /// The client certificate.
    pub leaf: X509,
    /// Its issuer, that one's issuer and so on, without the root.
    pub intermediates: Vec<X509>,
    /// What was put right on the way.
    pub notes: Vec<Note>,
}

/// No key belongs to the client certificate.
pub struct NoKeyFits {
    /// The certificate that would be the client's.
    pub leaf: X509,
    /// The CA certificate that a key belongs to instead.
    pub belongs_to: Option<X509>,
}

/// Finds leaf, key and chain among what a file holds. `certificates` must not be empty.
///
/// # Errors
/// When no key belongs to the certificate that has to be the leaf.
pub fn arrange(keys: &[PKey<Private>], certificates: &[X509]) -> Result<Chain, Box<NoKeyFits>> {
    clear_errors();
    let pool = Pool::new(certificates);
    let (leaf, key) = pool.leaf(keys)?;
    let (intermediates, roots) = pool.path(leaf);
    let notes = pool.notes(leaf, &intermediates, &roots);
    clear_errors();
    Ok(Chain {
        key: key.clone(),
        leaf: pool.entries[leaf].certificate.clone(),
        intermediates: intermediates
            .iter()
            .map(|&index| pool.entries[index].certificate.clone())
            .collect(),
        notes,
    })
}

/// The certificates of a file, each once.
struct Pool<'a> {
    entries: Vec<Entry<'a>>,
    duplicates: usize,
}

struct Entry<'a> {
    certificate: &'a X509,
    /// `None` for a kind of key that OpenSSL does not know.
    public_key: Option<PKey<Public>>,
    is_ca: bool,
    self_signed: bool,
}

impl<'a> Pool<'a> {
    fn new(certificates: &'a [X509]) -> Self {
        let mut unique: Vec<&X509> = Vec::new();
        for certificate in certificates {
            if !unique.iter().any(|seen| same(seen, certificate)) {
                unique.push(certificate);
            }
        }
        Self {
            duplicates: certificates.len() - unique.len(),
            entries: unique.into_iter().map(Entry::new).collect(),
        }
    }

    /// The certificate to present, with its key. One that a key belongs to comes first; a CA's own
    /// only where nothing else can be meant (`openssl req -x509` marks what it makes as a CA).
    fn leaf<'k>(
        &self,
        keys: &'k [PKey<Private>],
    ) -> Result<(usize, &'k PKey<Private>), Box<NoKeyFits>> {
        let all = || 0..self.entries.len();
        let is_end = |&index: &usize| !self.entries[index].is_ca;
        let with_key = |index: usize| Some((index, self.key_of(index, keys)?));
        let issued_nothing =
            |&index: &usize| !all().any(|child| child != index && self.issued(index, child));
        if let Some(leaf) = all().filter(is_end).find_map(with_key) {
            return Ok(leaf);
        }
        let of_ca = all().find_map(with_key);
        match (
            all().find(|index| is_end(index) && issued_nothing(index)),
            of_ca,
        ) {
            (None, Some(leaf)) => Ok(leaf),
            (Some(leaf), of_ca) => Err(self.no_key_fits(leaf, of_ca.map(|(index, _)| index))),
            (None, None) => {
                Err(self.no_key_fits(all().find(issued_nothing).unwrap_or_default(), None))
            }
        }
    }

    fn no_key_fits(&self, leaf: usize, belongs_to: Option<usize>) -> Box<NoKeyFits> {
        let certificate = |index: usize| self.entries[index].certificate.clone();
        Box::new(NoKeyFits {
            leaf: certificate(leaf),
            belongs_to: belongs_to.map(certificate),
        })
    }

    fn key_of<'k>(&self, index: usize, keys: &'k [PKey<Private>]) -> Option<&'k PKey<Private>> {
        let public_key = self.entries[index].public_key.as_ref()?;
        keys.iter().find(|key| key.public_eq(public_key))
    }

    /// The way up from the leaf, and the roots that end it.
    fn path(&self, leaf: usize) -> (Vec<usize>, Vec<usize>) {
        let mut path = vec![leaf];
        let mut roots = Vec::new();
        let mut current = leaf;
        while !self.entries[current].self_signed {
            let issuers: Vec<usize> = (0..self.entries.len())
                .filter(|index| !path.contains(index) && self.issued(*index, current))
                .collect();
            roots.extend(
                issuers
                    .iter()
                    .filter(|&&index| self.entries[index].self_signed),
            );
            // A root that another root has signed too is sent in that form: a server which trusts
            // either accepts it. Of two otherwise equal ones the newer lasts longer.
            let next = issuers
                .into_iter()
                .filter(|&index| !self.entries[index].self_signed)
                .max_by(|&a, &b| self.later(a, b));
            let Some(next) = next else { break };
            path.push(next);
            current = next;
        }
        (path.split_off(1), roots)
    }

    fn issued(&self, issuer: usize, child: usize) -> bool {
        let (issuer, child) = (&self.entries[issuer], &self.entries[child]);
        issuer
            .public_key
            .as_ref()
            .is_some_and(|key| issued(issuer.certificate, key, child.certificate))
    }

    fn later(&self, a: usize, b: usize) -> Ordering {
        let end = |index: usize| self.entries[index].certificate.not_after();
        end(a).compare(end(b)).unwrap_or(Ordering::Equal)
    }

    fn notes(&self, leaf: usize, intermediates: &[usize], roots: &[usize]) -> Vec<Note> {
        let subject = |index: usize| super::name(self.entries[index].certificate.subject_name());
        let mut notes = Vec::new();
        let path: Vec<usize> = [leaf].iter().chain(intermediates).copied().collect();
        if !path.is_sorted() {
            notes.push(Note::ChainReordered);
        }
        notes.extend(roots.iter().map(|&index| Note::RootLeftOut(subject(index))));
        notes.extend(
            (0..self.entries.len())
                .filter(|index| !path.contains(index) && !roots.contains(index))
                .map(|index| Note::UnrelatedLeftOut(subject(index))),
        );
        if self.duplicates > 0 {
            notes.push(Note::DuplicatesLeftOut(self.duplicates));
        }
        notes
    }
}

impl<'a> Entry<'a> {
    fn new(certificate: &'a X509) -> Self {
        let public_key = certificate.public_key().ok();
        let self_signed = public_key
            .as_ref()
            .is_some_and(|key| issued(certificate, key, certificate));
        Self {
            certificate,
            is_ca: ffi::is_ca(certificate),
            self_signed,
            public_key,
        }
    }
}

/// Whether `issuer`, whose key is `key`, signed `child`: by name, key id and signature.
fn issued(issuer: &X509Ref, key: &PKey<Public>, child: &X509Ref) -> bool {
    let by_name_and_key_id = issuer.issued(child);
    let named =
        by_name_and_key_id == X509VerifyResult::OK || by_name_and_key_id.as_raw() == NO_CERT_SIGN;
    named && child.verify(key).unwrap_or(false)
}

fn same(a: &X509Ref, b: &X509Ref) -> bool {
    matches!((a.to_der(), b.to_der()), (Ok(a), Ok(b)) if a == b)
}

#[cfg(test)]
#[path = "chain_tests.rs"]
mod tests;
