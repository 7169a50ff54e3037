//! The progress line: appears when work takes long, never stays behind.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use indicatif::{
    HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle, TermLike,
};

use super::{SharedStream, lock};
use crate::terminal;

/// What is over sooner is not worth a line that comes and goes.
const PATIENCE: Duration = Duration::from_millis(250);
/// Columns of the bar.
const BAR: usize = 20;

/// Where the line is drawn.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) stream: SharedStream,
    /// Columns of the terminal as it is now.
    pub(super) width: fn() -> Option<usize>,
}

/// How far work is, on one line of standard error.
pub(super) struct Progress {
    place: Place,
    since: Instant,
    bar: Option<ProgressBar>,
    /// What is told beside rows and time.
    told: Arc<Mutex<Told>>,
    /// The program ends: a line that came now would stay behind.
    stopped: bool,
}

/// What kind of work it is, with what indicatif does not count.
#[derive(Debug, Clone)]
enum Told {
    /// A query, page by page.
    Pages,
    /// A job of Salesforce's, in this state.
    Job(String),
    /// A download of a known number of rows, with so many bytes so far.
    Download(u64),
}

impl Progress {
    pub(super) fn new(place: Place) -> Self {
        Self {
            place,
            since: Instant::now(),
            bar: None,
            told: Arc::new(Mutex::new(Told::Pages)),
            stopped: false,
        }
    }

    /// Shows how many rows there are, if it is time.
    pub(super) fn rows(&mut self, rows: u64, size: Option<u64>) {
        self.show(rows, size, Told::Pages);
    }

    /// Shows how far a job of Salesforce's is, if it is time.
    pub(super) fn job(&mut self, state: &str, rows: u64) {
        self.show(rows, None, Told::Job(state.to_owned()));
    }

    /// Shows how many rows and bytes of a download have come, if it is time.
    pub(super) fn download(&mut self, rows: u64, announced: u64, bytes: u64) {
        self.show(rows, Some(announced), Told::Download(bytes));
    }

    fn show(&mut self, rows: u64, size: Option<u64>, told: Told) {
        if self.stopped || self.since.elapsed() < PATIENCE {
            return;
        }
        // The time of a query began with the query.
        let before = match told {
            Told::Pages => self.since.elapsed(),
            _ => Duration::ZERO,
        };
        *lock(&self.told) = told;
        match &self.bar {
            Some(bar) => {
                bar.set_position(rows);
                // Beside a steady tick a new position alone waits for the next second.
                bar.set_message("");
            }
            None => {
                let bar = bar(rows, size, &self.told, &self.place);
                self.bar = Some(bar.with_elapsed(before));
            }
        }
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

fn bar(rows: u64, size: Option<u64>, told: &Arc<Mutex<Told>>, place: &Place) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{line}").unwrap_or_else(|_| ProgressStyle::default_bar());
    let terminal = StderrTerm(place.clone());
    let told = Arc::clone(told);
    let line = move |state: &ProgressState, out: &mut dyn fmt::Write| {
        let columns = terminal.width().into();
        let told = lock(&told);
        let mut line = numbers(state, &told);
        if let Told::Download(_) = *told
            && terminal::width(&line) + BAR < columns
        {
            line = format!("{} {line}", drawn(state.fraction()));
        }
        // Where the line wraps, indicatif and the terminal need not agree on how many there are, and
        // what is wiped then is a message.
        // A line that cannot be drawn is nobody's to tell.
        let _ = out.write_str(&terminal::fit(&line, columns));
    };
    let terminal = StderrTerm(place.clone());
    let target = ProgressDrawTarget::term_like_with_hz(Box::new(terminal), 10);
    let bar = ProgressBar::with_draw_target(size, target)
        .with_style(style.with_key("line", line))
        .with_position(rows);
    // The time goes on while a page is waited for.
    bar.enable_steady_tick(Duration::from_secs(1));
    bar
}

/// The bar, where there is room for it beside the numbers.
fn drawn(fraction: f32) -> String {
    let done = (BAR as f32 * fraction) as usize;
    (0..BAR)
        .map(|at| if at < done { '█' } else { '░' })
        .collect()
}

/// Rows, bytes, rate and time, as far as they are known.
fn numbers(state: &ProgressState, told: &Told) -> String {
    let mut line = String::new();
    let seconds = state.elapsed().as_secs_f64().max(0.001);
    let per_second = |number: u64| (number as f64 / seconds) as u64;
    if let Told::Job(state) = told {
        line.push_str(&format!("{state}, "));
    }
    line.push_str(&HumanCount(state.pos()).to_string());
    if let Some(size) = state.len() {
        line.push_str(&format!(" of {}", HumanCount(size)));
    }
    line.push_str(" rows, ");
    match told {
        Told::Job(_) => {}
        Told::Pages => line.push_str(&format!("{}/s, ", HumanCount(per_second(state.pos())))),
        Told::Download(bytes) => line.push_str(&format!(
            "{}, {}/s, ",
            HumanBytes(*bytes),
            HumanBytes(per_second(*bytes))
        )),
    }
    line + &time(state.elapsed())
}

/// `5s`, `2m 05s`, `1h 02m`.
fn time(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs();
    match seconds / 60 {
        0 => format!("{seconds}s"),
        minutes @ 1..60 => format!("{minutes}m {:02}s", seconds % 60),
        minutes => format!("{}h {:02}m", minutes / 60, minutes % 60),
    }
}

/// Lets indicatif draw on our standard error, whatever stands behind it.
#[derive(Clone)]
struct StderrTerm(Place);

impl fmt::Debug for StderrTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StderrTerm")
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
    /// A terminal that echoes ^C behind the line must not wrap.
    fn width(&self) -> u16 {
        let columns = (self.0.width)().unwrap_or(80).saturating_sub(3).max(1);
        u16::try_from(columns).unwrap_or(u16::MAX)
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
        // indicatif fills the line with spaces to its end, which is clear already: they would wrap
        // when the terminal is made narrower.
        if text.bytes().all(|byte| byte == b' ') {
            return Ok(());
        }
        lock(&self.0.stream).write_all(text.as_bytes())
    }

    fn clear_line(&self) -> io::Result<()> {
        self.write_str("\r\x1b[2K")
    }

    fn flush(&self) -> io::Result<()> {
        lock(&self.0.stream).flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_told_in_its_two_largest_units() {
        for (seconds, told) in [(0, "0s"), (59, "59s"), (125, "2m 05s"), (3720, "1h 02m")] {
            assert_eq!(time(Duration::from_secs(seconds)), told);
        }
    }
}
