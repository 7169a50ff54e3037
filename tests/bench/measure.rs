//! What a process cost, pairs of processes, and the table.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;
use wait4::Wait4;

/// What one run of a process cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    pub(crate) wall: Duration,
    /// User and system time.
    pub(crate) cpu: Duration,
}

/// Runs a command, its output thrown away, and takes its account.
///
/// # Panics
/// When it cannot start or fails: a figure of a failed run is no figure.
pub(crate) fn run(command: &mut Command) -> Usage {
    let start = Instant::now();
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("the command starts");
    let ended = child.wait4().expect("it ends");
    let wall = start.elapsed();
    assert!(ended.status.success(), "{command:?}: {}", ended.status);
    Usage {
        wall,
        cpu: ended.rusage.utime + ended.rusage.stime,
    }
}

/// The median time of some runs of this, in seconds.
pub(crate) fn timed(runs: usize, mut work: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[runs / 2]
}

/// The peak memory of a command's run, in bytes, as GNU time tells it.
///
/// Not from our own account: a process's begins with the memory of the one that started it, which here
/// holds an org.
pub(crate) fn peak(command: &Command) -> u64 {
    let report = NamedTempFile::new().expect("a temporary file");
    let mut time = Command::new("/usr/bin/time");
    time.args(["-f", "%M", "-o"])
        .arg(report.path())
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear();
    for (name, value) in command.get_envs() {
        time.env(name, value.unwrap_or_default());
    }
    run(&mut time);
    let kibibytes = std::fs::read_to_string(report.path()).expect("GNU time wrote it");
    let kibibytes: u64 = kibibytes.trim().parse().expect("GNU time prints a number");
    kibibytes * 1024
}

/// Medians of two commands run in turn.
pub(crate) struct Pair {
    pub(crate) ours: Usage,
    pub(crate) theirs: Usage,
    /// Ours to theirs, pair by pair, the median.
    pub(crate) wall_ratio: f64,
    pub(crate) cpu_ratio: f64,
}

impl Pair {
    /// A warm-up of both, then `runs` pairs.
    pub(crate) fn measure(runs: usize, ours: &mut Command, theirs: &mut Command) -> Self {
        Self::measure_from(&|| (), runs, ours, theirs)
    }

    /// The same, each run of either from the state that `prepare` makes.
    pub(crate) fn measure_from(
        prepare: &dyn Fn(),
        runs: usize,
        ours: &mut Command,
        theirs: &mut Command,
    ) -> Self {
        let once = |command: &mut Command| {
            prepare();
            run(command)
        };
        once(ours);
        once(theirs);
        let pairs: Vec<(Usage, Usage)> = (0..runs).map(|_| (once(ours), once(theirs))).collect();
        let median = |value: &dyn Fn(&(Usage, Usage)) -> f64| {
            let mut values: Vec<f64> = pairs.iter().map(value).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        let usage = |of: fn(&(Usage, Usage)) -> Usage| Usage {
            wall: Duration::from_secs_f64(median(&|pair| of(pair).wall.as_secs_f64())),
            cpu: Duration::from_secs_f64(median(&|pair| of(pair).cpu.as_secs_f64())),
        };
        let ratio = |a: Duration, b: Duration| a.as_secs_f64() / b.as_secs_f64();
        Self {
            ours: usage(|pair| pair.0),
            theirs: usage(|pair| pair.1),
            wall_ratio: median(&|(a, b)| ratio(a.wall, b.wall)),
            cpu_ratio: median(&|(a, b)| ratio(a.cpu, b.cpu)),
        }
    }
}

/// The results as they are printed.
pub(crate) struct Table(Vec<[String; 5]>);

impl Table {
    pub(crate) fn new() -> Self {
        let head = ["work", "sfmtls", "curl", "reached", "goal"];
        Self(vec![head.map(str::to_owned)])
    }

    pub(crate) fn wall(&mut self, work: &str, pair: &Pair, goal: f64) {
        self.ratio(
            work,
            "wall",
            pair.ours.wall,
            pair.theirs.wall,
            pair.wall_ratio,
            goal,
        );
    }

    pub(crate) fn cpu(&mut self, work: &str, pair: &Pair, goal: f64) {
        self.ratio(
            work,
            "CPU",
            pair.ours.cpu,
            pair.theirs.cpu,
            pair.cpu_ratio,
            goal,
        );
    }

    fn ratio(
        &mut self,
        work: &str,
        what: &str,
        ours: Duration,
        theirs: Duration,
        ratio: f64,
        goal: f64,
    ) {
        let milliseconds = |time: Duration| format!("{:.1} ms {what}", time.as_secs_f64() * 1e3);
        self.0.push([
            work.to_owned(),
            milliseconds(ours),
            milliseconds(theirs),
            format!("{ratio:.2} x"),
            format!("at most {goal} x"),
        ]);
    }

    pub(crate) fn rate(&mut self, work: &str, rate: f64, unit: &str, goal: f64) {
        let number = |value: f64| match value < 1000.0 {
            true => format!("{value:.1} {unit}"),
            false => format!("{value:.0} {unit}"),
        };
        self.0.push([
            work.to_owned(),
            number(rate),
            String::new(),
            number(rate),
            format!("at least {goal}"),
        ]);
    }

    pub(crate) fn memory(&mut self, work: &str, few: u64, many: u64, most: u64) {
        let mebibytes = |bytes: u64| format!("{:.1} MiB", bytes as f64 / 1024.0 / 1024.0);
        self.0.push([
            work.to_owned(),
            format!("{} and {}", mebibytes(few), mebibytes(many)),
            String::new(),
            format!("{:+.1} MiB", (many as f64 - few as f64) / 1024.0 / 1024.0),
            format!("within 2 MiB, at most {most} MiB"),
        ]);
    }

    /// Two ways of ours.
    pub(crate) fn against(&mut self, work: &str, one: &str, other: &str, pair: &Pair, goal: f64) {
        let seconds = |name: &str, time: Duration| format!("{name}: {:.2} s", time.as_secs_f64());
        self.0.push([
            work.to_owned(),
            seconds(one, pair.ours.wall),
            seconds(other, pair.theirs.wall),
            format!("{:.2} x", pair.wall_ratio),
            format!("at most {goal} x"),
        ]);
    }

    #[expect(clippy::print_stdout, reason = "the table is the benchmark's result")]
    pub(crate) fn print(&self) {
        let mut widths = [0; 5];
        for row in &self.0 {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.len());
            }
        }
        for row in &self.0 {
            let cells: Vec<String> = row
                .iter()
                .zip(widths)
                .map(|(cell, width)| format!("{cell:width$}"))
                .collect();
            println!("{}", cells.join("  ").trim_end());
        }
    }
}
