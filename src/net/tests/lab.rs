//! Certificates for the tests, minted once per run.

use std::path::PathBuf;
use std::sync::LazyLock;

use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{BasicConstraints, ExtendedKeyUsage, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509NameBuilder};

use crate::identity::{Format, Identity};

/// A certificate and its key.
#[derive(Clone)]
pub(super) struct Minted {
    pub(super) certificate: X509,
    pub(super) key: PKey<Private>,
}

pub(super) struct Lab {
    folder: tempfile::TempDir,
    pub(super) server_root: Minted,
    pub(super) server: Minted,
    pub(super) expired_server: Minted,
    pub(super) client_root: Minted,
    pub(super) policy: Minted,
    pub(super) issuing: Minted,
    pub(super) client: Minted,
    pub(super) expired_client: Minted,
}

pub(super) fn lab() -> &'static Lab {
    static LAB: LazyLock<Lab> = LazyLock::new(Lab::new);
    &LAB
}

impl Lab {
    fn new() -> Self {
        let server_root = mint("Lab Server Root", None, Kind::Authority, 365);
        let client_root = mint("Lab Root CA", None, Kind::Authority, 365);
        let policy = mint("Lab Policy CA", Some(&client_root), Kind::Authority, 365);
        let issuing = mint("Lab Issuing CA", Some(&policy), Kind::Authority, 365);
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            server: mint("na30.test", Some(&server_root), Kind::Server, 90),
            expired_server: mint("na30.test", Some(&server_root), Kind::Server, -1),
            client: mint("integration.test", Some(&issuing), Kind::Client, 90),
            expired_client: mint("integration.test", Some(&issuing), Kind::Client, -1),
            server_root,
            client_root,
            policy,
            issuing,
        }
    }

    pub(super) fn identity(&self) -> Identity {
        self.identity_of(&self.client, &[&self.issuing, &self.policy])
    }

    pub(super) fn identity_of(&self, leaf: &Minted, intermediates: &[&Minted]) -> Identity {
        Identity {
            key: leaf.key.clone(),
            leaf: leaf.certificate.clone(),
            intermediates: intermediates
                .iter()
                .map(|m| m.certificate.clone())
                .collect(),
            file: "client.pem".into(),
            format: Format::Pem,
            encrypted: false,
            notes: Vec::new(),
        }
    }

    /// Writes the certificates as one PEM file, under a name of its own.
    pub(super) fn file(&self, name: &str, certificates: &[&Minted]) -> PathBuf {
        let pem = certificates
            .iter()
            .map(|m| m.certificate.to_pem().expect("PEM"));
        self.write(name, &pem.collect::<Vec<_>>().concat())
    }

    /// The same with the key in front.
    pub(super) fn file_with_key(&self, name: &str, certificates: &[&Minted]) -> PathBuf {
        let mut pem = certificates[0].key.private_key_to_pem_pkcs8().expect("PEM");
        for minted in certificates {
            pem.extend(minted.certificate.to_pem().expect("PEM"));
        }
        self.write(name, &pem)
    }

    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        // Written elsewhere and renamed: tests run side by side and share names.
        let mut file = tempfile::NamedTempFile::new_in(self.folder.path()).expect("a file");
        std::io::Write::write_all(&mut file, bytes).expect("written");
        file.persist(&path).expect("renamed");
        path
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Authority,
    /// With names and, as a CA makes them, for servers only.
    Server,
    Client,
    /// Valid from tomorrow.
    NotYetClient,
}

/// A certificate that ends `days` from now; negative: it ended as long ago.
pub(super) fn mint(name: &str, issuer: Option<&Minted>, kind: Kind, days: i64) -> Minted {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).expect("P-256");
    let key = PKey::from_ec_key(EcKey::generate(&group).expect("a key")).expect("a key");
    mint_with_key(name, issuer, kind, days, key)
}

pub(super) fn mint_with_key(
    name: &str,
    issuer: Option<&Minted>,
    kind: Kind,
    days: i64,
    key: PKey<Private>,
) -> Minted {
    let mut subject = X509NameBuilder::new().expect("a name");
    subject
        .append_entry_by_nid(Nid::COMMONNAME, name)
        .expect("a name");
    let subject = subject.build();
    let mut serial = BigNum::new().expect("a number");
    serial
        .rand(100, MsbOption::MAYBE_ZERO, false)
        .expect("random");

    let mut builder = X509Builder::new().expect("a builder");
    builder.set_version(2).expect("version");
    builder
        .set_serial_number(&Asn1Integer::from_bn(&serial).expect("serial"))
        .expect("serial");
    builder.set_subject_name(&subject).expect("subject");
    let issuer_name = issuer.map_or(&*subject, |i| i.certificate.subject_name());
    builder.set_issuer_name(issuer_name).expect("issuer");
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("now");
    let now = i64::try_from(now.as_secs()).expect("now");
    let time = |days: i64| Asn1Time::from_unix(now + days * 86_400).expect("a time");
    let start = if kind == Kind::NotYetClient {
        1
    } else {
        days.min(0) - 30
    };
    builder.set_not_before(&time(start)).expect("start");
    builder.set_not_after(&time(days)).expect("end");
    builder.set_pubkey(&key).expect("key");
    if kind == Kind::Authority {
        let extension = BasicConstraints::new()
            .critical()
            .ca()
            .build()
            .expect("extension");
        builder.append_extension(extension).expect("extension");
    }
    if kind == Kind::Server {
        let extension = ExtendedKeyUsage::new()
            .server_auth()
            .build()
            .expect("extension");
        builder.append_extension(extension).expect("extension");
        let context = builder.x509v3_context(issuer.map(|i| &*i.certificate), None);
        let extension = SubjectAlternativeName::new()
            .dns("na30.test")
            .ip("127.0.0.1")
            .build(&context)
            .expect("extension");
        builder.append_extension(extension).expect("extension");
    }
    builder
        .sign(issuer.map_or(&key, |i| &i.key), MessageDigest::sha256())
        .expect("signature");
    Minted {
        certificate: builder.build(),
        key,
    }
}
