use openssl::bn::BigNum;
use openssl::ec::{Asn1Flag, EcGroup, EcKey};
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;

use super::super::mint::{ec, rsa};
use super::*;

#[test]
fn a_key_of_another_certificate_is_told_with_both_public_keys() {
    let lab = Lab::new();
    let other = judge(&survey(&[&ec()], &[&lab.leaf, &lab.issuing]), &criteria());
    raises(&other, "key-mismatch");
    let mismatch = finding(&other, "key-mismatch");
    for fact in ["key_sha256", "wanted_sha256"] {
        assert_eq!(mismatch.data[fact].as_str().unwrap().len(), 64);
    }
    assert_eq!(mismatch.place.as_ref().unwrap().line, Some(1));
    let own = judge(
        &survey(&[&lab.leaf.key], &[&lab.leaf, &lab.issuing]),
        &criteria(),
    );
    spares(&own, "key-mismatch");
}

#[test]
fn the_key_of_a_ca_beside_the_leaf_is_told_to_be_that() {
    let lab = Lab::new();
    let judged = judge(
        &survey(&[&lab.issuing.key], &[&lab.leaf, &lab.issuing]),
        &criteria(),
    );
    raises(&judged, "key-mismatch");
    let message = &finding(&judged, "key-mismatch").message;
    assert!(
        message.contains("belongs to the CA O=Lab, CN=Lab Issuing CA"),
        "{message}"
    );
    spares(&judged, "leaf-is-ca");
}

#[test]
fn of_several_keys_the_one_that_fits_is_named() {
    let lab = Lab::new();
    let both = judge(&survey(&[&ec(), &lab.leaf.key], &[&lab.leaf]), &criteria());
    raises(&both, "multiple-keys");
    spares(&both, "key-mismatch");
    let several = finding(&both, "multiple-keys");
    assert_eq!(
        several.message,
        "client.pem holds 2 private keys: number 2 is the certificate's"
    );
    assert_eq!(both.key, Some(1));
    let one = judge(&survey(&[&lab.leaf.key], &[&lab.leaf]), &criteria());
    spares(&one, "multiple-keys");
}

#[test]
fn rsa_keys_below_2048_bits_are_too_small() {
    let small = good_but(client(LEAF).key(&rsa(1024)));
    raises(&small, "key-too-small");
    let enough = good_but(client(LEAF).key(&rsa(2048)));
    spares(&enough, "key-too-small");
    spares(&enough, "key-type-uncommon");
    spares(&enough, "key-invalid");
}

#[test]
fn the_key_of_an_issuer_may_be_too_small_too() {
    let small = good_below(ca("Small CA").key(&rsa(1024)));
    raises(&small, "key-too-small");
    assert_eq!(finding(&small, "key-too-small").subject, Subject::Chain(1));
}

#[test]
fn keys_that_tls_has_no_scheme_for_are_unsupported() {
    let curves = ["secp256k1", "brainpoolP256r1", "secp224r1"];
    for key in curves.map(|curve| PKey::ec_gen(curve).unwrap()) {
        let unsupported = good_but(client(LEAF).key(&key));
        raises(&unsupported, "key-type-unsupported");
        spares(&unsupported, "key-too-small");
    }
    let x25519 = good_but(client(LEAF).key(&PKey::generate_x25519().unwrap()));
    raises(&x25519, "key-type-unsupported");
    let p384 = good_but(client(LEAF).key(&PKey::ec_gen("secp384r1").unwrap()));
    spares(&p384, "key-type-unsupported");
    spares(&p384, "key-type-uncommon");
}

#[test]
fn keys_that_few_servers_take_are_uncommon() {
    let keys = [
        PKey::ec_gen("secp521r1").unwrap(),
        PKey::generate_ed25519().unwrap(),
        PKey::generate_ed448().unwrap(),
        rsa(4104),
    ];
    for key in keys {
        let uncommon = good_but(client(LEAF).key(&key));
        raises(&uncommon, "key-type-uncommon");
        spares(&uncommon, "key-type-unsupported");
        spares(&uncommon, "key-invalid");
    }
}

