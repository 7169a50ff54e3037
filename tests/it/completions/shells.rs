//! The scripts in the shells that they are for: what a key press would offer.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;

use serde_json::Value;

use super::FOLDER;
use crate::lab::{COMMANDS, Lab, Run, finish};

/// What is typed, and what a shell may offer then.
const CASES: [(&str, &[&str]); 19] = [
    ("sfmtls q", &["query"]),
    ("sfmtls -k bulk", &["bulk-query"]),
    ("sfmtls --profile ", &["default", "uat-2.x"]),
    ("sfmtls query --profile u", &["uat-2.x"]),
    ("sfmtls --target-org ", &["default", "uat-2.x"]),
    ("sfmtls query --target-org u", &["uat-2.x"]),
    ("sfmtls -E ", &["certs", "client.pem", "my cert.pem"]),
    ("sfmtls query --cert c", &["certs", "client.pem"]),
    ("sfmtls query --key c", &["certs", "client.pem"]),
    ("sfmtls query --cacert c", &["certs", "client.pem"]),
    ("sfmtls query --output-file c", &["certs", "client.pem"]),
    (
        "sfmtls query -r ",
        &["csv", "human", "json", "ndjson", "xml"],
    ),
    ("sfmtls getuserinfo -r ", &["csv", "human", "json", "xml"]),
    ("sfmtls bulk-query --bulk-api ", &["1", "2"]),
    ("sfmtls --progress ", &["always", "auto", "never"]),
    ("sfmtls bulk-query --column-delimiter T", &["TAB"]),
    ("sfmtls --tls-min ", &["1.2", "1.3"]),
    // No files where none belong.
    ("sfmtls --login-url ", &[]),
    ("sfmtls --connect-to ", &[]),
];

/// A home with sessions and files; some have names that no profile has.
fn home() -> Lab {
    let mut lab = Lab::new();
    lab.unset("SFMTLS_SESSION");
    lab.file("client.pem", "");
    lab.file("my cert.pem", "");
    fs::create_dir(lab.path("certs")).unwrap();
    fs::create_dir_all(lab.path(".cache/sfmtls")).unwrap();
    for name in [
        "default",
        "uat-2.x",
        "two words",
        "*",
        "$(touch made)",
        "`touch made`",
        "a;touch made",
        "ü",
        "'",
    ] {
        lab.file(&format!(".cache/sfmtls/{name}.json"), "");
    }
    lab.file(".cache/sfmtls/README", "");
    lab
}

/// A shell with nothing of its user's.
#[track_caller]
fn run<A: AsRef<OsStr>>(lab: &Lab, shell: &str, arguments: impl IntoIterator<Item = A>) -> Run {
    let started = lab.other(shell, arguments).env("TERM", "dumb").spawn();
    let run = finish(started.unwrap_or_else(|_| panic!("{shell} is not installed"))).exits(0);
    assert!(!lab.path("made").exists(), "a file name was run");
    run
}

/// Without escapes, the slash of a folder, and hidden files.
fn set<'a>(words: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    let words = words.into_iter().map(|word| word.replace('\\', ""));
    let bare = words.map(|word| word.trim_end_matches('/').to_owned());
    bare.filter(|word| !word.is_empty() && !word.starts_with('.'))
        .collect()
}

/// Calls the function as bash does, with the words as bash splits them.
fn bash(lab: &Lab, before: &str, words: &[&str]) -> BTreeSet<String> {
    const CALL: &str = r#"
        compopt() { :; }
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        last=$((COMP_CWORD - 1))
        _sfmtls "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[last]}"
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let script = format!("{before}\nsource {FOLDER}/sfmtls.bash\n{CALL}");
    let arguments = ["--norc", "-c", &script, "bash"];
    let run = run(lab, "bash", arguments.iter().chain(words));
    assert_eq!(run.stderr, "", "{words:?}");
    set(run.stdout.lines())
}

#[test]
fn bash_offers_what_belongs_there() {
    let lab = home();
    for (line, offered) in CASES {
        let words: Vec<_> = line.split(' ').collect();
        let found = bash(&lab, "", &words);
        assert_eq!(found, set(offered.iter().copied()), "{line:?}");
    }
}

