//! What CAs may sign, how certificates are signed, and what OpenSSL's own verification says.
//!
//! Signatures, critical extensions and the right to issue are read from each certificate. How many
//! CAs may stand below one and which names it may sign spans several: that is OpenSSL's pass, which
//! also is a check on the rest.

use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::stack::Stack;
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::{X509VerifyFlags, X509VerifyParam};
use openssl::x509::{X509, X509KeyUsage, X509PurposeId, X509Ref, X509StoreContext};

use super::words::{short, subject};
use super::{Case, SECURITY_BITS, subject_at};
use crate::check::finding::{Finding, Subject};
use crate::ffi;
use crate::ffi::certificate::{has_invalid_extension, signature, unknown_critical_extensions};
use crate::ffi::verify::{self, Objection, objections};
use crate::identity;

pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (about, index) in case.sent() {
        findings.extend(weak_signature(case, about, index));
        findings.extend(unknown_extension(case, about, index));
        findings.extend(invalid_extension(case, about, index));
        if about != Subject::Leaf {
            findings.extend(may_issue(case, about, index));
        }
    }
    findings.extend(version(case));
    // What OpenSSL cannot verify at all, it will say when the identity is loaded.
    for objection in verify(case).unwrap_or_default() {
        let about = case.height(&objection);
        let is_told = |id: &str| findings.iter().any(|f| f.id == id && f.subject == about);
        // A certificate that is no CA's breaks all other rules for CAs too.
        if is_told("issuer-not-ca") || is_told("issuer-no-cert-sign") {
            continue;
        }
        findings.extend(told(case, &objection, about).filter(|finding| !is_told(finding.id)));
    }
    findings
}

/// Every certificate but the root: nobody checks a signature of its own.
fn weak_signature(case: &Case<'_>, about: Subject, index: usize) -> Option<Finding> {
    let certificate = case.certificate(index);
    let signature = signature(certificate)?;
    let bits = u32::try_from(signature.security_bits);
    let is_weak = bits.is_ok_and(|bits| bits < SECURITY_BITS);
    if !is_weak || case.pool.is_self_signed(index) {
        return None;
    }
    let digest = match signature.digest {
        Nid::SHA1 => "SHA-1",
        other => other.short_name().unwrap_or("a weak digest"),
    };
    let finding = Finding::new(
        "signature-weak",
        about,
        format!("{} is signed with {digest}", subject(certificate)),
    )
    .at(case.place(index))
    .why("OpenSSL refuses it (\"md too weak\"), and so do others")
    .fact("digest", digest);
    Some(match about {
        Subject::Leaf => finding
            .advice("have it issued again with SHA-256")
            .command(case.commands().order(certificate)),
        _ => finding
            .advice("ask the CA for a certificate of this issuer that is signed with SHA-256"),
    })
}

fn unknown_extension(case: &Case<'_>, about: Subject, index: usize) -> Option<Finding> {
    let certificate = case.certificate(index);
    let unknown = unknown_critical_extensions(certificate);
    if unknown.is_empty() {
        return None;
    }
    let message = format!(
        "{} has the critical extension {}, which nobody knows",
        subject(certificate),
        unknown.join(", ")
    );
    let finding = Finding::new("unhandled-critical-extension", about, message)
        .at(case.place(index))
        .why("who does not know a critical extension has to refuse the certificate")
        .advice("have it issued again without that extension")
        .fact("oids", unknown);
    Some(finding)
}

fn invalid_extension(case: &Case<'_>, about: Subject, index: usize) -> Option<Finding> {
    let certificate = case.certificate(index);
    if !has_invalid_extension(certificate) {
        return None;
    }
    let message = format!("an extension of {} cannot be read", subject(certificate));
    let finding = Finding::new("cert-corrupt", about, message)
        .at(case.place(index))
        .why("OpenSSL refuses such a certificate for any purpose")
        .advice("have it issued again");
    Some(finding)
}

