//! What the server asks for, compared with the identity: its CAs and its signature schemes.

use openssl::nid::Nid;
use openssl::pkey::{Id, PKeyRef, Private};
use openssl::x509::{X509, X509Name};

use super::contact::Contact;
use super::{Plan, about_server};
use crate::check::finding::{Finding, Severity, Subject};
use crate::check::judge::Judged;
use crate::check::roots::KnownRoots;
use crate::identity::chain::same_name;
use crate::identity::survey::Survey;
use crate::identity::{Identity, name};
use crate::net::tls::failure::Alert;
use crate::net::tls::handshake::CertificateRequest;
use crate::text::words;

/// How many names a message repeats.
const NAMED: usize = 3;

/// Why a server asks for no certificate.
pub(super) const NOT_MUTUAL: &str =
    "this port does not use mutual TLS, or a proxy in front of it terminates TLS";

/// The port of mutual TLS asked for no certificate.
pub(super) fn not_requested(plan: &Plan) -> Finding {
    let at = plan.authority(plan.mtls_port);
    about_server(
        "client-cert-not-requested",
        format!("{at} asked for no client certificate"),
    )
    .why(NOT_MUTUAL)
    .advice(
        "call the API at the org's My Domain on port 8443 (NAME.my.salesforce.com:8443), and have that exempted from TLS \
         inspection; this shows what a port asks for",
    )
    .command(plan.s_client(plan.mtls_port))
}

/// The CAs that the server names, against the chain.
pub(super) struct Authorities {
    names: Vec<X509Name>,
    /// Whether one of them is an issuer in this chain; `None` where none is named, or no identity.
    pub(super) named: Option<bool>,
    /// Whether the chain ends at a root that is known, so that all its issuers are.
    complete: bool,
    issuer: String,
}

impl Authorities {
    pub(super) fn of(
        request: &CertificateRequest,
        identity: Option<&Identity>,
        roots: &KnownRoots<'_>,
    ) -> Self {
        let read = request
            .authorities
            .iter()
            .map(|der| X509Name::from_der(der));
        let names: Vec<X509Name> = read.filter_map(Result::ok).collect();
        let chain = |identity: &Identity| {
            let links = std::iter::once(&identity.leaf).chain(&identity.intermediates);
            let mut issuers = links.map(|link| link.issuer_name());
            issuers.any(|issuer| names.iter().any(|known| same_name(known, issuer)))
        };
        let top = identity.map(|i| i.intermediates.last().unwrap_or(&i.leaf));
        Self {
            named: identity.filter(|_| !names.is_empty()).map(chain),
            complete: identity.is_some_and(|identity| roots.complete(identity)),
            issuer: top.map_or_else(String::new, |top| name(top.issuer_name())),
            names,
        }
    }

    /// `refused` is the alert that answered this identity.
    pub(super) fn finding(&self, plan: &Plan, refused: Option<Alert>) -> Option<Finding> {
        let at = plan.authority(plan.mtls_port);
        let count = self.names.len();
        match self.named {
            None if count == 0 => Some(
                about_server(
                    "acceptable-cas-empty",
                    format!("{at} names no CAs whose certificates it takes"),
                )
                .why("so what it trusts shows only by what it refuses"),
            ),
            Some(false) if self.complete => {
                let fits = |alert: Alert| {
                    matches!(
                        alert.number,
                        Alert::HANDSHAKE_FAILURE
                            | Alert::CERTIFICATE_UNKNOWN
                            | Alert::UNKNOWN_CA
                            | Alert::CERTIFICATE_REQUIRED
                    )
                };
                let severity = match refused.is_some_and(fits) {
                    true => Severity::Error,
                    false => Severity::Warning,
                };
                let issuer = &self.issuer;
                Some(
                    about_server(
                        "acceptable-cas-mismatch",
                        format!("{at} names {}, and none of them is in this chain, which ends at {issuer}", words::count(count, "CA")),
                    )
                    .severity(severity)
                    .why("software that keeps to the list (Java, GnuTLS) would send no certificate at all; OpenSSL sends it all the same")
                    .advice(format!("use a certificate of a CA that the server takes: {}", self.first(plan)))
                    .command(plan.s_client(plan.mtls_port))
                    .fact("acceptable_cas", count)
                    .fact("issuer", issuer.as_str()),
                )
            }
            _ => None,
        }
    }

