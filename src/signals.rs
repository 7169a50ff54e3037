//! Ctrl-C, SIGTERM and SIGHUP leave no temporary file behind.
//!
//! Only commands that make one call this; without it the signals end the program as they always do.

use std::io;
use std::sync::Once;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::output::file;

/// From now on the signals that end a program remove unfinished output files first, then end it
/// with the same status as ever (130, 143, 129 in a shell).
///
/// # Errors
/// When the system refuses to install the handlers.
pub fn remove_temporary_files() -> io::Result<()> {
    static ONCE: Once = Once::new();
    let mut result = Ok(());
    ONCE.call_once(|| result = install());
    result
}

fn install() -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    std::thread::spawn(move || {
        for signal in signals.forever() {
            file::remove_pending();
            // Dying by the signal itself tells a shell that its script should stop too.
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    });
    Ok(())
}
