//! What the check passes is what a call sends: the same certificates, the same request.

use std::process::Command;

use super::minted::lab;
use super::probe;
use super::salesforce::save_session;
use super::servers::{SESSION_INVALID, Tls, VERSIONS, login};
use crate::check::raises;

#[test]
fn a_probe_and_a_call_send_the_same_bytes_in_both_versions() {
    for (version, _) in VERSIONS {
        let server = Tls::of(&lab().server).version(version).asks();
        let seen = server.seen();
        let port = server.answers(SESSION_INVALID);
        let folder = tempfile::tempdir().expect("a folder");
        let session = folder.path().join("session.json");
        save_session(&session, "localhost", "00D000000000001!AQ.same.bytes");
        let session = session.to_str().expect("UTF-8");

        let ports = [login(), port];
        let variables = [("SFMTLS_SESSION", session)];
        let checked = probe("localhost", ports, &lab().client, &[], &variables);
        raises(&checked, "sf-session-invalid");
        let called = Command::new(env!("CARGO_BIN_EXE_sfmtls"))
            .arg("getuserinfo")
            .arg("-E")
            .arg(&lab().client)
            .arg("--cacert")
            .arg(&lab().server_ca_file)
            .args(["--mtls-port", &port.to_string()])
            .env_clear()
            .envs(variables)
            .output()
            .expect("it runs");
        assert_eq!(called.status.code(), Some(3), "{called:?}");

        let seen = seen.lock().expect("no panic");
        let [bare, probe, call] = seen.as_slice() else {
            panic!("not three requests: {seen:?}")
        };
        assert!(bare.chain.is_empty());
        assert_eq!(probe.chain.len(), 3);
        assert_eq!(probe.chain, call.chain);
        assert_eq!(probe.request, call.request);
        assert!(probe.request.contains("<getUserInfo/>"));
    }
}
