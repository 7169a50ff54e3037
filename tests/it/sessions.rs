//! Sessions that end on the way, in every command and at every moment.
//!
//! The matrix has a row for each way to have a session, and a row for each call of each command. A
//! further way to log in is one more [`Way`].

mod hosts;

use sfmtls::local_org::{Call, LoginRule, Mishap, When};

use crate::bulk::{at_once, config, looks, make};
use crate::lab::{Lab, Run, finish};
use crate::oauth;

const CONTACTS: &str = "SELECT Id, LastName, Account.Name FROM Contact";
const CHILDREN: &str = "SELECT Name, (SELECT LastName FROM Contacts) FROM Account";
const EXPIRED: &str = "note: the session has expired; logging in again at https://localhost";

/// A way to have a session, and perhaps to get the next one.
#[derive(Clone, Copy)]
struct Way {
    name: &'static str,
    /// Logs in and leaves at hand what this way has.
    prepare: fn(&mut Lab),
    /// The call by which a new session comes; `None` where nothing is at hand.
    login: Option<&'static str>,
}

const WAYS: [Way; 6] = [
    Way {
        name: "user and password in the environment",
        prepare: |lab| {
            lab.run(["login"]).exits(0);
        },
        login: Some("login"),
    },
    Way {
        name: "a session in the cache and nothing else",
        prepare: |lab| {
            lab.run(["login"]).exits(0);
            lab.forget_credentials();
        },
        login: None,
    },
    Way {
        name: "the key file and the app in the cache",
        prepare: |lab| {
            lab.forget_credentials();
            let options = oauth::jwt(lab);
            lab.run(oauth::login(&options, &["-u", oauth::USER]))
                .exits(0);
        },
        login: Some("token"),
    },
    Way {
        name: "the secret's file and the app in the cache",
        prepare: |lab| {
            lab.forget_credentials();
            let options = oauth::app(lab);
            lab.run(oauth::login(&options, &[])).exits(0);
        },
        login: Some("token"),
    },
    Way {
        name: "the app and its secret in the environment",
        prepare: |lab| {
            lab.forget_credentials();
            let id = lab.org.client_id().to_owned();
            let secret = lab.org.client_secret().to_owned();
            lab.set("SFMTLS_CLIENT_ID", id);
            lab.set("SFMTLS_CLIENT_SECRET", secret);
            lab.run(["login"]).exits(0);
        },
        login: Some("token"),
    },
    Way {
        name: "an access token in the environment",
        prepare: |lab| {
            lab.forget_credentials();
            let token = lab.org.session(0, "localhost");
            lab.set("SF_ACCESS_TOKEN", token);
            lab.set("SF_ORG_INSTANCE_URL", "https://localhost");
            lab.run(["login"]).exits(0);
        },
        login: None,
    },
];

/// A command; `JOB` in its arguments is a job that is done.
struct Command {
    arguments: &'static [&'static str],
    /// The calls before which the session may end: the first one's is "before", all others' "during".
    calls: &'static [(Call, u64)],
}

