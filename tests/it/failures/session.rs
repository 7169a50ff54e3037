//! The session and the file it is kept in.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

use sfmtls::local_org::{Call, Mishap};

use super::table::{Case, case, hold};
use super::world::World;

const ASK: [&str; 1] = ["getuserinfo"];

/// The cache file holds what `change` makes of it.
fn cache(change: impl Fn(String) -> String) -> impl Fn(&mut World) {
    move |world| {
        let file = world.lab().session_file().to_owned();
        let text = std::fs::read_to_string(&file).expect("a session");
        std::fs::write(&file, change(text)).expect("the cache can be written");
    }
}

fn files() -> Vec<Case> {
    vec![
        case(
            "no session",
            |world| std::fs::remove_file(world.lab().session_file()).expect("a session"),
            ASK,
            3,
            "session-missing",
            "@1",
        ),
        case(
            "a session that others can read",
            |world| {
                let mode = Permissions::from_mode(0o644);
                std::fs::set_permissions(world.lab().session_file(), mode).expect("a session");
            },
            ASK,
            3,
            "session-cache",
            "@2",
        ),
        case(
            "a session that is no JSON",
            cache(|text| text[..40].to_owned()),
            ASK,
            3,
            "session-cache",
            "@3",
        ),
        case(
            "a session without its ID",
            cache(|text| text.replace("session_id", "id")),
            ASK,
            3,
            "session-cache",
            "@4",
        ),
        case(
            "a session of a newer format",
            cache(|text| text.replace("\"format\": 1", "\"format\": 7")),
            ASK,
            3,
            "session-cache",
            "@5",
        ),
        case(
            "a session that is much too large",
            cache(|text| text + &" ".repeat(70_000)),
            ASK,
            3,
            "session-cache",
            "@6",
        ),
        case(
            "a folder in place of the session",
            |world| {
                let folder = world.lab().path("folder");
                std::fs::create_dir(folder).expect("made");
            },
            ["getuserinfo", "--session", "folder"],
            3,
            "session-cache",
            "@7",
        ),
        case(
            "a FIFO in place of the session",
            |world| {
                let made = world.lab().other("mkfifo", ["fifo"]).status();
                assert!(made.expect("mkfifo runs").success());
            },
            ["getuserinfo", "--session", "fifo"],
            3,
            "session-cache",
            "@8",
        ),
        case(
            "a login whose session cannot be kept",
            |_| (),
            ["login", "--session", "/dev/null/session.json"],
            3,
            "session-cache",
            "@9",
        ),
    ]
}

fn ended() -> Vec<Case> {
    vec![
        case(
            "a session that has expired",
            |world| world.org().end_sessions(),
            ASK,
            3,
            "INVALID_SESSION_ID",
            "@10",
        ),
        case(
            "a session that is restricted",
            |world| {
                let text = "This session is not valid for use with the API";
                world.always(Call::GetUserInfo, Mishap::Fault("INVALID_SESSION_ID", text));
            },
            ASK,
            3,
            "INVALID_SESSION_ID",
            "@11",
        ),
        case(
            "an expired session, and the new login is refused",
            |world| {
                world.org().end_sessions();
                world.lab().set("SFMTLS_USERNAME", "integration@acme.test");
                world.lab().set("SFMTLS_PASSWORD", "hunter2");
                world.secret("hunter2");
            },
            ASK,
            3,
            "INVALID_LOGIN",
            "@12",
        ),
        case(
            "an expired session, and the new login is another user's",
            |world| {
                world.org().end_sessions();
                let user = world.org().user().clone();
                world.lab().set("SFMTLS_USERNAME", "free@acme.test");
                world
                    .lab()
                    .set("SFMTLS_PASSWORD", user.password_with_token());
            },
            ASK,
            3,
            "other-user",
            "@13",
        ),
    ]
}

#[test]
fn session_files_that_are_not_used() {
    hold(files());
}

#[test]
fn sessions_that_are_over() {
    hold(ended());
}
