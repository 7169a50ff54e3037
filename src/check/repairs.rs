//! Commands of one report that would write the same file.
//!
//! Each makes `client-fixed.pem` of `client.pem` as it is, so the second would undo the first. Only
//! the first is told; the file that it makes is to be checked for the rest.

use std::path::PathBuf;

use super::finding::Finding;
use crate::identity::fixed;
use crate::text::shell;

/// Takes the command from each finding whose file an earlier one's command makes otherwise.
pub(super) fn in_turn(findings: &mut [Finding]) {
    let mut made: Vec<(PathBuf, String, &'static str)> = Vec::new();
    for finding in findings {
        let (Some(target), Some(command)) = (target(finding), &finding.command) else {
            continue;
        };
        match made.iter().find(|(file, ..)| *file == target) {
            None => made.push((target, command.clone(), finding.id)),
            Some((_, other, _)) if other == command => {}
            Some((_, _, first)) => {
                finding.command = None;
                finding.advice = Some(format!(
                    "mend {first} first, and check {} then",
                    target.display()
                ));
            }
        }
    }
}

/// The file that the finding's command makes in place of the one at fault.
fn target(finding: &Finding) -> Option<PathBuf> {
    let command = finding.command.as_deref()?;
    let file = &finding.place.as_ref()?.file;
    let candidates = ["pem", "p12"].map(|extension| fixed(file, extension));
    candidates.into_iter().find(|candidate| {
        let name = shell::file(candidate);
        ["> ", "-out ", "--fix ", "-o ", "-destkeystore "]
            .iter()
            .any(|option| command.contains(&format!("{option}{name}")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::finding::{Place, Subject};

    fn finding(id: &'static str, command: &str) -> Finding {
        let place = Place {
            file: "my client.pem".into(),
            line: None,
        };
        Finding::new(id, Subject::File, "x")
            .at(&place)
            .command(command)
    }

    #[test]
    fn a_second_command_for_the_same_file_waits_for_the_first() {
        let order = "sfmtls check-cert --offline 'my client.pem' --fix 'my client-fixed.pem'";
        let mut all = [
            finding("chain-order", order),
            finding("root-included", order),
            finding(
                "pem-bom",
                "(umask 077; tail -c +4 x > 'my client-fixed.pem')",
            ),
            finding(
                "p12-no-mac",
                "openssl pkcs12 -export -out 'my client-fixed.p12'",
            ),
            finding(
                "cert-expired",
                "openssl req -key 'my client-fixed.pem' -out new.csr",
            ),
        ];
        in_turn(&mut all);
        let with = all.each_ref().map(|finding| finding.command.is_some());
        assert_eq!(with, [true, true, false, true, true]);
        assert_eq!(
            all[2].advice.as_deref(),
            Some("mend chain-order first, and check my client-fixed.pem then")
        );
    }
}
