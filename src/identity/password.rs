//! The password of one file: asked for once, and only when something encrypted has to be read.
//!
//! A survey tries it in other spellings too, because "wrong password" is often the right one with a
//! line end behind it, or in another encoding: PKCS#12 makes UTF-16 of it, and OpenSSL before 1.1.0
//! did so byte by byte. A load does not: what it accepts, every program has to accept.

use std::path::Path;

use super::error::Problem;
use super::refusal::Refusal;
use super::survey::Effort;
use super::{MAX_ITERATIONS, PasswordSource};
use crate::text::secret::Secret;

/// The password as it was typed, or a form of it that it was perhaps meant to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// UTF-8, as it was given.
    AsGiven,
    /// Without the line end at its end.
    WithoutLineEnd,
    /// Each byte of its UTF-8 as one character: OpenSSL before 1.1.0 in a UTF-8 terminal.
    Utf8BytesAsCharacters,
    /// In Windows-1252: programs on Windows, and terminals in Latin-1.
    Windows1252,
}

/// How something was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// With no password at all, which PKCS#12 tells from the empty one (RFC 7292 B.1).
    None,
    /// With the empty one.
    Empty,
    /// With the one that was given, spelled so.
    Given(Spelling),
}

impl Way {
    const WITHOUT: [Self; 2] = [Self::None, Self::Empty];
    const GIVEN: [Self; 1] = [Self::Given(Spelling::AsGiven)];
    const RESPELLED: [Self; 3] = [
        Self::Given(Spelling::WithoutLineEnd),
        Self::Given(Spelling::Utf8BytesAsCharacters),
        Self::Given(Spelling::Windows1252),
    ];
}

/// What a try to open something gave.
pub(super) struct Outcome<T> {
    /// What was opened.
    pub(super) value: Option<T>,
    /// What a load would stop at. Reported once per file.
    pub(super) fault: Option<Problem>,
}

/// Opens what is encrypted in one file.
pub(super) struct Opener<'a> {
    file: &'a Path,
    source: &'a mut dyn PasswordSource,
    effort: Effort,
    /// Whether it is a PKCS#12 file, which may open without a password.
    pub(super) pkcs12: bool,
    asked: Option<Result<Secret, Problem>>,
    /// What opened something before; tried first.
    way: Option<Way>,
    tried: Vec<Spelling>,
    told: bool,
    /// Three times what a file may ask for: the MAC of a PKCS#12 is tried with no password, the empty
    /// one and the one that was given.
    iterations_left: u64,
}

/// What even the cheapest derivation counts as, so that thousands of them come to an end too.
const LEAST_ITERATIONS: u64 = 1000;

impl<'a> Opener<'a> {
    pub(super) fn new(file: &'a Path, source: &'a mut dyn PasswordSource, effort: Effort) -> Self {
        Self {
            file,
            source,
            effort,
            pkcs12: false,
            asked: None,
            way: None,
            tried: Vec::new(),
            told: false,
            iterations_left: 3 * MAX_ITERATIONS,
        }
    }

    /// How something in this file was last opened.
    pub(super) fn way(&self) -> Option<Way> {
        self.way
    }

    /// Which other spellings were tried in vain.
    pub(super) fn tried_in_vain(&self) -> &[Spelling] {
        match self.way {
            Some(Way::Given(_)) => &[],
            _ => &self.tried,
        }
    }

    /// Tries `step`, which costs `iterations` of key derivation, with each candidate password until one
    /// works. `broken` is the problem to report when the structure itself is damaged.
    pub(super) fn open<T>(
        &mut self,
        iterations: u64,
        broken: Problem,
        step: impl Fn(Option<&[u8]>) -> Result<T, Refusal>,
    ) -> Outcome<T> {
        match self.find(iterations, broken, step) {
            Ok((value, way)) => {
                self.way = Some(way);
                let misspelled = Way::RESPELLED.contains(&way);
                let fault = misspelled.then_some(Problem::PasswordWrong {
                    pkcs12: self.pkcs12,
                });
                Outcome {
                    value: Some(value),
                    fault: fault.filter(|_| !std::mem::replace(&mut self.told, true)),
                }
            }
            Err(problem) => {
                let of_password = problem.is_of_password();
                let told = of_password && std::mem::replace(&mut self.told, true);
                Outcome {
                    value: None,
                    fault: Some(problem).filter(|_| !told),
                }
            }
        }
    }

