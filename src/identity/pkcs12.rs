//! Opens PKCS#12 files (RFC 7292).
//!
//! By OpenSSL's `PKCS12_parse`, with a look beforehand at what it does not tell. It takes the first
//! key of the file and no other.

use openssl::pkcs12::Pkcs12;
use openssl::pkey::{PKey, Private};
use openssl::x509::X509;

use super::error::Problem;
use super::refusal::{Refusal, attempt};
use super::{MAX_ROUNDS, der};
use crate::text::secret::Secret;

/// What was in the file.
pub struct Opened {
    /// The first private key.
    pub key: Option<PKey<Private>>,
    /// The certificates: the key's own first, then the others in the file's order.
    pub certificates: Vec<X509>,
    /// The legacy cipher it is encrypted with, where it is: `RC2-40`.
    pub legacy: Option<&'static str>,
}

/// Opens `bytes`. `password` is called at most once, and only if neither the empty password nor none
/// opens the file.
///
/// # Errors
/// `password`'s own, and each way in which the file cannot be opened.
pub fn open(
    bytes: &[u8],
    password: impl FnOnce() -> Result<Secret, Problem>,
) -> Result<Opened, Problem> {
    let survey = check_outside(bytes)?;
    let corrupt = || Problem::Pkcs12Corrupt {
        bytes: bytes.len(),
        declared: None,
    };
    let container = attempt(|| Pkcs12::from_der(bytes)).map_err(|_| corrupt())?;
    let mut parsed = attempt(|| container.parse2(""));
    if let Err(Refusal::Password) = parsed {
        let password = password()?;
        // `parse2` panics on a NUL; no program can have made the file with one.
        if password.expose().contains('\0') {
            return Err(Problem::PasswordWrong { pkcs12: true });
        }
        parsed = attempt(|| container.parse2(password.expose()));
    }
    let parsed = parsed.map_err(|refusal| match refusal {
        Refusal::Password => Problem::PasswordWrong { pkcs12: true },
        Refusal::Unsupported(what) => Problem::UnsupportedEncryption(what),
        Refusal::NoLegacyProvider(what) => Problem::LegacyProviderMissing(what),
        Refusal::Structure => corrupt(),
    })?;
    // Where the key belongs to none of the certificates, `cert` is empty and all are in `ca`.
    let others = parsed.ca.into_iter().flatten();
    Ok(Opened {
        key: parsed.pkey,
        certificates: parsed.cert.into_iter().chain(others).collect(),
        legacy: survey.legacy,
    })
}

/// Is it all there, has it a MAC, and can it be opened in reasonable time?
fn check_outside(bytes: &[u8]) -> Result<der::Survey, Problem> {
    let outer = der::first(bytes).filter(|outer| outer.whole);
    let Some(outer) = outer else {
        return Err(Problem::Pkcs12Corrupt {
            bytes: bytes.len(),
            declared: der::first(bytes).and_then(|outer| outer.declared),
        });
    };
    match der::elements(outer.body).count() {
        0 | 1 => {
            return Err(Problem::Pkcs12Corrupt {
                bytes: bytes.len(),
                declared: None,
            });
        }
        // OpenSSL refused these up to 3.0, and curl with it: refused with every version.
        2 => return Err(Problem::Pkcs12NoMac),
        _ => {}
    }
    let survey = der::survey(bytes);
    if survey.rounds > MAX_ROUNDS {
        return Err(Problem::too_many_rounds(survey.rounds));
    }
    Ok(survey)
}
