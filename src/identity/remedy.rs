//! What mends a file that could not be loaded: the command to paste.
//!
//! Commands name the real file, quoted for a POSIX shell, and never write over it: their result
//! goes to `NAME-fixed.pem` (or `.p12`) beside it. Each was run on a file with that fault.

use std::path::{Path, PathBuf};

use super::Format;
use super::error::{IdentityError, Inside, Problem};
use super::format::OTHER_DASHES;
use crate::text::shell::file as quoted;

/// What to do about a fault.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Remedy {
    /// In words what to do, or what the command is for; `None` where nothing helps in general, or the
    /// command says it all.
    pub advice: Option<&'static str>,
    /// The command to paste.
    pub command: Option<String>,
    /// Whether the advice only leads in the command: "this takes the certificates out of it".
    pub leads_in: bool,
    /// The file that the command makes, where that is the identity in another form: what else is to be
    /// mended is to be mended there.
    pub makes: Option<PathBuf>,
}

impl Remedy {
    fn run(command: impl Into<String>) -> Self {
        Self {
            command: Some(command.into()),
            ..Self::default()
        }
    }

    /// A command that makes `NAME-fixed.EXTENSION` of the file.
    fn making(file: &Path, extension: &str, command: impl Into<String>) -> Self {
        Self {
            makes: Some(fixed(file, extension)),
            ..Self::run(command)
        }
    }

    /// The same for a command that prints the PEM text. What may hold a private key is written for its
    /// owner alone.
    fn printing(file: &Path, command: &str) -> Self {
        let pem = quoted(&fixed(file, "pem"));
        Self::making(file, "pem", format!("(umask 077; {command} > {pem})"))
    }

    fn say(advice: &'static str) -> Self {
        Self::default().advice(advice)
    }

    fn advice(mut self, advice: &'static str) -> Self {
        self.advice = Some(advice);
        self
    }

    /// With words that are nothing without the command.
    #[must_use]
    pub fn led_in_by(mut self, advice: &'static str) -> Self {
        self.leads_in = true;
        self.advice(advice)
    }
}

