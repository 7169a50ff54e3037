//! The one owner of the streams: results go out, everything said to a person goes to standard error.
//!
//! Nothing else prints. Messages and progress share one lock, so a message never lands inside a
//! progress line.

mod progress;

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use console::Style;

use crate::error::StdoutError;
use crate::event::{Direction, Event, Observer};
use crate::explain::{Hint, Report, without_error_numbers};
use crate::terminal::wrap::fitted;
use crate::terminal::{self, Cleaner, Content};
use crate::text::secret::{KnownSecrets, Secret, Words};
use crate::world::Terminals;
use progress::{Place, Progress};

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
    /// Also while rows go to standard output.
    pub progress_beside_rows: bool,
}

/// As much of a text in a report is shown, in bytes: a fault's own words take some hundred.
const LONGEST_PART: usize = 2048;

const HINT: &str = "hint:";

/// Before the first `curl` command that holds the session ID, as a comment.
const HOW_TO_EXPORT: &str = "# export SFMTLS_SESSION_ID=$(sfmtls login --show-session-id)";

type SharedStream = Arc<Mutex<Box<dyn Write + Send>>>;

/// The streams and the manner of speaking.
pub struct Ui {
    out: SharedStream,
    err: SharedStream,
    prompt: fn(&str) -> io::Result<String>,
    terminals: Terminals,
    manner: Manner,
    progress: Mutex<Progress>,
    secrets: Arc<KnownSecrets>,
    /// Whether bytes of a result have left: an error document goes to standard error then.
    result_started: Arc<AtomicBool>,
    /// Whether the last line of the result has no end yet.
    line_is_open: Arc<AtomicBool>,
    /// Whether the failure has been told.
    reported: AtomicBool,
    /// Whether it has been said where the session ID of a `curl` command comes from.
    session_id_explained: AtomicBool,
}

/// A handle on standard output; its errors carry a [`StdoutError`].
pub struct Stdout {
    stream: SharedStream,
    started: Arc<AtomicBool>,
    line_is_open: Arc<AtomicBool>,
    /// On a terminal, for what is foreign.
    cleaner: Option<Cleaner>,
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.started.store(true, Ordering::Relaxed);
        if let Some(last) = bytes.last() {
            self.line_is_open.store(*last != b'\n', Ordering::Relaxed);
        }
        let Some(cleaner) = &mut self.cleaner else {
            return lock(&self.stream).write(bytes).map_err(stdout_error);
        };
        let text = cleaner.piece(bytes);
        let written = lock(&self.stream).write_all(text.as_bytes());
        written.map_err(stdout_error)?;
        Ok(bytes.len())
    }

    /// Also the end of what is cleaned: a character is not to be cut by it.
    fn flush(&mut self) -> io::Result<()> {
        let rest = self.cleaner.as_mut().map(Cleaner::end).unwrap_or_default();
        let mut stream = lock(&self.stream);
        let written = stream.write_all(rest.as_bytes());
        written.and_then(|()| stream.flush()).map_err(stdout_error)
    }
}

fn stdout_error(source: io::Error) -> io::Error {
    // `write_all` goes on by itself only if it can see this kind.
    if source.kind() == io::ErrorKind::Interrupted {
        return source;
    }
    io::Error::new(source.kind(), StdoutError { source })
}

