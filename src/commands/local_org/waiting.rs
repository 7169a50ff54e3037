//! Waiting for Ctrl-C or for a command, and what its end is as an exit status.

use std::io;
use std::process::Child;

/// Whoever waits; made before there is anything to be cleaned up.
pub(super) struct Waiting(system::Signals);

impl Waiting {
    /// From now on signals do not end the program by themselves.
    ///
    /// # Errors
    /// When the system does not let them be caught.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self(system::signals()?))
    }

    /// Waits for a signal that ends the program; returns the exit status for it.
    pub(super) fn for_the_end(&mut self) -> u8 {
        system::the_end(&mut self.0)
    }

    /// Waits for a command; returns the exit status that a shell would report.
    ///
    /// # Errors
    /// When the system does not tell how it ended.
    pub(super) fn for_command(&mut self, child: Child) -> io::Result<u8> {
        system::command(child, &mut self.0)
    }
}

#[cfg(unix)]
mod system {
    use std::io;
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Child, ExitStatus};

    use rustix::process::{Pid, Signal, kill_process};
    use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};
    pub(super) use signal_hook::iterator::Signals;

    pub(super) fn signals() -> io::Result<Signals> {
        Signals::new([SIGINT, SIGTERM, SIGHUP, SIGCHLD])
    }

    pub(super) fn the_end(signals: &mut Signals) -> u8 {
        let signal = signals.forever().find(|signal| *signal != SIGCHLD);
        signal.map_or(0, status_of_signal)
    }

    /// Ctrl-C is the command's to answer: the terminal sends it to both. Other signals come to us
    /// alone and are passed on.
    pub(super) fn command(mut child: Child, signals: &mut Signals) -> io::Result<u8> {
        for signal in signals.forever() {
            if let Some(ended) = child.try_wait()? {
                return Ok(status(ended));
            }
            let passed_on = match signal {
                SIGTERM => Some(Signal::TERM),
                SIGHUP => Some(Signal::HUP),
                _ => None,
            };
            if let (Some(signal), Some(pid)) = (passed_on, pid(&child)) {
                kill_process(pid, signal)?;
            }
        }
        Ok(status(child.wait()?))
    }

    fn pid(child: &Child) -> Option<Pid> {
        Pid::from_raw(i32::try_from(child.id()).ok()?)
    }

    fn status(status: ExitStatus) -> u8 {
        match (status.code(), status.signal()) {
            (Some(code), _) => u8::try_from(code).unwrap_or(1),
            (None, Some(signal)) => status_of_signal(signal),
            (None, None) => 1,
        }
    }

    fn status_of_signal(signal: i32) -> u8 {
        u8::try_from(128 + signal).unwrap_or(1)
    }
}

#[cfg(not(unix))]
mod system {
    use std::io;
    use std::process::Child;

    /// The console ends both by itself.
    pub(super) struct Signals;

    pub(super) fn signals() -> io::Result<Signals> {
        Ok(Signals)
    }

    pub(super) fn the_end(_: &mut Signals) -> u8 {
        loop {
            std::thread::park();
        }
    }

    pub(super) fn command(mut child: Child, _: &mut Signals) -> io::Result<u8> {
        let code = child.wait()?.code().unwrap_or(1);
        Ok(u8::try_from(code).unwrap_or(1))
    }
}
