//! What the token endpoint may do differently.

/// The token endpoint. Defaults: it gives a token to whom one is due.
#[derive(Clone, Debug)]
pub struct OauthSwitches {
    /// Every request for a token of a kind that is supported gets this `error` and `error_description`,
    /// such as `("rate_limit_exceeded", "login rate exceeded")`. Default: none.
    pub refuse_with: Option<(&'static str, &'static str)>,
    /// HTTP status of errors. Default 400; 401 has been seen.
    pub error_status: u16,
    /// No user has approved the app, nor has an administrator for them. Default: off.
    pub user_not_approved: bool,
    /// The audiences that a JWT may name. Default: the two generic login URLs, and the URL of the
    /// host that the request is sent to, with and without its port.
    pub audiences: Option<Vec<String>>,
    /// Index of the user that client credentials stand for. With `None` no such user was chosen.
    /// Default: the first.
    pub run_as: Option<usize>,
    /// The org plays login.salesforce.com, which takes no client credentials. Default: off.
    pub generic_login_host: bool,
    /// "Issue JWT-based access tokens": tokens that REST takes and that SOAP and Bulk API 1.0 take
    /// for no session at all. Default: off.
    pub jwt_tokens: bool,
}

impl Default for OauthSwitches {
    fn default() -> Self {
        Self {
            refuse_with: None,
            error_status: 400,
            user_not_approved: false,
            audiences: None,
            run_as: Some(0),
            generic_login_host: false,
            jwt_tokens: false,
        }
    }
}

impl OauthSwitches {
    /// `authority` is the `Host` of the request.
    pub(super) fn takes_audience(&self, audience: &str, authority: &str) -> bool {
        match &self.audiences {
            Some(audiences) => audiences.iter().any(|known| known == audience),
            None => {
                let host = authority
                    .rsplit_once(':')
                    .map_or(authority, |(host, _)| host);
                [
                    "login.salesforce.com",
                    "test.salesforce.com",
                    authority,
                    host,
                ]
                .iter()
                .any(|known| audience.strip_prefix("https://") == Some(known))
            }
        }
    }
}
