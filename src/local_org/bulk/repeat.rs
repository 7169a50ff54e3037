//! Results of any size at the speed of memory: one block of rows over and over, with new IDs each time.
//!
//! The block is copied and only the last characters of its IDs are written anew (several GB/s on one
//! core), so that TLS is what limits a download. Where IDs may repeat as well, gzip is as cheap: the block
//! is packed once, and its DEFLATE blocks are sent again and again within one member (RFC 1951 lets blocks
//! end at any byte; curl does not read several members).

use std::ops::Range;
use std::sync::Arc;

use flate2::{Compress, Compression, Crc, FlushCompress};

use super::csv::{Table, column_name};
use crate::local_org::answer::Source;
use crate::local_org::data::{check, id};

/// Small enough for the processor's cache, large enough for few calls: about 400 KB.
const BLOCK_ROWS: u64 = 2048;
/// IDs of different chunks stand this far apart.
const NUMBERS_OF_A_ROW: u64 = 1 << 24;

/// The rows to repeat.
pub(super) struct Block {
    bytes: Vec<u8>,
    /// Where each row starts, and the end.
    starts: Vec<usize>,
    /// Where each row's ID is, if IDs are written anew.
    ids: Vec<usize>,
    first_number: u64,
}

impl Block {
    /// The first rows of a table; none of an empty one.
    pub(super) fn of(table: &Table, numbered: bool) -> Option<Self> {
        let mut scratch = String::new();
        let rows: Vec<u64> = table
            .rows
            .rows(&table.data, &table.query)
            .take(usize::try_from(BLOCK_ROWS).unwrap_or(usize::MAX))
            .collect();
        if rows.is_empty() {
            return None;
        }
        let id = table
            .columns
            .iter()
            .find(|path| numbered && column_name(path) == "Id");
        let mut block = Self {
            bytes: Vec::new(),
            starts: vec![0],
            ids: Vec::new(),
            first_number: table.rows.start() * NUMBERS_OF_A_ROW,
        };
        for row in (0..BLOCK_ROWS).zip(rows.iter().cycle()).map(|(_, row)| row) {
            let start = block.bytes.len();
            table.write_row(*row, &mut scratch, &mut block.bytes);
            block.starts.push(block.bytes.len());
            if let Some(id) = id {
                id.value(&table.data, *row, &mut scratch);
                let written = &block.bytes[start..];
                let at = written
                    .windows(scratch.len())
                    .position(|window| window == scratch.as_bytes())?;
                block.ids.push(start + at);
            }
        }
        Some(block)
    }

    /// The fewest rows that have this many bytes.
    pub(super) fn rows_of(&self, bytes: u64) -> u64 {
        let size = self.bytes.len() as u64;
        let rest = usize::try_from(bytes % size).unwrap_or(0);
        let rows = self.starts.partition_point(|start| *start < rest);
        bytes / size * BLOCK_ROWS + rows as u64
    }

    /// Bytes of this many rows.
    fn offset(&self, rows: u64) -> u64 {
        rows / BLOCK_ROWS * self.bytes.len() as u64 + self.starts[within(rows)] as u64
    }
}

/// The place of a row within the block.
fn within(row: u64) -> usize {
    usize::try_from(row % BLOCK_ROWS).unwrap_or(0)
}

/// A range of repeated rows after a header row.
#[derive(Clone)]
pub(super) struct Repeated {
    block: Arc<Block>,
    header: Vec<u8>,
    rows: Range<u64>,
    length: u64,
}

impl Repeated {
    pub(super) fn new(block: Arc<Block>, header: Vec<u8>, rows: Range<u64>) -> Self {
        let length = header.len() as u64 + block.offset(rows.end) - block.offset(rows.start);
        Self {
            block,
            header,
            rows,
            length,
        }
    }

    /// The rows up to the end of the block or of the range.
    fn piece(&mut self) -> Range<u64> {
        let start = self.rows.start;
        let block_end = (start / BLOCK_ROWS + 1) * BLOCK_ROWS;
        self.rows.start = block_end.min(self.rows.end);
        start..self.rows.start
    }

    fn write(&self, rows: &Range<u64>, out: &mut Vec<u8>) {
        let Some(count) = rows.end.checked_sub(rows.start).filter(|count| *count > 0) else {
            return;
        };
        let block = &self.block;
        let first = within(rows.start);
        let last = first + usize::try_from(count).unwrap_or(0);
        let (start, end) = (block.starts[first], block.starts[last]);
        let before = out.len();
        out.extend_from_slice(&block.bytes[start..end]);
        let written = &mut out[before..];
        let mut number = Number::new(block.first_number + rows.start);
        for id in block.ids.get(first..last).unwrap_or_default() {
            number.write(&mut written[id - start..id - start + 18]);
            number.step();
        }
    }
}

