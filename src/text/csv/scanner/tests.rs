use super::*;

/// What [`Scanner`] says, said in the simplest way: ended records, quoted, open.
fn reference(text: &[u8]) -> (u64, bool, bool) {
    let (mut ended, mut quoted, mut open) = (0, false, false);
    for &byte in text {
        open = true;
        if byte == b'"' {
            quoted = !quoted;
        }
        if byte == b'\n' && !quoted {
            ended += 1;
            open = false;
        }
    }
    (ended, quoted, open)
}

fn judged(scanner: &Scanner) -> (u64, bool, bool) {
    let ended = scanner.records() - u64::from(scanner.is_open());
    (ended, scanner.is_quoted(), scanner.is_open())
}

/// Bytes in which quotes and line ends stand in every place, the same on each run.
fn noise(length: usize, mut seed: u64) -> Vec<u8> {
    (0..length)
        .map(|_| {
            // Marsaglia's xorshift.
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            match seed % 23 {
                0..3 => b'"',
                3 => b'\n',
                4 => b'\r',
                5 => b',',
                6 => 0,
                // Neighbours of the two, and what differs from them in the highest bit alone.
                7 => b'"' | 0x80,
                8 => b'\n' | 0x80,
                9 => b'#',
                10 => b'\x0b',
                _ => (seed >> 32) as u8,
            }
        })
        .collect()
}

#[test]
fn every_split_of_every_text_counts_like_one_byte_after_the_other() {
    for seed in 1..=40 {
        let text = noise(200, seed);
        for split in 0..=text.len() {
            let (first, second) = text.split_at(split);
            let mut scanner = Scanner::default();
            scanner.scan(first);
            assert_eq!(judged(&scanner), reference(first), "{seed}, to {split}");
            scanner.scan(second);
            assert_eq!(judged(&scanner), reference(&text), "{seed}, at {split}");
        }
    }
}

#[test]
fn pieces_of_every_size_count_the_same() {
    let text = noise(5000, 7);
    for size in 1..=130 {
        let mut scanner = Scanner::default();
        text.chunks(size).for_each(|piece| scanner.scan(piece));
        assert_eq!(judged(&scanner), reference(&text), "pieces of {size}");
    }
}

#[test]
fn one_quote_or_line_feed_is_seen_at_each_place_of_a_block() {
    for at in 0..BLOCK {
        let mut block = [b'x'; BLOCK];
        block[at] = b'\n';
        assert_eq!(mask(&block, b'\n'), 1 << at);
        let mut scanner = Scanner::default();
        scanner.scan(&block);
        assert_eq!(judged(&scanner), (1, false, at + 1 < BLOCK));

        block[at] = b'"';
        let mut scanner = Scanner::default();
        scanner.scan(&block);
        scanner.scan(b"\n");
        assert_eq!(judged(&scanner), (0, true, true));
    }
}

#[test]
fn record_ends_are_found_one_after_the_other_and_scanning_goes_on_behind_them() {
    let text = b"\"a\nb\",c\r\n\"\"\"\n\"\n\nlast";
    for split in 0..=text.len() {
        let mut scanner = Scanner::default();
        let mut ends = Vec::new();
        for (start, piece) in [(0, &text[..split]), (split, &text[split..])] {
            let mut at = 0;
            while let Some(length) = scanner.record_end(&piece[at..]) {
                at += length;
                ends.push(start + at);
            }
        }
        assert_eq!(ends, [9, 15, 16], "split at {split}");
        assert_eq!(judged(&scanner), (3, false, true));
    }
    let mut scanner = Scanner::default();
    assert_eq!(scanner.record_end(text), Some(9));
    scanner.scan(&text[9..]);
    assert_eq!(judged(&scanner), reference(text));
}
