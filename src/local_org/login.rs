//! login(), getUserInfo(), logout() and the sessions between them.
//!
//! Texts of the refusals: protocol captures and issue reports of public clients.

use std::collections::HashMap;
use std::time::SystemTime;

use super::soap::{Fault, FaultKind, Names};
use super::switches::LoginRule;

/// The org's ID; serverUrl and session IDs carry its first 15 characters.
pub(super) const ORGANIZATION_ID: &str = "00D36000000YUbzEAG";
/// Wrong passwords in a row that lock a user out.
const TRIES: u32 = 10;
/// The last API version with SOAP login() (Salesforce help 005132110).
const LAST_LOGIN_VERSION: u32 = 64;

/// Someone who can log in.
#[derive(Clone, Debug)]
pub struct User {
    /// `user@org`.
    pub username: String,
    /// Without the security token.
    pub password: String,
    /// Must follow the password at once; may be empty.
    pub security_token: String,
    /// Has the permission "Enforce SSL/TLS Mutual Authentication": its sessions are good for nothing
    /// on the login port.
    pub enforced: bool,
    /// `userId`, 18 characters.
    pub id: String,
    /// `userFullName`; may hold any character.
    pub full_name: String,
}

impl User {
    /// What goes into the `password` of login().
    #[must_use]
    pub fn password_with_token(&self) -> String {
        format!("{}{}", self.password, self.security_token)
    }
}

/// The first 15 characters of an ID, its case-sensitive form.
pub(super) fn short_id(id: &str) -> &str {
    id.get(..15).unwrap_or(id)
}

#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) user: usize,
    /// The host that its serverUrl named.
    pub(super) host: String,
    pub(super) password_expired: bool,
    /// Its ID is a JWT, which SOAP and Bulk API 1.0 do not take.
    pub(super) jwt: bool,
    began: SystemTime,
    calls: u64,
}

impl Session {
    pub(super) fn new(user: usize, host: &str, now: SystemTime) -> Self {
        Self {
            user,
            host: host.to_owned(),
            password_expired: false,
            jwt: false,
            began: now,
            calls: 0,
        }
    }

    fn age(&self, now: SystemTime) -> u64 {
        let age = now.duration_since(self.began);
        age.map_or(0, |age| age.as_secs())
    }
}

/// How long sessions last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) calls: Option<u64>,
    pub(super) seconds: Option<u64>,
}

/// Sessions in force, and wrong tries by user.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    by_id: HashMap<String, Session>,
    wrong_tries: HashMap<usize, u32>,
}

impl Sessions {
    /// Gives the session an ID of the usual form.
    pub(super) fn begin(&mut self, session: Session) -> String {
        let id = format!("{}!{}", short_id(ORGANIZATION_ID), random_text(96));
        self.add(id.clone(), session);
        id
    }

    pub(super) fn add(&mut self, id: String, session: Session) {
        self.by_id.insert(id, session);
    }

    pub(super) fn get(&self, id: &str) -> Option<&Session> {
        self.by_id.get(id)
    }

    /// Counts an API call; none when the session is unknown or has expired.
    pub(super) fn call(&mut self, id: &str, limits: Limits, now: SystemTime) -> Option<Session> {
        let session = self.by_id.get_mut(id)?;
        session.calls += 1;
        if limits.calls.is_some_and(|most| session.calls > most)
            || limits.seconds.is_some_and(|most| session.age(now) >= most)
        {
            self.by_id.remove(id);
            return None;
        }
        Some(session.clone())
    }

    /// logout() ends every session of the user (SOAP API guide, implementation considerations).
    pub(super) fn end(&mut self, user: usize) {
        self.by_id.retain(|_, session| session.user != user);
    }

    pub(super) fn forget(&mut self, id: &str) {
        self.by_id.remove(id);
    }

    pub(super) fn end_all(&mut self) {
        self.by_id.clear();
    }
}

/// Judges a login; returns the user's index and whether the password has expired.
pub(super) fn log_in(
    users: &[User],
    sessions: &mut Sessions,
    rule: LoginRule,
    version: u32,
    username: &str,
    password: &str,
) -> Result<(usize, bool), Fault> {
    if version > LAST_LOGIN_VERSION {
        return Err(Fault::login(
            "INVALID_OPERATION",
            &format!(
                "The SOAP Login operation is not available in the API version specified ({version}.0). \
                 Refer to the documentation for supported versions."
            ),
        ));
    }
    if rule == LoginRule::Disabled {
        return Err(Fault::login(
            "INVALID_OPERATION",
            "SOAP API login() is disabled by default in this org. Contact the org administrator to enable SOAP API login().",
        ));
    }
    const WRONG: &str = "Invalid username, password, security token; or user locked out.";
    let Some(index) = users
        .iter()
        .position(|user| user.username.eq_ignore_ascii_case(username))
    else {
        return Err(Fault::login("INVALID_LOGIN", WRONG));
    };
    let user = &users[index];
    let tries = sessions.wrong_tries.entry(index).or_default();
    let token_missing = !user.security_token.is_empty() && password == user.password;
    if *tries >= TRIES || (password != user.password_with_token() && !token_missing) {
        *tries += 1;
        return Err(Fault::login("INVALID_LOGIN", WRONG));
    }
    if token_missing || rule == LoginRule::TokenNeeded {
        return Err(Fault::login(
            "LOGIN_MUST_USE_SECURITY_TOKEN",
            "Invalid username, password, security token; or user locked out. Are you at a new location? When \
             accessing Salesforce from outside of your company's trusted networks, you must add a security token to your password to log in.",
        ));
    }
    *tries = 0;
    match rule {
        LoginRule::Open => Ok((index, false)),
        LoginRule::PasswordExpired => Ok((index, true)),
        refusal => Err(refused(refusal)),
    }
}

