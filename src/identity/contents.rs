//! Reads one file: all its keys and certificates, and all that is wrong with it.

mod blocks;
mod inside;
mod source;

use std::fs::File;
use std::io;
use std::path::Path;

use openssl::pkey::{PKey, Private};
use openssl::x509::X509;

use super::error::{IdentityError, Problem};
use super::format::{self, Kind};
use super::password::{Opener, Way};
use super::pkcs12;
use super::remark::{Remark, RemarkKind};
use super::survey::{Certificate, Effort, Key, Place, Spelling, Survey};
use super::{Format, PasswordSource};

/// Larger than any bundle (all roots of an operating system are a quarter of it); bounds the time and
/// the memory that a file can take, and `/dev/zero` is one.
const MAX_BYTES: u64 = 1024 * 1024;

/// The most faults that are reported of one file.
const MAX_FAULTS: usize = 20;

/// What a file is read for. What is not wanted is not decrypted either.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    pub(super) keys: bool,
    pub(super) certificates: bool,
}

/// Reads `file` and adds what it holds to `survey`. Tells what kind of file it is.
pub(super) fn read(
    file: &Path,
    wanted: Wanted,
    effort: Effort,
    passwords: &mut dyn PasswordSource,
    survey: &mut Survey,
) -> Option<Format> {
    let mut reader = Reader {
        file,
        wanted,
        effort,
        opener: Opener::new(file, passwords, effort),
        wrapped: false,
        readable_by_others: None,
        faults: 0,
        survey,
    };
    let format = match read_bytes(file) {
        Ok((bytes, readable_by_others)) => {
            reader.readable_by_others = readable_by_others;
            reader.bytes(&bytes)
        }
        Err(problem) => {
            reader.fault(None, problem);
            None
        }
    };
    if let Some(format) = format {
        reader.remark_on_extension(format);
    }
    reader.remark_on_password();
    format
}

/// The content, and the permissions where others may read the file too.
fn read_bytes(file: &Path) -> Result<(Vec<u8>, Option<u32>), Problem> {
    // Windows says "access denied" of a directory.
    if file.is_dir() {
        return Err(Problem::Unreadable("it is a directory".to_owned()));
    }
    let (bytes, opened) = source::read(file, MAX_BYTES).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Problem::NotFound,
        io::ErrorKind::TimedOut => Problem::Unreadable("nobody writes to this pipe".to_owned()),
        io::ErrorKind::WouldBlock => Problem::Unreadable("it has no end".to_owned()),
        io::ErrorKind::PermissionDenied => Problem::Unreadable("permission denied".to_owned()),
        _ => Problem::Unreadable(error.to_string().to_lowercase()),
    })?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Problem::Unrecognized("it is larger than 1 MiB".to_owned()));
    }
    Ok((bytes, readable_by_others(&opened)))
}

#[cfg(unix)]
fn readable_by_others(file: &File) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = file.metadata().ok().filter(std::fs::Metadata::is_file)?;
    let mode = metadata.permissions().mode() & 0o7777;
    (mode & 0o077 != 0).then_some(mode)
}

/// Elsewhere permissions are lists, which nothing here reads.
#[cfg(not(unix))]
fn readable_by_others(_: &File) -> Option<u32> {
    None
}

/// One file on its way into a [`Survey`].
struct Reader<'a> {
    file: &'a Path,
    wanted: Wanted,
    effort: Effort,
    opener: Opener<'a>,
    /// What is read is wrapped in something else (base64, UTF-16): its lines are not the file's, and
    /// its own faults can wait.
    wrapped: bool,
    readable_by_others: Option<u32>,
    faults: usize,
    survey: &'a mut Survey,
}

