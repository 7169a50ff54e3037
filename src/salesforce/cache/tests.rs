use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};

use tempfile::TempDir;

use super::*;
use crate::salesforce::endpoint::ApiVersion;

fn session() -> Session {
    Session {
        id: Secret::new("00D000000000001!AQEAQ.secret_"),
        server_url: ServerUrl::parse(
            "https://acme.my.salesforce.test/services/Soap/u/64.0/00D000000000001",
        )
        .unwrap(),
        username: Some("integration@acme.test".to_owned()),
        user_id: Some("005000000000001AAA".to_owned()),
        organization_id: Some("00D000000000001EAA".to_owned()),
        api_version: ApiVersion::DEFAULT,
        origin: Origin::SoapLogin {
            login_url: "https://login.test:7443".to_owned(),
        },
        obtained_at: UNIX_EPOCH + Duration::from_secs(1_795_000_000),
        idle: Some(Duration::from_secs(7200)),
    }
}

/// A folder with a cache file that holds `content`, mode 0600.
fn cache_with(content: &[u8]) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("default.json");
    fs::write(&path, content).unwrap();
    set_mode(&path, 0o600);
    (folder, path)
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) {}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::MetadataExt;
    fs::symlink_metadata(path).unwrap().mode() & 0o777
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn problem(path: &Path) -> Problem {
    load(path).unwrap_err().problem
}

#[test]
fn a_stored_session_comes_back_as_it_was() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("default.json");
    for session in [
        session(),
        Session {
            username: None,
            user_id: None,
            organization_id: None,
            idle: None,
            ..session()
        },
    ] {
        assert_eq!(store(&path, &session), Ok(None));
        assert_eq!(load(&path), Ok(Some(session)));
    }
    assert_eq!(names(folder.path()), ["default.json"]);
}

#[test]
fn no_file_is_no_session_and_no_error() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("none/default.json");
    assert_eq!(load(&path), Ok(None));
    assert_eq!(forget(&path), Ok(false));
}

#[test]
fn a_forgotten_session_is_gone() {
    let (folder, path) = cache_with(b"{\"format\": damaged");
    assert_eq!(forget(&path), Ok(true));
    assert!(names(folder.path()).is_empty());
    assert_eq!(forget(&path), Ok(false));
}

#[cfg(unix)]
#[test]
fn the_file_is_0600_and_every_new_folder_0700() {
    let root = TempDir::new().unwrap();
    set_mode(root.path(), 0o755);
    let path = root.path().join("a/sfmtls/default.json");
    store(&path, &session()).unwrap();
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(&root.path().join("a")), 0o700);
    assert_eq!(mode(&root.path().join("a/sfmtls")), 0o700);
    assert_eq!(mode(root.path()), 0o755);
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_read_or_write_is_refused_and_replaced() {
    for open in [0o640, 0o604, 0o620, 0o601, 0o777] {
        let (_folder, path) = cache_with(render(&session()).as_bytes());
        set_mode(&path, open);
        let refused = Problem::OpenToOthers { mode: open };
        assert_eq!(problem(&path), refused);
        let replaced = store(&path, &session()).unwrap().unwrap();
        assert_eq!(replaced.problem, refused);
        assert_eq!(mode(&path), 0o600);
        assert_eq!(load(&path), Ok(Some(session())));
    }
}

#[cfg(unix)]
#[test]
fn a_file_of_another_user_is_refused() {
    let refused = Err(Problem::ForeignOwner { owner: 0 });
    assert_eq!(judge_owner(0, 1000), refused);
    assert_eq!(judge_owner(1000, 1000), Ok(()));
    assert!(!Problem::ForeignOwner { owner: 0 }.may_be_replaced());
}

#[test]
fn what_is_no_regular_file_is_neither_read_nor_replaced_nor_removed() {
    let folder = TempDir::new().unwrap();
    #[cfg(not(unix))]
    let others: [PathBuf; 0] = [];
    #[cfg(unix)]
    let others = {
        let fifo = folder.path().join("fifo");
        let made = std::process::Command::new("mkfifo").arg(&fifo).status();
        assert!(made.unwrap().success());
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&fifo, &link).unwrap();
        [fifo, link, PathBuf::from("/dev/null")]
    };
    for path in [folder.path().to_owned()].into_iter().chain(others) {
        assert_eq!(problem(&path), Problem::NotAFile, "{}", path.display());
        let refused = store(&path, &session()).unwrap_err();
        assert_eq!(refused.problem, Problem::NotAFile);
        assert_eq!(forget(&path).unwrap_err().problem, Problem::NotAFile);
        assert!(fs::symlink_metadata(&path).is_ok());
    }
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_is_followed_to_read_to_write_and_to_forget() {
    let (elsewhere, target) = cache_with(b"{\"format\"");
    let folder = TempDir::new().unwrap();
    let link = folder.path().join("default.json");
    std::os::unix::fs::symlink(&target, &link).unwrap();
    store(&link, &session()).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(load(&target), Ok(Some(session())));
    assert_eq!(load(&link), Ok(Some(session())));
    assert_eq!(forget(&link), Ok(true));
    assert!(names(elsewhere.path()).is_empty());
    assert_eq!(load(&link), Ok(None));
}

