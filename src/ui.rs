//! The one owner of the streams: results go out, everything said to a person goes to standard error.
//!
//! Nothing else prints. Messages and progress share one lock, so a message never lands inside a
//! progress line.

use std::fmt;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use console::Style;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};

use crate::event::{Direction, Event, Observer};
use crate::terminal;
use crate::text::secret::Secret;
use crate::world::Terminals;

/// What the user asked for, as far as talking goes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Manner {
    /// One JSON document on standard output.
    pub json: bool,
    /// No notes, no warnings, no progress.
    pub silent: bool,
    /// Colour on standard error.
    pub color: bool,
    /// Colour on standard output.
    pub color_results: bool,
    /// Progress on standard error.
    pub progress: bool,
}

type SharedStream = Arc<Mutex<Box<dyn Write + Send>>>;

/// The streams and the manner of speaking.
pub struct Ui {
    out: SharedStream,
    err: SharedStream,
    prompt: fn(&str) -> io::Result<String>,
    terminals: Terminals,
    manner: Manner,
    progress: Mutex<Option<ProgressBar>>,
    result_started: AtomicBool,
}

/// Standard output could not be written to.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to standard output: {source}")]
pub struct StdoutError {
    /// The system's reason; a closed pipe is [`io::ErrorKind::BrokenPipe`].
    pub source: io::Error,
}

/// A handle on standard output; its errors carry a [`StdoutError`].
pub struct Stdout(SharedStream);

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        lock(&self.0).write(bytes).map_err(stdout_error)
    }

    fn flush(&mut self) -> io::Result<()> {
        lock(&self.0).flush().map_err(stdout_error)
    }
}