impl IdentityError {
    /// What to do about it.
    pub fn remedy(&self) -> Remedy {
        let file = &self.file;
        let f = quoted(file);
        let pem = quoted(&fixed(file, "pem"));
        let p12 = quoted(&fixed(file, "p12"));
        let filter = |command: &str| Remedy::printing(file, command);
        match &self.problem {
            Problem::NotFound => Remedy::run(format!("ls -l {}", quoted(folder(file)))),
            Problem::Unreadable(_) => Remedy::run(format!("ls -ld {f}")),
            Problem::Empty => Remedy::say("fetch the file again"),
            Problem::Unrecognized(_) => {
                Remedy::say("give a PKCS#12 file, or PEM text with the key and its certificates")
            }
            Problem::DerCertificate if self.halved => {
                filter(&format!("openssl x509 -inform DER -in {f}"))
            }
            Problem::DerCertificate => filter(&format!(
                "{{ cat key.pem && openssl x509 -inform DER -in {f} && cat chain.pem; }}"
            )),
            Problem::DerKey => filter(&format!("openssl pkey -inform DER -in {f}")),
            Problem::Pkcs7 { key: true, .. } => filter(&format!(
                "{{ openssl pkey -in {f} && openssl pkcs7 -in {f} -print_certs; }}"
            ))
            .led_in_by(TAKES_CERTIFICATES),
            Problem::Pkcs7 { der, .. } => {
                let form = if *der { "-inform DER " } else { "" };
                let command = format!("openssl pkcs7 {form}-in {f} -print_certs -out {pem}");
                let remedy = Remedy::making(file, "pem", command);
                match self.halved {
                    true => remedy.led_in_by(TAKES_CERTIFICATES),
                    false => remedy.advice("the certificates, to be joined with the private key"),
                }
            }
            Problem::SigningRequest => Remedy::say(
                "send it to the CA and use the certificate that comes back, with the same key",
            ),
            Problem::PublicKey => {
                Remedy::say("use the private key that the signing request was made with")
            }
            Problem::JavaKeyStore(kind) => {
                // keytool recognises the other kind by itself.
                let of = if *kind == "JCEKS" { " -srcstoretype JCEKS" } else { "" };
                Remedy::making(file, "p12", format!(
                    "(umask 077; keytool -importkeystore -srckeystore {f}{of} -destkeystore {p12} -deststoretype PKCS12)"
                ))
            }
            // ssh-keygen reads a file that begins with the key, and writes the key alone.
            Problem::OpensshKey { certificates: true } => Remedy::making(file, "pem", format!(
                "(umask 077; {} > {pem} && ssh-keygen -p -m PEM -f {pem} && {} >> {pem})",
                blocks("OPENSSH PRIVATE KEY", &f),
                blocks("CERTIFICATE", &f)
            )),
            Problem::OpensshKey { certificates: false } => Remedy::making(file, "pem", format!(
                "(umask 077; cp {f} {pem}) && ssh-keygen -p -m PEM -f {pem}"
            )),
            Problem::PuttyKey => {
                Remedy::making(file, "pem", format!("puttygen {f} -O private-openssh -o {pem}"))
            }
            Problem::Base64(Inside::Pkcs12) => {
                Remedy::making(file, "p12", format!("(umask 077; base64 -d {f} > {p12})"))
            }
            Problem::Base64(_) => filter(&format!("base64 -d {f}")),
            Problem::Utf16(encoding) => filter(&format!("iconv -f {encoding} -t UTF-8 {f}")),
            Problem::MailQuoted(_) => filter(&format!("sed 's/^[>[:space:]]*//' {f}")),
            Problem::OtherDashes(_) => filter(&format!(
                r"sed -E 's/^[-{OTHER_DASHES}]+ *(BEGIN|END) ([A-Z0-9 ]*[A-Z0-9]) *[-{OTHER_DASHES}]+[[:space:]]*$/-----\1 \2-----/' {f}"
            )),
            // The headers of an encrypted key have hyphens of their own.
            Problem::NotBase64 { url: true, .. } => {
                filter(&format!("sed -E '/^-----|:/!y|-_|+/|' {f}"))
            }
            Problem::Truncated { .. } | Problem::NotBase64 { url: false, .. } => {
                Remedy::say("copy the file again, whole")
            }
            Problem::Corrupt { .. } => Remedy::say("get the file again from where it was made"),
            Problem::Pkcs12Corrupt { .. } => Remedy::say("copy the file again, in binary mode"),
            Problem::Indented => filter(&format!("sed 's/^[[:space:]]*//' {f}")),
            Problem::EscapedNewlines => filter(&format!("printf '%b' \"$(cat {f})\"")),
            Problem::OneLine => filter(&format!(
                r"sed -E 's/ *-----(BEGIN|END) ([A-Z0-9 ]+)----- */\n-----\1 \2-----\n/g' {f}"
            )),
            Problem::CarriageReturns => filter(&format!(r"tr '\r' '\n' < {f}")),
            Problem::BlocksJoined => filter(&format!(r"sed 's/----------/-----\n-----/' {f}")),
            Problem::KeyMissing { certificates: 0, .. } => {
                Remedy::say("export it again with its private key")
            }
            Problem::KeyMissing { pkcs12: true, .. } => {
                Remedy::say("export it again with its private key, or give that by --key")
            }
            Problem::KeyMissing { .. } => filter(&format!("cat key.pem {f}"))
                .advice("export it again with its private key, give it by --key, or join the two"),
            Problem::CertificateMissing { pkcs12 } => {
                let read = match pkcs12 {
                    true => format!("{{ openssl pkcs12 -in {f} -nodes && cat certificate.pem chain.pem; }}"),
                    false => format!("cat {f} certificate.pem chain.pem"),
                };
                filter(&read).advice("add the certificate that the CA issued for it")
            }
            Problem::OnlyCas { .. } => Remedy::say(
                "give the client's own certificate and key; a file of CAs to trust belongs to --cacert",
            ),
            Problem::KeyMismatch(_) if is_p12(file) => {
                Remedy::say("export it again with the key that the signing request was made with")
            }
            Problem::KeyMismatch(mismatch) => Remedy::run(format!(
                "openssl pkey -in {f} -pubout; openssl x509 -in {} -noout -pubkey",
                quoted(&mismatch.certificate_file)
            ))
            .led_in_by("find the key for which these two print the same"),
            Problem::PasswordRequired => Remedy::say(
                "use --cert-pass-file FILE, --cert-pass-file - with the password on standard input, or SFMTLS_CERT_PASSWORD",
            ),
            Problem::PasswordWrong { pkcs12 } => {
                let program = if *pkcs12 { "pkcs12" } else { "pkey" };
                Remedy::run(format!("openssl {program} -in {f} -noout"))
                    .led_in_by("this asks for the password and checks it")
            }
            Problem::LegacyProviderMissing(_) => repacked(file, &["-legacy"]),
            Problem::UnsupportedEncryption(_) => Remedy::run(
                "openssl pkcs12 -export -in client.pem -keypbe AES-256-CBC -certpbe AES-256-CBC -macalg sha256 -out client.p12",
            )
            .advice("export it again, in a common way"),
            Problem::TooManyIterations(_) => match self.line {
                Some(_) => filter(&format!(
                    "{{ openssl pkcs8 -topk8 -in {f} && {}; }}",
                    certificates_of(&f)
                )),
                None => repacked(file, &[]),
            }
            .led_in_by("this takes its time and asks for fewer from then on"),
            Problem::Pkcs12NoMac => repacked(file, &["-nomacver"]),
            _ => Remedy::default(),
        }
    }
}

