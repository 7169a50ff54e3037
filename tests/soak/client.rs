//! The library as the program uses it, with waits that are next to none.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use sfmtls::event::Silent;
use sfmtls::explain::{Given, explain};
use sfmtls::identity::{self, PasswordSource, Source};
use sfmtls::local_org::Org;
use sfmtls::net::retry::Policy;
use sfmtls::net::{Options, Transport};
use sfmtls::salesforce::call::{LARGE_ANSWER, soap_call};
use sfmtls::salesforce::client::{Client, Renewal, SessionState};
use sfmtls::salesforce::endpoint::{ApiVersion, LoginEndpoint};
use sfmtls::salesforce::record::Record;
use sfmtls::salesforce::session::Session;
use sfmtls::salesforce::soap::login::{Credentials, LoginError, login};
use sfmtls::salesforce::soap::query::{Page, query_body, query_more_body};
use sfmtls::salesforce::soap::{envelope, user_info};
use sfmtls::text::secret::{Secret, SecretText};
use sfmtls::text::xml::decode;

use super::Held;

const LOOKS: usize = 20;

/// Logged in for all calls of the soak.
pub(super) struct Caller {
    client: Client,
    user: String,
}

/// The exit status of an error.
type Outcome<T> = Result<T, i32>;

impl Caller {
    pub(super) fn new(org: &Org) -> Self {
        let identity = Source {
            cert: org.files().client.clone(),
            key: None,
        };
        let identity = identity::load(&identity, SystemTime::now(), &mut NoPassword).unwrap();
        let options = || Options {
            cacert: Some(org.files().ca.clone()),
            ..Options::default()
        };
        let observer = || Arc::new(Silent);
        let transport = Transport::new(options(), Some(Arc::new(identity)), observer());
        let log_in = log_in(org, Transport::new(options(), None, observer()));
        let session = log_in().unwrap();
        let renewal = Some(Renewal {
            login_url: String::new(),
            log_in: Box::new(move || Ok(log_in()?)),
            keep: Box::new(|_| ()),
        });
        Self {
            user: org.user().id.clone(),
            client: Client {
                transport: Arc::new(transport),
                observer: observer(),
                policy: Policy {
                    first_wait: Duration::from_micros(100),
                    longest_wait: Duration::from_millis(1),
                    ..Policy::default()
                },
                mtls_port: org.mutual_port(),
                version: ApiVersion::DEFAULT,
                state: Mutex::new(SessionState {
                    session,
                    renewal,
                    proven: true,
                }),
            },
        }
    }

    /// Asks who the session belongs to; a result is this user's.
    pub(super) fn get_user_info(&mut self) -> Outcome<()> {
        let answer = self.client.call(user_info::get_user_info);
        let answer = answer.map_err(|error| status(error.into()))?;
        assert_eq!(answer.info.user_id(), Some(self.user.as_str()));
        Ok(())
    }

    /// What is held with one good connection: the fewest files of some looks, because the org lets go of a
    /// connection a little after its client.
    pub(super) fn at_rest(&mut self) -> Held {
        let looks = (0..LOOKS).map(|_| {
            self.get_user_info().unwrap();
            Held::now()
        });
        looks.min_by_key(|held| held.files).unwrap()
    }

    /// The IDs of all contacts, page by page.
    pub(super) fn query(&mut self) -> Outcome<Vec<String>> {
        let first = query_body("SELECT Id, Description, Account.Name FROM Contact", false);
        let mut next = Some(first.unwrap());
        let mut rows = Vec::new();
        let mut page = Vec::new();
        while let Some(operation) = next {
            let operation = SecretText::from(operation.as_str());
            let answer = self.client.call(|transport, base, session| {
                let request = envelope::request(base.soap(), Some(session), Some(200), &operation);
                soap_call(transport, &request, LARGE_ANSWER, &mut page)
            });
            answer.map_err(|error| status(error.into()))?;
            next = read(&page, &mut rows).map_err(status)?;
        }
        Ok(rows)
    }
}

/// Takes the rows of a page and gives the request for the next.
fn read(page: &[u8], rows: &mut Vec<String>) -> anyhow::Result<Option<String>> {
    let text = decode(page).map_err(sfmtls::salesforce::soap::query::PageError::from)?;
    let mut page = Page::open(&text)?;
    let mut record = Record::default();
    while page.next(&mut record)? {
        rows.push(format!("{:?}", record.fields));
    }
    Ok(page.head().locator.as_deref().map(query_more_body))
}

fn log_in(org: &Org, transport: Transport) -> impl Fn() -> Result<Session, LoginError> + use<> {
    let url = format!("https://localhost:{}", org.login_port());
    let endpoint = LoginEndpoint::parse(&url, org.login_port(), org.mutual_port()).unwrap();
    let user = org.user();
    let credentials = Credentials {
        username: user.username.clone(),
        password: Secret::new(user.password.clone()),
        security_token: Some(Secret::new(user.security_token.clone())),
    };
    move || {
        let version = ApiVersion::DEFAULT;
        login(
            &transport,
            &endpoint,
            version,
            &credentials,
            SystemTime::now,
        )
    }
}

fn status(error: anyhow::Error) -> i32 {
    explain(&error, Given::default()).exit.into()
}

pub(super) struct NoPassword;

impl PasswordSource for NoPassword {
    fn password(&mut self, _: &Path) -> io::Result<Option<Secret>> {
        Ok(None)
    }

    fn is_given(&self) -> bool {
        false
    }
}
