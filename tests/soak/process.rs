//! The program itself: its exit statuses, its cache from one process to the next.

use std::process::{Command, Stdio};

use sfmtls::local_org::{Call, Org};

use super::chance::{Chance, Trouble};
use super::{ROWS, Tally};

/// Runs one command with this trouble. The session of the last process is in the cache.
pub(super) fn run(org: &Org, trouble: &Trouble, chance: &mut Chance, tally: &mut Tally) {
    let query = chance.below(3) == 0;
    let (arguments, call): (&[&str], Call) = match query {
        true => (
            &["query", "SELECT Id FROM Contact", "--batch-size", "200"],
            Call::Query,
        ),
        false => (&["getuserinfo", "-r", "csv"], Call::GetUserInfo),
    };
    let environment = org.environment();
    let (_, session) = environment
        .iter()
        .find(|(name, _)| name == "SFMTLS_SESSION")
        .unwrap();
    let first = !std::path::Path::new(session).exists();
    trouble.plan(org, call, chance);
    let output = Command::new(env!("CARGO_BIN_EXE_sfmtls"))
        .args(arguments)
        .env_clear()
        .envs(environment)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let status = output.status.code().unwrap();
    if status == 0 {
        let lines = output.stdout.iter().filter(|&&byte| byte == b'\n').count() as u64;
        assert_eq!(lines, 1 + if query { ROWS } else { 1 }, "{trouble:?}");
    }
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains('!'), "a session ID? {said}");
    tally.logins += u64::from(first);
    let name = format!("process, {}", arguments[0]);
    tally.count(&name, trouble, (status != 0).then_some(status));
}
