//! What `-v`, `-vv` and `--show-curl` say, and what they keep to themselves.

use std::process::Command;

use super::lab::{Kind, mint};
use super::server::acceptor;
use super::*;

fn heard(options: Options, requests: &[Request]) -> String {
    let heard = Arc::new(Heard::default());
    let observer: Arc<dyn Observer> = heard.clone();
    let transport = Transport::new(options, identity(), observer);
    for request in requests {
        read(transport.send(request)).expect("an answer");
    }
    heard.text()
}

const SECRET_ANSWER: &str =
    "<r><sessionId>00D000000000001!AQ.secret_1</sessionId><url>/00D000000000001</url></r>";

fn verbose(verbosity: u8, role: Role) -> String {
    let server = Server::start(|s| {
        let length = SECRET_ANSWER.len();
        s.write(&format!(
            "HTTP/1.1 200 OK\r\nSet-Cookie: BrowserId=secret_2\r\nContent-Length: {length}\r\n\r\n{SECRET_ANSWER}"
        ));
    });
    let mut request = post(role);
    request.headers.push((
        "Authorization",
        SecretText::from("Bearer ").secret("SFMTLS_SESSION_ID", Secret::new("00Dx!secret_3")),
    ));
    let options = Options {
        verbosity,
        ..options(server.port)
    };
    let text = heard(options, &[request.clone(), request]);
    for secret in ["secret_1", "secret_2", "secret_3", "00Dsecret!token"] {
        assert!(!text.contains(secret), "{text}");
    }
    text
}

/// The lines of `wanted` in their order, others between them.
fn assert_lines(text: &str, wanted: &[&str]) {
    let mut lines = text.lines();
    for line in wanted {
        assert!(
            lines.any(|l| l.starts_with(line)),
            "{line} is missing or out of order in\n{text}"
        );
    }
}

#[test]
fn verbose_tells_connection_certificates_and_heads() {
    let text = verbose(1, Role::Api);
    let fingerprint = lab()
        .client
        .certificate
        .digest(openssl::hash::MessageDigest::sha256());
    let fingerprint: Vec<_> = fingerprint
        .expect("a digest")
        .iter()
        .map(|b| format!("{b:02X}"))
        .collect();
    let sent = format!(
        "* client certificate sent: CN=integration.test; SHA-256 {}; 2 intermediates",
        fingerprint.join(":")
    );
    assert_lines(
        &text,
        &[
            "* trying 127.0.0.1:",
            "* connected to 127.0.0.1 (127.0.0.1) port ",
            "* SSL connection using TLSv1.3 / TLS_",
            "*  subject: CN=na30.test",
            "*  expire date: ",
            "*  issuer: CN=Lab Server Root",
            "*  trusting the CAs of ",
            &sent,
            "> POST /services/Soap/u/64.0 HTTP/1.1",
            "> Host: na30.test:8443",
            "> Accept-Encoding: gzip",
            "> SOAPAction: \"\"",
            "> Authorization: [redacted]",
            "> Content-Length: 24",
            "< HTTP/1.1 200 OK",
            "< set-cookie: [redacted]",
            "* re-using the open connection",
            "> POST /services/Soap/u/64.0 HTTP/1.1",
        ],
    );
    assert!(
        !text.contains("<r>") && !text.contains("<id>"),
        "bodies need -vv: {text}"
    );
}

/// Each line of the trace begins as ours do: a name cannot make one.
#[test]
fn a_servers_name_with_line_ends_forges_no_line() {
    let forging = mint("evil\n> POST /forged HTTP/1.1", None, Kind::Server, 90);
    for role in [Role::Api, Role::Login] {
        let server = Server::with(acceptor(&forging), |s| s.answer("200 OK", ""));
        let options = Options {
            verbosity: 1,
            insecure: true,
            ..options(server.port)
        };
        let text = heard(options, &[get(role, "/")]);
        assert!(!text.contains("\n> POST"), "{text}");
        if role == Role::Api {
            assert_lines(&text, &["*  subject: CN=evil > POST /forged"]);
        }
    }
}

#[test]
fn the_certificate_of_a_look_without_an_identity_is_not_said_to_be_unsuitable() {
    let server = Server::start(|s| s.answer("200 OK", ""));
    let options = Options {
        verbosity: 1,
        ..options(server.port)
    };
    let heard = Arc::new(Heard::default());
    let (transport, _) = Transport::probing(options, None, heard.clone());
    read(transport.send(&get(Role::Login, "/"))).expect("an answer");
    assert_lines(
        &heard.text(),
        &["* no client certificate was sent: none was to be shown"],
    );
}

#[test]
fn very_verbose_adds_bodies() {
    let text = verbose(2, Role::Api);
    assert_lines(
        &text,
        &[
            "> <id>[redacted]</id>",
            "< <r><sessionId>[redacted]</sessionId><url>/00D000000000001</url></r>",
        ],
    );
}

