//! Where a request goes, and by which agent.
//!
//! A [`Target`] is made in one file only, `salesforce/endpoint.rs`, which moves the port and checks
//! the host. clippy holds that: the constructors are disallowed methods, and their callers there
//! carry an `#[expect]`.

use http::Uri;

/// Which agent a request goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// With the client certificate, on the mutual-TLS port. The default.
    Api,
    /// Login or token request on a port without mutual TLS: no certificate, platform TLS.
    Login,
}

/// A URL with the agent it goes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    role: Role,
    url: Uri,
}

impl Target {
    /// For calls with the client certificate. Only `salesforce::endpoint` may use it.
    pub fn api(url: Uri) -> Self {
        Self {
            role: Role::Api,
            url,
        }
    }

    /// For login on a port without mutual TLS. Only `salesforce::endpoint` may use it.
    pub fn login(url: Uri) -> Self {
        Self {
            role: Role::Login,
            url,
        }
    }

    /// Which agent.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The URL: https, host, port where it is not 443, path.
    pub fn url(&self) -> &Uri {
        &self.url
    }
}
