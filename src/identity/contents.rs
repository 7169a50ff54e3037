//! Reads one file: its keys and certificates, or the one reason why not.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use openssl::pkey::{PKey, Private};
use openssl::x509::X509;

use super::error::{IdentityError, Problem};
use super::format::{self, Kind};
use super::pem::{self, Block, Pem, ProblemKind};
use super::refusal::{Refusal, attempt};
use super::{Format, MAX_ROUNDS, Note, PasswordSource, der, pkcs12};
use crate::text::secret::Secret;

/// Larger than any bundle; keeps `/dev/zero` from filling the memory.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// What a file is read for. What is not wanted is not decrypted either.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    pub(super) keys: bool,
    pub(super) certificates: bool,
}

/// What was wanted of a file: at least one of each kind.
pub(super) struct Contents {
    pub(super) format: Format,
    pub(super) keys: Vec<PKey<Private>>,
    pub(super) certificates: Vec<X509>,
    pub(super) notes: Vec<Note>,
}

pub(super) fn read(
    file: &Path,
    wanted: Wanted,
    passwords: &mut dyn PasswordSource,
) -> Result<Contents, IdentityError> {
    let fault = |problem| IdentityError::new(file, None, problem);
    let bytes = read_bytes(file).map_err(fault)?;
    match format::recognise(&bytes) {
        Kind::Pkcs12 => {
            let password = || ask(file, passwords);
            from_pkcs12(&bytes, wanted, password).map_err(fault)
        }
        Kind::Pem => from_pem(file, &bytes, wanted, passwords),
        Kind::Wrong(problem) => Err(fault(problem)),
    }
}

fn read_bytes(file: &Path) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    // Windows says "access denied" of a directory.
    if file.is_dir() {
        return Err(Problem::Unreadable("it is a directory".to_owned()));
    }
    File::open(file)
        .and_then(|opened| opened.take(MAX_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Problem::NotFound,
            io::ErrorKind::PermissionDenied => Problem::Unreadable("permission denied".to_owned()),
            _ => Problem::Unreadable(error.to_string().to_lowercase()),
        })?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Problem::Unrecognized("it is larger than 16 MiB".to_owned()));
    }
    Ok(bytes)
}

fn ask(file: &Path, passwords: &mut dyn PasswordSource) -> Result<Secret, Problem> {
    match passwords.password(file) {
        Ok(Some(password)) => Ok(password),
        Ok(None) => Err(Problem::PasswordRequired),
        Err(error) => Err(Problem::PasswordUnavailable(error.to_string())),
    }
}

fn from_pkcs12(
    bytes: &[u8],
    wanted: Wanted,
    password: impl FnOnce() -> Result<Secret, Problem>,
) -> Result<Contents, Problem> {
    let opened = pkcs12::open(bytes, password)?;
    if wanted.keys && opened.key.is_none() {
        return Err(Problem::KeyMissing {
            certificates: opened.certificates.len(),
        });
    }
    if wanted.certificates && opened.certificates.is_empty() {
        return Err(Problem::CertificateMissing);
    }
    Ok(Contents {
        format: Format::Pkcs12,
        keys: opened.key.into_iter().collect(),
        certificates: opened.certificates,
        notes: opened
            .legacy
            .map(Note::LegacyEncryption)
            .into_iter()
            .collect(),
    })
}

fn from_pem(
    file: &Path,
    bytes: &[u8],
    wanted: Wanted,
    passwords: &mut dyn PasswordSource,
) -> Result<Contents, IdentityError> {
    let pem = pem::split(bytes);
    if let Some(first) = pem.problems.first() {
        return Err(damaged(file, first));
    }
    complete(file, &pem, wanted)?;
    let mut contents = Contents {
        format: Format::Pem,
        keys: Vec::new(),
        certificates: Vec::new(),
        notes: Vec::new(),
    };
    for block in pem
        .blocks
        .iter()
        .filter(|block| wanted.certificates && block.is_certificate())
    {
        // Of a TRUSTED CERTIFICATE the trust settings behind it stay unread.
        let certificate = attempt(|| X509::from_der(&block.der));
        contents
            .certificates
            .push(certificate.map_err(|_| corrupt(file, block))?);
    }
    let mut password = None;
    for block in pem
        .blocks
        .iter()
        .filter(|block| wanted.keys && block.is_private_key())
    {
        let ask_once = || match &password {
            Some(known) => Ok(Secret::clone(known)),
            None => Ok(password.insert(ask(file, passwords)?).clone()),
        };
        contents.keys.push(private_key(file, block, ask_once)?);
    }
    Ok(contents)
}

