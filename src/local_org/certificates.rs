//! Certificates minted anew at each start, and the files that hand them to clients.
//!
//! Two trees: a server CA with one server certificate, and a client root with one issuing CA below
//! it, as public CAs do it; a third is an inspecting proxy's. Beside the one good identity lie the ones
//! that a test needs to see refused. Nothing here outlives the directory; there is no revocation.

use std::io;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::stack::Stack;
use openssl::symm::Cipher;
use openssl::x509::extension::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAlternativeName,
    SubjectKeyIdentifier,
};
use openssl::x509::{X509, X509Builder, X509Name};

use super::directory::Directory;
use super::switches::ServerCertificate;
use super::token::App;

/// Password of `client.p12` and `client-key-encrypted.pem`. It guards a key that lives as long as
/// one run of the local org; the files beside them hold it for `--password-file` options.
const KEY_PASSWORD: &str = "local org key";
const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * 60 * 60;
/// Host names of the server certificate, beside `localhost` and the loopback addresses.
const HOST_NAMES: [&str; 6] = [
    "localhost",
    "acme.my.salesforce.test",
    "*.my.salesforce.test",
    "*.sandbox.my.salesforce.test",
    "login.salesforce.test",
    "test.salesforce.test",
];

/// Host name of [`ServerCertificate::OtherName`].
const OTHER_HOST: &str = "elsewhere.test";

/// The kind of key in the main client certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LeafKey {
    /// ECDSA on P-256: minted in well under a millisecond.
    #[default]
    EcP256,
    /// RSA with 2048 bits, what most client certificates in use still have; takes up to 0.3 s to mint.
    Rsa2048,
}

/// Where the certificates, keys and passwords lie. All files have mode 0600, their directory 0700.
#[derive(Clone, Debug)]
pub struct Files {
    /// The directory that holds them all.
    pub dir: PathBuf,
    /// The CA of the server certificate, for `--cacert`.
    pub ca: PathBuf,
    /// Key, leaf and intermediate: the identity that the org knows.
    pub client: PathBuf,
    /// The same identity as PKCS#12, under the password in [`Files::key_password`].
    pub client_p12: PathBuf,
    /// The same identity with an encrypted PKCS#8 key, under the same password.
    pub client_encrypted: PathBuf,
    /// The certificates of the identity alone, leaf first.
    pub client_certificates: PathBuf,
    /// The key of the identity alone.
    pub client_key: PathBuf,
    /// The password of the key, with a line end.
    pub key_password: PathBuf,
    /// The default user's password and security token joined, with a line end.
    pub login_password: PathBuf,
    /// The consumer key of the app that may ask for tokens, with a line end.
    pub client_id: PathBuf,
    /// The app's secret, with a line end.
    pub client_secret: PathBuf,
    /// The root of the client certificates, for `--client-ca`.
    pub client_root: PathBuf,
    /// Key and leaf without the intermediate.
    pub leaf_only: PathBuf,
    /// Valid until yesterday.
    pub expired: PathBuf,
    /// Valid from next month.
    pub not_yet_valid: PathBuf,
    /// Extended key usage `serverAuth` without `clientAuth`.
    pub server_auth_only: PathBuf,
    /// Its own issuer.
    pub self_signed: PathBuf,
    /// Good in every way, but uploaded to another org.
    pub other_org: PathBuf,
    /// The leaf and intermediate with the key of another certificate.
    pub foreign_key: PathBuf,
    /// The identity that the org knows, with an earlier certificate of its intermediate, of the same name
    /// and key, that was valid until yesterday.
    pub expired_intermediate: PathBuf,
    /// The identity that the org knows in disorder: key, root, intermediate, leaf.
    pub untidy: PathBuf,
    /// The root of [`ServerCertificate::Inspected`].
    pub proxy_ca: PathBuf,
}

/// What the listeners need of the minted certificates.
pub(super) struct Certificates {
    pub(super) server_ca: Identity,
    pub(super) client_root: X509,
    server: Identity,
    proxy_issuing: Identity,
    /// SHA-256 of the one client certificate that was uploaded to this org.
    pub(super) uploaded: [u8; 32],
    pub(super) files: Files,
}

/// A key with its certificate.
#[derive(Clone)]
pub(super) struct Identity {
    pub(super) key: PKey<Private>,
    pub(super) certificate: X509,
}

