//! The table's rows, and what is done with each.

use super::world::World;
use crate::lab::Run;

/// One way to fail.
pub(super) struct Case {
    name: &'static str,
    world: Box<dyn Fn(&mut World)>,
    arguments: Vec<&'static str>,
    pub(super) exit: i32,
    pub(super) code: &'static str,
    pub(super) stderr: String,
    rows_left: bool,
}

/// What is wrong; how the world is set; the arguments; exit status, code, and standard error.
///
/// Arguments and text may hold the placeholders of [`World`], such as `[HOME]`.
pub(super) fn case<const N: usize>(
    name: &'static str,
    world: impl Fn(&mut World) + 'static,
    arguments: [&'static str; N],
    exit: i32,
    code: &'static str,
    stderr: impl Into<String>,
) -> Case {
    Case {
        name,
        world: Box::new(world),
        arguments: arguments.to_vec(),
        exit,
        code,
        stderr: stderr.into(),
        rows_left: false,
    }
}

impl Case {
    /// Rows leave before it fails.
    pub(super) fn after_rows(self) -> Self {
        Self {
            rows_left: true,
            ..self
        }
    }

    /// Runs the program three times: for a person, for a script, and as talkative as it gets.
    fn differences(&self) -> Vec<String> {
        let mut world = World::new(self.arguments[0]);
        (self.world)(&mut world);
        let mut wrong = Vec::new();
        let mut compare = |what: &str, expected: &str, found: &str| {
            if expected != found {
                wrong.push(format!(
                    "--- {}: {what}, expected:\n{expected}\n--- found:\n{found}",
                    self.name
                ));
            }
        };

        let run = self.run(&world, &[]);
        compare(
            "exit status",
            &self.exit.to_string(),
            &run.status.to_string(),
        );
        let stderr = self.told(&world);
        compare("standard error", &stderr, run.stderr.trim_end());
        compare(
            "rows",
            &self.rows_left.to_string(),
            &(!run.stdout.is_empty()).to_string(),
        );

        let run = self.run(&world, &["--json"]);
        compare(
            "exit status with --json",
            &self.exit.to_string(),
            &run.status.to_string(),
        );
        let said = run.stderr.trim_end();
        let (document, other) = match said.rsplit_once('\n') {
            _ if !self.rows_left => (run.stdout.as_str(), said),
            Some((remarks, document)) => (document, remarks),
            None => (said, ""),
        };
        compare("--json", &self.document(&stderr), document.trim_end());
        compare("standard error with --json", &self.remarks(), other);
        if self.rows_left {
            let whole = serde_json::from_str::<serde_json::Value>(&run.stdout).is_ok();
            compare("whole JSON on standard output", "false", &whole.to_string());
        }

        let run = self.run(&world, &["-vv", "--show-curl"]);
        compare(
            "exit status with -vv",
            &self.exit.to_string(),
            &run.status.to_string(),
        );
        if self.is_told_before_a_call() {
            let calls = world.lab().calls();
            compare("calls", "", &calls.join(" "));
        }
        wrong
    }

    /// Whether the reason is known from what was typed and from files, so that nothing may be sent.
    fn is_told_before_a_call(&self) -> bool {
        let of_a_file = [
            "file-",
            "format-",
            "pem-",
            "p12-",
            "password-",
            "unrecognized-",
        ];
        match self.exit {
            2 => true,
            8 => {
                let named = matches!(
                    self.code,
                    "cert-corrupt" | "cert-missing" | "key-missing" | "key-mismatch" | "leaf-is-ca"
                );
                named || of_a_file.iter().any(|start| self.code.starts_with(start))
            }
            _ => matches!(
                self.code,
                "ca-file-unreadable" | "input-unreadable" | "session-cache" | "session-missing"
            ),
        }
    }

    /// Runs it once; no secret may show in anything that is said.
    fn run(&self, world: &World, more: &[&str]) -> Run {
        // The table tells the last try; how many there are is in `retries`.
        let arguments = self.arguments.iter().chain(more).chain(&["--retry", "0"]);
        let run = world.run(arguments.copied());
        for secret in world.secrets() {
            for said in [&run.stdout, &run.stderr] {
                assert!(
                    !said.contains(secret),
                    "{}: {secret} shows:\n{said}",
                    self.name
                );
            }
        }
        run
    }

    /// Standard error: whatever concerns the certificate ends by naming the command that tells more,
    /// where there is more to tell.
    fn told(&self, world: &World) -> String {
        let told_already = [
            "file-not-found",
            "file-unreadable",
            "file-empty",
            "password-required",
        ];
        if self.exit != 8 || told_already.contains(&self.code) {
            return self.stderr.clone();
        }
        let option = |name: &str| {
            let pair = self.arguments.windows(2).find(|pair| pair[0] == name)?;
            Some(pair[1].to_owned())
        };
        let word = |file: String| match file.contains(' ') {
            true => format!("'{file}'"),
            false => file,
        };
        let cert = option("-E").or_else(|| world.variable("SFMTLS_CERT"));
        let key = option("--key").or_else(|| world.variable("SFMTLS_KEY"));
        let key = key.map(|key| format!(" --key {}", word(key)));
        let way: String = ["--cert-pass-file", "--cacert", "--login-url", "--mtls-port"]
            .iter()
            .filter_map(|name| Some(format!(" {name} {}", word(option(name)?))))
            .collect();
        let more = format!(
            "sfmtls check-cert -E {}{}{way}",
            word(cert.unwrap_or_default()),
            key.unwrap_or_default()
        );
        format!("{}\n  hint: this tells more:\n        {more}", self.stderr)
    }

    /// What a script gets, out of what a person reads.
    fn document(&self, stderr: &str) -> String {
        let mut parts: Vec<(&str, String)> = Vec::new();
        for line in stderr.lines() {
            let part = ["error: ", "  cause: ", "  hint: "]
                .into_iter()
                .find_map(|name| Some((name, line.strip_prefix(name)?)));
            match (part, parts.last_mut()) {
                (Some((name, text)), _) => parts.push((name, text.to_owned())),
                (None, Some((name, text))) => {
                    let indented = &" ".repeat(name.len());
                    text.push('\n');
                    text.push_str(line.strip_prefix(indented.as_str()).unwrap_or(line));
                }
                // Notes and warnings come before.
                (None, None) => {}
            }
        }
        let all = |name: &str| -> Vec<&str> {
            let named = parts.iter().filter(|(part, _)| *part == name);
            named.map(|(_, text)| text.as_str()).collect()
        };
        let hint = |shown: &str| match shown.replace(":\n", ": ") {
            // The command that goes on with a job asks for the same.
            hint if hint.contains(" --job-id [JOB]") => format!("{hint} --json"),
            hint => hint,
        };
        let hints: Vec<_> = all("  hint: ").into_iter().map(hint).collect();
        let hint = (!hints.is_empty()).then(|| hints.join("\n"));
        serde_json::json!({ "error": {
            "code": self.code,
            "message": all("error: ").first(),
            "cause": all("  cause: "),
            "hint": hint,
            "exitCode": self.exit,
        }})
        .to_string()
    }

    /// Notes and warnings, which are no part of the document.
    fn remarks(&self) -> String {
        let before = self
            .stderr
            .lines()
            .take_while(|line| !line.starts_with("error: "));
        before.collect::<Vec<_>>().join("\n")
    }
}

/// Holds every case, and tells all that differ at once.
#[track_caller]
pub(super) fn hold(cases: impl IntoIterator<Item = Case>) {
    let wrong: Vec<String> = cases
        .into_iter()
        .flat_map(|case| case.differences())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_document_in_full() {
    let world = World::new("getuserinfo");
    world.org().end_sessions();
    let run = world.run(["getuserinfo", "--json"]).exits(3);
    assert_eq!(run.stderr, "");
    let document = concat!(
        r#"{"error":{"code":"INVALID_SESSION_ID","#,
        r#""message":"INVALID_SESSION_ID: Invalid Session ID found in SessionHeader: Illegal Session. Session not found, missing session hash","#,
        r#""cause":["POST https://localhost:[PORT]/services/Soap/u/64.0/00D36000000YUbz answered with a fault"],"#,
        r#""hint":"log in again: sfmtls login -u integration@acme.test --login-url https://localhost","exitCode":3}}"#,
        "\n"
    );
    assert_eq!(run.stdout, document);
}
