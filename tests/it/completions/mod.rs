//! What lies in `completions/`: scripts for shells, exercised in these shells, and manual pages.

mod manual;
mod pages;
mod shells;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::lab::Lab;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/completions");

/// Shells, and the names that they look for.
const SCRIPTS: [(&str, &str); 5] = [
    ("bash", "sfmtls.bash"),
    ("zsh", "_sfmtls"),
    ("fish", "sfmtls.fish"),
    ("powershell", "_sfmtls.ps1"),
    ("elvish", "sfmtls.elv"),
];

#[test]
fn the_folder_holds_what_the_program_prints_and_the_pages_of_its_definitions_and_no_more() {
    const COMMAND: &str = "REGENERATE=1 cargo test --test it completions::the_folder";
    let lab = Lab::new();
    let mut wanted = manual::pages();
    for (shell, file) in SCRIPTS {
        wanted.insert(file.to_owned(), lab.stdout(["completions", shell]));
    }
    #[expect(clippy::disallowed_methods, reason = "a switch of this test alone")]
    if std::env::var_os("REGENERATE").is_some() {
        write(&wanted);
    }
    let found = read();
    let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&found), names(&wanted), "{COMMAND}");
    for (name, content) in &wanted {
        assert!(found[name] == *content, "{name} is out of date: {COMMAND}");
    }
}

fn read() -> BTreeMap<String, String> {
    let files = fs::read_dir(FOLDER).unwrap().map(|entry| {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        (name, fs::read_to_string(entry.path()).unwrap())
    });
    files.collect()
}

fn write(files: &BTreeMap<String, String>) {
    for stale in read().keys().filter(|name| !files.contains_key(*name)) {
        fs::remove_file(Path::new(FOLDER).join(stale)).unwrap();
    }
    for (name, content) in files {
        fs::write(Path::new(FOLDER).join(name), content).unwrap();
    }
}
