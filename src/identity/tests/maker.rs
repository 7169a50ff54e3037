//! Makes PKCS#12 files bag by bag, by RFC 7292 and RFC 8018 alone: what no program exports, and what
//! the OpenSSL at hand may be too old to write.

use openssl::hash::{MessageDigest, hash};
use openssl::pkey::PKey;
use openssl::sign::Signer;
use openssl::symm::{Cipher, encrypt};

const SALT: [u8; 8] = *b"8 octets";
const VECTOR: [u8; 16] = *b"16 octets exact.";

/// The MAC of a file.
pub(super) enum Mac<'a> {
    None,
    /// RFC 7292 B with SHA-256 and one round.
    Classic(&'a str),
    /// PBMAC1 of RFC 9579: PBKDF2 and HMAC, both with SHA-256.
    Pbmac1(&'a str),
}

/// One element.
pub(super) fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = vec![tag];
    match length {
        0..0x80 => out.push(length as u8),
        _ => out.extend([
            0x83,
            (length >> 16) as u8,
            (length >> 8) as u8,
            length as u8,
        ]),
    }
    parts.iter().for_each(|part| out.extend(*part));
    out
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    der(0x30, parts)
}

fn oid(text: &str) -> Vec<u8> {
    let name = openssl::asn1::Asn1Object::from_str(text).unwrap();
    der(6, &[name.as_slice()])
}

fn number(value: u32) -> Vec<u8> {
    let bytes = [&[0][..], &value.to_be_bytes()].concat();
    let zeros = bytes
        .windows(2)
        .take_while(|pair| pair[0] == 0 && pair[1] < 0x80);
    let start = zeros.count();
    der(2, &[&bytes[start..]])
}

fn pbkdf2(iterations: u32, length: u32) -> Vec<u8> {
    let prf = sequence(&[&oid("1.2.840.113549.2.9"), &[5, 0]]);
    let parameters = sequence(&[
        &der(4, &[&SALT]),
        &number(iterations),
        &number(length),
        &prf,
    ]);
    sequence(&[&oid("1.2.840.113549.1.5.12"), &parameters])
}

fn derived(password: &[u8], iterations: u32) -> [u8; 32] {
    let mut key = [0; 32];
    let sha256 = MessageDigest::sha256();
    openssl::pkcs5::pbkdf2_hmac(password, &SALT, iterations as usize, sha256, &mut key).unwrap();
    key
}

/// PBES2 with AES-256-CBC: the algorithm and the encrypted content. What says that it takes more than
/// two iterations cannot be opened, for it is made with two.
pub(super) fn pbes2(content: &[u8], password: &[u8], iterations: u32) -> (Vec<u8>, Vec<u8>) {
    let cipher = sequence(&[&oid("2.16.840.1.101.3.4.1.42"), &der(4, &[&VECTOR])]);
    let parameters = sequence(&[&pbkdf2(iterations, 32), &cipher]);
    let algorithm = sequence(&[&oid("1.2.840.113549.1.5.13"), &parameters]);
    let key = derived(password, iterations.min(2));
    let encrypted = encrypt(Cipher::aes_256_cbc(), &key, Some(&VECTOR), content).unwrap();
    (algorithm, encrypted)
}

fn bag(number: u8, value: &[u8]) -> Vec<u8> {
    let kind = oid(&format!("1.2.840.113549.1.12.10.1.{number}"));
    sequence(&[&kind, &der(0xa0, &[value])])
}

/// A key without encryption, in PKCS#8.
pub(super) fn key_bag(key: &[u8]) -> Vec<u8> {
    bag(1, key)
}

pub(super) fn shrouded_key_bag(key: &[u8], password: &[u8], iterations: u32) -> Vec<u8> {
    let (algorithm, encrypted) = pbes2(key, password, iterations);
    bag(2, &sequence(&[&algorithm, &der(4, &[&encrypted])]))
}

pub(super) fn certificate_bag(certificate: &[u8]) -> Vec<u8> {
    let octets = der(0xa0, &[&der(4, &[certificate])]);
    bag(3, &sequence(&[&oid("1.2.840.113549.1.9.22.1"), &octets]))
}

