//! What the org says, once TLS is passed.

use std::path::Path;
use std::time::SystemTime;

use sfmtls::local_org::{Call, Config, Mishap, When};
use sfmtls::salesforce::cache;
use sfmtls::salesforce::endpoint::{ApiVersion, ServerUrl};
use sfmtls::salesforce::session::{Origin, Session};
use sfmtls::text::secret::Secret;

use crate::check::{Checked, raises, spares};
use crate::lab::Lab;

/// A session of this host in a cache.
pub(super) fn save_session(file: &Path, host: &str, id: &str) {
    let url = format!("https://{host}/services/Soap/u/64.0/00D36000000YUbz");
    let session = Session {
        id: Secret::new(id),
        server_url: ServerUrl::parse(&url).expect("a server URL"),
        username: None,
        user_id: None,
        organization_id: None,
        api_version: ApiVersion::DEFAULT,
        origin: Origin::SoapLogin {
            login_url: "https://localhost".to_owned(),
        },
        obtained_at: SystemTime::now(),
        idle: None,
    };
    cache::store(file, &session).expect("the cache can be written");
}

/// An org in good order whose rule that each call carries the certificate is off: a probe asks
/// without on purpose. `user` is logged in, or nobody.
fn org(user: Option<usize>) -> (Lab, String) {
    let mut lab = Lab::with(Config::default());
    lab.without_journal_check();
    lab.forget_credentials();
    let id = user.map(|user| lab.org.session(user, "localhost"));
    if let Some(id) = &id {
        save_session(lab.session_file(), "localhost", id);
    }
    (lab, id.unwrap_or_default())
}

/// `check-cert` in this environment.
fn check(lab: &Lab, arguments: &[&str]) -> Checked {
    let run = lab.run([&["check-cert", "--json"], arguments].concat());
    Checked {
        status: run.status,
        report: serde_json::from_str(&run.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}\n{}", run.stdout, run.stderr)),
        stderr: run.stderr,
    }
}

#[test]
fn a_user_who_may_call_with_the_certificate_alone() {
    let (lab, id) = org(Some(0));
    let checked = check(&lab, &[]);
    raises(&checked, "sf-mutual-auth-ok");
    raises(&checked, "sf-mutual-auth-enforced");
    spares(&checked, "sf-not-enforced");
    spares(&checked, "session-missing");
    spares(&checked, "sf-mutual-auth-failed");
    let ok = checked.finding("sf-mutual-auth-ok");
    assert_eq!(ok["data"]["user"], "integration@acme.test");
    assert_eq!(checked.status, 0, "{:#}", checked.report);
    let probes = checked.report["probes"].as_array().expect("a list");
    let with = |name: &str| -> Vec<bool> {
        let of = probes.iter().map(|probe| probe[name] == true);
        of.collect()
    };
    assert_eq!(with("with_cert"), [false, false, true, false]);
    assert_eq!(with("with_session"), [false, false, true, true]);
    // What the org says to those who come without is data.
    assert_eq!(probes[1]["http"]["kind"], "certificate-page");
    let text = format!("{:#}{}", checked.report, checked.stderr);
    assert!(!text.contains(&id), "{text}");
}

#[test]
fn a_user_who_may_call_without_one() {
    let (lab, _) = org(Some(1));
    let checked = check(&lab, &[]);
    raises(&checked, "sf-not-enforced");
    raises(&checked, "sf-mutual-auth-ok");
    spares(&checked, "sf-mutual-auth-enforced");
    assert_eq!(checked.status, 0, "{:#}", checked.report);
}

#[test]
fn without_a_session_the_check_stops_before_the_call() {
    let (lab, _) = org(None);
    let checked = check(&lab, &["--host", "localhost"]);
    raises(&checked, "session-missing");
    raises(&checked, "sf-session-invalid");
    assert_eq!(checked.finding("sf-session-invalid")["severity"], "info");
    spares(&checked, "sf-mutual-auth-ok");
    assert_eq!(checked.status, 0, "{:#}", checked.report);
}

/// Only the host that gave a session sees it.
#[test]
fn a_session_of_another_host_counts_as_none() {
    let (lab, id) = org(None);
    let real = lab.org.session(0, "localhost");
    save_session(lab.session_file(), "other.my.salesforce.test", &real);
    let checked = check(&lab, &["--host", "localhost"]);
    raises(&checked, "session-missing");
    spares(&checked, "sf-mutual-auth-ok");
    let message = checked.finding("session-missing")["message"].clone();
    assert!(
        message
            .as_str()
            .expect("text")
            .contains("other.my.salesforce.test")
    );
    let journal = lab.org.journal();
    let shown = journal.entries.iter().filter(|entry| {
        !matches!(
            entry.session,
            sfmtls::local_org::SessionSeen::None | sfmtls::local_org::SessionSeen::Unknown
        )
    });
    assert_eq!(shown.count(), 0, "{id}");
}

#[test]
fn a_session_that_has_ended() {
    let (lab, _) = org(Some(0));
    lab.org.end_sessions();
    let checked = check(&lab, &[]);
    raises(&checked, "sf-session-invalid");
    assert_eq!(checked.finding("sf-session-invalid")["severity"], "error");
    spares(&checked, "session-missing");
    // It says nothing of the user without a certificate.
    spares(&checked, "sf-not-enforced");
    spares(&checked, "sf-mutual-auth-enforced");
    let (lab, _) = org(Some(0));
    spares(&check(&lab, &[]), "sf-session-invalid");
}

