//! `sfmtls`: Salesforce APIs over mutual TLS, with the port moved for you.
//!
//! The floors, top to bottom. A module uses its own floor's submodules and lower floors, never a
//! higher one.
//!
//! | floor | modules |
//! | --- | --- |
//! | 8 | `main`, this file |
//! | 7 | `commands`, `cli`, `settings`, `context` |
//! | 6 | `explain`, `ui` |
//! | 5 | [`output`] |
//! | 4 | [`salesforce`] |
//! | 3 | [`net`] |
//! | 2 | [`identity`] |
//! | 1 | [`text`], [`terminal`], [`ffi`], [`event`] |
//!
//! `local_org` stands apart: a server that shares nothing with the client but the wire.

pub mod event;
pub mod ffi;
pub mod identity;
#[cfg(feature = "local-org")]
pub mod local_org;
pub mod net;
pub mod output;
pub mod salesforce;
pub mod terminal;
pub mod text;
