//! The program's own inputs outlive a slip with `--output-file`.

use std::fs;
use std::path::PathBuf;

use crate::lab::{Lab, finish};

const SOQL: &str = "SELECT Id FROM Contact LIMIT 1";

/// Copies one of the org's files into the home directory, where it may get lost.
fn own(lab: &mut Lab, variable: &str, name: &str) -> PathBuf {
    let content = fs::read(lab.variable(variable).expect("the org sets it")).unwrap();
    let file = lab.file(name, content);
    lab.set(variable, &file);
    file
}

#[test]
fn rows_never_take_the_place_of_a_file_that_the_call_is_made_with() {
    let mut lab = Lab::new();
    let client = own(&mut lab, "SFMTLS_CERT", "client.pem");
    let ca = own(&mut lab, "SFMTLS_CACERT", "ca.pem");
    lab.run(["login"]).exits(0);
    let key = lab.file("jwt.key", "key");
    let password = lab.file("password.txt", "hunter2");
    let password_option = ["--cert-pass-file", "password.txt"];
    lab.set("SFMTLS_JWT_KEY_FILE", &key);
    let link = lab.path("link.pem");
    std::os::unix::fs::symlink(&client, &link).unwrap();
    let session = lab.session_file().to_owned();
    let calls = lab.calls().len();
    for command in ["query", "bulk-query"] {
        for (file, what) in [
            (client.as_path(), "the client certificate"),
            (&link, "the client certificate"),
            (&ca, "the file of trusted CAs"),
            (&session, "the session"),
            (&key, "the key of the JWT"),
            (&password, "the password of the private key"),
        ] {
            let before = fs::read(file).unwrap();
            let mut line = lab.command([command, SOQL, "--output-file"]);
            let run = finish(line.arg(file).args(password_option).spawn().unwrap());
            let run = run.exits(2);
            let said = format!("{} is {what}, and the rows", file.display());
            assert!(run.stderr.contains(&said), "{command}: {}", run.stderr);
            assert!(fs::read(file).unwrap() == before, "{command} {what}");
        }
    }
    assert_eq!(lab.calls().len(), calls);
}

#[test]
fn another_file_and_a_name_that_leads_nowhere_are_written() {
    let lab = Lab::logged_in();
    lab.file("old.csv", "old");
    for file in ["old.csv", "new.csv", "/dev/null"] {
        lab.run(["query", SOQL, "--output-file", file]).exits(0);
    }
    assert!(
        fs::read_to_string(lab.path("old.csv"))
            .unwrap()
            .contains("003")
    );
}
