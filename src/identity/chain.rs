//! Which certificate is the client's, and the chain above it in the order it is sent.
//!
//! The order in the file matters only where several certificates would do, and nothing here judges:
//! usage and missing issuers are for the server. Dates choose between certificates for the same key. A certificate is another's issuer when name, key id *and* signature say so;
//! the name alone would take an older generation of the same CA.

use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::collections::HashMap;

use openssl::asn1::Asn1Time;
use openssl::pkey::{PKey, Private, Public};
use openssl::x509::{X509, X509NameRef, X509Ref, X509VerifyResult};

use super::Note;
use super::refusal::clear_errors;
use crate::ffi;

/// How much is done for one file to find out who issued what. A real file takes a handful of
/// signatures, a system's whole CA bundle 150; thousands of certificates that all have one name would
/// take minutes.
const EFFORT: u32 = 500 * SIGNATURE;
/// The cost of checking a signature, where comparing names and key ids costs 1.
const SIGNATURE: u32 = 100;

/// The most keys of one file that are compared with its certificates, for the same reason.
const MOST_KEYS: usize = 100;

/// The parts of an identity, in order.
pub struct Chain {
    /// The leaf's private key.
    pub key: PKey<Private>,
    /// The client certificate.
    pub leaf: X509,
    /// Its issuer, that one's issuer and so on, without the root; then, where a CA was signed by
    /// several others, the other ways up.
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

/// Finds leaf, key and chain among what a file holds. `certificates` must not be empty; `now` is in
/// seconds since 1970.
///
/// # Errors
/// When no key belongs to the certificate that has to be the leaf.
pub fn arrange(
    keys: &[PKey<Private>],
    certificates: &[X509],
    now: i64,
) -> Result<Chain, Box<NoKeyFits>> {
    clear_errors();
    let pool = Pool::new(certificates, now);
    let owner = pool.leaf(keys.iter());
    let certificate = |index: usize| certificates[index].clone();
    let Some(key) = owner.key.and_then(|index| keys.get(index)) else {
        return Err(Box::new(NoKeyFits {
            leaf: certificate(owner.leaf),
            belongs_to: owner.belongs_to.map(certificate),
        }));
    };
    // Which roots the server trusts nobody knows here.
    let path = pool.path(owner.leaf, |_| false);
    let notes = pool.notes(owner.leaf, &path);
    clear_errors();
    Ok(Chain {
        key: key.clone(),
        leaf: certificate(owner.leaf),
        intermediates: path.sent().map(certificate).collect(),
        notes,
    })
}

/// The certificates of a file. Each goes by its index there; a copy of an earlier one is left out of
/// everything.
pub(crate) struct Pool<'a> {
    entries: Vec<Entry<'a>>,
    /// Those without copies.
    originals: Vec<usize>,
    /// By the hash of the name.
    by_subject: HashMap<u32, Vec<usize>>,
    by_issuer: HashMap<u32, Vec<usize>>,
    /// Seconds since 1970.
    now: i64,
    /// By issuer and child.
    checked: RefCell<HashMap<(usize, usize), bool>>,
    effort_left: Cell<u32>,
}

struct Entry<'a> {
    certificate: &'a X509,
    copy_of: Option<usize>,
    /// `None` for a kind of key that OpenSSL does not know.
    public_key: Option<PKey<Public>>,
    is_ca: bool,
}

/// The certificate to present, and the key that belongs to it.
pub(crate) struct Owner {
    /// The client certificate.
    pub(crate) leaf: usize,
    /// The key that belongs to it.
    pub(crate) key: Option<usize>,
    /// Where none does: the CA certificate that one belongs to instead.
    pub(crate) belongs_to: Option<usize>,
}

/// The way up from the leaf.
pub(crate) struct Path {
    /// The issuer of the leaf, that one's issuer and so on.
    pub(crate) intermediates: Vec<usize>,
    /// Where a CA was signed by several others, the other ways up: they are sent too, after the first.
    pub(crate) alternatives: Vec<usize>,
    /// The roots that issued any of them.
    pub(crate) roots: Vec<usize>,
    /// Whether the file puts another way first.
    pub(crate) is_second_choice: bool,
}

