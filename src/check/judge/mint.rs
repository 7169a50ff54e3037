//! Certificates made while a test runs, good ones or with one fault each.

use std::sync::OnceLock;

use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::{BigNum, MsbOption};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::{X509, X509Builder, X509Extension, X509Name};

use crate::check::time::DAY;

/// 15 January 2027, 08:00 UTC.
pub(crate) const NOW: i64 = 1_800_000_000;

/// A certificate with its key.
#[derive(Clone)]
pub(crate) struct Minted {
    pub(crate) key: PKey<Private>,
    pub(crate) certificate: X509,
}

/// A certificate to be made.
#[derive(Clone)]
pub(crate) struct Mint {
    name: Vec<(&'static str, String)>,
    key: PKey<Private>,
    /// Seconds since 1970.
    life: (i64, i64),
    version: i32,
    digest: MessageDigest,
    serial: Option<u32>,
    /// As in openssl.cnf, x509v3_config(5).
    extensions: Vec<(Nid, String)>,
}

pub(crate) fn ec() -> PKey<Private> {
    PKey::ec_gen("prime256v1").expect("a key")
}

/// RSA keys are slow to make: one a length.
pub(crate) fn rsa(bits: u32) -> PKey<Private> {
    static KEYS: [OnceLock<PKey<Private>>; 3] = [const { OnceLock::new() }; 3];
    let slot = match bits {
        1024 => 0,
        2048 => 1,
        _ => 2,
    };
    let make = || PKey::from_rsa(Rsa::generate(bits).expect("a key")).expect("a key");
    KEYS[slot].get_or_init(make).clone()
}

/// A CA: `O=Lab, CN=…`, ten years.
pub(crate) fn ca(name: &str) -> Mint {
    Mint::new(&[("O", "Lab"), ("CN", name)])
        .days(-100, 3650)
        .with(Nid::BASIC_CONSTRAINTS, "critical,CA:TRUE")
        .with(Nid::KEY_USAGE, "critical,keyCertSign,cRLSign")
}

/// A good client certificate: a year, of which 300 days are left.
pub(crate) fn client(name: &str) -> Mint {
    Mint::new(&[("O", "Example"), ("CN", name)])
        .days(-65, 300)
        .with(Nid::BASIC_CONSTRAINTS, "critical,CA:FALSE")
        .with(Nid::KEY_USAGE, "critical,digitalSignature")
        .with(Nid::EXT_KEY_USAGE, "clientAuth")
}

impl Mint {
    fn new(name: &[(&'static str, &str)]) -> Self {
        Self {
            name: name.iter().map(|&(k, v)| (k, v.to_owned())).collect(),
            key: ec(),
            life: (NOW, NOW),
            version: 2,
            digest: MessageDigest::sha256(),
            serial: None,
            extensions: vec![
                (Nid::SUBJECT_KEY_IDENTIFIER, "hash".to_owned()),
                (Nid::AUTHORITY_KEY_IDENTIFIER, "keyid".to_owned()),
            ],
        }
    }

    pub(crate) fn named(mut self, name: &[(&'static str, &str)]) -> Self {
        self.name = name.iter().map(|&(k, v)| (k, v.to_owned())).collect();
        self
    }

    pub(crate) fn key(mut self, key: &PKey<Private>) -> Self {
        self.key = key.clone();
        self
    }

    /// From and to, in days from [`NOW`].
    pub(crate) fn days(self, from: i64, to: i64) -> Self {
        self.seconds(from * DAY, to * DAY)
    }

    pub(crate) fn seconds(mut self, from: i64, to: i64) -> Self {
        self.life = (NOW + from, NOW + to);
        self
    }

    pub(crate) fn version_1(mut self) -> Self {
        self.version = 0;
        self.extensions.clear();
        self
    }

    /// What the issuer signs with.
    pub(crate) fn digest(mut self, digest: MessageDigest) -> Self {
        self.digest = digest;
        self
    }

    pub(crate) fn serial(mut self, serial: u32) -> Self {
        self.serial = Some(serial);
        self
    }

    /// Adds an extension, in place of the one that is there.
    pub(crate) fn with(self, kind: Nid, value: &str) -> Self {
        let mut this = self.without(kind);
        this.extensions.push((kind, value.to_owned()));
        this
    }

    pub(crate) fn without(mut self, kind: Nid) -> Self {
        self.extensions.retain(|(other, _)| *other != kind);
        self
    }

    pub(crate) fn self_signed(self) -> Minted {
        let (name, key) = (name_of(&self.name), self.key.clone());
        self.sign(&name, &key, None)
    }

    pub(crate) fn by(self, issuer: &Minted) -> Minted {
        let name = issuer
            .certificate
            .subject_name()
            .to_owned()
            .expect("a name");
        self.sign(&name, &issuer.key, Some(&issuer.certificate))
    }

    fn sign(self, issuer: &X509Name, key: &PKey<Private>, certificate: Option<&X509>) -> Minted {
        let mut builder = X509::builder().expect("a builder");
        let serial = match self.serial {
            Some(serial) => BigNum::from_u32(serial).expect("a number"),
            None => {
                let mut random = BigNum::new().expect("a number");
                random.rand(96, MsbOption::ONE, false).expect("random");
                random
            }
        };
        let time = |unix| Asn1Time::from_unix(unix).expect("a time");
        builder.set_version(self.version).expect("a version");
        builder
            .set_serial_number(&Asn1Integer::from_bn(&serial).expect("a number"))
            .expect("a serial number");
        builder
            .set_subject_name(&name_of(&self.name))
            .expect("a subject");
        builder.set_issuer_name(issuer).expect("an issuer");
        builder.set_not_before(&time(self.life.0)).expect("a start");
        builder.set_not_after(&time(self.life.1)).expect("an end");
        builder.set_pubkey(&self.key).expect("a public key");
        for (kind, value) in &self.extensions {
            let extension = extension(&builder, certificate, *kind, value);
            builder.append_extension(extension).expect("an extension");
        }
        builder.sign(key, self.digest).expect("a signature");
        let der = builder.build().to_der().expect("an encoding");
        Minted {
            key: self.key,
            // As it is read: what is built keeps things that the encoding does not hold.
            certificate: X509::from_der(&der).expect("a certificate"),
        }
    }
}

#[expect(
    deprecated,
    reason = "the typed builders lack name constraints, authority information and most faults"
)]
fn extension(
    builder: &X509Builder,
    issuer: Option<&X509>,
    kind: Nid,
    value: &str,
) -> X509Extension {
    let context = builder.x509v3_context(issuer.map(AsRef::as_ref), None);
    X509Extension::new_nid(None, Some(&context), kind, value)
        .unwrap_or_else(|error| panic!("{kind:?} = {value}: {error}"))
}

fn name_of(entries: &[(&'static str, String)]) -> X509Name {
    let mut name = X509Name::builder().expect("a name");
    for (kind, value) in entries {
        name.append_entry_by_text(kind, value).expect("an entry");
    }
    name.build()
}
