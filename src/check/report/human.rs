//! The report for a person: one line that says it all, what is in order, what is not and what mends it.

use std::borrow::Cow;
use std::fmt::{Display, Write};

use console::Style;

use super::sections::{Section, sections};
use super::verdict_line;
use crate::check::Diagnosis;
use crate::check::finding::{Finding, Severity};
use crate::check::verdict::Verdict;
use crate::terminal::wrap::wrapped;
use crate::terminal::{self, width};

/// How to show it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Look {
    /// Colours.
    pub color: bool,
    /// Marks beyond ASCII.
    pub unicode: bool,
    /// Warnings count as errors (`--strict`).
    pub strict: bool,
    /// Its width in columns; without one no line is broken.
    pub columns: Option<usize>,
}

/// Good news that the sections tell already.
const TOLD_BY_SECTIONS: [&str; 2] = ["sf-mutual-auth-ok", "sf-mutual-auth-enforced"];

/// Room for the longest section name.
const NAME: usize = 8;

/// The report, ending with a line end.
pub fn human(diagnosis: &Diagnosis, look: Look) -> String {
    let commands = diagnosis.findings.iter().map(|it| it.command.as_deref());
    let commands = commands.chain([diagnosis.upload.as_deref()]);
    let pen = Pen {
        look,
        commands: commands.flatten().collect(),
    };
    let mut out = String::new();
    let (verdict, word, rest) = verdict_line(diagnosis, look.strict);
    let style = verdict_style(verdict);
    pen.paragraph(&mut out, (&style, word), &rest);
    out.push('\n');
    for section in sections(diagnosis) {
        pen.section(&mut out, &section);
    }
    let told = |id: &str| TOLD_BY_SECTIONS.contains(&id);
    for finding in diagnosis
        .findings
        .iter()
        .filter(|finding| !told(finding.id))
    {
        out.push('\n');
        pen.finding(&mut out, finding);
    }
    out.push('\n');
    write_line(&mut out, super::counts(diagnosis));
    out
}

struct Pen<'d> {
    look: Look,
    /// Commands, which are not broken in a sentence either.
    commands: Vec<&'d str>,
}

/// A space at which no line is broken (U+00A0).
const NO_BREAK: &str = "\u{a0}";

impl Pen<'_> {
    fn styled(&self, style: &Style, text: &str) -> String {
        style
            .clone()
            .force_styling(self.look.color)
            .apply_to(text)
            .to_string()
    }

    /// The lines that a text is shown as in so many columns less than there are.
    fn lines(&self, text: &str, less: usize) -> Vec<String> {
        let text = clean(text);
        let Some(columns) = self.look.columns else {
            return vec![text.into_owned()];
        };
        let kept = self.commands.iter().fold(text, |text, command| {
            let command = clean(command);
            Cow::Owned(text.replace(&*command, &command.replace(' ', NO_BREAK)))
        });
        let lines = wrapped(&kept, columns.saturating_sub(less));
        // Facts in a section stand two spaces apart.
        let trimmed = lines.into_iter().map(str::trim_start);
        let lines = trimmed.map(|line| line.replace(NO_BREAK, " "));
        lines.collect()
    }

    /// A sentence behind its head; further lines are a little to the right of it.
    fn paragraph(&self, out: &mut String, (style, head): (&Style, &str), text: &str) {
        const INDENT: usize = 2;
        let whole = format!("{head}: {text}");
        for (index, line) in self.lines(&whole, INDENT).into_iter().enumerate() {
            match line.strip_prefix(head).filter(|_| index == 0) {
                Some(rest) => write_line(out, format_args!("{}{rest}", self.styled(style, head))),
                None => write_line(out, format_args!("{:INDENT$}{line}", "")),
            }
        }
    }

    /// A text behind its name; further lines stand below the text.
    fn part(&self, out: &mut String, name: &str, text: &str) {
        let indent = width(name);
        for (index, line) in self.lines(text, indent).into_iter().enumerate() {
            match index {
                0 => write_line(out, format_args!("{name}{line}")),
                _ => write_line(out, format_args!("{:indent$}{line}", "")),
            }
        }
    }

    fn mark(&self, worst: Option<Severity>) -> String {
        let (style, mark, plain) = match worst {
            None | Some(Severity::Info) => (Style::new().green(), "✓", "ok"),
            Some(Severity::Warning) => (Style::new().yellow(), "!", "!!"),
            Some(Severity::Error) => (Style::new().red(), "✗", "XX"),
        };
        let mark = if self.look.unicode { mark } else { plain };
        format!("[{}]", self.styled(&style, mark))
    }

    fn section(&self, out: &mut String, section: &Section) {
        let mark = self.mark(section.worst);
        let indent = if self.look.unicode { 4 } else { 5 } + NAME + 1;
        let lines = section.lines.iter();
        let lines = lines.flat_map(|line| self.lines(line, indent));
        for (index, line) in lines.enumerate() {
            match index {
                0 => write_line(out, format_args!("{mark} {:NAME$} {line}", section.name)),
                _ => write_line(out, format_args!("{:indent$}{line}", "")),
            }
        }
    }

    fn finding(&self, out: &mut String, finding: &Finding) {
        let (style, word) = match finding.severity {
            Severity::Error => (Style::new().red().bold(), "error"),
            Severity::Warning => (Style::new().yellow().bold(), "warning"),
            Severity::Info => (Style::new().bold(), "info"),
        };
        let head = format!("{word}[{}]", finding.id);
        self.paragraph(out, (&style, &head), &finding.message);
        if let Some(place) = &finding.place {
            let line = place.line.map_or(String::new(), |line| format!(":{line}"));
            let file = place.file.display().to_string();
            write_line(out, format_args!("  --> {}{line}", clean(&file)));
        }
        if let Some(why) = &finding.why {
            self.part(out, "  why: ", why);
        }
        if let Some(by) = finding.downgraded_by {
            write_line(out, format_args!("  no error here: {by}"));
        }
        match (&finding.advice, &finding.command) {
            (Some(advice), Some(command)) => {
                self.part(out, "  fix: ", &format!("{advice}:"));
                self.command(out, "       ", command);
            }
            (Some(advice), None) => self.part(out, "  fix: ", advice),
            (None, Some(command)) => self.command(out, "  fix: ", command),
            (None, None) => {}
        }
    }

    fn command(&self, out: &mut String, before: &str, command: &str) {
        let command = clean(command);
        let command = self.styled(&Style::new().bold(), &command);
        write_line(out, format_args!("{before}{command}"));
    }
}

fn verdict_style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Ok => Style::new().green().bold(),
        Verdict::Warn | Verdict::Unknown => Style::new().yellow().bold(),
        Verdict::Fail => Style::new().red().bold(),
    }
}

fn write_line(out: &mut String, text: impl Display) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{text}");
}

/// Foreign texts (file names, subjects, what a server said) must not move a cursor, nor turn the
/// text around, behind a pipe either: a report is read by people. JSON has them as they are.
fn clean(text: &str) -> Cow<'_, str> {
    terminal::clean_line(text)
}
