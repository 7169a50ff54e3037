//! `sfmtls demo`: the whole walkthrough on this machine, each command printed with its output.
//!
//! The commands are run as they are printed, by this very program in processes of its own. The two
//! failure modes are called by a plain client of the imitation org's, beside the curl line that
//! does the same, because this program refuses to make either call.

use std::fmt::Display;
use std::io;
use std::process::Command;

use super::local_org::prepare;
use crate::context::Context;
use crate::local_org::{Config, Org, plain};
use anyhow::{Context as _, Result};

/// The walkthrough's query and its five rows.
const QUERY: &str = "SELECT Id, FirstName, LastName, Account.Name FROM Contact \
                     WHERE AccountId != NULL ORDER BY CreatedDate DESC LIMIT 5";
const NEWEST: [&str; 5] = [
    "Rose Gonzalez Edge Communications",
    "Sean Forbes Edge Communications",
    "Jack Rogers Burlington Textiles Corp of America",
    "Pat Stumuller Pyramid Construction Inc.",
    "Andy Young Dickenson plc",
];

struct Demo<'a> {
    context: &'a Context,
    org: Org,
    failed: u8,
}

/// Runs the walkthrough; status 0 only if each step did what it should.
///
/// # Errors
/// When the org or a command cannot be started, or standard output cannot be written to.
pub fn run(context: &Context) -> Result<u8> {
    let org = Org::start(Config::default()).context("cannot start the imitation org")?;
    let mut demo = Demo {
        context,
        org,
        failed: 0,
    };

    demo.say("An imitation org runs on this machine. Log in on its port without mutual TLS:")?;
    demo.sfmtls(&["login"], 0, |out| {
        out.contains("Logged in as integration@acme.test")
    })?;

    demo.say("Who am I? The same session, on the mutual-TLS port, with the certificate:")?;
    demo.sfmtls(&["getuserinfo", "-r", "human"], 0, |out| {
        out.contains("userName")
    })?;

    demo.say("The five newest contacts:")?;
    demo.sfmtls(&["query", "-r", "human", QUERY], 0, has_the_newest)?;

    demo.say("What goes wrong without the certificate: an HTML page, with HTTP status 200.")?;
    let url = demo.url(demo.org.mutual_port());
    demo.curl("", &url)?;
    let answer = plain::get_user_info(&demo.org, demo.org.mutual_port(), &demo.session()?)?;
    demo.expect(answer.status == 200 && answer.body.contains("No client certificate provided."))?;
    demo.print(&answer.body)?;

    demo.say("And with the session on the port without mutual TLS: a fault.")?;
    let url = demo.url(demo.org.login_port());
    demo.curl("", &url)?;
    let answer = plain::get_user_info(&demo.org, demo.org.login_port(), &demo.session()?)?;
    demo.expect(answer.status == 500 && answer.body.contains("MUTUAL_AUTHENTICATION_FAILED"))?;
    demo.print(&answer.body)?;

    demo.say(
        "The same trouble as this program tells it: the intermediate is missing in this file.",
    )?;
    let leaf_only = demo.org.files().leaf_only.to_string_lossy().into_owned();
    demo.sfmtls(&["getuserinfo", "-E", &leaf_only], 8, |out| {
        out.contains("unable to get local issuer certificate") && out.contains("hint:")
    })?;
    demo.finish()
}

/// Whether the table has the five rows, in their order.
fn has_the_newest(table: &str) -> bool {
    let rows: Vec<String> = table
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let found = rows
        .iter()
        .filter_map(|row| NEWEST.iter().position(|name| row.ends_with(name)));
    found.eq(0..NEWEST.len())
}

impl Demo<'_> {
    fn say(&self, text: &str) -> io::Result<()> {
        self.print(format_args!("\n# {text}"))
    }

    fn print(&self, text: impl Display) -> io::Result<()> {
        self.context.ui.print(text)
    }

    fn url(&self, port: u16) -> String {
        format!("https://localhost:{port}/services/Soap/u/64.0")
    }

    /// Shows the curl line of the walkthrough.
    fn curl(&self, certificate: &str, url: &str) -> io::Result<()> {
        let ca = self.org.files().ca.display();
        self.command_line(format_args!(
            "curl -s --cacert {ca}{certificate} -H 'Content-Type: text/xml; charset=UTF-8' -H 'SOAPAction: example' -d @getuserinfo.xml {url}"
        ))
    }

    fn command_line(&self, line: impl Display) -> io::Result<()> {
        self.print(format_args!("$ {line}"))
    }

    /// Runs this program with the org's variables and prints what it says on both streams.
    fn sfmtls(
        &mut self,
        arguments: &[&str],
        exit: i32,
        right: impl Fn(&str) -> bool,
    ) -> Result<()> {
        let shown: Vec<String> = arguments.iter().map(|argument| shown(argument)).collect();
        self.command_line(format_args!("sfmtls {}", shown.join(" ")))?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(arguments);
        prepare(&mut command, self.context.environment(), &self.org);
        let output = command.output()?;
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&output.stderr));
        self.print(text.trim_end())?;
        self.expect(output.status.code() == Some(exit) && right(&text))?;
        Ok(())
    }

    fn session(&self) -> Result<String> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["login", "--show-session-id"]);
        prepare(&mut command, self.context.environment(), &self.org);
        Ok(String::from_utf8(command.output()?.stdout)?
            .trim_end()
            .to_owned())
    }

    fn expect(&mut self, right: bool) -> io::Result<()> {
        if !right {
            self.failed += 1;
            self.context.ui.warning("this is not what should have come");
        }
        Ok(())
    }

    fn finish(self) -> Result<u8> {
        if self.failed > 0 {
            self.print(format_args!(
                "\n{} of 6 steps did not do what they should",
                self.failed
            ))?;
            return Ok(1);
        }
        self.print(
            "\nAll 6 steps did what they should. For your own org, set three values and run the same commands:\n\
             \n  export SFMTLS_CERT=client.pem                              # key, certificate, intermediates\
             \n  export SFMTLS_LOGIN_URL=https://NAME.my.salesforce.com\
             \n  export SFMTLS_USERNAME=integration@example.com",
        )?;
        Ok(0)
    }
}

/// An argument as a person would type it.
fn shown(argument: &str) -> String {
    if argument.contains(' ') {
        format!("\"{argument}\"")
    } else {
        argument.to_owned()
    }
}
