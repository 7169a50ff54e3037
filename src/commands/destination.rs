//! Where the rows of a command go: standard output, or a file that appears when it is whole.

use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

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
    Stdout(Stdout, Arc<Rows>),
}

/// Rows on their way to standard output, counted for whoever interrupts them.
#[derive(Debug, Default)]
pub(super) struct Rows {
    given: AtomicU64,
    written: AtomicU64,
}

impl Rows {
    /// A row has been given to the sink, which may still keep some of it.
    pub(super) fn given(&self) {
        self.given.fetch_add(1, Ordering::Relaxed);
    }

    /// Rows that are written whole.
    pub(super) fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// What was kept of those given has been written, with the beginning of the next one at most.
    fn write(&self) {
        let given = self.given.load(Ordering::Relaxed);
        self.written.store(given, Ordering::Relaxed);
    }
}

impl Destination {
    /// Opens the file beside its place, or standard output for rows in this format.
    ///
    /// # Errors
    /// When the file or its folder cannot be written to.
    pub(super) fn open(ui: &Ui, file: Option<&Path>, format: Format) -> Result<Self> {
        let Some(file) = file else {
            return Ok(Self::Stdout(ui.stdout(content(format)), Arc::default()));
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
        matches!(self, Self::Stdout(..))
    }

    /// The folder that the rows are written in, where they are written to a regular file.
    pub(super) fn folder(&self) -> Option<&Path> {
        match self {
            Self::File(file) => file.folder(),
            Self::Stdout(..) => None,
        }
    }

    /// The rows that go to standard output, where they do.
    pub(super) fn rows(&self) -> Option<Arc<Rows>> {
        match self {
            Self::File(_) => None,
            Self::Stdout(_, rows) => Some(Arc::clone(rows)),
        }
    }

    /// The result is whole: the file appears under its name.
    ///
    /// # Errors
    /// When it cannot.
    pub(super) fn finish(self) -> Result<()> {
        match self {
            Self::File(file) => Ok(file.finish()?),
            Self::Stdout(mut stdout, _) => Ok(stdout.flush()?),
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
/// or a table. A script that is well is not talked to.
///
/// # Errors
/// When standard output cannot be written to.
pub(super) fn say_rows(ui: &Ui, rows: u64, file: Option<&Path>, format: Format) -> io::Result<()> {
    let count = count(rows, "row");
    match file {
        Some(file) if ui.json() => {
            return ui.print_json(&serde_json::json!({ "rows": rows, "file": file }));
        }
        Some(file) => {
            let name = file.display();
            let kind = misnamed(file, format).map(|format| format!(", as {format}"));
            let kind = kind.unwrap_or_default();
            ui.note(Words::ours(format_args!("{count} in {name}{kind}")));
        }
        None if format == Format::Human || ui.terminals().stderr => {
            ui.remark(Words::ours(format_args!("{count}")));
        }
        None => {}
    }
    Ok(())
}

/// The format of a file whose name ends as another's do.
fn misnamed(file: &Path, format: Format) -> Option<&'static str> {
    let formats = [
        (Format::Human, "human"),
        (Format::Csv, "csv"),
        (Format::Json, "json"),
        (Format::Ndjson, "ndjson"),
        (Format::Xml, "xml"),
    ];
    let end = file.extension()?.to_str()?.to_ascii_lowercase();
    let end = if end == "jsonl" { "ndjson" } else { &end };
    let (named, _) = formats.iter().find(|(_, name)| *name == end)?;
    let (_, name) = formats.iter().find(|(known, _)| *known == format)?;
    (*named != format).then_some(name)
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.write(bytes),
            Self::Stdout(stdout, rows) => {
                let written = stdout.write(bytes)?;
                if written == bytes.len() {
                    rows.write();
                }
                Ok(written)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.flush(),
            Self::Stdout(stdout, _) => stdout.flush(),
        }
    }
}
