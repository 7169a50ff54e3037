//! One file a subcommand: short scripts that read like the walkthrough.

pub mod bulk_query;
pub mod check_cert;
pub mod completions;
#[cfg(feature = "local-org")]
pub mod demo;
mod destination;
pub mod getuserinfo;
#[cfg(feature = "local-org")]
pub mod local_org;
pub mod login;
pub mod logout;
pub mod query;
