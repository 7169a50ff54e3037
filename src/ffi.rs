//! The OpenSSL calls that the `openssl` crate lacks, and a look at the process before Rust's runtime
//! changes it: the only `unsafe` in the program.

#![expect(
    unsafe_code,
    reason = "the one module that may: C functions and pointers"
)]

pub mod certificate;
pub mod pkcs12;
pub mod verify;

use std::ffi::{c_int, c_void};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use foreign_types::ForeignTypeRef;
use openssl::error::ErrorStack;
use openssl::ex_data::Index;
use openssl::ssl::{Ssl, SslContextBuilder, SslRef};
use openssl::x509::{X509Ref, X509VerifyResult};

/// Content type of a TLS alert record (RFC 8446 B.1).
pub const CONTENT_ALERT: i32 = 21;
/// Content type of a TLS handshake record (RFC 8446 B.1).
pub const CONTENT_HANDSHAKE: i32 = 22;

/// One TLS message as OpenSSL shows it to a message callback, decrypted.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// Whether we sent it.
    pub sent: bool,
    /// [`CONTENT_ALERT`], [`CONTENT_HANDSHAKE`], or a pseudo type of OpenSSL's above 255.
    pub content_type: i32,
    /// The message with its own header, without the record's.
    pub bytes: &'a [u8],
}

/// Hears each message of one connection; must not panic (it is called from C).
pub type Listener = Box<dyn Fn(Message<'_>) + Send + Sync>;

type MessageCallback = unsafe extern "C" fn(
    c_int,
    c_int,
    c_int,
    *const c_void,
    usize,
    *mut openssl_sys::SSL,
    *mut c_void,
);

unsafe extern "C" {
    fn SSL_CTX_set_msg_callback(
        context: *mut openssl_sys::SSL_CTX,
        callback: Option<MessageCallback>,
    );
    fn SSL_CTX_set_default_read_buffer_len(context: *mut openssl_sys::SSL_CTX, length: usize);
}

/// Lets connections made from `context` ask for so many bytes of ciphertext at once, which takes
/// `set_read_ahead` too.
pub fn set_read_buffer(context: &mut SslContextBuilder, length: usize) {
    // SAFETY: the context is alive, and OpenSSL takes any length.
    unsafe {
        SSL_CTX_set_default_read_buffer_len(context.as_ptr(), length);
    }
}

/// Where an `SSL` keeps its [`Listener`].
static LISTENER: OnceLock<Index<Ssl, Listener>> = OnceLock::new();

fn listener_index() -> Result<Index<Ssl, Listener>, ErrorStack> {
    if let Some(index) = LISTENER.get() {
        return Ok(*index);
    }
    let index = Ssl::new_ex_index()?;
    Ok(*LISTENER.get_or_init(|| index))
}

/// Lets connections made from `context` have a [`Listener`].
///
/// The message callback is the one place in OpenSSL that shows the alerts of both directions, that
/// the server asked for a certificate, and whether the one sent was empty.
pub fn enable_listeners(context: &mut SslContextBuilder) {
    // SAFETY: the context is alive, the callback has the type OpenSSL documents and is `'static`.
    unsafe {
        SSL_CTX_set_msg_callback(context.as_ptr(), Some(on_message));
    }
}

/// Gives one connection its listener.
///
/// # Errors
/// When OpenSSL has no memory for the slot.
pub fn attach_listener(ssl: &mut Ssl, listener: Listener) -> Result<(), ErrorStack> {
    ssl.set_ex_data(listener_index()?, listener);
    Ok(())
}

// SAFETY of the contract: only OpenSSL calls it, with a live `SSL` and a buffer of `length` bytes.
unsafe extern "C" fn on_message(
    sent: c_int,
    _version: c_int,
    content_type: c_int,
    buffer: *const c_void,
    length: usize,
    ssl: *mut openssl_sys::SSL,
    _argument: *mut c_void,
) {
    let Some(index) = LISTENER.get() else { return };
    if ssl.is_null() || buffer.is_null() {
        return;
    }
    // SAFETY: OpenSSL passes the connection it is working on; the reference ends with this call.
    let ssl = unsafe { SslRef::from_ptr(ssl) };
    if let Some(listener) = ssl.ex_data(*index) {
        // SAFETY: the buffer holds `length` bytes and lives until the callback returns.
        let bytes = unsafe { std::slice::from_raw_parts(buffer.cast::<u8>(), length) };
        listener(Message {
            sent: sent == 1,
            content_type,
            bytes,
        });
    }
}

/// The verify code whose text OpenSSL prints as `text`; `native-tls` tells only the text.
pub fn verify_code_of(text: &str) -> Option<i32> {
    // X509_V_ERR_* end at 95 in OpenSSL 3.6.
    (1..128).find(|code| {
        // SAFETY: the number is only looked up in OpenSSL's table of texts, which has a default.
        let result = unsafe { X509VerifyResult::from_raw(*code) };
        result.error_string() == text
    })
}

/// Whether a certificate says of itself that it is a CA's (basic constraints, RFC 5280 4.2.1.9).
pub fn is_ca(certificate: &X509Ref) -> bool {
    // SAFETY: the pointer comes from a live reference. The call fills a cache in the certificate
    // under OpenSSL's own lock and hands back a number.
    let flags = unsafe { openssl_sys::X509_get_extension_flags(certificate.as_ptr()) };
    flags & openssl_sys::EXFLAG_CA != 0
}

/// Whether the process was started without a standard output (`>&-`).
///
/// Rust's runtime opens `/dev/null` in its place before `main`, where results would vanish without an
/// error. Known on Linux and macOS; elsewhere it counts as open.
pub fn stdout_was_closed() -> bool {
    STDOUT_WAS_CLOSED.load(Ordering::Relaxed)
}

static STDOUT_WAS_CLOSED: AtomicBool = AtomicBool::new(false);

#[cfg(any(target_os = "linux", target_os = "macos"))]
mod before_main {
    use super::{Ordering, STDOUT_WAS_CLOSED};

    extern "C" fn look() {
        let closed = rustix::io::fcntl_getfd(rustix::stdio::stdout()).is_err();
        STDOUT_WAS_CLOSED.store(closed, Ordering::Relaxed);
    }

    // SAFETY: the loader calls each function in this section once, before `main`, with arguments that
    // a C function may leave alone. `look` neither allocates nor panics nor uses what the runtime
    // sets up: it makes one system call and stores a flag.
    #[cfg_attr(target_os = "linux", unsafe(link_section = ".init_array"))]
    #[cfg_attr(target_os = "macos", unsafe(link_section = "__DATA,__mod_init_func"))]
    #[used]
    static LOOK: extern "C" fn() = look;
}