#[test]
fn a_file_too_large_for_a_session_is_refused_and_left_alone() {
    let content = vec![b' '; 64 * 1024 + 1];
    let (_folder, path) = cache_with(&content);
    let refused = Problem::TooLarge { length: 65537 };
    assert_eq!(problem(&path), refused);
    assert_eq!(store(&path, &session()).unwrap_err().problem, refused);
    assert_eq!(forget(&path).unwrap_err().problem, refused);
    assert_eq!(fs::read(&path).unwrap(), content);
}

#[test]
fn a_damaged_file_is_refused_with_its_place_and_replaced() {
    for (content, line, column) in [
        (&b""[..], 1, 0),
        (b"{\n \"form", 2, 6),
        (b"{\n  \"format\": 1,", 2, 14),
        (b"{\"format\": \"\xff\"}", 1, 13),
        (b"{\"format\": 1} x", 1, 15),
    ] {
        let (folder, path) = cache_with(content);
        let refused = Problem::NotJson { line, column };
        assert_eq!(problem(&path), refused, "{content:?}");
        let replaced = store(&path, &session()).unwrap().unwrap();
        assert_eq!(replaced.problem, refused);
        assert_eq!(load(&path), Ok(Some(session())));
        assert_eq!(names(folder.path()), ["default.json"]);
    }
}

/// `--session key.pem` used to cost the key, and `--session notes.txt` the notes, which others may
/// read.
#[test]
fn what_is_no_session_cache_is_neither_replaced_nor_removed() {
    for content in [
        &b"-----BEGIN PRIVATE KEY-----\n"[..],
        b"{\"name\": 1}",
        b"[]",
        b"\xff\xfe",
    ] {
        for mode in [0o600, 0o644] {
            let (_folder, path) = cache_with(content);
            set_mode(&path, mode);
            assert_eq!(problem(&path), Problem::Foreign);
            let refused = [
                store(&path, &session()).unwrap_err(),
                try_place(&path).unwrap_err(),
                forget(&path).unwrap_err(),
            ];
            assert_eq!(
                refused.map(|error| error.problem),
                [const { Problem::Foreign }; 3]
            );
            assert_eq!(fs::read(&path).unwrap(), content);
        }
    }
}

