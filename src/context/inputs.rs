//! The files that this program reads: rows that took the place of one would cost a private key.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::Context;
use crate::error::UsageError;
use crate::salesforce::cache;
use crate::salesforce::session::Origin;
use crate::settings::SecretFrom;

impl Context {
    /// Refuses an output file that is one of the files that a call is made with.
    ///
    /// `query` is the file with the query, where there is one.
    ///
    /// # Errors
    /// With what that file is.
    pub fn spare_inputs(
        &self,
        output: Option<&Path>,
        query: Option<&Path>,
    ) -> Result<(), UsageError> {
        let Some(output) = output else { return Ok(()) };
        let Some((what, _)) = self
            .inputs(query)
            .into_iter()
            .find(|(_, input)| is_same(input, output))
        else {
            return Ok(());
        };
        Err(UsageError::new(format!(
            "{} is {what}, and the rows would replace it",
            output.display()
        ))
        .hint("nothing was sent: name another file with --output-file"))
    }

    fn inputs(&self, query: Option<&Path>) -> Vec<(&'static str, PathBuf)> {
        let settings = &self.settings;
        let password = match &settings.cert_password {
            SecretFrom::File(file) => Some(file.as_path()),
            SecretFrom::Value(_) | SecretFrom::Prompt => None,
        };
        let named = [
            ("the client certificate", settings.cert.as_deref()),
            ("the private key", settings.key.as_deref()),
            ("the password of the private key", password),
            ("the file of trusted CAs", settings.net.cacert.as_deref()),
            (
                "the file of trusted CAs",
                settings.net.ssl_cert_file.as_deref(),
            ),
            ("the session", settings.session_file.as_deref()),
            ("the query", query),
            (
                "the key of the JWT",
                self.environment().os("SFMTLS_JWT_KEY_FILE").map(Path::new),
            ),
        ];
        let named = named
            .into_iter()
            .filter_map(|(what, file)| Some((what, file?.to_owned())));
        named.chain(self.remembered_file()).collect()
    }

    /// The file that the next login takes, which the cache names.
    fn remembered_file(&self) -> Option<(&'static str, PathBuf)> {
        // A cache that cannot be used is told of when it is to be used.
        let session = cache::load(self.settings.session_file.as_deref()?).ok()??;
        match session.origin {
            Origin::JwtBearer { key_file, .. } => Some(("the key of the JWT", key_file)),
            Origin::ClientCredentials { secret_file, .. } => {
                Some(("the client secret", secret_file?))
            }
            _ => None,
        }
    }
}

/// Whether both names lead to one regular file, or would, were it there. Terminals and `/dev/null` can be
/// read and written by the same name.
fn is_same(one: &Path, other: &Path) -> bool {
    match (one.metadata(), other.metadata()) {
        (Ok(mine), Ok(theirs)) => {
            mine.is_file() && (is_same_inode(&mine, &theirs) || place(one) == place(other))
        }
        (Err(_), Err(_)) => {
            place(one).is_some_and(|place_of_one| Some(place_of_one) == place(other))
        }
        _ => false,
    }
}

/// The name without links, where its folder is there.
fn place(file: &Path) -> Option<PathBuf> {
    if let Ok(place) = fs::canonicalize(file) {
        return Some(place);
    }
    let folder = file.parent().filter(|folder| *folder != Path::new(""));
    let folder = fs::canonicalize(folder.unwrap_or(Path::new("."))).ok()?;
    file.file_name().map(|name: &OsStr| folder.join(name))
}

#[cfg(unix)]
fn is_same_inode(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn is_same_inode(_: &fs::Metadata, _: &fs::Metadata) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_file_is_known_by_any_of_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("a"), "a").unwrap();
        fs::write(path("b"), "a").unwrap();
        fs::hard_link(path("a"), path("hard")).unwrap();
        symlink(path("a"), path("soft")).unwrap();
        symlink(folder.path(), path("folder")).unwrap();
        for name in ["a", "./a", "hard", "soft", "folder/a"] {
            assert!(is_same(&path("a"), &path(name)), "{name}");
        }
        assert!(!is_same(&path("a"), &path("b")));
        assert!(is_same(&path("folder/new"), &path("new")));
        assert!(!is_same(&path("new"), &path("other")));
        assert!(!is_same(Path::new("/dev/null"), Path::new("/dev/null")));
    }
}
