//! Identities that `openssl s_server` refuses: which alert comes, where, and as which finding.

use std::path::PathBuf;

use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use serde_json::Value;

use super::at;
use super::minted::{For, Made, dsa_key, ec_key, lab, mint, root, rsa_key};
use super::servers::{SServer, refusing_with};
use crate::check::{Checked, check, raises, spares};

/// An identity with what happens to it: in TLS 1.2 and in TLS 1.3.
struct Row {
    identity: PathBuf,
    alerts: [Told; 2],
}

/// An alert of the server's, an alert of ours, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Read(u64),
    Write(u64),
    Unloaded,
    Accepted,
}
use Told::{Accepted, Read, Unloaded, Write};

/// A leaf of the lab's that differs in this.
fn leaf(name: &str, made: Made<'_>) -> PathBuf {
    let made = Made {
        issuer: Some(lab().issuing()),
        ..made
    };
    lab().with_chain(name, &mint(made))
}

fn table() -> Vec<Row> {
    let row = |identity, alerts| Row { identity, alerts };
    let good = mint(Made {
        issuer: Some(lab().issuing()),
        ..Made::default()
    });
    let own_issuer = mint(Made::default());
    let stranger = mint(Made {
        issuer: Some(&root("Other Root")),
        ..Made::default()
    });
    let weak_ca = mint(Made {
        name: "Weak CA",
        issuer: Some(&lab().root),
        usage: For::Issuing,
        digest: MessageDigest::sha1(),
        ..Made::default()
    });
    let small_ca = mint(Made {
        name: "Small CA",
        issuer: Some(&lab().root),
        usage: For::Issuing,
        key: rsa_key(1024),
        ..Made::default()
    });
    let below = |name: &str, ca| {
        let leaf = mint(Made {
            issuer: Some(ca),
            ..Made::default()
        });
        lab().identity(name, &leaf, &[ca])
    };
    let made = Made::default;
    vec![
        row(lab().client.clone(), [Accepted, Accepted]),
        row(
            leaf(
                "expired.pem",
                Made {
                    days: [-90, -1],
                    ..made()
                },
            ),
            [Read(45), Read(45)],
        ),
        row(
            leaf(
                "server-auth.pem",
                Made {
                    usage: For::Server,
                    ..made()
                },
            ),
            [Read(43), Read(43)],
        ),
        row(
            leaf(
                "not-yet.pem",
                Made {
                    days: [1, 90],
                    ..made()
                },
            ),
            [Read(42), Read(42)],
        ),
        row(
            lab().identity("self-signed.pem", &own_issuer, &[]),
            [Read(48), Read(48)],
        ),
        row(
            lab().identity("leaf-only.pem", &good, &[]),
            [Read(48), Read(48)],
        ),
        row(
            lab().identity("skips.pem", &good, &[lab().policy()]),
            [Read(48), Read(48)],
        ),
        row(
            lab().identity("stranger.pem", &stranger, &[]),
            [Read(48), Read(48)],
        ),
        row(
            leaf(
                "secp256k1.pem",
                Made {
                    key: ec_key(Nid::SECP256K1),
                    ..made()
                },
            ),
            [Read(47), Read(116)],
        ),
        row(
            leaf(
                "dsa.pem",
                Made {
                    key: dsa_key(),
                    ..made()
                },
            ),
            [Accepted, Read(116)],
        ),
        row(
            leaf(
                "sha1.pem",
                Made {
                    digest: MessageDigest::sha1(),
                    ..made()
                },
            ),
            [Unloaded, Unloaded],
        ),
        row(
            leaf(
                "rsa-1024.pem",
                Made {
                    key: rsa_key(1024),
                    ..made()
                },
            ),
            [Unloaded, Unloaded],
        ),
        row(below("sha1-ca.pem", &weak_ca), [Write(80), Write(80)]),
        row(below("small-ca.pem", &small_ca), [Write(80), Write(80)]),
    ]
}

/// The contact with the identity that was not limited to TLS 1.2.
fn call(checked: &Checked) -> &Value {
    let probes = checked.report["probes"].as_array().expect("a list");
    let mut calls = probes
        .iter()
        .filter(|probe| probe["with_cert"] == true && probe["tls_max"].is_null());
    calls.next().expect("a call with the identity")
}

fn told(checked: &Checked) -> Told {
    let call = call(checked);
    let number = call["alert"]["number"].as_u64();
    match (call["alert"]["dir"].as_str(), number) {
        (Some("read"), Some(number)) => Read(number),
        (Some("write"), Some(number)) => Write(number),
        _ if call["tls"].is_null() => Unloaded,
        _ => Accepted,
    }
}

