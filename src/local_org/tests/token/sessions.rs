//! What the tokens are good for, and how long.

use super::*;

/// A call with the certificate; its status and body.
struct Caller<'o> {
    org: &'o Org,
    certificate: String,
}

impl<'o> Caller<'o> {
    fn new(org: &'o Org) -> Self {
        let certificate = org.files().client.to_str().expect("UTF-8").to_owned();
        Self { org, certificate }
    }

    fn call(&self, path: &str, options: &[&str]) -> Reply {
        let mut all = vec!["-E", &self.certificate];
        all.extend_from_slice(options);
        curl(self.org, self.org.mutual_port(), path, &all)
    }

    fn soap(&self, token: &str) -> Reply {
        let body = tests::curl::call_body(token, "<p:getUserInfo/>");
        let options = [
            "-H",
            "Content-Type: text/xml",
            "-H",
            "SOAPAction: \"\"",
            "-d",
            &body,
        ];
        self.call("/services/Soap/u/64.0", &options)
    }

    /// Bulk API 1.0: a job that is not there.
    fn bulk(&self, token: &str) -> Reply {
        let session = format!("X-SFDC-Session: {token}");
        self.call(
            "/services/async/64.0/job/750000000000001",
            &["-H", &session],
        )
    }

    /// Bulk API 2.0: the list of jobs.
    fn rest(&self, token: &str) -> Reply {
        let session = format!("Authorization: Bearer {token}");
        self.call("/services/data/v64.0/jobs/query", &["-H", &session])
    }
}

#[test]
fn a_token_is_a_session_for_every_api() {
    let org = org();
    let caller = Caller::new(&org);
    let with_jwt = ask_with_jwt(&org, &jwt(&org, &claims(&org))).token();
    let with_secret = ask_with_secret(&org).token();
    for token in [with_jwt, with_secret] {
        let soap = caller.soap(&token);
        assert_eq!(soap.status, 200, "{soap:?}");
        assert!(soap.body.contains("integration@acme.test"));
        assert!(!caller.bulk(&token).body.contains("InvalidSessionId"));
        assert_eq!(caller.rest(&token).status, 200);
    }
    org.journal().check().expect("all rules were kept");
}

#[test]
fn a_token_in_the_form_of_a_jwt_is_good_for_rest_alone() {
    let org = org();
    org.switch(|switches| switches.oauth.jwt_tokens = true);
    let caller = Caller::new(&org);
    let token = ask_with_secret(&org).token();
    let parts: Vec<&str> = token.split('.').collect();
    assert!(token.starts_with("eyJ") && parts.len() == 3, "{token}");
    // Without padding, the openssl program reads whole groups of four only.
    let decoded = |part: &str| {
        let text = part.replace('-', "+").replace('_', "/");
        let padding = "=".repeat((4 - text.len() % 4) % 4);
        let mut openssl = Command::new("openssl");
        let bytes = piped(
            openssl.args(["base64", "-d", "-A"]),
            format!("{text}{padding}").as_bytes(),
        );
        serde_json::from_slice::<Value>(&bytes).expect("JSON")
    };
    assert_eq!(decoded(parts[0])["tty"], "sfdc.core-token");
    assert_eq!(decoded(parts[1])["client_id"], org.client_id());

    let soap = caller.soap(&token);
    assert_eq!(soap.status, 500);
    assert!(soap.body.contains("INVALID_SESSION_ID"), "{soap:?}");
    let bulk = caller.bulk(&token);
    assert_eq!(bulk.status, 400);
    assert!(bulk.body.contains("InvalidSessionId"), "{bulk:?}");
    // No refusal has ended it.
    assert_eq!(caller.rest(&token).status, 200);
    org.journal().check().expect("all rules were kept");
}

#[test]
fn a_token_ends_after_calls() {
    let org = org();
    let caller = Caller::new(&org);
    org.switch(|switches| switches.session_calls = Some(2));
    let token = ask_with_secret(&org).token();
    let statuses = [(); 4].map(|()| caller.rest(&token).status);
    assert_eq!(statuses, [200, 200, 401, 401]);
    assert_eq!(caller.rest(&ask_with_secret(&org).token()).status, 200);
}

#[test]
fn a_session_ends_after_seconds_by_the_orgs_clock() {
    let org = org();
    let caller = Caller::new(&org);
    org.switch(|switches| switches.session_seconds = Some(7200));
    let old = [ask_with_secret(&org).token(), org.session(0, "localhost")];
    for token in &old {
        assert_eq!(caller.rest(token).status, 200);
        assert_eq!(caller.soap(token).status, 200);
    }
    org.switch(|switches| switches.clock_ahead = 7300);
    let new = ask_with_secret(&org).token();
    for token in &old {
        assert_eq!(caller.rest(token).status, 401);
        assert_eq!(caller.soap(token).status, 500);
    }
    assert_eq!(caller.rest(&new).status, 200);
}

#[test]
fn a_token_belongs_to_the_host_that_was_named() {
    let org = org();
    org.switch(|switches| switches.server_host = Some("acme.my.salesforce.test".to_owned()));
    let reply = ask_with_secret(&org);
    let body = reply.json();
    assert_eq!(body["instance_url"], "https://acme.my.salesforce.test");
    Caller::new(&org).rest(&reply.token());
    let seen = org.journal().entries.last().map(|entry| entry.session);
    assert_eq!(seen, Some(SessionSeen::KnownElsewhere));
}
