//! What can still be read of files that are refused as they stand, so that a report can say more.

use openssl::base64;
use openssl::pkcs7::Pkcs7;
use openssl::x509::X509;

use super::{Problem, Reader};
use crate::identity::pem;
use crate::identity::refusal::attempt;

impl Reader<'_> {
    /// Reads what else is in a file that has this `problem`.
    pub(super) fn inside(&mut self, bytes: &[u8], problem: &Problem) {
        match problem {
            Problem::Utf16(_) => self.utf16(bytes),
            Problem::Base64(_) => {
                let text: Vec<u8> = bytes.iter().copied().filter(u8::is_ascii_graphic).collect();
                let decoded = str::from_utf8(&text).map(base64::decode_block);
                if let Ok(Ok(decoded)) = decoded {
                    self.wrapped = true;
                    self.bytes(&decoded);
                }
            }
            Problem::DerCertificate => {
                if let Ok(certificate) = attempt(|| X509::from_der(bytes)) {
                    self.certificate(None, certificate);
                }
            }
            Problem::DerKey if self.wanted.keys => self.private_key(None, "PRIVATE KEY", bytes),
            Problem::Pkcs7 { .. } => self.pkcs7(None, bytes),
            _ => {}
        }
    }

    /// The lines are the same ones after the conversion.
    fn utf16(&mut self, bytes: &[u8]) {
        let big_endian = bytes.starts_with(&[0xfe, 0xff])
            || !bytes.starts_with(&[0xff, 0xfe]) && bytes.first() == Some(&0);
        let (pairs, _) = bytes.as_chunks::<2>();
        let units: Vec<u16> = pairs
            .iter()
            .map(|pair| match big_endian {
                true => u16::from_be_bytes(*pair),
                false => u16::from_le_bytes(*pair),
            })
            .collect();
        let text = String::from_utf16_lossy(&units);
        let text = text.trim_start_matches('\u{feff}');
        if pem::is_pem(text.as_bytes()) {
            self.pem(text.as_bytes());
        }
    }

    /// The certificates of a PKCS#7 bundle.
    pub(super) fn pkcs7(&mut self, line: Option<usize>, bytes: &[u8]) {
        let certificates = attempt(|| {
            let bundle = Pkcs7::from_der(bytes)?;
            let all = bundle.signed().and_then(|signed| signed.certificates());
            Ok(all.map_or_else(Vec::new, |all| {
                all.iter().map(|one| one.to_owned()).collect()
            }))
        });
        for certificate in certificates.unwrap_or_default() {
            self.certificate(line, certificate);
        }
    }
}
