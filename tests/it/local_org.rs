//! `local-org`, `demo`, and the published walkthrough's own curl commands.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use tempfile::TempDir;

use crate::judges::on_a_terminal;
use crate::lab::{Lab, Run, finish};

/// A shell around `sfmtls local-org`, with a folder for temporary files of its own.
struct Shell {
    lab: Lab,
    temporary: TempDir,
}

impl Shell {
    fn new() -> Self {
        let mut lab = Lab::new();
        let temporary = TempDir::new().unwrap();
        lab.set("TMPDIR", temporary.path());
        Self { lab, temporary }
    }

    fn run(&self, line: &str) -> Run {
        self.lab.shell(line)
    }

    /// What is left of the org's files.
    fn left(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.temporary.path()).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    }
}

#[test]
fn plain_commands_work_in_its_shell_and_reach_no_other_org() {
    let shell = Shell::new();
    // The lab's own variables lead to the lab's org.
    let run = shell.run(
        "HTTPS_PROXY=http://nowhere.test:1 SF_ACCESS_TOKEN=x SFMTLS_MTLS_PORT=wrong \
         sfmtls local-org --rows 7 -- bash -c 'sfmtls login && sfmtls query \"SELECT COUNT() FROM Contact\"; \
         env | grep -c -e PROXY -e ^SF_'",
    );
    let run = run.exits(1);
    let lines: Vec<_> = run.stdout.lines().collect();
    assert!(
        lines[0].starts_with("Logged in as integration@acme.test"),
        "{run:?}"
    );
    assert_eq!(lines[3..], ["7", "0"], "{run:?}");
    assert!(shell.lab.calls().is_empty());
    assert_eq!(shell.left(), [] as [PathBuf; 0]);
}

#[test]
fn what_it_tells_of_a_directory_holds_in_any_other() {
    let shell = Shell::new();
    let line = "mkdir other; sfmtls local-org --dir ./org -- bash -c 'cd other; cat \"$SFMTLS_CERT\" >copy.pem && env'";
    let run = shell.run(line).exits(0);
    let cert = format!(
        "SFMTLS_CERT={}\n",
        shell.lab.path("org/client.pem").display()
    );
    assert!(run.stdout.contains(&cert), "{}", run.stdout);
}

#[test]
fn its_status_is_the_commands_and_its_directory_is_gone() {
    let shell = Shell::new();
    for (command, status) in [
        ("true", 0),
        ("bash -c 'exit 42'", 42),
        ("bash -c 'kill -KILL $$'", 137),
        ("bash -c 'kill -INT $$'", 130),
    ] {
        let run = shell.run(&format!("sfmtls local-org -- {command}"));
        assert_eq!(run.status, status, "{command}: {run:?}");
        assert_eq!(shell.left(), [] as [PathBuf; 0], "{command}");
    }
    let run = shell
        .run("sfmtls local-org -- nowhere-to-be-found x")
        .exits(1);
    assert!(
        run.stderr
            .starts_with("error: cannot run nowhere-to-be-found\n"),
        "{}",
        run.stderr
    );
    assert_eq!(shell.left(), [] as [PathBuf; 0]);
}

#[test]
fn a_signal_is_passed_on_to_the_command() {
    let shell = Shell::new();
    // The command tells the signal it got; its parent is the org.
    let command = "trap \"echo got TERM; exit 9\" TERM; kill -TERM $PPID; for _ in {1..1000}; do sleep 0.01; done";
    let run = shell
        .run(&format!("sfmtls local-org -- bash -c '{command}'"))
        .exits(9);
    assert_eq!(run.stdout, "got TERM\n");
    assert_eq!(shell.left(), [] as [PathBuf; 0]);
}

#[test]
fn ctrl_c_is_the_commands_to_answer() {
    let shell = Shell::new();
    let line = "sfmtls local-org -- bash -c 'trap \"echo got INT; exit 7\" INT; stty -echo; echo ready; \
                for _ in {1..1000}; do sleep 0.01; done'; status=$?; stty echo; exit $status";
    let shown = on_a_terminal(
        &shell.lab,
        &format!("trap : INT; {line}"),
        &[("ready", "\x03")],
    );
    assert!(shown.text.contains("got INT"), "{shown:?}");
    assert_eq!(shown.status, 7, "{shown:?}");
    assert_eq!(shell.left(), [] as [PathBuf; 0]);
}

