//! The session cache: one JSON file that its owner alone can read.
//!
//! It holds a session ID, which is as good as a password while it lasts. So the file is 0600 from
//! its first byte, is replaced in one step, and is refused when others could have read or written
//! it. There is no lock: of two processes that write at once, one wins with a whole file.
//!
//! A digest seals it, so that a session whose host was changed by an editor or a script is not sent
//! there. Whoever may write the file can seal it anew: there is no secret to do that with.

use std::fs::{self, DirBuilder, File, Metadata};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::endpoint::ServerUrl;
use super::session::{Origin, Session};
use crate::temporary::{Readers, Temporary, folder_of};
use crate::text::secret::Secret;
use crate::text::words::hex;

#[cfg(test)]
mod tests;

/// The format this program writes. One with new fields that an older program cannot do without, or
/// with another meaning for an old one, is a new format.
const FORMAT: u64 = 1;

/// More than any session needs: a JWT access token is the longest part, with a few KiB.
const LARGEST: u64 = 64 * 1024;

/// A `--profile` name: letters, digits, `.`, `_` and `-`, so that it is a file name anywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile(String);

/// Not a profile name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a profile name: letters, digits, '.', '_' and '-' make one")]
pub struct ProfileError(pub String);

impl FromStr for Profile {
    type Err = ProfileError;

    fn from_str(text: &str) -> Result<Self, ProfileError> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        if matches!(text, "" | "." | "..") || !text.bytes().all(allowed) {
            return Err(ProfileError(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }
}

/// Where a profile's cache is: `$XDG_CACHE_HOME/sfmtls/NAME.json`, else under `$HOME/.cache`.
///
/// A value that is empty or (for `XDG_CACHE_HOME`, by the XDG base directory specification)
/// relative counts as absent. `None` when neither is there.
pub fn default_path(
    xdg_cache_home: Option<&Path>,
    home: Option<&Path>,
    profile: &Profile,
) -> Option<PathBuf> {
    let caches = match xdg_cache_home.filter(|path| path.is_absolute()) {
        Some(path) => path.to_owned(),
        None => home
            .filter(|path| !path.as_os_str().is_empty())?
            .join(".cache"),
    };
    Some(caches.join("sfmtls").join(format!("{}.json", profile.0)))
}

/// A cache file that is not used, or could not be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("session cache {}: {problem}", path.display())]
pub struct CacheError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a cache file. Its texts never repeat what is in the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Its mode lets group or others at it, so the session may be known to them.
    #[error("others can get at it (mode {mode:03o})")]
    OpenToOthers {
        /// The permission bits.
        mode: u32,
    },
    /// Another user owns it.
    #[error("it belongs to another user (uid {owner})")]
    ForeignOwner {
        /// The owner's user ID.
        owner: u32,
    },
    /// A directory, a FIFO or a device, also by way of a symbolic link.
    #[error("it is not a regular file")]
    NotAFile,
    /// Too large to be a session cache, so it is neither read nor replaced.
    #[error("it has {length} bytes, which no session has")]
    TooLarge {
        /// Its length in bytes.
        length: u64,
    },
    /// Not JSON in UTF-8.
    #[error("it is damaged (no JSON, from line {line}, column {column})")]
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1; 0 before the line's first character.
        column: usize,
    },
    /// Something else than a session cache, such as a key: it is neither replaced nor removed.
    #[error("it is no session cache")]
    Foreign,
    /// JSON, but a field is missing or of another kind.
    #[error("it is damaged (no valid \"{0}\")")]
    Field(&'static str),
    /// Whole, but not as this program wrote it: the session may be another host's than it says.
    #[error("it was changed after it was written")]
    Changed,
    /// A later version of this program wrote it.
    #[error("its format {found} is newer than this program's {FORMAT}")]
    NewerFormat {
        /// The format it names.
        found: u64,
    },
    /// The system refused.
    #[error("cannot {action} it: {text}")]
    Io {
        /// `read`, `write` or `remove`.
        action: &'static str,
        /// The kind of failure.
        kind: io::ErrorKind,
        /// The system's words.
        text: String,
    },
}

impl Problem {
    fn io(action: &'static str) -> impl Fn(io::Error) -> Self {
        move |error| Self::Io {
            action,
            kind: error.kind(),
            text: error.to_string(),
        }
    }

