//! `getUserInfo()`: who the session belongs to.
//!
//! All fields are kept, in the order in which they came: new releases add some.

use std::time::Duration;

use super::envelope;
use super::pretty;
use crate::net::{Request, Transport};
use crate::salesforce::answer::AnswerError;
use crate::salesforce::call::{CallError, SMALL_ANSWER, soap_call};
use crate::salesforce::endpoint::ApiBase;
use crate::text::secret::{Secret, SecretText};
use crate::text::xml::{Reader, XmlError};

/// What `getUserInfo()` and `login()` tell about the user.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserInfo {
    /// Name and text of each field, in the order in which they came; `None` if a field has no value.
    pub fields: Vec<(String, Option<String>)>,
}

impl UserInfo {
    /// A field's text; `None` if it has no value or did not come.
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.fields.iter().find(|(field, _)| field == name)?;
        value.as_deref()
    }

    /// The login name.
    pub fn user_name(&self) -> Option<&str> {
        self.get("userName")
    }

    /// The user's ID (`005…`).
    pub fn user_id(&self) -> Option<&str> {
        self.get("userId")
    }

    /// The organisation's ID (`00D…`).
    pub fn organization_id(&self) -> Option<&str> {
        self.get("organizationId")
    }

    /// How long the session may stay idle; since API 21.0.
    pub fn session_idle(&self) -> Option<Duration> {
        let seconds = self.get("sessionSecondsValid")?.parse().ok()?;
        Some(Duration::from_secs(seconds))
    }

    /// Reads the fields, just after the element around them has opened.
    pub(super) fn read(xml: &mut Reader<'_>) -> Result<Self, XmlError> {
        let mut fields = Vec::with_capacity(24);
        while let Some(field) = xml.child()? {
            let text = xml.text()?.into_owned();
            let value = (!field.is_nil).then_some(text);
            fields.push((field.local().to_owned(), value));
        }
        Ok(Self { fields })
    }
}

/// The answer of `getUserInfo()`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Who the session belongs to.
    pub info: UserInfo,
    /// The answer as it came.
    pub raw: Vec<u8>,
}

impl Answer {
    /// The answer, pretty-printed as by `xmllint --format`.
    ///
    /// # Errors
    /// Never, if [`parse`] has read it to its end.
    pub fn pretty(&self) -> Result<String, AnswerError> {
        Ok(pretty::format(&self.raw)?)
    }
}

/// Asks who the session belongs to.
///
/// # Errors
/// As [`soap_call`], and when the answer cannot be read.
pub fn get_user_info(
    transport: &Transport,
    base: &ApiBase,
    session: &Secret,
) -> Result<Answer, CallError> {
    let request = request(base, session);
    let mut raw = Vec::new();
    soap_call(transport, &request, SMALL_ANSWER, &mut raw)?;
    match parse(&raw) {
        Ok(info) => Ok(Answer { info, raw }),
        Err(error) => Err(CallError::unreadable(&request, error)),
    }
}

/// The request.
pub fn request(base: &ApiBase, session: &Secret) -> Request {
    let call = SecretText::from("<getUserInfo/>");
    envelope::request(base.soap(), Some(session), None, &call)
}

/// Reads the answer.
///
/// # Errors
/// When it is cut off, not well-formed, another call's, or does not say whose session it is.
pub fn parse(answer: &[u8]) -> Result<UserInfo, AnswerError> {
    let info = envelope::result(answer, "getUserInfoResponse", |xml| {
        Ok(UserInfo::read(xml)?)
    })?;
    match info.user_id() {
        Some(_) => Ok(info),
        None => Err(AnswerError::Missing("userId")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &[u8] = include_bytes!("../../../fixtures/soap/get-user-info.xml");

    #[test]
    fn fields_come_in_the_servers_order_with_nil_apart_from_empty() {
        let info = parse(ANSWER).unwrap();
        let names: Vec<_> = info.fields.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names.len(), 24);
        assert_eq!(names[..2], ["accessibilityMode", "chatterExternal"]);
        assert_eq!(info.user_name(), Some("integration@acme.test"));
        let name = Some("Zoë <Integration> & Söhne");
        assert_eq!(info.get("userFullName"), name);
        assert_eq!(info.user_id(), Some("005000000000001AAA"));
        assert_eq!(info.organization_id(), Some("00D000000000001EAA"));
        assert_eq!(info.get("organizationName"), Some("Acme \"Widgets\""));
        assert_eq!(info.session_idle(), Some(Duration::from_secs(7200)));
        assert_eq!(info.get("roleId"), None);
        assert_eq!(info.get("orgDefaultCurrencyLocale"), Some(""));
        assert_eq!(info.get("nothing"), None);
        assert!(info.fields.contains(&("roleId".to_owned(), None)));
    }

    /// An empty one used to be printed as `{}`, with exit status 0.
    #[test]
    fn an_answer_that_names_no_user_is_an_error() {
        let answer = str::from_utf8(ANSWER).unwrap();
        let (before, rest) = answer.split_once("<accessibilityMode>").unwrap();
        let (_, after) = rest.split_once("</result>").unwrap();
        let missing = Err(AnswerError::Missing("userId"));
        let empty = format!("{before}</result>{after}");
        assert_eq!(parse(empty.as_bytes()), missing);
        let other = answer.replace("userId>", "id>");
        assert_eq!(parse(other.as_bytes()), missing);
    }

    #[test]
    fn an_answer_cut_anywhere_is_an_error() {
        for end in 0..ANSWER.trim_ascii_end().len() {
            assert!(parse(&ANSWER[..end]).is_err(), "cut at {end}");
        }
    }
}
