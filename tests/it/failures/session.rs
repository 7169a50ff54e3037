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

pub(super) fn files() -> Vec<Case> {
    vec![
        case(
            "no session",
            |world| std::fs::remove_file(world.lab().session_file()).expect("a session"),
            ASK,
            3,
            "session-missing",
            "\
error: there is no session in [HOME]/cache/session.json
  hint: log in first:
        sfmtls login -u USER",
        ),
        case(
            "no session to end",
            |world| std::fs::remove_file(world.lab().session_file()).expect("a session"),
            ["logout", "--revoke"],
            3,
            "session-missing",
            "\
error: there is no session in [HOME]/cache/session.json
  hint: nothing was ended: a session that is not in the cache ends when it has been idle for its time",
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
            "\
error: session cache [HOME]/cache/session.json: others can get at it (mode 644)
  hint: log in again, which replaces it; or, if nobody has read it:
        chmod 600 [HOME]/cache/session.json",
        ),
        case(
            "a session that is no JSON",
            cache(|text| text[..40].to_owned()),
            ASK,
            3,
            "session-cache",
            "\
error: session cache [HOME]/cache/session.json: it is damaged (no JSON, from line 3, column 23)
  hint: log in again, which replaces it:
        sfmtls login",
        ),
        case(
            "a session without its ID",
            cache(|text| text.replace("session_id", "id")),
            ASK,
            3,
            "session-cache",
            "\
error: session cache [HOME]/cache/session.json: it is damaged (no valid \"session_id\")
  hint: log in again, which replaces it:
        sfmtls login",
        ),
        case(
            "a session of a newer format",
            cache(|text| text.replace("\"format\": 1", "\"format\": 7")),
            ASK,
            3,
            "session-cache",
            "\
error: session cache [HOME]/cache/session.json: its format 7 is newer than this program's 1
  hint: a later version of this program wrote it: use that one, or log in again, which replaces it",
        ),
        case(
            "a session whose host was changed",
            cache(|text| text.replace("//localhost/", "//localhost.evil.test/")),
            ASK,
            3,
            "session-cache",
            "\
error: session cache [HOME]/cache/session.json: it was changed after it was written
  hint: its session may be another host's: log in again, which replaces it:
        sfmtls login",
        ),
        case(
            "a session that is much too large",
            cache(|text| text + &" ".repeat(70_000)),
            ASK,
            3,
            "session-cache",
            "\
error: session cache [HOME]/cache/session.json: it has 70562 bytes, which no session has
  hint: name another file with --session FILE",
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
            "\
error: session cache folder: it is not a regular file
  hint: name another file with --session FILE",
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
            "\
error: session cache fifo: it is not a regular file
  hint: name another file with --session FILE",
        ),
        case(
            "a login whose session cannot be kept",
            |_| (),
            ["login", "--session", "/dev/null/session.json"],
            1,
            "session-cache",
            "\
error: session cache /dev/null/session.json: cannot write it: File exists
  hint: see who may do that:
        ls -ld /dev/null/session.json /dev/null",
        ),
    ]
}

pub(super) fn ended() -> Vec<Case> {
    vec![
        case(
            "a session that has expired",
            |world| world.org().end_sessions(),
            ASK,
            3,
            "INVALID_SESSION_ID",
            "\
error: INVALID_SESSION_ID: Invalid Session ID found in SessionHeader: Illegal Session. Session not found, missing session hash
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a fault
  hint: log in again:
        sfmtls login -u integration@acme.test --login-url https://localhost",
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
            "\
error: INVALID_SESSION_ID: This session is not valid for use with the API
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a fault
  hint: the session is not expired but restricted, and a new login gives the same: check that the user has the permission API Enabled",
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
            "\
note: the session has expired; logging in again at https://localhost:[LOGIN]
error: INVALID_LOGIN: Invalid username, password, security token; or user locked out.
  cause: POST https://localhost:[LOGIN]/services/Soap/u/64.0 answered with a fault
  hint: check user, password and security token; several wrong tries lock the user out. A sandbox needs --sandbox or its My Domain",
        ),
        case(
            "a session of another user than the one that is named",
            |world| world.lab().set("SFMTLS_USERNAME", "free@acme.test"),
            ASK,
            3,
            "session-others",
            "\
error: the cached session is integration@acme.test's, not free@acme.test's
  hint: log in as the user that is named:
        sfmtls login -u free@acme.test
  hint: or take SFMTLS_USERNAME out of the environment, to use the session that there is",
        ),
        case(
            "an expired session, and the new login is another user's",
            |world| {
                world.org().end_sessions();
                world.org().switch(|switches| switches.oauth.run_as = Some(1));
                let app = [world.org().client_id(), world.org().client_secret()];
                let [id, secret] = app.map(str::to_owned);
                world.lab().set("SFMTLS_CLIENT_ID", id);
                world.lab().set("SFMTLS_CLIENT_SECRET", secret);
            },
            ASK,
            3,
            "other-user",
            "\
note: the session has expired; logging in again at https://localhost:[LOGIN]
error: the session had expired, and the new login is another user's: 00536000000a1b3AAA instead of integration@acme.test
  hint: the credentials in the environment (SFMTLS_USERNAME, SFMTLS_CLIENT_ID) are another user's than the session in the cache: give that user's, or log in anew:
        sfmtls login",
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