#[test]
fn a_file_cut_anywhere_is_damaged_never_another_session() {
    let whole = render(&session());
    for end in 0..whole.trim_end().len() {
        assert!(parse(&whole.as_bytes()[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn a_missing_or_wrong_field_is_named() {
    let whole: Value = serde_json::from_str(&render(&session())).unwrap();
    let fields = whole.as_object().unwrap();
    assert_eq!(fields.len(), 11);
    for name in fields.keys() {
        let mut without = fields.clone();
        without.remove(name);
        let mut wrong = fields.clone();
        wrong[name] = json!(["secret"]);
        for document in [without, wrong] {
            let error = parse(Value::Object(document).to_string().as_bytes()).unwrap_err();
            assert!(
                matches!(error, Problem::Field(named) if named == name),
                "{name}: {error}"
            );
        }
    }
}

/// The session used to be sent wherever the file said.
#[test]
fn a_file_that_was_changed_is_refused_whatever_was_changed() {
    let whole: Value = serde_json::from_str(&render(&session())).unwrap();
    assert!(
        parse(whole.to_string().as_bytes()).is_ok(),
        "white space does not count"
    );
    let host = session().server_url.host().to_owned();
    let evil = |host: &str| format!("https://{host}/services/Soap/u/64.0");
    for (name, value) in [
        ("server_url", json!(evil("evil.test"))),
        ("server_url", json!(evil(&format!("{host}.evil.test")))),
        ("server_url", json!(evil(&format!("{host}:444")))),
        ("server_url", json!(evil(&host.to_uppercase()))),
        ("session_id", json!("00D!another")),
        ("user_id", Value::Null),
        (
            "origin",
            json!({"how": "soap-login", "login_url": "https://evil.test"}),
        ),
        ("idle_seconds", json!(1)),
        ("seal", json!("0")),
        ("more", json!(1)),
    ] {
        let mut document = whole.clone();
        document[name] = value;
        assert_eq!(
            parse(document.to_string().as_bytes()),
            Err(Problem::Changed),
            "{name}"
        );
    }
    // These are no URLs of a server.
    for host in [
        format!("{host}@evil.test"),
        format!("evil.test\\@{host}"),
        format!("{host}#.evil.test"),
        format!("{}\u{430}.test", &host[..1]),
    ] {
        let mut document = whole.clone();
        document["server_url"] = json!(evil(&host));
        let refused = Err(Problem::Field("server_url"));
        assert_eq!(parse(document.to_string().as_bytes()), refused, "{host}");
    }
}

#[test]
fn values_that_no_session_has_are_refused() {
    let whole: Value = serde_json::from_str(&render(&session())).unwrap();
    for (name, value) in [
        ("format", json!(0)),
        ("format", json!(-1)),
        ("session_id", json!("")),
        ("server_url", json!("http://acme.test")),
        ("api_version", json!("latest")),
        ("origin", json!({"how": "guess"})),
        ("obtained_at", json!(u64::MAX)),
    ] {
        let mut document = whole.clone();
        document[name] = value;
        let error = parse(document.to_string().as_bytes()).unwrap_err();
        assert_eq!(error, Problem::Field(name));
    }
    assert_eq!(parse(b"[]"), Err(Problem::Field("format")));
}

#[test]
fn a_newer_format_is_refused_whatever_else_is_in_it() {
    let (_folder, path) = cache_with(br#"{"format": 2, "vault": "elsewhere"}"#);
    assert_eq!(problem(&path), Problem::NewerFormat { found: 2 });
    assert!(store(&path, &session()).unwrap().is_some());
    assert_eq!(load(&path), Ok(Some(session())));
}

#[test]
fn no_error_repeats_what_is_in_the_file() {
    for content in [
        &br#"{"format": 1, "session_id": ["hunter2"]}"#[..],
        br#"{"format": "hunter2"}"#,
        br#"hunter2"#,
        br#""hunter2"#,
    ] {
        let (_folder, path) = cache_with(content);
        let error = load(&path).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
}

#[test]
fn every_refusal_names_the_file_and_a_mode_is_octal() {
    let text = at(
        Path::new("/cache/default.json"),
        Problem::OpenToOthers { mode: 0o044 },
    );
    assert_eq!(
        text.to_string(),
        "session cache /cache/default.json: others can get at it (mode 044)"
    );
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error_that_leaves_nothing() {
    let (folder, file) = cache_with(b"");
    let path = file.join("default.json");
    let error = store(&path, &session()).unwrap_err();
    assert!(matches!(error.problem, Problem::Io { .. }), "{error}");
    assert_eq!(names(folder.path()), ["default.json"]);
}

#[test]
fn writers_at_the_same_time_leave_a_whole_file_and_readers_see_only_whole_ones() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("sfmtls/default.json");
    store(&path, &session()).unwrap();
    let start = Barrier::new(5);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..4)
            .map(|number| {
                let (path, start) = (&path, &start);
                scope.spawn(move || {
                    let long = "x".repeat(number * 5000);
                    let session = Session {
                        id: Secret::new(format!("00D!{number}{long}")),
                        ..session()
                    };
                    start.wait();
                    for _ in 0..20 {
                        assert_eq!(store(path, &session), Ok(None));
                    }
                })
            })
            .collect();
        let (path, start, done) = (&path, &start, &done);
        let reader = scope.spawn(move || {
            start.wait();
            while !done.load(Ordering::Relaxed) {
                assert!(load(path).unwrap().is_some());
                #[cfg(unix)]
                assert_nothing_is_open_to_others(path.parent().unwrap());
            }
        });
        let written: Vec<_> = writers.into_iter().map(|writer| writer.join()).collect();
        done.store(true, Ordering::Relaxed);
        assert!(written.iter().all(Result::is_ok));
        reader.join().unwrap();
    });
    assert!(load(&path).unwrap().is_some());
    assert_eq!(names(path.parent().unwrap()), ["default.json"]);
}

/// Temporary files included: they hold a session from their first byte.
#[cfg(unix)]
fn assert_nothing_is_open_to_others(folder: &Path) {
    use std::os::unix::fs::MetadataExt;
    for entry in fs::read_dir(folder).unwrap() {
        // A temporary file may be gone again by now.
        if let Ok(metadata) = entry.unwrap().metadata() {
            assert_eq!(metadata.mode() & 0o077, 0);
        }
    }
}

#[test]
fn the_path_follows_the_xdg_rules() {
    let profile: Profile = "prod-1".parse().unwrap();
    let path = |xdg: Option<&str>, home: Option<&str>| {
        default_path(xdg.map(Path::new), home.map(Path::new), &profile)
    };
    let expected = |text: &str| Some(PathBuf::from(text));
    assert_eq!(
        path(Some("/xdg"), Some("/home/me")),
        expected("/xdg/sfmtls/prod-1.json")
    );
    for absent in [None, Some(""), Some("relative")] {
        assert_eq!(
            path(absent, Some("/home/me")),
            expected("/home/me/.cache/sfmtls/prod-1.json")
        );
        assert_eq!(path(absent, None), None);
        assert_eq!(path(absent, Some("")), None);
    }
}

#[test]
fn a_profile_name_cannot_leave_the_folder() {
    for name in ["default", "a.b", "_", "-", "...", "0"] {
        assert!(name.parse::<Profile>().is_ok(), "{name}");
    }
    for name in [
        "", ".", "..", "a/b", "../x", "a b", "ä", "a\0", "a\\b", "a\n",
    ] {
        assert!(name.parse::<Profile>().is_err(), "{name:?}");
    }
}
