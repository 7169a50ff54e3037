//! Flag, environment, default: which one wins, and what `-v` says about it.

use std::collections::BTreeMap;
#[cfg(unix)]
use std::{ffi::OsString, os::unix::ffi::OsStringExt};

use clap::{CommandFactory, Parser, ValueEnum};

use super::*;
use crate::cli::{Cli, Command};

fn resolve(line: &str, variables: &[(&str, &str)]) -> Result<Settings, UsageError> {
    let words = ["sfmtls"].into_iter().chain(line.split_whitespace());
    let cli = Cli::try_parse_from(words.chain(["getuserinfo"])).expect("the line parses");
    let environment = [("HOME", "/home/test")]
        .iter()
        .chain(variables)
        .copied()
        .collect();
    Settings::resolve(&cli.global, &environment)
}

/// What `-v` says about this setting.
fn told(settings: &Settings, name: &str) -> Vec<String> {
    let lines = settings.resolved.iter().map(Setting::to_string);
    lines
        .filter(|line| line.starts_with(&format!("{name} = ")))
        .collect()
}

/// What the help says of each option's default.
fn defaults_of_the_help(command: &clap::Command) -> BTreeMap<String, String> {
    let default = |option: &clap::Arg| {
        let help = option.get_long_help().or(option.get_help())?.to_string();
        let words: Vec<_> = help.split_whitespace().collect();
        let help = words.join(" ");
        let (_, rest) = help.split_once("[default: ")?;
        let (default, _) = rest.split_once(']')?;
        Some((option.get_long()?.to_owned(), default.to_owned()))
    };
    command.get_arguments().filter_map(default).collect()
}

fn name_of(value: impl ValueEnum) -> String {
    let value = value.to_possible_value().unwrap();
    value.get_name().to_owned()
}

#[test]
fn the_defaults_in_the_help_are_those_that_count() {
    let settings = resolve("", &[("XDG_CACHE_HOME", "/$XDG_CACHE_HOME")]).unwrap();
    let session = settings.session_file.as_ref().unwrap();
    let session = session.to_str().unwrap().replace("default", "PROFILE");
    let value = |name| {
        let setting = settings.resolved.iter().find(|it| it.name == name).unwrap();
        assert_eq!(setting.source, SettingSource::Default, "{name}");
        setting.value.trim_end_matches(" s").to_owned()
    };
    assert!(matches!(settings.cert_password, SecretFrom::Prompt));
    let mut counts = BTreeMap::from([
        ("api-version", ApiVersion::DEFAULT.to_string()),
        ("cert-pass-file", "a hidden prompt".to_owned()),
        ("color", name_of(settings.color)),
        ("progress", name_of(settings.progress)),
        ("session", session.trim_start_matches('/').to_owned()),
    ]);
    for name in [
        "connect-timeout",
        "idle-timeout",
        "login-port",
        "login-url",
        "mtls-port",
        "profile",
        "retry",
        "tls-min",
    ] {
        counts.insert(name, value(name));
    }
    let named = defaults_of_the_help(&Cli::command());
    let named: BTreeMap<_, _> = named.iter().map(|(n, d)| (n.as_str(), d.clone())).collect();
    assert_eq!(named, counts);
}

#[test]
fn so_are_the_defaults_of_queries() {
    let root = Cli::command();
    let of = |command| defaults_of_the_help(root.find_subcommand(command).unwrap());
    let size = defaults::BATCH_SIZE.to_string();
    assert_eq!(of("query")["batch-size"], size);
    let query = Cli::try_parse_from(["sfmtls", "bulk-query", "x"]).unwrap();
    let Command::BulkQuery(query) = query.command else {
        panic!("{query:?}");
    };
    assert_eq!(of("bulk-query")["parallel"], query.parallel.to_string());
    assert_eq!(of("bulk-query")["bulk-api"], name_of(query.bulk_api));
}

