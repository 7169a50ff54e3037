use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use super::*;
use crate::event::Silent;
use crate::net::{Failure, TransportError};

/// Results in memory; `cuts` says what happens to their connections.
struct Fake {
    parts: Mutex<VecDeque<usize>>,
    results: Vec<Vec<u8>>,
    /// After how many bytes each connection to a result is lost, in order; `None` is never.
    cuts: Mutex<Vec<VecDeque<Option<usize>>>>,
    /// How many bytes a read gives at most.
    piece: usize,
    opened: AtomicUsize,
    /// Rows of each part, in the order in which they were finished.
    finished: Mutex<Vec<u64>>,
    /// Waits before a part's first byte.
    wait_for: Box<dyn Fn(usize) + Send + Sync>,
    /// The first result when it is requested again; `None` is the same.
    second: Option<Vec<u8>>,
    /// Lives as long as a connection to any result but the first.
    token: Mutex<Option<Sender<()>>>,
}

impl Fake {
    fn new<T: AsRef<[u8]>>(results: impl IntoIterator<Item = T>) -> Self {
        let results: Vec<_> = results.into_iter().map(|r| r.as_ref().to_vec()).collect();
        Self {
            parts: Mutex::new((0..results.len()).collect()),
            cuts: Mutex::new(vec![VecDeque::new(); results.len()]),
            results,
            piece: usize::MAX,
            opened: AtomicUsize::new(0),
            finished: Mutex::default(),
            wait_for: Box::new(|_| ()),
            second: None,
            token: Mutex::default(),
        }
    }

    fn cut(self, part: usize, after: impl IntoIterator<Item = usize>) -> Self {
        self.cuts.lock().unwrap()[part] = after.into_iter().map(Some).collect();
        self
    }
}

fn lost() -> TransportError {
    TransportError {
        method: http::Method::GET,
        url: "https://acme.test".to_owned(),
        failure: Failure::Truncated {
            got: 0,
            text: "reset".to_owned(),
        },
        sent: 1,
        received: 1,
        reused: false,
    }
}

impl Source for Fake {
    type Part = usize;

    fn next(&self) -> Result<Option<usize>, BulkError> {
        Ok(self.parts.lock().unwrap().pop_front())
    }

    fn open(&self, part: &mut usize) -> Result<Opened, BulkError> {
        (self.wait_for)(*part);
        let again = self.opened.fetch_add(1, Ordering::Relaxed) > 0;
        let cut = self.cuts.lock().unwrap()[*part].pop_front().flatten();
        let mut left = match &self.second {
            Some(second) if again => second.clone(),
            _ => self.results[*part].clone(),
        };
        let token = match part {
            0 => None,
            _ => self.token.lock().unwrap().take(),
        };
        left.truncate(cut.unwrap_or(usize::MAX));
        let piece = self.piece;
        let head = left.drain(..left.len().min(piece).min(5)).collect();
        Ok(Opened {
            head,
            rest: Box::new(move |buffer| {
                let _lives = &token;
                let count = left.len().min(buffer.len()).min(piece);
                buffer[..count].copy_from_slice(&left[..count]);
                left.drain(..count);
                match (count, cut) {
                    (0, Some(_)) => Err(lost()),
                    _ => Ok(count),
                }
            }),
        })
    }

    fn name(&self, part: &usize) -> String {
        format!("result {part}")
    }

    fn finished(&self, _: &usize, rows: u64) -> Result<(), BulkError> {
        self.finished.lock().unwrap().push(rows);
        Ok(())
    }
}

fn options(parallel: usize) -> Options {
    Options {
        parallel,
        folder: std::env::temp_dir(),
        policy: Policy {
            first_wait: Duration::ZERO,
            ..Policy::default()
        },
        observer: Arc::new(Silent),
    }
}

fn run(source: &Arc<Fake>, parallel: usize) -> Result<(Vec<u8>, Totals), BulkError> {
    let mut out = Vec::new();
    let mut last = Progress::default();
    let totals = download(
        Arc::clone(source),
        &options(parallel),
        &mut out,
        &mut |progress| last = progress,
    )?;
    assert_eq!(totals.rows, last.rows);
    let finished: u64 = source.finished.lock().unwrap().iter().sum();
    assert_eq!(finished, totals.rows);
    Ok((out, totals))
}

