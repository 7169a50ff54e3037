//! `--show-curl`: the `curl` command that sends the same request, ready to paste.
//!
//! Secrets stand in it as shell variables, never as values; a key's password too, because curl asks for
//! that of a PEM file only, and only on a terminal. What curl reads from the environment by itself, as we do
//! (`SSL_CERT_FILE`), is not repeated.

use super::connect::host_and_port;
use super::{Options, Request, Role, TlsVersion, USER_AGENT};
use crate::identity::{Format, Identity};
use crate::text::secret::{Escape, Part, SecretText};
use crate::text::shell;

/// The command: one option a line, the body as a here-document behind it. The identity only says whether
/// it takes a password.
pub(crate) fn command(request: &Request, options: &Options, loaded: Option<&Identity>) -> String {
    let mut words = vec![format!(
        "curl {}",
        shell::word(&request.target.url().to_string())
    )];
    method(request, &mut words);
    headers(request, &mut words);
    if request.target.role() == Role::Api {
        certificate(options, loaded, &mut words);
    }
    trust(options, &mut words);
    way(options, &mut words);
    if let Some(form) = request.body.as_ref().and_then(Form::of) {
        return form.command(words);
    }
    let document = request.body.as_ref().map(|body| {
        words.push(format!("{} @- <<{}", data_option(request), delimiter(body)));
        here_document(body)
    });
    let command = words.join(" \\\n  ");
    match document {
        Some(document) => format!("{command}\n{document}"),
        None => command,
    }
}

/// A body makes it a POST by itself.
fn method(request: &Request, words: &mut Vec<String>) {
    match (&request.method, &request.body) {
        (&http::Method::GET, None) | (&http::Method::POST, Some(_)) => {}
        (&http::Method::POST, None) => words.push("-d ''".to_owned()),
        (method, _) => words.push(format!("-X {method}")),
    }
}

fn headers(request: &Request, words: &mut Vec<String>) {
    words.push(format!("-A {USER_AGENT}"));
    for (name, value) in &request.headers {
        let header = SecretText::from(format!("{name}: ")).append(value);
        words.push(format!("-H {}", quote_secret(&header)));
    }
    if request.method != http::Method::GET && request.header("content-type").is_none() {
        // curl would say that the body is a form.
        words.push("-H 'Content-Type:'".to_owned());
    }
    if request.asks_for_gzip() {
        words.push("--compressed".to_owned());
    }
}

fn certificate(options: &Options, loaded: Option<&Identity>, words: &mut Vec<String>) {
    let Some((certificate, key)) = &options.cert_as_given else {
        return;
    };
    // curl takes what follows a colon for the password.
    let escaped = certificate.display().to_string();
    let escaped = escaped.replace('\\', "\\\\").replace(':', "\\:");
    words.push(format!("-E {}", shell::word(&escaped)));
    // curl takes a file for PEM unless told otherwise.
    if loaded.is_some_and(|identity| identity.format == Format::Pkcs12) {
        words.push("--cert-type P12".to_owned());
    }
    if let Some(key) = key {
        words.push(format!("--key {}", shell::word(&key.display().to_string())));
    }
    if loaded.is_some_and(|identity| identity.encrypted) {
        words.push("--pass \"$SFMTLS_CERT_PASSWORD\"".to_owned());
    }
}

fn trust(options: &Options, words: &mut Vec<String>) {
    let tls_proxy = options.proxy.as_ref().is_some_and(|p| p.scheme == "https");
    if options.insecure {
        words.push("-k".to_owned());
        words.extend(tls_proxy.then(|| "--proxy-insecure".to_owned()));
    } else if let Some(file) = &options.cacert {
        let file = shell::word(&file.display().to_string());
        words.push(format!("--cacert {file}"));
        words.extend(tls_proxy.then(|| format!("--proxy-cacert {file}")));
    }
    if options.tls_min == TlsVersion::V1_3 {
        words.push("--tlsv1.3".to_owned());
    }
    if options.tls_max == Some(TlsVersion::V1_2) {
        words.push("--tls-max 1.2".to_owned());
    }
}

