//! OpenSSL's verification of a chain, with all that it objects to and not only the first.

use std::cell::Cell;
use std::ffi::c_int;

use foreign_types::ForeignTypeRef;
use openssl::error::ErrorStack;
use openssl::x509::{X509, X509Ref, X509StoreContextRef};

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
