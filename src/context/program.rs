//! A program of somebody else's that is listened to: not for ever, not without end, and not after
//! our own end.

use std::io::{self, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::salesforce::sf::Printed;
use crate::signals;

/// The longest standard output that is read, in bytes: longer than any document.
const LONGEST: u64 = 1024 * 1024;

/// The longest end of standard error that is kept, in bytes.
const LAST: usize = 4096;

/// A program that is gone has left its streams, unless a process outside its group has them.
const PATIENCE: Duration = Duration::from_secs(1);

/// Runs a program and returns what it printed until it left its standard output, or until `limit`
/// has passed. Then it is ended together with its children, as it is when a signal ends us.
///
/// # Errors
/// When it cannot be started or read.
pub(super) fn run(command: &mut Command, limit: Duration) -> io::Result<Printed> {
    let running = Arc::new(Running::default());
    let ends_with_us = Arc::clone(&running);
    let _registered = signals::clean_up_first(move |_| _ = ends_with_us.end())?;
    let (stdout, stderr) = running.start(command)?;
    let printed = stdout.recv_timeout(limit);
    if !running.end() {
        // A signal has, and is about to end us: that its words are missing is nobody's to tell.
        loop {
            std::thread::park();
        }
    }
    Ok(Printed {
        in_time: printed.is_ok(),
        stdout: printed.unwrap_or_else(|_| Ok(Vec::new()))?,
        last_words: match stderr.recv_timeout(PATIENCE) {
            Ok(Ok(last)) => String::from_utf8_lossy(&last).into_owned(),
            _ => String::new(),
        },
    })
}

/// What a stream held, once it has ended.
type Ended = Receiver<io::Result<Vec<u8>>>;

/// The program, until it was ended.
#[derive(Default)]
struct Running(Mutex<Option<Child>>);

impl Running {
    fn start(&self, command: &mut Command) -> io::Result<(Ended, Ended)> {
        // Held all the while: a signal that comes now waits for the program to be known.
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        system::in_a_group_of_its_own(command);
        let child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let child = running.insert(child);
        Ok((
            in_the_background(child.stdout.take(), whole),
            in_the_background(child.stderr.take(), last),
        ))
    }

    /// Ends it, unless that was done; whether it was still to be done.
    fn end(&self) -> bool {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(mut child) = running.take() else {
            return false;
        };
        system::end(&mut child);
        // Its status says nothing that its words do not.
        let _ = child.wait();
        true
    }
}

fn in_the_background<S: Read + Send + 'static>(
    stream: Option<S>,
    read: fn(S) -> io::Result<Vec<u8>>,
) -> Ended {
    let (done, is_done) = sync_channel(1);
    std::thread::spawn(move || {
        let bytes = stream.map_or_else(|| Ok(Vec::new()), read);
        // Whoever waited may have given up.
        let _ = done.send(bytes);
    });
    is_done
}

fn whole(stream: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stream.take(LONGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The end of a stream, from the beginning of a line.
fn last(mut stream: impl Read) -> io::Result<Vec<u8>> {
    let mut kept = Vec::new();
    let mut is_cut = false;
    let mut buffer = [0; LAST];
    loop {
        let count = stream.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        kept.extend_from_slice(&buffer[..count]);
        if let Some(surplus) = kept.len().checked_sub(LAST).filter(|it| *it > 0) {
            kept.drain(..surplus);
            is_cut = true;
        }
    }
    if is_cut {
        // Of a secret that was cut in two the rest would not be known for one.
        let line_end = kept.iter().position(|byte| *byte == b'\n');
        kept.drain(..line_end.unwrap_or(kept.len()));
    }
    Ok(kept)
}

#[cfg(unix)]
mod system {
    use std::os::unix::process::CommandExt;
    use std::process::{Child, Command};

    use rustix::process::{Pid, Signal, kill_process_group};

    /// A launcher that is ended alone leaves behind what it has launched.
    pub(super) fn in_a_group_of_its_own(command: &mut Command) {
        command.process_group(0);
    }

    pub(super) fn end(child: &mut Child) {
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        if let Some(group) = group {
            // It may have ended by itself.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

#[cfg(not(unix))]
mod system {
    use std::process::{Child, Command};

    pub(super) fn in_a_group_of_its_own(_: &mut Command) {}

    pub(super) fn end(child: &mut Child) {
        // It may have ended by itself.
        let _ = child.kill();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(600);

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]).stdin(Stdio::null());
        command
    }

    #[test]
    fn what_is_printed_is_handed_over() {
        let printed = run(&mut shell("echo one; echo two >&2; exit 3"), LONG).unwrap();
        assert!(printed.in_time);
        assert_eq!(printed.stdout, b"one\n");
        assert_eq!(printed.last_words, "two\n");
    }

    /// Whoever holds the other end of this pipe is alive.
    #[test]
    fn past_the_limit_the_program_and_its_children_are_ended() {
        for script in ["exec sleep 100000", "sleep 100000; true"] {
            let (mut reader, writer) = io::pipe().unwrap();
            let mut command = shell(script);
            command.stdin(writer);
            let printed = run(&mut command, Duration::from_millis(100)).unwrap();
            drop(command);
            assert!(!printed.in_time);
            assert_eq!(reader.read(&mut [0]).unwrap(), 0);
        }
    }

    #[test]
    fn standard_output_without_end_is_left() {
        let printed = run(&mut shell("exec yes"), LONG).unwrap();
        assert!(printed.in_time);
        assert_eq!(printed.stdout.len() as u64, LONGEST);
    }

    #[test]
    fn a_program_that_is_not_there_is_an_error() {
        let error = run(&mut Command::new("/nowhere/sf"), LONG).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn of_a_long_text_the_last_whole_lines_are_kept() {
        assert_eq!(last(&b"a\nb"[..]).unwrap(), b"a\nb");
        let long = format!("secret\n{}\nlast\n", "x".repeat(LAST));
        assert_eq!(last(long.as_bytes()).unwrap(), b"\nlast\n");
        let line = "x".repeat(LAST + 1);
        assert_eq!(last(line.as_bytes()).unwrap(), b"");
        let endless = Read::take(io::repeat(b'\n'), 1024 * 1024);
        assert!(last(endless).unwrap().len() <= LAST);
    }
}
