//! What is wrong with the identity that a server has just refused, as far as its file can tell.

use openssl::x509::X509;

use super::Context;
use crate::check::finding::Finding;
use crate::check::join::Said;
use crate::check::judge::judge;
use crate::check::{Criteria, roots};
use crate::identity::survey::{Certificate, Key, Place, Remark, RemarkKind, Survey};
use crate::identity::{Identity, Note};

impl Context {
    /// The cause that `check-cert` would find in the file for this refusal. `None` where no identity was
    /// loaded, or nothing in it explains that.
    pub fn fault_of_identity(&self, said: Said) -> Option<Finding> {
        let identity = self.identity.get()?;
        let criteria = Criteria {
            now: self.now(),
            warn_days: None,
            client_ca: None,
            system_roots: roots::of_system(&self.settings.net),
        };
        let found = judge(
            &as_survey(identity, self.settings.key.as_deref()),
            &criteria,
        )
        .findings;
        said.explanation(found)
    }
}

/// What was loaded, as if nothing else were in the files: they may have been a pipe.
fn as_survey(identity: &Identity, key_file: Option<&std::path::Path>) -> Survey {
    let place = |file: &std::path::Path| Place {
        file: file.to_owned(),
        line: None,
    };
    let certificate = |certificate: &X509| Certificate {
        certificate: certificate.clone(),
        place: place(&identity.file),
    };
    let legacy = |note: &Note| match note {
        Note::LegacyEncryption(cipher) => Some(Remark {
            place: place(&identity.file),
            kind: RemarkKind::LegacyEncryption(cipher),
        }),
        _ => None,
    };
    let sent = std::iter::once(&identity.leaf).chain(&identity.intermediates);
    Survey {
        format: Some(identity.format),
        keys: vec![Key {
            key: identity.key.clone(),
            place: place(key_file.unwrap_or(&identity.file)),
            encrypted: identity.encrypted,
        }],
        certificates: sent.map(certificate).collect(),
        remarks: identity.notes.iter().filter_map(legacy).collect(),
        ..Survey::default()
    }
}