/// What a port shows in a handshake.
pub(super) struct Shown {
    pub(super) identity: Identity,
    /// Its intermediates.
    pub(super) chain: Vec<X509>,
}

impl Certificates {
    /// The one server certificate, or another minted for this handshake.
    pub(super) fn shown(
        &self,
        certificate: ServerCertificate,
        rsa: bool,
    ) -> Result<Shown, ErrorStack> {
        if certificate == ServerCertificate::Good && !rsa {
            return Ok(Shown {
                identity: self.server.clone(),
                chain: Vec::new(),
            });
        }
        let key = if rsa { server_rsa_key()? } else { ec_key()? };
        let (name, usage) = match certificate {
            ServerCertificate::OtherName => (OTHER_HOST, Usage::OtherServer),
            _ => ("localhost", Usage::Server),
        };
        let lifetime = match certificate {
            ServerCertificate::Expired => Lifetime::Past,
            _ => Lifetime::Current,
        };
        let (issuer, chain) = match certificate {
            ServerCertificate::Inspected => {
                let issuer = &self.proxy_issuing;
                (issuer, vec![issuer.certificate.clone()])
            }
            _ => (&self.server_ca, Vec::new()),
        };
        let identity = leaf(name, issuer, usage, lifetime, key)?;
        Ok(Shown { identity, chain })
    }
}

/// One RSA key for all server certificates that need one: it takes up to 0.3 s to mint.
fn server_rsa_key() -> Result<PKey<Private>, ErrorStack> {
    static KEY: OnceLock<PKey<Private>> = OnceLock::new();
    if let Some(key) = KEY.get() {
        return Ok(key.clone());
    }
    let key = rsa_key()?;
    Ok(KEY.get_or_init(|| key).clone())
}

/// Mints everything and writes it to the directory.
pub(super) fn mint(
    directory: &mut Directory,
    leaf_key: LeafKey,
    login_password: &str,
    app: &App,
) -> io::Result<Certificates> {
    let new_authority = |name, parent| authority(name, parent, Lifetime::Current, ec_key()?);
    let server_ca = new_authority("Local Org Server CA", None)?;
    let server = leaf(
        "localhost",
        &server_ca,
        Usage::Server,
        Lifetime::Current,
        ec_key()?,
    )?;
    let proxy_root = new_authority("Zscaler Root CA", None)?;
    let proxy_issuing = new_authority("Zscaler Intermediate Root CA", Some(&proxy_root))?;
    let root = new_authority("Local Org Client Root", None)?;
    let issuing_name = "Local Issuing CA";
    let issuing = new_authority(issuing_name, Some(&root))?;
    let issuing_before = authority(
        issuing_name,
        Some(&root),
        Lifetime::Past,
        issuing.key.clone(),
    )?;
    let main_key = match leaf_key {
        LeafKey::EcP256 => ec_key()?,
        LeafKey::Rsa2048 => rsa_key()?,
    };
    let client_name = "integration.acme.test";
    let client = leaf(
        client_name,
        &issuing,
        Usage::Client,
        Lifetime::Current,
        main_key,
    )?;
    let uploaded = sha256(&client.certificate)?;

    let dir = directory.path().to_owned();
    let mut contents = Vec::new();
    let mut file = |name: &'static str, parts: &[&[u8]]| {
        contents.push((name, parts.concat()));
        dir.join(name)
    };
    let key_pem = client.key.private_key_to_pem_pkcs8()?;
    let leaf_pem = client.certificate.to_pem()?;
    let issuing_pem = issuing.certificate.to_pem()?;
    let root_pem = root.certificate.to_pem()?;
    let variant = |usage, lifetime| -> Result<Vec<u8>, ErrorStack> {
        let other = leaf(client_name, &issuing, usage, lifetime, ec_key()?)?;
        Ok([
            other.key.private_key_to_pem_pkcs8()?,
            other.certificate.to_pem()?,
            issuing_pem.clone(),
        ]
        .concat())
    };
    let own_issuer = self_signed(client_name)?;
    let encrypted_key = client
        .key
        .private_key_to_pem_pkcs8_passphrase(Cipher::aes_256_cbc(), KEY_PASSWORD.as_bytes())?;
    let files = Files {
        dir: dir.clone(),
        ca: file("ca.pem", &[&server_ca.certificate.to_pem()?]),
        client: file("client.pem", &[&key_pem, &leaf_pem, &issuing_pem]),
        client_p12: file("client.p12", &[&pkcs12(&client, &issuing.certificate)?]),
        client_encrypted: file(
            "client-key-encrypted.pem",
            &[&encrypted_key, &leaf_pem, &issuing_pem],
        ),
        client_certificates: file("client-certificates.pem", &[&leaf_pem, &issuing_pem]),
        client_key: file("client-key.pem", &[&key_pem]),
        key_password: file("key-password.txt", &[KEY_PASSWORD.as_bytes(), b"\n"]),
        login_password: file("login-password.txt", &[login_password.as_bytes(), b"\n"]),
        client_id: file("client-id", &[app.client_id.as_bytes(), b"\n"]),
        client_secret: file("client-secret", &[app.client_secret.as_bytes(), b"\n"]),
        client_root: file("client-root.pem", &[&root_pem]),
        leaf_only: file("leaf-only.pem", &[&key_pem, &leaf_pem]),
        expired: file("expired.pem", &[&variant(Usage::Client, Lifetime::Past)?]),
        not_yet_valid: file(
            "not-yet-valid.pem",
            &[&variant(Usage::Client, Lifetime::Future)?],
        ),
        server_auth_only: file(
            "server-auth-only.pem",
            &[&variant(Usage::Server, Lifetime::Current)?],
        ),
        self_signed: file(
            "self-signed.pem",
            &[
                &own_issuer.key.private_key_to_pem_pkcs8()?,
                &own_issuer.certificate.to_pem()?,
            ],
        ),
        other_org: file(
            "other-org.pem",
            &[&variant(Usage::Client, Lifetime::Current)?],
        ),
        foreign_key: file(
            "foreign-key.pem",
            &[
                &ec_key()?.private_key_to_pem_pkcs8()?,
                &leaf_pem,
                &issuing_pem,
            ],
        ),
        expired_intermediate: file(
            "expired-intermediate.pem",
            &[&key_pem, &leaf_pem, &issuing_before.certificate.to_pem()?],
        ),
        untidy: file(
            "untidy.pem",
            &[&key_pem, &root_pem, &issuing_pem, &leaf_pem],
        ),
        proxy_ca: file("proxy-ca.pem", &[&proxy_root.certificate.to_pem()?]),
    };
    directory.write(&contents)?;
    Ok(Certificates {
        server_ca,
        server,
        proxy_issuing,
        client_root: root.certificate,
        uploaded,
        files,
    })
}

