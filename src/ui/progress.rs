//! The progress line: appears when work takes long, never stays behind.

use std::fmt;
use std::io;
use std::time::{Duration, Instant};

use indicatif::{
    HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle, TermLike,
};

use super::{SharedStream, lock};

/// What is over sooner is not worth a line that comes and goes.
const PATIENCE: Duration = Duration::from_millis(250);

/// How far work is, on one line of standard error.
pub(super) struct Progress {
    since: Instant,
    bar: Option<ProgressBar>,
    /// The program ends: a line that came now would stay behind.
    stopped: bool,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self {
            since: Instant::now(),
            bar: None,
            stopped: false,
        }
    }

    /// Shows how many rows there are, if it is time.
    pub(super) fn rows(
        &mut self,
        rows: u64,
        size: Option<u64>,
        stream: &SharedStream,
        width: usize,
    ) {
        if !self.is_due() {
            return;
        }
        match &self.bar {
            Some(bar) => bar.set_position(rows),
            None => {
                let bar = bar(rows, size, rows_template(size), stream, width);
                self.bar = Some(bar.with_elapsed(self.since.elapsed()));
            }
        }
    }

    /// Shows how far a job of Salesforce's is, if it is time.
    pub(super) fn job(&mut self, state: &str, rows: u64, stream: &SharedStream, width: usize) {
        if !self.is_due() {
            return;
        }
        let bar = self
            .bar
            .get_or_insert_with(|| bar(rows, None, JOB, stream, width));
        bar.set_position(rows);
        bar.set_message(state.to_owned());
    }

    /// Shows how many rows and bytes of a download have come, if it is time.
    pub(super) fn download(
        &mut self,
        rows: u64,
        announced: u64,
        bytes: u64,
        stream: &SharedStream,
        width: usize,
    ) {
        if !self.is_due() {
            return;
        }
        let bar = self
            .bar
            .get_or_insert_with(|| bar(rows, Some(announced), DOWNLOAD, stream, width));
        bar.set_position(rows);
        let rate = bytes as f64 / bar.elapsed().as_secs_f64().max(0.001);
        bar.set_message(format!(
            "{}, {}/s",
            HumanBytes(bytes),
            HumanBytes(rate as u64)
        ));
    }

    fn is_due(&self) -> bool {
        !self.stopped && self.since.elapsed() >= PATIENCE
    }

    /// Does this while the line is out of the way.
    pub(super) fn suspend(&self, work: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(work),
            None => work(),
        }
    }

    /// Removes the line, and lets no other come.
    pub(super) fn stop(&mut self) {
        self.stopped = true;
        self.end();
    }

    /// Removes the line.
    pub(super) fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

/// State, rows, time.
const JOB: &str = "{msg}, {human_pos} rows, {elapsed}";

/// Rows, bytes, rate, time, and a bar, because the total is known.
const DOWNLOAD: &str = "{bar:20} {human_pos} of {human_len} rows, {msg}, {elapsed}";

fn rows_template(size: Option<u64>) -> &'static str {
    match size {
        Some(_) => "{human_pos} of {human_len} rows, {rate}, {elapsed}",
        None => "{human_pos} rows, {rate}, {elapsed}",
    }
}

fn bar(
    rows: u64,
    size: Option<u64>,
    template: &str,
    stream: &SharedStream,
    width: usize,
) -> ProgressBar {
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    // indicatif's own per_sec has four decimals, and takes the rows before its first line for those of
    // one moment.
    let rate = |state: &ProgressState, out: &mut dyn fmt::Write| {
        // A line that cannot be drawn is nobody's to tell.
        let rate = state.pos() as f64 / state.elapsed().as_secs_f64().max(0.001);
        let _ = write!(out, "{}/s", HumanCount(rate as u64));
    };
    let style = style.with_key("rate", rate);
    let terminal = StderrTerm {
        stream: SharedStream::clone(stream),
        // The line is filled to its end, and a terminal that echoes ^C behind it must not wrap.
        width: u16::try_from(width.saturating_sub(3)).unwrap_or(u16::MAX),
    };
    let target = ProgressDrawTarget::term_like_with_hz(Box::new(terminal), 10);
    let bar = ProgressBar::with_draw_target(size, target)
        .with_style(style)
        .with_position(rows);
    // The time goes on while a page is waited for.
    bar.enable_steady_tick(Duration::from_secs(1));
    bar
}

/// Lets indicatif draw on our standard error, whatever stands behind it.
#[derive(Clone)]
struct StderrTerm {
    stream: SharedStream,
    width: u16,
}

impl fmt::Debug for StderrTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StderrTerm")
            .field("width", &self.width)
            .finish_non_exhaustive()
    }
}

impl StderrTerm {
    /// A movement by 0 would be one by 1 (ECMA-48, 8.3.22: the default value).
    fn move_cursor(&self, n: usize, direction: char) -> io::Result<()> {
        match n {
            0 => Ok(()),
            n => self.write_str(&format!("\x1b[{n}{direction}")),
        }
    }
}

impl TermLike for StderrTerm {
    fn width(&self) -> u16 {
        self.width
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'A')
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'B')
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'C')
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'D')
    }

    fn write_line(&self, line: &str) -> io::Result<()> {
        self.write_str(&format!("{line}\n"))
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        lock(&self.stream).write_all(text.as_bytes())
    }

    fn clear_line(&self) -> io::Result<()> {
        self.write_str("\r\x1b[2K")
    }

    fn flush(&self) -> io::Result<()> {
        lock(&self.stream).flush()
    }
}