fn damaged(file: &Path, problem: &pem::Problem) -> IdentityError {
    let line = Some(problem.line);
    let problem = match problem.kind.clone() {
        ProblemKind::Indented => Problem::Indented,
        ProblemKind::EscapedNewlines => Problem::EscapedNewlines,
        ProblemKind::CarriageReturns => Problem::CarriageReturns,
        ProblemKind::BlocksJoined => Problem::BlocksJoined,
        ProblemKind::NoEnd { label } => Problem::Truncated { label, head: false },
        ProblemKind::NoBegin { label } => Problem::Truncated { label, head: true },
        ProblemKind::NotBase64 { label, begin } => Problem::NotBase64 { label, begin },
    };
    IdentityError::new(file, line, problem)
}

/// Is there what is wanted? If not, what else there is tells why.
fn complete(file: &Path, pem: &Pem, wanted: Wanted) -> Result<(), IdentityError> {
    let certificates = pem
        .blocks
        .iter()
        .filter(|block| block.is_certificate())
        .count();
    let has_key = pem.blocks.iter().any(Block::is_private_key);
    let lacks_key = wanted.keys && !has_key;
    let lacks_certificate = wanted.certificates && certificates == 0;
    if !lacks_key && !lacks_certificate {
        return Ok(());
    }
    let instead = |labels: &[&str]| {
        let is_one = |block: &&Block| labels.iter().any(|label| block.label.ends_with(label));
        pem.blocks.iter().find(is_one)
    };
    let at = |block: &Block, problem| Err(IdentityError::new(file, Some(block.line), problem));
    if lacks_key && let Some(block) = instead(&["OPENSSH PRIVATE KEY"]) {
        return at(block, Problem::OpensshKey);
    }
    if certificates == 0
        && let Some(block) = instead(&["CERTIFICATE REQUEST"])
    {
        return at(block, Problem::SigningRequest);
    }
    if certificates == 0
        && let Some(block) = instead(&["PKCS7", "CMS"])
    {
        let mut problem = format::pkcs7(&block.der, false);
        if let Problem::Pkcs7 { key, .. } = &mut problem {
            *key = has_key;
        }
        return at(block, problem);
    }
    if lacks_key && let Some(block) = instead(&["PUBLIC KEY"]) {
        return at(block, Problem::PublicKey);
    }
    let problem = match pem.blocks.first() {
        None => Problem::Unrecognized("it is text without a PEM block".to_owned()),
        Some(block) if certificates == 0 && !has_key => {
            Problem::Unrecognized(format!("it holds PEM of the kind {} only", block.label))
        }
        Some(_) if lacks_key => Problem::KeyMissing { certificates },
        Some(_) => Problem::CertificateMissing,
    };
    Err(IdentityError::new(file, None, problem))
}

fn corrupt(file: &Path, block: &Block) -> IdentityError {
    let label = block.label.clone();
    IdentityError::new(file, Some(block.line), Problem::Corrupt { label })
}

fn private_key(
    file: &Path,
    block: &Block,
    password: impl FnOnce() -> Result<Secret, Problem>,
) -> Result<PKey<Private>, IdentityError> {
    let fault = |problem| IdentityError::new(file, Some(block.line), problem);
    let encrypted = format::is_encrypted_key(&block.der);
    let by_header = block.is_encrypted_by_header();
    if !by_header && !encrypted {
        return attempt(|| PKey::private_key_from_der(&block.der))
            .map_err(|_| corrupt(file, block));
    }
    let rounds = der::survey(&block.der).rounds;
    if !by_header && rounds > MAX_ROUNDS {
        return Err(fault(Problem::too_many_rounds(rounds)));
    }
    let password = password().map_err(fault)?;
    // Without a callback OpenSSL would ask on the terminal by itself.
    let fill = |buffer: &mut [u8]| {
        let password = password.expose().as_bytes();
        // OpenSSL takes 1024 bytes at most; a longer one is simply wrong.
        let length = password.len().min(buffer.len());
        buffer[..length].copy_from_slice(&password[..length]);
        Ok(length)
    };
    let key = if by_header {
        let pem = block.to_pem();
        attempt(|| PKey::private_key_from_pem_callback(pem.as_bytes(), fill))
    } else {
        attempt(|| PKey::private_key_from_pkcs8_callback(&block.der, fill))
    };
    key.map_err(|refusal| {
        fault(match refusal {
            // A wrong password shows as bad padding 255 times of 256, else as broken content.
            Refusal::Password | Refusal::Structure => Problem::PasswordWrong { pkcs12: false },
            Refusal::Unsupported(what) => Problem::UnsupportedEncryption(what),
            Refusal::NoLegacyProvider(what) => Problem::LegacyProviderMissing(what),
        })
    })
}
