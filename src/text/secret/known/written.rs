//! A secret as others may write it: each of its characters as it is, or in an escape of XML, JSON or
//! URLs. Whoever repeats a text chooses which characters to escape, and how often over.
//!
//! Left out: HTML's names of letters (`&eacute;`), and encodings of a whole text such as base64.

use std::ops::Range;

/// As many times over an escape is seen through: a request repeated in a fault, that one in a log.
const DEEPEST: usize = 4;

/// The longest reference, in bytes between `&` and `;`: `#x0010ffff`.
const LONGEST_NAME: usize = 10;

/// Where text of XML begins and ends in which nothing is escaped. They may stand inside a value.
const MARKERS: [&str; 2] = ["<![CDATA[", "]]>"];

/// The text with `mark` in place of the secret; `None` where it is not in it.
pub(super) fn replaced(text: &str, secret: &str, mark: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(place) = find(rest, secret) {
        out.push_str(&rest[..place.start]);
        out.push_str(mark);
        rest = &rest[place.end..];
    }
    (rest.len() < text.len()).then(|| out + rest)
}

/// Where the end of a text begins that is the beginning of a secret, of `shortest` bytes at least.
pub(super) fn beginning_at_end(text: &str, secret: &str, shortest: usize) -> Option<usize> {
    starts(text, secret).find(|&start| {
        let text = &text[start..];
        let mut known = 0;
        let mut places = vec![0];
        for character in secret.chars() {
            let ends = |place: &usize| is_cut(&text[*place..]);
            if known >= shortest && places.iter().any(ends) {
                return true;
            }
            places = after(text, &places, character);
            if places.is_empty() {
                break;
            }
            known += character.len_utf8();
        }
        false
    })
}

fn find(text: &str, secret: &str) -> Option<Range<usize>> {
    starts(text, secret).find_map(|start| {
        let text = &text[start..];
        let mut places = Vec::new();
        for (index, character) in secret.chars().enumerate() {
            places = match index {
                0 => ends(text, character),
                _ => after(text, &places, character),
            };
            if places.is_empty() {
                return None;
            }
        }
        Some(start..start + places.into_iter().max()?)
    })
}

/// The places that may be a secret's first character.
fn starts(text: &str, secret: &str) -> impl Iterator<Item = usize> {
    let first = secret.bytes().next();
    let bytes = text.bytes().enumerate();
    bytes.filter_map(move |(at, byte)| {
        let may_be = Some(byte) == first || matches!(byte, b'&' | b'\\' | b'%' | b'+');
        may_be.then_some(at)
    })
}

/// Whether nothing is left, or the beginning of an escape.
fn is_cut(rest: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'#' | b'{' | b'\\');
    match rest.as_bytes() {
        [] => true,
        [b'&' | b'\\' | b'%', more @ ..] => {
            more.len() < LONGEST_NAME && more.iter().all(|byte| is_part(*byte))
        }
        _ => MARKERS.iter().any(|marker| marker.starts_with(rest)),
    }
}

/// The places behind the character, where it may begin at these.
fn after(text: &str, places: &[usize], character: char) -> Vec<usize> {
    let mut next = Vec::new();
    for &place in places {
        let bare = place + markers(&text[place..]);
        let mut add = |from: usize| {
            let ends = ends(&text[from..], character);
            next.extend(ends.into_iter().map(|end| from + end));
        };
        add(place);
        if bare > place {
            add(bare);
        }
    }
    next.sort_unstable();
    next.dedup();
    next
}

/// How long the markers are that a text begins with.
fn markers(text: &str) -> usize {
    let mut rest = text;
    while let Some(more) = MARKERS.iter().find_map(|marker| rest.strip_prefix(marker)) {
        rest = more;
    }
    text.len() - rest.len()
}

/// The places behind the character, in each way that the text may be read: a backslash may be one or
/// the beginning of an escape.
fn ends(text: &str, character: char) -> Vec<usize> {
    let mut ends = Vec::new();
    if text.starts_with(character) {
        ends.push(character.len_utf8());
    }
    match text.as_bytes().first() {
        Some(b'&') => references(text, character, &mut ends),
        Some(b'\\') => behind_backslashes(text, character, &mut ends),
        Some(b'%') => ends.extend(percents(text, character)),
        Some(b'+') if character == ' ' => ends.push(1),
        _ => {}
    }
    ends
}