#[test]
fn a_curve_with_damaged_parameters_is_no_panic() {
    // SubjectPublicKeyInfo with an algorithm that nobody knows: the certificate parses, its key not.
    let lab = Lab::new();
    let mut der = lab.leaf.certificate.to_der().unwrap();
    let id_ec = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
    let at = der.windows(7).position(|bytes| bytes == id_ec).unwrap();
    der[at + 6] = 0x7f;
    let unknown = X509::from_der(&der).unwrap();
    assert!(unknown.public_key().is_err());
    let survey = survey_of(&[&lab.leaf.key], &[unknown, lab.issuing.certificate]);
    let judged = judge(&survey, &criteria());
    raises(&judged, "key-type-unsupported");
    raises(&judged, "key-mismatch");
}

/// An RSA key with one part of it changed.
fn damaged_rsa(part: usize) -> PKey<Private> {
    let whole = rsa(2048).rsa().unwrap();
    let own = |number: Option<&openssl::bn::BigNumRef>| number.unwrap().to_owned().unwrap();
    let mut parts = [
        own(Some(whole.d())),
        own(whole.p()),
        own(whole.q()),
        own(whole.dmp1()),
        own(whole.dmq1()),
        own(whole.iqmp()),
    ];
    parts[part].add_word(2).unwrap();
    let [d, p, q, dmp1, dmq1, iqmp] = parts;
    let (n, e) = (own(Some(whole.n())), own(Some(whole.e())));
    let rsa = Rsa::from_private_components(n, e, d, p, q, dmp1, dmq1, iqmp).unwrap();
    PKey::from_rsa(rsa).unwrap()
}

#[test]
fn a_damaged_rsa_key_is_invalid_whichever_part_it_is() {
    let lab = Lab::new();
    let leaf = client(LEAF).key(&rsa(2048)).by(&lab.issuing);
    for part in 0..6 {
        let damaged = judge(&survey(&[&damaged_rsa(part)], &[&leaf]), &criteria());
        raises(&damaged, "key-invalid");
        spares(&damaged, "key-mismatch");
    }
    let whole = judge(&survey(&[&leaf.key], &[&leaf]), &criteria());
    spares(&whole, "key-invalid");
}

#[test]
fn a_private_key_with_the_public_key_of_another_is_invalid() {
    let lab = Lab::new();
    let own = lab.leaf.key.ec_key().unwrap();
    let wrong = BigNum::from_u32(12_345).unwrap();
    let damaged = EcKey::from_private_components(own.group(), &wrong, own.public_key()).unwrap();
    let damaged = PKey::from_ec_key(damaged).unwrap();
    let judged = judge(&survey(&[&damaged], &[&lab.leaf]), &criteria());
    raises(&judged, "key-invalid");
    spares(&judged, "key-mismatch");
    spares(&good_but(client(LEAF)), "key-invalid");
}

#[test]
fn a_key_without_certificate_is_judged_alone() {
    let judged = judge(&survey(&[&damaged_rsa(0), &ec()], &[]), &criteria());
    raises(&judged, "key-invalid");
    raises(&judged, "multiple-keys");
}

/// A P-256 key whose curve is written out in the certificate instead of named.
fn explicit_curve() -> PKey<Private> {
    let mut group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    group.set_asn1_flag(Asn1Flag::EXPLICIT_CURVE);
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

#[test]
fn a_curve_that_is_written_out_is_refused() {
    let issuing = good_below(ca("Old CA").key(&explicit_curve()));
    raises(&issuing, "key-type-unsupported");
    let leaf = good_but(client(LEAF).key(&explicit_curve()));
    raises(&leaf, "key-type-unsupported");
}

#[test]
fn a_key_with_certificates_of_cas_only_lacks_the_clients_own() {
    let lab = Lab::new();
    let file = survey(&[&lab.leaf.key], &[&lab.issuing, &lab.policy]);
    let judged_cas = judge(&file, &criteria());
    assert_eq!(ids(&judged_cas), ["key-mismatch"]);
    let why = finding(&judged_cas, "key-mismatch").why.as_deref();
    assert!(why.unwrap().ends_with("the client's own is missing"));
    assert_eq!((judged_cas.leaf, judged_cas.top.is_none()), (None, true));
    // With its own key a CA is a leaf, and so is what is its own issuer.
    raises(
        &judge(&survey(&[&lab.issuing.key], &[&lab.issuing]), &criteria()),
        "leaf-is-ca",
    );
    let own = ca("Own").self_signed();
    raises(
        &judge(&survey(&[&lab.leaf.key], &[&own]), &criteria()),
        "self-signed",
    );
}