impl Source for Repeated {
    fn fill(&mut self, out: &mut Vec<u8>) -> bool {
        if self.rows.is_empty() && self.header.is_empty() {
            return false;
        }
        out.append(&mut self.header);
        let rows = self.piece();
        self.write(&rows, out);
        true
    }

    fn length(&self) -> Option<u64> {
        Some(self.length)
    }

    fn packed(&self) -> Option<Box<dyn Source>> {
        if !self.block.ids.is_empty() {
            return None;
        }
        let mut rest = self.clone();
        let mut front = std::mem::take(&mut rest.header);
        let rows = rest.piece();
        rest.write(&rows, &mut front);
        let full = (rest.rows.end - rest.rows.start) / BLOCK_ROWS;
        let mut tail = Vec::new();
        let tail_start = rest.rows.start + full * BLOCK_ROWS;
        rest.write(&(tail_start..rest.rows.end), &mut tail);

        let mut crc = Crc::new();
        crc.update(&front);
        let mut block_crc = Crc::new();
        block_crc.update(&self.block.bytes);
        for _ in 0..full {
            crc.combine(&block_crc);
        }
        crc.update(&tail);
        // ID, method DEFLATE, no flags, no time, fastest, unknown system (RFC 1952).
        let mut start = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255];
        deflate(&front, &mut start);
        let mut packed_block = Vec::new();
        deflate(&self.block.bytes, &mut packed_block);
        let mut end = Vec::new();
        deflate(&tail, &mut end);
        // An empty last block, then the check and the size modulo 2^32.
        end.extend_from_slice(&[3, 0]);
        end.extend_from_slice(&crc.sum().to_le_bytes());
        end.extend_from_slice(&self.length.to_le_bytes()[..4]);
        Some(Box::new(PackedBlocks {
            start,
            block: packed_block,
            left: full,
            end,
        }))
    }
}

/// Appends DEFLATE blocks that need nothing before them and end at a byte.
fn deflate(bytes: &[u8], out: &mut Vec<u8>) {
    if bytes.is_empty() {
        return;
    }
    let mut compress = Compress::new(Compression::fast(), false);
    let mut rest = bytes;
    loop {
        let before = compress.total_in();
        out.reserve(rest.len() / 2 + 1024);
        // Without a dictionary and with room for the output there is nothing that can fail.
        if compress
            .compress_vec(rest, out, FlushCompress::Full)
            .is_err()
        {
            return;
        }
        let taken = usize::try_from(compress.total_in() - before).unwrap_or(rest.len());
        rest = &rest[taken..];
        if rest.is_empty() && out.len() < out.capacity() {
            return;
        }
    }
}

/// One gzip member: a start, the same blocks many times, an end.
struct PackedBlocks {
    start: Vec<u8>,
    block: Vec<u8>,
    left: u64,
    end: Vec<u8>,
}

impl Source for PackedBlocks {
    fn fill(&mut self, out: &mut Vec<u8>) -> bool {
        if self.end.is_empty() {
            return false;
        }
        out.append(&mut self.start);
        if self.left > 0 {
            self.left -= 1;
            out.extend_from_slice(&self.block);
        } else {
            out.append(&mut self.end);
        }
        true
    }

    fn length(&self) -> Option<u64> {
        let ends = self.start.len() + self.end.len();
        Some(ends as u64 + self.left * self.block.len() as u64)
    }
}

/// A number as the ten digits in base 62 and the last two check characters of an ID.
struct Number {
    digits: [u8; 10],
    checks: [u8; 2],
}

impl Number {
    fn new(number: u64) -> Self {
        let id = id("000", number);
        let id = id.as_bytes();
        Self {
            digits: std::array::from_fn(|at| id[5 + at]),
            checks: [id[16], id[17]],
        }
    }

    fn write(&self, id: &mut [u8]) {
        id[5..15].copy_from_slice(&self.digits);
        id[16..18].copy_from_slice(&self.checks);
    }

    fn step(&mut self) {
        for at in (0..10).rev() {
            let (digit, carry) = match self.digits[at] {
                b'9' => (b'A', false),
                b'Z' => (b'a', false),
                b'z' => (b'0', true),
                other => (other + 1, false),
            };
            self.digits[at] = digit;
            if !carry {
                if at < 5 {
                    self.checks[0] = check(&self.digits[..5]);
                }
                break;
            }
        }
        self.checks[1] = check(&self.digits[5..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_counts_as_ids_do() {
        // Through a carry that makes the fifth digit a capital letter.
        let near_carry = 10 * 62_u64.pow(5) - 100;
        let mut counted = Number::new(near_carry);
        for number in near_carry..near_carry + 5000 {
            let made = Number::new(number);
            assert_eq!((counted.digits, counted.checks), (made.digits, made.checks));
            counted.step();
        }
    }
}