fn text(source: Fake, parallel: usize) -> Result<(String, u64), BulkError> {
    let (out, totals) = run(&Arc::new(source), parallel)?;
    Ok((String::from_utf8(out).unwrap(), totals.rows))
}

/// About `length` bytes of rows that hold line feeds and quotes, and how many rows there are.
fn big(part: usize, length: usize) -> (Vec<u8>, u64) {
    let mut rows = b"\"Id\",\"Te\nxt\"\n".to_vec();
    let mut count = 0;
    while rows.len() < length {
        let row = format!(
            "\"{part}-{count}\",\"{}\n\"\"{}\"\n",
            "x".repeat(count % 97),
            count * 7919
        );
        rows.extend_from_slice(row.as_bytes());
        count += 1;
    }
    (rows, count as u64)
}

const HEADER: usize = b"\"Id\",\"Te\nxt\"\n".len();

fn bigs(sizes: &[usize]) -> (Fake, Vec<u8>, u64) {
    let parts: Vec<_> = sizes
        .iter()
        .enumerate()
        .map(|(at, &size)| big(at, size))
        .collect();
    let mut whole = parts[0].0[..HEADER].to_vec();
    parts
        .iter()
        .for_each(|(rows, _)| whole.extend_from_slice(&rows[HEADER..]));
    let rows = parts.iter().map(|(_, rows)| rows).sum();
    (
        Fake::new(parts.into_iter().map(|(rows, _)| rows)),
        whole,
        rows,
    )
}

#[test]
fn one_header_in_all_also_where_a_field_of_it_holds_a_new_line() {
    for parallel in [1, 3] {
        let header = "\"Id\",\"a\r\n\"\"b\"\r\n";
        let parts = [
            format!("{header}1,x\r\n"),
            format!("{header}2,\"\n\"\r\n"),
            header.to_owned(),
        ];
        let (out, rows) = text(Fake::new(parts), parallel).unwrap();
        assert_eq!(out, format!("{header}1,x\r\n2,\"\n\"\r\n"));
        assert_eq!(rows, 2);
    }
}

#[test]
fn results_without_rows_are_no_rows() {
    let sentence = "Records not found for this query";
    let with_line = "Records not found for this query\n";
    for (parts, whole, rows) in [
        (vec![], "", 0),
        (vec![""], "", 0),
        (vec!["\n"], "", 0),
        (vec![sentence], "", 0),
        (vec![with_line, ""], "", 0),
        (vec!["\"Id\"\n"], "\"Id\"\n", 0),
        (vec!["\"Id\""], "\"Id\"", 0),
        (
            vec![sentence, "\"Id\"\n", "", "\"Id\"\n\"1\"\n", with_line],
            "\"Id\"\n\"1\"\n",
            1,
        ),
        // A row may have the same words.
        (
            vec!["\"Id\"\nRecords not found for this query\n"],
            "\"Id\"\nRecords not found for this query\n",
            1,
        ),
    ] {
        let (out, counted) = text(Fake::new(&parts), 2).unwrap();
        assert_eq!((out.as_str(), counted), (whole, rows), "{parts:?}");
    }
}

#[test]
fn a_last_line_without_its_end_is_parted_from_the_next_file() {
    for (parts, whole) in [
        (["Id\n1", "Id\n2"], "Id\n1\n2"),
        (["Id\r\n1", "Id\r\n2"], "Id\r\n1\r\n2"),
        (["Id", "Id\n2\n"], "Id\n2\n"),
        (["Id\n1", "Id"], "Id\n1"),
    ] {
        let source = Fake {
            piece: 1,
            ..Fake::new(parts)
        };
        assert_eq!(text(source, 1).unwrap().0, whole, "{parts:?}");
    }
}

#[test]
fn other_columns_are_an_error_that_shows_both() {
    for parallel in [1, 2] {
        let error = text(Fake::new(["Id,A\n1,2\n", "Id,B\n"]), parallel).unwrap_err();
        assert_eq!(
            error.to_string(),
            "result 1 has other columns than the first: Id,B instead of Id,A"
        );
    }
}

