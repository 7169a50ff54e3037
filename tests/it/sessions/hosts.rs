//! Where a session goes, and where it never does.

use std::net::TcpListener;

use sfmtls::local_org::{Call, Ending, Mishap, When};

use super::{COMMANDS, CONTACTS, Command, WAYS, Way};
use crate::bulk::at_once;
use crate::lab::Lab;

/// A listener that nobody may come to.
struct Elsewhere {
    listener: TcpListener,
    port: u16,
}

impl Elsewhere {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        Self { listener, port }
    }

    /// Host names that are not the org's lead here, whatever port they are called at.
    fn options(&self) -> Vec<String> {
        let here = format!("localhost:{}", self.port);
        LOOKALIKES
            .iter()
            .flat_map(|host| ["--connect-to".to_owned(), format!("{host}::{here}")])
            .collect()
    }

    #[track_caller]
    fn was_never_called(&self) {
        assert!(self.listener.accept().is_err(), "somebody came");
    }
}

/// Hosts that look like the org's, which is `acme.my.salesforce.test` here.
const LOOKALIKES: [&str; 6] = [
    "evil.test",
    "acme.my.salesforce.test.evil.test",
    "acme-my.salesforce.test",
    "other.my.salesforce.test",
    "my.salesforce.test",
    "xn--cme-7na.my.salesforce.test",
];

/// What URLs of answers may begin with, beside those hosts: user names, ports, other letters.
const TRICKS: [&str; 8] = [
    "https://acme.my.salesforce.test@evil.test",
    "https://acme.my.salesforce.test:443@evil.test",
    "https://evil.test\\@acme.my.salesforce.test",
    "https://evil.test#acme.my.salesforce.test",
    "https://\u{430}cme.my.salesforce.test",
    "https://acme.my.salesforce.test.",
    "http://acme.my.salesforce.test",
    "//evil.test",
];

fn urls() -> Vec<String> {
    let hosts = LOOKALIKES.iter().map(|host| format!("https://{host}"));
    hosts.chain(TRICKS.map(str::to_owned)).collect()
}

/// An org whose sessions are `acme.my.salesforce.test`'s, and where every other name leads.
fn acme(command: &Command) -> (Lab, Elsewhere, Vec<String>) {
    let lab = command.lab(Way {
        prepare: |lab| {
            let host = "acme.my.salesforce.test".to_owned();
            lab.org.switch(|switches| switches.server_host = Some(host));
            lab.run(["login"]).exits(0);
            lab.forget_credentials();
        },
        ..WAYS[1]
    });
    let elsewhere = Elsewhere::new();
    let mut options = elsewhere.options();
    options.extend([
        "--connect-to".to_owned(),
        "acme.my.salesforce.test::localhost:".to_owned(),
    ]);
    (lab, elsewhere, options)
}

#[test]
fn a_url_in_an_answer_never_leads_the_session_to_another_host() {
    let job = [
        "bulk-query",
        "--bulk-api",
        "2",
        CONTACTS,
        "-s",
        "--parallel",
        "2",
    ];
    let (lab, elsewhere, options) = acme(&COMMANDS[4]);
    for url in urls() {
        let run = || {
            lab.run(
                job.iter()
                    .map(|part| (*part).to_owned())
                    .chain(options.clone()),
            )
        };
        lab.org
            .switch(|switches| switches.bulk.list.urls_at = Some(url.clone()));
        let run = run().exits(6);
        assert!(run.stderr.contains("error: "), "{url}: {}", run.stderr);
        assert!(
            !run.stderr.contains("INVALID_SESSION"),
            "{url}: {}",
            run.stderr
        );
    }
    // The host itself may be named, in any case and with any port: the port is moved.
    for url in [
        "https://acme.my.salesforce.test",
        "https://ACME.My.Salesforce.TEST",
        "https://acme.my.salesforce.test:443",
        "HTTPS://acme.my.salesforce.test:1",
    ] {
        lab.org
            .switch(|switches| switches.bulk.list.urls_at = Some(url.to_owned()));
        lab.run(
            job.iter()
                .map(|part| (*part).to_owned())
                .chain(options.clone()),
        )
        .exits(0);
    }
    elsewhere.was_never_called();
}

