//! A client that shows the bytes of an answer and how the connection ended.

use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::time::Duration;

use openssl::ssl::{Ssl, SslContext, SslFiletype, SslMethod, SslStream, SslVerifyMode};

use super::super::*;

pub(super) const GET_USER_INFO: &str = "<p:getUserInfo/>";

/// The end of a connection, as seen from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    CloseNotify,
    Close,
    Reset,
    /// The answer was whole by its length, the connection still stands.
    Open,
}

pub(super) struct Client {
    tls: SslStream<TcpStream>,
}

pub(super) fn envelope(session: &str, call: &str) -> String {
    format!(
        "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:p=\"urn:partner.soap.sforce.com\">\
         <e:Header><p:SessionHeader><p:sessionId>{session}</p:sessionId></p:SessionHeader></e:Header>\
         <e:Body>{call}</e:Body></e:Envelope>"
    )
}

pub(super) fn post(body: &str) -> String {
    post_with("Content-Type: text/xml\r\nSOAPAction: \"\"\r\n", body)
}

pub(super) fn post_with(headers: &str, body: &str) -> String {
    format!(
        "POST /services/Soap/u/64.0 HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

impl Client {
    /// Connects to the mutual port with the right certificate.
    pub(super) fn new(org: &Org) -> Self {
        Self::at(org, org.mutual_port(), &org.files().client).expect("a connection")
    }

    pub(super) fn at(org: &Org, port: u16, identity: &Path) -> io::Result<Self> {
        let mut context = SslContext::builder(SslMethod::tls_client())?;
        context.set_ca_file(&org.files().ca)?;
        context.set_verify(SslVerifyMode::PEER);
        context.set_certificate_chain_file(identity)?;
        context.set_private_key_file(identity, SslFiletype::PEM)?;
        let ssl = Ssl::new(&context.build())?;
        #[expect(
            clippy::disallowed_methods,
            reason = "the tests of the org stand apart from net/"
        )]
        let tcp = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        tcp.set_read_timeout(Some(Duration::from_secs(20)))?;
        Ok(Self {
            tls: ssl.connect(tcp).map_err(io::Error::other)?,
        })
    }

    pub(super) fn send(&mut self, request: &[u8]) {
        self.tls.write_all(request).expect("the request is taken");
    }

    /// Reads until the end of the connection, or as many bytes as the answer promised.
    pub(super) fn receive(&mut self) -> (Vec<u8>, End) {
        let mut answer = Vec::new();
        let mut piece = [0; 4096];
        loop {
            match self.tls.ssl_read(&mut piece) {
                Ok(count) => answer.extend_from_slice(&piece[..count]),
                Err(error) if error.code() == openssl::ssl::ErrorCode::ZERO_RETURN => {
                    return (answer, End::CloseNotify);
                }
                Err(error) => {
                    let reset = error
                        .io_error()
                        .is_some_and(|error| error.kind() == io::ErrorKind::ConnectionReset);
                    return (answer, if reset { End::Reset } else { End::Close });
                }
            }
            let text = String::from_utf8_lossy(&answer);
            let length =
                header(&text, "Content-Length").and_then(|value| value.parse::<usize>().ok());
            if let (Some(length), Some(at)) = (length, find(&answer, b"\r\n\r\n"))
                && answer.len() >= at + 4 + length
            {
                return (answer, End::Open);
            }
            if header(&text, "Transfer-Encoding").is_some() && text.ends_with("\r\n0\r\n\r\n") {
                return (answer, End::Open);
            }
        }
    }

    pub(super) fn exchange(&mut self, request: &str) -> (String, End) {
        self.send(request.as_bytes());
        let (answer, end) = self.receive();
        (String::from_utf8_lossy(&answer).into_owned(), end)
    }
}

pub(super) fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let head = answer.split("\r\n\r\n").next()?;
    head.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

pub(super) fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

pub(super) fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}