const TAKES_CERTIFICATES: &str = "this takes the certificates out of it";

/// The command that packs a PKCS#12 file anew, in OpenSSL's present way; `how` are options for reading
/// it. To PEM and back: a pipe would read the new file's key before it is there.
pub(crate) fn repacked(p12: &Path, how: &[&str]) -> Remedy {
    let (from, to) = (quoted(p12), quoted(&fixed(p12, "p12")));
    let how: String = how.iter().map(|option| format!("{option} ")).collect();
    let command = format!(
        "(umask 077; t=$(mktemp) && openssl pkcs12 {how}-in {from} -nodes -out \"$t\" && \
         openssl pkcs12 -export -in \"$t\" -out {to}; rm -f \"$t\")"
    );
    Remedy::making(p12, "p12", command)
}

/// The command that writes a PEM file anew, with the common labels: a key if it has one, and its
/// certificates.
pub(crate) fn relabelled(pem: &Path, has_key: bool) -> Remedy {
    let (from, to) = (quoted(pem), quoted(&fixed(pem, "pem")));
    let certificates = certificates_of(&from);
    match has_key {
        true => Remedy::printing(
            pem,
            &format!("{{ openssl pkey -in {from} && {certificates}; }}"),
        ),
        false => Remedy::making(pem, "pem", format!("{certificates} > {to}")),
    }
}

/// All certificates of a text, whatever their label; `openssl x509` prints the first alone.
fn certificates_of(pem: &str) -> String {
    format!("openssl crl2pkcs7 -nocrl -certfile {pem} | openssl pkcs7 -print_certs")
}

/// The command that takes the byte-order mark off.
pub(crate) fn unmarked(pem: &Path) -> Remedy {
    Remedy::printing(pem, &format!("tail -c +4 {}", quoted(pem)))
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
pub(crate) fn with_intermediate(p12: &Path, legacy: bool) -> Remedy {
    let how: &[&str] = if legacy { &["-legacy"] } else { &[] };
    joined(p12, Some(how), "cat intermediate.pem")
}

/// The command that makes a PEM file of this one and of what another command prints; `p12` are the
/// options for reading it, where it is a PKCS#12.
pub(crate) fn joined(file: &Path, p12: Option<&[&str]>, more: &str) -> Remedy {
    let name = quoted(file);
    let read = match p12 {
        Some(how) => {
            let how: String = how.iter().map(|option| format!("{option} ")).collect();
            format!("openssl pkcs12 {how}-in {name} -nodes")
        }
        // The last line may lack its end.
        None => format!("cat {name} && echo"),
    };
    Remedy::printing(file, &format!("{{ {read} && {more}; }}"))
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