impl<'a> Pool<'a> {
    /// `now` is in seconds since 1970.
    pub(crate) fn new(certificates: impl IntoIterator<Item = &'a X509>, now: i64) -> Self {
        let mut seen = HashMap::new();
        let mut entries = Vec::new();
        for (index, certificate) in certificates.into_iter().enumerate() {
            // One that cannot be written is no copy of anything.
            let first = match certificate.to_der() {
                Ok(der) => *seen.entry(der).or_insert(index),
                Err(_) => index,
            };
            entries.push(Entry {
                certificate,
                copy_of: (first != index).then_some(first),
                public_key: certificate.public_key().ok(),
                is_ca: ffi::certificate::is_ca(certificate),
            });
        }
        let originals: Vec<usize> = (0..entries.len())
            .filter(|&index| entries[index].copy_of.is_none())
            .collect();
        let by = |name: fn(&X509Ref) -> u32| {
            let mut by: HashMap<u32, Vec<usize>> = HashMap::new();
            for &index in &originals {
                by.entry(name(entries[index].certificate))
                    .or_default()
                    .push(index);
            }
            by
        };
        Self {
            by_subject: by(X509Ref::subject_name_hash),
            by_issuer: by(X509Ref::issuer_name_hash),
            entries,
            originals,
            now,
            checked: RefCell::default(),
            effort_left: Cell::new(EFFORT),
        }
    }