impl Reader<'_> {
    fn bytes(&mut self, bytes: &[u8]) -> Option<Format> {
        match format::recognise(bytes) {
            Kind::Pkcs12 => {
                self.pkcs12(bytes);
                Some(Format::Pkcs12)
            }
            Kind::Pem => {
                self.pem(bytes);
                Some(Format::Pem)
            }
            Kind::Wrong(problem) => {
                self.fault(None, problem.clone());
                if self.effort == Effort::Everything {
                    self.inside(bytes, &problem);
                }
                None
            }
        }
    }

    fn pkcs12(&mut self, bytes: &[u8]) {
        self.opener.pkcs12 = true;
        let faults = self.faults;
        let opened = pkcs12::read(bytes, self.wanted, self.effort, &mut self.opener);
        for problem in opened.problems {
            self.fault(None, problem);
        }
        if self.faults == faults {
            let certificates = opened.certificates.len();
            if self.wanted.keys && opened.keys.is_empty() {
                let missing = Problem::KeyMissing {
                    certificates,
                    pkcs12: true,
                };
                self.fault(None, missing);
            } else if self.wanted.certificates && certificates == 0 {
                self.fault(None, Problem::CertificateMissing { pkcs12: true });
            }
        }
        let encrypted = matches!(self.opener.way(), Some(Way::Given(_)));
        let mut bare = false;
        for key in opened.keys {
            bare |= key.bare;
            self.key(None, key.key, encrypted && !key.bare);
        }
        for certificate in opened.certificates {
            self.certificate(None, certificate);
        }
        if bare {
            self.remark(None, RemarkKind::UnencryptedKey);
        }
        if let Some(cipher) = opened.legacy {
            self.remark(None, RemarkKind::LegacyEncryption(cipher));
        }
        if matches!(self.opener.way(), Some(Way::None | Way::Empty)) {
            self.remark(None, RemarkKind::EmptyPassword);
        }
    }

    fn fault(&mut self, line: Option<usize>, problem: Problem) {
        if self.wrapped && !problem.is_of_password() || self.faults == MAX_FAULTS {
            return;
        }
        self.faults += 1;
        let line = line.filter(|_| !self.wrapped);
        self.survey.faults.push(IdentityError {
            halved: self.wanted.keys != self.wanted.certificates,
            ..IdentityError::new(self.file, line, problem)
        });
    }

    /// Whether a load would have stopped by now.
    fn is_over(&self) -> bool {
        self.effort == Effort::FirstFault && self.faults > 0
    }

    fn remark(&mut self, line: Option<usize>, kind: RemarkKind) {
        use RemarkKind::{PasswordAlsoTried, PasswordSpelling, ReadableByOthers};
        let holds_outside = matches!(
            kind,
            ReadableByOthers(_) | PasswordSpelling(_) | PasswordAlsoTried(_)
        );
        if !self.wrapped || holds_outside {
            let place = self.place(line);
            self.survey.remarks.push(Remark { place, kind });
        }
    }

    fn key(&mut self, line: Option<usize>, key: PKey<Private>, encrypted: bool) {
        if let Some(mode) = self.readable_by_others.take_if(|_| !encrypted) {
            self.remark(line, RemarkKind::ReadableByOthers(mode));
        }
        let place = self.place(line);
        self.survey.keys.push(Key {
            key,
            place,
            encrypted,
        });
    }

    fn certificate(&mut self, line: Option<usize>, certificate: X509) {
        if self.wanted.certificates {
            let place = self.place(line);
            self.survey
                .certificates
                .push(Certificate { certificate, place });
        }
    }

    fn place(&self, line: Option<usize>) -> Place {
        Place {
            file: self.file.to_owned(),
            line: line.filter(|_| !self.wrapped),
        }
    }

    /// Some names promise one kind of file. One that is to be mended first gets another name by that,
    /// and a PKCS#7 bundle in PEM is rightly called `.p7b`.
    fn remark_on_extension(&mut self, format: Format) {
        let mut faults = self.survey.faults.iter().filter(|f| f.file == self.file);
        if faults.any(|fault| fault.problem.hides_certificates()) {
            return;
        }
        let extension = self.file.extension().unwrap_or_default();
        let extension = extension.to_string_lossy().to_ascii_lowercase();
        let other = match format {
            Format::Pkcs12 => ["pem", "crt", "cer", "key", "der", "jks"].as_slice(),
            Format::Pem => &["p12", "pfx", "der", "jks", "p7b", "p7c"],
        };
        if other.contains(&extension.as_str()) {
            self.remark(None, RemarkKind::ExtensionMismatch(format));
        }
    }

    fn remark_on_password(&mut self) {
        match self.opener.way() {
            Some(Way::Given(Spelling::AsGiven)) => {}
            Some(Way::Given(spelling)) => self.remark(None, RemarkKind::PasswordSpelling(spelling)),
            _ => {}
        }
        let tried = self.opener.tried_in_vain().to_vec();
        if !tried.is_empty() {
            self.remark(None, RemarkKind::PasswordAlsoTried(tried));
        }
    }
}