/// A CRL bag (4) or a secret bag (5) with something in it.
pub(super) fn other_bag(number: u8) -> Vec<u8> {
    let octets = der(0xa0, &[&der(4, &[b"something"])]);
    bag(
        number,
        &sequence(&[&oid("1.2.840.113549.1.9.23.1"), &octets]),
    )
}

/// Bags inside a bag.
pub(super) fn nested_bag(bags: &[Vec<u8>]) -> Vec<u8> {
    bag(6, &contents(bags))
}

pub(super) fn contents(bags: &[Vec<u8>]) -> Vec<u8> {
    sequence(&[&bags.concat()])
}

pub(super) fn plain_safe(bags: &[Vec<u8>]) -> Vec<u8> {
    data(&contents(bags))
}

fn data(content: &[u8]) -> Vec<u8> {
    let octets = der(0xa0, &[&der(4, &[content])]);
    sequence(&[&oid("1.2.840.113549.1.7.1"), &octets])
}

pub(super) fn encrypted_safe(bags: &[Vec<u8>], password: &[u8]) -> Vec<u8> {
    encrypted_content(&contents(bags), password)
}

/// A safe with these bytes in it, whatever they are.
pub(super) fn encrypted_content(content: &[u8], password: &[u8]) -> Vec<u8> {
    let (algorithm, encrypted) = pbes2(content, password, 2);
    let data = oid("1.2.840.113549.1.7.1");
    let content = sequence(&[&data, &algorithm, &der(0x80, &[&encrypted])]);
    let encrypted_data = sequence(&[&number(0), &content]);
    sequence(&[&oid("1.2.840.113549.1.7.6"), &der(0xa0, &[&encrypted_data])])
}

/// The whole file.
pub(super) fn file(safes: &[Vec<u8>], mac: &Mac<'_>) -> Vec<u8> {
    let authenticated = contents(safes);
    let mac = match mac {
        Mac::None => Vec::new(),
        Mac::Classic(password) => classic(&authenticated, password),
        Mac::Pbmac1(password) => pbmac1(&authenticated, password),
    };
    sequence(&[&der(2, &[&[3]]), &data(&authenticated), &mac])
}

fn mac_data(algorithm: &[u8], key: &[u8], content: &[u8]) -> Vec<u8> {
    let key = PKey::hmac(key).unwrap();
    let mut signer = Signer::new(MessageDigest::sha256(), &key).unwrap();
    let mac = signer.sign_oneshot_to_vec(content).unwrap();
    let digest_info = sequence(&[algorithm, &der(4, &[&mac])]);
    sequence(&[&digest_info, &der(4, &[&SALT]), &number(1)])
}

/// RFC 7292 B.2 with SHA-256: its output is as long as the key, so one block is all.
fn classic(content: &[u8], password: &str) -> Vec<u8> {
    let units = password.encode_utf16().chain([0]);
    let password: Vec<u8> = units.flat_map(u16::to_be_bytes).collect();
    let filled = |bytes: &[u8]| -> Vec<u8> {
        let length = bytes.len().next_multiple_of(64);
        bytes.iter().copied().cycle().take(length).collect()
    };
    let input = [vec![3; 64], filled(&SALT), filled(&password)].concat();
    let key = hash(MessageDigest::sha256(), &input).unwrap();
    let algorithm = sequence(&[&oid("2.16.840.1.101.3.4.2.1"), &[5, 0]]);
    mac_data(&algorithm, &key, content)
}

fn pbmac1(content: &[u8], password: &str) -> Vec<u8> {
    let hmac = sequence(&[&oid("1.2.840.113549.2.9"), &[5, 0]]);
    let parameters = sequence(&[&pbkdf2(2, 32), &hmac]);
    let algorithm = sequence(&[&oid("1.2.840.113549.1.5.14"), &parameters]);
    mac_data(&algorithm, &derived(password.as_bytes(), 2), content)
}
