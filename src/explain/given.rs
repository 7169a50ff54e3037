//! What the user gave, as hints name it.

use std::path::Path;

use super::network;
use crate::identity;

/// What the user gave, so that a hint can name it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Given<'a> {
    /// `--cert`.
    pub cert: Option<&'a Path>,
    /// `--key`.
    pub key: Option<&'a Path>,
    /// `--login-port`; 0 where that is not known.
    pub login_port: u16,
    /// The options that name the session, as they were typed: ` --profile NAME`, or nothing.
    pub session: &'a str,
}

impl Given<'_> {
    /// The identity's file as a word of a shell command.
    pub(super) fn file(&self) -> String {
        self.cert.map_or("FILE".to_owned(), identity::quoted)
    }

    /// The command that shows this much of the client certificate: `-ext extendedKeyUsage`.
    pub(super) fn show(&self, what: &str) -> String {
        let file = self.file();
        match self.cert {
            // `openssl x509` itself reads PKCS#12 since 3.0 only.
            Some(cert) if identity::is_p12(cert) => {
                format!("openssl pkcs12 -in {file} -nokeys -clcerts | openssl x509 -noout {what}")
            }
            _ => format!("openssl x509 -in {file} -noout {what}"),
        }
    }

    /// The command that shows the dates of every certificate in the file.
    pub(super) fn show_dates(&self) -> String {
        format!(
            "openssl storeutl -noout -text -certs {} | grep -E 'Subject:|Not '",
            self.file()
        )
    }

    /// What to do where an intermediate may be missing in the file: `lacks` says so in words.
    pub(super) fn add_intermediate(&self, lacks: &str) -> String {
        match self.cert {
            Some(cert) if identity::is_p12(cert) => format!(
                "make a PEM file with {lacks}: {}",
                identity::with_intermediate(cert)
            ),
            _ => format!("append {lacks} to {}", self.file()),
        }
    }

    /// Where Salesforce lists the roots that it takes: on the port without mutual TLS.
    pub(super) fn roots(&self, url: &str) -> String {
        let host = network::host(url);
        match self.login_port {
            0 | 443 => format!("https://{host}/cacerts.jsp"),
            port => format!("https://{host}:{port}/cacerts.jsp"),
        }
    }

    /// The command that writes the leaf alone, for Salesforce's list.
    pub(super) fn extract_leaf(&self) -> String {
        let show = self.show("");
        let (command, _) = show.split_once(" -noout").unwrap_or((&show, ""));
        format!("{command} -out upload.pem")
    }
}