/// The beginning of a long text, with what was left out.
fn shortened(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST_PART {
        return Cow::Borrowed(text);
    }
    let (start, rest) = text.split_at(text.floor_char_boundary(LONGEST_PART));
    Cow::Owned(format!("{start}… ({} more bytes)", rest.len()))
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
        let err: SharedStream = Arc::new(Mutex::new(err));
        let place = Place {
            stream: Arc::clone(&err),
            width: terminals.width,
        };
        Self {
            out: Arc::new(Mutex::new(out)),
            err,
            prompt,
            terminals,
            manner,
            progress: Mutex::new(Progress::new(place)),
            secrets: Arc::default(),
            result_started: Arc::default(),
            line_is_open: Arc::default(),
            reported: AtomicBool::new(false),
            session_id_explained: AtomicBool::new(false),
        }
    }

    /// Which streams are terminals.
    pub fn terminals(&self) -> Terminals {
        self.terminals
    }

    /// Columns of the terminal as it is now, where one of the streams is one.
    pub fn width(&self) -> Option<usize> {
        (self.terminals.width)()
    }

    /// Whether one JSON document is wanted.
    pub fn json(&self) -> bool {
        self.manner.json
    }

    /// Whether nothing is to be said of what went well.
    pub fn silent(&self) -> bool {
        self.manner.silent
    }

    /// Whether results may be coloured.
    pub fn color_results(&self) -> bool {
        self.manner.color_results
    }

    /// From now on this is hidden in everything that is said. Results are left as they are.
    pub fn never_show(&self, secret: &Secret) {
        self.secrets.learn(secret);
    }

    /// Standard output, for results only: the bytes that are written, or cleaned where it is a
    /// terminal.
    pub fn stdout(&self, content: Content) -> Stdout {
        let on_terminal = self.terminals.stdout;
        Stdout {
            stream: Arc::clone(&self.out),
            started: Arc::clone(&self.result_started),
            line_is_open: Arc::clone(&self.line_is_open),
            cleaner: on_terminal.then(|| content.cleaner()).flatten(),
        }
    }

    /// Prints one result line.
    ///
    /// # Errors
    /// When standard output cannot be written to.
    pub fn print(&self, line: impl fmt::Display) -> io::Result<()> {
        let mut out = self.stdout(Content::Shown);
        writeln!(out, "{line}")?;
        out.flush()
    }

    /// Prints a result that is one JSON document.
    ///
    /// # Errors
    /// When standard output cannot be written to.
    pub fn print_json(&self, document: &serde_json::Value) -> io::Result<()> {
        self.print(terminal::escape_json(&document.to_string()))
    }

    /// Something good to know. Not with `--silent`.
    pub fn note(&self, text: impl Into<Words>) {
        self.remark_as("note:", Style::new().cyan(), text.into());
    }

    /// Something that weakens the result or the security. Not with `--silent`.
    pub fn warning(&self, text: impl Into<Words>) {
        self.remark_as("warning:", Style::new().yellow(), text.into());
    }

    fn remark_as(&self, name: &str, style: Style, text: Words) {
        if !self.manner.silent {
            self.put(&format!("{} {}", self.style(name, style), self.told(&text)));
        }
    }

    /// The text as standard error may have it.
    fn told(&self, words: &Words) -> String {
        terminal::clean(&words.without(&self.secrets)).into_owned()
    }

    /// A line on standard error, above the progress where there is one. A standard error that
    /// cannot be written to is nobody's to tell.
    pub fn say(&self, line: &str) {
        self.put(&self.secrets.hide(line));
    }

    /// The same for a line from which the secrets have gone.
    fn put(&self, line: &str) {
        let write = || {
            let is_one_terminal = self.terminals.stdout && self.terminals.stderr;
            let is_behind_a_row = self.line_is_open.swap(false, Ordering::Relaxed);
            let before = if is_one_terminal && is_behind_a_row {
                "\n"
            } else {
                ""
            };
            let mut err = lock(&self.err);
            let _ = writeln!(err, "{before}{line}");
            let _ = err.flush();
        };
        lock(&self.progress).suspend(write);
    }

    /// The secrets that are hidden, for those who print what others said in a result.
    pub fn secrets(&self) -> Arc<KnownSecrets> {
        Arc::clone(&self.secrets)
    }

    /// Text from elsewhere as it may be shown on standard error: without secrets, and clean. A file
    /// with messages is looked at on a terminal in the end.
    pub fn foreign<'a>(&self, text: &'a str) -> Cow<'a, str> {
        // Cleaned first, a secret with a character that is dropped would not be found.
        match self.secrets.hide(text) {
            Cow::Borrowed(text) => terminal::clean(text),
            Cow::Owned(text) => Cow::Owned(terminal::clean(&text).into_owned()),
        }
    }

    /// The same, no longer than a person reads.
    fn foreign_part(&self, text: &str) -> String {
        self.foreign(&shortened(&self.secrets.hide(text)))
            .into_owned()
    }

    /// Text from elsewhere as it may be shown on standard output: cleaned where that is a terminal.
    pub fn foreign_result<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.terminals.stdout {
            terminal::clean(text)
        } else {
            text.into()
        }
    }

    /// A line about the result, without a mark. Not with `--silent`.
    pub fn remark(&self, text: impl Into<Words>) {
        if !self.manner.silent {
            self.put(&self.told(&text.into()));
        }
    }

    /// Text in a style, where colour is wanted.
    fn style(&self, text: &str, style: Style) -> String {
        style
            .force_styling(self.manner.color)
            .apply_to(text)
            .to_string()
    }

    /// Asks for a secret on the terminal, without echo. Not to be called where standard input is no
    /// terminal.
    ///
    /// # Errors
    /// When the terminal fails, or the user ends the input.
    pub fn ask(&self, question: &str) -> io::Result<Secret> {
        let answer = (self.prompt)(&terminal::clean_line(question));
        let ended = |error: &io::Error| error.kind() == io::ErrorKind::UnexpectedEof;
        if answer.as_ref().is_err_and(ended) && self.terminals.stderr {
            // No line end was typed: what is said next would stand behind the question.
            self.say("");
        }
        answer.map(Secret::new)
    }

    /// A line of `-v` about ourselves.
    pub fn trace(&self, line: impl fmt::Display) {
        self.say(&format!("* {}", self.foreign(&line.to_string())));
    }

    /// Prints the report of a failure: its parts on standard error, or one JSON document.
    pub fn report(&self, report: &Report) {
        self.end_progress();
        self.reported.store(true, Ordering::Relaxed);
        let mut report = report.told(&self.secrets);
        for text in report.causes.iter_mut().chain([&mut report.message]) {
            *text = shortened(text).into_owned();
        }
        if self.manner.json {
            let document = report.json();
            let started = self.result_started.load(Ordering::Relaxed);
            if started || self.print(&document).is_err() {
                self.put(&document);
            }
            return;
        }
        self.report_part("error:", Style::new().red().bold(), "", &report.message);
        for cause in &report.causes {
            self.report_part("cause:", Style::new(), "  ", cause);
        }
        for hint in &report.hints {
            self.report_hint(hint);
        }
    }

    /// Whether a failure has been told by [`Self::report`].
    pub fn has_reported(&self) -> bool {
        self.reported.load(Ordering::Relaxed)
    }

    /// A part of a report; its further lines stand below the first one's text. On a terminal a long
    /// line becomes several.
    fn report_part(&self, name: &str, style: Style, indent: &str, text: &str) {
        let before = indent.len() + name.len() + 1;
        let text = terminal::clean(text);
        let lines = match self.columns() {
            Some(columns) => fitted(&text, columns.saturating_sub(before)),
            None => text.lines().map(str::to_owned).collect(),
        };
        let next = format!("\n{}", " ".repeat(before));
        self.put(&format!(
            "{indent}{} {}",
            self.style(name, style),
            lines.join(&next)
        ));
    }

    /// What to do; a command stands alone on its line, to be copied, and is never broken.
    fn report_hint(&self, hint: &Hint) {
        let style = Style::new().green();
        let Some(command) = &hint.command else {
            return self.report_part(HINT, style, "  ", &hint.words);
        };
        let command = terminal::clean(command);
        if hint.words.is_empty() {
            return self.put(&format!("  {} {command}", self.style(HINT, style)));
        }
        self.report_part(HINT, style, "  ", &format!("{}:", hint.words));
        self.put(&format!("{:before$}{command}", "", before = HINT.len() + 3));
    }

    /// Columns of the terminal that standard error is.
    fn columns(&self) -> Option<usize> {
        self.terminals.stderr.then(|| self.width()).flatten()
    }

    /// Whether progress is wanted while rows go to standard output.
    pub fn shows_progress_beside_rows(&self) -> bool {
        self.manner.progress && self.manner.progress_beside_rows
    }

    /// Tells how far a query is: a progress line, where one is wanted and the work takes long.
    pub fn rows_so_far(&self, rows: u64, size: Option<u64>) {
        if self.manner.progress {
            lock(&self.progress).rows(rows, size);
        }
    }

    /// Tells how far a job of Salesforce's is, as [`Self::rows_so_far`] does for a query.
    pub fn job_so_far(&self, state: &str, rows: u64) {
        if self.manner.progress {
            let state = terminal::clean_line(state);
            lock(&self.progress).job(&state, rows);
        }
    }

    /// Tells how far a download is, as [`Self::rows_so_far`] does for a query.
    pub fn bytes_so_far(&self, rows: u64, announced: u64, bytes: u64) {
        if self.manner.progress {
            lock(&self.progress).download(rows, announced, bytes);
        }
    }

    /// Removes the progress line for good, because a signal ends the program.
    pub fn stop_progress(&self) {
        lock(&self.progress).stop();
    }

    /// Removes the progress line.
    pub fn end_progress(&self) {
        lock(&self.progress).end();
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
            Event::Curl(command) => {
                let needs_session = command.contains("$SFMTLS_SESSION_ID");
                if needs_session && !self.session_id_explained.swap(true, Ordering::Relaxed) {
                    self.say(HOW_TO_EXPORT);
                }
                self.say(command);
            }
            Event::Retry {
                reason,
                wait,
                attempt,
            } => {
                let reason = self.foreign_part(&without_error_numbers(reason));
                let wait = wait.as_secs_f64();
                self.note(Words::theirs(reason).and_ours(format_args!(
                    "; trying again in {wait:.1} s (try {attempt})"
                )));
            }
            Event::Note(text) => self.note(Words::ours(text)),
        }
    }
}