fn stdout_error(source: io::Error) -> io::Error {
    // `write_all` goes on by itself only if it can see this kind.
    if source.kind() == io::ErrorKind::Interrupted {
        return source;
    }
    io::Error::new(source.kind(), StdoutError { source })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Ui {
    /// Takes the streams over.
    pub fn new(
        out: Box<dyn Write + Send>,
        err: Box<dyn Write + Send>,
        prompt: fn(&str) -> io::Result<String>,
        terminals: Terminals,
        manner: Manner,
    ) -> Self {
        Self {
            out: Arc::new(Mutex::new(out)),
            err: Arc::new(Mutex::new(err)),
            prompt,
            terminals,
            manner,
            progress: Mutex::new(None),
            result_started: AtomicBool::new(false),
        }
    }

    /// Which streams are terminals.
    pub fn terminals(&self) -> Terminals {
        self.terminals
    }

    /// Whether one JSON document is wanted.
    pub fn json(&self) -> bool {
        self.manner.json
    }

    /// Whether results may be coloured.
    pub fn color_results(&self) -> bool {
        self.manner.color_results
    }

    /// Standard output, for results only.
    pub fn stdout(&self) -> Stdout {
        Stdout(Arc::clone(&self.out))
    }

    /// Tells that part of a result has left on standard output: an error document goes to standard
    /// error from now on.
    pub fn result_started(&self) {
        self.result_started.store(true, Ordering::Relaxed);
    }

    /// Prints one result line.
    ///
    /// # Errors
    /// When standard output cannot be written to.
    pub fn print(&self, line: impl fmt::Display) -> io::Result<()> {
        let mut out = self.stdout();
        writeln!(out, "{line}")?;
        out.flush()
    }

    /// Something good to know. Not with `--silent`.
    pub fn note(&self, text: impl fmt::Display) {
        if !self.manner.silent {
            self.say(&format!(
                "{} {text}",
                self.style("note:", Style::new().cyan())
            ));
        }
    }

    /// Something that weakens the result or the security. Not with `--silent`.
    pub fn warning(&self, text: impl fmt::Display) {
        if !self.manner.silent {
            self.say(&format!(
                "{} {text}",
                self.style("warning:", Style::new().yellow())
            ));
        }
    }

    /// A line on standard error, above the progress where there is one. A standard error that
    /// cannot be written to is nobody's to tell.
    pub fn say(&self, line: &str) {
        let write = || {
            let mut err = lock(&self.err);
            let _ = writeln!(err, "{line}");
            let _ = err.flush();
        };
        match lock(&self.progress).as_ref() {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Text from elsewhere as it may be shown on standard error: cleaned where that is a terminal.
    pub fn foreign<'a>(&self, text: &'a str) -> std::borrow::Cow<'a, str> {
        if self.terminals.stderr {
            terminal::clean(text)
        } else {
            text.into()
        }
    }

    /// Text from elsewhere as it may be shown on standard output: cleaned where that is a terminal.
    pub fn foreign_result<'a>(&self, text: &'a str) -> std::borrow::Cow<'a, str> {
        if self.terminals.stdout {
            terminal::clean(text)
        } else {
            text.into()
        }
    }

    /// A line about the result, without a mark. Not with `--silent`.
    pub fn remark(&self, text: impl fmt::Display) {
        if !self.manner.silent {
            self.say(&text.to_string());
        }
    }

    /// Text in a style, where colour is wanted.
    pub fn style(&self, text: &str, style: Style) -> String {
        style
            .force_styling(self.manner.color)
            .apply_to(text)
            .to_string()
    }

    /// Asks for a secret; `None` where there is no terminal to ask on.
    ///
    /// # Errors
    /// When the terminal fails, or the user ends the input.
    pub fn ask(&self, question: &str) -> io::Result<Option<Secret>> {
        if !self.terminals.stdin {
            return Ok(None);
        }
        (self.prompt)(question).map(|answer| Some(Secret::new(answer)))
    }

    /// Prints the report of a failure: three parts on standard error, or one JSON document.
    pub fn report(&self, report: &crate::explain::Report) {
        self.end_progress();
        if self.manner.json {
            let document = report.json();
            if self.result_started.load(Ordering::Relaxed) {
                self.say(&document);
            } else {
                // A standard output that is gone cannot be told anything.
                let _ = self.print(document);
            }
            return;
        }
        self.report_part("error:", Style::new().red().bold(), "", &report.message);
        for cause in &report.causes {
            self.report_part("cause:", Style::new(), "  ", cause);
        }
        if let Some(hint) = &report.hint {
            self.report_part("hint:", Style::new().green(), "  ", hint);
        }
    }

    /// A part of a report; its further lines stand below the first one's text.
    fn report_part(&self, name: &str, style: Style, indent: &str, text: &str) {
        let next = format!("\n{indent}{} ", " ".repeat(name.len()));
        let lines: Vec<_> = text.lines().map(|line| self.foreign(line)).collect();
        self.say(&format!(
            "{indent}{} {}",
            self.style(name, style),
            lines.join(&next)
        ));
    }

    /// Shows how far a query is; the first call makes the line appear.
    pub fn rows_so_far(&self, rows: u64, size: Option<u64>) {
        if !self.manner.progress {
            return;
        }
        let mut slot = lock(&self.progress);
        let bar = slot.get_or_insert_with(|| self.bar());
        if let Some(size) = size {
            bar.set_length(size);
        }
        bar.set_position(rows);
    }

    /// Removes the progress line.
    pub fn end_progress(&self) {
        if let Some(bar) = lock(&self.progress).take() {
            bar.finish_and_clear();
        }
    }

    fn bar(&self) -> ProgressBar {
        let stream = StderrTerm {
            stream: Arc::clone(&self.err),
            width: self.terminals.width.unwrap_or(80) as u16,
        };
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(stream), 10);
        let style = ProgressStyle::with_template(
            "{human_pos} of {human_len} rows, {per_sec:.0}, {elapsed}",
        )
        .unwrap_or_else(|_| ProgressStyle::default_bar());
        ProgressBar::with_draw_target(None, target).with_style(style)
    }
}

impl Observer for Ui {
    fn event(&self, event: Event<'_>) {
        match event {
            Event::Trace(direction, line) => {
                let mark = match direction {
                    Direction::Info => '*',
                    Direction::Sent => '>',
                    Direction::Received => '<',
                };
                self.say(&format!("{mark} {}", self.foreign(line)));
            }
            Event::Curl(command) => self.say(command),
            Event::Retry {
                reason,
                wait,
                attempt,
            } => self.note(format_args!(
                "{}; trying again in {:.1} s (try {attempt})",
                self.foreign(reason),
                wait.as_secs_f64()
            )),
            Event::Warning(text) => self.warning(self.foreign(text)),
            Event::Note(text) => self.note(self.foreign(text)),
        }
    }
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

impl TermLike for StderrTerm {
    fn width(&self) -> u16 {
        self.width
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.write_str(&format!("\x1b[{n}A"))
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.write_str(&format!("\x1b[{n}B"))
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.write_str(&format!("\x1b[{n}C"))
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.write_str(&format!("\x1b[{n}D"))
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
