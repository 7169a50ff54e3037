//! What needs no server.

use super::*;
use crate::net::Failure;

fn raises(findings: &[Finding], id: &str) {
    let ids: Vec<_> = findings.iter().map(|finding| finding.id).collect();
    assert!(ids.contains(&id), "{id} is not among {ids:?}");
}

fn spares(findings: &[Finding], id: &str) {
    assert!(
        findings.iter().all(|finding| finding.id != id),
        "{findings:?}"
    );
}

fn plan(host: &str) -> Plan {
    Plan {
        server: ServerUrl::parse(&format!("https://{host}")).unwrap(),
        mtls_port: 8443,
        login_port: 443,
        version: ApiVersion::DEFAULT,
        options: Options::default(),
        identity: None,
        session: None,
        criteria: Criteria {
            now: SystemTime::UNIX_EPOCH,
            warn_days: None,
            client_ca: None,
            system_roots: None,
        },
        secrets: Arc::default(),
        observer: Arc::new(crate::event::Silent),
        now: SystemTime::now,
    }
}

fn lost(failure: Failure) -> Vec<Finding> {
    let look = Contact {
        probe: Probe {
            port: 8443,
            ..Probe::default()
        },
        handshake: Default::default(),
        outcome: Outcome::Lost(failure),
    };
    way::fault(&look, &plan("acme.test"), None)
        .into_iter()
        .collect()
}

#[test]
fn an_address_without_a_route_is_told_apart_from_a_refusal() {
    let found = lost(Failure::Connect {
        address: "acme.test:8443".to_owned(),
        text: "Network is unreachable".to_owned(),
    });
    raises(&found, "connect-failed");
    spares(&found, "tcp-refused");
    let found = lost(Failure::Refused {
        address: "acme.test:8443".to_owned(),
        first: true,
    });
    spares(&found, "connect-failed");
    raises(&found, "tcp-refused");
}

#[test]
fn every_alert_has_a_finding_of_the_catalogue() {
    let known = |id| {
        super::super::catalogue::CATALOGUE
            .iter()
            .any(|(known, _)| *known == id)
    };
    for number in 0..=255 {
        assert!(known(rejection(number)), "alert {number}");
    }
}

#[test]
fn a_clock_may_be_off_by_five_minutes() {
    assert_eq!(way::clock_skew(300), None);
    assert_eq!(way::clock_skew(-300), None);
    let ahead = way::clock_skew(301).unwrap();
    assert_eq!(
        ahead.message,
        "this machine's clock is 5 minutes behind the server's"
    );
    let behind = way::clock_skew(-7200).unwrap();
    assert_eq!(
        behind.message,
        "this machine's clock is 120 minutes ahead of the server's"
    );
}

#[test]
fn a_host_of_salesforces_that_is_no_org_is_told_before_anything_is_asked() {
    let told = |host| way::misplaced(&plan(host)).map(|finding| finding.id);
    assert_eq!(told("login.salesforce.com"), Some("sf-login-host"));
    assert_eq!(told("acme.lightning.force.com"), Some("sf-wrong-host"));
    assert_eq!(told("acme.my.salesforce.com"), None);
    assert_eq!(told("login.salesforce.com.acme.test"), None);
    assert_eq!(told("acme.sandbox.my.salesforce.com"), None);
}

#[test]
fn the_advice_for_a_host_of_pages_names_that_org_and_not_its_production() {
    for (host, org) in [
        ("acme.lightning.force.com", "acme"),
        ("acme--dev.sandbox.lightning.force.com", "acme--dev.sandbox"),
        (
            "acme-dev-ed.develop.lightning.force.com",
            "acme-dev-ed.develop",
        ),
        ("acme--c.vf.force.com", "acme"),
        ("acme--dev--c.sandbox.vf.force.com", "acme--dev.sandbox"),
        ("acme--c.visualforce.com", "acme"),
        ("acme--c.na44.visualforce.com", "acme"),
        ("acme--dev--c.cs7.visualforce.com", "acme--dev"),
    ] {
        let finding = way::misplaced(&plan(host)).unwrap();
        let wanted = format!(" --host {org}.my.salesforce.com ");
        let advice = finding.advice.unwrap();
        assert!(advice.contains(&wanted), "{host}: {advice}");
    }
}