const COMMANDS: [Command; 8] = [
    Command {
        arguments: &["getuserinfo", "-r", "json"],
        calls: &[(Call::GetUserInfo, 1)],
    },
    Command {
        arguments: &["query", CONTACTS, "--batch-size", "200"],
        calls: &[(Call::Query, 1), (Call::QueryMore, 1), (Call::QueryMore, 2)],
    },
    Command {
        arguments: &["query", CHILDREN, "-r", "ndjson", "--batch-size", "200"],
        calls: &[(Call::Query, 1), (Call::QueryMore, 1), (Call::QueryMore, 2)],
    },
    Command {
        arguments: &["bulk-query", CONTACTS],
        calls: &[
            (Call::BulkCreate, 1),
            (Call::BulkBatch, 1),
            (Call::BulkClose, 1),
            (Call::BulkLook, 1),
            (Call::BulkLook, 2),
            (Call::BulkResults, 1),
            (Call::BulkResult, 1),
            (Call::BulkResult, 3),
        ],
    },
    Command {
        arguments: &["bulk-query", "--bulk-api", "2", CONTACTS, "-r", "ndjson"],
        calls: &[
            (Call::BulkCreate, 1),
            (Call::BulkLook, 1),
            (Call::BulkLook, 2),
            (Call::BulkResults, 1),
            (Call::BulkResult, 1),
            (Call::BulkResult, 3),
        ],
    },
    Command {
        arguments: &["bulk-query", "--job-id", "JOB", "--parallel", "1"],
        calls: &[
            (Call::BulkLook, 1),
            (Call::BulkResults, 1),
            (Call::BulkResult, 1),
            (Call::BulkResult, 2),
        ],
    },
    // By locators, one after the other.
    Command {
        arguments: &[
            "bulk-query",
            "--bulk-api",
            "2",
            "--job-id",
            "JOB",
            "--parallel",
            "1",
        ],
        calls: &[(Call::BulkLook, 1), (Call::BulkResult, 1)],
    },
    Command {
        arguments: &[
            "bulk-query",
            "--bulk-api",
            "2",
            "--job-id",
            "RUNNING",
            "--abort",
        ],
        calls: &[(Call::BulkAbort, 1)],
    },
];

impl Command {
    fn api(&self) -> &'static str {
        if self.arguments.contains(&"2") {
            "2"
        } else {
            "1"
        }
    }

    /// An org with 600 contacts, in several pages and result files, where this is at hand.
    fn lab(&self, way: Way) -> Lab {
        let mut lab = Lab::with(config(600, |switches| {
            switches.odd_values = false;
            switches.bulk.pace = looks(1, 0);
            switches.bulk.files = 3;
            switches.bulk.page_rows = 200;
        }));
        (way.prepare)(&mut lab);
        lab
    }

    /// Runs it, after `disturb`, and returns how many logins there were meanwhile, too.
    fn run(&self, lab: &Lab, way: Way, disturb: impl FnOnce(&Lab)) -> (Run, usize) {
        self.run_with(lab, way, &[], disturb)
    }

    fn run_with(
        &self,
        lab: &Lab,
        way: Way,
        more: &[String],
        disturb: impl FnOnce(&Lab),
    ) -> (Run, usize) {
        let arguments: Vec<String> = self
            .arguments
            .iter()
            .map(|argument| match *argument {
                "JOB" | "RUNNING" => self.job(lab, *argument == "JOB", more),
                argument => argument.to_owned(),
            })
            .collect();
        let before = lab.calls().len();
        disturb(lab);
        let run = lab.run(arguments.iter().chain(more));
        let calls = lab.calls().split_off(before);
        let login = way.login.unwrap_or("login");
        (run, calls.iter().filter(|call| *call == login).count())
    }

    fn job(&self, lab: &Lab, done: bool, more: &[String]) -> String {
        let options: Vec<&str> = more.iter().map(String::as_str).collect();
        let job = make(lab, self.api(), &[&[CONTACTS, "-s"][..], &options].concat());
        if done {
            let fetch = ["bulk-query", "--bulk-api", self.api(), "--job-id", &job];
            lab.run(fetch.iter().chain(&options)).exits(0);
        }
        job
    }
}

/// What a run says, whatever its job's ID is.
fn without_job(said: &str) -> String {
    let words = said.split_inclusive(|c: char| !c.is_ascii_alphanumeric());
    words.filter(|word| !word.starts_with("750")).collect()
}

