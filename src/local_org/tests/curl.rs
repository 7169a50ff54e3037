//! The walkthrough's own commands, run by curl.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::super::*;
use super::{org, org_of};

const LOGIN: &str = r#"<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:p="urn:partner.soap.sforce.com"><e:Body><p:login><p:username>USER</p:username><p:password>PASSWORD</p:password></p:login></e:Body></e:Envelope>"#;

/// Status and body of one curl call.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: String,
}

impl Reply {
    pub(super) fn element(&self, name: &str) -> &str {
        let after = self
            .body
            .split(&format!("<{name}>"))
            .nth(1)
            .unwrap_or_else(|| panic!("{name} in {}", self.body));
        after.split('<').next().unwrap_or_default()
    }
}

pub(super) fn curl(org: &Org, port: u16, version: &str, body: &str, options: &[&str]) -> Reply {
    let url = format!("https://localhost:{port}/services/Soap/u/{version}");
    curl_url(org, &url, body, options)
}

fn curl_url(org: &Org, url: &str, body: &str, options: &[&str]) -> Reply {
    let mut child = Command::new("curl")
        .args([
            "-q",
            "--silent",
            "--show-error",
            "--max-time",
            "20",
            "--noproxy",
            "*",
            "--cacert",
        ])
        .arg(&org.files().ca)
        .args([
            "-H",
            "Content-Type: text/xml; charset=UTF-8",
            "-H",
            "SOAPAction: \"\"",
            "-d",
            "@-",
        ])
        .args(["-w", "\n%{http_code}"])
        .args(options)
        .arg(url)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("curl is installed");
    child
        .stdin
        .take()
        .expect("piped")
        .write_all(body.as_bytes())
        .expect("curl reads");
    let output = child.wait_with_output().expect("curl ends");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let (body, status) = text.rsplit_once('\n').expect("a status line");
    Reply {
        status: status.parse().expect("a number"),
        body: body.to_owned(),
    }
}

pub(super) fn login_body(user: &User, password: &str) -> String {
    let escape = |text: &str| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('"', "&quot;")
    };
    LOGIN
        .replace("USER", &escape(&user.username))
        .replace("PASSWORD", &escape(password))
}

pub(super) fn call_body(session: &str, call: &str) -> String {
    format!(
        r#"<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:p="urn:partner.soap.sforce.com"><e:Header><p:SessionHeader><p:sessionId>{session}</p:sessionId></p:SessionHeader><p:QueryOptions><p:batchSize>200</p:batchSize></p:QueryOptions></e:Header><e:Body>{call}</e:Body></e:Envelope>"#
    )
}

fn query_body(session: &str, text: &str) -> String {
    let text = text.replace('<', "&lt;");
    call_body(
        session,
        &format!("<p:query><p:queryString>{text}</p:queryString></p:query>"),
    )
}

pub(super) fn identity(path: &Path) -> [&str; 2] {
    ["-E", path.to_str().expect("UTF-8 path")]
}

pub(super) const GET_USER_INFO: &str = "<p:getUserInfo/>";

#[test]
fn curl_runs_the_walkthrough() {
    let org = org();
    let login = curl(
        &org,
        org.login_port(),
        "64.0",
        &login_body(org.user(), &org.user().password_with_token()),
        &[],
    );
    assert_eq!(login.status, 200, "{}", login.body);
    assert_eq!(
        login.element("serverUrl"),
        "https://localhost/services/Soap/u/64.0/00D36000000YUbz"
    );
    let session = login.element("sessionId").to_owned();
    assert_eq!(session.len(), 15 + 1 + 96);

    let with_certificate = identity(&org.files().client);
    let info = curl(
        &org,
        org.mutual_port(),
        "64.0",
        &call_body(&session, GET_USER_INFO),
        &with_certificate,
    );
    assert_eq!(info.status, 200, "{}", info.body);
    assert_eq!(info.element("userName"), "integration@acme.test");
    assert!(info.body.contains("<LimitInfoHeader>"));

    let text = "SELECT Id, FirstName, LastName, Account.Name FROM Contact WHERE AccountId != NULL ORDER BY CreatedDate DESC LIMIT 5";
    let rows = curl(
        &org,
        org.mutual_port(),
        "64.0",
        &query_body(&session, text),
        &with_certificate,
    );
    assert!(rows.body.contains(
        "<records xsi:type=\"sf:sObject\"><sf:type>Contact</sf:type><sf:Id>00336000009BusFAAS</sf:Id><sf:Id>00336000009BusFAAS</sf:Id>\
         <sf:FirstName>Rose</sf:FirstName><sf:LastName>Gonzalez</sf:LastName><sf:Account xsi:type=\"sf:sObject\">\
         <sf:type>Account</sf:type><sf:Id xsi:nil=\"true\"/><sf:Name>Edge Communications</sf:Name></sf:Account></records>"
    ), "{}", rows.body);
    assert!(
        rows.body
            .contains("<sf:Id>00336000009BusJAAS</sf:Id><sf:FirstName>Andy</sf:FirstName>"),
        "{}",
        rows.body
    );
    assert_eq!(rows.element("size"), "5");

    let journal = org.journal();
    journal.check().expect("all rules were kept");
    assert_eq!(journal.calls(), ["login", "getUserInfo", "query"]);
    assert_eq!(journal.entries[1].chain, 2);
}

#[test]
fn login_works_on_the_mutual_port_with_the_certificate() {
    let org = org();
    let body = login_body(org.user(), &org.user().password_with_token());
    let reply = curl(
        &org,
        org.mutual_port(),
        "64.0",
        &body,
        &identity(&org.files().client),
    );
    assert_eq!(reply.status, 200);
}

