//! Roots to compare a chain with: those that the server accepts, where they are given, and the
//! system's, as a hint as to which are public.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use openssl::x509::{X509, X509Ref};

use super::Criteria;
use super::judge::words::{common_name, is_root_by_name};
use crate::ffi::certificate::is_ca;
use crate::identity::chain::{issued, same_name};
use crate::identity::survey::Survey;
use crate::identity::{Identity, name, pem};
use crate::net::Options;
use crate::net::tls::trust::hashed_directory;

/// A file of roots that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RootsError {
    /// It cannot be read.
    #[error("cannot read {}: {error}", .file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// The system's words.
        error: io::Error,
    },
    /// It is neither a PEM bundle nor a certificate in DER.
    #[error("{} holds no certificate", .0.display())]
    NoCertificate(PathBuf),
    /// One of its certificates cannot be read; the line to look at, from 1.
    #[error("{} holds a damaged certificate in line {line}", .file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// Where.
        line: usize,
    },
    /// One of its certificates is no CA's, so that it can be nobody's root; its subject.
    #[error("{} holds the certificate of {subject}, which is no CA", .file.display())]
    NoCa {
        /// The file.
        file: PathBuf,
        /// The certificate's subject.
        subject: String,
    },
}

/// The roots in a PEM bundle, or one in DER.
///
/// # Errors
/// When the file cannot be read or holds no certificate, or one that is damaged.
pub fn load(file: &Path) -> Result<Vec<X509>, RootsError> {
    let bytes = std::fs::read(file).map_err(|error| RootsError::Unreadable {
        file: file.to_owned(),
        error,
    })?;
    let bundle = Bundle::of(&bytes);
    let file = file.to_owned();
    match bundle.damaged {
        Some(line) => Err(RootsError::Damaged { file, line }),
        None if bundle.certificates.is_empty() => Err(RootsError::NoCertificate(file)),
        None => Ok(bundle.certificates),
    }
}

/// What can be read of a PEM bundle, or of one certificate in DER.
#[derive(Default)]
struct Bundle {
    certificates: Vec<X509>,
    /// The line of the first that cannot be read.
    damaged: Option<usize>,
}

impl Bundle {
    fn of(bytes: &[u8]) -> Self {
        if let Ok(certificate) = X509::from_der(bytes) {
            return Self {
                certificates: vec![certificate],
                damaged: None,
            };
        }
        let pem = pem::split(bytes);
        let cut = pem.problems.iter().filter(|p| p.kind.loses_a_block());
        let mut damaged: Vec<usize> = cut.map(|problem| problem.line).collect();
        let mut certificates = Vec::new();
        for block in pem.blocks.iter().filter(|block| block.is_certificate()) {
            match X509::from_der(&block.der) {
                Ok(certificate) => certificates.push(certificate),
                Err(_) => damaged.push(block.line),
            }
        }
        Self {
            certificates,
            damaged: damaged.into_iter().min(),
        }
    }
}

/// The roots that a server accepts for clients: `--client-ca FILE`.
///
/// # Errors
/// As [`load`], and where a certificate is no CA's.
pub fn of_clients(file: &Path) -> Result<Vec<X509>, RootsError> {
    let roots = load(file)?;
    let is_root = |certificate: &&X509| is_ca(certificate) || issued(certificate, certificate);
    match roots.iter().find(|certificate| !is_root(certificate)) {
        None => Ok(roots),
        Some(other) => Err(RootsError::NoCa {
            file: file.to_owned(),
            subject: name(other.subject_name()),
        }),
    }
}

/// The first of these that another CA has signed: servers take it for a root (Java's, Go's) or do not
/// (OpenSSL's, without `X509_V_FLAG_PARTIAL_CHAIN`). Its subject and issuer; `None` where its issuer is
/// among them too.
pub fn intermediate(roots: &[X509]) -> Option<(String, String)> {
    let stands_alone = |root: &&X509| !roots.iter().any(|other| issued(other, root));
    let alone = roots.iter().find(stands_alone)?;
    Some((name(alone.subject_name()), name(alone.issuer_name())))
}

/// Where the system keeps its roots: what `SSL_CERT_FILE` names, else a directory with names by hash,
/// else a bundle.
pub fn of_system(options: &Options) -> Option<PathBuf> {
    let named = options.ssl_cert_file.clone();
    named
        .or_else(hashed_directory)
        .or_else(|| openssl_probe::probe().cert_file)
}

/// The system's roots, read when first asked for.
pub(super) struct System<'a> {
    place: Option<&'a Path>,
    bundle: OnceCell<HashMap<u32, Vec<X509>>>,
}

impl<'a> System<'a> {
    pub(super) fn new(place: Option<&'a Path>) -> Self {
        Self {
            place,
            bundle: OnceCell::new(),
        }
    }

    /// Whether there are any to compare with.
    pub(super) fn is_known(&self) -> bool {
        self.place.is_some_and(Path::exists)
    }

    /// The roots whose name is that of the issuer, whether they are it or not.
    pub(super) fn namesakes_of_issuer(&self, child: &X509Ref) -> Vec<X509> {
        let name = child.issuer_name_hash();
        match self.place {
            None => Vec::new(),
            Some(place) if place.is_dir() => in_directory(place, name),
            Some(file) => {
                let bundle = self.bundle.get_or_init(|| by_name(file));
                bundle.get(&name).cloned().unwrap_or_default()
            }
        }
    }

    /// The roots that issued this certificate.
    pub(super) fn issuers(&self, child: &X509Ref) -> Vec<X509> {
        let mut roots = self.namesakes_of_issuer(child);
        roots.retain(|root| issued(root, child));
        roots
    }
}

