//! The walkthrough's own commands, run by curl.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::super::*;
use super::{org, org_of};

const LOGIN: &str = r#"<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:p="urn:partner.soap.sforce.com"><e:Body><p:login><p:username>USER</p:username><p:password>PASSWORD</p:password></p:login></e:Body></e:Envelope>"#;

/// Status and body of one curl call.
struct Reply {
    status: u16,
    body: String,
}

impl Reply {
    fn element(&self, name: &str) -> &str {
        let after = self
            .body
            .split(&format!("<{name}>"))
            .nth(1)
            .unwrap_or_else(|| panic!("{name} in {}", self.body));
        after.split('<').next().unwrap_or_default()
    }
}

fn curl(org: &Org, port: u16, version: &str, body: &str, options: &[&str]) -> Reply {
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

fn login_body(user: &User, password: &str) -> String {
    let escape = |text: &str| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('"', "&quot;")
    };
    LOGIN
        .replace("USER", &escape(&user.username))
        .replace("PASSWORD", &escape(password))
}

fn call_body(session: &str, call: &str) -> String {
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

fn identity(path: &Path) -> [&str; 2] {
    ["-E", path.to_str().expect("UTF-8 path")]
}

const GET_USER_INFO: &str = "<p:getUserInfo/>";

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
fn without_a_certificate_the_mutual_port_answers_with_the_page() {
    let org = org();
    let session = org.session(0, "localhost");
    let reply = curl(
        &org,
        org.mutual_port(),
        "64.0",
        &call_body(&session, GET_USER_INFO),
        &[],
    );
    assert_eq!(reply.status, 200);
    assert!(
        reply
            .body
            .contains("<h3>Client certificate error:<i>No client certificate provided.</i></h3>"),
        "{}",
        reply.body
    );
    org.switch(|switches| {
        switches.page_status = 403;
        switches.page_type = "text/xml";
    });
    let reply = curl(
        &org,
        org.mutual_port(),
        "64.0",
        &call_body(&session, GET_USER_INFO),
        &[],
    );
    assert_eq!(reply.status, 403);
    let error = org.journal().check().expect_err("the rule was broken");
    assert!(error.contains("without the certificate"), "{error}");
}

#[test]
fn a_bad_certificate_is_answered_with_openssls_own_reason() {
    let org = org();
    let session = org.session(0, "localhost");
    let files = org.files();
    for (path, reason) in [
        (&files.leaf_only, "unable to get local issuer certificate"),
        (&files.expired, "certificate has expired"),
        (&files.not_yet_valid, "certificate is not yet valid"),
        (&files.server_auth_only, "unsuitable certificate purpose"),
        (&files.self_signed, "self-signed certificate"),
    ] {
        let reply = curl(
            &org,
            org.mutual_port(),
            "64.0",
            &call_body(&session, GET_USER_INFO),
            &identity(path),
        );
        assert!(
            reply.body.contains(&format!("<i>{reason}")),
            "{path:?}: {}",
            reply.body
        );
    }
}

#[test]
fn a_certificate_of_another_org_and_the_login_port_give_the_fault() {
    let org = org();
    let session = org.session(0, "localhost");
    let body = call_body(&session, GET_USER_INFO);
    let other_org = curl(
        &org,
        org.mutual_port(),
        "64.0",
        &body,
        &identity(&org.files().other_org),
    );
    let login_port = curl(
        &org,
        org.login_port(),
        "64.0",
        &body,
        &identity(&org.files().client),
    );
    for reply in [other_org, login_port] {
        assert_eq!(reply.status, 500);
        assert_eq!(
            reply.element("faultcode"),
            "sf:MUTUAL_AUTHENTICATION_FAILED"
        );
    }
    let free = call_body(&org.session(1, "localhost"), GET_USER_INFO);
    assert_eq!(curl(&org, org.login_port(), "64.0", &free, &[]).status, 200);
    let entries = org.journal().entries;
    assert!(
        entries
            .iter()
            .filter(|entry| entry.port == Port::Login)
            .all(|entry| entry.certificate.is_none())
    );
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
fn curl_is_refused_by_an_alert_in_both_tls_versions() {
    let org = org();
    org.switch(|switches| switches.refuse_by_alert = true);
    for (version, highest) in [("1.2", HighestTls::Tls12), ("1.3", HighestTls::Tls13)] {
        org.switch(|switches| switches.highest_tls = highest);
        let expired = identity(&org.files().expired);
        let options = ["-E", expired[1], "--tls-max", version];
        assert_eq!(
            curl(&org, org.mutual_port(), "64.0", "", &options).status,
            0
        );
        let good = identity(&org.files().client);
        let body = call_body(&org.session(0, "localhost"), GET_USER_INFO);
        assert_eq!(
            curl(&org, org.mutual_port(), "64.0", &body, &good).status,
            200
        );
    }
    assert_eq!(
        org.journal().entries.len(),
        2,
        "refused connections carry no request"
    );
}

#[test]
fn key_stores_open_with_their_passwords() {
    let org = org();
    let files = org.files();
    let body = call_body(&org.session(0, "localhost"), GET_USER_INFO);
    let password = std::fs::read_to_string(&files.key_password).expect("a file");
    for (path, kind) in [(&files.client_p12, "P12"), (&files.client_encrypted, "PEM")] {
        let certificate = format!("{}:{}", path.display(), password.trim_end());
        let reply = curl(
            &org,
            org.mutual_port(),
            "64.0",
            &body,
            &["-E", &certificate, "--cert-type", kind],
        );
        assert_eq!(reply.status, 200, "{kind}");
    }
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

#[test]
fn a_chain_out_of_order_is_noticed() {
    let org = org();
    let read = |path: &Path| std::fs::read_to_string(path).expect("a file");
    let [leaf, intermediate] = read(&org.files().client_certificates)
        .split_inclusive("-----END CERTIFICATE-----\n")
        .map(str::to_owned)
        .collect::<Vec<_>>()
        .try_into()
        .expect("two certificates");
    let root = read(&org.files().client_root);
    let path = org.files().dir.join("shuffled.pem");
    let key = read(&org.files().client_key);
    std::fs::write(&path, [key, leaf, root, intermediate].concat()).expect("a file");
    let body = call_body(&org.session(0, "localhost"), GET_USER_INFO);
    for (path, chain) in [
        (&path, 0),
        (&org.files().client, 2),
        (&org.files().leaf_only, 1),
    ] {
        curl(&org, org.mutual_port(), "64.0", &body, &identity(path));
        assert_eq!(
            org.journal().entries.last().map(|entry| entry.chain),
            Some(chain),
            "{path:?}"
        );
    }
}

/// OpenSSL's own client resumes a session, in which no certificate is sent again.
#[test]
fn a_resumed_session_keeps_its_certificate_and_verdict() {
    let org = org();
    let session = org.session(0, "localhost");
    let request = format!(
        "POST /services/Soap/u/64.0 HTTP/1.1\nHost: localhost\nContent-Type: text/xml\nSOAPAction: \"\"\n\
         Connection: close\nContent-Length: {}\n\n{}",
        call_body(&session, GET_USER_INFO).len(),
        call_body(&session, GET_USER_INFO)
    );
    let ticket = org.files().dir.join("ticket.pem");
    let address = format!("127.0.0.1:{}", org.mutual_port());
    let ask = |identity: &Path, option: &str| {
        let mut child = Command::new("openssl")
            .args([
                "s_client", "-tls1_2", "-crlf", "-ign_eof", "-connect", &address, "-cert",
            ])
            .args([
                identity,
                Path::new("-key"),
                identity,
                Path::new("-cert_chain"),
                identity,
            ])
            .arg(option)
            .arg(&ticket)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl is installed");
        child
            .stdin
            .take()
            .expect("piped")
            .write_all(request.as_bytes())
            .expect("openssl reads");
        String::from_utf8_lossy(&child.wait_with_output().expect("openssl ends").stdout)
            .into_owned()
    };
    for (identity, words) in [
        (&org.files().client, "integration@acme.test"),
        (&org.files().expired, "has expired"),
    ] {
        assert!(ask(identity, "-sess_out").contains(words));
        let resumed = ask(identity, "-sess_in");
        assert!(
            resumed.contains("Reused, TLSv1.2") && resumed.contains(words),
            "{resumed}"
        );
    }
}
