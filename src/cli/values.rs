//! The values of options that have a form of their own.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::net::{ConnectTo, TlsVersion};

/// The ports that can be connected to.
pub(super) const PORTS: RangeInclusive<u16> = 1..=u16::MAX;

pub(super) fn tls_version() -> impl TypedValueParser<Value = TlsVersion> {
    PossibleValuesParser::new(["1.2", "1.3"]).map(|text| match text.as_str() {
        "1.3" => TlsVersion::V1_3,
        _ => TlsVersion::V1_2,
    })
}

/// clap's own says what Rust says of what is no number.
pub(super) fn whole_number<N>(
    range: RangeInclusive<N>,
) -> impl Fn(&str) -> Result<N, String> + Clone + Send + Sync + 'static
where
    N: FromStr + PartialOrd + Display + Clone + Send + Sync + 'static,
{
    move |text| match text.parse() {
        Ok(number) if range.contains(&number) => Ok(number),
        _ => Err(format!(
            "expected a whole number from {} to {}",
            range.start(),
            range.end()
        )),
    }
}

/// The file to write to; `None` where that is standard output, `-` or nothing.
pub(super) fn file(typed: &Option<PathBuf>) -> Option<&Path> {
    typed.as_deref().filter(|file| *file != Path::new("-"))
}

/// At most ten years: what is added to the clock has to be a time that the system can tell.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
    let wrong = || {
        "expected a number of seconds greater than 0 and below ten years, such as 10 or 2.5"
            .to_owned()
    };
    let number: f64 = text.parse().map_err(|_| wrong())?;
    match Duration::try_from_secs_f64(number) {
        Ok(duration) if !duration.is_zero() && duration < LONGEST => Ok(duration),
        _ => Err(wrong()),
    }
}

/// `HOST1:PORT1:HOST2:PORT2`, an empty field meaning any; IPv6 addresses in brackets, as in curl.
pub(super) fn connect_to(text: &str) -> Result<ConnectTo, String> {
    let wrong = || "expected HOST1:PORT1:HOST2:PORT2, where each field may be empty".to_owned();
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