    /// The certificate to present, with its key. One that a key belongs to comes first, of several the
    /// first that is valid now; a CA's own only where nothing else can be meant (`openssl req -x509` marks what it makes as a CA).
    pub(crate) fn leaf<'k>(&self, keys: impl Iterator<Item = &'k PKey<Private>>) -> Owner {
        let keys: Vec<_> = keys.take(MOST_KEYS).collect();
        let key_of = |index: usize| {
            let public_key = self.entries[index].public_key.as_ref()?;
            keys.iter().position(|key| key.public_eq(public_key))
        };
        let with_key = |index: usize| Some((index, key_of(index)?));
        let ends = || self.originals().filter(|&index| !self.is_ca(index));
        let mut candidates = ends().filter_map(with_key);
        if let Some(first) = candidates.next() {
            // A renewed certificate behind the expired one, both for the same key.
            let is_valid = |(index, _): &(usize, usize)| self.is_valid(*index);
            let valid = std::iter::once(first).chain(candidates).find(is_valid);
            let (leaf, key) = valid.unwrap_or(first);
            return Owner::found(leaf, key);
        }
        let of_ca = self.originals().find_map(with_key);
        match (ends().find(|&index| self.issued_nothing(index)), of_ca) {
            (None, Some((leaf, key))) => Owner::found(leaf, key),
            (Some(leaf), of_ca) => Owner::without_key(leaf, of_ca.map(|(index, _)| index)),
            (None, None) => {
                let leaf = self.originals().find(|&index| self.issued_nothing(index));
                Owner::without_key(leaf.unwrap_or_default(), None)
            }
        }
    }

    /// The ways up from the leaf, and the roots that end them. Of several the first in the file comes
    /// first, as servers follow it (OpenSSL's take the first issuer that they are sent); unless only
    /// another one passes a certificate that `is_trusted` vouches for.
    pub(crate) fn path(&self, leaf: usize, is_trusted: impl Fn(usize) -> bool) -> Path {
        let reached = self.reached(leaf);
        let mut path = self.continued(vec![leaf]);
        let other = match path.iter().any(|&index| is_trusted(index)) {
            true => None,
            false => reached.iter().position(|&(index, _)| is_trusted(index)),
        };
        let is_second_choice = other.is_some();
        if let Some(end) = other {
            let step = |&at: &usize| reached[at].1;
            let mut way: Vec<usize> = std::iter::successors(Some(end), step)
                .map(|at| reached[at].0)
                .collect();
            way.reverse();
            path = self.continued(way);
        }
        let alternatives = reached.into_iter().map(|(index, _)| index);
        let alternatives: Vec<usize> = alternatives.filter(|i| !path.contains(i)).collect();
        let sent = path.iter().chain(&alternatives);
        let mut roots: Vec<usize> = sent
            .filter(|&&index| !self.is_self_signed(index))
            .flat_map(|&index| self.issuers(index))
            .filter(|&index| self.is_self_signed(index))
            .collect();
        roots.sort_unstable();
        roots.dedup();
        Path {
            intermediates: path.split_off(1),
            alternatives,
            roots,
            is_second_choice,
        }
    }

    /// The path, to where the first way from there leads.
    fn continued(&self, mut path: Vec<usize>) -> Vec<usize> {
        loop {
            let next = path.last().and_then(|&last| {
                let ways = self.ways_up(last);
                ways.into_iter().find(|index| !path.contains(index))
            });
            match next {
                Some(next) => path.push(next),
                None => return path,
            }
        }
    }

    /// All that can be reached from the leaf, the nearest first, each with the place in this list that
    /// it was reached from.
    fn reached(&self, leaf: usize) -> Vec<(usize, Option<usize>)> {
        let mut seen = vec![false; self.entries.len()];
        seen[leaf] = true;
        let mut reached = vec![(leaf, None)];
        let mut at = 0;
        while at < reached.len() {
            for next in self.ways_up(reached[at].0) {
                if !std::mem::replace(&mut seen[next], true) {
                    reached.push((next, Some(at)));
                }
            }
            at += 1;
        }
        reached
    }

    /// The issuers that may be sent: no roots, but the certificate of a root that another root has
    /// signed, since a server that trusts either accepts it. Valid ones come first, otherwise the order
    /// of the file counts. Of several by the same issuer only the best is kept: a valid one, then the
    /// one that ends later.
    fn ways_up(&self, child: usize) -> Vec<usize> {
        let mut ways: Vec<usize> = Vec::new();
        if self.is_self_signed(child) {
            return ways;
        }
        for index in self.issuers(child).filter(|&i| !self.is_self_signed(i)) {
            match ways
                .iter_mut()
                .find(|way| self.have_same_issuer(**way, index))
            {
                Some(way) if self.lasts_longer(index, *way) => *way = index,
                Some(_) => {}
                None => ways.push(index),
            }
        }
        ways.sort_by_key(|&index| !self.is_valid(index));
        ways
    }

    /// By name and key id: generations of one root may share the name, and where there is no key id
    /// nobody can tell.
    fn have_same_issuer(&self, a: usize, b: usize) -> bool {
        let (a, b) = (self.certificate(a), self.certificate(b));
        let id = |certificate: &X509| Some(certificate.authority_key_id()?.as_slice().to_vec());
        same_name(a.issuer_name(), b.issuer_name()) && id(a).is_some() && id(a) == id(b)
    }

    fn lasts_longer(&self, a: usize, b: usize) -> bool {
        match (self.is_valid(a), self.is_valid(b)) {
            (true, true) | (false, false) => self.later(a, b) == Ordering::Greater,
            (a_is_valid, _) => a_is_valid,
        }
    }

    /// Whether now is within its dates.
    fn is_valid(&self, index: usize) -> bool {
        let Ok(now) = Asn1Time::from_unix(self.now) else {
            return false;
        };
        let certificate = self.certificate(index);
        let (from, to) = (certificate.not_before(), certificate.not_after());
        from.compare(&now).is_ok_and(Ordering::is_le) && to.compare(&now).is_ok_and(Ordering::is_gt)
    }

    /// The certificates that are no copies, in the order of the file.
    pub(crate) fn originals(&self) -> impl Iterator<Item = usize> {
        self.originals.iter().copied()
    }

    /// The certificates that stand there a second time.
    pub(crate) fn copies(&self) -> impl Iterator<Item = usize> {
        (0..self.entries.len()).filter(|&index| self.entries[index].copy_of.is_some())
    }

    /// The certificate at this place.
    pub(crate) fn certificate(&self, index: usize) -> &'a X509 {
        self.entries[index].certificate
    }

    /// Its public key, where OpenSSL can read it.
    pub(crate) fn public_key(&self, index: usize) -> Option<&PKey<Public>> {
        self.entries[index].public_key.as_ref()
    }

    /// Whether it says of itself that it is a CA's.
    pub(crate) fn is_ca(&self, index: usize) -> bool {
        self.entries[index].is_ca
    }

    /// Whether it is its own issuer, by name, key id and signature.
    pub(crate) fn is_self_signed(&self, index: usize) -> bool {
        self.issued(index, index)
    }

    /// Whether nothing else in the file was issued by it.
    pub(crate) fn issued_nothing(&self, issuer: usize) -> bool {
        if self.effort_left.get() == 0 {
            return true;
        }
        let name = self.entries[issuer].certificate.subject_name_hash();
        let mut children = self.by_issuer.get(&name).into_iter().flatten();
        !children.any(|&child| child != issuer && self.issued(issuer, child))
    }

    /// The certificates whose name is that of the issuer, whether they are it or not.
    pub(crate) fn namesakes_of_issuer(&self, child: usize) -> impl Iterator<Item = usize> {
        let name = self.entries[child].certificate.issuer_name_hash();
        self.by_subject.get(&name).into_iter().flatten().copied()
    }

    /// The certificates that issued this one.
    pub(crate) fn issuers(&self, child: usize) -> impl Iterator<Item = usize> {
        self.namesakes_of_issuer(child)
            .filter(move |&issuer| self.issued(issuer, child))
    }

    fn issued(&self, issuer: usize, child: usize) -> bool {
        if let Some(&known) = self.checked.borrow().get(&(issuer, child)) {
            return known;
        }
        if self.effort_left.get() == 0 {
            return false;
        }
        let (upper, lower) = (&self.entries[issuer], &self.entries[child]);
        let signed = self.spend(1)
            && names(upper.certificate, lower.certificate)
            && upper.public_key.as_ref().is_some_and(|key| {
                self.spend(SIGNATURE) && lower.certificate.verify(key).unwrap_or(false)
            });
        self.checked.borrow_mut().insert((issuer, child), signed);
        signed
    }

    fn spend(&self, effort: u32) -> bool {
        let left = self.effort_left.get().checked_sub(effort);
        self.effort_left.set(left.unwrap_or_default());
        left.is_some()
    }

    fn later(&self, a: usize, b: usize) -> Ordering {
        let end = |index: usize| self.entries[index].certificate.not_after();
        end(a).compare(end(b)).unwrap_or(Ordering::Equal)
    }

    fn notes(&self, leaf: usize, path: &Path) -> Vec<Note> {
        let subject = |index: usize| super::name(self.entries[index].certificate.subject_name());
        let mut notes = Vec::new();
        let sent: Vec<usize> = std::iter::once(leaf).chain(path.sent()).collect();
        if !sent[..=path.intermediates.len()].is_sorted() {
            notes.push(Note::ChainReordered);
        }
        notes.extend(
            path.roots
                .iter()
                .map(|&index| Note::RootLeftOut(subject(index))),
        );
        notes.extend(
            self.originals()
                .filter(|index| !sent.contains(index) && !path.roots.contains(index))
                .map(|index| Note::UnrelatedLeftOut(subject(index))),
        );
        match self.copies().count() {
            0 => {}
            copies => notes.push(Note::DuplicatesLeftOut(copies)),
        }
        notes
    }
}