/// Being a CA takes basic constraints (RFC 5280 4.2.1.9): the key usage alone is not enough, and
/// OpenSSL requires them of all but roots.
fn may_issue(case: &Case<'_>, about: Subject, index: usize) -> Option<Finding> {
    let certificate = case.certificate(index);
    let Subject::Chain(height) = about else {
        return None;
    };
    let child = subject(case.certificate(case.path[height - 1]));
    let name = subject(certificate);
    let usage = certificate.key_usage();
    let signs = usage.is_none_or(|usage| usage.contains(X509KeyUsage::KEY_CERT_SIGN));
    let finding = if case.pool.is_ca(index) && !signs {
        let message =
            format!("the CA {name} signed {child}, but its key may not sign certificates");
        Finding::new("issuer-no-cert-sign", about, message)
    } else if !case.pool.is_ca(index) {
        let message = format!("{name} signed {child}, but is not a CA");
        Finding::new("issuer-not-ca", about, message)
    } else {
        return None;
    };
    let finding = finding.at(case.place(index)).advice(
        "order a certificate from a CA; if this is one, it has to mend its own certificate",
    );
    Some(finding)
}

fn version(case: &Case<'_>) -> Option<Finding> {
    let certificate = case.certificate(case.leaf());
    // Counted from 0.
    if certificate.version() >= 2 {
        return None;
    }
    let message = format!(
        "{} is of X.509 version {}, which has no extensions",
        subject(certificate),
        certificate.version() + 1
    );
    let finding = Finding::new("cert-version-1", Subject::Leaf, message)
        .at(case.place(case.leaf()))
        .why("so it cannot say that it is for clientAuth, which Salesforce's page asks for")
        .advice("have it issued again as version 3, with clientAuth")
        .command(case.commands().order(certificate));
    Some(finding)
}

/// OpenSSL's verification as a server does it for a client's certificate.
fn verify(case: &Case<'_>) -> Result<Vec<Objection>, ErrorStack> {
    let mut param = X509VerifyParam::new()?;
    param.set_purpose(X509PurposeId::SSL_CLIENT)?;
    param.set_auth_level(2);
    param.set_time(case.now);
    // Whatever is accepted is an end, self-signed or not.
    param.set_flags(X509VerifyFlags::PARTIAL_CHAIN)?;
    let mut store = X509StoreBuilder::new()?;
    store.set_param(&param)?;
    for anchor in &case.end.anchors {
        store.add_cert(anchor.certificate.clone())?;
    }
    let mut above = Stack::new()?;
    for &index in &case.path[1..] {
        above.push(case.certificate(index).clone())?;
    }
    let leaf = case.certificate(case.leaf());
    X509StoreContext::new()?.init(&store.build(), leaf, &above, objections)
}

/// The objections that nothing else reports. Dates, trust, usage and strength are not among them: other
/// rules judge those.
fn told(case: &Case<'_>, objection: &Objection, about: Subject) -> Option<Finding> {
    let certificate = objection.certificate.as_deref()?;
    let name = subject(certificate);
    let finding = match objection.code {
        verify::X509_V_ERR_INVALID_CA => Finding::new(
            "issuer-not-ca",
            about,
            format!("{name} is not a CA, but signed a certificate"),
        ),
        verify::X509_V_ERR_PATH_LENGTH_EXCEEDED => Finding::new(
            "pathlen-exceeded",
            about,
            format!(
                "the CA {name} may not have {} below it",
                ca_below(case, about)
            ),
        )
        .why(match certificate.pathlen() {
            Some(0) => "its path length is 0: it may issue no CA".to_owned(),
            length => format!("its path length is {}", length.unwrap_or_default()),
        }),
        verify::X509_V_ERR_KEYUSAGE_NO_CERTSIGN => Finding::new(
            "issuer-no-cert-sign",
            about,
            format!("the key of the CA {name} may not sign certificates"),
        ),
        // No server takes a proxy certificate (RFC 3820) unasked.
        verify::X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION
        | verify::X509_V_ERR_PROXY_CERTIFICATES_NOT_ALLOWED => Finding::new(
            "unhandled-critical-extension",
            about,
            format!("{name} has a critical extension that nobody knows"),
        ),
        // The leaf's own is reported with its kind of key.
        verify::X509_V_ERR_EC_KEY_EXPLICIT_PARAMS if about != Subject::Leaf => Finding::new(
            "key-type-unsupported",
            about,
            format!(
                "the key of the CA {name} is EC with a curve in numbers, which OpenSSL refuses"
            ),
        )
        .advice("order a certificate from another CA"),
        // Outside the permitted, inside the excluded; and what cannot be compared.
        verify::X509_V_ERR_PERMITTED_VIOLATION
        | verify::X509_V_ERR_EXCLUDED_VIOLATION
        | verify::X509_V_ERR_SUBTREE_MINMAX
        | verify::X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE
        | verify::X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX
        | verify::X509_V_ERR_UNSUPPORTED_NAME_SYNTAX => Finding::new(
            "name-constraints-violation",
            about,
            format!(
                "the names of {name} ({}) are outside what {} may sign",
                names(certificate),
                constrainer(case)
            ),
        )
        .advice("order a certificate for another name, or from another CA")
        .fact("reason", openssl_words(objection.code)),
        _ => return None,
    };
    let finding = match case.index_of(certificate) {
        Some(index) => finding.at(case.place(index)),
        None => finding,
    };
    Some(match finding.advice {
        Some(_) => finding,
        None => finding.advice("the CA has to mend its own certificate; or order from another CA"),
    })
}

