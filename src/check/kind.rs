//! Kinds of keys, and how widely TLS and servers accept them.

use openssl::nid::Nid;
use openssl::pkey::{HasPublic, Id, KeyType, PKeyRef};
use openssl::x509::X509Ref;

use crate::ffi::certificate::{has_explicit_curve, public_key_algorithm};

/// OpenSSL verifies with no longer RSA key (OPENSSL_RSA_MAX_MODULUS_BITS).
pub(super) const LONGEST_RSA: u32 = 16_384;

/// A kind of key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// In one word, for programs: `rsa`, `rsa-pss`, `ec`, `ed25519`.
    pub name: &'static str,
    /// Its length in bits; 0 where OpenSSL cannot read it.
    pub bits: u32,
    /// With its length or curve: `RSA 2048`, `EC P-256`.
    pub description: String,
    /// What it is good for.
    pub use_in_tls: UseInTls,
}

/// How widely a kind of key is accepted in TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UseInTls {
    /// Accepted everywhere.
    Common,
    /// TLS has a signature scheme for it, but few servers accept it.
    Uncommon,
    /// TLS 1.3 has none (RFC 8446 4.2.3).
    None,
}

impl Kind {
    /// The kind of this key.
    pub fn of<T: HasPublic>(key: &PKeyRef<T>) -> Self {
        use UseInTls::{Common, None, Uncommon};
        let bits = key.bits();
        let (name, description, use_in_tls) = match key.id() {
            Id::RSA => {
                let use_in_tls = match bits {
                    0..=4096 => Common,
                    4097..=LONGEST_RSA => Uncommon,
                    _ => None,
                };
                ("rsa", format!("RSA {bits}"), use_in_tls)
            }
            Id::RSA_PSS if bits > LONGEST_RSA => ("rsa-pss", format!("RSA-PSS {bits}"), None),
            Id::RSA_PSS => ("rsa-pss", format!("RSA-PSS {bits}"), Uncommon),
            Id::EC => {
                let (curve, use_in_tls) = curve(key);
                ("ec", format!("EC {curve}"), use_in_tls)
            }
            Id::ED25519 => ("ed25519", "Ed25519".to_owned(), Uncommon),
            Id::ED448 => ("ed448", "Ed448".to_owned(), Uncommon),
            Id::X25519 => ("x25519", "X25519".to_owned(), None),
            Id::X448 => ("x448", "X448".to_owned(), None),
            Id::DSA => ("dsa", format!("DSA {bits}"), None),
            Id::DH | Id::DHX => ("dh", format!("DH {bits}"), None),
            Id::SM2 => ("sm2", "SM2".to_owned(), None),
            _ => post_quantum(key),
        };
        Self {
            name,
            bits,
            description,
            use_in_tls,
        }
    }

    /// The kind of the key in this certificate, told by its algorithm where OpenSSL cannot read it.
    pub fn of_certificate(certificate: &X509Ref) -> Self {
        match certificate.public_key() {
            Ok(key) => Self::of(&key),
            Err(_) => Self {
                name: "unknown",
                bits: 0,
                description: public_key_algorithm(certificate),
                use_in_tls: UseInTls::None,
            },
        }
    }
}

fn curve<T: HasPublic>(key: &PKeyRef<T>) -> (String, UseInTls) {
    let nid = key.ec_key().ok().and_then(|key| key.group().curve_name());
    match nid.filter(|_| !has_explicit_curve(key)) {
        Some(Nid::X9_62_PRIME256V1) => ("P-256".to_owned(), UseInTls::Common),
        Some(Nid::SECP384R1) => ("P-384".to_owned(), UseInTls::Common),
        Some(Nid::SECP521R1) => ("P-521".to_owned(), UseInTls::Uncommon),
        Some(Nid::SECP224R1) => ("P-224".to_owned(), UseInTls::None),
        Some(other) => {
            let name = other.short_name().unwrap_or("unknown");
            (name.to_owned(), UseInTls::None)
        }
        None => ("with a curve in numbers".to_owned(), UseInTls::None),
    }
}

/// ML-DSA has schemes in TLS 1.3 (draft-ietf-tls-mldsa), and OpenSSL offers them from 3.5 on.
fn post_quantum<T: HasPublic>(key: &PKeyRef<T>) -> (&'static str, String, UseInTls) {
    let known = [
        (KeyType::ML_DSA_44, "ML-DSA-44"),
        (KeyType::ML_DSA_65, "ML-DSA-65"),
        (KeyType::ML_DSA_87, "ML-DSA-87"),
    ];
    match known.into_iter().find(|(kind, _)| key.is_a(*kind)) {
        Some((_, name)) => ("ml-dsa", name.to_owned(), UseInTls::Uncommon),
        None => ("unknown", "unknown".to_owned(), UseInTls::None),
    }
}
