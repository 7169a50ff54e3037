use std::fs;
use std::path::Path;
use std::process::Command;

use openssl::pkcs12::Pkcs12;
use openssl::stack::Stack;

use super::*;
use crate::check::judge::judge;
use crate::check::judge::mint::{Minted, ca, client};
use crate::check::judge::tests::{LEAF, Lab, criteria, survey};
use crate::check::time::DAY;

fn facts_of(survey: &Survey) -> Vec<CertificateFacts> {
    let criteria = criteria();
    certificates(survey, &judge(survey, &criteria), criteria.now)
}

#[test]
fn each_certificate_has_its_role() {
    let lab = Lab::new();
    let other = ca("Other CA").self_signed();
    let all: [&Minted; 6] = [
        &lab.root,
        &other,
        &lab.leaf,
        &lab.policy,
        &lab.leaf,
        &lab.issuing,
    ];
    let facts = facts_of(&survey(&[&lab.leaf.key], &all));
    let roles: Vec<_> = facts
        .iter()
        .map(|facts| (facts.role, facts.index))
        .collect();
    assert_eq!(
        roles,
        [
            (Role::Leaf, 2),
            (Role::Intermediate(1), 5),
            (Role::Intermediate(2), 3),
            (Role::Root, 0),
            (Role::Unrelated, 1),
            (Role::Unrelated, 4),
        ]
    );
}

#[test]
fn the_facts_are_those_that_openssl_shows() {
    let lab = Lab::new();
    let leaf = client(LEAF).serial(0x0a1b).by(&lab.issuing);
    let facts = &facts_of(&survey(&[&leaf.key], &[&leaf]))[0];
    assert_eq!(facts.subject, "O=Example, CN=integration.example.test");
    assert_eq!(facts.issuer, "O=Lab, CN=Lab Issuing CA");
    assert_eq!(facts.serial, "0A1B");
    assert_eq!(facts.not_before, "2026-11-11T08:00:00Z");
    assert_eq!(facts.not_after, "2027-11-11T08:00:00Z");
    assert_eq!(facts.days_left, 300);
    assert_eq!(
        facts.eku.as_deref(),
        Some(["clientAuth".to_owned()].as_slice())
    );
    assert_eq!(facts.key, "EC P-256");
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("leaf.pem"),
        leaf.certificate.to_pem().unwrap(),
    )
    .unwrap();
    let shown = shell(
        folder.path(),
        "openssl x509 -in leaf.pem -noout -fingerprint -sha256 -serial",
    );
    assert!(
        shown.contains(&format!("ingerprint={}\n", facts.sha256)),
        "{shown}"
    );
    assert!(
        shown.contains(&format!("serial={}\n", facts.serial)),
        "{shown}"
    );
}

#[test]
fn a_certificate_that_ended_an_hour_ago_has_no_day_left() {
    let lab = Lab::new();
    let leaf = client(LEAF).seconds(-DAY, -3600).by(&lab.issuing);
    assert_eq!(facts_of(&survey(&[&leaf.key], &[&leaf]))[0].days_left, -1);
}

/// They used to be one more than the finding said.
#[test]
fn the_days_since_the_end_are_those_that_the_finding_tells() {
    let lab = Lab::new();
    let leaf = client(LEAF)
        .seconds(-900 * DAY, -373 * DAY - 3600)
        .by(&lab.issuing);
    let survey = survey(&[&leaf.key], &[&leaf]);
    let judged = judge(&survey, &criteria());
    assert!(judged.findings[0].message.contains("expired 373 days ago"));
    assert_eq!(judged.findings[0].data["days_left"], -373);
    assert_eq!(facts_of(&survey)[0].days_left, -373);
}

#[test]
fn the_key_is_described_and_not_shown() {
    let lab = Lab::new();
    let survey = survey(
        &[&ca("other").self_signed().key, &lab.leaf.key],
        &[&lab.leaf],
    );
    let facts = key(&survey, &judge(&survey, &criteria())).unwrap();
    assert_eq!(
        (facts.name, facts.bits, facts.place.line),
        ("ec", 256, Some(31))
    );
    assert_eq!(key(&Survey::default(), &Judged::default()), None);
}

fn shell(folder: &Path, command: &str) -> String {
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command}: {stderr}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs the command on a file with these certificates and compares what it writes.
#[track_caller]
fn uploads(lab: &Lab, certificates: &[&Minted], lines: bool) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("my client.pem");
    let mut survey = survey(&[&lab.leaf.key], certificates);
    let mut pem = String::from_utf8(lab.leaf.key.private_key_to_pem_pkcs8().unwrap()).unwrap();
    for certificate in &mut survey.certificates {
        certificate.place.file.clone_from(&file);
        certificate.place.line = lines.then(|| pem.lines().count() + 2);
        let block = certificate.certificate.to_pem().unwrap();
        pem.push_str("Bag Attributes: CERTIFICATE\n");
        pem.push_str(std::str::from_utf8(&block).unwrap());
    }
    fs::write(&file, pem).unwrap();
    let command = upload(&survey, &judge(&survey, &criteria())).unwrap();
    shell(folder.path(), &command);
    let uploaded = fs::read(folder.path().join("upload.pem")).unwrap();
    assert_eq!(
        uploaded,
        lab.leaf.certificate.to_pem().unwrap(),
        "{command}"
    );
    command.replace(&folder.path().display().to_string(), "")
}

#[test]
fn the_command_for_the_upload_writes_exactly_the_leaf() {
    let lab = Lab::new();
    let first = [&lab.leaf, &lab.issuing];
    assert_eq!(
        uploads(&lab, &first, true),
        "openssl x509 -in '/my client.pem' -out upload.pem"
    );
    let last = [&lab.root, &lab.issuing, &lab.root, &lab.leaf];
    assert!(uploads(&lab, &last, true).starts_with("tail -n +"));
    assert!(uploads(&lab, &last, false).starts_with("awk "));
}

#[test]
fn the_command_for_the_upload_out_of_a_pkcs12() {
    let lab = Lab::new();
    let other = client("other.example.test").by(&lab.issuing);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("client.p12");
    for more in [vec![&lab.issuing, &lab.root], vec![&lab.issuing, &other]] {
        let mut above = Stack::new().unwrap();
        for minted in &more {
            above.push(minted.certificate.clone()).unwrap();
        }
        let p12 = Pkcs12::builder()
            .pkey(&lab.leaf.key)
            .cert(&lab.leaf.certificate)
            .ca(above)
            .build2("secret")
            .unwrap();
        fs::write(&path, p12.to_der().unwrap()).unwrap();
        let mut all = vec![&lab.leaf];
        all.extend(more);
        let mut survey = survey(&[&lab.leaf.key], &all);
        survey.format = Some(Format::Pkcs12);
        for certificate in &mut survey.certificates {
            certificate.place.file.clone_from(&path);
            certificate.place.line = None;
        }
        let command = upload(&survey, &judge(&survey, &criteria())).unwrap();
        shell(
            folder.path(),
            &command.replace(" -nokeys", " -nokeys -passin pass:secret"),
        );
        let uploaded = fs::read(folder.path().join("upload.pem")).unwrap();
        assert_eq!(
            uploaded,
            lab.leaf.certificate.to_pem().unwrap(),
            "{command}"
        );
    }
}
