//! The OpenSSL calls that the `openssl` crate lacks: the only `unsafe` in the program.
#![expect(
    unsafe_code,
    reason = "this is the one file for it; each block says why it is sound"
)]

use foreign_types::ForeignTypeRef;
use openssl::x509::X509Ref;

/// Whether a certificate says of itself that it is a CA's (basic constraints, RFC 5280 4.2.1.9).
pub fn is_ca(certificate: &X509Ref) -> bool {
    // SAFETY: the pointer comes from a live reference. The call fills a cache in the certificate
    // under OpenSSL's own lock and hands back a number.
    let flags = unsafe { openssl_sys::X509_get_extension_flags(certificate.as_ptr()) };
    flags & openssl_sys::EXFLAG_CA != 0
}
