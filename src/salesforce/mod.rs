//! What Salesforce says and wants to hear; knows one function of `net`: `send`.

pub mod bulk;
pub mod cache;
pub mod call;
pub mod client;
pub mod endpoint;
pub mod fault;
pub mod oauth;
pub mod record;
pub mod session;
pub mod sf;
pub mod soap;
pub mod soql;
