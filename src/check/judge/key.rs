//! The private key: does it belong to the certificate, is it whole, and will servers accept it.

use openssl::bn::{BigNum, BigNumContext, BigNumRef};
use openssl::error::ErrorStack;
use openssl::pkey::{Id, PKeyRef, Private};
use openssl::rsa::RsaRef;

use super::words;
use super::{Case, SECURITY_BITS};
use crate::check::finding::{Finding, Subject};
use crate::check::kind::{Kind, LONGEST_RSA, UseInTls};
use crate::ffi::certificate::is_consistent;
use crate::identity::chain::NoKeyFits;
use crate::identity::survey::{Key, Survey};
use crate::identity::{key_mismatch, name, public_sha256};
use crate::text::words::count;

pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(mismatch(case));
    findings.extend(several(&case.survey.keys, case.key));
    let key = case.key.or((!case.survey.keys.is_empty()).then_some(0));
    findings.extend(key.and_then(|key| {
        let command = case
            .commands()
            .order_for_new_key(case.certificate(case.leaf()));
        Some(invalid(&case.survey.keys[key])?.command(command))
    }));
    findings.extend(size(case));
    findings.extend(kind(case));
    findings
}

/// What can be said of keys alone.
pub(super) fn without_certificate(survey: &Survey) -> Vec<Finding> {
    let mut findings = several(&survey.keys, None);
    findings.extend(survey.keys.first().and_then(invalid));
    findings
}

/// What can be said where all certificates are those of CAs.
pub(super) fn findings_without_leaf(case: &Case<'_>) -> Vec<Finding> {
    let mismatch = mismatch(case).map(|finding| {
        finding.why("all certificates in the file are those of CAs: the client's own is missing")
    });
    let mut findings: Vec<Finding> = mismatch.into_iter().collect();
    findings.extend(without_certificate(case.survey));
    findings
}

fn mismatch(case: &Case<'_>) -> Option<Finding> {
    let keys = &case.survey.keys;
    let first = keys.first().filter(|_| case.key.is_none())?;
    // The key may well belong to what could not be read.
    if case.is_damaged() {
        return None;
    }
    let no_key_fits = NoKeyFits {
        leaf: case.certificate(case.leaf()).clone(),
        belongs_to: case.belongs_to.map(|ca| case.certificate(ca).clone()),
    };
    let all: Vec<_> = keys.iter().map(|key| key.key.clone()).collect();
    let certificate = case.place(case.leaf());
    let error = key_mismatch(&certificate.file, &first.place.file, &all, &no_key_fits);
    let finding = Finding::of_error(&error, Subject::Key)
        .at(&first.place)
        .fact("key_sha256", public_sha256(&first.key))
        .fact("subject", name(no_key_fits.leaf.subject_name()));
    let wanted = case.pool.public_key(case.leaf());
    Some(match wanted {
        Some(wanted) => finding.fact("wanted_sha256", public_sha256(wanted)),
        None => finding,
    })
}

fn several(keys: &[Key], matching: Option<usize>) -> Vec<Finding> {
    let [first, second, ..] = keys else {
        return Vec::new();
    };
    let which = match matching {
        Some(index) => format!("number {} is the certificate's", index + 1),
        None => "none of them is the certificate's".to_owned(),
    };
    let wrong = if matching == Some(0) { second } else { first };
    vec![
        Finding::new(
            "multiple-keys",
            Subject::Key,
            format!(
                "{} holds {}: {which}",
                first.place.file.display(),
                count(keys.len(), "private key")
            ),
        )
        .at(&wrong.place)
        .why("curl and others take the first key, whatever certificate it belongs to")
        .fact("keys", keys.len())
        .fact("matches", matching.map(|index| index + 1)),
    ]
}

fn invalid(key: &Key) -> Option<Finding> {
    if is_whole(&key.key) {
        return None;
    }
    let message = format!(
        "the private key in {} is damaged: its parts do not belong together",
        key.place.file.display()
    );
    let finding = Finding::new("key-invalid", Subject::Key, message)
        .at(&key.place)
        .why("what is signed with it does not verify, so the server refuses the handshake")
        .advice("restore it from where it was made, or order a certificate for a new key");
    Some(finding)
}

/// Whether the parts of a key belong together. Kinds of key that TLS has no use for are not looked at.
fn is_whole(key: &PKeyRef<Private>) -> bool {
    match key.id() {
        Id::RSA | Id::RSA_PSS if key.bits() > LONGEST_RSA => true,
        Id::RSA | Id::RSA_PSS => match key.rsa() {
            Ok(rsa) => parts_fit(&rsa).unwrap_or(false),
            Err(_) => true,
        },
        Id::EC | Id::ED25519 | Id::ED448 => is_consistent(key).unwrap_or(true),
        _ => true,
    }
}

