use super::*;

fn version(text: &str) -> ApiVersion {
    text.parse().unwrap()
}

fn base(server_url: &str) -> ApiBase {
    ApiBase::new(
        &ServerUrl::parse(server_url).unwrap(),
        8443,
        ApiVersion::DEFAULT,
    )
}

fn acme() -> ApiBase {
    base("https://acme.my.salesforce.test/services/Soap/u/64.0/00D000000000001")
}

#[test]
fn three_spellings_of_a_version_are_the_same() {
    for text in ["64.0", "64", "v64.0", "v64", "V64.0"] {
        assert_eq!(version(text), ApiVersion::DEFAULT, "{text}");
    }
    assert_eq!(version("8").to_string(), "8.0");
}

#[test]
fn what_is_no_version_is_refused() {
    for text in [
        "",
        "v",
        "0",
        "064.0",
        "64.1",
        "64.",
        "64.00",
        "-64",
        "+64",
        "6 4",
        "64.0.0",
        "1000",
        "latest",
        "vv64",
        "６４",
        "99999999999",
    ] {
        let refused = text.parse::<ApiVersion>();
        assert_eq!(refused, Err(EndpointError::Version(text.to_owned())));
    }
}

#[test]
fn a_login_is_made_at_64_at_most() {
    assert_eq!(version("66.0").for_login(), version("64.0"));
    assert_eq!(version("52.0").for_login(), version("52.0"));
    let login = LoginEndpoint::parse("https://acme.test", 443, 8443).unwrap();
    let target = login.soap(version("66.0"));
    assert_eq!(
        target.url().to_string(),
        "https://acme.test/services/Soap/u/64.0"
    );
}

#[test]
fn a_login_url_gives_host_port_version_and_agent() {
    let cases = [
        (LOGIN_URL, "https://login.salesforce.com", None, Role::Login),
        ("acme.test", "https://acme.test", None, Role::Login),
        ("ACME.test/", "https://acme.test", None, Role::Login),
        ("acme.test:8443", "https://acme.test:8443", None, Role::Api),
        (
            "https://acme.test:443/",
            "https://acme.test",
            None,
            Role::Login,
        ),
        (
            "https://acme.test:8443",
            "https://acme.test:8443",
            None,
            Role::Api,
        ),
        (
            "https://acme.test/services/Soap/u/59.0",
            "https://acme.test",
            Some("59.0"),
            Role::Login,
        ),
        (
            "https://acme.test:8444/services/Soap/u/66.0/00D000000000001",
            "https://acme.test:8444",
            Some("66.0"),
            Role::Login,
        ),
        (
            "https://[::1]:7443",
            "https://[::1]:7443",
            None,
            Role::Login,
        ),
    ];
    for (text, url, named, role) in cases {
        let endpoint = LoginEndpoint::parse(text, 443, 8443).unwrap();
        assert_eq!(endpoint.url(), url, "{text}");
        assert_eq!(endpoint.version(), named.map(version), "{text}");
        assert_eq!(endpoint.role(), role, "{text}");
        assert_eq!(endpoint.soap(ApiVersion::DEFAULT).role(), role, "{text}");
    }
}

#[test]
fn the_login_port_counts_where_the_url_names_none() {
    let endpoint = LoginEndpoint::parse("https://acme.test", 7443, 8443).unwrap();
    assert_eq!(endpoint.url(), "https://acme.test:7443");
    assert_eq!(endpoint.role(), Role::Login);
    let endpoint = LoginEndpoint::parse("https://acme.test:443", 7443, 8443).unwrap();
    assert_eq!(endpoint.url(), "https://acme.test");
}

#[test]
fn a_login_url_of_another_kind_is_refused() {
    let cases = [
        ("http://acme.test", "NotHttps"),
        ("ftp://acme.test", "NotHttps"),
        ("https://acme.test/lightning/page/home", "NotALoginUrl"),
        ("https://acme.test/services/Soap/c/64.0", "NotALoginUrl"),
        ("https://acme.test/services/Soap/u/", "NotALoginUrl"),
        ("https://acme.test/?un=x", "NotALoginUrl"),
        ("https://acme.test/#x", "NotAUrl"),
        ("", "Empty"),
        (" ", "Empty"),
        ("https://", "NotAUrl"),
        ("https:///path", "NotAUrl"),
        ("https://acme .test", "NotAUrl"),
        ("https://acme.test\n", "NotAUrl"),
        ("https://acme..test", "NotAUrl"),
        ("https://acme.test:0", "NotAUrl"),
        ("https://acme.test:", "NotAUrl"),
        ("https://acme.test:+1", "NotAUrl"),
        ("https://acme.test:65536", "NotAUrl"),
        ("https://acme.test:1:2", "NotAUrl"),
        ("https://äcme.test", "NotAUrl"),
        ("https://%61cme.test", "NotAUrl"),
        ("https://[::1", "NotAUrl"),
        ("https://[acme]", "NotAUrl"),
    ];
    for (text, expected) in cases {
        let error = LoginEndpoint::parse(text, 443, 8443).unwrap_err();
        let error = format!("{error:?}");
        assert!(error.starts_with(expected), "{text}: {error}");
    }
}

#[test]
fn a_password_in_a_url_is_refused_and_not_repeated() {
    for text in [
        "https://me:hunter2@acme.test",
        "https://me@acme.test",
        "https://me:hun ter2@acme.test",
        "http://me:hunter2@acme.test",
        "me:hunter2@acme.test",
        "https://me:hunter2@acme.test/home",
    ] {
        let error = LoginEndpoint::parse(text, 443, 8443).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("ter2"), "{error:?}");
    }
}

