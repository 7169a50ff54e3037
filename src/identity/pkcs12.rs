//! Walks through PKCS#12 files (RFC 7292), bag by bag.
//!
//! OpenSSL's `PKCS12_parse` takes the first key and no other, gives up at the first thing it cannot
//! read, and tells neither how a bag is encrypted nor that a password would open it but for the MAC.
//! Here the structure is read by `der`; OpenSSL verifies the MAC, decrypts, and reads keys and
//! certificates. Left out, as OpenSSL does: CRL and secret bags, parts enveloped for a public key,
//! and MACs that are signatures.

use std::borrow::Cow;

use openssl::pkcs12::Pkcs12;
use openssl::pkey::{PKey, Private};
use openssl::x509::X509;

use super::contents::Wanted;
use super::error::Problem;
use super::fits;
use super::key::Encrypted;
use super::password::Opener;
use super::refusal::{Refusal, attempt};
use super::survey::Effort;
use super::{MAX_ITERATIONS, der};
use crate::ffi;

/// How deep bags of bags are followed; real files have none.
const DEPTH: u32 = 8;

/// More than any store has; bounds the time.
const MAX_BAGS: usize = 500;

/// RFC 2315 14: data and encryptedData, 1.2.840.113549.1.7.{1,6}.
const DATA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
const ENCRYPTED_DATA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x06];
/// RFC 8018 A.5: PBMAC1, 1.2.840.113549.1.5.14.
const PBMAC1: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0e];
/// RFC 7292 4.2: the bag types, 1.2.840.113549.1.12.10.1.
const BAG_ARC: [u8; 10] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x0a, 0x01];
/// RFC 7292 4.2.3: x509Certificate, 1.2.840.113549.1.9.22.1.
const X509_CERTIFICATE: [u8; 10] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x16, 0x01];
/// `[0]`, with elements inside.
const TAGGED: u8 = 0xa0;

/// What was in the file.
#[derive(Default)]
pub(super) struct Opened {
    /// The private keys, in the file's order.
    pub(super) keys: Vec<BagKey>,
    /// The certificates, in the file's order.
    pub(super) certificates: Vec<X509>,
    /// The legacy cipher that something in it is encrypted with: `RC2-40`.
    pub(super) legacy: Option<&'static str>,
    /// What is wrong with it, in the order in which it was noticed.
    pub(super) problems: Vec<Problem>,
}

/// A private key.
pub(super) struct BagKey {
    pub(super) key: PKey<Private>,
    /// Neither the key nor what it stands in is encrypted.
    pub(super) bare: bool,
}

/// Reads all of it; with [`Effort::FirstFault`], nobody is asked for the password once something is
/// known to be wrong.
pub(super) fn read(
    bytes: &[u8],
    wanted: Wanted,
    effort: Effort,
    opener: &mut Opener<'_>,
) -> Opened {
    let mut walk = Walk {
        bytes: bytes.len(),
        wanted,
        opener,
        shut: false,
        bags: 0,
        unread: Vec::new(),
        found: Opened::default(),
    };
    if let Err(problem) = walk.file(bytes, effort) {
        walk.problem(problem);
    }
    walk.end()
}

struct Walk<'a, 'o> {
    bytes: usize,
    wanted: Wanted,
    opener: &'a mut Opener<'o>,
    /// No password opened the MAC: what is encrypted stays closed.
    shut: bool,
    bags: usize,
    /// Why keys could not be read.
    unread: Vec<Problem>,
    found: Opened,
}

