//! curl through the proxy.

use std::collections::HashMap;
use std::process::Command;

use super::super::*;
use super::org;
use crate::local_org::proxy::{Proxy, ProxyConfig, Tunnel};

/// Exit status of curl, and the status it saw from the org and from the proxy.
fn curl(org: &Org, proxy: &Proxy, credentials: &[&str], port: u16) -> (String, String) {
    let output = Command::new("curl")
        .args([
            "-q",
            "--silent",
            "--max-time",
            "20",
            "--noproxy",
            "",
            "--cacert",
        ])
        .arg(&org.files().ca)
        .args([
            "-w",
            "%{http_code} %{http_connect}",
            "-o",
            "/dev/null",
            "-x",
            &format!("http://{}", proxy.address()),
        ])
        .args(credentials)
        .arg(format!("https://acme.my.salesforce.test:{port}/"))
        .output()
        .expect("curl is installed");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let (status, connect) = text.split_once(' ').expect("two numbers");
    (status.to_owned(), connect.to_owned())
}

#[test]
fn the_proxy_leads_every_name_to_loopback() {
    let org = org();
    let ports = HashMap::from([(443, org.login_port())]);
    let proxy = Proxy::start(ProxyConfig {
        ports,
        ..ProxyConfig::default()
    })
    .expect("a proxy");
    assert_eq!(
        curl(&org, &proxy, &[], 443),
        ("404".to_owned(), "200".to_owned())
    );
    let tunnel = Tunnel {
        method: "CONNECT".to_owned(),
        target: "acme.my.salesforce.test:443".to_owned(),
        with_credentials: false,
        status: 200,
    };
    assert_eq!(proxy.journal(), [tunnel]);
}

#[test]
fn the_proxy_wants_its_credentials_and_refuses_ports() {
    let org = org();
    let config = ProxyConfig {
        credentials: Some("me:secret".to_owned()),
        refused: HashMap::from([(8443, 403)]),
        ports: HashMap::from([(443, org.login_port())]),
    };
    let proxy = Proxy::start(config).expect("a proxy");
    assert_eq!(curl(&org, &proxy, &[], 443).1, "407");
    assert_eq!(curl(&org, &proxy, &["-U", "me:wrong"], 443).1, "407");
    assert_eq!(curl(&org, &proxy, &["-U", "me:secret"], 443).1, "200");
    assert_eq!(curl(&org, &proxy, &["-U", "me:secret"], 8443).1, "403");
    assert_eq!(org.journal().entries.len(), 1);
}