#[test]
fn a_session_that_ends_at_any_moment_is_replaced_once_where_nobody_has_to_be_asked() {
    let rows = COMMANDS
        .iter()
        .flat_map(|command| WAYS.iter().map(move |way| (command, *way)));
    at_once(rows, |(command, way)| {
        let (never, logins) = command.run(&command.lab(way), way, |_| ());
        let whole = without_job(&never.exits(0).stdout);
        assert_eq!(logins, 0);
        for (call, nth) in command.calls {
            let at = format!("{}, {:?}, {call:?} {nth}", way.name, command.arguments);
            let lab = command.lab(way);
            let (run, logins) = command.run(&lab, way, |lab| {
                lab.org.plan(*call, When::Nth(*nth), Mishap::SessionEnds);
            });
            let told = run.stderr.matches(EXPIRED).count();
            match way.login {
                Some(_) => {
                    assert_eq!(
                        (run.status, logins, told),
                        (0, 1, 1),
                        "{at}: {}",
                        run.stderr
                    );
                    assert!(without_job(&run.stdout) == whole, "{at}");
                }
                None => {
                    assert_eq!(
                        (run.status, logins, told),
                        (3, 0, 0),
                        "{at}: {}",
                        run.stderr
                    );
                    let hint = match way.name {
                        "an access token in the environment" => {
                            "  hint: SF_ACCESS_TOKEN holds a token that is over: "
                        }
                        _ => {
                            "  hint: log in again:\n        sfmtls login -u integration@acme.test\n"
                        }
                    };
                    assert!(run.stderr.contains(hint), "{at}: {}", run.stderr);
                }
            }
        }
    });
}

#[test]
fn each_expiry_is_one_login_and_a_session_that_never_served_is_the_last() {
    let way = WAYS[0];
    at_once(&COMMANDS, |command| {
        let lab = command.lab(way);
        let twice = |lab: &Lab| {
            for (call, nth) in command.calls.iter().take(2) {
                lab.org.plan(*call, When::Nth(*nth), Mishap::SessionEnds);
            }
        };
        let (run, logins) = command.run(&lab, way, twice);
        // The second call of a command with one is the repeated one.
        let ends = command.calls.len().min(2);
        assert_eq!((run.status, logins), (0, ends), "{}", run.stderr);

        let lab = command.lab(way);
        let (run, logins) = command.run(&lab, way, |lab| {
            lab.org.plan(Call::Any, When::Always, Mishap::SessionEnds);
        });
        assert_eq!((run.status, logins), (3, 1), "{}", run.stderr);
    });
}

/// However many threads meet it, a session that is new and has expired all the same is not
/// replaced by another.
#[test]
fn a_first_session_of_this_run_that_has_expired_at_once_is_not_replaced() {
    let lab = Lab::new();
    lab.org.switch(|switches| switches.session_calls = Some(0));
    let run = lab.run(["getuserinfo"]).exits(3);
    assert_eq!(lab.calls(), ["login", "getUserInfo"]);
    assert!(!run.stderr.contains(EXPIRED), "{}", run.stderr);
}

/// None of these is an expiry: a new session would be refused the same, and each login counts.
#[test]
fn what_a_new_session_does_not_mend_is_no_expiry() {
    let way = WAYS[0];
    let cases = [
        (
            "INVALID_SESSION_ID",
            "This session is not valid for use with the API",
        ),
        (
            "INVALID_SESSION_ID",
            "This session is not valid for use with the REST API",
        ),
        (
            "INVALID_SESSION_ID",
            "Connected app is not attached to Agent",
        ),
        (
            "INVALID_OPERATION_WITH_EXPIRED_PASSWORD",
            "The users password has expired, you must call SetPassword before attempting any other API operations",
        ),
    ];
    at_once(&COMMANDS, |command| {
        for (code, text) in cases {
            let lab = command.lab(way);
            let (call, nth) = command.calls[0];
            let (run, logins) = command.run(&lab, way, |lab| {
                lab.org
                    .plan(call, When::From(nth), Mishap::Fault(code, text));
            });
            let status = if code == "INVALID_SESSION_ID" { 3 } else { 4 };
            assert_eq!((run.status, logins), (status, 0), "{code}: {}", run.stderr);
            assert!(run.stderr.contains(text), "{}", run.stderr);
            assert!(run.stderr.contains("  hint: "), "{}", run.stderr);
        }
    });
}

