//! Names and their prefixes.

/// What may stand in a name for `Reader::plain_child`: enough for every name of Salesforce's. A
/// table, because each byte of each name is looked at.
pub(super) const PLAIN_NAME: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte: u8 = 0;
    while byte < 128 {
        plain[byte as usize] = byte.is_ascii_alphanumeric() || byte == b'_' || byte == b':';
        byte += 1;
    }
    plain
};

pub(super) fn prefix(name: &str) -> &str {
    colon(name).map_or("", |colon| &name[..colon])
}

pub(super) fn local(name: &str) -> &str {
    colon(name).map_or(name, |colon| &name[colon + 1..])
}

/// `==` for prefixes, which are too short to be worth a call of `memcmp`.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().eq(other.bytes())
}

/// Names are short: a plain loop takes half the time of `str::split_once`.
fn colon(name: &str) -> Option<usize> {
    name.bytes().position(|byte| byte == b':')
}
