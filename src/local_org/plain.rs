//! A client so plain that it lets the two failures of the walkthrough happen: it calls without a client
//! certificate, or on the login port. Only `demo` and tests have a use for it.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use openssl::ssl::{Ssl, SslContext, SslMethod, SslVerifyMode};

use super::Org;
use super::journal::PLAIN_CLIENT;

/// More than any answer here takes.
const PATIENCE: Duration = Duration::from_secs(10);

/// An answer as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plain {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// Calls getUserInfo() on this port of the org, as `localhost`, without a client certificate.
///
/// The journal marks such requests and [`Journal::check`](super::Journal::check) leaves them out.
///
/// # Errors
/// When the connection fails or the answer is not HTTP.
pub fn get_user_info(org: &Org, port: u16, session_id: &str) -> io::Result<Plain> {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:p=\"urn:partner.soap.sforce.com\">\
         <e:Header><p:SessionHeader><p:sessionId>{session_id}</p:sessionId></p:SessionHeader></e:Header>\
         <e:Body><p:getUserInfo/></e:Body></e:Envelope>"
    );
    let request = format!(
        "POST /services/Soap/u/64.0 HTTP/1.1\r\nHost: localhost:{port}\r\nUser-Agent: {PLAIN_CLIENT}\r\n\
         Content-Type: text/xml; charset=UTF-8\r\nSOAPAction: \"\"\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut context = SslContext::builder(SslMethod::tls_client())?;
    context.set_ca_file(&org.files().ca)?;
    context.set_verify(SslVerifyMode::PEER);
    let mut ssl = Ssl::new(&context.build())?;
    ssl.set_hostname("localhost")?;
    ssl.param_mut().set_host("localhost")?;

    let tcp = connect(port)?;
    tcp.set_read_timeout(Some(PATIENCE))?;
    let mut tls = ssl.connect(tcp).map_err(io::Error::other)?;
    tls.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    tls.read_to_end(&mut answer)?;
    parsed(&answer)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the answer is not HTTP"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "this client stands apart from net/ to show what happens without it"
)]
fn connect(port: u16) -> io::Result<TcpStream> {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port))
}

fn parsed(answer: &[u8]) -> Option<Plain> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut head = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(length) = head.parse(answer).ok()? else {
        return None;
    };
    Some(Plain {
        status: head.code?,
        body: String::from_utf8_lossy(&answer[length..]).into_owned(),
    })
}