/// It used to show a prompt and nothing else.
#[test]
fn a_shell_on_a_terminal_is_told_what_it_is_and_how_to_leave_it() {
    let shell = Shell::new();
    let bash = "PS1='ready> ' sfmtls --color never local-org -- bash --norc";
    let leaves = &[("ready> ", "exit\r")];
    let shown = on_a_terminal(&shell.lab, bash, leaves);
    let told = "note: in this shell sfmtls talks to an imitation org, as integration@acme.test\r\n\
                note: leave it with `exit` or Ctrl-D; the org ends with it\r\n";
    assert!(shown.text.starts_with(told), "{:?}", shown.text);
    assert_eq!((shown.status, shell.left()), (0, Vec::new()));
    let silent = bash.replace("--color never", "-s");
    let shown = on_a_terminal(&shell.lab, &silent, leaves).text;
    assert!(!shown.contains("note: "), "{shown:?}");
    let logged = "stty -echo; echo 'ready> '; sfmtls local-org -- bash 2>said; stty echo; cat said";
    let shown = on_a_terminal(&shell.lab, logged, leaves).text;
    assert!(!shown.contains("note: "), "{shown:?}");
    // Nobody sits there.
    for quiet in [
        "sfmtls local-org -- bash -c 'echo in it'",
        "echo 'echo in it' | sfmtls local-org -- bash",
        "echo 'echo in it' >script; sfmtls local-org -- bash script",
    ] {
        let shown = on_a_terminal(&shell.lab, quiet, &[]).text;
        assert_eq!(shown, "in it\r\n", "{quiet}");
    }
}

#[test]
fn alone_it_prints_its_variables_and_runs_until_a_signal() {
    let shell = Shell::new();
    for (signal, status) in [("INT", 130), ("TERM", 143)] {
        let line = format!(
            "coproc sfmtls local-org; \
             while read -r line <&${{COPROC[0]}}; do eval \"$line\"; case $line in *SFMTLS_SESSION*) break;; esac; done; \
             sfmtls login && kill -{signal} $COPROC_PID; wait $COPROC_PID"
        );
        let run = shell.run(&line);
        assert_eq!(run.status, status, "{run:?}");
        assert!(run.stdout.starts_with("Logged in"), "{run:?}");
        assert!(run.stderr.contains("until Ctrl-C"), "{run:?}");
        assert_eq!(shell.left(), [] as [PathBuf; 0]);
    }
    shell.run("sfmtls local-org --json -- true").exits(2);
}

#[test]
fn a_directory_that_was_named_stays_with_its_files() {
    let shell = Shell::new();
    shell
        .run("sfmtls local-org --dir kept -- sfmtls login")
        .exits(0);
    let kept = shell.lab.path("kept");
    assert!(kept.join("ca.pem").exists());
    assert!(kept.join("session.json").exists());
}

#[test]
fn a_directory_that_was_named_can_be_used_again_but_not_at_the_same_time() {
    let shell = Shell::new();
    shell.run("sfmtls local-org --dir kept -- true").exits(0);
    let run = shell
        .run("sfmtls local-org --dir kept -- bash -c 'sfmtls local-org --dir kept -- true; sfmtls login'")
        .exits(0);
    assert_eq!(
        run.stderr,
        format!(
            "error: cannot start the imitation org\n  \
             cause: another org uses {}: choose another directory\n",
            shell.lab.path("kept").display()
        )
    );
    assert!(run.stdout.starts_with("Logged in"), "{run:?}");
}

#[test]
fn files_of_others_in_a_directory_that_was_named_stay_as_they_are() {
    let shell = Shell::new();
    let mine = shell.lab.file("client.pem", "precious");
    let run = shell.run("sfmtls local-org --dir . -- true").exits(1);
    assert_eq!(
        run.stderr,
        format!(
            "error: cannot start the imitation org\n  \
             cause: {} is there and is not as a local org wrote it: choose another directory\n",
            mine.display()
        )
    );
    assert_eq!(fs::read_to_string(mine).unwrap(), "precious");
    assert!(!shell.lab.path("ca.pem").exists());
}

#[test]
fn the_demo_shows_every_step_and_ends_well() {
    let shell = Shell::new();
    let run = shell
        .run("SFMTLS_LOGIN_PORT=wrong HTTPS_PROXY=x://y sfmtls demo")
        .exits(0);
    assert_eq!(run.stderr, "");
    let mut rest = run.stdout.as_str();
    for step in [
        "$ sfmtls login\nLogged in as integration@acme.test",
        "$ sfmtls getuserinfo -r human\n",
        "$ sfmtls query -r human \"SELECT Id, FirstName, LastName, Account.Name FROM Contact",
        "Rose       Gonzalez   Edge Communications",
        "$ sfmtls bulk-query -r human \"SELECT Id, FirstName, LastName, Account.Name FROM Contact",
        "\nCreated job: 750",
        "\nBatch state is: Queued\nBatch state is: InProgress\nBatch state is: Completed\n",
        "Rose       Gonzalez   Edge Communications",
        "$ curl -s --cacert ",
        "Client certificate error:<i>No client certificate provided.</i>",
        "$ curl -s --cacert ",
        "<faultstring>MUTUAL_AUTHENTICATION_FAILED: This session",
        "$ sfmtls getuserinfo -E ",
        "error: the server refused the client certificate: unable to get local issuer certificate",
        "All 9 steps did what they should.",
        "export SFMTLS_CERT=",
    ] {
        let at = rest
            .find(step)
            .unwrap_or_else(|| panic!("no {step:?} in {rest}"));
        rest = &rest[at + step.len()..];
    }
    assert_eq!(shell.left(), [] as [PathBuf; 0]);
}

