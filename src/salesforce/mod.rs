//! What Salesforce says and wants to hear; knows one function of `net`: `send`.

pub mod record;
pub mod soap;
pub mod soql;
