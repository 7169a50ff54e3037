//! TLS connections: the messages that OpenSSL shows to a callback, and the size of the read buffer.

use std::ffi::{c_int, c_void};
use std::sync::OnceLock;

use foreign_types::ForeignTypeRef;
use openssl::error::ErrorStack;
use openssl::ex_data::Index;
use openssl::ssl::{Ssl, SslContextBuilder, SslRef};

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

/// Sets the read buffer of connections made from `context`, in bytes; has no effect without
/// `set_read_ahead(true)`.
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