#[test]
fn a_user_in_a_url_is_told_from_other_mistakes() {
    let refused = Err(EndpointError::UserInfo {
        host: "evil.test".to_owned(),
    });
    let url = "https://acme.my.salesforce.test@evil.test/x";
    assert_eq!(acme().adopt(url), refused);
    assert_eq!(ServerUrl::parse(url).map(|_| ()), refused.map(|_| ()));
}

#[test]
fn a_server_url_keeps_its_text_and_loses_its_port_only_in_calls() {
    let url = "https://Acme.test:443/services/Soap/u/64.0/00D000000000001";
    let server = ServerUrl::parse(url).unwrap();
    assert_eq!(server.as_str(), url);
    assert_eq!(server.host(), "acme.test");
    let called = base(url).soap().url().authority().unwrap().to_string();
    assert_eq!(called, "acme.test:8443");
}

#[test]
fn a_server_url_must_be_https_and_have_a_host() {
    for text in [
        "",
        "http://acme.test/services/Soap/u/64.0",
        "/services/Soap/u/64.0",
        "https:///services/Soap/u/64.0",
        "https://me@acme.test/services/Soap/u/64.0",
    ] {
        assert!(ServerUrl::parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_server_url_is_a_soap_endpoint_or_a_host_alone() {
    for path in [
        "",
        "/",
        "/services/Soap/u/64.0",
        "/services/Soap/u/64.0/00D000000000001",
    ] {
        let url = format!("https://acme.test{path}");
        assert!(ServerUrl::parse(&url).is_ok(), "{url}");
    }
    for path in [
        "/../../x?y=1",
        "?y=1",
        "/services/Soap/u/64.0/00D?y=1",
        "/services/Soap/u/",
        "/services/data/v64.0",
    ] {
        let url = format!("https://acme.test{path}");
        let refused = Err(EndpointError::NotSoap(url.clone()));
        assert_eq!(ServerUrl::parse(&url), refused);
    }
}

#[test]
fn each_api_has_its_path_on_the_mutual_port() {
    let base = acme();
    assert_eq!(
        base.soap().url().to_string(),
        "https://acme.my.salesforce.test:8443/services/Soap/u/64.0/00D000000000001"
    );
    assert_eq!(
        base.bulk("job/750").unwrap().url().to_string(),
        "https://acme.my.salesforce.test:8443/services/async/64.0/job/750"
    );
    assert_eq!(
        base.rest("jobs/query?x=1").unwrap().url().to_string(),
        "https://acme.my.salesforce.test:8443/services/data/v64.0/jobs/query?x=1"
    );
    assert!(base.bulk("job/a b").is_err());
    assert_eq!(base.soap().role(), Role::Api);
}

#[test]
fn an_instance_url_without_a_path_serves_as_well() {
    assert_eq!(
        base("https://acme.test").soap().url().to_string(),
        "https://acme.test:8443/services/Soap/u/64.0"
    );
}

#[test]
fn an_adopted_url_keeps_its_path_and_gets_the_mutual_port() {
    let base = acme();
    for text in [
        "/services/data/v64.0/query/01g-500?a=b",
        "https://acme.my.salesforce.test/services/data/v64.0/query/01g-500?a=b",
        "HTTPS://ACME.my.Salesforce.TEST:443/services/data/v64.0/query/01g-500?a=b",
    ] {
        let target = base.adopt(text).unwrap();
        assert_eq!(
            target.url().to_string(),
            "https://acme.my.salesforce.test:8443/services/data/v64.0/query/01g-500?a=b"
        );
        assert_eq!(target.role(), Role::Api);
    }
}

#[test]
fn an_adopted_url_of_another_host_is_refused_with_both_names() {
    for (text, found) in [
        (
            "https://acme.my.salesforce.test.evil.test/x",
            "acme.my.salesforce.test.evil.test",
        ),
        ("//evil.test/x", ""),
        ("https://evil.test/acme.my.salesforce.test", "evil.test"),
        ("https://evil.test?acme.my.salesforce.test", "evil.test"),
        ("https://my.salesforce.test/x", "my.salesforce.test"),
        (
            "https://xacme.my.salesforce.test/x",
            "xacme.my.salesforce.test",
        ),
    ] {
        let error = acme().adopt(text).unwrap_err();
        if found.is_empty() {
            assert_eq!(error, EndpointError::NotAUrl(text.to_owned()));
        } else {
            let expected = "acme.my.salesforce.test".to_owned();
            let found = found.to_owned();
            assert_eq!(error, EndpointError::ForeignHost { found, expected });
        }
    }
}

#[test]
fn tricks_with_urls_are_refused() {
    for text in [
        "http://acme.my.salesforce.test/x",
        "https://acme.my.salesforce.test@evil.test/x",
        "https://evil.test@acme.my.salesforce.test/x",
        "https://acme.my.salesforce.test:x@evil.test/",
        "https://acme.my.salesforce.test\\@evil.test/",
        "https://evil.test\\.acme.my.salesforce.test/",
        "/\\evil.test/x",
        "\\\\evil.test\\x",
        "https:\\\\evil.test",
        "https:/evil.test",
        "https://acme.my.salesforce.test#@evil.test/",
        "https://acme.my.salesforce.test./x",
        "https://acme.my.salesforce.test%2eevil.test/x",
        "https://acme.my.salesforce.test\t/x",
        "https://acme.my.salesforce.test:99999/x",
        "services/data/v64.0",
        "javascript:alert(1)",
        "",
        "/a b",
        "/a\r\nHost: evil.test",
    ] {
        assert!(acme().adopt(text).is_err(), "{text:?}");
    }
}
