//! Servers that are not the org: `openssl s_server`, one that says what it is told to, silent and
//! refusing ports, a proxy that says no.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;
use std::time::Duration;

use openssl::ssl::{
    HandshakeError, Ssl, SslContext, SslContextBuilder, SslMethod, SslRef, SslStream,
    SslVerifyMode, SslVersion,
};
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::{X509, X509VerifyResult};
use socket2::{Domain, SockRef, Socket, Type};

use super::minted::{Minted, lab};

/// Both versions that are spoken, with the name that a report gives them.
pub(super) const VERSIONS: [(SslVersion, &str); 2] = [
    (SslVersion::TLS1_2, "TLSv1.2"),
    (SslVersion::TLS1_3, "TLSv1.3"),
];

/// The port without mutual TLS, for all tests.
pub(super) fn login() -> u16 {
    static LOGIN: LazyLock<u16> = LazyLock::new(|| Tls::of(&lab().server).answers(SESSION_INVALID));
    *LOGIN
}

/// Salesforce's answer to a session that is none.
pub(super) const SESSION_INVALID: &str = "HTTP/1.1 500 Server Error\r\nContent-Type: text/xml\r\n\r\n\
    <soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body><soapenv:Fault>\
    <faultcode>INVALID_SESSION_ID</faultcode><faultstring>INVALID_SESSION_ID: Invalid Session ID found in \
    SessionHeader: Illegal Session</faultstring></soapenv:Fault></soapenv:Body></soapenv:Envelope>";

/// A TLS server in this process that answers every request with the same bytes and ends the
/// connection in order.
pub(super) struct Tls {
    context: SslContextBuilder,
    seen: Arc<Mutex<Vec<Seen>>>,
}

/// What it saw of one request.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// The client's certificates in DER, leaf first.
    pub(super) chain: Vec<Vec<u8>>,
    pub(super) request: String,
}

impl Tls {
    /// With this certificate, without a wish for one of the client's.
    pub(super) fn of(identity: &Minted) -> Self {
        let mut context = SslContext::builder(SslMethod::tls_server()).expect("a context");
        context
            .set_certificate(&identity.certificate)
            .expect("a certificate");
        context.set_private_key(&identity.key).expect("a key");
        context.set_session_id_context(b"lab").expect("a context");
        Self {
            context,
            seen: Arc::default(),
        }
    }

    pub(super) fn version(mut self, version: SslVersion) -> Self {
        let context = &mut self.context;
        context.set_min_proto_version(Some(version)).expect("set");
        context.set_max_proto_version(Some(version)).expect("set");
        self
    }

    /// Asks for a certificate and takes any, or none.
    pub(super) fn asks(mut self) -> Self {
        self.context
            .set_verify_callback(SslVerifyMode::PEER, |_, _| true);
        self
    }

    /// Names these CAs where it asks.
    pub(super) fn names(mut self, cas: &[&Minted]) -> Self {
        let mut store = X509StoreBuilder::new().expect("a store");
        for ca in cas {
            store.add_cert(ca.certificate.clone()).expect("added");
            self.context.add_client_ca(&ca.certificate).expect("added");
        }
        self.context.set_cert_store(store.build());
        self
    }

    /// What it will have seen.
    pub(super) fn seen(&self) -> Arc<Mutex<Vec<Seen>>> {
        Arc::clone(&self.seen)
    }

    /// Starts; gives the port.
    pub(super) fn answers(self, answer: impl Into<Vec<u8>>) -> u16 {
        let context = self.context.build();
        let answer = answer.into();
        let seen = self.seen;
        serve(move |stream| {
            let ssl = Ssl::new(&context).expect("TLS");
            let mut tls = match ssl.accept(stream) {
                Ok(tls) => tls,
                // The alert has to arrive: a close with unread bytes would reset the connection.
                Err(HandshakeError::Failure(refused)) => {
                    return leave(refused.get_ref());
                }
                Err(_) => return,
            };
            if let Some(request) = read_request(&mut tls) {
                let chain = chain(tls.ssl());
                seen.lock().expect("no panic").push(Seen { chain, request });
                drop(tls.write_all(&answer));
            }
            drop(tls.shutdown());
            leave(tls.get_ref());
        })
    }
}

fn chain(ssl: &SslRef) -> Vec<Vec<u8>> {
    let der = |certificate: &openssl::x509::X509Ref| certificate.to_der().expect("DER");
    let leaf: Option<X509> = ssl.peer_certificate();
    let above = ssl.peer_cert_chain().into_iter().flatten();
    let leaf = leaf.iter().map(|leaf| der(leaf));
    leaf.chain(above.map(der)).collect()
}

