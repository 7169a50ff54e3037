//! The commands are run as printed, by a shell, and what comes of them has the fault no more.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkcs7::{Pkcs7, Pkcs7Flags};
use openssl::pkcs12::Pkcs12;
use openssl::stack::Stack;
use openssl::x509::X509Req;
use tempfile::TempDir;

use super::super::mint::{ec, rsa};
use super::*;
use crate::identity::survey::survey as read;
use crate::identity::survey::{Remark, RemarkKind};
use crate::identity::{IdentityError, PasswordSource, Problem, Source};
use crate::text::secret::Secret;

struct Password;

impl PasswordSource for Password {
    fn password(&mut self, _: &Path) -> std::io::Result<Option<Secret>> {
        Ok(Some(Secret::new("secret")))
    }

    fn is_given(&self) -> bool {
        false
    }
}

/// A folder to run commands in, and an identity in it.
struct Desk {
    folder: TempDir,
    lab: Lab,
}

impl Desk {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            lab: Lab::new(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes key and certificates as PEM, without the last line end, and judges them.
    fn judged(&self, key: &PKey<Private>, certificates: &[&Minted]) -> Judged {
        let mut pem = key.private_key_to_pem_pkcs8().unwrap();
        for minted in certificates {
            pem.extend(minted.certificate.to_pem().unwrap());
        }
        pem.pop();
        fs::write(self.path("client.pem"), pem).unwrap();
        let survey = self.placed(survey(&[key], certificates), "client.pem");
        judge(&survey, &accepting(&[&self.lab.root]))
    }

    fn placed(&self, mut survey: Survey, name: &str) -> Survey {
        for key in &mut survey.keys {
            key.place.file = self.path(name);
        }
        for certificate in &mut survey.certificates {
            certificate.place.file = self.path(name);
        }
        survey
    }

    #[track_caller]
    fn run(&self, command: &str) {
        let output = Command::new("sh")
            .args(["-c", command])
            .current_dir(self.folder.path())
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}\n{stderr}");
    }

    /// What a file holds now, judged.
    fn read(&self, name: &str, criteria: &Criteria) -> Judged {
        let source = Source {
            cert: self.path(name),
            key: None,
        };
        let survey = read(&source, &mut Password);
        assert!(survey.faults.is_empty(), "{:?}", survey.faults);
        judge(&survey, criteria)
    }

    /// Runs the command of this finding, then is the CA: it issues what the request asks for.
    #[track_caller]
    fn order(&self, judged: &Judged, id: &str, old: &Minted) -> Judged {
        let before = fs::read(self.path("client.pem")).unwrap();
        self.run(finding(judged, id).command.as_deref().expect("a command"));
        assert_eq!(fs::read(self.path("client.pem")).unwrap(), before);
        let request = fs::read(self.path("client-new.csr")).unwrap();
        let request = X509Req::from_pem(&request).unwrap();
        let (asked, had) = (request.subject_name(), old.certificate.subject_name());
        assert!(asked.try_cmp(had).unwrap().is_eq(), "{asked:?} {had:?}");
        let key = match fs::read(self.path("client-new.key")) {
            Ok(pem) => {
                self.is_for_its_owner("client-new.key");
                PKey::private_key_from_pem_passphrase(&pem, b"").unwrap()
            }
            Err(_) => old.key.clone(),
        };
        let new = self.issue(&request, key);
        let chain = [&new, &self.lab.issuing, &self.lab.policy];
        self.judged(&new.key, &chain)
    }

    fn issue(&self, request: &X509Req, key: PKey<Private>) -> Minted {
        assert!(request.verify(&request.public_key().unwrap()).unwrap());
        let plain = client(LEAF).key(&key).by(&self.lab.issuing).certificate;
        let mut builder = X509::builder().unwrap();
        builder.set_version(2).unwrap();
        builder.set_subject_name(request.subject_name()).unwrap();
        builder.set_issuer_name(plain.issuer_name()).unwrap();
        builder.set_serial_number(plain.serial_number()).unwrap();
        builder.set_not_before(plain.not_before()).unwrap();
        builder.set_not_after(plain.not_after()).unwrap();
        builder.set_pubkey(&request.public_key().unwrap()).unwrap();
        for extension in request.extensions().unwrap() {
            builder.append_extension(extension).unwrap();
        }
        builder
            .sign(&self.lab.issuing.key, MessageDigest::sha256())
            .unwrap();
        Minted {
            key,
            certificate: builder.build(),
        }
    }

