//! What is in a certificate or a key that the `openssl` crate does not tell.

use std::ffi::{c_char, c_int, c_void};
use std::ptr;

use foreign_types::{ForeignType, ForeignTypeRef};
use openssl::asn1::{Asn1Object, Asn1ObjectRef};
use openssl::nid::Nid;
use openssl::pkey::{HasPublic, PKeyRef, Private};
use openssl::stack::Stack;
use openssl::x509::X509Ref;

/// How a certificate is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    /// The digest; [`Nid::UNDEF`] where the scheme has its own (Ed25519).
    pub digest: Nid,
    /// How many bits of security OpenSSL gives it; -1 where it does not know.
    pub security_bits: i32,
}

unsafe extern "C" {
    fn X509_get_signature_info(
        certificate: *mut openssl_sys::X509,
        digest: *mut c_int,
        key: *mut c_int,
        security_bits: *mut c_int,
        flags: *mut u32,
    ) -> c_int;
    fn X509_supported_extension(extension: *mut openssl_sys::X509_EXTENSION) -> c_int;
    fn X509_get_X509_PUBKEY(certificate: *const openssl_sys::X509) -> *mut c_void;
    fn X509_PUBKEY_get0_param(
        algorithm: *mut *mut openssl_sys::ASN1_OBJECT,
        key: *mut *const u8,
        length: *mut c_int,
        parameters: *mut *mut c_void,
        public_key: *const c_void,
    ) -> c_int;
    fn EVP_PKEY_get_int_param(
        key: *const openssl_sys::EVP_PKEY,
        name: *const c_char,
        value: *mut c_int,
    ) -> c_int;
}

/// How `certificate` is signed; `None` for a scheme that OpenSSL does not know.
pub fn signature(certificate: &X509Ref) -> Option<Signature> {
    let (mut digest, mut bits) = (0, -1);
    // SAFETY: the certificate is alive, and OpenSSL takes null for what is not wanted.
    let known = unsafe {
        X509_get_signature_info(
            certificate.as_ptr(),
            &raw mut digest,
            ptr::null_mut(),
            &raw mut bits,
            ptr::null_mut(),
        )
    };
    (known == 1).then(|| Signature {
        digest: Nid::from_raw(digest),
        security_bits: bits,
    })
}

/// The object identifiers of the extended key usage; `None` where there is no such extension, or it
/// is not readable.
pub fn extended_key_usage(certificate: &X509Ref) -> Option<Stack<Asn1Object>> {
    // SAFETY: the certificate is alive. What comes back is null or a new STACK_OF(ASN1_OBJECT), which
    // is what OpenSSL decodes this extension to, and is ours to free.
    unsafe {
        let usages = openssl_sys::X509_get_ext_d2i(
            certificate.as_ptr(),
            openssl_sys::NID_ext_key_usage,
            ptr::null_mut(),
            ptr::null_mut(),
        );
        (!usages.is_null()).then(|| Stack::from_ptr(usages.cast()))
    }
}

/// Whether a certificate says of itself that it is a CA's (basic constraints, RFC 5280 4.2.1.9).
pub fn is_ca(certificate: &X509Ref) -> bool {
    extension_flags(certificate) & openssl_sys::EXFLAG_CA != 0
}

/// Whether an extension that OpenSSL decides by cannot be read, or contradicts itself: it refuses such
/// a certificate for any purpose.
pub fn has_invalid_extension(certificate: &X509Ref) -> bool {
    extension_flags(certificate) & openssl_sys::EXFLAG_INVALID != 0
}

/// What OpenSSL concludes from the extensions: EXFLAG_*.
fn extension_flags(certificate: &X509Ref) -> u32 {
    // SAFETY: the certificate is alive; the call fills a cache in it under OpenSSL's own lock and hands
    // back a number.
    unsafe { openssl_sys::X509_get_extension_flags(certificate.as_ptr()) }
}

/// Whether it has this extension.
pub fn has_extension(certificate: &X509Ref, extension: Nid) -> bool {
    // SAFETY: the certificate is alive; the call looks for a number and hands back an index or -1.
    unsafe { openssl_sys::X509_get_ext_by_NID(certificate.as_ptr(), extension.as_raw(), -1) >= 0 }
}

/// The object identifiers of the critical extensions that OpenSSL, as any verifier that does not know
/// them, has to refuse (RFC 5280 4.2).
pub fn unknown_critical_extensions(certificate: &X509Ref) -> Vec<String> {
    let mut unknown = Vec::new();
    // SAFETY: the certificate is alive, and the extensions and objects asked for belong to it; none
    // outlives this function. An index below the count is always there.
    unsafe {
        for index in 0..openssl_sys::X509_get_ext_count(certificate.as_ptr()) {
            let extension = openssl_sys::X509_get_ext(certificate.as_ptr(), index);
            if openssl_sys::X509_EXTENSION_get_critical(extension) == 1
                && X509_supported_extension(extension) == 0
            {
                let object = openssl_sys::X509_EXTENSION_get_object(extension);
                unknown.push(Asn1ObjectRef::from_ptr(object).to_string());
            }
        }
    }
    unknown
}

/// The name of the public key's algorithm, also where OpenSSL cannot read the key itself.
pub fn public_key_algorithm(certificate: &X509Ref) -> String {
    let mut algorithm = ptr::null_mut();
    // SAFETY: the certificate is alive, and key and object belong to it; OpenSSL takes null for what
    // is not wanted, and the object does not outlive this function.
    unsafe {
        let public_key = X509_get_X509_PUBKEY(certificate.as_ptr());
        let found = !public_key.is_null()
            && X509_PUBKEY_get0_param(
                &raw mut algorithm,
                ptr::null_mut(),
                ptr::null_mut(),
                ptr::null_mut(),
                public_key,
            ) == 1
            && !algorithm.is_null();
        match found {
            true => Asn1ObjectRef::from_ptr(algorithm).to_string(),
            false => "unknown".to_owned(),
        }
    }
}

/// Whether the curve of a key that was read is written out in numbers instead of named, which OpenSSL
/// refuses in a chain (X509_V_ERR_EC_KEY_EXPLICIT_PARAMS) and RFC 5480 2.1.1 forbids.
pub fn has_explicit_curve<T: HasPublic>(key: &PKeyRef<T>) -> bool {
    let mut explicit = 0;
    // SAFETY: the key is alive, the name a C string, and the number is written before the call ends;
    // the name is that of OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS.
    let found = unsafe {
        EVP_PKEY_get_int_param(
            key.as_ptr(),
            c"decoded-from-explicit".as_ptr(),
            &raw mut explicit,
        )
    };
    found == 1 && explicit == 1
}

/// OpenSSL's own check that the parts of a private key belong together. For RSA it looks for primes
/// anew, which takes 0.3 s with 4096 bits; `None` where it has no check for the kind of key.
pub fn is_consistent(key: &PKeyRef<Private>) -> Option<bool> {
    // SAFETY: the key is alive. The context is ours, holds its own reference to the key, is not used
    // where it could not be made, and is freed once.
    let result = unsafe {
        let context = openssl_sys::EVP_PKEY_CTX_new(key.as_ptr(), ptr::null_mut());
        if context.is_null() {
            return None;
        }
        let result = openssl_sys::EVP_PKEY_check(context);
        openssl_sys::EVP_PKEY_CTX_free(context);
        result
    };
    // -2: not supported for this kind of key.
    (result != -2).then_some(result == 1)
}