fn refused(rule: LoginRule) -> Fault {
    match rule {
        LoginRule::PermissionMissing => Fault::login(
            "INSUFFICIENT_ACCESS",
            "SOAP API login() requires the Use Any API Auth user permission.",
        ),
        LoginRule::LockedOut => Fault::login("PASSWORD_LOCKOUT", "password lockout"),
        LoginRule::AddressRestricted => Fault::login(
            "LOGIN_DURING_RESTRICTED_DOMAIN",
            "cannot login from current domain",
        ),
        LoginRule::HoursRestricted => Fault::login(
            "LOGIN_DURING_RESTRICTED_TIME",
            "cannot login during current time period",
        ),
        // The text is documented, the code is not.
        _ => Fault {
            kind: FaultKind::Unexpected,
            ..Fault::login("REQUEST_LIMIT_EXCEEDED", "Login Rate Exceeded")
        },
    }
}

/// LoginResult, in the order of the WSDL.
pub(super) fn write_login_result(
    names: &Names,
    out: &mut Vec<u8>,
    user: &User,
    host: &str,
    version: u32,
    session_id: &str,
    password_expired: bool,
) {
    let url = |kind: char| {
        format!(
            "https://{host}/services/Soap/{kind}/{version}.0/{}",
            short_id(ORGANIZATION_ID)
        )
    };
    out.extend_from_slice(format!("<{}result>", names.api).as_bytes());
    names.element(out, "metadataServerUrl", Some(&url('m')));
    names.element(
        out,
        "passwordExpired",
        Some(if password_expired { "true" } else { "false" }),
    );
    names.element(out, "sandbox", Some("false"));
    names.element(out, "serverUrl", Some(&url('u')));
    names.element(out, "sessionId", Some(session_id));
    names.element(out, "userId", Some(&user.id));
    out.extend_from_slice(format!("<{}userInfo>", names.api).as_bytes());
    write_user_fields(names, out, user);
    out.extend_from_slice(format!("</{0}userInfo></{0}result>", names.api).as_bytes());
}

/// The fields of GetUserInfoResult, in the order of the WSDL.
pub(super) fn write_user_fields(names: &Names, out: &mut Vec<u8>, user: &User) {
    let fields = [
        ("accessibilityMode", Some("false")),
        ("chatterExternal", Some("false")),
        ("currencySymbol", Some("$")),
        ("orgAttachmentFileSizeLimit", Some("5242880")),
        ("orgDefaultCurrencyIsoCode", Some("USD")),
        ("orgDefaultCurrencyLocale", Some("en_US")),
        ("orgDisallowHtmlAttachments", Some("false")),
        ("orgHasPersonAccounts", Some("false")),
        ("organizationId", Some(ORGANIZATION_ID)),
        ("organizationMultiCurrency", Some("false")),
        ("organizationName", Some("Acme & Sons <Test>")),
        ("profileId", Some("00e36000000jbtNAAQ")),
        ("roleId", None),
        ("sessionSecondsValid", Some("7200")),
        ("userDefaultCurrencyIsoCode", None),
        ("userEmail", Some(user.username.as_str())),
        ("userFullName", Some(user.full_name.as_str())),
        ("userId", Some(user.id.as_str())),
        ("userLanguage", Some("en_US")),
        ("userLocale", Some("en_US")),
        ("userName", Some(user.username.as_str())),
        ("userTimeZone", Some("America/Los_Angeles")),
        ("userType", Some("Standard")),
        ("userUiSkin", Some("Theme3")),
    ];
    for (name, value) in fields {
        names.element(out, name, value);
    }
}

/// Random characters of the alphabet that session IDs and locators are made of.
pub(super) fn random_text(length: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";
    let mut bytes = vec![0; length];
    // Without a random source no TLS handshake has come this far.
    if openssl::rand::rand_bytes(&mut bytes).is_err() {
        return "0".repeat(length);
    }
    bytes
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte % 64)]))
        .collect()
}
