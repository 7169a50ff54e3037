//! A call and `check-cert` find the same cause in the same file at the same server.

use std::path::PathBuf;

use serde_json::Value;
use sfmtls::local_org::{Config, Files, Switches};

use crate::lab::Lab;

/// What identities the org has, and other files that are taken for one.
fn files(files: &Files) -> Vec<PathBuf> {
    let pem = |path: &PathBuf| {
        path.extension()
            .is_some_and(|it| it == "pem" || it == "p12")
    };
    let folder = files.dir.read_dir().expect("the org's folder");
    let mut all: Vec<PathBuf> = folder
        .map(|entry| entry.expect("its entry").path())
        .filter(pem)
        .collect();
    all.sort();
    all
}

fn lab(switches: Switches) -> Lab {
    let mut lab = Lab::logged_in_with(Config {
        switches,
        ..Config::default()
    });
    // A check also asks without the certificate.
    lab.without_journal_check();
    lab
}

fn document(lab: &Lab, arguments: &[&str]) -> Value {
    let run = lab.run(arguments);
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"))
}

/// `expired-intermediate.pem` used to be `cert-expired` in a call and `intermediate-expired` in a check.
fn hold(switches: Switches) {
    let lab = lab(switches);
    let password = lab.org.files().key_password.clone();
    let mut causes = Vec::new();
    for file in files(lab.org.files()) {
        let name = file
            .file_name()
            .and_then(|name| name.to_str())
            .expect("UTF-8");
        let mut options = vec!["--json", "-E", file.to_str().expect("UTF-8")];
        if name.ends_with(".p12") || name.contains("encrypted") {
            options.extend(["--cert-pass-file", password.to_str().expect("UTF-8")]);
        }
        let call = document(&lab, &[&["getuserinfo"][..], &options].concat());
        let check = document(&lab, &[&["check-cert"][..], &options].concat());
        let cause = match &check["cause"] {
            // The call tells Salesforce's own code.
            cause if cause == "sf-mutual-auth-failed" => "MUTUAL_AUTHENTICATION_FAILED".into(),
            cause => cause.clone(),
        };
        assert_eq!(call["error"]["code"], cause, "{name}: {call:#}\n{check:#}");
        causes.extend(cause.as_str().map(str::to_owned));
    }
    causes.sort();
    causes.dedup();
    for expected in [
        "cert-expired",
        "cert-missing",
        "cert-not-yet-valid",
        "eku-no-client-auth",
        "intermediate-expired",
        "intermediate-missing",
        "key-mismatch",
        "key-missing",
        "self-signed",
        "MUTUAL_AUTHENTICATION_FAILED",
    ] {
        assert!(
            causes.iter().any(|cause| cause == expected),
            "{expected}: {causes:?}"
        );
    }
}

#[test]
fn where_a_page_refuses() {
    hold(Switches::default());
}

#[test]
fn where_an_alert_refuses() {
    hold(Switches {
        refuse_by_alert: true,
        ..Switches::default()
    });
}
