//! What a test may turn: everything that the service may do differently from one org, day or network
//! to the next. Defaults are the behaviour that the public captures show.

use std::time::Duration;

use super::bulk::BulkSwitches;
use super::token::OauthSwitches;

/// Standing behaviour of the org. Change it at any time with [`Org::switch`](super::Org::switch); it
/// holds from the next connection (TLS) or request (all else) on.
#[derive(Clone, Debug)]
pub struct Switches {
    /// What login() says to right credentials. Default: it lets them in.
    pub login: LoginRule,
    /// The page that refuses a client certificate, or its absence. Default: the service's.
    pub page: RefusalPage,
    /// HTTP status of the service's page. Not shown in any public capture; default 200.
    pub page_status: u16,
    /// `Content-Type` of the page. Default `text/html; charset=UTF-8`.
    pub page_type: &'static str,
    /// A reason to print on the service's page in place of OpenSSL's own.
    pub page_reason: Option<String>,
    /// Refuse bad or missing client certificates by the TLS alert that OpenSSL has for what it finds, as
    /// other servers and inspecting proxies do. Default: off.
    pub refuse_by_alert: bool,
    /// Refuse every client certificate, be it good or bad, by the alert of this number (RFC 8446 6.2). A
    /// client without one is not concerned. Default: off.
    pub refuse_with: Option<u8>,
    /// The login port asks for a client certificate, too (the service does not). Default: off.
    pub login_port_asks: bool,
    /// The mutual port asks for a client certificate. Default: on; off, it takes all clients for ones that
    /// have none.
    pub mutual_port_asks: bool,
    /// The highest TLS version offered. Default: 1.3.
    pub highest_tls: HighestTls,
    /// What else the handshakes of the login port may do.
    pub login_tls: TlsSwitches,
    /// What else the handshakes of the mutual port may do.
    pub mutual_tls: TlsSwitches,
    /// Seconds by which `Date` is ahead of the time; negative when it is behind. Default: 0.
    pub clock_ahead: i64,
    /// Answer in gzip those who accept it. Default: on.
    pub gzip: bool,
    /// XML prefixes of the answers. Default: as captured.
    pub prefixes: Prefixes,
    /// How faults are shaped. Default: in full.
    pub faults: FaultShape,
    /// HTTP status of faults. Default 500; clients have guarded against 200.
    pub fault_status: u16,
    /// `size` is -1, as for external objects. Default: off.
    pub unknown_size: bool,
    /// Text fields of all rows hold awkward values, not only those of `Description`. Default: off.
    pub odd_values: bool,
    /// API calls after which a session has expired. Default: never.
    pub session_calls: Option<u64>,
    /// Seconds, by the org's clock, after which a session has expired. Default: never.
    pub session_seconds: Option<u64>,
    /// The host that `serverUrl` and `instance_url` name, perhaps with a port. Default: the one that the login
    /// was sent to.
    pub server_host: Option<String>,
    /// Bytes of a body that each connection takes in a second. Default: as fast as it goes.
    pub bandwidth: Option<u64>,
    /// The bulk APIs.
    pub bulk: BulkSwitches,
    /// OAuth's token endpoint.
    pub oauth: OauthSwitches,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            login: LoginRule::Open,
            page: RefusalPage::Service,
            page_status: 200,
            page_type: "text/html; charset=UTF-8",
            page_reason: None,
            refuse_by_alert: false,
            refuse_with: None,
            login_port_asks: false,
            mutual_port_asks: true,
            highest_tls: HighestTls::Tls13,
            login_tls: TlsSwitches::default(),
            mutual_tls: TlsSwitches::default(),
            clock_ahead: 0,
            gzip: true,
            prefixes: Prefixes::AsCaptured,
            faults: FaultShape::Full,
            fault_status: 500,
            unknown_size: false,
            odd_values: false,
            session_calls: None,
            session_seconds: None,
            server_host: None,
            bandwidth: None,
            bulk: BulkSwitches::default(),
            oauth: OauthSwitches::default(),
        }
    }
}

