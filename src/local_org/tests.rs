//! The org judged by clients that are not ours: curl and the openssl crate.

mod bulk;
mod client;
mod curl;
mod forgets;
mod identities;
mod order;
mod proxies;
mod records;
mod refusals;
mod token;
mod wire;

use super::*;

fn org() -> Org {
    Org::start(Config::default()).expect("the org starts")
}

fn org_of(rows: u64) -> Org {
    Org::start(Config {
        rows,
        ..Config::default()
    })
    .expect("the org starts")
}

#[test]
fn the_environment_names_files_and_ports_that_are_there() {
    let org = org();
    let environment = org.environment();
    let value = |name: &str| {
        let found = environment.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    assert!(std::path::Path::new(value("SFMTLS_CERT")).is_file());
    assert!(std::path::Path::new(value("SFMTLS_CACERT")).is_file());
    assert!(!std::path::Path::new(value("SFMTLS_SESSION")).exists());
    let login_port = value("SFMTLS_LOGIN_PORT");
    assert_eq!(
        value("SFMTLS_LOGIN_URL"),
        format!("https://localhost:{login_port}")
    );
    assert_ne!(login_port, value("SFMTLS_MTLS_PORT"));
}

#[test]
fn a_port_can_be_chosen_and_cannot_be_taken_twice() {
    // Between the two orgs another test's connection may take the port: then another port has to do.
    const TRIES: usize = 20;
    let taken_again = (0..TRIES).any(|_| {
        let first = org();
        let config = Config {
            mutual_port: first.mutual_port(),
            ..Config::default()
        };
        assert_eq!(
            Org::start(config.clone()).err().map(|error| error.kind()),
            Some(io::ErrorKind::AddrInUse)
        );
        drop(first);
        Org::start(config.clone()).is_ok_and(|again| again.mutual_port() == config.mutual_port)
    });
    assert!(taken_again, "the port is not free again");
}
