//! Just enough BER to tell what a binary file is and how expensive it is to open.
//!
//! Certificates, keys and all that is cryptographic are read by OpenSSL. This sees what OpenSSL does
//! not tell: whether a file is cut off, which bags a PKCS#12 has, how many key-derivation iterations
//! it asks for. Indefinite lengths and chunked strings are understood: Firefox and old Windows export
//! them.

use std::borrow::Cow;

/// Deeper than any real file nests.
const DEPTH: u32 = 24;

/// SEQUENCE.
pub(super) const SEQUENCE: u8 = 0x30;
/// INTEGER.
pub(super) const INTEGER: u8 = 0x02;
/// OCTET STRING.
pub(super) const OCTETS: u8 = 0x04;
/// OBJECT IDENTIFIER.
pub(super) const OID: u8 = 0x06;

/// The bit of a tag that says that elements are inside.
pub(super) const CONSTRUCTED: u8 = 0x20;

/// One element: its tag and what of its content is there.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    /// All of it, header included.
    pub(super) raw: &'a [u8],
    pub(super) body: &'a [u8],
    /// What comes after it.
    pub(super) rest: &'a [u8],
    /// How many bytes it says it has, header included; `None` for an indefinite length.
    pub(super) declared: Option<usize>,
    /// Whether all of it is there.
    pub(super) whole: bool,
}

/// The first element of `input`, also when its end is missing; `None` where no element begins.
pub(super) fn first(input: &[u8]) -> Option<Element<'_>> {
    element(input, DEPTH)
}

/// The first element, if all of it is there and it has this tag.
pub(super) fn whole(input: &[u8], tag: u8) -> Option<Element<'_>> {
    first(input).filter(|element| element.whole && element.tag == tag)
}

/// The elements one after another, up to the first that is not whole.
pub(super) fn elements(mut input: &[u8]) -> impl Iterator<Item = Element<'_>> {
    std::iter::from_fn(move || {
        let element = first(input).filter(|element| element.whole)?;
        input = element.rest;
        Some(element)
    })
}

fn element(input: &[u8], depth: u32) -> Option<Element<'_>> {
    let (&tag, after_tag) = input.split_first()?;
    let (&length, after) = after_tag.split_first()?;
    // Tags of more than one byte occur in none of the formats looked at.
    if tag & 0x1f == 0x1f {
        return None;
    }
    match length {
        0x80 if tag & CONSTRUCTED != 0 => indefinite(tag, input, depth.checked_sub(1)?),
        0x00..0x80 => Some(definite(tag, input, 2, usize::from(length))),
        0x81..=0x84 => {
            let count = usize::from(length & 0x7f);
            let size = after.get(..count)?;
            let length = size.iter().fold(0, |sum, &b| sum << 8 | usize::from(b));
            Some(definite(tag, input, 2 + count, length))
        }
        _ => None,
    }
}

fn definite(tag: u8, input: &[u8], header: usize, length: usize) -> Element<'_> {
    let declared = header.saturating_add(length);
    let end = declared.min(input.len());
    Element {
        tag,
        raw: &input[..end],
        body: &input[header..end],
        rest: &input[end..],
        declared: Some(declared),
        whole: declared <= input.len(),
    }
}

fn indefinite(tag: u8, input: &[u8], depth: u32) -> Option<Element<'_>> {
    let content = &input[2..];
    let mut rest = content;
    let mut whole = true;
    let mut end = content.len();
    loop {
        if let Some(after) = rest.strip_prefix(&[0, 0]) {
            end = content.len() - rest.len();
            rest = after;
            break;
        }
        match element(rest, depth) {
            Some(inner) if inner.whole => rest = inner.rest,
            _ => {
                whole = false;
                rest = &[];
                break;
            }
        }
    }
    Some(Element {
        tag,
        raw: &input[..input.len() - rest.len()],
        body: &content[..end],
        rest,
        declared: None,
        whole,
    })
}

/// What a walk through a whole structure found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Survey {
    /// The iterations of all key derivations asked for together, as far as that can be seen from outside;
    /// for scrypt (RFC 7914) the product of its three cost numbers.
    pub(super) iterations: u64,
    /// An algorithm that OpenSSL 3 keeps in its legacy provider.
    pub(super) legacy: Option<&'static str>,
}

/// Walks through everything that is not encrypted, octet strings that hold BER included.
pub(super) fn survey(input: &[u8]) -> Survey {
    let mut survey = Survey::default();
    walk(input, DEPTH, &mut survey);
    survey
}