/// RFC 8017 3.2, without looking for primes again, which takes OpenSSL a third of a second: damage
/// does not leave a product intact.
fn parts_fit(rsa: &RsaRef<Private>) -> Result<bool, ErrorStack> {
    let (Some(p), Some(q)) = (rsa.p(), rsa.q()) else {
        return Ok(true);
    };
    let mut context = BigNumContext::new()?;
    let mut product = BigNum::new()?;
    product.checked_mul(p, q, &mut context)?;
    if &*product != rsa.n() {
        let mut rest = BigNum::new()?;
        rest.checked_rem(rsa.n(), &product, &mut context)?;
        // More than two primes (RFC 8017 3.2): the others are not to be had.
        return Ok(rest.num_bits() == 0);
    }
    let one = BigNum::from_u32(1)?;
    for (prime, exponent) in [(p, rsa.dmp1()), (q, rsa.dmq1())] {
        let mut order = BigNum::new()?;
        order.checked_sub(prime, &one)?;
        if !is_inverse(rsa.e(), rsa.d(), &order, &mut context)? {
            return Ok(false);
        }
        let mut reduced = BigNum::new()?;
        reduced.nnmod(rsa.d(), &order, &mut context)?;
        if exponent.is_some_and(|exponent| exponent != &*reduced) {
            return Ok(false);
        }
    }
    match rsa.iqmp() {
        Some(inverse) => is_inverse(q, inverse, p, &mut context),
        None => Ok(true),
    }
}

fn is_inverse(
    a: &BigNumRef,
    b: &BigNumRef,
    modulus: &BigNumRef,
    context: &mut BigNumContext,
) -> Result<bool, ErrorStack> {
    let mut product = BigNum::new()?;
    product.mod_mul(a, b, modulus, context)?;
    Ok(product == BigNum::from_u32(1)?)
}

/// Keys that OpenSSL refuses by default: the leaf's when it is loaded, an issuer's in the handshake.
fn size(case: &Case<'_>) -> Vec<Finding> {
    // A leaf's key of a kind that TLS does not know has worse than its size.
    let too_small = |&(about, index): &(Subject, usize)| {
        let key = case.pool.public_key(index);
        key.is_some_and(|key| {
            let matters = about != Subject::Leaf || Kind::of(key).use_in_tls != UseInTls::None;
            key.security_bits() < SECURITY_BITS && matters
        })
    };
    case.sent()
        .filter(too_small)
        .map(|(subject, index)| {
            let certificate = case.certificate(index);
            let kind = Kind::of_certificate(certificate);
            let finding = Finding::new(
                "key-too-small",
                subject,
                format!(
                    "the key of {} is too small: {}, where RSA 2048 or EC P-256 is needed",
                    words::subject(certificate),
                    kind.description
                ),
            )
            .at(case.place(index))
            .why("OpenSSL and other TLS libraries refuse it at their default security level")
            .fact("bits", kind.bits);
            match subject {
                Subject::Leaf => finding
                    .advice("order a certificate for a new key")
                    .command(case.commands().order_for_new_key(certificate)),
                _ => finding.advice("order a certificate below another CA"),
            }
        })
        .collect()
}

fn kind(case: &Case<'_>) -> Option<Finding> {
    let leaf = case.certificate(case.leaf());
    let kind = Kind::of_certificate(leaf);
    let description = &kind.description;
    let finding = match kind.use_in_tls {
        UseInTls::Common => return None,
        UseInTls::Uncommon => Finding::new(
            "key-type-uncommon",
            Subject::Key,
            format!("the key is {description}, which few servers accept"),
        )
        .advice("if it is refused, order a certificate for a new key of RSA 2048 or EC P-256"),
        UseInTls::None if kind.name == "rsa" || kind.name == "rsa-pss" => Finding::new(
            "key-type-unsupported",
            Subject::Key,
            format!("the key is {description}, which is longer than TLS libraries verify with"),
        )
        .advice("order a certificate for a new key of RSA 2048 or EC P-256"),
        UseInTls::None => Finding::new(
            "key-type-unsupported",
            Subject::Key,
            format!("TLS has no signature scheme for the key, which is {description}"),
        )
        .why("the client would send no certificate at all, and say nothing")
        .advice("order a certificate for a new key of RSA 2048 or EC P-256"),
    };
    let finding = finding
        .at(case.place(case.leaf()))
        .command(case.commands().order_for_new_key(leaf))
        .fact("key", kind.description.clone());
    Some(finding)
}