    fn find<T>(
        &mut self,
        iterations: u64,
        broken: Problem,
        step: impl Fn(Option<&[u8]>) -> Result<T, Refusal>,
    ) -> Result<(T, Way), Problem> {
        if iterations > MAX_ITERATIONS {
            return Err(Problem::TooManyIterations(iterations));
        }
        let iterations = iterations.max(LEAST_ITERATIONS);
        let (known, pkcs12) = (self.way, self.pkcs12);
        let without = Way::WITHOUT.into_iter().filter(|_| pkcs12);
        let ways = known
            .into_iter()
            .chain(without.chain(Way::GIVEN).filter(|way| Some(*way) != known));
        for way in ways {
            if self.iterations_left < iterations {
                let spent = 3 * MAX_ITERATIONS - self.iterations_left;
                return Err(Problem::TooManyIterations(spent + iterations));
            }
            if let Some(value) = self.attempt(way, iterations, &broken, &step)? {
                return Ok((value, way));
            }
        }
        for way in Way::RESPELLED {
            let worth_it = self.effort == Effort::Everything && Some(way) != known;
            if worth_it
                && self.iterations_left >= iterations
                && let Some(value) = self.attempt(way, iterations, &broken, &step)?
            {
                return Ok((value, way));
            }
        }
        Err(Problem::PasswordWrong {
            pkcs12: self.pkcs12,
        })
    }

    /// `None` where that is not the password.
    fn attempt<T>(
        &mut self,
        way: Way,
        iterations: u64,
        broken: &Problem,
        step: impl Fn(Option<&[u8]>) -> Result<T, Refusal>,
    ) -> Result<Option<T>, Problem> {
        let password = match way {
            Way::None => None,
            Way::Empty => Some(Vec::new()),
            Way::Given(spelling) => match spelled(self.given()?.expose(), spelling) {
                None => return Ok(None),
                spelled => spelled,
            },
        };
        if let Way::Given(spelling) = way
            && spelling != Spelling::AsGiven
            && !self.tried.contains(&spelling)
        {
            self.tried.push(spelling);
        }
        self.iterations_left = self.iterations_left.saturating_sub(iterations);
        match step(password.as_deref()) {
            Ok(value) => Ok(Some(value)),
            Err(Refusal::Password) => Ok(None),
            Err(refusal) => Err(refusal.problem(broken.clone())),
        }
    }

    fn given(&mut self) -> Result<Secret, Problem> {
        let asked = self
            .asked
            .get_or_insert_with(|| match self.source.password(self.file) {
                Ok(Some(password)) => Ok(password),
                Ok(None) => Err(Problem::PasswordRequired),
                Err(error) => Err(Problem::PasswordUnavailable(error.to_string())),
            });
        asked.clone()
    }
}

/// The bytes of the password in this spelling; `None` where they are those that were given.
fn spelled(password: &str, spelling: Spelling) -> Option<Vec<u8>> {
    let respelled = match spelling {
        Spelling::AsGiven => return Some(password.as_bytes().to_vec()),
        Spelling::WithoutLineEnd => password.trim_end_matches(['\r', '\n']).as_bytes().to_vec(),
        Spelling::Utf8BytesAsCharacters => {
            let characters: String = password.bytes().map(char::from).collect();
            characters.into_bytes()
        }
        Spelling::Windows1252 => password.chars().map(windows_1252).collect::<Option<_>>()?,
    };
    (respelled != password.as_bytes()).then_some(respelled)
}

/// The byte of a character in Windows-1252 (the table of the WHATWG's Encoding Standard).
fn windows_1252(character: char) -> Option<u8> {
    const FROM_0X80: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    match u8::try_from(u32::from(character)) {
        Ok(byte @ (0..0x80 | 0xa0..)) => Some(byte),
        _ => (0x80..)
            .zip(FROM_0X80)
            .find(|(_, known)| *known == character)
            .map(|(byte, _)| byte),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    struct Given;

    impl PasswordSource for Given {
        fn password(&mut self, _: &Path) -> io::Result<Option<Secret>> {
            Ok(Some(Secret::new("wrong")))
        }

        fn is_given(&self) -> bool {
            true
        }
    }

    #[test]
    fn many_derivations_below_the_limit_are_told_by_their_sum() {
        let mut source = Given;
        let mut opener = Opener::new(Path::new("keys.pem"), &mut source, Effort::FirstFault);
        let mut faults = (0..4).map(|_| {
            let wrong = |_: Option<&[u8]>| Err::<(), _>(Refusal::Password);
            opener.open(9_000_000, Problem::Empty, wrong).fault
        });
        assert_eq!(
            faults.next(),
            Some(Some(Problem::PasswordWrong { pkcs12: false }))
        );
        assert_eq!(
            faults.nth(2),
            Some(Some(Problem::TooManyIterations(36_000_000)))
        );
    }

    #[test]
    fn windows_1252_has_its_own_place_for_the_euro() {
        let bytes = spelled("Pä€", Spelling::Windows1252);
        assert_eq!(bytes.as_deref(), Some(&b"P\xe4\x80"[..]));
        assert_eq!(spelled("Pя", Spelling::Windows1252), None);
    }

    #[test]
    fn each_byte_of_utf8_becomes_a_character_of_its_own() {
        let bytes = spelled("ä", Spelling::Utf8BytesAsCharacters);
        assert_eq!(bytes.as_deref(), Some("Ã¤".as_bytes()));
    }

    #[test]
    fn a_plain_password_has_one_spelling() {
        for way in Way::RESPELLED {
            let Way::Given(spelling) = way else { continue };
            assert_eq!(spelled("secret", spelling), None, "{spelling:?}");
        }
    }
}