fn walk(input: &[u8], depth: u32, survey: &mut Survey) {
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    // In all that derives a key from a password (RFC 8018 A.2 and A.3, RFC 7292 4 and appendix B.3,
    // RFC 7914 7) the salt, an OCTET STRING, is followed by the number of iterations.
    let mut numbers_after_salt: Option<Vec<u64>> = None;
    for element in elements(input) {
        match (element.tag, &mut numbers_after_salt) {
            (INTEGER, Some(numbers)) => numbers.push(number(element.body)),
            (OCTETS, _) => {
                survey.count(numbers_after_salt.replace(Vec::new()));
                if element.body.first() == Some(&SEQUENCE) {
                    walk(element.body, depth, survey);
                }
            }
            _ => survey.count(numbers_after_salt.take()),
        }
        match element.tag {
            OID => survey.legacy = survey.legacy.or(legacy_cipher(element.body)),
            tag if tag == OCTETS | CONSTRUCTED => walk(&element.octets(), depth, survey),
            tag if tag & CONSTRUCTED != 0 => walk(element.body, depth, survey),
            _ => {}
        }
    }
    survey.count(numbers_after_salt);
}

impl Survey {
    fn count(&mut self, numbers: Option<Vec<u64>>) {
        let iterations = match numbers.as_deref() {
            // A second number is PBKDF2's key length.
            Some([iterations] | [iterations, _]) => *iterations,
            Some([cost, block, parallel, ..]) => {
                cost.saturating_mul(*block).saturating_mul(*parallel)
            }
            _ => 0,
        };
        self.iterations = self.iterations.saturating_add(iterations);
    }
}

/// The value of an INTEGER; 0 for what cannot be a number of iterations (negative, or beyond 64 bits:
/// the order of a curve looks alike, and OpenSSL takes no such count).
fn number(body: &[u8]) -> u64 {
    let digits = body.strip_prefix(&[0]).unwrap_or(body);
    if digits.len() > 8 || body.first().is_some_and(|first| first & 0x80 != 0) {
        return 0;
    }
    digits.iter().fold(0, |sum, &b| sum << 8 | u64::from(b))
}

impl<'a> Element<'a> {
    /// The bytes of an OCTET STRING, or of what is tagged in its place, in one piece or in chunks.
    pub(super) fn octets(&self) -> Cow<'a, [u8]> {
        match self.tag & CONSTRUCTED {
            0 => Cow::Borrowed(self.body),
            _ => Cow::Owned(chunks(self.body)),
        }
    }
}

/// The content of an OCTET STRING in chunks.
fn chunks(body: &[u8]) -> Vec<u8> {
    elements(body)
        .flat_map(|chunk| chunk.body)
        .copied()
        .collect()
}

/// RFC 7292 appendix C (1.2.840.113549.1.12.1.n) and RFC 8018 A.3 (1.2.840.113549.1.5.n).
fn legacy_cipher(oid: &[u8]) -> Option<&'static str> {
    match oid.strip_prefix(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01])? {
        [0x0c, 0x01, 0x01 | 0x02] => Some("RC4"),
        [0x0c, 0x01, 0x05] => Some("RC2-128"),
        [0x0c, 0x01, 0x06] => Some("RC2-40"),
        [0x05, 0x03 | 0x0a] => Some("DES"),
        [0x05, 0x06 | 0x0b] => Some("RC2-64"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_element_tells_how_long_it_would_be() {
        let cut = first(&[0x30, 0x82, 0x01, 0x00, 0x02, 0x01, 0x03]).unwrap();
        assert!(!cut.whole);
        assert_eq!((cut.declared, cut.body.len()), (Some(260), 3));
    }

    #[test]
    fn iterations_are_seen_through_indefinite_lengths_and_chunks() {
        // SEQUENCE { OCTET STRING of two chunks { SEQUENCE { salt, 0x9881 iterations, key length } } }
        let inner = [0x30, 0x0b, 4, 1, 9, 2, 3, 0x00, 0x98, 0x81, 2, 1, 32];
        let mut ber = vec![0x30, 0x80, 0x24, 0x80, 4, 5];
        ber.extend(&inner[..5]);
        ber.extend([4, 8]);
        ber.extend(&inner[5..]);
        ber.extend([0, 0, 0, 0]);
        assert_eq!(survey(&ber).iterations, 0x9881);
    }

    #[test]
    fn iterations_of_several_derivations_add_up() {
        let one = [0x30, 7, 4, 1, 9, 2, 2, 0x08, 0x00];
        let both = [&[0x30, 18][..], &one, &one].concat();
        assert_eq!(survey(&both).iterations, 2 * 0x0800);
    }

    #[test]
    fn scrypt_costs_are_multiplied() {
        let scrypt = [0x30, 13, 4, 1, 7, 2, 2, 0x40, 0x00, 2, 1, 8, 2, 1, 2];
        assert_eq!(survey(&scrypt).iterations, 0x4000 * 8 * 2);
    }

    #[test]
    fn endless_nesting_ends() {
        assert_eq!(survey(&[0x30, 0x80].repeat(100_000)), Survey::default());
        assert!(first(&[0x30, 0x80].repeat(100_000)).is_none_or(|element| !element.whole));
    }
}