fn read_request(stream: &mut SslStream<TcpStream>) -> Option<String> {
    let mut bytes = Vec::new();
    let mut some = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let length = head
                .lines()
                .find_map(|l| l.strip_prefix("content-length: "));
            let length = length.map_or(0, |l| l.parse().expect("a length"));
            if body.len() >= length {
                return Some(text);
            }
        }
        match stream.read(&mut some) {
            Ok(count) if count > 0 => bytes.extend_from_slice(&some[..count]),
            _ => return None,
        }
    }
}

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

/// A listener whose queue is full: the system answers no further connection.
#[cfg(target_os = "linux")]
pub(super) fn full() -> (u16, (Socket, Vec<Socket>)) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    let any = std::net::SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    socket.bind(&any.into()).expect("a port");
    socket.listen(0).expect("it listens");
    let address = socket.local_addr().expect("an address");
    let waiting = (0..4).map(|_| {
        let client = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        client.set_nonblocking(true).expect("set");
        // Of these, one or two are taken into the queue.
        drop(client.connect(&address));
        client
    });
    let waiting = waiting.collect();
    (address.as_socket().expect("IPv4").port(), (socket, waiting))
}

/// Says this to whoever says something, without TLS.
pub(super) fn plain(answer: &'static str) -> u16 {
    serve(move |mut stream| {
        let mut heard = [0; 4096];
        if stream.read(&mut heard).is_ok_and(|count| count > 0) {
            drop(stream.write_all(answer.as_bytes()));
            leave(&stream);
        }
    })
}

/// Resets each connection as soon as something is said.
pub(super) fn resetting() -> u16 {
    serve(|mut stream| {
        let mut heard = [0; 16];
        if stream.read(&mut heard).is_ok() {
            drop(SockRef::from(&stream).set_linger(Some(Duration::ZERO)));
        }
    })
}

/// Asks for a certificate in TLS 1.2, refuses whatever comes, and says so by this alert.
///
/// OpenSSL's server has one alert for a refusal without a reason. In the handshake of TLS 1.2 alerts
/// are sent in clear text, so another number can be put in its place on the way out.
pub(super) fn refusing_with(alert: u8) -> u16 {
    let tls = Tls::of(&lab().server).version(SslVersion::TLS1_2);
    let mut context = tls.context;
    context.set_verify_callback(SslVerifyMode::PEER, |_, store| {
        store.set_error(X509VerifyResult::APPLICATION_VERIFICATION);
        false
    });
    let context = context.build();
    serve(move |stream| {
        let ssl = Ssl::new(&context).expect("TLS");
        match ssl.accept(Altered { stream, alert }) {
            Err(HandshakeError::Failure(refused)) => leave(&refused.get_ref().stream),
            Ok(mut tls) => drop(tls.shutdown()),
            Err(_) => {}
        }
    })
}

/// A connection on which every fatal alert goes out as this one.
#[derive(Debug)]
struct Altered {
    stream: TcpStream,
    alert: u8,
}

impl Read for Altered {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.stream.read(buffer)
    }
}

impl Write for Altered {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        // A record of the type alert, in TLS 1.2, of two bytes, of which the first says fatal.
        const RECORD: [u8; 6] = [21, 3, 3, 0, 2, 2];
        let mut bytes = bytes.to_owned();
        if let Some(at) = bytes
            .windows(RECORD.len() + 1)
            .position(|w| w.starts_with(&RECORD))
        {
            bytes[at + RECORD.len()] = self.alert;
        }
        self.stream.write_all(&bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.stream.flush()
    }
}

/// Says good-bye, and waits for the other's.
fn leave(mut stream: &TcpStream) {
    drop(stream.shutdown(Shutdown::Write));
    drop(std::io::copy(&mut stream, &mut std::io::sink()));
}

fn serve(answer: impl Fn(TcpStream) + Send + Sync + 'static) -> u16 {
    let (port, listener) = silent();
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            thread::spawn(move || answer(stream));
        }
    });
    port
}

/// `openssl s_server`, which repeats every line backwards to those whom it lets in.
pub(super) struct SServer {
    child: Child,
    pub(super) port: u16,
}

impl SServer {
    /// With the lab's certificate for servers and these options.
    pub(super) fn start(options: &[&str]) -> Self {
        let mut identity = lab().server.key.private_key_to_pem_pkcs8().expect("PEM");
        identity.extend(super::minted::pem(&lab().server));
        let identity = lab().write("s-server.pem", &identity);
        let mut child = Command::new("openssl")
            .args(["s_server", "-accept", "127.0.0.1:0", "-rev"])
            .args(options)
            .arg("-cert")
            .arg(identity)
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
        Self {
            child,
            port: port.expect("a port"),
        }
    }

    /// Wants a certificate of the lab's root, in this version.
    pub(super) fn strict(version: &str) -> Self {
        let root = lab().root_file.to_str().expect("UTF-8");
        Self::start(&[
            version,
            "-Verify",
            "5",
            "-verify_return_error",
            "-CAfile",
            root,
        ])
    }
}

impl Drop for SServer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
