//! The catalogue is a contract, and each of its ids is shown twice: raised and spared.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use sfmtls::check::catalogue::CATALOGUE;

/// The texts of all tests.
fn tests() -> Vec<String> {
    fn collect(directory: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(directory).expect("it can be read") {
            let path = entry.expect("it can be read").path();
            if path.is_dir() {
                collect(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(fs::read_to_string(&path).expect("it can be read"));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for directory in ["src/check", "src/identity", "tests/it/check"] {
        collect(&root.join(directory), &mut found);
    }
    found
}

/// The words in quotes in each call of this function.
fn named(tests: &[String], function: &str) -> BTreeSet<String> {
    let call = format!("{function}(");
    let mut names = BTreeSet::new();
    for text in tests {
        for (at, _) in text.match_indices(&call) {
            let statement = text[at..]
                .split_once(';')
                .map_or("", |(statement, _)| statement);
            let quoted = statement.split('"').skip(1).step_by(2);
            names.extend(quoted.map(str::to_owned));
        }
    }
    names
}

#[test]
fn every_id_is_raised_by_one_test_and_spared_by_another() {
    let tests = tests();
    let missing = |function: &str| -> Vec<&str> {
        let names = named(&tests, function);
        let ids = CATALOGUE.iter().map(|(id, _)| *id);
        ids.filter(|id| !names.contains(*id)).collect()
    };
    assert_eq!(missing("raises"), Vec::<&str>::new(), "not raised");
    assert_eq!(missing("spares"), Vec::<&str>::new(), "not spared");
}

#[test]
fn no_id_is_there_twice() {
    let ids: BTreeSet<&str> = CATALOGUE.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids.len(), CATALOGUE.len());
}

#[test]
fn the_readme_tells_every_id_and_no_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).expect("it can be read");
    let (_, from) = readme.split_once("\n## The findings").expect("a section");
    let section = from
        .split_once("\n## ")
        .map_or(from, |(section, _)| section);
    let told: BTreeSet<&str> = section
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| word.contains('-') && !word.starts_with('-') && !word.contains(' '))
        .collect();
    let ids: BTreeSet<&str> = CATALOGUE.iter().map(|(id, _)| *id).collect();
    assert_eq!(told, ids);
}
