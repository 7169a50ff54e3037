//! A small HTTPS server whose behaviour a test scripts, connection by connection.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use openssl::ssl::{
    NameType, SslAcceptor, SslAcceptorBuilder, SslMethod, SslStream, SslVerifyMode, SslVersion,
};

use super::lab::{Minted, lab};

/// What a server saw of one request.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// Which connection, from 1.
    pub(super) connection: usize,
    /// Common names of the client's certificates as they came, leaf first.
    pub(super) chain: Vec<String>,
    pub(super) server_name: Option<String>,
    pub(super) protocol: String,
    /// Head and body.
    pub(super) request: String,
}

pub(super) struct Server {
    pub(super) port: u16,
    accepted: Arc<AtomicUsize>,
    seen: Mutex<mpsc::Receiver<Seen>>,
    gone: Mutex<mpsc::Receiver<()>>,
}

/// One connection in a script's hands, a request already read.
pub(super) struct Session {
    pub(super) stream: SslStream<TcpStream>,
    pub(super) seen: Seen,
    closing: bool,
}

impl Server {
    /// Serves the lab's `na30.test`, asking for a certificate without judging it. `script` answers
    /// each request; the connection stays open unless it says otherwise.
    pub(super) fn start(script: impl Fn(&mut Session) + Send + Sync + 'static) -> Self {
        Self::with(acceptor(&lab().server), script)
    }

    pub(super) fn with(
        acceptor: SslAcceptorBuilder,
        script: impl Fn(&mut Session) + Send + Sync + 'static,
    ) -> Self {
        let acceptor = acceptor.build();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let accepted = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&accepted);
        let (sender, seen) = mpsc::channel();
        let (leaving, gone) = mpsc::channel();
        let script = Arc::new(script);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let connection = counter.fetch_add(1, Ordering::SeqCst) + 1;
                let (acceptor, script) = (acceptor.clone(), Arc::clone(&script));
                let (sender, leaving) = (sender.clone(), leaving.clone());
                thread::spawn(move || {
                    if let Ok(stream) = acceptor.accept(stream) {
                        converse(stream, connection, &*script, &sender);
                    }
                    // The socket is closed by now. The test may have ended.
                    let _ = leaving.send(());
                });
            }
        });
        Self {
            port,
            accepted,
            seen: Mutex::new(seen),
            gone: Mutex::new(gone),
        }
    }

    /// The next request that came.
    pub(super) fn next(&self) -> Seen {
        let seen = self.seen.lock().expect("no panic");
        seen.recv_timeout(std::time::Duration::from_secs(20))
            .expect("a request")
    }

    /// Waits until one more connection is closed on this side.
    pub(super) fn wait_for_close(&self) {
        let gone = self.gone.lock().expect("no panic");
        gone.recv_timeout(std::time::Duration::from_secs(20))
            .expect("a closed connection");
    }

    pub(super) fn connections(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }
}

/// An acceptor that asks for a client certificate and takes any.
pub(super) fn acceptor(server: &Minted) -> SslAcceptorBuilder {
    let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls()).expect("an acceptor");
    builder
        .set_certificate(&server.certificate)
        .expect("certificate");
    builder.set_private_key(&server.key).expect("key");
    builder.set_verify_callback(SslVerifyMode::PEER, |_, _| true);
    builder.set_session_id_context(b"lab").expect("context");
    builder
}

/// The same, at one TLS version.
pub(super) fn acceptor_at(server: &Minted, version: SslVersion) -> SslAcceptorBuilder {
    let mut builder = acceptor(server);
    builder
        .set_min_proto_version(Some(version))
        .expect("version");
    builder
        .set_max_proto_version(Some(version))
        .expect("version");
    builder
}

fn converse(
    stream: SslStream<TcpStream>,
    connection: usize,
    script: &dyn Fn(&mut Session),
    sender: &mpsc::Sender<Seen>,
) {
    let ssl = stream.ssl();
    let leaf = ssl.peer_certificate();
    let rest = ssl
        .peer_cert_chain()
        .into_iter()
        .flatten()
        .map(ToOwned::to_owned);
    let names = leaf.into_iter().chain(rest).map(|c| {
        let entry = c.subject_name().entries().next().expect("a name");
        entry.data().to_string().expect("text")
    });
    let seen = Seen {
        connection,
        chain: names.collect(),
        server_name: ssl.servername(NameType::HOST_NAME).map(str::to_owned),
        protocol: ssl.version_str().to_owned(),
        request: String::new(),
    };
    let mut session = Session {
        stream,
        seen,
        closing: false,
    };
    while session.read_request() {
        // The test may have ended.
        let _ = sender.send(session.seen.clone());
        script(&mut session);
        if session.closing {
            return;
        }
    }
}

impl Session {
    fn read_request(&mut self) -> bool {
        let mut bytes = Vec::new();
        let mut byte = [0];
        while !bytes.ends_with(b"\r\n\r\n") {
            match self.stream.read(&mut byte) {
                Ok(1) => bytes.push(byte[0]),
                _ => return false,
            }
        }
        let head = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
        let length = head
            .lines()
            .find_map(|l| l.strip_prefix("content-length: "));
        let length = length.map_or(0, |l| l.trim().parse().expect("a length"));
        let mut body = vec![0; length];
        if self.stream.read_exact(&mut body).is_err() {
            return false;
        }
        bytes.extend(body);
        self.seen.request = String::from_utf8_lossy(&bytes).into_owned();
        true
    }

    /// Writes as it stands. The client may have gone.
    pub(super) fn write(&mut self, text: &str) {
        self.write_bytes(text.as_bytes());
    }

    pub(super) fn write_bytes(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    /// A whole answer with its length.
    pub(super) fn answer(&mut self, status: &str, body: &str) {
        let length = body.len();
        self.write(&format!(
            "HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n{body}"
        ));
    }

    /// Ends TLS properly, then the connection.
    pub(super) fn close(&mut self) {
        let _ = self.stream.shutdown();
        self.cut();
    }

    /// Ends the connection below TLS: FIN without close_notify.
    pub(super) fn cut(&mut self) {
        let _ = self.stream.get_ref().shutdown(std::net::Shutdown::Both);
        self.closing = true;
    }

    /// Resets the connection.
    pub(super) fn reset(&mut self) {
        let socket = socket2::SockRef::from(self.stream.get_ref());
        socket
            .set_linger(Some(std::time::Duration::ZERO))
            .expect("linger");
        self.closing = true;
    }
}
