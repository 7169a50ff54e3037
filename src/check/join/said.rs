//! What a server says of a client certificate, and which findings from its file explain that.

use serde_json::Value;

use super::join;
use crate::check::finding::{Finding, Severity, Subject};
use crate::check::probe::rejection;

/// A refusal of the client certificate, as far as the server told it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// The finding that tells it.
    pub id: &'static str,
    /// The reason, where it came with one.
    pub reason: Option<Reason>,
}

impl Said {
    /// A TLS alert that answered the client; `sent` says whether it had sent its certificate.
    pub fn by_alert(number: u8, sent: bool) -> Self {
        Self {
            id: rejection(number),
            reason: (!sent).then_some(Reason::NoCertificate),
        }
    }

    /// The "Certificate Error" page, with its reason.
    pub fn on_page(reason: &str) -> Self {
        Self {
            id: PAGE,
            reason: Some(Reason::of(reason)),
        }
    }

    /// OpenSSL here, which sends no such identity, for what this finding tells.
    pub fn by_openssl(id: &'static str) -> Self {
        Self { id, reason: None }
    }

    /// A page of nginx's.
    pub fn by_gateway() -> Self {
        Self {
            id: GATEWAY,
            reason: None,
        }
    }

    /// What a finding tells of it; `None` where it is about something else.
    pub(super) fn by(finding: &Finding) -> Option<Self> {
        let (id, _) = EXPLAINED_BY.iter().find(|(id, _)| *id == finding.id)?;
        let fact = |name| finding.data.get(name);
        let reason = match fact(REASON).and_then(Value::as_str) {
            Some(reason) if *id == PAGE => Some(Reason::of(reason)),
            _ if fact(SENT).and_then(Value::as_u64) == Some(0) => Some(Reason::NoCertificate),
            _ => None,
        };
        Some(Self { id, reason })
    }

    /// A finding that tells it, and no more.
    fn finding(self) -> Finding {
        let finding = Finding::new(self.id, Subject::Leaf, "");
        match self.reason {
            Some(reason) if self.id == PAGE => finding.fact(REASON, reason.words()),
            Some(_) => finding.fact(SENT, 0),
            None => finding,
        }
    }

    /// The findings that explain it, the likeliest first.
    pub(super) fn explained_by(self) -> impl Iterator<Item = &'static str> {
        let of_id = EXPLAINED_BY.iter().find(|(id, _)| *id == self.id);
        let lists = match self.reason {
            Some(reason) => reason.explained_by(),
            None => of_id.map_or(NOTHING, |(_, lists)| *lists),
        };
        lists.iter().copied().flatten().copied()
    }

    /// Whether the server could not build the chain to a root that it knows; no alert says that alone.
    pub(super) fn is_of_no_chain(self) -> bool {
        self.reason == Some(Reason::NoIssuer)
    }

    /// The finding that explains it, among those from the file; `None` where none does.
    pub fn explanation(self, mut of_file: Vec<Finding>) -> Option<Finding> {
        let is_error = |finding: &Finding| finding.severity == Severity::Error;
        let refusal = self.finding();
        if Self::by(&refusal).is_none() {
            let is_it = |finding: &Finding| finding.id == self.id && is_error(finding);
            return of_file.into_iter().find(is_it);
        }
        of_file.push(refusal);
        let cause = join(of_file).into_iter().find(is_error)?;
        (cause.id != self.id).then_some(cause)
    }
}

const PAGE: &str = "sf-client-certificate-error";
const GATEWAY: &str = "http-client-cert-rejected";

/// Facts of its finding: the page's reason, and how many certificates were sent.
const REASON: &str = "reason";
const SENT: &str = "certificates_sent";

/// The reason that the "Certificate Error" page gives, in OpenSSL's words of any version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// No certificate arrived.
    NoCertificate,
    /// The chain ends before a root.
    NoIssuer,
    /// The chain ends at a root that the server does not know.
    UnknownRoot,
    /// The leaf is its own issuer.
    SelfSigned,
    /// A certificate begins to be valid later.
    NotYetValid,
    /// A certificate has expired.
    Expired,
    /// A certificate was revoked.
    Revoked,
    /// The usage of a certificate does not allow it.
    Purpose,
    /// A key is too small.
    WeakKey,
    /// A signature was made with an old hash.
    WeakSignature,
    /// There are more intermediates than a CA above allows.
    PathLength,
    /// An issuer is no CA.
    NotCa,
    /// An issuer may not sign certificates.
    NoCertSign,
    /// A CA above does not allow the name.
    Name,
    /// There is a critical extension that OpenSSL does not know.
    Extension,
    /// A signature is not the issuer's.
    Signature,
    /// Any other.
    Other,
}

