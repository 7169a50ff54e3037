//! The directory with the org's files: for one org at a time, and never at the cost of a user's file.
//!
//! A list of what was written, with fingerprints, lies beside the files. A later org replaces what the
//! list names and nothing else, and holds a lock on it as long as it runs.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use openssl::sha::sha256;

/// The list's name in the directory.
const LIST: &str = ".local-org";
/// Its first line. Then, as `sha256sum` writes them: fingerprint, two spaces, name.
const TITLE: &str = "# written by a local org, which may replace these files";
/// Enough for many times the files that there are.
const LONGEST_LIST: u64 = 64 * 1024;
/// The key that [`super::Org::jwt_key`] writes.
pub(super) const JWT_KEY: &str = "jwt.key";
/// Where [`super::Org::environment`] leads the client's session cache. The client writes it, so it is in no
/// list; but in a directory that has not been an org's before it is somebody's.
pub(super) const SESSION: &str = "session.json";

/// A directory that this org alone uses, until it is dropped.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    /// Open, and locked.
    list: File,
    /// Fingerprint and name of what an earlier org wrote.
    written: Vec<(String, String)>,
}

impl Directory {
    /// Takes the directory, which is made if it is not there, for its owner alone.
    ///
    /// # Errors
    /// When it cannot be made or written to, or another org uses it. Each error names a path.
    pub(super) fn take(path: &Path) -> io::Result<Self> {
        make_private(path).map_err(|error| named(path, &error))?;
        let list_path = path.join(LIST);
        let wrong = |error: io::Error| named(&list_path, &error);
        let mut options = private();
        options.read(true).create(true).truncate(false);
        let list = options.open(&list_path).map_err(wrong)?;
        match list.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let text = format!(
                    "another org uses {}: choose another directory",
                    path.display()
                );
                return Err(io::Error::new(io::ErrorKind::ResourceBusy, text));
            }
            Err(TryLockError::Error(error)) => return Err(wrong(error)),
        }
        let mut text = String::new();
        let read = (&list).take(LONGEST_LIST).read_to_string(&mut text);
        read.map_err(wrong)?;
        let mut lines = text.lines();
        if lines.next().is_some_and(|title| title != TITLE) {
            return Err(not_ours(&list_path));
        }
        let written = lines
            .filter_map(|line| line.split_once("  "))
            .map(|(fingerprint, name)| (fingerprint.to_owned(), name.to_owned()))
            .collect();
        Ok(Self {
            path: path.to_owned(),
            list,
            written,
        })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes files, each by name and content, which only their owner can read.
    ///
    /// # Errors
    /// When one of them exists and was not written by an org, or was changed since: then nothing has been
    /// written. When something cannot be written. Each error names a path.
    pub(super) fn write(&mut self, files: &[(&str, Vec<u8>)]) -> io::Result<()> {
        let names = files.iter().map(|(name, _)| *name);
        let replaced: Vec<PathBuf> = names
            .filter_map(|name| self.replaceable(name).transpose())
            .collect::<io::Result<_>>()?;
        // Perhaps written later: an org that could not do it does not start.
        self.replaceable(JWT_KEY)?;
        let session = self.path.join(SESSION);
        if self.written.is_empty() && session.symlink_metadata().is_ok() {
            return Err(not_ours(&session));
        }
        for path in replaced {
            fs::remove_file(&path).map_err(|error| named(&path, &error))?;
        }
        // What an earlier org wrote beside them is still replaceable.
        let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
        self.written
            .retain(|(_, name)| !names.contains(&name.as_str()));
        let new = files
            .iter()
            .map(|(name, content)| (fingerprint(content), (*name).to_owned()));
        self.written.extend(new);
        // Before the files: one that is not in the list could never be replaced.
        self.write_list()
            .map_err(|error| named(&self.path.join(LIST), &error))?;
        for (name, content) in files {
            let path = self.path.join(name);
            let mut options = private();
            let file = options.create_new(true).open(&path);
            file.and_then(|mut file| file.write_all(content))
                .map_err(|error| named(&path, &error))?;
        }
        Ok(())
    }

    /// Writes one file more, unless it is there as it should be, and gives its path.
    ///
    /// # Errors
    /// As [`Directory::write`].
    pub(super) fn add(&mut self, name: &str, content: Vec<u8>) -> io::Result<PathBuf> {
        let path = self.path.join(name);
        if fs::read(&path).is_ok_and(|found| found == content) {
            return Ok(path);
        }
        self.write(&[(name, content)])?;
        Ok(path)
    }

    /// The path of this file where it exists, as an org wrote it.
    fn replaceable(&self, name: &str) -> io::Result<Option<PathBuf>> {
        let path = self.path.join(name);
        match path.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(named(&path, &error)),
            Ok(metadata) if !metadata.is_file() => return Err(not_ours(&path)),
            Ok(_) => {}
        }
        let content = fs::read(&path).map_err(|error| named(&path, &error))?;
        let found = (fingerprint(&content), name.to_owned());
        if self.written.contains(&found) {
            Ok(Some(path))
        } else {
            Err(not_ours(&path))
        }
    }

    fn write_list(&mut self) -> io::Result<()> {
        let mut text = format!("{TITLE}\n");
        for (fingerprint, name) in &self.written {
            text.push_str(&format!("{fingerprint}  {name}\n"));
        }
        self.list.set_len(0)?;
        self.list.rewind()?;
        self.list.write_all(text.as_bytes())
    }
}

