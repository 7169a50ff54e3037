//! OpenSSL's verification of a chain, with all that it objects to and not only the first.

use std::cell::Cell;
use std::ffi::c_int;

use foreign_types::ForeignTypeRef;
use openssl::error::ErrorStack;
use openssl::x509::{X509, X509Ref, X509StoreContextRef, X509VerifyResult};

// The codes that somebody decides by, under the names that OpenSSL's manual has for them.
pub use openssl_sys::{
    X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_CERT_NOT_YET_VALID,
    X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_EXCLUDED_VIOLATION,
    X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_INVALID_CA, X509_V_ERR_IP_ADDRESS_MISMATCH,
    X509_V_ERR_KEYUSAGE_NO_CERTSIGN, X509_V_ERR_PATH_LENGTH_EXCEEDED,
    X509_V_ERR_PERMITTED_VIOLATION, X509_V_ERR_PROXY_CERTIFICATES_NOT_ALLOWED,
    X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_SUBTREE_MINMAX,
    X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE,
    X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION, X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX,
    X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE, X509_V_ERR_UNSUPPORTED_NAME_SYNTAX,
};

/// A key on a curve that is written out in numbers; `openssl-sys` does not have it.
pub const X509_V_ERR_EC_KEY_EXPLICIT_PARAMS: i32 = 94;

/// One objection.
#[derive(Debug, Clone)]
pub struct Objection {
    /// X509_V_ERR_*.
    pub code: i32,
    /// The certificate that it is about. Its depth would tell less: OpenSSL may find another way up.
    pub certificate: Option<X509>,
}

type VerifyCallback = unsafe extern "C" fn(c_int, *mut openssl_sys::X509_STORE_CTX) -> c_int;

unsafe extern "C" {
    fn X509_STORE_CTX_set_verify_cb(
        context: *mut openssl_sys::X509_STORE_CTX,
        callback: Option<VerifyCallback>,
    );
}

thread_local! {
    /// What this thread's verification has objected to so far.
    static OBJECTIONS: Cell<Vec<Objection>> = const { Cell::new(Vec::new()) };
}

/// Verifies, and goes on after each objection.
///
/// # Errors
/// When OpenSSL cannot verify at all (no memory, an unusable context).
pub fn objections(context: &mut X509StoreContextRef) -> Result<Vec<Objection>, ErrorStack> {
    OBJECTIONS.set(Vec::new());
    // SAFETY: the context is alive, the callback has the type that OpenSSL documents and is `'static`.
    unsafe {
        X509_STORE_CTX_set_verify_cb(context.as_ptr(), Some(go_on));
    }
    context.verify_cert()?;
    Ok(OBJECTIONS.take())
}

// SAFETY of the contract: only OpenSSL calls it, with the context it is working on, on the thread that
// called X509_verify_cert. It does not panic: the list leaves its cell while it grows.
unsafe extern "C" fn go_on(ok: c_int, context: *mut openssl_sys::X509_STORE_CTX) -> c_int {
    if ok == 0 {
        // SAFETY: the context is alive during the call and only read from. The certificate, null or
        // alive, is the context's; what is kept holds a reference of its own.
        let objection = unsafe {
            let certificate = openssl_sys::X509_STORE_CTX_get_current_cert(context);
            Objection {
                code: openssl_sys::X509_STORE_CTX_get_error(context),
                certificate: (!certificate.is_null())
                    .then(|| X509Ref::from_ptr(certificate).to_owned()),
            }
        };
        let mut objections = OBJECTIONS.take();
        objections.push(objection);
        OBJECTIONS.set(objections);
    }
    1
}

/// The verify code whose text OpenSSL prints as `text`; `native-tls` tells only the text.
pub fn code_of(text: &str) -> Option<i32> {
    // X509_V_ERR_* end at 95 in OpenSSL 3.6.
    (1..128).find(|code| {
        // SAFETY: the number is only looked up in OpenSSL's table of texts, which has a default.
        let result = unsafe { X509VerifyResult::from_raw(*code) };
        result.error_string() == text
    })
}