/// What bash itself inserts, file names of its own included.
#[test]
fn bash_offers_files_where_they_belong_and_options_once_begun() {
    let files = ["certs", "client.pem", "my cert.pem"];
    let subcommands = [&COMMANDS[..], &["help"]].concat();
    let cases: [(&str, &[&str]); 11] = [
        ("sfmtls ", &subcommands),
        ("sfmtls help ", &subcommands),
        ("sfmtls check-cert ", &files),
        ("sfmtls check-cert --offline cl", &["client.pem"]),
        ("sfmtls check-cert --off", &["--offline"]),
        ("sfmtls query -q ", &[]),
        ("sfmtls query ", &[]),
        ("sfmtls getuserinfo c", &["c"]),
        ("sfmtls local-org -- openss", &["openssl"]),
        ("sfmtls local-org -- openssl cl", &["client.pem"]),
        (
            "sfmtls completions ",
            &["bash", "elvish", "fish", "powershell", "zsh"],
        ),
    ];
    let lab = home();
    let profile = format!(
        r#"source {FOLDER}/sfmtls.bash
        bind 'set enable-bracketed-paste off'
        bind '"\t": insert-completions'
        sfmtls() {{ printf '%s\n' "${{@:typed}}" $'\x1e' >>.offered; }}
        PS1='<ready>'"#
    );
    let profile = lab.file(".profile.bash", profile);
    let mut steps = Vec::new();
    for (line, _) in cases {
        let typed = line.rsplit_once(' ').unwrap().0.split(' ').count();
        steps.push(["<ready>".to_owned(), format!("typed={typed}\n")]);
        steps.push(["<ready>".to_owned(), format!("{line}\t\n")]);
    }
    steps.push(["<ready>".to_owned(), "exit\n".to_owned()]);
    let steps = Value::from(steps.iter().map(|step| step.to_vec()).collect::<Vec<_>>());
    let judge = format!("{}/tests/it/judges/terminal.py", env!("CARGO_MANIFEST_DIR"));
    let profile = profile.to_str().unwrap();
    let steps = steps.to_string();
    run(
        &lab,
        "python3",
        [&judge, &steps, "bash", "--rcfile", profile, "-i"],
    );
    let offered = fs::read_to_string(lab.path(".offered")).unwrap();
    let found: Vec<_> = offered.split_terminator("\u{1e}\n").collect();
    assert_eq!(found.len(), cases.len());
    for ((line, offered), found) in cases.into_iter().zip(found) {
        let found = set(found.lines());
        assert_eq!(found, set(offered.iter().copied()), "{line:?}");
    }
}

#[test]
fn bash_offers_values_behind_an_equals_sign_too() {
    let lab = home();
    for (words, offered) in [
        (
            &["sfmtls", "--profile", "="][..],
            &["default", "uat-2.x"][..],
        ),
        (&["sfmtls", "--profile", "=", "u"], &["uat-2.x"]),
        (
            &["sfmtls", "query", "--result-format", "=", "n"],
            &["ndjson"],
        ),
        (&["sfmtls", "query", "--cert", "=", "cl"], &["client.pem"]),
    ] {
        let found = bash(&lab, "", words);
        assert_eq!(found, set(offered.iter().copied()), "{words:?}");
    }
}

#[test]
fn bash_finds_profiles_whatever_its_options_and_none_where_no_folder_is() {
    let mut lab = home();
    let words = ["sfmtls", "--profile", ""];
    let both = set(["default", "uat-2.x"]);
    for options in [
        "set -f",
        "shopt -s failglob",
        "shopt -s nullglob dotglob",
        "set +B",
    ] {
        assert_eq!(bash(&lab, options, &words), both, "{options}");
    }
    lab.set("XDG_CACHE_HOME", "relative");
    assert_eq!(bash(&lab, "", &words), both);
    lab.set("XDG_CACHE_HOME", lab.path("elsewhere"));
    for options in ["", "shopt -s failglob", "shopt -s nullglob"] {
        assert_eq!(bash(&lab, options, &words), set([]), "{options}");
    }
    fs::create_dir_all(lab.path("elsewhere/sfmtls")).unwrap();
    lab.file("elsewhere/sfmtls/prod.json", "");
    assert_eq!(bash(&lab, "", &words), set(["prod"]));
}

#[test]
fn bash_completion_finds_the_script_by_its_name() {
    let mut lab = home();
    let folder = lab.path("data/bash-completion/completions");
    fs::create_dir_all(&folder).unwrap();
    fs::copy(format!("{FOLDER}/sfmtls.bash"), folder.join("sfmtls")).unwrap();
    lab.set("XDG_DATA_HOME", lab.path("data"));
    let script = "source /usr/share/bash-completion/bash_completion || exit
        _completion_loader sfmtls
        complete -p sfmtls";
    let run = run(&lab, "bash", ["--norc", "-c", script]);
    assert!(run.stdout.contains("-F _sfmtls"), "{run:?}");
    let words = ["sfmtls", "--profile", "="];
    let both = set(["default", "uat-2.x"]);
    let before = "source /usr/share/bash-completion/bash_completion || exit";
    assert_eq!(bash(&lab, before, &words), both);
}

