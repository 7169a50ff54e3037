//! What mends a file that could not be loaded: the command to paste.
//!
//! Commands name the real file, quoted for a POSIX shell, and never write over it: their result
//! goes to `NAME-fixed.pem` (or `.p12`) beside it. Each was run on a file with that fault.

use std::path::{Path, PathBuf};

use super::Format;
use super::error::{IdentityError, Problem};
use super::format::OTHER_DASHES;
use crate::text::shell::file as quoted;

impl IdentityError {
    /// What to do about it, best a command to paste; `None` where nothing helps in general.
    pub fn hint(&self) -> Option<String> {
        match (self.advice(), self.command()) {
            (Some(advice), Some(command)) => Some(format!("{advice}: {command}")),
            (Some(advice), None) => Some(advice.to_owned()),
            (None, command) => command,
        }
    }

    /// The command alone, where one helps.
    pub fn command(&self) -> Option<String> {
        let f = quoted(&self.file);
        let pem = quoted(&fixed(&self.file, "pem"));
        let p12 = quoted(&fixed(&self.file, "p12"));
        // What may hold a private key is written for its owner alone.
        let filter = |command: String| Some(format!("(umask 077; {command} > {pem})"));
        match &self.problem {
            Problem::NotFound => Some(format!("ls -l {}", quoted(folder(&self.file)))),
            Problem::Unreadable(_) => Some(format!("ls -ld {f}")),
            Problem::DerCertificate if self.halved => {
                filter(format!("openssl x509 -inform DER -in {f}"))
            }
            Problem::DerCertificate => filter(format!(
                "{{ cat key.pem && openssl x509 -inform DER -in {f} && cat chain.pem; }}"
            )),
            Problem::DerKey => filter(format!("openssl pkey -inform DER -in {f}")),
            Problem::Pkcs7 { key: true, .. } => filter(format!(
                "{{ openssl pkey -in {f} && openssl pkcs7 -in {f} -print_certs; }}"
            )),
            Problem::Pkcs7 { der, .. } => {
                let form = if *der { "-inform DER " } else { "" };
                Some(format!("openssl pkcs7 {form}-in {f} -print_certs -out {pem}"))
            }
            Problem::JavaKeyStore(kind) => {
                // keytool recognises the other kind by itself.
                let of = if *kind == "JCEKS" { " -srcstoretype JCEKS" } else { "" };
                Some(format!(
                    "(umask 077; keytool -importkeystore -srckeystore {f}{of} -destkeystore {p12} -deststoretype PKCS12)"
                ))
            }
            // ssh-keygen reads a file that begins with the key, and writes the key alone.
            Problem::OpensshKey { certificates: true } => Some(format!(
                "(umask 077; {} > {pem} && ssh-keygen -p -m PEM -f {pem} && {} >> {pem})",
                blocks("OPENSSH PRIVATE KEY", &f),
                blocks("CERTIFICATE", &f)
            )),
            Problem::OpensshKey { certificates: false } => Some(format!(
                "(umask 077; cp {f} {pem}) && ssh-keygen -p -m PEM -f {pem}"
            )),
            Problem::PuttyKey => Some(format!("puttygen {f} -O private-openssh -o {pem}")),
            Problem::Base64(of) => {
                let out = if of.contains("PKCS#12") { &p12 } else { &pem };
                Some(format!("(umask 077; base64 -d {f} > {out})"))
            }
            Problem::Utf16(encoding) => filter(format!("iconv -f {encoding} -t UTF-8 {f}")),
            Problem::MailQuoted(_) => filter(format!("sed 's/^[>[:space:]]*//' {f}")),
            Problem::OtherDashes(_) => filter(format!(
                r"sed -E 's/^[-{OTHER_DASHES}]+ *(BEGIN|END) ([A-Z0-9 ]*[A-Z0-9]) *[-{OTHER_DASHES}]+[[:space:]]*$/-----\1 \2-----/' {f}"
            )),
            // The headers of an encrypted key have hyphens of their own.
            Problem::NotBase64 { url: true, .. } => {
                filter(format!("sed -E '/^-----|:/!y|-_|+/|' {f}"))
            }
            Problem::Indented => filter(format!("sed 's/^[[:space:]]*//' {f}")),
            Problem::EscapedNewlines => filter(format!("printf '%b' \"$(cat {f})\"")),
            Problem::OneLine => filter(format!(
                r"sed -E 's/ *-----(BEGIN|END) ([A-Z0-9 ]+)----- */\n-----\1 \2-----\n/g' {f}"
            )),
            Problem::CarriageReturns => filter(format!(r"tr '\r' '\n' < {f}")),
            Problem::BlocksJoined => filter(format!(r"sed 's/----------/-----\n-----/' {f}")),
            Problem::KeyMissing { certificates: 1.., pkcs12: false } => filter(format!("cat key.pem {f}")),
            Problem::CertificateMissing { pkcs12: true } => filter(format!(
                "{{ openssl pkcs12 -in {f} -nodes && cat certificate.pem chain.pem; }}"
            )),
            Problem::CertificateMissing { pkcs12: false } => filter(format!("cat {f} certificate.pem chain.pem")),
            Problem::KeyMismatch(mismatch) if !is_p12(&self.file) => Some(format!(
                "openssl pkey -in {f} -pubout; openssl x509 -in {} -noout -pubkey",
                quoted(&mismatch.certificate_file)
            )),
            Problem::PasswordWrong { pkcs12: true } => {
                Some(format!("openssl pkcs12 -in {f} -noout"))
            }
            Problem::PasswordWrong { pkcs12: false } => Some(format!("openssl pkey -in {f} -noout")),
            Problem::LegacyProviderMissing(_) => Some(repacked(&self.file, &["-legacy"])),
            Problem::UnsupportedEncryption(_) => Some(
                "openssl pkcs12 -export -in client.pem -keypbe AES-256-CBC -certpbe AES-256-CBC -macalg sha256 -out client.p12"
                    .to_owned(),
            ),
            Problem::TooManyIterations(_) if self.line.is_some() => {
                filter(format!("{{ openssl pkcs8 -topk8 -in {f} && {}; }}", certificates_of(&f)))
            }
            Problem::TooManyIterations(_) => Some(repacked(&self.file, &[])),
            Problem::Pkcs12NoMac => Some(repacked(&self.file, &["-nomacver"])),
            _ => None,
        }
    }