/// All roots at hand.
pub(super) struct KnownRoots<'a> {
    /// The system's: a hint as to which are public, since companies add their own.
    system: System<'a>,
    /// Those of `--client-ca` and of the file itself.
    client: Vec<X509>,
}

impl<'a> KnownRoots<'a> {
    pub(super) fn of(criteria: &'a Criteria, survey: &Survey) -> Self {
        let given = criteria.client_ca.iter().flatten().cloned();
        let in_file = survey.certificates.iter().map(|c| c.certificate.clone());
        Self {
            system: System::new(criteria.system_roots.as_deref()),
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
    same_name(certificate.subject_name(), certificate.issuer_name())
}

/// `5ed36f99.0`, `5ed36f99.1` and so on, as OpenSSL looks for them.
fn in_directory(place: &Path, name: u32) -> Vec<X509> {
    let file = |number: u32| std::fs::read(place.join(format!("{name:08x}.{number}"))).ok();
    (0..)
        .map_while(file)
        .filter_map(|pem| X509::from_pem(&pem).ok())
        .collect()
}

fn by_name(file: &Path) -> HashMap<u32, Vec<X509>> {
    let mut roots: HashMap<u32, Vec<X509>> = HashMap::new();
    // A hint and no more: what cannot be read is skipped.
    let bytes = std::fs::read(file).unwrap_or_default();
    for root in Bundle::of(&bytes).certificates {
        roots
            .entry(root.subject_name_hash())
            .or_default()
            .push(root);
    }
    roots
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judge::mint::{ca, client};

    #[test]
    fn a_bundle_is_read_whole_and_one_without_certificates_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("roots.pem");
        assert!(load(&file).unwrap_err().to_string().contains("roots.pem"));
        std::fs::write(&file, "no certificate").unwrap();
        let refused = load(&file).unwrap_err().to_string();
        assert!(
            refused.ends_with("roots.pem holds no certificate"),
            "{refused}"
        );
        let roots = [ca("A").self_signed(), ca("B").self_signed()];
        let pem = roots
            .iter()
            .flat_map(|root| root.certificate.to_pem().unwrap());
        std::fs::write(&file, pem.collect::<Vec<u8>>()).unwrap();
        assert_eq!(load(&file).unwrap().len(), 2);
    }

    /// `--client-ca` used to be told that the whole bundle holds no certificate.
    #[test]
    fn one_damaged_certificate_is_named_by_its_line_and_takes_no_other_from_the_systems() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("roots.pem");
        let (root, other) = (ca("A").self_signed(), ca("B").self_signed());
        let good = String::from_utf8(root.certificate.to_pem().unwrap()).unwrap();
        let other = String::from_utf8(other.certificate.to_pem().unwrap()).unwrap();
        let line = good.lines().count() + 1;
        for (damaged, line) in [
            (other.replacen("MII", "AAA", 1), line),
            (other.replacen("MII", "M*I", 1), line + 1),
            (other.replace("-----END", "END"), line),
        ] {
            std::fs::write(&file, good.clone() + &damaged).unwrap();
            let refused = load(&file).unwrap_err().to_string();
            let told = format!("roots.pem holds a damaged certificate in line {line}");
            assert!(refused.ends_with(&told), "{refused}");
            let leaf = client("leaf").by(&root).certificate;
            assert_eq!(System::new(Some(&file)).issuers(&leaf).len(), 1);
        }
    }

    #[test]
    fn a_root_in_der_is_read_and_what_is_no_ca_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("root.cer");
        let root = ca("A").self_signed();
        std::fs::write(&file, root.certificate.to_der().unwrap()).unwrap();
        assert_eq!(of_clients(&file).unwrap().len(), 1);
        let leaf = client("leaf").by(&root);
        std::fs::write(&file, leaf.certificate.to_pem().unwrap()).unwrap();
        let refused = of_clients(&file).unwrap_err().to_string();
        assert!(refused.ends_with("CN=leaf, which is no CA"), "{refused}");
    }

    #[test]
    fn a_ca_without_its_issuer_is_an_intermediate() {
        let root = ca("A").self_signed();
        let (below, root) = (ca("B").by(&root).certificate, root.certificate);
        assert_eq!(intermediate(&[root.clone(), below.clone()]), None);
        let (subject, issuer) = intermediate(&[below]).unwrap();
        assert_eq!((&*subject, &*issuer), ("O=Lab, CN=B", "O=Lab, CN=A"));
    }

    #[test]
    fn a_namesake_is_no_issuer() {
        let folder = tempfile::tempdir().unwrap();
        let (root, namesake) = (ca("A").self_signed(), ca("A").self_signed());
        let name = root.certificate.subject_name_hash();
        for (number, of) in [&namesake, &root].into_iter().enumerate() {
            let file = folder.path().join(format!("{name:08x}.{number}"));
            std::fs::write(file, of.certificate.to_pem().unwrap()).unwrap();
        }
        let leaf = client("leaf").by(&root).certificate;
        let system = System::new(Some(folder.path()));
        assert_eq!(system.namesakes_of_issuer(&leaf).len(), 2);
        assert_eq!(system.issuers(&leaf).len(), 1);
    }

    #[test]
    fn a_place_that_is_not_there_says_nothing() {
        let leaf = ca("A").self_signed().certificate;
        assert!(System::new(None).issuers(&leaf).is_empty());
        let nowhere = System::new(Some(Path::new("/nonexistent/bundle.pem")));
        assert!(nowhere.issuers(&leaf).is_empty());
    }
}