#[test]
fn each_login_refusal_has_its_code() {
    let org = org();
    let right = login_body(org.user(), &org.user().password_with_token());
    let code = |version, body: &str| {
        let reply = curl(&org, org.login_port(), version, body, &[]);
        assert_eq!(reply.status, 500, "{}", reply.body);
        reply.element("sf:exceptionCode").to_owned()
    };
    assert_eq!(code("65.0", &right), "INVALID_OPERATION");
    assert_eq!(code("69.0", &right), "UNSUPPORTED_API_VERSION");
    assert_eq!(
        code("64.0", &login_body(org.user(), "wrong")),
        "INVALID_LOGIN"
    );
    assert_eq!(
        code("64.0", &login_body(org.user(), &org.user().password)),
        "LOGIN_MUST_USE_SECURITY_TOKEN"
    );
    for (rule, expected) in [
        (LoginRule::Disabled, "INVALID_OPERATION"),
        (LoginRule::PermissionMissing, "INSUFFICIENT_ACCESS"),
        (LoginRule::TokenNeeded, "LOGIN_MUST_USE_SECURITY_TOKEN"),
        (LoginRule::LockedOut, "PASSWORD_LOCKOUT"),
        (
            LoginRule::AddressRestricted,
            "LOGIN_DURING_RESTRICTED_DOMAIN",
        ),
        (LoginRule::HoursRestricted, "LOGIN_DURING_RESTRICTED_TIME"),
        (LoginRule::RateExceeded, "REQUEST_LIMIT_EXCEEDED"),
    ] {
        org.switch(|switches| switches.login = rule);
        assert_eq!(code("64.0", &right), expected);
    }
}

#[test]
fn an_expired_password_gives_a_session_that_is_good_for_nothing() {
    let org = org();
    org.switch(|switches| switches.login = LoginRule::PasswordExpired);
    let body = login_body(org.user(), &org.user().password_with_token());
    let login = curl(&org, org.login_port(), "64.0", &body, &[]);
    assert_eq!(
        (login.status, login.element("passwordExpired")),
        (200, "true")
    );
    let body = call_body(login.element("sessionId"), GET_USER_INFO);
    let reply = curl(
        &org,
        org.mutual_port(),
        "64.0",
        &body,
        &identity(&org.files().client),
    );
    assert_eq!(
        reply.element("sf:exceptionCode"),
        "INVALID_OPERATION_WITH_EXPIRED_PASSWORD"
    );
}

#[test]
fn pages_follow_one_another_by_locator() {
    let org = org_of(1000);
    let session = org.session(0, "localhost");
    let client = identity(&org.files().client);
    let mut reply = curl(
        &org,
        org.mutual_port(),
        "66.0",
        &query_body(&session, "SELECT Id FROM Contact"),
        &client,
    );
    let mut rows = 0;
    loop {
        rows += reply.body.matches("<records ").count();
        assert_eq!(reply.element("size"), "1000");
        if reply.element("done") == "true" {
            break;
        }
        let locator = reply.element("queryLocator").to_owned();
        assert!(
            locator.starts_with("01g") && locator.ends_with(&format!("-{rows}")),
            "{locator}"
        );
        let more = format!("<p:queryMore><p:queryLocator>{locator}</p:queryLocator></p:queryMore>");
        reply = curl(
            &org,
            org.mutual_port(),
            "66.0",
            &call_body(&session, &more),
            &client,
        );
    }
    assert_eq!(rows, 1000);
    let more = "<p:queryMore><p:queryLocator>01gAAAAAAAAAAAAAAA-200</p:queryLocator></p:queryMore>";
    let reply = curl(
        &org,
        org.mutual_port(),
        "66.0",
        &call_body(&session, more),
        &client,
    );
    assert_eq!(reply.element("sf:exceptionCode"), "INVALID_QUERY_LOCATOR");
}

#[test]
fn other_host_names_and_both_addresses_are_served() {
    let org = org();
    let body = login_body(org.user(), &org.user().password_with_token());
    let map = format!("acme.my.salesforce.test:443:127.0.0.1:{}", org.login_port());
    let url = "https://acme.my.salesforce.test/services/Soap/u/64.0";
    let reply = curl_url(&org, url, &body, &["--connect-to", &map]);
    assert_eq!(
        reply.element("serverUrl"),
        "https://acme.my.salesforce.test/services/Soap/u/64.0/00D36000000YUbz"
    );
}

#[test]
fn gzip_is_understood_and_spoken() {
    let org = org_of(500);
    let body = query_body(&org.session(0, "localhost"), "SELECT Id, Name FROM Contact");
    let client = identity(&org.files().client);
    let plain = curl(&org, org.mutual_port(), "64.0", &body, &client);
    let gzip = curl(
        &org,
        org.mutual_port(),
        "64.0",
        &body,
        &["-E", client[1], "--compressed"],
    );
    assert_eq!(plain.body.matches("<records ").count(), 200);
    assert_eq!(gzip.body.matches("<records ").count(), 200);
    assert!(plain.body.len() > 10_000);
}

#[test]
fn the_other_loopback_address_is_served_where_there_is_one() {
    let org = org();
    if std::net::TcpListener::bind("[::1]:0").is_err() {
        return;
    }
    let body = login_body(org.user(), &org.user().password_with_token());
    let url = format!("https://[::1]:{}/services/Soap/u/64.0", org.login_port());
    let reply = curl_url(&org, &url, &body, &[]);
    assert_eq!(
        reply.element("serverUrl"),
        "https://[::1]/services/Soap/u/64.0/00D36000000YUbz"
    );
}
