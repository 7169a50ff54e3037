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

fn refusals() -> Vec<Case> {
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
            "@1",
        ),
        case(
            "no security token",
            |world| world.lab().unset("SFMTLS_SECURITY_TOKEN"),
            LOGIN,
            3,
            "LOGIN_MUST_USE_SECURITY_TOKEN",
            "@2",
        ),
        case(
            "another security token is wanted",
            rule(LoginRule::TokenNeeded),
            LOGIN,
            3,
            "LOGIN_MUST_USE_SECURITY_TOKEN",
            "@3",
        ),
        case(
            "SOAP login is disabled in the org",
            rule(LoginRule::Disabled),
            LOGIN,
            3,
            "INVALID_OPERATION",
            "@4",
        ),
        case(
            "the permission is missing",
            rule(LoginRule::PermissionMissing),
            LOGIN,
            3,
            "INSUFFICIENT_ACCESS",
            "@5",
        ),
        case(
            "the user is locked out",
            rule(LoginRule::LockedOut),
            LOGIN,
            3,
            "PASSWORD_LOCKOUT",
            "@6",
        ),
        case(
            "the password has expired",
            rule(LoginRule::PasswordExpired),
            LOGIN,
            3,
            "password-expired",
            "@7",
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
            "@8",
        ),
        case(
            "not from this address",
            rule(LoginRule::AddressRestricted),
            LOGIN,
            3,
            "LOGIN_DURING_RESTRICTED_DOMAIN",
            "@9",
        ),
        case(
            "not at this hour",
            rule(LoginRule::HoursRestricted),
            LOGIN,
            3,
            "LOGIN_DURING_RESTRICTED_TIME",
            "@10",
        ),
        case(
            "too many logins in an hour",
            rule(LoginRule::RateExceeded),
            LOGIN,
            3,
            "REQUEST_LIMIT_EXCEEDED",
            "@11",
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
            "@12",
        ),
        case(
            "the instance is another one",
            fault("ORG_NOT_OWNED_BY_INSTANCE", "org not owned"),
            LOGIN,
            3,
            "ORG_NOT_OWNED_BY_INSTANCE",
            "@13",
        ),
        case(
            "single sign-on is down",
            fault("SSO_SERVICE_DOWN", "the delegated authentication is down"),
            LOGIN,
            3,
            "SSO_SERVICE_DOWN",
            "@14",
        ),
        case(
            "a code that nobody knows",
            fault("LOGIN_ON_A_FRIDAY", "come back on Monday"),
            LOGIN,
            3,
            "LOGIN_ON_A_FRIDAY",
            "@15",
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
            "@16",
        ),
    ]
}

fn ways() -> Vec<Case> {
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
            "@17",
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
            "@18",
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
            "@19",
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
            "@20",
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
            "@21",
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