#[test]
fn a_signal_ends_the_demo_and_takes_its_keys_along() {
    let shell = Shell::new();
    let mut child = shell
        .lab
        .command(["demo"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // The first line comes when the org is there.
    let mut first = [0];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut first).unwrap();
    assert_eq!(shell.left().len(), 1);
    let id = child.id().to_string();
    let kill = shell.lab.other("kill", ["-TERM", &id]).status().unwrap();
    assert!(kill.success());
    assert_eq!(finish(child).status, 143);
    assert_eq!(shell.left(), [] as [PathBuf; 0]);
}

/// The published walkthrough, its files and curl commands as they stand there; host and port are the
/// org's, and the server is verified.
const WALKTHROUGH: &str = r#"
set -eu
cd "$HOME"
PORT=${SFMTLS_LOGIN_URL##*:}
xml() { printf %s "$1" | sed -e 's/&/\&amp;/g' -e 's/</\&lt;/g'; }

cat >login.xml <<END
<?xml version="1.0" encoding="utf-8" ?>
<env:Envelope xmlns:xsd="http://www.w3.org/2001/XMLSchema"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xmlns:env="http://schemas.xmlsoap.org/soap/envelope/">
  <env:Body>
    <n1:login xmlns:n1="urn:partner.soap.sforce.com">
      <n1:username>$SFMTLS_USERNAME</n1:username>
      <n1:password>$(xml "$SFMTLS_PASSWORD$SFMTLS_SECURITY_TOKEN")</n1:password>
    </n1:login>
  </env:Body>
</env:Envelope>
END
curl -s --cacert "$SFMTLS_CACERT" https://localhost:$PORT/services/Soap/u/41.0 \
    -H "Content-Type: text/xml; charset=UTF-8" \
    -H "SOAPAction: login" \
    -d @login.xml | xmllint --format - >login-answer.xml
SESSION=$(sed -n 's/.*<sessionId>\(.*\)<\/sessionId>.*/\1/p' login-answer.xml)

cat >getuserinfo.xml <<END
<?xml version="1.0" encoding="utf-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"
    xmlns:urn="urn:partner.soap.sforce.com">
  <soapenv:Header>
    <urn:SessionHeader>
      <urn:sessionId>$SESSION</urn:sessionId>
    </urn:SessionHeader>
  </soapenv:Header>
  <soapenv:Body>
    <urn:getUserInfo />
  </soapenv:Body>
</soapenv:Envelope>
END
get_user_info() {
    curl -s --cacert "$SFMTLS_CACERT" -w '\n%{http_code}\n' "$@" \
        -H "Content-Type: text/xml; charset=UTF-8" \
        -H "SOAPAction: example" \
        -d @getuserinfo.xml
}
echo "== with the certificate"
get_user_info https://localhost:$SFMTLS_MTLS_PORT/services/Soap/u/41.0 -E "$SFMTLS_CERT"
echo "== without"
get_user_info https://localhost:$SFMTLS_MTLS_PORT/services/Soap/u/41.0
echo "== on the other port"
get_user_info https://localhost:$PORT/services/Soap/u/41.0
"#;

#[test]
fn the_walkthroughs_own_curl_commands_work_and_fail_as_published() {
    let shell = Shell::new();
    shell.lab.file("walkthrough.sh", WALKTHROUGH);
    let run = shell
        .run("sfmtls local-org -- bash walkthrough.sh")
        .exits(0);
    let parts: Vec<_> = run.stdout.split("== ").collect();
    let [_, with, without, other_port] = parts[..] else {
        panic!("{run:?}");
    };
    assert!(
        with.contains("<userName>integration@acme.test</userName>"),
        "{with}"
    );
    assert!(
        with.contains("<type>API REQUESTS</type>") && with.ends_with("\n200\n"),
        "{with}"
    );
    assert!(
        without.contains("<title>Certificate Error</title>")
            && without.contains("Client certificate error:<i>No client certificate provided.</i>")
            && without.ends_with("\n200\n"),
        "{without}"
    );
    assert!(
        other_port.contains(
            "<sf:exceptionMessage>This session could not be mutually authenticated for use with the API"
        ) && other_port.ends_with("\n500\n"),
        "{other_port}"
    );
}