    /// Whether a login may put its session in this file's place.
    fn may_be_replaced(&self) -> bool {
        !matches!(
            self,
            Self::NotAFile | Self::ForeignOwner { .. } | Self::TooLarge { .. } | Self::Foreign
        )
    }
}

/// Reads the session in `path`; `None` when there is no such file.
///
/// A symbolic link is followed, and what it leads to is judged.
///
/// # Errors
/// Each reason not to use the file is a [`Problem`] of its own.
pub fn load(path: &Path) -> Result<Option<Session>, CacheError> {
    read(path).map_err(|problem| at(path, problem))
}

/// Writes the session to `path`, with the folders that are missing (0700).
///
/// Returns what was wrong with the file that was replaced, if anything was.
///
/// # Errors
/// When it cannot be written, or what is there is none of ours to replace: no regular file,
/// another user's, or no session cache.
pub fn store(path: &Path, session: &Session) -> Result<Option<CacheError>, CacheError> {
    let replaced = to_be_replaced(path)?;
    write(&real_path(path), session).map_err(|error| at(path, Problem::io("write")(error)))?;
    Ok(replaced)
}

/// Tries whether [`store`] could write to `path`, before there is a session: the folders that are
/// missing are made.
///
/// # Errors
/// As [`store`].
pub fn try_place(path: &Path) -> Result<(), CacheError> {
    to_be_replaced(path)?;
    match temporary(&real_path(path)) {
        Ok(_) => Ok(()),
        Err(error) => Err(at(path, Problem::io("write")(error))),
    }
}

/// What is wrong with the file that a session would replace, if that may be replaced.
fn to_be_replaced(path: &Path) -> Result<Option<CacheError>, CacheError> {
    match load(path) {
        Ok(_) => Ok(None),
        Err(error) if error.problem.may_be_replaced() => Ok(Some(error)),
        Err(error) => Err(error),
    }
}

/// Removes the session in `path`; tells whether there was one.
///
/// # Errors
/// When it cannot be removed, or is none of ours, as for [`store`].
pub fn forget(path: &Path) -> Result<bool, CacheError> {
    match load(path) {
        Ok(None) => return Ok(false),
        Err(error) if !error.problem.may_be_replaced() => return Err(error),
        Ok(Some(_)) | Err(_) => {}
    }
    match fs::remove_file(real_path(path)) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(at(path, Problem::io("remove")(error))),
    }
}

fn at(path: &Path, problem: Problem) -> CacheError {
    CacheError {
        path: path.to_owned(),
        problem,
    }
}

/// The file a symbolic link leads to: the session lies there, so it is replaced and removed there.
fn real_path(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

fn read(path: &Path) -> Result<Option<Session>, Problem> {
    let failed = Problem::io("read");
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
        // Before it is opened: opening a FIFO would wait for a writer.
        Ok(metadata) if !metadata.is_file() => return Err(Problem::NotAFile),
        Ok(_) => {}
    }
    let file = File::open(path).map_err(&failed)?;
    let metadata = file.metadata().map_err(&failed)?;
    judge(&metadata)?;
    let mut bytes = Vec::new();
    file.take(LARGEST)
        .read_to_end(&mut bytes)
        .map_err(&failed)?;
    // Before the mode: a file that is not ours is seldom hidden from others.
    if !is_ours(&bytes) {
        return Err(Problem::Foreign);
    }
    judge_mode(&metadata)?;
    parse(&bytes).map(Some)
}

/// Whether it is a session cache, as far as it goes: damaged or cut off, it still begins as one.
fn is_ours(bytes: &[u8]) -> bool {
    const BEGINS: &[u8] = b"{\"format\"";
    let mut text = bytes.iter().filter(|byte| !byte.is_ascii_whitespace());
    let beginning: Vec<u8> = text.by_ref().take(BEGINS.len()).copied().collect();
    BEGINS.starts_with(&beginning)
}

/// Judges the file that has been opened, so that it cannot be exchanged in between.
fn judge(metadata: &Metadata) -> Result<(), Problem> {
    if !metadata.is_file() {
        return Err(Problem::NotAFile);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        judge_owner(metadata.uid(), rustix::process::geteuid().as_raw())?;
    }
    match metadata.len() {
        length if length > LARGEST => Err(Problem::TooLarge { length }),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn judge_owner(owner: u32, myself: u32) -> Result<(), Problem> {
    match owner == myself {
        true => Ok(()),
        false => Err(Problem::ForeignOwner { owner }),
    }
}

#[cfg_attr(
    not(unix),
    expect(unused_variables, reason = "only there it has a mode")
)]
fn judge_mode(metadata: &Metadata) -> Result<(), Problem> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let mode = metadata.mode();
        if mode & 0o077 != 0 {
            return Err(Problem::OpenToOthers { mode: mode & 0o777 });
        }
    }
    Ok(())
}

fn write(path: &Path, session: &Session) -> io::Result<()> {
    let mut temporary = temporary(path)?;
    temporary.file().write_all(render(session).as_bytes())?;
    temporary.file().sync_all()?;
    temporary.rename(path)
}

/// A file beside `path`, whose folders are made. It is removed again unless it gets that name.
fn temporary(path: &Path) -> io::Result<Temporary> {
    let folder = folder_of(path);
    create_private(folder)?;
    Temporary::create(folder, ".session-", Readers::Owner)
}

fn create_private(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder)
}

