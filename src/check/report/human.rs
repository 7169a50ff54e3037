//! The report for a person: one line that says it all, what is in order, what is not and what mends it.

use std::borrow::Cow;
use std::fmt::{Display, Write};

use console::Style;

use super::sections::{Section, sections};
use super::verdict_line;
use crate::check::Diagnosis;
use crate::check::finding::{Finding, Severity};
use crate::check::verdict::Verdict;
use crate::terminal;

/// How to show it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Look {
    /// Colours.
    pub color: bool,
    /// Marks beyond ASCII.
    pub unicode: bool,
    /// Warnings count as errors (`--strict`).
    pub strict: bool,
}

/// Good news that the sections tell already.
const TOLD_BY_SECTIONS: [&str; 2] = ["sf-mutual-auth-ok", "sf-mutual-auth-enforced"];

/// Room for the longest section name.
const NAME: usize = 8;

/// The report, ending with a line end.
pub fn human(diagnosis: &Diagnosis, look: Look) -> String {
    let pen = Pen { look };
    let mut out = String::new();
    let (verdict, word, rest) = verdict_line(diagnosis, look.strict);
    let verdict = pen.verdict(verdict, word);
    write_line(&mut out, format_args!("{verdict}: {}", clean(&rest)));
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

struct Pen {
    look: Look,
}

impl Pen {
    fn styled(&self, style: &Style, text: &str) -> String {
        style
            .clone()
            .force_styling(self.look.color)
            .apply_to(text)
            .to_string()
    }

    fn verdict(&self, verdict: Verdict, word: &str) -> String {
        let style = match verdict {
            Verdict::Ok => Style::new().green().bold(),
            Verdict::Warn | Verdict::Unknown => Style::new().yellow().bold(),
            Verdict::Fail => Style::new().red().bold(),
        };
        self.styled(&style, word)
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
        for (index, line) in section.lines.iter().enumerate() {
            let line = clean(line);
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
        let head = self.styled(&style, &format!("{word}[{}]", finding.id));
        write_line(out, format_args!("{head}: {}", clean(&finding.message)));
        if let Some(place) = &finding.place {
            let line = place.line.map_or(String::new(), |line| format!(":{line}"));
            let file = place.file.display().to_string();
            write_line(out, format_args!("  --> {}{line}", clean(&file)));
        }
        if let Some(why) = &finding.why {
            write_line(out, format_args!("  why: {}", clean(why)));
        }
        if let Some(by) = finding.downgraded_by {
            write_line(out, format_args!("  no error here: {by}"));
        }
        match (&finding.advice, &finding.command) {
            (Some(advice), Some(command)) => {
                write_line(out, format_args!("  fix: {}:", clean(advice)));
                self.command(out, "       ", command);
            }
            (Some(advice), None) => write_line(out, format_args!("  fix: {}", clean(advice))),
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

fn write_line(out: &mut String, text: impl Display) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{text}");
}

/// Foreign texts (file names, subjects, what a server said) must not move a cursor, nor turn the
/// text around, behind a pipe either: a report is read by people. JSON has them as they are.
fn clean(text: &str) -> Cow<'_, str> {
    terminal::clean_line(text)
}