#[test]
fn each_identity_meets_its_alert_in_both_versions() {
    let table = table();
    for (index, (option, name)) in [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")]
        .into_iter()
        .enumerate()
    {
        let server = SServer::strict(option);
        for row in &table {
            let file = row.identity.file_name().expect("a name").to_string_lossy();
            let checked = at(server.port, &row.identity, &[]);
            let expected = row.alerts[index];
            assert_eq!(
                told(&checked),
                expected,
                "{file}, {name}: {:#}",
                checked.report
            );
            let Read(number) = expected else { continue };
            let id = finding_of(number);
            raises(&checked, id);
            let finding = checked.finding(id);
            let phase = ["handshake", "first-read"][index];
            assert_eq!(finding["data"]["alert"], number, "{file}, {name}");
            assert_eq!(finding["data"]["phase"], phase, "{file}, {name}");
            assert_eq!(finding["data"]["dir"], "read", "{file}, {name}");
            assert_eq!(finding["data"]["tls"], name, "{file}, {name}");
        }
        // Whoever comes without is asked for one.
        let checked = at(server.port, &lab().client, &[]);
        let bare = &checked.report["probes"][1];
        assert_eq!(bare["alert"]["number"], [40, 116][index], "{bare:#}");
        assert_eq!(bare["alert"]["phase"], ["handshake", "first-read"][index]);
        assert!(checked.ids().iter().all(|id| !id.starts_with("rejected-")));
    }
}

fn finding_of(number: u64) -> &'static str {
    match number {
        42 => "rejected-bad-certificate",
        43 => "rejected-unsupported-certificate",
        45 => "rejected-expired",
        47 => "rejected-illegal-parameter",
        48 => "rejected-unknown-ca",
        116 => "rejected-certificate-required",
        other => panic!("alert {other} is not in the table"),
    }
}

/// A CA that two roots have signed, as curl and others send it: every form, as the file has them.
#[test]
fn a_cross_signed_ca_reaches_the_root_that_the_server_trusts() {
    let other = root("Other Root");
    let key = ec_key(Nid::X9_62_PRIME256V1);
    let by = |issuer| {
        mint(Made {
            name: "Crossed CA",
            issuer: Some(issuer),
            usage: For::Issuing,
            key: key.clone(),
            // The other lasts longer.
            days: [
                -30,
                if std::ptr::eq(issuer, &other) {
                    300
                } else {
                    90
                },
            ],
            ..Made::default()
        })
    };
    let (by_lab, by_other) = (by(&lab().root), by(&other));
    let leaf = mint(Made {
        issuer: Some(&by_lab),
        ..Made::default()
    });
    let file = lab().identity("crossed.pem", &leaf, &[&by_lab, &by_other]);
    for version in ["-tls1_2", "-tls1_3"] {
        let checked = at(SServer::strict(version).port, &file, &[]);
        assert_eq!(told(&checked), Accepted, "{:#}", checked.report);
        assert_eq!(call(&checked)["sent"].as_array().map(Vec::len), Some(3));
        let certificates = &checked.report["identity"]["certificates"];
        assert_eq!(certificates[2]["role"], "alternative");
    }
    // The other way round OpenSSL's server follows the first and looks no further.
    let file = lab().identity("crossed-last.pem", &leaf, &[&by_other, &by_lab]);
    let checked = at(SServer::strict("-tls1_3").port, &file, &[]);
    assert_eq!(told(&checked), Read(48), "{:#}", checked.report);
    assert_eq!(checked.report["cause"], "chain-order");
    spares(&checked, "intermediate-missing");
    // Written with the server's root at hand it works.
    let fixed = lab().write("crossed-in-order.pem", b"");
    std::fs::remove_file(&fixed).expect("removed");
    let text = |path: &PathBuf| path.to_str().expect("UTF-8").to_owned();
    let (from, to, root) = (text(&file), text(&fixed), text(&lab().root_file));
    let more = ["--offline", &from, "--client-ca", &root, "--fix", &to];
    assert_eq!(check(&more, &[]).status, 0);
    let checked = at(SServer::strict("-tls1_3").port, &fixed, &[]);
    assert_eq!(told(&checked), Accepted, "{:#}", checked.report);
}

