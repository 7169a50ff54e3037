//! What counts where neither an option nor a variable says anything. The help texts name the same
//! values; a test compares them.

use std::time::Duration;

/// `--connect-timeout`.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// `--idle-timeout`.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(180);

/// `--login-port`.
pub const LOGIN_PORT: u16 = 443;

/// `--mtls-port`.
pub const MTLS_PORT: u16 = 8443;

/// `--profile`.
pub const PROFILE: &str = "default";

/// `--retry`.
pub const RETRIES: u32 = 4;

/// `query --batch-size`: the most that Salesforce sends in a page (SOAP API developer guide,
/// `QueryOptions`).
pub const BATCH_SIZE: u16 = 2000;

/// `bulk-query --parallel`.
pub const PARALLEL: u8 = 4;