fn way(options: &Options, words: &mut Vec<String>) {
    if let Some(proxy) = &options.proxy {
        let address = host_and_port(&proxy.host, proxy.port);
        words.push(format!(
            "-x {}",
            shell::word(&format!("{}://{address}", proxy.scheme))
        ));
        if let Some((user, password)) = &proxy.credentials {
            let pair = SecretText::from(format!("{user}:"));
            let pair = pair.secret("SFMTLS_PROXY_PASSWORD", password.clone());
            words.push(format!("--proxy-user {}", quote_secret(&pair)));
        }
    }
    if let Some(list) = &options.no_proxy {
        words.push(format!("--noproxy {}", shell::word(list)));
    }
    for mapping in &options.connect_to {
        words.push(format!(
            "--connect-to {}",
            shell::word(&mapping.to_string())
        ));
    }
    let seconds = options.connect_timeout.as_secs_f64();
    words.push(format!("--connect-timeout {seconds}"));
}

/// A form whose last value is a secret that has to be encoded: curl does that, and reads it from a pipe,
/// so that it is not in curl's arguments.
struct Form<'a> {
    fields: &'a str,
    name: &'a str,
    variable: &'static str,
}

impl<'a> Form<'a> {
    fn of(body: &'a SecretText) -> Option<Self> {
        let [
            Part::Plain(plain),
            Part::Secret {
                variable,
                escape: Some(Escape::Form),
                ..
            },
        ] = body.parts()
        else {
            return None;
        };
        let (fields, name) = plain.strip_suffix('=')?.rsplit_once('&')?;
        Some(Self {
            fields,
            name,
            variable,
        })
    }

    fn command(&self, mut words: Vec<String>) -> String {
        words.push(format!("-d {}", shell::word(self.fields)));
        words.push(format!("--data-urlencode {}@-", self.name));
        let curl = words.join(" \\\n  ");
        format!("printf %s \"${}\" | {curl}", self.variable)
    }
}

/// A here-document ends with a line end, which XML and JSON do not mind and a form would take into
/// its last value; `--data` drops line ends.
fn data_option(request: &Request) -> &'static str {
    let form = request.header("content-type").is_some_and(|value| {
        value
            .redacted()
            .starts_with("application/x-www-form-urlencoded")
    });
    if form { "--data" } else { "--data-binary" }
}

/// A word that does not occur in the body.
fn delimiter(body: &SecretText) -> String {
    let text = body.redacted();
    let mut word = "END".to_owned();
    while text.contains(&word) {
        word.push('_');
    }
    word
}

/// The lines from behind the command to the delimiter. Secrets are expanded by the shell, nothing
/// else is.
fn here_document(body: &SecretText) -> String {
    let mut out = String::new();
    write_parts(body, &mut out, |c| matches!(c, '\\' | '$' | '`'));
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out.push_str(&delimiter(body));
    out
}

/// Text with secrets as one word, in double quotes; without any, as [`shell::word`] has it.
fn quote_secret(text: &SecretText) -> String {
    if let [Part::Plain(plain)] = text.parts() {
        return shell::word(plain);
    }
    let mut out = "\"".to_owned();
    write_parts(text, &mut out, |c| matches!(c, '\\' | '$' | '`' | '"'));
    out.push('"');
    // An interactive shell looks for history behind an exclamation mark, in double quotes too.
    out.replace('!', "\"'!'\"")
}

fn write_parts(text: &SecretText, out: &mut String, escape: impl Fn(char) -> bool) {
    let mut parts = text.parts().iter().peekable();
    while let Some(part) = parts.next() {
        match part {
            Part::Plain(plain) => {
                for c in plain.chars() {
                    if escape(c) {
                        out.push('\\');
                    }
                    out.push(c);
                }
            }
            // Only in a body, which is a here-document: no quotes are open around it.
            Part::Secret {
                variable,
                escape: Some(Escape::Xml),
                ..
            } => {
                out.push_str(&format!(
                    "$(printf %s \"${variable}\" | sed 's/&/\\&amp;/g;s/</\\&lt;/g')"
                ));
            }
            Part::Secret { variable, .. } => {
                let goes_on = match parts.peek() {
                    Some(Part::Plain(next)) => next.starts_with(is_name),
                    _ => false,
                };
                if goes_on {
                    out.push_str(&format!("${{{variable}}}"));
                } else {
                    out.push_str(&format!("${variable}"));
                }
            }
        }
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}
