//! Where the rows of a command go: standard output, or a file that appears when it is whole.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::Result;

use crate::output::file::OutputFile;
use crate::output::{self, Format, RowSink, human};
use crate::terminal::Content;
use crate::text::secret::Words;
use crate::text::words::count;
use crate::ui::{Stdout, Ui};

/// Where the rows go.
pub(super) enum Destination {
    File(OutputFile),
    Stdout(Stdout),
}

impl Destination {
    /// Opens the file beside its place, or standard output for rows in this format.
    ///
    /// # Errors
    /// When the file or its folder cannot be written to.
    pub(super) fn open(ui: &Ui, file: Option<&Path>, format: Format) -> Result<Self> {
        let Some(file) = file else {
            return Ok(Self::Stdout(ui.stdout(content(format))));
        };
        Ok(Self::File(OutputFile::create(file)?))
    }

    /// What takes the rows.
    pub(super) fn sink<'a>(&'a mut self, ui: &Ui, format: Format) -> Box<dyn RowSink + 'a> {
        let on_terminal = self.is_stdout() && ui.terminals().stdout;
        let style = human::Style {
            width: on_terminal.then(|| ui.width()).flatten(),
            color: ui.color_results(),
        };
        output::sink(format, BufWriter::with_capacity(64 * 1024, self), style)
    }

    pub(super) fn is_stdout(&self) -> bool {
        matches!(self, Self::Stdout(_))
    }

    /// The folder that the rows are written in, where they are written to a regular file.
    pub(super) fn folder(&self) -> Option<&Path> {
        match self {
            Self::File(file) => file.folder(),
            Self::Stdout(_) => None,
        }
    }

    /// The result is whole: the file appears under its name.
    ///
    /// # Errors
    /// When it cannot.
    pub(super) fn finish(self) -> Result<()> {
        match self {
            Self::File(file) => Ok(file.finish()?),
            Self::Stdout(mut stdout) => Ok(stdout.flush()?),
        }
    }
}

/// What is to be cleaned on a terminal.
fn content(format: Format) -> Content {
    match format {
        Format::Human => Content::Shown,
        Format::Csv | Format::Xml => Content::Text,
        Format::Json | Format::Ndjson => Content::Json,
    }
}

/// Says how many rows there were: of a file always, else where it is a person who reads, on a terminal
/// or in a format `for_a_person`. A script that is well is not talked to.
///
/// # Errors
/// When standard output cannot be written to.
pub(super) fn say_rows(
    ui: &Ui,
    rows: u64,
    file: Option<&Path>,
    for_a_person: bool,
) -> io::Result<()> {
    let count = count(rows, "row");
    match file {
        Some(file) if ui.json() => {
            return ui.print_json(&serde_json::json!({ "rows": rows, "file": file }));
        }
        Some(file) => ui.note(Words::ours(format_args!("{count} in {}", file.display()))),
        None if for_a_person || ui.terminals().stderr => {
            ui.remark(Words::ours(format_args!("{count}")));
        }
        None => {}
    }
    Ok(())
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.write(bytes),
            Self::Stdout(stdout) => stdout.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.flush(),
            Self::Stdout(stdout) => stdout.flush(),
        }
    }
}
