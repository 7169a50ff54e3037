//! The real world, gathered: arguments, environment, streams, clock.

#![expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment and names the streams"
)]

use std::io::{self, IsTerminal, Write};
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::time::SystemTime;

use sfmtls::error::InternalFault;
use sfmtls::explain::exit;
use sfmtls::world::{Terminals, World};

fn main() -> ExitCode {
    let terminals = Terminals {
        stdin: io::stdin().is_terminal(),
        stdout: io::stdout().is_terminal(),
        stderr: io::stderr().is_terminal(),
        stdout_is_piped: stdout_is_piped(),
        width,
    };
    InternalFault::watch();
    let world = World {
        arguments: std::env::args_os().collect(),
        environment: std::env::vars_os().collect(),
        stdin: Box::new(io::stdin()),
        stdout: stdout(),
        stderr: Box::new(io::stderr()),
        terminals,
        prompt: |question| rpassword::prompt_password(question),
        now: SystemTime::now,
    };
    let status = panic::catch_unwind(AssertUnwindSafe(|| sfmtls::run(world)));
    // It has been told.
    ExitCode::from(status.unwrap_or(exit::OTHER))
}

/// Also where the number of rows is not known, as on serial lines and in `script`.
#[cfg(unix)]
fn width() -> Option<usize> {
    use rustix::stdio::{stderr, stdout};
    use rustix::termios::tcgetwinsize;
    let columns = |size: rustix::termios::Winsize| Some(size.ws_col).filter(|it| *it > 0);
    let size = tcgetwinsize(stderr()).ok().and_then(columns);
    let size = size.or_else(|| tcgetwinsize(stdout()).ok().and_then(columns))?;
    Some(size.into())
}

#[cfg(not(unix))]
fn width() -> Option<usize> {
    let size = console::Term::stderr().size_checked();
    let (_, columns) = size.or_else(|| console::Term::stdout().size_checked())?;
    Some(columns.into())
}

#[cfg(unix)]
fn stdout_is_piped() -> bool {
    use rustix::fs::{FileType, fstat};
    let status = fstat(rustix::stdio::stdout());
    status.is_ok_and(|status| {
        let kind = FileType::from_raw_mode(status.st_mode);
        matches!(kind, FileType::Fifo | FileType::Socket)
    })
}

/// Not known: progress stays.
#[cfg(not(unix))]
fn stdout_is_piped() -> bool {
    false
}

/// The bare descriptor: Rust's own standard output looks through every block for line ends.
#[cfg(unix)]
fn stdout() -> Box<dyn Write + Send> {
    use std::fs::File;
    use std::os::fd::AsFd;
    let file = match sfmtls::ffi::stdout_was_closed() {
        // Open for reading alone, it refuses what is written as a closed one does.
        true => File::open("/dev/null"),
        false => io::stdout().as_fd().try_clone_to_owned().map(File::from),
    };
    match file {
        Ok(file) => Box::new(file),
        Err(_) => Box::new(io::stdout()),
    }
}

/// Rust's own: a Windows console takes no UTF-8 from a bare handle.
#[cfg(not(unix))]
fn stdout() -> Box<dyn Write + Send> {
    Box::new(io::stdout())
}
