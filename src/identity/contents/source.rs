//! Reads a file that may be a pipe or a device, and comes to an end.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

/// How long to wait for a writer on a pipe: `mkfifo` and two programs are started one after the other.
/// Once a writer has opened it there is no limit (the program in `<(…)` may ask for a password).
const PATIENCE: Duration = Duration::from_secs(5);

/// The beginning of the file, at most one byte more than `most`, and the open file.
///
/// # Errors
/// The system's. [`io::ErrorKind::TimedOut`] for a pipe that nobody writes to,
/// [`io::ErrorKind::WouldBlock`] for a device that goes on without an end.
pub(super) fn read(file: &Path, most: u64) -> io::Result<(Vec<u8>, File)> {
    read_within(file, most, PATIENCE)
}

#[cfg(unix)]
fn read_within(file: &Path, most: u64, patience: Duration) -> io::Result<(Vec<u8>, File)> {
    use std::io::IsTerminal;
    use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};

    use rustix::fs::OFlags;
    let opened = File::options()
        .read(true)
        .custom_flags(OFlags::NONBLOCK.bits().cast_signed())
        .open(file)?;
    let mut bytes = Vec::new();
    let is_pipe = opened.metadata()?.file_type().is_fifo();
    if is_pipe {
        wait_for_writer(&opened, patience, &mut bytes)?;
    }
    if is_pipe || opened.is_terminal() {
        rustix::io::ioctl_fionbio(&opened, false)?;
    }
    (&opened).take(most + 1).read_to_end(&mut bytes)?;
    Ok((bytes, opened))
}

/// Waits until there is something to read, or a writer. What had to be read to find out is added to
/// `bytes`.
#[cfg(unix)]
fn wait_for_writer(mut pipe: &File, patience: Duration, bytes: &mut Vec<u8>) -> io::Result<()> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let patience = Timespec::try_from(patience).map_err(io::Error::other)?;
    let mut watched = [PollFd::new(pipe, PollFlags::IN)];
    if poll(&mut watched, Some(&patience))? > 0 {
        return Ok(());
    }
    let mut first = [0];
    match pipe.read(&mut first) {
        Ok(0) => Err(io::ErrorKind::TimedOut.into()),
        Ok(_) => {
            bytes.extend(first);
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(not(unix))]
fn read_within(file: &Path, most: u64, _: Duration) -> io::Result<(Vec<u8>, File)> {
    let opened = File::open(file)?;
    let mut bytes = Vec::new();
    (&opened).take(most + 1).read_to_end(&mut bytes)?;
    Ok((bytes, opened))
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Write;
    use std::process::Command;

    use super::*;

    /// It used to be waited for without an end.
    #[test]
    fn a_pipe_without_a_writer_is_given_up_and_one_with_a_silent_writer_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let error = read_within(&pipe, 100, Duration::ZERO).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        // Open for both, it does not have to wait for a reader.
        let mut writer = File::options().read(true).write(true).open(&pipe).unwrap();
        let opened = File::open(&pipe).unwrap();
        rustix::io::ioctl_fionbio(&opened, true).unwrap();
        let mut bytes = Vec::new();
        wait_for_writer(&opened, Duration::ZERO, &mut bytes).unwrap();
        writer.write_all(b"a certificate").unwrap();
        wait_for_writer(&opened, Duration::ZERO, &mut bytes).unwrap();
        assert_eq!(bytes, b"");
    }
}
