use super::values::*;
use super::*;
use clap::CommandFactory;

#[test]
fn the_definitions_are_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn a_time_is_neither_nothing_nor_beyond_the_clock() {
    assert_eq!(seconds("2.5"), Ok(Duration::from_millis(2500)));
    for wrong in ["0", "-1", "1e-10", "1e19", "1e18", "inf", "nan", "10s", ""] {
        assert!(seconds(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn connect_to_takes_empty_fields_and_bracketed_addresses() {
    let parsed = connect_to("acme.test:8443:[::1]:9000").unwrap();
    assert_eq!(parsed.host.as_deref(), Some("acme.test"));
    assert_eq!(parsed.port, Some(8443));
    assert_eq!(parsed.to_host.as_deref(), Some("::1"));
    assert_eq!(parsed.to_port, Some(9000));
    let any = connect_to("::localhost:").unwrap();
    assert_eq!((any.host, any.port, any.to_port), (None, None, None));
    assert_eq!(any.to_host.as_deref(), Some("localhost"));
    for wrong in ["", "a:b", "a:1:b:x", "[::1:1:b:2", "a:1:b:2:c"] {
        assert!(connect_to(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn options_may_stand_on_either_side_of_the_subcommand() {
    for line in [
        ["sfmtls", "-E", "a.pem", "getuserinfo"],
        ["sfmtls", "getuserinfo", "-E", "a.pem"],
    ] {
        let cli = Cli::try_parse_from(line).unwrap();
        assert_eq!(cli.global.cert, Some(PathBuf::from("a.pem")));
    }
}

#[test]
fn batch_sizes_outside_200_to_2000_are_refused() {
    for (size, fits) in [
        ("199", false),
        ("200", true),
        ("2000", true),
        ("2001", false),
    ] {
        let parsed = Cli::try_parse_from(["sfmtls", "query", "x", "--batch-size", size]);
        assert_eq!(parsed.is_ok(), fits, "{size}");
    }
}

#[test]
fn what_is_no_whole_number_is_told_in_our_own_words() {
    for line in [
        "getuserinfo --retry many",
        "getuserinfo --mtls-port 0",
        "getuserinfo --login-port 65536",
        "query x --batch-size 1.5",
        "bulk-query x --parallel 65",
        "bulk-query x --pk-chunking=x",
        "check-cert --warn-days x",
        "check-cert --nagios --crit-days x",
    ] {
        let words = ["sfmtls"].into_iter().chain(line.split(' '));
        let error = Cli::try_parse_from(words).unwrap_err().to_string();
        assert!(error.contains(": expected a whole number from "), "{error}");
    }
}

#[test]
fn versions_are_typed_in_any_way_that_is_clear() {
    for (text, api) in [
        ("1", BulkApi::V1),
        ("2", BulkApi::V2),
        ("1.0", BulkApi::V1),
        ("2.0", BulkApi::V2),
        ("v2", BulkApi::V2),
        ("V1.0", BulkApi::V1),
    ] {
        let line = ["sfmtls", "bulk-query", "x", "--bulk-api", text];
        match Cli::try_parse_from(line).unwrap().command {
            Command::BulkQuery(query) => assert_eq!(query.bulk_api, api, "{text}"),
            other => panic!("{other:?}"),
        }
    }
    for (text, version) in [("1.2", TlsVersion::V1_2), ("1.3", TlsVersion::V1_3)] {
        let cli = Cli::try_parse_from(["sfmtls", "getuserinfo", "--tls-min", text]).unwrap();
        assert_eq!(cli.global.tls_min, Some(version));
    }
    for line in [
        "bulk-query x --bulk-api 3",
        "bulk-query x --bulk-api 2.1",
        "bulk-query x --bulk-api 64.0",
        "getuserinfo --tls-min 1.1",
    ] {
        let words = ["sfmtls"].into_iter().chain(line.split(' '));
        let error = Cli::try_parse_from(words).unwrap_err().to_string();
        assert!(error.contains("[possible values: 1"), "{error}");
    }
}

#[test]
fn a_format_is_taken_in_any_case() {
    for command in ["query", "bulk-query"] {
        let parsed = Cli::try_parse_from(["sfmtls", command, "x", "-r", "CSV"]);
        assert!(parsed.is_ok(), "{command}");
    }
    assert!(Cli::try_parse_from(["sfmtls", "getuserinfo", "-r", "Json"]).is_ok());
}
