//! The way to the org: proxies, `--connect-to`, trust; and the curl commands that go the same way.

use std::process::Stdio;

use serde_json::Value;
use sfmtls::local_org::proxy::{Proxy, ProxyConfig};
use sfmtls::local_org::{Config, Prefixes};

use crate::judges::{Format, read};
use crate::lab::{Lab, Run, finish};

/// A proxy that asks for user and password, and the URL to give.
fn proxy() -> (Proxy, String) {
    let proxy = Proxy::start(ProxyConfig {
        credentials: Some("user:p@ss/wört".to_owned()),
        ..ProxyConfig::default()
    })
    .unwrap();
    let url = format!("http://user:p%40ss%2Fw%C3%B6rt@{}", proxy.address());
    (proxy, url)
}

fn targets(proxy: &Proxy) -> Vec<(String, u16)> {
    let tunnels = proxy.journal().into_iter();
    tunnels
        .map(|tunnel| (tunnel.target, tunnel.status))
        .collect()
}

#[test]
fn a_proxy_carries_the_login_and_the_calls_each_to_its_port() {
    let mut lab = Lab::new();
    let (proxy, url) = proxy();
    lab.set("HTTPS_PROXY", &url);
    lab.run(["login"]).exits(0);
    lab.run(["getuserinfo"]).exits(0);
    let login = format!("localhost:{}", lab.org.login_port());
    let mutual = format!("localhost:{}", lab.org.mutual_port());
    assert_eq!(targets(&proxy), [(login, 200), (mutual.clone(), 200)]);

    // As an option it stands before the environment's.
    let before = proxy.journal().len();
    lab.set("HTTPS_PROXY", "http://nowhere.test:1");
    lab.run(["getuserinfo", "-x", &url]).exits(0);
    assert_eq!(targets(&proxy)[before..], [(mutual, 200)]);
    lab.run(["getuserinfo", "-x", ""]).exits(0);
    assert_eq!(proxy.journal().len(), before + 1);
}

#[test]
fn hosts_that_need_no_proxy_are_reached_without_it() {
    let mut lab = Lab::logged_in();
    let (proxy, url) = proxy();
    lab.set("ALL_PROXY", &url);
    lab.set("NO_PROXY", "other.test,localhost");
    lab.run(["getuserinfo"]).exits(0);
    lab.run(["getuserinfo", "--noproxy", "*"]).exits(0);
    assert!(proxy.journal().is_empty());
    lab.run(["getuserinfo", "--noproxy", "other.test"]).exits(0);
    assert_eq!(proxy.journal().len(), 1);
}

#[test]
fn a_proxys_password_is_in_no_output() {
    let lab = Lab::logged_in();
    let (_proxy, url) = proxy();
    for arguments in [
        &["getuserinfo", "-vv", "--show-curl", "-x", &url][..],
        &["getuserinfo", "-vv", "-x", &url.replace("user:", "other:")],
        &[
            "getuserinfo",
            "-vv",
            "-x",
            &url.replace("127.0.0.1", "127.0.0.1 "),
        ],
        &["getuserinfo", "-vv", "-x", &url.replace("http", "socks5")],
    ] {
        let run = lab.run(arguments);
        let said = run.stdout + &run.stderr;
        assert!(!said.contains("p@ss") && !said.contains("p%40ss"), "{said}");
        assert!(!said.contains("dXNlcjpwQHNz"), "{said}");
    }
}

