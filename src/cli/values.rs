//! The values of options that have a form of their own.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::net::{ConnectTo, TlsVersion};

pub(super) fn tls_version(text: &str) -> Result<TlsVersion, String> {
    match text {
        "1.2" => Ok(TlsVersion::V1_2),
        "1.3" => Ok(TlsVersion::V1_3),
        _ => Err("1.2 or 1.3".into()),
    }
}

/// The file to write to; `None` where that is standard output, `-` or nothing.
pub(super) fn file(typed: &Option<PathBuf>) -> Option<&Path> {
    typed.as_deref().filter(|file| *file != Path::new("-"))
}

/// At most ten years: what is added to the clock has to be a time that the system can tell.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
    let wrong =
        || "a number of seconds greater than 0 and below ten years, such as 10 or 2.5".to_owned();
    let number: f64 = text.parse().map_err(|_| wrong())?;
    match Duration::try_from_secs_f64(number) {
        Ok(duration) if !duration.is_zero() && duration < LONGEST => Ok(duration),
        _ => Err(wrong()),
    }
}

/// `HOST1:PORT1:HOST2:PORT2`, an empty field meaning any; IPv6 addresses in brackets, as in curl.
pub(super) fn connect_to(text: &str) -> Result<ConnectTo, String> {
    let wrong = || "HOST1:PORT1:HOST2:PORT2, where each field may be empty".to_owned();
    let mut rest = text;
    let mut fields = Vec::new();
    loop {
        let end = match rest.strip_prefix('[') {
            Some(inner) => inner.find(']').ok_or_else(wrong)? + 2,
            None => rest.find(':').unwrap_or(rest.len()),
        };
        fields.push(&rest[..end]);
        match rest[end..].strip_prefix(':') {
            Some(next) => rest = next,
            None if rest.len() == end => break,
            None => return Err(wrong()),
        }
    }
    let [host, port, to_host, to_port] = fields[..] else {
        return Err(wrong());
    };
    let name = |field: &str| {
        let bare = field.trim_start_matches('[').trim_end_matches(']');
        (!bare.is_empty()).then(|| bare.to_owned())
    };
    let number = |field: &str| match field {
        "" => Ok(None),
        _ => field.parse().map(Some).map_err(|_| wrong()),
    };
    Ok(ConnectTo {
        host: name(host),
        port: number(port)?,
        to_host: name(to_host),
        to_port: number(to_port)?,
    })
}
