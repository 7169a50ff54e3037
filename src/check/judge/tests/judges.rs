//! `openssl verify` as the judge of the judge: it refuses where there is an error, and only there.

use std::fs;
use std::process::Command;

use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::Id;

use super::super::mint::rsa;
use super::*;

/// Whether OpenSSL's command takes the first certificate for a client's, below this root.
fn openssl_accepts(root: &Minted, certificates: &[&Minted]) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, minted: &[&Minted]| {
        let pem: Vec<u8> = minted
            .iter()
            .flat_map(|minted| minted.certificate.to_pem().unwrap())
            .collect();
        fs::write(folder.path().join(name), pem).unwrap();
    };
    write("root.pem", &[root]);
    write("leaf.pem", &certificates[..1]);
    write("chain.pem", &certificates[1..]);
    let mut command = Command::new("openssl");
    command
        .current_dir(folder.path())
        .args(["verify", "-purpose", "sslclient", "-auth_level", "2"])
        .args(["-attime", &NOW.to_string(), "-no-CApath", "-no-CAstore"])
        .args(["-CAfile", "root.pem"]);
    if certificates.len() > 1 {
        command.args(["-untrusted", "chain.pem"]);
    }
    command.arg("leaf.pem").output().unwrap().status.success()
}

/// Both must be of one mind.
#[track_caller]
fn agree(what: &str, root: &Minted, certificates: &[&Minted]) {
    let judged = judged_by(&accepting(&[root]), certificates);
    let mut errors: Vec<&str> = ids(&judged);
    errors.retain(|id| finding(&judged, id).severity == Severity::Error);
    // Those are not OpenSSL's to judge.
    errors.retain(|id| !["key-type-unsupported", "leaf-is-ca"].contains(id));
    let accepted = openssl_accepts(root, certificates);
    assert_eq!(accepted, errors.is_empty(), "{what}: {errors:?}");
}

#[test]
fn openssl_agrees_on_leaves() {
    let lab = Lab::new();
    let eku = |value| client(LEAF).with(Nid::EXT_KEY_USAGE, value);
    let usage = |value| client(LEAF).with(Nid::KEY_USAGE, value);
    let leaves = [
        ("good", client(LEAF)),
        ("expired", client(LEAF).days(-300, -1)),
        ("its last second", client(LEAF).seconds(-86_400, 1)),
        ("just over", client(LEAF).seconds(-86_400, 0)),
        ("early", client(LEAF).days(1, 300)),
        ("from now on", client(LEAF).seconds(0, 86_400)),
        ("server", eku("serverAuth")),
        ("both", eku("serverAuth,clientAuth")),
        ("any", eku("anyExtendedKeyUsage")),
        ("any and client", eku("anyExtendedKeyUsage,clientAuth")),
        ("no eku", client(LEAF).without(Nid::EXT_KEY_USAGE)),
        ("encipher", usage("keyEncipherment")),
        ("agree", usage("keyAgreement")),
        ("no usage", client(LEAF).without(Nid::KEY_USAGE)),
        ("version 1", client(LEAF).version_1()),
        ("RSA 1024", client(LEAF).key(&rsa(1024))),
        ("RSA 2048", client(LEAF).key(&rsa(2048))),
        ("SHA-1", client(LEAF).digest(MessageDigest::sha1())),
        ("SHA-384", client(LEAF).digest(MessageDigest::sha384())),
        (
            "P-224",
            client(LEAF).key(&PKey::ec_gen("secp224r1").unwrap()),
        ),
        (
            "a CA",
            ca("Lab Sub CA").with(Nid::KEY_USAGE, "keyCertSign,digitalSignature"),
        ),
    ];
    for (what, leaf) in leaves {
        let leaf = leaf.by(&lab.issuing);
        agree(what, &lab.root, &[&leaf, &lab.issuing, &lab.policy]);
    }
}

