//! The tips, each by the command line that gets it.

use super::*;

/// The tip that a wrong command line gets.
fn tip(line: &str) -> String {
    usage_error(&refused(line))
        .hint
        .map(|hint| hint.words)
        .unwrap_or_default()
}

/// What a command line without quotes gets.
fn refused(line: &str) -> clap::Error {
    let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
    match Cli::try_parse_from(&words) {
        Ok(_) => panic!("{line} is no mistake"),
        Err(error) => with_advice(error, &words),
    }
}

#[test]
fn the_habits_of_curl_and_sf_lead_to_our_options() {
    for (line, option) in [
        ("sfmtls query -u me:secret x", "sfmtls login -u USER"),
        ("sfmtls getuserinfo --pass secret", "SFMTLS_CERT_PASSWORD"),
        ("sfmtls getuserinfo -H Accept:x", "--show-curl"),
        ("sfmtls getuserinfo -d @body.xml", "--show-curl"),
        ("sfmtls getuserinfo -i", "--job-id ID"),
        ("sfmtls bulk-query x -w 10", "--wait DURATION"),
        ("sfmtls query -o org x", "--profile NAME"),
        ("sfmtls query -o rows.csv x", "--output-file FILE"),
        ("sfmtls query -b x", "sfmtls bulk-query"),
        ("sfmtls query x -sS", "leave it out"),
        ("sfmtls login --cert-type P12", "leave it out"),
        ("sfmtls query x --format csv", "-r csv"),
        ("sfmtls login web", "sfmtls login --from-sf ALIAS"),
        ("sfmtls login --web", "sfmtls login --from-sf ALIAS"),
        ("sfmtls login -i ID", "--client-id ID"),
        ("sfmtls login jwt -i ID", "--jwt-key-file FILE"),
        ("sfmtls login -r https://a.test", "--login-url URL"),
        ("sfmtls login -a staging", "--profile NAME"),
        ("sfmtls login --alias staging", "--profile NAME"),
        ("sfmtls login --set-default", "--profile NAME"),
        ("sfmtls login me@a.test", "sfmtls login -u me@a.test"),
        ("sfmtls login https://a.test", "--login-url https://a.test"),
        ("sfmtls logout staging", "sfmtls logout --profile staging"),
        ("sfmtls query x --delimiter ,", "--column-delimiter NAME"),
        ("sfmtls query x --pretty", "-r json | jq"),
        ("sfmtls query x --jq .records", "-r json | jq"),
        ("sfmtls query x --no-headers", "tail -n +2"),
        ("sfmtls query x -n", "tail -n +2"),
        ("sfmtls query x -c", "-r csv"),
        ("sfmtls query x --limit 3", "LIMIT 10"),
        ("sfmtls bulk-query --status 750", "--job-id ID --wait 0"),
        ("sfmtls --status", "--job-id ID --wait 0"),
        ("sfmtls query x --cert-file c.pem", "--cert FILE"),
        ("sfmtls query x --tls-version 1.2", "--tls-min VERSION"),
        ("sfmtls login --token abc", "--access-token-file FILE"),
        ("sfmtls login --token abc", "--security-token-file FILE"),
        ("sfmtls query x --retry -1", "0 or more"),
        ("sfmtls check-cert --warn-days -1", "0 or more"),
        ("sfmtls query SELECT Id FROM X", "quotes: \"SELECT Id FROM"),
        ("sfmtls query x --cafile ca.pem", "--cacert FILE"),
        ("sfmtls query x --targetusername a", "--profile NAME"),
        (
            "sfmtls query x --security-token t",
            "--security-token-file FILE",
        ),
        (
            "sfmtls login --security-token t",
            "--security-token-file FILE",
        ),
        ("sfmtls getuserinfo --output-file x", ">FILE"),
        ("sfmtls local-org --port 8443", "ports that are free"),
        ("sfmtls logout --all", "sfmtls logout --profile NAME"),
        ("sfmtls check-cert --days 3", "--warn-days N"),
        ("sfmtls query -V", "sfmtls --version"),
    ] {
        let tip = tip(line);
        assert!(tip.contains(option), "{line}: {tip}");
    }
}

#[test]
fn formats_of_others_lead_to_ours_where_the_command_has_it() {
    for (line, format) in [
        ("sfmtls query x -r table", "-r human"),
        ("sfmtls getuserinfo -r Tabel", "-r human"),
        ("sfmtls bulk-query x -r text", "-r human"),
        ("sfmtls query x -r jsonl", "-r ndjson"),
        ("sfmtls getuserinfo -r jsonl", "exists: 'json'"),
        ("sfmtls query x -r xlsx", "-r csv"),
        (
            "sfmtls query x -r tsv",
            "--bulk-api 2 --column-delimiter TAB",
        ),
        ("sfmtls bulk-query x --line-ending text", ""),
    ] {
        let tip = tip(line);
        assert!(tip.ends_with(format), "{line}: {tip}");
        assert_eq!(tip.is_empty(), format.is_empty(), "{line}: {tip}");
    }
}