impl Walk<'_, '_> {
    fn file(&mut self, bytes: &[u8], effort: Effort) -> Result<(), Problem> {
        let whole = der::whole(bytes, der::SEQUENCE).ok_or_else(|| Problem::Pkcs12Corrupt {
            bytes: bytes.len(),
            declared: der::first(bytes).and_then(|outer| outer.declared),
        })?;
        let mut parts = der::elements(whole.body).skip(1);
        let content = parts.next().ok_or_else(|| self.corrupt())?;
        let mac = parts.next();
        if mac.is_none() {
            // OpenSSL refused these up to 3.0, and curl with it: refused with every version.
            self.problem(Problem::Pkcs12NoMac);
        }
        let survey = der::survey(bytes);
        self.found.legacy = survey.legacy;
        if survey.iterations > MAX_ITERATIONS {
            return Err(Problem::TooManyIterations(survey.iterations));
        }
        let container = attempt(|| Pkcs12::from_der(bytes)).map_err(|_| self.corrupt())?;
        let is_over = |walk: &Self| effort == Effort::FirstFault && !walk.found.problems.is_empty();
        if let Some(mac) = mac
            && !is_over(self)
        {
            self.verify(&container, mac);
        }
        if is_over(self) {
            return Ok(());
        }
        let authenticated = data(content.body).ok_or_else(|| self.corrupt())?;
        let safes = der::whole(&authenticated, der::SEQUENCE).ok_or_else(|| self.corrupt())?;
        self.each(safes.body, Self::safe);
        Ok(())
    }

    /// Finds the password that the MAC verifies with.
    fn verify(&mut self, container: &Pkcs12, mac: der::Element<'_>) {
        let broken = self.corrupt();
        let iterations = der::survey(mac.raw).iterations;
        let outcome = self.opener.open(iterations, broken, |password| {
            match attempt(|| ffi::pkcs12::mac_verifies(container, password))? {
                true => Ok(()),
                false => Err(Refusal::Password),
            }
        });
        if let Some(mut fault) = outcome.fault {
            if let Problem::UnsupportedEncryption(what) = &mut fault
                && mac.raw.windows(PBMAC1.len()).any(|window| window == PBMAC1)
            {
                // OpenSSL before 3.4 calls it an unknown digest.
                "PBMAC1".clone_into(what);
            }
            self.shut = outcome.value.is_none() && fault.is_of_password();
            self.problem(fault);
        }
    }

    /// A ContentInfo of the AuthenticatedSafe.
    fn safe(&mut self, safe: der::Element<'_>) -> Option<()> {
        let kind = der::whole(safe.body, der::OID)?;
        if kind.body == DATA {
            self.bags(&data(safe.body)?, true, DEPTH)
        } else if kind.body == ENCRYPTED_DATA {
            self.encrypted(kind.rest)
        } else {
            Some(())
        }
    }

    /// EncryptedData (RFC 2315 13).
    fn encrypted(&mut self, content: &[u8]) -> Option<()> {
        let data = der::whole(der::whole(content, TAGGED)?.body, der::SEQUENCE)?;
        let version = der::whole(data.body, der::INTEGER)?;
        let content = der::whole(version.rest, der::SEQUENCE)?;
        let algorithm = der::whole(der::whole(content.body, der::OID)?.rest, der::SEQUENCE)?;
        let encrypted = der::first(algorithm.rest).filter(|content| content.whole)?;
        if encrypted.tag & !der::CONSTRUCTED != TAGGED & !der::CONSTRUCTED {
            return None;
        }
        if self.shut {
            return Some(());
        }
        let encrypted = encrypted.octets();
        let iterations = self.see(algorithm.raw);
        let broken = self.corrupt();
        let outcome = self.opener.open(iterations, broken, |password| {
            let bags = attempt(|| ffi::pkcs12::decrypt(algorithm.raw, password, &encrypted))?;
            // A wrong password shows as bad padding 255 times of 256, else as something else.
            match der::whole(&bags, der::SEQUENCE) {
                Some(_) => Ok(bags),
                None => Err(Refusal::Password),
            }
        });
        if let Some(fault) = outcome.fault {
            self.problem(fault);
        }
        match outcome.value {
            Some(bags) => self.bags(&bags, false, DEPTH),
            None => Some(()),
        }
    }

