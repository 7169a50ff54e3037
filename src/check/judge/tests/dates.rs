use super::*;
use crate::check::time::DAY;

fn lasting(from: i64, to: i64) -> Judged {
    good_but(client(LEAF).days(from, to))
}

#[test]
fn a_leaf_is_expired_from_the_last_second_of_its_life_on() {
    let over = lasting(-365, -2);
    raises(&over, "cert-expired");
    spares(&over, "cert-expiring");
    let expired = finding(&over, "cert-expired");
    assert_eq!(
        expired.message,
        "\"integration.example.test\" expired 2 days ago (2027-01-13)"
    );
    assert_eq!(expired.data["days_left"], -2);
    spares(
        &good_but(client(LEAF).seconds(-365 * DAY, 1)),
        "cert-expired",
    );
    raises(
        &good_but(client(LEAF).seconds(-365 * DAY, 0)),
        "cert-expired",
    );
}

#[test]
fn leaf_and_issuer_are_told_before_their_start() {
    let early = lasting(3, 368);
    raises(&early, "cert-not-yet-valid");
    spares(&lasting(0, 365), "cert-not-yet-valid");
    let ca = good_below(ca("New CA").days(1, 3650));
    raises(&ca, "cert-not-yet-valid");
    assert_eq!(
        finding(&ca, "cert-not-yet-valid").subject,
        Subject::Chain(1)
    );
}

#[test]
fn a_leaf_is_expiring_within_30_days_or_the_last_third_of_a_short_life() {
    // A year: 30 days before.
    raises(&lasting(-336, 29), "cert-expiring");
    spares(&lasting(-334, 31), "cert-expiring");
    // 47 days: a third.
    raises(&lasting(-32, 15), "cert-expiring");
    spares(&lasting(-31, 16), "cert-expiring");
}

#[test]
fn the_days_to_warn_can_be_said() {
    let warn_days = |days| Criteria {
        warn_days: Some(days),
        ..criteria()
    };
    let lab = Lab::new();
    let by = |days| judged_by(&warn_days(days), &[&lab.leaf, &lab.issuing]);
    raises(&by(301), "cert-expiring");
    spares(&by(300), "cert-expiring");
    let ending = client(LEAF).days(-364, 1).by(&lab.issuing);
    spares(&judged_by(&warn_days(0), &[&ending]), "cert-expiring");
}

#[test]
fn past_two_thirds_of_its_life_a_renewal_is_due() {
    let due = lasting(-250, 115);
    raises(&due, "renewal-due");
    let message = &finding(&due, "renewal-due").message;
    assert!(
        message.ends_with("has used 68 % of its life, 115 days left"),
        "{message}"
    );
    spares(&lasting(-240, 125), "renewal-due");
    // Said more strongly.
    spares(&lasting(-360, 5), "renewal-due");
}

#[test]
fn an_expired_issuer_is_an_error_of_its_own() {
    let over = good_below(ca("Old CA").days(-900, -1));
    raises(&over, "intermediate-expired");
    has_severity(&over, "intermediate-expired", Severity::Error);
    spares(&over, "cert-expired");
    spares(
        &good_below(ca("Old CA").days(-900, 301)),
        "intermediate-expired",
    );
}

#[test]
fn an_issuer_that_ends_soon_matters_only_where_the_leaf_lasts_longer() {
    raises(
        &good_below(ca("Old CA").days(-900, 20)),
        "intermediate-expiring",
    );
    spares(
        &good_below(ca("Old CA").days(-900, 200)),
        "intermediate-expiring",
    );
    let lab = Lab::new();
    let issuing = ca("Old CA").days(-900, 20).by(&lab.root);
    let leaf = client(LEAF).days(-300, 10).by(&issuing);
    spares(&judged(&[&leaf, &issuing]), "intermediate-expiring");
}

#[test]
fn an_expired_cross_certificate_is_no_error_where_its_root_is_accepted() {
    let old = ca("Old Root").days(-3000, -10).self_signed();
    let root = ca("New Root").self_signed();
    let cross = ca("New Root").key(&root.key).days(-3000, -10).by(&old);
    let issuing = ca("Lab Issuing CA").by(&root);
    let leaf = client(LEAF).by(&issuing);
    let file = [&leaf, &issuing, &cross];
    let known = judged_by(&accepting(&[&root]), &file);
    raises(&known, "intermediate-expired");
    has_severity(&known, "intermediate-expired", Severity::Warning);
    let unknown = judged_by(&accepting(&[&old]), &file);
    has_severity(&unknown, "intermediate-expired", Severity::Error);
    // Both accepted, and the old one in the file too: still a way.
    let both = judged_by(&accepting(&[&old, &root]), &[&leaf, &issuing, &cross, &old]);
    has_severity(&both, "intermediate-expired", Severity::Warning);
}

#[test]
fn an_expired_root_is_told_although_the_server_is_said_to_accept_it() {
    let root = ca("Old Root").days(-3000, -10).self_signed();
    let leaf = client(LEAF).by(&root);
    let judged = judged_by(&accepting(&[&root]), &[&leaf]);
    raises(&judged, "intermediate-expired");
    // The server may have a newer certificate of it.
    let judged = judged_by(&criteria(), &[&leaf, &root]);
    has_severity(&judged, "intermediate-expired", Severity::Warning);
}
