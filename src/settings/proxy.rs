//! A proxy URL taken apart, as curl reads it.

use percent_encoding::percent_decode_str;

use crate::net::Proxy;
use crate::text::secret::Secret;

/// Reads `[http://|https://][USER[:PASSWORD]@]HOST[:PORT]`. Scheme `http` where none is written;
/// default ports as in curl: 1080, and 443 for `https://`.
///
/// # Errors
/// Why it cannot be used, in words that repeat neither user nor password.
pub(super) fn parse(url: &str) -> Result<Proxy, String> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let scheme = scheme.to_ascii_lowercase();
    let default_port = match scheme.as_str() {
        "http" => 1080,
        "https" => 443,
        _ => {
            return Err(format!(
                "{scheme}:// is not supported, only http:// and https://"
            ));
        }
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (credentials, address) = match authority.rsplit_once('@') {
        Some((credentials, address)) => (Some(credentials), address),
        None => (None, authority),
    };
    let address: http::uri::Authority = address
        .parse()
        .map_err(|_| "its host is not a host name".to_owned())?;
    let host = address.host().trim_matches(['[', ']']);
    if host.is_empty() {
        return Err("it names no host".to_owned());
    }
    // The http crate takes a port that is too large for none.
    let port = match &address.as_str()[address.host().len()..] {
        "" | ":" => default_port,
        _ => address
            .port_u16()
            .filter(|port| *port != 0)
            .ok_or("its port is not a port")?,
    };
    Ok(Proxy {
        scheme,
        host: host.to_owned(),
        port,
        credentials: credentials.map(user_and_password).transpose()?,
    })
}

fn user_and_password(text: &str) -> Result<(String, Secret), String> {
    let decode = |text: &str| {
        percent_decode_str(text)
            .decode_utf8()
            .map(|text| text.into_owned())
            .map_err(|_| "its user or password is not UTF-8".to_owned())
    };
    let (user, password) = text.split_once(':').unwrap_or((text, ""));
    Ok((decode(user)?, Secret::new(decode(password)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scheme_and_port_have_curls_defaults() {
        for (url, scheme, host, port) in [
            ("proxy.test", "http", "proxy.test", 1080),
            ("proxy.test:3128", "http", "proxy.test", 3128),
            ("HTTP://proxy.test:8080/", "http", "proxy.test", 8080),
            ("https://proxy.test", "https", "proxy.test", 443),
            ("http://[::1]:3128", "http", "::1", 3128),
        ] {
            let proxy = parse(url).unwrap();
            assert_eq!(
                (proxy.scheme.as_str(), proxy.host.as_str(), proxy.port),
                (scheme, host, port),
                "{url}"
            );
            assert_eq!(proxy.credentials, None);
        }
    }

    #[test]
    fn user_and_password_are_percent_decoded() {
        let proxy = parse("http://us%40er:p%3a%2F@ss@proxy.test:3128").unwrap();
        let (user, password) = proxy.credentials.unwrap();
        assert_eq!(
            (user.as_str(), password.expose(), proxy.host.as_str()),
            ("us@er", "p:/@ss", "proxy.test")
        );
    }

    #[test]
    fn what_cannot_be_used_is_refused_without_repeating_the_password() {
        for url in [
            "socks5://u:hunter2@proxy.test",
            "http://u:hunter2@",
            "http://u:hunter2@proxy test",
            "http://u:hunter2@proxy.test:70000",
            "http://u:hunter2%ff@proxy.test",
        ] {
            let reason = parse(url).unwrap_err();
            assert!(!reason.contains("hunter2"), "{url}: {reason}");
        }
    }
}
