//! Names for people, and commands to paste.
//!
//! A certificate's names and addresses are foreign text: in a message they are cleaned, in a command
//! they are one quoted word. No command writes over what it reads, and none is run here.

use std::path::{Path, PathBuf};

use openssl::asn1::Asn1OctetStringRef;
use openssl::nid::Nid;
use openssl::x509::{X509NameRef, X509Ref};

use crate::check::file::ways_in;
use crate::check::finding::Place;
use crate::identity::Remedy;
use crate::identity::survey::Survey;
use crate::identity::{self, Format, beside, fixed, is_p12, joined};
use crate::terminal::{clean_line, fit};
use crate::text::shell;
use crate::text::words::fingerprint;

/// Longer names are cut in messages: RFC 5280 ends a common name at 64 characters.
const LONGEST_NAME: usize = 100;

/// The last common name, wherever it stands in the name; where there is none, the whole name.
pub(in crate::check) fn common_name(name: &X509NameRef) -> String {
    let common = name.entries_by_nid(Nid::COMMONNAME).last();
    match common.and_then(|entry| entry.data().to_string().ok()) {
        Some(common) if !common.is_empty() => common,
        _ => identity::name(name),
    }
}

/// [`common_name`] in quotes.
pub(super) fn short(name: &X509NameRef) -> String {
    in_quotes(&common_name(name))
}

/// A common name as messages show it.
pub(in crate::check) fn in_quotes(common_name: &str) -> String {
    format!("\"{}\"", fit(&clean_line(common_name), LONGEST_NAME))
}

/// [`short`] of the subject.
pub(super) fn subject(certificate: &X509Ref) -> String {
    short(certificate.subject_name())
}

/// [`short`] of the issuer.
pub(super) fn issuer(certificate: &X509Ref) -> String {
    short(certificate.issuer_name())
}

/// Whether a [`common_name`] calls itself a root: a guess, where there is nothing else to go by.
pub(in crate::check) fn is_root_by_name(common_name: &str) -> bool {
    let words = common_name.split(|c: char| !c.is_alphanumeric());
    words
        .into_iter()
        .any(|word| word.eq_ignore_ascii_case("root"))
}

/// A key identifier: `5A:0C:91`.
pub(super) fn key_id(id: Option<&Asn1OctetStringRef>) -> Option<String> {
    id.map(|id| fingerprint(id.as_slice()))
}

/// The commands for the files of one identity. Where a file's own fault has to be mended first, they
/// read the file that is made by mending it.
pub(super) struct Commands {
    certificate: PathBuf,
    key: PathBuf,
    /// The options for reading the certificate's file, where it is a PKCS#12.
    p12: Option<Vec<&'static str>>,
}

impl Commands {
    /// For the files that hold this certificate and this key; without one, a key in the same file.
    pub(super) fn new(survey: &Survey, certificate: &Place, key: Option<&Place>) -> Self {
        let file = &certificate.file;
        let key = key.map_or(file, |place| &place.file);
        let made = repaired(survey, file);
        let p12 = match &made {
            // It is made in OpenSSL's present way.
            Some(made) => is_p12(made).then(Vec::new),
            None => (survey.format == Some(Format::Pkcs12)).then(|| ways_in(file, survey)),
        };
        Self {
            certificate: made.unwrap_or_else(|| file.clone()),
            key: repaired(survey, key).unwrap_or_else(|| key.clone()),
            p12,
        }
    }

    /// Writes the same identity in good order.
    pub(super) fn fix(&self) -> Remedy {
        let (file, key) = (shell::file(&self.certificate), shell::file(&self.key));
        let made = fixed(&self.certificate, "pem");
        let key = match self.key == self.certificate {
            true => String::new(),
            false => format!(" --key {key}"),
        };
        let pem = shell::file(&made);
        Remedy {
            advice: Some("this writes the same identity in good order"),
            command: Some(format!(
                "sfmtls check-cert --offline {file}{key} --fix {pem}"
            )),
            leads_in: true,
            makes: Some(made),
        }
    }