#[test]
fn a_renewal_that_is_refused_is_the_only_one_and_says_why() {
    for (rule, code) in [
        (LoginRule::PasswordExpired, "password"),
        (LoginRule::LockedOut, "PASSWORD_LOCKOUT"),
        (LoginRule::RateExceeded, "Login Rate Exceeded"),
    ] {
        let lab = Lab::new();
        lab.run(["login"]).exits(0);
        let cached = std::fs::read_to_string(lab.session_file()).unwrap();
        lab.org.end_sessions();
        lab.org.switch(|switches| switches.login = rule);
        let run = lab.run(["getuserinfo"]);
        assert!(matches!(run.status, 3 | 4), "{}", run.stderr);
        assert!(run.stderr.contains(code), "{}", run.stderr);
        assert_eq!(lab.calls(), ["login", "getUserInfo", "login"]);
        let now = std::fs::read_to_string(lab.session_file()).unwrap();
        assert_eq!(now, cached);
    }
}

#[test]
fn a_renewed_session_may_be_another_hosts_and_the_port_is_moved_again() {
    let port = "acme.my.salesforce.test:1";
    for host in ["acme.my.salesforce.test", port] {
        for command in &COMMANDS[..5] {
            let lab = command.lab(WAYS[0]);
            lab.org
                .switch(|switches| switches.server_host = Some(host.to_owned()));
            let (call, nth) = command.calls[command.calls.len() - 1];
            let before = lab.org.journal().entries.len();
            lab.org.plan(call, When::Nth(nth), Mishap::SessionEnds);
            let there = ["--connect-to", "acme.my.salesforce.test::localhost:"];
            lab.run(command.arguments.iter().chain(&there)).exits(0);
            let journal = lab.org.journal();
            let hosts: Vec<&str> = journal.entries[before..]
                .iter()
                .filter(|entry| entry.call != "login")
                .map(|entry| entry.host.as_str())
                .collect();
            assert_eq!(hosts.last(), Some(&"acme.my.salesforce.test"), "{hosts:?}");
        }
    }
}

#[test]
fn two_programs_that_renew_at_the_same_time_both_go_on() {
    let way = WAYS[0];
    for _ in 0..3 {
        let lab = COMMANDS[1].lab(way);
        lab.org.end_sessions();
        // So long that each has lost the old session before either has a new one.
        let late = Mishap::Delay(std::time::Duration::from_millis(300));
        lab.org.plan(Call::Login, When::Always, late);
        let commands = [COMMANDS[1].arguments, COMMANDS[4].arguments];
        let children = commands.map(|arguments| lab.command(arguments).spawn().unwrap());
        for child in children {
            let run = finish(child).exits(0);
            assert_eq!(run.stderr.matches(EXPIRED).count(), 1, "{}", run.stderr);
            assert!(run.stdout.lines().count() >= 600);
        }
        let folder = lab.session_file().parent().unwrap();
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1);
        // Either of the two sessions is in the cache, whole.
        let before = lab.calls().len();
        lab.run(["getuserinfo"]).exits(0);
        assert_eq!(lab.calls()[before..], ["getUserInfo"]);
    }
}

#[test]
fn credentials_in_the_environment_are_enough_where_nothing_can_be_written() {
    let mut lab = COMMANDS[1].lab(WAYS[0]);
    lab.set("SFMTLS_SESSION", "/proc/nowhere/session.json");
    for command in &COMMANDS[..5] {
        let (call, nth) = command.calls[command.calls.len() - 1];
        lab.org.plan(call, When::Nth(nth), Mishap::SessionEnds);
        let before = lab.calls().len();
        let run = lab.run(command.arguments);
        let calls = lab.calls().split_off(before);
        let logins = calls.iter().filter(|call| *call == "login").count();
        // A first session that has not served yet is not replaced.
        let expected = match command.calls.len() {
            1 => (3, 1),
            _ => (0, 2),
        };
        assert_eq!((run.status, logins), expected, "{}", run.stderr);
    }
}

#[test]
fn a_renewed_session_goes_to_the_profile_that_it_is_of() {
    let mut lab = Lab::new();
    lab.unset("SFMTLS_SESSION");
    let folder = lab.path(".cache/sfmtls");
    for profile in ["one", "two"] {
        lab.run(["login", "--profile", profile]).exits(0);
    }
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let (one, two) = (read("one.json"), read("two.json"));
    lab.org.end_sessions();
    lab.run(["getuserinfo", "--profile", "two"]).exits(0);
    assert_eq!(read("one.json"), one);
    assert_ne!(read("two.json"), two);
}