#[test]
fn a_loss_after_every_byte_ends_in_the_whole_result() {
    let whole: &[u8] = b"\"Id\",\"a\nb\"\n\"1\",\"\"\"\n\"\n\"2\",\"x\"\n";
    for cut in 0..=whole.len() {
        for piece in [1, 7, usize::MAX] {
            // Twice at the same place, and then one byte further on.
            let source = Fake {
                piece,
                ..Fake::new([whole, whole])
            };
            let source = Arc::new(source.cut(0, [cut, cut, cut + 1]).cut(1, [cut]));
            let (out, totals) = run(&source, 1).unwrap();
            assert_eq!(out, [whole, &whole[11..]].concat(), "cut after {cut}");
            assert_eq!(totals.rows, 4);
            assert_eq!(source.opened.load(Ordering::Relaxed), 6);
        }
    }
}

#[test]
fn losses_anywhere_in_long_results_end_in_the_whole_results() {
    let sizes = [700_000, 300_000, 900_000, 10];
    let mut opened = 0;
    for (round, parallel) in [(1, 1), (2, 2), (3, 4)] {
        let (source, whole, rows) = bigs(&sizes);
        let at = |step: usize| (1..6).map(move |n| n * step * round);
        let source = source
            .cut(0, at(51_113))
            .cut(1, at(20_011))
            .cut(2, at(65_536));
        let source = Arc::new(Fake {
            piece: 16_384,
            ..source
        });
        let (out, totals) = run(&source, parallel).unwrap();
        assert!(out == whole, "{parallel} side by side");
        assert_eq!(totals.rows, rows);
        opened += source.opened.load(Ordering::Relaxed);
    }
    assert!(
        opened > 3 * (4 + 5),
        "only {opened} connections: nothing was cut"
    );
}

#[test]
fn losses_without_a_byte_gained_run_out_and_those_with_one_do_not() {
    let error = text(Fake::new(["Id\n1\n"]).cut(0, [4; 5]), 1).unwrap_err();
    assert_eq!(
        error.to_string(),
        "result 0 broke off after 4 bytes: the answer was cut off after 0 bytes: reset"
    );
    let bytes = "Id\n1\n2\n3\n4\n";
    let cuts: Vec<usize> = (0..bytes.len()).flat_map(|at| [at; 4]).collect();
    assert_eq!(text(Fake::new([bytes]).cut(0, cuts), 1).unwrap().0, bytes);
}

#[test]
fn other_bytes_on_a_second_reading_are_an_error() {
    let (whole, _) = big(0, 400_000);
    let changed = |at: usize| {
        let mut other = whole.clone();
        other[at] ^= 1;
        other
    };
    // The compared bytes are in the first buffer, in both, or in the second.
    for cut in [100_000, 200_000, 300_000] {
        let read = |second: Vec<u8>| {
            let mut source = Fake::new([&whole]).cut(0, [cut]);
            source.second = Some(second);
            source.piece = 16_384;
            text(source, 1)
        };
        assert!(read(whole.clone()).unwrap().0.into_bytes() == whole);
        let shorter = whole[..cut - 1].to_vec();
        for other in [changed(cut - 1), changed(cut - 64 * 1024), shorter] {
            assert_eq!(
                read(other).unwrap_err().to_string(),
                format!("result 0, asked for again after {cut} bytes, is not the same any more")
            );
        }
    }
}

#[test]
fn a_result_that_ends_inside_a_field_is_an_error() {
    for cut in ["\"Id", "\"Id\"\n\"1\n"] {
        let error = text(Fake::new([cut]), 1).unwrap_err();
        assert_eq!(error.to_string(), "result 0 ends in the middle of a record");
    }
}

#[test]
fn a_header_without_an_end_is_an_error_and_no_endless_wait() {
    let error = text(Fake::new(["x".repeat(1_000_000)]), 1).unwrap_err();
    assert!(matches!(error, BulkError::HeaderTooLong { limit, .. } if limit > 170_000));
    let long = format!("{}\n1\n", "x".repeat(170_000));
    assert!(text(Fake::new([&long]), 1).unwrap() == (long, 1));
}

