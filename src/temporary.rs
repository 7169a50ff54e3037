//! Temporary files with names, all known, so that a program that ends without unwinding removes them.
//!
//! A file is written beside its place and renamed when it is whole. Left out: files without a name,
//! which the system removes by itself.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::NamedTempFile;

/// Who may read a new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Its owner alone (0600), from its first byte on.
    Owner,
    /// Whom the umask allows.
    Umask,
}

/// The folder that a file lies in, to make another one beside it.
pub fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// A temporary file that is removed on drop, and by [`remove_all`].
#[derive(Debug)]
pub struct Temporary {
    file: NamedTempFile,
    /// Dropped after the file.
    _listed: Listed,
}

/// An entry of [`FILES`].
#[derive(Debug)]
struct Listed(PathBuf);

impl Drop for Listed {
    fn drop(&mut self) {
        forget(&self.0);
    }
}

impl Temporary {
    /// Makes a file in `folder`, which is named by `prefix`, some letters, and `.part`.
    ///
    /// # Errors
    /// When the folder is missing or cannot be written to.
    pub fn create(folder: &Path, prefix: &str, readers: Readers) -> io::Result<Self> {
        let file = tempfile::Builder::new()
            .prefix(prefix)
            .suffix(".part")
            .make_in(folder, |path| {
                // Listed first, so that no signal can come between.
                files().push(path.to_owned());
                open(path, readers).inspect_err(|_| forget(path))
            })?;
        let listed = Listed(file.path().to_owned());
        Ok(Self {
            file,
            _listed: listed,
        })
    }

    /// The file, to be written.
    pub fn file(&mut self) -> &mut File {
        self.file.as_file_mut()
    }

    /// Gives it this name, in place of what has it.
    ///
    /// # Errors
    /// The system's; then the temporary file is gone, and what has the name untouched.
    pub fn rename(self, target: &Path) -> io::Result<()> {
        let renamed = self.file.persist(target);
        renamed.map(drop).map_err(|error| error.error)
    }

    /// Gives it this name where nothing has it.
    ///
    /// # Errors
    /// As [`Self::rename`], and when the name is taken.
    pub fn rename_to_new(self, target: &Path) -> io::Result<()> {
        let renamed = self.file.persist_noclobber(target);
        renamed.map(drop).map_err(|error| error.error)
    }
}

fn open(path: &Path, readers: Readers) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    restrict(&mut options, readers);
    options.open(path)
}

#[cfg(unix)]
fn restrict(options: &mut OpenOptions, readers: Readers) {
    if readers == Readers::Owner {
        std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    }
}

/// Who may read a file is inherited from its folder.
#[cfg(not(unix))]
fn restrict(_: &mut OpenOptions, _: Readers) {}

/// Files that exist now.
static FILES: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn files() -> MutexGuard<'static, Vec<PathBuf>> {
    // A list of paths is whole whatever happened to the thread that held it.
    FILES.lock().unwrap_or_else(PoisonError::into_inner)
}

fn forget(path: &Path) {
    files().retain(|other| other != path);
}

/// Removes all temporary files for good: no further one can be made. For a program that is about to
/// end, such as one interrupted by a signal.
pub fn remove_all() {
    let mut files = files();
    remove(files.drain(..));
    // Whoever would make another waits for the end.
    std::mem::forget(files);
}

fn remove(paths: impl Iterator<Item = PathBuf>) {
    for path in paths {
        // It may just have been renamed or removed: then nothing is left to do.
        let _ = fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(folder: &Path) -> Vec<PathBuf> {
        let files = files();
        let in_folder = files.iter().filter(|path| path.starts_with(folder));
        in_folder.cloned().collect()
    }

    #[test]
    fn a_file_is_known_while_it_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        for (end, left) in [
            (Temporary::rename as fn(_, &Path) -> _, 1),
            (Temporary::rename_to_new, 1),
            (
                |file, _| {
                    drop(file);
                    Ok(())
                },
                0,
            ),
        ] {
            let file = Temporary::create(path, ".x.", Readers::Umask).unwrap();
            assert_eq!(known(path).len(), 1);
            end(file, &path.join("whole")).unwrap();
            assert_eq!(known(path), [""; 0].map(PathBuf::from));
            assert_eq!(fs::read_dir(path).unwrap().count(), left);
            let _ = fs::remove_file(path.join("whole"));
        }
        assert!(Temporary::create(&path.join("none"), ".x.", Readers::Owner).is_err());
        assert_eq!(known(&path.join("none")).len(), 0);
    }

    #[test]
    fn removing_what_is_known_leaves_no_temporary_file_and_the_name_is_not_given() {
        let folder = tempfile::tempdir().unwrap();
        let file = Temporary::create(folder.path(), ".x.", Readers::Owner).unwrap();
        remove(known(folder.path()).into_iter());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(file.rename(&folder.path().join("whole")).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn one_for_its_owner_is_for_nobody_else() {
        use std::os::unix::fs::MetadataExt;
        let folder = tempfile::tempdir().unwrap();
        let mut file = Temporary::create(folder.path(), ".x.", Readers::Owner).unwrap();
        let mode = file.file().metadata().unwrap().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
