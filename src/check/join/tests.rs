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