#[test]
fn results_come_out_in_order_whichever_is_first() {
    for parallel in [2, 4, 8] {
        let (source, whole, rows) = bigs(&[1_000_000, 400_000, 10, 700_000, 50, 60, 800_000]);
        let begun = Arc::new((Mutex::new(0), std::sync::Condvar::new()));
        // The first result does not come before as many others have been requested as can be.
        let wait = move |part: usize| {
            let (count, changed) = &*begun;
            let mut count = count.lock().unwrap();
            if part > 0 {
                *count += 1;
                changed.notify_all();
            }
            let wanted = (parallel - 1).min(6);
            while part == 0 && *count < wanted {
                count = changed.wait(count).unwrap();
            }
        };
        let source = Arc::new(Fake {
            wait_for: Box::new(wait),
            piece: 16_384,
            ..source
        });
        let (out, totals) = run(&source, parallel).unwrap();
        assert!(out == whole, "{parallel} side by side");
        assert_eq!(totals.rows, rows);
        assert_eq!(source.finished.lock().unwrap().len(), 7);
    }
}

#[test]
fn a_folder_that_takes_no_file_is_an_error_that_names_it() {
    let (mut source, ..) = bigs(&[10, 1_000_000]);
    // The first result does not come before the helper has given up the second.
    let (token, given_up) = channel();
    source.token = Mutex::new(Some(token));
    let given_up = Mutex::new(given_up);
    source.wait_for = Box::new(move |part| {
        if part == 0 {
            let _ = given_up.lock().unwrap().recv();
        }
    });
    let mut options = options(2);
    options.folder = PathBuf::from("/nowhere/at/all");
    let mut out = Vec::new();
    let error = download(Arc::new(source), &options, &mut out, &mut |_| ());
    assert_eq!(
        error.unwrap_err().to_string(),
        "cannot keep results in /nowhere/at/all: No such file or directory (os error 2)"
    );
}

#[test]
fn a_list_that_cannot_be_read_is_an_error_and_no_end() {
    /// Fails once, then has no more.
    struct Failing(Fake, AtomicBool);
    impl Source for Failing {
        type Part = usize;
        fn next(&self) -> Result<Option<usize>, BulkError> {
            match self.0.next()? {
                None if !self.1.swap(true, Ordering::Relaxed) => {
                    Err(BulkError::NotAnId("x".to_owned()))
                }
                part => Ok(part),
            }
        }
        fn open(&self, part: &mut usize) -> Result<Opened, BulkError> {
            self.0.open(part)
        }
        fn name(&self, part: &usize) -> String {
            self.0.name(part)
        }
        fn finished(&self, part: &usize, rows: u64) -> Result<(), BulkError> {
            self.0.finished(part, rows)
        }
    }
    for parallel in [1, 2, 4] {
        for parts in 0..20 {
            let fake = Fake::new(vec!["Id\n1\n"; parts]);
            let source = Arc::new(Failing(fake, AtomicBool::new(false)));
            let mut out = Vec::new();
            let result = download(source, &options(parallel), &mut out, &mut |_| ());
            assert!(matches!(result, Err(BulkError::NotAnId(_))), "{parts}");
        }
    }
}

#[test]
#[should_panic(expected = "not today")]
fn a_helper_that_panics_is_not_waited_for() {
    let mut source = Fake::new(["Id\n1\n"; 3]);
    let (token, gone) = channel::<()>();
    let (token, gone) = (Mutex::new(Some(token)), Mutex::new(gone));
    source.wait_for = Box::new(move |part| match part {
        0 => drop(gone.lock().unwrap().recv()),
        _ => {
            drop(token.lock().unwrap().take());
            panic!("not today")
        }
    });
    let _ = run(&Arc::new(source), 2);
}

#[test]
fn what_cannot_be_written_ends_the_download_at_once() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let source = Arc::new(Fake::new(["Id\n1\n"]));
    let error = download(source, &options(1), &mut Closed, &mut |_| ()).unwrap_err();
    assert!(matches!(&error, BulkError::Output(e) if e.kind() == std::io::ErrorKind::BrokenPipe));
}
