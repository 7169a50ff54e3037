//! Forms and credentials as RFC 6749 has them (appendix B, section 2.3.1).

use percent_encoding::percent_decode;

use super::Refused;

/// The parameters of a body.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// # Errors
    /// When it is not a form in UTF-8, or a name occurs twice.
    pub(super) fn parse(body: &[u8]) -> Result<Self, Refused> {
        let mut form = Self::default();
        for pair in body
            .split(|byte| *byte == b'&')
            .filter(|pair| !pair.is_empty())
        {
            let at = pair.iter().position(|byte| *byte == b'=');
            let (name, value) = match at {
                Some(at) => (&pair[..at], &pair[at + 1..]),
                None => (pair, &[][..]),
            };
            let name = decoded(name).ok_or_else(unreadable)?;
            if form.get(&name).is_some() {
                return Err(Refused::new("invalid_request", "repeated parameter"));
            }
            form.0.push((name, decoded(value).ok_or_else(unreadable)?));
        }
        Ok(form)
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// The client's ID and secret, from HTTP Basic or from the form; empty where they are missing.
///
/// # Errors
/// When the header cannot be read, or both hold a secret.
pub(super) fn credentials(
    authorization: Option<&str>,
    form: &Form,
) -> Result<(String, String), Refused> {
    let given = |name| form.get(name).unwrap_or_default().to_owned();
    let Some(header) = authorization else {
        return Ok((given("client_id"), given("client_secret")));
    };
    if form.get("client_secret").is_some() {
        let description = "more than one way to authenticate the client";
        return Err(Refused::new("invalid_request", description));
    }
    basic(header).ok_or_else(|| Refused::new("invalid_client", "invalid client credentials"))
}

fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(openssl::base64::decode_block(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((decoded(id.as_bytes())?, decoded(secret.as_bytes())?))
}

fn decoded(text: &[u8]) -> Option<String> {
    let spaced: Vec<u8> = text
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    let decoded = percent_decode(&spaced).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

fn unreadable() -> Refused {
    Refused::new("invalid_request", "malformed request")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_as_browsers_write_it() {
        let form = Form::parse(b"a=1&b=x%2By+z%C3%A9&&c&d=e%3Df=g").unwrap();
        assert_eq!(form.get("a"), Some("1"));
        assert_eq!(form.get("b"), Some("x+y z\u{e9}"));
        assert_eq!(form.get("c"), Some(""));
        assert_eq!(form.get("d"), Some("e=f=g"));
        assert_eq!(form.get("e"), None);
        for wrong in [&b"a=1&a=1"[..], b"a=%ff", b"\xff=1"] {
            assert_eq!(
                Form::parse(wrong).unwrap_err().error,
                "invalid_request",
                "{wrong:?}"
            );
        }
    }

    #[test]
    fn credentials_come_from_one_place() {
        let form = Form::parse(b"client_id=i&client_secret=s").unwrap();
        let pair = |id: &str, secret: &str| Ok((id.to_owned(), secret.to_owned()));
        assert_eq!(credentials(None, &form), pair("i", "s"));
        assert_eq!(credentials(None, &Form::default()), pair("", ""));
        // "a%2Bb:c%3Ad" in base64.
        let header = Some("Basic YSUyQmI6YyUzQWQ=");
        assert_eq!(credentials(header, &Form::default()), pair("a+b", "c:d"));
        let error = |header: &str, form: &Form| credentials(Some(header), form).unwrap_err().error;
        assert_eq!(error("Basic YTpi", &form), "invalid_request");
        for header in ["Basic", "Bearer YTpi", "Basic !", "Basic YQ=="] {
            assert_eq!(error(header, &Form::default()), "invalid_client");
        }
    }
}