    /// For a CA that several others have signed: the path to a CA that the server names is not the one
    /// sent first, but one sent after it.
    pub(super) fn other_way(
        &self,
        survey: &Survey,
        judged: &Judged,
        refused: Option<Alert>,
    ) -> Option<Finding> {
        let certificate = |index: &usize| Some(&survey.certificates.get(*index)?.certificate);
        let is_named = |link: &X509| {
            self.names
                .iter()
                .any(|known| same_name(known, link.issuer_name()))
        };
        let path = judged.leaf.iter().chain(&judged.intermediates);
        let mut path = path.filter_map(certificate);
        if path.any(&is_named) {
            return None;
        }
        let mut others = judged.alternatives.iter().filter_map(certificate);
        let other = others.find(|link| is_named(link))?;
        let (subject, issuer) = (name(other.subject_name()), name(other.issuer_name()));
        let message = format!(
            "the server names {issuer}, and the certificate of {subject} that it issued stands behind another of that name"
        );
        let finding = Finding::new("chain-order", Subject::Chain(0), message)
            .why("all are sent, and servers that take the first (OpenSSL's do) do not find the other way")
            .advice(format!("put the one issued by {issuer} before the other"));
        let not_found =
            |alert: Alert| matches!(alert.number, Alert::CERTIFICATE_UNKNOWN | Alert::UNKNOWN_CA);
        Some(match refused.is_some_and(not_found) {
            true => finding.severity(Severity::Error),
            false => finding,
        })
    }

    fn first(&self, plan: &Plan) -> String {
        let named = self.names.iter().take(NAMED);
        let names: Vec<String> = named
            .map(|known| plan.said(&name(known)).into_owned())
            .collect();
        let rest = match self.names.len().saturating_sub(NAMED) {
            0 => String::new(),
            rest => format!("; and {rest} more"),
        };
        format!("{}{rest}", names.join("; "))
    }
}

/// OpenSSL answered the request with an empty list, because no signature of this key is taken.
pub(super) fn withheld(plan: &Plan, call: &Contact, identity: &Identity) -> Option<Finding> {
    let request = call.handshake.request.as_ref()?;
    if !call.handshake.sent.as_ref().is_some_and(Vec::is_empty) {
        return None;
    }
    let at = plan.authority(plan.mtls_port);
    let taken = kinds(&request.signature_algorithms);
    let tls_1_3 = call.handshake.version.as_deref() == Some("TLSv1.3");
    let fits = request
        .signature_algorithms
        .iter()
        .any(|scheme| makes(&identity.key, *scheme, tls_1_3));
    let key = describe(&identity.key);
    let (message, advice) = match fits {
        false => (
            format!("{at} takes signatures of {taken}, and this is {key}: no certificate is sent"),
            match wanted(&request.signature_algorithms) {
                Some(kind) => {
                    format!("have a certificate issued for a key of a kind that it takes: {kind}")
                }
                None => format!("ask who runs {at} for a server that takes common kinds of key"),
            },
        ),
        // The key would do, so it is how its certificate was signed.
        true => (
            format!("{at} does not take the way in which this certificate is signed: none is sent"),
            format!(
                "have it signed by a CA whose signatures the server takes: {taken}, with SHA-256"
            ),
        ),
    };
    let schemes: Vec<String> = request
        .signature_algorithms
        .iter()
        .map(|scheme| format!("{scheme:04x}"))
        .collect();
    Some(
        Finding::new("sigalg-mismatch", Subject::Key, message)
            .why("a client whose key fits no signature scheme of the server's sends an empty list, silently")
            .advice(advice)
            .fact("key", key)
            .fact("sigalgs", schemes),
    )
}