/// Types these lines and a tab behind each, on a terminal; what was offered then, line by line.
fn zsh(lab: &Lab, lines: &[&str]) -> Vec<BTreeSet<String>> {
    const SETUP: &str = include_str!("../judges/zshrc");
    lab.file("zsh/.zshrc", SETUP);
    let mut steps = Vec::new();
    let mut prompt = "> ";
    for line in lines {
        // ^U takes away what was typed before.
        steps.push([prompt.to_owned(), format!("\u{15}{line}\t")]);
        prompt = "<offered>";
    }
    steps.push([prompt.to_owned(), "\u{15}exit\n".to_owned()]);
    let steps = Value::from(steps.iter().map(|step| step.to_vec()).collect::<Vec<_>>());
    let judge = format!("{}/tests/it/judges/terminal.py", env!("CARGO_MANIFEST_DIR"));
    run(lab, "zsh", ["--version"]);
    run(
        lab,
        "python3",
        [&judge, &steps.to_string(), "zsh", "-d", "-i"],
    );
    let offered = fs::read_to_string(lab.path("zsh/offered")).unwrap();
    let offered = offered
        .split("\u{1e}\n")
        .skip(1)
        .map(|words| set(words.lines()));
    offered.collect()
}

fn home_for_zsh() -> Lab {
    let mut lab = home();
    fs::create_dir(lab.path("zsh")).unwrap();
    lab.set("ZDOTDIR", lab.path("zsh"));
    lab.set("COMPLETIONS", FOLDER);
    lab
}

#[test]
fn zsh_offers_what_belongs_there() {
    let lab = home_for_zsh();
    let more: [(&str, &[&str]); 4] = [
        ("sfmtls --profile=u", &["uat-2.x"]),
        ("sfmtls query --cert=cl", &["client.pem"]),
        ("sfmtls query SELECT", &[]),
        ("sfmtls local-org -- opens", &["openssl"]),
    ];
    let cases: Vec<_> = CASES.into_iter().chain(more).collect();
    let lines: Vec<_> = cases.iter().map(|(line, _)| *line).collect();
    let found = zsh(&lab, &lines);
    assert_eq!(found.len(), cases.len());
    for ((line, offered), mut found) in cases.into_iter().zip(found) {
        found.remove("zsh");
        assert_eq!(found, set(offered.iter().copied()), "{line:?}");
    }
}

#[test]
fn zsh_offers_no_profiles_where_no_folder_is() {
    let mut lab = home_for_zsh();
    lab.set("XDG_CACHE_HOME", lab.path("elsewhere"));
    assert_eq!(zsh(&lab, &["sfmtls --profile "]), [set([])]);
    lab.set("XDG_CACHE_HOME", "relative");
    let both = set(["default", "uat-2.x"]);
    assert_eq!(zsh(&lab, &["sfmtls --profile "]).last(), Some(&both));
}

fn fish(lab: &Lab, line: &str) -> BTreeSet<String> {
    let script = format!("source {FOLDER}/sfmtls.fish; complete -C $argv[1]");
    let run = run(lab, "fish", ["--no-config", "-c", &script, line]);
    assert_eq!(run.stderr, "", "{line:?}");
    // A description stands behind a tab.
    set(run
        .stdout
        .lines()
        .filter_map(|line| line.split('\t').next()))
}

#[test]
fn fish_offers_what_belongs_there() {
    let lab = home();
    for (line, offered) in CASES {
        let found = fish(&lab, line);
        assert_eq!(found, set(offered.iter().copied()), "{line:?}");
    }
}

/// It used to offer files for each of them.
#[test]
fn fish_offers_words_where_an_argument_is_typed() {
    let lab = home();
    let shells = ["bash", "elvish", "fish", "powershell", "zsh"];
    let subcommands = [&COMMANDS[..], &["help"]].concat();
    let cases: [(&str, &[&str]); 13] = [
        ("sfmtls ", &subcommands),
        ("sfmtls help ", &subcommands),
        ("sfmtls help que", &["query"]),
        ("sfmtls completions ", &shells),
        ("sfmtls -v completions b", &["bash"]),
        ("sfmtls completions bash c", &[]),
        ("sfmtls query c", &[]),
        ("sfmtls login c", &[]),
        ("sfmtls check-cert cl", &["client.pem"]),
        ("sfmtls local-org c", &[]),
        ("sfmtls local-org --dir c", &["certs"]),
        ("sfmtls local-org -- openss", &["openssl"]),
        ("sfmtls local-org --rows 3 -- cat cl", &["client.pem"]),
    ];
    for (line, offered) in cases {
        let found = fish(&lab, line);
        assert_eq!(found, set(offered.iter().copied()), "{line:?}");
    }
}

/// The option's own used to stand beside each name.
#[test]
fn fish_describes_a_profile_in_short() {
    let lab = home();
    let script = format!("source {FOLDER}/sfmtls.fish; complete -C 'sfmtls --profile '");
    let run = run(&lab, "fish", ["--no-config", "-c", &script]);
    assert_eq!(
        run.stdout,
        "default\tcached session\nuat-2.x\tcached session\n"
    );
}

#[test]
fn fish_offers_no_profiles_where_no_folder_is() {
    let mut lab = home();
    lab.set("XDG_CACHE_HOME", lab.path("elsewhere"));
    assert_eq!(fish(&lab, "sfmtls --profile "), set([]));
    lab.set("XDG_CACHE_HOME", "relative");
    assert_eq!(fish(&lab, "sfmtls --profile "), set(["default", "uat-2.x"]));
}
