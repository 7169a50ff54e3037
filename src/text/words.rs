//! Numbers and bytes in words, as more than one floor writes them.

use std::fmt::Display;

/// `1 key`, `2 keys`, `0 keys`.
pub fn count<N: Display + PartialEq + From<u8>>(number: N, thing: &str) -> String {
    match number == N::from(1) {
        true => format!("1 {thing}"),
        false => format!("{number} {thing}s"),
    }
}

/// `5a0c91`.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `5A:0C:91`, as OpenSSL shows fingerprints and key identifiers.
pub fn fingerprint(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    pairs.join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular_and_none_is_plural() {
        let counted = [0_usize, 1, 2].map(|number| count(number, "key"));
        assert_eq!(counted, ["0 keys", "1 key", "2 keys"]);
    }

    #[test]
    fn each_byte_has_two_digits() {
        assert_eq!(hex(&[0x5a, 0x0c]), "5a0c");
        assert_eq!(fingerprint(&[0x5a, 0x0c]), "5A:0C");
    }
}
