//! The calls of the SOAP Partner API: login(), getUserInfo(), logout() and the queries.

use super::answer::Answer;
use super::login::{self, ORGANIZATION_ID, Session, short_id};
use super::query;
use super::service::{Exchange, HTML, Refusal, Tokens, VERSIONS, XML, page};
use super::soap::{Envelope, Fault, Names};
use super::switches::Mishap;

impl Exchange<'_> {
    pub(super) fn soap(
        &self,
        envelope: Result<Envelope, Fault>,
        body: Vec<u8>,
    ) -> Result<Answer, Refusal> {
        let version = self.soap_version()?;
        self.headers_are_right()?;
        let envelope = envelope?;
        self.certificate_is_known()?;
        let body = match envelope.call.as_str() {
            "login" => self.login(&envelope, version, body)?,
            "getUserInfo" | "logout" | "query" | "queryAll" | "queryMore" => {
                let id = envelope.session_id.as_deref().unwrap_or_default();
                let session = self.session(id, Tokens::Opaque)?;
                self.call(&envelope, &session, body)?
            }
            other => {
                let message = format!(
                    "No operation available for request {{urn:partner.soap.sforce.com}}{other}"
                );
                return Err(Fault::envelope(&message).into());
            }
        };
        Ok(Answer::new(200, XML, body))
    }

    /// The version that the path of the partner API names.
    fn soap_version(&self) -> Result<u32, Refusal> {
        let not_found = || Refusal::page(404, "Not Found");
        let rest = self
            .request
            .path
            .strip_prefix("/services/Soap/u/")
            .ok_or_else(not_found)?;
        let (version, org) = rest.split_once('/').unwrap_or((rest, ""));
        if !org.is_empty() && org != short_id(ORGANIZATION_ID) {
            return Err(not_found());
        }
        if self.request.method != "POST" {
            let mut answer = Answer::new(405, HTML, page("Method Not Allowed"));
            answer.headers.push(("Allow", "POST".to_owned()));
            return Err(Refusal::Answer(answer));
        }
        version
            .strip_suffix(".0")
            .and_then(|number| number.parse().ok())
            .filter(|number| VERSIONS.contains(number))
            .ok_or_else(|| {
                Fault::unexpected(
                    "UNSUPPORTED_API_VERSION",
                    "Invalid Api version specified on URL",
                )
                .into()
            })
    }

    fn headers_are_right(&self) -> Result<(), Refusal> {
        let content_type = self.request.header("content-type").unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("text/xml") {
            return Err(Fault::envelope("content-type of the request should be text/xml").into());
        }
        if self.request.header("soapaction").is_none() {
            return Err(Fault::envelope("SOAPAction HTTP header missing").into());
        }
        Ok(())
    }

    fn login(
        &self,
        envelope: &Envelope,
        version: u32,
        mut body: Vec<u8>,
    ) -> Result<Vec<u8>, Fault> {
        let [username, password] = envelope.arguments(["username", "password"])?;
        let mut sessions = self.state.sessions();
        let (index, password_expired) = login::log_in(
            &self.state.users,
            &mut sessions,
            self.switches.login,
            version,
            username,
            password,
        )?;
        let host = self.named_host();
        let mut session = Session::new(index, host.name(), self.state.now());
        session.password_expired = password_expired;
        let session_id = sessions.begin(session);
        let names = Names::of(self.switches.prefixes);
        let user = &self.state.users[index];
        names.open(&mut body, "loginResponse", None);
        login::write_login_result(
            &names,
            &mut body,
            user,
            &host.shown,
            version,
            &session_id,
            password_expired,
        );
        names.close(&mut body, "loginResponse");
        Ok(body)
    }

    fn call(
        &self,
        envelope: &Envelope,
        session: &Session,
        mut body: Vec<u8>,
    ) -> Result<Vec<u8>, Fault> {
        let usage = self.state.count_api_call();
        let names = Names::of(self.switches.prefixes);
        let response = format!("{}Response", envelope.call);
        names.open(&mut body, &response, Some(usage));
        match envelope.call.as_str() {
            "getUserInfo" => {
                envelope.arguments([])?;
                body.extend_from_slice(format!("<{}result>", names.api).as_bytes());
                login::write_user_fields(&names, &mut body, &self.state.users[session.user]);
                body.extend_from_slice(format!("</{}result>", names.api).as_bytes());
            }
            "logout" => {
                envelope.arguments([])?;
                self.state.sessions().end(session.user);
            }
            "queryMore" => {
                let [locator] = envelope.arguments(["queryLocator"])?;
                self.pages(&names, envelope, session)?
                    .more(locator, &mut body)?;
            }
            call => {
                let [text] = envelope.arguments(["queryString"])?;
                self.pages(&names, envelope, session)?.first(
                    text,
                    call == "queryAll",
                    &mut body,
                )?;
            }
        }
        names.close(&mut body, &response);
        Ok(body)
    }

    fn pages<'a>(
        &'a self,
        names: &'a Names,
        envelope: &Envelope,
        session: &Session,
    ) -> Result<query::Pages<'a>, Fault> {
        let short_by = match self.mishap {
            Some(Mishap::FewerRows(rows)) => *rows,
            _ => 0,
        };
        Ok(query::Pages {
            data: self.state.data(self.switches),
            cursors: &self.state.cursors,
            names,
            user: session.user,
            batch_size: query::batch_size(envelope.batch_size.as_deref())?,
            unknown_size: self.switches.unknown_size,
            short_by,
        })
    }
}
