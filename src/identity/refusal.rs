//! What OpenSSL means by its errors, and the legacy provider for what it calls unsupported.
//!
//! Its error queue is one per thread and sticky, so each step here begins and ends with an
//! empty one.

use std::sync::OnceLock;

use openssl::error::{Error, ErrorStack};
use openssl::provider::Provider;

use super::error::Problem;

/// Why OpenSSL refused a step.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The MAC of a PKCS#12 does not verify, or padding is wrong after decryption.
    Password,
    /// An algorithm it does not have, the legacy provider included: its name.
    Unsupported(String),
    /// The same, and the legacy provider does not load.
    NoLegacyProvider(String),
    /// Anything else: the structure is broken.
    Structure,
}

impl Refusal {
    /// The problem to report; `broken` unless an algorithm is missing.
    pub(super) fn problem(self, broken: Problem) -> Problem {
        match self {
            Self::Unsupported(what) => Problem::UnsupportedEncryption(what),
            Self::NoLegacyProvider(what) => Problem::LegacyProviderMissing(what),
            Self::Password | Self::Structure => broken,
        }
    }
}

/// Runs a step; where an algorithm is missing, once more with the legacy provider.
pub(super) fn attempt<T>(step: impl Fn() -> Result<T, ErrorStack>) -> Result<T, Refusal> {
    let first = match run(&step) {
        Err(Refusal::Unsupported(what)) => what,
        other => return other,
    };
    if !legacy_provider() {
        return Err(Refusal::NoLegacyProvider(first));
    }
    run(&step)
}

/// Forgets what earlier steps left behind.
pub(super) fn clear_errors() {
    drop(ErrorStack::get());
}

fn run<T>(step: impl Fn() -> Result<T, ErrorStack>) -> Result<T, Refusal> {
    clear_errors();
    let done = step().map_err(|errors| meaning(&errors));
    clear_errors();
    done
}

/// Loads RC2, RC4 and DES in addition to what is there; kept to the end of the process, because
/// providers belong to the library context and not to one file.
fn legacy_provider() -> bool {
    static LEGACY: OnceLock<Option<Provider>> = OnceLock::new();
    LEGACY
        .get_or_init(|| Provider::try_load(None, "legacy", true).ok())
        .is_some()
}

fn meaning(errors: &ErrorStack) -> Refusal {
    if let Some(error) = errors.errors().iter().find(|error| is_unsupported(error)) {
        return Refusal::Unsupported(algorithm(error));
    }
    let wrong_password = |error: &Error| {
        matches!(
            error.reason(),
            Some("mac verify failure" | "bad decrypt" | "pkcs12 cipherfinal error")
        )
    };
    if errors.errors().iter().any(wrong_password) {
        return Refusal::Password;
    }
    Refusal::Structure
}

/// By the words: the codes differ between OpenSSL's libraries (EVP, PKCS12, ASN1) and its versions.
/// The decoder library says "unsupported" of anything it cannot decode, so it does not count.
fn is_unsupported(error: &Error) -> bool {
    error.library() != Some("DECODER routines")
        && error.reason().is_some_and(|reason| {
            reason.starts_with("unsupported")
                || matches!(
                    reason,
                    "unknown pbe algorithm" | "unknown digest algorithm" | "unknown cipher"
                )
        })
}

/// `RC2-40-CBC` out of `Global default library context, Algorithm (RC2-40-CBC : 0), Properties ()`.
fn algorithm(error: &Error) -> String {
    error
        .data()
        .and_then(|data| data.split_once("Algorithm ("))
        .and_then(|(_, rest)| rest.split([' ', ')']).next())
        .or(error.reason())
        .unwrap_or("unknown algorithm")
        .to_owned()
}
