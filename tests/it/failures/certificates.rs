//! Server certificates of a CA that is not the org's, minted once a run.

use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509NameBuilder};

/// A certificate and its key.
pub(crate) struct Minted {
    pub(crate) certificate: X509,
    pub(crate) key: PKey<Private>,
}

/// A CA with three servers.
pub(crate) struct Certificates {
    pub(crate) ca: Minted,
    /// For `localhost`.
    pub(crate) server: Minted,
    /// For `localhost`, until yesterday.
    pub(crate) expired: Minted,
    /// For `elsewhere.test`.
    pub(crate) elsewhere: Minted,
}

pub(crate) fn certificates() -> &'static Certificates {
    static CERTIFICATES: LazyLock<Certificates> = LazyLock::new(|| {
        let ca = mint("Other Server CA", None, 100);
        Certificates {
            server: mint("localhost", Some(&ca), 100),
            expired: mint("localhost", Some(&ca), -1),
            elsewhere: mint("elsewhere.test", Some(&ca), 100),
            ca,
        }
    });
    &CERTIFICATES
}

impl Minted {
    pub(crate) fn pem(&self) -> Vec<u8> {
        self.certificate.to_pem().expect("PEM")
    }

    pub(crate) fn pem_with_key(&self) -> Vec<u8> {
        let key = self.key.private_key_to_pem_pkcs8().expect("PEM");
        [key, self.pem()].concat()
    }
}

/// A certificate for this host, or without an issuer a CA, that ends so many days from now.
fn mint(name: &str, issuer: Option<&Minted>, days: i64) -> Minted {
    const DAY: i64 = 24 * 60 * 60;
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).expect("P-256");
    let key = PKey::from_ec_key(EcKey::generate(&group).expect("a key")).expect("a key");
    let mut subject = X509NameBuilder::new().expect("a name");
    subject
        .append_entry_by_nid(Nid::COMMONNAME, name)
        .expect("a name");
    let subject = subject.build();
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a clock");
    let now = i64::try_from(now.as_secs()).expect("a clock");
    let time = |days: i64| Asn1Time::from_unix(now + days * DAY).expect("a time");

    let mut builder = X509Builder::new().expect("a builder");
    let mut serial = BigNum::new().expect("a number");
    serial
        .pseudo_rand(64, openssl::bn::MsbOption::ONE, false)
        .expect("a number");
    let serial = Asn1Integer::from_bn(&serial).expect("a number");
    builder.set_serial_number(&serial).expect("a serial number");
    builder.set_version(2).expect("a version");
    builder.set_subject_name(&subject).expect("a name");
    let issuer_name = issuer.map_or(&*subject, |issuer| issuer.certificate.subject_name());
    builder.set_issuer_name(issuer_name).expect("a name");
    builder.set_not_before(&time(-30)).expect("a time");
    builder.set_not_after(&time(days)).expect("a time");
    builder.set_pubkey(&key).expect("a key");
    let extension = match issuer {
        None => BasicConstraints::new().critical().ca().build(),
        Some(issuer) => {
            let context = builder.x509v3_context(Some(&issuer.certificate), None);
            SubjectAlternativeName::new().dns(name).build(&context)
        }
    };
    builder
        .append_extension(extension.expect("an extension"))
        .expect("an extension");
    let signer = issuer.map_or(&key, |issuer| &issuer.key);
    builder
        .sign(signer, MessageDigest::sha256())
        .expect("a signature");
    Minted {
        certificate: builder.build(),
        key,
    }
}