    /// The file that [`Self::command`] makes, where that is the identity in another form: what else is
    /// to be mended is to be mended there.
    pub(crate) fn repaired(&self) -> Option<PathBuf> {
        let extension = match &self.problem {
            Problem::Base64(of) if of.contains("PKCS#12") => "p12",
            Problem::JavaKeyStore(_) | Problem::LegacyProviderMissing(_) | Problem::Pkcs12NoMac => {
                "p12"
            }
            Problem::TooManyIterations(_) if self.line.is_none() => "p12",
            Problem::DerCertificate
            | Problem::DerKey
            | Problem::Pkcs7 { .. }
            | Problem::OpensshKey { .. }
            | Problem::PuttyKey
            | Problem::Base64(_)
            | Problem::Utf16(_)
            | Problem::MailQuoted(_)
            | Problem::OtherDashes(_)
            | Problem::NotBase64 { url: true, .. }
            | Problem::Indented
            | Problem::EscapedNewlines
            | Problem::CarriageReturns
            | Problem::OneLine
            | Problem::BlocksJoined
            | Problem::KeyMissing {
                certificates: 1..,
                pkcs12: false,
            }
            | Problem::TooManyIterations(_) => "pem",
            _ => return None,
        };
        Some(fixed(&self.file, extension))
    }

    /// In words what to do, or what the command is for.
    pub fn advice(&self) -> Option<&'static str> {
        match &self.problem {
            Problem::Empty => Some("fetch the file again"),
            Problem::Unrecognized(_) => {
                Some("give a PKCS#12 file, or PEM text with the key and its certificates")
            }
            Problem::SigningRequest => {
                Some("send it to the CA and use the certificate that comes back, with the same key")
            }
            Problem::PublicKey => {
                Some("use the private key that the signing request was made with")
            }
            Problem::Truncated { .. } | Problem::NotBase64 { url: false, .. } => {
                Some("copy the file again, whole")
            }
            Problem::Corrupt { .. } => Some("get the file again from where it was made"),
            Problem::Pkcs12Corrupt { .. } => Some("copy the file again, in binary mode"),
            Problem::Pkcs7 { key: true, .. } => Some("this takes the certificates out of it"),
            Problem::Pkcs7 { .. } if self.halved => Some("this takes the certificates out of it"),
            Problem::Pkcs7 { .. } => Some("the certificates, to be joined with the private key"),
            Problem::KeyMissing {
                certificates: 0, ..
            } => Some("export it again with its private key"),
            Problem::KeyMissing { pkcs12: true, .. } => {
                Some("export it again with its private key, or give that by --key")
            }
            Problem::KeyMissing { .. } => {
                Some("export it again with its private key, give it by --key, or join the two")
            }
            Problem::OnlyCas { .. } => Some(
                "give the client's own certificate and key; a file of CAs to trust belongs to --cacert",
            ),
            Problem::CertificateMissing { .. } => {
                Some("add the certificate that the CA issued for it")
            }
            Problem::KeyMismatch(_) if is_p12(&self.file) => {
                Some("export it again with the key that the signing request was made with")
            }
            Problem::KeyMismatch(_) => Some("find the key for which these two print the same"),
            Problem::PasswordRequired => Some(
                "use --cert-pass-file FILE, --cert-pass-file - with the password on standard input, or SFMTLS_CERT_PASSWORD",
            ),
            Problem::PasswordWrong { .. } => Some("this asks for the password and checks it"),
            Problem::UnsupportedEncryption(_) => Some("export it again, in a common way"),
            Problem::TooManyIterations(_) => {
                Some("this takes its time and asks for fewer from then on")
            }
            _ => None,
        }
    }
}

