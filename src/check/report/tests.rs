use std::path::Path;

use super::*;
use crate::check::finding::Subject;
use crate::check::judge::judge;
use crate::check::judge::mint::{ca, client};
use crate::check::judge::tests::{LEAF, Lab, criteria, survey};
use crate::check::probe::{Live, Probe};

const ESCAPES: char = '\u{1b}';

/// The lab's identity, whole, with these findings beside its own.
fn diagnosis(lab: &Lab, more: Vec<Finding>, live: Option<Live>) -> Diagnosis {
    let survey = survey(
        &[&lab.leaf.key],
        &[&lab.leaf, &lab.issuing, &lab.policy, &lab.root],
    );
    let criteria = criteria();
    let mut judged = judge(&survey, &criteria);
    judged.findings.extend(more);
    Diagnosis::new(Path::new("client.pem"), survey, judged, live, criteria.now)
}

fn live(findings: Vec<Finding>) -> Live {
    Live {
        host: "acme.my.salesforce.test".to_owned(),
        mtls_port: 8443,
        login_port: 443,
        probes: vec![Probe {
            port: 8443,
            with_cert: true,
            tls: Some("TLSv1.3".to_owned()),
            requested: Some(true),
            acceptable_cas: 142,
            sent: Some(vec![String::new(); 3]),
            ..Probe::default()
        }],
        user: Some("integration@acme.test".to_owned()),
        organization: Some("00D".to_owned()),
        enforced: Some(true),
        issuer_named: Some(true),
        findings,
    }
}

fn works() -> Finding {
    Finding::new("sf-mutual-auth-ok", Subject::Session, "getUserInfo works")
}

