//! Output files that appear under their name only when they are whole.
//!
//! A regular file is written beside its place and renamed when complete. Its mode is kept, a symbolic
//! link stays and its target is replaced; a hard link is parted from its other names. Anything else
//! (`/dev/null`, a FIFO) is written straight. Left out: syncing to disk, so a power failure right
//! after the end may still lose the file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::temporary::{Readers, Temporary, folder_of};

#[cfg(test)]
mod tests;

/// An output file that cannot be opened, written or finished.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {error}", .path.display())]
pub struct FileError {
    /// The file, as the caller named it.
    pub path: PathBuf,
    /// The system's words.
    pub error: io::Error,
}

impl FileError {
    /// The file itself, where `path` is a symbolic link.
    pub fn place(&self) -> PathBuf {
        end_of_links(&self.path)
    }
}

/// A file being written. Dropped without [`OutputFile::finish`], it leaves nothing behind.
#[derive(Debug)]
pub struct OutputFile {
    path: PathBuf,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Straight(File),
    Beside {
        temporary: Temporary,
        target: PathBuf,
    },
}

impl OutputFile {
    /// Opens the file, and so tries its folder: nothing is to be asked of a server for a result
    /// that cannot be kept. A FIFO is waited for until someone reads it.
    ///
    /// # Errors
    /// The folder is missing or not writable, the file exists and may not be written, or it is a
    /// folder.
    pub fn create(path: &Path) -> Result<Self, FileError> {
        let place = open(path).map_err(|error| FileError {
            path: path.to_owned(),
            error,
        })?;
        Ok(Self {
            path: path.to_owned(),
            place,
        })
    }

    /// The folder that a regular file is written in; `None` for what is written straight.
    pub fn folder(&self) -> Option<&Path> {
        match &self.place {
            Place::Straight(_) => None,
            Place::Beside { target, .. } => Some(folder_of(target)),
        }
    }

    /// Gives the whole file its name.
    ///
    /// # Errors
    /// The rename fails; then the file that had the name before is untouched.
    pub fn finish(self) -> Result<(), FileError> {
        let done = match self.place {
            Place::Straight(mut file) => file.flush(),
            Place::Beside { temporary, target } => temporary.rename(&target),
        };
        done.map_err(|error| FileError {
            path: self.path,
            error,
        })
    }
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = match &mut self.place {
            Place::Straight(file) => file.write(bytes),
            Place::Beside { temporary, .. } => temporary.file().write(bytes),
        };
        written.map_err(|error| {
            // The kind is kept: a closed pipe is no failure of the file.
            io::Error::new(
                error.kind(),
                FileError {
                    path: self.path.clone(),
                    error,
                },
            )
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        // Files have no buffer of their own.
        Ok(())
    }
}

fn open(path: &Path) -> io::Result<Place> {
    let existing = match fs::metadata(path) {
        // Opened by the name given: a pipe behind /dev/stdout has no other.
        Ok(metadata) if !metadata.is_file() => {
            return OpenOptions::new()
                .write(true)
                .open(path)
                .map(Place::Straight);
        }
        Ok(metadata) => Some(metadata),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let target = match existing {
        Some(_) => fs::canonicalize(path)?,
        None => end_of_links(path),
    };
    if existing.is_some() {
        // A rename would replace even a file that may not be written.
        OpenOptions::new().write(true).open(&target)?;
    }
    let mut temporary = temporary_beside(&target)?;
    if let Some(existing) = existing {
        temporary.file().set_permissions(existing.permissions())?;
    }
    Ok(Place::Beside { temporary, target })
}

/// Where a path leads, also if nothing is there yet.
fn end_of_links(path: &Path) -> PathBuf {
    // As many as Linux follows (path_resolution(7)); one more is a circle.
    const MOST_LINKS: u8 = 40;
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Ok(target) = fs::read_link(&path) else {
            break;
        };
        path = path.parent().unwrap_or(Path::new("")).join(target);
    }
    path
}

/// The longest part of a file's name that is in the name of its temporary file, in bytes. That has some
/// more, and names have at most 255 (NAME_MAX).
const NAME_SHOWN: usize = 200;

fn temporary_beside(target: &Path) -> io::Result<Temporary> {
    let name = target
        .file_name()
        .ok_or_else(|| io::Error::from(io::ErrorKind::IsADirectory))?
        .to_string_lossy();
    let prefix = format!(".{}.", &name[..name.floor_char_boundary(NAME_SHOWN)]);
    Temporary::create(folder_of(target), &prefix, Readers::Umask)
}
