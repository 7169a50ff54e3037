//! Bulk API 1.0 and 2.0: jobs that return a query's rows as CSV.
//!
//! Queries only, and CSV only: no ingest, no XML or JSON rows. Sources: Bulk API developer guide, captures and
//! issue reports of public clients.

mod csv;
mod job;
mod plan;
mod refusal;
mod repeat;
mod result;
mod switches;
mod text;
mod v1;
mod v2;

pub(super) use job::Jobs;
pub(super) use refusal::Refused;
pub use switches::{BulkSwitches, Chunks, EmptyResult, ListSwitches, Pace};

use std::time::UNIX_EPOCH;

use super::answer::Answer;
use super::http::Request;
use super::state::State;
use super::switches::{Mishap, Switches};

const XML: &str = "application/xml";
const JSON: &str = "application/json;charset=UTF-8";
const CSV: &str = "text/csv";
/// Since Summer '18 and no other (Bulk API 2.0 guide); 1.0 answers all versions there are.
const FIRST_V2_QUERY: u32 = 47;

/// One of the two APIs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Api {
    /// Bulk API 1.0, under `/services/async/`.
    One,
    /// Bulk API 2.0, of the REST family under `/services/data/`.
    Two,
}

/// What a request of either API asks for.
pub(super) struct Route<'r> {
    pub(super) api: Api,
    /// As in the path.
    version: &'r str,
    step: Option<Step<'r>>,
    /// A request of 1.0 in JSON, whose errors are JSON, too.
    pub(super) json: bool,
}

enum Step<'r> {
    One(v1::Step<'r>),
    Two(v2::Step<'r>),
}

impl<'r> Route<'r> {
    /// None for a path of another API.
    pub(super) fn of(request: &'r Request) -> Option<Self> {
        let (path, parameters) = request
            .path
            .split_once('?')
            .unwrap_or((request.path.as_str(), ""));
        let (api, rest) = match path.strip_prefix("/services/async/") {
            Some(rest) => (Api::One, rest),
            None => (Api::Two, path.strip_prefix("/services/data/")?),
        };
        let (version, rest) = rest.split_once('/').unwrap_or((rest, ""));
        let method = request.method.as_str();
        let step = match api {
            Api::One => v1::Step::of(method, rest, &request.body).map(Step::One),
            Api::Two => v2::Step::of(method, rest, parameters).map(Step::Two),
        };
        Some(Self {
            api,
            version,
            step,
            json: is_type(request, "application/json"),
        })
    }

    /// The name in the journal.
    pub(super) fn name(&self) -> &'static str {
        match &self.step {
            Some(Step::One(step)) => step.name(),
            Some(Step::Two(step)) => step.name(),
            None => "",
        }
    }

    /// The session ID in the header of the API.
    pub(super) fn session_id(&self, request: &'r Request) -> Option<&'r str> {
        match self.api {
            Api::One => request.header("x-sfdc-session"),
            Api::Two => {
                let (scheme, token) = request.header("authorization")?.split_once(' ')?;
                ["Bearer", "OAuth"]
                    .contains(&scheme)
                    .then_some(token.trim())
            }
        }
    }

    /// The version that the path names.
    ///
    /// # Errors
    /// InvalidVersion, GONE or NOT_FOUND for others than `versions`.
    pub(super) fn version(&self, versions: &std::ops::RangeInclusive<u32>) -> Result<u32, Refused> {
        let number = match self.api {
            Api::One => Some(self.version),
            Api::Two => self.version.strip_prefix('v'),
        };
        let number = number
            .and_then(|number| number.strip_suffix(".0")?.parse().ok())
            .filter(|number| number <= versions.end());
        match (self.api, number) {
            (_, Some(number)) if versions.contains(&number) => Ok(number),
            (Api::One, _) => Err(Refused::bad(
                "InvalidVersion",
                "Invalid Api version specified on URL",
            )),
            (Api::Two, Some(_)) => Err(Refused::new(
                410,
                "GONE",
                "The requested version of the API is no longer available",
            )),
            (Api::Two, None) => Err(Refused::not_found()),
        }
    }
}

/// A request whose certificate and session are in order.
pub(super) struct Asked<'a> {
    pub(super) state: &'a State,
    pub(super) switches: &'a Switches,
    pub(super) request: &'a Request,
    pub(super) mishap: Option<&'a Mishap>,
    pub(super) user: usize,
    pub(super) version: u32,
    pub(super) json: bool,
}

impl Asked<'_> {
    pub(super) fn answer(&self, route: &Route<'_>) -> Result<Answer, Refused> {
        match &route.step {
            Some(Step::One(step)) => self.answer_v1(step),
            Some(Step::Two(step)) if self.version >= FIRST_V2_QUERY => self.answer_v2(step),
            _ if route.api == Api::One => Err(Refused::bad(
                "InvalidUrl",
                format!(
                    "Destination URL not reset. The URL {} is unknown",
                    self.request.path
                ),
            )),
            _ => Err(Refused::not_found()),
        }
    }

    /// The time by the org's clock, in seconds of the epoch.
    fn now(&self) -> i64 {
        let now = self.state.now().duration_since(UNIX_EPOCH);
        now.map_or(0, |time| time.as_secs().cast_signed())
    }

    /// What the count of records is told to be.
    fn told(&self, records: u64) -> u64 {
        match self.mishap {
            Some(Mishap::Miscounted(by)) => records.saturating_add_signed(*by),
            _ => records,
        }
    }
}

fn is_type(request: &Request, wanted: &str) -> bool {
    let given = request.header("content-type").unwrap_or_default();
    let media_type = given.split(';').next().unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case(wanted)
}