/// The command that packs a PKCS#12 file anew, in OpenSSL's present way; `how` are options for reading
/// it. To PEM and back: a pipe would read the new file's key before it is there.
pub(crate) fn repacked(p12: &Path, how: &[&str]) -> String {
    let (from, to) = (quoted(p12), quoted(&fixed(p12, "p12")));
    let how: String = how.iter().map(|option| format!("{option} ")).collect();
    format!(
        "(umask 077; t=$(mktemp) && openssl pkcs12 {how}-in {from} -nodes -out \"$t\" && \
         openssl pkcs12 -export -in \"$t\" -out {to}; rm -f \"$t\")"
    )
}

/// The command that writes a PEM file anew, with the common labels: a key if it has one, and its
/// certificates.
pub(crate) fn relabelled(pem: &Path, has_key: bool) -> String {
    let (from, to) = (quoted(pem), quoted(&fixed(pem, "pem")));
    let certificates = certificates_of(&from);
    match has_key {
        true => format!("(umask 077; {{ openssl pkey -in {from} && {certificates}; }} > {to})"),
        false => format!("{certificates} > {to}"),
    }
}

/// All certificates of a text, whatever their label; `openssl x509` prints the first alone.
fn certificates_of(pem: &str) -> String {
    format!("openssl crl2pkcs7 -nocrl -certfile {pem} | openssl pkcs7 -print_certs")
}

/// The command that takes the byte-order mark off.
pub(crate) fn unmarked(pem: &Path) -> String {
    let (from, to) = (quoted(pem), quoted(&fixed(pem, "pem")));
    format!("(umask 077; tail -c +4 {from} > {to})")
}

/// The command that gives a file the extension of what it is.
pub(crate) fn renamed(file: &Path, format: Format) -> String {
    let extension = match format {
        Format::Pkcs12 => "p12",
        Format::Pem => "pem",
    };
    let to = file.with_extension(extension);
    format!("mv -n {} {}", quoted(file), quoted(&to))
}

/// The command that makes a PEM file of a PKCS#12, with an intermediate that was not in it: nothing
/// can be appended to the file itself.
pub(crate) fn with_intermediate(p12: &Path, legacy: bool) -> String {
    let how: &[&str] = if legacy { &["-legacy"] } else { &[] };
    joined(p12, Some(how), "cat intermediate.pem")
}

/// The command that makes a PEM file of this one and of what another command prints; `p12` are the
/// options for reading it, where it is a PKCS#12.
pub(crate) fn joined(file: &Path, p12: Option<&[&str]>, more: &str) -> String {
    let (name, pem) = (quoted(file), quoted(&fixed(file, "pem")));
    let read = match p12 {
        Some(how) => {
            let how: String = how.iter().map(|option| format!("{option} ")).collect();
            format!("openssl pkcs12 {how}-in {name} -nodes")
        }
        // The last line may lack its end.
        None => format!("cat {name} && echo"),
    };
    format!("(umask 077; {{ {read} && {more}; }} > {pem})")
}

/// All blocks of a text that are labelled like this.
fn blocks(label: &str, pem: &str) -> String {
    format!("sed -n '/BEGIN {label}/,/END {label}/p' {pem}")
}

/// Whether the name says PKCS#12, which decides about the command that suits a file.
pub(crate) fn is_p12(file: &Path) -> bool {
    file.extension()
        .is_some_and(|extension| extension == "p12" || extension == "pfx")
}

fn folder(file: &Path) -> &Path {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// `client.pem` -> `client-fixed.EXTENSION`.
pub(crate) fn fixed(file: &Path, extension: &str) -> PathBuf {
    beside(file, "fixed", extension)
}

/// `client.pem` -> `client-WHAT.EXTENSION`.
pub(crate) fn beside(file: &Path, what: &str, extension: &str) -> PathBuf {
    let mut name = file.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{what}.{extension}"));
    file.with_file_name(name)
}