#[test]
fn a_list_of_jobs_that_goes_on_at_another_host_is_not_followed() {
    let (lab, elsewhere, options) = acme(&COMMANDS[4]);
    lab.org.switch(|switches| {
        switches.bulk.list.page = 1;
        switches.bulk.list.urls_at = Some("https://acme.my.salesforce.test.evil.test".to_owned());
    });
    for _ in 0..2 {
        let lost = Mishap::Cut {
            after: None,
            ending: Ending::Reset,
        };
        lab.org.plan(Call::BulkCreate, When::Nth(1), lost);
        let job = ["bulk-query", "--bulk-api", "2", CONTACTS, "--async"];
        drop(
            lab.run(
                job.iter()
                    .map(|part| (*part).to_owned())
                    .chain(options.clone()),
            ),
        );
    }
    let job = ["bulk-query", "--bulk-api", "2", CONTACTS, "--async"];
    lab.org.plan(
        Call::BulkCreate,
        When::Nth(1),
        Mishap::Unheard(Ending::Close),
    );
    let run = lab
        .run(job.iter().map(|part| (*part).to_owned()).chain(options))
        .exits(6);
    assert!(
        run.stderr.contains("the list of jobs cannot be had"),
        "{}",
        run.stderr
    );
    elsewhere.was_never_called();
}

#[test]
fn a_redirect_is_not_followed_by_any_call() {
    at_once(&COMMANDS, |command| {
        let (lab, elsewhere, options) = acme(command);
        for (call, nth) in command.calls {
            let to = "https://acme.my.salesforce.test.evil.test/services/data/".to_owned();
            let (run, _) = command.run_with(&lab, WAYS[1], &options, |lab| {
                lab.org.plan(*call, When::Nth(*nth), Mishap::Redirect(to));
            });
            assert_eq!(run.status, 6, "{call:?}: {}", run.stderr);
            assert!(run.stderr.contains("evil.test"), "{call:?}: {}", run.stderr);
        }
        elsewhere.was_never_called();
    });
}

/// `login --login-url` and then any command without it: the password used to go to
/// `login.salesforce.com`, where each wrong one counts towards a lock-out.
#[test]
fn an_expired_session_is_renewed_where_it_came_from_unless_another_place_is_named() {
    let mut lab = Lab::new();
    let url = lab.variable("SFMTLS_LOGIN_URL").unwrap().to_owned();
    let url = url.to_str().unwrap();
    lab.unset("SFMTLS_LOGIN_URL");
    let elsewhere = Elsewhere::new();
    let at = |host: &str| format!("{host}::localhost:{}", elsewhere.port);
    let options = [
        "--connect-to".to_owned(),
        at("login.salesforce.com"),
        "--connect-to".to_owned(),
        at("test.salesforce.com"),
    ];
    let login = ["login", "--login-url", url, "--api-version", "63.0"];
    lab.run(login).exits(0);
    lab.org.end_sessions();
    let command = ["getuserinfo".to_owned()].into_iter().chain(options);
    lab.run(command.clone()).exits(0);
    let cached = std::fs::read_to_string(lab.session_file()).unwrap();
    assert!(cached.contains("\"api_version\": \"63.0\""), "{cached}");
    elsewhere.was_never_called();

    lab.org.end_sessions();
    let run = lab.run(command.chain(["--sandbox".to_owned(), "--connect-timeout=1".to_owned()]));
    assert_ne!(run.status, 0, "{}", run.stderr);
    assert!(elsewhere.listener.accept().is_ok(), "nobody came");
}

/// An edit of the cache by hand or by a script: the session is as good as a password.
#[test]
fn a_cache_whose_host_was_changed_gives_its_session_to_nobody() {
    let (lab, elsewhere, options) = acme(&COMMANDS[0]);
    let file = lab.session_file();
    let whole = std::fs::read_to_string(file).unwrap();
    for url in urls() {
        let escaped = serde_json::json!(url).to_string();
        let changed = whole.replace("https://acme.my.salesforce.test", escaped.trim_matches('"'));
        assert_ne!(changed, whole);
        std::fs::write(file, changed).unwrap();
        let run = lab
            .run(
                ["getuserinfo".to_owned()]
                    .into_iter()
                    .chain(options.clone()),
            )
            .exits(3);
        assert!(
            run.stderr.contains("error: session cache "),
            "{url}: {}",
            run.stderr
        );
        assert!(run.stderr.contains("sfmtls login"), "{url}: {}", run.stderr);
    }
    elsewhere.was_never_called();
}
