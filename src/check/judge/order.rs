//! What else the file holds, and in which order.
//!
//! Only this tool and a few others put a file in order themselves; most take it as it stands.

use super::words::{issuer, subject};
use super::{Case, subject_at};
use crate::check::finding::{Finding, Subject};
use crate::check::judge::dates::Life;
use crate::check::judge::end::Kind;
use crate::check::time::date;
use crate::identity::Format;
use crate::text::words::count;

pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(leaf_not_first(case));
    findings.extend(chain_order(case));
    findings.extend(roots(case));
    findings.extend(leaves(case));
    findings.extend(unrelated(case));
    findings.extend(copies(case));
    let fix = case.commands().fix();
    let with_remedy = |finding: Finding| finding.remedy(fix.clone());
    // Without the key there is no identity to write.
    if case.key.is_some() {
        findings = findings.into_iter().map(with_remedy).collect();
    }
    findings.extend(second_choice(case));
    findings
}

fn leaf_not_first(case: &Case<'_>) -> Option<Finding> {
    let leaf = case.leaf();
    if case.survey.format == Some(Format::Pkcs12) || leaf == 0 {
        return None;
    }
    let message = format!(
        "the client certificate {} is number {} in {}",
        subject(case.certificate(leaf)),
        leaf + 1,
        case.place(leaf).file.display()
    );
    let finding = Finding::new("leaf-not-first", Subject::Leaf, message)
        .at(case.place(leaf))
        .why("curl and others take the first certificate for the client's");
    Some(finding)
}

fn chain_order(case: &Case<'_>) -> Option<Finding> {
    let above = &case.path[1..];
    if above.is_sorted() {
        return None;
    }
    let mut in_file = above.to_vec();
    in_file.sort_unstable();
    let list = |indices: &[usize]| {
        let names: Vec<String> = indices
            .iter()
            .map(|&i| subject(case.certificate(i)))
            .collect();
        names.join(", ")
    };
    let message = format!("the intermediates are not in order: {}", list(&in_file));
    let finding = Finding::new("chain-order", Subject::Chain(0), message)
        .at(case.place(in_file[0]))
        .why(format!(
            "TLS 1.2 wants each certificate to be issued by the next (RFC 5246 7.4.2): {}",
            list(above)
        ));
    Some(finding)
}

/// Of several ways up another one than the first in the file leads to what the server accepts.
fn second_choice(case: &Case<'_>) -> Option<Finding> {
    // Without its roots nobody knows what the server accepts.
    if !case.is_second_choice || case.criteria.client_ca.is_none() {
        return None;
    }
    let crossed = *case.path.iter().skip(1).find(|&&index| {
        let name = case.certificate(index).subject_name_hash();
        let is_twin = |&other: &usize| case.certificate(other).subject_name_hash() == name;
        case.alternatives.iter().any(is_twin)
    })?;
    let certificate = case.certificate(crossed);
    let message = format!(
        "{} is there several times, and the one issued by {} is not the first",
        subject(certificate),
        issuer(certificate)
    );
    let finding = Finding::new("chain-order", Subject::Chain(0), message)
        .at(case.place(crossed))
        .why("all are sent, and servers that take the first (OpenSSL's do) do not find the way to the root in --client-ca")
        .advice("put that one before the others, as --fix FILE together with --client-ca does");
    Some(finding)
}

/// CAs without a way down to the leaf, where a level between may be missing.
pub(super) fn detached(case: &Case<'_>) -> Vec<usize> {
    if case.end.kind != Kind::Open {
        return Vec::new();
    }
    let related = related(case);
    case.pool
        .originals()
        .filter(|&index| !related[index] && case.pool.is_ca(index))
        .filter(|&index| !case.pool.is_self_signed(index))
        .collect()
}

fn roots(case: &Case<'_>) -> Vec<Finding> {
    case.roots
        .iter()
        .map(|&index| {
            let name = subject(case.certificate(index));
            Finding::new(
                "root-included",
                subject_at(case.path.len()),
                format!("the root {name} is in the file, where it is not needed"),
            )
            .at(case.place(index))
            .why("a server trusts the root it has itself, and none that is sent to it")
        })
        .collect()
}

/// The certificates that are no CA's and issued nothing in the file.
fn ends(case: &Case<'_>) -> Vec<usize> {
    case.pool
        .originals()
        .filter(|&index| !case.pool.is_ca(index) && case.pool.issued_nothing(index))
        .collect()
}

fn leaves(case: &Case<'_>) -> Option<Finding> {
    let mut ends = ends(case);
    if !ends.contains(&case.leaf()) {
        ends.push(case.leaf());
    }
    let other = *ends.iter().find(|&&index| index != case.leaf())?;
    let leaf = case.certificate(case.leaf());
    let until = match Life::of(leaf) {
        Some(life) => format!(" (valid to {})", date(life.to)),
        None => String::new(),
    };
    let message = format!(
        "{} that are no CA's; {}{until} is presented",
        count(ends.len(), "certificate"),
        subject(leaf)
    );
    let finding = Finding::new("multiple-leaf-certs", Subject::Leaf, message)
        .at(case.place(other))
        .why("other programs may present another one")
        .fact("certificates", ends.len());
    Some(finding)
}

/// Certificates with no way down to the leaf. Those that other findings report are left out: other
/// leaves; what has the name of the missing issuer; and where a level is missing, CAs that may stand
/// above it.
fn unrelated(case: &Case<'_>) -> Vec<Finding> {
    let related = related(case);
    let open = case.end.kind == Kind::Open;
    let namesakes: Vec<usize> = case.namesakes().collect();
    let ends = ends(case);
    case.pool
        .originals()
        .filter(|index| !related[*index] && !namesakes.contains(index) && !ends.contains(index))
        .filter(|&index| !(open && case.pool.is_ca(index)))
        .map(|index| {
            let name = subject(case.certificate(index));
            Finding::new(
                "unrelated-cert",
                Subject::Chain(0),
                format!("{name} has nothing to do with this chain"),
            )
            .at(case.place(index))
            .why(
                "programs that send the file as it stands send it too, and servers may refuse that",
            )
        })
        .collect()
}

/// What issued the leaf, or what issued it, by any way.
fn related(case: &Case<'_>) -> Vec<bool> {
    let mut related = vec![false; case.survey.certificates.len()];
    let mut to_visit = vec![case.leaf()];
    while let Some(index) = to_visit.pop() {
        if !std::mem::replace(&mut related[index], true) {
            to_visit.extend(case.pool.issuers(index));
        }
    }
    related
}

fn copies(case: &Case<'_>) -> Vec<Finding> {
    case.pool
        .copies()
        .map(|index| {
            let name = subject(case.certificate(index));
            Finding::new(
                "duplicate-cert",
                Subject::Chain(0),
                format!("{name} is listed twice"),
            )
            .at(case.place(index))
        })
        .collect()
}