/// What login() says to right credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginRule {
    /// A session.
    Open,
    /// INVALID_OPERATION: SOAP login() is disabled in this org.
    Disabled,
    /// INSUFFICIENT_ACCESS: the "Use Any API Auth" permission is missing.
    PermissionMissing,
    /// LOGIN_MUST_USE_SECURITY_TOKEN, whatever was appended.
    TokenNeeded,
    /// PASSWORD_LOCKOUT.
    LockedOut,
    /// A session with `passwordExpired`, which is good for nothing.
    PasswordExpired,
    /// LOGIN_DURING_RESTRICTED_DOMAIN: the address is not allowed.
    AddressRestricted,
    /// LOGIN_DURING_RESTRICTED_TIME: outside the allowed hours.
    HoursRestricted,
    /// "Login Rate Exceeded", after 3,600 logins in an hour.
    RateExceeded,
}

/// How a refusal of the client certificate looks in HTML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalPage {
    /// "Client certificate error:" with a reason, as captured on port 8443 of the service.
    Service,
    /// nginx's page for its statuses 495 and 496, which it sends as 400: a gateway in front of the service.
    Nginx,
}

/// What the handshakes of one port may do differently.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TlsSwitches {
    /// The port's own certificate. Default: a good one.
    pub server: ServerCertificate,
    /// The CAs named when a client certificate is asked for. Default: the root of the good ones.
    pub cas: NamedCas,
    /// The kinds of signature taken from clients. Default: all of OpenSSL's.
    pub algorithms: SignatureAlgorithms,
    /// What happens in place of a handshake. Default: nothing.
    pub interruption: Option<Interruption>,
}

/// The certificate that a port shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServerCertificate {
    /// Of the CA in [`Files::ca`](super::Files::ca), for every host name of the org.
    #[default]
    Good,
    /// The same, valid until yesterday.
    Expired,
    /// The same, for `elsewhere.test` alone.
    OtherName,
    /// As a TLS-inspecting proxy makes it up: for every host name of the org, issued by "Zscaler
    /// Intermediate Root CA" under the root in [`Files::proxy_ca`](super::Files::proxy_ca).
    Inspected,
}

/// The CAs that a CertificateRequest names (RFC 8446 4.2.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NamedCas {
    /// The root of the good client certificates.
    #[default]
    ClientRoot,
    /// None: the client may send what it has.
    None,
    /// One that issued no client certificate.
    Other,
}

/// The signature algorithms that a CertificateRequest names (RFC 8446 4.3.2). A client whose key has none
/// of them sends no certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignatureAlgorithms {
    /// Those of OpenSSL's default.
    #[default]
    All,
    /// RSA with SHA-256, PKCS #1 and PSS. The port's own key is then RSA, too.
    Rsa,
    /// ECDSA with SHA-256.
    Ecdsa,
}

/// What happens once the client has begun a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// FIN, without an alert.
    Close,
    /// RST.
    Reset,
    /// Nothing before the org stops.
    Silence,
    /// An answer in HTTP without TLS.
    PlainHttp,
}

/// The highest TLS version a listener offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HighestTls {
    /// TLS 1.2.
    Tls12,
    /// TLS 1.3.
    Tls13,
}

/// The prefixes bound to the namespaces of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefixes {
    /// `soapenv`, none for the API, `sf` for record contents and for faults, `xsi`.
    AsCaptured,
    /// Others, with `sf` for the API: equally right XML, which only readers by namespace can read.
    Exchanged,
}

/// How much of a fault is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultShape {
    /// Prefixed code, message, detail.
    Full,
    /// The code without its prefix, as some captures have it.
    BareCode,
    /// No `detail` element.
    NoDetail,
}

/// The calls that a [`Mishap`] can be planned for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// Any request at all, understood or not.
    Any,
    /// login().
    Login,
    /// OAuth's token endpoint.
    Token,
    /// getUserInfo().
    GetUserInfo,
    /// query() and queryAll().
    Query,
    /// queryMore().
    QueryMore,
    /// logout().
    Logout,
    /// A bulk job is created, in 1.0 and 2.0.
    BulkCreate,
    /// 1.0: a batch is added.
    BulkBatch,
    /// 1.0: a job is closed.
    BulkClose,
    /// A look at a job, batch or batch list.
    BulkLook,
    /// 1.0: the list of result files. 2.0: `resultPages`.
    BulkResults,
    /// 1.0: a result file. 2.0: a page of results.
    BulkResult,
    /// A job is aborted.
    BulkAbort,
    /// 2.0: a job is deleted.
    BulkDelete,
    /// 2.0: the list of jobs.
    BulkList,
}

