//! Ctrl-C, SIGTERM and SIGHUP leave nothing behind: no temporary file, no terminal without echo.
//!
//! Without a clean-up the signals end the program as they always do. [`ask`] is here because a prompt
//! turns the terminal's echo off, which a signal must not leave so. Left out: systems without POSIX
//! signals, where nothing is cleaned up.

use std::ffi::c_int;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
#[cfg(unix)]
use std::{sync::mpsc::sync_channel, time::Duration};

/// Takes the number of the signal.
type CleanUp = Box<dyn FnMut(c_int) + Send>;

/// What is to be done before a signal ends the program, each with its number.
static CLEAN_UPS: Mutex<Vec<(u64, CleanUp)>> = Mutex::new(Vec::new());

fn clean_ups() -> MutexGuard<'static, Vec<(u64, CleanUp)>> {
    // A list of functions is whole whatever happened to the thread that held it.
    CLEAN_UPS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps a clean-up in force; dropped, it no longer is.
#[must_use = "dropped, the clean-up is no longer in force"]
#[derive(Debug)]
pub struct Registered(u64);

impl Drop for Registered {
    fn drop(&mut self) {
        clean_ups().retain(|(number, _)| *number != self.0);
    }
}

/// From now on a signal that ends the program does this first. The program then ends by that signal,
/// so that a shell sees the same status as ever (130, 143, 129) and stops its script.
///
/// # Errors
/// When the system refuses to install the handlers.
pub fn clean_up_first(clean_up: impl FnMut(c_int) + Send + 'static) -> io::Result<Registered> {
    install()?;
    let mut registered = clean_ups();
    let others = registered.iter().take_while(|(number, _)| *number != LAST);
    let at = others.count();
    let number = registered[..at].last().map_or(0, |(last, _)| last + 1);
    registered.insert(at, (number, Box::new(clean_up)));
    Ok(Registered(number))
}

/// The same after all the others, whenever those came. There is one.
///
/// # Errors
/// As for [`clean_up_first`].
pub fn clean_up_last(clean_up: impl FnMut(c_int) + Send + 'static) -> io::Result<Registered> {
    install()?;
    clean_ups().push((LAST, Box::new(clean_up)));
    Ok(Registered(LAST))
}

/// The number of what comes after all the others.
const LAST: u64 = u64::MAX;

/// The system refuses the handlers.
#[cfg(unix)]
#[derive(Debug, thiserror::Error)]
#[error("cannot install the signal handlers")]
struct NoHandlers(#[source] io::Error);

#[cfg(unix)]
fn install() -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    static INSTALLED: Mutex<bool> = Mutex::new(false);
    let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
    if !*installed {
        let ignored = ignored();
        let heard = [SIGINT, SIGTERM, SIGHUP]
            .into_iter()
            .filter(|signal| ignored & (1 << (signal - 1)) == 0);
        let mut signals = Signals::new(heard)
            .map_err(|source| io::Error::new(source.kind(), NoHandlers(source)))?;
        std::thread::spawn(move || signals.forever().for_each(end));
        *installed = true;
    }
    Ok(())
}

/// The signals that whoever started the program has it ignore, as `nohup` does with SIGHUP: a bit for
/// each, the lowest for 1. None where the system does not show them (proc_pid_status(5)).
#[cfg(unix)]
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or_default()
}

#[cfg(not(unix))]
fn install() -> io::Result<()> {
    Ok(())
}

/// A clean-up that takes longer is given up: it may say something to a standard error that nobody
/// reads.
#[cfg(unix)]
const PATIENCE: Duration = Duration::from_secs(5);

/// Cleans up and dies by the signal, not by way of `exit`: no handler of a library's runs beside the
/// threads that still use it.
#[cfg(unix)]
fn end(signal: c_int) {
    let (done, is_done) = sync_channel(1);
    std::thread::spawn(move || {
        for (_, mut clean_up) in clean_ups().drain(..) {
            clean_up(signal);
        }
        // Whoever waited may have given up.
        let _ = done.send(());
    });
    let _ = is_done.recv_timeout(PATIENCE);
    // It cannot fail for these signals, and there is nobody left to tell.
    let _ = signal_hook::low_level::emulate_default_handler(signal);
}

/// Asks on the terminal by `prompt`, which switches off the echo, and leaves the terminal as it was
/// also when a signal comes instead of an answer.
///
/// # Errors
/// What `prompt` returns. Ctrl-C is no error: it ends the program.
#[cfg(unix)]
pub fn ask<T>(prompt: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

    // The prompt itself opens the terminal by this name.
    let terminal = std::fs::File::open("/dev/tty")?;
    let as_it_was = tcgetattr(&terminal)?;
    let registered = clean_up_first(move |_| {
        // A terminal that is gone needs no care.
        let _ = tcsetattr(&terminal, OptionalActions::Now, &as_it_was);
    })?;
    let answer = prompt();
    if let Err(error) = &answer
        && error.kind() == io::ErrorKind::Interrupted
    {
        // With the echo off the terminal sends no signal; the prompt raises SIGINT in this thread
        // and returns. The other thread may not have come to it yet.
        end(signal_hook::consts::SIGINT);
    }
    drop(registered);
    answer
}

/// Asks on the terminal by `prompt`.
///
/// # Errors
/// What `prompt` returns.
#[cfg(not(unix))]
pub fn ask<T>(prompt: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    prompt()
}
