use super::*;

fn finding(id: &'static str) -> Finding {
    let subject = match id {
        _ if id.starts_with("rejected") || id.starts_with("sf-") => Subject::Server,
        _ if id.contains("intermediate") || id.contains("issuer") => Subject::Chain(1),
        _ if id.starts_with("key") => Subject::Key,
        _ => Subject::Leaf,
    };
    Finding::new(id, subject, id)
}

fn page(reason: &str) -> Finding {
    Finding::new("sf-client-certificate-error", Subject::Server, reason).fact("reason", reason)
}

/// The ids in the order they are told in, from the worst order they can come in.
fn joined(findings: impl IntoIterator<Item = Finding>) -> Vec<&'static str> {
    let mut findings: Vec<Finding> = findings.into_iter().collect();
    findings.reverse();
    join(findings).iter().map(|finding| finding.id).collect()
}

fn of(ids: &[&'static str]) -> Vec<&'static str> {
    joined(ids.iter().map(|id| finding(id)))
}

#[test]
fn of_several_faults_the_one_that_explains_the_alert_is_the_cause() {
    let faults = ["cert-expired", "eku-no-client-auth"];
    assert_eq!(
        of(&["rejected-unsupported-certificate", faults[0], faults[1]])[0],
        "eku-no-client-auth"
    );
    assert_eq!(
        of(&["rejected-expired", faults[1], faults[0]])[0],
        "cert-expired"
    );
    for (alert, cause) in [
        ("rejected-bad-certificate", "cert-not-yet-valid"),
        ("rejected-unknown-ca", "self-signed"),
        ("rejected-unknown-ca", "wrong-intermediate"),
        ("rejected-certificate-unknown", "intermediate-missing"),
        ("rejected-certificate-required", "sigalg-mismatch"),
        ("rejected-handshake-failure", "sigalg-mismatch"),
        ("rejected-illegal-parameter", "key-type-unsupported"),
        ("rejected-expired", "intermediate-expired"),
    ] {
        assert_eq!(of(&[alert, cause])[0], cause, "{alert}");
    }
}

#[test]
fn a_fault_of_the_file_comes_before_all_that_a_server_says() {
    assert_eq!(
        of(&["rejected-expired", "cert-expired", "key-mismatch"])[0],
        "key-mismatch"
    );
    assert_eq!(
        of(&["key-mismatch", "tls-inspection-proxy"])[0],
        "tls-inspection-proxy"
    );
}

#[test]
fn an_alert_that_nothing_explains_is_the_cause_itself() {
    assert_eq!(
        of(&["rejected-access-denied", "cert-expiring"])[0],
        "rejected-access-denied"
    );
}

#[test]
fn an_unknown_issuer_becomes_a_missing_intermediate_only_by_evidence() {
    assert_eq!(
        of(&["issuer-unknown", "rejected-unknown-ca"])[0],
        "intermediate-missing"
    );
    let told = joined([
        finding("issuer-unknown"),
        page("unable to get local issuer certificate"),
    ]);
    assert_eq!(told[0], "intermediate-missing");
    assert_eq!(
        of(&["issuer-unknown", "rejected-expired"]),
        ["rejected-expired", "issuer-unknown"]
    );
}

/// It used to become a missing intermediate and the cause, whatever else was wrong.
#[test]
fn an_error_in_the_file_explains_an_unknown_ca_before_an_unknown_issuer_does() {
    for certain in [
        "pathlen-exceeded",
        "issuer-not-ca",
        "name-constraints-violation",
    ] {
        let told = of(&[certain, "rejected-unknown-ca", "issuer-unknown"]);
        assert_eq!(told, [certain, "rejected-unknown-ca", "issuer-unknown"]);
    }
    // The page is more exact.
    let told = joined([
        finding("issuer-unknown"),
        finding("pathlen-exceeded"),
        page("unable to get local issuer certificate"),
    ]);
    assert_eq!(told[0], "intermediate-missing");
    let told = joined([
        finding("pathlen-exceeded"),
        finding("cert-expired"),
        page("path length constraint exceeded"),
    ]);
    assert_eq!(told[0], "pathlen-exceeded");
}

#[test]
fn a_root_that_the_server_does_not_know_is_no_missing_intermediate() {
    let told = |issuer: &str| {
        let unknown = finding("issuer-unknown")
            .fact("issuer_common_name", issuer)
            .advice("ask the CA");
        join(vec![finding("rejected-unknown-ca"), unknown]).swap_remove(0)
    };
    let root = told("Acme Root CA");
    assert_eq!(
        (root.id, root.severity),
        ("issuer-unknown", Severity::Error)
    );
    assert!(
        root.message
            .contains("\"Acme Root CA\", by its name a root"),
        "{}",
        root.message
    );
    assert!(root.advice.unwrap().starts_with("order a certificate"));
    let other = told("Acme Issuing CA");
    assert_eq!(other.id, "intermediate-missing");
    assert!(
        other
            .message
            .ends_with("or is a root that the server does not know")
    );
    assert!(other.advice.unwrap().starts_with("ask the CA; "));
    assert_eq!(told("Grootveld CA").id, "intermediate-missing");
}

#[test]
fn the_words_of_the_page_name_the_cause_too() {
    let told = joined([
        page("certificate has expired"),
        finding("eku-no-client-auth"),
        finding("cert-expired"),
    ]);
    assert_eq!(told[0], "cert-expired");
    let told = joined([
        page("No client certificate provided."),
        finding("sigalg-mismatch"),
    ]);
    assert_eq!(told[0], "sigalg-mismatch");
}

#[test]
fn what_the_server_accepts_is_no_error() {
    let findings = join(vec![
        finding("intermediate-missing"),
        finding("eku-no-client-auth"),
        finding("sf-mutual-auth-ok"),
        finding("key-mismatch"),
    ]);
    for finding in findings {
        let lowered = finding.severity == Severity::Warning
            && finding.downgraded_by == Some("sf-mutual-auth-ok");
        let of_the_chain = matches!(finding.subject, Subject::Leaf | Subject::Chain(_));
        assert_eq!(lowered, of_the_chain, "{}", finding.id);
    }
}

#[test]
fn a_list_of_cas_without_ours_is_an_error_only_where_nothing_was_accepted() {
    let severity = |other| {
        join(vec![finding("acceptable-cas-mismatch"), finding(other)])
            .iter()
            .find(|finding| finding.id == "acceptable-cas-mismatch")
            .map(|finding| finding.severity)
    };
    assert_eq!(
        severity("rejected-certificate-required"),
        Some(Severity::Error)
    );
    assert_eq!(severity("rejected-expired"), Some(Severity::Warning));
    assert_eq!(severity("sf-mutual-auth-ok"), Some(Severity::Warning));
}

/// The first error of a file used to be blamed for every refusal.
#[test]
fn an_error_explains_only_the_refusals_that_it_can_cause() {
    for (refusal, error) in [
        ("rejected-expired", "key-too-small"),
        ("rejected-expired", "eku-no-client-auth"),
        ("rejected-unsupported-certificate", "cert-expired"),
        ("rejected-unknown-ca", "cert-expired"),
        ("rejected-revoked", "cert-expired"),
        ("rejected-access-denied", "intermediate-missing"),
    ] {
        assert_eq!(of(&[error, refusal]), [refusal, error]);
    }
    let page = page("certificate has expired");
    let told = joined([finding("eku-no-client-auth"), page]);
    assert_eq!(told[0], "sf-client-certificate-error");
    // Alerts that servers send for anything.
    for refusal in [
        "rejected-handshake-failure",
        "rejected-bad-certificate",
        "rejected-certificate-unknown",
        "http-client-cert-rejected",
    ] {
        assert_eq!(of(&[refusal, "cert-expired"])[0], "cert-expired");
    }
}

#[test]
fn what_was_not_sent_was_not_refused_for_what_is_in_it() {
    let unsent = finding("rejected-handshake-failure").fact("certificates_sent", 0);
    let told = joined([finding("cert-expired"), unsent]);
    assert_eq!(told[0], "rejected-handshake-failure");
    let said = Said::by_alert(40, false);
    assert_eq!(said.explanation(vec![finding("cert-expired")]), None);
    let said = Said::by_alert(40, true);
    let found = said.explanation(vec![finding("cert-expired")]);
    assert_eq!(found.map(|finding| finding.id), Some("cert-expired"));
}

/// A good leaf used to be marked as bad where an intermediate was refused.
#[test]
fn a_refusal_is_about_what_explains_it() {
    let refusal = |findings: Vec<Finding>| {
        let is_refusal = |finding: &Finding| finding.id == "rejected-expired";
        join(findings).into_iter().find(is_refusal)
    };
    let alert =
        || Finding::new("rejected-expired", Subject::Leaf, "the server says so").advice("renew it");
    let explained = refusal(vec![alert(), finding("intermediate-expired")]).unwrap();
    assert_eq!(explained.subject, Subject::Chain(1));
    assert_eq!(explained.advice, None);
    let alone = refusal(vec![alert(), finding("eku-no-client-auth")]).unwrap();
    assert_eq!(alone, alert());
}

/// OpenSSL's texts, present and former.
#[test]
fn the_reasons_of_the_page_are_told_apart() {
    for (text, reason) in [
        ("No client certificate provided.", Reason::NoCertificate),
        ("Unable to get local issuer certificate.", Reason::NoIssuer),
        ("unable to verify the first certificate", Reason::NoIssuer),
        ("self signed certificate", Reason::SelfSigned),
        (
            "self-signed certificate in certificate chain",
            Reason::UnknownRoot,
        ),
        ("certificate has expired", Reason::Expired),
        ("certificate revoked", Reason::Revoked),
        ("unsupported certificate purpose", Reason::Purpose),
        ("EE certificate key too weak", Reason::WeakKey),
        (
            "CA signature digest algorithm too weak",
            Reason::WeakSignature,
        ),
        ("CA md too weak", Reason::WeakSignature),
        ("path length constraint exceeded", Reason::PathLength),
        ("invalid CA certificate", Reason::NotCa),
        (
            "key usage does not include certificate signing",
            Reason::NoCertSign,
        ),
        ("permitted subtree violation", Reason::Name),
        ("unhandled critical extension", Reason::Extension),
        ("certificate signature failure", Reason::Signature),
        ("certificate chain too long", Reason::Other),
    ] {
        assert_eq!(Reason::of(text), reason, "{text}");
    }
}