#[test]
fn a_flag_beats_the_environment_which_beats_the_default() {
    for (line, variables, expected) in [
        ("", &[][..], "mtls-port = 8443 (default)"),
        (
            "",
            &[("SFMTLS_MTLS_PORT", "9443")][..],
            "mtls-port = 9443 (SFMTLS_MTLS_PORT)",
        ),
        (
            "--mtls-port 7443",
            &[("SFMTLS_MTLS_PORT", "9443")][..],
            "mtls-port = 7443 (--mtls-port)",
        ),
        ("", &[][..], "login-port = 443 (default)"),
        (
            "",
            &[("SFMTLS_API_VERSION", "v66")][..],
            "api-version = 66.0 (SFMTLS_API_VERSION)",
        ),
        (
            "--api-version 65",
            &[("SFMTLS_API_VERSION", "v66")][..],
            "api-version = 65.0 (--api-version)",
        ),
        (
            "-E a.pem",
            &[("SFMTLS_CERT", "b.pem")][..],
            "cert = a.pem (--cert)",
        ),
        (
            "",
            &[("SFMTLS_CERT", "b.pem")][..],
            "cert = b.pem (SFMTLS_CERT)",
        ),
        (
            "",
            &[("SFMTLS_KEY", "b.key")][..],
            "key = b.key (SFMTLS_KEY)",
        ),
        ("", &[][..], "cacert = the system's (default)"),
        (
            "",
            &[("SSL_CERT_FILE", "ca.pem")][..],
            "cacert = ca.pem (SSL_CERT_FILE)",
        ),
        (
            "",
            &[("SSL_CERT_FILE", "ca.pem"), ("SFMTLS_CACERT", "own.pem")][..],
            "cacert = own.pem (SFMTLS_CACERT)",
        ),
        (
            "",
            &[][..],
            "login-url = https://login.salesforce.com (default)",
        ),
        (
            "--sandbox",
            &[("SFMTLS_LOGIN_URL", "https://acme.my.test")][..],
            "login-url = https://test.salesforce.com (--sandbox)",
        ),
        (
            "",
            &[("SFMTLS_LOGIN_URL", "https://acme.my.test")][..],
            "login-url = https://acme.my.test (SFMTLS_LOGIN_URL)",
        ),
        (
            "",
            &[][..],
            "session = /home/test/.cache/sfmtls/default.json (default)",
        ),
        (
            "--profile x",
            &[("SFMTLS_PROFILE", "y")][..],
            "session = /home/test/.cache/sfmtls/x.json (default)",
        ),
        (
            "--profile x",
            &[("SFMTLS_SESSION", "/tmp/s.json")][..],
            "session = /home/test/.cache/sfmtls/x.json (default)",
        ),
        (
            "",
            &[("SFMTLS_SESSION", "/tmp/s.json"), ("SFMTLS_PROFILE", "y")][..],
            "session = /tmp/s.json (SFMTLS_SESSION)",
        ),
        ("--tls-min 1.3", &[][..], "tls-min = 1.3 (--tls-min)"),
        ("", &[][..], "connect-timeout = 10 s (default)"),
        (
            "--idle-timeout 2.5",
            &[][..],
            "idle-timeout = 2.5 s (--idle-timeout)",
        ),
        ("--retry 0", &[][..], "retry = 0 (--retry)"),
        (
            "--noproxy a.test",
            &[("NO_PROXY", "*")][..],
            "noproxy = a.test (--noproxy)",
        ),
    ] {
        let settings = resolve(line, variables).unwrap();
        let name = expected.split(' ').next().unwrap();
        assert_eq!(told(&settings, name), [expected], "{line} {variables:?}");
    }
}

#[test]
fn a_variable_set_to_nothing_counts_as_unset() {
    let settings = resolve(
        "",
        &[
            ("SFMTLS_CERT", ""),
            ("SFMTLS_MTLS_PORT", ""),
            ("SFMTLS_LOGIN_URL", ""),
            ("SFMTLS_SESSION", ""),
            ("HTTPS_PROXY", ""),
            ("ALL_PROXY", "http://proxy.test:3128"),
        ],
    )
    .unwrap();
    assert_eq!((settings.cert, settings.mtls_port), (None, 8443));
    assert_eq!(settings.login.host(), "login.salesforce.com");
    assert!(settings.session_file.unwrap().ends_with("default.json"));
    assert_eq!(settings.net.proxy.unwrap().port, 3128);
}

#[test]
fn a_version_in_the_login_url_counts_as_the_version_asked_for() {
    let url = "https://acme.my.test/services/Soap/u/60.0";
    for (line, variables, expected) in [
        (format!("--login-url {url}"), &[][..], "60.0"),
        (String::new(), &[("SFMTLS_LOGIN_URL", url)][..], "60.0"),
        // A flag is a flag, whichever it is; and --api-version says it outright.
        (
            format!("--login-url {url}"),
            &[("SFMTLS_API_VERSION", "66.0")][..],
            "60.0",
        ),
        (
            String::new(),
            &[("SFMTLS_LOGIN_URL", url), ("SFMTLS_API_VERSION", "66.0")][..],
            "66.0",
        ),
        (
            format!("--login-url {url} --api-version 61"),
            &[][..],
            "61.0",
        ),
    ] {
        let settings = resolve(&line, variables).unwrap();
        let version = settings.api_version.unwrap().to_string();
        assert_eq!(version, expected, "{line} {variables:?}");
    }
    assert_eq!(resolve("", &[]).unwrap().api_version, None);
}

#[test]
fn a_proxy_is_found_in_curls_order_and_an_empty_flag_means_none() {
    let both = [
        ("HTTPS_PROXY", "http://one.test:1"),
        ("ALL_PROXY", "http://two.test:2"),
    ];
    let host = |line: &str| {
        let settings = resolve(line, &both).unwrap();
        settings.net.proxy.map(|proxy| proxy.host)
    };
    assert_eq!(host("").as_deref(), Some("one.test"));
    assert_eq!(host("-x three.test:3").as_deref(), Some("three.test"));
    assert_eq!(host("--proxy="), None);
    let http_alone = resolve("", &[("HTTP_PROXY", "http://one.test:1")]).unwrap();
    assert_eq!(
        http_alone.net.proxy, None,
        "curl does not take it for https"
    );
}