#[test]
fn connect_to_leads_a_name_to_another_place_and_keeps_it() {
    let mut lab = Lab::new();
    lab.set("SFMTLS_LOGIN_URL", "https://acme.my.salesforce.test");
    lab.set("SFMTLS_LOGIN_PORT", "443");
    lab.set("SFMTLS_MTLS_PORT", "8443");
    let login = format!(
        "acme.my.salesforce.test:443:localhost:{}",
        lab.org.login_port()
    );
    let mutual = format!(":8443:127.0.0.1:{}", lab.org.mutual_port());
    let way = ["--connect-to", &login, "--connect-to", &mutual];
    let out = lab.stdout(["login"].iter().chain(&way));
    assert!(
        out.contains("Endpoint: https://acme.my.salesforce.test:8443/services/Soap/u/64.0/"),
        "{out}"
    );
    lab.run(["getuserinfo"].iter().chain(&way)).exits(0);
    let journal = lab.org.journal();
    assert_eq!(journal.entries.len(), 2);
    assert!(
        journal
            .entries
            .iter()
            .all(|entry| entry.host == "acme.my.salesforce.test")
    );

    // Through a proxy CONNECT names the place.
    let (proxy, url) = proxy();
    lab.run(["getuserinfo", "-x", &url].iter().chain(&way))
        .exits(0);
    let place = format!("127.0.0.1:{}", lab.org.mutual_port());
    assert_eq!(targets(&proxy), [(place, 200)]);
}

#[test]
fn a_server_that_is_not_trusted_is_refused_unless_that_is_switched_off_with_a_warning() {
    let mut lab = Lab::logged_in();
    lab.unset("SFMTLS_CACERT");
    lab.run(["getuserinfo"]).exits(9);
    const WARNING: &str = "warning: the server's certificate is not verified (--insecure)\n";
    for _ in 0..2 {
        let run = lab.run(["getuserinfo", "-k"]).exits(0);
        assert_eq!(run.stderr, WARNING, "each time, once");
    }
    let run = lab.run(["getuserinfo", "-k", "-s"]).exits(0);
    assert_eq!(run.stderr, "");
    let mut login = Lab::new();
    login.unset("SFMTLS_CACERT");
    let run = login.run(["getuserinfo", "-k"]).exits(0);
    assert_eq!(
        run.stderr, WARNING,
        "login and call on two ports, one warning"
    );
    assert_eq!(lab.run(["completions", "bash", "-k"]).exits(0).stderr, "");
}

/// Runs the curl commands that a run showed, in a plain shell.
fn shown_curl(lab: &Lab, run: &Run) -> String {
    assert!(run.stderr.contains("curl https:"), "{}", run.stderr);
    let file = lab.file("shown.sh", &run.stderr);
    let mut sh = lab.other("sh", ["-e", file.to_str().unwrap()]);
    sh.env("SFMTLS_SESSION_ID", lab.org.session(0, "localhost"));
    let run = finish(sh.stderr(Stdio::piped()).spawn().unwrap()).exits(0);
    run.stdout
}

/// Everything from each `<records` to its end.
fn records(xml: &str) -> Vec<&str> {
    let starts = xml.match_indices("<records").map(|(at, _)| at);
    starts
        .map(|at| {
            let end = xml[at..].find("</records>").unwrap();
            &xml[at..at + end]
        })
        .collect()
}

#[test]
fn the_curl_command_shown_for_getuserinfo_gets_the_same_answer() {
    let lab = Lab::logged_in();
    let run = lab
        .run(["getuserinfo", "-r", "csv", "--show-curl", "-s"])
        .exits(0);
    let answer = read(Format::Xml, &shown_curl(&lab, &run));
    let result = &answer[3][1][3][0][3][0][3];
    let column = |at: usize| -> Vec<Value> {
        let fields = result.as_array().unwrap().iter();
        fields.map(|field| field[at].clone()).collect()
    };
    let names: Vec<String> = column(0)
        .iter()
        .map(|name| {
            name.as_str()
                .unwrap()
                .rsplit('}')
                .next()
                .unwrap()
                .to_owned()
        })
        .collect();
    let ours = read(Format::Csv, &run.stdout);
    assert_eq!(ours, serde_json::json!([names, column(2)]));
}

/// Pasted, the command used to carry an empty session.
#[test]
fn the_first_curl_command_that_needs_the_session_says_where_it_comes_from() {
    let lab = Lab::logged_in_with(Config {
        rows: 450,
        ..Config::default()
    });
    let comment = "# export SFMTLS_SESSION_ID=$(sfmtls login --show-session-id)";
    let query = ["query", "SELECT Id FROM Contact", "--batch-size", "200"];
    let run = lab.run(query.iter().chain(&["--show-curl", "-s"])).exits(0);
    assert!(
        run.stderr.starts_with(&format!("{comment}\ncurl ")),
        "{}",
        run.stderr
    );
    assert!(run.stderr.matches("\ncurl ").count() > 1, "{}", run.stderr);
    assert_eq!(run.stderr.matches(comment).count(), 1, "{}", run.stderr);
    let lab = Lab::new();
    let run = lab.run(["login", "--show-curl", "-s"]).exits(0);
    assert!(
        run.stderr.contains("curl ") && !run.stderr.contains("# "),
        "{}",
        run.stderr
    );
}