/// A new directory for its owner alone, removed when dropped.
pub(super) fn temporary() -> io::Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("local-org-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir()
}

fn make_private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// To write a file that only its owner can read, from its first byte on.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn fingerprint(content: &[u8]) -> String {
    let digest = sha256(content);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

fn not_ours(path: &Path) -> io::Error {
    let text = format!(
        "{} is there and is not as a local org wrote it: choose another directory",
        path.display()
    );
    io::Error::new(io::ErrorKind::AlreadyExists, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, content: &str) -> io::Result<()> {
        Directory::take(path)?.write(&[("a.pem", content.into()), ("b.pem", content.into())])
    }

    #[test]
    fn its_own_files_are_replaced_and_those_of_others_never() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), "first").unwrap();
        write(dir.path(), "second").unwrap();
        let (a, b) = (dir.path().join("a.pem"), dir.path().join("b.pem"));
        assert_eq!(fs::read_to_string(&a).unwrap(), "second");

        // The user puts something else in the place of one: neither changes any more.
        fs::write(&b, "precious").unwrap();
        let error = write(dir.path(), "third").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert!(error.to_string().starts_with(b.to_str().unwrap()));
        assert_eq!(fs::read_to_string(&a).unwrap(), "second");
        assert_eq!(fs::read_to_string(&b).unwrap(), "precious");

        fs::remove_file(&b).unwrap();
        write(dir.path(), "third").unwrap();
        assert_eq!(fs::read_to_string(&a).unwrap(), "third");
    }

    #[test]
    fn a_file_that_was_added_is_replaced_by_a_later_org_and_not_when_it_was_changed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(JWT_KEY);
        for content in ["first", "second"] {
            let mut directory = Directory::take(dir.path()).unwrap();
            directory.write(&[("a.pem", content.into())]).unwrap();
            for _ in 0..2 {
                assert_eq!(directory.add(JWT_KEY, content.into()).unwrap(), path);
            }
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
        fs::write(&path, "precious").unwrap();
        let mut directory = Directory::take(dir.path()).unwrap();
        for error in [
            directory.add(JWT_KEY, "third".into()).unwrap_err(),
            directory.write(&[("a.pem", "third".into())]).unwrap_err(),
        ] {
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
            assert!(error.to_string().starts_with(path.to_str().unwrap()));
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    }

    #[test]
    fn what_was_there_before_any_org_is_never_replaced() {
        for name in ["a.pem", SESSION, LIST] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join(name);
            fs::write(&path, "precious").unwrap();
            let error = write(dir.path(), "ours").unwrap_err();
            assert!(error.to_string().starts_with(path.to_str().unwrap()));
            assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
            assert!(!dir.path().join("b.pem").exists());
        }
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("b.pem")).unwrap();
        assert!(write(dir.path(), "ours").is_err());
        assert!(!dir.path().join("a.pem").exists());
    }

    #[test]
    fn a_session_cache_of_an_earlier_run_does_not_matter() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), "first").unwrap();
        fs::write(dir.path().join(SESSION), "{}").unwrap();
        write(dir.path(), "second").unwrap();
    }

    #[test]
    fn a_directory_is_one_orgs_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let first = Directory::take(dir.path()).unwrap();
        let error = Directory::take(dir.path()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ResourceBusy);
        assert!(error.to_string().contains(dir.path().to_str().unwrap()));
        drop(first);
        Directory::take(dir.path()).unwrap();
    }

    #[test]
    fn a_path_that_cannot_be_a_directory_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, "").unwrap();
        let error = Directory::take(&file.join("org")).unwrap_err();
        assert!(error.to_string().starts_with(file.to_str().unwrap()));
    }
}
