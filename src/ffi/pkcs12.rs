//! What a PKCS#12 file needs of OpenSSL besides its certificates and keys: the MAC and the ciphers.
//!
//! The structure itself is read by `identity::der`, which needs no pointers. All functions declared
//! here are in OpenSSL since 1.0 and have kept their types up to 3.6.

use std::ffi::{c_char, c_int, c_long, c_uchar, c_void};
use std::ops::Deref;
use std::ptr;

use foreign_types::ForeignTypeRef;
use openssl::error::ErrorStack;
use openssl::pkcs12::Pkcs12Ref;
use openssl_sys::X509_ALGOR;

unsafe extern "C" {
    fn PKCS12_verify_mac(
        container: *mut openssl_sys::PKCS12,
        password: *const c_char,
        length: c_int,
    ) -> c_int;
    fn PKCS12_pbe_crypt(
        algorithm: *const X509_ALGOR,
        password: *const c_char,
        password_length: c_int,
        input: *const c_uchar,
        input_length: c_int,
        output: *mut *mut c_uchar,
        output_length: *mut c_int,
        encrypt: c_int,
    ) -> *mut c_uchar;
    fn d2i_X509_ALGOR(
        reused: *mut *mut X509_ALGOR,
        input: *mut *const c_uchar,
        length: c_long,
    ) -> *mut X509_ALGOR;
    fn X509_ALGOR_free(algorithm: *mut X509_ALGOR);
    fn OPENSSL_cleanse(memory: *mut c_void, length: usize);
}

/// Whether the MAC of a PKCS#12 file verifies with this password; no password at all and the empty
/// one are two different things (RFC 7292 B.1).
///
/// # Errors
/// When OpenSSL cannot compute it: an unknown digest, a broken structure, or no MAC there.
pub fn mac_verifies(container: &Pkcs12Ref, password: Option<&[u8]>) -> Result<bool, ErrorStack> {
    let (password, length) = parts(password)?;
    // SAFETY: the container is alive. The password is `length` bytes long, or null with length 0,
    // and is only read. The function computes the MAC in memory of its own and changes nothing.
    let verified = unsafe { PKCS12_verify_mac(container.as_ptr(), password, length) } == 1;
    let errors = ErrorStack::get();
    if verified || errors.errors().is_empty() {
        return Ok(verified);
    }
    Err(errors)
}

/// Decrypts what a password protects by the algorithm of this AlgorithmIdentifier (DER or BER): the
/// schemes of PKCS#12 and PKCS#5. The legacy provider is not loaded for it.
///
/// # Errors
/// When the algorithm is unknown or cannot be read, or the padding is wrong afterwards.
pub fn decrypt(
    algorithm: &[u8],
    password: Option<&[u8]>,
    content: &[u8],
) -> Result<Decrypted, ErrorStack> {
    openssl_sys::init();
    let algorithm = Algorithm::from_der(algorithm)?;
    let (password, password_length) = parts(password)?;
    let mut output = ptr::null_mut();
    let mut length = 0;
    // SAFETY: the algorithm is alive; password and content are as long as is said and only read, or
    // null with length 0. On success OpenSSL has stored a new allocation in `output` and its filled
    // length in `length`; otherwise it returns null, stores nothing and has freed what it allocated.
    let done = unsafe {
        PKCS12_pbe_crypt(
            algorithm.0,
            password,
            password_length,
            content.as_ptr(),
            length_of(content)?,
            &raw mut output,
            &raw mut length,
            0,
        )
    };
    let length = usize::try_from(length).unwrap_or_default();
    if done.is_null() || output.is_null() {
        return Err(ErrorStack::get());
    }
    Ok(Decrypted { output, length })
}

/// Decrypted bytes in OpenSSL's memory, wiped when they are dropped. Not `Send`: nothing needs it.
pub struct Decrypted {
    output: *mut c_uchar,
    length: usize,
}

impl Deref for Decrypted {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: `output` is not null and holds `length` initialised bytes; only `drop` frees it, and
        // nothing writes to it while a reference lives.
        unsafe { std::slice::from_raw_parts(self.output, self.length) }
    }
}

impl Drop for Decrypted {
    fn drop(&mut self) {
        // SAFETY: the allocation is OpenSSL's own, belongs to this value alone and is at least
        // `length` bytes long; no reference to it is left.
        unsafe {
            OPENSSL_cleanse(self.output.cast(), self.length);
            openssl_sys::OPENSSL_free(self.output.cast());
        }
    }
}

/// An AlgorithmIdentifier as OpenSSL holds it; never null.
struct Algorithm(*mut X509_ALGOR);

impl Algorithm {
    fn from_der(der: &[u8]) -> Result<Self, ErrorStack> {
        let mut input = der.as_ptr();
        let length = c_long::from(length_of(der)?);
        // SAFETY: `input` points to `length` bytes, of which OpenSSL moves its own copy of the
        // pointer along; null makes it allocate a new value, which it hands over.
        let algorithm = unsafe { d2i_X509_ALGOR(ptr::null_mut(), &raw mut input, length) };
        if algorithm.is_null() {
            return Err(ErrorStack::get());
        }
        Ok(Self(algorithm))
    }
}

impl Drop for Algorithm {
    fn drop(&mut self) {
        // SAFETY: it came from `d2i_X509_ALGOR`, is not null, and nothing else holds it.
        unsafe { X509_ALGOR_free(self.0) }
    }
}

fn parts(password: Option<&[u8]>) -> Result<(*const c_char, c_int), ErrorStack> {
    Ok(match password {
        Some(password) => (password.as_ptr().cast(), length_of(password)?),
        None => (ptr::null(), 0),
    })
}

/// Two gigabytes are refused with an empty stack: files are never that long.
fn length_of(bytes: &[u8]) -> Result<c_int, ErrorStack> {
    c_int::try_from(bytes.len()).map_err(|_| ErrorStack::get())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_algorithm_is_an_error_and_leaves_none_behind() {
        // Nothing, half an element, another element, and an algorithm that encrypts nothing.
        let sha256 = [0x30, 11, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
        for broken in [&[][..], &[0x30], &[4, 0], &sha256] {
            let error = decrypt(broken, Some(b"secret"), &[0; 16]).err();
            assert!(error.is_some_and(|stack| !stack.errors().is_empty()));
            assert!(ErrorStack::get().errors().is_empty());
        }
    }
}
