//! What the blocks of a PEM text hold.

use std::collections::HashSet;

use openssl::pkey::{PKey, Private};
use openssl::x509::{X509, X509KeyUsage};

use super::{Problem, Reader, RemarkKind};
use crate::ffi::certificate::is_ca;
use crate::identity::chain::issued;
use crate::identity::format;
use crate::identity::key::{self, Encrypted};
use crate::identity::password::Outcome;
use crate::identity::pem::{self, Block, Pem, ProblemKind};
use crate::identity::refusal::attempt;

/// More than any bundle has; bounds how many keys are compared with how many certificates.
const MAX_BLOCKS: usize = 500;

impl Reader<'_> {
    pub(super) fn pem(&mut self, text: &[u8]) {
        let pem = pem::split(text);
        if pem.bom {
            self.remark(Some(1), RemarkKind::ByteOrderMark);
        }
        self.damage(&pem.problems);
        if pem.blocks.len() > MAX_BLOCKS {
            let looks = format!("it holds more than {MAX_BLOCKS} blocks");
            self.fault(None, Problem::Unrecognized(looks));
            return;
        }
        let instead = self.report_missing(&pem);
        for block in pem.blocks.iter().filter(|block| block.is_certificate()) {
            self.certificate_block(block);
        }
        if let Some(bundle) = instead.filter(|block| is_pkcs7(block)) {
            self.pkcs7(Some(bundle.line), &bundle.der);
        }
        self.extra_blocks(&pem, instead);
        let keys = |block: &&Block| block.is_private_key();
        for block in pem.blocks.iter().filter(keys) {
            if self.wanted.keys && !self.is_over() {
                self.key_block(block);
            }
        }
    }

    /// Reports what keeps OpenSSL from reading the text; what concerns the text as a whole is reported
    /// once.
    fn damage(&mut self, problems: &[pem::Problem]) {
        let mut told = HashSet::new();
        for problem in problems {
            let (of_the_text, kind) = match problem.kind.clone() {
                ProblemKind::Indented => (true, Problem::Indented),
                ProblemKind::EscapedNewlines => (true, Problem::EscapedNewlines),
                ProblemKind::CarriageReturns => (true, Problem::CarriageReturns),
                ProblemKind::OneLine => (true, Problem::OneLine),
                ProblemKind::BlocksJoined => (true, Problem::BlocksJoined),
                ProblemKind::NoEnd { label } => (false, Problem::Truncated { label, head: false }),
                ProblemKind::NoBegin { label } => (false, Problem::Truncated { label, head: true }),
                ProblemKind::NotBase64 { label, begin, url } => {
                    (false, Problem::NotBase64 { label, begin, url })
                }
            };
            if !of_the_text || told.insert(std::mem::discriminant(&kind)) {
                self.fault(Some(problem.line), kind);
            }
        }
    }

    /// Reports a missing key or certificate. If another block explains it (an OpenSSH key, a signing
    /// request, a PKCS#7 bundle, a public key), that one is reported and returned.
    fn report_missing<'p>(&mut self, pem: &'p Pem) -> Option<&'p Block> {
        let certificates = pem.blocks.iter().filter(|b| b.is_certificate()).count();
        let has_key = pem.blocks.iter().any(Block::is_private_key);
        let lacks_key = self.wanted.keys && !has_key && !may_hold(pem, pem::is_key_label);
        let lacks_certificate = self.wanted.certificates
            && certificates == 0
            && !may_hold(pem, pem::is_certificate_label);
        if !lacks_key && !lacks_certificate {
            return None;
        }
        let first = |labels: &[&str]| {
            let is_one = |block: &&Block| labels.iter().any(|label| block.label.ends_with(label));
            pem.blocks.iter().find(is_one)
        };
        let none = |there: bool, labels: &[&str]| there.then(|| first(labels)).flatten();
        let instead = none(lacks_key, &["OPENSSH PRIVATE KEY"])
            .map(|block| {
                let certificates = certificates > 0;
                (block, Problem::OpensshKey { certificates })
            })
            .or_else(|| {
                let block = none(certificates == 0, &["CERTIFICATE REQUEST"])?;
                Some((block, Problem::SigningRequest))
            })
            .or_else(|| {
                let block = none(certificates == 0, &["PKCS7", "CMS"])?;
                Some((block, format::pkcs7(&block.der, false, has_key)))
            })
            .or_else(|| Some((none(lacks_key, &["PUBLIC KEY"])?, Problem::PublicKey)));
        if let Some((block, problem)) = instead {
            self.fault(Some(block.line), problem);
            return Some(block);
        }
        let problem = match pem.blocks.first() {
            None => Problem::Unrecognized("it is text without a PEM block".to_owned()),
            Some(block) if certificates == 0 && !has_key => {
                Problem::Unrecognized(format!("it holds PEM of the kind {} only", block.label))
            }
            Some(_)
                if lacks_key
                    && certificates > 0
                    && self.wanted.certificates
                    && holds_only_cas(pem) =>
            {
                Problem::OnlyCas { certificates }
            }
            Some(_) if lacks_key => Problem::KeyMissing {
                certificates,
                pkcs12: false,
            },
            Some(_) => Problem::CertificateMissing { pkcs12: false },
        };
        self.fault(None, problem);
        None
    }

    fn certificate_block(&mut self, block: &Block) {
        if !self.wanted.certificates {
            return;
        }
        // Of a TRUSTED CERTIFICATE the trust settings behind it stay unread.
        match attempt(|| X509::from_der(&block.der)) {
            Ok(certificate) => self.certificate(Some(block.line), certificate),
            Err(_) => self.fault(Some(block.line), corrupt(&block.label)),
        }
        if block.label == "TRUSTED CERTIFICATE" {
            self.remark(Some(block.line), RemarkKind::TrustedLabel);
        }
    }

    /// Remarks on blocks that are neither key nor certificate and not reported yet; each label once.
    fn extra_blocks(&mut self, pem: &Pem, told: Option<&Block>) {
        let mut labels: Vec<&str> = told.iter().map(|block| block.label.as_str()).collect();
        for block in &pem.blocks {
            let label = block.label.as_str();
            if !block.is_private_key() && !block.is_certificate() && !labels.contains(&label) {
                labels.push(label);
                self.remark(Some(block.line), RemarkKind::ExtraBlock(label.to_owned()));
            }
        }
    }

    fn key_block(&mut self, block: &Block) {
        if block.is_encrypted_by_header() {
            let pem = block.to_pem();
            let broken = corrupt(&block.label);
            let outcome = self
                .opener
                .open(0, broken, |password| key::by_header(&pem, password));
            self.opened(Some(block.line), outcome);
        } else {
            self.private_key(Some(block.line), &block.label, &block.der);
        }
    }

    /// A private key in DER: PKCS#8, encrypted or not, or a format of its own kind (PKCS#1, SEC 1).
    pub(super) fn private_key(&mut self, line: Option<usize>, label: &str, der: &[u8]) {
        let broken = corrupt(label);
        if let Some(encrypted) = Encrypted::read(der) {
            let outcome = self
                .opener
                .open(encrypted.iterations(), broken, |password| {
                    encrypted.open(password)
                });
            self.opened(line, outcome);
            return;
        }
        match key::plain(der) {
            Ok(key) => self.key(line, key, false),
            Err(_) => self.fault(line, broken),
        }
    }

    fn opened(&mut self, line: Option<usize>, outcome: Outcome<PKey<Private>>) {
        if let Some(problem) = outcome.fault {
            self.fault(line, problem);
        }
        if let Some(key) = outcome.value {
            self.key(line, key, true);
        }
    }
}

