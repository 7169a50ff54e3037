//! Damaged files: never a panic, a hang or a question on the terminal.

use super::*;

/// Every file of the fixtures, and PEM bundles with each kind of key.
pub(crate) fn everything() -> Vec<(String, Vec<u8>)> {
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

/// Few iterations of key derivation, so that thousands of tries take seconds.
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
            match load(&source, SystemTime::now(), &mut Given::new(Some(PASSWORD))) {
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
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    pub(crate) fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    fn piece<'a>(&mut self, of: &'a [u8], longest: usize) -> &'a [u8] {
        let start = self.below(of.len() + 1);
        let length = self.below(longest);
        &of[start..(start + length).min(of.len())]
    }

    pub(crate) fn mutate(&mut self, bytes: &mut Vec<u8>, others: &[(String, Vec<u8>)]) {
        for _ in 0..=self.below(4) {
            if bytes.is_empty() {
                return;
            }
            let at = self.below(bytes.len());
            match self.below(8) {
                0 => bytes[at] ^= 1 << self.below(8),
                1 => bytes[at] = self.below(256) as u8,
                2 => drop(bytes.remove(at)),
                3 => bytes.insert(at, self.below(256) as u8),
                4 => bytes.truncate(at),
                5 => {
                    let piece = self.piece(bytes, 40).to_vec();
                    bytes.splice(at..at, piece);
                }
                6 => {
                    let (_, other) = self.one(others);
                    let piece = self.piece(other, 400).to_vec();
                    bytes.splice(at..at, piece);
                }
                // What counts in text and in lengths.
                _ => {
                    let marks: [&[u8]; 8] = [
                        b"-----",
                        b"\n",
                        b"\\n",
                        b"\r",
                        b" ",
                        b"\0",
                        b"\x30\x80",
                        b"\xff",
                    ];
                    let mark = *self.one(&marks);
                    bytes.splice(at..at, mark.iter().copied());
                }
            }
        }
    }

    /// A fixture mutated, or a PKCS#12 file with good MAC and encryption around mutated bags.
    pub(crate) fn input(&mut self, all: &[(String, Vec<u8>)]) -> (String, Vec<u8>) {
        let (name, content) = self.one(all);
        let mut content = content.clone();
        if self.below(8) > 0 {
            self.mutate(&mut content, all);
            return (name.clone(), content);
        }
        let key = maker::key_bag(&fixture("leaf-key.der"));
        let bags = [
            maker::certificate_bag(&fixture("leaf.der")),
            maker::nested_bag(&[key, maker::other_bag(4)]),
            maker::shrouded_key_bag(&fixture("leaf-key.der"), PASSWORD.as_bytes(), 2),
        ];
        let mut bags = maker::contents(&bags);
        self.mutate(&mut bags, all);
        let safe = maker::encrypted_content(&bags, PASSWORD.as_bytes());
        let mac = maker::Mac::Classic(PASSWORD);
        ("mutated bags".to_owned(), maker::file(&[safe], &mac))
    }
}

/// Whether reading it takes real time for key derivation; what asks for too much of it takes none.
pub(crate) fn is_slow(content: &[u8]) -> bool {
    (20_000..=MAX_ITERATIONS).contains(&iterations(content))
}

/// The iterations of key derivation that a file asks for.
fn iterations(content: &[u8]) -> u64 {
    let blocks = pem::split(content).blocks;
    let inside = blocks
        .iter()
        .map(|block| der::survey(&block.der).iterations);
    der::survey(content).iterations.saturating_add(inside.sum())
}

/// How many inputs to try: some thousand, or what SFMTLS_FUZZ_INPUTS says. 100,000 take some minutes:
/// `SFMTLS_FUZZ_INPUTS=100000 cargo test --lib any_bytes -- --nocapture`, which also tells the
/// slowest inputs. The other test of that name judges and reports (`check`).
#[expect(clippy::disallowed_methods, reason = "a switch of this test alone")]
pub(crate) fn inputs() -> Option<usize> {
    std::env::var("SFMTLS_FUZZ_INPUTS").ok()?.parse().ok()
}