/// `&lt;`, `&#60;`, `&#x3C;`, `&amp;lt;`.
fn references(text: &str, character: char, ends: &mut Vec<usize>) {
    let mut rest = &text[1..];
    for _ in 0..DEEPEST {
        let mut bytes = rest.bytes().take(LONGEST_NAME + 1);
        let Some(end) = bytes.position(|byte| byte == b';') else {
            return;
        };
        if named(&rest[..end]) == Some(character) {
            ends.push(text.len() - rest.len() + end + 1);
        }
        match rest.strip_prefix("amp;") {
            Some(deeper) => rest = deeper,
            None => return,
        }
    }
}

fn named(name: &str) -> Option<char> {
    let number = |digits, base| u32::from_str_radix(digits, base).ok();
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(digits) => number(digits, 16),
                None => number(digits, 10),
            };
            char::from_u32(code?)
        }
    }
}

/// `\"`, `\/`, `\n`, `\u003c`, a pair of such, Rust's `\u{3c}`; all of it behind more backslashes
/// where it was quoted again.
fn behind_backslashes(text: &str, character: char, ends: &mut Vec<usize>) {
    let backslashes = backslashes(text);
    if character == '\\' {
        ends.extend(2..=backslashes);
    }
    let rest = &text[backslashes..];
    let length = match rest.as_bytes().first() {
        Some(b'u') => unicode(&rest[1..], character).map(|length| length + 1),
        Some(b'b') if character == '\u{8}' => Some(1),
        Some(b'f') if character == '\u{c}' => Some(1),
        Some(b'n') if character == '\n' => Some(1),
        Some(b'r') if character == '\r' => Some(1),
        Some(b't') if character == '\t' => Some(1),
        _ => (character.is_ascii_punctuation() && rest.starts_with(character)).then_some(1),
    };
    ends.extend(length.map(|length| backslashes + length));
}

fn backslashes(text: &str) -> usize {
    let longest = 1 << DEEPEST;
    let bytes = text.bytes().take(longest);
    bytes.take_while(|byte| *byte == b'\\').count()
}

/// How long the escape behind `\u` is, if it is this character.
fn unicode(text: &str, character: char) -> Option<usize> {
    if let Some(braced) = text.strip_prefix('{') {
        let end = braced.bytes().take(7).position(|byte| byte == b'}')?;
        let code = u32::from_str_radix(&braced[..end], 16).ok()?;
        return (code == u32::from(character)).then_some(end + 2);
    }
    let mut at = 0;
    for (index, unit) in character.encode_utf16(&mut [0; 2]).iter().enumerate() {
        if index > 0 {
            let more = backslashes(&text[at..]);
            at += more + 1;
            if more == 0 || text.as_bytes().get(at - 1) != Some(&b'u') {
                return None;
            }
        }
        let digits = text.get(at..at + 4)?;
        at += 4;
        if u16::from_str_radix(digits, 16) != Ok(*unit) {
            return None;
        }
    }
    Some(at)
}

/// `%3C`, `%3c`, `%253C`: each byte of the character.
fn percents(text: &str, character: char) -> Vec<usize> {
    let mut places = vec![0];
    for byte in character.encode_utf8(&mut [0; 4]).bytes() {
        let next = |place: usize| percent(&text[place..], byte).map(move |end| place + end);
        places = places.into_iter().flat_map(next).collect();
    }
    places
}

/// The places behind one byte.
fn percent(text: &str, byte: u8) -> impl Iterator<Item = usize> {
    let behind = move |digits: usize| {
        let digits = text
            .starts_with('%')
            .then(|| text.get(digits..digits + 2))??;
        u8::from_str_radix(digits, 16).ok()
    };
    // Each time over, the percent sign has become `%25`.
    let again =
        (0..DEEPEST).take_while(move |times| *times == 0 || behind(2 * times - 1) == Some(b'%'));
    again.filter_map(move |times| {
        let digits = 2 * times + 1;
        (behind(digits) == Some(byte)).then_some(digits + 2)
    })
}