/// Whether a damaged block may be of the kind that `is_one` recognises by its label: a block that is
/// cut off may be anything, and so may what followed it.
fn may_hold(pem: &Pem, is_one: fn(&str) -> bool) -> bool {
    pem.problems.iter().any(|problem| match &problem.kind {
        ProblemKind::NoEnd { .. } | ProblemKind::NoBegin { .. } => true,
        ProblemKind::NotBase64 { label, .. } => is_one(label),
        _ => false,
    })
}

fn is_pkcs7(block: &Block) -> bool {
    block.label.ends_with("PKCS7") || block.label.ends_with("CMS")
}

fn corrupt(label: &str) -> Problem {
    Problem::Corrupt {
        label: label.to_owned(),
    }
}

/// Whether each certificate is a CA's own. One that `openssl req -x509` made says so of itself too, but
/// not that it may sign others.
fn holds_only_cas(pem: &Pem) -> bool {
    let mut blocks = pem.blocks.iter().filter(|block| block.is_certificate());
    blocks.all(|block| {
        attempt(|| X509::from_der(&block.der)).is_ok_and(|certificate| {
            let signs = match certificate.key_usage() {
                Some(usage) => usage.contains(X509KeyUsage::KEY_CERT_SIGN),
                None => !issued(&certificate, &certificate),
            };
            signs && is_ca(&certificate)
        })
    })
}
