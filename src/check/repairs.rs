//! Commands of one report that would write the same file.
//!
//! Each makes `client-fixed.pem` of `client.pem` as it is, so the second would undo the first. Only
//! the first is told; the file that it makes is to be checked for the rest.

use std::path::PathBuf;

use super::finding::Finding;

/// Takes the command from each finding whose file an earlier one's command makes otherwise.
pub(super) fn in_turn(findings: &mut [Finding]) {
    let mut made: Vec<(PathBuf, String, &'static str)> = Vec::new();
    for finding in findings {
        let (Some(target), Some(command)) = (&finding.makes, &finding.command) else {
            continue;
        };
        match made.iter().find(|(file, ..)| file == target) {
            None => made.push((target.clone(), command.clone(), finding.id)),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::finding::Subject;
    use crate::identity::Remedy;

    fn finding(id: &'static str, command: &str, makes: Option<&str>) -> Finding {
        Finding::new(id, Subject::File, "x").remedy(Remedy {
            command: Some(command.to_owned()),
            makes: makes.map(PathBuf::from),
            ..Remedy::default()
        })
    }

    #[test]
    fn a_second_command_for_the_same_file_waits_for_the_first() {
        let order = "sfmtls check-cert --offline 'my client.pem' --fix 'my client-fixed.pem'";
        let (pem, p12) = (Some("my client-fixed.pem"), Some("my client-fixed.p12"));
        let mut all = [
            finding("chain-order", order, pem),
            finding("root-included", order, pem),
            finding("pem-bom", "tail -c +4 x > 'my client-fixed.pem'", pem),
            finding("p12-no-mac", "openssl pkcs12 -export", p12),
            finding("cert-expired", "openssl req -out new.csr", None),
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