    #[cfg(unix)]
    fn is_for_its_owner(&self, name: &str) {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(self.path(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }

    #[cfg(not(unix))]
    fn is_for_its_owner(&self, _name: &str) {}
}

/// Orders anew what was made like this; the finding must be there before and gone after.
#[track_caller]
fn order_cures(id: &str, faulty: Mint) {
    let desk = Desk::new();
    let leaf = faulty.by(&desk.lab.issuing);
    let judged = desk.judged(&leaf.key, &[&leaf, &desk.lab.issuing, &desk.lab.policy]);
    raises(&judged, id);
    let judged = desk.order(&judged, id, &leaf);
    assert_eq!(ids(&judged), [""; 0], "{id}");
}

#[test]
fn a_request_for_the_same_key_cures_what_a_new_certificate_can() {
    order_cures("cert-expired", client(LEAF).days(-365, -1));
    order_cures("cert-expiring", client(LEAF).days(-365, 3));
    order_cures("renewal-due", client(LEAF).days(-265, 100));
    order_cures(
        "eku-no-client-auth",
        client(LEAF).with(Nid::EXT_KEY_USAGE, "serverAuth"),
    );
    order_cures("eku-missing", client(LEAF).without(Nid::EXT_KEY_USAGE));
    order_cures(
        "key-usage-no-digital-signature",
        client(LEAF).with(Nid::KEY_USAGE, "keyEncipherment"),
    );
    order_cures("signature-weak", client(LEAF).digest(MessageDigest::sha1()));
    order_cures("cert-version-1", client(LEAF).version_1());
}

#[test]
fn a_request_for_a_new_key_cures_what_is_wrong_with_the_old() {
    order_cures("key-too-small", client(LEAF).key(&rsa(1024)));
    order_cures(
        "key-type-unsupported",
        client(LEAF).key(&PKey::ec_gen("secp256k1").unwrap()),
    );
    order_cures(
        "key-type-uncommon",
        client(LEAF).key(&PKey::ec_gen("secp521r1").unwrap()),
    );
    order_cures("leaf-is-ca", ca("Lab Sub CA"));
}

#[test]
fn a_subject_is_one_word_whatever_is_in_it() {
    let name = [
        ("C", "DE"),
        ("O", "A/B + C\\D $(touch x) `touch y`"),
        ("OU", "Größe, \"x\" 'y'; touch z"),
        ("CN", "=/emailAddress=+"),
    ];
    order_cures("cert-expired", client(LEAF).named(&name).days(-365, -1));
    order_cures("key-too-small", client(LEAF).named(&name).key(&rsa(1024)));
}

#[test]
fn what_would_change_a_terminal_is_in_no_message_and_no_command() {
    let lab = Lab::new();
    let name = [
        ("O", "Good"),
        ("OU", "\u{1b}[2J"),
        ("CN", "red \u{1b}[31m\u{202e}"),
    ];
    let leaf = client(LEAF).named(&name).days(-365, -1).by(&lab.issuing);
    let judged = judged(&[&leaf]);
    let told = finding(&judged, "cert-expired");
    assert!(told.command.as_deref().unwrap().contains(" -subj /O=Good "));
    // With none left, openssl asks for the name: one of nothing at all is no name.
    let bare = client(LEAF)
        .named(&name[1..])
        .days(-365, -1)
        .by(&lab.issuing);
    let bare = self::judged(&[&bare]);
    let command = finding(&bare, "cert-expired").command.as_deref().unwrap();
    assert!(!command.contains("-subj"), "{command}");
    for finding in &judged.findings {
        let text = format!("{}{:?}{:?}", finding.message, finding.why, finding.command);
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    }
}

#[test]
fn a_request_for_the_same_key_cures_a_self_signed_certificate() {
    let desk = Desk::new();
    let leaf = client(LEAF).self_signed();
    let judged = desk.judged(&leaf.key, &[&leaf]);
    raises(&judged, "self-signed");
    let judged = desk.order(&judged, "self-signed", &leaf);
    spares(&judged, "self-signed");
}

#[test]
fn the_commands_of_a_key_mismatch_show_two_different_keys() {
    let desk = Desk::new();
    let leaf = &desk.lab.leaf;
    let judged = desk.judged(&ec(), &[leaf]);
    let command = finding(&judged, "key-mismatch").command.clone().unwrap();
    desk.run(&format!(
        "({command}) > both; test $(grep -c 'BEGIN PUBLIC KEY' both) = 2; \
         test $(grep -v PUBLIC both | sort | uniq -d | wc -l) -lt 2"
    ));
}

/// Answers one request with these bytes, and gives its address.
fn serve(content: Vec<u8>, name: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/{name}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).unwrap();
        let head = format!(
            "HTTP/1.0 200 OK\r\nContent-Length: {}\r\n\r\n",
            content.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&content).unwrap();
    });
    url
}