/// Which of the requests that match meet the mishap, counted from 1 when it was planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The nth alone.
    Nth(u64),
    /// The nth and all later ones.
    From(u64),
    /// All.
    Always,
}

impl When {
    pub(super) fn holds(self, count: u64) -> bool {
        match self {
            Self::Nth(n) => count == n,
            Self::From(n) => count >= n,
            Self::Always => true,
        }
    }

    fn is_over(self, count: u64) -> bool {
        matches!(self, Self::Nth(n) if count >= n)
    }
}

/// One thing that goes wrong with one answer.
#[derive(Clone, Debug)]
pub enum Mishap {
    /// The connection ends early.
    Cut {
        /// Bytes of the body that are still sent; with `None`, not even the head is.
        after: Option<usize>,
        /// In which way.
        ending: Ending,
    },
    /// The request is lost: nothing is done, and the connection ends. With
    /// [`Cut`](Self::Cut) of `None` in its place the request is carried out, and its answer lost.
    Unheard(Ending),
    /// The request is carried out, but a gateway answers with this status and a page.
    DoneBehind(u16),
    /// The request is carried out twice, as when something on the way repeats it; the second answer
    /// is sent.
    Twice,
    /// `Content-Length` is larger than the body by this many bytes; then the connection ends.
    LengthTooLong(usize),
    /// `Content-Length` is smaller than the body by this many bytes.
    LengthTooShort(usize),
    /// The body comes in chunks of this many bytes.
    Chunked(usize),
    /// Neither length nor chunks: the end of the connection ends the body.
    UntilClose(Ending),
    /// The answer takes this long to begin.
    Delay(Duration),
    /// No answer before the org stops.
    Silence,
    /// 302 to this URL.
    Redirect(String),
    /// An HTML page, from the service's edge or something in between.
    Page {
        /// HTTP status.
        status: u16,
        /// `Content-Type`.
        content_type: &'static str,
        /// `Retry-After`: seconds or a date, as written here.
        retry_after: Option<String>,
    },
    /// gzip, accepted or not.
    GzipUnasked,
    /// A whole answer that promises to keep the connection, which is then closed.
    CloseIdle,
    /// A fault with this code and message: an UnexpectedErrorFault, or the error of the bulk API or token
    /// endpoint called.
    Fault(&'static str, &'static str),
    /// A document type declaration with an entity before the envelope.
    Doctype,
    /// The XML stops after this many bytes; length and connection are in order.
    CutXml(usize),
    /// The page or file lacks this many of its rows, the list of jobs its newest; sizes and the next locator are as if it did not.
    FewerRows(u64),
    /// The list of result files lacks this many.
    FewerFiles(u64),
    /// Counts of records in a look at a job or batch, or in the headers of a page, are off by this.
    Miscounted(i64),
    /// The byte of the result at this place is another one; without rows nothing happens.
    OtherByte(u64),
    /// The header row has its columns in reverse order.
    OtherHeader,
    /// 2.0: 204 No Content in place of a page of results, as guides 46 to 48 say of jobs without any.
    NoContent,
    /// A page of results without `Sforce-Locator`.
    NoLocator,
    /// A page of results whose `Sforce-Locator` leads to the same rows again.
    SameLocator,
    /// The session of the request ends just before.
    SessionEnds,
    /// Bytes of the body that are sent in a second.
    Slow(u64),
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// TLS close_notify, then FIN.
    CloseNotify,
    /// FIN alone.
    Close,
    /// RST.
    Reset,
}

/// A mishap and its occasion. See [`Org::plan`](super::Org::plan).
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) call: Call,
    pub(super) when: When,
    pub(super) mishap: Mishap,
    pub(super) seen: u64,
}

/// The mishap for one request of kind `call`: the plan made first wins, all that match count on. A plan
/// whose turn is over is forgotten.
pub(super) fn due(plans: &mut Vec<Plan>, call: Option<Call>) -> Option<Mishap> {
    let mut chosen = None;
    plans.retain_mut(|plan| {
        if plan.call != Call::Any && Some(plan.call) != call {
            return true;
        }
        plan.seen += 1;
        if chosen.is_none() && plan.when.holds(plan.seen) {
            chosen = Some(plan.mishap.clone());
        }
        !plan.when.is_over(plan.seen)
    });
    chosen
}
