//! Whether it may be used as a client's: extended key usage, key usage, and whether it is a CA's own.

use openssl::x509::{X509KeyUsage, X509Ref};

use super::Case;
use super::words::subject;
use crate::check::finding::{Finding, Severity, Subject};
use crate::ffi::certificate::extended_key_usage;
use crate::text::words::count;
use openssl::nid::Nid;

const CLIENT: &str = "clientAuth";
const SERVER: &str = "serverAuth";

/// The names of the extended key usages: `clientAuth`, or an object identifier where OpenSSL has no
/// name; `None` where there is no such extension.
pub(in crate::check) fn extended_usages(certificate: &X509Ref) -> Option<Vec<String>> {
    let usages = extended_key_usage(certificate)?;
    let name = |object: &openssl::asn1::Asn1ObjectRef| match object.nid().short_name() {
        Ok(short) if object.nid() != Nid::UNDEF => short.to_owned(),
        _ => object.to_string(),
    };
    Some(usages.iter().map(name).collect())
}

pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(of_leaf(case));
    findings.extend(key_usage(case));
    findings.extend(ca(case));
    for (about, index) in case.sent().skip(1) {
        findings.extend(of_issuer(case, about, index));
    }
    findings
}

fn of_leaf(case: &Case<'_>) -> Option<Finding> {
    let certificate = case.certificate(case.leaf());
    let order = |finding: Finding| {
        finding
            .at(case.place(case.leaf()))
            .command(case.commands().order(certificate))
    };
    let Some(usages) = extended_usages(certificate) else {
        // A certificate of version 1 has no extensions, which the finding about its version says.
        return (certificate.version() > 0).then(|| {
            order(
                Finding::new(
                    "eku-missing",
                    Subject::Leaf,
                    format!("{} has no extended key usage", subject(certificate)),
                )
                .why("TLS accepts that, but Salesforce's page asks for clientAuth")
                .advice("ask for clientAuth at the next renewal"),
            )
        });
    };
    let has = |usage: &str| usages.iter().any(|name| name == usage);
    if !has(CLIENT) {
        let message = format!(
            "{} may be used for {} only, not for clientAuth",
            subject(certificate),
            list(&usages)
        );
        return Some(order(
            Finding::new("eku-no-client-auth", Subject::Leaf, message)
                .why(if has("anyExtendedKeyUsage") {
                    "OpenSSL does not take anyExtendedKeyUsage for clientAuth, and Salesforce asks for that"
                } else {
                    "Salesforce asks for clientAuth; public CAs have left it out by default since October 2025"
                })
                .advice("order a certificate with clientAuth")
                .fact("eku", usages),
        ));
    }
    if !has(SERVER) {
        return None;
    }
    let is_public = case.ends_at_public_root();
    let finding = Finding::new(
        "eku-dual-purpose",
        Subject::Leaf,
        format!("{} may be used for serverAuth and clientAuth", subject(certificate)),
    )
    .at(case.place(case.leaf()))
    .why("public CAs end this by 15 March 2027 at the latest: the next renewal may come without clientAuth")
    .advice("plan now for a private CA, or a public one that issues for clients only");
    Some(match is_public {
        true => finding,
        false => finding.severity(Severity::Info),
    })
}

fn of_issuer(case: &Case<'_>, about: Subject, index: usize) -> Option<Finding> {
    let certificate = case.certificate(index);
    let usages = extended_usages(certificate)?;
    if usages.iter().any(|name| name == CLIENT) {
        return None;
    }
    let message = format!(
        "the CA {} may issue for {} only, not for clientAuth",
        subject(certificate),
        list(&usages)
    );
    let finding = Finding::new("intermediate-eku-no-client-auth", about, message)
        .at(case.place(index))
        .why("the usages of a CA limit those of all certificates below it")
        .advice("order a certificate from a CA that may issue for clients")
        .fact("eku", usages);
    Some(finding)
}

fn key_usage(case: &Case<'_>) -> Option<Finding> {
    let certificate = case.certificate(case.leaf());
    let usage = certificate.key_usage()?;
    // OpenSSL takes either.
    if usage.intersects(X509KeyUsage::DIGITAL_SIGNATURE | X509KeyUsage::KEY_AGREEMENT) {
        return None;
    }
    let message = format!(
        "the key of {} may not make signatures",
        subject(certificate)
    );
    let finding = Finding::new("key-usage-no-digital-signature", Subject::Leaf, message)
        .at(case.place(case.leaf()))
        .why("a TLS client proves by a signature that it has the key, and the key usage lacks digitalSignature")
        .advice("have it issued again with digitalSignature")
        .command(case.commands().order(certificate));
    Some(finding)
}

/// A CA's own certificate as the client's. What `openssl req -x509` makes is marked as a CA too, but
/// is told to be self-signed.
fn ca(case: &Case<'_>) -> Option<Finding> {
    let leaf = case.leaf();
    let certificate = case.certificate(leaf);
    let signs = match certificate.key_usage() {
        Some(usage) => usage.contains(X509KeyUsage::KEY_CERT_SIGN),
        None => !case.pool.is_self_signed(leaf),
    };
    if !case.pool.is_ca(leaf) || !signs {
        return None;
    }
    let message = format!(
        "{} is a CA: this is its own certificate{}",
        subject(certificate),
        if case.key.is_some() { " and key" } else { "" }
    );
    let finding = Finding::new("leaf-is-ca", Subject::Leaf, message)
        .at(case.place(leaf))
        .why("whoever has this key can issue certificates for anybody")
        .advice("issue a client certificate with it, and keep the CA's key away from clients")
        .command(case.commands().order_for_new_key(certificate));
    Some(finding)
}

fn list(usages: &[String]) -> String {
    match usages {
        [] => count(0, "purpose"),
        _ => usages.join(", "),
    }
}