fn publishes(url: &str) -> String {
    format!("OCSP;URI:http://ocsp.example.test,caIssuers;URI:{url}")
}

#[test]
fn the_issuer_is_fetched_from_where_its_ca_publishes_it() {
    let desk = Desk::new();
    let (issuing, policy, root) = (&desk.lab.issuing, &desk.lab.policy, &desk.lab.root);
    let url = serve(
        issuing.certificate.to_der().unwrap(),
        "issuing.cer?a=1&b='2'",
    );
    let leaf = client(LEAF)
        .with(Nid::INFO_ACCESS, &publishes(&url))
        .by(issuing);
    let judged = desk.judged(&leaf.key, &[&leaf, policy]);
    raises(&judged, "intermediate-missing");
    desk.run(
        finding(&judged, "intermediate-missing")
            .command
            .as_deref()
            .unwrap(),
    );
    desk.is_for_its_owner("client-fixed.pem");
    let fixed = desk.read("client-fixed.pem", &accepting(&[root]));
    spares(&fixed, "intermediate-missing");
    assert_eq!(fixed.intermediates.len(), 2);
}

#[test]
fn the_issuer_may_be_published_as_pkcs7() {
    let desk = Desk::new();
    let (issuing, root) = (&desk.lab.issuing, &desk.lab.root);
    let (mut certificates, none) = (Stack::new().unwrap(), ec());
    certificates.push(issuing.certificate.clone()).unwrap();
    let signer = client("signer").key(&none).self_signed();
    let bundle = Pkcs7::sign(
        &signer.certificate,
        &signer.key,
        &certificates,
        b"",
        Pkcs7Flags::DETACHED,
    );
    let url = serve(bundle.unwrap().to_der().unwrap(), "issuing.p7c");
    let leaf = client(LEAF)
        .with(Nid::INFO_ACCESS, &publishes(&url))
        .by(issuing);
    let judged = desk.judged(&leaf.key, &[&leaf]);
    desk.run(
        finding(&judged, "intermediate-missing")
            .command
            .as_deref()
            .unwrap(),
    );
    let fixed = desk.read("client-fixed.pem", &accepting(&[root]));
    assert_eq!(fixed.intermediates.len(), 1);
}

#[test]
fn where_no_address_is_known_the_issuer_is_taken_from_a_file() {
    let desk = Desk::new();
    let Lab {
        root,
        policy,
        issuing,
        leaf,
    } = &desk.lab;
    let save = |minted: &Minted| {
        let pem = minted.certificate.to_pem().unwrap();
        fs::write(desk.path("intermediate.pem"), pem).unwrap();
    };
    let cures = |id: &str, file: &[&Minted], right: &Minted| {
        save(right);
        let judged = desk.judged(&file[0].key, file);
        raises(&judged, id);
        desk.run(finding(&judged, id).command.as_deref().unwrap());
        spares(&desk.read("client-fixed.pem", &accepting(&[root])), id);
    };
    cures("intermediate-missing", &[leaf, policy], issuing);
    let other = ca("Lab Issuing CA").by(policy);
    cures("wrong-intermediate", &[leaf, &other, policy], issuing);
    let old = ca("Lab Issuing CA")
        .key(&issuing.key)
        .days(-900, -1)
        .by(policy);
    cures("intermediate-expired", &[leaf, &old, policy], issuing);
    let ending = ca("Lab Issuing CA")
        .key(&issuing.key)
        .days(-900, 9)
        .by(policy);
    cures("intermediate-expiring", &[leaf, &ending, policy], issuing);
}

#[test]
fn an_issuer_cannot_be_added_to_a_pkcs12_so_a_pem_file_is_made() {
    let desk = Desk::new();
    let (leaf, issuing) = (&desk.lab.leaf, &desk.lab.issuing);
    let p12 = Pkcs12::builder()
        .pkey(&leaf.key)
        .cert(&leaf.certificate)
        .build2("secret")
        .unwrap();
    fs::write(desk.path("client.p12"), p12.to_der().unwrap()).unwrap();
    let intermediate = issuing.certificate.to_pem().unwrap();
    fs::write(desk.path("intermediate.pem"), intermediate).unwrap();
    let mut survey = desk.placed(survey(&[&leaf.key], &[leaf]), "client.p12");
    survey.format = Some(Format::Pkcs12);
    let judged = judge(&survey, &criteria());
    let command = finding(&judged, "issuer-unknown").command.clone().unwrap();
    assert!(command.contains("openssl pkcs12 -in"), "{command}");
    desk.run(&command.replace(" -nodes", " -nodes -passin pass:secret"));
    let fixed = desk.read("client-fixed.pem", &accepting(&[issuing]));
    assert_eq!(fixed.intermediates.len(), 1);
    // And the key in it can be asked a certificate for.
    let ordered = desk.order_p12(&survey);
    assert!(ordered.public_key().unwrap().public_eq(&leaf.key));
}

