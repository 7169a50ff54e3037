//! Servers that are not the org: silent ones, ones that refuse, ones that say what they are told to,
//! and `openssl s_server`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;

use openssl::ssl::{Ssl, SslContext, SslMethod};
use socket2::{Domain, Socket, Type};

use super::certificates::{Minted, certificates};
use super::world::World;

/// A port where nothing listens, and nobody else can: it is taken.
pub(super) fn refusing() -> (u16, Socket) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    let any = std::net::SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    socket.bind(&any.into()).expect("a port");
    let address = socket.local_addr().expect("an address");
    (address.as_socket().expect("IPv4").port(), socket)
}

/// Connections are made, and nothing is ever said.
pub(super) fn silent() -> (u16, TcpListener) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    (listener.local_addr().expect("an address").port(), listener)
}

/// Says this to whoever says something, without TLS. It runs until the test ends.
pub(super) fn plain(answer: &'static str) -> (u16, ()) {
    serve(move |mut stream| {
        let mut heard = [0; 4096];
        if stream.read(&mut heard).is_ok_and(|count| count > 0) {
            drop(stream.write_all(answer.as_bytes()));
            leave(&stream);
        }
    })
}

/// Resets each connection as soon as something is said.
pub(super) fn resetting() -> (u16, ()) {
    serve(|mut stream| {
        let mut heard = [0; 16];
        if stream.read(&mut heard).is_ok() {
            let socket = socket2::SockRef::from(&stream);
            drop(socket.set_linger(Some(std::time::Duration::ZERO)));
        }
    })
}

/// Answers each request over TLS with these bytes, then ends the connection in order.
pub(super) fn tls(identity: &Minted, answer: impl Into<String>) -> (u16, ()) {
    let mut context = SslContext::builder(SslMethod::tls_server()).expect("a context");
    context
        .set_certificate(&identity.certificate)
        .expect("a certificate");
    context.set_private_key(&identity.key).expect("a key");
    let context = context.build();
    let answer = Arc::new(answer.into());
    serve(move |stream| {
        let ssl = Ssl::new(&context).expect("TLS");
        let Ok(mut tls) = ssl.accept(stream) else {
            return;
        };
        if read_request(&mut tls) {
            drop(tls.write_all(answer.as_bytes()));
            drop(tls.shutdown());
            leave(tls.get_ref());
        }
    })
}

fn read_request(stream: &mut impl Read) -> bool {
    let mut request = Vec::new();
    let mut some = [0; 4096];
    loop {
        match stream.read(&mut some) {
            Ok(count) if count > 0 => request.extend_from_slice(&some[..count]),
            _ => return false,
        }
        if request.ends_with(b"</soapenv:Envelope>") || request.ends_with(b"Envelope>\n") {
            return true;
        }
    }
}

/// Says good-bye, and waits for the other's: a close with unread bytes would reset the connection.
fn leave(mut stream: &TcpStream) {
    drop(stream.shutdown(Shutdown::Write));
    drop(std::io::copy(&mut stream, &mut std::io::sink()));
}

fn serve(answer: impl Fn(TcpStream) + Send + Sync + 'static) -> (u16, ()) {
    let (port, listener) = silent();
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            thread::spawn(move || answer(stream));
        }
    });
    (port, ())
}

/// `openssl s_server`, which wants a client certificate.
pub(super) struct SServer(Child);

impl SServer {
    /// API calls of this world go to one with these options; it trusts the org's client root.
    pub(super) fn for_api(world: &mut World, options: &[&str]) {
        let key_and_certificate = world
            .lab()
            .file("s-server.pem", certificates().server.pem_with_key());
        let root = world.org().files().client_root.clone();
        let (port, server) = Self::start(&key_and_certificate, &root, options);
        world.trusts_the_other_ca();
        world.api_at(port, server);
    }

    fn start(key_and_certificate: &Path, root: &Path, options: &[&str]) -> (u16, Self) {
        let mut child = Command::new("openssl")
            .args(["s_server", "-accept", "127.0.0.1:0", "-www"])
            .args(["-Verify", "5", "-verify_return_error"])
            .args(options)
            .arg("-cert")
            .arg(key_and_certificate)
            .arg("-CAfile")
            .arg(root)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl runs");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let accept = lines.find_map(|line| line.ok()?.strip_prefix("ACCEPT ").map(str::to_owned));
        let port = accept.and_then(|address| address.rsplit_once(':')?.1.trim().parse().ok());
        // It must be able to go on writing.
        thread::spawn(move || lines.for_each(drop));
        (port.expect("a port"), Self(child))
    }
}

impl Drop for SServer {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
