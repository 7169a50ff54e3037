//! Gateways that are not Salesforce: nginx as it is, and others that repeat what they hear.

use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::at;
use super::minted::{Made, lab, mint, pem};
use super::probe;
use super::salesforce::save_session;
use super::servers::{Tls, login};
use crate::check::{raises, spares};

/// nginx before nothing, with a folder of its own.
struct Nginx {
    child: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Nginx {
    /// Wants a certificate of the lab's root.
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name).display().to_string();
        let key = lab().server.key.private_key_to_pem_pkcs8().expect("PEM");
        std::fs::write(path("server.pem"), [key, pem(&lab().server)].concat()).expect("written");
        // It takes the port over that the system chose, and that is open already.
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (certificate, root) = (path("server.pem"), lab().root_file.display());
        let configuration = format!(
            "daemon off; pid {}; error_log stderr;\n\
             events {{}}\n\
             http {{ access_log off; client_body_temp_path {}; proxy_temp_path {}; fastcgi_temp_path {};\n\
             uwsgi_temp_path {}; scgi_temp_path {};\n\
             server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {certificate}; ssl_certificate_key {certificate};\n\
             ssl_client_certificate {root}; ssl_verify_client on; ssl_verify_depth 5;\n\
             location / {{ return 200 'hello'; }} }} }}\n",
            path("pid"),
            path("a"),
            path("b"),
            path("c"),
            path("d"),
            path("e"),
        );
        std::fs::write(path("nginx.conf"), configuration).expect("written");
        let child = Command::new(program())
            .args(["-p", &path(""), "-c", &path("nginx.conf")])
            .env("NGINX", "0;")
            .stdin(OwnedFd::from(listener))
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx runs");
        Self {
            child,
            port,
            _folder: folder,
        }
    }
}

impl Drop for Nginx {
    /// In order, so that its worker ends with it.
    fn drop(&mut self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        let ended = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        ended.expect("it runs");
        drop(self.child.wait());
    }
}

/// Debian keeps it where only root looks.
fn program() -> PathBuf {
    let places = [
        "/usr/sbin/nginx",
        "/usr/local/sbin/nginx",
        "/opt/homebrew/bin/nginx",
    ];
    let place = places.iter().map(Path::new).find(|place| place.exists());
    place.unwrap_or(Path::new("nginx")).to_owned()
}

#[test]
fn nginx_refuses_a_certificate_on_a_page_of_its_own() {
    let nginx = Nginx::start();
    let expired = mint(Made {
        issuer: Some(lab().issuing()),
        days: [-90, -1],
        ..Made::default()
    });
    let expired = lab().with_chain("expired-for-nginx.pem", &expired);
    let checked = at(nginx.port, &expired, &[]);
    raises(&checked, "http-client-cert-rejected");
    spares(&checked, "sf-client-certificate-error");
    let probes = &checked.report["probes"];
    // Without a certificate it has another page, and that is data.
    assert_eq!(probes[1]["http"]["kind"], "nginx");
    assert_eq!(probes[2]["http"]["status"], 400);
    let checked = at(nginx.port, &lab().client, &[]);
    spares(&checked, "http-client-cert-rejected");
    raises(&checked, "http-unexpected");
}

/// Where the files do not show it, each text used to get the same advice.
#[test]
fn the_page_says_what_is_wrong_and_the_advice_is_about_that() {
    let advice = |reason: &str, asks: bool| {
        let page =
            format!("HTTP/1.1 200 OK\r\n\r\n<h3>Client certificate error:<i>{reason}</i></h3>");
        let server = Tls::of(&lab().server);
        let server = if asks { server.asks() } else { server };
        // With its root nothing in the file explains the page.
        let root = lab().root_file.to_str().expect("UTF-8");
        let checked = at(server.answers(page), &lab().client, &["--client-ca", root]);
        let finding = checked.finding("sf-client-certificate-error");
        finding["remedy"].as_str().expect("advice").to_owned()
    };
    for (reason, asks, word) in [
        ("certificate has expired", true, "renew"),
        ("certificate revoked", true, "order a new one"),
        ("unsuitable certificate purpose", true, "clientAuth"),
        (
            "unable to get local issuer certificate",
            true,
            "cacerts.jsp",
        ),
        ("No client certificate provided.", true, "did not arrive"),
        ("No client certificate provided.", false, "asked for none"),
    ] {
        let advice = advice(reason, asks);
        assert!(advice.contains(word), "{reason}: {advice}");
    }
}

