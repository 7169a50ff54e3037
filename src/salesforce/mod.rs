//! What Salesforce says and wants to hear; all of it is sent through one function of `net`,
//! [`Transport::send`](crate::net::Transport::send).

pub mod answer;
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
