//! Damaged files: never a panic, a hang or a question on the terminal.

use super::*;

/// Every file of the fixtures, and PEM bundles with each kind of key.
fn everything() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/identity");
    let mut all: Vec<(String, Vec<u8>)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with("make-") && !name.ends_with(".md"))
        .map(|name| (name.clone(), fixture(&name)))
        .collect();
    all.sort();
    assert!(all.len() > 40);
    for key in [
        "leaf.key",
        "leaf-pbes2.key",
        "leaf-proc-type.key",
        "leaf-sec1.key",
    ] {
        let bundle = text(&[key, "leaf.pem", "issuing.pem"]);
        all.push((format!("bundle of {key}"), bundle.into_bytes()));
    }
    all
}

/// Few rounds of key derivation, so that thousands of tries take seconds.
fn is_cheap(name: &str) -> bool {
    !name.contains("keytool-legacy")
}

#[test]
fn a_file_cut_anywhere_never_panics_and_never_yields_another_leaf() {
    let folder = Folder::new();
    for (name, content) in everything() {
        let step = if is_cheap(&name) {
            content.len() / 97 + 1
        } else {
            content.len() / 9 + 1
        };
        for cut in (0..content.len()).step_by(step) {
            let source = alone(folder.write("cut", &content[..cut]));
            match load(&source, &mut Given::new(Some(PASSWORD))) {
                Ok(identity) => assert!(
                    name.contains("bundle") || name == "bag-attributes.pem",
                    "{name} {cut} {identity:?}"
                ),
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
    }
}

/// xorshift64: the same bytes at each run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn mutate(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.below(4) {
            if bytes.is_empty() {
                return;
            }
            let at = self.below(bytes.len());
            match self.below(6) {
                0 => bytes[at] ^= 1 << self.below(8),
                1 => bytes[at] = self.below(256) as u8,
                2 => drop(bytes.remove(at)),
                3 => bytes.insert(at, self.below(256) as u8),
                4 => bytes.truncate(at),
                _ => {
                    let end = (at + self.below(40)).min(bytes.len());
                    let piece = bytes[at..end].to_vec();
                    let to = self.below(bytes.len());
                    bytes.splice(to..to, piece);
                }
            }
        }
    }
}

#[test]
fn thousands_of_mutations_never_panic_or_hang() {
    let mut random = Random(0x5eed_5eed_5eed_5eed);
    let folder = Folder::new();
    let all = everything();
    for round in 0..4000 {
        let (name, content) = &all[round % all.len()];
        if !is_cheap(name) {
            continue;
        }
        let mut content = content.clone();
        random.mutate(&mut content);
        let source = alone(folder.write("mutated", &content));
        if let Err(error) = load(&source, &mut Given::new(Some(PASSWORD))) {
            assert!(error.to_string().contains("mutated"), "{error}");
            assert!(!error.id().is_empty());
        }
    }
}
