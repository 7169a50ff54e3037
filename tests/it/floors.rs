//! The structure of the source, held by reading its `use` lines and paths.

use std::fs;
use std::path::{Path, PathBuf};

/// Module names by floor, the lowest first.
const FLOORS: [&[&str]; 8] = [
    &[
        "text",
        "terminal",
        "ffi",
        "event",
        "temporary",
        "signals",
        "world",
    ],
    &["identity"],
    &["net"],
    &["salesforce"],
    &["output"],
    &["check"],
    &["explain", "ui", "error"],
    &["commands", "cli", "settings", "context"],
];

fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("src can be read") {
        let path = entry.expect("src can be read").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Each source file with its top-level module and its text without comments.
fn modules() -> Vec<(PathBuf, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    files
        .into_iter()
        .map(|file| {
            let relative = file.strip_prefix(&root).expect("it is in src").to_owned();
            let first = relative
                .iter()
                .next()
                .expect("it has a name")
                .to_string_lossy();
            let module = first.trim_end_matches(".rs").to_owned();
            let text = fs::read_to_string(&file).expect("it can be read");
            let code: Vec<&str> = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .collect();
            (relative, module, code.join("\n"))
        })
        .collect()
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

/// The top-level modules that `crate::` paths in this text name.
fn named(code: &str) -> Vec<&str> {
    code.match_indices("crate::")
        .flat_map(|(at, path)| {
            let rest = &code[at + path.len()..];
            match rest.strip_prefix('{') {
                Some(list) => list
                    .split('}')
                    .next()
                    .unwrap_or_default()
                    .split(',')
                    .collect(),
                None => vec![rest],
            }
        })
        .map(|path| {
            let path = path.trim();
            let end = path
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(path.len());
            &path[..end]
        })
        .collect()
}

#[test]
fn no_module_uses_a_higher_floor() {
    let mut checked = 0;
    for (file, module, code) in modules() {
        let Some(own) = floor(&module) else { continue };
        for used in named(&code) {
            let Some(other) = floor(used) else { continue };
            assert!(
                other <= own,
                "{}: {module} uses {used}, which is above it",
                file.display()
            );
            assert!(
                other < own || used == module || own == 0 || own >= 6,
                "{}: {module} uses {used}, which stands beside it",
                file.display()
            );
            checked += 1;
        }
    }
    assert!(
        checked > 50,
        "only {checked} uses were found: is this test still reading?"
    );
}

#[test]
fn the_local_org_and_the_client_share_nothing_but_the_wire() {
    for (file, module, code) in modules() {
        if module == "local_org" {
            for used in named(&code) {
                assert!(floor(used).is_none(), "{}: uses {used}", file.display());
            }
        } else if !["commands", "lib"].contains(&module.as_str()) {
            assert!(
                !named(&code).contains(&"local_org"),
                "{}: uses local_org",
                file.display()
            );
        }
    }
}

#[test]
fn ureq_is_named_in_net_alone() {
    for (file, module, code) in modules() {
        if module != "net" {
            assert!(!code.contains("ureq"), "{}: names ureq", file.display());
        }
    }
}

/// The clock is the world's, a value. Tests and the local org have clocks of their own.
#[test]
fn the_clock_is_read_in_main_alone() {
    for (file, module, code) in modules() {
        let is_test = file.to_string_lossy().contains("tests");
        if !is_test && !["main", "local_org"].contains(&module.as_str()) {
            assert!(!code.contains("SystemTime::now"), "{}", file.display());
        }
    }
}

#[test]
fn unsafe_code_is_in_ffi_alone() {
    for (file, module, code) in modules() {
        let words = code.split(|c: char| !c.is_alphanumeric() && c != '_');
        if module != "ffi" {
            assert!(
                !words.into_iter().any(|word| word == "unsafe"),
                "{}: unsafe",
                file.display()
            );
        }
    }
}