/// Whether this key makes signatures of this scheme (RFC 8446 4.2.3, RFC 5246 7.4.1.4.1).
fn makes(key: &PKeyRef<Private>, scheme: u16, tls_1_3: bool) -> bool {
    let curve = || {
        let key = key.ec_key().ok()?;
        key.group().curve_name()
    };
    match (key.id(), scheme) {
        (Id::RSA, 0x0804..=0x0806) => true,
        (Id::RSA, 0x0201 | 0x0301 | 0x0401 | 0x0501 | 0x0601) => !tls_1_3,
        (Id::RSA_PSS, 0x0809..=0x080b) => true,
        (Id::ED25519, 0x0807) | (Id::ED448, 0x0808) => true,
        (Id::DSA, 0x0202 | 0x0302 | 0x0402 | 0x0502 | 0x0602) => !tls_1_3,
        // TLS 1.3 ties each scheme to a curve.
        (Id::EC, 0x0403) if tls_1_3 => curve() == Some(Nid::X9_62_PRIME256V1),
        (Id::EC, 0x0503) if tls_1_3 => curve() == Some(Nid::SECP384R1),
        (Id::EC, 0x0603) if tls_1_3 => curve() == Some(Nid::SECP521R1),
        (Id::EC, 0x0203 | 0x0303 | 0x0403 | 0x0503 | 0x0603) => !tls_1_3,
        _ => false,
    }
}

/// The kinds of key to order: those that CAs issue for and this server accepts.
fn wanted(schemes: &[u16]) -> Option<String> {
    let any = |wanted: &[u16]| schemes.iter().any(|scheme| wanted.contains(scheme));
    let kinds = [
        ("RSA of 2048 bits", any(&[0x0401, 0x0804])),
        ("P-256", any(&[0x0403])),
        ("P-384", any(&[0x0503])),
        ("Ed25519", any(&[0x0807])),
    ];
    let taken: Vec<&str> = kinds
        .iter()
        .filter_map(|(kind, there)| there.then_some(*kind))
        .take(2)
        .collect();
    (!taken.is_empty()).then(|| taken.join(" or "))
}

/// The kinds of key that these schemes are for, in words.
fn kinds(schemes: &[u16]) -> String {
    let any = |wanted: &[u16]| schemes.iter().any(|scheme| wanted.contains(scheme));
    let all = [
        (
            "RSA",
            any(&[
                0x0201, 0x0301, 0x0401, 0x0501, 0x0601, 0x0804, 0x0805, 0x0806,
            ]),
        ),
        ("RSA-PSS", any(&[0x0809, 0x080a, 0x080b])),
        ("ECDSA", any(&[0x0203, 0x0303, 0x0403, 0x0503, 0x0603])),
        ("Ed25519", any(&[0x0807])),
        ("Ed448", any(&[0x0808])),
    ];
    let found: Vec<_> = all.iter().filter(|(_, there)| *there).collect();
    match found.as_slice() {
        [] => "no kind of key that is known".to_owned(),
        found => found
            .iter()
            .map(|(kind, _)| *kind)
            .collect::<Vec<_>>()
            .join(", "),
    }
}

fn describe(key: &PKeyRef<Private>) -> String {
    match key.id() {
        Id::RSA => format!("an RSA key of {} bits", key.bits()),
        Id::RSA_PSS => "an RSA-PSS key".to_owned(),
        Id::EC => {
            let curve = key.ec_key().ok().and_then(|key| key.group().curve_name());
            let curve = curve.and_then(|nid| nid.long_name().ok());
            format!("an EC key on {}", curve.unwrap_or("a curve without name"))
        }
        Id::ED25519 => "an Ed25519 key".to_owned(),
        Id::ED448 => "an Ed448 key".to_owned(),
        Id::DSA => "a DSA key".to_owned(),
        _ => "a key of another kind".to_owned(),
    }
}