/// The expired one used to be presented, because it comes first.
#[test]
fn a_renewed_certificate_behind_the_expired_one_is_presented() {
    let leaf = |days, key: &PKey<Private>| {
        mint(Made {
            issuer: Some(lab().issuing()),
            days,
            key: key.clone(),
            ..Made::default()
        })
    };
    let renewed = leaf([-1, 90], &ec_key(Nid::X9_62_PRIME256V1));
    let expired = leaf([-90, -1], &renewed.key);
    let above = [lab().issuing(), lab().policy(), &renewed];
    let file = lab().identity("renewed.pem", &expired, &above);
    let checked = at(SServer::strict("-tls1_3").port, &file, &[]);
    assert_eq!(told(&checked), Accepted, "{:#}", checked.report);
    raises(&checked, "multiple-leaf-certs");
    spares(&checked, "cert-expired");
}

/// It used to be told to append the root as a missing intermediate.
#[test]
fn a_whole_chain_below_a_root_that_the_server_does_not_know() {
    let stranger = root("Stranger Root");
    let leaf = mint(Made {
        issuer: Some(&stranger),
        ..Made::default()
    });
    let file = lab().identity("below-stranger.pem", &leaf, &[]);
    // It names the CAs that it knows.
    let checked = at(SServer::strict("-tls1_3").port, &file, &[]);
    assert_eq!(checked.report["cause"], "acceptable-cas-mismatch");
    spares(&checked, "intermediate-missing");
    // It names none.
    let checked = at(refusing_with(48), &file, &[]);
    assert_eq!(
        checked.report["cause"], "issuer-unknown",
        "{:#}",
        checked.report
    );
    assert_eq!(checked.status, 8);
    spares(&checked, "intermediate-missing");
}

#[test]
fn what_is_refused_in_tls_1_3_is_asked_again_in_tls_1_2() {
    let root = lab().root_file.to_str().expect("UTF-8");
    let options = ["-Verify", "5", "-verify_return_error", "-CAfile", root];
    let server = SServer::start(&options);
    let expired = leaf(
        "expired.pem",
        Made {
            days: [-90, -1],
            ..Made::default()
        },
    );
    let checked = at(server.port, &expired, &[]);
    raises(&checked, "rejected-expired");
    spares(&checked, "rejected-bad-certificate");
    let data = &checked.finding("rejected-expired")["data"];
    assert_eq!(data["phase"], "first-read");
    assert_eq!(data["confirmed_in_tls_1_2"], true);
    let probes = checked.report["probes"].as_array().expect("a list");
    let again = probes.last().expect("a probe");
    assert_eq!(again["tls"], "TLSv1.2");
    assert_eq!(again["alert"]["phase"], "handshake");
    // Where that is not to be had, nothing is said of it.
    let checked = at(SServer::strict("-tls1_3").port, &expired, &[]);
    let data = &checked.finding("rejected-expired")["data"];
    assert!(data["confirmed_in_tls_1_2"].is_null(), "{data:#}");
}

/// Alerts that no fault above brings about.
#[test]
fn each_other_alert_has_a_finding_of_its_own() {
    let refused = |alert| at(refusing_with(alert), &lab().client, &[]);
    let checked = refused(40);
    raises(&checked, "rejected-handshake-failure");
    spares(&checked, "rejected-other-alert");
    let checked = refused(44);
    raises(&checked, "rejected-revoked");
    spares(&checked, "rejected-handshake-failure");
    let checked = refused(46);
    raises(&checked, "rejected-certificate-unknown");
    spares(&checked, "rejected-revoked");
    let checked = refused(49);
    raises(&checked, "rejected-access-denied");
    spares(&checked, "rejected-certificate-unknown");
    let checked = refused(51);
    raises(&checked, "rejected-decrypt-error");
    spares(&checked, "rejected-access-denied");
    let checked = refused(80);
    raises(&checked, "rejected-other-alert");
    spares(&checked, "rejected-decrypt-error");
    assert_eq!(
        checked.finding("rejected-other-alert")["data"]["name"],
        "internal_error"
    );
}

/// The ids of the table above, by name for whoever looks for them.
#[test]
fn an_alert_has_one_finding() {
    let refused = |alert| at(refusing_with(alert), &lab().client, &[]);
    let checked = refused(42);
    raises(&checked, "rejected-bad-certificate");
    spares(&checked, "rejected-unsupported-certificate");
    let checked = refused(43);
    raises(&checked, "rejected-unsupported-certificate");
    spares(&checked, "rejected-expired");
    let checked = refused(45);
    raises(&checked, "rejected-expired");
    spares(&checked, "rejected-illegal-parameter");
    let checked = refused(47);
    raises(&checked, "rejected-illegal-parameter");
    spares(&checked, "rejected-unknown-ca");
    let checked = refused(48);
    raises(&checked, "rejected-unknown-ca");
    spares(&checked, "rejected-certificate-required");
    let checked = refused(116);
    raises(&checked, "rejected-certificate-required");
    spares(&checked, "rejected-bad-certificate");
}
