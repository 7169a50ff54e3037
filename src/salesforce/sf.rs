//! A session of the Salesforce CLI's, `sf`: it is asked for, not looked for in its files.
//!
//! Two generations: up to 2.136.7 `sf org display` shows the access token; since then the token comes
//! from `sf org auth show-access-token`, which refreshes it first, and `display` says `[REDACTED]`
//! (sources of salesforcecli/plugin-org).

use std::io;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::endpoint::{ApiVersion, EndpointError, ServerUrl};
use super::session::{Origin, Session};
use crate::text::secret::{MARK, Secret};

/// The program.
pub const SF: &str = "sf";

/// The longest that one subcommand may take. It takes 1 to 5 s to start (measured; a program on
/// Node.js with plugins), and asks Salesforce at most once for a token.
pub const LIMIT: Duration = Duration::from_secs(60);

/// What a subcommand printed.
#[derive(Debug)]
pub struct Printed {
    /// Standard output.
    pub stdout: Vec<u8>,
    /// The last lines of standard error: a bounded part, from the beginning of a line.
    pub last_words: String,
    /// Whether it left its standard output before its time ([`LIMIT`]) was over.
    pub in_time: bool,
}

/// What runs a subcommand, without anything on its standard input.
pub type Run<'a> = &'a dyn Fn(&[&str]) -> io::Result<Printed>;

/// Why no session was taken over.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SfError {
    /// There is no such program.
    #[error("the Salesforce CLI (sf) is not there: {0}")]
    NotFound(String),
    /// It answered with an error, told in its words.
    #[error("the Salesforce CLI has no session of {alias}: {message}")]
    Refused {
        /// The alias or user name that was asked for.
        alias: String,
        /// Its own words.
        message: String,
    },
    /// What it printed is not what it prints with `--json`.
    #[error("`sf {command}` printed no JSON document")]
    NotJson {
        /// The subcommand.
        command: &'static str,
        /// The end of its standard error, without what may be a secret.
        last_words: String,
    },
    /// It has not answered within [`LIMIT`].
    #[error("`sf {command}` has not answered within {} s, and was ended", LIMIT.as_secs())]
    TooSlow {
        /// The subcommand.
        command: &'static str,
        /// The end of its standard error, without what may be a secret.
        last_words: String,
    },
    /// The document lacks something.
    #[error("`sf {command}` told no {what}")]
    Missing {
        /// The subcommand.
        command: &'static str,
        /// What was looked for.
        what: &'static str,
    },
    /// The instance URL is not one to call.
    #[error("the instance URL of {alias} is not usable: {source}")]
    InstanceUrl {
        /// The alias or user name.
        alias: String,
        /// Why not.
        source: EndpointError,
    },
}

/// Asks `sf` for the session of an org that it knows; `version` is the one that calls are made at.
///
/// # Errors
/// [`SfError`].
pub fn session(
    run: Run<'_>,
    alias: &str,
    version: ApiVersion,
    now: fn() -> SystemTime,
) -> Result<Session, SfError> {
    const DISPLAY: &str = "org display";
    let org = ask(run, DISPLAY, alias)?;
    let text = |name: &str| Some(org.get(name)?.as_str()?.to_owned()).filter(|it| !it.is_empty());
    let token = match text("accessToken").filter(|token| is_token(token)) {
        Some(token) => token,
        None => show_access_token(run, alias)?,
    };
    let url = text("instanceUrl").ok_or(SfError::Missing {
        command: DISPLAY,
        what: "instanceUrl",
    })?;
    let server_url = ServerUrl::parse(&url).map_err(|source| SfError::InstanceUrl {
        alias: alias.to_owned(),
        source,
    })?;
    Ok(Session {
        id: Secret::new(token),
        server_url,
        username: text("username"),
        user_id: None,
        organization_id: text("id"),
        api_version: version,
        origin: Origin::SalesforceCli {
            alias: alias.to_owned(),
        },
        obtained_at: now(),
        idle: None,
    })
}