#[test]
fn a_login_tells_host_port_and_trust_and_no_client_certificate() {
    let text = verbose(1, Role::Login);
    assert_lines(
        &text,
        &[
            "* connected to 127.0.0.1",
            "*  trusting the CAs of ",
            "> POST ",
        ],
    );
    assert!(
        !text.contains("client certificate") && !text.contains("integration.test"),
        "{text}"
    );
}

#[test]
fn silence_is_the_default() {
    assert_eq!(verbose(0, Role::Api), "");
}

#[test]
fn a_long_body_is_shown_in_part_and_a_token_cut_at_the_end_is_hidden() {
    let server = Server::start(|s| {
        let body = format!("{}{}", "x".repeat(2030), SECRET_ANSWER);
        s.answer("200 OK", &body);
    });
    let options = Options {
        verbosity: 2,
        ..options(server.port)
    };
    let text = heard(options, &[get(Role::Api, "/")]);
    assert!(text.contains("the rest of the body is not shown"), "{text}");
    assert!(!text.contains("00D"), "{text}");
}

#[test]
fn a_secret_of_the_request_that_the_answer_repeats_is_hidden_where_it_is_cut() {
    let server = Server::start(|s| {
        let body = format!("{}00Dsecret!token 00Dsecret!token", "x".repeat(2028));
        s.answer("200 OK", &body);
    });
    let options = Options {
        verbosity: 2,
        ..options(server.port)
    };
    let text = heard(options, &[post(Role::Api)]);
    assert!(text.contains("x[redacted] [redacted"), "{text}");
    assert!(!text.contains("00D"), "{text}");
}

/// Sends the request, runs the command it was shown with by the real curl, and compares what came.
fn assert_same_by_curl(mut options: Options, server: &Server, request: &Request) -> String {
    options.show_curl = true;
    let command = {
        let heard = Arc::new(Heard::default());
        let observer: Arc<dyn Observer> = heard.clone();
        let transport = Transport::new(options, identity(), observer);
        let ours = read(transport.send(request)).expect("an answer");
        let command = heard.text();
        let curl = Command::new("sh")
            .args(["-c", &command])
            .env_clear()
            .env("PATH", std::env!("PATH"))
            .env("SFMTLS_SESSION_ID", "00D$1'\"`x\\!to ken")
            .env("SFMTLS_CLIENT_SECRET", "00D$1'\"`x\\!token&+%")
            .output()
            .expect("curl runs");
        assert!(
            curl.status.success(),
            "{command}\n{}",
            String::from_utf8_lossy(&curl.stderr)
        );
        assert_eq!(String::from_utf8_lossy(&curl.stdout), ours, "{command}");
        command
    };
    let (ours, theirs) = (server.next(), server.next());
    assert_eq!(theirs.chain, ours.chain, "{command}");
    assert_eq!(theirs.server_name, ours.server_name);
    assert_eq!(parts(&theirs.request), parts(&ours.request), "{command}");
    command
}

/// Request line, headers that both can be expected to share, and the body but for its line end.
fn parts(request: &str) -> (String, Vec<String>, String) {
    let (head, body) = request.split_once("\r\n\r\n").expect("a head");
    let mut lines = head.lines();
    let first = lines.next().expect("a request line").to_owned();
    let mut headers: Vec<_> = lines
        .map(|line| line.split_once(": ").expect("a header"))
        .map(|(name, value)| format!("{}: {value}", name.to_ascii_lowercase()))
        .filter(|h| !h.starts_with("accept-encoding") && !h.starts_with("content-length"))
        .collect();
    headers.sort();
    (first, headers, body.trim_end_matches('\n').to_owned())
}

fn session() -> Secret {
    Secret::new("00D$1'\"`x\\!to ken")
}

