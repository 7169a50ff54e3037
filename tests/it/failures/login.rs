//! Logins that are refused. None of them is ever tried again: see `retries`.

use sfmtls::local_org::{Call, LoginRule, Mishap};

use super::servers;
use super::table::{Case, case, hold};
use super::world::World;

const LOGIN: [&str; 1] = ["login"];

fn rule(rule: LoginRule) -> impl Fn(&mut World) {
    move |world| world.switch(|switches| switches.login = rule)
}

fn fault(code: &'static str, message: &'static str) -> impl Fn(&mut World) {
    move |world| world.always(Call::Login, Mishap::Fault(code, message))
}

pub(super) fn refusals() -> Vec<Case> {
    vec![
        case(
            "a wrong password",
            |world| {
                world.lab().set("SFMTLS_PASSWORD", "hunter2");
                world.secret("hunter2");
            },
            LOGIN,
            3,
            "INVALID_LOGIN",
            "\
error: INVALID_LOGIN: Invalid username, password, security token; or user locked out.
  cause: POST https://localhost:[LOGIN]/services/Soap/u/64.0 answered with a fault
  hint: check user, password and security token; several wrong tries lock the user out. A sandbox needs --sandbox or its My Domain",
        ),
        case(
            "no security token",
            |world| world.lab().unset("SFMTLS_SECURITY_TOKEN"),
            LOGIN,
            3,
            "LOGIN_MUST_USE_SECURITY_TOKEN",
            "\
error: LOGIN_MUST_USE_SECURITY_TOKEN: Invalid username, password, security token; or user locked out. Are you at a new location? When accessing Salesforce from outside of your company's trusted networks, you must add a security token to your password to log in.
  cause: POST https://localhost:[LOGIN]/services/Soap/u/64.0 answered with a fault
  hint: give the user's current security token (--security-token-file FILE, SFMTLS_SECURITY_TOKEN, or typed behind the password at the prompt), or have this address added to the org's trusted ranges",
        ),
        case(
            "another security token is wanted",
            rule(LoginRule::TokenNeeded),
            LOGIN,
            3,
            "LOGIN_MUST_USE_SECURITY_TOKEN",
            "\
error: LOGIN_MUST_USE_SECURITY_TOKEN: Invalid username, password, security token; or user locked out. Are you at a new location? When accessing Salesforce from outside of your company's trusted networks, you must add a security token to your password to log in.
  cause: POST https://localhost:[LOGIN]/services/Soap/u/64.0 answered with a fault
  hint: give the user's current security token (--security-token-file FILE, SFMTLS_SECURITY_TOKEN, or typed behind the password at the prompt), or have this address added to the org's trusted ranges",
        ),
        case(
            "SOAP login is disabled in the org",
            rule(LoginRule::Disabled),
            LOGIN,
            3,
            "INVALID_OPERATION",
            "\
error: INVALID_OPERATION: SOAP API login() is disabled by default in this org. Contact the org administrator to enable SOAP API login().
  cause: POST https://localhost:[LOGIN]/services/Soap/u/64.0 answered with a fault
  hint: an administrator switches it on under Setup > User Interface > Enable SOAP API login()",
        ),
        case(
            "the permission is missing",
            rule(LoginRule::PermissionMissing),
            LOGIN,
            3,
            "INSUFFICIENT_ACCESS",
            "\
error: INSUFFICIENT_ACCESS: SOAP API login() requires the Use Any API Auth user permission.
  cause: POST https://localhost:[LOGIN]/services/Soap/u/64.0 answered with a fault
  hint: the user needs the permission Use Any API Auth (permission set or profile)",
        ),
        case(
            "the user is locked out",
            rule(LoginRule::LockedOut),
            LOGIN,
            3,
            "PASSWORD_LOCKOUT",
            "\
error: PASSWORD_LOCKOUT: password lockout
  cause: POST https://localhost:[LOGIN]/services/Soap/u/64.0 answered with a fault
  hint: wait until the lock-out has passed, or have an administrator unlock the user",
        ),
        case(
            "the password has expired",
            rule(LoginRule::PasswordExpired),
            LOGIN,
            3,
            "password-expired",
            "\
error: the password of integration@acme.test has expired
  hint: set a new password in the browser, then log in again",
        ),
        case(
            "the password has expired, as a fault",
            fault(
                "INVALID_OPERATION_WITH_EXPIRED_PASSWORD",
                "The users password has expired",
            ),
            LOGIN,
            3,
            "INVALID_OPERATION_WITH_EXPIRED_PASSWORD",
            "\
error: INVALID_OPERATION_WITH_EXPIRED_PASSWORD: The users password has expired
  cause: POST https://localhost:[LOGIN]/services/Soap/u/64.0 answered with a fault
  hint: set a new password in the browser, then log in again",
        ),
        case(
            "not from this address",
            rule(LoginRule::AddressRestricted),
            LOGIN,
            3,
            "LOGIN_DURING_RESTRICTED_DOMAIN",
            "\
error: LOGIN_DURING_RESTRICTED_DOMAIN: cannot login from current domain
  cause: POST https://localhost:[LOGIN]/services/Soap/u/64.0 answered with a fault
  hint: the user may log in from certain addresses only (login IP ranges of the profile): ask the administrator",
        ),
        case(
            "not at this hour",
            rule(LoginRule::HoursRestricted),
            LOGIN,
            3,
            "LOGIN_DURING_RESTRICTED_TIME",
            "\
error: LOGIN_DURING_RESTRICTED_TIME: cannot login during current time period
  cause: POST https://localhost:[LOGIN]/services/Soap/u/64.0 answered with a fault
  hint: the user may log in at certain hours only (login hours of the profile): ask the administrator",
        ),
        case(
            "too many logins in an hour",
            rule(LoginRule::RateExceeded),
            LOGIN,
            3,
            "REQUEST_LIMIT_EXCEEDED",
            "\
error: REQUEST_LIMIT_EXCEEDED: Login Rate Exceeded
  cause: POST https://localhost:[LOGIN]/services/Soap/u/64.0 answered with a fault
  hint: more than 3600 logins in an hour: wait an hour; the cached session saves logins",
        ),
        case(
            "the version is said to be too high after all",
            fault(
                "INVALID_OPERATION",
                "The SOAP Login operation is not available in the API version specified (64.0). Refer to the documentation for supported versions.",
            ),
            LOGIN,
            3,
            "INVALID_OPERATION",
            "\
error: INVALID_OPERATION: The SOAP Login operation is not available in the API version specified (64.0). Refer to the documentation for supported versions.
  cause: POST https://localhost:[LOGIN]/services/Soap/u/64.0 answered with a fault
  hint: 64.0, the last version that has SOAP login(), is the highest that was asked for: Salesforce may have retired it",
        ),
        case(
            "the instance is another one",
            fault("ORG_NOT_OWNED_BY_INSTANCE", "org not owned"),
            LOGIN,
            3,
            "ORG_NOT_OWNED_BY_INSTANCE",
            "\
error: ORG_NOT_OWNED_BY_INSTANCE: org not owned
  cause: POST https://localhost:[LOGIN]/services/Soap/u/64.0 answered with a fault
  hint: log in through the org's My Domain: --login-url https://NAME.my.salesforce.com",
        ),
        case(
            "single sign-on is down",
            fault("SSO_SERVICE_DOWN", "the delegated authentication is down"),
            LOGIN,
            3,
            "SSO_SERVICE_DOWN",
            "\
error: SSO_SERVICE_DOWN: the delegated authentication is down
  cause: POST https://localhost:[LOGIN]/services/Soap/u/64.0 answered with a fault
  hint: the company's own sign-on service did not answer: ask who runs it, or try again later",
        ),
        case(
            "a code that nobody knows",
            fault("LOGIN_ON_A_FRIDAY", "come back on Monday"),
            LOGIN,
            3,
            "LOGIN_ON_A_FRIDAY",
            "\
error: LOGIN_ON_A_FRIDAY: come back on Monday
  cause: POST https://localhost:[LOGIN]/services/Soap/u/64.0 answered with a fault",
        ),
        case(
            "the user must come with the certificate",
            fault(
                "MUTUAL_AUTHENTICATION_FAILED",
                "This session could not be mutually authenticated for use with the API",
            ),
            LOGIN,
            8,
            "MUTUAL_AUTHENTICATION_FAILED",
            "\
error: MUTUAL_AUTHENTICATION_FAILED: This session could not be mutually authenticated for use with the API
  cause: POST https://localhost:[LOGIN]/services/Soap/u/64.0 answered with a fault
  hint: this user must log in with the certificate too: put the mutual-TLS port into --login-url (https://NAME.my.salesforce.com:8443)",
        ),
    ]
}

pub(super) fn ways() -> Vec<Case> {
    const AT_SALESFORCE: [&str; 5] = [
        "login",
        "--login-url",
        "https://login.salesforce.com:8443",
        "--connect-to",
        "::127.0.0.1:[SERVER]",
    ];
    const AT_SALESFORCE_SOON: [&str; 7] = [
        "login",
        "--login-url",
        "https://login.salesforce.com:8443",
        "--connect-to",
        "::127.0.0.1:[SERVER]",
        "--connect-timeout",
        "1",
    ];
    vec![
        case(
            "login.salesforce.com:8443, where nothing listens",
            |world| {
                world.lab().unset("SFMTLS_MTLS_PORT");
                let (port, server) = servers::refusing();
                world.server(port, server);
            },
            AT_SALESFORCE,
            6,
            "sf-login-host",
            "\
error: 127.0.0.1:[SERVER] refused the connection
  cause: POST https://login.salesforce.com:8443/services/Soap/u/64.0
  hint: Salesforce's login server has no mutual TLS: leave the port out of --login-url, or name the org's My Domain there (https://NAME.my.salesforce.com:8443)",
        ),
        case(
            "login.salesforce.com:8443, where nobody answers",
            |world| {
                world.lab().unset("SFMTLS_MTLS_PORT");
                let (port, server) = servers::silent();
                world.server(port, server);
            },
            AT_SALESFORCE_SOON,
            6,
            "sf-login-host",
            "\
error: 127.0.0.1:[SERVER] accepted the connection, but no handshake was done within 1 s
  cause: POST https://login.salesforce.com:8443/services/Soap/u/64.0
  hint: Salesforce's login server has no mutual TLS: leave the port out of --login-url, or name the org's My Domain there (https://NAME.my.salesforce.com:8443)",
        ),
        case(
            "on the mutual-TLS port, with a certificate of another org",
            |world| {
                let file = world.org().files().other_org.clone();
                world.identity(file);
            },
            ["login", "--login-url", "https://localhost:[PORT]"],
            8,
            "MUTUAL_AUTHENTICATION_FAILED",
            "\
error: MUTUAL_AUTHENTICATION_FAILED: This session could not be mutually authenticated for use with the API
  cause: POST https://localhost:[PORT]/services/Soap/u/64.0 answered with a fault
  hint: the certificate passed, but this org does not know it: have its leaf uploaded there, in Setup > Certificate and Key Management > Mutual Authentication Certificates (if it is there, the user's password may have expired):
        openssl x509 -in [ORG]/other-org.pem -out upload.pem",
        ),
        case(
            "a page for maintenance",
            |world| {
                let page = Mishap::Page {
                    status: 503,
                    content_type: "text/html",
                    retry_after: None,
                };
                world.always(Call::Login, page);
            },
            LOGIN,
            6,
            "service-unavailable",
            "\
error: Salesforce, or something in front of it, is not available
  cause: POST https://localhost:[LOGIN]/services/Soap/u/64.0 answered with HTTP 503 and a web page: We are down for maintenance.
  hint: try again later; https://status.salesforce.com tells of known trouble",
        ),
        case(
            "a redirect",
            |world| {
                world.always(
                    Call::Login,
                    Mishap::Redirect(
                        "https://other.my.salesforce.test/services/Soap/u/64.0".to_owned(),
                    ),
                )
            },
            LOGIN,
            6,
            "sf-redirect",
            "\
error: the answer points to other.my.salesforce.test and holds no result
  cause: POST https://localhost:[LOGIN]/services/Soap/u/64.0 answered with HTTP 302
  cause: a redirect is never followed: it would lead away from the mutual-TLS port
  hint: log in through the org's My Domain:
        sfmtls login --login-url https://NAME.my.salesforce.com",
        ),
    ]
}

#[test]
fn refusals_of_the_login() {
    hold(refusals());
}

#[test]
fn logins_that_go_astray() {
    hold(ways());
}

/// Version 65 has no login() any more, so 64 is asked for whatever `--api-version` says.
#[test]
fn a_login_at_version_65_works_because_it_is_made_at_64() {
    let world = World::new("login");
    let run = world.run(["login", "--api-version", "65"]).exits(0);
    assert!(
        run.stdout.contains("/services/Soap/u/65.0/"),
        "{}",
        run.stdout
    );
    let journal = world.org().journal();
    assert_eq!(journal.entries[0].path, "/services/Soap/u/64.0");
}