impl Path {
    /// All that is sent above the leaf.
    pub(crate) fn sent(&self) -> impl Iterator<Item = usize> {
        self.intermediates.iter().chain(&self.alternatives).copied()
    }
}

impl Owner {
    fn found(leaf: usize, key: usize) -> Self {
        Self {
            leaf,
            key: Some(key),
            belongs_to: None,
        }
    }

    fn without_key(leaf: usize, belongs_to: Option<usize>) -> Self {
        Self {
            leaf,
            key: None,
            belongs_to,
        }
    }
}

/// Whether `child` names `issuer` as its issuer: by name and, where both have them, by key id.
fn names(issuer: &X509Ref, child: &X509Ref) -> bool {
    let by_name_and_key_id = issuer.issued(child);
    by_name_and_key_id == X509VerifyResult::OK
        // Issued by it, though it should not have.
        || by_name_and_key_id.as_raw() == ffi::verify::X509_V_ERR_KEYUSAGE_NO_CERTSIGN
}

/// Whether two names are one, as OpenSSL compares them when it builds a path: case and spaces aside.
pub(crate) fn same_name(one: &X509NameRef, other: &X509NameRef) -> bool {
    one.try_cmp(other).is_ok_and(Ordering::is_eq)
}

/// Whether `issuer` signed `child`: by name, key id and signature.
pub(crate) fn issued(issuer: &X509Ref, child: &X509Ref) -> bool {
    names(issuer, child)
        && issuer
            .public_key()
            .is_ok_and(|key| child.verify(&key).unwrap_or(false))
}

#[cfg(test)]
#[path = "chain_tests.rs"]
mod tests;