/// The fingerprint by which the org knows a certificate.
pub(super) fn sha256(certificate: &X509) -> Result<[u8; 32], ErrorStack> {
    let digest = certificate.digest(MessageDigest::sha256())?;
    let mut fingerprint = [0; 32];
    fingerprint.copy_from_slice(&digest);
    Ok(fingerprint)
}

#[derive(Clone, Copy, PartialEq)]
enum Usage {
    Client,
    Server,
    /// A server that is not the org.
    OtherServer,
}

#[derive(Clone, Copy)]
enum Lifetime {
    Past,
    Current,
    Future,
}

fn ec_key() -> Result<PKey<Private>, ErrorStack> {
    PKey::from_ec_key(EcKey::generate(&*EcGroup::from_curve_name(
        Nid::X9_62_PRIME256V1,
    )?)?)
}

pub(super) fn rsa_key() -> Result<PKey<Private>, ErrorStack> {
    PKey::from_rsa(Rsa::generate(2048)?)
}

/// A CA: a root when `parent` is none.
fn authority(
    common_name: &str,
    parent: Option<&Identity>,
    lifetime: Lifetime,
    key: PKey<Private>,
) -> Result<Identity, ErrorStack> {
    let mut builder = started(common_name, &key, lifetime)?;
    let mut constraints = BasicConstraints::new();
    constraints.critical().ca();
    if parent.is_some() {
        constraints.pathlen(0);
    }
    builder.append_extension(constraints.build()?)?;
    builder.append_extension(
        KeyUsage::new()
            .critical()
            .key_cert_sign()
            .crl_sign()
            .build()?,
    )?;
    finished(builder, common_name, key, parent)
}

fn leaf(
    common_name: &str,
    issuer: &Identity,
    usage: Usage,
    lifetime: Lifetime,
    key: PKey<Private>,
) -> Result<Identity, ErrorStack> {
    let mut builder = started(common_name, &key, lifetime)?;
    add_leaf_extensions(&mut builder, usage, Some(issuer))?;
    finished(builder, common_name, key, Some(issuer))
}