/// The file used to be blamed for a fault of the port.
#[test]
fn a_port_that_asks_for_no_certificate_says_nothing_of_it() {
    let (mut lab, _) = org(Some(0));
    lab.without_journal_check();
    let port = lab.org.login_port().to_string();
    let checked = check(&lab, &["--mtls-port", &port]);
    raises(&checked, "client-cert-not-requested");
    raises(&checked, "sf-mutual-auth-failed");
    assert_eq!(
        checked.report["findings"][0]["id"],
        "client-cert-not-requested"
    );
    let finding = checked.finding("sf-mutual-auth-failed");
    let message = finding["message"].as_str().expect("words");
    assert!(message.starts_with("no certificate was sent"), "{message}");
    assert!(finding["command"].is_null(), "{finding:#}");
    assert!(finding["fix"].is_null(), "{finding:#}");
}

#[test]
fn a_certificate_of_another_org() {
    let (lab, _) = org(Some(0));
    let other = lab.org.files().other_org.clone();
    // Where the leaf does not come first, there used to be no command.
    let text = std::fs::read_to_string(&other).expect("PEM");
    let blocks: Vec<_> = text.split("-----BEGIN ").skip(1).collect();
    let blocks = blocks.iter().map(|block| format!("-----BEGIN {block}"));
    let turned = lab.file("turned.pem", blocks.rev().collect::<String>());
    for file in [other, turned] {
        let checked = check(&lab, &[file.to_str().expect("UTF-8")]);
        raises(&checked, "sf-mutual-auth-failed");
        spares(&checked, "sf-client-certificate-error");
        let finding = checked.finding("sf-mutual-auth-failed");
        // The command takes the leaf out that has to be uploaded.
        let command = finding["command"].as_str().expect("a command");
        lab.shell(command).exits(0);
        let uploaded = std::fs::read(lab.path("upload.pem")).expect("it was written");
        let uploaded = openssl::x509::X509::from_pem(&uploaded).expect("a certificate");
        let digest = uploaded.digest(openssl::hash::MessageDigest::sha256());
        let digest: String = digest
            .expect("a digest")
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        assert_eq!(finding["data"]["sha256"], digest);
    }
}

#[test]
fn the_page_that_refuses_a_certificate_is_told_verbatim() {
    let (lab, _) = org(Some(0));
    lab.org.switch(|switches| {
        switches.page_reason = Some("Certificate is not on the list".to_owned())
    });
    let expired = lab.org.files().expired.clone();
    let checked = check(&lab, &[expired.to_str().expect("UTF-8")]);
    raises(&checked, "sf-client-certificate-error");
    spares(&checked, "http-client-cert-rejected");
    spares(&checked, "http-unexpected");
    let data = &checked.finding("sf-client-certificate-error")["data"];
    assert_eq!(data["reason"], "Certificate is not on the list");
    // Step 2 gets such a page in every org.
    let (lab, _) = org(Some(0));
    spares(&check(&lab, &[]), "sf-client-certificate-error");
}

#[test]
fn faults_pages_and_redirects() {
    let fails = |mishap| {
        let (lab, _) = org(Some(0));
        lab.org.plan(Call::GetUserInfo, When::Always, mishap);
        check(&lab, &[])
    };
    let checked = fails(Mishap::Fault("API_DISABLED_FOR_ORG", "API is not enabled"));
    raises(&checked, "sf-soap-fault");
    spares(&checked, "http-unexpected");
    assert_eq!(
        checked.finding("sf-soap-fault")["data"]["code"],
        "API_DISABLED_FOR_ORG"
    );
    let checked = fails(Mishap::Redirect("https://moved.test/".to_owned()));
    raises(&checked, "sf-redirect");
    spares(&checked, "sf-soap-fault");
    assert_eq!(checked.finding("sf-redirect")["data"]["to"], "moved.test");
    let checked = fails(Mishap::Page {
        status: 503,
        content_type: "text/html",
        retry_after: None,
    });
    raises(&checked, "http-unexpected");
    spares(&checked, "sf-redirect");
    assert_eq!(checked.finding("http-unexpected")["data"]["status"], 503);
}

#[test]
fn a_file_that_cannot_be_loaded_still_asks_what_the_server_wants() {
    let (lab, _) = org(Some(0));
    let key = lab.org.files().client_key.clone();
    let checked = check(&lab, &[key.to_str().unwrap()]);
    raises(&checked, "cert-missing");
    spares(&checked, "sf-mutual-auth-ok");
    let probes = checked.report["probes"].as_array().expect("a list");
    assert_eq!(probes.len(), 2);
    assert_eq!(probes[1]["requested"], true);
}

#[test]
fn where_no_org_is_known_nothing_is_asked() {
    let (mut lab, _) = org(None);
    lab.set("SFMTLS_LOGIN_URL", "https://login.salesforce.com");
    let checked = check(&lab, &[]);
    assert!(checked.stderr.contains("--host"), "{}", checked.stderr);
    assert_eq!(checked.report["probes"].as_array().map(Vec::len), Some(0));
}