#[test]
fn nothing_told_about_settings_holds_a_secret() {
    let settings = resolve(
        "",
        &[
            ("SFMTLS_CERT_PASSWORD", "hunter2"),
            ("HTTPS_PROXY", "http://user:hunter2@proxy.test:3128"),
        ],
    )
    .unwrap();
    let lines: Vec<_> = settings.resolved.iter().map(Setting::to_string).collect();
    assert!(
        lines.iter().all(|line| !line.contains("hunter2")),
        "{lines:?}"
    );
    assert_eq!(
        told(&settings, "proxy"),
        ["proxy = http://proxy.test:3128 (HTTPS_PROXY)"]
    );
    assert_eq!(
        told(&settings, "certificate password"),
        ["certificate password = [redacted] (SFMTLS_CERT_PASSWORD)"]
    );
}

#[test]
fn what_cannot_be_meant_is_refused_by_name() {
    for (line, variables, message) in [
        (
            "",
            &[("SFMTLS_MTLS_PORT", "0")][..],
            "SFMTLS_MTLS_PORT is not a port from 1 to 65535",
        ),
        (
            "",
            &[("SFMTLS_LOGIN_PORT", "https")][..],
            "SFMTLS_LOGIN_PORT is not a port from 1 to 65535",
        ),
        (
            "--api-version 64.5",
            &[][..],
            "--api-version: '64.5' is not an API version like 64.0",
        ),
        (
            "",
            &[("SFMTLS_API_VERSION", "x")][..],
            "SFMTLS_API_VERSION: 'x' is not an API version like 64.0",
        ),
        (
            "--login-url http://acme.test",
            &[][..],
            "--login-url: 'http://acme.test' does not start with https://",
        ),
        (
            "--profile a/b",
            &[][..],
            "'a/b' is not a profile name: letters, digits, '.', '_' and '-' make one",
        ),
        (
            "",
            &[("HTTPS_PROXY", "socks5://proxy.test")][..],
            "HTTPS_PROXY cannot be used as a proxy: socks5:// is not supported, only http:// and https://",
        ),
    ] {
        let error = resolve(line, variables).unwrap_err();
        assert_eq!(error.message, message);
    }
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_utf_8_is_refused_unless_it_names_a_file() {
    let with = |name: &str| {
        let value = OsString::from_vec(vec![b'a', 0xff]);
        let environment = [(OsString::from(name), value)].into_iter().collect();
        Settings::resolve(&Global::default(), &environment).map_err(|error| error.message)
    };
    assert_eq!(
        with("SFMTLS_PASSWORD").unwrap_err(),
        "SFMTLS_PASSWORD is not UTF-8"
    );
    assert!(with("SFMTLS_CERT").unwrap().cert.is_some());
    // A proxy that was taken for none used to be gone past.
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "no_proxy"] {
        assert_eq!(with(name).unwrap_err(), format!("{name} is not UTF-8"));
    }
    assert!(with("HTTP_PROXY").unwrap().net.proxy.is_none());
}

#[test]
fn without_a_home_directory_there_is_no_cache_file_but_a_wrong_profile_is_still_wrong() {
    let environment = Environment::default();
    let settings = Settings::resolve(&Global::default(), &environment).unwrap();
    assert_eq!(settings.session_file, None);
    let wrong = Global {
        profile: Some("..".to_owned()),
        ..Global::default()
    };
    assert!(Settings::resolve(&wrong, &environment).is_err());
}

#[test]
fn variables_of_the_caller_are_known_in_either_case() {
    for (name, ours) in [
        ("SFMTLS_CERT", true),
        ("SF_ACCESS_TOKEN", true),
        ("https_proxy", true),
        ("NO_PROXY", true),
        ("NO_COLOR", false),
        ("HOME", false),
        ("SSL_CERT_FILE", false),
    ] {
        assert_eq!(is_caller_variable(OsStr::new(name)), ours, "{name}");
    }
}

#[test]
fn what_was_typed_is_typed_again_and_what_the_environment_holds_is_not() {
    let line = "-E client.pem --mtls-port 9443 -x http://proxy.test:3128 --profile dev -k \
                --connect-to a.test:443:b.test:8443";
    let settings = resolve(line, &[("SFMTLS_CACERT", "ca.pem")]).unwrap();
    let way = settings.way_as_typed();
    for option in [
        " --mtls-port 9443",
        " --proxy http://proxy.test:3128",
        " --profile dev",
        " --connect-to a.test:443:b.test:8443",
        " --insecure",
    ] {
        assert!(way.contains(option), "{way}");
    }
    assert!(!way.contains("cacert") && !way.contains("--cert"), "{way}");
    assert!(settings.org_as_typed().contains(" --cert client.pem"));
    assert_eq!(settings.session_as_typed(), " --profile dev");
}