#[test]
fn any_bytes_whatever_are_surveyed_and_the_first_fault_is_the_loads() {
    let mut random = Random(0x5eed_5eed_5eed_5eed);
    let folder = Folder::new();
    let all = everything();
    let passwords = [Some(PASSWORD), None, Some("wr\u{20ac}ng\n")];
    let mut slowest = (std::time::Duration::ZERO, String::new());
    for _ in 0..inputs().unwrap_or(3000) {
        let (name, content) = random.input(&all);
        if is_slow(&content) {
            continue;
        }
        let source = alone(folder.write("mutated", &content));
        let password = *random.one(&passwords);
        let before = std::time::Instant::now();
        let survey = survey::survey(&source, &mut Given::new(password));
        let took = before.elapsed();
        if took > slowest.0 {
            slowest = (took, format!("{name}, password {password:?}"));
        }
        let mut given = Given::new(password);
        let loaded = load(&source, SystemTime::now(), &mut given);
        let context = || {
            let kept = std::env::temp_dir().join("sfmtls-fuzz-input");
            fs::write(&kept, &content).unwrap();
            format!("{name}, password {password:?}: {}", kept.display())
        };
        assert_eq!(
            loaded.as_ref().err(),
            survey.faults.first(),
            "{}",
            context()
        );
        assert!(given.asked.len() < 2, "{}", context());
        assert!(survey.faults.len() <= 20 && survey.keys.len() <= 500);
        for fault in &survey.faults {
            assert!(fault.to_string().contains("mutated"), "{}", context());
            // Whatever it is, it is said without a line end: a finding has one line.
            assert!(!fault.to_string().contains(['\n', '\r']), "{}", context());
            drop(fault.remedy());
        }
        let left = openssl::error::ErrorStack::get();
        assert!(left.errors().is_empty(), "{}: {left}", context());
    }
    if inputs().is_some() {
        println!("the slowest: {slowest:?}");
    }
}

/// As large as a file may be.
const MIB: usize = 1024 * 1024;

/// Text of the kinds that could cost the most.
fn senseless_text() -> Vec<(&'static str, Vec<u8>)> {
    let filled = |piece: &[u8]| piece.repeat(MIB / piece.len());
    let begun = |piece: &[u8]| {
        let mut content = b"-----BEGIN A-----\nAA\n".to_vec();
        content.extend(filled(piece));
        content.truncate(MIB);
        content
    };
    let mut nested = whole();
    for _ in 0..18 {
        nested = openssl::base64::encode_block(nested.as_bytes());
    }
    vec![
        ("empty lines", begun(b"\n")),
        ("carriage returns", begun(b"\r")),
        ("headers", begun(b"a:\n")),
        ("no UTF-8", begun(&[0xff])),
        ("begins", filled(b"-----BEGIN A-----\n")),
        ("ends", filled(b"-----END A-----\n")),
        ("joined", filled(b"-----END A----------BEGIN A-----\n")),
        ("escaped", filled(b"-----\\n")),
        (
            "one line",
            [
                &filled(b"-----BEGIN A-----")[..MIB - 20],
                b"-----END A-----",
            ]
            .concat(),
        ),
        (
            "blocks",
            filled(b"-----BEGIN A-----\nAAAA\n-----END A-----\n"),
        ),
        ("UTF-16", filled(b"-\0")),
        ("base64", filled(b"A")),
        ("base64 of base64", nested.into_bytes()),
    ]
}

/// More of everything than there is a use for.
fn senseless_crowds() -> Vec<(&'static str, Vec<u8>)> {
    let mac = maker::Mac::Classic("");
    let bags = maker::contents(&vec![maker::certificate_bag(&fixture("leaf.der")); 400]);
    let key = maker::key_bag(&fixture("leaf-key.der"));
    let mut nested = [0x30, 0x80].repeat(MIB / 2);
    nested.splice(..7, [0x30, 0x80, 2, 1, 3, 0x30, 0x80]);
    let many = |once: &str, often: &str| {
        let mut content = fixture(once);
        content.extend(fixture(often).repeat(490));
        content
    };
    vec![
        ("nested elements", nested),
        ("empty elements", [0x30, 0].repeat(MIB / 2)),
        ("certificates", many("leaf.key", "leaf.pem")),
        ("keys", many("leaf.pem", "other.key")),
        (
            "certificate bags",
            maker::file(&[maker::encrypted_content(&bags, b"")], &mac),
        ),
        (
            "key bags",
            maker::file(&[maker::plain_safe(&vec![key; 400])], &mac),
        ),
    ]
}

#[test]
fn large_files_without_sense_come_to_an_end() {
    for (what, content) in senseless_text().into_iter().chain(senseless_crowds()) {
        assert!(content.len() <= MIB, "{what}");
        let survey = surveys::survey_of(&content, None);
        assert!(survey.faults.len() <= 20, "{what}");
        assert!(survey.remarks.len() <= 20, "{what}");
    }
}
