//! Files, containers and passwords, judged offline.

use super::{check, raises, spares};

#[test]
fn a_file_that_is_not_there_is_a_finding() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("nothing.pem");
    let checked = check(&["--offline", file.to_str().expect("UTF-8")], &[]);
    raises(&checked, "file-not-found");
    spares(&checked, "file-unreadable");
    assert_eq!(checked.status, 8, "{}", checked.stderr);
}
