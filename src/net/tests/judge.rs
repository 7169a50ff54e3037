//! `openssl s_server` as the judge of what we send.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use super::*;
use crate::net::tls::failure::Phase;

struct SServer {
    child: Child,
    port: u16,
    trace: PathBuf,
    _folder: tempfile::TempDir,
}

impl SServer {
    fn start(version: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let trace = folder.path().join("trace");
        let server = lab().file_with_key("s-server.pem", &[&lab().server]);
        let root = lab().file("client-root.pem", &[&lab().client_root]);
        let mut child = Command::new("openssl")
            .args(["s_server", "-accept", "127.0.0.1:0", "-www", version])
            .args(["-Verify", "5", "-verify_return_error", "-trace"])
            .arg("-msgfile")
            .arg(&trace)
            .arg("-cert")
            .arg(server)
            .arg("-CAfile")
            .arg(root)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl runs");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let accept = lines.find_map(|line| line.ok()?.strip_prefix("ACCEPT ").map(str::to_owned));
        let port = accept.and_then(|a| a.rsplit_once(':')?.1.trim().parse().ok());
        // It must be able to go on writing.
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            port: port.expect("a port"),
            trace,
            _folder: folder,
        }
    }

    fn send(&self, identity: Identity) -> Result<String, TransportError> {
        let transport = Transport::new(
            options(self.port),
            Some(Arc::new(identity)),
            Arc::new(Silent),
        );
        read(transport.send(&get(Role::Api, "/")))
    }
}

impl Drop for SServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn openssl_sees_leaf_issuer_and_next_in_this_order() {
    for version in ["-tls1_2", "-tls1_3"] {
        let server = SServer::start(version);
        server.send(lab().identity()).expect("an answer");
        let trace = std::fs::read_to_string(&server.trace).expect("a trace");
        let received = trace
            .rsplit("Received Record")
            .find(|r| r.contains("Certificate, Length"));
        let subjects: Vec<_> = received
            .expect("a client certificate")
            .lines()
            .filter_map(|line| {
                line.trim()
                    .strip_prefix("Subject: CN")
                    .map(|n| n.trim_start_matches([' ', '=']).to_owned())
            })
            .collect();
        assert_eq!(
            subjects,
            ["integration.test", "Lab Issuing CA", "Lab Policy CA"],
            "{version}"
        );
    }
}

#[test]
fn openssl_refuses_what_it_should_with_the_alert_we_report() {
    for (version, phase) in [("-tls1_2", Phase::Handshake), ("-tls1_3", Phase::FirstRead)] {
        let server = SServer::start(version);
        let chain = [&lab().issuing, &lab().policy];
        let cases = [
            (48, lab().identity_of(&lab().client, &[])),
            (45, lab().identity_of(&lab().expired_client, &chain)),
        ];
        for (number, identity) in cases {
            let error = server.send(identity).expect_err("refused");
            let Failure::Tls(failure) = &error.failure else {
                panic!("{error:?}")
            };
            assert_eq!(
                failure.alert.map(|alert| alert.number),
                Some(number),
                "{error:?}"
            );
            assert_eq!(failure.phase, phase);
            assert!(failure.certificate_sent);
        }
    }
}