fn self_signed(common_name: &str) -> Result<Identity, ErrorStack> {
    let key = ec_key()?;
    let mut builder = started(common_name, &key, Lifetime::Current)?;
    add_leaf_extensions(&mut builder, Usage::Client, None)?;
    finished(builder, common_name, key, None)
}

fn started(
    common_name: &str,
    key: &PKey<Private>,
    lifetime: Lifetime,
) -> Result<X509Builder, ErrorStack> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |age| age.as_secs().cast_signed());
    let (from, until) = match lifetime {
        Lifetime::Past => (now - 400 * DAY, now - DAY),
        Lifetime::Current => (now - DAY, now + 365 * DAY),
        // An hour more: it is 30 whole days for as long as a test may take.
        Lifetime::Future => (now + 30 * DAY + HOUR, now + 395 * DAY),
    };
    let mut builder = X509::builder()?;
    builder.set_version(2)?;
    builder.set_serial_number(&*random_serial()?)?;
    builder.set_subject_name(&*name(common_name)?)?;
    builder.set_pubkey(key)?;
    builder.set_not_before(&*Asn1Time::from_unix(from)?)?;
    builder.set_not_after(&*Asn1Time::from_unix(until)?)?;
    Ok(builder)
}

fn add_leaf_extensions(
    builder: &mut X509Builder,
    usage: Usage,
    issuer: Option<&Identity>,
) -> Result<(), ErrorStack> {
    builder.append_extension(BasicConstraints::new().critical().build()?)?;
    builder.append_extension(KeyUsage::new().critical().digital_signature().build()?)?;
    let mut extended = ExtendedKeyUsage::new();
    match usage {
        Usage::Client => extended.client_auth(),
        Usage::Server | Usage::OtherServer => extended.server_auth(),
    };
    builder.append_extension(extended.build()?)?;
    if usage != Usage::Client {
        let mut names = SubjectAlternativeName::new();
        if usage == Usage::OtherServer {
            names.dns(OTHER_HOST);
        } else {
            for host in HOST_NAMES {
                names.dns(host);
            }
            names.ip("127.0.0.1").ip("::1");
        }
        let names = names
            .build(&builder.x509v3_context(issuer.map(|issuer| &*issuer.certificate), None))?;
        builder.append_extension(names)?;
    }
    Ok(())
}

/// Key identifiers, issuer and signature: what needs the issuer, or the certificate itself.
fn finished(
    mut builder: X509Builder,
    common_name: &str,
    key: PKey<Private>,
    issuer: Option<&Identity>,
) -> Result<Identity, ErrorStack> {
    let identifier = SubjectKeyIdentifier::new().build(&builder.x509v3_context(None, None))?;
    builder.append_extension(identifier)?;
    match issuer {
        Some(issuer) => {
            let context = builder.x509v3_context(Some(&issuer.certificate), None);
            let identifier = AuthorityKeyIdentifier::new().keyid(true).build(&context)?;
            builder.append_extension(identifier)?;
            builder.set_issuer_name(issuer.certificate.subject_name())?;
            builder.sign(&issuer.key, MessageDigest::sha256())?;
        }
        None => {
            builder.set_issuer_name(&*name(common_name)?)?;
            builder.sign(&key, MessageDigest::sha256())?;
        }
    }
    Ok(Identity {
        key,
        certificate: builder.build(),
    })
}

fn name(common_name: &str) -> Result<X509Name, ErrorStack> {
    let mut name = X509Name::builder()?;
    name.append_entry_by_nid(Nid::ORGANIZATIONNAME, "Acme Test Ltd")?;
    name.append_entry_by_nid(Nid::COMMONNAME, common_name)?;
    Ok(name.build())
}

fn random_serial() -> Result<Asn1Integer, ErrorStack> {
    let mut serial = BigNum::new()?;
    serial.rand(127, MsbOption::ONE, false)?;
    serial.to_asn1_integer()
}

fn pkcs12(client: &Identity, issuing: &X509) -> Result<Vec<u8>, ErrorStack> {
    let mut chain = Stack::new()?;
    chain.push(issuing.clone())?;
    Pkcs12::builder()
        .name("integration")
        .pkey(&client.key)
        .cert(&client.certificate)
        .ca(chain)
        .build2(KEY_PASSWORD)?
        .to_der()
}