fn first_line(diagnosis: &Diagnosis) -> String {
    let text = human(diagnosis, Look::default());
    text.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn a_common_name_that_is_not_the_last_part_stands_alone() {
    let ca = ca("").named(&[("CN", "Lab Issuing CA"), ("O", "Root Networks")]);
    let ca = ca.self_signed();
    let leaf = client("").named(&[("CN", "client.test"), ("O", "Acme")]);
    let leaf = leaf.by(&ca);
    let survey = survey(&[&leaf.key], &[&leaf]);
    let criteria = criteria();
    let judged = judge(&survey, &criteria);
    let diagnosis = Diagnosis::new(Path::new("client.pem"), survey, judged, None, criteria.now);
    let line = nagios(&diagnosis, None, 14).line;
    assert!(line.contains(" - client.test 300 days left"), "{line}");
    let text = human(&diagnosis, Look::default());
    let chain = "client.test <- (Lab Issuing CA, not known)";
    assert!(text.contains(chain), "{text}");
    // "Root" is the organisation's word.
    let unknown = diagnosis.findings.iter().find(|f| f.id == "issuer-unknown");
    let unknown = unknown.unwrap();
    let why = unknown.why.as_deref().unwrap();
    assert!(why.contains("most likely \"Lab Issuing CA\""), "{why}");
    assert_eq!(unknown.data["issuer_common_name"], "Lab Issuing CA");
}

#[test]
fn the_first_line_says_whether_it_works_and_for_how_long() {
    let lab = Lab::new();
    assert_eq!(
        first_line(&diagnosis(&lab, vec![], Some(live(vec![works()])))),
        "OK: acme.my.salesforce.test:8443 accepts this identity (300 days left)"
    );
    assert_eq!(
        first_line(&diagnosis(&lab, vec![], None)),
        "OK: this identity is in order; no server was asked (300 days left)"
    );
}

#[test]
fn the_first_line_says_what_is_wrong_and_what_to_do() {
    let lab = Lab::new();
    let expired = Finding::new("cert-expired", Subject::Leaf, "\"a\" expired 2 days ago")
        .advice("renew it; then switch");
    let refused = Finding::new("rejected-expired", Subject::Leaf, "refused");
    let told = first_line(&diagnosis(&lab, vec![expired], Some(live(vec![refused]))));
    assert_eq!(
        told,
        "FAIL: acme.my.salesforce.test:8443 refuses this identity: \"a\" expired 2 days ago; renew it (2 errors, 0 warnings)"
    );
    let expiring = Finding::new("cert-expiring", Subject::Leaf, "\"a\" expires in 10 days");
    assert_eq!(
        first_line(&diagnosis(&lab, vec![expiring], None)),
        "WARN: this identity is in order; no server was asked, but \"a\" expires in 10 days (0 errors, 1 warning)"
    );
}

#[test]
fn what_cannot_be_judged_is_neither_right_nor_wrong() {
    let lab = Lab::new();
    let unknown = Finding::new("issuer-unknown", Subject::Chain(0), "the chain ends with X");
    let told = first_line(&diagnosis(&lab, vec![unknown.clone()], None));
    assert_eq!(
        told,
        "UNKNOWN: nothing wrong was found, but the chain ends with X (0 errors, 1 warning)"
    );
    // A private CA's root is; an issuer that is no root by its name is an intermediate that is missing.
    for (is_root, status) in [(true, 0), (false, 1)] {
        let unknown = unknown.clone().fact("issuer_is_root_by_name", is_root);
        let monitored = nagios(&diagnosis(&lab, vec![unknown], None), None, 7);
        assert_eq!(monitored.status, status, "{}", monitored.line);
    }
}

#[test]
fn what_is_in_order_is_told_with_what_to_upload() {
    let lab = Lab::new();
    let text = human(
        &diagnosis(&lab, vec![], Some(live(vec![works()]))),
        Look {
            unicode: true,
            ..Look::default()
        },
    );
    for line in [
        "[✓] File     client.pem: PEM, 1 key, 4 certificates",
        "[✓] Key      EC P-256, matches the certificate",
        "             upload this one: openssl x509 -in client.pem -out upload.pem",
        "[✓] Chain    integration.example.test <- Lab Issuing CA <- Lab Policy CA <- (Lab Root CA)",
        "[✓] Server   acme.my.salesforce.test:8443: TLS 1.3, asks for a certificate, names 142 CAs, yours is among them, 3 certificates sent",
        "[✓] API      getUserInfo: integration@acme.test, org 00D; port 443 refuses this user without a certificate",
    ] {
        assert!(text.lines().any(|told| told == line), "{line}\n{text}");
    }
    let fingerprint = format!(
        "SHA-256 {}",
        diagnosis(&lab, vec![], None).certificates[0].sha256
    );
    assert!(text.contains(&fingerprint), "{text}");
}

#[test]
fn a_finding_has_its_place_its_reason_and_its_command() {
    let lab = Lab::new();
    let place = crate::check::finding::Place {
        file: "client.pem".into(),
        line: Some(30),
    };
    let finding = Finding::new("signature-weak", Subject::Leaf, "signed with SHA-1")
        .at(&place)
        .why("OpenSSL refuses it")
        .advice("have it reissued")
        .command("openssl req -new");
    let text = human(&diagnosis(&lab, vec![finding], None), Look::default());
    let told = "\
error[signature-weak]: signed with SHA-1
  --> client.pem:30
  why: OpenSSL refuses it
  fix: have it reissued:
       openssl req -new
";
    assert!(text.contains(told), "{text}");
    assert!(text.contains("[XX] Leaf"), "{text}");
    assert!(text.is_ascii(), "{text}");
}

/// It used to be the last of several causes.
#[test]
fn a_ca_with_its_key_is_told_first() {
    let lab = Lab::new();
    let survey = survey(&[&lab.root.key], &[&lab.root]);
    let criteria = criteria();
    let judged = judge(&survey, &criteria);
    let diagnosis = Diagnosis::new(Path::new("ca.pem"), survey, judged, None, criteria.now);
    let line = first_line(&diagnosis);
    assert!(line.contains("is a CA: this is its own"), "{line}");
}

#[test]
fn foreign_names_cannot_move_a_cursor_nor_turn_text_around() {
    let mut lab = Lab::new();
    lab.leaf = client("a\u{1b}[2J\u{202e}b").by(&lab.issuing);
    for color in [false, true] {
        let look = Look {
            color,
            unicode: true,
            columns: Some(60),
            ..Look::default()
        };
        let text = human(&diagnosis(&lab, vec![], None), look);
        assert!(!text.contains("\u{1b}[2J"), "{text:?}");
        assert!(!text.contains('\u{202e}'), "{text:?}");
        assert_eq!(text.contains(ESCAPES), color);
    }
}

/// "…; this writes it in good order" used to end there, and where there was a command alone, nothing
/// was said of it.
#[test]
fn the_first_line_has_the_command_that_its_advice_is_about() {
    let line = |advice: Option<&str>, leads_in| {
        let mut wide = Finding::new("pem-utf16", Subject::File, "it is UTF-16").command("iconv x");
        wide.advice = advice.map(str::to_owned);
        wide.leads_in = leads_in;
        let text = human(&diagnosis(&Lab::new(), vec![wide], None), Look::default());
        text.lines().next().unwrap_or_default().to_owned()
    };
    for (advice, leads_in, told) in [
        (
            None,
            false,
            "FAIL: it is UTF-16; iconv x (1 error, 0 warnings)",
        ),
        (
            Some("this converts it"),
            true,
            "FAIL: it is UTF-16; this converts it: iconv x (1 error, 0 warnings)",
        ),
        (
            Some("convert it; or not"),
            false,
            "FAIL: it is UTF-16; convert it (1 error, 0 warnings)",
        ),
    ] {
        assert_eq!(line(advice, leads_in), told);
    }
}

#[test]
fn a_monitor_gets_one_line_with_the_days() {
    let lab = Lab::new();
    let plain = nagios(&diagnosis(&lab, vec![], None), None, 7);
    assert_eq!(
        plain.line,
        format!("CERT OK - {LEAF} 300 days left | days=300;30:;7:")
    );
    assert_eq!(plain.status, 0);
    let expiring = Finding::new("cert-expiring", Subject::Leaf, "it expires | soon");
    let warned = nagios(&diagnosis(&lab, vec![expiring], None), Some(310), 7);
    assert_eq!(
        warned.line,
        format!(
            "CERT WARNING - {LEAF} 300 days left: it expires   soon [cert-expiring] | days=300;310:;7:"
        )
    );
    assert_eq!(warned.status, 1);
    // A range is what is well: 300 days and more.
    assert_eq!(nagios(&diagnosis(&lab, vec![], None), None, 300).status, 0);
    assert_eq!(nagios(&diagnosis(&lab, vec![], None), None, 301).status, 2);
    // A third of a short life, as the finding has it.
    let mut short = Lab::new();
    short.leaf = client("a\u{1b}[2J\u{202e}b")
        .days(-20, 40)
        .by(&short.issuing);
    let short = nagios(&diagnosis(&short, vec![], None), None, 7).line;
    assert!(short.ends_with(" 40 days left | days=40;20:;7:"), "{short}");
    assert!(!short.contains(['\u{1b}', '\u{202e}']), "{short}");
    let refused = Finding::new("tcp-refused", Subject::Server, "nothing listens");
    assert_eq!(
        nagios(&diagnosis(&lab, vec![refused], None), None, 7).status,
        2
    );
}

#[test]
fn a_program_gets_the_verdict_the_cause_and_the_certificates() {
    let lab = Lab::new();
    let document = json(&diagnosis(&lab, vec![], Some(live(vec![works()]))));
    assert_eq!(document["verdict"], "ok");
    assert_eq!(document["cause"], serde_json::Value::Null);
    assert_eq!(document["mode"], "live");
    assert_eq!(document["identity"]["key"]["type"], "ec");
    let roles: Vec<_> = document["identity"]["certificates"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|certificate| certificate["role"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(roles, ["leaf", "intermediate", "intermediate", "root"]);
    let expired = Finding::new("cert-expired", Subject::Leaf, "expired");
    let document = json(&diagnosis(&lab, vec![expired], None));
    assert_eq!(document["verdict"], "fail");
    assert_eq!(document["cause"], "cert-expired");
    assert_eq!(document["counts"]["error"], 1);
}