#[test]
fn the_curl_command_sends_the_same_request_and_gets_the_same_answer() {
    let server = Server::start(|s| s.answer("200 OK", "the answer"));
    let identity = lab().file_with_key(
        "it's client:1.pem",
        &[&lab().client, &lab().issuing, &lab().policy],
    );
    let options = Options {
        cert_as_given: Some((identity, None)),
        ..options(server.port)
    };
    let mut request = post(Role::Api);
    request.headers.push((
        "X-SFDC-Session",
        SecretText::new().secret("SFMTLS_SESSION_ID", session()),
    ));
    request.headers.push((
        "Authorization",
        SecretText::from("Bearer $HOME \"q\" `id` !x ").secret("SFMTLS_SESSION_ID", session()),
    ));
    request.body = Some(
        SecretText::from("<a b='1'>$HOME `id` \\ \\n END\nEND\n</a><s>")
            .secret("SFMTLS_SESSION_ID", session())
            .plain("_tail</s>\n"),
    );
    let command = assert_same_by_curl(options.clone(), &server, &request);
    assert!(!command.contains("to ken"), "{command}");
    assert!(command.contains("--data-binary @- <<END_\n"), "{command}");
    assert!(
        command.ends_with("${SFMTLS_SESSION_ID}_tail</s>\nEND_"),
        "{command}"
    );

    request.body = Some("{\"state\":\"UploadComplete\"}".into());
    request.method = http::Method::PATCH;
    assert_same_by_curl(options.clone(), &server, &request);
    assert_same_by_curl(
        options.clone(),
        &server,
        &get(Role::Api, "/services/data/query?q=SELECT+Id&x='1'"),
    );
    request.method = http::Method::POST;
    request.headers.clear();
    request.body = None;
    assert_same_by_curl(options.clone(), &server, &request);
    request.body = Some("no type".into());
    assert_same_by_curl(options, &server, &request);
}

#[test]
fn the_curl_command_of_a_login_has_no_certificate_and_keeps_a_form_exact() {
    let server = Server::start(|s| s.answer("400 Bad Request", "{}"));
    let options = Options {
        cert_as_given: Some((PathBuf::from("client.pem"), Some(PathBuf::from("key.pem")))),
        tls_min: TlsVersion::V1_3,
        insecure: true,
        no_proxy: Some("*".to_owned()),
        ..options(server.port)
    };
    let mut request = post(Role::Login);
    request.headers = vec![("Content-Type", "application/x-www-form-urlencoded".into())];
    request.body =
        Some(SecretText::from("grant_type=x&assertion=").secret("SFMTLS_SESSION_ID", session()));
    let command = assert_same_by_curl(options, &server, &request);
    for absent in ["-E", "--key", "--cacert", "client.pem"] {
        assert!(!command.contains(absent), "{command}");
    }
    for present in [
        " -k ",
        "--tlsv1.3",
        "--noproxy '*'",
        "--data @- <<END\n",
        "--connect-timeout 10",
        "--compressed",
    ] {
        assert!(command.contains(present), "{present}: {command}");
    }
}

/// Its value used to be sent as it is in the variable.
#[test]
fn the_curl_command_of_a_form_encodes_the_secret_in_it() {
    let server = Server::start(|s| s.answer("400 Bad Request", "{}"));
    let mut request = post(Role::Login);
    request.headers = vec![("Content-Type", "application/x-www-form-urlencoded".into())];
    // As `assert_same_by_curl` has it in the variable.
    let encoded = Secret::new("00D%241%27%22%60x%5C%21token%26%2B%25");
    let body = SecretText::from("grant_type=x&client_id=a%26b&client_secret=");
    request.body = Some(body.secret_in_form("SFMTLS_CLIENT_SECRET", encoded));
    let command = assert_same_by_curl(options(server.port), &server, &request);
    for present in [
        "printf %s \"$SFMTLS_CLIENT_SECRET\" | curl ",
        "--data-urlencode client_secret@-",
    ] {
        assert!(command.contains(present), "{present}: {command}");
    }
}

#[test]
fn the_curl_command_names_key_container_and_proxy() {
    let identity = Identity {
        format: Format::Pkcs12,
        ..lab().identity()
    };
    // A pipe, for one: what was read is not there to be looked at again.
    let gone = PathBuf::from("/nonexistent/fd/63");
    let options = Options {
        cert_as_given: Some((gone, Some(PathBuf::from("my key.pem")))),
        proxy: Some(Proxy {
            scheme: "https".to_owned(),
            host: "::1".to_owned(),
            port: 3128,
            credentials: Some(("user".to_owned(), Secret::new("hunter2"))),
        }),
        connect_to: vec![ConnectTo {
            host: Some("a.test".to_owned()),
            port: None,
            to_host: Some("::1".to_owned()),
            to_port: Some(1),
        }],
        cacert: Some(PathBuf::from("ca.pem")),
        ..Options::default()
    };
    let command = curl::command(&post(Role::Api), &options, Some(&identity));
    for present in [
        "-E /nonexistent/fd/63",
        "--cert-type P12",
        "--key 'my key.pem'",
        "--cacert ca.pem",
        "--proxy-cacert ca.pem",
        "-x 'https://[::1]:3128'",
        "--proxy-user \"user:$SFMTLS_PROXY_PASSWORD\"",
        "--connect-to 'a.test::[::1]:1'",
    ] {
        assert!(command.contains(present), "{present}: {command}");
    }
    assert!(!command.contains("hunter2"));
    let command = curl::command(&post(Role::Api), &options, Some(&lab().identity()));
    assert!(!command.contains("--cert-type"), "{command}");
}
