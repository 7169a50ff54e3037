//! Files in the place of the session cache.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use super::watch::{SMALL, Victim};

/// The cache is used as it stands, refused or replaced; whatever is there, no command hangs.
fn in_place_of_the_cache(make: impl Fn(&Path), problem: &str) {
    let mut victim = Victim::new();
    let file = victim.lab().session_file().to_owned();
    fs::remove_file(&file).unwrap();
    make(&file);
    for command in [
        &["getuserinfo"][..],
        &["query", "SELECT Id FROM Contact"],
        &["bulk-query", "SELECT Id FROM Contact"],
        &["login", "--show-session-id"],
        &["logout", "--revoke"],
    ] {
        let run = victim.watch(command, 3).within(SMALL).briefly();
        let name = format!("session cache {}", file.display());
        run.says(&name).says(problem).says("\n  hint: ");
    }
    assert_eq!(victim.lab().calls(), ["login"], "no session was sent");
}

/// What is taken for a session cache, as far as it goes.
const OURS: &[u8] = b"{\"format\": 1}";

fn write(file: &Path, content: &[u8], mode: u32) {
    fs::write(file, content).unwrap();
    fs::set_permissions(file, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn modes_that_let_others_in_are_refused() {
    for mode in [0o604, 0o640, 0o606, 0o660, 0o666, 0o777] {
        let problem = format!("others can get at it (mode {mode:03o})");
        in_place_of_the_cache(|file| write(file, OURS, mode), &problem);
    }
}

/// As far as the tests may give a file away: elsewhere the rule is held by the cache's own tests, as a
/// function of the owner.
#[test]
fn a_file_of_another_user_is_refused() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    in_place_of_the_cache(
        |file| {
            write(file, b"{}", 0o600);
            std::os::unix::fs::chown(file, Some(65534), None).unwrap();
        },
        "it belongs to another user (uid 65534)",
    );
}

#[test]
fn what_is_no_regular_file_is_neither_opened_nor_waited_for() {
    const NO_FILE: &str = "it is not a regular file";
    in_place_of_the_cache(|file| fs::create_dir(file).unwrap(), NO_FILE);
    let fifo = |file: &Path| {
        let made = Command::new("mkfifo").arg(file).status().unwrap();
        assert!(made.success());
    };
    in_place_of_the_cache(fifo, NO_FILE);
    for device in ["/dev/zero", "/dev/full", "/dev/tty", "/"] {
        in_place_of_the_cache(|file| symlink(device, file).unwrap(), NO_FILE);
    }
    let mut victim = Victim::new();
    for device in ["/dev/zero", "/dev/stdin"] {
        victim
            .run(&["getuserinfo", "--session", device], 3)
            .says(NO_FILE)
            .within(SMALL);
    }
    assert_eq!(victim.lab().calls(), ["login"]);
}

#[test]
fn a_symbolic_link_is_judged_by_what_it_leads_to() {
    in_place_of_the_cache(
        |file| {
            let elsewhere = file.with_file_name("elsewhere");
            write(&elsewhere, OURS, 0o644);
            symlink("elsewhere", file).unwrap();
        },
        "others can get at it (mode 644)",
    );
    let round = |file: &Path| symlink(file.file_name().unwrap(), file).unwrap();
    in_place_of_the_cache(round, "cannot");
    let mut victim = Victim::new();
    let file = victim.lab().session_file().to_owned();
    let elsewhere = victim.lab().path("elsewhere");
    fs::rename(&file, &elsewhere).unwrap();
    symlink(&elsewhere, &file).unwrap();
    victim.run(&["getuserinfo"], 0);
}

#[test]
fn a_file_of_gigabytes_is_not_read() {
    in_place_of_the_cache(
        |file| {
            write(file, b"", 0o600);
            let file = File::options().write(true).open(file).unwrap();
            file.set_len(10 << 30).unwrap();
        },
        "it has 10737418240 bytes, which no session has",
    );
}

#[test]
fn bytes_that_are_no_session_are_refused() {
    let deep = "[".repeat(60_000);
    let in_a_field = format!("{{\"format\": 1, \"origin\": {}", "{\"a\":".repeat(10_000));
    for content in [
        b"{\"format\": 1, \"session_id\": \"\xc3\x28\"}".as_slice(),
        b"",
        in_a_field.as_bytes(),
    ] {
        in_place_of_the_cache(|file| write(file, content, 0o600), "it is damaged (no JSON");
    }
    for content in [
        b"\xff\xfe{\0}\0".as_slice(),
        b"{\"session_id\": \"\xc3\x28\"}",
        b"\0",
        deep.as_bytes(),
    ] {
        in_place_of_the_cache(|file| write(file, content, 0o600), "it is no session cache");
    }
}