#[test]
fn an_answer_without_a_word_is_told_as_that() {
    let port = Tls::of(&lab().server)
        .asks()
        .answers("HTTP/1.1 404 Not Found\r\n\r\n");
    let checked = at(port, &lab().client, &[]);
    let message = checked.finding("http-unexpected")["message"].to_string();
    assert!(message.ends_with("does: an empty answer\""), "{message}");
}

/// The text used to be cut in bytes, and counted as none where that cut a character or it was no UTF-8.
#[test]
fn the_first_line_of_any_answer_is_shown() {
    let long = "x".repeat(199);
    let cut = format!("{long}\u{fc}");
    for (body, shown) in [
        (format!("{long}\u{fc}\u{fc}").as_bytes(), &*cut),
        (b"caf\xe9 closed", "caf\u{fffd} closed"),
        (b"\r\n\nbehind empty lines\nand more", "behind empty lines"),
    ] {
        let answer = [b"HTTP/1.1 500 Internal Server Error\r\n\r\n", body].concat();
        let port = Tls::of(&lab().server).asks().answers(answer);
        let message = at(port, &lab().client, &[]).finding("http-unexpected")["message"].clone();
        let message = message.as_str().expect("text");
        assert!(message.ends_with(&format!("does: {shown}")), "{message}");
    }
}

/// A session, or a password, that a server repeats, in a page, a fault or a redirect.
#[test]
fn a_server_that_repeats_a_secret_does_not_get_it_shown() {
    const ID: &str = "00D000000000001!AQ.never.to.be.shown";
    const PASSWORD: &str = "and.this.never";
    let folder = tempfile::tempdir().expect("a folder");
    let session = folder.path().join("session.json");
    save_session(&session, "localhost", ID);
    let session = session.to_str().expect("UTF-8");
    for answer in [
        format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><title>{ID}</title></html>"
        ),
        format!("HTTP/1.1 200 OK\r\n\r\n<h3>Client certificate error:<i>{ID}</i></h3>"),
        format!("HTTP/1.1 500 {ID}\r\n\r\n{ID}"),
        format!("HTTP/1.1 500 Error\r\n\r\n{PASSWORD}"),
        format!("HTTP/1.1 302 Found\r\nLocation: https://{PASSWORD}.test/\r\n\r\n"),
        format!("HTTP/1.1 200 OK\r\n\r\n<h3>Client certificate error:<i>{PASSWORD}</i></h3>"),
        "HTTP/1.1 500 Error\r\n\r\nAQ.never.to.be.shown".to_owned(),
        format!(
            "HTTP/1.1 500 Error\r\nContent-Type: text/xml\r\n\r\n<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\">\
             <e:Body><e:Fault><faultcode>X</faultcode><faultstring>{ID}</faultstring></e:Fault></e:Body></e:Envelope>"
        ),
    ] {
        let port = Tls::of(&lab().server).asks().answers(answer);
        let variables = [
            ("SFMTLS_SESSION", session),
            ("SFMTLS_CERT_PASSWORD", PASSWORD),
        ];
        for more in [&[][..], &["-vv", "--show-curl"][..]] {
            let checked = probe(
                "localhost",
                [login(), port],
                &lab().client,
                more,
                &variables,
            );
            let text = format!("{:#}{}", checked.report, checked.stderr);
            assert!(!text.contains("never.to.be.shown"), "{text}");
            assert!(!text.contains(PASSWORD), "{text}");
        }
    }
}
