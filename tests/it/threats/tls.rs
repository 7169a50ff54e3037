//! Handshakes that do not end, are no TLS, or bring more than anyone needs.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::thread;

use openssl::ssl::{Ssl, SslVersion};

use super::servers::{PIECE, context, leave, tcp, tls_in};
use super::watch::{SMALL, Victim};
use crate::failures::certificates::certificates;

const ASK: [&str; 5] = ["getuserinfo", "--connect-timeout", "1", "--retry", "0"];
const LOGIN: [&str; 3] = ["login", "--connect-timeout", "1"];

/// The same at both ports: mutual TLS, and the platform's TLS of a login.
fn at_both(port: u16, statuses: [i32; 2], says: &str) {
    Victim::of(port)
        .run(&ASK, statuses[0])
        .says(says)
        .within(SMALL)
        .briefly();
    let login = Victim::logging_in_at(port).run(&LOGIN, statuses[1]);
    login.says(says).within(SMALL).briefly();
}

#[test]
fn a_handshake_that_stops_in_the_middle_is_left_after_the_connect_time_out() {
    const NOT_DONE: &str = "but no handshake was done within 1 s";
    // Half of the server's first flight, then silence.
    let port = tcp(|mut stream| {
        let mut hello = [0; 4096];
        drop(stream.read(&mut hello));
        drop(stream.write_all(&[22, 3, 3, 0x10, 0, 2, 0, 0x0f]));
        drop(std::io::copy(&mut stream, &mut std::io::sink()));
    });
    at_both(port, [6, 6], NOT_DONE);
}

/// Each byte comes in time; all of them do not.
#[test]
fn a_handshake_that_trickles_is_left_after_the_connect_time_out() {
    let port = tcp(|mut stream| {
        drop(stream.write_all(&[22, 3, 3, 0x40, 0]));
        while stream.write_all(&[0]).is_ok() {
            thread::sleep(std::time::Duration::from_millis(20));
        }
    });
    Victim::of(port)
        .run(&ASK, 6)
        .says("error: ")
        .within(SMALL)
        .briefly();
    Victim::logging_in_at(port)
        .run(&LOGIN, 6)
        .says("error: ")
        .within(SMALL);
}

#[test]
fn plain_text_and_noise_in_place_of_tls_are_named() {
    for noise in [
        &b"HTTP/1.1 200 OK\r\n\r\n"[..],
        b"SSH-2.0-OpenSSH_9.9\r\n",
        &[0; 64],
        &[22; 64],
    ] {
        let noise = noise.repeat(PIECE / noise.len());
        let port = tcp(move |mut stream| while stream.write_all(&noise).is_ok() {});
        Victim::of(port)
            .run(&ASK, 6)
            .says("error: ")
            .says("\n  hint: ")
            .within(SMALL)
            .briefly();
        Victim::logging_in_at(port)
            .run(&LOGIN, 6)
            .says("error: ")
            .within(SMALL)
            .briefly();
    }
}

#[test]
fn a_chain_of_thousands_of_certificates_is_refused() {
    for version in [SslVersion::TLS1_2, SslVersion::TLS1_3] {
        let mut context = context();
        context.set_max_proto_version(Some(version)).unwrap();
        for _ in 0..5000 {
            context
                .add_extra_chain_cert(certificates().ca.certificate.clone())
                .unwrap();
        }
        let context = context.build();
        let port = tcp(
            move |stream| match Ssl::new(&context).unwrap().accept(stream) {
                Ok(tls) => leave(tls.get_ref()),
                Err(openssl::ssl::HandshakeError::Failure(refused)) => leave(refused.get_ref()),
                Err(_) => {}
            },
        );
        Victim::of(port)
            .run(&ASK, 6)
            .says("error: ")
            .within(SMALL)
            .briefly();
        let login = Victim::logging_in_at(port).run(&LOGIN, 6);
        login.says("error: ").within(SMALL).briefly();
    }
}

/// Tickets without end stand between two requests and behind an answer.
#[test]
fn session_tickets_by_the_thousand_take_no_memory() {
    let mut context = context();
    context.set_num_tickets(2000).unwrap();
    let port = tls_in(context, |_, tls| {
        tls.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 3\r\n\r\n<a>")
    });
    Victim::of(port).run(&ASK, 6).within(SMALL).briefly();
}

/// `openssl s_server`, told to begin a new handshake as soon as the request is there.
struct Renegotiating(Child);

impl Drop for Renegotiating {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[test]
fn a_renegotiation_without_end_is_left_by_the_time_for_a_head() {
    let mut victim = Victim::new();
    let identity = certificates().server.pem_with_key();
    let identity = victim.lab().file("server.pem", identity);
    let child = Command::new("openssl")
        .args(["s_server", "-accept", "127.0.0.1:0", "-tls1_2", "-cert"])
        .arg(identity)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl runs");
    let mut server = Renegotiating(child);
    let mut lines = BufReader::new(server.0.stdout.take().unwrap()).lines();
    let accept = lines.find_map(|line| line.ok()?.strip_prefix("ACCEPT ").map(str::to_owned));
    let (_, port) = accept
        .as_deref()
        .and_then(|address| address.rsplit_once(':'))
        .unwrap();
    let port = port.trim().parse().unwrap();
    let mut stdin = server.0.stdin.take().unwrap();
    thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            // Each handshake that is done, and each request, leads to the next handshake.
            if (line.contains("POST") || line.contains("RENEGOTIATING") || line.contains("CIPHER"))
                && stdin.write_all(b"r\n").is_err()
            {
                return;
            }
        }
    });
    let victim = Victim::of(port);
    victim
        .watch(&["getuserinfo", "--idle-timeout", "1", "--retry", "0"], 6)
        .says("error: ")
        .within(SMALL)
        .briefly();
}