fn show_access_token(run: Run<'_>, alias: &str) -> Result<String, SfError> {
    const COMMAND: &str = "org auth show-access-token";
    let shown = ask(run, COMMAND, alias)?;
    let token = shown.get("accessToken").and_then(Value::as_str);
    let token = token.filter(|token| is_token(token));
    token.map(str::to_owned).ok_or(SfError::Missing {
        command: COMMAND,
        what: "access token",
    })
}

/// Whether it is a token, and not the word that stands for one.
fn is_token(text: &str) -> bool {
    !text.is_empty() && !text.starts_with("[REDACTED]")
}

/// The `result` of a subcommand.
fn ask(run: Run<'_>, command: &'static str, alias: &str) -> Result<Value, SfError> {
    let mut arguments: Vec<&str> = command.split(' ').collect();
    // In one word: an alias may begin as an option does.
    let org = format!("--target-org={alias}");
    arguments.extend([org.as_str(), "--json"]);
    let printed = run(&arguments).map_err(|error| SfError::NotFound(error.to_string()))?;
    let last_words = last_words(&printed.last_words);
    if !printed.in_time {
        return Err(SfError::TooSlow {
            command,
            last_words,
        });
    }
    let Some(mut document) = document(&printed.stdout) else {
        return Err(SfError::NotJson {
            command,
            last_words,
        });
    };
    match document.get_mut("result") {
        Some(result) if result.is_object() => Ok(result.take()),
        _ => Err(SfError::Refused {
            alias: alias.to_owned(),
            message: match document.get("message").and_then(Value::as_str) {
                Some(message) => without_tokens(message),
                None => "it does not say why".to_owned(),
            },
        }),
    }
}

/// The JSON document in what was printed: some versions print a warning before or behind it.
fn document(printed: &[u8]) -> Option<Value> {
    let text = String::from_utf8_lossy(printed);
    let starts = text.match_indices('{').map(|(start, _)| start);
    starts
        .map(|start| serde_json::Deserializer::from_str(&text[start..]).into_iter::<Value>())
        .find_map(|mut values| {
            values
                .next()?
                .ok()
                .filter(|value| value.get("status").is_some())
        })
}

/// As many lines of its standard error are told.
const LINES: usize = 4;

/// What it said last, without what may be a secret.
fn last_words(stderr: &str) -> String {
    let lines = stderr.lines().map(str::trim_end);
    let mut last: Vec<_> = lines
        .rev()
        .filter(|it| !it.is_empty())
        .take(LINES)
        .collect();
    last.reverse();
    without_tokens(&last.join("\n"))
}

/// No word has as many characters; every token and every secret of OAuth that Salesforce gives has more.
const TOKEN: usize = 40;

