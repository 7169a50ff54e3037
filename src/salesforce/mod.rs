//! What Salesforce says and wants to hear; knows one function of `net`: `send`.

pub mod cache;
pub mod endpoint;
pub mod record;
pub mod session;
pub mod soql;