#[test]
fn a_value_that_stands_for_a_query_is_sent_to_its_option() {
    for line in [
        "sfmtls bulk-query --pk-chunking 1000 SELECT",
        "sfmtls bulk-query x --pk-chunking 1000",
        "sfmtls bulk-query --pk-chunking 1000 -f contacts.soql",
    ] {
        assert!(tip(line).ends_with(" --pk-chunking=1000"), "{line}");
    }
    for line in [
        "sfmtls bulk-query --abort 750R0000000zlh9",
        "sfmtls bulk-query --abort=750R0000000zlh9",
    ] {
        assert!(tip(line).ends_with(" --job-id ID --abort"), "{line}");
    }
    assert!(!tip("sfmtls bulk-query x --abort --job-id 750").contains("an option names"));
}

/// The usage line used to show the combination that is refused.
#[test]
fn of_two_that_exclude_each_other_one_is_to_be_left_out() {
    for (line, words) in [
        ("sfmtls bulk-query x --job-id 750", "the job has its query"),
        (
            "sfmtls bulk-query x --job-id 750 --abort",
            "the job has its query",
        ),
        ("sfmtls query -q x -f y", "leave out --query or --file"),
        ("sfmtls query x -q y", "leave out SOQL or --query"),
        (
            "sfmtls bulk-query --job-id 750 --async",
            "leave out --async to wait",
        ),
        (
            "sfmtls bulk-query x --async --output-file y",
            "give --output-file later, with --job-id ID",
        ),
        (
            "sfmtls bulk-query x --async -r json --wait 1",
            "later, with --job-id ID",
        ),
        (
            "sfmtls login --sandbox --login-url x",
            "leave out --sandbox or --login-url",
        ),
        (
            "sfmtls query x --profile a --profile b",
            "give --profile once",
        ),
    ] {
        let error = refused(line);
        assert_eq!(error.kind(), ErrorKind::ArgumentConflict, "{line}");
        let text = error.to_string();
        assert!(!text.contains("Usage:"), "{text}");
        let tip = tip(line);
        assert!(tip.contains(words), "{line}: {tip}");
    }
}

/// It used to be sent behind `--`, where no number is.
#[test]
fn a_negative_number_is_not_taken_for_the_option_of_a_command() {
    assert_eq!(
        tip("sfmtls local-org --rows -1"),
        "numbers here are 0 or more"
    );
    assert!(tip("sfmtls local-org --nonsense").contains("--"));
}

#[test]
fn completions_alone_are_told_the_shells() {
    assert_eq!(
        tip("sfmtls completions"),
        "name one of bash, elvish, fish, powershell, zsh: sfmtls completions bash"
    );
}

#[test]
fn our_tip_stands_without_a_usage_line_that_may_say_something_else() {
    for (line, has_usage) in [
        ("sfmtls query x --pretty", false),
        ("sfmtls --output-file x query y", false),
        ("sfmtls completions", false),
        ("sfmtls query --nonsense", true),
    ] {
        let text = refused(line).render().to_string();
        assert_eq!(text.contains("Usage:"), has_usage, "{text}");
    }
}

#[test]
fn help_of_help_is_help() {
    for (line, same) in [
        ("sfmtls help -h", "sfmtls help"),
        ("sfmtls help --help", "sfmtls help"),
        ("sfmtls help query -h", "sfmtls help query"),
    ] {
        let (asked, plain) = (refused(line), refused(same));
        assert_eq!(asked.kind(), ErrorKind::DisplayHelp, "{line}");
        assert_eq!(asked.to_string(), plain.to_string(), "{line}");
    }
}

#[test]
fn a_slip_of_the_pen_leads_to_the_nearest_name() {
    for (line, name) in [
        ("sfmtls qurey x", "'query'"),
        ("sfmtls bulkquery x", "'bulk-query'"),
        ("sfmtls get-user-info", "'getuserinfo'"),
        ("sfmtls query --outputfile x", "'--output-file'"),
        ("sfmtls query --resultformat csv", "'--result-format'"),
        ("sfmtls login --user-name x", "'--username'"),
    ] {
        let tip = tip(line);
        assert!(tip.ends_with(&format!("exists: {name}")), "{line}: {tip}");
    }
}

