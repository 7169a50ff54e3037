//! tmux as a terminal: what a person sees in the end, after all that was drawn and wiped.

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::lab::{Lab, finish, path_with_program};

/// How long something may take to appear.
const PATIENCE: Duration = Duration::from_secs(20);

/// How many terminals there have been.
static SCREENS: AtomicU32 = AtomicU32::new(0);

/// A terminal of its own, in which one shell command line runs.
pub(crate) struct Screen<'a> {
    lab: &'a Lab,
    socket: PathBuf,
}

impl<'a> Screen<'a> {
    /// Starts the command line on a terminal of so many columns and 60 lines.
    #[track_caller]
    pub(crate) fn start(lab: &'a Lab, columns: u16, line: &str) -> Self {
        // A server that is about to end would be found under its old name.
        let number = SCREENS.fetch_add(1, Relaxed);
        let screen = Self {
            lab,
            socket: lab.path(&format!("tmux-{number}")),
        };
        // What stands on the screen is looked at before the terminal goes.
        let script = lab.file(
            &format!("screen-{number}.sh"),
            format!(
                "{line}\ntmux -S {} wait-for -S done\nread -r _\n",
                screen.socket.display()
            ),
        );
        let size = columns.to_string();
        let command = format!("bash {}", script.display());
        screen.tmux(&[
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-x",
            &size,
            "-y",
            "60",
            &command,
        ]);
        screen
    }

    fn tmux(&self, arguments: &[&str]) -> String {
        let mut command: Command = self.lab.other("tmux", ["-u", "-S"]);
        command
            .arg(&self.socket)
            .args(arguments)
            .env("PATH", path_with_program())
            .env("SHELL", "/bin/sh");
        finish(command.spawn().expect("tmux is installed"))
            .exits(0)
            .stdout
    }

    /// What stands on the screen, line by line, without empty lines at the end.
    pub(crate) fn lines(&self) -> Vec<String> {
        let text = self.tmux(&["capture-pane", "-p"]);
        text.trim_end().lines().map(str::to_owned).collect()
    }

    /// Waits until this stands on the screen.
    #[track_caller]
    pub(crate) fn wait_for(&self, text: &str) {
        let start = Instant::now();
        while !self.lines().iter().any(|line| line.contains(text)) {
            assert!(
                start.elapsed() < PATIENCE,
                "{text:?} is not on {:#?}",
                self.lines()
            );
        }
    }

    /// Types a key by tmux's name of it: `C-c`, `Enter`.
    pub(crate) fn types(&self, key: &str) {
        self.tmux(&["send-keys", key]);
    }

    /// Makes the terminal wider or narrower.
    pub(crate) fn resize(&self, columns: u16) {
        self.tmux(&["resize-window", "-x", &columns.to_string()]);
    }

    /// Waits for the end of the command line, and gives what stands on the screen then.
    pub(crate) fn end(self) -> Vec<String> {
        self.tmux(&["wait-for", "done"]);
        self.lines()
    }
}

impl Drop for Screen<'_> {
    fn drop(&mut self) {
        let mut command = self.lab.other("tmux", ["-S"]);
        command.arg(&self.socket).arg("kill-server");
        // A terminal that has gone by itself is what is wanted.
        let _ = command.output();
    }
}
