//! Two trees of certificates: one for servers, one for clients, with everything that a client's may
//! lack. Minted once a run.

use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::{BigNum, MsbOption};
use openssl::dsa::Dsa;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::extension::{BasicConstraints, ExtendedKeyUsage, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509NameBuilder};

/// A certificate and its key.
#[derive(Clone)]
pub(super) struct Minted {
    pub(super) certificate: X509,
    pub(super) key: PKey<Private>,
}

/// All of them, with files for those that the program reads.
pub(super) struct Lab {
    folder: tempfile::TempDir,
    pub(super) server_ca_file: PathBuf,
    /// For `localhost` and two names of Salesforce's.
    pub(super) server: Minted,
    pub(super) root: Minted,
    pub(super) root_file: PathBuf,
    policy: Minted,
    issuing: Minted,
    /// Key, leaf and both intermediates.
    pub(super) client: PathBuf,
}

pub(super) fn lab() -> &'static Lab {
    static LAB: LazyLock<Lab> = LazyLock::new(Lab::new);
    &LAB
}

/// What a certificate is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    Issuing,
    Server,
    Client,
}

/// What a certificate is made of; [`Made::default`] is a client's that is in order.
pub(super) struct Made<'a> {
    pub(super) name: &'a str,
    pub(super) issuer: Option<&'a Minted>,
    pub(super) usage: For,
    pub(super) names: &'a [&'a str],
    /// From and until so many days from now.
    pub(super) days: [i64; 2],
    pub(super) key: PKey<Private>,
    pub(super) digest: MessageDigest,
}

impl Default for Made<'_> {
    fn default() -> Self {
        Self {
            name: "integration.acme.test",
            issuer: None,
            usage: For::Client,
            names: &[],
            days: [-30, 90],
            key: ec_key(Nid::X9_62_PRIME256V1),
            digest: MessageDigest::sha256(),
        }
    }
}

pub(super) fn ec_key(curve: Nid) -> PKey<Private> {
    let group = EcGroup::from_curve_name(curve).expect("a curve");
    PKey::from_ec_key(EcKey::generate(&group).expect("a key")).expect("a key")
}

pub(super) fn rsa_key(bits: u32) -> PKey<Private> {
    PKey::from_rsa(Rsa::generate(bits).expect("a key")).expect("a key")
}

pub(super) fn dsa_key() -> PKey<Private> {
    PKey::from_dsa(Dsa::generate(2048).expect("a key")).expect("a key")
}

impl Lab {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let ca = |name, issuer| {
            mint(Made {
                name,
                issuer,
                usage: For::Issuing,
                ..Made::default()
            })
        };
        let server_ca = ca("Lab Server CA", None);
        let root = ca("Lab Root CA", None);
        let policy = ca("Lab Policy CA", Some(&root));
        let issuing = ca("Lab Issuing CA", Some(&policy));
        let server = server(Some(&server_ca), [-30, 90], NAMES);
        let client = mint(Made {
            issuer: Some(&issuing),
            ..Made::default()
        });
        let mut lab = Self {
            server_ca_file: folder.path().join("server-ca.pem"),
            root_file: folder.path().join("root.pem"),
            client: PathBuf::new(),
            folder,
            server,
            root,
            policy,
            issuing,
        };
        lab.write("server-ca.pem", &pem(&server_ca));
        lab.write("root.pem", &pem(&lab.root));
        lab.client = lab.identity("client.pem", &client, &[&lab.issuing, &lab.policy]);
        lab
    }

    /// A file of its own for this identity.
    pub(super) fn identity(&self, name: &str, leaf: &Minted, above: &[&Minted]) -> PathBuf {
        let mut text = leaf.key.private_key_to_pem_pkcs8().expect("PEM");
        text.extend(pem(leaf));
        above.iter().for_each(|minted| text.extend(pem(minted)));
        self.write(name, &text)
    }

    /// The same with the good intermediates.
    pub(super) fn with_chain(&self, name: &str, leaf: &Minted) -> PathBuf {
        self.identity(name, leaf, &[&self.issuing, &self.policy])
    }

    /// The CA that issues clients' certificates.
    pub(super) fn issuing(&self) -> &Minted {
        &self.issuing
    }

    /// The CA above it.
    pub(super) fn policy(&self) -> &Minted {
        &self.policy
    }

    /// A file with these bytes, for its owner alone.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        use std::io::Write;
        let path = self.folder.path().join(name);
        // Made elsewhere and renamed: tests run side by side and share names.
        let mut file = tempfile::NamedTempFile::new_in(self.folder.path()).expect("a file");
        file.write_all(bytes).expect("written");
        file.persist(&path).expect("renamed");
        path
    }
}

const NAMES: &[&str] = &["localhost", "acme.my.salesforce.com"];

/// A server's certificate for these names.
pub(super) fn server(issuer: Option<&Minted>, days: [i64; 2], names: &[&str]) -> Minted {
    mint(Made {
        name: names[0],
        issuer,
        usage: For::Server,
        names,
        days,
        ..Made::default()
    })
}

/// A CA of this name, its own issuer.
pub(super) fn root(name: &str) -> Minted {
    mint(Made {
        name,
        usage: For::Issuing,
        ..Made::default()
    })
}

pub(super) fn pem(minted: &Minted) -> Vec<u8> {
    minted.certificate.to_pem().expect("PEM")
}

pub(super) fn mint(made: Made<'_>) -> Minted {
    let mut subject = X509NameBuilder::new().expect("a name");
    subject
        .append_entry_by_nid(Nid::COMMONNAME, made.name)
        .expect("a name");
    let subject = subject.build();
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a clock");
    let now = i64::try_from(now.as_secs()).expect("a clock");
    let time = |days: i64| Asn1Time::from_unix(now + days * 86_400).expect("a time");
    let mut serial = BigNum::new().expect("a number");
    serial.rand(100, MsbOption::ONE, false).expect("a number");
    let serial = Asn1Integer::from_bn(&serial).expect("a number");

    let mut builder = X509Builder::new().expect("a builder");
    builder.set_version(2).expect("a version");
    builder.set_serial_number(&serial).expect("a number");
    builder.set_subject_name(&subject).expect("a name");
    let issuer = made.issuer;
    let issuer_name = issuer.map_or(&*subject, |issuer| issuer.certificate.subject_name());
    builder.set_issuer_name(issuer_name).expect("a name");
    builder.set_not_before(&time(made.days[0])).expect("a time");
    builder.set_not_after(&time(made.days[1])).expect("a time");
    builder.set_pubkey(&made.key).expect("a key");
    let extension = match made.usage {
        For::Issuing => BasicConstraints::new().critical().ca().build(),
        For::Server => ExtendedKeyUsage::new().server_auth().build(),
        For::Client => ExtendedKeyUsage::new().client_auth().build(),
    };
    builder
        .append_extension(extension.expect("an extension"))
        .expect("an extension");
    if !made.names.is_empty() {
        let mut names = SubjectAlternativeName::new();
        for name in made.names {
            names.dns(name);
        }
        let context = builder.x509v3_context(issuer.map(|i| &*i.certificate), None);
        let names = names.build(&context).expect("an extension");
        builder.append_extension(names).expect("an extension");
    }
    let signer = issuer.map_or(&made.key, |issuer| &issuer.key);
    builder.sign(signer, made.digest).expect("a signature");
    Minted {
        certificate: builder.build(),
        key: made.key,
    }
}
