//! The OpenSSL calls that the `openssl` crate lacks, and a look at the process before Rust's runtime
//! changes it: the only `unsafe` in the program.

#![expect(
    unsafe_code,
    reason = "the one module that may: C functions and pointers"
)]

pub mod certificate;
pub mod pkcs12;
pub mod tls;
pub mod verify;

use std::sync::atomic::{AtomicBool, Ordering};

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
