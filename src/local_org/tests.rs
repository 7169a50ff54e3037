//! The org judged by clients that are not ours: curl and the openssl crate.

mod client;
mod curl;
mod proxies;
mod records;
mod wire;

use super::*;

fn org() -> Org {
    Org::start(Config::default()).expect("the org starts")
}

fn org_of(rows: u64) -> Org {
    Org::start(Config {
        rows,
        ..Config::default()
    })
    .expect("the org starts")
}