/// They used to read the file as it was, and made garbage of it.
#[test]
fn a_file_with_a_fault_of_its_own_is_mended_before_anything_is_added() {
    let added = |file: &str, problem: Problem| {
        let desk = Desk::new();
        let (leaf, issuing) = (&desk.lab.leaf, &desk.lab.issuing);
        let mut survey = desk.placed(survey(&[&leaf.key], &[leaf]), file);
        let fault = IdentityError {
            file: desk.path(file),
            line: None,
            problem,
            halved: false,
        };
        let command = fault.remedy().command.unwrap();
        survey.faults.push(fault);
        let judged = judge(&survey, &accepting(&[&desk.lab.root]));
        let add = finding(&judged, "intermediate-missing").command.clone();
        let pem = issuing.certificate.to_pem().unwrap();
        fs::write(desk.path("intermediate.pem"), pem).unwrap();
        (desk, command, add.unwrap())
    };
    let (desk, mend, add) = added("client.pem", Problem::Utf16("UTF-16BE"));
    let mut pem = desk.lab.leaf.key.private_key_to_pem_pkcs8().unwrap();
    pem.extend(desk.lab.leaf.certificate.to_pem().unwrap());
    let wide: Vec<u8> = pem.iter().flat_map(|&byte| [0, byte]).collect();
    fs::write(desk.path("client.pem"), wide).unwrap();
    desk.run(&mend);
    desk.run(&add);
    let criteria = accepting(&[&desk.lab.policy]);
    spares(
        &desk.read("client-fixed-fixed.pem", &criteria),
        "intermediate-missing",
    );
    let (.., add) = added("client.p12", Problem::Pkcs12NoMac);
    assert!(add.contains("client-fixed.p12 -nodes &&"), "{add}");
}

/// OpenSSL's command opens neither in the common way.
#[test]
fn a_pkcs12_that_takes_options_to_read_is_read_with_them() {
    let lab = Lab::new();
    let mut survey = survey(&[&lab.leaf.key], &[&lab.leaf]);
    survey.format = Some(Format::Pkcs12);
    for kind in [
        RemarkKind::LegacyEncryption("RC2-40"),
        RemarkKind::EmptyPassword,
    ] {
        let place = survey.keys[0].place.clone();
        survey.remarks.push(Remark { place, kind });
    }
    let judged = judge(&survey, &criteria());
    let command = finding(&judged, "issuer-unknown").command.clone().unwrap();
    let read = "openssl pkcs12 -legacy -passin pass: -in client.pem -nodes && cat";
    assert!(command.contains(read), "{command}");
}

impl Desk {
    fn order_p12(&self, survey: &Survey) -> X509Req {
        let criteria = Criteria {
            now: UNIX_EPOCH + Duration::from_secs(2 * NOW.unsigned_abs()),
            ..criteria()
        };
        let judged = judge(survey, &criteria);
        let command = finding(&judged, "cert-expired").command.clone().unwrap();
        self.run(&command.replace(" -new ", " -new -passin pass:secret "));
        X509Req::from_pem(&fs::read(self.path("client-new.csr")).unwrap()).unwrap()
    }
}

#[test]
fn an_address_that_is_none_of_http_is_left_alone() {
    let lab = Lab::new();
    for url in ["ldap://ca.example.test/cn=CA", "file:///etc/passwd"] {
        let leaf = client(LEAF)
            .with(Nid::INFO_ACCESS, &publishes(url))
            .by(&lab.issuing);
        let judged = judged(&[&leaf]);
        let command = finding(&judged, "issuer-unknown").command.clone().unwrap();
        assert!(command.contains("cat intermediate.pem"), "{command}");
    }
}

#[test]
fn the_command_for_the_order_names_all_files() {
    let lab = Lab::new();
    let mut apart = survey(&[&lab.leaf.key], &[&lab.issuing, &lab.leaf]);
    apart.keys[0].place.file = PathBuf::from("my key.pem");
    let told = judge(&apart, &criteria());
    assert_eq!(
        finding(&told, "leaf-not-first").command.as_deref(),
        Some("sfmtls check-cert --offline client.pem --key 'my key.pem' --fix client-fixed.pem")
    );
    let together = judge(
        &survey(&[&lab.leaf.key], &[&lab.issuing, &lab.leaf]),
        &criteria(),
    );
    assert_eq!(
        finding(&together, "leaf-not-first").command.as_deref(),
        Some("sfmtls check-cert --offline client.pem --fix client-fixed.pem")
    );
}
