use std::time::{Duration, UNIX_EPOCH};

use super::*;
use crate::salesforce::fault::Fault;
use crate::text::secret::Part;

const ANSWER: &[u8] = include_bytes!("../../../../fixtures/soap/login.xml");

fn endpoint() -> LoginEndpoint {
    LoginEndpoint::parse("https://login.test", 443, 8443).unwrap()
}

fn credentials(password: &str, token: Option<&str>) -> Credentials {
    Credentials {
        username: "me&you@acme.test".to_owned(),
        password: Secret::new(password),
        security_token: token.map(Secret::new),
    }
}

/// The answer with some of its text replaced.
fn answer_with(from: &str, to: &str) -> Vec<u8> {
    let answer = std::str::from_utf8(ANSWER).unwrap();
    assert!(answer.contains(from), "{from}");
    answer.replace(from, to).into_bytes()
}

fn login_from(answer: &[u8]) -> Result<Session, LoginError> {
    let version = "66.0".parse().unwrap();
    let now = UNIX_EPOCH + Duration::from_secs(1_795_000_000);
    parse(answer)
        .unwrap()
        .into_session(&endpoint(), version, &credentials("x", None), now)
}

fn fault(code: &str, message: &str) -> Fault {
    Fault {
        code: code.to_owned(),
        message: message.to_owned(),
        row: None,
        column: None,
    }
}

#[test]
fn the_token_follows_the_password_and_both_are_escaped_secrets() {
    let credentials = credentials("p<&>\"'w", Some("T<K"));
    let request = request(&endpoint(), ApiVersion::DEFAULT, &credentials).unwrap();
    assert_eq!(request.target.role(), crate::net::Role::Login);
    let body = request.body.unwrap();
    assert!(body.expose().contains(
        "<login><username>me&amp;you@acme.test</username>\
         <password>p&lt;&amp;&gt;&quot;&apos;wT&lt;K</password></login>"
    ));
    assert!(
        body.redacted()
            .contains("<password>[redacted][redacted]</password>")
    );
    let variables: Vec<_> = body
        .parts()
        .iter()
        .filter_map(|part| match part {
            Part::Secret { variable, .. } => Some(*variable),
            Part::Plain(_) => None,
        })
        .collect();
    assert_eq!(variables, ["SFMTLS_PASSWORD", "SFMTLS_SECURITY_TOKEN"]);
}