/// Words of each reason (OpenSSL's crypto/x509/x509_txt.c), in lower case; the first that fits counts.
const REASONS: &[(&str, Reason)] = &[
    ("no client certificate", Reason::NoCertificate),
    ("unable to get", Reason::NoIssuer),
    ("unable to verify", Reason::NoIssuer),
    ("not yet valid", Reason::NotYetValid),
    ("expired", Reason::Expired),
    ("revoked", Reason::Revoked),
    ("purpose", Reason::Purpose),
    ("self-signed certificate in", Reason::UnknownRoot),
    ("self signed certificate in", Reason::UnknownRoot),
    ("self-signed", Reason::SelfSigned),
    ("self signed", Reason::SelfSigned),
    ("key too", Reason::WeakKey),
    ("md too weak", Reason::WeakSignature),
    ("digest algorithm too weak", Reason::WeakSignature),
    ("path length", Reason::PathLength),
    ("invalid ca", Reason::NotCa),
    ("certificate signing", Reason::NoCertSign),
    ("subtree", Reason::Name),
    ("critical extension", Reason::Extension),
    ("signature failure", Reason::Signature),
];

impl Reason {
    /// The reason that a text gives.
    pub fn of(text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        let known = REASONS.iter().find(|(words, _)| text.contains(words));
        known.map_or(Self::Other, |(_, reason)| *reason)
    }

    /// Words that [`Self::of`] takes for it.
    fn words(self) -> &'static str {
        let known = REASONS.iter().find(|(_, reason)| *reason == self);
        known.map_or("", |(words, _)| words)
    }

    fn explained_by(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::NoCertificate => &[KEY],
            Self::NoIssuer => &[NO_ISSUER],
            Self::SelfSigned => &[&["self-signed"]],
            Self::NotYetValid => &[&["cert-not-yet-valid"]],
            Self::Expired => &[EXPIRED],
            Self::Purpose => &[PURPOSE],
            Self::WeakKey => &[&["key-too-small"]],
            Self::WeakSignature => &[&["signature-weak"]],
            Self::PathLength => &[&["pathlen-exceeded"]],
            Self::NotCa => &[&["issuer-not-ca", "issuer-no-cert-sign"]],
            Self::NoCertSign => &[&["issuer-no-cert-sign"]],
            Self::Name => &[&["name-constraints-violation"]],
            Self::Extension => &[&["unhandled-critical-extension"]],
            Self::Signature => &[&["chain-signature-invalid"]],
            // No file knows whether, or which roots a server knows.
            Self::Revoked | Self::UnknownRoot | Self::Other => NOTHING,
        }
    }
}

/// Every refusal, and lists of the findings that explain it, the likeliest first.
///
/// Measured with OpenSSL's server: 45 for any expired certificate of the chain, 43 for a wrong purpose,
/// 42 also for one that is not valid yet, 48 for every chain it cannot build. 40, 42 and 46 are what
/// other servers send for anything (RFC 8446 6.2), and nginx has one page for all.
const EXPLAINED_BY: &[(&str, &[&[&str]])] = &[
    ("rejected-revoked", NOTHING),
    ("rejected-expired", &[EXPIRED]),
    ("rejected-unsupported-certificate", &[PURPOSE, WEAK]),
    ("rejected-unknown-ca", &[CHAIN]),
    ("rejected-access-denied", NOTHING),
    (
        "rejected-decrypt-error",
        &[&["key-mismatch", "key-invalid", "chain-signature-invalid"]],
    ),
    ("rejected-certificate-required", &[KEY]),
    (
        "rejected-bad-certificate",
        &[&["cert-not-yet-valid"], WEAK, EXPIRED, PURPOSE, CHAIN],
    ),
    (
        "rejected-illegal-parameter",
        &[&["key-type-unsupported"], WEAK],
    ),
    ("rejected-certificate-unknown", ANYTHING),
    (
        "rejected-handshake-failure",
        &[KEY, EXPIRED, PURPOSE, &["cert-not-yet-valid"], WEAK, CHAIN],
    ),
    ("rejected-other-alert", NOTHING),
    (PAGE, NOTHING),
    (GATEWAY, ANYTHING),
];

const NOTHING: &[&[&str]] = &[];
const ANYTHING: &[&[&str]] = &[CHAIN, EXPIRED, PURPOSE, &["cert-not-yet-valid"], WEAK];

/// What keeps a client from showing its certificate.
const KEY: &[&str] = &[
    "sigalg-mismatch",
    "key-type-unsupported",
    "acceptable-cas-mismatch",
];

const EXPIRED: &[&str] = &["cert-expired", "intermediate-expired"];

const PURPOSE: &[&str] = &[
    "eku-no-client-auth",
    "intermediate-eku-no-client-auth",
    "key-usage-no-digital-signature",
];

const WEAK: &[&str] = &["signature-weak", "key-too-small"];

/// What keeps a chain from ending at a root that the server trusts. What the file shows comes before
/// what is only concluded.
pub(super) const CHAIN: &[&str] = &[
    "self-signed",
    "wrong-intermediate",
    "chain-signature-invalid",
    "issuer-not-ca",
    "issuer-no-cert-sign",
    "pathlen-exceeded",
    "name-constraints-violation",
    "unhandled-critical-extension",
    // As an error it tells that the way to the server's root comes second.
    "chain-order",
    "intermediate-missing",
    "acceptable-cas-mismatch",
    "issuer-unknown",
];

/// The page's words for a chain that does not end where it should.
const NO_ISSUER: &[&str] = &[
    "wrong-intermediate",
    "intermediate-missing",
    "issuer-unknown",
];