    /// Asks a CA for a certificate for the same key. OpenSSL 3 reads the key out of a PKCS#12 too.
    pub(super) fn order(&self, certificate: &X509Ref) -> String {
        let key = shell::file(&self.key);
        format!("openssl req -new -key {key} {}", self.request(certificate))
    }

    /// Asks a CA for a certificate for a new key, which every server takes.
    pub(super) fn order_for_new_key(&self, certificate: &X509Ref) -> String {
        let key = shell::file(&beside(&self.certificate, "new", "key"));
        format!(
            "(umask 077; openssl req -new -newkey rsa:2048 -nodes -keyout {key} {})",
            self.request(certificate)
        )
    }

    fn request(&self, certificate: &X509Ref) -> String {
        let subject = distinguished_name(certificate.subject_name());
        let subject = match subject.as_str() {
            // Asked for on the terminal then.
            "" => String::new(),
            ascii if ascii.is_ascii() => format!("-subj {} ", shell::word(ascii)),
            other => format!("-utf8 -subj {} ", shell::word(other)),
        };
        format!(
            "{subject}-addext keyUsage=critical,digitalSignature \
             -addext extendedKeyUsage=clientAuth -out {}",
            shell::file(&beside(&self.certificate, "new", "csr"))
        )
    }

    /// Adds the issuer of `child` to a copy of the file, from where the CA publishes it.
    pub(super) fn add_issuer(&self, child: &X509Ref) -> Remedy {
        let get = match ca_issuers(child) {
            Some(url) if is_pkcs7(&url) => {
                format!(
                    "curl -s {} | openssl pkcs7 -inform DER -print_certs",
                    shell::word(&url)
                )
            }
            Some(url) => format!("curl -s {} | openssl x509 -inform DER", shell::word(&url)),
            None => "cat intermediate.pem".to_owned(),
        };
        joined(&self.certificate, self.p12.as_deref(), &get)
    }
}

/// The file that the command for this file's own fault makes.
fn repaired(survey: &Survey, file: &Path) -> Option<PathBuf> {
    let mut faults = survey.faults.iter().filter(|fault| fault.file == file);
    faults.find_map(|fault| fault.remedy().makes)
}

/// What to do in words, for [`Commands::add_issuer`].
pub(super) fn get_issuer(child: &X509Ref) -> String {
    match ca_issuers(child) {
        Some(_) => format!("get {} from where its CA publishes it", issuer(child)),
        None => format!(
            "ask the CA for the certificate of {}, and save it as intermediate.pem",
            issuer(child)
        ),
    }
}

/// Where the issuer's certificate is published (RFC 5280 4.2.2.1), if by HTTP.
pub(super) fn ca_issuers(certificate: &X509Ref) -> Option<String> {
    certificate
        .authority_info()?
        .iter()
        .filter(|access| access.method().nid() == Nid::AD_CA_ISSUERS)
        .filter_map(|access| access.location().uri())
        .find(|url| {
            let is_http = url.starts_with("http://") || url.starts_with("https://");
            is_http && url.bytes().all(|byte| byte.is_ascii_graphic())
        })
        .map(str::to_owned)
}

/// "certs-only" (RFC 5280 4.2.2.1), by the names that CAs give it.
fn is_pkcs7(url: &str) -> bool {
    [".p7c", ".p7b"].iter().any(|end| url.ends_with(end))
}

/// A name in the form of `openssl req -subj`: `/O=Example/CN=integration`. Attributes that OpenSSL
/// has no name for are left out, because it would not take them back; and what would change a
/// terminal, where the command is shown first.
fn distinguished_name(name: &X509NameRef) -> String {
    let mut text = String::new();
    for entry in name.entries() {
        let Ok(kind) = entry.object().nid().short_name() else {
            continue;
        };
        let value = entry.data().to_string().unwrap_or_default();
        let is_harmless = clean_line(&value) == value;
        if entry.object().nid() == Nid::UNDEF || value.is_empty() || !is_harmless {
            continue;
        }
        text.extend(["/", kind, "="]);
        for character in value.chars() {
            if matches!(character, '/' | '+' | '\\') {
                text.push('\\');
            }
            text.push(character);
        }
    }
    text
}
