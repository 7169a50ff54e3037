//! Connections alone, with the org in another process: what is left in this one is the client's.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::SystemTime;

use sfmtls::event::Silent;
use sfmtls::identity::{self, Source};
use sfmtls::net::{Options, Request, Transport};
use sfmtls::salesforce::endpoint::LoginEndpoint;

use super::client::NoPassword;
use super::{Held, alone, calls, say};

/// What allocators and pages may differ by; nothing at all is measured beyond the first thousand.
const GROWTH_KIB: u64 = 512;

/// The command `local-org`, which ends with the test.
struct OtherProcess {
    child: Child,
    variables: BTreeMap<String, String>,
}

impl OtherProcess {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sfmtls"))
            .args(["local-org", "--json"])
            .env_clear()
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("it is a pipe");
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let variables = serde_json::from_str(&line).expect("one document");
        Self { child, variables }
    }
}

impl Drop for OtherProcess {
    fn drop(&mut self) {
        // It has no say in whether the test fails.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn connections_leave_nothing_behind() {
    let _alone = alone();
    let org = OtherProcess::start();
    let variable = |name: &str| org.variables[name].clone();
    let source = Source {
        cert: variable("SFMTLS_CERT").into(),
        key: None,
    };
    let identity = Arc::new(identity::load(&source, SystemTime::now(), &mut NoPassword).unwrap());
    let mutual: u16 = variable("SFMTLS_MTLS_PORT").parse().unwrap();
    let login = variable("SFMTLS_LOGIN_URL");
    for (kind, url) in [
        ("mutual TLS", format!("https://localhost:{mutual}")),
        ("login", login),
    ] {
        let options = Options {
            cacert: Some(variable("SFMTLS_CACERT").into()),
            ..Options::default()
        };
        let transport = Transport::new(options, Some(Arc::clone(&identity)), Arc::new(Silent));
        let endpoint = LoginEndpoint::parse(&url, 443, mutual).unwrap();
        let connect = |times: u64| {
            for _ in 0..times {
                let request = Request {
                    method: http::Method::POST,
                    target: endpoint.token(),
                    headers: vec![("Connection", "close".into())],
                    body: Some("x".into()),
                };
                let mut answer = Vec::new();
                let response = transport.send(&request).unwrap();
                response.read_into(&mut answer, 64 * 1024).unwrap();
                assert!(!answer.is_empty());
            }
        };
        connect(100);
        let before = Held::now();
        connect(calls());
        let after = Held::now();
        say(format_args!(
            "{kind}: {before}; {} connections later: {after}",
            calls()
        ));
        assert!(after.files <= before.files, "{before}, {after}");
        assert!(
            after.kibibytes <= before.kibibytes + GROWTH_KIB,
            "{before}, {after}"
        );
    }
}
