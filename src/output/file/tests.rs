use tempfile::TempDir;

use super::*;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn names(folder: &TempDir) -> Vec<String> {
    let mut names = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect::<Vec<_>>();
    names.sort();
    names
}

fn write(path: &Path, text: &str) {
    let mut file = OutputFile::create(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file.finish().unwrap();
}

#[test]
fn a_file_has_its_name_only_when_it_is_finished() {
    let folder = folder();
    let path = folder.path().join("out.csv");
    fs::write(&path, "old").unwrap();
    let mut file = OutputFile::create(&path).unwrap();
    file.write_all(b"new").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    let [temporary, _] = &names(&folder)[..] else {
        panic!("{:?}", names(&folder))
    };
    assert!(
        temporary.starts_with(".out.csv.") && temporary.ends_with(".part"),
        "{temporary}"
    );
    file.finish().unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    assert_eq!(names(&folder), ["out.csv"]);
}

/// The temporary name used to be longer than a name may be.
#[test]
fn a_file_may_have_the_longest_name() {
    let folder = folder();
    for name in ["x".repeat(255), format!("x{}", "é".repeat(127))] {
        let path = folder.path().join(name);
        write(&path, "whole");
        assert_eq!(fs::read_to_string(&path).unwrap(), "whole");
    }
}

#[test]
fn a_file_given_up_leaves_nothing_behind() {
    let folder = folder();
    let mut file = OutputFile::create(&folder.path().join("out.csv")).unwrap();
    file.write_all(b"half").unwrap();
    drop(file);
    assert_eq!(names(&folder), [""; 0]);
}

#[test]
fn a_folder_that_cannot_take_the_file_is_known_at_once() {
    let folder = folder();
    let path = folder.path().join("missing/out.csv");
    let error = OutputFile::create(&path).unwrap_err();
    assert_eq!(
        (&error.path, error.error.kind()),
        (&path, io::ErrorKind::NotFound)
    );
    assert!(
        error
            .to_string()
            .starts_with(&format!("cannot write {}: ", path.display())),
        "{error}"
    );
    assert!(OutputFile::create(folder.path()).is_err());
    assert!(OutputFile::create(Path::new("")).is_err());
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::process::Command;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn the_mode_is_the_old_files_or_the_umasks() {
        let folder = folder();
        let path = folder.path().join("out.csv");
        let usual = folder.path().join("usual");
        File::create(&usual).unwrap();
        write(&path, "1");
        assert_eq!(mode(&path), mode(&usual));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        write(&path, "2");
        assert_eq!(mode(&path), 0o640);
    }

    #[test]
    fn a_symbolic_link_stays_and_its_target_is_replaced() {
        let folder = folder();
        fs::create_dir(folder.path().join("data")).unwrap();
        let link = folder.path().join("link");
        let target = folder.path().join("data/out.csv");
        symlink("data/out.csv", &link).unwrap();
        write(&link, "new");
        assert_eq!(fs::read_to_string(&target).unwrap(), "new");
        write(&link, "newer");
        assert_eq!(fs::read_to_string(&target).unwrap(), "newer");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());

        let circle = folder.path().join("circle");
        symlink("circle", &circle).unwrap();
        assert!(OutputFile::create(&circle).is_err());
    }

    #[test]
    fn a_file_that_may_not_be_written_is_not_replaced() {
        let folder = folder();
        let path = folder.path().join("out.csv");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
        // Root may write everything.
        let may_write = OpenOptions::new().write(true).open(&path).is_ok();
        assert_eq!(OutputFile::create(&path).is_ok(), may_write);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    }

    #[test]
    fn what_is_no_regular_file_is_written_straight() {
        write(Path::new("/dev/null"), "gone");
        let folder = folder();
        let path = folder.path().join("fifo");
        assert!(
            Command::new("mkfifo")
                .arg(&path)
                .status()
                .unwrap()
                .success()
        );
        let reader = std::thread::spawn({
            let path = path.clone();
            move || fs::read_to_string(path).unwrap()
        });
        write(&path, "through");
        assert_eq!(reader.join().unwrap(), "through");
        assert_eq!(names(&folder), ["fifo"]);
    }
}
