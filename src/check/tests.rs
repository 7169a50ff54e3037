//! Any bytes whatever, judged and reported.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::time::{Duration, Instant};

use super::judge::judge;
use super::judge::tests::criteria;
use super::report::{Look, human, json, nagios};
use super::*;
use crate::identity::pem;
use crate::identity::survey::survey;
use crate::identity::tests::damage::{Random, everything, inputs, is_slow};
use crate::identity::{PasswordSource, Source};
use crate::text::secret::Secret;

/// Told nowhere, whatever is in the file.
const PASSWORD: &str = "n0where-t0-be-seen";

struct Given;

impl PasswordSource for Given {
    fn password(&mut self, _: &Path) -> io::Result<Option<Secret>> {
        Ok(Some(Secret::new(PASSWORD)))
    }

    fn is_given(&self) -> bool {
        true
    }
}

/// A mutated file, or a bundle whose certificates are mutated below their armour: those that can still
/// be read have odd names, dates, keys and extensions.
fn input(random: &mut Random, all: &[(String, Vec<u8>)]) -> (String, Vec<u8>) {
    if random.below(3) == 0 {
        return random.input(all);
    }
    let bundles: Vec<_> = all
        .iter()
        .filter(|(name, _)| name.starts_with("bundle") || name == "bag-attributes.pem")
        .collect();
    let (name, content) = *random.one(&bundles);
    let mut out = String::new();
    for block in pem::split(content).blocks {
        let mut der = block.der.clone();
        // One bit or byte: what is mutated more is no certificate any more.
        for _ in 0..random.below(3) {
            let at = random.below(der.len());
            der[at] = match random.below(2) {
                0 => der[at] ^ (1 << random.below(8)),
                _ => random.below(256) as u8,
            };
        }
        let body = openssl::base64::encode_block(&der);
        let label = &block.label;
        out.push_str(&format!(
            "-----BEGIN {label}-----\n{body}\n-----END {label}-----\n"
        ));
    }
    (format!("certificates of {name}"), out.into_bytes())
}

#[test]
fn any_bytes_whatever_are_judged_and_reported_without_a_secret() {
    let mut random = Random(0x0dd5_0dd5_0dd5_0dd5);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mutated");
    let all = everything();
    let criteria = criteria();
    let look = Look::default();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut slowest = (Duration::ZERO, String::new());
    for _ in 0..inputs().unwrap_or(2000) {
        let (name, content) = input(&mut random, &all);
        if is_slow(&content) {
            continue;
        }
        fs::write(&file, &content).expect("a file");
        let source = Source {
            cert: file.clone(),
            key: None,
        };
        let before = Instant::now();
        let survey = survey(&source, &mut Given);
        let judged = judge(&survey, &criteria);
        let diagnosis = Diagnosis::new(&file, survey, judged, None, criteria.now);
        let text = human(&diagnosis, look);
        let took = before.elapsed();
        if took > slowest.0 {
            slowest = (took, name.clone());
        }
        let context = || {
            let kept = std::env::temp_dir().join("sfmtls-fuzz-input");
            fs::write(&kept, &content).expect("a file");
            format!("{name}: {}\n{text}", kept.display())
        };
        let verdict = text.lines().next().unwrap_or_default();
        let document = json(&diagnosis);
        let told = document["verdict"].as_str().expect("a word").to_uppercase();
        assert!(verdict.starts_with(&format!("{told}: ")), "{}", context());
        assert!(!text.contains(PASSWORD), "{}", context());
        let control = |c: char| c.is_control() && c != '\n';
        assert!(!text.contains(control), "{}", context());
        let monitored = nagios(&diagnosis, None, 7).line;
        assert_eq!(monitored.lines().count(), 1, "{}", context());
        for finding in &diagnosis.findings {
            let id = finding.id;
            assert!(catalogue::CATALOGUE.iter().any(|(known, _)| *known == id));
            *seen.entry(id).or_default() += 1;
        }
        let left = ErrorStack::get();
        assert!(left.errors().is_empty(), "{}: {left}", context());
    }
    // Most ids of the catalogue can be reached by damage alone.
    assert!(seen.len() > 30, "{seen:?}");
    if inputs().is_some() {
        println!("the slowest: {slowest:?}; findings: {seen:?}");
    }
}