fn render(session: &Session) -> String {
    let since_epoch = session.obtained_at.duration_since(UNIX_EPOCH);
    let mut document = json!({
        "format": FORMAT,
        "session_id": session.id.expose(),
        "server_url": session.server_url.as_str(),
        "username": session.username,
        "user_id": session.user_id,
        "organization_id": session.organization_id,
        "api_version": session.api_version.to_string(),
        "origin": how(&session.origin),
        "obtained_at": since_epoch.unwrap_or_default().as_secs(),
        "idle_seconds": session.idle.map(|idle| idle.as_secs()),
    });
    document["seal"] = seal(&document).into();
    format!("{document:#}\n")
}

/// SHA-256 of the document without its seal, fields in their order, without white space.
fn seal(document: &Value) -> String {
    let digest = openssl::sha::sha256(document.to_string().as_bytes());
    hex(&digest)
}

fn parse(bytes: &[u8]) -> Result<Session, Problem> {
    let document: Value = serde_json::from_slice(bytes).map_err(|error| Problem::NotJson {
        line: error.line(),
        column: error.column(),
    })?;
    let Value::Object(mut fields) = document else {
        return Err(Problem::Field("format"));
    };
    let sealed = fields.shift_remove("seal");
    match field::<u64>(&fields, "format")? {
        FORMAT => {}
        0 => return Err(Problem::Field("format")),
        found => return Err(Problem::NewerFormat { found }),
    }
    let id: String = field(&fields, "session_id")?;
    if id.is_empty() {
        return Err(Problem::Field("session_id"));
    }
    let session = Session {
        id: Secret::new(id),
        server_url: ServerUrl::parse(&field::<String>(&fields, "server_url")?)
            .map_err(|_| Problem::Field("server_url"))?,
        username: field(&fields, "username")?,
        user_id: field(&fields, "user_id")?,
        organization_id: field(&fields, "organization_id")?,
        api_version: field::<String>(&fields, "api_version")?
            .parse()
            .map_err(|_| Problem::Field("api_version"))?,
        origin: origin(&field(&fields, "origin")?)?,
        obtained_at: time(field(&fields, "obtained_at")?)?,
        idle: field::<Option<u64>>(&fields, "idle_seconds")?.map(Duration::from_secs),
    };
    let sealed = sealed.as_ref().and_then(Value::as_str);
    let sealed = sealed.ok_or(Problem::Field("seal"))?;
    match seal(&Value::Object(fields)) == sealed {
        true => Ok(session),
        false => Err(Problem::Changed),
    }
}

/// A field that must be there (`null` counts, for an `Option`). serde's own words are dropped: they
/// would repeat the value.
fn field<T: DeserializeOwned>(
    fields: &Map<String, Value>,
    name: &'static str,
) -> Result<T, Problem> {
    let value = fields.get(name).ok_or(Problem::Field(name))?;
    T::deserialize(value).map_err(|_| Problem::Field(name))
}

/// How the session was obtained; of secrets the names of their files alone.
fn how(origin: &Origin) -> Value {
    match origin {
        Origin::SoapLogin { login_url } => json!({"how": "soap-login", "login_url": login_url}),
        Origin::JwtBearer {
            login_url,
            client_id,
            username,
            audience,
            key_file,
        } => json!({
            "how": "jwt-bearer",
            "login_url": login_url,
            "client_id": client_id,
            "username": username,
            "audience": audience,
            "key_file": key_file,
        }),
        Origin::ClientCredentials {
            login_url,
            client_id,
            secret_file,
        } => json!({
            "how": "client-credentials",
            "login_url": login_url,
            "client_id": client_id,
            "secret_file": secret_file,
        }),
        Origin::AccessToken => json!({"how": "access-token"}),
        Origin::SalesforceCli { alias } => json!({"how": "salesforce-cli", "alias": alias}),
    }
}

fn origin(fields: &Map<String, Value>) -> Result<Origin, Problem> {
    let text = |name| field::<String>(fields, name);
    Ok(match fields.get("how").and_then(Value::as_str) {
        Some("soap-login") => Origin::SoapLogin {
            login_url: text("login_url")?,
        },
        Some("jwt-bearer") => Origin::JwtBearer {
            login_url: text("login_url")?,
            client_id: text("client_id")?,
            username: text("username")?,
            audience: text("audience")?,
            key_file: field(fields, "key_file")?,
        },
        Some("client-credentials") => Origin::ClientCredentials {
            login_url: text("login_url")?,
            client_id: text("client_id")?,
            secret_file: field(fields, "secret_file")?,
        },
        Some("access-token") => Origin::AccessToken,
        Some("salesforce-cli") => Origin::SalesforceCli {
            alias: text("alias")?,
        },
        _ => return Err(Problem::Field("origin")),
    })
}

fn time(seconds: u64) -> Result<SystemTime, Problem> {
    UNIX_EPOCH
        .checked_add(Duration::from_secs(seconds))
        .ok_or(Problem::Field("obtained_at"))
}