/// The text without what may be a token: nobody knows those that it has in its files.
fn without_tokens(text: &str) -> String {
    let is_of_token = |c: char| c.is_ascii_alphanumeric() || "!._-+=%".contains(c);
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(is_of_token) {
        let (before, word) = rest.split_at(start);
        let end = word.find(|c| !is_of_token(c)).unwrap_or(word.len());
        let (word, after) = word.split_at(end);
        out.push_str(before);
        match word.len() < TOKEN {
            true => out.push_str(word),
            false => out.push_str(MARK),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    const TOKEN: &str = "00D36000000YUbz!AQ.token";
    const SHOWN: &str =
        r#"{"status":0,"result":{"accessToken":"00D36000000YUbz!AQ.token"},"warnings":["w"]}"#;

    fn display(token: &str) -> String {
        format!(
            r#"{{"status":0,"result":{{"id":"00D36000000YUbzEAG","accessToken":"{token}","instanceUrl":"https://acme.my.salesforce.test","username":"u@acme.test"}}}}"#
        )
    }

    /// What comes of these outputs, one a run, and what was run.
    fn taken(outputs: &[&str]) -> (Result<Session, SfError>, Vec<String>) {
        let ran = RefCell::new(Vec::new());
        let run = |arguments: &[&str]| {
            ran.borrow_mut().push(arguments.join(" "));
            match outputs.get(ran.borrow().len() - 1) {
                Some(output) => Ok(Printed {
                    stdout: output.as_bytes().to_vec(),
                    last_words: String::new(),
                    in_time: true,
                }),
                None => Err(io::Error::from(io::ErrorKind::NotFound)),
            }
        };
        let result = session(&run, "acme", ApiVersion::DEFAULT, || SystemTime::UNIX_EPOCH);
        (result, ran.into_inner())
    }

    #[test]
    fn an_old_cli_tells_everything_at_once() {
        let (session, ran) = taken(&[&display(TOKEN)]);
        let session = session.expect("a session");
        assert_eq!(session.id.expose(), TOKEN);
        assert_eq!(session.server_url.host(), "acme.my.salesforce.test");
        assert_eq!(session.username.as_deref(), Some("u@acme.test"));
        assert_eq!(
            session.organization_id.as_deref(),
            Some("00D36000000YUbzEAG")
        );
        assert_eq!(ran, ["org display --target-org=acme --json"]);
    }

    #[test]
    fn a_redacted_token_is_asked_for_by_the_command_that_shows_it() {
        let redacted = display("[REDACTED] Use 'sf org auth show-access-token' to view");
        let (session, ran) = taken(&[&redacted, SHOWN]);
        assert_eq!(session.expect("a session").id.expose(), TOKEN);
        assert_eq!(
            ran[1],
            "org auth show-access-token --target-org=acme --json"
        );
        let (session, _) = taken(&[&redacted, &redacted]);
        assert!(matches!(
            session,
            Err(SfError::Missing {
                what: "access token",
                ..
            })
        ));
    }

    #[test]
    fn warnings_around_the_document_are_passed_over() {
        let noisy = format!(
            "Warning: {{an update}} is there\n{}\nbye {{}}\n",
            display(TOKEN)
        );
        let (session, _) = taken(&[&noisy]);
        assert_eq!(session.expect("a session").id.expose(), TOKEN);
    }

    #[test]
    fn what_gives_no_session_is_told_apart() {
        let (missing, _) = taken(&[]);
        assert!(matches!(missing, Err(SfError::NotFound(_))));
        let (silent, _) = taken(&["not a document"]);
        assert!(matches!(silent, Err(SfError::NotJson { .. })));
        let refusal = r#"{"status":1,"name":"NamedOrgNotFoundError","message":"No authorization information found for acme."}"#;
        let (refused, _) = taken(&[refusal]);
        let error = refused.expect_err("no such alias").to_string();
        assert!(
            error.ends_with("of acme: No authorization information found for acme."),
            "{error}"
        );
        let (nowhere, _) = taken(&[r#"{"status":0,"result":{"accessToken":"00D!A"}}"#]);
        assert!(matches!(
            nowhere,
            Err(SfError::Missing {
                what: "instanceUrl",
                ..
            })
        ));
    }

    #[test]
    fn one_that_does_not_answer_in_time_is_told_with_its_last_words() {
        let run = |_: &[&str]| {
            Ok(Printed {
                stdout: display(TOKEN).into_bytes(),
                last_words: "asking\nfor a\r\n\nnew token\nof\nacme\n".to_owned(),
                in_time: false,
            })
        };
        let error = session(&run, "acme", ApiVersion::DEFAULT, || SystemTime::UNIX_EPOCH);
        let error = error.expect_err("it is late");
        assert_eq!(
            error.to_string(),
            "`sf org display` has not answered within 60 s, and was ended"
        );
        assert!(
            matches!(&error, SfError::TooSlow { last_words, .. } if last_words == "for a\nnew token\nof\nacme"),
            "{error:?}"
        );
    }

    #[test]
    fn its_words_are_told_without_tokens() {
        let session = format!("00D36000000YUbz!AQ.{}", "x".repeat(40));
        let refresh = format!("5Aep861{}", "y".repeat(80));
        let told = format!(
            "at /usr/lib/node_modules/@salesforce/core/lib/org/authInfo.js:12\n{session}: \"{refresh}\" (force://PlatformCLI::{refresh}@acme.my.salesforce.com)"
        );
        assert_eq!(
            without_tokens(&told),
            "at /usr/lib/node_modules/@salesforce/core/lib/org/authInfo.js:12\n[redacted]: \"[redacted]\" (force://PlatformCLI::[redacted]@acme.my.salesforce.com)"
        );
    }
}