#[test]
fn a_request_that_cannot_be_sent_is_refused_without_showing_the_secret() {
    for (password, token, what) in [
        ("hunter2\u{1}", None, "password"),
        ("hunter2\u{0}", None, "password"),
        ("x", Some("hunter2\u{ffff}"), "security token"),
    ] {
        let error = request(
            &endpoint(),
            ApiVersion::DEFAULT,
            &credentials(password, token),
        );
        let error = error.unwrap_err();
        assert_eq!(error, LoginError::ControlCharacter(what));
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
    for password in ["tab\tline\n", "π😀\u{fffd}"] {
        let credentials = credentials(password, None);
        assert!(request(&endpoint(), ApiVersion::DEFAULT, &credentials).is_ok());
    }
}

#[test]
fn a_body_of_10_kb_is_sent_and_a_longer_one_is_an_error() {
    let length = |password: &str| {
        let request = request(
            &endpoint(),
            ApiVersion::DEFAULT,
            &credentials(password, None),
        );
        request.map(|request| request.body.unwrap().expose().len())
    };
    let room = 10 * 1024 - length("").unwrap();
    assert_eq!(length(&"x".repeat(room)), Ok(10 * 1024));
    let error = length(&"x".repeat(room + 1));
    assert_eq!(error, Err(LoginError::TooLong { length: 10_241 }));
}

#[test]
fn a_login_gives_a_session_that_names_its_user() {
    let session = login_from(ANSWER).unwrap();
    assert_eq!(
        session.id.expose(),
        "00D000000000001!AQEAQ.fixture_session_id"
    );
    assert_eq!(
        session.server_url.as_str(),
        "https://acme.my.salesforce.test/services/Soap/u/64.0/00D000000000001"
    );
    assert_eq!(session.username.as_deref(), Some("integration@acme.test"));
    assert_eq!(session.user_id.as_deref(), Some("005000000000001AAA"));
    assert_eq!(
        session.organization_id.as_deref(),
        Some("00D000000000001EAA")
    );
    assert_eq!(session.api_version, "66.0".parse().unwrap());
    assert_eq!(session.idle, Some(Duration::from_secs(7200)));
    let login_url = "https://login.test".to_owned();
    assert_eq!(session.origin, Origin::SoapLogin { login_url });
}

#[test]
fn a_login_without_user_info_is_a_login_all_the_same() {
    let answer = std::str::from_utf8(ANSWER).unwrap();
    let start = answer.find("<userInfo>").unwrap();
    let end = answer.find("</userInfo>").unwrap() + "</userInfo>".len();
    let session = login_from(answer.replace(&answer[start..end], "").as_bytes()).unwrap();
    assert_eq!(session.username.as_deref(), Some("me&you@acme.test"));
    assert_eq!(session.user_id.as_deref(), Some("005000000000001AAA"));
    assert_eq!((session.organization_id, session.idle), (None, None));
}

#[test]
fn an_expired_password_is_no_login_although_a_session_came() {
    let answer = answer_with("<passwordExpired>false", "<passwordExpired>true");
    let username = "integration@acme.test".to_owned();
    let expired = LoginError::PasswordExpired { username };
    assert_eq!(login_from(&answer), Err(expired));
}

#[test]
fn a_login_without_what_calls_need_is_an_error() {
    let id = "<sessionId>00D000000000001!AQEAQ.fixture_session_id</sessionId>";
    for nothing in ["", "<sessionId/>", "<sessionId xsi:nil='true'/>"] {
        let error = login_from(&answer_with(id, nothing)).unwrap_err();
        assert_eq!(error, LoginError::Missing("sessionId"));
    }
    let url = "<serverUrl>https://acme.my.salesforce.test/services/Soap/u/64.0/00D000000000001\
               </serverUrl>";
    let error = login_from(&answer_with(url, "")).unwrap_err();
    assert_eq!(error, LoginError::Missing("serverUrl"));
    let plain = url.replace("https", "http");
    let error = login_from(&answer_with(url, &plain)).unwrap_err();
    assert!(matches!(error, LoginError::ServerUrl(_)), "{error:?}");
}

#[test]
fn an_answer_cut_anywhere_is_an_error() {
    for end in 0..ANSWER.trim_ascii_end().len() {
        assert!(parse(&ANSWER[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn debug_output_of_a_login_does_not_hold_the_session_id() {
    let text = format!("{:?} {:?}", parse(ANSWER), login_from(ANSWER));
    assert!(!text.contains("AQEAQ"), "{text}");
}

#[test]
fn each_refusal_of_login_is_told_from_the_others() {
    let cases = [
        (
            "INVALID_OPERATION",
            "The SOAP Login operation is not available in the API version specified (65.0). \
             Refer to the documentation for supported versions.",
            LoginRefusal::VersionTooHigh,
        ),
        (
            "INVALID_OPERATION",
            "SOAP API login() is disabled by default in this org. Contact the org administrator \
             to enable SOAP API login().",
            LoginRefusal::DisabledInOrg,
        ),
        (
            "INSUFFICIENT_ACCESS",
            "SOAP API login() requires the Use Any API Auth user permission.",
            LoginRefusal::PermissionMissing,
        ),
        (
            "INVALID_LOGIN",
            "Invalid username, password, security token; or user locked out.",
            LoginRefusal::Credentials,
        ),
        (
            "INVALID_LOGIN",
            "Login Rate Exceeded",
            LoginRefusal::RateExceeded,
        ),
        (
            "LOGIN_MUST_USE_SECURITY_TOKEN",
            "",
            LoginRefusal::TokenNeeded,
        ),
        ("PASSWORD_LOCKOUT", "", LoginRefusal::LockedOut),
        ("LOGIN_DURING_RESTRICTED_DOMAIN", "", LoginRefusal::Address),
        ("LOGIN_DURING_RESTRICTED_TIME", "", LoginRefusal::Time),
        (
            "INVALID_OPERATION_WITH_EXPIRED_PASSWORD",
            "",
            LoginRefusal::PasswordExpired,
        ),
        (
            "MUTUAL_AUTHENTICATION_FAILED",
            "This session could not be mutually authenticated for use with the API",
            LoginRefusal::MutualAuthentication,
        ),
        ("INVALID_OPERATION", "something else", LoginRefusal::Other),
        ("INSUFFICIENT_ACCESS", "something else", LoginRefusal::Other),
        ("API_DISABLED_FOR_ORG", "", LoginRefusal::Other),
    ];
    for (code, message, expected) in cases {
        assert_eq!(login_refusal(&fault(code, message)), expected, "{code}");
    }
}