fn openssl_words(code: i32) -> &'static str {
    match code {
        verify::X509_V_ERR_PERMITTED_VIOLATION => "permitted subtree violation",
        verify::X509_V_ERR_EXCLUDED_VIOLATION => "excluded subtree violation",
        verify::X509_V_ERR_SUBTREE_MINMAX => "name constraints minimum and maximum not supported",
        verify::X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE => "unsupported name constraint type",
        verify::X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX => {
            "unsupported or invalid name constraint syntax"
        }
        _ => "unsupported or invalid name syntax",
    }
}

impl Case<'_> {
    fn index_of(&self, certificate: &X509Ref) -> Option<usize> {
        let der = certificate.to_der().ok()?;
        let is_it = |index: &usize| self.certificate(*index).to_der().is_ok_and(|d| d == der);
        self.path
            .iter()
            .copied()
            .chain(self.roots.iter().copied())
            .find(is_it)
    }

    /// What an objection is about: its certificate's place on our path, which OpenSSL may leave for a
    /// shorter one.
    fn height(&self, objection: &Objection) -> Subject {
        let index = objection
            .certificate
            .as_deref()
            .and_then(|c| self.index_of(c));
        let height = index.and_then(|index| self.path.iter().position(|&member| member == index));
        subject_at(height.unwrap_or(self.path.len()))
    }
}

/// The CA below that is one too many.
fn ca_below(case: &Case<'_>, about: Subject) -> String {
    let below = match about {
        Subject::Chain(height) => case.path.get(height.saturating_sub(1)),
        _ => None,
    };
    match below {
        Some(&index) => format!("the CA {}", subject(case.certificate(index))),
        None => "so many CAs".to_owned(),
    }
}

/// The subject alternative names, and the subject.
fn names(certificate: &X509Ref) -> String {
    let alternative = certificate.subject_alt_names();
    let alternative: Vec<String> = alternative
        .iter()
        .flatten()
        .filter_map(|name| {
            let text = name.dnsname().or(name.email()).or(name.uri());
            let address = || name.ipaddress().and_then(address);
            text.map(str::to_owned)
                .or_else(address)
                .or_else(|| name.directory_name().map(identity::name))
        })
        .collect();
    let all = match alternative.is_empty() {
        true => identity::name(certificate.subject_name()),
        false => alternative.join(", "),
    };
    crate::terminal::clean_line(&all).into_owned()
}

fn address(bytes: &[u8]) -> Option<String> {
    let v4 = <[u8; 4]>::try_from(bytes).map(|b| std::net::Ipv4Addr::from(b).to_string());
    let v6 = <[u8; 16]>::try_from(bytes).map(|b| std::net::Ipv6Addr::from(b).to_string());
    v4.or(v6).ok()
}

/// The lowest CA that constrains names.
fn constrainer(case: &Case<'_>) -> String {
    let above = case.path[1..].iter().map(|&index| case.certificate(index));
    let anchors = case.end.anchors.iter().map(|anchor| &anchor.certificate);
    let is_one =
        |certificate: &&X509| ffi::certificate::has_extension(certificate, Nid::NAME_CONSTRAINTS);
    match above.chain(anchors).find(is_one) {
        Some(ca) => format!("the CA {}", short(ca.subject_name())),
        None => "a CA above".to_owned(),
    }
}