#[test]
fn openssl_agrees_on_issuers() {
    let lab = Lab::new();
    let issuers = [
        ("good", ca("CA")),
        ("expired", ca("CA").days(-300, -1)),
        ("early", ca("CA").days(1, 3000)),
        ("no CA", client("CA")),
        ("no constraints", ca("CA").without(Nid::BASIC_CONSTRAINTS)),
        ("no sign", ca("CA").with(Nid::KEY_USAGE, "cRLSign")),
        ("no usage", ca("CA").without(Nid::KEY_USAGE)),
        ("version 1", ca("CA").version_1()),
        ("server", ca("CA").with(Nid::EXT_KEY_USAGE, "serverAuth")),
        (
            "any",
            ca("CA").with(Nid::EXT_KEY_USAGE, "anyExtendedKeyUsage"),
        ),
        ("client", ca("CA").with(Nid::EXT_KEY_USAGE, "clientAuth")),
        ("SHA-1", ca("CA").digest(MessageDigest::sha1())),
        ("RSA 1024", ca("CA").key(&rsa(1024))),
        (
            "pathlen",
            ca("CA").with(Nid::BASIC_CONSTRAINTS, "CA:TRUE,pathlen:0"),
        ),
        (
            "names",
            ca("CA").with(Nid::NAME_CONSTRAINTS, "permitted;email:example.test"),
        ),
    ];
    for (what, issuing) in issuers {
        let issuing = issuing.by(&lab.policy);
        let leaf = client(LEAF)
            .with(Nid::SUBJECT_ALT_NAME, "email:a@example.org")
            .by(&issuing);
        agree(what, &lab.root, &[&leaf, &issuing, &lab.policy]);
        agree(what, &lab.root, &[&leaf, &issuing]);
    }
}

#[test]
fn openssl_agrees_on_ends() {
    let lab = Lab::new();
    let Lab {
        root,
        policy,
        issuing,
        leaf,
    } = &lab;
    let old = ca("Old Root").self_signed();
    let cross = ca("Lab Root CA").key(&root.key).by(&old);
    let expired_cross = ca("Lab Root CA").key(&root.key).days(-99, -1).by(&old);
    let generation = ca("Lab Issuing CA").by(policy);
    let alone = client(LEAF).self_signed();
    agree("whole", root, &[leaf, issuing, policy]);
    agree("any order", root, &[leaf, policy, issuing]);
    agree("with root", root, &[leaf, issuing, policy, root]);
    agree("missing", root, &[leaf, policy]);
    agree("two missing", root, &[leaf]);
    agree("other root", &old, &[leaf, issuing, policy, root]);
    agree("cross", &old, &[leaf, issuing, policy, &cross]);
    agree("cross, new root", root, &[leaf, issuing, policy, &cross]);
    agree(
        "expired cross",
        &old,
        &[leaf, issuing, policy, &expired_cross],
    );
    agree(
        "expired cross, new root",
        root,
        &[leaf, issuing, policy, &expired_cross],
    );
    agree("generation", root, &[leaf, &generation, policy]);
    agree(
        "both generations",
        root,
        &[leaf, &generation, issuing, policy],
    );
    agree("self-signed", root, &[&alone]);
}

#[test]
fn rsa_pss_made_by_openssl_is_judged_by_digest_and_kind() {
    let folder = tempfile::tempdir().unwrap();
    let script = "
        openssl genpkey -quiet -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out pss.key
        openssl req -new -x509 -key pss.key -subj /CN=pss -out key.pem
        openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out leaf.key
        openssl req -new -key leaf.key -subj /CN=leaf -out leaf.csr
        for digest in sha1 sha256; do
            openssl x509 -req -in leaf.csr -CA key.pem -CAkey pss.key -$digest -CAcreateserial \
                -sigopt rsa_padding_mode:pss -days 30 -out $digest.pem
        done";
    let made = Command::new("sh")
        .args(["-ec", script])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
    let certificate = |name| X509::from_pem(&read(name)).unwrap();
    let key = |name| PKey::private_key_from_pem_passphrase(&read(name), b"").unwrap();
    let judged_file = |name| {
        judge(
            &survey_of(&[&key("leaf.key")], &[certificate(name)]),
            &criteria(),
        )
    };
    raises(&judged_file("sha1.pem"), "signature-weak");
    spares(&judged_file("sha256.pem"), "signature-weak");
    let pss = key("pss.key");
    assert_eq!(pss.id(), Id::RSA_PSS);
    let judged = judge(&survey_of(&[&pss], &[certificate("key.pem")]), &criteria());
    raises(&judged, "key-type-uncommon");
    spares(&judged, "key-invalid");
}
