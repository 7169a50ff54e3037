//! Other programs that read, ask and type in our place: Python's own csv, json, xml, TLS and terminal.

mod screen;

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::lab::{Lab, finish, path_with_program};
pub(crate) use screen::Screen;

/// A format, as Python's modules know it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Format {
    Csv,
    Json,
    Ndjson,
    Xml,
}

impl Format {
    /// As `-r` takes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Xml => "xml",
        }
    }
}

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/judges");

/// Reads a result as another program would.
#[track_caller]
pub(crate) fn read(format: Format, text: &str) -> Value {
    use std::io::Write;
    let mut child = Command::new("python3")
        .arg(format!("{FOLDER}/read.py"))
        .arg(format.name())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3 is installed");
    let mut stdin = child.stdin.take().expect("its input is a pipe");
    stdin.write_all(text.as_bytes()).expect("it reads");
    drop(stdin);
    let run = finish(child).exits(0);
    serde_json::from_str(&run.stdout).expect("the judge prints JSON")
}

/// The rows that the org has for a query, as the REST API would show them.
#[track_caller]
pub(crate) fn rows(lab: &Lab, call: &str, soql: &str) -> Vec<Value> {
    let files = lab.org.files();
    let url = format!(
        "https://localhost:{}/services/Soap/u/64.0",
        lab.org.mutual_port()
    );
    let mut command = Command::new("python3");
    command
        .arg(format!("{FOLDER}/oracle.py"))
        .arg(url)
        .args([&files.ca, &files.client])
        .args([call, soql])
        .env("SESSION_ID", lab.org.session(0, "localhost"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let run = finish(command.spawn().expect("python3 is installed")).exits(0);
    serde_json::from_str(&run.stdout).expect("the oracle prints JSON")
}

/// What a run on a terminal left.
#[derive(Debug)]
pub(crate) struct Shown {
    /// Everything that the terminal showed.
    pub(crate) text: String,
    pub(crate) status: i32,
    /// The terminal echoes and sends signals at the end.
    pub(crate) sane: bool,
    /// What was typed was shown, answer by answer.
    pub(crate) echoed: Vec<bool>,
}

/// Runs a shell command line on a terminal of its own, with the program in its PATH; types an answer
/// whenever its question has been shown.
#[track_caller]
pub(crate) fn on_a_terminal(lab: &Lab, line: &str, answers: &[(&str, &str)]) -> Shown {
    let steps = serde_json::json!(answers).to_string();
    let script = format!("{FOLDER}/terminal.py");
    let mut command = lab.other("python3", [&script, &steps, "bash", "-c", line]);
    command
        .env("TERM", "xterm")
        .env("PATH", path_with_program());
    let run = finish(command.spawn().expect("python3 is installed")).exits(0);
    let told: Value = serde_json::from_str(&run.stdout).expect("the judge prints JSON");
    Shown {
        text: told["shown"].as_str().unwrap_or_default().to_owned(),
        status: told["status"]
            .as_i64()
            .and_then(|status| status.try_into().ok())
            .expect("it ended"),
        sane: told["echo"] == true,
        echoed: told["echoed"]
            .as_array()
            .map(|all| all.iter().map(|one| *one == true).collect())
            .unwrap_or_default(),
    }
}
