//! An org, and a client of the bulk floor that calls it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use sfmtls::event::Silent;
use sfmtls::identity;
use sfmtls::local_org::{Config, Org};
use sfmtls::net::retry::Policy;
use sfmtls::net::{Options, Transport};
use sfmtls::salesforce::bulk::download::{self, Source, Totals, download};
use sfmtls::salesforce::bulk::job::{Status, Watch, wait_v1, wait_v2};
use sfmtls::salesforce::bulk::{BulkError, Id, v1, v2};
use sfmtls::salesforce::client::{Client, Renewal, SessionState};
use sfmtls::salesforce::endpoint::{ApiVersion, ServerUrl};
use sfmtls::salesforce::session::{Origin, Session};
use sfmtls::text::secret::Secret;

pub(super) struct Lab {
    pub(super) org: Arc<Org>,
    pub(super) client: Arc<Client>,
    pub(super) renewals: Arc<AtomicUsize>,
    pub(super) parallel: usize,
    pub(super) page_rows: u32,
}

/// Whoever has no password for anything.
struct NoPassword;

impl identity::PasswordSource for NoPassword {
    fn password(&mut self, _: &std::path::Path) -> std::io::Result<Option<Secret>> {
        Ok(None)
    }

    fn is_given(&self) -> bool {
        false
    }
}

fn session(org: &Org) -> Session {
    Session {
        id: Secret::new(org.session(0, "localhost")),
        server_url: ServerUrl::parse("https://localhost").expect("a URL"),
        username: None,
        user_id: Some("00536000000a1b2AAA".to_owned()),
        organization_id: None,
        api_version: ApiVersion::DEFAULT,
        origin: Origin::SoapLogin {
            login_url: "https://localhost".to_owned(),
        },
        obtained_at: SystemTime::UNIX_EPOCH,
        idle: None,
    }
}

impl Lab {
    pub(super) fn new(rows: u64) -> Self {
        Self::at(rows, ApiVersion::DEFAULT)
    }

    pub(super) fn at(rows: u64, version: ApiVersion) -> Self {
        let config = Config {
            rows,
            ..Config::default()
        };
        let org = Arc::new(Org::start(config).expect("the org starts"));
        let source = identity::Source {
            cert: org.files().client.clone(),
            key: None,
        };
        let identity =
            identity::load(&source, SystemTime::now(), &mut NoPassword).expect("an identity");
        let options = Options {
            cacert: Some(org.files().ca.clone()),
            ..Options::default()
        };
        let transport = Transport::new(options, Some(Arc::new(identity)), Arc::new(Silent));
        let of = Arc::clone(&org);
        let renewals = Arc::new(AtomicUsize::new(0));
        let kept = Arc::clone(&renewals);
        let renewal = Renewal {
            login_url: String::new(),
            log_in: Box::new(move || Ok(session(&of))),
            keep: Box::new(move |_| {
                kept.fetch_add(1, Ordering::Relaxed);
            }),
        };
        let client = Client {
            transport: Arc::new(transport),
            observer: Arc::new(Silent),
            policy: Policy {
                first_wait: Duration::ZERO,
                ..Policy::default()
            },
            mtls_port: org.mutual_port(),
            version,
            state: Mutex::new(SessionState {
                session: session(&org),
                renewal: Some(renewal),
                proven: true,
            }),
        };
        Self {
            org,
            client: Arc::new(client),
            renewals,
            parallel: 1,
            page_rows: 100_000,
        }
    }

    pub(super) fn create_v1(
        &self,
        soql: &str,
        chunking: Option<v1::Chunking>,
    ) -> Result<Id, BulkError> {
        let chunked = chunking.is_some();
        let job = v1::NewJob {
            object: "Contact".to_owned(),
            all_rows: false,
            chunking,
        };
        let job = v1::create_job(&self.client, &job)?.id;
        v1::add_batch(&self.client, &job, soql)?;
        if !chunked {
            v1::close_job(&self.client, &job)?;
        }
        Ok(job)
    }

    pub(super) fn results_v1(&self, job: &Id) -> Result<Arc<v1::Results>, BulkError> {
        let batches = watched(|watch| wait_v1(&self.client, job, watch))?;
        if let Some(error) = v1::failure(job, &batches) {
            return Err(error);
        }
        let client = Arc::clone(&self.client);
        Ok(Arc::new(v1::Results::new(client, job.clone(), &batches)))
    }

    pub(super) fn v1(&self, soql: &str) -> Result<(String, Totals), BulkError> {
        let job = self.create_v1(soql, None)?;
        self.fetch(self.results_v1(&job)?)
    }

    pub(super) fn v2(&self, soql: &str) -> Result<(String, Totals), BulkError> {
        let job = v2::create_job(&self.client, &new_v2(soql))?;
        let job = watched(|watch| wait_v2(&self.client, &job.id, watch))?;
        self.fetch_v2(&job)
    }

    pub(super) fn fetch_v2(&self, job: &v2::JobInfo) -> Result<(String, Totals), BulkError> {
        let client = Arc::clone(&self.client);
        let results = v2::Results::new(client, job, self.parallel > 1)?;
        let results = Arc::new(results.with_page_rows(self.page_rows));
        let fetched = self.fetch(Arc::clone(&results))?;
        results.check()?;
        Ok(fetched)
    }

    pub(super) fn fetch<S: Source>(&self, source: Arc<S>) -> Result<(String, Totals), BulkError> {
        let options = download::Options {
            parallel: self.parallel,
            folder: std::env::temp_dir(),
            policy: self.client.policy,
            observer: Arc::new(Silent),
        };
        let mut out = Vec::new();
        let totals = download(source, &options, &mut out, &mut |_| ())?;
        Ok((String::from_utf8(out).expect("UTF-8"), totals))
    }

    /// The calls so far, which kept all rules.
    pub(super) fn calls(&self) -> Vec<String> {
        let journal = self.org.journal();
        journal.check().expect("all rules were kept");
        journal.calls().into_iter().map(str::to_owned).collect()
    }
}

pub(super) fn new_v2(soql: &str) -> v2::NewJob {
    v2::NewJob {
        soql: soql.to_owned(),
        all_rows: false,
        delimiter: v2::Delimiter::Comma,
        line_ending: v2::LineEnding::Lf,
    }
}

/// Waits by a clock that only sleeping moves.
pub(super) fn watched<T>(
    wait: impl FnOnce(&mut Watch<'_>) -> Result<T, BulkError>,
) -> Result<T, BulkError> {
    let now = std::cell::Cell::new(Duration::ZERO);
    wait(&mut Watch {
        limit: None,
        resumed: false,
        now: &|| now.get(),
        sleep: &|time| now.set(now.get() + time),
        tell: &mut |_: &Status| (),
    })
}
