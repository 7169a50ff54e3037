//! The TCP connection under TLS: records gathered before they are sent, and a way to end it that lets
//! the other side read its last bytes.

use std::io::{self, BufWriter, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use super::alert;

/// How long a refused client may take to read why.
const LINGER: Duration = Duration::from_secs(2);

/// Sends several TLS records with one system call, as a fast network would deliver them.
///
/// One call a record would wake the client for each 16 KiB, and a download would measure the scheduler.
#[derive(Debug)]
pub(super) struct Link {
    out: BufWriter<TcpStream>,
    /// The alert to send where OpenSSL sends [`alert::PLACEHOLDER`].
    alert: Option<u8>,
}

impl Link {
    /// Bytes gathered before they are sent.
    const GATHERED: usize = 128 * 1024;

    pub(super) fn new(tcp: TcpStream, alert: Option<u8>) -> Self {
        Self {
            out: BufWriter::with_capacity(Self::GATHERED, tcp),
            alert,
        }
    }

    pub(super) fn tcp(&self) -> &TcpStream {
        self.out.get_ref()
    }
}

impl Read for Link {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // The other side may be waiting for it before it says anything.
        self.out.flush()?;
        self.out.get_mut().read(buffer)
    }
}

impl Write for Link {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.alert {
            Some(number) if bytes == alert::PLACEHOLDER => {
                self.out.write_all(&alert::plain(number))?;
                Ok(bytes.len())
            }
            _ => self.out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Keeps a refused connection until the client has read the alert: a close with unread bytes would
/// reset it.
pub(super) fn linger(mut tcp: &TcpStream) -> io::Result<()> {
    tcp.shutdown(Shutdown::Write)?;
    tcp.set_read_timeout(Some(LINGER))?;
    let mut rest = [0; 4096];
    while tcp.read(&mut rest)? > 0 {}
    Ok(())
}
