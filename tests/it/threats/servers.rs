//! A server of one's own over real TLS, which writes what it is told for as long as it is heard.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use openssl::ssl::{Ssl, SslContext, SslContextBuilder, SslMethod, SslStream};

use crate::failures::certificates::certificates;

pub(super) type Connection = SslStream<TcpStream>;

/// A piece of an endless answer.
pub(super) const PIECE: usize = 64 * 1024;

/// Starts a server on TCP alone; gives its port. It runs until the tests end.
pub(super) fn tcp(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = Arc::clone(&serve);
            thread::spawn(move || serve(stream));
        }
    });
    port
}

/// With the certificate for `localhost` that the tests trust.
pub(super) fn context() -> SslContextBuilder {
    let identity = &certificates().server;
    let mut context = SslContext::builder(SslMethod::tls_server()).expect("a context");
    context
        .set_certificate(&identity.certificate)
        .expect("a certificate");
    context.set_private_key(&identity.key).expect("a key");
    context
}

/// Each request of a connection is answered by `answer`, which is given the request; the connection
/// ends with the first answer that cannot be written or is an error.
pub(super) fn tls(
    answer: impl Fn(&str, &mut Connection) -> io::Result<()> + Send + Sync + 'static,
) -> u16 {
    tls_in(context(), answer)
}

/// The same with a context of its own.
pub(super) fn tls_in(
    context: SslContextBuilder,
    answer: impl Fn(&str, &mut Connection) -> io::Result<()> + Send + Sync + 'static,
) -> u16 {
    let context = context.build();
    tcp(move |stream| {
        let Ok(mut tls) = Ssl::new(&context).expect("TLS").accept(stream) else {
            return;
        };
        while let Some(request) = read_request(&mut tls) {
            if answer(&request, &mut tls).is_err() {
                break;
            }
        }
        drop(tls.shutdown());
        leave(tls.get_ref());
    })
}

/// The same whole answer to every request; it says its length.
pub(super) fn answering(status: &'static str, content_type: &'static str, body: String) -> u16 {
    tls(move |_, tls| tls.write_all(whole(status, content_type, &body).as_bytes()))
}

/// An answer with its length.
pub(super) fn whole(status: &str, content_type: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The beginning of an answer, then the same piece again and again until nobody listens.
pub(super) fn endless(beginning: impl Into<String>, piece: impl Into<Vec<u8>>) -> u16 {
    let beginning = beginning.into();
    let piece = large(piece);
    tls(move |_, tls| {
        tls.write_all(beginning.as_bytes())?;
        forever(tls, &piece)
    })
}

/// Repeated until it is worth a write.
pub(super) fn large(piece: impl Into<Vec<u8>>) -> Vec<u8> {
    let piece = piece.into();
    piece.repeat(PIECE.div_ceil(piece.len()))
}

pub(super) fn forever(tls: &mut Connection, piece: &[u8]) -> io::Result<()> {
    loop {
        tls.write_all(piece)?;
    }
}

fn read_request(tls: &mut Connection) -> Option<String> {
    let mut bytes = Vec::new();
    let mut some = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let mut lines = head.lines();
            let length = lines.find_map(|line| line.strip_prefix("content-length: "));
            let length = length.map_or(0, |length| length.parse().expect("a length"));
            if body.len() >= length {
                return Some(text.into_owned());
            }
        }
        match tls.read(&mut some) {
            Ok(count) if count > 0 => bytes.extend_from_slice(&some[..count]),
            _ => return None,
        }
    }
}

/// Says good-bye, and waits for the other's: a close with unread bytes would reset the connection.
pub(super) fn leave(mut stream: &TcpStream) {
    drop(stream.shutdown(Shutdown::Write));
    drop(io::copy(&mut stream, &mut io::sink()));
}