    /// SafeContents.
    fn bags(&mut self, contents: &[u8], bare: bool, depth: u32) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        let bags = der::whole(contents, der::SEQUENCE)?;
        self.each(bags.body, |walk, bag| walk.bag(bag, bare, depth));
        Some(())
    }

    /// `bare`: nothing around the bag is encrypted.
    fn bag(&mut self, bag: der::Element<'_>, bare: bool, depth: u32) -> Option<()> {
        self.bags += 1;
        let kind = der::whole(bag.body, der::OID)?;
        let value = der::whole(kind.rest, TAGGED)?.body;
        match kind.body.strip_prefix(&BAG_ARC) {
            Some([1]) if self.wanted.keys => {
                let key = attempt(|| PKey::private_key_from_pkcs8(value));
                match key {
                    Ok(key) => self.found.keys.push(BagKey { key, bare }),
                    Err(refusal) => self.unread.push(refusal.problem(self.corrupt())),
                }
            }
            Some([2]) if self.wanted.keys && !self.shut => {
                self.shrouded_key(&Encrypted::read(value)?);
            }
            Some([3]) => self.certificate(value)?,
            Some([6]) => self.bags(value, bare, depth)?,
            _ => {}
        }
        Some(())
    }

    fn shrouded_key(&mut self, encrypted: &Encrypted<'_>) {
        let iterations = self.see(encrypted.algorithm);
        let broken = self.corrupt();
        let outcome = self
            .opener
            .open(iterations, broken, |password| encrypted.open(password));
        match outcome.value {
            Some(key) => {
                self.found.keys.push(BagKey { key, bare: false });
                if let Some(misspelled) = outcome.fault {
                    self.problem(misspelled);
                }
            }
            None => self.unread.extend(outcome.fault),
        }
    }

    /// CertBag.
    fn certificate(&mut self, value: &[u8]) -> Option<()> {
        let bag = der::whole(value, der::SEQUENCE)?;
        let kind = der::whole(bag.body, der::OID)?;
        if kind.body != X509_CERTIFICATE {
            return Some(());
        }
        let certificate = octets(der::whole(kind.rest, TAGGED)?.body)?;
        let certificate = attempt(|| X509::from_der(&certificate)).ok()?;
        self.found.certificates.push(certificate);
        Some(())
    }

    /// Looks at an algorithm: how many iterations it takes, and whether it is a legacy one.
    fn see(&mut self, algorithm: &[u8]) -> u64 {
        let survey = der::survey(algorithm);
        self.found.legacy = self.found.legacy.or(survey.legacy);
        survey.iterations
    }

    /// Goes through the elements of a list, and goes on after a broken one.
    fn each(
        &mut self,
        mut list: &[u8],
        mut one: impl FnMut(&mut Self, der::Element<'_>) -> Option<()>,
    ) {
        while !list.is_empty() && self.bags <= MAX_BAGS {
            let element = der::whole(list, der::SEQUENCE);
            list = element.map_or(&[], |element| element.rest);
            if element.and_then(|element| one(self, element)).is_none() {
                self.problem(self.corrupt());
            }
        }
    }

    fn problem(&mut self, problem: Problem) {
        if !self.found.problems.contains(&problem) {
            self.found.problems.push(problem);
        }
    }

    fn corrupt(&self) -> Problem {
        Problem::Pkcs12Corrupt {
            bytes: self.bytes,
            declared: None,
        }
    }

    fn end(mut self) -> Opened {
        if self.bags > MAX_BAGS {
            let looks = format!("it holds more than {MAX_BAGS} bags");
            self.problem(Problem::Unrecognized(looks));
        }
        // In a store of several entries each may have a password of its own. One that stays closed
        // does no harm where another is the right one.
        let found = &self.found;
        let has_its_key = match found.certificates.as_slice() {
            [] => !found.keys.is_empty(),
            certificates => certificates
                .iter()
                .any(|certificate| found.keys.iter().any(|key| fits(certificate, &key.key))),
        };
        if !has_its_key {
            for problem in std::mem::take(&mut self.unread) {
                self.problem(problem);
            }
        }
        self.found
    }
}

/// The content of a ContentInfo of the type data.
fn data(content_info: &[u8]) -> Option<Cow<'_, [u8]>> {
    let kind = der::whole(content_info, der::OID).filter(|kind| kind.body == DATA)?;
    octets(der::whole(kind.rest, TAGGED)?.body)
}

/// An OCTET STRING, in one piece or in chunks.
fn octets(input: &[u8]) -> Option<Cow<'_, [u8]>> {
    let octets = der::first(input).filter(|element| element.whole)?;
    (octets.tag & !der::CONSTRUCTED == der::OCTETS).then(|| octets.octets())
}
