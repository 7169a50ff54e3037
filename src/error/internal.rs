//! Faults of the program itself: panics, told like any other failure.

use std::fmt;
use std::io::{self, Write};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// A panic, in whatever thread: exit status 1.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InternalFault {
    /// Where: `src/net/body.rs:12:3`; `None` where [`InternalFault::watch`] was not called.
    place: Option<String>,
    /// What it says, where that is a text of the program's: any other may hold a secret.
    message: Option<&'static str>,
}

/// The first of a run; others follow from it.
static FIRST: OnceLock<InternalFault> = OnceLock::new();

/// Whether somebody will tell it.
static IS_AWAITED: AtomicBool = AtomicBool::new(false);

impl InternalFault {
    /// From now on a panic prints nothing by itself where [`Self::caught`] tells it, and nothing that it
    /// was given anywhere.
    #[expect(
        clippy::disallowed_methods,
        reason = "nothing else is there any more that could tell it, and the text is the program's own"
    )]
    pub fn watch() {
        panic::set_hook(Box::new(|info| {
            let fault = Self::of(info);
            if !IS_AWAITED.load(Ordering::Relaxed) {
                // A standard error that is gone cannot be told anything.
                let _ = writeln!(io::stderr(), "error: {fault}");
            }
            let _ = FIRST.set(fault);
        }));
    }

    fn of(info: &PanicHookInfo<'_>) -> Self {
        Self {
            place: info.location().map(ToString::to_string),
            message: info.payload().downcast_ref().copied(),
        }
    }

    /// Does the work.
    ///
    /// # Errors
    /// When it panicked, or a thread did meanwhile.
    pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Self> {
        IS_AWAITED.store(true, Ordering::Relaxed);
        let done = panic::catch_unwind(AssertUnwindSafe(work));
        IS_AWAITED.store(false, Ordering::Relaxed);
        match (FIRST.get(), done) {
            (Some(fault), _) => Err(fault.clone()),
            (None, done) => done.map_err(|_| Self::default()),
        }
    }
}

impl fmt::Display for InternalFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fault of sfmtls itself")?;
        if let Some(place) = &self.place {
            write!(f, ", at {place}")?;
        }
        match self.message {
            Some(message) => write!(f, ": {message}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for InternalFault {}