#[test]
fn commands_of_other_programs_lead_to_ours() {
    for (line, command) in [
        ("sfmtls soql x", "sfmtls query"),
        ("sfmtls data query x", "sfmtls query"),
        ("sfmtls bulk x", "sfmtls bulk-query"),
        ("sfmtls resume 750", "sfmtls bulk-query --job-id ID"),
        ("sfmtls job", "sfmtls bulk-query --job-id ID"),
        ("sfmtls abort 750", "sfmtls bulk-query --job-id ID --abort"),
        ("sfmtls describe Account", "sfmtls query"),
        ("sfmtls config set", "there is no configuration file"),
        ("sfmtls limits", "Setup > Company Information"),
        ("sfmtls whoami", "sfmtls getuserinfo"),
        ("sfmtls WhoAmI", "sfmtls getuserinfo"),
        ("sfmtls check client.pem", "sfmtls check-cert"),
        ("sfmtls auth login", "sfmtls login"),
        ("sfmtls version", "sfmtls --version"),
        ("sfmtls org login", "sfmtls login --from-sf ALIAS"),
        ("sfmtls org list", "ls ~/.cache/sfmtls"),
        ("sfmtls org display", "sfmtls getuserinfo"),
        ("sfmtls profiles", "ls ~/.cache/sfmtls"),
        ("sfmtls list", "ls ~/.cache/sfmtls"),
        ("sfmtls status", "sfmtls getuserinfo"),
        ("sfmtls ping", "sfmtls getuserinfo"),
        ("sfmtls man", "sfmtls help"),
        ("sfmtls doctor", "sfmtls check-cert"),
        ("sfmtls verify", "sfmtls check-cert"),
        ("sfmtls cert", "sfmtls check-cert"),
        ("sfmtls https://login.salesforce.com", "--login-url URL"),
        ("sfmtls local-org bash", "sfmtls local-org -- bash"),
    ] {
        let tip = tip(line);
        assert!(
            tip.starts_with(command) || tip.ends_with(command),
            "{line}: {tip}"
        );
    }
    let words = ["sfmtls", "SELECT Id FROM Contact"].map(OsString::from);
    let error = Cli::try_parse_from(&words).unwrap_err();
    let hint = usage_error(&with_advice(error, &words)).hint.unwrap();
    assert_eq!(hint.words, "sfmtls query \"SELECT ...\"");
}

#[test]
fn an_option_of_another_command_is_sent_there() {
    assert_eq!(
        tip("sfmtls getuserinfo --job-id 7"),
        "write it after its command: sfmtls bulk-query --job-id"
    );
    assert_eq!(
        tip("sfmtls --output-file x query y"),
        "write it after its command: sfmtls query --output-file, sfmtls bulk-query --output-file"
    );
    // It may be no value behind `--`: no query begins with a dash.
    assert_eq!(tip("sfmtls query --nonsense"), "");
}

#[test]
fn a_value_never_gets_into_the_message() {
    for line in [
        "sfmtls query --pass=hunter2 x",
        "sfmtls query -phunter2 x",
        "sfmtls login --password hunter2",
    ] {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let error = with_advice(Cli::try_parse_from(&words).unwrap_err(), &words);
        assert!(!error.render().to_string().contains("hunter2"), "{line}");
    }
}

#[test]
fn the_advice_names_options_and_commands_that_exist() {
    let root = Cli::command();
    let names: Vec<_> = root
        .get_subcommands()
        .flat_map(Command::get_arguments)
        .chain(root.get_arguments())
        .filter_map(|option| option.get_long())
        .collect();
    let tips = ARGUMENTS
        .iter()
        .chain(COMMANDS)
        .chain(FORMATS)
        .map(|(_, tip)| *tip);
    for tip in tips {
        let words = tip.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        for long in words.filter_map(|word| word.strip_prefix("--")) {
            let known = names.contains(&long) || ["", "help", "version"].contains(&long);
            assert!(known, "--{long} in {tip:?}");
        }
        for command in tip.split("sfmtls ").skip(1) {
            let name = command.split([' ', ',']).next().unwrap_or_default();
            let known = root.find_subcommand(name).is_some() || ["help", "writes"].contains(&name);
            assert!(known || name.starts_with('-'), "{tip:?}");
        }
    }
}

#[test]
fn a_name_stands_once_and_is_none_of_ours() {
    let root = Cli::command();
    let ours = |command: &Command, name: &str| {
        let mut arguments = command.get_arguments().chain(root.get_arguments());
        arguments.any(|it| {
            it.get_long()
                .is_some_and(|long| name == format!("--{long}"))
        })
    };
    for table in [ARGUMENTS, COMMANDS, FORMATS] {
        let names: Vec<_> = table.iter().flat_map(|(names, _)| *names).collect();
        for (index, name) in names.iter().enumerate() {
            assert!(!names[..index].contains(name), "{name} stands twice");
            let is_ours = root.get_subcommands().any(|command| ours(command, name));
            assert!(!is_ours && root.find_subcommand(name).is_none(), "{name}");
        }
    }
}