#[test]
fn the_curl_command_shown_for_an_encrypted_identity_takes_the_password_by_variable() {
    let mut lab = Lab::logged_in();
    let files = lab.org.files().clone();
    let password = std::fs::read_to_string(&files.key_password).unwrap();
    let password = password.trim_end();
    lab.set("SFMTLS_CERT_PASSWORD", password);
    for identity in [&files.client_p12, &files.client_encrypted] {
        lab.set("SFMTLS_CERT", identity);
        let run = lab
            .run(["getuserinfo", "-r", "csv", "--show-curl", "-s"])
            .exits(0);
        assert!(run.stderr.contains("--pass \"$SFMTLS_CERT_PASSWORD\""));
        assert!(!run.stderr.contains(password), "{}", run.stderr);
        // Nobody could answer curl here.
        let answer = shown_curl(&lab, &run);
        assert!(answer.contains("userName>integration@acme.test<"));
    }
    lab.set("SFMTLS_CERT", &files.client);
    let run = lab.run(["getuserinfo", "--show-curl", "-s"]).exits(0);
    assert!(!run.stderr.contains("--pass"), "{}", run.stderr);
}

#[test]
fn the_curl_command_for_an_identity_in_a_pipe_does_not_wait_for_the_pipe_again() {
    let mut lab = Lab::logged_in();
    let files = lab.org.files().clone();
    let password = std::fs::read_to_string(&files.key_password).unwrap();
    lab.set("SFMTLS_CERT_PASSWORD", password.trim_end());
    lab.set("P12", &files.client_p12);
    // Whoever opens it a second time waits for a writer, who would bring nothing.
    let line = "mkfifo pipe && { cat \"$P12\" > pipe & \
                { timeout 60 sfmtls getuserinfo -s --cert pipe --show-curl; echo $? >&2; }; }";
    let run = lab.shell(line).exits(0);
    assert!(
        run.stderr.contains("-E pipe \\\n  --cert-type P12 "),
        "{}",
        run.stderr
    );
    assert!(run.stderr.ends_with("\n0\n"), "{}", run.stderr);
}

#[test]
fn the_curl_commands_shown_for_a_query_get_the_same_records() {
    let lab = Lab::logged_in_with(Config {
        rows: 450,
        ..Config::default()
    });
    lab.org
        .switch(|switches| switches.prefixes = Prefixes::AsCaptured);
    // Without Id, which stands twice in the server's records.
    // A shell that expanded the variable would leave out a row.
    let soql = "SELECT LastName, Description FROM Contact \
                WHERE Email != 'contact7$NOWHERE@example.test' AND Title != '`x` \\\\ \"&<'";
    let run = lab
        .run([
            "query",
            soql,
            "-r",
            "xml",
            "--batch-size",
            "200",
            "--show-curl",
            "-s",
        ])
        .exits(0);
    let theirs = shown_curl(&lab, &run);
    assert_eq!(records(&run.stdout).len(), 450);
    assert_eq!(records(&run.stdout), records(&theirs));
}

#[test]
fn the_curl_command_shown_for_a_login_logs_the_same_user_in() {
    let lab = Lab::new();
    let run = lab.run(["login", "--show-curl", "-s"]).exits(0);
    // The password has characters that XML and shells read in their own ways.
    let answer = shown_curl(&lab, &run);
    assert!(answer.contains("sessionId>00D36000000YUbz!"), "{answer}");
    assert!(
        answer.contains("userName>integration@acme.test</"),
        "{answer}"
    );
    let last = lab.org.journal().entries.last().cloned().unwrap();
    assert!(
        last.user_agent.starts_with("sfmtls/"),
        "as we name ourselves"
    );
}
