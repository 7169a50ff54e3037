//! What servers say, and what they ask for: servers that are not the org, in TLS 1.2 and 1.3.
//!
//! Each runs on a port of the system's choice; the port without mutual TLS is one server for all.

mod alerts;
mod answers;
mod minted;
mod salesforce;
mod same_bytes;
mod servers;
mod tls;
mod way;

use std::path::Path;

use super::{Checked, check};
use minted::lab;

/// Checks an identity at `localhost`: the good port 443, and this port of mutual TLS.
fn at(mtls_port: u16, identity: &Path, more: &[&str]) -> Checked {
    between(servers::login(), mtls_port, identity, more)
}

/// The same, with another port 443.
fn between(login_port: u16, mtls_port: u16, identity: &Path, more: &[&str]) -> Checked {
    probe("localhost", [login_port, mtls_port], identity, more, &[])
}

/// `check-cert` with these ports; the servers' CA is trusted unless `more` says otherwise.
fn probe(
    host: &str,
    [login_port, mtls_port]: [u16; 2],
    identity: &Path,
    more: &[&str],
    variables: &[(&str, &str)],
) -> Checked {
    let (login_port, mtls_port) = (login_port.to_string(), mtls_port.to_string());
    let path = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    let (identity, ca) = (path(identity), path(&lab().server_ca_file));
    let mut arguments = vec![identity.as_str(), "--host", host];
    arguments.extend(["--login-port", &login_port, "--mtls-port", &mtls_port]);
    if !more.contains(&"--cacert") {
        arguments.extend(["--cacert", &ca]);
    }
    arguments.extend(more);
    check(&arguments, variables)
}
