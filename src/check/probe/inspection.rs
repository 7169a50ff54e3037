//! A proxy that ends TLS in the server's name: it has no access to the client's key, so no mutual TLS
//! passes through it, whether its CA is trusted or not.

use openssl::x509::X509;

use super::contact::Contact;
use super::record::certificates;
use super::{Plan, about_server};
use crate::check::finding::Finding;
use crate::check::roots::KnownRoots;
use crate::ffi::verify::{
    X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
    X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE,
};
use crate::identity::chain::same_name;
use crate::identity::name;

/// Makers of such proxies as their CAs' names have them, in lower case.
const MAKERS: [&str; 14] = [
    "zscaler",
    "netskope",
    "fortinet",
    "fortigate",
    "palo alto",
    "blue coat",
    "bluecoat",
    "symantec",
    "cisco umbrella",
    "sophos",
    "mitmproxy",
    "portswigger",
    "charles proxy",
    "check point",
];

/// Salesforce's own domains.
const SALESFORCE: [&str; 3] = [".salesforce.com", ".force.com", ".salesforce.mil"];

/// Verify codes of a chain whose root is not trusted.
const UNKNOWN_ROOT: [i32; 4] = [
    X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
    X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
    X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
    X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE,
];

/// The finding, if there is a sign of one on the port of mutual TLS: a private CA alone is none.
pub(super) fn finding(
    plan: &Plan,
    roots: &KnownRoots<'_>,
    login: &Contact,
    mutual: &Contact,
) -> Option<Finding> {
    let chain = certificates(&mutual.handshake.server);
    let leaf = chain.first()?;
    let trusted = mutual.handshake.finished;
    let sign = sign(plan, roots, login, mutual, &chain)?;
    let at = plan.authority(plan.mtls_port);
    let issuer = plan.said(&name(leaf.issuer_name())).into_owned();
    Some(
        about_server(
            "tls-inspection-proxy",
            format!("a TLS-inspecting proxy answers at {at}: the certificate was issued by \"{issuer}\""),
        )
        .why(format!("{sign}; the proxy ends your TLS and does not have your key, so the server never sees your certificate"))
        .advice(format!("have {at} exempted from TLS inspection; trusting the proxy's CA does not help"))
        .command(format!(
            "{} | openssl x509 -noout -issuer",
            plan.s_client(plan.mtls_port)
        ))
        .fact("issuer", issuer)
        .fact("trusted", trusted),
    )
}

fn sign(
    plan: &Plan,
    roots: &KnownRoots<'_>,
    login: &Contact,
    mutual: &Contact,
    chain: &[X509],
) -> Option<String> {
    if let Some(maker) = maker(chain) {
        return Some(format!(
            "its CA bears the name of a maker of such proxies ({maker})"
        ));
    }
    let verify = mutual.tls_failure().and_then(|tls| tls.verify.as_ref());
    let unknown_root = verify.is_some_and(|(code, _)| UNKNOWN_ROOT.contains(code));
    let private = roots.are_public(chain) == Some(false);
    let asks_nothing = mutual.handshake.finished && mutual.handshake.request.is_none();
    if login.handshake.finished
        && other_issuer(login, chain)
        && (unknown_root || (private && asks_nothing))
    {
        return Some(format!(
            "port {} of the same host has a certificate of another CA, which is trusted",
            plan.login_port
        ));
    }
    let host = plan.server.host();
    let salesforce = SALESFORCE.iter().any(|suffix| host.ends_with(suffix));
    (salesforce && private && (unknown_root || mutual.handshake.finished))
        .then(|| "Salesforce's certificates come from public CAs, and this one does not".to_owned())
}

/// The maker whose name stands in an issuer of this chain.
fn maker(chain: &[X509]) -> Option<&'static str> {
    let issuers = chain.iter().map(|link| name(link.issuer_name()));
    let issuers: Vec<String> = issuers.map(|issuer| issuer.to_ascii_lowercase()).collect();
    MAKERS
        .into_iter()
        .find(|maker| issuers.iter().any(|issuer| issuer.contains(maker)))
}

fn other_issuer(login: &Contact, chain: &[X509]) -> bool {
    let ours = certificates(&login.handshake.server);
    match (ours.first(), chain.first()) {
        (Some(login), Some(mutual)) => !same_name(login.issuer_name(), mutual.issuer_name()),
        _ => false,
    }
}
