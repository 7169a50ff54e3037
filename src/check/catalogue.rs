//! Every finding there is: its id, and how bad it is unless circumstances say otherwise.
//!
//! The ids are a contract: one is never given another meaning, and none is removed. The order is that
//! of causes: of several errors the first in this list is what has to be mended first.

use super::finding::Severity::{self, Error, Info, Warning};

/// Ids and severities, by section.
pub const CATALOGUE: &[(&str, Severity)] = &[
    // Between this machine and the server: nothing else can be judged before that is out of the way.
    ("tls-inspection-proxy", Error),
    // The file and its format.
    ("file-not-found", Error),
    ("file-unreadable", Error),
    ("file-empty", Error),
    ("unrecognized-format", Error),
    ("format-der-cert", Error),
    ("format-der-key", Error),
    ("format-pkcs7", Error),
    ("format-csr", Error),
    ("format-jks", Error),
    ("format-openssh-key", Error),
    ("format-public-key", Error),
    ("format-base64", Error),
    ("pem-utf16", Error),
    ("pem-escaped-newlines", Error),
    ("pem-carriage-returns", Error),
    ("pem-one-line", Error),
    ("pem-indented", Error),
    ("pem-blocks-joined", Error),
    ("pem-truncated", Error),
    ("pem-corrupt", Error),
    ("cert-corrupt", Error),
    ("pem-bom", Warning),
    ("pem-trusted-certificate", Warning),
    ("key-file-permissions", Warning),
    ("extension-mismatch", Info),
    ("pem-extra-block", Info),
    // The container and its password.
    ("p12-corrupt", Error),
    ("p12-legacy-provider-missing", Error),
    ("p12-unsupported-encryption", Error),
    ("p12-no-mac", Error),
    ("password-required", Error),
    ("password-wrong", Error),
    ("password-trailing-newline", Warning),
    ("password-encoding", Warning),
    ("p12-legacy-encryption", Warning),
    ("p12-empty-password", Warning),
    ("p12-unencrypted", Warning),
    ("password-unneeded", Info),
    // A file that belongs elsewhere.
    ("leaf-is-ca", Error),
    // The key.
    ("key-missing", Error),
    ("cert-missing", Error),
    ("key-mismatch", Error),
    ("key-invalid", Error),
    ("key-type-unsupported", Error),
    ("key-too-small", Error),
    ("multiple-keys", Warning),
    ("multiple-leaf-certs", Warning),
    ("key-type-uncommon", Warning),
    // What the server takes, against what there is.
    ("sigalg-mismatch", Error),
    // The certificate and its chain.
    ("cert-expired", Error),
    ("intermediate-expired", Error),
    ("eku-no-client-auth", Error),
    ("intermediate-eku-no-client-auth", Error),
    ("key-usage-no-digital-signature", Error),
    ("cert-not-yet-valid", Error),
    ("signature-weak", Error),
    ("self-signed", Error),
    ("wrong-intermediate", Error),
    ("intermediate-missing", Error),
    ("chain-signature-invalid", Error),
    ("issuer-not-ca", Error),
    ("pathlen-exceeded", Error),
    ("issuer-no-cert-sign", Error),
    ("name-constraints-violation", Error),
    ("unhandled-critical-extension", Error),
    ("issuer-unknown", Warning),
    ("acceptable-cas-mismatch", Warning),
    ("cert-expiring", Warning),
    ("intermediate-expiring", Warning),
    ("eku-missing", Warning),
    ("eku-dual-purpose", Warning),
    ("cert-version-1", Warning),
    ("leaf-not-first", Warning),
    ("chain-order", Warning),
    ("unrelated-cert", Warning),
    ("duplicate-cert", Warning),
    ("root-included", Info),
    ("renewal-due", Info),
    ("acceptable-cas-empty", Info),
    // The way to the server.
    ("dns-failure", Error),
    ("tcp-refused", Error),
    ("tcp-timeout", Error),
    ("tls-timeout", Error),
    ("connect-failed", Error),
    ("proxy-connect-denied", Error),
    ("proxy-failed", Error),
    ("handshake-dropped", Error),
    ("not-tls", Error),
    ("tls-version-unsupported", Error),
    ("tls-alert", Error),
    ("server-name-mismatch", Error),
    ("server-cert-expired", Error),
    ("server-cert-untrusted", Error),
    ("sf-login-host", Error),
    ("sf-wrong-host", Error),
    ("client-cert-not-requested", Error),
    ("clock-skew", Warning),
    // What the server said of the certificate.
    ("rejected-revoked", Error),
    ("rejected-expired", Error),
    ("rejected-unsupported-certificate", Error),
    ("rejected-unknown-ca", Error),
    ("rejected-access-denied", Error),
    ("rejected-decrypt-error", Error),
    ("rejected-certificate-required", Error),
    ("rejected-bad-certificate", Error),
    ("rejected-illegal-parameter", Error),
    ("rejected-certificate-unknown", Error),
    ("rejected-handshake-failure", Error),
    ("rejected-other-alert", Error),
    ("sf-client-certificate-error", Error),
    ("http-client-cert-rejected", Error),
    // What Salesforce said of the call.
    ("sf-mutual-auth-failed", Error),
    ("sf-session-invalid", Error),
    ("sf-soap-fault", Error),
    ("http-unexpected", Error),
    ("sf-redirect", Warning),
    ("sf-not-enforced", Warning),
    ("sf-mutual-auth-enforced", Info),
    ("sf-mutual-auth-ok", Info),
    ("session-missing", Info),
];

/// The severity in the catalogue; an id that is not there is an error of the program's, and counts
/// as one.
pub fn severity(id: &str) -> Severity {
    CATALOGUE
        .iter()
        .find(|(known, _)| *known == id)
        .map_or(Error, |(_, severity)| *severity)
}

/// The place among the causes: the smallest is mended first.
pub fn rank(id: &str) -> usize {
    CATALOGUE
        .iter()
        .position(|(known, _)| *known == id)
        .unwrap_or(CATALOGUE.len())
}
