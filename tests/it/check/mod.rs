//! `check-cert`: each finding where its fault is, and nowhere else.

mod catalogue;
mod causes;
mod certificates;
mod command;
mod files;
mod live;

use std::process::{Command, Output};

use serde_json::Value;

/// A report in JSON with its exit status.
pub(crate) struct Checked {
    pub(crate) status: i32,
    pub(crate) report: Value,
    pub(crate) stderr: String,
}

/// `sfmtls check-cert --json` with these arguments and variables, and no others.
pub(crate) fn check(arguments: &[&str], variables: &[(&str, &str)]) -> Checked {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sfmtls"));
    command
        .args(["check-cert", "--json"])
        .args(arguments)
        .env_clear()
        .envs(variables.iter().copied());
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("it runs");
    let stderr = String::from_utf8_lossy(&stderr).into_owned();
    Checked {
        status: status.code().expect("it ends by itself"),
        report: serde_json::from_slice(&stdout).unwrap_or_else(|error| {
            panic!("{error}: {}\n{stderr}", String::from_utf8_lossy(&stdout))
        }),
        stderr,
    }
}

impl Checked {
    /// The ids of its findings, in order.
    pub(crate) fn ids(&self) -> Vec<&str> {
        let findings = self.report["findings"].as_array().expect("a list");
        findings
            .iter()
            .filter_map(|finding| finding["id"].as_str())
            .collect()
    }

    /// The finding with this id.
    pub(crate) fn finding(&self, id: &str) -> &Value {
        let findings = self.report["findings"].as_array().expect("a list");
        findings
            .iter()
            .find(|finding| finding["id"] == id)
            .unwrap_or_else(|| panic!("{id} is not among {:?}", self.ids()))
    }
}

/// The fault was found.
pub(crate) fn raises(checked: &Checked, id: &str) {
    checked.finding(id);
}

/// A near miss was not taken for it.
pub(crate) fn spares(checked: &Checked, id: &str) {
    assert!(!checked.ids().contains(&id), "{id}: {:#}", checked.report);
}
